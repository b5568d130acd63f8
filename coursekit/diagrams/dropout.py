"""Drawings for lesson 11: the places where dropout can act, and masks that are drawn anew or tied."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from coursekit.diagrams.parts import INPUT, OFF, OUTPUT, STATE, arrow, new_canvas, node
from coursekit.plots import BLACK

_GAP, _WIDE, _HIGH, _STEPS = 17, 1.9, 1.75, 3
#: The unit of four that a mask drops: layer by layer, step by step.
_DROPPED = ((2, 0, 1), (1, 3, 0), (2, 0, 3))


def places() -> Figure:
    """Two layers over three steps, three times: masks on the way up, recurrent ones untied, and tied."""
    made, ax = new_canvas(11.5, 4.1, (-1.3, 20.0), (-0.6, 6.3))
    titles = (
        "between layers:\ninputs, layers, readout",
        "recurrent, untied:\na new mask at each step",
        "recurrent, tied:\none mask for all steps",
    )
    for panel, title in enumerate(titles):
        left = 6.9 * panel
        ax.text(left + 2.4, 5.75, title, ha="center", va="center", fontsize=12)
        _network(ax, left)
        for t in range(_STEPS):
            x = left + _WIDE * (t + 0.5)
            for layer in range(3):
                dropped = _DROPPED[layer][0 if panel == 2 else t]
                if panel == 0:
                    _mask(ax, (x, _HIGH * (layer + 0.5)), dropped, upright=False)
                elif layer:
                    _mask(ax, (x - _WIDE / 2, _HIGH * layer), dropped, upright=True)
    return made


def _network(ax: Axes, left: float) -> None:
    for t in range(_STEPS):
        x = left + _WIDE * (t + 0.5)
        node(ax, (x, 0), f"$x_{t + 1}$", INPUT, 0.36, 11)
        arrow(ax, [(x, 0), (x, _HIGH)], INPUT, _GAP)
        arrow(ax, [(x, _HIGH), (x, 2 * _HIGH)], STATE, _GAP)
        arrow(ax, [(x, 2 * _HIGH), (x, 3 * _HIGH - 0.1)], OUTPUT, _GAP)
        for layer in (1, 2):
            node(ax, (x, _HIGH * layer), f"$h_{t + 1}$", STATE, 0.36, 11)
            arrow(ax, [(x - _WIDE, _HIGH * layer), (x, _HIGH * layer)], STATE, _GAP)


def _mask(ax: Axes, at: tuple[float, float], dropped: int, upright: bool) -> None:
    """A mask on an arrow: four units, all kept (white) but the one that is dropped (black)."""
    x, y = at
    for k in range(4):
        shift = 0.2 * (k - 1.5)
        corner = (x - 0.1, y + shift - 0.1) if upright else (x + shift - 0.1, y - 0.1)
        face = BLACK if k == dropped else "white"
        ax.add_patch(Rectangle(corner, 0.2, 0.2, facecolor=face, edgecolor=OFF, lw=1, zorder=5))
