"""Lesson 16, multi_head_attention: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask
from autograder.exercises.transformer.draws import attention_weights
from autograder.exercises.transformer.parts import np_attention, np_heads, np_multi_head, np_split


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("out",),
    hints=(
        "Project to queries, keys and values; cut each into heads; attend in every head by itself; glue the "
        "heads together; project once more.",
        "To cut: (N, T, E) -> reshape (N, T, heads, E // heads) -> swapaxes(1, 2) -> (N, heads, T, E // "
        "heads). Going back is the same in reverse. The mask needs an axis for the heads: mask[..., None, "
        ":, :].",
        "split = lambda z: z.reshape(*z.shape[:2], heads, -1).swapaxes(1, 2); out, _ = "
        "scaled_dot_product_attention(split(x_q @ W_q + b_q), split(x_kv @ W_k + b_k), split(x_kv @ W_v + "
        "b_v), None if mask is None else mask[..., None, :, :]); return out.swapaxes(1, "
        "2).reshape(x_q.shape) @ W_o + b_o",
    ),
    source="Vaswani et al. (2017), section 3.2.2",
)
def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask): ...


@multi_head_attention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(N, T, S, E):
        return rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E)), *attention_weights(rng, E).values()

    yield *given(2, 5, 7, 6), 3, np.arange(7) < np.array([7, 4])[:, None, None]
    yield *given(3, 7, 2, 6), 2, None
    yield *given(2, 3, 3, 6), 3, np.tril(np.ones((3, 3), dtype=bool))  # as many heads as queries
    mask = rng.uniform(size=(2, 3, 5)) < 0.6
    mask[:, :, 1] = True
    yield *given(2, 3, 5, 6), 2, mask  # as many heads as sentences
    yield *given(2, 3, 5, 3), 1, None
    yield *given(1, 1, 1, 5), 5, np.ones((1, 1, 1), dtype=bool)


inverted_mask(multi_head_attention, np_multi_head, "mask")


@multi_head_attention.mistake(
    "You scaled by the model's width E. Each head divides by the square root of its own width, E // heads."
)
def scaled_by_model_width(*given):
    return np_multi_head(*given, scale=1 / np.sqrt(given[0].shape[2]))


@multi_head_attention.mistake("There is only one head: the projections are never cut into heads.")
def one_head_only(*given):
    return np_multi_head(*given[:-2], 1, given[-1])


@multi_head_attention.mistake(
    "You reshaped straight to (N, heads, T, E // heads). That mixes steps and features; reshape to (N, T, "
    "heads, E // heads) first, then swap the axes."
)
def heads_cut_across_time(*given):
    return np_multi_head(*given, split=lambda z, heads: z.reshape(len(z), heads, z.shape[1], -1))


@multi_head_attention.mistake(
    "The heads were cut as every heads-th feature. A head owns a block of neighbouring features: reshape to "
    "(..., heads, E // heads), in this order."
)
def heads_interleaved(*given):
    return np_multi_head(
        *given, split=lambda z, heads: z.reshape(*z.shape[:2], -1, heads).transpose(0, 3, 1, 2)
    )


@multi_head_attention.mistake(
    "You reshaped straight to (N, heads, T, E // heads), and straight back at the end. That mixes steps and "
    "features both times: cut with reshape to (N, T, heads, E // heads), then swap the axes; glue the other "
    "way round."
)
def cut_and_glued_across_time(*given):
    heads = np_heads(*given, split=lambda z, heads: z.reshape(len(z), heads, z.shape[1], -1))
    return heads.reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake(
    "You reshaped to (N, T, E // heads, heads), both to cut and to glue: a head then owns every heads-th "
    "feature. It owns a block of neighbours: (N, T, heads, E // heads)."
)
def interleaved_both_ways(*given):
    heads = np_heads(*given, split=lambda z, heads: z.reshape(*z.shape[:2], -1, heads).transpose(0, 3, 1, 2))
    return heads.transpose(0, 2, 3, 1).reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake(
    "The heads are not glued together properly: swap the axes back, (N, T, heads, E // heads), before the "
    "reshape."
)
def heads_glued_across_time(*given):
    return np_heads(*given).reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake("The output projection is missing: out = heads W_o + b_o.")
def output_projection_missing(*given):
    return np_heads(*given).swapaxes(1, 2).reshape(given[0].shape)


@multi_head_attention.mistake(
    "Keys and values come from x_q. In cross-attention they come from x_kv; only the queries come from x_q."
)
def keys_from_queries(x_q, x_kv, *given):
    return np_multi_head(x_q, x_q, *given[:-1], _if_it_fits(given[-1], (*x_q.shape[:2], x_q.shape[1])))


@multi_head_attention.mistake("The values come from x_q. Like the keys, they come from x_kv.")
def values_from_queries(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    q, k, v = (np_split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_q, W_v, b_v)))
    out, _ = np_attention(q, k, v, None if mask is None else mask[..., None, :, :])  # raises where S is not T
    return out.swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


@multi_head_attention.mistake("The queries come from x_kv. They come from x_q; keys and values from x_kv.")
def queries_from_keys(x_q, x_kv, *given):
    heads = np_heads(x_kv, x_kv, *given)
    return heads.swapaxes(1, 2).reshape(x_q.shape) @ given[3] + given[7]  # raises where S is not T


@multi_head_attention.mistake(
    "The inputs x_q and x_kv are swapped: the queries come from x_q, which asks, keys and values from x_kv."
)
def roles_swapped(x_q, x_kv, *given):
    fitting = _if_it_fits(given[-1], (len(x_q), x_kv.shape[1], x_q.shape[1]))
    return np_multi_head(x_kv, x_q, *given[:-1], fitting)


def _if_it_fits(mask, shape):
    """The mask where it can be used at all; elsewhere the wrong answer raises, and this stands in for it."""
    try:
        return None if mask is None else np.broadcast_to(mask, shape)
    except ValueError:
        return None


@multi_head_attention.mistake(
    "The mask lacks an axis for the heads, so its first axis, the sentences, is taken for heads. Make it "
    "(N, 1, T, S): mask[..., None, :, :]."
)
def mask_without_heads(*given):
    return _np_masked_late(*given, mask=given[-1])


@multi_head_attention.mistake(
    "You wrote mask[:, None]. That makes room for the heads in a mask (N, T, S), but not in a mask (T, S). "
    "Count from the end: mask[..., None, :, :].",
    credit=0.5,
)
def heads_axis_counted_from_front(*given):
    return _np_masked_late(*given, mask=None if given[-1] is None else given[-1][:, None])


def _np_masked_late(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, given, *, mask):
    """Multi-head attention whose `mask` goes to (N, heads, T, S) as it is."""
    q, k, v = (
        np_split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_kv, W_v, b_v))
    )
    mask = _if_it_fits(mask, (*q.shape[:3], k.shape[2]))
    return np_attention(q, k, v, mask)[0].swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


@multi_head_attention.mistake("The mask is not passed on to the heads.")
def heads_without_mask(*given):
    return np_multi_head(*given[:-1], None)


@multi_head_attention.mistake("W_q and W_k are swapped: W_q belongs to x_q, W_k to x_kv.")
def query_and_key_swapped(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, *given):
    return np_multi_head(x_q, x_kv, W_k, W_q, W_v, W_o, b_k, b_q, *given)


@multi_head_attention.mistake(
    "The matrices are transposed, as PyTorch stores them. Here rows are multiplied from the left: x_q @ W_q."
)
def projections_transposed(x_q, x_kv, W_q, W_k, W_v, W_o, *given):
    return np_multi_head(x_q, x_kv, W_q.T, W_k.T, W_v.T, W_o.T, *given)


@multi_head_attention.mistake("The biases b_q, b_k, b_v of the projections are missing.", credit=0.25)
def projection_biases_missing(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, *given):
    return np_multi_head(x_q, x_kv, W_q, W_k, W_v, W_o, 0, 0, 0, *given)


@multi_head_attention.mistake("The bias b_q is missing: the queries are x_q @ W_q + b_q.", credit=0.5)
def query_bias_missing(*given):
    return np_multi_head(*given[:6], 0, *given[7:])


@multi_head_attention.mistake("The bias b_v is missing: the values are x_kv @ W_v + b_v.", credit=0.5)
def value_bias_missing(*given):
    return np_multi_head(*given[:8], 0, *given[9:])


@multi_head_attention.mistake(
    "The inputs were cut into heads, and each head projected its own slice alone. A head owns columns of "
    "the projections: first multiply all of x by the whole matrix, then cut."
)
def inputs_cut_into_heads(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    block = np.kron(
        np.eye(heads), np.ones((x_q.shape[2] // heads,) * 2)
    )  # (E, E): 1 within a head's own slice
    return np_multi_head(
        x_q, x_kv, W_q * block, W_k * block, W_v * block, W_o, b_q, b_k, b_v, b_o, heads, mask
    )


@multi_head_attention.mistake(
    "You added x_q to the result. The residual belongs to the block, not to this function.", credit=0.5
)
def residual_inside_attention(*given):
    return given[0] + np_multi_head(*given)


@multi_head_attention.mistake(
    "The output's bias b_o is missing: add it after the product with W_o.", credit=0.5
)
def output_bias_missing(*given):
    return np_multi_head(*given[:9], 0, *given[10:])


@multi_head_attention.mistake(
    "All biases are missing: b_q, b_k and b_v in the projections, b_o at the end.", credit=0.25
)
def all_biases_missing(*given):
    return np_multi_head(*given[:6], 0, 0, 0, 0, *given[10:])


@multi_head_attention.mistake(
    "You scaled twice: q is divided by the square root of d, and scaled_dot_product_attention does it once "
    "more.",
    credit=0.25,
)
def scaled_twice(*given):
    return np_multi_head(*given, scale=given[-2] / given[0].shape[2])


@multi_head_attention.mistake(
    "The heads were averaged and the mean repeated. Each head keeps its own place: they stand side by side, "
    "(N, T, heads * (E // heads))."
)
def heads_averaged(*given):
    heads = np_heads(*given)
    return np.tile(heads.mean(axis=1), heads.shape[1]) @ given[5] + given[9]
