"""Drawings of matrices as coloured cells: one step of a recurrent network, and the network unrolled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.diagrams.parts import OFF, new_canvas
from coursekit.plots import SIGNED, figure

#: Where the colours of one step end; what is larger is drawn as if it were this large.
LARGEST = 1.6


def _scale(made: Figure, ax: Axes, top: float) -> None:
    """A colour bar from -top to top beside the drawing."""
    made.colorbar(ScalarMappable(Normalize(-top, top), SIGNED), ax=ax, shrink=0.7, pad=0.01, extend="both")


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
    made, ax = new_canvas(11.0, 2.9, (-4.4, 60.5), (-6.2, 6.6))
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
        edge = _grid(ax, values, edge, LARGEST, name, shape) + (0.8 if name in ("$x_t$", "$h_{t-1}$") else 0)
    _scale(made, ax, LARGEST)
    return made


def block_matrices(matrices: Mapping[str, np.ndarray], D: int, H: int) -> Figure:
    """Matrices of D x H blocks side by side, by name, on one scale of colours; zeros are hatched grey."""
    made, axes = figure(len(matrices), width=10, height=4.0)
    top = max(np.abs(M).max() for M in matrices.values())
    for ax, (name, M) in zip(axes, matrices.items(), strict=True):
        ax.set_facecolor("#D9D9D9")
        behind: dict[str, Any] = {"fill": False, "hatch": "///", "edgecolor": OFF, "linewidth": 0}
        behind["zorder"] = -1
        ax.add_patch(Rectangle((0, 0), 1, 1, transform=ax.transAxes, **behind))
        image = ax.imshow(np.where(M == 0, np.nan, M), cmap=SIGNED, vmin=-top, vmax=top, aspect="auto")
        _name_blocks(ax, len(M) // D, D, H)
        ax.set_title(name)
    made.colorbar(image, ax=axes, label="entry (hatched: exactly zero)", shrink=0.9)
    return made


def _name_blocks(ax: Axes, T: int, D: int, H: int) -> None:
    """Lines between the blocks, and inputs and states as their names."""
    for t in range(1, T):
        ax.axhline(t * D - 0.5, color="black", linewidth=0.7)
        ax.axvline(t * H - 0.5, color="black", linewidth=0.7)
    ax.set_xticks([t * H + (H - 1) / 2 for t in range(T)], [f"$h_{t + 1}$" for t in range(T)])
    ax.set_yticks([t * D + (D - 1) / 2 for t in range(T)], [f"$x_{t + 1}$" for t in range(T)])
    ax.grid(False)
    ax.tick_params(length=0)
