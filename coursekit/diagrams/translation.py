"""Drawings for lessons 14 to 16: a network that reads, a network that writes, and what lies between."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import Point
from coursekit.plots import BLACK, BLUE, GREEN, MAGNITUDE, ORANGE, figure

SOURCE = ("forty", "thousand", "two")
INPUTS, OUTPUTS = ("<sos>", "sa", "man", "i"), ("sa", "man", "i", "<eos>")


def encoder_decoder(attention: bool = False) -> Figure:
    """Encoder and decoder unrolled; with `attention`, the first decoder step looks at every encoder state."""
    made, (ax,) = figure(width=9, height=3.9 if attention else 3.0)
    ax.axis("off")
    ax.set(xlim=(-0.6, 7.7), ylim=(-1.2, 3.1 if attention else 1.35))
    for i, word in enumerate(SOURCE):
        _cell(ax, i, BLUE, f"${'m' if attention else 'h'}_{i + 1}$")
        _arrow(ax, (i, -0.75), (i, -0.3))
        ax.text(i, -1.0, word, ha="center", va="center")
        if i:
            _arrow(ax, (i - 0.7, 0), (i - 0.3, 0))
    for i, (given, written) in enumerate(zip(INPUTS, OUTPUTS, strict=True)):
        x = i + 4
        _cell(ax, x, ORANGE, f"$s_{i + 1}$")
        _arrow(ax, (x, -0.75), (x, -0.3))
        ax.text(x, -1.0, given, ha="center", va="center")
        if not (attention and i == 0):
            _arrow(ax, (x, 0.3), (x, 0.8))
            ax.text(x, 1.05, written, ha="center", va="center")
        if i:
            _arrow(ax, (x - 0.7, 0), (x - 0.3, 0))
    if attention:
        _arrow(ax, (2.3, 0), (3.7, 0))
        ax.text(3, 0.22, "$s_0$", ha="center")
        _look_back(ax)
    else:
        _arrow(ax, (2.3, 0), (3.7, 0), GREEN, 3)
        ax.text(3, 0.22, "context", ha="center", color=GREEN)
    return made


def _look_back(ax: Axes) -> None:
    """The first decoder step: its query, weights on the encoder's states, their sum, and the word written."""
    for i, weight in enumerate((0.85, 0.1, 0.05)):
        _arrow(ax, (i, 0.3), (2.74, 1.84 - 0.08 * i), GREEN, 0.8 + 4 * weight)
        ax.text(i - 0.08, 0.5, f"{weight:.2f}", ha="right", va="center", color=GREEN)
    ax.text(3, 1.85, "$c_1$", ha="center", va="center", color=GREEN, fontsize=13)
    _arrow(ax, (3.8, 0.3), (3.12, 1.6), ORANGE, 1.6, "--")
    ax.text(3.3, 0.85, "query", ha="right", va="center")
    _arrow(ax, (3.2, 2.0), (3.8, 2.45))
    _arrow(ax, (4, 0.3), (4, 2.35))
    ax.text(4, 2.6, OUTPUTS[0], ha="center", va="center")


def _cell(ax: Axes, x: float, colour: str, label: str) -> None:
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
    ax.text(x, 0, label, ha="center", va="center", fontsize=12, bbox=box, zorder=3)


def _arrow(
    ax: Axes, start: Point, end: Point, colour: str = BLACK, width: float = 1.2, line: str = "-"
) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    style["linestyle"] = line
    ax.annotate("", end, start, arrowprops=style)


def alignment(ax: Axes, weights: np.ndarray, columns: list[str], rows: list[str]) -> None:
    """Attention weights (rows, columns) as a map: one row for each word written, one column for each read."""
    ax.imshow(weights, cmap=MAGNITUDE, vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right")
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(False)
