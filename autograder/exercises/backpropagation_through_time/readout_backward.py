"""Lesson 06, readout_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("dh", "dW_hy", "db_y"),
    hints=(
        "Each gradient has the shape of what it belongs to: dh (N, T, H), dW_hy (H, V), db_y (V,). The "
        "shapes leave only one way to multiply.",
        "dh: multiply by the transposed weights. dW_hy: every sequence and every step used W_hy, so add up "
        "h^T dlogits over both. db_y: the sum of dlogits over both.",
        "dh = dlogits @ W_hy.T; dW_hy = np.einsum('nth,ntv->hv', h, dlogits); db_y = dlogits.sum(axis=(0, "
        "1))",
    ),
    source="Rumelhart, Hinton and Williams (1986), Learning Representations by Back-propagating Errors",
)
def readout_backward(dlogits, h, W_hy): ...


@readout_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H, V in ((2, 5, 7, 3), (3, 2, 5, 11), (1, 1, 3, 2), (1, 7, 2, 3), (5, 1, 3, 2), (2, 5, 3, 3)):
        yield (rng.normal(size=(N, T, V)), rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(H, V)))
    yield (20 * rng.normal(size=(2, 3, 5)), rng.uniform(-1, 1, size=(2, 3, 7)), rng.normal(size=(7, 5)))


def _np_readout_backward(dlogits, h, W_hy):
    return dlogits @ W_hy.T, np.einsum("nth,ntv->hv", h, dlogits), dlogits.sum(axis=(0, 1))


@readout_backward.mistake(
    "The transpose is missing in dh: going back through h @ W_hy multiplies by W_hy.T, (V, H)."
)
def dh_without_transpose(dlogits, h, W_hy):
    _, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dlogits @ W_hy, dW_hy, db_y


@readout_backward.mistake(
    "Only the last step reaches dW_hy and db_y. The same weights read every step: sum over all of them."
)
def only_last_readout(dlogits, h, W_hy):
    return dlogits @ W_hy.T, h[:, -1].T @ dlogits[:, -1], dlogits[:, -1].sum(axis=0)


@readout_backward.mistake(
    "Your dW_hy and db_y keep one gradient per sequence. The batch shares the weights: sum over it as well."
)
def readout_not_summed(dlogits, h, W_hy):
    return dlogits @ W_hy.T, h.swapaxes(1, 2) @ dlogits, dlogits.sum(axis=1)


@readout_backward.mistake(
    "You summed over the sequences but not over the steps: every step used the same weights, so add all up."
)
def readout_not_summed_over_time(dlogits, h, W_hy):
    return dlogits @ W_hy.T, np.einsum("nth,ntv->thv", h, dlogits), dlogits.sum(axis=0)


@readout_backward.mistake(
    "You averaged over the sequences and steps. The mean is in dlogits already; weight gradients are sums.",
    credit=0.5,
)
def readout_averaged(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    n = dlogits.shape[0] * dlogits.shape[1]
    return dh, dW_hy / n, db_y / n


@readout_backward.mistake(
    "You averaged over the batch. The mean is in dlogits already; weight gradients are sums.", credit=0.5
)
def readout_averaged_over_batch(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, dW_hy / len(dlogits), db_y / len(dlogits)


@readout_backward.mistake(
    "Your dW_hy pairs wrong numbers: h.reshape(H, -1) is not a transpose. Flatten to (N*T, H) first, then .T."
)
def reshape_for_transpose(dlogits, h, W_hy):
    H, V = W_hy.shape
    dh, _, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, h.reshape(H, -1) @ dlogits.reshape(-1, V), db_y


@readout_backward.mistake(
    "Your dh pairs wrong numbers: W_hy.reshape(V, H) has the shape of W_hy.T but not its order. Use W_hy.T."
)
def weights_reshaped(dlogits, h, W_hy):
    return dlogits @ W_hy.reshape(W_hy.shape[::-1]), *_np_readout_backward(dlogits, h, W_hy)[1:]


@readout_backward.mistake(
    "You multiplied dh by the slope of tanh, 1 - h**2. The readout has no tanh; that slope belongs to the "
    "recurrent step, which comes next."
)
def readout_with_slope(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh * (1 - h**2), dW_hy, db_y


@readout_backward.mistake(
    "Your db_y is the mean over sequences and steps. The mean is in dlogits already: gradients of biases "
    "are sums, too.",
    credit=0.5,
)
def bias_averaged_alone(dlogits, h, W_hy):
    dh, dW_hy, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, dW_hy, db_y / (dlogits.shape[0] * dlogits.shape[1])


@readout_backward.mistake(
    "Only the first sequence reaches dW_hy: h[0].T @ dlogits[0]. The whole batch used the weights: add up "
    "over all N sequences."
)
def first_sequence_only(dlogits, h, W_hy):
    dh, _, db_y = _np_readout_backward(dlogits, h, W_hy)
    return dh, h[0].T @ dlogits[0], db_y
