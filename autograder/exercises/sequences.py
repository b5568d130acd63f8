"""Lesson 01: windows over a series, the autoregressive model, and batches of unequal lengths."""

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from autograder.exercise import exercise


def _np_windows(x, tau):
    """inputs (T-tau, tau), targets (T-tau,)"""
    return np.lib.stride_tricks.sliding_window_view(x, tau)[:-1].copy(), x[tau:].copy()


# ---------------------------------------------------------------- make_windows


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("inputs", "targets"),
    hints=(
        "Write down the first and the last row by hand for x = [10, 11, 12, 13, 14] and tau = 2: where does "
        "each start, and which value comes right after it?",
        "Row i is x[i : i + tau] and its target is x[i + tau]. There are T - tau rows: i runs from 0 to "
        "T - tau - 1.",
        "inputs = np.stack([x[i : i + tau] for i in range(len(x) - tau)]) and targets = x[tau:]",
    ),
    source="Yule (1927), On a Method of Investigating Periodicities in Disturbed Series",
)
def make_windows(x, tau):
    return x.unfold(0, tau, 1)[:-1], x[tau:]


@make_windows.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, tau in ((11, 3), (7, 2), (5, 1), (13, 5), (4, 3)):
        yield rng.normal(size=T) * 10, tau


@make_windows.mistake(
    "Your windows start one value too late: each ends with the very value that it should predict. "
    "Row i is x[i : i + tau], and its target x[i + tau] stays outside."
)
def window_holds_its_target(x, tau):
    return np.stack([x[i + 1 : i + 1 + tau] for i in range(len(x) - tau)]), x[tau:]


@make_windows.mistake(
    "Your targets come one step too early: each is the last value of its own window, which is already known. "
    "The target of row i is x[i + tau].",
    credit=0.25,
)
def targets_shifted(x, tau):
    return _np_windows(x, tau)[0], x[tau - 1 : -1]


@make_windows.mistake(
    "The last window is missing: your loop stops one short. There are T - tau windows, so range(T - tau).",
    credit=0.5,
)
def last_window_missing(x, tau):
    inputs, targets = _np_windows(x, tau)
    return inputs[:-1], targets[:-1]


@make_windows.mistake(
    "You keep one window too many: the last one ends at the end of the series, where there is nothing left "
    "to predict. T - tau windows have a target.",
    credit=0.5,
)
def window_without_target(x, tau):
    return np.lib.stride_tricks.sliding_window_view(x, tau).copy(), x[tau:]


@make_windows.mistake("Each window runs backwards in time. The oldest value comes first: x[i : i + tau].")
def newest_first(x, tau):
    inputs, targets = _np_windows(x, tau)
    return inputs[:, ::-1], targets


@make_windows.mistake(
    "Your windows are the columns. Make each window a row, so that inputs is (T - tau, tau)."
)
def windows_as_columns(x, tau):
    inputs, targets = _np_windows(x, tau)
    return inputs.T, targets


@make_windows.mistake(
    "Your windows do not overlap: they move on by tau values at a time. Move on by one, so that every value "
    "from the tau-th on is a target once."
)
def windows_side_by_side(x, tau):
    inputs, targets = _np_windows(x, tau)
    return inputs[::tau], targets[::tau]


@make_windows.mistake(
    "The targets are a column (T - tau, 1). One number per window needs one axis only: (T - tau,).",
    credit=0.5,
)
def targets_as_column(x, tau):
    inputs, targets = _np_windows(x, tau)
    return inputs, targets[:, None]


@make_windows.mistake(
    "Each row has tau + 1 values: the target stands at its end, where the model would simply read it off. "
    "Cut it off, so that inputs is (T - tau, tau).",
    credit=0.25,
)
def target_left_in_the_row(x, tau):
    return np.lib.stride_tricks.sliding_window_view(x, tau + 1).copy(), x[tau:]


# ---------------------------------------------------------------- fit_ar


def _np_lstsq(A, b):
    return np.linalg.lstsq(A, b, rcond=None)[0]


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("coef", "intercept"),
    hints=(
        "This is a linear regression: the rows of make_windows are the inputs, its targets the outputs. What "
        "must you add to the inputs so that an intercept can be learned as well?",
        "Put a column of ones beside the windows, A (T - tau, tau + 1), and solve A @ solution = targets in "
        "the sense of least squares with np.linalg.lstsq(A, targets). Then take the solution apart.",
        "inputs, targets = make_windows(x, tau); A = np.column_stack([inputs, np.ones(len(inputs))]); "
        "solution = np.linalg.lstsq(A, targets)[0]; return solution[:-1], solution[-1]",
    ),
    source="Box and Jenkins (1970), Time Series Analysis",
    rtol=1e-6,
)
def fit_ar(x, tau):
    windows = x.unfold(0, tau + 1, 1)  # the last column holds the targets
    A = torch.cat([windows[:, :-1], torch.ones_like(windows[:, :1])], dim=1)
    solution = torch.linalg.lstsq(A, windows[:, -1:]).solution[:, 0]
    return solution[:-1], solution[-1]


@fit_ar.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, tau, level in ((31, 3, 2.0), (41, 5, 50.0), (13, 2, -3.0), (7, 1, 1.0), (9, 4, 0.5)):
        yield level + rng.normal(size=T).cumsum() * 0.5 + rng.normal(size=T), tau


@fit_ar.mistake(
    "You fitted no intercept, which forces a forecast of 0 for a history of zeros. Put a column of ones "
    "beside the windows, and return the number that it gets."
)
def intercept_forgotten(x, tau):
    return _np_lstsq(*_np_windows(x, tau)), 0.0


@fit_ar.mistake(
    "You fitted the series without its mean, and returned the mean as intercept. The mean was taken off the "
    "windows too, so the intercept is that mean times (1 - sum of coef), and least squares with a column of "
    "ones finds it for you."
)
def intercept_is_the_mean(x, tau):
    return _np_lstsq(*_np_windows(x - x.mean(), tau)), x.mean()


@fit_ar.mistake(
    "Your column of ones is the first one, but you take the intercept from the end of the solution: what you "
    "call intercept belongs to the newest value. Take the solution apart in the order of your columns.",
    credit=0.5,
)
def ones_first_intercept_last(x, tau):
    inputs, targets = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([np.ones(len(inputs)), inputs]), targets)
    return solution[:-1], solution[-1]


@fit_ar.mistake("You return the intercept first. The order is coef, intercept.", credit=0.5)
def intercept_returned_first(x, tau):
    inputs, targets = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[-1], solution[:-1]


@fit_ar.mistake(
    "Your coefficients start with the newest value. coef[0] multiplies the oldest value of the window, "
    "coef[-1] the newest.",
    credit=0.5,
)
def coefficients_newest_first(x, tau):
    inputs, targets = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[:-1][::-1], solution[-1]


@fit_ar.mistake(
    "You let the model predict the last value of its own window, which it is given: it learns to copy. "
    "The target of x[i : i + tau] is x[i + tau]."
)
def predicts_what_it_sees(x, tau):
    inputs, _ = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), x[tau - 1 : -1])
    return solution[:-1], solution[-1]


@fit_ar.mistake(
    "You return the whole solution as coef, with the intercept still at its end. coef has tau entries: "
    "solution[:-1].",
    credit=0.5,
)
def intercept_left_in_coef(x, tau):
    inputs, targets = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution, solution[-1]


@fit_ar.mistake(
    "You fitted each lag by itself. Neighbouring values are correlated, so the coefficients must be found "
    "together: one least-squares problem with all columns."
)
def each_lag_alone(x, tau):
    inputs, targets = _np_windows(x, tau)
    A = np.column_stack([inputs, np.ones(len(inputs))])
    solution = (A.T @ targets) / (A**2).sum(axis=0)
    return solution[:-1], solution[-1]


@fit_ar.mistake(
    "Your intercept is an array of one number. Take the number itself: solution[-1], not solution[-1:].",
    credit=0.75,
)
def intercept_as_array(x, tau):
    inputs, targets = _np_windows(x, tau)
    solution = _np_lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets)
    return solution[:-1], solution[-1:]


# ---------------------------------------------------------------- forecast


def _np_forecast(history, coef, intercept, steps):
    """The right answer in NumPy, for mistakes to spoil."""
    window, y = history, np.zeros(steps)
    for s in range(steps):
        y[s] = window @ coef + intercept
        window = np.append(window[1:], y[s])
    return y


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("predictions",),
    hints=(
        "Nobody tells you the true values after the history. What do you know at the second step that "
        "you can put in their place?",
        "Keep a window of tau values. Each step: predict window @ coef + intercept, store it, drop the "
        "oldest value of the window and append the prediction.",
        "window = history; in the loop: y[s] = window @ coef + intercept; window = np.append(window[1:], "
        "y[s])",
    ),
    source="Box and Jenkins (1970), Time Series Analysis, chapter 5",
)
def forecast(history, coef, intercept, steps):
    known = history
    for _ in range(steps):
        known = torch.cat([known, (torch.dot(known[-len(coef) :], coef) + intercept)[None]])
    return known[len(history) :]


@forecast.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for tau, steps in ((3, 7), (5, 2), (2, 11), (1, 5), (7, 1)):
        yield rng.normal(size=tau) + 2, rng.normal(size=tau) / tau, float(rng.normal()) + 1, steps


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
    "You put the prediction at the front of the window. Windows run from oldest to newest, so it is appended "
    "at the end, and the value at the front is dropped."
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
    "One prediction is missing: your loop runs steps - 1 times. Predict in the first round already, from the "
    "history itself.",
    credit=0.25,
)
def one_prediction_missing(history, coef, intercept, steps):
    return _np_forecast(history, coef, intercept, steps - 1)


@forecast.mistake(
    "Your last prediction is still 0: the loop stops one round short. It is range(steps), not "
    "range(steps - 1).",
    credit=0.25,
)
def last_prediction_zero(history, coef, intercept, steps):
    return np.append(_np_forecast(history, coef, intercept, steps - 1), 0.0)


@forecast.mistake(
    "The numbers are right, but the caller's history is overwritten: you move the window in place. Start "
    "with window = history.copy(), or build a new window in each step.",
    credit=0.5,
)
def history_overwritten(history, coef, intercept, steps):
    y = np.zeros(steps)
    for s in range(steps):
        y[s] = history @ coef + intercept
        history[:-1] = history[1:]
        history[-1] = y[s]
    return y


# ---------------------------------------------------------------- pad_batch


def _np_pad(sequences):
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))
    for row, s in zip(batch, sequences, strict=True):
        row[: len(s)] = s
    return batch, lengths


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("batch", "lengths"),
    hints=(
        "An array is a box: how long must the box be so that every sequence fits in?",
        "lengths first, then batch = np.zeros((N, lengths.max(), D)); each sequence fills the front of "
        "its row.",
        "for n, s in enumerate(sequences): batch[n, : len(s)] = s",
    ),
    source="Graves (2012), Supervised Sequence Labelling with Recurrent Neural Networks; the operation is "
    "torch.nn.utils.rnn.pad_sequence",
)
def pad_batch(sequences):
    lengths = torch.tensor([len(s) for s in sequences], device=sequences[0].device)
    return pad_sequence(sequences, batch_first=True), lengths


@pad_batch.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, D in (((3, 7, 2), 5), ((2, 5), 3), ((4, 1, 6, 11, 2), 2), ((3,), 2), ((1, 2), 1)):
        yield ([rng.normal(size=(T, D)) for T in lengths],)
    quiet = [rng.normal(size=(T, 2)) for T in (3, 5, 2)]
    quiet[0][-1] = quiet[1][2] = 0  # real steps may be all zeros, at the end and in the middle
    yield (quiet,)


@pad_batch.mistake(
    "You put the padding in front. A sequence starts at step 0 of its row, and the zeros follow it: "
    "batch[n, : len(s)] = s."
)
def padded_in_front(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[:] = 0
        row[len(row) - len(s) :] = s
    return batch, lengths


@pad_batch.mistake(
    "You cut every sequence to the shortest one, and lose data. Make the box as long as the longest, "
    "lengths.max()."
)
def cut_to_the_shortest(sequences):
    lengths = np.array([len(s) for s in sequences])
    return np.stack([s[: lengths.min()] for s in sequences]), lengths


@pad_batch.mistake("Time comes first in your batch. The batch axis comes first here: (N, T, D).", credit=0.5)
def time_first(sequences):
    batch, lengths = _np_pad(sequences)
    return batch.swapaxes(0, 1), lengths


@pad_batch.mistake(
    "Your lengths are all T, the padded length. Return how long each sequence really is, or nobody can tell "
    "padding from data.",
    credit=0.5,
)
def padded_lengths(sequences):
    batch, lengths = _np_pad(sequences)
    return batch, np.full(len(lengths), lengths.max())


@pad_batch.mistake(
    "You sorted the sequences by length. Keep their order: row n is sequence n, otherwise targets no longer "
    "match."
)
def sorted_by_length(sequences):
    return _np_pad(sorted(sequences, key=len, reverse=True))


@pad_batch.mistake(
    "You repeated the last step of each sequence to fill its row. The filling is zeros here.", credit=0.25
)
def last_step_repeated(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[len(s) :] = s[-1]
    return batch, lengths


@pad_batch.mistake("You return the batch alone. Return batch, lengths: two results.", credit=0.5)
def lengths_not_returned(sequences):
    return _np_pad(sequences)[0]


@pad_batch.mistake(
    "You filled up with nan. One nan spoils every sum that it enters, masked or not (0 * nan is nan): fill "
    "with zeros.",
    credit=0.5,
)
def filled_with_nan(sequences):
    batch, lengths = _np_pad(sequences)
    for row, s in zip(batch, sequences, strict=True):
        row[len(s) :] = np.nan
    return batch, lengths


@pad_batch.mistake(
    "You counted the steps that are not zero; a real step may be all zeros. Take len(s) of each sequence.",
    credit=0.5,
)
def zero_steps_not_counted(sequences):
    batch, _ = _np_pad(sequences)
    return batch, (batch != 0).any(axis=2).sum(axis=1)


@pad_batch.mistake(
    "You made the box as long as the first sequence. Another one may be longer: T is lengths.max()."
)
def as_long_as_the_first(sequences):
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths[0], sequences[0].shape[1]))
    for n, s in enumerate(sequences):
        batch[n, : len(s)] = s
    return batch, lengths


# ---------------------------------------------------------------- length_mask


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("mask",),
    hints=(
        "Number the steps 0, 1, .. T-1. Which of them belong to a sequence of length 3?",
        "Step t of sequence n is real where t < lengths[n]. Compare a row of steps with a column of lengths.",
        "The whole body: return np.arange(T) < lengths[:, None]",
    ),
    source="NOTATION.md: True means real; Cho et al. (2014) train on padded batches with such a mask",
)
def length_mask(lengths, T):
    steps = torch.arange(T, device=lengths.device).expand(len(lengths), T)
    return torch.lt(steps, lengths.unsqueeze(1))


@length_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield np.array([3, 7, 2]), 7
    yield rng.integers(1, 6, size=7), 11
    yield np.array([5, 2]), 5
    yield np.array([0, 3, 1]), 5
    yield np.array([1]), 1


@length_mask.mistake(
    "Your mask is one step too long: steps count from 0, so a sequence of length 3 owns the steps 0, 1, 2. "
    "Use < and not <=.",
    credit=0.25,
)
def one_step_too_long(lengths, T):
    return np.arange(T) <= lengths[:, None]


@length_mask.mistake(
    "Your mask is one step too short: a sequence of length 3 owns the steps 0, 1 and 2. Compare with "
    "lengths, not with lengths - 1.",
    credit=0.25,
)
def one_step_too_short(lengths, T):
    return np.arange(T) < lengths[:, None] - 1


@length_mask.mistake("Your mask is inverted. True means real data here, False means padding.", credit=0.25)
def inverted(lengths, T):
    return np.arange(T) >= lengths[:, None]


@length_mask.mistake("Your mask has time first. One row per sequence: (N, T).", credit=0.5)
def mask_transposed(lengths, T):
    return np.arange(T)[:, None] < lengths


@length_mask.mistake(
    "Your mask holds numbers instead of True and False. A comparison gives booleans, and only booleans "
    "can be used to select with x[mask].",
    credit=0.5,
)
def mask_of_numbers(lengths, T):
    return (np.arange(T) < lengths[:, None]).astype(float)


@length_mask.mistake(
    "You mark only the last real step of each sequence. Mark all steps before it as well: t < lengths[n]."
)
def last_step_marked(lengths, T):
    return np.arange(T) == lengths[:, None] - 1


@length_mask.mistake(
    "Your mask is as wide as the longest sequence. T is given, and may be larger: np.arange(T).", credit=0.5
)
def width_from_lengths(lengths, T):
    return np.arange(lengths.max()) < lengths[:, None]


@length_mask.mistake("You marked the end of each row. The data are in front, and the padding behind.")
def marked_at_the_end(lengths, T):
    return np.arange(T) >= T - lengths[:, None]


# ---------------------------------------------------------------- last_valid


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("last",),
    hints=(
        "The last real step of sequence n is lengths[n] - 1, which differs from row to row. How do you pick "
        "one step per row in one go?",
        "Index the first two axes with two integer arrays of equal length: one counts the rows, the other "
        "says which step of that row.",
        "The whole body: return h[np.arange(len(h)), lengths - 1]",
    ),
    source="Graves (2012), Supervised Sequence Labelling with Recurrent Neural Networks, section 2.3",
)
def last_valid(h, lengths):
    packed = pack_padded_sequence(h, lengths.cpu(), batch_first=True, enforce_sorted=False)
    padded, real = pad_packed_sequence(packed, batch_first=True)
    last = (real - 1).to(h.device)[:, None, None].expand(-1, 1, h.shape[2])
    return padded.gather(1, last).squeeze(1)


@last_valid.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for lengths, T, H in (
        ((4, 7, 2), 7, 5),
        ((1, 3, 5, 2, 4), 5, 3),
        ((3, 2), 11, 2),
        ((3,), 5, 2),
        ((1, 1), 1, 3),
    ):
        yield rng.normal(size=(len(lengths), T, H)), np.array(lengths)


@last_valid.mistake(
    "You took the last step of the box, h[:, -1]. For a short sequence that is padding: take step "
    "lengths[n] - 1 of row n."
)
def last_of_the_box(h, lengths):
    return h[:, -1]


@last_valid.mistake(
    "With h[:, lengths - 1] every row gives every listed step: (N, N, H). Pair each row with its own step: "
    "h[np.arange(N), lengths - 1].",
    credit=0.25,
)
def every_row_with_every_step(h, lengths):
    return h[:, lengths - 1]


@last_valid.mistake(
    "You went one step too far: step lengths[n] is the first step of padding, or outside the array. Steps "
    "count from 0, so the last real one is lengths[n] - 1.",
    credit=0.25,
)
def one_step_too_far(h, lengths):
    return h[np.arange(len(h)), lengths]


@last_valid.mistake(
    "One step too far, and the clip hides the IndexError: the last real step of row n is lengths[n] - 1.",
    credit=0.25,
)
def one_step_too_far_and_clipped(h, lengths):
    return h[np.arange(len(h)), np.minimum(lengths, h.shape[1] - 1)]


@last_valid.mistake(
    "A negative index counts from the end of the box, padding included: -lengths[n] is not the last real "
    "step. That is lengths[n] - 1."
)
def counted_from_the_end(h, lengths):
    return h[np.arange(len(h)), -lengths]


@last_valid.mistake("You took the first step of each sequence, not the last real one, lengths[n] - 1.")
def first_step(h, lengths):
    return h[:, 0]


@last_valid.mistake(
    "You averaged over the real steps. That is another good summary of a sequence, but the last real step "
    "alone is asked for."
)
def mean_over_real_steps(h, lengths):
    mask = np.arange(h.shape[1]) < lengths[:, None]
    return (h * mask[..., None]).sum(axis=1) / lengths[:, None]


@last_valid.mistake(
    "Your result still has a time axis of length 1. One vector per sequence: (N, H).", credit=0.5
)
def time_axis_kept(h, lengths):
    return np.take_along_axis(h, (lengths - 1)[:, None, None], axis=1)


@last_valid.mistake(
    "You took the same step for the whole batch, the end of the longest sequence. Each row has its own "
    "last step."
)
def end_of_the_longest(h, lengths):
    return h[:, lengths.max() - 1]


@last_valid.mistake(
    "You took the same step for the whole batch, the end of the shortest sequence. Each row has its own "
    "last step."
)
def end_of_the_shortest(h, lengths):
    return h[:, lengths.min() - 1]
