import numpy as np


def exponential_state(x, alpha, h0):
    with_start = np.concatenate([[h0], x])
    out = []
    for t in range(1, len(with_start)):
        shares = np.concatenate([[1.0], np.full(t, alpha)]) * (1 - alpha) ** np.arange(t, -1, -1)
        out.append(float(shares @ with_start[: t + 1]))
    return np.array(out)


def linear_latent_forward(x, h0, A, B, C):
    """As a convolution: y_t is the sum over lags k of x_{t-k} B A^k C, plus what is left of h0."""
    T = x.shape[1]
    powers = [C]
    for _ in range(T):
        powers.append(A @ powers[-1])
    y = np.zeros((len(x), T, C.shape[1]))
    for t in range(T):
        y[:, t] = np.einsum("nh,hm->nm", h0, powers[t + 1])
        for k in range(t + 1):
            y[:, t] += np.einsum("nd,dh,hm->nm", x[:, t - k], B, powers[k])
    return y


def _log_joint(ids, initial, A, B):
    with np.errstate(divide="ignore"):
        log_initial, log_A, log_B = np.log(initial), np.log(A), np.log(B)
    rows = [log_initial + log_B[:, ids[0]]]
    for symbol in ids[1:]:
        rows.append(np.logaddexp.reduce(rows[-1][:, None] + log_A, axis=0) + log_B[:, symbol])
    return np.array(rows)


def hmm_filter(ids, initial, A, B):
    joint = _log_joint(ids, initial, A, B)
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)


def predict_next(belief, A, B):
    out = np.zeros(B.shape[1])
    for i, share in enumerate(belief):
        for j in range(len(B)):
            out += share * A[i, j] * B[j]
    return out


def hmm_log_likelihood(ids, initial, A, B):
    """As one long product of matrices, rescaled now and then."""
    row, log_scale = initial[None] * B[:, ids[0]], 0.0
    for symbol in ids[1:]:
        row = row @ (A * B[:, symbol])
        log_scale += np.log(row.max())
        row = row / row.max()
    return float(np.log(row.sum()) + log_scale)
