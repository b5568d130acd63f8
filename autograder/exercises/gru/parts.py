"""Lesson 10: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np

from autograder.exercises.lstm.parts import np_sigmoid


def np_parts(x, h_prev, W_xh, W_hh, b_x, b_h):
    """What the input and what the state say to each gate: two lists of three arrays (N, H)."""
    return np.split(x @ W_xh + b_x, 3, axis=-1), np.split(h_prev @ W_hh + b_h, 3, axis=-1)


def np_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h_prev


def np_states(x, h, *weights, step=np_step):
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *weights)
        states.append(h)
    return np.stack(states, axis=1)


def np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h, wrong="", h_seen=None):
    """The right gradients, or those of the mistake called `wrong`; `h_seen` replaces h_prev in dW_hh."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = np_sigmoid(x_r + h_r), np_sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    keep = 1 - z if wrong == "z swapped" else z
    da_n = dh * (1 - keep) * (1 if wrong == "no n slope" else 1 - n**2)
    da_z = dh * ((n - h_prev) if wrong == "sign of z" else (h_prev - n))
    if wrong == "no old state in z":
        da_z = -dh * n
    da_r = da_n * {
        "r sees state": h_prev,
        "no r path": 0.0,
        "no bias in r": h_n - b_h[2 * len(W_hh) :],
    }.get(wrong, h_n)
    if wrong not in ("no gate slopes", "no slope of z"):
        da_z = da_z * z * (1 - z)
    if wrong not in ("no gate slopes", "no slope of r"):
        da_r = da_r * r * (1 - r)
    to_x = np.concatenate([da_r, da_z, da_n * r if wrong == "reset everywhere" else da_n], axis=-1)
    to_h = np.concatenate([da_r, da_z, da_n if wrong == "reset missing" else da_n * r], axis=-1)
    if wrong == "zrn":
        to_x, to_h = (
            np.concatenate([da_z, da_r, part[:, 2 * len(W_hh) :]], axis=-1) for part in (to_x, to_h)
        )
    direct = 0 if wrong == "no direct path" else dh * keep
    db_h = to_x.sum(0) if wrong == "one bias gradient" else to_h.sum(0)
    biases = (to_x, to_h) if wrong == "bias per sequence" else (to_x.sum(0), db_h)
    through = to_h @ W_hh.T if wrong != "only direct" else 0
    h_seen = h_prev if h_seen is None else h_seen
    return to_x @ W_xh.T, through + direct, x.T @ to_x, h_seen.T @ to_h, *biases
