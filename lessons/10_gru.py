# %% [markdown]
# # 10 · The GRU
#
# **Question:** how much of that machinery is needed?

# %%
import numpy as np

from autograder import check

# %% carry="sigmoid"


# %% exercise="gru_step"
def gru_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    """One step of the GRU, reset after the product, as in PyTorch; columns in the order r, z, n.

    r = sigmoid(x W_xr + b_xr + h_prev W_hr + b_hr), z likewise,
    n = tanh(x W_xn + b_xn + r * (h_prev W_hn + b_hn)), h = (1 - z) * n + z * h_prev.

    x (N, D), h_prev (N, H), W_xh (D, 3H), W_hh (H, 3H), b_x (3H,), b_h (3H,) -> h (N, H).
    Source: Cho et al. (2014), Learning Phrase Representations; reset after the product as in PyTorch.
    """
    # BEGIN SOLUTION
    x_r, x_z, x_n = np.split(x @ W_xh + b_x, 3, axis=-1)  # (N, 3H) -> three times (N, H)
    h_r, h_z, h_n = np.split(h_prev @ W_hh + b_h, 3, axis=-1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h_prev
    # END SOLUTION


# %%
check(gru_step)


# %% exercise="gru_step_reset_before"
def gru_step_reset_before(x, h_prev, W_xh, W_hh, b_h):
    """One step of the GRU as first published: the reset gate acts on the state before its product.

    r = sigmoid(x W_xr + h_prev W_hr + b_r), z likewise,
    n = tanh(x W_xn + (r * h_prev) W_hn + b_n), h = (1 - z) * n + z * h_prev. One bias is enough here.

    x (N, D), h_prev (N, H), W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), order r, z, n -> h (N, H).
    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder.
    """
    # BEGIN SOLUTION
    H = len(W_hh)
    x_rz, x_n = np.split(x @ W_xh + b_h, [2 * H], axis=-1)  # (N, 2H) and (N, H)
    r, z = np.split(sigmoid(x_rz + h_prev @ W_hh[:, : 2 * H]), 2, axis=-1)
    n = np.tanh(x_n + (r * h_prev) @ W_hh[:, 2 * H :])
    return (1 - z) * n + z * h_prev
    # END SOLUTION


# %%
check(gru_step_reset_before)


# %% exercise="cifg_step"
def cifg_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of the LSTM with coupled input and forget gate: what is forgotten is what is written, i = 1 "
    "- f.

    x (N, D), h_prev (N, H), c_prev (N, H), W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), order f, g, o
    -> h (N, H), c (N, H).
    Source: Greff et al. (2017), LSTM: A Search Space Odyssey.
    """
    # BEGIN SOLUTION
    f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 3, axis=-1)  # (N, 3H) -> three times (N, H)
    f, g, o = sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c
    # END SOLUTION


# %%
check(cifg_step)


# %% exercise="count_gated_parameters"
def count_gated_parameters(kind, D, H):
    """How many numbers does a gated layer learn?

    kind is "lstm", "cifg" (coupled gates), "gru" (reset before the product, one bias per unit and block) or
    "gru_torch" (reset after the product, two biases per unit and block); D inputs, H units -> int.
    Source: Cho et al. (2014); Greff et al. (2017).
    """
    # BEGIN SOLUTION
    blocks = 4 if kind == "lstm" else 3
    biases = 2 if kind == "gru_torch" else 1
    return blocks * (D * H + H * H + biases * H)
    # END SOLUTION


# %%
check(count_gated_parameters)


# %% exercise="gru_forward"
def gru_forward(x, h0, W_xh, W_hh, b_x, b_h):
    """Run the GRU (reset after the product) along a batch of sequences; return the states after every step.

    x (N, T, D), h0 (N, H), W_xh (D, 3H), W_hh (H, 3H), b_x (3H,), b_h (3H,), order r, z, n -> h (N, T, H).
    Source: Cho et al. (2014); reset after the product as in PyTorch.
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    H = len(W_hh)
    z_x = x @ W_xh + b_x  # (N, T, 3H): the inputs' share, for all steps at once
    h, h_t = np.empty((N, T, H)), h0
    for t in range(T):
        z_h = h_t @ W_hh + b_h  # (N, 3H): all three in one product
        r, z = np.split(sigmoid(z_x[:, t, : 2 * H] + z_h[:, : 2 * H]), 2, axis=-1)
        n = np.tanh(z_x[:, t, 2 * H :] + r * z_h[:, 2 * H :])
        h_t = n + z * (h_t - n)
        h[:, t] = h_t
    return h
    # END SOLUTION


# %%
check(gru_forward)


# %% exercise="gru_step_backward"
def gru_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
    """Gradients of one GRU step (reset after the product), given the loss's gradient with respect to h.

    dh (N, H), x (N, D), h_prev (N, H), W_xh (D, 3H), W_hh (H, 3H), b_x (3H,), b_h (3H,), order r, z, n
    -> dx (N, D), dh_prev (N, H), dW_xh (D, 3H), dW_hh (H, 3H), db_x (3H,), db_h (3H,).
    Source: Cho et al. (2014), differentiated.
    """
    # BEGIN SOLUTION
    x_r, x_z, x_n = np.split(x @ W_xh + b_x, 3, axis=-1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh + b_h, 3, axis=-1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    dn = dh * (1 - z) * (1 - n**2)
    dz = dh * (h_prev - n) * z * (1 - z)
    dr = dn * h_n * r * (1 - r)
    to_x = np.concatenate([dr, dz, dn], axis=-1)  # (N, 3H)
    to_h = np.concatenate([dr, dz, dn * r], axis=-1)  # the state's share of n sits inside the reset
    dh_prev = dh * z + to_h @ W_hh.T
    return to_x @ W_xh.T, dh_prev, x.T @ to_x, h_prev.T @ to_h, to_x.sum(axis=0), to_h.sum(axis=0)
    # END SOLUTION


# %%
check(gru_step_backward)


# %% exercise="gru_backward"
def gru_backward(dh, x, h0, W_xh, W_hh, b_x, b_h):
    """Backpropagation through time for the GRU (reset after the product).

    dh (N, T, H): dh[:, t] is the loss's gradient with respect to h_t itself, later steps left out.
    x (N, T, D), h0 (N, H), W_xh (D, 3H), W_hh (H, 3H), b_x (3H,), b_h (3H,), order r, z, n
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, 3H), dW_hh (H, 3H), db_x (3H,), db_h (3H,).
    Source: Cho et al. (2014), differentiated; Werbos (1990), Backpropagation Through Time.
    """
    # BEGIN SOLUTION
    N, T, H = dh.shape
    h = gru_forward(x, h0, W_xh, W_hh, b_x, b_h)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H)
    z_x, z_h = x @ W_xh + b_x, before @ W_hh + b_h  # (N, T, 3H): all states are known, so no loop is needed
    r, z = np.split(sigmoid(z_x[..., : 2 * H] + z_h[..., : 2 * H]), 2, axis=-1)
    n = np.tanh(z_x[..., 2 * H :] + r * z_h[..., 2 * H :])
    per_n = (1 - z) * (1 - n**2)
    per_r, per_z = per_n * z_h[..., 2 * H :] * r * (1 - r), (before - n) * z * (1 - z)
    to_h = np.stack([per_r, per_z, per_n * r], axis=2)  # (N, T, 3, H): what one unit of dh_t sends to W_hh
    dh_all, dh_t = np.empty_like(h), np.zeros((N, H))
    for t in reversed(range(T)):
        dh_all[:, t] = dh_t = dh[:, t] + dh_t
        to_h[:, t] *= dh_t[:, None]
        dh_t = dh_t * z[:, t] + to_h[:, t].reshape(N, 3 * H) @ W_hh.T
    to_x = np.concatenate([to_h[:, :, 0], to_h[:, :, 1], dh_all * per_n], axis=-1).reshape(N * T, 3 * H)
    to_h = to_h.reshape(N * T, 3 * H)
    dW_xh, dW_hh = x.reshape(N * T, -1).T @ to_x, before.reshape(N * T, H).T @ to_h
    return (to_x @ W_xh.T).reshape(x.shape), dh_t, dW_xh, dW_hh, to_x.sum(axis=0), to_h.sum(axis=0)
    # END SOLUTION


# %%
check(gru_backward)
