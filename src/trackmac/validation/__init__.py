"""Published figures against ours: nothing is fitted, and a large deviation is explained, not hidden."""

from trackmac.validation.claim import Claim
from trackmac.validation.claims import CLAIMS
from trackmac.validation.comparison import validate

__all__ = ["CLAIMS", "Claim", "validate"]
