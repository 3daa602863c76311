"""Closed forms of the interval between starts: for which part of its run a circuit's busiest parts stand idle.

The next run may start as soon as no part of the unit is needed by both at once (`docs/model.md`), so that the interval
is the latency less what happens before the busiest part's first use and after its last. Where two parts may be the
busiest, as durations have it, both are given. n, m = bits of the operands, q = bits of the result.

Idle is nothing, and the interval is the latency, wherever one part is used in the first step and in the last:

- Adders, multipliers, dot products and all circuits without products, words along tracks: the first step senses an
  operand's first bit (or shifts its track), the last brings that track home. In `booth_radix4_multiplier` and
  `fixed_point_requantize` this is the recoded operand's track.
- Words behind one another across tracks: their tracks are sensed first and go home last.
- One word across tracks that is rewritten in place (`accumulate`, `relu`, `max_pool`): its top bit's track.
- `parallel_adder`: the amplifiers hold both words until the sum is written. `shift_add_multiplier` across tracks: a is
  sensed anew by the same amplifiers for each bit of b, and held until its row is written.
- `transverse_read_adder`: a write driver serves the first step, zeros for carries, and the last, the top sum bit.

A circuit that is not named here is taken to be busy throughout: one run after another is always possible.
"""

from collections.abc import Callable, Mapping

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.cost import Phase
from trackmac.models.circuit_counts import circuit_activity
from trackmac.models.csd_counts import signed_digits
from trackmac.models.transverse_read_counts import displacement

Idle = Mapping[Phase, int]
IdleOf = Callable[[Circuit], tuple[Idle, ...]]

NEVER: tuple[Idle, ...] = ({},)


def interval_phases(circuit: Circuit) -> tuple[Mapping[Phase, int], ...]:
    """Return the phases for which one run of a registered circuit takes its busiest part, for each that may be it.

    Raises:
        UnknownNameError: there is no closed form for a circuit of that name.
    """
    latency = circuit_activity(circuit).phases
    return tuple(_less(latency, idle) for idle in _BY_NAME.get(circuit.name, _never)(circuit))


def circuit_interval_ns(circuit: Circuit, phase_ns: Callable[[Phase], float]) -> float:
    """Return the shortest time between starts of a registered circuit, given the time of one step of each phase."""
    return max(
        sum(phases[phase] * phase_ns(phase) for phase in Phase if phase in phases)
        for phases in interval_phases(circuit)
    )


def _less(phases: Idle, idle: Idle) -> Idle:
    return {phase: count - idle.get(phase, 0) for phase, count in phases.items() if count > idle.get(phase, 0)}


def _never(_circuit: Circuit) -> tuple[Idle, ...]:
    return NEVER


def _format(circuit: Circuit, operand: str) -> NumberFormat:
    return circuit.operand(operand).format


def _shift_add_mac(_circuit: Circuit) -> tuple[Idle, ...]:
    """The product's bits (the write driver, if across tracks) are written first after a sense and an AND.

    They are needed until the end. The operands' parts are free during the accumulation, which takes longer.
    """
    return ({Phase.SENSE: 1, Phase.EVALUATE: 1},)


def _booth_multiplier(circuit: Circuit) -> tuple[Idle, ...]:
    """Across tracks the latches of a digit close one sense step after the start and are read in the last step."""
    return NEVER if circuit.layout is Layout.ALONG else ({Phase.SENSE: 1},)


def _booth_mac(circuit: Circuit) -> tuple[Idle, ...]:
    """The product's first bit is written after the first digit's two bits, its encoder, a sense, selector and adder.

    From then on the product's track is needed until the end. Across tracks: the write drivers, after the n + 2 adders
    of the first digit behind each other; or the digit's latches, from one sense step on, until the accumulation.
    """
    if circuit.layout is Layout.ALONG:
        return ({Phase.SENSE: 3, Phase.SHIFT: 1, Phase.EVALUATE: 3},)
    accumulating = {Phase.SENSE: 2, Phase.EVALUATE: circuit.result.format.bits, Phase.WRITE: 1}
    return _first_digit(_format(circuit, "a").bits), accumulating


def _first_digit(n: int) -> Idle:
    """Return what precedes writing the first Booth digit's row across tracks: encoder, selector, n + 2 adders."""
    return {Phase.SENSE: 2, Phase.EVALUATE: 1 + 1 + n + 2}


def _fixed_point_requantize(circuit: Circuit) -> tuple[Idle, ...]:
    """Across tracks: the write drivers, as in `_booth_mac`; or half adders.

    The half adders add the first digit, after its recoding and a sense, and round later: they are free while clamping.
    """
    if circuit.layout is Layout.ALONG:
        return NEVER
    x = _format(circuit, "x")
    half_adders = {Phase.SENSE: 3, Phase.EVALUATE: 1 + _clamping_levels(x), Phase.WRITE: 1}
    return _first_digit(x.bits), half_adders


def _clamping_levels(x: NumberFormat) -> int:
    """Return the cells behind each other when a result is clamped: an OR, and another where x has a sign."""
    return 1 + x.is_signed


def _requantize(circuit: Circuit) -> tuple[Idle, ...]:
    """Across tracks: the ORs that collect what is shifted out, record overflow and clamp; or the amplifiers of x.

    The ORs come after one sense step; but where only the guard bit is shifted out, nothing is collected, so that they
    come after that of rounding, too. The amplifiers of x are free while clamping.
    """
    if circuit.layout is Layout.ALONG:
        return NEVER
    x = _format(circuit, "x")
    has_guard_alone = x.bits - circuit.result.format.bits == 1
    clamping = {Phase.SENSE: 1, Phase.EVALUATE: _clamping_levels(x), Phase.WRITE: 1}
    return {Phase.SENSE: 1 + has_guard_alone}, clamping


def _residual_add(circuit: Circuit) -> tuple[Idle, ...]:
    """Across tracks: an OR records the overflow after the first sense, and clamps in the end."""
    return NEVER if circuit.layout is Layout.ALONG else ({Phase.SENSE: 1},)


def _transverse_read_multiplier(_circuit: Circuit) -> tuple[Idle, ...]:
    """The write drivers begin after a sense and an AND; the columns go home last, unless they are there.

    The amplifiers, taken from the start, are free during the addition of n + m columns, a read and a write each. That
    takes longer, in any technology whose sense and AND do not take n + m times as long as both.
    """
    return ({Phase.SENSE: 1, Phase.EVALUATE: 1},)


def _transverse_read_mac(circuit: Circuit) -> tuple[Idle, ...]:
    """The accumulator's top track is sensed first and written last, before the columns go home.

    The columns are written after a sense and an AND. Rows are m, the accumulator, and a constant if there is a sign.
    """
    a, b = _format(circuit, "a"), _format(circuit, "b")
    home = displacement(b.bits + 1 + (a.is_signed or b.is_signed), _distance(circuit))
    return ({Phase.SHIFT: home}, {Phase.SENSE: 1, Phase.EVALUATE: 1}) if home else NEVER


def _bitplane_popcount_mac(circuit: Circuit) -> tuple[Idle, ...]:
    """The accumulator's top track is sensed first and written last, before all others go home.

    For an odd number of planes of w, all planes are T - 1 away: their tracks are needed from the second step to the
    end. For an even one only the columns go home, T - 2, after as many moves between elements and more that precede
    them: no part is needed longer than the accumulator.
    """
    x, w, distance = _format(circuit, "x0"), _format(circuit, "w0"), _distance(circuit)
    if w.bits % 2:
        return {Phase.SHIFT: distance - 1}, {Phase.SENSE: 1}
    rows = w.bits * distance.bit_length() + 1 + (x.is_signed or w.is_signed)
    return ({Phase.SHIFT: displacement(rows, distance)},)


def _distance(circuit: Circuit) -> int:
    assert circuit.trd is not None, f"{circuit.name} has no window"
    return circuit.trd


def _known(circuit: Circuit, operand: str) -> int:
    weight = circuit.operand(operand).known
    assert weight is not None, f"{circuit.name} has no known {operand}"
    return weight


def _csd_multiplier(circuit: Circuit) -> tuple[Idle, ...]:
    """Along tracks, what comes first (the first bit of a, or a zero of the product) belongs to a track that goes home.

    Across tracks, the amplifiers hold a from the first walk to the last write, if there is one walk or if some of them
    serve both the first, where a's bit i is sensed at position j_1 + i, and a later one, at position i: if j_1 < n.
    Otherwise a's tracks are needed until the last walk's sense, or the drivers from the first write on; where first and
    last walk subtract, so are the subtractors, from one step earlier if the first row is made by them.
    """
    n, m = (_format(circuit, operand).bits for operand in "ab")
    digits = signed_digits(_known(circuit, "b"))
    if circuit.layout is Layout.ALONG or len(digits) < 2 or digits[0][0] < n:
        return NEVER
    until_last_sense = {Phase.EVALUATE: n + m - digits[-1][0], Phase.WRITE: 1}
    subtracts_last = digits[-1][1] < 0
    return until_last_sense, {Phase.SENSE: 1} if subtracts_last else _first_row(n, m, digits)


def _first_row(n: int, m: int, digits: list[tuple[int, int]]) -> Idle:
    """Return what happens across tracks before the first digit's row is written: a sense, and subtractors if negative.

    They stand behind each other from bit j_1 to where the next walk ends its sensing, or to the top.
    """
    if not digits:
        return {}
    (start, digit), *later = digits
    end = later[0][0] + n if later else n + m
    return {Phase.SENSE: 1} | ({Phase.EVALUATE: end - start} if digit < 0 else {})


def _csd_mac(circuit: Circuit) -> tuple[Idle, ...]:
    """The product's track (across tracks: the write drivers) is needed from its first write to the end.

    Along tracks that is a zero, with which the run begins, if the first digit is not at bit 0 or if there is none; else
    it follows a sense, and a subtractor if that digit is negative.
    """
    n, m = (_format(circuit, operand).bits for operand in "ab")
    digits = signed_digits(_known(circuit, "b"))
    if circuit.layout is Layout.ACROSS:
        return (_first_row(n, m, digits),)
    if not digits or digits[0][0]:
        return NEVER
    return ({Phase.SENSE: 1, Phase.EVALUATE: int(digits[0][1] < 0)},)


def _csd_dot_product(circuit: Circuit) -> tuple[Idle, ...]:
    """The track of the words a is sensed or shifted first and goes home last, with few exceptions.

    Across tracks it stays where it is if only b0 is not 0: then it is as in `_csd_mac`. Along tracks the run begins
    with j_1 zeros if b0 is not 0: a's track is needed after these, the product's until a's goes home.
    """
    weights = [word.known for word in circuit.operands if word.known is not None]
    used = [k for k, weight in enumerate(weights) if weight]
    if not used or used[0]:
        return NEVER
    n, m, digits = _format(circuit, "a0").bits, _format(circuit, "b0").bits, signed_digits(weights[0])
    if circuit.layout is Layout.ACROSS:
        return NEVER if used[-1] else (_first_row(n, m, digits),)
    zeros = digits[0][0]
    return {Phase.WRITE: zeros, Phase.SHIFT: zeros}, {Phase.SHIFT: used[-1] * n + n - 1}


_BY_NAME: Mapping[str, IdleOf] = {
    "shift_add_mac": _shift_add_mac,
    "magnetic_mac": _shift_add_mac,
    "booth_radix4_multiplier": _booth_multiplier,
    "booth_radix4_mac": _booth_mac,
    "fixed_point_requantize": _fixed_point_requantize,
    "requantize": _requantize,
    "residual_add": _residual_add,
    "transverse_read_multiplier": _transverse_read_multiplier,
    "transverse_read_mac": _transverse_read_mac,
    "bitplane_popcount_mac": _bitplane_popcount_mac,
    "csd_multiplier": _csd_multiplier,
    "csd_mac": _csd_mac,
    "csd_dot_product": _csd_dot_product,
}
