# %% [markdown]
# # 03 · Latent autoregressive models

# %%
import numpy as np

from autograder import check

# %% [markdown]
# ## A state


# %% exercise="exponential_state"
def exponential_state(x, alpha, h0):
    """A running average that forgets: h_t = (1 - alpha) h_{t-1} + alpha x_t.

    x (T,) the values, alpha a number in (0, 1], the share of each new value; h0 a number, the state before
    the first value -> h (T,), where entry t is the state after reading x[t].
    Source: Brown (1956), Exponential Smoothing for Predicting Demand.
    """
    # BEGIN SOLUTION
    states = np.empty(len(x))
    h = h0
    for t in range(len(x)):
        h = (1 - alpha) * h + alpha * x[t]
        states[t] = h
    return states
    # END SOLUTION


# %%
check(exponential_state)


# %% exercise="linear_latent_forward"
def linear_latent_forward(x, h0, A, B, C):
    """A linear state, carried along a batch of sequences: h_t = h_{t-1} A + x_t B, output y_t = h_t C.

    x (N, T, D), h0 (N, H) the states before the first input, A (H, H), B (D, H), C (H, M)
    -> y (N, T, M); y[:, t] is read from the state that has already taken in x[:, t].
    Source: Kalman (1960), A New Approach to Linear Filtering and Prediction Problems.
    """
    # BEGIN SOLUTION
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = h @ A + x[:, t] @ B  # (N, H)
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)  # T arrays (N, M) -> (N, T, M)
    # END SOLUTION


# %%
check(linear_latent_forward)


# %% exercise="hmm_filter"
def hmm_filter(ids, initial, A, B):
    """What the symbols seen so far say about the hidden state now: p(z_t | x_1 .. x_t) for every t.

    ids (T,) integer symbols in [0, V), possible under the model; initial (S,) the probabilities p(z_1) of the
    state that emits the first symbol; A (S, S) with A[i, j] = p(z_{t+1} = j | z_t = i);
    B (S, V) with B[i, v] = p(x_t = v | z_t = i)
    -> beliefs (T, S); row t has seen ids[0] .. ids[t] and sums to 1. T may be thousands.
    Source: Baum and Petrie (1966); Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    beliefs = np.empty((len(ids), len(initial)))
    moved = initial
    for t, symbol in enumerate(ids):
        joint = moved * B[:, symbol]  # (S,): how each state explains the symbol
        beliefs[t] = joint / joint.sum()
        moved = beliefs[t] @ A
    return beliefs
    # END SOLUTION


# %%
check(hmm_filter)


# %% exercise="predict_next"
def predict_next(belief, A, B):
    """The probabilities of the next symbol, from a belief about the present state: p(x_{t+1} | x_1 .. x_t).

    belief (S,) = p(z_t | x_1 .. x_t), A (S, S), B (S, V) as in hmm_filter -> probabilities (V,)
    Source: Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    return belief @ A @ B
    # END SOLUTION


# %%
check(predict_next)


# %% exercise="hmm_log_likelihood"
def hmm_log_likelihood(ids, initial, A, B):
    """The logarithm of the probability of the whole sequence, log p(x_1 .. x_T), in nats.

    ids (T,), initial (S,), A (S, S), B (S, V) as in hmm_filter -> a number. T may be thousands.
    Source: Baum et al. (1970); Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    moved = np.vstack([initial, hmm_filter(ids, initial, A, B)[:-1] @ A])  # (T, S): p(z_t | x_1 .. x_{t-1})
    return np.log((moved * B[:, ids].T).sum(axis=1)).sum()
    # END SOLUTION


# %%
check(hmm_log_likelihood)
