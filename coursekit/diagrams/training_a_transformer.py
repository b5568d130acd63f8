"""Drawings for lesson 17: what goes forwards and back through attention."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, figure

#: Each array's place and colour; the same colour for its gradient.
PLACES: dict[str, tuple[float, float, str]] = {
    "q": (0.0, 2.6, BLUE),
    "k": (0.0, 1.0, ORANGE),
    "scores": (3.1, 1.8, PURPLE),
    "weights": (6.0, 1.8, RED),
    "v": (6.0, 0.2, GREEN),
    "out": (9.0, 1.0, BLACK),
}
SHAPES = {"q": "T,d", "k": "S,d", "scores": "T,S", "weights": "T,S", "v": "S,e", "out": "T,e"}
#: From where to where, and what is said beside the way back.
EDGES = (
    ("q", "scores", r"$dq = \frac{1}{\sqrt{d}}\, dscores \; k$", (1.55, 2.86)),
    ("k", "scores", r"$dk = \frac{1}{\sqrt{d}}\, dscores^\top q$", (1.55, 0.72)),
    ("scores", "weights", "softmax, row by row", (4.55, 2.42)),
    ("weights", "out", r"$dweights = dout \; v^\top$", (7.75, 2.12)),
    ("v", "out", r"$dv = weights^\top dout$", (7.75, -0.12)),
)


def attention_backward_flow() -> Figure:
    """Attention as a graph: solid arrows forwards, dashed ones, in the array's own colour, with gradients."""
    made, (ax,) = figure(width=10, height=3.4)
    ax.axis("off")
    ax.set(xlim=(-0.8, 9.8), ylim=(-0.6, 3.3))
    for name, (x, y, colour) in PLACES.items():
        box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
        text = f"{name}\n({SHAPES[name]})"
        ax.text(x, y, text, ha="center", va="center", color=colour, bbox=box, zorder=3)
    for start, end, words, place in EDGES:
        _both_ways(ax, start, end)
        ax.text(*place, words, ha="center", va="center", color=PLACES[start][2], fontsize=11)
    ax.text(3.1, 1.02, r"$q\,k^\top / \sqrt{d}$", ha="center", va="center", color=PURPLE)
    ax.text(9.0, 0.3, r"$weights \; v$", ha="center", va="center")
    return made


def _both_ways(ax: Axes, start: str, end: str) -> None:
    """A solid arrow from `start` to `end`, and beside it the gradient's, dashed, the other way."""
    (x0, y0, colour), (x1, y1, _) = PLACES[start], PLACES[end]
    x0, x1 = x0 + 0.42, x1 - 0.46
    slope = (y1 - y0) / (x1 - x0)
    y0, y1 = y0 + 0.15 * slope, y1 - 0.4 * slope
    for shift, (a, b), style in (
        (0.09, ((x0, y0), (x1, y1)), {"color": BLACK, "linewidth": 1.3}),
        (-0.12, ((x1, y1), (x0, y0)), {"color": colour, "linewidth": 1.8, "linestyle": "--"}),
    ):
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **style}
        ax.annotate("", (b[0], b[1] + shift), (a[0], a[1] + shift), arrowprops=arrow)
