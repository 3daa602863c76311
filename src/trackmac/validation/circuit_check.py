"""Holds a registered circuit to what all of ours keep; for authors of circuits, before they trust their own figures."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.circuits import Circuit, CircuitFamily, circuit, family
from trackmac.circuits.registry import MAX_BITS, MIN_BITS
from trackmac.errors import OperandError
from trackmac.results import CircuitCheck, ContractCheck
from trackmac.validation import circuit_contract as contract
from trackmac.validation.circuit_mutations import MutantTally, check_mutants

EDGE_WIDTHS = (2, 3, 8, 16)
NAIVE_WIDTHS = (2, 3, 8)
MUTATED_WIDTHS = ((2, 2, 2, 3, 4), (4, 4, 3, 2, 2), (3, 3, 3, 3, 3))
"""Small enough to try all operands of two; 4 bits at one end, so that every Booth digit occurs."""

Rule = Callable[[Circuit], str]


def check_circuit(name: str) -> CircuitCheck:
    """Check the circuit `name` against its reference, its closed form and the rules that every circuit keeps.

    It is built in all layouts, signed and not, at each transverse-read distance and many widths within 2..16 bits. What
    it refuses to be built for (an OperandError) is passed over; whatever else its code raises is a counter-example.

    Raises:
        UnknownNameError: there is no circuit of that name.
    """
    family(name)
    subjects, declared = _declared(name)
    small = [each for each in subjects if max(each.bits, default=0) <= max(NAIVE_WIDTHS)]
    rules: Sequence[tuple[str, Rule, Sequence[Circuit], str]] = (
        ("words lie as the layout says", contract.words_out_of_place, subjects, ""),
        ("tracks come home", contract.heads_left_behind, subjects, ""),
        ("extreme results fit the result's format", contract.result_that_does_not_fit, subjects, ""),
        ("results are the reference's", contract.wrong_result, subjects, f", {contract.EXTENT}"),
        ("naive and packed simulation agree", contract.simulators_that_differ, small, f", {contract.NAIVE_EXTENT}"),
        ("the closed form is what is counted", contract.wrong_closed_form, subjects, ""),
        ("the closed form does not read the program", contract.closed_form_that_reads_the_program, subjects, ""),
        ("parts are free again when the next run starts", contract.interval_too_short, subjects, ""),
    )
    checks = [
        ContractCheck(name=text, tried=f"{_number(on)}{extent}", counter_example=_first_problem(on, rule))
        for text, rule, on, extent in rules
        if on
    ]
    return CircuitCheck(circuit=name, checks=(declared, *checks, *_mutation_checks(name)))


def _declared(name: str) -> tuple[list[Circuit], ContractCheck]:
    """Return all circuits to be checked, and whether each could be declared as it has to be."""
    subjects: list[Circuit] = []
    problem, refused = "", 0
    for found, layout, is_signed in _variants(name):
        for widths in _widths(len(found.width_names)):
            try:
                built = circuit(name, widths, is_signed, layout, _distance(found))
                problem = problem or contract.bad_declaration(built, name, layout)
                subjects += [built, *_at_other_known_values(built)] if built.bits else []
            except OperandError:
                refused += 1
            except Exception as error:
                signs = "signed" if is_signed else "unsigned"
                problem = problem or f"{layout}, {signs}, {widths} bits: {type(error).__name__}: {error}"
    if not subjects:
        problem = problem or "it refuses all widths"
    tried = (_extent(subjects) if subjects else "0 circuits") + (f", {refused} refused" if refused else "")
    return subjects, ContractCheck(name="it can be declared", tried=tried, counter_example=problem)


def _mutation_checks(name: str) -> list[ContractCheck]:
    mutated = list(_mutated(name))
    tally = MutantTally()
    problem = _first_problem(mutated, lambda subject: check_mutants(subject, tally))
    tried = f"{_number(mutated)}, {tally}"
    return [ContractCheck(name="mutants are noticed", tried=tried, counter_example=problem)] if mutated else []


def _first_problem(subjects: Sequence[Circuit], rule: Rule) -> str:
    """Return the first circuit that breaks `rule` and how, or "". An error of the author's code breaks it, too."""
    for subject in subjects:
        try:
            problem = rule(subject)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            return f"{contract.label(subject)}: {problem}"
    return ""


def _variants(name: str) -> Iterator[tuple[CircuitFamily, str, bool]]:
    """Yield the family at every transverse-read distance, in every layout, unsigned and signed."""
    for found in family(name).at_trd.values() or (family(name),):
        for layout, is_signed in itertools.product(found.layouts, (False, True)):
            yield found, str(layout), is_signed


def _distance(found: CircuitFamily) -> int | None:
    """Return the transverse-read distance at which the registry has `found`."""
    return next((trd for trd, at_trd in family(found.name).at_trd.items() if at_trd is found), None)


def _widths(count: int) -> list[tuple[int, ...]]:
    """Return all equal widths, and pairs of unequal ones (in turns, where there are more operands than two)."""
    equal = [(width,) * count for width in range(MIN_BITS, MAX_BITS + 1)]
    pairs = itertools.permutations(EDGE_WIDTHS, 2) if count > 1 else ()
    return [*equal, *(tuple(itertools.islice(itertools.cycle(pair), count)) for pair in pairs)]


def _mutated(name: str) -> Iterator[Circuit]:
    """Yield the circuit in every variant, as narrow as it can be built."""
    for found, layout, is_signed in _variants(name):
        count = len(found.width_names)
        for widths in (*(small[-count:] for small in MUTATED_WIDTHS), *_widths(count)):
            try:
                yield circuit(name, widths, is_signed, layout, _distance(found))
            except Exception:  # `_declared` has told of it
                continue
            break


def _at_other_known_values(built: Circuit) -> list[Circuit]:
    """Return the circuit at other values, drawn at random, of the operands that its program has built in, if any."""
    if built.at_known is None:
        return []
    generator = np.random.default_rng(sum(built.bits))
    known = [word for word in built.operands if word.known is not None]
    return [built.at_known({word.name: _any_value(word.format, generator) for word in known})]


def _any_value(word_format: NumberFormat, generator: np.random.Generator) -> int:
    return int(generator.integers(word_format.minimum, word_format.maximum, endpoint=True))


def _number(subjects: Sequence[Circuit]) -> str:
    return f"{len(subjects)} circuit{'s' * (len(subjects) != 1)}"


def _extent(subjects: Sequence[Circuit]) -> str:
    widths = {width for subject in subjects for width in subject.bits}
    layouts = " and ".join(dict.fromkeys(str(subject.layout) for subject in subjects))
    return f"{_number(subjects)}: {min(widths)} to {max(widths)} bits, signed and not, {layouts} tracks"
