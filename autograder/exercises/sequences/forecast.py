"""Lesson 01, forecast: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("predictions",),
    hints=(
        "Nobody tells you the true values after the history. What do you know at the second step that you "
        "can put in their place?",
        "Keep a window of tau values. Each step: predict window @ coef + intercept, store it, drop the "
        "oldest value of the window and append the prediction.",
        "window = history; in the loop: y[s] = window @ coef + intercept; window = np.append(window[1:], "
        "y[s])",
    ),
    source="Box and Jenkins (1970), Time Series Analysis, chapter 5",
)
def forecast(history, coef, intercept, steps): ...


@forecast.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for tau, steps in ((3, 7), (5, 2), (2, 11), (1, 5), (7, 1)):
        yield rng.normal(size=tau) + 2, rng.normal(size=tau) / tau, float(rng.normal()) + 1, steps
    whole = rng.integers(-9, 9, size=3)  # a history of whole numbers, whose future is none
    yield whole, rng.normal(size=3) / 3, float(rng.normal()) + 1, 7


def _np_forecast(history, coef, intercept, steps):
    """The right answer in NumPy, for mistakes to spoil."""
    window, y = history, np.zeros(steps)
    for s in range(steps):
        y[s] = window @ coef + intercept
        window = np.append(window[1:], y[s])
    return y


@forecast.mistake(
    "Your window never moves: every step predicts from the same history. Drop the oldest value and append "
    "your own prediction before the next step."
)
def window_never_moves(history, coef, intercept, steps):
    return np.full(steps, history @ coef + intercept)


@forecast.mistake(
    "You put the prediction in the place of the newest value without moving the others. The whole window "
    "moves on: drop the oldest value, append the prediction at the end."
)
def newest_replaced(history, coef, intercept, steps):
    window, y = history.copy(), np.zeros(steps)
    for s in range(steps):
        y[s] = window[-1] = window @ coef + intercept
    return y


@forecast.mistake(
    "You put the prediction at the front of the window. Windows run from oldest to newest, so it is "
    "appended at the end, and the value at the front is dropped."
)
def prepended(history, coef, intercept, steps):
    window, y = history, np.zeros(steps)
    for s in range(steps):
        y[s] = window @ coef + intercept
        window = np.append(y[s], window[:-1])
    return y


@forecast.mistake(
    "You multiply the newest value by coef[0]. coef[0] belongs to the oldest value of the window, as fit_ar "
    "returns it: window @ coef."
)
def coefficients_reversed(history, coef, intercept, steps):
    window, y = history, np.zeros(steps)
    for s in range(steps):
        y[s] = window[::-1] @ coef + intercept
        window = np.append(window[1:], y[s])
    return y


@forecast.mistake("The intercept is missing: each prediction is window @ coef + intercept.")
def intercept_missing(history, coef, intercept, steps):
    return _np_forecast(history, coef, 0.0, steps)


@forecast.mistake(
    "Only the first prediction gets the intercept. Every step is a whole prediction: window @ coef + "
    "intercept."
)
def intercept_only_once(history, coef, intercept, steps):
    window, y = history, np.zeros(steps)
    for s in range(steps):
        y[s] = window @ coef + (intercept if s == 0 else 0.0)
        window = np.append(window[1:], y[s])
    return y


@forecast.mistake(
    "You return the history in front of the predictions. Return the steps new values alone.", credit=0.5
)
def history_returned_too(history, coef, intercept, steps):
    return np.concatenate([history, _np_forecast(history, coef, intercept, steps)])


@forecast.mistake("You return the last prediction alone. Keep one value per step: (steps,).", credit=0.25)
def last_step_only(history, coef, intercept, steps):
    return _np_forecast(history, coef, intercept, steps)[-1]


@forecast.mistake(
    "One prediction is missing: your loop runs steps - 1 times. Predict in the first round already, from "
    "the history itself.",
    credit=0.25,
)
def one_prediction_missing(history, coef, intercept, steps):
    return _np_forecast(history, coef, intercept, steps - 1)


@forecast.mistake(
    "Your last prediction is still 0: the loop stops one round short. It is range(steps), not range(steps - "
    "1).",
    credit=0.25,
)
def last_prediction_zero(history, coef, intercept, steps):
    return np.append(_np_forecast(history, coef, intercept, steps - 1), 0.0)


@forecast.mistake(
    "Your window keeps the type of history: where it holds whole numbers, the predictions that you feed "
    "back are cut off behind the point. Make it a float array first, history.astype(float).",
    credit=0.5,
)
def window_cuts_to_integers(history, coef, intercept, steps):
    window, y = history.copy(), np.zeros(steps)
    for s in range(steps):
        y[s] = window @ coef + intercept
        window = np.append(window[1:], y[s]).astype(history.dtype)
    return y
