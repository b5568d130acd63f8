"""Drawings for lesson 09: the memory and its gates, one after the other, and the whole cell."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import (
    GATE,
    GRADIENT,
    GROUND,
    INPUT,
    MEMORY,
    STATE,
    Point,
    arrow,
    box,
    frame,
    new_canvas,
    node,
    operation,
)
from coursekit.plots import BLACK

#: The candidate is content and no gate: it has the colour of plain numbers.
CANDIDATE = BLACK
#: Where the parts of the cell stand: the carry's height, the products', the boxes', the two wires'.
_CARRY, _PRODUCT, _BOX, _H_WIRE, _X_WIRE = 4.1, 2.8, 1.4, 0.3, 0.0
_F, _I, _G, _WRITE, _O, _SHOW = 1.9, 3.5, 5.1, 4.3, 6.7, 8.1


def build_up() -> Figure:
    """The memory line three times: only added to, with an input gate, with a forget gate as well."""
    made, ax = new_canvas(10.5, 2.7, (-0.5, 16.9), (-1.0, 3.3))
    titles = ("1: only add", "2: add what $i_t$ lets in", "3: and keep what $f_t$ lets stay")
    for stage, title in enumerate(titles):
        left = 5.9 * stage
        ax.text(left + 2.25, 3.0, title, ha="center", fontsize=12)
        node(ax, (left, 2), "$c_{t-1}$", MEMORY, 0.45, 12)
        node(ax, (left + 4.5, 2), "$c_t$", MEMORY, 0.45, 12)
        _wire(ax, [(left + 0.45, 2), (left + 4.05, 2)], MEMORY)
        operation(ax, (left + 2.7, 2), "+")
        ax.text(left + 2.7, -0.55, "$g_t$", ha="center", va="center", fontsize=13, color=CANDIDATE)
        arrow(ax, [(left + 2.7, -0.25), (left + 2.7, 1.8)], CANDIDATE)
        if stage:
            _valve(ax, (left + 2.7, 0.85), (left + 3.9, 0.85), "$i_t$")
        if stage == 2:
            _valve(ax, (left + 1.3, 2), (left + 1.3, 0.65), "$f_t$")
    return made


def _valve(ax: Axes, at: Point, gate: Point, name: str) -> None:
    operation(ax, at, "×", GATE)
    dx, dy = (gate[0] - at[0], gate[1] - at[1])
    size = (dx**2 + dy**2) ** 0.5
    arrow(
        ax,
        [
            (gate[0] - 0.25 * dx / size, gate[1] - 0.25 * dy / size),
            (at[0] + 0.2 * dx / size, at[1] + 0.2 * dy / size),
        ],
        GATE,
    )
    ax.text(*gate, name, ha="center", va="center", fontsize=13, color=GATE)


def lstm_cell(backward: bool = False) -> Figure:
    """One step of the LSTM; with `backward`, the memory's short way back is drawn on top of it."""
    made, ax = new_canvas(10.2, 6.1, (-0.9, 10.9), (-1.5, 5.95))
    frame(ax, (0.85, -0.3), (9.15, 5.0))
    _carry(ax)
    for x, name, colour, squash in (
        (_F, "forget $f_t$", GATE, r"$\sigma$"),
        (_I, "input $i_t$", GATE, r"$\sigma$"),
        (_G, "candidate $g_t$", CANDIDATE, "tanh"),
        (_O, "output $o_t$", GATE, r"$\sigma$"),
    ):
        box(ax, (x, _BOX), f"{squash}\n{name}", colour, 1.42, 0.85)
        arrow(ax, [(x - 0.2, _H_WIRE), (x - 0.2, _BOX - 0.43)], STATE)
        arrow(ax, [(x + 0.2, _X_WIRE), (x + 0.2, _BOX - 0.43)], INPUT)
    _inputs(ax)
    _writes(ax)
    _shows(ax)
    if backward:
        _way_back(ax)
    else:
        ax.text(_WRITE + 0.12, 3.45, r"$i_t \odot g_t$", va="center", fontsize=11)
        ax.text((_F + _WRITE) / 2, _CARRY + 0.22, r"$f_t \odot c_{t-1}$", ha="center", fontsize=11)
    return made


def _wire(ax: Axes, points: list[Point], colour: str) -> None:
    """A thick arrow: what is carried from step to step."""
    (x0, y0), (x1, y1) = points
    ax.plot([x0, x1 - 0.12], [y0, y1], color=colour, linewidth=5, solid_capstyle="butt", zorder=1)
    arrow(ax, [(x0, y0), (x1, y1)], colour)


def _carry(ax: Axes) -> None:
    node(ax, (0, _CARRY), "$c_{t-1}$", MEMORY, 0.45)
    node(ax, (10, _CARRY), "$c_t$", MEMORY, 0.45)
    _wire(ax, [(0.45, _CARRY), (9.55, _CARRY)], MEMORY)
    operation(ax, (_F, _CARRY), "×", GATE)
    operation(ax, (_WRITE, _CARRY), "+")
    arrow(ax, [(_F, _BOX + 0.43), (_F, _CARRY - 0.2)], GATE)


def _inputs(ax: Axes) -> None:
    node(ax, (0, _H_WIRE), "$h_{t-1}$", STATE, 0.45)
    node(ax, (1.2, -1.0), "$x_t$", INPUT, 0.38)
    ax.plot([0.45, _O - 0.2], [_H_WIRE] * 2, color=STATE, linewidth=1.6, zorder=1)
    ax.plot([1.2, 1.2, _O + 0.2], [-0.62, _X_WIRE, _X_WIRE], color=INPUT, linewidth=1.6, zorder=1)


def _writes(ax: Axes) -> None:
    """i times g, and from there to the carry."""
    arrow(ax, [(_I, _BOX + 0.43), (_I, _PRODUCT), (_WRITE - 0.2, _PRODUCT)], GATE)
    arrow(ax, [(_G, _BOX + 0.43), (_G, _PRODUCT), (_WRITE + 0.2, _PRODUCT)], CANDIDATE)
    operation(ax, (_WRITE, _PRODUCT), "×", GATE)
    arrow(ax, [(_WRITE, _PRODUCT + 0.2), (_WRITE, _CARRY - 0.2)])


def _shows(ax: Axes) -> None:
    """o times tanh(c): the only thing that leaves upwards."""
    arrow(ax, [(_SHOW, _CARRY), (_SHOW, _PRODUCT + 0.2)], MEMORY)
    operation(ax, (_SHOW, 3.5), "tanh", radius=0.3)
    arrow(ax, [(_O, _BOX + 0.43), (_O, _PRODUCT), (_SHOW - 0.2, _PRODUCT)], GATE)
    operation(ax, (_SHOW, _PRODUCT), "×", GATE)
    node(ax, (10, _H_WIRE), "$h_t$", STATE, 0.45)
    arrow(ax, [(_SHOW, _PRODUCT - 0.2), (_SHOW, _H_WIRE), (9.55, _H_WIRE)], STATE)
    ax.plot([8.85] * 2, [_CARRY - 0.25, _CARRY + 0.25], color=GROUND, linewidth=7, zorder=2.5)
    arrow(ax, [(8.85, 5.3), (8.85, 5.5)], STATE)
    ax.plot([8.85] * 2, [_H_WIRE, 5.3], color=STATE, linewidth=1.6, zorder=2.6)
    ax.text(8.85, 5.65, "$h_t$ to the readout or the next layer", ha="center", fontsize=10, color=STATE)


def _way_back(ax: Axes) -> None:
    """The gradient of the memory: what comes from the next step, what h_t adds to it, what goes on."""
    above = _CARRY + 0.38
    for start, end, text in (
        (9.45, 8.0, ""),
        (7.4, 2.2, "$dc_t$, the sum"),
        (1.6, 0.5, r"$dc_t \odot f_t$"),
    ):
        arrow(ax, [(start, above), (end, above)], GRADIENT, dashed=True)
        ax.text((start + end) / 2, above + 0.12, text, ha="center", va="bottom", fontsize=11, color=GRADIENT)
    arrow(ax, [(9.45, 0.0), (7.6, 0.0), (7.6, above - 0.05)], GRADIENT, dashed=True)
    ax.text(10, _CARRY + 0.6, "$dc_t$ from\nstep $t+1$", ha="center", fontsize=10, color=GRADIENT)
    ax.text(10, _H_WIRE - 0.6, "$dh_t$", ha="center", va="top", fontsize=11, color=GRADIENT)
    text = r"$dh_t \odot o_t \odot (1 - \tanh^2 c_t)$"
    ax.text(7.5, 3.5, text, ha="right", va="center", fontsize=11, color=GRADIENT)
