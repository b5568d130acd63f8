"""Lesson 18: byte-pair encoding, the block of today's language models, and how they write."""

from collections import Counter
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

EPS = 1e-5


def _commonest(text):
    counts = Counter(pairwise(text))
    most = max(counts.values())
    return min(pair for pair, times in counts.items() if times == most)


def _merged(text, pair, new):
    """The text with the leftmost such pair merged, again and again: one at a time, and slowly."""
    done = []  # what lies to the left of the last place looked at, and cannot change any more
    while len(text) > 1:
        if (text[0], text[1]) == pair:
            done, text = [*done, new], text[2:]
        else:
            done, text = [*done, text[0]], text[1:]
    return done + text


def most_frequent_pair(ids):
    return _commonest(ids.tolist())


def merge_pair(ids, first, second, new):
    return torch.tensor(_merged(ids.tolist(), (int(first), int(second)), int(new)), device=ids.device)


def train_bpe(ids, merges, V):
    text, pairs = ids.tolist(), []
    while len(pairs) < merges and len(text) > 1:
        pairs.append(_commonest(text))
        text = _merged(text, pairs[-1], V + len(pairs) - 1)
    return torch.tensor(pairs, device=ids.device)


def bpe_encode(ids, pairs, V):
    text = ids.tolist()
    for m, pair in enumerate(pairs.tolist()):
        text = _merged(text, tuple(pair), V + m)
    return torch.tensor(text, device=ids.device)


def bits_per_byte(nats, tokens, bytes):
    per_token = torch.as_tensor(nats, dtype=torch.float64) / torch.tensor(2.0, dtype=torch.float64).log()
    return per_token * tokens / bytes


def rms_norm(x, gain, eps):
    norm = nn.RMSNorm(x.shape[-1], eps, dtype=x.dtype, device=x.device)
    norm.load_state_dict({"weight": gain})
    return norm(x)


def rotary(x, start):
    """The pairs as complex numbers: turning is one product."""
    T, d = x.shape[-2:]
    place = start + torch.arange(T, dtype=x.dtype, device=x.device)
    rate = torch.exp(
        -torch.arange(0, d, 2, dtype=x.dtype, device=x.device) / d * torch.log(place.new_tensor(1e4))
    )
    turn = torch.polar(place.new_ones(T, d // 2), place[:, None] * rate)
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turn).flatten(-2)


def swiglu(x, W_1, W_3, W_2):
    gated = functional.silu(functional.linear(x, W_1.T)) * functional.linear(x, W_3.T)
    return functional.linear(gated, W_2.T)


def gpt_block(x, params, heads):
    q, k, v = (
        functional.linear(rms_norm(x, params["norm1_gain"], EPS), params[name].T)
        .unflatten(2, (heads, -1))
        .transpose(1, 2)
        for name in ("W_q", "W_k", "W_v")
    )
    out = functional.scaled_dot_product_attention(rotary(q, 0), rotary(k, 0), v, is_causal=True)
    x = x + functional.linear(out.transpose(1, 2).flatten(2), params["W_o"].T)
    return x + swiglu(rms_norm(x, params["norm2_gain"], EPS), params["W_1"], params["W_3"], params["W_2"])


def tied_logits(h, E):
    readout = nn.Linear(*E.T.shape, bias=False, dtype=E.dtype, device=E.device)
    readout.weight = nn.Parameter(E)
    return readout(h)


def attend_cached(q, k, v, cache_k, cache_v):
    cache_k = torch.cat([cache_k, k.unsqueeze(2)], dim=2)
    cache_v = torch.cat([cache_v, v.unsqueeze(2)], dim=2)
    return (
        functional.scaled_dot_product_attention(q.unsqueeze(2), cache_k, cache_v).squeeze(2),
        cache_k,
        cache_v,
    )


def temper(logits, temperature):
    if temperature == 0:
        return functional.one_hot(logits.argmax(dim=1), logits.shape[1]).to(logits.dtype)
    # Shifted before it is scaled, for a tiny temperature would send the largest logit to infinity.
    return functional.softmax((logits - logits.amax(dim=1, keepdim=True)) / temperature, dim=1)


def top_p(p, mass):
    ranked, order = p.sort(dim=1, descending=True, stable=True)
    reached = ranked.cumsum(dim=1) >= mass
    kept = ranked.masked_fill(reached.roll(1, dims=1).index_fill(1, order.new_zeros(1), False), 0)
    return functional.normalize(torch.zeros_like(p).scatter(1, order, kept), p=1, dim=1)
