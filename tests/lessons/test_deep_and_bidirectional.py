"""Lesson 05: stacks equal PyTorch's own, padding stays out of the way, and the counts are right."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from coursekit.deep_and_bidirectional import BLANK, CUES, PADDING, Reader, cloze
from coursekit.diagrams.deep import bidirectional_network, deep_network
from tests.solved import solution_functions


@pytest.fixture(scope="module")
def learner():
    return solution_functions()


def layer(rng, D, H):
    return rng.normal(size=(D, H)) / D**0.5, rng.normal(size=(H, H)) / H**0.5, 0.5 * rng.normal(size=H)


def torch_stack(D, H, L, layers, bidirectional):
    """torch.nn.RNN with all layers at once, as the references do it layer by layer."""
    rnn = nn.RNN(D, H, L, batch_first=True, bidirectional=bidirectional, dtype=torch.float64)
    values = [w for W_xh, W_hh, b_h in layers for w in (W_xh.T, W_hh.T, b_h, 0 * b_h)]
    with torch.no_grad():
        for parameter, value in zip(rnn.parameters(), values, strict=True):
            parameter.copy_(torch.as_tensor(value))
    return rnn


def test_deep_equals_one_torch_module(learner):
    rng = np.random.default_rng(0)
    layers = [layer(rng, 3, 5), layer(rng, 5, 5), layer(rng, 5, 5)]
    x = rng.normal(size=(2, 7, 3))
    with torch.no_grad():
        theirs = torch_stack(3, 5, 3, layers, False)(torch.as_tensor(x))[0].numpy()
    np.testing.assert_allclose(learner["deep_rnn_forward"](x, layers), theirs, rtol=1e-9)


def test_deep_bidirectional_equals_one_torch_module_with_its_summary(learner):
    rng = np.random.default_rng(1)
    pairs = [(layer(rng, d, 3), layer(rng, d, 3)) for d in (2, 6, 6)]
    x, lengths = rng.normal(size=(5, 7, 2)), np.array([3, 7, 1, 6, 2])
    rnn = torch_stack(2, 3, 3, [one for pair in pairs for one in pair], True)
    packed = pack_padded_sequence(torch.as_tensor(x), torch.as_tensor(lengths), True, enforce_sorted=False)
    with torch.no_grad():
        out, last = rnn(packed)
    h = learner["deep_bidirectional_forward"](x, lengths, pairs)
    np.testing.assert_allclose(h, pad_packed_sequence(out, True)[0].numpy(), rtol=1e-9, atol=1e-12)
    summary = learner["bidirectional_summary"](h, lengths)
    np.testing.assert_allclose(summary, torch.cat([last[-2], last[-1]], dim=1).numpy(), rtol=1e-9)


def test_reversing_twice_changes_nothing(learner):
    rng = np.random.default_rng(2)
    x, lengths = rng.normal(size=(5, 7, 3)), np.array([7, 1, 4, 6, 2])
    turn = learner["reverse_padded"]
    np.testing.assert_array_equal(turn(turn(x, lengths), lengths), x)
    np.testing.assert_array_equal(turn(x, np.full(5, 7)), x[:, ::-1])


def test_padding_has_no_say(learner):
    rng = np.random.default_rng(3)
    pairs = [(layer(rng, d, 3), layer(rng, d, 3)) for d in (2, 6)]
    x, lengths = rng.normal(size=(3, 5, 2)), np.array([2, 5, 3])
    padding = np.arange(5) >= lengths[:, None]
    h = learner["deep_bidirectional_forward"](x, lengths, pairs)
    x[padding] = 1e3
    np.testing.assert_array_equal(learner["deep_bidirectional_forward"](x, lengths, pairs), h)
    assert np.all(h[padding] == 0)


def test_only_two_directions_see_the_future(learner):
    rng = np.random.default_rng(4)
    one, two, pair = layer(rng, 3, 5), layer(rng, 5, 5), (layer(rng, 3, 5), layer(rng, 3, 5))
    x = rng.normal(size=(1, 7, 3))
    changed = x.copy()
    changed[:, 4:] += 1
    deep, both = learner["deep_rnn_forward"], learner["bidirectional_forward"]
    assert np.array_equal(deep(changed, [one, two])[:, :4], deep(x, [one, two])[:, :4])
    full = np.array([7])
    assert np.all(np.abs(both(changed, full, *pair) - both(x, full, *pair))[:, :4, 5:].max(axis=2) > 0)


@pytest.mark.parametrize(
    ("D", "H", "L", "two", "ours", "theirs"),
    [(4, 8, 2, False, 240, 256), (10, 3, 1, True, 84, 90), (4, 8, 4, True, 1408, 1472)],
)
def test_parameter_counts(learner, D, H, L, two, ours, theirs):
    assert learner["count_stack_parameters"](D, H, L, two) == ours
    assert sum(p.numel() for p in nn.RNN(D, H, L, bidirectional=two).parameters()) == theirs


@pytest.mark.parametrize(("cue", "side"), [("right", 1), ("left", -1)])
def test_cloze_puts_the_cue_on_its_side(cue, side):
    ids, lengths, blank, answer = (a.numpy() for a in cloze(np.random.default_rng(5), 200, cue))
    rows = np.arange(200)
    cues = np.isin(ids, CUES)
    assert np.all(cues.sum(axis=1) == 1) and np.all((ids == BLANK).sum(axis=1) == 1)
    gap = side * (cues.argmax(axis=1) - blank)
    assert gap.min() == 1 and gap.max() == 4
    assert np.all(ids[rows, blank] == BLANK) and np.all(ids[rows, cues.argmax(axis=1)] == answer + 1)
    np.testing.assert_array_equal(ids == PADDING, np.arange(ids.shape[1]) >= lengths[:, None])


def test_reader_ignores_padding():
    torch.manual_seed(0)
    model, ids = Reader(10, 5, 3, bidirectional=True), torch.tensor([[1, 2, 3, 9, 9]])
    with torch.no_grad():
        padded, plain = model(ids, torch.tensor([3])), model(ids[:, :3])
    torch.testing.assert_close(padded[:, :3], plain)


def test_the_drawings_join_both_directions_and_stack_layers():
    def words(made):
        return [text.get_text() for text in made.axes[0].texts]

    arrows = "rightarrow", "leftarrow"
    joined = [word for word in words(bidirectional_network(3)) if all(arrow in word for arrow in arrows)]
    assert len(joined) == 3
    assert sum("^{(2)}_{hh}" in word for word in words(deep_network(4))) == 3
