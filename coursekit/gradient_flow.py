"""Pictures of lesson 07: which networks learned a lag, what arrives of a gradient, what the units do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.plots import BLACK, BLUE, COLOURS, MAGNITUDE, ORANGE, figure

#: A network has learned its lag when more than this share of its answers is right.
LEARNED = 0.9
#: Told apart without colours, in the order of COLOURS.
MARKERS, DASHES = "os^vDPX", ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def draw_runs(ax: Axes, lags: Sequence[int], runs: np.ndarray) -> None:
    """Each network as a dot at its lag, `runs` (lags, R) shares of right answers; above, how many learned."""
    R = runs.shape[1]
    shift = np.linspace(-0.5, 0.5, R)
    ax.plot(np.asarray(lags)[:, None] + shift, runs, "o", color=BLUE, alpha=0.6, markersize=5)
    for lag, shares in zip(lags, runs, strict=True):
        text = f"{(shares > LEARNED).sum()} of {R}"
        ax.text(lag, 1.1, text, ha="center", va="center", fontsize=9, clip_on=False)
    ax.axhline(LEARNED, color=BLACK, linestyle=":", linewidth=1)
    ax.text(lags[-1], LEARNED - 0.05, f"learned: above {LEARNED}", ha="right", fontsize=9)
    ax.axhline(1 / 8, color="grey", linestyle="--")
    ax.text(lags[-1], 1 / 8 - 0.07, "guessing", ha="right", fontsize=9, color="#555555")
    ax.set(xlabel="lag: steps between the symbol and the question", ylabel="share of right answers")
    ax.set(ylim=(0, 1.05), xticks=lags)


def draw_learned(ax: Axes, gains: Sequence[float], lags: Sequence[int], runs: np.ndarray) -> None:
    """Of the networks at each gain and lag, `runs` (gains, lags, R), how many learned: a table in colours."""
    learned = (runs > LEARNED).sum(axis=2)
    image = ax.imshow(learned, cmap=MAGNITUDE, vmin=0, vmax=runs.shape[2], aspect="auto")
    for (g, k), number in np.ndenumerate(learned):
        colour = "black" if number > 0.6 * runs.shape[2] else "white"
        ax.text(k, g, number, ha="center", va="center", color=colour)
    shares = (runs > LEARNED).mean(axis=(1, 2))
    names = [f"gain {gain:g}: {share:.0%}" for gain, share in zip(gains, shares, strict=True)]
    ax.set(xticks=range(len(lags)), xticklabels=lags, xlabel="lag")
    ax.set_yticks(range(len(gains)), names)
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label=f"networks that learned, of {runs.shape[2]}")


def draw_norms(ax: Axes, curves: Mapping[str, np.ndarray]) -> None:
    """Gradient norms by lag on a logarithmic scale, one line for each name; the grey line is no change."""
    for (name, norms), colour, dashes in zip(curves.items(), COLOURS * 2, DASHES * 2, strict=False):
        ax.semilogy(norms, color=colour, linestyle=dashes, label=name)
    ax.axhline(1, color="grey", linewidth=1)
    ax.set(xlabel="lag k")


def flow_and_states(norms: np.ndarray, states: np.ndarray, title: str) -> Figure:
    """Gradient norm by lag (T,) beside what the units do: a histogram of all `states`, from -1 to 1."""
    made, (left, right) = figure(2, width=9, height=3.2)
    left.semilogy(norms, color=BLUE)
    left.axhline(1, color="grey", linewidth=1)
    left.set(xlabel="lag k", ylabel="gradient norm, lag 0 = 1", ylim=(1e-20, 1e12), title=title)
    right.hist(states.ravel(), bins=list(np.linspace(-1, 1, 41)), color=ORANGE, density=True)
    right.set(xlabel="value of a unit", ylabel="density", xlim=(-1, 1), xticks=(-1, -0.5, 0, 0.5, 1))
    right.set_title(f"states; mean slope {(1 - states**2).mean():.2f}")
    return made
