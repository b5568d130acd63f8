# %% [markdown]
# # 06 · Backpropagation through time
#
# **Question:** how does a loss at the end teach a weight that is used at every step?

# %%
import numpy as np

from autograder import check

# %% carry="softmax rnn_step rnn_forward readout cross_entropy sample_ids"


# %% exercise="relative_error"
def relative_error(analytic, numeric):
    """How far apart are two gradients? |analytic - numeric| / (|analytic| + |numeric|), 0.0 if both are zero.

    |a| is the length of a: the root of the sum of the squares of all entries.
    analytic, numeric: arrays of one shape, any number of axes -> error, a number from 0 to 1.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 11.5 (debugging by differences).
    """
    # BEGIN SOLUTION
    size = np.linalg.norm(analytic.ravel()) + np.linalg.norm(numeric.ravel())
    return np.linalg.norm((analytic - numeric).ravel()) / size if size > 0 else 0.0
    # END SOLUTION


# %%
check(relative_error)


# %% exercise="cross_entropy_backward"
def cross_entropy_backward(logits, targets, mask):
    """Gradient of cross_entropy(logits, targets, mask) with respect to the logits.

    logits (N, T, V), targets (N, T) integers, mask (N, T) booleans
    -> dlogits (N, T, V), zero where mask is False.
    Source: Bridle (1990), Training Stochastic Model Recognition Algorithms as Networks.
    """
    # BEGIN SOLUTION
    dlogits = softmax(logits)
    at_target = targets[..., None]  # (N, T, 1)
    np.put_along_axis(dlogits, at_target, np.take_along_axis(dlogits, at_target, -1) - 1, -1)
    return dlogits * (mask[..., None] / mask.sum()).astype(logits.dtype)
    # END SOLUTION


# %%
check(cross_entropy_backward)


# %% exercise="readout_backward"
def readout_backward(dlogits, h, W_hy):
    """Gradients of readout(h, W_hy, b_y) = h W_hy + b_y, given the gradient of the logits.

    dlogits (N, T, V), h (N, T, H), W_hy (H, V) -> dh (N, T, H), dW_hy (H, V), db_y (V,).
    Source: Rumelhart, Hinton and Williams (1986), Learning Representations by Back-propagating Errors.
    """
    # BEGIN SOLUTION
    H, V = W_hy.shape
    dW_hy = h.reshape(-1, H).T @ dlogits.reshape(-1, V)  # (H, N*T) @ (N*T, V)
    return dlogits @ W_hy.T, dW_hy, dlogits.sum(axis=(0, 1))
    # END SOLUTION


# %%
check(readout_backward)


# %% exercise="rnn_step_backward"
def rnn_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    """Gradients of one step h = tanh(x W_xh + h_prev W_hh + b_h), given the gradient of h.

    dh (N, H), x (N, D), h_prev (N, H), h (N, H) the step's result, W_xh (D, H), W_hh (H, H)
    -> dx (N, D), dh_prev (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,); the last three summed over the batch.
    Source: Werbos (1990), Backpropagation Through Time: What It Does and How to Do It.
    """
    # BEGIN SOLUTION
    da = dh * (1 - h**2)
    return da @ W_xh.T, da @ W_hh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)
    # END SOLUTION


# %%
check(rnn_step_backward)


# %% exercise="rnn_backward"
def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """Backpropagation through time: gradients of rnn_forward, given the gradient of every state.

    dh (N, T, H) what the losses say about each state directly, x (N, T, D), h0 (N, H),
    h (N, T, H) = rnn_forward(x, h0, W_xh, W_hh, b_h)
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).
    Source: Werbos (1990), Backpropagation Through Time: What It Does and How to Do It.
    """
    # BEGIN SOLUTION
    D, H = W_xh.shape
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H): the state that each step read
    slope, da, carry = 1 - h**2, np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + carry) * slope[:, t]  # from this step's loss, and from step t + 1
        carry = da[:, t] @ W_hh.T
    rows = da.reshape(-1, H)  # (N*T, H): the sums over batch and time are matrix products
    dW_xh, dW_hh = x.reshape(-1, D).T @ rows, before.reshape(-1, H).T @ rows
    return da @ W_xh.T, carry, dW_xh, dW_hh, rows.sum(axis=0)
    # END SOLUTION


# %%
check(rnn_backward)


# %% exercise="truncated_rnn_backward"
def truncated_rnn_backward(dh, x, h0, h, W_xh, W_hh, k):
    """Backpropagation through time in chunks of k steps: steps 0..k-1, k..2k-1, and so on.

    The states are those of the full run; gradients do not cross from a chunk into the one before it.
    The last chunk may be shorter; k >= T is full backpropagation. dh0 comes from the first chunk.

    dh (N, T, H), x (N, T, D), h0 (N, H), h (N, T, H), W_xh (D, H), W_hh (H, H), k int >= 1
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,).
    Source: Williams and Peng (1990), An Efficient Gradient-Based Algorithm for On-Line Training.
    """
    # BEGIN SOLUTION
    chunks = []
    for s in range(0, x.shape[1], k):
        now, start = slice(s, s + k), h[:, s - 1] if s > 0 else h0
        chunks.append(rnn_backward(dh[:, now], x[:, now], start, h[:, now], W_xh, W_hh))
    dx, dh0, dW_xh, dW_hh, db_h = zip(*chunks, strict=True)
    return np.concatenate(dx, axis=1), dh0[0], sum(dW_xh), sum(dW_hh), sum(db_h)
    # END SOLUTION


# %%
check(truncated_rnn_backward)


# %% exercise="embedding_backward"
def embedding_backward(ids, dx, V):
    """Gradient of a table E (V, D) whose rows were looked up, x = E[ids], given the gradient of x.

    ids (N, T) integers in [0, V), dx (N, T, D), V int -> dE (V, D).
    Source: Bengio et al. (2003), A Neural Probabilistic Language Model.
    """
    # BEGIN SOLUTION
    dE = np.zeros((V, dx.shape[-1]), dtype=dx.dtype)
    np.add.at(dE, ids, dx)
    return dE
    # END SOLUTION


# %%
check(embedding_backward)
