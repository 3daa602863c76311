import enum
from pathlib import Path

import pytest
from pydantic import Field, model_validator

from trackmac.errors import FileFormatError
from trackmac.files import MAX_BYTES, FileModel, parse_yaml, read_text, read_yaml


class Colour(enum.StrEnum):
    RED = "red"


class Port(FileModel):
    width_nm: float = Field(default=1.0, gt=0)


class Layout(FileModel):
    name: str
    sizes: tuple[int, ...] = ()
    colour: Colour = Colour.RED
    port: Port = Port()
    low: int = 0
    high: int = 9

    @model_validator(mode="after")
    def _ordered(self) -> "Layout":
        if self.low > self.high:
            raise ValueError(f"low must not exceed high ({self.high}), but it is {self.low}; swap them")
        return self


def test_a_plain_file_is_read_as_its_model(tmp_path: Path) -> None:
    path = tmp_path / "layout.yaml"
    path.write_text("name: small\nsizes: [1, 2]\ncolour: red\nport: {width_nm: 3}\n", encoding="utf-8")

    layout = read_yaml(path, Layout)

    assert layout == Layout(name="small", sizes=(1, 2), colour=Colour.RED, port=Port(width_nm=3.0))


def test_a_date_is_text() -> None:
    assert parse_yaml("name: 2017-01-01", Layout, where="x").name == "2017-01-01"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nsize: 1", "x: size: unknown key; remove it or correct its spelling"),
        ("sizes: [1]", "x: name: required key is missing; add it"),
        ("name: a\nname: b", "x: line 2: key 'name' is given twice; keep one of them"),
        (
            "name: !!python/object/apply:os.system [ls]",
            "x: line 1: tags are not allowed, but tag:yaml.org,2002:python/object/apply:os.system is given; remove it",
        ),
        ("name: &a b\ncolour: *a", "x: line 1: anchors and aliases are not allowed; write the value out"),
        ("name: a\nport: {<<: {width_nm: 1}}", "x: line 2: merge keys (<<) are not allowed; write the keys out"),
        ("name: a\n1: b", "x: keys must be text, but one is 1; put it in quotes"),
        ("name: a\nsizes: [{2: b}]", "x: keys must be text, but one is 2; put it in quotes"),
        (
            "name: a\nport: {width_nm: -1}",
            "x: port.width_nm: input should be greater than 0, but it is -1; correct the value",
        ),
        (
            "name: a\nport: {width_nm: '1'}",
            "x: port.width_nm: input should be a valid number, but it is '1'; correct the value",
        ),
        (
            "name: a\nport: {width_nm: true}",
            "x: port.width_nm: input should be a valid number, but it is True; correct the value",
        ),
        (
            "name: a\nport: {width_nm: .nan}",
            "x: port.width_nm: input should be a finite number, but it is nan; correct the value",
        ),
        (
            "name: a\nport: {width_nm: 1e999}",
            "x: port.width_nm: input should be a finite number, but it is inf; correct the value",
        ),
        (
            "name: a\nsizes: [1, 2.5]",
            "x: sizes.1: input should be a valid integer, but it is 2.5; correct the value",
        ),
        ("name: a\nlow: 5\nhigh: 3", "x: the file: low must not exceed high (3), but it is 5; swap them"),
        (
            "name: 1\nsizes: 2",
            "x: name: input should be a valid string, but it is 1; correct the value (and 1 more problem)",
        ),
        ("", "x: the file: input should be an object, but it is None; correct the value"),
        ("- name", "x: the file: input should be an object, but it is ['name']; correct the value"),
        ("name: a\n---\nname: b", "x: line 2: not YAML (but found another document); correct the syntax"),
        ("name: [a", "x: line 1: not YAML (expected ',' or ']', but got '<stream end>'); correct the syntax"),
        ("name: " + "[" * 30, "x: line 1: nested deeper than 20 levels; flatten the file"),
        ('name: a\n"si\\nz\\e[31me": 1', "x: si z [31me: unknown key; remove it or correct its spelling"),
    ],
)
def test_what_breaks_a_rule_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        parse_yaml(text, Layout, where="x")

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text", ["\x00", "name: 2001-99-99", "name: \ud800", "name: 1" + "0" * 5000, "? {a: 1}\n: 2", "%FOO\n\t@", '"' * 5]
)
def test_anything_else_that_is_not_yaml_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FileFormatError, match=r"^x: .*not YAML \(.+\); correct the syntax$") as caught:
        parse_yaml(text, Layout, where="x")

    assert "\n" not in str(caught.value)


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(FileFormatError) as caught:
        parse_yaml(f"name: a\n{'k' * 5000}: 1\n", Layout, where="x")

    assert len(str(caught.value)) < 200


def test_quoted_text_may_look_like_a_merge_key() -> None:
    assert parse_yaml("name: '<<'", Layout, where="x").name == "<<"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"

    with pytest.raises(FileFormatError) as caught:
        read_yaml(path, Layout)

    assert str(caught.value) == f"{path}: no such file; give the path of an existing file"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        read_text(tmp_path)


def test_a_file_at_the_size_limit_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    fits, too_large = tmp_path / "fits", tmp_path / "too_large"
    fits.write_text("#" * MAX_BYTES, encoding="utf-8")
    too_large.write_text("#" * (MAX_BYTES + 1), encoding="utf-8")

    assert len(read_text(fits)) == MAX_BYTES
    with pytest.raises(FileFormatError, match=f"at most {MAX_BYTES} bytes are read, but it has {MAX_BYTES + 1}"):
        read_text(too_large)


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin1.yaml"
    path.write_bytes("name: Größe".encode("latin-1"))

    with pytest.raises(FileFormatError, match="must be UTF-8 text, but byte 8 is not"):
        read_text(path)
