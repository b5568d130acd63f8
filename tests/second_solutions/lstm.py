import numpy as np


def _sigma(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _dsigma(s):
    return s - s * s


def sigmoid(z):
    return _sigma(z)


def carry_memory(f, i, g, c0):
    N, T, H = f.shape
    c = np.empty((N, T + 1, H))
    c[:, 0] = c0
    for n, t, k in np.ndindex(N, T, H):
        c[n, t + 1, k] = c[n, t, k] * f[n, t, k] + g[n, t, k] * i[n, t, k]
    return c[:, 1:]


def memory_retention(f):
    return np.array([f[t + 1 :].prod(axis=0) for t in range(len(f))])


def lstm_gates(x, h_prev, W_xh, W_hh, b_h):
    H = len(W_hh)
    blocks = [slice(k * H, (k + 1) * H) for k in range(4)]
    z = [
        np.einsum("nd,dh->nh", x, W_xh[:, k]) + np.einsum("nj,jh->nh", h_prev, W_hh[:, k]) + b_h[k]
        for k in blocks
    ]
    return _sigma(z[0]), _sigma(z[1]), np.tanh(z[2]), _sigma(z[3])


def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    c = np.add(np.multiply(i, g), np.multiply(f, c_prev))
    return np.multiply(np.tanh(c), o), c


def lstm_forward(x, h0, c0, W_xh, W_hh, b_h):
    hs, cs = [], []
    for x_t in x.swapaxes(0, 1):
        h0, c0 = lstm_step(x_t, h0, c0, W_xh, W_hh, b_h)
        hs.append(h0)
        cs.append(c0)
    return np.array(hs).swapaxes(0, 1), np.array(cs).swapaxes(0, 1)


def set_forget_bias(b_h, value):
    made = b_h.reshape(4, -1).copy()
    made[1] = value
    return made.ravel()


def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    shown = np.tanh(f * c_prev + i * g)
    dc = dc + np.einsum("nh,nh,nh->nh", dh, o, (1 - shown) * (1 + shown))
    gates = [
        dc * g * _dsigma(i),
        dc * c_prev * _dsigma(f),
        dc * i * (1 - g) * (1 + g),
        dh * shown * _dsigma(o),
    ]
    H = len(W_hh)
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h_prev)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    for k, da in enumerate(gates):
        block = slice(k * H, (k + 1) * H)
        dx += np.einsum("nh,dh->nd", da, W_xh[:, block])
        dh_prev += np.einsum("nh,jh->nj", da, W_hh[:, block])
        dW_xh[:, block] = np.einsum("nd,nh->dh", x, da)
        dW_hh[:, block] = np.einsum("nj,nh->jh", h_prev, da)
        db_h[block] = np.einsum("nh->h", da)
    return dx, dh_prev, dc * f, dW_xh, dW_hh, db_h


def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h):
    befores = [(h0, c0)]
    for t in range(x.shape[1] - 1):
        befores.append(lstm_step(x[:, t], *befores[-1], W_xh, W_hh, b_h))
    dx, dh_t, dc_t, sums = np.empty_like(x), 0 * h0, 0 * c0, [0, 0, 0]
    for t, (h_before, c_before) in reversed(list(enumerate(befores))):
        dx[:, t], dh_t, dc_t, *now = lstm_step_backward(
            dh[:, t] + dh_t, dc_t, x[:, t], h_before, c_before, W_xh, W_hh, b_h
        )
        sums = [a + b for a, b in zip(sums, now, strict=True)]
    return dx, dh_t, dc_t, *sums
