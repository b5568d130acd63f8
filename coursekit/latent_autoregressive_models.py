"""Aids of lesson 03: re-estimation (EM), linear states made by hand, errors by horizon."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


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


def averages(alphas: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """A (H, H) and B (1, H) of several running averages side by side, one for each share in `alphas`."""
    return np.diag(1 - np.array(alphas)), np.array([alphas])


def swing(period: float, keep: float) -> tuple[np.ndarray, np.ndarray]:
    """A (4, 4), B (1, 4): the last value, one running average, and a rotation of the other two entries.

    The rotation goes round once in `period` steps and multiplies their length by `keep` in each step.
    """
    angle = 2 * np.pi / period
    A = np.zeros((4, 4))
    A[1, 1] = 0.5
    A[2:, 2:] = keep * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return A, np.array([[1.0, 0.5, 0.1, 0.0]])


def linear_state_rmse(
    run: Callable[..., np.ndarray], A: np.ndarray, B: np.ndarray, x: np.ndarray, first: int, steps: int
) -> np.ndarray:
    """Errors 1 .. `steps` ahead of a linear state whose readout is fitted on x[:first]; as rmse_by_horizon.

    `run` is the learner's linear_latent_forward. Forecasts are fed back as inputs.
    """
    h, C = _fitted_readout(run, A, B, x, first)
    mean, size, identity = x[:first].mean(), x[:first].std(), np.eye(len(A))

    def predict(t: int) -> np.ndarray:
        state, out = h[t - 1], []
        for _ in range(steps):
            out.append(np.append(state, 1) @ C)
            state = run(np.full((1, 1, 1), out[-1]), state[None], A, B, identity)[0, 0]
        path: np.ndarray = np.array(out) * size + mean
        return path

    return rmse_by_horizon(predict, x, first, steps)


def feedback_swing(
    run: Callable[..., np.ndarray], A: np.ndarray, B: np.ndarray, x: np.ndarray, first: int, near: float
) -> tuple[float, float]:
    """The swing of such a state that lives on its own predictions: its period, and its height a step later.

    With the readout C as the input, h becomes h (A + C B) in each step: a complex eigenvalue of that matrix
    is a swing, its angle the turn and its size what is left after one step. The one whose period is nearest
    to `near` steps is taken.
    """
    _, C = _fitted_readout(run, A, B, x, first)
    values = np.linalg.eigvals(A + C[:-1, None] @ B)
    turning = values[values.imag > 1e-9]
    periods = 2 * np.pi / np.angle(turning)
    i = np.abs(periods - near).argmin()
    return float(periods[i]), float(np.abs(turning[i]))


def _fitted_readout(
    run: Callable[..., np.ndarray], A: np.ndarray, B: np.ndarray, x: np.ndarray, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """All states (T, H), and the readout (H+1,) with its intercept, fitted on x[:first] scaled to spread 1.

    Ridge regression on states scaled to one size, from 20 values on, when the zero start is forgotten.
    """
    u = (x - x[:first].mean()) / x[:first].std()
    h = run(u[None, :, None], np.zeros((1, len(A))), A, B, np.eye(len(A)))[0]
    scale = np.append(h[20:first].std(axis=0), 1.0)
    Z = np.column_stack([h[20 : first - 1], np.ones(first - 21)]) / scale
    penalty = np.diag([*np.ones(len(A)), 0.0])  # the intercept is left alone
    return h, np.linalg.solve(Z.T @ Z + penalty, Z.T @ u[21:first]) / scale
