"""Lesson 14, scheduled_inputs: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import keeps_below


@exercise(
    points=1,
    difficulty=2,
    minutes=10,
    returns=("y_in",),
    hints=(
        "First shift both tables, so that each column holds the tokens of the step before. Then choose at "
        "every step between the two.",
        "np.where(condition, a, b) chooses entry by entry. The draw for input t is uniforms[:, t], so the "
        "choice for input t looks at uniforms[:, t] and at column t - 1 of both tables.",
        "The whole body: return np.where(uniforms < p, shift_right(targets, sos), shift_right(predictions, "
        "sos))",
    ),
    source="Bengio, Vinyals, Jaitly and Shazeer (2015), Scheduled Sampling",
)
def scheduled_inputs(targets, predictions, uniforms, p, sos): ...


@scheduled_inputs.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, p, sos in ((3, 7, 0.5, 1), (5, 11, 0.3, 2), (2, 5, 1.0, 1), (3, 5, 0.0, 0), (2, 1, 0.5, 11)):
        targets = rng.integers(3, 11, size=(N, T))
        predictions = (targets - 3 + rng.integers(1, 8, size=(N, T))) % 8 + 3  # never equal
        uniforms = rng.uniform(size=(N, T))
        if p == 0:
            uniforms[1, 2] = 0.0  # a draw that equals p
        yield targets, predictions, uniforms, p, sos


def _np_inputs(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, :-1])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


keeps_below(scheduled_inputs, _np_inputs, "Here the true token is taken where uniforms < p.")


@scheduled_inputs.mistake(
    "You always feed the true token: that is teacher forcing. With p = 0, as at test time, there is no "
    "teacher and every input is the model's own prediction."
)
def teacher_forcing_at_test_time(targets, predictions, uniforms, p, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), targets[:, :-1]], axis=1)


@scheduled_inputs.mistake(
    "You always feed the model's own predictions. With p = 1 every input must be the true token."
)
def always_own_predictions(targets, predictions, uniforms, p, sos):
    return np.concatenate([np.full_like(targets[:, :1], sos), predictions[:, :-1]], axis=1)


@scheduled_inputs.mistake(
    "True and predicted are swapped: p is the probability of the *true* token, so the true one is taken "
    "where uniforms < p."
)
def share_swapped(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] < p, predictions[:, :-1], targets[:, :-1])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "The choice is right but not shifted: input t must be a token of step t - 1, and the first input is sos."
)
def choice_not_shifted(targets, predictions, uniforms, p, sos):
    return np.where(uniforms < p, targets, predictions)


@scheduled_inputs.mistake(
    "You shifted the draws too. The draw for input t is uniforms[:, t]; only the tokens come from step t - "
    "1.",
    credit=0.5,
)
def draws_shifted_too(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms < p, targets, predictions)[:, :-1]
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "You drew once for each sequence. Every step has its own draw, so that true and own tokens mix within a "
    "sequence."
)
def one_draw_per_sequence(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, :1] < p, targets, predictions)[:, :-1]
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "You wrote sos over the first choice and left the others in place: input t must be a token of step t - "
    "1. Shift both tables, then choose."
)
def first_choice_overwritten(targets, predictions, uniforms, p, sos):
    y_in = np.where(uniforms < p, targets, predictions)
    y_in[:, 0] = sos
    return y_in


@scheduled_inputs.mistake(
    "You shifted the targets, but not the predictions: at step t the decoder would be given its own token "
    "t, which it has yet to choose."
)
def predictions_not_shifted(targets, predictions, uniforms, p, sos):
    before = np.concatenate([np.full_like(targets[:, :1], sos), targets[:, :-1]], axis=1)
    return np.where(uniforms < p, before, predictions)


@scheduled_inputs.mistake(
    "The true tokens are shifted, the model's own are not: predictions[:, t] is what it says *at* step t, "
    "so input t is predictions[:, t-1].",
    credit=0.25,
)
def own_tokens_one_step_early(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, 1:])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)


@scheduled_inputs.mistake(
    "The coin decides about the first input as well. That one is always sos; uniforms[:, 0] is not used.",
    credit=0.5,
)
def coin_for_the_first_input(targets, predictions, uniforms, p, sos):
    first = np.where(uniforms[:, :1] < p, sos, predictions[:, :1])
    chosen = np.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, :-1])
    return np.concatenate([first, chosen], axis=1)


@scheduled_inputs.mistake(
    "A draw that equals p counts as true for you. Ask for uniforms < p: with p = 0 even a draw of 0.0 takes "
    "the model's own token.",
    credit=0.5,
)
def equal_draw_is_true(targets, predictions, uniforms, p, sos):
    chosen = np.where(uniforms[:, 1:] <= p, targets[:, :-1], predictions[:, :-1])
    return np.concatenate([np.full_like(targets[:, :1], sos), chosen], axis=1)
