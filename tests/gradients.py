"""Finite differences, to confirm gradients that autograd and NumPy agree on."""

from collections.abc import Callable

import numpy as np


def numeric_gradient(loss: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Central differences of a scalar `loss` at `x`, entry by entry: same shape as `x`."""
    gradient = np.zeros_like(x, dtype=float)
    for index in np.ndindex(x.shape):
        up, down = x.astype(float).copy(), x.astype(float).copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (loss(up) - loss(down)) / (2 * step)
    return gradient


def assert_gradients(
    forward: Callable[..., np.ndarray],
    upstream: np.ndarray | float,
    arguments: dict[str, np.ndarray],
    gradients: dict[str, np.ndarray],
) -> None:
    """Assert that each `gradients[name]` is d sum(upstream * forward(**arguments)) / d arguments[name]."""
    for name, analytic in gradients.items():

        def loss(value, name=name):
            return float(np.sum(upstream * forward(**{**arguments, name: value})))

        numeric = numeric_gradient(loss, arguments[name])
        np.testing.assert_allclose(analytic, numeric, rtol=2e-5, atol=1e-7, err_msg=f"gradient of {name}")
