"""Closed forms: counts, energy, latency and area as algebra in widths, shapes and geometry."""
