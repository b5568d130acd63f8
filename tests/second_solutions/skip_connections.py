import numpy as np


def residual_stack_forward(x, layers):
    y = np.array(x)
    for W_xh, W_hh, b_h in layers:
        z = np.einsum("ntg,gh->nth", y, W_xh) + b_h
        state = np.zeros(z[:, 0].shape)
        for t in range(z.shape[1]):
            state = np.tanh(z[:, t] + np.einsum("ng,gh->nh", state, W_hh))
            y[:, t] += state
    return y


def residual_stack_backward(dy, x, layers):
    """Recursively: the first layer, then the rest of the stack on top of it."""
    if not layers:
        return dy.copy(), []
    (W_xh, W_hh, b_h), *rest = layers
    into = residual_stack_forward(x, [(W_xh, W_hh, b_h)])
    dy, gradients = residual_stack_backward(dy, into, rest)
    h = into - x
    T = x.shape[1]
    dz = np.empty_like(h)
    dz[:, -1] = dy[:, -1] * (1 - h[:, -1] ** 2)
    for t in range(T - 2, -1, -1):
        dz[:, t] = (dy[:, t] + np.einsum("nh,gh->ng", dz[:, t + 1], W_hh)) * (1 - h[:, t] ** 2)
    before = np.zeros_like(h)
    before[:, 1:] = h[:, :-1]
    first = tuple(np.einsum("ntg,nth->gh", entered, dz) for entered in (x, before))
    return dy + np.einsum("nth,gh->ntg", dz, W_xh), [(*first, np.einsum("nth->h", dz)), *gradients]


def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k):
    states = {-1: h0}
    for t in range(x.shape[1]):
        skipped = states[t - k] if t - k >= 0 else 0.0
        z = np.einsum("nd,dh->nh", x[:, t], W_xh) + np.einsum("ng,gh->nh", states[t - 1], W_hh)
        states[t] = np.tanh(z + b_h) + skipped
    return np.stack([states[t] for t in range(x.shape[1])], axis=1)


def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    """Each step collects from its two readers, instead of sending to its two sources."""
    T = x.shape[1]
    h = skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k)
    squashed = h.copy()
    squashed[:, k:] -= h[:, : T - k] if k < T else 0.0
    whole, dz = np.zeros((2, T, *h0.shape))
    for t in range(T - 1, -1, -1):
        whole[t] = dh[:, t].copy()
        if t + 1 < T:
            whole[t] = whole[t] + dz[t + 1] @ W_hh.T
        if t + k < T:
            whole[t] = whole[t] + whole[t + k]
        dz[t] = whole[t] * (1 - squashed[:, t]) * (1 + squashed[:, t])
    dW_hh = h0.T @ dz[0] + sum(h[:, t - 1].T @ dz[t] for t in range(1, T))
    dW_xh = sum(x[:, t].T @ dz[t] for t in range(T))
    dx = np.stack([d @ W_xh.T for d in dz], axis=1)
    return dx, dz[0] @ W_hh.T, dW_xh, dW_hh, sum(d.sum(axis=0) for d in dz)


def count_paths(lag, k):
    """By the number of skips: s skips and lag - k s single steps, in any order."""
    from math import comb

    return sum(comb(lag - k * s + s, s) for s in range(lag // k + 1))


def highway_step(x, W_h, b_h, W_t, b_t):
    candidate = np.tanh(np.einsum("ng,gh->nh", x, W_h) + b_h)
    gate = 0.5 * (1 + np.tanh(0.5 * (np.einsum("ng,gh->nh", x, W_t) + b_t)))
    return x + gate * (candidate - x)
