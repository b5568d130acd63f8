"""Drawings for lesson 16: the whole Transformer, its two blocks, and how columns are dealt out to heads."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.diagrams.parts import INPUT, OUTPUT, Point, arrow, box, frame, new_canvas, operation
from coursekit.plots import BLUE, GREEN, ORANGE, PURPLE, SKY

#: The parts of a block, as in the drawings of lesson 18; the heads have colours of their own.
ATTENTION, FEEDING, NORM, PLACE = GREEN, ORANGE, PURPLE, BLUE
HEADS = (SKY, ORANGE)

#: How far one part of a block is from the next, along the line that carries the sum.
STEP = 3.3
SELF = ("attention", ATTENTION)
CAUSAL = ("causal\nattention", ATTENTION)
CROSS = ("attention\nto memory", ATTENTION)
FEED = ("feed_forward", FEEDING)


def _block(
    ax: Axes, at: Point, parts: tuple[tuple[str, str], ...], names: tuple[str, ...] = (), side: int = 1
) -> float:
    """A block from its parts upwards, each with its way round, its sum and its norm; returns the top's y."""
    x, y = at
    for i, (text, colour) in enumerate(parts):
        if i < len(names):
            ax.text(x - 0.15 * side, y - 0.1, names[i], ha="right" if side > 0 else "left", fontsize=13)
        box(ax, (x, y + 0.85), text, colour, width=2.1, height=0.9)
        arrow(
            ax,
            [(x, y + 0.1), (x + 1.55 * side, y + 0.1), (x + 1.55 * side, y + 1.8), (x + 0.2 * side, y + 1.8)],
        )
        operation(ax, (x, y + 1.8), "+")
        box(ax, (x, y + 2.55), "layer_norm", NORM, width=2.1, height=0.6)
        y += STEP
    arrow(ax, [(x, at[1] - 0.5), (x, y + 0.1)])
    if len(names) > len(parts):
        ax.text(x - 0.15 * side, y - 0.1, names[-1], ha="right" if side > 0 else "left", fontsize=13)
    return y


def _entrance(ax: Axes, x: float, y: float, below: str) -> None:
    """Words, their embeddings, and positions added to them."""
    ax.text(x, y - 3.15, below, ha="center", va="center", fontsize=11)
    arrow(ax, [(x, y - 2.85), (x, y - 1.0)])
    box(ax, (x, y - 2.15), "embedding\n" + r"$\times\ \sqrt{E}$", INPUT, width=2.1, height=0.9)
    operation(ax, (x, y - 0.85), "+")
    arrow(ax, [(x + 1.5, y - 0.85), (x + 0.2, y - 0.85)], PLACE)
    ax.text(x + 1.6, y - 0.85, "$P$", va="center", color=PLACE, fontsize=14)


def whole(layers: str = "L") -> Figure:
    """The Transformer of 2017: a stack of encoder blocks, a stack of decoder blocks, and what joins them."""
    made, ax = new_canvas(7.6, 8.7, (-4.0, 9.0), (-3.4, 13.3))
    left, right = 0.0, 5.2
    frame(ax, (left - 1.9, -0.35), (left + 1.9, 2 * STEP + 0.0))
    frame(ax, (right - 1.9, -0.35), (right + 1.9, 3 * STEP + 0.0))
    top = _block(ax, (left, 0), (SELF, FEED), side=-1)
    high = _block(ax, (right, 0), (CAUSAL, CROSS, FEED))
    _entrance(ax, left, 0, "forty thousand two")
    _entrance(ax, right, 0, "<sos> sa man i")
    arrow(
        ax,
        [(left, top), (left, top + 0.6), (2.75, top + 0.6), (2.75, STEP + 0.85), (right - 1.05, STEP + 0.85)],
        BLUE,
    )
    ax.text(left - 0.2, top + 0.75, "memory", va="bottom", ha="center", fontsize=12, color=BLUE)
    ax.text(2.55, 5.6, "keys, values", ha="center", va="center", rotation=90, fontsize=9.5, color=BLUE)
    ax.text(left - 2.2, STEP, f"{layers} encoder\nblocks", ha="right", va="center", fontsize=11)
    ax.text(right + 2.2, 1.5 * STEP, f"{layers} decoder\nblocks", ha="left", va="center", fontsize=11)
    box(ax, (right, high + 0.75), "readout $W_{hy}$", OUTPUT, width=2.1, height=0.6)
    box(ax, (right, high + 1.75), "softmax", OUTPUT, width=2.1, height=0.6)
    arrow(ax, [(right, high), (right, high + 2.7)])
    ax.text(right, high + 2.95, "sa man i <eos>", ha="center", va="center", fontsize=11)
    return made


def encoder_block() -> Figure:
    """One block of the encoder: attention and feed-forward part, each with its way round, sum and norm."""
    made, ax = new_canvas(5.6, 4.4, (-4.0, 4.0), (-0.6, 6.9))
    _block(ax, (0, 0), (SELF, FEED), ("$x$", "$z$", "$y$"))
    for y, words in ((0.85, "steps hear of\neach other"), (0.85 + STEP, "each step\nby itself")):
        ax.text(-1.3, y, words, ha="right", va="center", fontsize=10, color="#444444")
    ax.text(1.75, 1.0, "the sum's\nway round", va="center", fontsize=10, color="#444444")
    return made


def decoder_block() -> Figure:
    """One block of the decoder: a look at what is written, a look at memory, and the feed-forward part."""
    made, ax = new_canvas(5.6, 6.2, (-4.8, 3.2), (-0.6, 10.2))
    _block(ax, (0, 0), (CAUSAL, CROSS, FEED), ("$y$", "$y'$", "$y''$", "$z$"))
    arrow(ax, [(-3.0, STEP + 0.85), (-1.05, STEP + 0.85)], BLUE)
    ax.text(-3.1, STEP + 0.85, "memory", ha="right", va="center", fontsize=12, color=BLUE)
    ax.text(-2.0, STEP + 0.95, "keys, values", ha="center", va="bottom", fontsize=9.5, color=BLUE)
    ax.text(0.15, STEP - 0.2, "queries", va="center", fontsize=9.5, color="#444444")
    return made


def _cells(ax: Axes, numbers: np.ndarray, at: Point, d: int) -> None:
    """A matrix of numbered cells, `at` its upper left corner; the colour says which head owns the column."""
    for i, row in enumerate(numbers):
        for j, number in enumerate(row):
            corner = at[0] + j, at[1] - i - 1
            colour = HEADS[int(number) % 10 // d]
            ax.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=0.35, edgecolor="none"))
            ax.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor="#444444", linewidth=0.8))
            ax.text(corner[0] + 0.5, corner[1] + 0.5, f"{number:02d}", ha="center", va="center", fontsize=9)


def heads(T: int = 4, d: int = 3) -> Figure:
    """Two heads cut from one matrix: reshape and swap axes, and beside it the reshape that mixes steps."""
    E = 2 * d
    z = 10 * np.arange(T)[:, None] + np.arange(E)
    right, wrong = z.reshape(T, 2, d).swapaxes(0, 1), z.reshape(2, T, d)
    made, ax = new_canvas(10.2, 4.6, (-2.6, 22.8), (-6.6, 5.9))
    _cells(ax, z, (0, 2), d)
    ax.text(d, 2.35, "$x\\,W_q + b_q$", ha="center", va="bottom", fontsize=13)
    ax.text(d, -2.4, f"$(T, E) = ({T}, {E})$", ha="center", va="top", fontsize=11)
    for t in range(T):
        ax.text(-0.3, 1.5 - t, f"step {t}", ha="right", va="center", fontsize=10)
    for left, dealt, title, shape in (
        (10.5, right, "reshape, then swap axes", "each row is one step"),
        (18.5, wrong, "reshape alone: wrong", "a step is cut into two rows"),
    ):
        ax.text(left + d / 2, 5.1, title, ha="center", va="bottom", fontsize=11)
        for j in range(2):
            _cells(ax, dealt[j], (left, 4.7 - j * (T + 1)), d)
            ax.text(left - 0.3, 4.7 - j * (T + 1) - T / 2, f"head {j}", ha="right", va="center", fontsize=10)
        ax.text(
            left + d / 2,
            -5.0,
            f"$(heads, T, d) = (2, {T}, {d})$\n{shape}",
            ha="center",
            va="top",
            fontsize=10,
        )
    arrow(ax, [(6.4, 0), (8.0, 0)])
    return made
