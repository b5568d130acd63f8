"""Lesson 17, multi_head_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import averaged, changed, inverted_mask, own_softmax, spoilt
from autograder.exercises.training_a_transformer.draws import some_hidden
from autograder.exercises.training_a_transformer.parts import (
    np_attention_backward,
    np_multi_head_backward,
    summed_outer,
)
from autograder.exercises.transformer.draws import attention_weights
from autograder.exercises.transformer.parts import np_attention


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("dx", "dW_q", "dW_k", "dW_v", "dW_o", "db_q", "db_k", "db_v", "db_o"),
    hints=(
        "Write the forward pass once more, up to the heads' outputs; then go back: W_o, glue (which becomes "
        "a cut), attention_backward, cut (which becomes glue), the three projections.",
        "The mask needs its axis for the heads here too. What enters the heads is dout @ W_o.T, cut into "
        "heads. A projection z = x W + b gives dW = x^T dz and db = sum dz, over batch and time. x was used "
        "three times: dx is the sum of three terms.",
        "Write two small functions: split cuts (N, T, E) into (N, heads, T, E // heads), merge glues it "
        "together again. q, k, v are the projections of x, split; out is what scaled_dot_product_attention "
        "makes of them. Then dq, dk, dv = (merge(d) for d in attention_backward(split(dout @ W_o.T), q, k, "
        "v, mask)); dx = dq @ W_q.T + dk @ W_k.T + dv @ W_v.T; dW_q = np.einsum('nti,ntj->ij', x, dq), and "
        "so on; dW_o = np.einsum('nti,ntj->ij', merge(out), dout); db_q = dq.sum(axis=(0, 1)), and so on",
    ),
    source="Vaswani et al. (2017), section 3.2.2; Rumelhart, Hinton and Williams (1986)",
)
def multi_head_backward(dout, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask): ...


@multi_head_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(N, T, E):
        return *rng.normal(size=(2, N, T, E)), *attention_weights(rng, E).values()

    yield *given(2, 5, 6), 3, np.arange(5) < np.array([5, 3])[:, None, None]
    yield *given(3, 7, 6), 2, None
    yield *given(2, 3, 6), 3, np.tril(np.ones((3, 3), dtype=bool))  # as many heads as steps
    yield *given(3, 5, 10), 2, some_hidden(rng, 3, 5, 5)
    nothing = some_hidden(rng, 2, 3, 3)
    nothing[0, 1] = False
    yield *given(2, 3, 6), 2, nothing  # as many heads as sentences; one query with nothing to attend to
    yield *given(2, 3, 5), 1, None
    yield *given(2, 1, 5), 5, np.ones((1, 1, 1), dtype=bool)


inverted_mask(multi_head_backward, np_multi_head_backward, "mask")
averaged(multi_head_backward, np_multi_head_backward, multi_head_backward.returns[1:])


def _with_softmax(softmax):
    def attention(q, k, v, mask):
        return np_attention(q, k, v, mask, softmax=softmax)

    def attention_back(*given):
        return np_attention_backward(*given, softmax=softmax)

    return lambda *given: np_multi_head_backward(*given, attention=attention, attention_back=attention_back)


own_softmax(multi_head_backward, _with_softmax)


def _dx_from(name, ways, message, credit):
    """dx made of some of the three ways."""

    def to_x(d, W):
        return sum(d[i] @ W[i].T for i in ways)

    multi_head_backward.add_mistake(
        name, lambda *given: np_multi_head_backward(*given, to_x=to_x), message, credit
    )


_USES = ("queries", "keys", "values")
for _i, _use in enumerate(_USES):
    _dx_from(
        f"dx_from_{_use}_only",
        (_i,),
        f"Your dx comes back through the {_use} alone. In self-attention x asks, is found and hands over: "
        f"add the three ways.",
        0.5,
    )
    _dx_from(
        f"{_use}_missing_in_dx",
        tuple(i for i in range(3) if i != _i),
        f"Your dx lacks the way through the {_use}. In self-attention x makes queries, keys and values: add "
        "the three ways.",
        0.5,
    )


def _spoils(name, results, change, message, credit):
    multi_head_backward.add_mistake(
        name, changed(multi_head_backward, np_multi_head_backward, results, change), message, credit
    )


_spoils(
    "dx_averaged",
    ("dx",),
    lambda d, *_: d / 3,
    "Your dx is a third of what it should be: the mean of three ways. Gradients from several uses are added.",
    0.5,
)
_spoils(
    "residual_inside",
    ("dx",),
    lambda d, dout, *_: d + dout,
    "You added dout to dx. The residual belongs to the block, not to this function.",
    0.5,
)
_spoils(
    "matrices_transposed",
    ("dW_q", "dW_k", "dW_v", "dW_o"),
    lambda d, *_: d.T,
    "The matrices' gradients are transposed. With row vectors, z = x W, it is dW = x^T dz: what went in "
    "stands first.",
    0.5,
)
_MATRICES, _BIASES = multi_head_backward.returns[1:5], multi_head_backward.returns[5:]
for _name, _which, _words in (
    ("averaged_over_tokens", _MATRICES + _BIASES, "the gradients of the weights"),
    ("biases_averaged_over_tokens", _BIASES, "the biases' gradients"),
):
    _spoils(
        _name,
        _which,
        lambda d, dout, *_: d / (dout.shape[0] * dout.shape[1]),
        f"You averaged {_words} over all tokens. The loss has taken its mean already, so that it is in dout: "
        "they are sums.",
        0.5,
    )


@multi_head_backward.mistake(
    "W_q, W_k and W_v are not transposed on the way back to x: dx = dq W_q^T + dk W_k^T + dv W_v^T."
)
def projections_not_transposed(*given):
    def to_x(d, W):
        return sum(one @ its for one, its in zip(d, W, strict=True))

    return np_multi_head_backward(*given, to_x=to_x)


@multi_head_backward.mistake(
    "W_o is not transposed: what enters the heads is dout @ W_o.T. W_o is square, so NumPy does not complain."
)
def w_o_not_transposed(*given):
    return np_multi_head_backward(*given, arrives=given[0] @ given[5])


@multi_head_backward.mistake(
    "The gradient enters the heads without W_o: the last product of the forward pass is the first on the way "
    "back, dout @ W_o.T."
)
def w_o_skipped(*given):
    return np_multi_head_backward(*given, arrives=given[0])


@multi_head_backward.mistake(
    "There is only one head: the projections are never cut into heads, on either way."
)
def one_head_only(*given):
    return np_multi_head_backward(*given[:-2], 1, given[-1])


@multi_head_backward.mistake(
    "The heads' gradients were glued by a reshape alone. Swap the axes back first, to (N, T, heads, E // "
    "heads), then reshape to (N, T, E)."
)
def gradients_glued_across_time(*given):
    return np_multi_head_backward(*given, merge_back=_glued_straight)


def _glued_straight(z):
    return z.reshape(len(z), z.shape[2], -1)


@multi_head_backward.mistake(
    "For dW_o the heads' outputs were glued by a reshape alone. Swap the axes back first, then reshape, as "
    "in the forward pass.",
    credit=0.5,
)
def outputs_glued_across_time(*given):
    made = list(np_multi_head_backward(*given))
    made[4] = np_multi_head_backward(*given, merge=_glued_straight)[4]
    return tuple(made)


@multi_head_backward.mistake(
    "Outputs and gradients of the heads were glued by a reshape alone. Swap the axes back first, to (N, T, "
    "heads, E // heads), then reshape to (N, T, E)."
)
def all_glued_across_time(*given):
    return np_multi_head_backward(*given, merge=_glued_straight)


def _cut_straight(z, heads):
    return z.reshape(len(z), heads, z.shape[1], -1)


@multi_head_backward.mistake(
    "You reshaped straight to (N, heads, T, E // heads), and straight back. That mixes steps and features; "
    "reshape to (N, T, heads, E // heads) first, then swap the axes."
)
def heads_cut_across_time(*given):
    return np_multi_head_backward(*given, split=_cut_straight, merge=_glued_straight)


@multi_head_backward.mistake(
    "You reshaped straight to (N, heads, T, E // heads). That mixes steps and features; reshape to (N, T, "
    "heads, E // heads) first, then swap the axes."
)
def heads_cut_straight(*given):
    return np_multi_head_backward(*given, split=_cut_straight)


@multi_head_backward.mistake(
    "The heads were cut as every heads-th feature. A head owns a block of neighbouring features: reshape to "
    "(..., heads, E // heads), in this order."
)
def heads_interleaved(*given):
    return np_multi_head_backward(
        *given,
        split=lambda z, heads: z.reshape(*z.shape[:2], -1, heads).transpose(0, 3, 1, 2),
        merge=lambda z: z.transpose(0, 2, 3, 1).reshape(len(z), z.shape[2], -1),
    )


@multi_head_backward.mistake(
    "For dW_o you took x for what went into W_o. That is the heads' outputs, side by side.", credit=0.5
)
def w_o_gradient_from_x(*given):
    made = list(np_multi_head_backward(*given))
    made[4] = summed_outer(given[1], given[0])
    return tuple(made)


@multi_head_backward.mistake(
    "The mask does not reach attention_backward: give it the same mask as the forward pass, with an axis for "
    "the heads.",
    credit=0.25,
)
def mask_forgotten_on_the_way_back(*given):
    return np_multi_head_backward(
        *given, attention_back=lambda dout, q, k, v, mask: np_attention_backward(dout, q, k, v, None)
    )


@multi_head_backward.mistake("The mask is not used: hidden steps take part in the softmax.")
def mask_ignored(*given):
    return np_multi_head_backward(*given[:-1], None)


@multi_head_backward.mistake(
    "You left the biases out of the projections: q = x W_q + b_q, and so on. The weights of the softmax "
    "depend on them."
)
def biases_left_out(*given):
    zeros = {name: lambda named, name=name: 0 * named[name] for name in multi_head_backward.arguments[6:9]}
    return spoilt(multi_head_backward, np_multi_head_backward, **zeros)(*given)


@multi_head_backward.mistake(
    "Two results are swapped: dW_q and dW_k. Return dx, dW_q, dW_k, dW_v, dW_o, db_q, db_k, db_v, db_o.",
    credit=0.5,
)
def query_and_key_swapped(*given):
    dx, dW_q, dW_k, *rest = np_multi_head_backward(*given)
    return dx, dW_k, dW_q, *rest


@multi_head_backward.mistake(
    "Matrices and biases alternate in your results. Return dx, then the matrices dW_q, dW_k, dW_v, dW_o, "
    "then the biases db_q, db_k, db_v, db_o.",
    credit=0.5,
)
def matrices_and_biases_alternate(*given):
    dx, *rest = np_multi_head_backward(*given)
    return dx, *(d for pair in zip(rest[:4], rest[4:], strict=True) for d in pair)
