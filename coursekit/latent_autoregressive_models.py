"""Aids of lesson 03: a drawing of the three kinds of models, re-estimation (EM), errors by horizon."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from coursekit.plots import BLACK, BLUE, ORANGE


def draw_model(ax: Axes, kind: str, steps: int = 5) -> None:
    """Circles and arrows of one kind of model: "autoregressive", "markov" or "latent"."""
    ax.set(xlim=(-0.6, steps - 0.4), ylim=(-0.5, 1.65), aspect="equal")
    ax.axis("off")
    for t in range(steps):
        _circle(ax, t, 0, f"$x_{t + 1}$", BLUE)
        if kind == "latent" and t < steps - 1:
            _circle(ax, t + 0.5, 1.1, f"$h_{t + 1}$", ORANGE)
    for t in range(1, steps):
        if kind == "latent":
            _arrow(ax, (t - 1, 0), (t - 0.5, 1.1))
            _arrow(ax, (t - 0.5, 1.1), (t, 0))
            if t > 1:
                _arrow(ax, (t - 1.5, 1.1), (t - 0.5, 1.1))
            continue
        for s in range(t) if kind == "autoregressive" else [t - 1]:
            _arrow(ax, (s, 0), (t, 0), bend=-0.55 if t - s > 1 else 0)


def _circle(ax: Axes, x: float, y: float, text: str, colour: str) -> None:
    ax.plot(x, y, "o", markersize=24, markerfacecolor="white", markeredgecolor=colour, markeredgewidth=2)
    ax.text(x, y, text, ha="center", va="center", fontsize=11)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0) -> None:
    style = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 13, "shrinkB": 13, "alpha": 0.75}
    ax.annotate("", end, start, arrowprops={**style, "connectionstyle": f"arc3,rad={bend}"})


def em_step(
    ids: np.ndarray, beliefs: np.ndarray, A: np.ndarray, B: np.ndarray, prior: float = 1e-3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One round of Baum and colleagues (1970): a hidden Markov model that explains `ids` better.

    ids (T,), beliefs (T, S) the filter's p(z_t | x_1 .. x_t) under A (S, S) and B (S, V); `prior` is added to
    every expected count, so that nothing becomes impossible -> new initial (S,), A, B.
    """
    moved = beliefs[:-1] @ A
    hindsight = np.empty_like(beliefs)  # p(z_t | x_1 .. x_T): from the end, each belief learns the future
    hindsight[-1] = beliefs[-1]
    for t in range(len(ids) - 2, -1, -1):
        hindsight[t] = beliefs[t] * (A @ (hindsight[t + 1] / moved[t]))
    moves = prior + A * (beliefs[:-1].T @ (hindsight[1:] / moved))  # (S, S) expected transitions
    emitted = np.full_like(B, prior)
    np.add.at(emitted.T, ids, hindsight)  # (S, V) expected emissions
    rows = [counts / counts.sum(axis=1, keepdims=True) for counts in (moves, emitted)]
    return hindsight[0] / hindsight[0].sum(), *rows


def rmse_by_horizon(
    predict: Callable[[int], np.ndarray], x: np.ndarray, first: int, steps: int
) -> np.ndarray:
    """Root mean squared error of forecasts 1 .. `steps` ahead, each over the same targets x[first:].

    predict(t) -> (steps,) forecasts of x[t], x[t+1], .. made from x[:t] alone -> (steps,)
    """
    origins = range(first - steps + 1, len(x))
    table = {t: predict(t) for t in origins}
    errors = [[table[t - k][k] - x[t] for t in range(first, len(x))] for k in range(steps)]
    rmse: np.ndarray = np.sqrt(np.mean(np.square(errors), axis=1))
    return rmse
