import numpy as np


def deep_rnn_forward(x, layers):
    """Step by step instead of layer by layer: all layers advance together, as a wavefront would allow."""
    N, T, _ = x.shape
    states = [np.zeros((N, len(b))) for _, _, b in layers]
    out = np.empty((N, T, len(layers[-1][2])))
    for t in range(T):
        below = x[:, t]
        for i, (W_xh, W_hh, b_h) in enumerate(layers):
            below = np.tanh(
                np.einsum("nd,dh->nh", below, W_xh) + np.einsum("ng,gh->nh", states[i], W_hh) + b_h
            )
            states[i] = below
        out[:, t] = below
    return out


def reverse_padded(x, lengths):
    steps = np.arange(x.shape[1])
    source = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return np.take_along_axis(x, source[..., None], axis=1)


def _states(x, layer):
    W_xh, W_hh, b_h = layer
    h, out = np.zeros(len(b_h)), []
    for step in x:
        h = np.tanh(W_xh.T @ step + W_hh.T @ h + b_h)
        out.append(h)
    return np.array(out)


def bidirectional_forward(x, lengths, forward_layer, backward_layer):
    H = len(forward_layer[2])
    out = np.zeros((*x.shape[:2], 2 * H))
    for n, length in enumerate(lengths):
        out[n, :length, :H] = _states(x[n, :length], forward_layer)
        out[n, :length, H:] = _states(x[n, :length][::-1], backward_layer)[::-1]
    return out


def bidirectional_summary(h, lengths):
    H = h.shape[2] // 2
    return np.array([[*row[n - 1, :H], *row[0, H:]] for row, n in zip(h, lengths, strict=True)])


def deep_bidirectional_forward(x, lengths, layer_pairs):
    first, *others = layer_pairs
    h = bidirectional_forward(x, lengths, *first)
    return deep_bidirectional_forward(h, lengths, others) if others else h


def count_stack_parameters(D, H, L, bidirectional):
    total, width = 0, D
    for _ in range(L):
        for _ in range(1 + bidirectional):
            total += sum(np.prod(shape) for shape in ((width, H), (H, H), (H,)))
        width = H * (1 + bidirectional)
    return int(total)
