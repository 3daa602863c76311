"""How lanes are divided into blocks that stay in the cache while a whole tape is played on them."""

from dataclasses import dataclass

from trackmac.simulation.rows import LINE_WORDS

BLOCK_WORDS = 64
"""Words of every plane that are worked on at once: what a program uses of so many fits in the first-level cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """`number` blocks of `words` words at most: of one unit each or, where a unit has few, of `units` whole ones."""

    number: int
    words: int
    units: int


def blocks_of(units: int, words: int) -> Blocks:
    """Return the blocks of `units` units of `words` words each."""
    if words < LINE_WORDS:
        at_once = min(units, BLOCK_WORDS // words)
        return Blocks(number=-(-units // at_once), words=_lines(at_once * words), units=at_once)
    parts = -(-words // BLOCK_WORDS)
    block = _lines(-(-words // parts))
    return Blocks(number=units * -(-words // block), words=block, units=1)


def _lines(words: int) -> int:
    return -(-words // LINE_WORDS) * LINE_WORDS
