"""Short descriptions of a design for tables, pages and pictures."""

from collections.abc import Mapping
from typing import Any

from trackmac.report import quantities
from trackmac.results import Baseline, Design, ExplorationResult


def hardware_label(hardware: Mapping[str, Any]) -> str:
    """Describe a hardware in the form of its file: macro unit (domains-ports of a track-tracks), circuit, units."""
    unit = hardware["macro_unit"]
    ports = "+".join(f"{count}{kind}" for kind, count in unit["ports_per_track"].items() if count)
    sizes = "x".join(str(hardware[key]) for key in ("banks", "mats_per_bank", "units_per_mat"))
    return f"MU-{unit['domains']}-{ports}-{unit['tracks']} {hardware['circuit']} {hardware['layout']} {sizes}"


def technology_of(design: Design) -> str:
    """Return the name of the device record that the design was priced with."""
    return str(design.hardware["technology"])


def technologies(result: ExplorationResult) -> tuple[str, ...]:
    """Return the device records on the front, in order."""
    return tuple(sorted({technology_of(design) for design in result.front}))


def in_technology(technology: str, result: ExplorationResult) -> list[Design]:
    """Return the designs of one device record, the largest first, so that a small marker lies on a large one."""
    designs = (design for design in result.front if technology_of(design) == technology)
    return sorted(designs, key=lambda design: -design.area_um2)


def chosen(result: ExplorationResult) -> Design:
    """Return the design that a report is about: the best under the budget or, where nothing meets it, the knee."""
    return result.best or result.knee


def roles(design: Design, result: ExplorationResult) -> tuple[str, ...]:
    """Return what is special about a design: "best", "knee", both or neither."""
    best = result.best is not None and design.id == result.best.id
    return ("best",) * best + ("knee",) * (design.id == result.knee.id)


def verdict(design: Design | Baseline) -> str:
    """Say in a few words what was checked bit for bit, and what came of it."""
    if design.verified_images is None or design.mismatches is None:
        return "not verified"
    events = {None: "", True: ", events agree", False: ", EVENTS DISAGREE"}[design.events_agree]
    plural = "" if design.mismatches == 1 else "es"
    return f"{quantities.count(design.verified_images)} images, {design.mismatches} mismatch{plural}{events}"


def budget_text(budget: Mapping[str, float]) -> str:
    """Write the limits of a study, such as `max_area_um2`, with their units."""
    return ", ".join(_limit_text(key, value) for key, value in budget.items()) or "no limits"


def _limit_text(key: str, value: float) -> str:
    side, _, quantity = key.partition("_")
    for unit in ("_pj", "_ns", "_um2"):
        quantity = quantity.removesuffix(unit)
    return f"{quantities.words(quantity)} {'≥' if side == 'min' else '≤'} {quantities.quantity(key, value)}"
