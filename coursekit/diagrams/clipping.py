"""Drawings for lesson 08: two ways to shorten a gradient, and what a step does at a wall of the loss."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from coursekit.diagrams.parts import GRADIENT, OFF, Point, arrow, new_canvas
from coursekit.plots import BLACK, BLUE, SKY, figure

#: The steps with and without clipping, here and in the lesson's own pictures.
CLIPPED, UNCLIPPED = SKY, GRADIENT


def two_ways(gradient: Point, limit: float) -> Figure:
    """A gradient of two numbers, clipped by its norm (into a circle) and by value (into a square)."""
    made, ax = new_canvas(8.6, 3.7, (-4.5, 17.2), (-4.3, 5.3))
    for left, title in ((0.0, "by norm: into the circle"), (12.0, "by value: into the square")):
        ax.text(left, 4.6, title, ha="center", fontsize=12)
        for ends in ([(left - 3.9, 0), (left + 4.7, 0)], [(left, -3.9), (left, 4.2)]):
            arrow(ax, ends, OFF)
    _shape(ax, Circle((0, 0), limit))
    _shape(ax, Rectangle((12 - limit, -limit), 2 * limit, 2 * limit))
    by_norm = np.array(gradient) * min(1, limit / np.hypot(*gradient))
    by_value = np.clip(gradient, -limit, limit)
    for left, clipped in ((0.0, by_norm), (12.0, by_value)):
        tip = (left + gradient[0], gradient[1])
        arrow(ax, [(left, 0), tip], UNCLIPPED, dashed=True)
        arrow(ax, [(left, 0), (left + clipped[0], clipped[1])], BLACK)
        ax.text(tip[0] + 0.15, tip[1] + 0.1, "$g$", fontsize=13, color=UNCLIPPED)
    return made


def _shape(ax: Axes, patch: Circle | Rectangle) -> None:
    patch.set(facecolor=SKY, alpha=0.25, edgecolor=BLUE)
    ax.add_patch(patch)


def cliff(b: np.ndarray, loss: np.ndarray, at: int, step: float, clipped: float) -> Figure:
    """The loss along b, both (B,), and two steps from place `at`: one off the page, one clipped."""
    made, (ax,) = figure(width=8.6, height=3.4)
    ax.plot(b, loss, color=BLUE)
    height = loss[at]
    ax.plot(b[at], height, "o", color=BLACK, ms=9, zorder=5)
    ends = (b[0] if step < 0 else b[-1]), b[at] + clipped
    words = f"a step of {abs(step):.0f}: off the map", f"clipped: a step of {abs(clipped):g}"
    for end, shift, colour, text in zip(ends, (0.35, -0.12), (UNCLIPPED, CLIPPED), words, strict=True):
        style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (end, height + shift), (b[at], height + shift), arrowprops=style)
        ax.text(b[at] + 0.15, height + shift + 0.05, text, fontsize=10)
    ax.set(xlabel="b (at w = 1.5)", ylabel="loss", xlim=(b[0], b[-1]))
    return made
