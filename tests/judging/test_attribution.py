"""Where several mistakes give one wrong result, the one is named for which the other results speak."""

from functools import partial

import numpy as np
import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.exercises.lstm.parts import np_states, np_step_backward
from autograder.judging import judge_source
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.learner.report import make_report


def diagnosis(name: str, function) -> list[str]:
    return make_report(judge(EXERCISES[name], partial(call, function))).diagnosis


def lstm_backward_from_zeros(dh, x, h0, c0, W_xh, W_hh, b_h):
    """The memory starts from zeros, forwards and backwards, and its gradient is returned as zeros."""
    weights = (W_xh, W_hh, b_h)
    h, c = np_states(x, h0, np.zeros_like(c0), *weights)
    before, memory = (
        np.concatenate([h0[:, None], h[:, :-1]], 1),
        np.concatenate([0 * c0[:, None], c[:, :-1]], 1),
    )
    dx, sums = np.zeros_like(x), [np.zeros_like(w) for w in weights]
    carry, dc = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(x.shape[1])):
        dx[:, t], carry, dc, *grads = np_step_backward(
            dh[:, t] + carry, dc, x[:, t], before[:, t], memory[:, t], *weights
        )
        sums = [s + g for s, g in zip(sums, grads, strict=True)]
    return dx, carry, np.zeros_like(c0), *sums


def test_a_gradient_of_zeros_is_no_proof_of_a_mistake_that_other_results_contradict():
    said = " ".join(diagnosis("lstm_backward", lstm_backward_from_zeros))
    assert "memory's gradient" not in said
    assert "dc0 is zero everywhere" in said


RNN_BACKWARD = """
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    N, T, H = h.shape
    carry = np.zeros(h0.shape)
    dx, dW_xh, dW_hh, db = np.zeros(x.shape), np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(H)
    for t in range(T - 1, -1, -1):
        before = h[:, t - 1] if t else h0
        total = dh[:, t] + carry
        da = total * (1 - h[:, t])
        dx[:, t] = da @ W_xh.T
        carry = total @ W_hh.T
        dW_xh += x[:, t].T @ da
        dW_hh += before.T @ da
        db += da.sum(axis=0)
    return dx, carry, dW_xh, dW_hh, db
"""


def test_one_result_does_not_outweigh_four_that_speak_against_it():
    said = " ".join(make_report(judge_source("rnn_backward", RNN_BACKWARD)).diagnosis)
    assert "is missing in every step" not in said


def test_of_two_mistakes_the_one_is_named_that_spoils_nothing_else():
    exercise = EXERCISES["lstm_step_backward"]

    def late(dh, dc, *given):
        right = np_step_backward(dh, dc, *given)
        late_step = partial(np_step_backward, wrong="late")
        return *right[:2], late_step(dh, dc, *given)[2], *(right[3:5]), right[5] ** 3 + 7

    verdict = judge(exercise, partial(call, late))
    assert [f.name for f in verdict.findings] == ["dc_prev_without_h"]


def test_a_result_that_the_same_mistake_explains_is_not_called_unknown():
    exercise = EXERCISES["lstm_step_backward"]
    named = next(m for m in exercise.mistakes if m.name == "candidate_slope_of_sigmoid")

    def two_slips(dh, dc, *given):
        first, *others = named.function(dh, dc, *given)
        return first**3 + 1, *others

    verdict = judge(exercise, partial(call, two_slips))
    (finding,) = [f for f in verdict.findings if f.kind == "mistake"]
    assert finding.results == ("dh_prev", "dW_xh", "dW_hh", "db_h")


def test_whole_numbers_of_a_mistake_equal_real_ones_of_an_answer():
    def values(z, kind):
        return {
            "sigmoid": lambda: 1 / (1 + np.exp(-z)),
            "tanh": lambda: np.tanh(z),
            "relu": lambda: z * (z > 0.0),
        }[kind]()

    assert "You returned the activation itself" in diagnosis("activation_slope", values)[0]


NOT_WRITTEN = {
    "next to nothing": lambda x: x.mean(axis=1) * 1e-18,
    "a leftover": lambda x: np.where(np.arange(len(x)) == 0, 5e-310, x.mean(axis=1)),
}


@pytest.mark.parametrize("kind", NOT_WRITTEN)
def test_what_was_never_written_is_no_factor(kind):
    (said, *_) = diagnosis("time_average", NOT_WRITTEN[kind])
    assert "np.empty" in said
    assert "times the right one" not in said


def test_a_product_that_underflows_in_one_case_was_written():
    """Never normalised, a belief is tiny after many symbols; np.empty has nothing to do with it."""

    def never_normalised(ids, initial, A, B):
        out = [initial * B[:, ids[0]]]
        for symbol in ids[1:]:
            out.append((A @ out[-1]) * B[:, symbol])
        return np.array(out)

    assert "np.empty" not in " ".join(diagnosis("hmm_filter", never_normalised))


SOURCES = {
    "a tuple is named": (
        "fit_ar",
        "def fit_ar(x, tau):\n    X = np.array([np.append(x[i:i + tau], 1) for i in range(len(x) - tau)])\n"
        "    w = np.linalg.lstsq(X, x[tau:], rcond=None)\n    return w[:-1], w[-1]\n",
        "but is a tuple of 3: array",
    ),
    "the norm is missing": (
        "clip_by_global_norm",
        "def clip_by_global_norm(grads, max_norm):\n    norm = np.sqrt(sum((g**2).sum() for g in grads))\n"
        "    return [g * min(1.0, max_norm / max(norm, 1e-99)) for g in grads]\n",
        "It should return 2 results (clipped, norm), and returns clipped alone.",
    ),
    "items taken out": (
        "clip_by_value",
        "def clip_by_value(grads, limit):\n    out = []\n    while grads:\n"
        "        out.append(np.clip(grads.pop(0), -limit, limit))\n    return out\n",
        "work on a list of your own, grads = list(grads).",
    ),
    "an eigenvector as it comes": (
        "stationary",
        "def stationary(P):\n    values, vectors = np.linalg.eig(P.T)\n"
        "    return np.abs(vectors[:, np.abs(values - 1).argmin()].real)\n",
        "the length is one, as np.linalg.eig gives it",
    ),
    "a stable softmax whose logarithm underflows": (
        "class_log_prob",
        "def sm(z):\n    e = np.exp(z - z.max(axis=-1, keepdims=True))\n"
        "    return e / e.sum(axis=-1, keepdims=True)\n"
        "def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):\n    n = np.arange(len(h))\n"
        "    inside = np.einsum('nh,nhm->nm', h, W_w[classes]) + b_w[classes]\n"
        "    return np.log(sm(h @ W_c + b_c)[n, classes]) + np.log(sm(inside)[n, words])\n",
        "A probability underflows to 0",
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_said_is_true(kind):
    name, source, sentence = SOURCES[kind]
    assert sentence in str(make_report(judge_source(name, source)))
