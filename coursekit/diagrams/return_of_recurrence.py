"""Drawings for lesson 19: a scan, what its places stand for, and a state space unrolled."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from coursekit.diagrams.parts import INPUT, OUTPUT, STATE, arrow, new_canvas
from coursekit.plots import MAGNITUDE, PURPLE, figure

#: The factor a of h_t = a h_{t-1} + b: a gate's colour.
FACTOR = PURPLE


def _span(ax: Axes, t: int, y: float, first: int) -> None:
    """A place that stands for the steps from `first` to t: filled where it is finished."""
    done = first == 1
    ax.add_patch(Circle((t, y), 0.36, facecolor=STATE, alpha=0.45 if done else 0.1, edgecolor="none"))
    ax.add_patch(Circle((t, y), 0.36, facecolor="none", edgecolor=STATE, linewidth=1.5))
    ax.text(t, y, str(t) if first == t else f"{first}–{t}", ha="center", va="center", fontsize=10)


def scan_rounds(T: int = 8) -> Figure:
    """The rounds of a scan, from the single steps at the bottom to all states at the top."""
    reaches = [1]
    while reaches[-1] < T:
        reaches.append(2 * reaches[-1])
    made, ax = new_canvas(8.6, 5.2, (-1.6, T + 0.6), (-0.6, 1.5 * len(reaches) - 0.7))
    for row, reach in enumerate(reaches):
        y = 1.5 * row
        words = "single steps" if row == 0 else f"round {row}"
        ax.text(-1.5, y, words, va="center", fontsize=10)
        for t in range(1, T + 1):
            _span(ax, t, y, max(1, t - reach + 1))
            if row:
                arrow(ax, [(t, y - 1.5), (t, y)], STATE, 15)
                if t > reach // 2:
                    arrow(ax, [(t - reach // 2, y - 1.5), (t, y)], FACTOR, 15)
    return made


def known_steps(a: np.ndarray, rounds: int) -> Figure:
    """What each place knows after some rounds: the weight of step s at place t, for factors a (T,)."""
    T, reach = len(a), 2**rounds
    lag = np.arange(T)[:, None] - np.arange(T)
    products = np.array(
        [[np.prod(a[s + 1 : t + 1]) if s <= t else np.nan for s in range(T)] for t in range(T)]
    )
    made, (ax,) = figure(width=5.6, height=4.4)
    known = np.where((lag >= 0) & (lag < reach), products, np.nan)
    picture = ax.imshow(known, cmap=MAGNITUDE, vmin=0, vmax=1, extent=(0.5, T + 0.5, T + 0.5, 0.5))
    ax.set(
        xlabel="step s, whose b enters",
        ylabel="place t",
        xticks=range(2, T + 1, 2),
        yticks=range(2, T + 1, 2),
    )
    ax.set_title(f"after {rounds} round{'s' * (rounds != 1)}: the last {reach} step{'s' * (reach != 1)}")
    ax.grid(False)
    made.colorbar(picture, ax=ax, label="weight of b at s in place t")
    return made


def _box(ax: Axes, x: float, y: float, colour: str, text: str, cells: int = 1) -> None:
    width = 0.34 * cells
    for i in range(cells):
        corner = (x - width / 2 + 0.34 * i, y - 0.22)
        ax.add_patch(Rectangle(corner, 0.34, 0.44, facecolor=colour, alpha=0.2, edgecolor="none"))
        ax.add_patch(Rectangle(corner, 0.34, 0.44, facecolor="none", edgecolor=colour, linewidth=1.5))
    ax.text(x + width / 2 + 0.08, y + 0.16, text, va="bottom", fontsize=12)


def state_space_unrolled(steps: int = 3, S: int = 4) -> Figure:
    """One channel of a state space with a copy per step: S entries, each with its own factor."""
    made, ax = new_canvas(9.4, 4.4, (-0.9, 3.1 * steps + 1.3), (-0.6, 4.4))
    _box(ax, 0, 2, STATE, "$h_0 = 0$", S)
    for t in range(1, steps + 1):
        x = 3.1 * t
        _box(ax, x, 2, STATE, f"$h_{t}$", S)
        _box(ax, x, 0, INPUT, f"$x_{t}$")
        _box(ax, x, 4, OUTPUT, f"$y_{t}$")
        for i in range(S):
            offset = 0.34 * (i - (S - 1) / 2)
            arrow(ax, [(x, 0.22), (x + offset, 1.78)], INPUT, 1)
            arrow(ax, [(x + offset, 2.22), (x, 3.78)], OUTPUT, 1)
        arrow(ax, [(x - 3.1 + 0.17 * S, 2), (x - 0.17 * S, 2)], FACTOR, 2)
        ax.text(x - 1.55, 1.82, f"$\\exp(\\Delta_{t} A)$", ha="center", va="top", color=FACTOR, fontsize=12)
        ax.text(x + 0.55, 0.9, f"$\\Delta_{t} B_{t}$", va="center", color=INPUT, fontsize=12)
        ax.text(x + 0.55, 3.1, f"$C_{t}$", va="center", color=OUTPUT, fontsize=12)
    return made
