"""The transistors that the cells are made of: BSIM4 cards of our own, `45nm.yaml`, or an installed open library."""

from functools import cache
from importlib.resources import files

from trackmac.cells.cards.form import CORNERS, TEMPERATURES_C, Cards, Corner, TransistorCard
from trackmac.cells.cards.installed import InstalledCards, InstalledTransistor
from trackmac.cells.cards.own import OwnCards, OwnTransistor
from trackmac.errors import unknown_name
from trackmac.files import parse_yaml

__all__ = [
    "CARD_NAMES",
    "CORNERS",
    "OWN_CARDS",
    "TEMPERATURES_C",
    "Cards",
    "Corner",
    "InstalledCards",
    "InstalledTransistor",
    "OwnCards",
    "OwnTransistor",
    "TransistorCard",
    "installed_cards",
    "load_cards",
    "shipped_cards",
]

OWN_CARDS = "45nm"
CARD_NAMES = (OWN_CARDS, "sky130")

_FOLDER = files("trackmac.cells.cards")


def load_cards(name: str) -> Cards:
    """Return cards by name, ours or those of an installed package.

    Raises:
        UnknownNameError: there are no such cards.
        InputError: their package is not installed.
    """
    if name not in CARD_NAMES:
        raise unknown_name("cards", name, CARD_NAMES)
    if name == OWN_CARDS:
        return shipped_cards()
    cards = installed_cards(name)
    cards.library_path()
    return cards.model_copy(update={"summary": f"{cards.summary}; package {cards.package} {cards.installed_version()}"})


@cache
def shipped_cards() -> OwnCards:
    """Return the cards of our own."""
    return parse_yaml((_FOLDER / f"{OWN_CARDS}.yaml").read_text(encoding="utf-8"), OwnCards, where=OWN_CARDS)


@cache
def installed_cards(name: str) -> InstalledCards:
    """Return what we say of an installed package's cards, be it installed or not."""
    return parse_yaml((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), InstalledCards, where=name)
