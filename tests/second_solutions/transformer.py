"""Lesson 16 once more: entry by entry, query by query, head by head."""

import math

import numpy as np


def positional_encoding(T, d):
    P = np.empty((T, d))
    for t in range(T):
        for j in range(d):
            angle = t * math.exp(-math.log(10000.0) * (j - j % 2) / d)
            P[t, j] = math.cos(angle) if j % 2 else math.sin(angle)
    return P


def embed_sequence(ids, E):
    d = E.shape[1]
    x = np.sqrt(d) * np.stack([E[row] for row in ids])
    x += positional_encoding(ids.shape[1], d)[None]
    return x


def causal_mask(T):
    steps = np.arange(T)
    return steps[:, None] >= steps[None, :]


def scaled_dot_product_attention(q, k, v, mask):
    scores = np.einsum("...td,...sd->...ts", q / math.sqrt(q.shape[-1]), k)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(top == -np.inf, 0.0, top))
    weights = e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-300)
    return np.einsum("...ts,...se->...te", weights, v), weights


def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    width = x_q.shape[2] // heads
    out = np.zeros(x_q.shape) + b_o
    for head in range(heads):
        own = slice(head * width, (head + 1) * width)
        q, k, v = x_q @ W_q[:, own] + b_q[own], x_kv @ W_k[:, own] + b_k[own], x_kv @ W_v[:, own] + b_v[own]
        out += scaled_dot_product_attention(q, k, v, mask)[0] @ W_o[own]
    return out


def layer_norm(x, gain, bias, eps):
    mean = np.sum(x, axis=-1)[..., None] / x.shape[-1]
    variance = np.sum(x * x, axis=-1)[..., None] / x.shape[-1] - mean * mean
    return bias + gain * (x - mean) * (variance.clip(0) + eps) ** -0.5


def feed_forward(x, W_1, b_1, W_2, b_2):
    hidden = np.einsum("...e,ef->...f", x, W_1) + b_1
    hidden[hidden < 0] = 0
    return np.einsum("...f,fe->...e", hidden, W_2) + b_2


def _weights(params, prefix):
    return {name: params[prefix + name] for name in ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")}


def _wrapped(x, change, params, number):
    return layer_norm(x + change, params[f"ln{number}_gain"], params[f"ln{number}_bias"], 1e-5)


def _inner(x, params):
    return feed_forward(x, params["W_1"], params["b_1"], params["W_2"], params["b_2"])


def encoder_block(x, params, heads, mask):
    x = _wrapped(x, multi_head_attention(x, x, **_weights(params, ""), heads=heads, mask=mask), params, 1)
    return _wrapped(x, _inner(x, params), params, 2)


def decoder_block(y, memory, params, heads, memory_mask):
    """Every step by itself, given only what was written up to it."""
    steps = []
    for t in range(y.shape[1]):
        past = y[:, : t + 1]
        z = _wrapped(y[:, t : t + 1], _last(past, past, params, "self_", heads, None), params, 1)
        z = _wrapped(z, _last(z, memory, params, "cross_", heads, memory_mask), params, 2)
        steps.append(_wrapped(z, _inner(z, params), params, 3))
    return np.concatenate(steps, axis=1)


def _last(x_q, x_kv, params, prefix, heads, mask):
    return multi_head_attention(x_q[:, -1:], x_kv, **_weights(params, prefix), heads=heads, mask=mask)
