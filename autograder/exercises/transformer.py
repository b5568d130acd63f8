"""Lesson 16: the Transformer, block by block."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from autograder.exercise import exercise

EPS = 1e-5


def _np_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _np_attention(q, k, v, mask, scale=None, axis=-1):
    """Scaled attention; a row with nothing to attend to gives zeros. `axis` is where weights add up to 1."""
    scores = q @ np.swapaxes(k, -1, -2) * (1 / np.sqrt(q.shape[-1]) if scale is None else scale)
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    top = np.max(scores, axis=axis, keepdims=True, where=mask, initial=-1e30)
    e = np.exp(np.where(mask, scores - top, -np.inf))
    total = e.sum(axis=axis, keepdims=True)
    weights = e / np.where(total == 0, 1, total)
    return weights @ v, weights


# ---------------------------------------------------------------- positional_encoding


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("P",),
    hints=(
        "Column 2i holds sines and column 2i+1 cosines of the same angle, t / 10000^(2i/d). Rows are "
        "positions t = 0, 1, ...",
        "angles = t[:, None] / 10000 ** (np.arange(0, d, 2) / d) has one column per pair: (T, ceil(d/2)). "
        "P[:, 0::2] takes the sines, P[:, 1::2] the cosines.",
        "P = np.zeros((T, d)); angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d); P[:, "
        "0::2] = np.sin(angles); P[:, 1::2] = np.cos(angles[:, : d // 2]); return P",
    ),
    source="Vaswani et al. (2017), Attention Is All You Need, section 3.5",
)
def positional_encoding(T, d):
    pairs = (d + 1) // 2
    rate = torch.exp(
        -torch.arange(pairs, dtype=torch.float64) * (2 / d) * torch.log(torch.tensor(1e4).double())
    )
    turn = torch.polar(torch.ones(T, pairs, dtype=torch.float64), torch.arange(T).double()[:, None] * rate)
    return torch.stack([turn.imag, turn.real], dim=2).flatten(1)[:, :d]


@positional_encoding.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from ((3, 8), (11, 6), (7, 2), (5, 7), (1, 4), (2, 1))


def _np_positions(T, d, start=0, step=2):
    angles = np.arange(start, start + T)[:, None] / 10000 ** (step * np.arange((d + 1) // 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles[:, : d // 2])
    return P


@positional_encoding.mistake(
    "All sines come first, then all cosines. In the paper they alternate: column 2i is a sine, column 2i+1 "
    "a cosine."
)
def sines_then_cosines(T, d):
    P = _np_positions(T, d)
    return np.concatenate([P[:, 0::2], P[:, 1::2]], axis=1)


@positional_encoding.mistake(
    "Sine and cosine are swapped: the even columns are sines, so row 0 begins with 0, 1."
)
def sine_and_cosine_swapped(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.cos(angles)
    P[:, 1::2] = np.sin(angles[:, : d // 2])
    return P


@positional_encoding.mistake(
    "The exponent is i/d where it must be 2i/d, i counting the pairs: the angles turn too fast from pair to "
    "pair."
)
def exponent_i(T, d):
    return _np_positions(T, d, step=1)


@positional_encoding.mistake(
    "Each column has its own rate: you used the column's number as the exponent. A sine and its cosine "
    "share the even number 2i."
)
def rate_by_column(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "The exponent is 2c/d with c the column's own number. A sine and its cosine share one rate: the exponent "
    "is c/d in an even column and (c - 1)/d in an odd one."
)
def rate_by_column_twice(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (2 * np.arange(d) / d)
    return np.where(np.arange(d) % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "The exponent is 4i/d where it must be 2i/d: np.arange(0, d, 2) already counts 0, 2, 4, that is 2i.",
    credit=0.25,
)
def exponent_twice(T, d):
    return _np_positions(T, d, step=4)


@positional_encoding.mistake(
    "You multiplied t by 10000^(2i/d). Divide by it: the angles turn ever slower from pair to pair."
)
def multiplied_by_rate(T, d):
    return _np_positions(T, d, step=-2)


@positional_encoding.mistake("The odd columns hold sines too. Column 2i+1 is the cosine of the same angle.")
def sines_only(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.sin(np.repeat(angles, 2, axis=1)[:, :d])


@positional_encoding.mistake("Positions start at 0, not at 1: row 0 is sin 0, cos 0, that is 0, 1, 0, 1.")
def positions_from_one(T, d):
    return _np_positions(T, d, start=1)


@positional_encoding.mistake("The result is transposed: one row per position, shape (T, d).")
def positions_transposed(T, d):
    return _np_positions(T, d).T


@positional_encoding.mistake(
    "Right for even d, but an odd d raises an error: there is one cosine fewer than there are sines. Cut "
    "the angles to d // 2 columns for the cosines.",
    credit=0.5,
)
def even_widths_only(T, d):
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.zeros((T, d))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles)
    return P


@positional_encoding.mistake(
    "Right for even d, but with an odd d the last column stays 0. There is one sine more than there are "
    "cosines: (d + 1) // 2 of them.",
    credit=0.5,
)
def last_odd_column_left(T, d):
    P = _np_positions(T, d)
    P[:, d - d % 2 :] = 0
    return P


# ---------------------------------------------------------------- embed_sequence


@exercise(
    points=1,
    difficulty=1,
    minutes=8,
    returns=("x",),
    hints=(
        "A row of E for every id, made longer by a factor, plus a row of the positional encoding for every "
        "step.",
        "E[ids] is (N, T, d). The paper multiplies it by the square root of d. positional_encoding(T, d) is "
        "(T, d), and broadcasts over the batch.",
        "One line: return E[ids] * np.sqrt(E.shape[1]) + positional_encoding(ids.shape[1], E.shape[1])",
    ),
    source="Vaswani et al. (2017), sections 3.4 and 3.5",
)
def embed_sequence(ids, E):
    d = E.shape[1]
    return functional.embedding(ids, E) * d**0.5 + positional_encoding.reference(ids.shape[1], d).to(E.device)


@embed_sequence.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V, d in ((2, 5, 11, 6), (5, 3, 7, 4), (3, 7, 5, 3), (1, 1, 3, 2)):
        yield rng.integers(0, V, size=(N, T)), rng.normal(size=(V, d))


@embed_sequence.mistake(
    "You appended the positions beside the embedding. They are added to it, so that the width stays d."
)
def positions_appended(ids, E):
    P = np.broadcast_to(_np_positions(ids.shape[1], E.shape[1]), (*ids.shape, E.shape[1]))
    return np.concatenate([E[ids] * np.sqrt(E.shape[1]), P], axis=-1)


@embed_sequence.mistake("The embedding is not multiplied by the square root of d.", credit=0.5)
def embedding_not_scaled(ids, E):
    return E[ids] + _np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake(
    "You scaled the positions as well. Only the embedding is multiplied by the square root of d."
)
def positions_scaled_too(ids, E):
    return (E[ids] + _np_positions(ids.shape[1], E.shape[1])) * np.sqrt(E.shape[1])


@embed_sequence.mistake("The embedding is multiplied by d. Its square root is the factor.")
def embedding_times_width(ids, E):
    return E[ids] * E.shape[1] + _np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake(
    "Each token got the position that has its id as number. Row t of the encoding belongs to step t, "
    "whatever token stands there."
)
def positions_by_id(ids, E):
    return E[ids] * np.sqrt(E.shape[1]) + _np_positions(len(E), E.shape[1])[ids]


@embed_sequence.mistake("You divided by the square root of d. The embedding is multiplied by it.")
def embedding_divided(ids, E):
    return E[ids] / np.sqrt(E.shape[1]) + _np_positions(ids.shape[1], E.shape[1])


@embed_sequence.mistake("The positions are missing: without them the order of the tokens is lost.")
def positions_missing(ids, E):
    return E[ids] * np.sqrt(E.shape[1])


@embed_sequence.mistake("The positions are multiplied with the embedding. They are added.")
def positions_multiplied(ids, E):
    return E[ids] * np.sqrt(E.shape[1]) * _np_positions(ids.shape[1], E.shape[1])


# ---------------------------------------------------------------- causal_mask


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("mask",),
    hints=(
        "Row t is the query at step t, column s the key at step s. Step t may look at itself and at what "
        "lies before it.",
        "So mask[t, s] is s <= t: the lower triangle with its diagonal.",
        "One line: return np.tril(np.ones((T, T), dtype=bool))",
    ),
    source="Vaswani et al. (2017), section 3.2.3",
)
def causal_mask(T):
    return nn.Transformer.generate_square_subsequent_mask(T) == 0


@causal_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from ((5,), (1,), (2,), (int(rng.integers(6, 12)),))


@causal_mask.mistake(
    "The mask is inverted: True means *may attend*. You allow the future and forbid the past."
)
def causal_mask_inverted(T):
    return np.triu(np.ones((T, T), dtype=bool), 1)


@causal_mask.mistake(
    "Rows and columns are swapped: row t is the query. As it stands, step t sees itself and the future."
)
def causal_mask_transposed(T):
    return np.triu(np.ones((T, T), dtype=bool))


@causal_mask.mistake(
    "The diagonal is missing: a step may look at itself. As it stands, step 0 has nothing to attend to."
)
def causal_mask_without_itself(T):
    return np.tril(np.ones((T, T), dtype=bool), -1)


@causal_mask.mistake("The diagonal is off by one: step t also sees step t + 1, the token it has to predict.")
def causal_mask_sees_next(T):
    return np.tril(np.ones((T, T), dtype=bool), 1)


@causal_mask.mistake("These are numbers. A mask is boolean here: compare, or give dtype=bool.", credit=0.5)
def causal_mask_of_numbers(T):
    return np.tril(np.ones((T, T)))


@causal_mask.mistake(
    "This is the additive kind of mask (0 and -inf). Ours is boolean, True = may attend.", credit=0.25
)
def causal_mask_additive(T):
    return np.where(np.tril(np.ones((T, T), dtype=bool)), 0.0, -np.inf)


# ---------------------------------------------------------------- scaled_dot_product_attention


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("out", "weights"),
    hints=(
        "Lesson 15 for many queries at once: a matrix product makes all scores, masked_softmax the weights, "
        "another product the outputs.",
        "np.swapaxes(k, -1, -2) turns the keys (..., S, d) into (..., d, S). Divide by the square root of d "
        "= q.shape[-1]. np.broadcast_to(mask, scores.shape) makes any mask fit, also True, for no mask at "
        "all.",
        "scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]); mask = np.broadcast_to(True if mask is "
        "None else mask, scores.shape); weights = masked_softmax(scores, mask); return weights @ v, "
        "weights",
    ),
    source="Vaswani et al. (2017), section 3.2.1",
)
def scaled_dot_product_attention(q, k, v, mask):
    shape = (*q.shape[:-1], k.shape[-2])
    mask = torch.ones(shape, dtype=torch.bool, device=q.device) if mask is None else mask.expand(shape)
    seen = mask.any(dim=-1, keepdim=True)
    allowed = mask | ~seen  # a row of nothing would give nan
    out = functional.scaled_dot_product_attention(q, k, v, allowed)
    identity = torch.eye(k.shape[-2], dtype=q.dtype, device=q.device).expand(*k.shape[:-2], -1, -1)
    weights = functional.scaled_dot_product_attention(
        q, k, identity, allowed
    )  # the outputs for the unit vectors
    return out * seen, weights * seen


@scaled_dot_product_attention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(lead, T, S, d, e):
        return rng.normal(size=(*lead, T, d)), rng.normal(size=(*lead, S, d)), rng.normal(size=(*lead, S, e))

    mask = rng.uniform(size=(2, 5, 7)) < 0.6
    mask[:, :, 2], mask[0, :, 4], mask[1, 3] = True, False, False  # one row has nothing to attend to
    yield *given((2,), 5, 7, 3, 11), mask
    yield *given((2, 3), 5, 5, 2, 3), np.tril(np.ones((5, 5), dtype=bool))  # as a causal mask, with heads
    yield *given((3,), 2, 7, 5, 3), None
    yield *given((3,), 4, 5, 7, 2), np.arange(5) < np.array([2, 5, 3])[:, None, None]  # as a padding mask
    yield *given((), 3, 2, 11, 5), None
    yield *given((1,), 1, 1, 2, 3), np.ones((1, 1), dtype=bool)
    q, k, v = given((2,), 3, 5, 7, 2)
    q[..., 0], k[..., 0] = 100, 100  # every score is near 3780, whose exponential is no number any more
    yield q, k, v, None


@scaled_dot_product_attention.mistake(
    "The scores are not divided by the square root of d. With wide keys the softmax saturates and stops "
    "learning."
)
def not_scaled(q, k, v, mask):
    return _np_attention(q, k, v, mask, scale=1.0)


@scaled_dot_product_attention.mistake("You divided by d. Divide by its square root.")
def divided_by_d(q, k, v, mask):
    return _np_attention(q, k, v, mask, scale=1 / q.shape[-1])


@scaled_dot_product_attention.mistake(
    "You divided by the square root of the number of keys. It is the width d of a key whose square root "
    "counts."
)
def scaled_by_number_of_keys(q, k, v, mask):
    return _np_attention(q, k, v, mask, scale=1 / np.sqrt(k.shape[-2]))


@scaled_dot_product_attention.mistake("You multiplied by the square root of d. Divide by it.")
def multiplied_by_root(q, k, v, mask):
    return _np_attention(q, k, v, mask, scale=np.sqrt(q.shape[-1]))


@scaled_dot_product_attention.mistake(
    "You divided after the softmax: the weights no longer add up to 1. Divide the scores, before it."
)
def scaled_after_softmax(q, k, v, mask):
    root = np.sqrt(q.shape[-1])
    out, weights = _np_attention(q, k, v, mask, scale=1.0)
    return out / root, weights / root


@scaled_dot_product_attention.mistake("The mask is inverted: True means *may attend*.")
def attention_mask_inverted(q, k, v, mask):
    return _np_attention(q, k, v, None if mask is None else ~mask)


@scaled_dot_product_attention.mistake("The mask is never used: every query attends to everything.")
def attention_mask_ignored(q, k, v, mask):
    return _np_attention(q, k, v, None)


@scaled_dot_product_attention.mistake(
    "Masked scores were set to 0 before the softmax. A score of 0 keeps exp(0) as its share; use "
    "masked_softmax."
)
def attention_zeroed_before(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = _np_softmax(scores if mask is None else np.where(mask, scores, 0))
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "Masked weights were set to 0 after an ordinary softmax, and the rest not renormalised; use "
    "masked_softmax."
)
def attention_zeroed_after(q, k, v, mask):
    weights = _np_softmax(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    weights = weights if mask is None else weights * mask
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "A query with nothing to attend to gives nan. It must give zeros, as masked_softmax does.", credit=0.5
)
def attention_nan_row(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    weights = _np_softmax(scores)
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "Large scores overflow: subtract each row's greatest score before the exponential, or use "
    "masked_softmax, which does.",
    credit=0.5,
)
def maximum_not_subtracted(q, k, v, mask):
    e = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    e = e if mask is None else e * mask
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1)
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "Masked scores are replaced by one huge negative number. Where all are masked they are equal again, and "
    "the query attends to everything alike. It must give zeros; masked_softmax does that.",
    credit=0.5,
)
def masked_by_a_huge_number(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = _np_softmax(scores if mask is None else np.where(mask, scores, -1e9))
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "A huge negative number is added to masked scores. Where all are masked it cancels out, and the query "
    "attends as if nothing were masked. It must give zeros; masked_softmax does that.",
    credit=0.5,
)
def huge_number_added(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = _np_softmax(scores if mask is None else scores + ~mask * -1e9)
    return weights @ v, weights


@scaled_dot_product_attention.mistake(
    "The mask may be None, which NumPy takes for False: nothing is allowed. For None make a mask that is "
    "True everywhere.",
    credit=0.5,
)
def none_taken_for_false(q, k, v, mask):
    return _np_attention(q, k, v, False if mask is None else mask)


@scaled_dot_product_attention.mistake(
    "The softmax runs over the queries. Each query's weights add up to 1 over the keys, the last axis."
)
def softmax_over_queries(q, k, v, mask):
    return _np_attention(q, k, v, mask, axis=-2)


@scaled_dot_product_attention.mistake(
    "The mask's query and key axes are swapped: rows are queries, columns are keys, as in the scores."
)
def attention_mask_transposed(q, k, v, mask):
    return _np_attention(q, k, v, None if mask is None else np.swapaxes(mask, -1, -2))


# ---------------------------------------------------------------- multi_head_attention

NAMES = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")


def _load_attention(module: nn.MultiheadAttention, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o) -> None:
    """PyTorch keeps the three input matrices as one, transposed."""
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([W_q, W_k, W_v], dim=1).T)
        module.in_proj_bias.copy_(torch.cat([b_q, b_k, b_v]))
        module.out_proj.weight.copy_(W_o.T)
        module.out_proj.bias.copy_(b_o)


def _blocked(mask, N, T, S, heads, device):
    """PyTorch's mask for its attention modules: (N * heads, T, S), True = may NOT attend."""
    if mask is None:
        return torch.zeros(T, S, dtype=torch.bool, device=device)
    return (~mask.expand(N, T, S)).repeat_interleave(heads, dim=0)


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
def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    module = nn.MultiheadAttention(W_q.shape[0], heads, batch_first=True, dtype=x_q.dtype, device=x_q.device)
    _load_attention(module, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o)
    blocked = _blocked(mask, *x_q.shape[:2], x_kv.shape[1], heads, x_q.device)
    return module(x_q, x_kv, x_kv, attn_mask=blocked, need_weights=False)[0]


def _attention_weights(rng: np.random.Generator, E: int) -> dict[str, np.ndarray]:
    matrices = {name: rng.normal(size=(E, E)) / np.sqrt(E) for name in NAMES[:4]}
    return matrices | {name: rng.normal(size=E) for name in NAMES[4:]}


def _np_split(z, heads):
    return z.reshape(*z.shape[:2], heads, -1).swapaxes(1, 2)  # (N, heads, T, E / heads)


def _np_heads(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask, *, split=_np_split, scale=None):
    mask = None if mask is None else mask[..., None, :, :]
    q, k, v = (split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_kv, W_v, b_v)))
    return _np_attention(q, k, v, mask, scale)[0]  # (N, heads, T, E / heads)


def _np_multi_head(*given, split=_np_split, scale=None):
    x_q, W_o, b_o = given[0], given[5], given[9]
    return _np_heads(*given, split=split, scale=scale).swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


@multi_head_attention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(N, T, S, E):
        return rng.normal(size=(N, T, E)), rng.normal(size=(N, S, E)), *_attention_weights(rng, E).values()

    yield *given(2, 5, 7, 6), 3, np.arange(7) < np.array([7, 4])[:, None, None]
    yield *given(3, 7, 2, 6), 2, None
    yield *given(2, 3, 3, 6), 3, np.tril(np.ones((3, 3), dtype=bool))  # as many heads as queries
    mask = rng.uniform(size=(2, 3, 5)) < 0.6
    mask[:, :, 1] = True
    yield *given(2, 3, 5, 6), 2, mask  # as many heads as sentences
    yield *given(2, 3, 5, 3), 1, None
    yield *given(1, 1, 1, 5), 5, np.ones((1, 1, 1), dtype=bool)


@multi_head_attention.mistake(
    "You scaled by the model's width E. Each head divides by the square root of its own width, E // heads."
)
def scaled_by_model_width(*given):
    return _np_multi_head(*given, scale=1 / np.sqrt(given[0].shape[2]))


@multi_head_attention.mistake("There is only one head: the projections are never cut into heads.")
def one_head_only(*given):
    return _np_multi_head(*given[:-2], 1, given[-1])


@multi_head_attention.mistake(
    "You reshaped straight to (N, heads, T, E // heads). That mixes steps and features; reshape to (N, T, "
    "heads, E // heads) first, then swap the axes."
)
def heads_cut_across_time(*given):
    return _np_multi_head(*given, split=lambda z, heads: z.reshape(len(z), heads, z.shape[1], -1))


@multi_head_attention.mistake(
    "The heads were cut as every heads-th feature. A head owns a block of neighbouring features: reshape to "
    "(..., heads, E // heads), in this order."
)
def heads_interleaved(*given):
    return _np_multi_head(
        *given, split=lambda z, heads: z.reshape(*z.shape[:2], -1, heads).transpose(0, 3, 1, 2)
    )


@multi_head_attention.mistake(
    "You reshaped straight to (N, heads, T, E // heads), and straight back at the end. That mixes steps and "
    "features both times: cut with reshape to (N, T, heads, E // heads), then swap the axes; glue the other "
    "way round."
)
def cut_and_glued_across_time(*given):
    heads = _np_heads(*given, split=lambda z, heads: z.reshape(len(z), heads, z.shape[1], -1))
    return heads.reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake(
    "You reshaped to (N, T, E // heads, heads), both to cut and to glue: a head then owns every heads-th "
    "feature. It owns a block of neighbours: (N, T, heads, E // heads)."
)
def interleaved_both_ways(*given):
    heads = _np_heads(*given, split=lambda z, heads: z.reshape(*z.shape[:2], -1, heads).transpose(0, 3, 1, 2))
    return heads.transpose(0, 2, 3, 1).reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake(
    "The heads are not glued together properly: swap the axes back, (N, T, heads, E // heads), before the "
    "reshape."
)
def heads_glued_across_time(*given):
    return _np_heads(*given).reshape(given[0].shape) @ given[5] + given[9]


@multi_head_attention.mistake("The output projection is missing: out = heads W_o + b_o.")
def output_projection_missing(*given):
    return _np_heads(*given).swapaxes(1, 2).reshape(given[0].shape)


@multi_head_attention.mistake(
    "Keys and values come from x_q. In cross-attention they come from x_kv; only the queries come from x_q."
)
def keys_from_queries(x_q, x_kv, *given):
    return _np_multi_head(x_q, x_q, *given[:-1], _if_it_fits(given[-1], (*x_q.shape[:2], x_q.shape[1])))


@multi_head_attention.mistake("The values come from x_q. Like the keys, they come from x_kv.")
def values_from_queries(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    q, k, v = (
        _np_split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_q, W_v, b_v))
    )
    out, _ = _np_attention(
        q, k, v, None if mask is None else mask[..., None, :, :]
    )  # raises where S is not T
    return out.swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


@multi_head_attention.mistake("The queries come from x_kv. They come from x_q; keys and values from x_kv.")
def queries_from_keys(x_q, x_kv, *given):
    heads = _np_heads(x_kv, x_kv, *given)
    return heads.swapaxes(1, 2).reshape(x_q.shape) @ given[3] + given[7]  # raises where S is not T


@multi_head_attention.mistake(
    "The inputs x_q and x_kv are swapped: the queries come from x_q, which asks, keys and values from x_kv."
)
def roles_swapped(x_q, x_kv, *given):
    fitting = _if_it_fits(given[-1], (len(x_q), x_kv.shape[1], x_q.shape[1]))
    return _np_multi_head(x_kv, x_q, *given[:-1], fitting)


def _if_it_fits(mask, shape):
    """The mask where it can be used at all; elsewhere the wrong answer raises, and this stands in for it."""
    try:
        return None if mask is None else np.broadcast_to(mask, shape)
    except ValueError:
        return None


@multi_head_attention.mistake(
    "The mask lacks an axis for the heads, so its first axis, the sentences, is taken for heads. Make it (N, "
    "1, T, S): mask[..., None, :, :]."
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
        _np_split(x @ W + b, heads) for x, W, b in ((x_q, W_q, b_q), (x_kv, W_k, b_k), (x_kv, W_v, b_v))
    )
    mask = _if_it_fits(mask, (*q.shape[:3], k.shape[2]))
    return _np_attention(q, k, v, mask)[0].swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o


@multi_head_attention.mistake("The mask is not passed on to the heads.")
def heads_without_mask(*given):
    return _np_multi_head(*given[:-1], None)


@multi_head_attention.mistake(
    "The mask is inverted: True means *may attend* (PyTorch's own module says the opposite)."
)
def heads_mask_inverted(*given):
    return _np_multi_head(*given[:-1], None if given[-1] is None else ~given[-1])


@multi_head_attention.mistake("W_q and W_k are swapped: W_q belongs to x_q, W_k to x_kv.")
def query_and_key_swapped(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, *given):
    return _np_multi_head(x_q, x_kv, W_k, W_q, W_v, W_o, b_k, b_q, *given)


@multi_head_attention.mistake(
    "The matrices are transposed, as PyTorch stores them. Here rows are multiplied from the left: x_q @ W_q."
)
def projections_transposed(x_q, x_kv, W_q, W_k, W_v, W_o, *given):
    return _np_multi_head(x_q, x_kv, W_q.T, W_k.T, W_v.T, W_o.T, *given)


@multi_head_attention.mistake("The biases b_q, b_k, b_v of the projections are missing.", credit=0.25)
def projection_biases_missing(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, *given):
    return _np_multi_head(x_q, x_kv, W_q, W_k, W_v, W_o, 0, 0, 0, *given)


@multi_head_attention.mistake("The bias b_q is missing: the queries are x_q @ W_q + b_q.", credit=0.5)
def query_bias_missing(*given):
    return _np_multi_head(*given[:6], 0, *given[7:])


@multi_head_attention.mistake("The bias b_v is missing: the values are x_kv @ W_v + b_v.", credit=0.5)
def value_bias_missing(*given):
    return _np_multi_head(*given[:8], 0, *given[9:])


@multi_head_attention.mistake(
    "The inputs were cut into heads, and each head projected its own slice alone. A head owns columns of the "
    "projections: first multiply all of x by the whole matrix, then cut."
)
def inputs_cut_into_heads(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    block = np.kron(
        np.eye(heads), np.ones((x_q.shape[2] // heads,) * 2)
    )  # (E, E): 1 within a head's own slice
    return _np_multi_head(
        x_q, x_kv, W_q * block, W_k * block, W_v * block, W_o, b_q, b_k, b_v, b_o, heads, mask
    )


@multi_head_attention.mistake(
    "You added x_q to the result. The residual belongs to the block, not to this function.", credit=0.5
)
def residual_inside_attention(*given):
    return given[0] + _np_multi_head(*given)


@multi_head_attention.mistake(
    "The output's bias b_o is missing: add it after the product with W_o.", credit=0.5
)
def output_bias_missing(*given):
    return _np_multi_head(*given[:9], 0, *given[10:])


@multi_head_attention.mistake(
    "All biases are missing: b_q, b_k and b_v in the projections, b_o at the end.", credit=0.25
)
def all_biases_missing(*given):
    return _np_multi_head(*given[:6], 0, 0, 0, 0, *given[10:])


# ---------------------------------------------------------------- layer_norm


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "Every vector, at every step of every sentence, is brought to mean 0 and variance 1 by itself.",
        "Mean and variance over the last axis with keepdims=True; divide by the square root of (variance + "
        "eps).",
        "centred = x - x.mean(axis=-1, keepdims=True); return centred / np.sqrt(x.var(axis=-1, "
        "keepdims=True) + eps) * gain + bias",
    ),
    source="Ba, Kiros and Hinton (2016), Layer Normalization",
)
def layer_norm(x, gain, bias, eps):
    return functional.layer_norm(x, x.shape[-1:], gain, bias, eps)


@layer_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for shape in ((2, 3, 7), (3, 2, 5), (5, 3)):
        D = shape[-1]
        yield 2 * rng.normal(size=shape) + 3, rng.normal(size=D), rng.normal(size=D), 1e-5
    yield 0.1 * rng.normal(size=(2, 3, 5)), rng.normal(size=5), rng.normal(size=5), 0.1
    yield np.ones((1, 2, 3)), rng.normal(size=3), rng.normal(size=3), 1e-5  # no variance at all


def _np_norm(x, gain, bias, eps=EPS, axis=-1, ddof=0):
    spread = np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + eps)
    return (x - x.mean(axis=axis, keepdims=True)) / spread * gain + bias


@layer_norm.mistake(
    "You normalised over the batch, as batch normalisation does. Here each vector is normalised by itself: "
    "the last axis."
)
def normalised_over_batch(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=0)


@layer_norm.mistake(
    "You normalised over all steps together. Each vector has its own mean and variance: the last axis."
)
def normalised_over_everything_but_batch(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=tuple(range(1, x.ndim)) if x.ndim > 2 else None)


@layer_norm.mistake(
    "You normalised over axis 1, the steps of a sentence. Each vector is normalised by itself: the last axis."
)
def normalised_over_time(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=1)


@layer_norm.mistake(
    "You normalised over the last axis but one. Each vector is normalised by itself: the last axis."
)
def normalised_over_last_but_one(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=-2)


@layer_norm.mistake(
    "One mean and one variance were taken of the whole array. Each vector has its own: the last axis, with "
    "keepdims=True."
)
def normalised_over_everything(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=None)


@layer_norm.mistake(
    "You normalised each feature over batch and time, as batch normalisation does. Here each vector is "
    "normalised by itself: the last axis."
)
def normalised_over_batch_and_time(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, axis=tuple(range(x.ndim - 1)))


@layer_norm.mistake("You divided by D - 1 in the variance (ddof=1). Layer normalisation divides by D.")
def sample_variance(x, gain, bias, eps):
    return _np_norm(x, gain, bias, eps, ddof=1)


@layer_norm.mistake(
    "You added eps outside the square root. It goes inside: sqrt(variance + eps).", credit=0.5
)
def eps_outside_root(x, gain, bias, eps):
    spread = x.std(axis=-1, keepdims=True) + eps
    return (x - x.mean(axis=-1, keepdims=True)) / spread * gain + bias


@layer_norm.mistake("You divided by the variance. Divide by its square root, the standard deviation.")
def divided_by_variance(x, gain, bias, eps):
    return (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake("The gain and the bias are missing: stretch with gain, then shift by bias.")
def gain_and_bias_missing(x, gain, bias, eps):
    return _np_norm(x, 1, 0, eps)


@layer_norm.mistake("The bias is missing: shift by it at the end.", credit=0.25)
def norm_bias_missing(x, gain, bias, eps):
    return _np_norm(x, gain, 0, eps)


@layer_norm.mistake("The gain is missing: multiply by it before the bias is added.", credit=0.25)
def norm_gain_missing(x, gain, bias, eps):
    return _np_norm(x, 1, bias, eps)


@layer_norm.mistake(
    "The bias was added before the gain, and so is stretched with the rest. First multiply, then add.",
    credit=0.5,
)
def gain_after_bias(x, gain, bias, eps):
    return (_np_norm(x, 1, 0, eps) + bias) * gain


@layer_norm.mistake("You wrote 1e-5 into the function. Use the eps that is given.", credit=0.5)
def eps_written_in(x, gain, bias, eps):
    return _np_norm(x, gain, bias, 1e-5)


@layer_norm.mistake("The mean is not subtracted.")
def mean_not_subtracted(x, gain, bias, eps):
    return x / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake(
    "You divided by the root of the mean square, and subtracted no mean (an RMS norm). Here the mean is "
    "subtracted first, and the variance is that of what remains."
)
def root_mean_square(x, gain, bias, eps):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake(
    "The mean is subtracted above, but below stands the mean of x squared. The variance is the mean of "
    "(x - mean) squared."
)
def mean_square_for_variance(x, gain, bias, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain + bias


@layer_norm.mistake("Gain and bias are swapped: multiply by the gain, add the bias.", credit=0.25)
def gain_and_bias_swapped(x, gain, bias, eps):
    return _np_norm(x, bias, gain, eps)


@layer_norm.mistake("You left out eps: a vector of equal numbers then divides zero by zero.", credit=0.25)
def eps_left_out(x, gain, bias, eps):
    return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True) * gain + bias


# ---------------------------------------------------------------- feed_forward


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("y",),
    hints=(
        "Two layers with a ReLU between them; nothing is said from one step to another.",
        "np.maximum(0, z) is the ReLU. It is applied once, to the hidden layer.",
        "One line: return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2",
    ),
    source="Vaswani et al. (2017), section 3.3",
)
def feed_forward(x, W_1, b_1, W_2, b_2):
    return functional.linear(functional.relu(functional.linear(x, W_1.T, b_1)), W_2.T, b_2)


@feed_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F in ((2, 3, 5, 7), (3, 5, 2, 11), (1, 1, 3, 2)):
        weights = (rng.normal(size=(E, F)), rng.normal(size=F), rng.normal(size=(F, E)), rng.normal(size=E))
        yield rng.normal(size=(N, T, E)), *weights


@feed_forward.mistake("The ReLU is missing: two linear layers in a row are one linear layer.")
def relu_missing(x, W_1, b_1, W_2, b_2):
    return (x @ W_1 + b_1) @ W_2 + b_2


@feed_forward.mistake("There is a second ReLU at the end. The output must be free to be negative.")
def relu_at_the_end(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2)


@feed_forward.mistake(
    "You added b_1 after the ReLU. The bias decides where the ReLU opens, so it goes inside."
)
def bias_after_relu(x, W_1, b_1, W_2, b_2):
    return (np.maximum(0, x @ W_1) + b_1) @ W_2 + b_2


@feed_forward.mistake("The ReLU stands at the end. It belongs between the two layers, before W_2.")
def relu_only_at_the_end(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, (x @ W_1 + b_1) @ W_2 + b_2)


@feed_forward.mistake("The first layer's bias b_1 is missing: add it before the ReLU.", credit=0.25)
def first_bias_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1) @ W_2 + b_2


@feed_forward.mistake("The second layer's bias b_2 is missing: add it at the end.", credit=0.25)
def second_bias_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 + b_1) @ W_2


@feed_forward.mistake("Both biases are missing: b_1 is added before the ReLU, b_2 at the end.")
def both_biases_missing(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1) @ W_2


@feed_forward.mistake("You used tanh. The Transformer's inner layer is a ReLU.")
def tanh_for_relu(x, W_1, b_1, W_2, b_2):
    return np.tanh(x @ W_1 + b_1) @ W_2 + b_2


@feed_forward.mistake(
    "You added x to the result. The residual belongs to the block, not to this function.", credit=0.5
)
def residual_inside(x, W_1, b_1, W_2, b_2):
    return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2 + x


# ---------------------------------------------------------------- encoder_block


def _norm_weights(rng: np.random.Generator, E: int, number: int) -> dict[str, np.ndarray]:
    return {f"ln{number}_gain": rng.uniform(0.5, 2, size=E), f"ln{number}_bias": rng.normal(size=E)}


def _inner_weights(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    return {
        "W_1": rng.normal(size=(E, F)) / np.sqrt(E),
        "b_1": rng.normal(size=F),
        "W_2": rng.normal(size=(F, E)) / np.sqrt(F),
        "b_2": rng.normal(size=E),
    }


def encoder_params(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    """Random parameters of an encoder block, under the names that the learner meets."""
    norms = _norm_weights(rng, E, 1) | _norm_weights(rng, E, 2)
    return _attention_weights(rng, E) | norms | _inner_weights(rng, E, F)


def _load_block(layer: nn.Module, params: dict, norms: int) -> None:
    """The two inner layers and the norms, which encoder and decoder blocks have in common."""
    with torch.no_grad():
        for linear, number in ((layer.linear1, 1), (layer.linear2, 2)):
            linear.weight.copy_(params[f"W_{number}"].T)
            linear.bias.copy_(params[f"b_{number}"])
        for number in range(1, norms + 1):
            norm = getattr(layer, f"norm{number}")
            norm.weight.copy_(params[f"ln{number}_gain"])
            norm.bias.copy_(params[f"ln{number}_bias"])


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
def encoder_block(x, params, heads, mask):
    E, F = params["W_1"].shape
    layer = nn.TransformerEncoderLayer(
        E, heads, F, dropout=0.0, layer_norm_eps=EPS, batch_first=True, dtype=x.dtype, device=x.device
    )
    _load_attention(layer.self_attn, *(params[name] for name in NAMES))
    _load_block(layer, params, norms=2)
    return layer(x, src_mask=_blocked(mask, *x.shape[:2], x.shape[1], heads, x.device))


@encoder_block.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F, heads in ((2, 5, 6, 7, 3), (3, 4, 6, 11, 2), (1, 1, 6, 3, 2)):
        lengths = np.array([3, 5, 4])[:N]
        mask = np.arange(T) < np.minimum(lengths, T)[:, None, None]  # (N, 1, T)
        yield rng.normal(size=(N, T, E)), encoder_params(rng, E, F), heads, mask
    yield rng.normal(size=(2, 3, 6)), encoder_params(rng, 6, 5), 2, np.tril(np.ones((3, 3), dtype=bool))
    yield rng.normal(size=(2, 3, 6)), encoder_params(rng, 6, 5), 2, None


def _np_self(x, p, heads, mask, prefix=""):
    return _np_multi_head(x, x, *(p[prefix + name] for name in NAMES), heads, mask)


def _np_ln(x, p, number):
    return _np_norm(x, p[f"ln{number}_gain"], p[f"ln{number}_bias"])


def _np_inner(x, p):
    return np.maximum(0, x @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]


@encoder_block.mistake(
    "You normalised before each sub-layer (pre-norm). The 2017 paper, and this exercise, normalise after "
    "the sum: layer_norm(x + sublayer(x))."
)
def pre_norm(x, params, heads, mask):
    x = x + _np_self(_np_ln(x, params, 1), params, heads, mask)
    return x + _np_inner(_np_ln(x, params, 2), params)


@encoder_block.mistake(
    "Both residual connections are missing: each sub-layer's result is added to its input."
)
def no_residuals(x, params, heads, mask):
    x = _np_ln(_np_self(x, params, heads, mask), params, 1)
    return _np_ln(_np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The first residual is missing: add x to what the attention returns, before ln1.", credit=0.25
)
def attention_residual_missing(x, params, heads, mask):
    x = _np_ln(_np_self(x, params, heads, mask), params, 1)
    return _np_ln(x + _np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second residual is missing: add feed_forward's input to its result, before ln2.", credit=0.25
)
def inner_residual_missing(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return _np_ln(_np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second residual adds the block's input. It adds feed_forward's own input, the output of ln1.",
    credit=0.25,
)
def residual_from_the_start(x, params, heads, mask):
    z = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return _np_ln(x + _np_inner(z, params), params, 2)


@encoder_block.mistake("The normalisations are missing: layer_norm follows each sum.")
def no_norms(x, params, heads, mask):
    x = x + _np_self(x, params, heads, mask)
    return x + _np_inner(x, params)


@encoder_block.mistake(
    "Both sums are normalised with ln1. The second has its own gain and bias: ln2.", credit=0.5
)
def one_norm_for_both(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return _np_ln(x + _np_inner(x, params), params, 1)


@encoder_block.mistake(
    "You normalised what each part returns and added it then. The sum is normalised: layer_norm(x + "
    "sublayer(x))."
)
def norm_before_the_sum(x, params, heads, mask):
    x = x + _np_ln(_np_self(x, params, heads, mask), params, 1)
    return x + _np_ln(_np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The first normalisation is missing: the first sum goes through ln1 before feed_forward.", credit=0.25
)
def first_norm_missing(x, params, heads, mask):
    x = x + _np_self(x, params, heads, mask)
    return _np_ln(x + _np_inner(x, params), params, 2)


@encoder_block.mistake("The last normalisation is missing: the second sum goes through ln2.", credit=0.25)
def last_norm_missing(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return x + _np_inner(x, params)


@encoder_block.mistake(
    "The block's input goes into feed_forward, which works on z, the output of ln1.", credit=0.25
)
def inner_works_on_input(x, params, heads, mask):
    z = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return _np_ln(z + _np_inner(x, params), params, 2)


@encoder_block.mistake("The norms are swapped: ln1 follows the attention, ln2 feed_forward.", credit=0.25)
def norms_swapped(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, mask), params, 2)
    return _np_ln(x + _np_inner(x, params), params, 1)


@encoder_block.mistake("The order is reversed: first the attention (ln1), then feed_forward (ln2).")
def inner_before_attention(x, params, heads, mask):
    x = _np_ln(x + _np_inner(x, params), params, 1)
    return _np_ln(x + _np_self(x, params, heads, mask), params, 2)


@encoder_block.mistake("The mask is not passed on: padding is attended to.", credit=0.25)
def encoder_ignores_mask(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, None), params, 1)
    return _np_ln(x + _np_inner(x, params), params, 2)


@encoder_block.mistake(
    "You passed a causal mask. An encoder's step may look ahead, as the whole source is known: pass mask as "
    "it is."
)
def encoder_is_causal(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, heads, _np_lower(x)), params, 1)
    return _np_ln(x + _np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The attention has one head only: hand heads on to multi_head_attention, it is the block's argument.",
    credit=0.25,
)
def one_head_in_block(x, params, heads, mask):
    x = _np_ln(x + _np_self(x, params, 1, mask), params, 1)
    return _np_ln(x + _np_inner(x, params), params, 2)


@encoder_block.mistake(
    "The second sum adds the block's input too. It is z + feedforward(z), z the output of ln1, and no more.",
    credit=0.25,
)
def input_added_twice(x, params, heads, mask):
    z = _np_ln(x + _np_self(x, params, heads, mask), params, 1)
    return _np_ln(x + z + _np_inner(z, params), params, 2)


# ---------------------------------------------------------------- decoder_block


def decoder_params(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    """Random parameters of a decoder block, under the names that the learner meets."""
    params = {f"self_{name}": value for name, value in _attention_weights(rng, E).items()}
    params |= {f"cross_{name}": value for name, value in _attention_weights(rng, E).items()}
    for number in (1, 2, 3):
        params |= _norm_weights(rng, E, number)
    return params | _inner_weights(rng, E, F)


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("z",),
    hints=(
        "Three sub-layers, each wrapped as in the encoder: causal self-attention over y, attention to "
        "memory, feed_forward.",
        "The first uses the self_ parameters with causal_mask(T). The second asks with a, the output of ln1, "
        "and looks at memory: multi_head_attention(a, memory, cross_..., heads, memory_mask). The norms are "
        "ln1, ln2, ln3.",
        "names = 'W_q W_k W_v W_o b_q b_k b_v b_o'.split(); a = multi_head_attention(y, y, *(p['self_' + k] "
        "for k in names), heads, causal_mask(y.shape[1])), then a = layer_norm(y + a, ...ln1); from a the "
        "same with memory, 'cross_' and memory_mask, then ln2; last feed_forward and ln3.",
    ),
    source="Vaswani et al. (2017), section 3.1",
)
def decoder_block(y, memory, params, heads, memory_mask):
    E, F = params["W_1"].shape
    layer = nn.TransformerDecoderLayer(
        E, heads, F, dropout=0.0, layer_norm_eps=EPS, batch_first=True, dtype=y.dtype, device=y.device
    )
    _load_attention(layer.self_attn, *(params[f"self_{name}"] for name in NAMES))
    _load_attention(layer.multihead_attn, *(params[f"cross_{name}"] for name in NAMES))
    _load_block(layer, params, norms=3)
    T = y.shape[1]
    causal = torch.ones(T, T, dtype=torch.bool, device=y.device).triu(1)
    blocked = _blocked(memory_mask, len(y), T, memory.shape[1], heads, y.device)
    return layer(y, memory, tgt_mask=causal, memory_mask=blocked)


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
    return _np_multi_head(y, memory, *(p[prefix + name] for name in NAMES), heads, mask)


def _np_lower(y):
    return np.tril(np.ones((y.shape[1],) * 2, dtype=bool))


def _np_decoder(
    y,
    memory,
    p,
    heads,
    memory_mask,
    *,
    causal=_np_lower,
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
        return _np_ln(total, p, norms[i]) if norms[i] else total

    known["a"] = a = wrapped(_np_self(y, p, heads, causal(y), own), 0)
    looked = _np_cross(asked_by(y, a), memory if ask else a, p, heads, memory_mask if ask else None, cross)
    known["b"] = wrapped(looked, 1)
    return wrapped(_np_inner(known[fed], p), 2)


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
    return _np_decoder(*given, causal=lambda y: _np_lower(y).T)


@decoder_block.mistake(
    "The causal mask is inverted: a step sees the future only. True = may attend (PyTorch's own module says "
    "the opposite): pass causal_mask(T) as it is."
)
def causal_inverted(*given):
    return _np_decoder(*given, causal=lambda y: ~_np_lower(y))


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
    "The memory's mask is inverted: True = may attend. Pass memory_mask as it is.", credit=0.25
)
def memory_mask_inverted(y, memory, params, heads, memory_mask):
    return _np_decoder(y, memory, params, heads, None if memory_mask is None else ~memory_mask)


@decoder_block.mistake(
    "In the second attention query and memory are swapped: the decoder asks, the memory is looked at, "
    "multi_head_attention(a, memory, ...)."
)
def memory_asks(y, memory, params, heads, memory_mask):
    a = _np_ln(y + _np_self(y, params, heads, _np_lower(y), "self_"), params, 1)
    if memory.shape != y.shape:  # the wrong answer raises here; its first part stands in for it
        return a
    b = _np_ln(a + _np_cross(memory, a, params, heads, memory_mask), params, 2)
    return _np_ln(b + _np_inner(b, params), params, 3)


@decoder_block.mistake(
    "The second attention is asked by the block's input y. It is asked by a, the output of ln1.", credit=0.25
)
def asked_by_the_input(*given):
    return _np_decoder(*given, asked_by=lambda y, a: y)


@decoder_block.mistake(
    "The attention to memory is left out: it comes between the self-attention and feed_forward, with ln2."
)
def no_attention_to_memory(y, memory, params, heads, memory_mask):
    y = _np_ln(y + _np_self(y, params, heads, _np_lower(y), "self_"), params, 1)
    return _np_ln(y + _np_inner(y, params), params, 3)


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
    "The second and the last residual add the block's input y. Each adds its own part's input: a, the output "
    "of ln1, then b, the output of ln2."
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
    y = _np_ln(y + _np_cross(y, memory, params, heads, memory_mask), params, 1)
    y = _np_ln(y + _np_self(y, params, heads, _np_lower(y), "self_"), params, 2)
    return _np_ln(y + _np_inner(y, params), params, 3)


@decoder_block.mistake(
    "You normalised before each sub-layer (pre-norm). As in the paper, normalise after each sum: "
    "layer_norm(y + sublayer(y))."
)
def decoder_pre_norm(y, memory, params, heads, memory_mask):
    y = y + _np_self(_np_ln(y, params, 1), params, heads, _np_lower(y), "self_")
    y = y + _np_cross(_np_ln(y, params, 2), memory, params, heads, memory_mask)
    return y + _np_inner(_np_ln(y, params, 3), params)
