import numpy as np


def inverted_dropout(x, uniforms, p, training):
    y = x.copy()
    if training:
        y[uniforms < p] = 0
        y[uniforms >= p] *= 1 / (1 - p)
    return y


def tied_mask(uniforms, p, T):
    mask = np.zeros((len(uniforms), T, uniforms.shape[1]))
    for n, h in np.argwhere(uniforms >= p):
        mask[n, :, h] = 1 / (1 - p)
    return mask


def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    z = np.einsum("ntd,ntd,dh->nth", x, mask_x, W_xh) + b_h
    h = np.empty_like(z)
    before = h0
    for t in range(x.shape[1]):
        h[:, t] = np.tanh(z[:, t] + np.einsum("ng,ng,gh->nh", before, mask_h[:, t], W_hh))
        before = h[:, t]
    return h


def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    """Through the Jacobians of single sequences and steps, without a batched product."""
    N, T, _ = x.shape
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for n in range(N):
        arriving = np.zeros(len(W_hh))
        for t in range(T - 1, -1, -1):
            before = h[n, t - 1] if t else h0[n]
            da = np.diag((1 - h[n, t]) * (1 + h[n, t])) @ (dh[n, t] + arriving)
            dW_xh += np.outer(mask_x[n, t] * x[n, t], da)
            dW_hh += np.outer(mask_h[n, t] * before, da)
            db_h += da
            dx[n, t] = np.diag(mask_x[n, t]) @ W_xh @ da
            arriving = np.diag(mask_h[n, t]) @ W_hh @ da
        dh0[n] = arriving
    return dx, dh0, dW_xh, dW_hh, db_h


def zoneout_step(h_prev, h_candidate, uniforms, p, training):
    keep = (uniforms < p).astype(float) if training else p
    return h_candidate + keep * (h_prev - h_candidate)


def candidate_dropout_step(i, f, g, o, c_prev, mask):
    news = np.einsum("nh,nh,nh->nh", i, g, mask)
    c = np.add(np.multiply(c_prev, f), news)
    e = np.exp(-2 * np.abs(c))
    return np.sign(c) * o * (1 - e) / (1 + e), c
