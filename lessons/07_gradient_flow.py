# %% [markdown]
# # 07 · Gradient flow

# %%
import numpy as np

from autograder import check


# %% exercise="activation_slope"
def activation_slope(z, kind):
    """How steep the activation is at z: its derivative, entry by entry.

    z any shape, kind "sigmoid", "tanh" or "relu" -> slope, same shape as z (ReLU at exactly 0 has slope 0)
    Source: Bengio, Simard and Frasconi (1994).
    """
    # BEGIN SOLUTION
    if kind == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if kind == "tanh":
        return 1 - np.tanh(z) ** 2
    s = 0.5 * (1 + np.tanh(z / 2))  # the sigmoid, without an exponential that could overflow
    return s * (1 - s)
    # END SOLUTION


# %%
check(activation_slope)


# %% exercise="step_jacobian"
def step_jacobian(h, W_hh):
    """How h_t answers to a small change of h_{t-1}, for h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h).

    h (N, H) the states h_t, *after* tanh; W_hh (H, H)
    -> J (N, H, H) with J[n, i, j] = dh_t[n, j] / dh_{t-1}[n, i]
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    return W_hh * (1 - h**2)[:, None, :]  # (H, H) * (N, 1, H): column j is scaled by the slope of unit j
    # END SOLUTION


# %%
check(step_jacobian)


# %% exercise="jacobian_product"
def jacobian_product(h, W_hh):
    """How the last state answers to a small change of the initial one: the chain rule over all T steps.

    h (T, H) the states h_1 .. h_T of one sequence, W_hh (H, H) -> J (H, H) with J[i, j] = dh_T[j] / dh_0[i]
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    J = np.eye(len(W_hh))
    for step in step_jacobian(h, W_hh):  # (T, H, H): here the T states stand where the batch was
        J = J @ step
    return J
    # END SOLUTION


# %%
check(jacobian_product)


# %% exercise="spectral_norm"
def spectral_norm(W, v0, iterations):
    """The most that W can stretch a vector: its largest singular value, by power iteration with W^T W.

    W (H, H), v0 (H,) a start that is not zero, iterations a number large enough to converge -> norm ()
    Source: von Mises and Pollaczek-Geiringer (1929).
    """
    # BEGIN SOLUTION
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)
    # END SOLUTION


# %%
check(spectral_norm)


# %% exercise="norm_bound"
def norm_bound(h, W_hh):
    """An upper bound on the norm of dh_T / dh_0: one factor ||W_hh|| * max_j (1 - h_t[j]^2) for each step.

    h (T, H) the states h_1 .. h_T of one sequence, W_hh (H, H) -> bound (); ||W_hh|| is the spectral norm
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=1))
    # END SOLUTION


# %%
check(norm_bound)


# %% exercise="gradient_norms"
def gradient_norms(dh_T, h, W_hh):
    """How long the gradient is after 0, 1, .. T-1 steps back in time, when the only loss is at the end.

    dh_T (N, H) the gradient at h_T; h (N, T, H) the states h_1 .. h_T; W_hh (H, H)
    -> norms (T,): norms[k] is the root of the sum of squares, over batch and units, of dL/dh_{T-k};
    norms[0] belongs to dh_T itself
    Source: Bengio, Simard and Frasconi (1994).
    """
    # BEGIN SOLUTION
    T = h.shape[1]
    dh = dh_T
    norms = np.zeros(T)
    norms[0] = np.linalg.norm(dh)
    for k in range(1, T):
        dh = (dh * (1 - h[:, T - k] ** 2)) @ W_hh.T
        norms[k] = np.linalg.norm(dh)
    return norms
    # END SOLUTION


# %%
check(gradient_norms)
