# %% [markdown]
# # 05 · Deep and bidirectional networks

# %%
import numpy as np

from autograder import check

# %% carry="rnn_step rnn_forward count_rnn_parameters"

# %% [markdown]
# ## Depth


# %% exercise="deep_rnn_forward"
def deep_rnn_forward(x, layers):
    """Recurrent layers on top of each other: the states of one are the inputs of the next.

    x (N, T, D), layers a list of (W_xh, W_hh, b_h), the first one reading x; each starts from a zero state
    of its own width -> h (N, T, H_last), the states of the top layer.
    Source: El Hihi and Bengio (1995); Graves, Mohamed and Hinton (2013).
    """
    # BEGIN SOLUTION
    h = x
    for W_xh, W_hh, b_h in layers:
        h = rnn_forward(h, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)  # (N, T, H of this layer)
    return h
    # END SOLUTION


# %%
check(deep_rnn_forward)


# %% exercise="reverse_padded"
def reverse_padded(x, lengths):
    """Turn each sequence of a padded batch round within its own length.

    x (N, T, D), lengths (N,) integers from 1 to T -> (N, T, D): step t of row n is x[n, lengths[n] - 1 - t]
    for t < lengths[n]; what stands at and after lengths[n] stays where it is.
    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    out = x.copy()
    for n, length in enumerate(lengths):
        out[n, :length] = x[n, :length][::-1]
    return out
    # END SOLUTION


# %%
check(reverse_padded)


# %% exercise="bidirectional_forward"
def bidirectional_forward(x, lengths, forward_layer, backward_layer):
    """Two networks on the same input: one reads from the left, one from the right, each with its own weights.

    x (N, T, D), lengths (N,), each layer (W_xh (D, H), W_hh (H, H), b_h (H,)), both starting from zeros
    -> h (N, T, 2H): the forward states, then the backward states, both about step t; zero at padding.
    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    zeros = np.zeros((N, len(forward_layer[2])))
    forth = rnn_forward(x, zeros, *forward_layer)
    back = rnn_forward(reverse_padded(x, lengths), zeros, *backward_layer)
    both = np.concatenate([forth, reverse_padded(back, lengths)], axis=2)  # (N, T, 2H)
    return both * (np.arange(T) < lengths[:, None])[..., None]  # mask (N, T) -> (N, T, 1)
    # END SOLUTION


# %%
check(bidirectional_forward)


# %% exercise="bidirectional_summary"
def bidirectional_summary(h, lengths):
    """One vector per sequence: each direction's state at the step where it has read everything.

    h (N, T, 2H) from bidirectional_forward, lengths (N,) -> (N, 2H), forward half first.
    Source: Graves and Schmidhuber (2005), Framewise Phoneme Classification with Bidirectional LSTM.
    """
    # BEGIN SOLUTION
    H = h.shape[2] // 2
    forth = h[np.arange(len(h)), lengths - 1, :H]
    return np.concatenate([forth, h[:, 0, H:]], axis=1)
    # END SOLUTION


# %%
check(bidirectional_summary)


# %% exercise="deep_bidirectional_forward"
def deep_bidirectional_forward(x, lengths, layer_pairs):
    """Bidirectional layers on top of each other: each pair reads the joined states of the pair below.

    x (N, T, D), lengths (N,), layer_pairs a list of (forward_layer, backward_layer); above the first pair,
    W_xh is (2H, H) -> h (N, T, 2H) of the top pair, zero at padding.
    Source: Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    h = x
    for forward_layer, backward_layer in layer_pairs:
        h = bidirectional_forward(h, lengths, forward_layer, backward_layer)
    return h
    # END SOLUTION


# %%
check(deep_bidirectional_forward)


# %% exercise="count_stack_parameters"
def count_stack_parameters(D, H, L, bidirectional):
    """How many numbers does a stack of L recurrent layers learn, with one bias per unit?

    D inputs, H units per direction in every layer, L layers, bidirectional True or False -> int.
    Source: Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    directions = 2 if bidirectional else 1
    above = (L - 1) * count_rnn_parameters(directions * H, H)
    return directions * (count_rnn_parameters(D, H) + above)
    # END SOLUTION


# %%
check(count_stack_parameters)
