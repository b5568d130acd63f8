"""What drawings are made of: a canvas, nodes, boxes, operations and arrows; one colour for each role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, STYLE

#: The same thing has the same colour in every drawing of the course.
INPUT, STATE, OUTPUT, GATE, MEMORY, GRADIENT = GREEN, BLUE, ORANGE, PURPLE, SKY, RED
#: What is fixed, switched off or hidden: a mask, a dropped unit.
OFF = "#8C8C8C"
#: Behind what belongs together.
GROUND = "#F4F4F4"

Point = tuple[float, float]


def new_canvas(width: float, height: float, xlim: Point, ylim: Point) -> tuple[Figure, Axes]:
    """An empty drawing area with equal scales and no axes; sizes in inches."""
    with plt.rc_context(STYLE):
        made, ax = plt.subplots(figsize=(width, height), layout="constrained")
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return made, ax


def node(ax: Axes, at: Point, text: str, colour: str, radius: float = 0.36, size: float = 13) -> None:
    """A vector or a state: a circle filled lightly with its colour."""
    ax.add_patch(Circle(at, radius, facecolor="white", edgecolor="none", zorder=3))
    ax.add_patch(Circle(at, radius, facecolor=colour, alpha=0.22, edgecolor="none", zorder=3))
    ax.add_patch(Circle(at, radius, facecolor="none", edgecolor=colour, linewidth=1.8, zorder=3))
    ax.text(*at, text, ha="center", va="center", fontsize=size, zorder=4)


def box(ax: Axes, at: Point, text: str, colour: str, width: float = 1.9, height: float = 0.7) -> None:
    """A part with weights of its own, or a layer: a white box with rounded corners, `at` its centre."""
    x, y = at
    style: dict[str, Any] = {"facecolor": "white", "edgecolor": colour, "linewidth": 2, "zorder": 3}
    corner = (x - width / 2 + 0.05, y - height / 2 + 0.05)
    ax.add_patch(FancyBboxPatch(corner, width - 0.1, height - 0.1, boxstyle="round,pad=0.05", **style))
    ax.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)


def operation(ax: Axes, at: Point, sign: str, colour: str = BLACK, radius: float = 0.2) -> None:
    """What is done to each entry: +, ×, 1−, or the name of a function in a small circle."""
    ax.add_patch(Circle(at, radius, facecolor="white", edgecolor=colour, linewidth=1.4, zorder=4))
    ax.text(*at, sign, ha="center", va="center", fontsize=11, zorder=5)


def frame(ax: Axes, low: Point, high: Point) -> None:
    """A light ground behind what belongs together: a cell, or a block that is repeated."""
    size = high[0] - low[0], high[1] - low[1]
    style: dict[str, Any] = {"facecolor": GROUND, "edgecolor": "#BBBBBB", "linewidth": 1.2, "zorder": 0}
    ax.add_patch(FancyBboxPatch(low, *size, boxstyle="round,pad=0.1", **style))


def arrow(
    ax: Axes,
    points: Sequence[Point],
    colour: str = BLACK,
    gap: float = 0,
    dashed: bool = False,
    bend: float = 0,
    width: float = 1.6,
) -> None:
    """An arrow along two or more points; `gap` (in 1/72 inch) is left free where it begins and ends.

    Dashed arrows are gradients, or what happens only sometimes; the drawing says which. One of two points may
    `bend`: by so many times their distance, to the left where that is negative.
    """
    style: dict[str, Any] = {"linewidth": width, "color": colour, "zorder": 2}
    style["linestyle"] = "--" if dashed else "-"
    corners = len(points) > 2
    if corners:
        xs, ys = zip(*points[:-1], strict=True)
        ax.plot(xs, ys, **style)
    style |= {"arrowstyle": "-|>", "mutation_scale": 13, "shrinkA": 0 if corners else gap, "shrinkB": gap}
    style["connectionstyle"] = f"arc3,rad={bend}"
    ax.add_patch(FancyArrowPatch(*points[-2:], **style))
