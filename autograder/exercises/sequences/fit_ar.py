"""Lesson 01, fit_ar: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.sequences.parts import np_windows


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("coef", "intercept"),
    hints=(
        "This is a linear regression: the rows of make_windows are the inputs, its targets the outputs. "
        "What must you add to the inputs so that an intercept can be learned as well?",
        "Put a column of ones beside the windows, A (T - tau, tau + 1), and solve A @ solution = targets in "
        "the sense of least squares with np.linalg.lstsq(A, targets). Then take the solution apart.",
        "inputs, targets = make_windows(x, tau); A = np.column_stack([inputs, np.ones(len(inputs))]); "
        "solution = np.linalg.lstsq(A, targets)[0]; return solution[:-1], solution[-1]",
    ),
    source="Box and Jenkins (1970), Time Series Analysis",
    rtol=1e-6,
)
def fit_ar(x, tau): ...


@fit_ar.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, tau, level in ((31, 3, 2.0), (41, 5, 50.0), (13, 2, -3.0), (7, 1, 1.0), (9, 4, 0.5)):
        yield level + rng.normal(size=T).cumsum() * 0.5 + rng.normal(size=T), tau


def _np_lstsq(A, b):
    return np.linalg.lstsq(A, b, rcond=None)[0]


@fit_ar.mistake(
    "You fitted no intercept, which forces a forecast of 0 for a history of zeros. Put a column of ones "
    "beside the windows, and return the number that it gets."
)
def intercept_forgotten(x, tau):
    return _np_lstsq(*np_windows(x, tau)), 0.0


@fit_ar.mistake(
    "You fitted the series without its mean, and returned the mean as intercept. The mean was taken off the "
    "windows too, so the intercept is that mean times (1 - sum of coef), and least squares with a column of "
    "ones finds it for you."
)
def intercept_is_the_mean(x, tau):
    return _np_lstsq(*np_windows(x - x.mean(), tau)), x.mean()


@fit_ar.mistake(
    "Your column of ones is the first one, but you take the intercept from the end of the solution: what "
    "you call intercept belongs to the newest value. Take the solution apart in the order of your columns.",
    credit=0.5,
)
def ones_first_intercept_last(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([np.ones(len(inputs)), inputs]), targets)
    return solution[:-1], solution[-1]


@fit_ar.mistake("You return the intercept first. The order is coef, intercept.", credit=0.5)
def intercept_returned_first(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[-1], solution[:-1]


@fit_ar.mistake(
    "Your coefficients start with the newest value. coef[0] multiplies the oldest value of the window, "
    "coef[-1] the newest.",
    credit=0.5,
)
def coefficients_newest_first(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[:-1][::-1], solution[-1]


@fit_ar.mistake(
    "You let the model predict the last value of its own window, which it is given: it learns to copy. The "
    "target of x[i : i + tau] is x[i + tau]."
)
def predicts_what_it_sees(x, tau):
    inputs, _ = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), x[tau - 1 : -1])
    return solution[:-1], solution[-1]


@fit_ar.mistake(
    "You return the whole solution as coef, with the intercept still at its end. coef has tau entries: "
    "solution[:-1].",
    credit=0.5,
)
def intercept_left_in_coef(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution, solution[-1]


@fit_ar.mistake(
    "You fitted each lag by itself. Neighbouring values are correlated, so the coefficients must be found "
    "together: one least-squares problem with all columns."
)
def each_lag_alone(x, tau):
    inputs, targets = np_windows(x, tau)
    A = np.column_stack([inputs, np.ones(len(inputs))])
    solution = (A.T @ targets) / (A**2).sum(axis=0)
    return solution[:-1], solution[-1]


@fit_ar.mistake(
    "Your intercept is an array of one number. Take the number itself: solution[-1], not solution[-1:].",
    credit=0.75,
)
def intercept_as_array(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[:-1], solution[-1:]


@fit_ar.mistake(
    "The last window is left out: there are len(x) - tau of them, and the last one predicts x[-1].",
    credit=0.5,
)
def last_window_left_out(x, tau):
    inputs, targets = np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))])[:-1], targets[:-1])
    return solution[:-1], solution[-1]
