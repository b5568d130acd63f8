"""Drawings for lesson 06: where gradients go back through an unrolled network, and where they are cut."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import GRADIENT, OFF, STATE, arrow, new_canvas
from coursekit.diagrams.rnn import draw_unrolled

#: Distance of two steps, and how far a gradient's arrow runs beside the forward one.
_STEP, _BESIDE = 1.7, 0.2


def _losses(ax: Axes, steps: int) -> None:
    """A loss above each output, and its gradient's way down to the state."""
    for t in range(1, steps + 1):
        x = _STEP * t
        ax.text(x, 4.12, rf"$\mathcal{{L}}_{t}$", ha="center", va="center", fontsize=14)
        arrow(ax, [(x, 3.58), (x, 3.94)], "#444444")
        arrow(ax, [(x - _BESIDE, 2.86), (x - _BESIDE, 1.96)], GRADIENT, dashed=True)


def _back(ax: Axes, t: int) -> None:
    """The gradient's way from state t to the state before it."""
    x = _STEP * t
    arrow(ax, [(x - 0.36, 1.6 - _BESIDE), (x - _STEP + 0.36, 1.6 - _BESIDE)], GRADIENT, dashed=True)


def gradients_going_back(steps: int = 4) -> Figure:
    """The unrolled network with the gradient's way, dashed: down from each loss, back along the states."""
    made, ax = new_canvas(7.6, 4.2, (-2.4, 0.7 + _STEP * steps), (-0.75, 4.5))
    draw_unrolled(ax, 0, steps)
    _losses(ax, steps)
    for t in range(1, steps + 1):
        _back(ax, t)
    words = "dashed red:\nwhere gradients\ngo back; two\nmeet at every\nstate between\nfirst and last"
    ax.text(-2.3, 1.6, words, color=GRADIENT, fontsize=10, va="center")
    ax.text(0, 2.12, "given", color=STATE, ha="center", fontsize=10)
    return made


def gradients_cut(steps: int = 6, k: int = 3) -> Figure:
    """The same in chunks of k steps: states cross the border between two chunks, gradients do not."""
    made, ax = new_canvas(9.6, 4.4, (-0.6, 0.7 + _STEP * steps), (-1.3, 4.5))
    draw_unrolled(ax, 0, steps)
    _losses(ax, steps)
    for t in range(1, steps + 1):
        if t == 1 or (t - 1) % k:
            _back(ax, t)
    for start in range(0, steps, k):
        left, right = _STEP * (start + 0.5), _STEP * (min(start + k, steps) + 0.5)
        ax.text((left + right) / 2, -1.1, f"chunk of {k} steps", ha="center", fontsize=11)
        if start:
            for low, high in ((-0.55, 1.1), (2.05, 4.4)):
                ax.plot([left, left], [low, high], color=OFF, linestyle=":", linewidth=2, zorder=0)
            ax.text(left, 1.6 - _BESIDE, "×", ha="center", va="center", color=GRADIENT, fontsize=20)
            ax.text(left, -0.95, "the state passes,\nthe gradient stops", ha="center", fontsize=9)
    return made
