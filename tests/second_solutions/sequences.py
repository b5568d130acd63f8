import numpy as np


def make_windows(x, tau):
    rows = np.arange(len(x) - tau)[:, None] + np.arange(tau + 1)
    both = np.take(x, rows)
    return both[:, :-1], both[:, -1]


def fit_ar(x, tau):
    """By centring: the intercept is what the means leave over."""
    inputs, targets = make_windows(x, tau)
    centre, level = inputs.mean(axis=0), targets.mean()
    Q, R = np.linalg.qr(inputs - centre)
    coef = np.linalg.solve(R, Q.T @ (targets - level))
    return coef, float(level - centre @ coef)


def forecast(history, coef, intercept, steps):
    """By the companion matrix: one product moves the whole window on."""
    tau = len(coef)
    step = np.eye(tau + 1, k=1)
    step[tau - 1, :tau] = coef
    step[tau - 1, tau] = intercept
    step[tau] = 0
    step[tau, tau] = 1
    state, y = np.append(history, 1.0), []
    for _ in range(steps):
        state = np.einsum("ij,j->i", step, state)
        y.append(state[tau - 1])
    return np.array(y)


def pad_batch(sequences):
    T = max(map(len, sequences))
    rows = [np.pad(s, ((0, T - len(s)), (0, 0))) for s in sequences]
    return np.array(rows), np.array(list(map(len, sequences)), dtype=np.int32)


def length_mask(lengths, T):
    mask = np.zeros((len(lengths), T), dtype=bool)
    for row, length in zip(mask, lengths, strict=True):
        row[:length] = True
    return mask


def last_valid(h, lengths):
    chosen = np.arange(h.shape[1]) + 1 == lengths[:, None]
    return np.einsum("nth,nt->nh", h, chosen.astype(float))
