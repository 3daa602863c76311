from trackmac.bits import NumberFormat
from trackmac.cells.library import FULL_ADDER, NOT
from trackmac.circuits import Layout, Place, Track
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.microops import Evaluate, Latch, MicroOp, Receive, Send, Sense, Shift, Step, Write

UINT2 = NumberFormat(2, False)


def inverting_walk(builder: ProgramBuilder) -> list[BitStep]:
    x = builder.word("x", UINT2)
    invert = Evaluate(NOT, ("x",), ("out",))
    return [BitStep(sense={"x": place}, evaluate=(invert,), write={place: "out"}) for place in x.places]


def carrying_walk(builder: ProgramBuilder) -> list[BitStep]:
    """Count x's ones: what a carry latched at one bit means at the next."""
    x = builder.word("x", UINT2)
    carries = ("0", "carry")
    return [
        BitStep(
            sense={"x": place},
            evaluate=(Evaluate(FULL_ADDER, ("x", "1", carry), ("sum", "carry_out")),),
            latch={"carry": "carry_out"},
        )
        for place, carry in zip(x.places, carries, strict=True)
    ]


def steps(*ops: tuple[MicroOp, ...]) -> list[Step]:
    return [Step(each) for each in ops]


def test_along_a_track_bits_come_one_after_another_with_shifts_between() -> None:
    builder = ProgramBuilder(Layout.ALONG)

    builder.walk(inverting_walk(builder))

    invert = Evaluate(NOT, ("x",), ("out",))
    one_bit: tuple[tuple[MicroOp, ...], ...] = ((Sense("x", "x"),), (invert,), (Write("x", "out"),))
    assert builder.steps == steps(*one_bit, (Shift(("x",), 1),), *one_bit)
    assert builder.tracks == [Track("x", 2)]


def test_across_tracks_all_bits_are_one_sense_one_evaluation_one_write() -> None:
    builder = ProgramBuilder(Layout.ACROSS)

    builder.walk(inverting_walk(builder))

    assert builder.steps == steps(
        (Sense("x0", "x.0"), Sense("x1", "x.1")),
        (Evaluate(NOT, ("x.0",), ("out.0",)), Evaluate(NOT, ("x.1",), ("out.1",))),
        (Write("x0", "out.0"), Write("x1", "out.1")),
    )
    assert builder.tracks == [Track("x0", 1), Track("x1", 1)]


def test_along_a_track_a_carry_is_latched_at_every_bit() -> None:
    builder = ProgramBuilder(Layout.ALONG)

    builder.walk(carrying_walk(builder))

    latches = [op for step in builder.steps for op in step.of(Latch)]
    assert latches == [Latch("carry_out", "carry")] * 2
    assert builder.steps[1].ops[-1] == latches[0], "it closes in the bit's last step"


def test_across_tracks_a_carry_ripples_and_only_what_is_kept_is_latched() -> None:
    builder = ProgramBuilder(Layout.ACROSS)

    builder.walk(carrying_walk(builder), keep=("carry",))

    first, second, latch = builder.steps[1].ops
    assert isinstance(first, Evaluate)
    assert isinstance(second, Evaluate)
    assert second.inputs[2] == first.outputs[1] == "carry_out.0"
    assert latch == Latch("carry_out.1", "carry")


def test_a_latch_kept_from_one_walk_is_read_by_the_next() -> None:
    builder = ProgramBuilder(Layout.ACROSS)
    builder.walk(carrying_walk(builder), keep=("carry",))
    y = builder.word("y", UINT2)

    builder.walk([BitStep(write={y.places[0]: "carry"})])

    assert builder.steps[-1] == Step((Write("y0", "carry"),))


def test_a_bit_that_only_latches_has_a_step_of_its_own() -> None:
    builder = ProgramBuilder(Layout.ALONG)

    builder.walk([BitStep(latch={"kept": "0"})])

    assert builder.steps == steps((Latch("0", "kept"),))


def test_tracks_that_go_the_same_way_shift_in_one_group_others_beside_them() -> None:
    builder = ProgramBuilder(Layout.ALONG)
    x, y, z = (builder.word(name, NumberFormat(4, False)) for name in "xyz")

    builder.walk([BitStep(sense={"x": x.places[3], "y": y.places[3], "z": z.places[1]})])

    assert builder.steps[0] == Step((Shift(("x", "y"), 3), Shift(("z",), 1)))
    assert builder.heads == {"x": 3, "y": 3, "z": 1}


def test_home_is_the_first_bit_and_free_where_nothing_moved() -> None:
    builder = ProgramBuilder(Layout.ALONG)
    x, y = builder.word("x", UINT2), builder.word("y", UINT2)
    builder.walk([BitStep(sense={"x": x.places[1]})])

    builder.shift_home(x, y)
    builder.shift_home(x, y)

    assert builder.steps[2:] == steps((Shift(("x",), -1),))
    assert builder.heads == {"x": 0, "y": 0}


def test_a_word_can_start_at_its_top_bit() -> None:
    builder = ProgramBuilder(Layout.ALONG)

    builder.word("x", NumberFormat(8, False), start_at_top=True)

    assert builder.heads == {"x": 7}


def test_a_word_can_have_more_places_than_bits() -> None:
    word = ProgramBuilder(Layout.ALONG).word("x", UINT2, places=3)

    assert word.places == (Place("x", 0), Place("x", 1), Place("x", 2))


def test_bits_on_wires_are_received_where_they_are_written_and_sent_where_they_are_sensed() -> None:
    builder = ProgramBuilder(Layout.ALONG)
    x = builder.word("x", NumberFormat(1, False))

    builder.walk([BitStep(receive="in[0]", write={x.places[0]: "in[0]"})])
    builder.walk([BitStep(sense={"x": x.places[0]}, send=("x", "out[0]"))])

    assert builder.steps == steps(
        (Receive("in[0]"), Write("x", "in[0]")),
        (Sense("x", "x"), Send("x", "out[0]")),
    )
