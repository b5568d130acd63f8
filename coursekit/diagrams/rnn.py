"""Drawings of recurrent networks: the loop and its unrolling, one step as matrices, a block matrix."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path

from coursekit.diagrams.parts import INPUT, OUTPUT, STATE, arrow, new_canvas, node
from coursekit.plots import SIGNED

#: Room between the points that an arrow joins and its ends: a node's radius.
_GAP = 19


def _column(ax: Axes, x: float, subscript: str, output: bool = True) -> None:
    """Input, state and, where there is one, output of one step, one above the other."""
    node(ax, (x, 0), f"$x_{{{subscript}}}$", INPUT)
    node(ax, (x, 1.6), f"$h_{{{subscript}}}$", STATE)
    arrow(ax, [(x, 0), (x, 1.6)], INPUT, _GAP)
    ax.text(x + 0.12, 0.8, "$W_{xh}$", va="center", color=INPUT, fontsize=11)
    if output:
        node(ax, (x, 3.2), f"$o_{{{subscript}}}$", OUTPUT)
        arrow(ax, [(x, 1.6), (x, 3.2)], OUTPUT, _GAP)
        ax.text(x + 0.12, 2.4, "$W_{hy}$", va="center", color=OUTPUT, fontsize=11)


def draw_unrolled(ax: Axes, left: float, steps: int, only_last: bool = False) -> None:
    """The network with a copy per step, from h_0 at x = left."""
    node(ax, (left, 1.6), "$h_0$", STATE)
    for t in range(1, steps + 1):
        x = left + 1.7 * t
        _column(ax, x, str(t), output=t == steps or not only_last)
        arrow(ax, [(x - 1.7, 1.6), (x, 1.6)], STATE, _GAP)
        ax.text(x - 0.85, 1.72, "$W_{hh}$", ha="center", color=STATE, fontsize=11)


def _loop(ax: Axes, x: float, y: float) -> None:
    """An arrow that leaves a node on its left and comes back to it, one step later."""
    corners = [(x - 0.3, y + 0.2), (x - 1.5, y + 1.1), (x - 1.5, y - 1.1), (x - 0.36, y - 0.16)]
    path = Path(corners, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 15, "linewidth": 1.8, "color": STATE}
    ax.add_patch(FancyArrowPatch(path=path, **style))
    ax.text(x - 1.28, y + 0.1, "$W_{hh}$", ha="right", va="center", color=STATE, fontsize=11)
    ax.text(x - 1.28, y - 0.28, "one step later", ha="right", va="center", color=STATE, fontsize=9)


def loop_and_unrolled(steps: int = 4) -> Figure:
    """The network drawn twice: with its loop, and with a copy per step. The state goes round."""
    made, ax = new_canvas(10.0, 4.0, (-2.9, 4.2 + 1.7 * steps), (-0.75, 3.75))
    _column(ax, 0, "t")
    _loop(ax, 0, 1.6)
    ax.text(1.55, 1.6, "=", ha="center", va="center", fontsize=26)
    draw_unrolled(ax, 2.6, steps)
    return made


def two_readouts(steps: int = 3) -> Figure:
    """All states read out, and only the last one."""
    made, ax = new_canvas(10.0, 4.2, (-0.6, 3.0 + 3.4 * steps), (-0.75, 4.5))
    for left, only_last, title in (
        (0, False, "a label per step: read every $h_t$"),
        (1.4 + 1.7 * (steps + 0.5), True, "one label: read $h_T$ only"),
    ):
        draw_unrolled(ax, left, steps, only_last)
        ax.text(left - 0.36, 4.15, title, fontsize=12)
    return made


def _grid(ax: Axes, values: np.ndarray, left: float, scale: float, name: str, shape: str) -> float:
    """A matrix as coloured cells, centred on the line y = 0; returns its right edge."""
    rows, columns = values.shape
    top = rows / 2
    for i in range(rows):
        for j in range(columns):
            colour = plt.get_cmap(SIGNED)(0.5 + values[i, j] / (2 * scale))
            ax.add_patch(
                Rectangle((left + j, top - i - 1), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8)
            )
    ax.text(left + columns / 2, 4.9, name, ha="center", va="bottom", fontsize=13)
    ax.text(left + columns / 2, -4.5, shape, ha="center", va="top", fontsize=11, color="#444444")
    return float(left + columns)


def step_as_matrices(
    x: np.ndarray, h_prev: np.ndarray, W_xh: np.ndarray, W_hh: np.ndarray, b_h: np.ndarray, h: np.ndarray
) -> Figure:
    """One step drawn to scale: every cell is a number, x W_xh + h_prev W_hh + b_h goes through tanh to h."""
    parts: list[str | tuple[np.ndarray, str]] = [
        (x, "$x_t$"),
        (W_xh, "$W_{xh}$"),
        "+",
        (h_prev, "$h_{t-1}$"),
        (W_hh, "$W_{hh}$"),
        "+",
        (b_h[None], "$b_h$"),
        ") =",
        (h, "$h_t$"),
    ]
    made, ax = new_canvas(11.0, 2.9, (-4.4, 55.5), (-6.2, 6.6))
    ax.text(-0.6, 0, "tanh (", ha="right", va="center", fontsize=14)
    edge = 0.2
    for part in parts:
        if isinstance(part, str):
            width = 3.6 if part == ") =" else 2.2
            ax.text(edge + width / 2, 0, part, ha="center", va="center", fontsize=14)
            edge += width
            continue
        values, name = part
        shape = str(values.shape if name != "$b_h$" else values.shape[1:])
        edge = _grid(ax, values, edge, 1.6, name, shape) + (0.8 if name in ("$x_t$", "$h_{t-1}$") else 0)
    return made


def block_matrix(ax: Axes, M: np.ndarray, D: int, H: int) -> None:
    """A matrix of D x H blocks as colours, with lines between the blocks and names on the sides."""
    top = np.abs(M).max()
    ax.imshow(M, cmap=SIGNED, vmin=-top, vmax=top, aspect="auto", interpolation="nearest")
    T = len(M) // D
    for i in range(1, T):
        ax.axhline(i * D - 0.5, color="#888888", linewidth=0.8)
        ax.axvline(i * H - 0.5, color="#888888", linewidth=0.8)
    ax.set_xticks([t * H + H / 2 - 0.5 for t in range(T)], [f"$h_{{{t + 1}}}$" for t in range(T)])
    ax.set_yticks([s * D + D / 2 - 0.5 for s in range(T)], [f"$x_{{{s + 1}}}$" for s in range(T)])
    ax.grid(False)
    ax.tick_params(length=0)
