"""Draws metrics: a program of its own, so that the daemon needs no plotting library in memory.

`python -m rrdd.graph` reads a `Drawing` as JSON and writes the picture in base64.
"""

from __future__ import annotations

import base64
import io
import math
import sys
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from common import command

DEADLINE = 30.0  # seconds
DPI = 100


class Format(StrEnum):
    PNG = "png"
    SVG = "svg"
    TEXT = "text"


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """What to draw: a line for each of `series`; None is unknown. Sizes in pixels, or in characters for text."""

    title: str
    format: Format
    width: int
    height: int
    times: list[float]
    series: dict[str, list[float | None]]
    units: str = ""


async def draw(drawing: Drawing) -> bytes:
    """The picture. Raises `CommandFailed`."""
    found = await command.run(sys.executable, "-m", "rrdd.graph", stdin=msgspec.json.encode(drawing), deadline=DEADLINE)
    return base64.b64decode(found)


def picture(drawing: Drawing) -> bytes:
    """The picture, drawn here."""
    return _text(drawing) if drawing.format is Format.TEXT else _picture(drawing)


def _picture(drawing: Drawing) -> bytes:
    # Only the process that draws loads it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(drawing.width / DPI, drawing.height / DPI), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    moments = [datetime.fromtimestamp(time, UTC) for time in drawing.times]
    for name, values in drawing.series.items():
        known = [math.nan if value is None else value for value in values]
        axes.plot(moments, known, label=_plain(name), linewidth=1.2)  # type: ignore[arg-type]
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_title(_plain(drawing.title))
    axes.set_ylabel(_plain(drawing.units))
    axes.grid(visible=True, alpha=0.3)
    if drawing.series:
        axes.legend(fontsize="small")
    stream = io.BytesIO()
    figure.savefig(stream, format=drawing.format.value)
    return stream.getvalue()


def _plain(text: str) -> str:
    """Text that is not read as a formula."""
    return text.replace("$", r"\$").lstrip("_")


def _text(drawing: Drawing) -> bytes:
    import plotille

    figure = plotille.Figure()
    figure.width, figure.height, figure.color_mode = drawing.width, drawing.height, "byte"
    figure.with_colors = False
    figure.x_label, figure.y_label = "time", drawing.units or "value"
    for name, values in drawing.series.items():
        known = [(time, value) for time, value in zip(drawing.times, values, strict=True) if value is not None]
        if known:
            figure.plot(*(list(column) for column in zip(*known, strict=True)), label=name)
    figure.register_label_formatter(float, _number)
    figure.register_label_formatter(int, _number)
    shown = figure.show(legend=True) if any(v is not None for vs in drawing.series.values() for v in vs) else "no data"
    return f"{drawing.title}\n{shown}\n".encode()


def _number(value: float, chars: int, delta: float, left: bool = False) -> str:
    text = datetime.fromtimestamp(value, UTC).strftime("%H:%M:%S") if value > 1e9 and delta < 1e8 else f"{value:.4g}"
    return text.ljust(chars) if left else text.rjust(chars)


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Drawing)
    sys.stdout.write(base64.b64encode(picture(asked)).decode())
