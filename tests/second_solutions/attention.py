"""Lesson 15 once more: einsum, explicit loops over rows, Jacobians written out."""

import numpy as np


def dot_scores(s, states):
    return np.einsum("nh,nth->nt", s, states)


def masked_softmax(scores, mask):
    weights = np.zeros(scores.shape)
    for index in np.ndindex(scores.shape[:-1]):
        allowed = np.flatnonzero(mask[index])
        if allowed.size:
            z = scores[index][allowed]
            weights[(*index, allowed)] = 1 / np.exp(z[None] - z[:, None]).clip(0, 1e300).sum(axis=1)
    return weights


def attend(s, states, mask):
    weights = masked_softmax(np.einsum("nh,nth->nt", s, states), mask)
    return np.einsum("nt,nth->nh", weights, states), weights


def additive_scores(s, states, W_s, W_m, v):
    N, T, _ = states.shape
    scores = np.empty((N, T))
    for n in range(N):
        for t in range(T):
            scores[n, t] = v @ np.tanh(W_s.T @ s[n] + W_m.T @ states[n, t])
    return scores


def attend_backward(dcontext, s, states, mask):
    ds, dstates = np.zeros_like(s), np.zeros_like(states)
    _, weights = attend(s, states, mask)
    for n, w in enumerate(weights):
        jacobian = np.diag(w) - np.outer(w, w)  # of the softmax, (T, T)
        dscores = jacobian @ states[n] @ dcontext[n]
        ds[n] = dscores @ states[n]
        dstates[n] = np.outer(dscores, s[n]) + np.outer(w, dcontext[n])
    return ds, dstates


def attention_decoder_step(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    H = len(b_h)
    s = np.tanh(np.concatenate([y, s_prev], axis=1) @ np.concatenate([W_xh, W_hh]) + b_h)
    context, _ = attend(s, states, mask)
    mixed = np.tanh(context @ W_c[:H] + s @ W_c[H:] + b_c)
    return np.einsum("nh,hv->nv", mixed, W_hy) + b_y, s
