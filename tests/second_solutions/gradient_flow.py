import math

import numpy as np


def activation_slope(z, kind):
    out = np.zeros(z.shape)
    for index in np.ndindex(*z.shape):
        value = float(z[index])
        if kind == "sigmoid":
            small = math.exp(-abs(value))
            out[index] = small / (1 + small) / (1 + small)
        elif kind == "tanh":
            out[index] = 1 / math.cosh(min(abs(value), 300.0)) ** 2
        elif kind == "relu":
            out[index] = float(value > 0)
    return out


def step_jacobian(h, W_hh):
    return np.stack([W_hh @ np.diag((1 - row) * (1 + row)) for row in h])


def jacobian_product(h, W_hh):
    H = len(W_hh)
    columns = np.eye(H)
    for state in h[::-1]:
        columns = np.einsum("ij,j,jk->ik", W_hh, 1 - state * state, columns)
    return columns


def spectral_norm(W, v0, iterations):
    u = W @ v0
    for _ in range(iterations):
        v = W.T @ (u / np.sqrt(np.sum(u**2)))
        u = W @ (v / np.sqrt(np.sum(v**2)))
    return float(np.sqrt(np.sum(u**2)))


def norm_bound(h, W_hh):
    largest = np.sqrt(np.linalg.eigvalsh(W_hh @ W_hh.T)[-1])
    return math.exp(sum(math.log(largest) + math.log(1 - np.min(np.abs(row)) ** 2) for row in h))


def gradient_norms(dh_T, h, W_hh):
    N, T, H = h.shape
    norms = np.zeros(T)
    for n in range(N):
        reach = np.eye(H)
        for t in range(T - 1, -1, -1):
            norms[T - 1 - t] += np.sum((reach @ dh_T[n]) ** 2)
            reach = W_hh @ np.diag(1 - h[n, t] ** 2) @ reach
    return np.sqrt(norms)
