"""One look for all pictures: readable in a lecture hall, safe for colour-blind eyes, with alt text."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib

matplotlib.use("agg")  # pictures are shown by `show`, with their alt text, and not by a backend

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

#: Okabe and Ito (2008), Color Universal Design; the order of use.
BLUE, ORANGE, GREEN, PURPLE, RED, SKY, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#F0E442",
    "#000000",
)
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, BLACK)
#: A map for magnitudes, and one for signed values.
MAGNITUDE, SIGNED = "viridis", "RdBu_r"

STYLE: dict[RcKeyType, Any] = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "font.size": 11,
}


def figure(columns: int = 1, width: float = 8.0, height: float = 3.6) -> tuple[Figure, list[Axes]]:
    """A figure with `columns` axes side by side, in the course's style; sizes in inches."""
    with plt.rc_context(STYLE):
        made, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return made, list(axes[0])


def show(made: Figure, alt: str) -> None:
    """Put a figure on the page. `alt` says in a sentence what it shows, for those who cannot see it."""
    data, metadata = picture(made, alt)
    display(data, metadata=metadata, raw=True)


def picture(made: Figure, alt: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A figure as the page takes it: the image by its type, and the image's metadata. Closes the figure."""
    if len(alt.split()) < 5:
        raise ValueError(f"alt text is a sentence about what the picture shows; got {alt!r}")
    with plt.rc_context(STYLE):
        buffer = io.BytesIO()
        made.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(made)
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": alt}
    return data, {"image/png": {"alt": alt}}


def dots(ax: Axes, rows: Mapping[str, Sequence[float]], colours: Sequence[str]) -> None:
    """A row for each name, from the top: a dot for each run, and a stroke at their median.

    The dots of a row stand a little above one another, so that equal runs do not hide each other.
    """
    for row, ((label, runs), colour) in enumerate(zip(rows.items(), colours, strict=True)):
        ax.plot(np.sort(runs), row + np.linspace(-0.24, 0.24, len(runs)), "o", color=colour, label=label)
        ax.plot([np.median(runs)] * 2, [row - 0.36, row + 0.36], color=colour)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)


def spread(ax: Axes, x: ArrayLike, runs: ArrayLike, label: str, colour: str, marker: str = "o") -> None:
    """Several runs, `runs` (R, X), as their median with a band from the least to the greatest."""
    runs = np.asarray(runs)
    ax.plot(x, np.median(runs, axis=0), marker=marker, color=colour, label=label)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.18, linewidth=0)
