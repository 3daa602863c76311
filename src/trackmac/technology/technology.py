"""A technology: a device record and its companion, resolved into one table of figures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, get_args

from trackmac.errors import FileFormatError, InputError, unknown_name
from trackmac.files import read_yaml
from trackmac.technology.catalog import record_names, shipped_record, technology_names
from trackmac.technology.schema import OPTIONAL_KEYS, UNREAD_KEYS, Evidence, Figure, TechnologyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRecord:
    """One figure in use: its dotted key (unit at the end), range, evidence, source, and the record that gave it."""

    key: str
    value: float
    low: float
    high: float
    evidence: Evidence
    source: str
    record: str


@dataclass(frozen=True, kw_only=True)
class Technology:
    """Everything that the models need to know of a device, every figure with its source.

    Without slots: the models ask for figures by the thousand, so that the table by key and the hash are kept.
    """

    name: str
    summary: str
    notes: tuple[str, ...]
    figures: tuple[FigureRecord, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(figure.value for figure in self.figures))  # of numbers alone: the same in every process

    @cached_property
    def _by_key(self) -> Mapping[str, FigureRecord]:
        return {figure.key: figure for figure in self.figures}

    def figure(self, key: str) -> FigureRecord:
        """Return the figure `key`, such as "shift.energy_pj".

        Raises:
            UnknownNameError: this technology has no such figure.
        """
        if key in self._by_key:
            return self._by_key[key]
        raise unknown_name(f"figure of {self.name}", key, self._by_key)

    def has(self, key: str) -> bool:
        """Whether this technology has the figure `key`, which it may lack if it is optional."""
        return key in self._by_key

    def value(self, key: str) -> float:
        """Return the value of the figure `key`, in the unit that the key names.

        Raises:
            UnknownNameError: this technology has no such figure.
        """
        return self.figure(key).value

    def assumptions(self) -> tuple[str, ...]:
        """Return one line for each figure that results depend on and that is merely assumed: value, range, reason."""
        return self._assumptions

    @cached_property
    def _assumptions(self) -> tuple[str, ...]:
        return tuple(
            f"{figure.key} = {figure.value:.6g} ({figure.low:.6g} to {figure.high:.6g}), assumed in {figure.record}: "
            f"{figure.source}"
            for figure in self.figures
            if figure.evidence == "assumed" and figure.key not in UNREAD_KEYS
        )

    def evidence_counts(self) -> dict[str, int]:
        """Return how many of the figures that results depend on have which evidence, the best first."""
        kinds = [figure.evidence for figure in self.figures if figure.key not in UNREAD_KEYS]
        return {kind: kinds.count(kind) for kind in get_args(Evidence)}

    def fingerprint(self) -> str:
        """Return the SHA-256 of this technology as canonical JSON: equal exactly where every figure is equal."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return this technology as plain data."""
        return asdict(self)


def load_technology(source: str | Path | Technology) -> Technology:
    """Load a technology by its shipped name or from a YAML file; a `Technology` is returned as it is.

    Raises:
        InputError: neither text nor a path.
        UnknownNameError: neither a shipped name nor a path.
        FileFormatError: the file, or its companion, is missing or breaks a rule.
    """
    if isinstance(source, Technology):
        return source
    if isinstance(source, str) and source in record_names():
        return _shipped(source)
    if isinstance(source, str) and not _looks_like_a_path(source):
        raise unknown_name("technology", source, technology_names())
    if not isinstance(source, str | Path):
        raise InputError(f"a technology is a name or a YAML file, but this is {source!r:.60}; give one of these")
    path = Path(source)
    return _resolved(read_yaml(path, TechnologyRecord), folder=path.parent)


@cache
def _shipped(name: str) -> Technology:
    return _resolved(shipped_record(name), folder=None)


def _looks_like_a_path(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text


def _resolved(record: TechnologyRecord, folder: Path | None) -> Technology:
    companion = _companion_of(record, folder)
    own = record.figures()
    lent = companion.figures() if companion else {}
    figures = []
    for key, figure in own.items():
        lent_figure = lent.get(key)
        if figure is not None:
            figures.append(_figure_record(key, figure, record))
        elif companion is not None and lent_figure is not None and key not in OPTIONAL_KEYS:
            figures.append(_figure_record(key, lent_figure, companion))
        elif key not in OPTIONAL_KEYS:
            raise FileFormatError(_missing(key, record))
    notes = record.notes + (companion.notes if companion else ())
    technology = Technology(name=record.name, summary=record.summary, notes=notes, figures=tuple(figures))
    _refuse_overlapping_tracks(technology)
    return technology


def _companion_of(record: TechnologyRecord, folder: Path | None) -> TechnologyRecord | None:
    name = record.companion
    if name is None:
        return None
    if name in record_names():
        companion = shipped_record(name)
    elif folder is not None and name.endswith((".yaml", ".yml")):
        companion = read_yaml(folder / name, TechnologyRecord)
    else:
        raise unknown_name(f"companion of {record.name}", name, record_names())
    if companion.companion is not None:
        raise FileFormatError(
            f"{record.name}: a companion must not need a companion itself, but {name} names "
            f"{companion.companion}; name a record without one"
        )
    return companion


def _figure_record(key: str, figure: Figure, record: TechnologyRecord) -> FigureRecord:
    return FigureRecord(
        key=key,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        evidence=figure.evidence,
        source=figure.source,
        record=record.name,
    )


def _missing(key: str, record: TechnologyRecord) -> str:
    where = f"and its companion {record.companion} has it neither" if record.companion else "and it names no companion"
    return f"{record.name}: {key}: required figure is missing, {where}; add it to the file"


def _refuse_overlapping_tracks(technology: Technology) -> None:
    width, pitch = technology.value("geometry.track_width_nm"), technology.value("geometry.track_pitch_nm")
    if width > pitch:
        raise FileFormatError(
            f"{technology.name}: geometry.track_width_nm must not exceed track_pitch_nm ({pitch:g}), "
            f"but it is {width:g}; tracks would overlap"
        )
