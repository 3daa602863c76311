import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, Circuit, Layout, Place, Track, Word, circuit, family
from trackmac.circuits.microops import Sense, Shift, Step, Write
from trackmac.circuits.requirements import Requirements, TrackNeed, Where, requirements_of

EVERY = [
    (name, str(layout), trd)
    for name, found in FAMILIES.items()
    for trd in found.at_trd or (None,)
    for layout in family(name, trd).layouts
]


def tracks_of(needs: Requirements) -> dict[str, TrackNeed]:
    return {need.track: need for need in needs.tracks}


@pytest.mark.parametrize(("name", "layout", "trd"), EVERY)
def test_the_spare_domains_are_those_of_the_track_or_it_says_why_not(name: str, layout: str, trd: int | None) -> None:
    built = circuit(name, layout=layout, trd=trd)
    declared = {track.name: track.overhead_domains for track in built.tracks}

    for need in requirements_of(built).tracks:
        assert need.overhead_domains == need.greatest_displacement - need.least_displacement
        assert need.declared_overhead_domains == declared[need.track]
        assert need.overhead_domains <= declared[need.track], "the area has too few spare domains"
        assert bool(need.overhead_note) == (need.overhead_domains != declared[need.track])
        assert all(port.kind in {"R", "W", "RW"} for port in need.ports)


@pytest.mark.parametrize(("name", "layout", "trd"), EVERY)
def test_every_operand_is_somewhere_and_nothing_else_is_read_before_it_is_written(
    name: str, layout: str, trd: int | None
) -> None:
    built = circuit(name, layout=layout, trd=trd)

    needs = requirements_of(built)

    for operand, word in zip(needs.operands, built.operands, strict=True):
        assert (operand.where is Where.PROGRAM) == (word.known is not None)
        assert (operand.name in needs.loaded) == bool(word.places)
    assert needs.cleared == ()


def test_ports_displacements_and_spare_domains_of_an_adder() -> None:
    tracks = tracks_of(requirements_of(circuit("latched_full_adder", 8)))

    a, total = tracks["a"], tracks["sum"]
    assert (a.domains, a.least_displacement, a.greatest_displacement, a.overhead_domains) == (8, 0, 7, 7)
    assert (a.ports[0].kind, a.ports[0].senses, a.ports[0].writes) == ("R", 8, 0)
    assert (total.ports[0].kind, total.ports[0].senses, total.ports[0].writes) == ("W", 0, 9)
    assert tracks["carry_in"].overhead_domains == 0


def test_domains_between_ports_need_no_spare_ones() -> None:
    need = requirements_of(circuit("transverse_read_adder", trd=7)).tracks[0]

    assert (need.overhead_domains, need.declared_overhead_domains) == (0, 5)
    assert need.overhead_note.startswith("5 of its 7 domains, which lie between its ports")
    assert [(port.position, port.kind, port.transverse_reads) for port in need.ports] == [(0, "RW", 1), (6, "RW", 1)]


def test_words_lie_along_across_or_in_the_program() -> None:
    along, across = (requirements_of(circuit("csd_mac", 4, layout=layout)) for layout in ("along", "across"))

    assert [operand.where for operand in along.operands] == [Where.ALONG, Where.PROGRAM, Where.ALONG]
    assert across.operands[0].where is Where.ACROSS
    assert along.operands[1].value is not None
    assert along.loaded == across.loaded == ("a", "c")


def test_tracks_that_do_not_come_home_are_told() -> None:
    tracks = tracks_of(requirements_of(circuit("relu", 4)))

    assert tracks["x"].end_displacement == 0
    assert tracks_of(requirements_of(one_track(Shift(("x",), 2))))["x"].end_displacement == 2


def test_a_domain_that_is_read_first_must_hold_0() -> None:
    needs = requirements_of(one_track(Shift(("x",), 2), Sense("x", "bit"), Shift(("x",), 1), Write("x", "bit")))

    assert needs.cleared == (Place("x", 2),)
    assert needs.tracks[0].ports[0].kind == "RW"


def one_track(*ops: Shift | Sense | Write) -> Circuit:
    word = Word(name="x", format=NumberFormat(2, False), places=(Place("x", 0), Place("x", 1)))
    return Circuit(
        name="mover",
        summary="moves a track",
        layout=Layout.ALONG,
        operands=(word,),
        result=word,
        tracks=(Track("x", 4),),
        program=tuple(Step((op,)) for op in ops),
        reference=lambda x: x,
    )
