"""Inference: a whole network on simulated racetracks, checked against integer arithmetic."""
