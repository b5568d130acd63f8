"""Drawings for lessons 14 to 16: a network that reads, a network that writes, and what lies between."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.plots import BLACK, BLUE, GREEN, MAGNITUDE, ORANGE, figure

SOURCE = ("forty", "thousand", "two")
INPUTS, OUTPUTS = ("<sos>", "sa", "man", "i"), ("sa", "man", "i", "<eos>")


def encoder_decoder(attention: bool = False) -> Figure:
    """Encoder and decoder unrolled; with `attention`, one decoder step looks at every encoder state."""
    made, (ax,) = figure(width=9, height=3.8 if attention else 3.0)
    ax.axis("off")
    ax.set(xlim=(-0.6, 7.7), ylim=(-1.2, 2.9 if attention else 1.35))
    for i, word in enumerate(SOURCE):
        _cell(ax, i, BLUE, f"$h_{i + 1}$")
        _arrow(ax, (i, -0.75), (i, -0.3))
        ax.text(i, -1.0, word, ha="center", va="center")
        if i:
            _arrow(ax, (i - 0.7, 0), (i - 0.3, 0))
    for i, (given, written) in enumerate(zip(INPUTS, OUTPUTS, strict=True)):
        x = i + 4
        _cell(ax, x, ORANGE, f"$s_{i + 1}$")
        _arrow(ax, (x, -0.75), (x, -0.3))
        ax.text(x, -1.0, given, ha="center", va="center")
        if not (attention and i == 1):
            _arrow(ax, (x, 0.3), (x, 0.8))
            ax.text(x, 1.05, written, ha="center", va="center")
        if i:
            _arrow(ax, (x - 0.7, 0), (x - 0.3, 0))
    _arrow(ax, (2.3, 0), (3.7, 0), GREEN, 3)
    ax.text(3, 0.22, "context", ha="center", color=GREEN)
    if attention:
        _look_back(ax)
    return made


def _look_back(ax: Axes) -> None:
    """The second decoder step: weights on the encoder's states, their sum, and the word that comes out."""
    for i, weight in enumerate((0.1, 0.85, 0.05)):
        _arrow(ax, (i, 0.3), (4.72, 1.78), GREEN, 0.8 + 4 * weight)
        ax.text(i - 0.06, 0.43, f"{weight}", ha="right", va="center", color=GREEN)
    ax.text(5, 1.8, "$c_2$", ha="center", va="center", color=GREEN, fontsize=13)
    _arrow(ax, (5, 0.3), (5, 1.55))
    _arrow(ax, (5, 2.02), (5, 2.35))
    ax.text(5, 2.55, OUTPUTS[1], ha="center", va="center")


def _cell(ax: Axes, x: float, colour: str, label: str) -> None:
    box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
    ax.text(x, 0, label, ha="center", va="center", fontsize=12, bbox=box, zorder=3)


def _arrow(ax: Axes, start, end, colour: str = BLACK, width: float = 1.2) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)


def alignment(ax: Axes, weights: np.ndarray, columns: list[str], rows: list[str]) -> None:
    """Attention weights (rows, columns) as a map: one row for each word written, one column for each read."""
    ax.imshow(weights, cmap=MAGNITUDE, vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right")
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(False)
