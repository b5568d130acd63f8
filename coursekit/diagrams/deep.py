"""Drawings for lesson 05: layers on top of each other, and two directions that are joined."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import INPUT, MEMORY, STATE, arrow, box, new_canvas, node

_STEP, _GAP, _RADIUS = 2.3, 17, 0.34
#: States that read from the right have a colour of their own in this lesson; elsewhere there are none.
FORWARD, BACKWARD = STATE, MEMORY


def _inputs(ax: Axes, steps: int) -> None:
    for t in range(1, steps + 1):
        node(ax, (_STEP * t, 0), f"$x_{t}$", INPUT, _RADIUS)


def _row(ax: Axes, y: float, steps: int, layer: int) -> None:
    """A layer of states at height y, which reads what is 1.7 below, and its own state of one step ago."""
    for t in range(1, steps + 1):
        x = _STEP * t
        node(ax, (x, y), f"$h^{{({layer})}}_{t}$", STATE, 0.4, 12)
        arrow(ax, [(x, y - 1.7), (x, y)], STATE if layer > 1 else INPUT, 20)
        if t > 1:
            arrow(ax, [(x - _STEP, y), (x, y)], STATE, 20)
            words = f"$W^{{({layer})}}_{{hh}}$"
            ax.text(x - _STEP / 2, y + 0.12, words, ha="center", color=STATE, fontsize=10)
        ax.text(x + 0.1, y - 0.92, f"$W^{{({layer})}}_{{xh}}$", va="center", fontsize=10)


def deep_network(steps: int = 4, layers: int = 2) -> Figure:
    """Recurrent layers on top of each other: the states of one are the inputs of the next."""
    height = 1.7 * layers
    made, ax = new_canvas(7.2, 1.5 + 1.1 * layers, (1.4, _STEP * steps + 2.6), (-0.5, height + 0.6))
    _inputs(ax, steps)
    for layer in range(1, layers + 1):
        _row(ax, 1.7 * layer, steps, layer)
        words = f"layer {layer}: weights\nof its own"
        ax.text(_STEP * steps + 0.7, 1.7 * layer, words, va="center", fontsize=10)
    return made


def _pair(ax: Axes, y: float, steps: int, below: float, mark: str) -> None:
    """Both directions and their joining; they read what stands at height `below`; y is the forward row.

    `mark` stands above each h: the layer's number where there are several, or nothing.
    """
    forth, back, joined = y, y + 1.25, y + 2.75
    for t in range(1, steps + 1):
        x = _STEP * t
        left, right = x - 0.5, x + 0.5
        forward, backward = (rf"\overset{{\{way}arrow}}{{h}}{mark}_{t}" for way in ("right", "left"))
        node(ax, (left, forth), f"${forward}$", FORWARD, 0.4 if mark else _RADIUS, 11 if mark else 13)
        node(ax, (right, back), f"${backward}$", BACKWARD, 0.4 if mark else _RADIUS, 11 if mark else 13)
        for place, colour in (((left, forth), FORWARD), ((right, back), BACKWARD)):
            arrow(ax, [(x, below), place], colour, _GAP)
        box(ax, (x, joined), rf"$h{mark}_{t} = [{forward};\,{backward}]$", FORWARD, 1.95, 0.72)
        arrow(ax, [(left, forth + _RADIUS), (left, joined - 0.38)], FORWARD)
        arrow(ax, [(right, back + _RADIUS), (right, joined - 0.38)], BACKWARD)
        if t > 1:
            arrow(ax, [(left - _STEP, forth), (left, forth)], FORWARD, _GAP)
            arrow(ax, [(right, back), (right - _STEP, back)], BACKWARD, _GAP)


def bidirectional_network(steps: int = 4, layers: int = 1) -> Figure:
    """One network reads from the left, another from the right; side by side, their states are h_t."""
    rise = 4.45
    made, ax = new_canvas(8.6, 1.0 + 2.75 * layers, (0.2, _STEP * steps + 2.9), (-0.5, rise * layers + 0.3))
    _inputs(ax, steps)
    for layer in range(layers):
        y, below = rise * layer + 1.35, rise * layer + (0 if layer == 0 else -0.27)
        _pair(ax, y, steps, below, rf"^{{({layer + 1})}}" if layers > 1 else "")
        side = _STEP * steps + 1.15
        ax.text(side, y, "from the left", va="center", color=FORWARD, fontsize=10)
        ax.text(side, y + 1.25, "from the right", va="center", color=BACKWARD, fontsize=10)
        ax.text(side, y + 2.75, "joined: 2H wide", va="center", fontsize=10)
    return made
