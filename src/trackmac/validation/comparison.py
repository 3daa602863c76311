"""Holds every claim against our figure, in one technology."""

from collections.abc import Sequence

from trackmac.results import ValidationRow
from trackmac.technology import Technology
from trackmac.validation.claim import Claim
from trackmac.validation.claims import CLAIMS

FACTOR = 2.0


def validate(technology: Technology, claims: Sequence[Claim] = CLAIMS) -> tuple[ValidationRow, ...]:
    """Return a row for each claim that `technology` can be held against, our figure computed in it."""
    return tuple(_row(claim, technology) for claim in claims if claim.is_comparable(technology))


def _row(claim: Claim, technology: Technology) -> ValidationRow:
    ours = claim.ours(technology)
    return ValidationRow(
        quantity=claim.quantity,
        source=claim.source,
        evidence=claim.evidence,
        technology=technology.name,
        published=claim.published,
        ours=ours,
        relative_error=ours / claim.published - 1,
        explanation=claim.explanation,
        is_missed=not _within_factor(ours, claim.published) and not claim.explanation,
    )


def _within_factor(ours: float, published: float) -> bool:
    return ours > 0 and max(ours / published, published / ours) <= FACTOR
