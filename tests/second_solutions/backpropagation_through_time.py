import numpy as np


def relative_error(analytic, numeric):
    a, n = np.ravel(analytic), np.ravel(numeric)
    top = np.hypot.reduce(a - n)
    return float(top / max(np.hypot.reduce(a) + np.hypot.reduce(n), np.finfo(float).tiny))


def cross_entropy_backward(logits, targets, mask):
    dlogits = np.zeros(logits.shape)
    for n, t in zip(*np.nonzero(mask), strict=True):
        z = logits[n, t]
        dlogits[n, t] = np.exp(z - np.logaddexp.reduce(z))
        dlogits[n, t, targets[n, t]] -= 1
    return dlogits / np.count_nonzero(mask)


def readout_backward(dlogits, h, W_hy):
    dh = np.einsum("ntv,hv->nth", dlogits, W_hy)
    return dh, np.tensordot(h, dlogits, axes=([0, 1], [0, 1])), np.einsum("ntv->v", dlogits)


def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    da = (1 - h) * (1 + h) * dh
    inputs = np.concatenate([x, h_prev, np.ones((len(x), 1))], axis=1)
    stacked = np.einsum("ni,nh->ih", inputs, da)
    D, H = W_xh.shape
    back = da @ np.concatenate([W_xh, W_hh]).T
    return back[:, :D], back[:, D:], stacked[:D], stacked[D : D + H], stacked[-1]


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """Each loss sent back by itself, from step s to every earlier step, through explicit Jacobians."""
    N, T, H = h.shape
    jacobians = (1 - h**2)[:, :, None, :] * W_hh  # (N, T, H, H): d h_t[j] / d h_{t-1}[i] at [i, j]
    total = np.zeros((N, T, H))
    dh0 = np.zeros((N, H))
    for s in range(T):
        sent = dh[:, s]
        for t in range(s, -1, -1):
            total[:, t] += sent
            sent = np.einsum("nij,nj->ni", jacobians[:, t], sent)
        dh0 += sent
    return _weights(total * (1 - h**2), dh0, x, h0, h, W_xh)


def _weights(da, dh0, x, h0, h, W_xh):
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return (
        np.einsum("nth,dh->ntd", da, W_xh),
        dh0,
        np.einsum("ntd,nth->dh", x, da),
        np.einsum("nti,nth->ih", before, da),
        np.einsum("nth->h", da),
    )


def truncated_rnn_backward(dh, x, h0, h, W_xh, W_hh, k):
    T = h.shape[1]
    da, carry = np.zeros_like(h), np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        da[:, t] = (dh[:, t] + carry) * (1 - h[:, t] ** 2)
        carry = da[:, t] @ W_hh.T * (t % k != 0 or t == 0)
    return _weights(da, carry, x, h0, h, W_xh)


def embedding_backward(ids, dx, V):
    one_hot = (ids[..., None] == np.arange(V)).astype(float)
    return np.einsum("ntv,ntd->vd", one_hot, dx)
