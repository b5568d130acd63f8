"""A drawing for lesson 13: which logits a full, a sampled and a two-level softmax compute."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.diagrams.parts import OFF, OUTPUT, STATE, Point, arrow, new_canvas, node

#: Words in the drawing, its target, the classes that were drawn, and the words in a class.
V, TARGET, DRAWN, M = 16, 6, (0, 1, 11), 4


def _cell(ax: Axes, at: Point, used: bool, target: bool = False) -> None:
    """A logit, `at` its lower left corner: filled where it is computed, hatched where nobody asks for it."""
    fill = {"facecolor": OUTPUT, "alpha": 0.5} if used else {"facecolor": "white", "hatch": "////"}
    ax.add_patch(Rectangle(at, 0.86, 0.86, edgecolor=OUTPUT if used else OFF, zorder=2, **fill))
    if target:
        ax.add_patch(Rectangle(at, 0.86, 0.86, facecolor="none", edgecolor="black", linewidth=2.5, zorder=3))


def _fan(
    ax: Axes, start: Point, left: float, y: float, cells: int, used: tuple[int, ...], target: int
) -> None:
    """A row of logits above y, from x = left, and an arrow from `start` to each one that is computed."""
    for j in range(cells):
        _cell(ax, (left + j, y), j in used, j == target)
        if j in used:
            arrow(ax, [start, (left + j + 0.43, y)], OUTPUT, 2)


def three_softmaxes() -> Figure:
    """All V logits, the target's and a few drawn ones, or a class and then the words in it."""
    made, ax = new_canvas(10.6, 2.7, (-0.8, 3 * V + 4.6), (-2.6, 9.2))
    gap = V + 2.0
    titles = (
        f"full: $V = {V}$ logits",
        f"sampled: the target and $K = {len(DRAWN)}$",
        f"two levels: $C + M = {V // M} + {M}$",
    )
    for i, title in enumerate(titles):
        ax.text(gap * i + V / 2, 8.2, title, ha="center", va="center", fontsize=12)
    for i, used in enumerate((tuple(range(V)), (*DRAWN, TARGET))):
        _fan(ax, (gap * i + V / 2, 0.9), gap * i, 5.6, V, used, TARGET)
    left, middle, chosen = 2 * gap, 2 * gap + V / 2, TARGET // M
    _fan(ax, (middle, 0.9), middle - M / 2, 2.6, V // M, tuple(range(V // M)), chosen)
    for j in range(V):
        _cell(ax, (left + j, 5.6), j // M == chosen, j == TARGET)
        if j // M == chosen:
            arrow(ax, [(middle - M / 2 + chosen + 0.43, 3.5), (left + j + 0.43, 5.6)], OUTPUT, 2)
    ax.text(middle + M / 2 + 0.5, 3.0, "its class", va="center", fontsize=10)
    for i in range(3):
        node(ax, (gap * i + V / 2, 0), "$h$", STATE, radius=0.95)
        ax.text(gap * i + TARGET + 0.43, 6.75, "target", ha="center", va="bottom", fontsize=10)
    ax.text(0, -1.9, "filled: computed, in this step; hatched: left out", va="center", fontsize=10)
    return made
