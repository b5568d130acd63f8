"""Lesson 09, set_forget_bias: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("b_h",),
    hints=(
        "Which quarter of the bias belongs to the forget gate? And: b_h itself must stay as it was.",
        "The order is i, f, g, o, so f has the entries H to 2H-1, with H = len(b_h) // 4. Copy first.",
        "b = b_h.copy(); H = len(b) // 4; b[H : 2 * H] = value; return b",
    ),
    source="Jozefowicz, Zaremba and Sutskever (2015), An Empirical Exploration of Recurrent Network "
    "Architectures",
)
def set_forget_bias(b_h, value): ...


@set_forget_bias.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for H, value in ((5, 1.0), (3, 2.5), (1, -1.0), (7, -2.5)):
        yield rng.normal(size=4 * H), value


def _np_set(b_h, start, value):
    b, H = b_h.copy(), len(b_h) // 4
    b[start * H : (start + 1) * H] = value
    return b


@set_forget_bias.mistake(
    "You set the first quarter, the input gate's. The order is i, f, g, o: f is the second."
)
def sets_input_bias(b_h, value):
    return _np_set(b_h, 0, value)


@set_forget_bias.mistake(
    "You set the third quarter, the candidate's. The order is i, f, g, o: f is the second."
)
def sets_candidate_bias(b_h, value):
    return _np_set(b_h, 2, value)


@set_forget_bias.mistake(
    "You set the last quarter, the output gate's. The order is i, f, g, o: f is the second."
)
def sets_output_bias(b_h, value):
    return _np_set(b_h, 3, value)


@set_forget_bias.mistake("You set all biases; only the forget gate's quarter changes.")
def sets_all_biases(b_h, value):
    return np.full_like(b_h, value)


@set_forget_bias.mistake("You *added* the value. Set the forget gate's entries to it.")
def adds_to_forget_bias(b_h, value):
    H = len(b_h) // 4
    return b_h + np.repeat([0.0, value, 0.0, 0.0], H)


@set_forget_bias.mistake("Only the forget gate's quarter came back; return all 4H entries.")
def forget_quarter_only(b_h, value):
    return np.full(len(b_h) // 4, value)


@set_forget_bias.mistake(
    "You lost the other biases: they are zero in your answer. Copy b_h first, then set its second quarter."
)
def zeroes_other_biases(b_h, value):
    b, H = np.zeros_like(b_h), len(b_h) // 4
    b[H : 2 * H] = value
    return b


@set_forget_bias.mistake(
    "You set every fourth entry. The gates stand in blocks: the forget gate's are entries H to 2H-1."
)
def sets_every_fourth(b_h, value):
    b = b_h.copy()
    b[1::4] = value
    return b
