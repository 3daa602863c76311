"""Holds every claim against our figure, in one technology."""

from collections.abc import Sequence

from trackmac.results import ValidationRow
from trackmac.technology import Technology
from trackmac.validation.claim import Claim
from trackmac.validation.claims import CLAIMS


def validate(technology: Technology, claims: Sequence[Claim] = CLAIMS) -> tuple[ValidationRow, ...]:
    """Return a row for each claim that `technology` can be held against, our figure computed in it."""
    return tuple(_row(claim, technology) for claim in claims if claim.is_comparable(technology))


def _row(claim: Claim, technology: Technology) -> ValidationRow:
    ours = claim.ours(technology)
    low = claim.published if claim.published_low is None else claim.published_low
    return ValidationRow(
        quantity=claim.quantity,
        source=claim.source,
        evidence=claim.evidence,
        technology=technology.name,
        published=claim.published,
        published_low=low,
        ours=ours,
        relative_error=ours / claim.published - 1,
        explanation=claim.explanation,
        is_outside=not low <= ours <= claim.published,
        explains_up_to=claim.explains_up_to,
        is_missed=not _within_factor(ours, claim.published, claim.explains_up_to),
    )


def _within_factor(ours: float, published: float, factor: float) -> bool:
    return ours > 0 and max(ours / published, published / ours) <= factor
