"""Puts adders together whose carry goes from one straight to the next."""
