"""Lesson 16, encoder_block: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask
from autograder.exercises.transformer.draws import attention_weights, inner_weights, norm_weights
from autograder.exercises.transformer.parts import np_inner, np_ln, np_lower, np_self


@exercise(
    points=4,
    difficulty=2,
    minutes=20,
    returns=("y",),
    hints=(
        "Two sub-layers, attention and feed_forward. Each is wrapped alike: layer_norm(input + "
        "sublayer(input)).",
        "Self-attention is multi_head_attention(x, x, ...). Its result is added to x and normalised with "
        "ln1; that is the input of feed_forward *and* of the second sum, normalised with ln2. eps is 1e-5.",
        "p = params; a = multi_head_attention(x, x, *(p[k] for k in 'W_q W_k W_v W_o b_q b_k b_v "
        "b_o'.split()), heads, mask); x = layer_norm(x + a, p['ln1_gain'], p['ln1_bias'], 1e-5); f = "
        "feed_forward(x, p['W_1'], p['b_1'], p['W_2'], p['b_2']); return layer_norm(x + f, p['ln2_gain'], "
        "p['ln2_bias'], 1e-5)",
    ),
    source="Vaswani et al. (2017), section 3.1",
)
def encoder_block(x, params, heads, mask): ...


def encoder_params(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    """Random parameters of an encoder block, under the names that the learner meets."""
    norms = norm_weights(rng, E, 1) | norm_weights(rng, E, 2)
    return attention_weights(rng, E) | norms | inner_weights(rng, E, F)


@encoder_block.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F, heads in ((2, 5, 6, 7, 3), (3, 4, 6, 11, 2), (1, 1, 6, 3, 2)):
        lengths = np.array([3, 5, 4])[:N]
        mask = np.arange(T) < np.minimum(lengths, T)[:, None, None]  # (N, 1, T)
        yield rng.normal(size=(N, T, E)), encoder_params(rng, E, F), heads, mask
    yield rng.normal(size=(2, 3, 6)), encoder_params(rng, 6, 5), 2, np.tril(np.ones((3, 3), dtype=bool))
    yield rng.normal(size=(2, 3, 6)), encoder_params(rng, 6, 5), 2, None


def _np_encoder(x, params, heads, mask):
    z = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(z + np_inner(z, params), params, 2)


inverted_mask(encoder_block, _np_encoder, "mask")


@encoder_block.mistake(
    "You added a causal mask to the given one. An encoder's step may look ahead, as the whole source is "
    "known: pass mask as it is."
)
def encoder_is_causal_as_well(x, params, heads, mask):
    return _np_encoder(x, params, heads, np_lower(x) if mask is None else np_lower(x) & mask)


@encoder_block.mistake(
    "You normalised before each sub-layer (pre-norm). The 2017 paper, and this exercise, normalise after "
    "the sum: layer_norm(x + sublayer(x))."
)
def pre_norm(x, params, heads, mask):
    x = x + np_self(np_ln(x, params, 1), params, heads, mask)
    return x + np_inner(np_ln(x, params, 2), params)


@encoder_block.mistake(
    "Both residual connections are missing: each sub-layer's result is added to its input."
)
def no_residuals(x, params, heads, mask):
    x = np_ln(np_self(x, params, heads, mask), params, 1)
    return np_ln(np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The first residual is missing: add x to what the attention returns, before ln1.", credit=0.25
)
def attention_residual_missing(x, params, heads, mask):
    x = np_ln(np_self(x, params, heads, mask), params, 1)
    return np_ln(x + np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second residual is missing: add feed_forward's input to its result, before ln2.", credit=0.25
)
def inner_residual_missing(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second residual adds the block's input. It adds feed_forward's own input, the output of ln1.",
    credit=0.25,
)
def residual_from_the_start(x, params, heads, mask):
    z = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(x + np_inner(z, params), params, 2)


@encoder_block.mistake("The normalisations are missing: layer_norm follows each sum.")
def no_norms(x, params, heads, mask):
    x = x + np_self(x, params, heads, mask)
    return x + np_inner(x, params)


@encoder_block.mistake(
    "Both sums are normalised with ln1. The second has its own gain and bias: ln2.", credit=0.5
)
def one_norm_for_both(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(x + np_inner(x, params), params, 1)


@encoder_block.mistake(
    "You normalised what each part returns and added it then. The sum is normalised: layer_norm(x + "
    "sublayer(x))."
)
def norm_before_the_sum(x, params, heads, mask):
    x = x + np_ln(np_self(x, params, heads, mask), params, 1)
    return x + np_ln(np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The first normalisation is missing: the first sum goes through ln1 before feed_forward.", credit=0.25
)
def first_norm_missing(x, params, heads, mask):
    x = x + np_self(x, params, heads, mask)
    return np_ln(x + np_inner(x, params), params, 2)


@encoder_block.mistake("The last normalisation is missing: the second sum goes through ln2.", credit=0.25)
def last_norm_missing(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return x + np_inner(x, params)


@encoder_block.mistake(
    "The block's input goes into feed_forward, which works on z, the output of ln1.", credit=0.25
)
def inner_works_on_input(x, params, heads, mask):
    z = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(z + np_inner(x, params), params, 2)


@encoder_block.mistake("The norms are swapped: ln1 follows the attention, ln2 feed_forward.", credit=0.25)
def norms_swapped(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, mask), params, 2)
    return np_ln(x + np_inner(x, params), params, 1)


@encoder_block.mistake("The order is reversed: first the attention (ln1), then feed_forward (ln2).")
def inner_before_attention(x, params, heads, mask):
    x = np_ln(x + np_inner(x, params), params, 1)
    return np_ln(x + np_self(x, params, heads, mask), params, 2)


@encoder_block.mistake("The mask is not passed on: padding is attended to.", credit=0.25)
def encoder_ignores_mask(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, None), params, 1)
    return np_ln(x + np_inner(x, params), params, 2)


@encoder_block.mistake(
    "You passed a causal mask. An encoder's step may look ahead, as the whole source is known: pass mask as "
    "it is."
)
def encoder_is_causal(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, heads, np_lower(x)), params, 1)
    return np_ln(x + np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The attention has one head only: hand heads on to multi_head_attention, it is the block's argument.",
    credit=0.25,
)
def one_head_in_block(x, params, heads, mask):
    x = np_ln(x + np_self(x, params, 1, mask), params, 1)
    return np_ln(x + np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second sum adds the block's input too. It is z + feedforward(z), z the output of ln1, and no more.",
    credit=0.25,
)
def input_added_twice(x, params, heads, mask):
    z = np_ln(x + np_self(x, params, heads, mask), params, 1)
    return np_ln(x + z + np_inner(z, params), params, 2)
