"""Lesson 17 once more: query by query, with Jacobians written out, weight by weight."""

import math

import numpy as np

from tests.second_solutions.transformer import scaled_dot_product_attention as _attention


def attention_backward(dout, q, k, v, mask):
    """Query by query: each softmax has a Jacobian diag(w) - w w^T."""
    _, weights = _attention(q, k, v, mask)
    root = math.sqrt(q.shape[-1])
    dq, dk, dv = np.zeros(q.shape), np.zeros(k.shape), np.zeros(v.shape)
    for *lead, t in np.ndindex(q.shape[:-1]):
        n = tuple(lead)
        w, arrives = weights[(*n, t)], dout[(*n, t)]
        dscores = (np.diag(w) - np.outer(w, w)) @ (v[n] @ arrives) / root
        dq[(*n, t)] = dscores @ k[n]
        dk[n] += np.outer(dscores, q[(*n, t)])
        dv[n] += np.outer(w, arrives)
    return dq, dk, dv


def layer_norm_backward(dy, x, gain, eps):
    """As on a tape: through the quotient, the root, the variance, the mean."""
    D = x.shape[-1]
    arrives, rows = dy.reshape(-1, D), x.reshape(-1, D)
    centred = rows - rows.mean(axis=1)[:, None]
    std = np.sqrt((centred**2).sum(axis=1)[:, None] / D + eps)
    dnormalised = arrives * gain
    dstd = -(dnormalised * centred).sum(axis=1)[:, None] / std**2
    dcentred = dnormalised / std + dstd / (2 * std) * 2 * centred / D
    dx = dcentred - dcentred.sum(axis=1)[:, None] / D
    return dx.reshape(x.shape), np.einsum("nd,nd->d", arrives, centred / std), np.einsum("nd->d", arrives)


def feed_forward_backward(dy, x, W_1, b_1, W_2, b_2):
    """Token by token."""
    dx, grads = np.empty(x.shape), [np.zeros(a.shape) for a in (W_1, b_1, W_2, b_2)]
    for place in np.ndindex(x.shape[:2]):
        z = x[place] @ W_1 + b_1
        dz = np.where(z > 0, W_2 @ dy[place], 0.0)
        dx[place] = W_1 @ dz
        shares = np.outer(x[place], dz), dz, np.outer(np.where(z > 0, z, 0.0), dy[place]), dy[place]
        grads = [total + share for total, share in zip(grads, shares, strict=True)]
    return dx, *grads


def multi_head_backward(dout, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    """Head by head, each with its own columns of the three matrices and its own rows of W_o."""
    width, dx = x.shape[2] // heads, np.zeros(x.shape)
    dW, db = [np.zeros(W_q.shape) for _ in range(4)], [np.zeros(b_q.shape) for _ in range(4)]
    db[3] += np.einsum("nte->e", dout)
    for head in range(heads):
        own = slice(head * width, (head + 1) * width)
        q, k, v = (x @ W[:, own] + b[own] for W, b in ((W_q, b_q), (W_k, b_k), (W_v, b_v)))
        dW[3][own] = np.einsum("nti,ntj->ij", _attention(q, k, v, mask)[0], dout)
        back = attention_backward(dout @ W_o[own].T, q, k, v, mask)
        for i, (d, W) in enumerate(zip(back, (W_q, W_k, W_v), strict=True)):
            dx += d @ W[:, own].T
            dW[i][:, own] = np.einsum("nti,ntj->ij", x, d)
            db[i][own] = np.einsum("ntj->j", d)
    return dx, *dW, *db


def adamw_step(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    """Weight by weight, shrunk first, with the corrections moved into the step's size."""
    made = [np.empty(np.shape(p)) for _ in range(3)]
    for i in np.ndindex(np.shape(p)):
        mean = m[i] + (1 - beta1) * (g[i] - m[i])
        square = v[i] + (1 - beta2) * (g[i] * g[i] - v[i])
        shrunk = p[i] * (1 - lr * decay)
        size = lr / (1 - math.pow(beta1, t))
        made[0][i] = shrunk - size * mean / (math.sqrt(square / (1 - math.pow(beta2, t))) + eps)
        made[1][i], made[2][i] = mean, square
    return tuple(made)


def warmup_cosine(step, warmup, total, peak):
    """A sine squared for the fall: 1 + cos(2 a) = 2 cos(a)^2."""
    if step >= total:
        return 0.0
    if step < warmup:
        return peak / warmup * step
    return peak * math.sin(math.pi / 2 * (total - step) / (total - warmup)) ** 2
