import itertools
import re
from xml.etree import ElementTree

import pytest

from trackmac.circuits import FAMILIES, circuit
from trackmac.circuits.drawing_data import drawing_of
from trackmac.drawings import (
    CircuitDrawing,
    DrawnColumn,
    DrawnMark,
    DrawnPart,
    DrawnPort,
    DrawnRepeat,
    DrawnRow,
    DrawnTracks,
)
from trackmac.report.circuit_svg import circuit_svg
from trackmac.report.circuit_text import circuit_text

SVG = "{http://www.w3.org/2000/svg}"


def a_drawing(columns: int = 3, **changes: object) -> CircuitDrawing:
    """Return a drawing of one track whose steps sense, shift by 2, and write."""
    marks = (DrawnMark(0, "sense", 1, (0,)), DrawnMark(0, "shift", 2), DrawnMark(0, "write", 1, (0,)))
    parts = (
        DrawnPart(kind="sense amplifier", label="x", count=1, takes=(("x",),), gives=("x",)),
        DrawnPart(kind="cell", label="not", count=2, takes=(("x", "kept"),), gives=("out",)),
        DrawnPart(kind="latch", label="kept", count=1, takes=(("out",),), gives=("kept",)),
        DrawnPart(kind="write driver", label="x", count=1, takes=(("out",),), gives=("x",)),
    )
    track = DrawnTracks(
        label="x<0>", count=1, domains=4, start_domain=0, spare_before=2, spare_after=1, loaded=(0, 1),
        ports=(DrawnPort(position=0, kind="RW"),), driver=1,
    )  # fmt: skip
    return CircuitDrawing(
        title="inverter, 2 bits", summary="inverts <a> & writes it", steps=columns + 3, tracks=(track,), parts=parts,
        rows=(DrawnRow(label="x", kind="track", count=1),),
        columns=tuple(DrawnColumn(step + 1, (marks[step % 3],)) for step in range(columns)),
        repeats=(DrawnRepeat(1, 2, 4, 0),),
    )  # fmt: skip


def test_the_terminal_shows_domains_ports_parts_and_steps() -> None:
    lines = circuit_text(a_drawing()).splitlines()

    assert lines[1].split() == ["x<0>", "··■■□□·", "4", "domains", "+", "3", "spare,", "shift", "driver", "1"]
    assert lines[2].index("▲RW") == lines[1].index("■")
    assert any("not(x|kept) ▸ out ×2" in line for line in lines)
    assert any("latch kept ◂ out" in line for line in lines)
    assert any("out ▸ x" in line for line in lines)
    chart = lines[lines.index("space-time chart, 6 steps:") :]
    assert [line.split() for line in chart[1:4]] == [["┌×4─┐"], ["step", "1", "2", "3"], ["x", "S", "←2", "W"]]
    assert chart[1].index("┌") == chart[3].index("←")


def test_the_terminal_is_110_characters_wide_and_a_long_chart_is_cut() -> None:
    drawing = a_drawing(400)

    cut, whole = (circuit_text(drawing, is_whole=is_whole).splitlines() for is_whole in (False, True))

    assert max(map(len, whole)) <= 110
    assert len(cut) < len(whole)
    assert any("(--all draws them)" in line for line in cut)
    assert not any("(--all draws them)" in line for line in whole)
    assert any(" 400" in line or "399" in line for line in cut)


def test_the_figure_is_self_contained_xml_that_holds_every_mark() -> None:
    figure = circuit_svg(a_drawing())

    root = ElementTree.fromstring(figure)
    texts = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    assert root.tag == f"{SVG}svg"
    assert "inverts <a> & writes it; 6 steps" in texts
    assert {"x<0>", "RW", "4 + 3 spare, shift driver 1", "not ×2", "×4", "↩ kept"} <= set(texts)
    assert len(list(root.iter(f"{SVG}circle"))) == 1 + 1, "one sense, and the legend's"
    assert "href" not in figure
    assert "<image" not in figure
    assert "url(http" not in figure


def points_of(path: str) -> list[tuple[float, float]]:
    """Return points along a wire: of curves many, of horizontal lines the ends."""
    points: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MCH])([^MCH]*)", path):
        values = [float(number) for number in re.findall(r"[\d.]+", numbers)]
        if command == "H":
            points.append((values[0], points[-1][1]))
            continue
        ends = [(values[i], values[i + 1]) for i in range(0, len(values), 2)]
        start = points[-1] if points else ends[0]
        for step in range(1, 21) if command == "C" else ():
            t = step / 20
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            at = [sum(w * p[axis] for w, p in zip(weights, (start, *ends), strict=True)) for axis in (0, 1)]
            points.append((at[0], at[1]))
        if command == "M":
            points.append(start)
    return points


def boxes_and_wires(figure: str) -> tuple[list[tuple[float, ...]], list[list[tuple[float, float]]]]:
    root = ElementTree.fromstring(figure)
    rectangles = [box for box in root.iter(f"{SVG}rect") if box.get("rx") == "4" and box.get("height") == "34.0"]
    boxes = [tuple(float(box.attrib[key]) for key in ("x", "y", "width", "height")) for box in rectangles]
    wires = [path.attrib["d"] for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "1.1"]
    return boxes, [points_of(wire) for wire in wires]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_wire_runs_through_a_part(name: str) -> None:
    for layout in FAMILIES[name].layouts:
        boxes, wires = boxes_and_wires(circuit_svg(drawing_of(circuit(name, layout=layout.value))))

        assert boxes
        assert wires
        for points in wires:
            corners = itertools.pairwise(points)
            middles = [((x + to_x) / 2, (y + to_y) / 2) for (x, y), (to_x, to_y) in corners]
            for (x, y), (left, top, width, height) in itertools.product([*points, *middles], boxes):
                assert not (left < x < left + width and top < y < top + height), (name, x, y)


@pytest.mark.parametrize("columns", [3, 100])
def test_everything_lies_within_the_figure(columns: int) -> None:
    root = ElementTree.fromstring(circuit_svg(a_drawing(columns)))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    for rectangle in root.iter(f"{SVG}rect"):
        right = float(rectangle.get("x", 0)) + float(rectangle.attrib["width"])
        assert right <= width
        assert float(rectangle.get("y", 0)) + float(rectangle.attrib["height"]) <= height
