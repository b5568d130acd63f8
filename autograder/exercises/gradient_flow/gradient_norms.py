"""Lesson 07, gradient_norms: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import tanh_slope
from autograder.exercises.gradient_flow.draws import states


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("norms",),
    hints=(
        "Go backwards from dh_T. Entry 0 of the answer is the norm of dh_T itself: lag 0.",
        "From h_t to h_{t-1}: multiply by the slope 1 - h_t^2, then by W_hh transposed. No other loss joins "
        "on the way.",
        "norms[0] = np.linalg.norm(dh_T); then for k from 1: dh = (dh * (1 - h[:, -k] ** 2)) @ W_hh.T and "
        "norms[k].",
    ),
    source="Hochreiter (1991), Untersuchungen zu dynamischen neuronalen Netzen; Bengio, Simard and Frasconi "
    "(1994)",
)
def gradient_norms(dh_T, h, W_hh): ...


@gradient_norms.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(2, 3)), states(rng, 2, 5, 3), rng.normal(size=(3, 3))
    yield rng.normal(size=(5, 2)), states(rng, 5, 7, 2), rng.normal(size=(2, 2)) * 1.5
    yield rng.normal(size=(1, 7)), states(rng, 1, 2, 7), rng.normal(size=(7, 7))
    yield rng.normal(size=(3, 2)), states(rng, 3, 1, 2), rng.normal(size=(2, 2))
    yield rng.normal(size=(1, 1)), states(rng, 1, 11, 1) * 0.2, np.array([[3.0]])


def _norms_by_lag(dh_T, h, W_hh, slope):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = (dh * slope(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


def _slope_at(h, k):
    return 1 - h[:, -k] ** 2


def _gradients_by_lag(dh_T, h, W_hh, lags):
    """dL/dh_{T-k} for k = 0 .. lags, a list of arrays (N, H)."""
    gradients = [dh_T]
    for k in range(1, lags + 1):
        gradients.append((gradients[-1] * _slope_at(h, k)) @ W_hh.T)
    return gradients


tanh_slope(
    gradient_norms,
    lambda slope: lambda dh_T, h, W_hh: _norms_by_lag(dh_T, h, W_hh, lambda h, k: slope(h[:, -k])),
)


@gradient_norms.mistake(
    "Your norms are in the order of time. They are asked by lag: entry 0 belongs to h_T, the last entry to "
    "h_1.",
    credit=0.5,
)
def ordered_by_time(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, _slope_at)[::-1]


@gradient_norms.mistake(
    "You took the slope at the wrong step: on the way from h_t to h_{t-1} the gradient passes the tanh that "
    "made h_t, so its slope is 1 - h_t^2.",
    credit=0.25,
)
def slope_one_step_early(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1 - h[:, -k - 1] ** 2)


@gradient_norms.mistake(
    "You took the slopes in the order of time. The gradient starts at the end: the first slope that it "
    "meets is that of h_T, then h_{T-1}, and so on.",
    credit=0.25,
)
def slopes_in_order_of_time(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1 - h[:, k] ** 2)


@gradient_norms.mistake(
    "You multiplied by W_hh. The forward pass uses h W_hh, so the gradient comes back through its "
    "transpose, W_hh.T.",
    credit=0.25,
)
def weights_not_transposed(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh.T, _slope_at)


@gradient_norms.mistake(
    "You multiplied by W_hh.T first and by the slope afterwards. Going backwards the tanh comes first, then "
    "W_hh.T.",
    credit=0.25,
)
def slope_after_weights(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = (dh @ W_hh.T) * _slope_at(h, k)
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake("You returned squared norms: the root is missing.", credit=0.5)
def norms_squared(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, _slope_at) ** 2


@gradient_norms.mistake(
    "You averaged one norm per sequence. Asked is a single norm over batch and units together: "
    "np.linalg.norm(dh) of the whole (N, H) array.",
    credit=0.5,
)
def mean_of_norms_per_sequence(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T, axis=1).mean()]
    for k in range(1, h.shape[1]):
        dh = (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh, axis=1).mean())
    return np.array(norms)


@gradient_norms.mistake(
    "Your lags start at 1. Entry 0 is lag 0, the norm of dh_T itself; the last entry, lag T - 1, belongs to "
    "h_1.",
    credit=0.5,
)
def lags_start_at_one(dh_T, h, W_hh):
    dh, norms = dh_T, []
    for k in range(1, h.shape[1] + 1):
        dh = (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake(
    "You divided by the first norm. The lengths themselves are asked; entry 0 is the norm of dh_T.",
    credit=0.5,
)
def norms_relative_to_first(dh_T, h, W_hh):
    norms = _norms_by_lag(dh_T, h, W_hh, _slope_at)
    return norms / norms[0]


@gradient_norms.mistake(
    "You went one step too far, back to h_0: there are T norms, and the last one belongs to h_1.",
    credit=0.5,
)
def one_norm_too_many(dh_T, h, W_hh):
    return np.array([np.linalg.norm(dh) for dh in _gradients_by_lag(dh_T, h, W_hh, h.shape[1])])


@gradient_norms.mistake(
    "You kept one norm per sequence, (T, N). Asked is a single one per lag, over batch and units together: "
    "np.linalg.norm(dh).",
    credit=0.5,
)
def norms_per_sequence(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.linalg.norm(dh, axis=1) for dh in lags])


@gradient_norms.mistake(
    "You took the root of the *mean* of the squares. A norm is the root of their sum.",
    credit=0.5,
)
def root_of_mean_square(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.sqrt((dh**2).mean()) for dh in lags])


@gradient_norms.mistake(
    "You added dh_T again at every step. The only loss is at the end: after entry 0 nothing joins the "
    "gradient.",
    credit=0.25,
)
def loss_at_every_step(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = dh_T + (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake(
    "You took the spectral norm of the (N, H) array, np.linalg.norm(dh, 2). Its length is asked, the root "
    "of the sum of all squares: np.linalg.norm(dh).",
    credit=0.5,
)
def spectral_norms_of_batch(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.linalg.norm(dh, 2) for dh in lags])
