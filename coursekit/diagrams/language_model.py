"""Drawings for lesson 18: two blocks side by side, turned pairs, and what a cache saves."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from coursekit.diagrams.parts import arrow, box, operation
from coursekit.plots import BLUE, GREEN, ORANGE, PURPLE, figure

ATTENTION, FEEDING, NORM, PLACE = GREEN, ORANGE, PURPLE, BLUE


def blocks() -> Figure:
    """The decoder block of 2017, without its look at a source, beside today's."""
    made, (old, new) = figure(2, width=9.5, height=5.6)
    for ax, title in ((old, "2017: norm after the sum"), (new, "today: norm before the part")):
        ax.set(xlim=(-2.3, 2.9), ylim=(-1.5, 8.4), title=title)
        ax.axis("off")
    arrow(old, [(0, -0.7), (0, 7.9)])
    _part(old, 1.1, "attention", ATTENTION)
    _part(old, 4.6, "feed-forward\nReLU", FEEDING)
    for y in (2.8, 6.3):
        _sum(old, y - 0.75, part=y - 1.7)
        box(old, (0, y + 0.05), "LayerNorm", NORM)
    old.text(0, -1.1, "embedding + sines and cosines", ha="center", va="center", color=PLACE)
    arrow(new, [(0, -0.7), (0, 7.9)])
    for y, name, colour in (
        (0.6, "attention\n", ATTENTION),
        (4.1, "feed-forward\nSwiGLU", FEEDING),
    ):
        arrow(new, [(0, y - 0.5), (1.5, y - 0.5), (1.5, y + 2.6), (0.22, y + 2.6)])
        box(new, (1.5, y + 0.25), "RMSNorm", NORM)
        box(new, (1.5, y + 1.6), name, colour, height=1.1)
        operation(new, (0, y + 2.6), "+")
    new.text(1.5, 1.9, "q, k turned", ha="center", va="center", color=PLACE, fontsize=10)
    new.text(0, -1.1, "embedding", ha="center", va="center")
    return made


def _part(ax: Axes, y: float, name: str, colour: str) -> None:
    box(ax, (0, y), name, colour, height=1.1)


def _sum(ax: Axes, y: float, part: float) -> None:
    """The residual: a way round the part, from below it to the sum above it."""
    arrow(ax, [(0, part - 0.95), (1.6, part - 0.95), (1.6, y), (0.22, y)])
    operation(ax, (0, y), "+")


def turns(turned: np.ndarray) -> Figure:
    """The pairs of turned (T, d), rows of one vector turned to positions 0 to T - 1, as hands of clocks."""
    T, pairs = len(turned), turned.shape[1] // 2
    made, (ax,) = figure(width=9, height=pairs + 0.4)
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 11, "linewidth": 2, "color": PLACE}
    for i in range(pairs):
        for t in range(T):
            x, y = 1.2 * t, -1.2 * i
            ax.add_patch(Circle((x, y), 0.5, facecolor="none", edgecolor=PLACE, alpha=0.4))
            a, b = turned[t, 2 * i : 2 * i + 2]
            ax.add_patch(FancyArrowPatch((x, y), (x + 0.5 * a, y + 0.5 * b), shrinkA=0, shrinkB=0, **style))
        ax.text(-0.75, -1.2 * i, f"columns {2 * i}, {2 * i + 1}", ha="right", va="center", fontsize=10)
    for t in range(T):
        ax.text(1.2 * t, 0.75, f"$t = {t}$", ha="center", fontsize=10)
    ax.set(xlim=(-2.9, 1.2 * T - 0.6), ylim=(-1.2 * pairs + 0.5, 1.1), aspect="equal")
    ax.axis("off")
    return made


def cache(steps: int = 6) -> Figure:
    """Which keys and values are made in each pass while writing: without a cache, and with one."""
    made, axes = figure(2, width=9, height=3.6)
    for ax, title in zip(axes, ("without a cache", "with a cache"), strict=True):
        for t in range(steps):
            for s in range(t + 1):
                fresh = s == t or title == "without a cache"
                fill, hatch = (ATTENTION, "") if fresh else ("white", "///")
                ax.add_patch(Rectangle((s, t), 0.9, 0.9, facecolor=fill, hatch=hatch, edgecolor=ATTENTION))
        ax.set(xlim=(-0.1, steps), ylim=(steps, -0.1), aspect="equal", title=title)
        ax.set(xlabel="key and value of step", ylabel="pass, one for each symbol")
        ticks = np.arange(steps) + 0.45
        ax.set_xticks(ticks, map(str, range(steps)))
        ax.set_yticks(ticks, map(str, range(steps)))
        ax.grid(False)
    axes[1].text(3.3, 1.0, "filled: made now\nhatched: kept", fontsize=10, va="center")
    return made
