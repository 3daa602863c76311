"""Simplifies rows for bits that are known before they run, by the rows' own logic alone."""
