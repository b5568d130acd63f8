# %% [markdown]
# # 11 · Dropout in a recurrent network
#
# **Question:** how do you add noise without erasing memory?
# covers: 2.12 2.13 E39 E40

# %%
import numpy as np

from autograder import check


# %% exercise="inverted_dropout"
def inverted_dropout(x, uniforms, p, training):
    """Inverted dropout: drop with probability p, and let the survivors make up for it.

    x and uniforms have one shape, any shape; p is the chance to be dropped, 0 <= p < 1.
    training True:  an entry is kept where uniforms >= p and becomes x / (1 - p); the others become 0.
    training False: x, unchanged.
    -> y, the shape of x
    Source: Srivastava et al. (2014).
    """
    # BEGIN SOLUTION
    if not training:
        return x.copy()
    return np.where(uniforms >= p, x / (1 - p), 0.0)
    # END SOLUTION


# %%
check(inverted_dropout)


# %% exercise="tied_mask"
def tied_mask(uniforms, p, T):
    """One inverted dropout mask per sequence, the same at all of its T steps.

    uniforms (N, H), p is the chance to be dropped, 0 <= p < 1.
    A kept unit (uniforms >= p) holds 1 / (1 - p) at every step, a dropped one 0.
    -> mask (N, T, H)
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    mask = (uniforms >= p) / (1 - p)  # (N, H)
    return np.repeat(mask[:, None], T, axis=1)
    # END SOLUTION


# %%
check(tied_mask)


# %% exercise="dropout_rnn_forward"
def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    """A tanh network whose inputs and recurrent inputs are masked.

    h_t = tanh((x_t * mask_x_t) W_xh + (h_{t-1} * mask_h_t) W_hh + b_h)

    x (N, T, D), h0 (N, H), W_xh (D, H), W_hh (H, H), b_h (H,)
    mask_x (N, T, D): mask_x[:, t] multiplies x[:, t]
    mask_h (N, T, H): mask_h[:, t] multiplies the state that enters W_hh in step t (h0 in the first one)
    -> h (N, T, H), the states themselves, not masked
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    from_inputs = (x * mask_x) @ W_xh + b_h  # (N, T, H)
    h = np.empty_like(from_inputs)
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(from_inputs[:, t] + (state * mask_h[:, t]) @ W_hh)
        h[:, t] = state
    return h
    # END SOLUTION


# %%
check(dropout_rnn_forward)


# %% exercise="dropout_rnn_backward"
def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    """Gradients of a loss through dropout_rnn_forward.

    dh (N, T, H): the gradient that reaches each state directly (from the readout)
    x (N, T, D), h0 (N, H), h (N, T, H) as dropout_rnn_forward returned it,
    W_xh (D, H), W_hh (H, H), mask_x (N, T, D), mask_h (N, T, H): the masks of the forward pass
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,)
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    dz = np.empty_like(h)  # gradient before the tanh
    dh_next = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = (dh[:, t] + dh_next) * (1 - h[:, t] ** 2)
        dh_next = (dz[:, t] @ W_hh.T) * mask_h[:, t]
    entered = np.concatenate([h0[:, None], h[:, :-1]], axis=1) * mask_h  # what W_hh saw: (N, T, H)
    dx = (dz @ W_xh.T) * mask_x
    dW_xh = np.tensordot(x * mask_x, dz, axes=((0, 1), (0, 1)))
    dW_hh = np.tensordot(entered, dz, axes=((0, 1), (0, 1)))
    return dx, dh_next, dW_xh, dW_hh, dz.sum(axis=(0, 1))
    # END SOLUTION


# %%
check(dropout_rnn_backward)


# %% exercise="candidate_dropout_step"
def candidate_dropout_step(i, f, g, o, c_prev, mask):
    """One LSTM step, from its gates on, with dropout on the candidate only.

    i, f, g, o (N, H): the gates and the candidate, already through sigmoid and tanh; c_prev (N, H)
    mask (N, H): an inverted dropout mask; it multiplies g and nothing else
    -> h (N, H), c (N, H)
    Source: Semeniuta, Severyn and Barth (2016).
    """
    # BEGIN SOLUTION
    c = f * c_prev + i * (g * mask)
    return o * np.tanh(c), c
    # END SOLUTION


# %%
check(candidate_dropout_step)


# %% exercise="zoneout_step"
def zoneout_step(h_prev, h_candidate, uniforms, p, training):
    """Zoneout: some units keep their previous value instead of being updated.

    h_prev, h_candidate, uniforms (N, H); p is the chance to keep the previous value.
    training True:  h_prev where uniforms < p, h_candidate elsewhere (no rescaling)
    training False: the expected value of that choice, p h_prev + (1 - p) h_candidate
    -> h (N, H)
    Source: Krueger et al. (2017).
    """
    # BEGIN SOLUTION
    if not training:
        return p * h_prev + (1 - p) * h_candidate
    return np.where(uniforms < p, h_prev, h_candidate)
    # END SOLUTION


# %%
check(zoneout_step)
