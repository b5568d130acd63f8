"""Diagnosis by repair: the line is found, nothing escapes, and nothing is claimed that does not hold."""

import linecache
import os
import sys
import textwrap
import time
from functools import partial

import numpy as np
import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder import CheckFailed, check, hint
from autograder.exercise import EXERCISES
from autograder.judging import judge_source
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.judging.repair import code, process
from autograder.judging.repair import explain as explaining
from autograder.judging.repair.explain import explain, unexplained
from autograder.learner import make_report


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine gets less done in the time that a learner waits."""
    monkeypatch.setattr(explaining, "SECONDS", 15.0)


FORWARD = """
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    N, T, D = x.shape
    H = len(b_h)
    h = np.empty((N, T, H))
    h_t = h0
    for t in range(T):
        h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
        h[:, t] = h_t
    return h
"""
BACKWARD = """
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    N, T, H = dh.shape
    dx, dW_xh, dW_hh = np.zeros_like(x), np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_h, carry = np.zeros(H), np.zeros((N, H))
    for t in reversed(range(T)):
        h_prev = h[:, t - 1] if t > 0 else h0
        dz = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        dx[:, t] = dz @ W_xh.T
        dW_xh += x[:, t].T @ dz
        dW_hh += h_prev.T @ dz
        db_h += dz.sum(axis=0)
        carry = dz @ W_hh.T
    return dx, carry, dW_xh, dW_hh, db_h
"""


def said(name: str, source: str, *changes: tuple[str, str]) -> str:
    """The diagnosis of an answer with these changes."""
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return " ".join(make_report(judge_source(name, source)).diagnosis)


@pytest.mark.parametrize(("name", "source"), [("rnn_forward", FORWARD), ("rnn_backward", BACKWARD)])
def test_the_answers_themselves_are_right(name, source):
    assert judge_source(name, source).passed


#: What is changed in a right answer; the line that must be named, and a word on what in it.
SLIPS = {
    "the bias subtracted": ("rnn_forward", FORWARD, ("+ b_h)", "- b_h)"), 8, "operator"),
    "a range that ends late": ("rnn_forward", FORWARD, ("range(T)", "range(T + 1)"), 7, "range"),
    "twice the state": ("rnn_forward", FORWARD, ("h_t @ W_hh", "2 * h_t @ W_hh"), 8, "number"),
    "another axis": ("rnn_backward", BACKWARD, ("dz.sum(axis=0)", "dz.sum(axis=1)"), 12, "axis"),
    "a cube": ("rnn_backward", BACKWARD, ("[:, t] ** 2", "[:, t] ** 3"), 8, "number 3"),
    "a minus": ("rnn_backward", BACKWARD, ("(dh[:, t] + carry)", "(dh[:, t] - carry)"), 8, "operator `-`"),
    "a shape": ("rnn_backward", BACKWARD, ("dz @ W_xh.T", "dz @ W_xh"), 9, "which way round"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_line_of_a_slip_is_named(slip):
    name, source, change, line, word = SLIPS[slip]
    told = said(name, source, change)
    assert f"ook at line {line}, `" in told
    assert word in told


def test_one_result_of_several_is_located():
    changes = ("h_prev.T @ dz", "h_prev.T @ dz * 0.7"), ("db_h += dz.sum", "db_h += 0.3 * dz.sum")
    told = said("rnn_backward", BACKWARD, *changes)
    assert "line 11, `dW_hh += h_prev.T @ dz * 0.7`" in told
    assert "line 12, `db_h += 0.3 * dz.sum(axis=0)`" in told


def test_a_slip_beside_a_named_mistake_is_located():
    told = said("rnn_forward", FORWARD, ("h_t = h0", "h_t = 0 * h0"), ("+ b_h)", "- b_h)"))
    assert "You ignored h0 and started from zeros" in told or "line 6" in told
    assert "line 8" in told


def test_two_small_slips_are_both_located():
    told = said("rnn_forward", FORWARD, ("x[:, t] @ W_xh +", "x[:, t] @ W_xh -"), ("+ b_h)", "- b_h)"))
    assert "line 8" in told


def test_a_helper_in_the_same_cell_is_searched_too():
    source = """
def square(z):
    return z ** 3

def activation_slope(z, kind):
    if kind == "sigmoid":
        s = 0.5 * (1 + np.tanh(0.5 * z))
        return s * (1 - s)
    if kind == "tanh":
        return 1 - square(np.tanh(z))
    return (z > 0).astype(float)
"""
    assert "line 3, `return z ** 3`: the number 3" in said("activation_slope", source)


def test_a_named_mistake_needs_no_search(monkeypatch):
    monkeypatch.setattr(explaining, "in_a_fork", lambda *_: pytest.fail("no search was needed"))
    assert "batch (axis 0)" in said("time_average", "def time_average(x):\n    return x.mean(axis=0)")


def test_what_is_told_holds_no_repair():
    told = said("rnn_forward", FORWARD, ("+ b_h)", "- b_h)"))
    assert "+ b_h)" not in told


BEGIN = "import os, sys\ndef time_average(x):\n    "
NASTY = {
    "exits": "sys.exit(3)\n    return x.mean(axis=1) * 3",
    "never ends": "n = 0\n    while n < 1:\n        n = n + 1\n    return x.mean(axis=1) * 1.7 + n",
    "takes memory": "return np.zeros(10 ** 5 + len(x)).cumsum()[: len(x)] + 9",
    "prints": "print('LOUD')\n    return x.sum(axis=1) / 3.3",
    "ends the process": "if len(x) == 77: os._exit(1)\n    return x.sum(axis=1) - 2.2",
}


@pytest.mark.parametrize("kind", NASTY)
def test_no_changed_answer_reaches_the_notebook(kind, capfd):
    start = time.monotonic()
    verdict = judge_source("time_average", BEGIN + NASTY[kind])
    assert not verdict.passed
    assert time.monotonic() - start < explaining.SECONDS + process.GRACE + 2
    assert capfd.readouterr() == ("", "")


def defined(source: str, **names):
    """The function `time_average` of a cell, as a notebook defines it."""
    return defined_as("time_average", source, **names)


def defined_as(name: str, source: str, **names):
    """The function of this name of a cell, as a notebook defines it."""
    source = textwrap.dedent(source)
    file = f"<cell {abs(hash(source))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space = {"np": np, "__name__": "__main__", **names}
    exec(compile(source, file, "exec"), space)
    return space[name]


def explained(function):
    verdict = judge(EXERCISES["time_average"], partial(call, function))
    explain(verdict, function)
    return verdict


def test_the_learners_own_values_stay_as_they_are():
    scale = np.full(1, 2.0)
    seen: list[int] = []
    function = defined(
        """
        def time_average(x):
            seen.append(1)
            scale[0] += 1e-9
            return x.mean(axis=1) * 3.3
        """,
        scale=scale,
        seen=seen,
    )
    verdict = judge(EXERCISES["time_average"], partial(call, function))
    before = scale.copy(), len(seen)
    explain(verdict, function)
    assert (scale, len(seen)) == before


@pytest.mark.parametrize("fork", [True, False])
def test_it_works_with_and_without_a_process_of_its_own(fork, monkeypatch):
    if not fork:
        monkeypatch.delattr(os, "fork")
    verdict = explained(defined("def time_average(x):\n    return x.mean(axis=1) + 1e-3"))
    [finding] = [f for f in verdict.findings if f.kind == "repair"]
    assert "line 2" in finding.message
    assert finding.mended


def test_an_endless_change_ends_where_no_timer_rings(monkeypatch):
    """A browser has neither processes nor timers: `n < 1` becomes `n != 1`, and the clock is looked at."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    start = time.monotonic()
    verdict = explained(defined("def time_average(x):\n    " + NASTY["never ends"]))
    assert not verdict.passed
    assert time.monotonic() - start < explaining.SECONDS + process.GRACE + 2


#: A slip, and the line that must be named where it stands in a helper or beside one.
HELPER = """
def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh {} b_h)

def rnn_forward(x, h0, W_xh, W_hh, b_h):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W_xh, W_hh, b_h) {}
        states.append(h)
    return np.stack(states, axis=1)
"""


def test_a_helper_that_is_an_exercise_and_wrong_is_named_first():
    assert "check(rnn_step)" in said("rnn_forward", HELPER.format("- 2 *", ""))


def test_a_helper_that_is_wrong_is_named_beside_a_mistake_too():
    told = said("rnn_forward", HELPER.format("+", "").replace("np.tanh(", "("))
    assert "check(rnn_step)" in told
    assert "tanh" in told.split("check(rnn_step)")[0], "the mistake that fits stands first"


def test_a_helper_that_is_right_is_not_searched():
    called = code.code_of(defined_as("rnn_forward", HELPER.format("+", "")), frozenset({"rnn_step"}))
    assert called is not None
    assert [function.name for function in called.functions] == ["rnn_forward"]
    assert "line 8" in said("rnn_forward", HELPER.format("+", "+ 0.3"))


def test_a_helper_with_an_exercises_name_and_other_arguments_is_no_exercise():
    source = """
def softmax(row, axis):
    return np.exp(row) / np.exp(row).sum(axis)

def time_average(x):
    return x.mean(axis=1) * 1.7 + 0 * softmax(np.zeros(1), 0)
"""
    assert "check(softmax)" not in said("time_average", source)


def test_draws_of_its_own_are_told():
    source = "def sample_chain(initial, P, uniforms):\n    return np.random.randint(0, 2, len(uniforms))"
    assert "They come in as uniforms" in said("sample_chain", source)


def test_a_size_from_outside_is_told():
    assert "`T` comes from outside" in said(
        "time_average", "T = 5\ndef time_average(x):\n    return x.sum(1) / T"
    )


def test_what_deletes_is_not_told_beside_a_mistake():
    """W @ v with v left out is the Frobenius norm, which this answer does not compute."""
    source = """
def spectral_norm(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v) * 1.01
    return np.linalg.norm(W @ v)
"""
    assert "Frobenius" not in said("spectral_norm", source)


def test_a_mistake_that_another_value_would_make_is_no_more_than_a_maybe():
    """With T in the place of `missing` it would be a mistake with a name, which the learner did not make."""
    source = """
def pad_batch(sequences):
    T = max(s.shape[0] for s in sequences)
    batch, lengths = [], []
    for s in sequences:
        missing = T - s.shape[0]
        batch.append(np.vstack([s, np.zeros((missing, s.shape[1]))]))
        lengths.append(missing)
    return np.stack(batch), np.array(lengths)
"""
    told = said("pad_batch", source)
    assert "line 8" in told
    assert not told.startswith("Your lengths are all T")


def test_what_leaves_nothing_of_a_term_is_no_repair_beside_a_mistake():
    """`1 ** x` is 1: no decay at all, which is a mistake with a name and not this one."""
    source = "def weight_decay_step(W, dW, lr, decay):\n    return W * (1 - decay / 2) - lr * dW"
    assert not said("weight_decay_step", source).startswith("The decay is missing")


def test_a_missing_return_is_all_that_is_said():
    source = """
def warmup_cosine(step, warmup, total, peak):
    if step < warmup:
        return peak * step / warmup
    if step <= total:
        return peak * (1 + np.cos(np.pi * (step - warmup) / (total - warmup))) / 2
"""
    told = said("warmup_cosine", source)
    assert "`return` missing" in told
    assert "Look at line" not in told


def test_of_an_answer_that_raises_no_part_is_told():
    """.T turns three axes round. Where the product does not raise, dx comes back right, and so it was."""
    source = """
def feed_forward_backward(dy, x, W_1, b_1, W_2, b_2):
    z = x @ W_1 + b_1
    h = np.maximum(0, z)
    dz = (dy @ W_2.T) * (z > 0)
    dW_2 = h.T @ dy
    dW_1 = np.einsum("nte,ntf->ef", x, dz)
    return dz @ W_1.T, dW_1, dz.sum(axis=(0, 1)), dW_2, dy.sum(axis=(0, 1))
"""
    told = said("feed_forward_backward", source)
    assert "line 6" in told
    assert "line 3" not in told
    assert "line 4" not in told


#: Right but for one thing; a change that switches something else off would make it a mistake with a name.
SWITCHED_OFF = {
    "a row's own column": (
        "temper",
        """
def temper(logits, temperature):
    if temperature == 0:
        p = np.zeros(logits.shape)
        p[:, logits.argmax(axis=1)] = 1
        return p
    z = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(z / temperature)
    return e / e.sum(axis=1, keepdims=True)
""",
        "you divide by zero",
    ),
    "merged where it stands": (
        "bpe_encode",
        """
def bpe_encode(ids, pairs, V):
    table = {tuple(p): V + i for i, p in enumerate(pairs.tolist())}
    out = []
    for i in ids.tolist():
        out.append(i)
        while len(out) > 1 and (out[-2], out[-1]) in table:
            new = table[out[-2], out[-1]]
            out = out[:-2] + [new]
    return np.array(out)
""",
        "Nothing has been merged",
    ),
    "no round at all": (
        "rnn_backward",
        """
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    N, T, H = h.shape
    carry = np.zeros(h0.shape)
    dx = np.zeros(x.shape)
    dWx, dWh, db = np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(H)
    for t in range(T - 1, -1, -1):
        before = h[:, t - 1] if t else h0
        g = dh[:, t] + carry
        da = g * (1 - h[:, t])
        dx[:, t] = da @ W_xh.T
        carry = g @ W_hh.T
        dWx += x[:, t].T @ da
        dWh += before.T @ da
        db += da.sum(axis=0) * 0.7
    return dx, carry, dWx, dWh, db
""",
        "dh never enters",
    ),
}


@pytest.mark.parametrize("slip", SWITCHED_OFF)
def test_what_switches_something_off_is_no_repair_beside_a_mistake(slip):
    name, source, untrue = SWITCHED_OFF[slip]
    assert untrue not in said(name, source)


def test_what_would_spoil_an_input_is_no_repair():
    """Without the copy, g is dh itself, and each step finds the sum of the later ones there."""
    source = """
def linear_scan_backward(dh, a, h, h0):
    g = dh.copy()
    for t in range(dh.shape[1] - 2, -1, -1):
        g[:, t] += a[:, t + 1] * dh[:, t + 1]
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return g * before, g, a[:, 0] * g[:, 0]
"""
    assert "`copy`: does it belong there" not in said("linear_scan_backward", source)


def test_functions_whose_text_is_not_at_hand_are_left_alone():
    factor = 3
    for function in (lambda x: x * 7, partial(np.mean, axis=2), lambda x: x.mean(axis=1) * factor, np.cumsum):
        assert code.code_of(function) is None


def test_stubs_are_not_searched():
    function = defined("def time_average(x):\n    raise NotImplementedError('later')")
    assert not unexplained(judge(EXERCISES["time_average"], partial(call, function)))


def test_points_stay_what_they_are():
    assert judge_source("rnn_forward", FORWARD.replace("+ b_h)", "- b_h)")).credit == 0


def test_the_last_hint_shows_the_line_as_it_should_be(capsys):
    with pytest.raises(CheckFailed, match="line 2"):
        check(defined("def time_average(x):\n    return x.mean(axis=1) + 1e-3"))
    for _ in range(4):
        capsys.readouterr()
        hint("time_average")
    out = capsys.readouterr().out
    assert out.startswith("Hint 4 of 4")
    assert "return x.mean(axis=1)" in out


def test_a_return_is_not_moved_into_a_loop():
    source = """
def count_bigrams(ids, V):
    counts = np.zeros((V, V), dtype=np.int64)
    for gap in range(1, 3):
        np.add.at(counts, (ids[:-gap], ids[gap:]), 1)
    return counts
"""
    assert "into the loop" not in said("count_bigrams", source)


def test_a_mistake_that_the_right_cases_speak_against_is_not_told():
    source = """
def train_bpe(ids, merges, V):
    pairs = []
    for m in range(merges):
        a, b = most_frequent_pair(ids)
        pairs.append((a, b))
        ids = merge_pair(ids, a, b, V + m)
    return np.array(pairs)
"""
    told = said("train_bpe", source)  # wrong only where a single symbol is left before the last merge
    assert "most_frequent_pair(ids)" in told
    assert "not kept" not in told
