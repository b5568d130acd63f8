# %% [markdown]
# # 01 · Sequences

# %%
import numpy as np

from autograder import check


# %% exercise="make_windows"
def make_windows(x, tau):
    """Cut a series into all its windows of tau values, each with the value that comes next.

    x (T,), tau < T -> inputs (T-tau, tau), targets (T-tau,)
    Row i of inputs is x[i], .., x[i+tau-1], the oldest value first; targets[i] is x[i+tau].
    Source: Yule (1927).
    """
    # BEGIN SOLUTION
    inputs = np.stack([x[i : i + tau] for i in range(len(x) - tau)])  # (T-tau, tau)
    return inputs, x[tau:]
    # END SOLUTION


# %%
check(make_windows)


# %% exercise="fit_ar"
def fit_ar(x, tau):
    """Fit x_t = x_{t-tau} coef[0] + .. + x_{t-1} coef[tau-1] + intercept by least squares over all windows.

    x (T,), tau -> coef (tau,), intercept (): coef[j] multiplies the j-th oldest value of the window
    Source: Yule (1927); Box and Jenkins (1970).
    """
    # BEGIN SOLUTION
    inputs, targets = make_windows(x, tau)
    A = np.column_stack([inputs, np.ones(len(inputs))])  # (T-tau, tau+1)
    solution = np.linalg.lstsq(A, targets, rcond=None)[0]
    return solution[:-1], solution[-1]
    # END SOLUTION


# %%
check(fit_ar)


# %% exercise="forecast"
def forecast(history, coef, intercept, steps):
    """Predict several steps ahead: every prediction becomes an input of the next one.

    history (tau,) the last known values, the oldest first; coef (tau,), intercept () as fit_ar returns them
    -> predictions (steps,)
    Source: Box and Jenkins (1970).
    """
    # BEGIN SOLUTION
    window = history
    predictions = np.zeros(steps)
    for s in range(steps):
        predictions[s] = window @ coef + intercept
        window = np.append(window[1:], predictions[s])  # (tau,)
    return predictions
    # END SOLUTION


# %%
check(forecast)


# %% exercise="pad_batch"
def pad_batch(sequences):
    """Put sequences of unequal lengths into one array, with zeros behind the shorter ones.

    sequences: list of N arrays (T_n, D) -> batch (N, T, D) with T the greatest T_n, lengths (N,) integers
    Source: Graves (2012).
    """
    # BEGIN SOLUTION
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))  # (N, T, D)
    for n, s in enumerate(sequences):
        batch[n, : len(s)] = s
    return batch, lengths
    # END SOLUTION


# %%
check(pad_batch)


# %% exercise="length_mask"
def length_mask(lengths, T):
    """Say of every step of a padded batch whether it is real.

    lengths (N,) integers, T the padded length -> mask (N, T) booleans, True = real, False = padding
    Source: NOTATION.md, masks.
    """
    # BEGIN SOLUTION
    return np.arange(T) < lengths[:, None]  # (T,) < (N, 1) -> (N, T)
    # END SOLUTION


# %%
check(length_mask)


# %% exercise="last_valid"
def last_valid(h, lengths):
    """Pick from every sequence of a padded batch the vector at its last real step.

    h (N, T, H), lengths (N,) integers from 1 to T -> last (N, H)
    Source: Graves (2012).
    """
    # BEGIN SOLUTION
    return h[np.arange(len(h)), lengths - 1]
    # END SOLUTION


# %%
check(last_valid)
