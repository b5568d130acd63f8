"""Lesson 16, decoder_block: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask
from autograder.exercises.transformer.draws import NAMES, attention_weights, inner_weights, norm_weights
from autograder.exercises.transformer.parts import np_inner, np_ln, np_lower, np_multi_head, np_self


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("z",),
    hints=(
        "Three sub-layers, each wrapped as in the encoder: causal self-attention over y, attention to "
        "memory, feed_forward.",
        "The first uses the self_ parameters with causal_mask(T). The second asks with a, the output of "
        "ln1, and looks at memory: multi_head_attention(a, memory, cross_..., heads, memory_mask). The "
        "norms are ln1, ln2, ln3.",
        "names = 'W_q W_k W_v W_o b_q b_k b_v b_o'.split(); a = multi_head_attention(y, y, *(p['self_' + k] "
        "for k in names), heads, causal_mask(y.shape[1])), then a = layer_norm(y + a, ...ln1); from a the "
        "same with memory, 'cross_' and memory_mask, then ln2; last feed_forward and ln3.",
    ),
    source="Vaswani et al. (2017), section 3.1",
)
def decoder_block(y, memory, params, heads, memory_mask): ...


def decoder_params(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    """Random parameters of a decoder block, under the names that the learner meets."""
    params = {f"self_{name}": value for name, value in attention_weights(rng, E).items()}
    params |= {f"cross_{name}": value for name, value in attention_weights(rng, E).items()}
    for number in (1, 2, 3):
        params |= norm_weights(rng, E, number)
    return params | inner_weights(rng, E, F)


@decoder_block.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, S, E, F, heads in (
        (2, 3, 5, 6, 7, 3),
        (3, 5, 2, 6, 11, 2),
        (2, 3, 3, 6, 5, 2),
        (1, 1, 1, 6, 3, 2),
    ):
        mask = np.arange(S) < np.minimum(np.array([3, 5, 1])[:N], S)[:, None, None]  # (N, 1, S)
        yield rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E)), decoder_params(rng, E, F), heads, mask
    yield rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 3, 6)), decoder_params(rng, 6, 5), 2, None


def _np_cross(y, memory, p, heads, mask, prefix="cross_"):
    return np_multi_head(y, memory, *(p[prefix + name] for name in NAMES), heads, mask)


def _np_decoder(
    y,
    memory,
    p,
    heads,
    memory_mask,
    *,
    causal=np_lower,
    own="self_",
    cross="cross_",
    ask=True,
    asked_by=lambda y, a: a,
    residuals="yab",
    fed="b",
    norms=(1, 2, 3),
):
    """A decoder block with switches for the mistakes below; norm 0 is none, and so is the residual "-"."""
    known = {"y": y, "-": 0}

    def wrapped(change, i):
        total = known[residuals[i]] + change
        return np_ln(total, p, norms[i]) if norms[i] else total

    known["a"] = a = wrapped(np_self(y, p, heads, causal(y), own), 0)
    looked = _np_cross(asked_by(y, a), memory if ask else a, p, heads, memory_mask if ask else None, cross)
    known["b"] = wrapped(looked, 1)
    return wrapped(np_inner(known[fed], p), 2)


inverted_mask(decoder_block, _np_decoder, "memory_mask")


@decoder_block.mistake(
    "Your causal mask hides the present step as well: each one sees only the steps before it, and the first "
    "nothing. A step may attend to itself, for its token is known."
)
def causal_without_itself(*given):
    return _np_decoder(*given, causal=lambda y: np_lower(y) & ~np.eye(y.shape[1], dtype=bool))


@decoder_block.mistake(
    "The attention to memory is causal as well. The whole source is known: memory_mask alone hides "
    "something there."
)
def memory_is_causal(y, memory, params, heads, memory_mask):
    causal = np.tril(np.ones((y.shape[1], memory.shape[1]), dtype=bool))
    return _np_decoder(y, memory, params, heads, causal if memory_mask is None else causal & memory_mask)


@decoder_block.mistake(
    "The self-attention has no causal mask: while learning, each step sees the very tokens that it must "
    "predict."
)
def no_causal_mask(*given):
    return _np_decoder(*given, causal=lambda y: None)


@decoder_block.mistake(
    "The causal mask is transposed: a step sees itself and the future, not the past. Rows are queries."
)
def future_instead_of_past(*given):
    return _np_decoder(*given, causal=lambda y: np_lower(y).T)


@decoder_block.mistake(
    "The causal mask is inverted: a step sees the future only. True = may attend (PyTorch's own module says "
    "the opposite): pass causal_mask(T) as it is."
)
def causal_inverted(*given):
    return _np_decoder(*given, causal=lambda y: ~np_lower(y))


@decoder_block.mistake(
    "The memory is never looked at: the second attention takes keys and values from a. They come from memory."
)
def memory_ignored(*given):
    return _np_decoder(*given, ask=False)


@decoder_block.mistake(
    "The memory's mask is not passed on: the decoder attends to the source's padding.", credit=0.25
)
def memory_mask_ignored(y, memory, params, heads, memory_mask):
    return _np_decoder(y, memory, params, heads, None)


@decoder_block.mistake(
    "In the second attention query and memory are swapped: the decoder asks, the memory is looked at, "
    "multi_head_attention(a, memory, ...)."
)
def memory_asks(y, memory, params, heads, memory_mask):
    a = np_ln(y + np_self(y, params, heads, np_lower(y), "self_"), params, 1)
    if memory.shape != y.shape:  # the wrong answer raises here; its first part stands in for it
        return a
    b = np_ln(a + _np_cross(memory, a, params, heads, memory_mask), params, 2)
    return np_ln(b + np_inner(b, params), params, 3)


@decoder_block.mistake(
    "The second attention is asked by the block's input y. It is asked by a, the output of ln1.", credit=0.25
)
def asked_by_the_input(*given):
    return _np_decoder(*given, asked_by=lambda y, a: y)


@decoder_block.mistake(
    "The attention to memory is left out: it comes between the self-attention and feed_forward, with ln2."
)
def no_attention_to_memory(y, memory, params, heads, memory_mask):
    y = np_ln(y + np_self(y, params, heads, np_lower(y), "self_"), params, 1)
    return np_ln(y + np_inner(y, params), params, 3)


@decoder_block.mistake(
    "The self_ and cross_ parameters are swapped: self_ belongs to the attention over y, cross_ to the one "
    "to memory."
)
def parameters_swapped(*given):
    return _np_decoder(*given, own="cross_", cross="self_")


@decoder_block.mistake(
    "Both attentions use the cross_ parameters. The first, over y, has its own: self_W_q and so on."
)
def self_uses_cross_weights(*given):
    return _np_decoder(*given, own="cross_")


@decoder_block.mistake("The second attention uses the self_ parameters. It has its own: cross_W_q and so on.")
def cross_uses_self_weights(*given):
    return _np_decoder(*given, cross="self_")


@decoder_block.mistake(
    "The residual around the attention to memory is missing: add a, the output of ln1, before ln2.",
    credit=0.25,
)
def cross_residual_missing(*given):
    return _np_decoder(*given, residuals="y-b")


@decoder_block.mistake("The first residual is missing: add y to its self-attention, before ln1.", credit=0.25)
def first_residual_missing(*given):
    return _np_decoder(*given, residuals="-ab")


@decoder_block.mistake(
    "The last residual is missing: add feed_forward's input to its result, before ln3.", credit=0.25
)
def last_residual_missing(*given):
    return _np_decoder(*given, residuals="ya-")


@decoder_block.mistake(
    "All three residual connections are missing: each part's result is added to its input, before the norm."
)
def decoder_without_residuals(*given):
    return _np_decoder(*given, residuals="---")


@decoder_block.mistake(
    "The second residual adds the block's input y. It adds a, the output of ln1.", credit=0.25
)
def second_residual_from_input(*given):
    return _np_decoder(*given, residuals="yyb")


@decoder_block.mistake(
    "The last residual adds the block's input y. It adds feed_forward's own input b, the output of ln2.",
    credit=0.25,
)
def last_residual_from_input(*given):
    return _np_decoder(*given, residuals="yay")


@decoder_block.mistake(
    "The second and the last residual add the block's input y. Each adds its own part's input: a, the "
    "output of ln1, then b, the output of ln2."
)
def all_residuals_from_input(*given):
    return _np_decoder(*given, residuals="yyy")


@decoder_block.mistake(
    "The last residual adds a. It adds feed_forward's own input b, the output of ln2.", credit=0.25
)
def last_residual_from_a(*given):
    return _np_decoder(*given, residuals="yaa")


@decoder_block.mistake("You gave a to feed_forward. It works on b, the output of ln2.", credit=0.25)
def inner_works_on_a(*given):
    return _np_decoder(*given, fed="a")


@decoder_block.mistake(
    "The first normalisation is missing: y and its self-attention, added, go through ln1.", credit=0.25
)
def decoder_first_norm_missing(*given):
    return _np_decoder(*given, norms=(0, 2, 3))


@decoder_block.mistake(
    "The second normalisation is missing: the sum after the attention to memory goes through ln2.",
    credit=0.25,
)
def decoder_second_norm_missing(*given):
    return _np_decoder(*given, norms=(1, 0, 3))


@decoder_block.mistake(
    "The last normalisation is missing: the sum after feed_forward goes through ln3.", credit=0.25
)
def decoder_last_norm_missing(*given):
    return _np_decoder(*given, norms=(1, 2, 0))


@decoder_block.mistake("The last sum is normalised with ln2. It has its own gain and bias: ln3.", credit=0.5)
def last_norm_from_second(*given):
    return _np_decoder(*given, norms=(1, 2, 2))


@decoder_block.mistake(
    "The attentions have one head only: hand heads on to multi_head_attention, it is the block's argument.",
    credit=0.25,
)
def one_head_in_decoder(y, memory, params, heads, memory_mask):
    return _np_decoder(y, memory, params, 1, memory_mask)


@decoder_block.mistake("The normalisations are missing: each sum goes through layer_norm, ln1, ln2, ln3.")
def decoder_without_norms(*given):
    return _np_decoder(*given, norms=(0, 0, 0))


@decoder_block.mistake(
    "All sums are normalised with ln1. Each has its own gain and bias: ln1, ln2, ln3.", credit=0.5
)
def one_norm_for_all(*given):
    return _np_decoder(*given, norms=(1, 1, 1))


@decoder_block.mistake(
    "The order is reversed: first the decoder attends to itself (ln1), then to memory (ln2), last "
    "feed_forward (ln3)."
)
def memory_before_self(y, memory, params, heads, memory_mask):
    y = np_ln(y + _np_cross(y, memory, params, heads, memory_mask), params, 1)
    y = np_ln(y + np_self(y, params, heads, np_lower(y), "self_"), params, 2)
    return np_ln(y + np_inner(y, params), params, 3)


@decoder_block.mistake(
    "You normalised before each sub-layer (pre-norm). As in the paper, normalise after each sum: "
    "layer_norm(y + sublayer(y))."
)
def decoder_pre_norm(y, memory, params, heads, memory_mask):
    y = y + np_self(np_ln(y, params, 1), params, heads, np_lower(y), "self_")
    y = y + _np_cross(np_ln(y, params, 2), memory, params, heads, memory_mask)
    return y + np_inner(np_ln(y, params, 3), params)


@decoder_block.mistake(
    "Your second attention looks at a, causally, and never at memory. Its keys and values come from memory, "
    "with memory_mask.",
    credit=0.25,
)
def cross_attention_over_itself(*given):
    y, _, params, heads, _ = given
    a = np_ln(y + np_self(y, params, heads, np_lower(y), "self_"), params, 1)
    b = np_ln(a + np_self(a, params, heads, np_lower(y), "cross_"), params, 2)
    return np_ln(b + np_inner(b, params), params, 3)
