"""Lesson 18: right pieces in NumPy, of which the wrong answers are made."""

from collections import Counter

import numpy as np

from autograder.exercises.lstm.parts import np_sigmoid
from autograder.exercises.transformer.parts import np_attention, np_lower, np_split

EPS = 1e-5


def np_count(ids, step=1):
    """How often each pair of neighbours occurs, in the order in which they are first seen."""
    return Counter(zip(ids[:-1:step].tolist(), ids[1::step].tolist(), strict=True))


def np_pair(ids, rank=lambda pair: pair):
    """The most frequent pair; of equals the one that comes first by `rank`."""
    counts = np_count(ids)
    return min(counts, key=lambda pair: (-counts[pair], rank(pair)))


def np_merge(ids, first, second, new):
    merged, t = [], 0
    while t < len(ids):
        pair = t + 1 < len(ids) and ids[t] == first and ids[t + 1] == second
        merged.append(new if pair else ids[t])
        t += 1 + bool(pair)
    return np.array(merged)


def np_train(ids, merges, V, *, pair=np_pair, merge=np_merge, number=lambda V, m: V + m):
    """Byte-pair encoding with its parts to be replaced."""
    pairs = []
    for m in range(merges):
        if len(ids) < 2:
            break
        pairs.append(pair(ids))
        ids = merge(ids, *pairs[-1], number(V, m))
    return np.array(pairs)


def np_encode(ids, pairs, V):
    for m, pair in enumerate(pairs):
        ids = np_merge(ids, *pair, V + m)
    return ids


def np_rms(x, gain, eps=EPS, axis=-1):
    return x / np.sqrt((x**2).mean(axis=axis, keepdims=True) + eps) * gain


def np_angles(T, d, start=0, base=10000.0, step=2):
    return (start + np.arange(T))[:, None] / base ** (step * np.arange(d // 2) / d)  # (T, d / 2)


def np_turn(a, b, angle):
    return a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)


def np_paired(a, b):
    """Features 2i from a, features 2i + 1 from b, each (..., d / 2)."""
    return np.stack([a, b], axis=-1).reshape(*a.shape[:-1], -1)


def np_rotary(x, start=0, **angles):
    angle = np_angles(*x.shape[-2:], start, **angles)
    return np_paired(*np_turn(x[..., 0::2], x[..., 1::2], angle))


def np_rotary_halves(x, start=0):
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate(np_turn(a, b, np_angles(*x.shape[-2:], start)), axis=-1)


def np_silu(z):
    return z * np_sigmoid(z)


def np_swiglu(x, W_1, W_3, W_2, activation=np_silu):
    return (activation(x @ W_1) * (x @ W_3)) @ W_2


def np_heads(z, p, heads, *, turn=np_rotary, mask=np_lower, turned="qk", names="qkv"):
    """Causal attention of all heads, put side by side again: z (N, T, E) -> (N, T, E), before W_o."""
    given = dict(zip("qkv", (np_split(z @ p[f"W_{name}"], heads) for name in names), strict=True))
    q, k, v = (turn(a) if name in turned else a for name, a in given.items())
    return np_attention(q, k, v, mask(z))[0].swapaxes(1, 2).reshape(z.shape)


def np_largest(logits):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


def np_ranked(p):
    """Each row's symbols from the most probable one on, and their probabilities."""
    order = np.argsort(-p, axis=1, kind="stable")
    return order, np.take_along_axis(p, order, axis=1)


def np_placed(order, ranked):
    out = np.zeros(ranked.shape)
    np.put_along_axis(out, order, ranked, axis=1)
    return out


def np_whole(p):
    """Rows that add up to 1."""
    return p / p.sum(axis=1, keepdims=True)


def np_top_p(p, mass):
    order, ranked = np_ranked(p)
    return np_whole(np_placed(order, np.where(ranked.cumsum(axis=1) - ranked < mass, ranked, 0)))
