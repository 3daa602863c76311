"""Exploration: networks and hardware searched together, up to a verified Pareto front."""
