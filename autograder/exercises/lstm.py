"""Lesson 09: the LSTM cell, forwards and backwards, its forget bias and what its memory retains."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from autograder.exercise import exercise


def load_gates(module: nn.Module, W_xh, W_hh, b_x, b_h) -> None:
    """Put the course's weights into a gated module of PyTorch's, cell or layer: transposed, two biases.

    They are copied into the module's own memory, so that cuDNN keeps its single block of weights.
    """
    values = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_x, "bias_hh": b_h}
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(values[name.removesuffix("_l0")])


def torch_gated(kind: type, W_xh, W_hh, b_x, b_h) -> nn.Module:
    """`nn.LSTM`, `nn.LSTMCell`, `nn.GRU` or `nn.GRUCell` with the course's weights; layers batch first."""
    layer = {"batch_first": True} if kind in (nn.LSTM, nn.GRU) else {}
    module = kind(len(W_xh), len(W_hh), dtype=W_xh.dtype, device=W_xh.device, **layer)
    load_gates(module, W_xh, W_hh, b_x, b_h)
    return module


def leaves(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """Copies that collect gradients."""
    return [tensor.clone().requires_grad_() for tensor in tensors]


def gated_weights(rng: np.random.Generator, D: int, H: int, gates: int, gain: float = 1.0) -> tuple:
    """W_xh (D, gates*H), W_hh (H, gates*H), b (gates*H,): nothing in them is symmetric, zero or equal."""
    W_xh = gain * rng.normal(size=(D, gates * H)) / np.sqrt(D)
    W_hh = gain * rng.normal(size=(H, gates * H)) / np.sqrt(H)
    return W_xh, W_hh, 0.5 * rng.normal(size=gates * H)


def _lstm_cell(W_xh, W_hh, b_h) -> nn.LSTMCell:
    return torch_gated(nn.LSTMCell, W_xh, W_hh, b_h, torch.zeros_like(b_h))


def _np_sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _np_parts(x, h_prev, W_xh, W_hh, b_h):
    """The four sums before squashing, each (N, H)."""
    return np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1)


def _np_gates(x, h_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_parts(x, h_prev, W_xh, W_hh, b_h)
    return _np_sigmoid(i), _np_sigmoid(f), np.tanh(g), _np_sigmoid(o)


def _np_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


# ---------------------------------------------------------------- carry_memory


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("c",),
    hints=(
        "What stays of the old memory? What is written? Add the two, and keep the sum for the next step.",
        "In step t: f[:, t] scales the memory that arrives, i[:, t] scales the candidate g[:, t].",
        "c_t = c0; then for t in range(f.shape[1]): c_t = f[:, t] * c_t + i[:, t] * g[:, t], and store c_t.",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def carry_memory(f, i, g, c0):
    c, states = c0, []
    for t in range(f.shape[1]):
        c = torch.addcmul(i[:, t] * g[:, t], f[:, t], c)
        states.append(c)
    return torch.stack(states, dim=1)


@carry_memory.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, H in ((2, 5, 3), (3, 7, 2), (1, 2, 5), (5, 1, 3)):
        f, i = rng.random(size=(2, N, T, H))
        yield f, i, rng.uniform(-1, 1, size=(N, T, H)), rng.normal(size=(N, H))
    gates = (rng.random(size=(2, 2, 11, 3)) < 0.5).astype(float)
    yield gates[0], gates[1], rng.uniform(-1, 1, size=(2, 11, 3)), 3 * rng.normal(size=(2, 3))


def _np_carry(keep, write, c0):
    c, states = c0, []
    for t in range(keep.shape[1]):
        c = keep[:, t] * c + write[:, t]
        states.append(c)
    return np.stack(states, axis=1)


@carry_memory.mistake(
    "You added the gates, f + i. Each gate scales its own content: f * c, and i * g; then add."
)
def adds_gates(f, i, g, c0):
    return _np_carry(f + i, g, c0)


@carry_memory.mistake("You wrote i + g; the input gate *scales* the candidate: i * g.")
def adds_gate_and_candidate(f, i, g, c0):
    return _np_carry(f, i + g, c0)


@carry_memory.mistake(
    "Your two gates are swapped: the forget gate f scales the old memory, the input gate i scales what is "
    "new."
)
def swaps_gates(f, i, g, c0):
    return _np_carry(i, f * g, c0)


@carry_memory.mistake(
    "Your forget gate scales the previous *candidate*. It scales the previous memory c_{t-1}, which holds "
    "all "
    "that was ever written."
)
def forgets_previous_candidate(f, i, g, c0):
    before = np.concatenate([c0[:, None], g[:, :-1]], axis=1)
    return f * before + i * g


@carry_memory.mistake("The memory starts from zeros in your answer; before the first step it holds c0.")
def memory_starts_empty(f, i, g, c0):
    return _np_carry(f, i * g, np.zeros_like(c0))


@carry_memory.mistake("Every step starts from c0 again: keep the new memory for the next step.")
def memory_never_updated(f, i, g, c0):
    return f * c0[:, None] + i * g


@carry_memory.mistake("The input gate is missing: i * g is written, not all of g.")
def writes_all(f, i, g, c0):
    return _np_carry(f, g, c0)


@carry_memory.mistake("The forget gate is missing: the old memory is scaled by f before the new is added.")
def forgets_nothing(f, i, g, c0):
    return _np_carry(np.ones_like(f), i * g, c0)


@carry_memory.mistake(
    "You used 1 - f. In this cell f = 1 *keeps* the memory and f = 0 erases it, so f multiplies c directly."
)
def forget_means_erase(f, i, g, c0):
    return _np_carry(1 - f, i * g, c0)


@carry_memory.mistake(
    "Your gate chooses between old and new, f * c + (1 - f) * g. Here the two gates are independent: "
    "f * c + i * g."
)
def one_gate_for_both(f, i, g, c0):
    return _np_carry(f, (1 - f) * g, c0)


# ---------------------------------------------------------------- memory_retention


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("retention",),
    hints=(
        "c_T = f_T c_{T-1} + ...: one factor per step that the memory still has to cross. How many steps "
        "does "
        "c_T itself have to cross?",
        "Row t is the product of the rows after it. The last row is 1. Divide nowhere: a gate may be "
        "exactly 0.",
        "One way: r = np.ones_like(f); for t in range(len(f) - 2, -1, -1): r[t] = r[t + 1] * f[t + 1]; "
        "return r",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def memory_retention(f):
    writes = torch.zeros_like(f).requires_grad_()
    c = torch.zeros_like(f[0])
    for f_t, write in zip(f, writes, strict=True):
        c = f_t * c + write
    return torch.autograd.grad(c.sum(), writes)[0]


@memory_retention.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for T, H in ((5, 3), (7, 2), (2, 5), (1, 3)):
        yield (rng.uniform(0.2, 1, size=(T, H)),)
    f = rng.uniform(0.5, 1, size=(11, 3))
    f[4, 1] = 0.0
    f[7, 2] = 0.0
    yield (f,)
    yield (np.ones((3, 2)),)


def _np_after(f):
    """Products of the rows t, t+1, ..., T-1."""
    return np.cumprod(f[::-1], axis=0)[::-1]


@memory_retention.mistake(
    "Your product starts one gate too early: going from c_t to c_T crosses f_{t+1}, ..., f_T, and not f_t, "
    "so "
    "the last row is 1."
)
def product_includes_own_gate(f):
    return _np_after(f)


@memory_retention.mistake(
    "This is the product from the beginning up to t. Asked is what remains of c_t at the *end*: the product "
    "of "
    "the gates after t."
)
def product_from_start(f):
    return np.cumprod(f, axis=0)


@memory_retention.mistake(
    "You divided the whole product by its beginning. A forget gate may be exactly 0, and 0 / 0 is nan: "
    "multiply "
    "from the end instead."
)
def divides_products(f):
    with np.errstate(all="ignore"):
        return np.prod(f, axis=0) / np.cumprod(f, axis=0)


@memory_retention.mistake(
    "You returned one gate per step, f_{t+1}. The memory crosses all later gates: multiply."
)
def next_gate_only(f):
    return np.concatenate([f[1:], np.ones_like(f[:1])])


@memory_retention.mistake("You added the gates; one scaling after another is a product.")
def adds_later_gates(f):
    return np.concatenate([np.cumsum(f[::-1], axis=0)[::-1][1:], np.ones_like(f[:1])])


@memory_retention.mistake(
    "You multiplied across the units (axis 1); time is axis 0, and every unit has its own."
)
def product_over_units(f):
    after = np.cumprod(f[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([after[:, 1:], np.ones_like(f[:, :1])], axis=1)


@memory_retention.mistake(
    "The products run in the wrong direction in time: row 0 has the longest way to go, the last row is 1."
)
def retention_reversed(f):
    return np.concatenate([_np_after(f)[1:], np.ones_like(f[:1])])[::-1]


@memory_retention.mistake("You multiplied 1 - f. A forget gate of 1 *keeps*, so f itself is what remains.")
def retention_of_one_minus_f(f):
    return np.concatenate([_np_after(1 - f)[1:], np.ones_like(f[:1])])


# ---------------------------------------------------------------- sigmoid


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("s",),
    hints=(
        "1 / (1 + exp(-z)) has the right values; NumPy only warns that exp overflows for very negative z. "
        "Which "
        "function that you know is an S from -1 to 1 and never overflows?",
        "tanh(z / 2) runs from -1 to 1 where the sigmoid runs from 0 to 1.",
        "The whole body: return 0.5 * (1 + np.tanh(0.5 * z))",
    ),
    source="Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10",
)
def sigmoid(z):
    return torch.sigmoid(z)


@sigmoid.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (2 * rng.normal(size=(2, 5, 3)),)
    yield (rng.normal(size=7),)
    yield (np.array([[-1000.0, 1000.0, 0.0], [-40.0, 40.0, rng.normal()]]),)
    yield (rng.normal(size=(1, 1)),)


@sigmoid.mistake(
    "For large z exp(z) overflows, and inf / inf is nan. Use 1 / (1 + exp(-z)), or better a form that never "
    "overflows: tanh(z / 2), moved and scaled."
)
def overflows(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


@sigmoid.mistake("The sign in the exponential is wrong: a large z must give a gate near 1, so it is exp(-z).")
def falls_instead_of_rising(z):
    return _np_sigmoid(-z)


@sigmoid.mistake("This is tanh, from -1 to 1. A gate is a share: it must lie between 0 and 1.")
def tanh_for_sigmoid(z):
    return np.tanh(z)


@sigmoid.mistake("The S is twice too steep: inside tanh stands z / 2, not z.", credit=0.5)
def too_steep(z):
    return 0.5 * (1 + np.tanh(z))


@sigmoid.mistake(
    "You normalised along the last axis: that is softmax. Here each number is squashed by itself."
)
def softmax_for_sigmoid(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- lstm_gates


@exercise(
    points=2,
    difficulty=1,
    minutes=15,
    returns=("i", "f", "g", "o"),
    hints=(
        "All four come from one sum of shape (N, 4H), the sum that the plain RNN squashes as a whole.",
        "z = x @ W_xh + h_prev @ W_hh + b_h; the first H columns belong to i, the next to f, then g, then o. "
        "np.split(z, 4, axis=-1) cuts them. Three are gates (sigmoid); g is content (tanh).",
        "i, f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1); "
        "return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)",
    ),
    source="Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000)",
)
def lstm_gates(x, h_prev, W_xh, W_hh, b_h):
    H = W_hh.shape[0]
    i, f, g, o = nn.functional.linear(torch.cat([x, h_prev], dim=-1), torch.cat([W_xh, W_hh]).T, b_h).split(
        H, dim=-1
    )
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


@lstm_gates.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2)):
        yield (rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H)), *gated_weights(rng, D, H, 4))
    yield (90 * rng.normal(size=(3, 2)), rng.uniform(-1, 1, size=(3, 5)), *gated_weights(rng, 2, 5, 4))


@lstm_gates.mistake(
    "You cut the columns in the order i, f, o, g. Here, as in PyTorch and Keras, they stand in the order "
    "i, f, g, o: the candidate is the third block."
)
def gates_ifog(x, h_prev, W_xh, W_hh, b_h):
    i, f, o, g = _np_parts(x, h_prev, W_xh, W_hh, b_h)
    return _np_sigmoid(i), _np_sigmoid(f), np.tanh(g), _np_sigmoid(o)


@lstm_gates.mistake(
    "Your input and forget gates are swapped: the first block of columns is i, the second is f."
)
def gates_figo(x, h_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    return f, i, g, o


@lstm_gates.mistake(
    "You squashed all four with the sigmoid. g is content, not a gate: it may be negative, so it takes tanh."
)
def sigmoid_on_candidate(x, h_prev, W_xh, W_hh, b_h):
    return tuple(map(_np_sigmoid, _np_parts(x, h_prev, W_xh, W_hh, b_h)))


@lstm_gates.mistake("You squashed all four with tanh. i, f and o are shares between 0 and 1: sigmoid.")
def tanh_on_all(x, h_prev, W_xh, W_hh, b_h):
    return tuple(map(np.tanh, _np_parts(x, h_prev, W_xh, W_hh, b_h)))


@lstm_gates.mistake("The gates do not see the state: h_prev @ W_hh is missing from the sum.")
def gates_without_state(x, h_prev, W_xh, W_hh, b_h):
    return _np_gates(x, np.zeros_like(h_prev), W_xh, W_hh, b_h)


@lstm_gates.mistake("The bias is missing from the sum.", credit=0.5)
def gates_without_bias(x, h_prev, W_xh, W_hh, b_h):
    return _np_gates(x, h_prev, W_xh, W_hh, np.zeros_like(b_h))


@lstm_gates.mistake("These are the four sums; squash them: sigmoid for i, f and o, tanh for g.")
def not_squashed(x, h_prev, W_xh, W_hh, b_h):
    return tuple(_np_parts(x, h_prev, W_xh, W_hh, b_h))


@lstm_gates.mistake(
    "You took every fourth column. The gates stand in blocks: columns 0 to H-1 are i, H to 2H-1 are f, and "
    "so on."
)
def gates_interleaved(x, h_prev, W_xh, W_hh, b_h):
    z = x @ W_xh + h_prev @ W_hh + b_h
    return _np_sigmoid(z[:, 0::4]), _np_sigmoid(z[:, 1::4]), np.tanh(z[:, 2::4]), _np_sigmoid(z[:, 3::4])


# ---------------------------------------------------------------- lstm_step

_STEP_SIZES = ((2, 3, 5), (7, 5, 3), (1, 2, 3), (3, 1, 2))


def _step_case(rng: np.random.Generator, N: int, D: int, H: int, scale: float = 1.0) -> tuple:
    x, h_prev = scale * rng.normal(size=(N, D)), rng.uniform(-1, 1, size=(N, H))
    return (x, h_prev, 1.5 * rng.normal(size=(N, H)), *gated_weights(rng, D, H, 4))


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("h", "c"),
    hints=(
        "First the memory, then what is shown of it.",
        "c = f * c_prev + i * g; the output gate then decides how much of tanh(c), the *new* memory, is "
        "shown.",
        "i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h); c = f * c_prev + i * g; return o * "
        "np.tanh(c), c",
    ),
    source="Gers, Schmidhuber and Cummins (2000), Learning to Forget",
)
def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    return _lstm_cell(W_xh, W_hh, b_h)(x, (h_prev, c_prev))


@lstm_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for sizes in _STEP_SIZES:
        yield _step_case(rng, *sizes)
    yield _step_case(rng, 3, 2, 5, scale=90.0)


@lstm_step.mistake(
    "Your columns are in the order i, f, o, g. Here, as in PyTorch and Keras, the candidate g is the third "
    "block: "
    "i, f, g, o."
)
def step_ifog(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, o, g = _np_parts(x, h_prev, W_xh, W_hh, b_h)
    c = _np_sigmoid(f) * c_prev + _np_sigmoid(i) * np.tanh(g)
    return _np_sigmoid(o) * np.tanh(c), c


@lstm_step.mistake("The candidate g went through a sigmoid. It is content and may be negative: tanh.")
def step_sigmoid_on_candidate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = map(_np_sigmoid, _np_parts(x, h_prev, W_xh, W_hh, b_h))
    c = f * c_prev + i * g
    return o * np.tanh(c), c


@lstm_step.mistake("The tanh on c is missing in h: h = o * tanh(c).", credit=0.5)
def step_without_tanh(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * c, c


@lstm_step.mistake(
    "Input and forget gate are swapped: f scales the old memory c_prev, i scales the candidate g."
)
def step_swaps_gates(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = i * c_prev + f * g
    return o * np.tanh(c), c


@lstm_step.mistake("You wrote i + g. The input gate scales the candidate: i * g.")
def step_adds_gate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + (i + g)
    return o * np.tanh(c), c


@lstm_step.mistake("You added the gates themselves, f + i. Each scales its own content: f * c_prev + i * g.")
def step_adds_gates(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, _, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f + i
    return o * np.tanh(c), c


@lstm_step.mistake("Your h shows the *old* memory: h = o * tanh(c) with the c that you have just made.")
def step_shows_old_memory(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    return o * np.tanh(c_prev), f * c_prev + i * g


@lstm_step.mistake("The output gate is missing: h = o * tanh(c), not tanh(c).")
def step_without_output_gate(x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, c = _np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return np.tanh(c), c


@lstm_step.mistake("The results are in the wrong order: return h first, then c.", credit=0.5)
def step_returns_memory_first(x, h_prev, c_prev, W_xh, W_hh, b_h):
    return _np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)[::-1]


@lstm_step.mistake(
    "Your memory forgets the previous *state*, f * h_prev. What the forget gate scales is the memory c_prev."
)
def step_forgets_state(x, h_prev, c_prev, W_xh, W_hh, b_h):
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * h_prev + i * g
    return o * np.tanh(c), c


@lstm_step.mistake(
    "You returned tanh(c) as the memory. The tanh is for h alone: c goes on as it is, f * c_prev + i * g."
)
def squashes_memory(x, h_prev, c_prev, W_xh, W_hh, b_h):
    h, c = _np_step(x, h_prev, c_prev, W_xh, W_hh, b_h)
    return h, np.tanh(c)


# ---------------------------------------------------------------- lstm_forward


def _sequence_case(rng: np.random.Generator, N: int, T: int, D: int, H: int, gain: float = 1.0) -> tuple:
    x, h0 = rng.normal(size=(N, T, D)), rng.uniform(-1, 1, size=(N, H))
    return (x, h0, rng.normal(size=(N, H)), *gated_weights(rng, D, H, 4, gain))


def _np_states(x, h, c, W_xh, W_hh, b_h, step=_np_step):
    """The states and the memories after every step, each (N, T, H)."""
    hs, cs = [], []
    for t in range(x.shape[1]):
        h, c = step(x[:, t], h, c, W_xh, W_hh, b_h)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("h", "c"),
    hints=(
        "As in lesson 04: one loop over time. Now two arrays travel from step to step. What can be computed "
        "for "
        "all steps before the loop starts?",
        "z_x = x @ W_xh + b_h has shape (N, T, 4H) and needs no state. In the loop: z = z_x[:, t] + h_t @ "
        "W_hh, "
        "then the gates, then c_t and h_t.",
        "In round t: z = z_x[:, t] + h_t @ W_hh; i, f, _, o = np.split(sigmoid(z), 4, axis=-1); "
        "c_t = f * c_t + i * np.tanh(z[:, 2*H:3*H]); h_t = o * np.tanh(c_t); h[:, t], c[:, t] = h_t, c_t",
    ),
    source="Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000)",
)
def lstm_forward(x, h0, c0, W_xh, W_hh, b_h):
    lstm = torch_gated(nn.LSTM, W_xh, W_hh, b_h, torch.zeros_like(b_h))
    h, _ = lstm(x, (h0[None].contiguous(), c0[None].contiguous()))
    # nn.LSTM shows the last memory only: the one after step t comes from the first t steps.
    memories = [
        lstm(x[:, :t].contiguous(), (h0[None].contiguous(), c0[None].contiguous()))[1][1][0]
        for t in range(1, x.shape[1] + 1)
    ]
    return h, torch.stack(memories, dim=1)


@lstm_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield _sequence_case(rng, N, T, D, H)
    yield _sequence_case(rng, 2, 11, 1, 3, gain=3.0)


@lstm_forward.mistake("You ignored h0: the first step's gates must see it.")
def ignores_h0(x, h0, c0, W_xh, W_hh, b_h):
    return _np_states(x, np.zeros_like(h0), c0, W_xh, W_hh, b_h)


@lstm_forward.mistake("You ignored c0: the memory before the first step is c0, not zero.")
def ignores_c0(x, h0, c0, W_xh, W_hh, b_h):
    return _np_states(x, h0, np.zeros_like(c0), W_xh, W_hh, b_h)


@lstm_forward.mistake("You ignored both h0 and c0: the first step must see them.")
def ignores_both(x, h0, c0, W_xh, W_hh, b_h):
    return _np_states(x, np.zeros_like(h0), np.zeros_like(c0), W_xh, W_hh, b_h)


@lstm_forward.mistake("The memory is never updated: every step starts from c0. Keep c_t for the next round.")
def memory_stuck(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, _, *weights):
        return _np_step(x_t, h, c0, *weights)

    return _np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake(
    "The state is never updated: the gates of every step see h0. Keep h_t for the next round."
)
def state_stuck(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, _, c, *weights):
        return _np_step(x_t, h0, c, *weights)

    return _np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake(
    "The gates of your next step read the memory c. Only h leaves the cell: h_t @ W_hh, and c stays inside."
)
def gates_read_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        h, c = _np_step(x_t, h, c, *weights)
        shown.append(h)
        return c, c

    shown = []
    _, c = _np_states(x, h0, c0, W_xh, W_hh, b_h, step)
    return np.stack(shown, axis=1), c


@lstm_forward.mistake("The bias enters only the first step. It belongs into every step's sum.")
def bias_once(x, h0, c0, W_xh, W_hh, b_h):
    first = _np_states(x[:, :1], h0, c0, W_xh, W_hh, b_h)
    rest = [first]
    if x.shape[1] > 1:
        rest.append(_np_states(x[:, 1:], first[0][:, 0], first[1][:, 0], W_xh, W_hh, np.zeros_like(b_h)))
    return tuple(np.concatenate(part, axis=1) for part in zip(*rest, strict=True))


@lstm_forward.mistake("The bias is missing from the sums.", credit=0.5)
def forward_without_bias(x, h0, c0, W_xh, W_hh, b_h):
    return _np_states(x, h0, c0, W_xh, W_hh, np.zeros_like(b_h))


@lstm_forward.mistake(
    "Time comes first in your results, (T, N, H). Batch comes first in this course: np.stack(states, "
    "axis=1).",
    credit=0.5,
)
def lstm_time_first(x, h0, c0, W_xh, W_hh, b_h):
    return tuple(part.swapaxes(0, 1) for part in _np_states(x, h0, c0, W_xh, W_hh, b_h))


@lstm_forward.mistake("Only the last state and memory come back, (N, H); all T are asked for, (N, T, H).")
def lstm_last_only(x, h0, c0, W_xh, W_hh, b_h):
    return tuple(part[:, -1] for part in _np_states(x, h0, c0, W_xh, W_hh, b_h))


@lstm_forward.mistake(
    "Your h_t shows the memory of the step before. Make c_t first, then h_t = o_t * tanh(c_t)."
)
def shows_old_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        i, f, g, o = _np_gates(x_t, h, *weights)
        return o * np.tanh(c), f * c + i * g

    return _np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake("The tanh on c is missing in h: h_t = o_t * tanh(c_t).", credit=0.5)
def forward_shows_raw_memory(x, h0, c0, W_xh, W_hh, b_h):
    def step(x_t, h, c, *weights):
        i, f, g, o = _np_gates(x_t, h, *weights)
        c = f * c + i * g
        return o * c, c

    return _np_states(x, h0, c0, W_xh, W_hh, b_h, step)


@lstm_forward.mistake("Every entry is the last one: store a new array (or a copy) in each round.")
def aliases_last(x, h0, c0, W_xh, W_hh, b_h):
    h, c = _np_states(x, h0, c0, W_xh, W_hh, b_h)
    return np.repeat(h[:, -1:], x.shape[1], axis=1), np.repeat(c[:, -1:], x.shape[1], axis=1)


@lstm_forward.mistake(
    "In your loop h and c change places: a step returns h first, then c, and takes them in this order, too."
)
def swaps_states_in_loop(x, h0, c0, W_xh, W_hh, b_h):
    h, c, states, memories = h0, c0, [], []
    for t in range(x.shape[1]):
        c, h = _np_step(x[:, t], h, c, W_xh, W_hh, b_h)
        states.append(h)
        memories.append(c)
    return np.stack(states, axis=1), np.stack(memories, axis=1)


# ---------------------------------------------------------------- set_forget_bias


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("b_h",),
    hints=(
        "Which quarter of the bias belongs to the forget gate? And: b_h itself must stay as it was.",
        "The order is i, f, g, o, so f has the entries H to 2H-1, with H = len(b_h) // 4. Copy first.",
        "b = b_h.copy(); H = len(b) // 4; b[H : 2 * H] = value; return b",
    ),
    source="Jozefowicz, Zaremba and Sutskever (2015), An Empirical Exploration of Recurrent Network "
    "Architectures",
)
def set_forget_bias(b_h, value):
    i, f, g, o = b_h.chunk(4)
    return torch.cat([i, torch.full_like(f, value), g, o])


@set_forget_bias.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for H, value in ((5, 1.0), (3, 2.5), (1, -1.0), (7, -2.5)):
        yield rng.normal(size=4 * H), value


def _np_set(b_h, start, value):
    b, H = b_h.copy(), len(b_h) // 4
    b[start * H : (start + 1) * H] = value
    return b


@set_forget_bias.mistake("You changed b_h itself. The caller still needs it: work on b_h.copy().", credit=0.5)
def forget_bias_in_place(b_h, value):
    H = len(b_h) // 4
    b_h[H : 2 * H] = value
    return b_h


@set_forget_bias.mistake(
    "You set the first quarter, the input gate's. The order is i, f, g, o: f is the second."
)
def sets_input_bias(b_h, value):
    return _np_set(b_h, 0, value)


@set_forget_bias.mistake(
    "You set the third quarter, the candidate's. The order is i, f, g, o: f is the second."
)
def sets_candidate_bias(b_h, value):
    return _np_set(b_h, 2, value)


@set_forget_bias.mistake(
    "You set the last quarter, the output gate's. The order is i, f, g, o: f is the second."
)
def sets_output_bias(b_h, value):
    return _np_set(b_h, 3, value)


@set_forget_bias.mistake("You set all biases; only the forget gate's quarter changes.")
def sets_all_biases(b_h, value):
    return np.full_like(b_h, value)


@set_forget_bias.mistake("You *added* the value. Set the forget gate's entries to it.")
def adds_to_forget_bias(b_h, value):
    H = len(b_h) // 4
    return b_h + np.repeat([0.0, value, 0.0, 0.0], H)


@set_forget_bias.mistake("Only the forget gate's quarter came back; return all 4H entries.")
def forget_quarter_only(b_h, value):
    return np.full(len(b_h) // 4, value)


@set_forget_bias.mistake(
    "You lost the other biases: they are zero in your answer. Copy b_h first, then set its second quarter."
)
def zeroes_other_biases(b_h, value):
    b, H = np.zeros_like(b_h), len(b_h) // 4
    b[H : 2 * H] = value
    return b


@set_forget_bias.mistake(
    "You set every fourth entry. The gates stand in blocks: the forget gate's are entries H to 2H-1."
)
def sets_every_fourth(b_h, value):
    b = b_h.copy()
    b[1::4] = value
    return b


# ---------------------------------------------------------------- lstm_step_backward


def _np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h, wrong="", h_seen=None):
    """The right gradients, or those of the mistake called `wrong`; `h_seen` replaces h_prev in dW_hh."""
    i, f, g, o = _np_gates(x, h_prev, W_xh, W_hh, b_h)
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
    if wrong != "no gate slopes":
        di, df, do = di * i * (1 - i), df * f * (1 - f), do * o * (1 - o)
        dg = dg * (g * (1 - g) if wrong == "sigmoid slope of g" else 1 - g**2)
    order = (di, df, do, dg) if wrong == "ifog" else (di, df, dg, do)
    dz = np.concatenate(order, axis=-1)
    dc_prev = {"kept": total, "late": dc * f}.get(wrong, total * f)
    db_h = {"bias per sequence": dz, "mean": dz.mean(0)}.get(wrong, dz.sum(0))
    scale = 1 / len(x) if wrong == "mean" else 1.0
    h_seen = h_prev if h_seen is None else h_seen
    return dz @ W_xh.T, dz @ W_hh.T, dc_prev, scale * x.T @ dz, scale * h_seen.T @ dz, db_h


@exercise(
    points=4,
    difficulty=3,
    minutes=40,
    returns=("dx", "dh_prev", "dc_prev", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Write the forward step once more, and walk it back line by line: h = o * tanh(c); "
        "c = f * c_prev + i * g; the gates; the sum. c has *two* heirs: the next step (dc) and h.",
        "dc = dc + dh * o * (1 - tanh(c)^2). Then di = dc * g, df = dc * c_prev, dg = dc * i, do = dh * "
        "tanh(c), "
        "dc_prev = dc * f. Each times the slope of its own squashing, s(1-s) or 1-g^2; stacked as dz (N, "
        "4H) they "
        "pass the sum as in lesson 06.",
        "dz = np.concatenate([di*i*(1-i), df*f*(1-f), dg*(1-g**2), do*o*(1-o)], axis=1); "
        "return dz @ W_xh.T, dz @ W_hh.T, dc*f, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)",
    ),
    source="Gers, Schmidhuber and Cummins (2000); Greff et al. (2017), LSTM: A Search Space Odyssey, "
    "appendix",
)
def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    x, h_prev, c_prev = leaves(x, h_prev, c_prev)
    cell = _lstm_cell(W_xh, W_hh, b_h)
    h, c = cell(x, (h_prev, c_prev))
    weights = (cell.weight_ih, cell.weight_hh, cell.bias_ih)
    made = torch.autograd.grad((h, c), (x, h_prev, c_prev, *weights), (dh, dc))
    return (*made[:3], made[3].T, made[4].T, made[5])


@lstm_step_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in _STEP_SIZES:
        yield (rng.normal(size=(N, H)), rng.normal(size=(N, H)), *_step_case(rng, N, D, H))
    yield (rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), *_step_case(rng, 3, 2, 5, scale=9.0))


_STEP_BACKWARD_MISTAKES = {
    "drops_dc": (
        "no dc",
        "The gradient dc that arrives from the next step's memory is missing: add it to what comes through "
        "h.",
        0,
    ),
    "drops_h_path": (
        "no h path",
        "The memory also gets a gradient through h = o * tanh(c). Add dh * o * (1 - tanh(c)^2) to dc.",
        0,
    ),
    "tanh_slope_missing": (
        "no slope",
        "On its way from h into c the gradient passes a tanh: dh * o * (1 - tanh(c)^2). Its slope is "
        "missing.",
        0,
    ),
    "tanh_slope_of_c": (
        "slope of c",
        "You wrote 1 - c^2. The slope of tanh at c is 1 - tanh(c)^2; c itself has no bounds.",
        0,
    ),
    "output_gate_without_memory": (
        "raw o",
        "The output gate's gradient lacks tanh(c): h = o * tanh(c), so do = dh * tanh(c).",
        0,
    ),
    "output_gate_sees_raw_memory": (
        "o sees c",
        "The output gate scales tanh(c), not c: do = dh * tanh(c).",
        0.5,
    ),
    "dc_prev_without_f": (
        "kept",
        "The forget gate is missing in dc_prev: c = f * c_prev + ..., so dc_prev is the memory's gradient "
        "times f.",
        0.5,
    ),
    "dc_prev_without_h": (
        "late",
        "For dc_prev you used the dc that arrives, before adding what comes through h. Add first, then take "
        "times f.",
        0.5,
    ),
    "gate_slopes_missing": (
        "no gate slopes",
        "The slopes of the squashings are missing: s * (1 - s) for i, f and o, 1 - g^2 for g.",
        0,
    ),
    "candidate_slope_of_sigmoid": (
        "sigmoid slope of g",
        "The candidate g went through tanh, so its slope is 1 - g^2. You used the sigmoid's, g * (1 - g).",
        0.5,
    ),
    "new_memory_for_old": (
        "new c",
        "The forget gate scaled the memory *before* the step: df = dc * c_prev. You used the new c.",
        0.5,
    ),
    "factors_swapped": (
        "i and g",
        "In the product i * g each one's gradient has the *other* as its factor: di = dc * g and dg = dc * "
        "i.",
        0,
    ),
    "output_gate_missing_on_the_way": (
        "no o",
        "What comes through h also passes the output gate: dh * o * (1 - tanh(c)^2). Your o is missing.",
        0.5,
    ),
    "output_gate_gets_dc": (
        "o from dc",
        "The output gate stands in h alone, h = o * tanh(c): its gradient is dh * tanh(c), without dc.",
        0.5,
    ),
    "blocks_in_wrong_order": (
        "ifog",
        "You stacked the gate gradients in the order i, f, o, g; the columns of the weights stand i, f, g, "
        "o.",
        0,
    ),
    "bias_gradient_per_sequence": (
        "bias per sequence",
        "Every sequence of the batch uses the same b_h, so db_h is the sum over the batch: dz.sum(axis=0).",
        0.5,
    ),
    "averages_over_batch": (
        "mean",
        "You averaged the weights' gradients over the batch. The loss has done its averaging already: sum.",
        0.5,
    ),
}


def declare(on, name: str, make, message: str, credit: float) -> None:
    """Declare a mistake whose function differs from its neighbours in one switch."""
    make.__name__ = make.__qualname__ = name
    on.mistake(message, credit=credit)(make)


def _step_backward_mistake(wrong):
    def answer(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
        return _np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _STEP_BACKWARD_MISTAKES.items():
    declare(lstm_step_backward, _name, _step_backward_mistake(_wrong), _message, _credit)


@lstm_step_backward.mistake(
    "A transpose is missing: what went forwards through W goes back through W.T, as in dz @ W_xh.T."
)
def backward_without_transpose(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    _, *others = _np_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h)
    dz = np.concatenate(_np_gates(x, h_prev, W_xh, W_hh, b_h), axis=-1)
    return dz @ W_xh, *others


# ---------------------------------------------------------------- lstm_backward


def _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h, wrong=""):
    """The right gradients, or those of the mistake called `wrong`."""
    T = x.shape[1]
    h, c = _np_states(x, h0, c0, W_xh, W_hh, b_h)
    h_before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    c_before = np.concatenate([c0[:, None], c[:, :-1]], axis=1)
    dx, weights = np.zeros_like(x), [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)]
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in range(T) if wrong == "forwards" else reversed(range(T)):
        arrives = dh_next if wrong == "last loss only" and t < T - 1 else dh[:, t] + dh_next
        if wrong == "no h path":
            arrives = dh[:, t]
        memory = c[:, t] if wrong == "c of this step" else c_before[:, t]
        state = h[:, t] if wrong == "h in step" else h_before[:, t]
        seen = h[:, t] if wrong == "h of this step" else state
        dx[:, t], dh_next, dc_next, *found = _np_step_backward(
            arrives, dc_next, x[:, t], state, memory, W_xh, W_hh, b_h, h_seen=seen
        )
        if wrong == "no c path":
            dc_next = np.zeros_like(c0)
        weights = found if wrong == "overwritten" else [w + m for w, m in zip(weights, found, strict=True)]
    if wrong == "dh0 dropped":
        dh_next = np.zeros_like(h0)
    if wrong == "dc0 dropped":
        dc_next = np.zeros_like(c0)
    return dx, dh_next, dc_next, *weights


@exercise(
    points=4,
    difficulty=3,
    minutes=45,
    returns=("dx", "dh0", "dc0", "dW_xh", "dW_hh", "db_h"),
    hints=(
        "Run the forward pass, keep every h and c, then go back from the last step to the first, carrying "
        "*two* "
        "gradients to the step before: dh and dc.",
        "In step t the state's gradient is dh[:, t] plus what step t+1 sent back through its gates; dc "
        "comes from "
        "step t+1's memory, zero at the end. The weights' gradients add up over all steps.",
        "dh_t, dc_t = zeros; for t in reversed(range(T)): dx[:, t], dh_t, dc_t, *now = lstm_step_backward("
        "dh[:, t] + dh_t, dc_t, x[:, t], h_before, c_before, W_xh, W_hh, b_h); add `now` to the sums. "
        "At the end dh_t and dc_t are dh0 and dc0.",
    ),
    source="Greff et al. (2017), LSTM: A Search Space Odyssey, appendix",
)
def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h):
    x, h0, c0 = leaves(x, h0, c0)
    lstm = torch_gated(nn.LSTM, W_xh, W_hh, b_h, torch.zeros_like(b_h))
    h, _ = lstm(x, (h0[None].contiguous(), c0[None].contiguous()))
    weights = (lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0)
    made = torch.autograd.grad(h, (x, h0, c0, *weights), dh)
    return (*made[:3], made[3].T, made[4].T, made[5])


@lstm_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, D, H in ((2, 5, 3, 7), (3, 7, 5, 2), (1, 3, 2, 5), (5, 1, 2, 3)):
        yield (rng.normal(size=(N, T, H)), *_sequence_case(rng, N, T, D, H))
    last_only = np.zeros((2, 11, 3))
    last_only[:, -1] = rng.normal(size=(2, 3))
    yield (last_only, *_sequence_case(rng, 2, 11, 2, 3, gain=2.0))


_BACKWARD_MISTAKES = {
    "memory_gradient_not_carried": (
        "no c path",
        "The memory's gradient stops at every step: dc from step t+1 must enter step t. It is the path this "
        "cell "
        "was built for.",
        0,
    ),
    "state_gradient_not_carried": (
        "no h path",
        "What step t+1's gates send back to h_t is missing: the state's gradient is dh[:, t] plus that.",
        0,
    ),
    "only_last_loss": (
        "last loss only",
        "Only the last step's dh is used. Every step may carry a loss: add dh[:, t] in every round.",
        0,
    ),
    "walks_forwards": (
        "forwards",
        "Your loop runs from the first step to the last. Gradients travel backwards: reversed(range(T)).",
        0,
    ),
    "weights_overwritten": (
        "overwritten",
        "The weights' gradients are overwritten in every round. One set of weights serves all steps: add up "
        "(+=).",
        0,
    ),
    "new_state_in_dW_hh": (
        "h of this step",
        "In dW_hh stands the state of the same step. W_hh met the state *before*: h_{t-1}, and h0 in the "
        "first step.",
        0.5,
    ),
    "new_state_in_step": (
        "h in step",
        "You handed h_t to the step's backward where h_{t-1} belongs (h0 in the first step).",
        0,
    ),
    "new_memory_in_step": (
        "c of this step",
        "You handed c_t to the step's backward where c_{t-1} belongs (c0 in the first step).",
        0,
    ),
    "drops_dh0": (
        "dh0 dropped",
        "Your dh0 is zero; it is the state gradient that is left after the first step's backward.",
        0.5,
    ),
    "drops_dc0": (
        "dc0 dropped",
        "Your dc0 is zero; it is the memory gradient that is left after the first step's backward.",
        0.5,
    ),
}


def _backward_mistake(wrong):
    def answer(dh, x, h0, c0, W_xh, W_hh, b_h):
        return _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h, wrong)

    return answer


for _name, (_wrong, _message, _credit) in _BACKWARD_MISTAKES.items():
    declare(lstm_backward, _name, _backward_mistake(_wrong), _message, _credit)


@lstm_backward.mistake(
    "Right numbers, but you added into dh itself (dh[:, t] += ...). The caller still needs it: use a new "
    "array.",
    credit=0.5,
)
def adds_into_dh(dh, x, h0, c0, W_xh, W_hh, b_h):
    made = _np_backward(dh, x, h0, c0, W_xh, W_hh, b_h)
    for t in reversed(range(x.shape[1])):
        dh[:, t] += 1.0
    return made


@lstm_backward.mistake(
    "Your backward pass starts from zero states, but the sequence started from h0 and c0: run the forward "
    "pass "
    "with them."
)
def backward_from_zero_states(dh, x, h0, c0, W_xh, W_hh, b_h):
    return _np_backward(dh, x, np.zeros_like(h0), np.zeros_like(c0), W_xh, W_hh, b_h)
