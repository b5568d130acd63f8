"""Drawings for lesson 10: the GRU, alone and in its two conventions side by side."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.diagrams.parts import GATE, INPUT, STATE, arrow, box, frame, new_canvas, node, operation
from coursekit.plots import BLACK

#: The candidate is content and no gate, as in lesson 09's drawings.
CANDIDATE = BLACK
_CARRY, _PRODUCT, _N_BOX, _BOX, _H_WIRE, _X_WIRE = 4.7, 3.6, 2.6, 1.65, 0.3, 0.0
_Z, _R, _N = 1.9, 3.55, 5.6
#: The state's way into the candidate runs at this x, through a product and the matrix, in either order.
_WAY = 5.3


def gru_cell() -> Figure:
    """One step of the GRU, the reset gate after the product with the state's matrix."""
    made, ax = new_canvas(7.4, 5.4, (-0.9, 8.3), (-1.6, 5.5))
    _cell(ax, 0, before=False)
    return made


def gru_cells() -> Figure:
    """The GRU twice: the reset gate after the product with the state's matrix, and before it."""
    made, ax = new_canvas(11.5, 5.2, (-0.7, 17.1), (-1.6, 6.1))
    for left, before, title in (
        (0.0, False, "reset after the product (PyTorch, Keras)"),
        (9.0, True, "reset before the product (the paper of 2014)"),
    ):
        _cell(ax, left, before)
        ax.text(left + 3.7, 5.75, title, ha="center", fontsize=12)
    return made


def _cell(ax: Axes, left: float, before: bool) -> None:
    frame(ax, (left + 0.75, -0.3), (left + 6.55, 5.3))
    _carry(ax, left)
    for x, text in ((_Z, "update $z_t$"), (_R, "reset $r_t$")):
        box(ax, (left + x, _BOX), f"$\\sigma$\n{text}", GATE, 1.4, 0.85)
        arrow(ax, [(left + x - 0.25, _H_WIRE), (left + x - 0.25, _BOX - 0.43)], STATE)
        arrow(ax, [(left + x + 0.25, _X_WIRE), (left + x + 0.25, _BOX - 0.43)], INPUT)
    _wires(ax, left)
    _update(ax, left)
    _candidate(ax, left, before)


def _carry(ax: Axes, left: float) -> None:
    """The state itself: thick, because it is what goes from step to step."""
    node(ax, (left, _CARRY), "$h_{t-1}$", STATE, 0.48, 12)
    node(ax, (left + 7.4, _CARRY), "$h_t$", STATE, 0.48, 12)
    ax.plot([left + 0.48, left + 6.8], [_CARRY] * 2, color=STATE, linewidth=5, zorder=1)
    arrow(ax, [(left + 0.48, _CARRY), (left + 6.92, _CARRY)], STATE)
    operation(ax, (left + _Z, _CARRY), "×", GATE)
    operation(ax, (left + _N, _CARRY), "+")


def _wires(ax: Axes, left: float) -> None:
    """What the three boxes read: the old state, and the input."""
    ax.plot([left + 1.0, left + 1.0, left + _WAY], [_CARRY, _H_WIRE, _H_WIRE], color=STATE, linewidth=1.6)
    node(ax, (left + 1.35, -1.1), "$x_t$", INPUT, 0.4, 12)
    xs, ys = [left + 1.35, left + 1.35, left + _N + 0.3], [-0.7, _X_WIRE, _X_WIRE]
    ax.plot(xs, ys, color=INPUT, linewidth=1.6, zorder=1)
    arrow(ax, [(left + _N + 0.3, _X_WIRE), (left + _N + 0.3, _N_BOX - 0.38)], INPUT)


def _update(ax: Axes, left: float) -> None:
    """z keeps the old state, 1 - z lets the candidate in."""
    arrow(ax, [(left + _Z, _BOX + 0.43), (left + _Z, _CARRY - 0.2)], GATE)
    arrow(ax, [(left + _Z, _PRODUCT), (left + 3.35, _PRODUCT)], GATE)
    operation(ax, (left + 3.6, _PRODUCT), "1−", GATE, 0.25)
    arrow(ax, [(left + 3.85, _PRODUCT), (left + _N - 0.2, _PRODUCT)], GATE)
    operation(ax, (left + _N, _PRODUCT), "×", GATE)
    arrow(ax, [(left + _N, _PRODUCT + 0.2), (left + _N, _CARRY - 0.2)])


def _candidate(ax: Axes, left: float, before: bool) -> None:
    """The state's way into n: through W_hn and then the reset, or the other way round."""
    x = left + _WAY
    product, matrix = (0.85, 1.55) if before else (1.6, 0.9)
    box(ax, (left + _N, _N_BOX), "tanh\ncandidate $n_t$", CANDIDATE, 1.5, 0.76)
    arrow(ax, [(left + _N, _N_BOX + 0.38), (left + _N, _PRODUCT - 0.2)], CANDIDATE)
    arrow(ax, [(x, _H_WIRE), (x, min(product - 0.2, matrix - 0.24))], STATE)
    below, above = (product + 0.2, matrix - 0.24) if before else (matrix + 0.24, product - 0.2)
    arrow(ax, [(x, below), (x, above)], STATE)
    arrow(ax, [(x, max(product + 0.2, matrix + 0.24)), (x, _N_BOX - 0.38)], STATE)
    box(ax, (x, matrix), "$W_{hn}$", STATE, 0.72, 0.48)
    operation(ax, (x, product), "×", GATE)
    side, top = left + _R + 0.7, _BOX if before else product
    way = [(side, top), (x - 0.65, top), (x - 0.65, product), (x - 0.2, product)]
    arrow(ax, way if before else [way[0], way[-1]], GATE)
