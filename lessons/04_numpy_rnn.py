# %% [markdown]
# # 04 · The recurrent network in NumPy
#
# **Question:** what if the summary of the past were learned?

# %%
import numpy as np

from autograder import check

# %% [markdown]
# ## One step


# %% exercise="rnn_step"
def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    """One step of the recurrent network: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h).

    x (N, D) this step's inputs, h_prev (N, H) the states before it,
    W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, H) the states after it.
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
    # END SOLUTION


# %%
check(rnn_step)


# %% exercise="rnn_forward"
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    """Run the network along a batch of sequences and return the states after every step.

    x (N, T, D), h0 (N, H) the states before the first step,
    W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, T, H); h[:, t] is the state after reading x[:, t].
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    drive = x @ W_xh + b_h  # (N, T, H): this part waits for no state, so all steps are done at once
    states, h_t = [], h0
    for t in range(x.shape[1]):
        h_t = np.tanh(drive[:, t] + h_t @ W_hh)  # rnn_step, with its input's part prepared
        states.append(h_t)
    return np.stack(states, axis=1)  # T arrays (N, H) -> (N, T, H)
    # END SOLUTION


# %%
check(rnn_forward)


# %% exercise="count_rnn_parameters"
def count_rnn_parameters(D, H):
    """How many numbers does a recurrent layer learn, with one bias per unit?

    D inputs, H units -> int. The number of steps is not an argument: think about why.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.
    """
    # BEGIN SOLUTION
    return D * H + H * H + H
    # END SOLUTION


# %%
check(count_rnn_parameters)


# %% exercise="unrolled_matrix"
def unrolled_matrix(W_xh, W_hh, T):
    """The linear network (no tanh, no bias, zero initial state), unrolled over T steps, as one matrix.

    W_xh (D, H), W_hh (H, H), T -> M (T*D, T*H) such that x.reshape(N, T*D) @ M is h.reshape(N, T*H)
    with h_t = x_t W_xh + h_{t-1} W_hh.
    Source: Rumelhart, Hinton and Williams (1986), Learning Internal Representations by Error Propagation.
    """
    # BEGIN SOLUTION
    D, H = W_xh.shape
    M = np.zeros((T * D, T * H))
    block = W_xh
    for lag in range(T):
        for s in range(T - lag):
            M[s * D : (s + 1) * D, (s + lag) * H : (s + lag + 1) * H] = block
        block = block @ W_hh
    return M
    # END SOLUTION


# %%
check(unrolled_matrix)


# %% exercise="softmax"
def softmax(z):
    """Scores -> probabilities along the last axis: exp(z) divided by the sum of exp(z), without overflow.

    z (..., V) any real numbers -> (..., V), positive, each row sums to 1.
    Source: Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs.
    """
    # BEGIN SOLUTION
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    # END SOLUTION


# %%
check(softmax)


# %% exercise="readout"
def readout(h, W_hy, b_y):
    """Scores (logits) for V classes at every step, from the states: o_t = h_t W_hy + b_y.

    h (N, T, H), W_hy (H, V), b_y (V,) -> logits (N, T, V). No softmax: the loss takes it.
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    return h @ W_hy + b_y
    # END SOLUTION


# %%
check(readout)


# %% exercise="cross_entropy"
def cross_entropy(logits, targets, mask):
    """Mean of -log p(target) over the entries where mask is True, in nats; p = softmax(logits).

    logits (N, T, V), targets (N, T) integers in [0, V), mask (N, T) booleans (True = real, at least one)
    -> loss, a number.
    Source: Bengio et al. (2003), A Neural Probabilistic Language Model.
    """
    # BEGIN SOLUTION
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))  # (N, T, V)
    picked = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]  # (N, T)
    return -picked[mask].mean()
    # END SOLUTION


# %%
check(cross_entropy)


# %% exercise="sample_ids"
def sample_ids(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    """Let the network write: read a symbol, draw the next one, read that one, and so on.

    The state starts at zero; a symbol enters as a one-hot row, so D = V. In round i the next symbol is the
    first whose cumulative probability exceeds uniforms[i]; it is returned and read in round i + 1.

    first int, W_xh (V, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,), uniforms (len,) in [0, 1)
    -> ids (len,) integers, without `first`.
    Source: Sutskever, Martens and Hinton (2011), Generating Text with Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    V, H = W_xh.shape
    ids, symbol, h = np.empty(len(uniforms), dtype=int), first, np.zeros((1, H))
    for i, u in enumerate(uniforms):
        h = rnn_step(np.eye(V)[[symbol]], h, W_xh, W_hh, b_h)
        p = softmax(h @ W_hy + b_y)[0]  # (V,)
        symbol = min(int(np.searchsorted(p.cumsum(), u, side="right")), V - 1)
        ids[i] = symbol
    return ids
    # END SOLUTION


# %%
check(sample_ids)
