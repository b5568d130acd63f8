"""Drawings of Markov chains, hidden Markov models, and of what each value of a sequence depends on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import INPUT, OFF, OUTPUT, STATE, arrow, new_canvas, node

#: Room between the points that an arrow joins and its ends, in 1/72 inch.
_GAP = 24


def chain(P: np.ndarray, names: Sequence[str]) -> Figure:
    """States and arrows of a chain P (V, V) of two or three states; probable steps are thick."""
    V = len(P)
    corners = {2: [(0.0, 0.0), (4.0, 0.0)], 3: [(0.0, 0.0), (4.0, 0.0), (2.0, 3.0)]}[V]
    made, ax = new_canvas(5.2, 2.3 if V == 2 else 4.4, (-1.9, 5.9), (-1.5, 1.5 if V == 2 else 4.7))
    middle = np.mean(corners, axis=0)
    for i, at in enumerate(corners):
        node(ax, at, names[i], INPUT, radius=0.62, size=10)
        away = np.array([0.0, 1.0]) if V == 3 and i == 2 else np.array([np.sign(at[0] - middle[0]), 0.0])
        _loop(ax, np.array(at), away, P[i, i])
        for j in range(V):
            if i != j:
                _bent(ax, np.array(at), np.array(corners[j]), P[i, j])
    return made


def _look(p: float) -> tuple[str, float]:
    """An arrow's colour and width: a thin grey line for a rare step, a thick dark one for a sure one."""
    return STATE if p >= 0.1 else OFF, 0.5 + 4.5 * p


def _bent(ax: Axes, start: np.ndarray, end: np.ndarray, p: float) -> None:
    """An arrow bent to its left, so that the one that comes back has room, with its probability beside it."""
    colour, width = _look(p)
    arrow(ax, [tuple(start), tuple(end)], colour, _GAP, bend=-0.18, width=width)
    along = end - start
    side = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    x, y = (start + end) / 2 + 0.72 * side
    ax.text(x, y, f"{p:.2f}", ha="center", va="center", fontsize=10, zorder=4)


def _loop(ax: Axes, at: np.ndarray, away: np.ndarray, p: float) -> None:
    """An arrow from a state to itself, on the side `away` of the others."""
    side, (colour, width) = np.array([-away[1], away[0]]), _look(p)
    start, end = at + 0.62 * (0.75 * away + 0.66 * side), at + 0.62 * (0.75 * away - 0.66 * side)
    arrow(ax, [tuple(start), tuple(end)], colour, 1, bend=-1.5, width=width)
    x, y = at + 1.55 * away
    ax.text(x, y, f"{p:.2f}", ha="center", va="center", fontsize=10, zorder=4)


def dependencies(ax: Axes, kind: str, steps: int = 5) -> None:
    """What each value depends on: "autoregressive" (all before it), "markov" (the last) or "latent"."""
    ax.set(xlim=(-0.6, steps - 0.4), ylim=(-0.5, 1.65), aspect="equal")
    ax.axis("off")
    for t in range(steps):
        node(ax, (t, 0), f"$x_{t + 1}$", INPUT, radius=0.24, size=11)
        if kind == "latent" and t < steps - 1:
            node(ax, (t + 0.5, 1.1), f"$h_{t + 1}$", STATE, radius=0.24, size=11)
    for t in range(1, steps):
        if kind == "latent":
            arrow(ax, [(t - 1, 0), (t - 0.5, 1.1)], INPUT, 12)
            arrow(ax, [(t - 0.5, 1.1), (t, 0)], OUTPUT, 12)
            if t > 1:
                arrow(ax, [(t - 1.5, 1.1), (t - 0.5, 1.1)], STATE, 12)
            continue
        for s in range(t) if kind == "autoregressive" else [t - 1]:
            arrow(ax, [(s, 0), (t, 0)], INPUT, 13, bend=-0.55 if t - s > 1 else 0, width=1.4)


def hidden_markov_model(steps: int = 4) -> Figure:
    """Hidden states that move on by A, and the symbol that each of them emits by B; a dotted line between."""
    made, ax = new_canvas(8.4, 3.5, (-1.9, 2 * steps - 0.4), (-0.75, 2.75))
    for t in range(steps):
        x = 2.0 * t
        node(ax, (x, 2), f"$z_{t + 1}$", STATE)
        node(ax, (x, 0), f"$x_{t + 1}$", INPUT)
        arrow(ax, [(x, 2), (x, 0)], OUTPUT, 21)
        ax.text(x + 0.12, 1, "$B$", va="center", color=OUTPUT, fontsize=12)
        if t:
            arrow(ax, [(x - 2, 2), (x, 2)], STATE, 21)
            ax.text(x - 1, 2.15, "$A$", ha="center", color=STATE, fontsize=12)
    ax.axhline(1.45, color=OFF, linestyle=":", linewidth=1)
    ax.text(-1.85, 2, "hidden", va="center", fontsize=11)
    ax.text(-1.85, 0, "heard", va="center", fontsize=11)
    return made
