# %% [markdown]
# # 12 · Skip connections
#
# **Question:** can the gradient take a short cut?
# covers: 2.11

# %%
import numpy as np

from autograder import check


# %% exercise="residual_stack_forward"
def residual_stack_forward(x, layers):
    """A stack of recurrent layers in which each layer adds its input to its output.

    x (N, T, H); layers: a list of triples (W_xh (H, H), W_hh (H, H), b_h (H,)).
    Layer by layer x becomes x + rnn(x), where rnn starts from a zero state and its recurrence runs over its
    own states (not over the sum).
    -> y (N, T, H)
    Source: He et al. (2016).
    """
    # BEGIN SOLUTION
    zeros = np.zeros_like(x[:, 0])  # (N, H)
    for W_xh, W_hh, b_h in layers:
        x = x + rnn_forward(x, zeros, W_xh, W_hh, b_h)
    return x
    # END SOLUTION


# %%
check(residual_stack_forward)


# %% exercise="residual_stack_backward"
def residual_stack_backward(dy, x, layers):
    """Gradients of a loss through residual_stack_forward.

    dy (N, T, H): the gradient of the stack's output; x (N, T, H) and layers as in the forward pass
    -> dx (N, T, H), a list of triples (dW_xh (H, H), dW_hh (H, H), db_h (H,)), in the order of `layers`
    Source: He et al. (2016).
    """
    # BEGIN SOLUTION
    zeros = np.zeros_like(x[:, 0])  # (N, H)
    inputs, states = [], []
    for layer in layers:
        inputs.append(x)
        states.append(rnn_forward(x, zeros, *layer))
        x = x + states[-1]
    gradients = []
    for (W_xh, W_hh, _), entered, h in zip(layers[::-1], inputs[::-1], states[::-1], strict=True):
        through, _, *weights = rnn_backward(dy, entered, zeros, h, W_xh, W_hh)
        gradients.append(tuple(weights))
        dy = dy + through  # the identity, and the way through the layer
    return dy, gradients[::-1]
    # END SOLUTION


# %%
check(residual_stack_backward)


# %% exercise="skip_rnn_forward"
def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k):
    """A recurrent network in which the state of k steps ago is added to the new one.

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h) + h_{t-k}

    x (N, T, D), h0 (N, H), W_xh (D, H), W_hh (H, H), b_h (H,), k >= 1
    In the first k steps the skip brings zero: h0 enters through W_hh only. k may exceed T.
    -> h (N, T, H)
    Source: Lin, Horne, Tino and Giles (1996).
    """
    # BEGIN SOLUTION
    from_inputs = x @ W_xh + b_h  # (N, T, H)
    h = np.empty_like(from_inputs)
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(from_inputs[:, t] + state @ W_hh)
        if t >= k:
            state = state + h[:, t - k]
        h[:, t] = state
    return h
    # END SOLUTION


# %%
check(skip_rnn_forward)


# %% exercise="skip_rnn_backward"
def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    """Gradients of a loss through skip_rnn_forward.

    dh (N, T, H): the gradient that reaches each state directly; the other arguments as in the forward pass
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,)
    Source: Lin, Horne, Tino and Giles (1996).
    """
    # BEGIN SOLUTION
    h = skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k)
    squashed = h.copy()  # tanh(...) alone: (N, T, H)
    squashed[:, k:] -= h[:, :-k]
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H)
    whole = dh.copy()  # grows into the whole gradient of each state
    dz = np.empty_like(h)
    for t in reversed(range(x.shape[1])):
        dz[:, t] = whole[:, t] * (1 - squashed[:, t] ** 2)
        if t > 0:
            whole[:, t - 1] += dz[:, t] @ W_hh.T
        if t >= k:
            whole[:, t - k] += whole[:, t]
    dW_xh = np.tensordot(x, dz, axes=((0, 1), (0, 1)))
    dW_hh = np.tensordot(before, dz, axes=((0, 1), (0, 1)))
    return dz @ W_xh.T, dz[:, 0] @ W_hh.T, dW_xh, dW_hh, dz.sum(axis=(0, 1))
    # END SOLUTION


# %%
check(skip_rnn_backward)


# %% exercise="count_paths"
def count_paths(lag, k):
    """How many ways lead from h_t back to h_{t-lag} in a network with a skip of k steps?

    A way is a row of jumps: 1 step back through W_hh, or k steps back along the skip. Their order counts, and
    for k = 1 the two kinds of jump are still different ways. lag >= 0, k >= 1. From a state to itself
    (lag 0) there is one way, the empty one.
    -> int
    Source: Veit, Wilber and Belongie (2016).
    """
    # BEGIN SOLUTION
    paths = [1]
    for n in range(1, lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n >= k else 0))
    return paths[lag]
    # END SOLUTION


# %%
check(count_paths)


# %% exercise="highway_step"
def highway_step(x, W_h, b_h, W_t, b_t):
    """A highway layer: a gate decides, unit by unit, how much is transformed and how much is carried.

    t = sigmoid(x W_t + b_t);  y = t * tanh(x W_h + b_h) + (1 - t) * x

    x (N, H), W_h (H, H), b_h (H,), W_t (H, H), b_t (H,) -> y (N, H)
    Source: Srivastava, Greff and Schmidhuber (2015).
    """
    # BEGIN SOLUTION
    t = 1 / (1 + np.exp(-(x @ W_t + b_t)))
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x
    # END SOLUTION


# %%
check(highway_step)
