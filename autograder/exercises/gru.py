"""Lesson 10: the GRU in both its forms, the coupled-gate LSTM that is taken for it, and their sizes."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from autograder.exercise import exercise
from autograder.exercises.lstm import declare, gated_weights, leaves, torch_gated


def _np_sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h):
    """What the input and what the state say to each gate: two lists of three arrays (N, H)."""
    return np.split(x @ W_xh + b_x, 3, axis=-1), np.split(h_prev @ W_hh + b_h, 3, axis=-1)


def _np_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h_prev


_STEP_SIZES = ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2))


def _step_case(rng: np.random.Generator, N: int, D: int, H: int, scale: float = 1.0) -> tuple:
    """x, h_prev, W_xh, W_hh, b_x, b_h"""
    x, h_prev = scale * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
    return (x, h_prev, *gated_weights(rng, D, H, 3), rng.normal(size=3 * H))


# ---------------------------------------------------------------- gru_step


@exercise(
    points=2,
    difficulty=2,
    minutes=20,
    returns=("h",),
    hints=(
        "Two gates first, r and z, from the input and the state. Then the candidate n, in which r scales "
        "what the "
        "state says. Then a mixture of n and the old state.",
        "Compute x @ W_xh + b_x and h_prev @ W_hh + b_h, both (N, 3H), and split each into r, z, n. Keep "
        "the two "
        "apart: in n, the factor r multiplies the second one, its bias included.",
        "r = sigmoid(x_r + h_r); z = sigmoid(x_z + h_z); n = np.tanh(x_n + r * h_n); "
        "return (1 - z) * n + z * h_prev",
    ),
    source="Cho et al. (2014), Learning Phrase Representations; reset after the product as in cuDNN and "
    "PyTorch",
)
def gru_step(x, h_prev, W_xh, W_hh, b_x, b_h):
    return torch_gated(nn.GRUCell, W_xh, W_hh, b_x, b_h)(x, h_prev)


@gru_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in _STEP_SIZES:
        yield _step_case(rng, *sizes)
    yield _step_case(rng, 3, 2, 5, scale=90.0)


@gru_step.mistake(
    "Your z is the other way round. Here, as in PyTorch, z *keeps*: h = (1 - z) * n + z * h_prev. Some "
    "papers, Chung et al. (2014) for one, swap the two.",
    credit=0.5,
)
def keeps_with_one_minus_z(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return z * np.tanh(x_n + r * h_n) + (1 - z) * h_prev


@gru_step.mistake(
    "You reset *before* the product, (r * h_prev) @ W_hn. That is the paper's form, the next exercise; here "
    "r "
    "multiplies the product: r * (h_prev @ W_hn + b_hn).",
    credit=0.5,
)
def resets_before(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, _) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    H = len(W_hh)
    n = np.tanh(x_n + (r * h_prev) @ W_hh[:, 2 * H :] + b_h[2 * H :])
    return (1 - z) * n + z * h_prev


@gru_step.mistake("The reset gate is missing from the candidate: n = tanh(x_n + r * h_n).")
def no_reset(x, h_prev, W_xh, W_hh, b_x, b_h):
    (_, x_z, x_n), (_, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    z = _np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(x_n + h_n) + z * h_prev


@gru_step.mistake("Your reset gate scales the *input's* share. It decides how much of the state n may see.")
def resets_input(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(r * x_n + h_n) + z * h_prev


@gru_step.mistake(
    "Your reset gate scales the whole sum. Only the state's share is reset: tanh(x_n + r * h_n)."
)
def resets_everything(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(r * (x_n + h_n)) + z * h_prev


@gru_step.mistake(
    "You merged the two biases. In the candidate b_h's share sits *inside* the reset: r * (h_prev @ W_hn + "
    "b_hn). "
    "That is why this cell needs two.",
    credit=0.5,
)
def merges_biases(x, h_prev, W_xh, W_hh, b_x, b_h):
    return _np_step(x, h_prev, W_xh, W_hh, b_x + b_h, np.zeros_like(b_h))


@gru_step.mistake("Your columns are in the order z, r, n (Keras'). Here, as in PyTorch, it is r, z, n.")
def step_zrn(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_z, x_r, x_n), (h_z, h_r, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(x_n + r * h_n) + z * h_prev


@gru_step.mistake("The candidate n went through a sigmoid. It is content and may be negative: tanh.")
def candidate_sigmoid(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return (1 - z) * _np_sigmoid(x_n + r * h_n) + z * h_prev


@gru_step.mistake("The old state is missing from the mixture: h = (1 - z) * n + z * h_prev.")
def forgets_old_state(x, h_prev, W_xh, W_hh, b_x, b_h):
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    return (1 - z) * np.tanh(x_n + r * h_n)


@gru_step.mistake(
    "You squashed the mixture once more. h = (1 - z) * n + z * h_prev as it stands, without a tanh."
)
def squashes_mixture(x, h_prev, W_xh, W_hh, b_x, b_h):
    return np.tanh(_np_step(x, h_prev, W_xh, W_hh, b_x, b_h))


# ---------------------------------------------------------------- gru_step_reset_before


def _np_before(x, h_prev, W_xh, W_hh, b_h):
    """r, z, and the two parts of the candidate: the input's share with the bias, and W_hn."""
    H = len(W_hh)
    x_r, x_z, x_n = np.split(x @ W_xh + b_h, 3, axis=-1)
    r = _np_sigmoid(x_r + h_prev @ W_hh[:, :H])
    z = _np_sigmoid(x_z + h_prev @ W_hh[:, H : 2 * H])
    return r, z, x_n, W_hh[:, 2 * H :]


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "Same gates, same mixture. Only the candidate differs: which state does W_hn get to see?",
        "Here the reset state r * h_prev goes through W_hn = W_hh[:, 2H:]. So r and z must be there before "
        "that "
        "product can start.",
        "n = np.tanh(x @ W_xh[:, 2*H:] + (r * h_prev) @ W_hh[:, 2*H:] + b_h[2*H:]); "
        "return (1 - z) * n + z * h_prev",
    ),
    source="Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder",
)
def gru_step_reset_before(x, h_prev, W_xh, W_hh, b_h):
    linear = nn.functional.linear
    H = W_hh.shape[0]
    gates = linear(x, W_xh[:, : 2 * H].T, b_h[: 2 * H]) + linear(h_prev, W_hh[:, : 2 * H].T)
    r, z = torch.sigmoid(gates).chunk(2, dim=-1)
    n = nn.RNNCell(x.shape[1], H, dtype=x.dtype, device=x.device)
    values = (W_xh[:, 2 * H :].T, W_hh[:, 2 * H :].T, b_h[2 * H :], torch.zeros_like(b_h[:H]))
    with torch.no_grad():
        for parameter, value in zip(n.parameters(), values, strict=True):
            parameter.copy_(value)
    return torch.lerp(n(x, r * h_prev), h_prev, z)


@gru_step_reset_before.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in _STEP_SIZES:
        yield _step_case(rng, *sizes)[:5]
    yield _step_case(rng, 3, 2, 5, scale=90.0)[:5]


@gru_step_reset_before.mistake(
    "You reset *after* the product, r * (h_prev @ W_hn). Here r multiplies the state before it: "
    "(r * h_prev) @ W_hn.",
    credit=0.5,
)
def resets_after(x, h_prev, W_xh, W_hh, b_h):
    return _np_step(x, h_prev, W_xh, W_hh, b_h, np.zeros_like(b_h))


@gru_step_reset_before.mistake(
    "You reset after the product and the bias with it. Here r multiplies the state alone: (r * h_prev) @ "
    "W_hn; "
    "the bias is not reset."
)
def resets_after_with_bias(x, h_prev, W_xh, W_hh, b_h):
    return _np_step(x, h_prev, W_xh, W_hh, np.zeros_like(b_h), b_h)


@gru_step_reset_before.mistake(
    "Your z is the other way round. Here too z *keeps*: h = (1 - z) * n + z * h_prev.", credit=0.5
)
def before_with_z_swapped(x, h_prev, W_xh, W_hh, b_h):
    r, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return z * np.tanh(x_n + (r * h_prev) @ W_hn) + (1 - z) * h_prev


@gru_step_reset_before.mistake("The reset gate is missing: n sees r * h_prev, not h_prev.")
def before_without_reset(x, h_prev, W_xh, W_hh, b_h):
    _, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + h_prev @ W_hn) + z * h_prev


@gru_step_reset_before.mistake(
    "You reset the state in the mixture too. There z weighs the *full* old state: z * h_prev."
)
def resets_mixture(x, h_prev, W_xh, W_hh, b_h):
    r, z, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * r * h_prev


@gru_step_reset_before.mistake(
    "You used the reset state for the gate z as well. Both gates see the full h_prev; only the candidate "
    "sees "
    "r * h_prev."
)
def update_gate_sees_reset(x, h_prev, W_xh, W_hh, b_h):
    H = len(W_hh)
    r, _, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    z = _np_sigmoid((x @ W_xh + (r * h_prev) @ W_hh + b_h)[:, H : 2 * H])
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * h_prev


@gru_step_reset_before.mistake("Your columns are in the order z, r, n; in this course it is r, z, n.")
def before_zrn(x, h_prev, W_xh, W_hh, b_h):
    z, r, x_n, W_hn = _np_before(x, h_prev, W_xh, W_hh, b_h)
    return (1 - z) * np.tanh(x_n + (r * h_prev) @ W_hn) + z * h_prev


# ---------------------------------------------------------------- cifg_step


def _np_coupled(x, h_prev, W_xh, W_hh, b_h):
    f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 3, axis=-1)
    return _np_sigmoid(f), np.tanh(g), _np_sigmoid(o)


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h", "c"),
    hints=(
        "An LSTM that writes exactly as much as it forgets: one gate instead of two.",
        "Three blocks, f, g, o. Wherever the LSTM has i, put 1 - f. There is still a memory c and a state h.",
        "c = f * c_prev + (1 - f) * g; return o * np.tanh(c), c",
    ),
    source="Greff et al. (2017), LSTM: A Search Space Odyssey: coupled input and forget gate (CIFG)",
)
def cifg_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    # 1 - sigmoid(a) = sigmoid(-a): nn.LSTMCell whose input gate has the forget gate's weights, negated.
    W_x, W_h, b = (torch.cat([-part.chunk(3, dim=-1)[0], part], dim=-1) for part in (W_xh, W_hh, b_h))
    return torch_gated(nn.LSTMCell, W_x, W_h, b, torch.zeros_like(b))(x, (h_prev, c_prev))


@cifg_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in _STEP_SIZES:
        x, h_prev, *weights = _step_case(rng, N, D, H)[:5]
        yield (x, h_prev, 1.5 * rng.normal(size=(N, H)), *weights)
    x, h_prev, *weights = _step_case(rng, 3, 2, 5, scale=90.0)[:5]
    yield (x, h_prev, rng.normal(size=(3, 5)), *weights)


@cifg_step.mistake(
    "You gated twice: (1 - f) * (f * g) or the like. The candidate is scaled by 1 - f alone, so that memory "
    "and "
    "candidate have weights that add up to 1."
)
def gated_twice(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * f * g
    return o * np.tanh(c), c


@cifg_step.mistake("You wrote all of g. It is scaled by 1 - f: as much room as was made by forgetting.")
def cifg_writes_all(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "Your f is the other way round: f keeps the memory, 1 - f lets the candidate in.", credit=0.5
)
def cifg_swapped(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = (1 - f) * c_prev + f * g
    return o * np.tanh(c), c


@cifg_step.mistake("Old and new get the same weight f in your answer; the candidate's weight is 1 - f.")
def cifg_same_weight(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + f * g
    return o * np.tanh(c), c


@cifg_step.mistake(
    "You mixed h_prev with the candidate, as a GRU does. This cell is an LSTM: f * c_prev + (1 - f) * g."
)
def cifg_mixes_state(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * h_prev + (1 - f) * g
    return o * np.tanh(c), c


@cifg_step.mistake("Your columns are in the order f, o, g; here the three blocks are f, g, o.")
def cifg_fog(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, o, g = np.split(x @ W_xh + h_prev @ W_hh + b_h, 3, axis=-1)
    f = _np_sigmoid(f)
    c = f * c_prev + (1 - f) * np.tanh(g)
    return _np_sigmoid(o) * np.tanh(c), c


@cifg_step.mistake("The tanh on c is missing in h: h = o * tanh(c).", credit=0.5)
def cifg_without_tanh(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, o = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return o * c, c


@cifg_step.mistake("The output gate is missing: h = o * tanh(c), not tanh(c).")
def cifg_shows_all(x, h_prev, c_prev, W_xh, W_hh, b_h):
    f, g, _ = _np_coupled(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (1 - f) * g
    return np.tanh(c), c


# ---------------------------------------------------------------- gru_forward


def _sequence_case(rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0) -> tuple:
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    return (x, h0, *gated_weights(rng, D, H, 3, gain), rng.normal(size=3 * H))


def _np_states(x, h, *weights, step=_np_step):
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *weights)
        states.append(h)
    return np.stack(states, axis=1)


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("h",),
    hints=(
        "One loop over time and a single array that travels. What needs no state and can leave the loop?",
        "x @ W_xh + b_x for all steps at once, (N, T, 3H). Inside, one product h_t @ W_hh + b_h, (N, 3H), "
        "serves "
        "all three blocks, because the reset comes after it.",
        "In round t: x_r, x_z, x_n = np.split(all_x[:, t], 3, axis=-1); h_r, h_z, h_n = np.split(h_t @ W_hh "
        "+ b_h, "
        "3, axis=-1); then as in gru_step; h[:, t] = h_t",
    ),
    source="Cho et al. (2014); Appleyard, Kocisky and Blunsom (2016), Optimizing Performance of RNNs on GPUs",
)
def gru_forward(x, h0, W_xh, W_hh, b_x, b_h):
    return torch_gated(nn.GRU, W_xh, W_hh, b_x, b_h)(x, h0[None].contiguous())[0]


@gru_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield _sequence_case(rng, N, T, D, H)
    yield _sequence_case(rng, 2, 11, 1, 3, gain=3.0)


@gru_forward.mistake("You ignored h0 and started from zeros: the first step must see h0.")
def gru_ignores_h0(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, np.zeros_like(h0), W_xh, W_hh, b_x, b_h)


@gru_forward.mistake("The state is never updated: every step starts from h0. Keep h_t for the next round.")
def gru_state_stuck(x, h0, W_xh, W_hh, b_x, b_h):
    return np.stack([_np_step(x[:, t], h0, W_xh, W_hh, b_x, b_h) for t in range(x.shape[1])], axis=1)


@gru_forward.mistake(
    "Time comes first in your result, (T, N, H). Batch comes first in this course: np.stack(states, axis=1).",
    credit=0.5,
)
def gru_time_first(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x, b_h).swapaxes(0, 1)


@gru_forward.mistake("Only the last state comes back, (N, H); all T are asked for, (N, T, H).")
def gru_last_only(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x, b_h)[:, -1]


@gru_forward.mistake("The biases are merged; in the candidate b_h's share sits inside the reset.", credit=0.5)
def gru_merged_bias(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x + b_h, np.zeros_like(b_h))


@gru_forward.mistake("Your z is the other way round: z keeps, h_t = (1 - z) * n + z * h_{t-1}.", credit=0.5)
def gru_z_swapped(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x, b_h, step=keeps_with_one_minus_z)


@gru_forward.mistake(
    "You reset before the product. This function follows gru_step: r * (h_{t-1} @ W_hn + b_hn).", credit=0.5
)
def gru_resets_before(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x, b_h, step=resets_before)


@gru_forward.mistake("The columns are in the order z, r, n (Keras'). Here, as in PyTorch, it is r, z, n.")
def gru_zrn(x, h0, W_xh, W_hh, b_x, b_h):
    return _np_states(x, h0, W_xh, W_hh, b_x, b_h, step=step_zrn)


@gru_forward.mistake("Every entry is the last state: store a new array (or a copy) in each round.")
def gru_aliases_last(x, h0, W_xh, W_hh, b_x, b_h):
    h = _np_states(x, h0, W_xh, W_hh, b_x, b_h)
    return np.repeat(h[:, -1:], x.shape[1], axis=1)


# ---------------------------------------------------------------- gru_step_backward


def _np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h, wrong="", h_seen=None):
    """The right gradients, or those of the mistake called `wrong`; `h_seen` replaces h_prev in dW_hh."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _np_parts(x, h_prev, W_xh, W_hh, b_x, b_h)
    r, z = _np_sigmoid(x_r + h_r), _np_sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    keep = 1 - z if wrong == "z swapped" else z
    dn = dh * (1 - keep) * (1 if wrong == "no n slope" else 1 - n**2)
    dz = dh * ((n - h_prev) if wrong == "sign of z" else (h_prev - n))
    if wrong == "no old state in z":
        dz = -dh * n
    dr = dn * {"r sees state": h_prev, "no r path": 0.0}.get(wrong, h_n)
    if wrong != "no gate slopes":
        dz, dr = dz * z * (1 - z), dr * r * (1 - r)
    to_x = np.concatenate([dr, dz, dn * r if wrong == "reset everywhere" else dn], axis=-1)
    to_h = np.concatenate([dr, dz, dn if wrong == "reset missing" else dn * r], axis=-1)
    if wrong == "zrn":
        to_x, to_h = (np.concatenate([dz, dr, part[:, 2 * len(W_hh) :]], axis=-1) for part in (to_x, to_h))
    direct = 0 if wrong == "no direct path" else dh * keep
    db_h = to_x.sum(0) if wrong == "one bias gradient" else to_h.sum(0)
    biases = (to_x, to_h) if wrong == "bias per sequence" else (to_x.sum(0), db_h)
    through = to_h @ W_hh.T if wrong != "only direct" else 0
    h_seen = h_prev if h_seen is None else h_seen
    return to_x @ W_xh.T, through + direct, x.T @ to_x, h_seen.T @ to_h, *biases


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh_prev", "dW_xh", "dW_hh", "db_x", "db_h"),
    hints=(
        "h_prev has three ways into h: directly (z * h_prev), through the gates, and through the candidate. "
        "Their "
        "gradients add.",
        "From h = (1-z) * n + z * h_prev: dn = dh * (1-z) * (1-n^2), dz = dh * (h_prev - n) * z * (1-z), "
        "and then "
        "dr = dn * h_n * r * (1-r) with h_n = h_prev @ W_hn + b_hn. Stack [dr, dz, dn] for the input's "
        "side; on the "
        "state's side the last block is dn * r.",
        "to_x = np.concatenate([dr, dz, dn], axis=1); to_h = np.concatenate([dr, dz, dn * r], axis=1); "
        "return to_x @ W_xh.T, dh * z + to_h @ W_hh.T, x.T @ to_x, h_prev.T @ to_h, to_x.sum(0), to_h.sum(0)",
    ),
    source="Cho et al. (2014), equations 5 to 8, differentiated",
)
def gru_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
    x, h_prev = leaves(x, h_prev)
    cell = torch_gated(nn.GRUCell, W_xh, W_hh, b_x, b_h)
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)
    made = torch.autograd.grad(cell(x, h_prev), (x, h_prev, *weights), dh)
    return (*made[:2], made[2].T, made[3].T, *made[4:])


@gru_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in _STEP_SIZES:
        yield (rng.normal(size=(N, H)), *_step_case(rng, N, D, H))
    yield (rng.normal(size=(3, 5)), *_step_case(rng, 3, 2, 5, scale=9.0))


_STEP_BACKWARD_MISTAKES = {
    "direct_path_missing": (
        "no direct path",
        "The direct path is missing in dh_prev: z * h_prev hands dh * z straight back. It is what keeps old "
        "gradients alive.",
        0.5,
    ),
    "gates_path_missing": (
        "only direct",
        "In dh_prev only the direct path dh * z is there. The gates and the candidate read h_prev too: add "
        "what "
        "comes back through W_hh.",
        0,
    ),
    "reset_path_missing": (
        "no r path",
        "The reset gate gets no gradient: dr = dn * h_n * r * (1 - r), where h_n is what the state says to "
        "n.",
        0,
    ),
    "reset_missing_in_candidate": (
        "reset missing",
        "On the state's side the candidate's gradient passes the reset gate: dn * r, in W_hh's and in b_h's "
        "share.",
        0.5,
    ),
    "sign_of_update_gate": (
        "sign of z",
        "The sign of the update gate's gradient is wrong: more z means more h_prev and less n, so h_prev - "
        "n.",
        0,
    ),
    "update_gate_without_old_state": (
        "no old state in z",
        "The update gate stands in both terms of h: its gradient is dh * (h_prev - n), not -dh * n alone.",
        0,
    ),
    "gate_slopes_missing": (
        "no gate slopes",
        "The sigmoids' slopes are missing: times z * (1 - z) for z, and times r * (1 - r) for r.",
        0,
    ),
    "candidate_slope_missing": (
        "no n slope",
        "The candidate's slope is missing: it went through tanh, so dn takes a factor 1 - n^2.",
        0,
    ),
    "z_and_one_minus_z": (
        "z swapped",
        "The two weights are swapped on the way back: h_prev's share is dh * z, the candidate's dh * (1 - "
        "z).",
        0,
    ),
    "reset_gate_sees_state": (
        "r sees state",
        "The reset gate scaled h_n = h_prev @ W_hn + b_hn; that is the factor in dr. You used h_prev itself.",
        0,
    ),
    "one_bias_gradient": (
        "one bias gradient",
        "The two biases' gradients differ: in the candidate's block b_h sits inside the reset, so db_h has "
        "dn * r.",
        0.5,
    ),
    "bias_gradients_per_sequence": (
        "bias per sequence",
        "Every sequence of the batch uses the same biases: sum their gradients over the batch (axis 0).",
        0.5,
    ),
    "reset_on_input_side": (
        "reset everywhere",
        "You multiplied dn by r on the input's side as well. Only the state's share passed the reset gate: "
        "[dr, dz, dn] for x, W_xh and b_x, and [dr, dz, dn * r] for h_prev, W_hh and b_h.",
        0.5,
    ),
    "blocks_zrn": (
        "zrn",
        "You stacked the gradients in the order z, r, n; the columns of the weights stand r, z, n.",
        0,
    ),
}


def _step_backward_mistake(wrong):
    def answer(dh, x, h_prev, W_xh, W_hh, b_x, b_h):
        return _np_step_backward(dh, x, h_prev, W_xh, W_hh, b_x, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _STEP_BACKWARD_MISTAKES.items():
    declare(gru_step_backward, _name, _step_backward_mistake(_wrong), _message, _credit)


# ---------------------------------------------------------------- gru_backward


def _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h, wrong=""):
    """The right gradients, or those of the mistake called `wrong`."""
    T = x.shape[1]
    h = _np_states(x, h0, W_xh, W_hh, b_x, b_h)
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dx, sums = np.zeros_like(x), [np.zeros_like(w) for w in (W_xh, W_hh, b_x, b_h)]
    dh_next = np.zeros_like(h0)
    for t in range(T) if wrong == "forwards" else reversed(range(T)):
        arrives = dh_next if wrong == "last loss only" and t < T - 1 else dh[:, t] + dh_next
        if wrong == "nothing arrives":
            arrives = dh[:, t]
        memory = h[:, t] if wrong == "h of this step" else before[:, t]
        seen = h[:, t] if wrong == "h in dW_hh" else memory
        inner = "no direct path" if wrong == "no direct path" else ""
        dx[:, t], dh_next, *found = _np_step_backward(
            arrives, x[:, t], memory, W_xh, W_hh, b_x, b_h, wrong=inner, h_seen=seen
        )
        sums = found if wrong == "overwritten" else [s + m for s, m in zip(sums, found, strict=True)]
    return dx, np.zeros_like(h0) if wrong == "dh0 dropped" else dh_next, *sums


@exercise(
    points=4,
    difficulty=3,
    minutes=35,
    returns=("dx", "dh0", "dW_xh", "dW_hh", "db_x", "db_h"),
    hints=(
        "As for the LSTM, with one travelling gradient instead of two: forward first, then back through "
        "time.",
        "In step t what arrives is dh[:, t] plus what step t+1 sent back, its direct share dh * z included. "
        "The "
        "weights' gradients add up over all steps.",
        "dh_t = zeros; for t in reversed(range(T)): dx[:, t], dh_t, *now = gru_step_backward(dh[:, t] + "
        "dh_t, "
        "x[:, t], h_before, W_xh, W_hh, b_x, b_h); add `now` to the sums. At the end dh_t is dh0.",
    ),
    source="Cho et al. (2014), differentiated; Werbos (1990), Backpropagation Through Time",
)
def gru_backward(dh, x, h0, W_xh, W_hh, b_x, b_h):
    x, h0 = leaves(x, h0)
    gru = torch_gated(nn.GRU, W_xh, W_hh, b_x, b_h)
    weights = (gru.weight_ih_l0, gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0)
    made = torch.autograd.grad(gru(x, h0[None].contiguous())[0], (x, h0, *weights), dh)
    return (*made[:2], made[2].T, made[3].T, *made[4:])


@gru_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield (rng.normal(size=(N, T, H)), *_sequence_case(rng, N, T, D, H))
    last_only = np.zeros((2, 11, 3))
    last_only[:, -1] = rng.normal(size=(2, 3))
    yield (last_only, *_sequence_case(rng, 2, 11, 2, 3, gain=2.0))


_BACKWARD_MISTAKES = {
    "later_steps_missing": (
        "nothing arrives",
        "What step t+1 sends back to h_t is missing: each step's gradient is dh[:, t] plus that.",
        0,
    ),
    "gru_only_last_loss": (
        "last loss only",
        "Only the last step's dh is used. Every step may carry a loss: add dh[:, t] in every round.",
        0,
    ),
    "carry_missing": (
        "no direct path",
        "From step to step the direct share dh * z is missing: it goes back to h_{t-1} beside the gates' "
        "share.",
        0,
    ),
    "gru_walks_forwards": (
        "forwards",
        "Your loop runs from the first step to the last. Gradients travel backwards: reversed(range(T)).",
        0,
    ),
    "gru_weights_overwritten": (
        "overwritten",
        "The weights' gradients are overwritten in every round. One set of weights serves all steps: add up.",
        0,
    ),
    "gru_new_state_in_dW_hh": (
        "h in dW_hh",
        "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, h0 in the first "
        "step.",
        0.5,
    ),
    "gru_new_state_in_step": (
        "h of this step",
        "You handed h_t to the step's backward where h_{t-1} belongs (h0 in the first step).",
        0,
    ),
    "gru_drops_dh0": (
        "dh0 dropped",
        "Your dh0 is zero; it is the gradient that is left after the first step's backward.",
        0.5,
    ),
}


def _backward_mistake(wrong):
    def answer(dh, x, h0, W_xh, W_hh, b_x, b_h):
        return _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _BACKWARD_MISTAKES.items():
    declare(gru_backward, _name, _backward_mistake(_wrong), _message, _credit)


@gru_backward.mistake(
    "Your backward pass starts from a zero state, but the sequence started from h0: run the forward pass "
    "with it."
)
def gru_backward_from_zero(dh, x, h0, W_xh, W_hh, b_x, b_h):
    return _np_backward(dh, x, np.zeros_like(h0), W_xh, W_hh, b_x, b_h)


@gru_backward.mistake(
    "Right numbers, but you added into dh itself (dh[:, t] += ...). The caller still needs it: use a new "
    "array.",
    credit=0.5,
)
def gru_adds_into_dh(dh, x, h0, W_xh, W_hh, b_x, b_h):
    made = _np_backward(dh, x, h0, W_xh, W_hh, b_x, b_h)
    dh += 1.0
    return made


# ---------------------------------------------------------------- count_gated_parameters


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("count",),
    hints=(
        "One block is a plain RNN: D*H + H*H weights and H biases. How many blocks has each cell?",
        "lstm: 4 blocks; cifg and gru: 3. gru_torch has two biases per unit and block, because b_hn sits "
        "inside the "
        "reset.",
        "blocks = 4 if kind == 'lstm' else 3; biases = 2 if kind == 'gru_torch' else 1; "
        "return blocks * (D * H + H * H + biases * H)",
    ),
    source="Cho et al. (2014); Greff et al. (2017)",
)
def count_gated_parameters(kind, D, H):
    layer = nn.LSTM if kind == "lstm" else nn.GRU
    sizes = {name: p.numel() for name, p in layer(D, H, device="meta").named_parameters()}
    return sum(sizes.values()) - (0 if kind == "gru_torch" else sizes["bias_hh_l0"])


@count_gated_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for kind in ("lstm", "gru", "gru_torch", "cifg"):
        yield kind, 10, 3
        yield kind, int(rng.integers(50, 100)), int(rng.integers(100, 200))
    yield "gru", 1, 1


def _np_count(kind, D, H, blocks=None, biases=None):
    blocks = blocks or (4 if kind == "lstm" else 3)
    biases = (2 if kind == "gru_torch" else 1) if biases is None else biases
    return blocks * (D * H + H * H + biases * H)


@count_gated_parameters.mistake(
    "You counted one bias per unit for gru_torch. It has two: the one inside the reset cannot be merged "
    "with the "
    "other.",
    credit=0.5,
)
def counts_one_bias(kind, D, H):
    return _np_count(kind, D, H, biases=1)


@count_gated_parameters.mistake(
    "You counted two biases everywhere, as PyTorch stores them. Only in gru_torch do they do different "
    "things; "
    "elsewhere only their sum counts.",
    credit=0.5,
)
def counts_two_biases(kind, D, H):
    return _np_count(kind, D, H, biases=2)


@count_gated_parameters.mistake(
    "You gave the LSTM PyTorch's two biases. Only their sum has an effect, so it learns one per unit and "
    "block.",
    credit=0.5,
)
def counts_two_lstm_biases(kind, D, H):
    return _np_count(kind, D, H, biases=1 if kind in ("gru", "cifg") else 2)


@count_gated_parameters.mistake("The biases are missing.", credit=0.25)
def counts_no_bias(kind, D, H):
    return _np_count(kind, D, H, biases=0)


@count_gated_parameters.mistake("You gave the coupled-gate cell four blocks; coupling saves one: f, g, o.")
def counts_cifg_as_lstm(kind, D, H):
    return _np_count(kind, D, H, blocks=4 if kind in ("lstm", "cifg") else 3)


@count_gated_parameters.mistake("You counted a GRU's gates only, two blocks. The candidate n is the third.")
def counts_two_blocks(kind, D, H):
    return _np_count(kind, D, H, blocks=2 if kind.startswith("gru") else None)


@count_gated_parameters.mistake(
    "You counted an LSTM's gates only, three blocks. The candidate g has weights too: it is the fourth."
)
def counts_three_blocks(kind, D, H):
    return _np_count(kind, D, H, blocks=3)


@count_gated_parameters.mistake("This is one block, a plain RNN. An LSTM has four such blocks, a GRU three.")
def counts_one_block(kind, D, H):
    return _np_count(kind, D, H, blocks=1)
