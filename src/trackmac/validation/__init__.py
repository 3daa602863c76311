"""Published figures against ours: nothing is fitted, and a large deviation is explained, not hidden."""

from trackmac.validation.claims import CLAIMS, Claim
from trackmac.validation.comparison import validate

__all__ = ["CLAIMS", "Claim", "validate"]
