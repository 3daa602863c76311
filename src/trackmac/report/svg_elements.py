"""The few shapes that a figure is made of, as SVG elements on a canvas that grows with what is drawn."""

from html import escape

INK, MUTED, FAINT, PALE = "#1f2937", "#6b7280", "#d1d5db", "#f3f4f6"
BLUE, RED, GREEN, ORANGE, VIOLET = "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
CHARACTER = 0.53  # mean width of a character, in font sizes


class Canvas:
    """Collects elements; `width` and `height` (px) are what they need so far. Texts are escaped."""

    def __init__(self) -> None:
        self.width = 0.0
        self.height = 0.0
        self._elements: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12,
        colour: str = INK,
        weight: str = "normal",
        anchor: str = "start",
    ) -> None:
        """Write a line of text on the baseline `y`."""
        length = text_width(text, size)
        self._grow(x + {"start": length, "middle": length / 2, "end": 0}[anchor], y + size / 3)
        style = "" if weight == "normal" else f' font-weight="{weight}"'
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"{style}{place}>{escape(text)}</text>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "white",
        stroke: str = INK,
        line: float = 1,
        radius: float = 0,
        dashes: str = "",
    ) -> None:
        """Draw a rectangle."""
        self._grow(x + width, y + height)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._elements.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{line:g}"{dashed}/>'
        )

    def path(self, d: str, *, stroke: str = INK, line: float = 1, fill: str = "none", arrow: bool = False) -> None:
        """Draw a path, an arrow's head at its end if asked for; it does not grow the canvas."""
        end = ' marker-end="url(#head)"' if arrow else ""
        self._elements.append(f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{line:g}"{end}/>')

    def circle(self, x: float, y: float, radius: float, *, fill: str, stroke: str, line: float = 1.5) -> None:
        """Draw a circle."""
        self._grow(x + radius, y + radius)
        self._elements.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="{line:g}"/>'
        )

    def document(self, margin: float, least_width: float) -> str:
        """Return the whole file."""
        width, height = max(self.width + margin, least_width), self.height + margin
        return "\n".join((
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}">',
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
            'orient="auto"><path d="M0,0.5 L8,4 L0,7.5 z" fill="context-stroke"/></marker></defs>',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
            *self._elements,
            "</svg>\n",
        ))  # fmt: skip

    def _grow(self, right: float, bottom: float) -> None:
        self.width = max(self.width, right)
        self.height = max(self.height, bottom)


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return CHARACTER * size * len(text)
