"""Lesson 18 once more: by tables and strings, by matrices of turns, one key after another."""

from itertools import pairwise

import numpy as np


def most_frequent_pair(ids):
    table = np.zeros((ids.max() + 1,) * 2, dtype=int)
    for a, b in pairwise(ids):
        table[a, b] += 1
    return divmod(int(table.argmax()), len(table))


def merge_pair(ids, first, second, new):
    """A symbol joins the one before it, unless that is a pair already."""
    merged: list[int] = []
    fresh = False
    for symbol in ids:
        fresh = fresh and merged[-1] == first and symbol == second
        if fresh:
            merged[-1] = new
        else:
            merged.append(symbol)
        fresh = not fresh
    return np.array(merged)


def train_bpe(ids, merges, V):
    if merges == 0 or len(ids) == 1:
        return np.zeros((0, 2), dtype=int)
    first, second = most_frequent_pair(ids)
    rest = train_bpe(merge_pair(ids, first, second, V), merges - 1, V + 1)
    return np.vstack([[(first, second)], rest])


def bpe_encode(ids, pairs, V):
    """Of all pairs at hand always the one that was learned first, until none is left."""
    rank = {tuple(pair): m for m, pair in enumerate(pairs.tolist())}
    while known := rank.keys() & set(pairwise(ids.tolist())):
        first, second = min(known, key=rank.__getitem__)
        ids = merge_pair(ids, first, second, V + rank[first, second])
    return ids


def bits_per_byte(nats, tokens, bytes):
    return np.log2(np.e) * (nats * tokens) / bytes


def rms_norm(x, gain, eps):
    squares = np.einsum("...e,...e->...", x, x)[..., None]
    return gain * x * np.sqrt(x.shape[-1] / (squares + eps * x.shape[-1]))


def rotary(x, start):
    T, d = x.shape[-2:]
    y = np.zeros(x.shape)
    for t in range(T):
        turn = np.zeros((d, d))
        for i in range(0, d, 2):
            c, s = np.cos((start + t) / 1e4 ** (i / d)), np.sin((start + t) / 1e4 ** (i / d))
            turn[i : i + 2, i : i + 2] = [[c, s], [-s, c]]  # for a row that is multiplied from the left
        y[..., t, :] = x[..., t, :] @ turn
    return y


def swiglu(x, W_1, W_3, W_2):
    z = np.einsum("nte,ef->ntf", x, W_1)
    return np.einsum("ntf,ntf,fe->nte", z * (1 + np.tanh(z / 2)) / 2, x @ W_3, W_2)


def gpt_block(x, params, heads):
    """Step by step with a cache, head by head."""
    d = x.shape[2] // heads
    z, attended = rms_norm(x, params["norm1_gain"], 1e-5), x.copy()
    for head in range(heads):
        own = slice(head * d, (head + 1) * d)
        q, k, v = (z @ params[f"W_{name}"][:, own] for name in "qkv")
        q, k = rotary(q, 0), rotary(k, 0)
        cache_k = cache_v = np.zeros((len(x), 1, 0, d))
        for t in range(x.shape[1]):
            q_t, k_t, v_t = (a[:, None, t] for a in (q, k, v))
            out, cache_k, cache_v = attend_cached(q_t, k_t, v_t, cache_k, cache_v)
            attended[:, t] += out[:, 0] @ params["W_o"][own]
    weights = (params[name] for name in ("W_1", "W_3", "W_2"))
    return attended + swiglu(rms_norm(attended, params["norm2_gain"], 1e-5), *weights)


def tied_logits(h, E):
    return np.stack([h @ row for row in E], axis=-1)


def attend_cached(q, k, v, cache_k, cache_v):
    N, heads, S, d = cache_k.shape
    keys, values = np.empty((2, N, heads, S + 1, d))
    keys[:, :, :S], keys[:, :, S], values[:, :, :S], values[:, :, S] = cache_k, k, cache_v, v
    scores = np.einsum("nhd,nhsd->nhs", q, keys) / d**0.5
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=2, keepdims=True))
    return np.einsum("nhs,nhsd->nhd", weights, values), keys, values


def temper(logits, temperature):
    if temperature == 0:
        return np.array([np.arange(len(z)) == z.argmax() for z in logits]) * 1.0
    ahead = (logits - logits.max(axis=1)[:, None]) / temperature
    return np.exp(ahead - np.log(np.exp(ahead).sum(axis=1))[:, None])


def top_p(p, mass):
    rows = []
    for row in p:
        kept, total = np.zeros(len(row)), 0.0
        for symbol in sorted(range(len(row)), key=lambda k: -row[k]):
            if total < mass:
                kept[symbol] = row[symbol]
                total += row[symbol]
        rows.append(kept / total)
    return np.stack(rows)
