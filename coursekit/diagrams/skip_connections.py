"""Drawings for lesson 12: a layer with a way round it, and a state that reaches k steps ahead."""

from __future__ import annotations

from matplotlib.figure import Figure

from coursekit.diagrams.parts import INPUT, STATE, arrow, box, new_canvas, node, operation
from coursekit.plots import ORANGE

#: The short cut, in both drawings.
SKIP = ORANGE


def residual_stack(layers: int = 3) -> Figure:
    """A stack of recurrent layers, drawn from left to right, each with an arrow round it to a sum."""
    step = 3.4
    made, ax = new_canvas(9.4, 2.3, (-0.9, step * layers + 0.9), (-0.8, 1.9))
    arrow(ax, [(0.1, 0), (step * layers + 0.1, 0)])
    for i in range(layers):
        x = step * i
        ax.text(x + 0.15, -0.18, f"$x^{{({i + 1})}}$", ha="center", va="top", fontsize=12)
        box(ax, (x + 1.45, 0), f"$\\mathrm{{RNN}}_{i + 1}$", STATE, width=1.3, height=0.9)
        arrow(ax, [(x + 0.45, 0), (x + 0.45, 1.2), (x + 2.6, 1.2), (x + 2.6, 0.2)], SKIP)
        operation(ax, (x + 2.6, 0), "+")
        ax.text(x + 1.5, 1.32, "the identity", ha="center", va="bottom", color=SKIP, fontsize=10)
    end = step * layers
    ax.text(end + 0.15, -0.18, f"$x^{{({layers + 1})}}$", ha="center", va="top", fontsize=12)
    return made


def skip_over_time(k: int = 3, T: int = 8) -> Figure:
    """T states in a row; ordinary steps go to the next one, skips k steps ahead; one way back is thick."""
    made, ax = new_canvas(9.4, 2.8, (-0.8, 1.3 * (T - 1) + 0.8), (-1.65, 1.3))
    thick = {(1 + i * k, 1 + (i + 1) * k) for i in range((T - 1) // k)}
    for t in range(1, T + 1):
        x = 1.3 * (t - 1)
        node(ax, (x, 0), f"$h_{t}$", STATE)
        ax.text(x, -1.45, f"$x_{t}$", ha="center", va="center", color=INPUT, fontsize=12)
        arrow(ax, [(x, -1.25), (x, -0.37)], INPUT)
        if t < T:
            last = t == T - 1 and (T - 1) % k == 1
            arrow(ax, [(x + 0.37, 0), (x + 0.93, 0)], "black" if last else STATE)
        if t + k <= T:
            width = 3.2 if (t, t + k) in thick else 1.0
            arrow(ax, [(x, 0.05), (x + 1.3 * k, 0.05)], SKIP, 17, bend=-0.45, width=width)
    return made
