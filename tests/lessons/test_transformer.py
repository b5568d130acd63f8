"""Lesson 16: what each part of the Transformer guarantees, and the weights that come from PyTorch."""

import numpy as np
import pytest
import torch

from autograder.exercises.transformer.decoder_block import decoder_params
from autograder.exercises.transformer.encoder_block import encoder_params
from tests.solved import solution_functions

N, T, S, E, F, HEADS = 2, 5, 3, 6, 7, 3


@pytest.fixture(scope="module")
def lesson():
    return solution_functions()


@pytest.fixture
def rng():
    return np.random.default_rng(16)


def test_encoder_without_positions_only_permutes(lesson, rng):
    x, params, order = rng.normal(size=(N, T, E)), encoder_params(rng, E, F), [3, 0, 4, 1, 2]
    block = lesson["encoder_block"]
    assert np.allclose(block(x[:, order], params, HEADS, None), block(x, params, HEADS, None)[:, order])
    P = lesson["positional_encoding"](T, E)
    moved = block(x[:, order] + P, params, HEADS, None) - block(x + P, params, HEADS, None)[:, order]
    assert np.abs(moved).max() > 0.1


def test_decoder_cannot_see_the_future(lesson, rng):
    y, memory, params = rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E)), decoder_params(rng, E, F)
    later = y.copy()
    later[:, 3:] += 1
    block = lesson["decoder_block"]
    change = np.abs(block(later, memory, params, HEADS, None) - block(y, memory, params, HEADS, None))
    assert change[:, :3].max() < 1e-12 < 1e-3 < change[:, 3:].max()


def test_padding_of_the_source_is_never_read(lesson, rng):
    x, params = rng.normal(size=(N, S, E)), encoder_params(rng, E, F)
    mask = np.array([[[True, True, False]]])
    other = x.copy()
    other[:, 2] += 5
    block = lesson["encoder_block"]
    assert np.allclose(block(x, params, HEADS, mask)[:, :2], block(other, params, HEADS, mask)[:, :2])


def test_distance_alone_decides_how_alike_two_positions_are(lesson):
    P = lesson["positional_encoding"](40, 8)
    near = np.einsum("td,td->t", P[:-7], P[7:])
    assert np.allclose(near, near[0])


def test_one_head_without_projections_is_plain_attention(lesson, rng):
    x, identity, zero = rng.normal(size=(N, T, E)), np.eye(E), np.zeros(E)
    out = lesson["multi_head_attention"](x, x, *[identity] * 4, *[zero] * 4, 1, None)
    assert np.allclose(out, lesson["scaled_dot_product_attention"](x, x, x, None)[0])


def test_masks_of_two_and_three_axes_mean_the_same(lesson, rng):
    x, memory = rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E))
    weights = [rng.normal(size=(E, E)) for _ in range(4)] + [rng.normal(size=E) for _ in range(4)]
    row = np.array([True, False, True])
    masks = [
        row[None],
        np.tile(row, (T, 1)),
        row[None, None],
        np.tile(row, (N, 1, 1)),
        np.tile(row, (N, T, 1)),
    ]
    outs = [lesson["multi_head_attention"](x, memory, *weights, HEADS, mask) for mask in masks]
    assert all(np.allclose(out, outs[0]) for out in outs)


def test_the_bias_of_the_keys_changes_nothing(lesson, rng):
    x, matrices = rng.normal(size=(N, T, E)), [rng.normal(size=(E, E)) for _ in range(4)]
    b_q, b_k, b_v, b_o = rng.normal(size=(4, E))
    attention = lesson["multi_head_attention"]
    out = attention(x, x, *matrices, b_q, b_k, b_v, b_o, HEADS, None)
    assert np.allclose(out, attention(x, x, *matrices, b_q, 0 * b_k, b_v, b_o, HEADS, None))


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_weights_from_pytorch_give_its_outputs(lesson, rng, kind):
    from coursekit.translation import block_arrays

    make = torch.nn.TransformerEncoderLayer if kind == "encoder" else torch.nn.TransformerDecoderLayer
    torch.manual_seed(0)
    layer = make(E, HEADS, F, dropout=0.0, batch_first=True).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    x, memory = rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E))
    with torch.no_grad():
        if kind == "encoder":
            theirs, mine = (
                layer(torch.tensor(x)),
                lesson["encoder_block"](x, block_arrays(layer), HEADS, None),
            )
        else:
            future = torch.ones(T, T, dtype=torch.bool).triu(1)
            theirs = layer(torch.tensor(x), torch.tensor(memory), tgt_mask=future)
            mine = lesson["decoder_block"](x, memory, block_arrays(layer), HEADS, None)
    assert np.allclose(mine, theirs)


def test_models_hand_over_their_weights_in_the_course_notation(lesson):
    from coursekit.translation import Recurrent, make_pairs

    torch.manual_seed(0)
    pairs, sos = make_pairs([21, 305, 40_002]), 1
    y_in = lesson["shift_right"](pairs.target, sos)
    model = Recurrent(attention=True, H=8, D=4)
    w = model.arrays()
    states, s = lesson["encode"](
        w["E_source"][pairs.source], pairs.lengths, w["enc_W_xh"], w["enc_W_hh"], w["enc_b_h"]
    )
    mask = np.arange(pairs.source.shape[1]) < pairs.lengths[:, None]
    names = ("dec_W_xh", "dec_W_hh", "dec_b_h", "W_c", "b_c", "W_hy", "b_y")
    with torch.no_grad():
        theirs = model(*map(torch.tensor, (pairs.source, pairs.lengths, y_in))).numpy()
    for t in range(y_in.shape[1]):
        y = w["E_target"][y_in[:, t]]
        logits, s = lesson["attention_decoder_step"](y, s, states, mask, *(w[name] for name in names))
        assert np.allclose(logits, theirs[:, t], atol=1e-5)
