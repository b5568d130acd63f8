# %% [markdown]
# # 19 · The return of recurrence
#
# covers: 5.11-5.15

# %%
import numpy as np

from autograder import check

# %% carry="sigmoid"


# %% exercise="combine"
def combine(a_1, b_1, a_2, b_2):
    """One step that does what two do: first h -> a_1 * h + b_1, then h -> a_2 * h + b_2, entry by entry.

    a_1, b_1, a_2, b_2 (...) all of one shape -> a, b of that shape, so that the result is a * h + b.
    Source: Blelloch (1990), Prefix Sums and Their Applications, section 1.4.
    """
    # BEGIN SOLUTION
    return a_1 * a_2, a_2 * b_1 + b_2
    # END SOLUTION


# %%
check(combine)


# %% exercise="linear_scan"
def linear_scan(a, b, h0):
    """All states of h_t = a_t * h_{t-1} + b_t, entry by entry, in about log2 T rounds.

    a (N, T, H) the factors, of any sign and size, 0 and 1 among them; b (N, T, H); h0 (N, H) the state before
    the first step -> h (N, T, H), h[:, t] is the state after step t. T may be any number from 1 on.
    The check looks at the numbers, not at the rounds.
    Source: Hillis and Steele (1986), Data Parallel Algorithms.
    """
    # BEGIN SOLUTION
    T, reach = a.shape[1], 1
    while reach < T:  # entry t stands for the last `reach` steps up to t
        new_a, new_b = combine(a[:, :-reach], b[:, :-reach], a[:, reach:], b[:, reach:])
        a = np.concatenate([a[:, :reach], new_a], axis=1)
        b = np.concatenate([b[:, :reach], new_b], axis=1)
        reach *= 2
    return a * h0[:, None] + b
    # END SOLUTION


# %%
check(linear_scan)


# %% exercise="linear_scan_backward"
def linear_scan_backward(dh, a, h, h0):
    """The way back through linear_scan: what the factors, the inputs and the start have done to the loss.

    dh (N, T, H) what each h_t receives from the loss directly; a (N, T, H) the factors; h (N, T, H) the
    states that linear_scan gave; h0 (N, H) -> da (N, T, H), db (N, T, H), dh0 (N, H).
    Source: Martin and Cundy (2018), Parallelizing Linear Recurrent Neural Nets Over Sequence Length.
    """
    # BEGIN SOLUTION
    after = np.concatenate([a[:, 1:], np.zeros_like(a[:, :1])], axis=1)  # a_{t+1}; nothing follows the last
    g = linear_scan(after[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # h_{t-1}
    return g * before, g, a[:, 0] * g[:, 0]
    # END SOLUTION


# %%
check(linear_scan_backward)


# %% exercise="min_gru"
def min_gru(x, h0, W_z, b_z, W_n, b_n):
    """The minimal GRU: h_t = z_t * h_{t-1} + (1 - z_t) * n_t, its gate and its candidate made of x_t alone.

    x (N, T, D), h0 (N, H), W_z (D, H), b_z (H,), W_n (D, H), b_n (H,) -> h (N, T, H).
    z_t = sigmoid(x_t W_z + b_z), where z = 1 keeps the old state, as in lesson 10; its argument may be
    large. n_t = x_t W_n + b_n, without a tanh.
    Source: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi (2024), Were RNNs All We Needed?
    """
    # BEGIN SOLUTION
    z = sigmoid(x @ W_z + b_z)  # (N, T, H): all steps at once, for none needs a state
    n = x @ W_n + b_n
    return linear_scan(z, (1 - z) * n, h0)
    # END SOLUTION


# %%
check(min_gru)


# %% exercise="discretise"
def discretise(A, delta):
    """What is left of each entry of a state after a step of length delta, if it fades at the rate A.

    A (D, S) rates, one row per channel; delta (N, T, D) lengths of the steps, 0 or more
    -> a (N, T, D, S): exp(delta A), each channel with its own delta and its own row of A.
    Source: Gu and Dao (2023), Mamba, section 2; Gupta, Gu and Berant (2022) for a diagonal A.
    """
    # BEGIN SOLUTION
    return np.exp(delta[..., None] * A)  # (N, T, D, 1) * (D, S) -> (N, T, D, S)
    # END SOLUTION


# %%
check(discretise)


# %% exercise="state_space"
def state_space(x, A, B, C, delta):
    """A selective state space: every channel has S entries, h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t.

    x (N, T, D), A (D, S) rates, B (N, T, S) how the input enters, C (N, T, S) what is read, both shared by
    the channels, delta (N, T, D) lengths of the steps -> y (N, T, D): y_t is the sum over the S entries of
    C_t h_t. The states (D, S) of each sequence begin with zeros. The input enters as delta B x, simply.
    Source: Gu and Dao (2023), Mamba: Linear-Time Sequence Modeling with Selective State Spaces, algorithm 2.
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    a = discretise(A, delta)  # (N, T, D, S)
    b = (delta * x)[..., None] * B[:, :, None]  # (N, T, D, 1) * (N, T, 1, S) -> (N, T, D, S)
    h = linear_scan(a.reshape(N, T, -1), b.reshape(N, T, -1), np.zeros((N, A.size)))  # (N, T, D * S)
    return np.einsum("ntds,nts->ntd", h.reshape(a.shape), C)
    # END SOLUTION


# %%
check(state_space)


# %% exercise="state_space_kernel"
def state_space_kernel(A, B, C, delta, T):
    """The same model with parameters that stand still, as a convolution: what an input does j steps later.

    A (D, S), B (S,), C (S,), delta (D,) as in state_space, the same at every step; T lags j = 0 .. T-1
    -> kernel (D, T), so that y[n, t, d] is the sum over j of kernel[d, j] * x[n, t - j, d].
    Source: Gu, Goel and Ré (2022), Efficiently Modeling Long Sequences with Structured State Spaces.
    """
    # BEGIN SOLUTION
    fades = np.exp(delta[:, None, None] * A[:, :, None] * np.arange(T))  # (D, S, T): exp(j delta A)
    return delta[:, None] * np.einsum("s,s,dsj->dj", C, B, fades)
    # END SOLUTION


# %%
check(state_space_kernel)


# %% exercise="linear_attention"
def linear_attention(q, k, v):
    """Causal attention without a softmax, as a state that grows: h_t = h_{t-1} + k_t v_t, y_t = q_t h_t.

    q (N, T, d), k (N, T, d), v (N, T, e) -> y (N, T, e). The state (d, e) of each sequence begins with zeros,
    k_t v_t is the outer product, and step t sees itself. Nothing is scaled or divided.
    Source: Katharopoulos, Vyas, Pappas and Fleuret (2020), Transformers are RNNs.
    """
    # BEGIN SOLUTION
    N, T, d = k.shape
    h, y = np.zeros((N, d, v.shape[-1])), np.empty_like(v)
    for t in range(T):
        h = h + k[:, t, :, None] * v[:, t, None, :]  # (N, d, 1) * (N, 1, e) -> (N, d, e)
        y[:, t] = (q[:, t, None] @ h)[:, 0]  # (N, 1, d) @ (N, d, e) -> (N, 1, e)
    return y
    # END SOLUTION


# %%
check(linear_attention)
