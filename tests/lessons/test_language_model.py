"""Lesson 18: what tokens, norm, turns, block, cache and the choice of a symbol guarantee."""

import numpy as np
import pytest
import torch

from autograder.exercises.language_model.gpt_block import block_params
from coursekit.language_model import Block, LanguageModel, Recurrent, fit, nats_of
from tests.solved import solution_functions

N, T, E, F, HEADS = 2, 7, 12, 5, 3
S = solution_functions()


@pytest.fixture
def rng():
    return np.random.default_rng(18)


def spelled(token, pairs, V):
    """The symbols that a token stands for."""
    if token < V:
        return [int(token)]
    first, second = pairs[token - V]
    return spelled(first, pairs, V) + spelled(second, pairs, V)


def test_merges_by_hand():
    assert tuple(S["most_frequent_pair"](np.array([0, 1, 2, 0, 1, 3]))) == (0, 1)
    assert S["merge_pair"](np.array([1, 1, 1, 0, 1, 1]), 1, 1, 7).tolist() == [7, 1, 0, 7]
    assert S["train_bpe"](np.array([0, 1, 2, 0, 1, 2, 0, 1]), 2, 3).tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize("seed", range(5))
def test_decoding_gives_the_text_back(seed):
    random = np.random.default_rng(seed)
    pairs = S["train_bpe"](random.integers(4, size=200), 9, 4)
    other = random.integers(4, size=90)
    encoded = S["bpe_encode"](other, pairs, 4)
    assert len(encoded) < len(other)
    assert [symbol for token in encoded for symbol in spelled(token, pairs, 4)] == other.tolist()


def test_encoding_goes_on_where_a_smaller_vocabulary_ended(rng):
    ids = rng.integers(3, size=150)
    pairs = S["train_bpe"](ids, 8, 3)
    halfway = S["bpe_encode"](ids, pairs[:5], 3)
    assert S["bpe_encode"](halfway, pairs[5:], 8).tolist() == S["bpe_encode"](ids, pairs, 3).tolist()


def test_bits_per_byte_of_equally_probable_bytes_are_eight():
    assert S["bits_per_byte"](np.log(256), 10, 10) == pytest.approx(8)
    assert S["bits_per_byte"](np.log(256), 10, 40) == pytest.approx(2)


def test_rms_norm_is_layer_norm_where_the_mean_is_zero(rng):
    x, gain = rng.normal(size=(N, T, E)), rng.normal(size=E)
    x -= x.mean(axis=-1, keepdims=True)
    assert np.allclose(S["rms_norm"](x, gain, 1e-5), S["layer_norm"](x, gain, np.zeros(E), 1e-5))


def test_rms_norm_does_not_see_the_length_of_a_vector(rng):
    x, gain = rng.normal(size=(N, T, E)), rng.normal(size=E)
    assert np.allclose(S["rms_norm"](5 * x, gain, 0), S["rms_norm"](x, gain, 0))


def test_scores_of_turned_vectors_depend_on_the_distance_alone(rng):
    q, k = (np.tile(rng.normal(size=10), (20, 1)) for _ in range(2))
    scores = S["rotary"](q, 3) @ S["rotary"](k, 3).T
    for distance in range(-19, 20):
        assert np.ptp(np.diagonal(scores, distance)) < 1e-12


def test_turns_keep_lengths_add_up_and_begin_at_start(rng):
    x = rng.normal(size=(N, HEADS, T, 6))
    y = S["rotary"](x, 5)
    assert np.allclose((y**2).sum(axis=-1), (x**2).sum(axis=-1))
    assert np.allclose(S["rotary"](x[..., 2:3, :], 7), y[..., 2:3, :])
    assert np.allclose(S["rotary"](x, 0)[..., 0, :], x[..., 0, :])


def test_block_cannot_see_the_future(rng):
    x, params = rng.normal(size=(N, T, E)), block_params(rng, E, F)
    later = x.copy()
    later[:, 4:] += 1
    change = np.abs(S["gpt_block"](later, params, HEADS) - S["gpt_block"](x, params, HEADS))
    assert change[:, :4].max() == 0 < 1e-3 < change[:, 4:].max()


def test_cached_steps_are_the_causal_attention(rng):
    q, k, v = rng.normal(size=(3, N, HEADS, T, 4))
    whole, _ = S["scaled_dot_product_attention"](q, k, v, S["causal_mask"](T))
    cache_k = cache_v = np.zeros((N, HEADS, 0, 4))
    for t in range(T):
        out, cache_k, cache_v = S["attend_cached"](q[:, :, t], k[:, :, t], v[:, :, t], cache_k, cache_v)
        assert np.allclose(out, whole[:, :, t], rtol=0, atol=1e-12)
    assert np.array_equal(cache_k, k)
    assert np.array_equal(cache_v, v)


def test_temperature_has_the_right_limits(rng):
    logits = rng.normal(size=(N, 5))
    assert np.allclose(S["temper"](logits, 1e-3), S["temper"](logits, 0), atol=1e-9)
    assert np.allclose(S["temper"](logits, 1e6), 0.2, atol=1e-5)
    assert np.allclose(S["temper"](logits, 1), S["softmax"](logits))


def test_top_p_keeps_the_fewest_that_reach_the_mass(rng):
    p = rng.dirichlet(np.ones(9), size=20)
    kept = S["top_p"](p, 0.8) > 0
    for row, chosen in zip(p, kept, strict=True):
        assert row[chosen].sum() >= 0.8 > row[chosen].sum() - row[chosen].min()
        assert chosen.all() or row[chosen].min() >= row[~chosen].max()
    assert np.allclose(S["top_p"](p, 1.0), p)


def test_trained_weights_in_the_learners_functions_give_the_same_logits(rng):
    model = LanguageModel(11, seed=0, E=E, heads=HEADS, F=F)
    fit(model, rng.integers(11, size=200), seed=0, steps=3, N=2, T=T)
    model.double()
    ids = rng.integers(11, size=(N, T))
    table = model.E.detach().numpy()
    x = table[ids]
    for block in model.blocks:
        assert isinstance(block, Block)
        x = S["gpt_block"](x, block.arrays(), HEADS)
    mine = S["tied_logits"](S["rms_norm"](x, model.norm.weight.detach().numpy(), 1e-5), table)
    assert np.abs(mine - model(torch.from_numpy(ids)).detach().numpy()).max() < 1e-10


def test_every_symbol_is_scored_once_and_with_enough_before_it(rng):
    V, ids = 5, rng.integers(5, size=50)

    def counts(given):
        """The logit of what comes next is how many symbols were in sight, for symbol 0."""
        logits = torch.zeros(*given.shape, V)
        logits[..., 0] = torch.arange(1, given.shape[1] + 1).float()
        return logits

    nats = nats_of(counts, ids, first=2, T=8)
    assert nats.shape == (48,)
    assert np.isfinite(nats).all()
    in_sight = np.array([(k if k <= 8 else 5 + (k - 9) % 4) for k in range(2, 50)])
    expected = np.log(np.exp(in_sight) + V - 1) - np.where(ids[2:] == 0, in_sight, 0)
    assert np.allclose(nats, expected, atol=1e-5)


def test_recurrent_models_read_ids_and_learn(rng):
    model = Recurrent("gru", V=3, H=8, seed=0)
    ids = np.tile([0, 1, 2], 60)
    before = nats_of(model, ids, first=6, T=16).mean()
    fit(model, ids, seed=0, steps=40, N=4, T=16, lr=2e-2)
    assert nats_of(model, ids, first=6, T=16).mean() < 0.5 * before
