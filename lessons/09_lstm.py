# %% [markdown]
# # 09 · The LSTM
#
# **Question:** what if memory were added to instead of multiplied?

# %%
import numpy as np

from autograder import check


# %% exercise="carry_memory"
def carry_memory(f, i, g, c0):
    """The memory cell alone, its gates given: c_t = f_t * c_{t-1} + i_t * g_t, entry by entry.

    f (N, T, H) forget gates and i (N, T, H) input gates, between 0 and 1; g (N, T, H) candidates;
    c0 (N, H) the memory before the first step -> c (N, T, H), c[:, t] is the memory after step t.
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    c, c_t = np.empty_like(g), c0
    for t in range(g.shape[1]):
        c_t = f[:, t] * c_t + i[:, t] * g[:, t]
        c[:, t] = c_t
    return c
    # END SOLUTION


# %%
check(carry_memory)


# %% exercise="memory_retention"
def memory_retention(f):
    """How much of the memory after each step is still there at the end: d c_T / d c_t, gates held fixed.

    f (T, H), row t holds the forget gates of step t -> (T, H), row t is the product of all *later* rows;
    the last row is 1. A gate may be exactly 0.
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    crossed = np.concatenate([f[1:], np.ones_like(f[:1])])  # the gates that c_t still has to pass
    return np.cumprod(crossed[::-1], axis=0)[::-1]
    # END SOLUTION


# %%
check(memory_retention)


# %% exercise="sigmoid"
def sigmoid(z):
    """The logistic sigmoid, 1 / (1 + exp(-z)), entry by entry: any number becomes a share from 0 to 1.

    z (...) -> same shape; right also at z = 1000 and z = -1000.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10.
    """
    # BEGIN SOLUTION
    return 0.5 * (1 + np.tanh(0.5 * z))  # equal to 1 / (1 + exp(-z)), and cannot overflow
    # END SOLUTION


# %%
check(sigmoid)


# %% exercise="lstm_gates"
def lstm_gates(x, h_prev, W_xh, W_hh, b_h):
    """The three gates and the candidate of one LSTM step, stacked along the columns in the order i, f, g, o.

    x (N, D), h_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> i, f, g, o, each (N, H): input gate, forget gate, candidate, output gate.
    Source: Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000).
    """
    # BEGIN SOLUTION
    i, f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1)  # (N, 4H) -> four times (N, H)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    # END SOLUTION


# %%
check(lstm_gates)


# %% exercise="lstm_step"
def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of the LSTM: c_t = f_t * c_{t-1} + i_t * g_t and h_t = o_t * tanh(c_t).

    x (N, D), h_prev (N, H), c_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> h (N, H), c (N, H).
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * np.tanh(c), c
    # END SOLUTION


# %%
check(lstm_step)


# %% exercise="lstm_forward"
def lstm_forward(x, h0, c0, W_xh, W_hh, b_h):
    """Run the LSTM along a batch of sequences; return the states and the memories after every step.

    x (N, T, D), h0 (N, H), c0 (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> h (N, T, H), c (N, T, H).
    Source: Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000).
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    H = len(W_hh)
    z_x = x @ W_xh + b_h  # (N, T, 4H): the inputs' share, for all steps at once
    h, c = np.empty((N, T, H)), np.empty((N, T, H))
    h_t, c_t = h0, c0
    for t in range(T):
        z = z_x[:, t] + h_t @ W_hh  # (N, 4H): all four in one product
        i, f = np.split(sigmoid(z[:, : 2 * H]), 2, axis=-1)
        c_t = f * c_t + i * np.tanh(z[:, 2 * H : 3 * H])
        h_t = sigmoid(z[:, 3 * H :]) * np.tanh(c_t)
        h[:, t], c[:, t] = h_t, c_t
    return h, c
    # END SOLUTION


# %%
check(lstm_forward)


# %% exercise="set_forget_bias"
def set_forget_bias(b_h, value):
    """The same biases with the forget gate's set to `value`; b_h itself stays as it is.

    b_h (4H,) in the order i, f, g, o; value, a number -> (4H,).
    Source: Jozefowicz, Zaremba and Sutskever (2015), An Empirical Exploration of Recurrent Networks.
    """
    # BEGIN SOLUTION
    b, H = b_h.copy(), len(b_h) // 4
    b[H : 2 * H] = value
    return b
    # END SOLUTION


# %%
check(set_forget_bias)


# %% exercise="lstm_step_backward"
def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    """Gradients of one LSTM step, given those of the loss with respect to its results h and c.

    dh (N, H) is what reaches h; dc (N, H) is what reaches c from the *next* step's memory, without what comes
    through h. x (N, D), h_prev (N, H), c_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> dx (N, D), dh_prev (N, H), dc_prev (N, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).
    Source: Gers, Schmidhuber and Cummins (2000); Greff et al. (2017), LSTM: A Search Space Odyssey, appendix.
    """
    # BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    shown = np.tanh(f * c_prev + i * g)
    dc = dc + dh * o * (1 - shown**2)  # c has two heirs: the next memory, and h
    dz = np.concatenate(
        [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh * shown * o * (1 - o)],
        axis=-1,
    )  # (N, 4H)
    return dz @ W_xh.T, dz @ W_hh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)
    # END SOLUTION


# %%
check(lstm_step_backward)


# %% exercise="lstm_backward"
def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h):
    """Backpropagation through time for the LSTM: gradients of the loss through all T steps.

    dh (N, T, H): dh[:, t] is the loss's gradient with respect to h_t itself, later steps left out.
    x (N, T, D), h0 (N, H), c0 (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> dx (N, T, D), dh0 (N, H), dc0 (N, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).
    Source: Greff et al. (2017), LSTM: A Search Space Odyssey, appendix.
    """
    # BEGIN SOLUTION
    N, T, H = dh.shape
    h, c = lstm_forward(x, h0, c0, W_xh, W_hh, b_h)
    h_before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H)
    c_before = np.concatenate([c0[:, None], c[:, :-1]], axis=1)
    i, f, g, o = lstm_gates(x, h_before, W_xh, W_hh, b_h)  # each (N, T, H): h is known, so no loop is needed
    shown = np.tanh(c)
    into_c = o * (1 - shown**2)
    slopes = np.concatenate(
        [g * i * (1 - i), c_before * f * (1 - f), i * (1 - g**2), shown * o * (1 - o)], axis=-1
    )
    dz, dh_t, dc_t = slopes.reshape(N, T, 4, H), np.zeros((N, H)), np.zeros((N, H))
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_t
        dc_t = dc_t + dh_t * into_c[:, t]
        dz[:, t, :3] *= dc_t[:, None]
        dz[:, t, 3] *= dh_t
        dh_t, dc_t = dz[:, t].reshape(N, 4 * H) @ W_hh.T, dc_t * f[:, t]
    flat = dz.reshape(N * T, 4 * H)
    dx = (flat @ W_xh.T).reshape(x.shape)
    dW_xh, dW_hh = x.reshape(N * T, -1).T @ flat, h_before.reshape(N * T, H).T @ flat
    return dx, dh_t, dc_t, dW_xh, dW_hh, flat.sum(axis=0)
    # END SOLUTION


# %%
check(lstm_backward)
