"""Lesson 09: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def np_sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))  # 1 / (1 + exp(-z)), with no digit lost however small the result


def np_parts(x, h_prev, W_xh, W_hh, b_h):
    """The four sums before squashing, each (N, H)."""
    return np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1)


def np_gates(x, h_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_parts(x, h_prev, W_xh, W_hh, b_h)
    return np_sigmoid(i), np_sigmoid(f), np.tanh(g), np_sigmoid(o)


def np_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def np_states(x, h, c, W_xh, W_hh, b_h, step=np_step):
    """The states and the memories after every step, each (N, T, H)."""
    hs, cs = [], []
    for t in range(x.shape[1]):
        h, c = step(x[:, t], h, c, W_xh, W_hh, b_h)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


def np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h, wrong="", h_seen=None):
    """The right gradients, or those of the mistake called `wrong`; `h_seen` replaces h_prev in dW_hh."""
    i, f, g, o = np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    slope = {"no slope": 1.0, "slope of c": 1 - c**2}.get(wrong, 1 - np.tanh(c) ** 2)
    through_h = dh * (1 if wrong == "no o" else o) * slope
    total = {"no dc": through_h, "no h path": dc}.get(wrong, dc + through_h)
    di, df, dg = total * g, total * (c if wrong == "new c" else c_prev), total * i
    do = dh if wrong == "raw o" else dh * c if wrong == "o sees c" else dh * np.tanh(c)
    if wrong == "o from dc":
        do = total * np.tanh(c)
    if wrong == "i and g":
        di, dg = dg, di
    slopes = {"i": i * (1 - i), "f": f * (1 - f), "g": 1 - g**2, "o": o * (1 - o)}
    if wrong == "sigmoid slope of g":
        slopes["g"] = g * (1 - g)
    slopes.update({gate: 1.0 for gate in slopes if wrong in ("no gate slopes", f"no slope of {gate}")})
    di, df, dg, do = di * slopes["i"], df * slopes["f"], dg * slopes["g"], do * slopes["o"]
    order = (di, df, do, dg) if wrong == "ifog" else (di, df, dg, do)
    da = np.concatenate(order, axis=-1)
    dc_prev = {"kept": total, "late": dc * f}.get(wrong, total * f)
    db_h = da if wrong == "bias per sequence" else da.sum(0)
    h_seen = h_prev if h_seen is None else h_seen
    return da @ W_xh.T, da @ W_hh.T, dc_prev, x.T @ da, h_seen.T @ da, db_h
