import math

import numpy as np


def clip_by_global_norm(grads, max_norm):
    flat = np.concatenate([g.ravel() for g in grads])
    norm = math.sqrt(flat @ flat)
    if norm <= max_norm:
        return [g.copy() for g in grads], norm
    unit = flat / norm
    ends = np.cumsum([g.size for g in grads])
    return [max_norm * unit[e - g.size : e].reshape(g.shape) for g, e in zip(grads, ends, strict=True)], norm


def clip_by_value(grads, limit):
    return [np.where(np.abs(g) > limit, limit * np.sign(g), g) for g in grads]


def weight_decay_step(W, dW, lr, decay):
    shrunk = W * (1 - lr * decay)
    return shrunk + (-lr) * dW


def identity_init(H, scale):
    W = np.zeros((H, H))
    for i in range(H):
        W[i, i] = scale
    return W


def orthogonal_init(gaussian):
    Q = np.zeros_like(gaussian)
    for j in range(len(gaussian)):  # Gram and Schmidt, twice for the rounding
        column = gaussian[:, j].copy()
        for _ in range(2):
            column -= Q[:, :j] @ (Q[:, :j].T @ column)
        Q[:, j] = column / np.linalg.norm(column)
    return Q


def irnn_step(x, h_prev, W_xh, W_hh, b_h):
    z = np.concatenate([x, h_prev], axis=1) @ np.concatenate([W_xh, W_hh]) + b_h
    return np.where(z > 0, z, 0.0)
