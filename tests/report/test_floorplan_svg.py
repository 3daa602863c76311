"""The drawing as SVG: whole, to scale, and texts from files stay text."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from trackmac.api import floorplan
from trackmac.arrays import chip, grid_of, hardware_names, load_hardware
from trackmac.arrays.floorplan import floorplan as floorplan_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.mat import PLAIN_MEMORY
from trackmac.arrays.ports import KNOWN_LAYOUTS, PortKind
from trackmac.floorplans import Block, Floorplan, Rectangle
from trackmac.report import quantities
from trackmac.report.floorplan_svg import floorplan_svg
from trackmac.report.svg_elements import Canvas
from trackmac.report.svg_panel import THIN, View, draw_blocks, fitted, length_text, magnified, scale_bar, singular
from trackmac.technology import load_technology

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def plan() -> Floorplan:
    return floorplan("lenet5", "embedded")


def elements(svg: str, tag: str) -> list[ElementTree.Element]:
    """Return the elements of a kind."""
    return ElementTree.fromstring(svg).findall(f".//{SVG}{tag}")


def texts(svg: str) -> list[str]:
    """Return all lines of text."""
    return [element.text or "" for element in elements(svg, "text")]


@pytest.mark.parametrize("hardware", [name for name in hardware_names() if name != "tiny"])
def test_every_preset_is_drawn_with_all_parts_and_their_shares(hardware: str) -> None:
    plan = floorplan("lenet5", hardware)

    shown = texts(floorplan_svg(plan))

    whole_um2 = sum(plan.areas_um2.values())
    for part, area_um2 in plan.areas_um2.items():
        assert quantities.words(part).replace("h tree", "H-tree") in shown
        assert f"{area_um2:,.1f} µm²" in shown
        assert quantities.fraction(area_um2 / whole_um2) in shown


@pytest.mark.parametrize("name", list(KNOWN_LAYOUTS))
def test_every_port_layout_is_drawn(name: str) -> None:
    hardware = replace(load_hardware("embedded"), **port_fields(KNOWN_LAYOUTS[name]))

    shown = texts(floorplan_svg(floorplan("lenet5", hardware)))

    for kind in ("RW", "W", "R"):
        assert shown.count(kind) == KNOWN_LAYOUTS[name].count(PortKind(kind))


def test_it_says_what_decides_the_size_and_the_slack(plan: Floorplan) -> None:
    shown = texts(floorplan_svg(plan))

    assert "CMOS decides its size; the tracks leave 148 µm² of it unused (slack)." in shown
    assert "above: tracks, 51.6 µm²; 64 hold weights" in shown
    assert "below: CMOS, 200 µm²" in shown
    assert any(text.startswith("64 data domains (blue), 31 overhead domains (grey), 90.0 nm each") for text in shown)


def test_the_picture_is_self_contained(plan: Floorplan) -> None:
    svg = floorplan_svg(plan)

    assert not re.search(r"href|<image|<script|@import|url\((?!#)", svg)


def test_hostile_names_stay_text(plan: Floorplan) -> None:
    svg = floorplan_svg(replace(plan, title="</svg><script>alert(1)</script>", technology="<b>&"))

    assert "<script>" not in svg
    assert "</svg><script>alert(1)</script>, <b>&" in texts(svg)


def test_nothing_is_drawn_outside_the_picture(plan: Floorplan) -> None:
    root = ElementTree.fromstring(floorplan_svg(plan))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    for box in root.findall(f".//{SVG}rect"):
        assert float(box.get("x", "0")) >= 0
        assert float(box.get("x", "0")) + float(box.attrib["width"]) <= width
        assert float(box.get("y", "0")) + float(box.attrib["height"]) <= height


def test_a_panel_is_to_scale() -> None:
    view = fitted(Rectangle(10.0, 20.0, 4.0, 2.0), 100, 50, 340)

    assert (view.scale, view.width, view.height) == (85, 340, 170)
    assert view.box(Rectangle(11.0, 21.0, 1.0, 0.5)) == (185, 135, 85, 42.5)
    assert view.box(Rectangle(13.0, 20.0, 9.0, 9.0)) == (355, 50, 85, 170)  # what sticks out is cut off


def test_only_what_is_thin_is_magnified() -> None:
    thin = fitted(Rectangle(0.0, 0.0, 400.0, 1.0), 0, 0, 340)
    closer = magnified(thin, 340, 100.0)

    assert closer is not None
    assert closer.height == pytest.approx(2 * THIN)
    assert closer.width == pytest.approx(340)
    assert closer.shown.left_um == 100.0
    assert magnified(fitted(Rectangle(0.0, 0.0, 4.0, 1.0), 0, 0, 340), 340) is None


def test_a_thin_unit_says_how_much_larger_its_part_is() -> None:
    hardware = replace(load_hardware("embedded"), domains=4096, ports=8, tracks=12)
    grid = grid_of([hardware], load_technology(hardware.technology))

    shown = texts(floorplan_svg(floorplan_of("long", grid, chip(grid, PLAIN_MEMORY), PLAIN_MEMORY)))

    magnified_by = [text for text in shown if re.fullmatch(r"a part of it, [0-9.]+ times larger", text)]
    assert len(magnified_by) == 2
    assert any(text.startswith("The tracks decide its size") for text in shown)


@pytest.mark.parametrize(("scale", "length", "text"), [(1.0, 100, "100 µm"), (40, 80, "2.00 µm"), (600, 60, "100 nm")])
def test_a_scale_bar_is_as_long_as_it_says(scale: float, length: float, text: str) -> None:
    canvas = Canvas()
    scale_bar(canvas, View(shown=Rectangle(0.0, 0.0, 1.0, 1.0), left=10, top=0, scale=scale), 50)

    svg = canvas.document(0, 0)
    assert f"H{10 + length:.1f} " in svg
    assert texts(svg) == [text]


def test_a_name_is_written_only_where_it_fits() -> None:
    canvas = Canvas()
    blocks = (
        Block("decoders", Rectangle(0.0, 0.0, 100.0, 40.0), 12),
        Block("decoders", Rectangle(100.0, 0.0, 50.0, 40.0), 1234),
        Block("decoders", Rectangle(150.0, 0.0, 10.0, 40.0)),
    )
    draw_blocks(canvas, fitted(Rectangle(0.0, 0.0, 160.0, 40.0), 0, 0, 160), blocks, {"decoders": "red"})

    assert texts(canvas.document(0, 0)) == ["12 × decoder", "1,234 ×", "decoder"]


def test_names_and_lengths_are_words() -> None:
    assert [singular(part) for part in ("latches", "mats", "bank_h_trees", "buffer", "full_adder")] == [
        "latch", "mat", "bank H-tree", "buffer", "full adder",
    ]  # fmt: skip
    assert [length_text(length_um) for length_um in (0.09, 2.0, 1500.0)] == ["90.0 nm", "2.00 µm", "1.50 mm"]
