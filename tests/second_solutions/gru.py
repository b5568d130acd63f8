import numpy as np


def _sigma(z):
    return np.exp(-np.logaddexp(0, -z))


def _block(W, k):
    H = W.shape[-1] // 3
    return W[..., k * H : (k + 1) * H]


def _gates(x, h_prev, W_xh, W_hh, b_x, b_h):
    """r, z, n and what the state says to n."""
    drive = [np.einsum("nd,dh->nh", x, _block(W_xh, k)) + _block(b_x, k) for k in range(3)]
    says = [np.einsum("nj,jh->nh", h_prev, _block(W_hh, k)) + _block(b_h, k) for k in range(3)]
    r, z = _sigma(drive[0] + says[0]), _sigma(drive[1] + says[1])
    return r, z, np.tanh(drive[2] + r * says[2]), says[2]


def gru_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    _, z, n, _ = _gates(x, h_prev, W_xh, W_hh, b_x, b_h)
    return n + z * (h_prev - n)


def gru_step_reset_before(x, h_prev, W_xh, W_hh, b_h):
    made = np.empty_like(h_prev)
    for k in range(len(x)):
        r = _sigma(_block(W_xh, 0).T @ x[k] + _block(W_hh, 0).T @ h_prev[k] + _block(b_h, 0))
        z = _sigma(_block(W_xh, 1).T @ x[k] + _block(W_hh, 1).T @ h_prev[k] + _block(b_h, 1))
        n = np.tanh(_block(W_xh, 2).T @ x[k] + _block(W_hh, 2).T @ (r * h_prev[k]) + _block(b_h, 2))
        made[k] = n + z * (h_prev[k] - n)
    return made


def cifg_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = (x @ _block(W_xh, k) + h_prev @ _block(W_hh, k) + _block(b_h, k) for k in range(3))
    g = np.tanh(g)
    c = g + _sigma(f) * (c_prev - g)
    return np.tanh(c) * _sigma(o), c


def gru_forward(x, h0, W_xh, W_hh, b_x, b_h):
    states = [h0]
    for x_t in x.swapaxes(0, 1):
        states.append(gru_step(x_t, states[-1], W_xh, W_hh, b_x, b_h))
    return np.stack(states[1:], axis=1)


def gru_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
    r, z, n, says_n = _gates(x, h_prev, W_xh, W_hh, b_x, b_h)
    d_n = np.einsum("nh,nh,nh->nh", dh, 1 - z, (1 - n) * (1 + n))
    d_z = dh * (h_prev - n) * (z - z * z)
    d_r = d_n * says_n * (r - r * r)
    to_x, to_h = (d_r, d_z, d_n), (d_r, d_z, d_n * r)
    dx = sum(np.einsum("nh,dh->nd", d, _block(W_xh, k)) for k, d in enumerate(to_x))
    dh_prev = dh * z + sum(np.einsum("nh,jh->nj", d, _block(W_hh, k)) for k, d in enumerate(to_h))
    dW_xh = np.concatenate([np.einsum("nd,nh->dh", x, d) for d in to_x], axis=1)
    dW_hh = np.concatenate([np.einsum("nj,nh->jh", h_prev, d) for d in to_h], axis=1)
    return dx, dh_prev, dW_xh, dW_hh, np.concatenate(to_x, axis=1).sum(0), np.concatenate(to_h, axis=1).sum(0)


def gru_backward(dh, x, h0, W_xh, W_hh, b_x, b_h):
    befores = [h0, *gru_forward(x, h0, W_xh, W_hh, b_x, b_h).swapaxes(0, 1)][:-1]
    dx, dh_t, sums = np.empty_like(x), np.zeros_like(h0), [0, 0, 0, 0]
    for t, before in reversed(list(enumerate(befores))):
        dx[:, t], dh_t, *now = gru_step_backward(dh[:, t] + dh_t, x[:, t], before, W_xh, W_hh, b_x, b_h)
        sums = [a + b for a, b in zip(sums, now, strict=True)]
    return dx, dh_t, *sums


def count_gated_parameters(kind, D, H):
    columns = {"lstm": 4, "cifg": 3, "gru": 3, "gru_torch": 3}[kind] * H
    arrays = [np.empty((D, columns)), np.empty((H, columns)), np.empty(columns)]
    return sum(a.size for a in arrays) + (columns if kind == "gru_torch" else 0)
