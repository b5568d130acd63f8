# %% [markdown]
# # 09 · The LSTM
#
# **Question:** what if memory were *added to* instead of multiplied?
#
# **You will** build the long short-term memory cell one equation at a time, switch each of its gates to 0
# and to 1 to see what it does, train it to hold a symbol for more than a hundred steps and watch its gates
# while it does, write its backward pass, and measure what it does *not* solve.
#
# **Before:** lesson 04 (the recurrent step), lesson 06 (backpropagation through time), lesson 07 (why
# gradients vanish).
#
# **Time:** about 4 hours, in two sittings: the break is marked after section 4.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 1.17-1.23 2.9 2.10 3.8 3.9 4.9 4.10, E10 E11 E33-E36

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.lstm import CANDIDATE, build_up, lstm_cell
from coursekit.diagrams.parts import GATE, MEMORY
from coursekit.interactive import explore
from coursekit.plots import BLUE, GREEN, ORANGE, PURPLE, dots, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% carry="rnn_forward rnn_step"

# %% [markdown]
# ## 1 · From multiply to add
#
# The plain network rewrites its whole memory at every step: $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} +
# b_h)$. Whatever it knew is multiplied by $W_{hh}$ and squashed, again and again. Lesson 07 measured what a
# hundred multiplications do.
#
# So here is the smallest change that could help. Give the cell a second vector, the **memory** $c_t$ of
# shape $(N,H)$, and never multiply it. Only *add* to it:
#
# $$c_t = c_{t-1} + g_t, \qquad g_t = \tanh(x_t W_{xg} + h_{t-1} W_{hg} + b_g)$$
#
# $g_t$ is the **candidate**, what this step would like to write. It is the old recurrent step, in a new
# role. Along the memory itself the derivative is now $\partial c_t / \partial c_{t-1} = 1$: no factor to
# shrink, none to grow.
#
# <details><summary>Predict: nudge the memory, and take a hundred steps. How much of the nudge is left if each
# step multiplies the memory by 0.9, by 1 or by 1.1 before it adds?</summary>
#
# What is added is the same with and without the nudge, so only the factors count: $0.9^{100}$ is almost
# nothing, $1^{100}$ is 1, and $1.1^{100}$ is more than ten thousand.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.9"
rng = np.random.default_rng(0)
steps, nudge = 100, 1e-3
candidates = np.tanh(rng.normal(size=steps))  # the same writes in all three runs


def after(start, keep):
    """The memory after all writes when each step first multiplies it by `keep`."""
    c = start
    for g_t in candidates:
        c = keep * c + g_t
    return c


left = {keep: (after(nudge, keep) - after(0.0, keep)) / nudge for keep in (0.9, 1.0, 1.1)}
for keep, share in left.items():
    print(f"multiply by {keep}, then add: {share:12.5g} of the nudge is left after {steps} steps")
assert abs(left[1.0] - 1) < 1e-9
assert left[0.9] < 1e-4 and left[1.1] > 1e4

# %% [markdown]
# Only the factor 1 keeps it. But a memory that *only* adds has two faults: it writes down everything,
# needed or not, and it can never let go, so that it wanders off. Each fault gets its own valve, a **gate**:
# a number from 0 to 1 for every unit.
#
# $$c_t = c_{t-1} + i_t \odot g_t \qquad\text{input gate } i_t \text{: how much is written}$$
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t \qquad\text{forget gate } f_t \text{: how much stays}$$
#
# $\odot$ multiplies entry by entry; all these arrays have the shape $(N,H)$. Note the name: a forget gate
# of **1 keeps**, and of 0 erases.

# %% tags=["demo", "hide-input"]
show(
    build_up(),
    alt="The memory as a thick line from c at t-1 to c at t, three times. First g is added to it. Then g is "
    "multiplied by the input gate before it is added. Last, the line itself is multiplied by the forget gate "
    "before that.",
)

# %% [markdown]
# The memory is drawn thick here and in all drawings of this lesson: it is what goes from step to step. Gates
# have one colour, because they are of one kind, and the candidate is black: it is content and no gate.
#
# In the cell of 1997 (Hochreiter and Schmidhuber) the factor on the line was fixed at 1. It had the input
# gate and the output gate of section 3, and no way to forget. Gers, Schmidhuber and Cummins (2000) put a
# factor that is *computed* in the place of the 1: the forget gate.

# %% [markdown]
# ### Your turn: the memory alone
# Take the gates as given. All that is left is one line, and a loop that carries $c_t$.


# %% exercise="carry_memory"
def carry_memory(f, i, g, c0):
    """The memory cell alone, its gates given: c_t = f_t * c_{t-1} + i_t * g_t, entry by entry.

    f (N, T, H) forget gates and i (N, T, H) input gates, between 0 and 1; g (N, T, H) candidates;
    c0 (N, H) the memory before the first step -> c (N, T, H), c[:, t] is the memory after step t.
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    c, c_t = np.empty_like(g), c0
    for t in range(g.shape[1]):
        c_t = f[:, t] * c_t + i[:, t] * g[:, t]
        c[:, t] = c_t
    return c
    # END SOLUTION


# %%
check(carry_memory)

# %% [markdown]
# ### Switch each gate to 0 and to 1
#
# The best way to learn what a valve does is to open and shut it. One unit starts with the memory 1 and sees
# the same candidates in all four runs; the gates stand still at 0 or 1.
#
# <details><summary>Predict: what does the memory do with f = 1 and i = 0? With f = 1 and i = 1? With f = 0
# and i = 1? With both at 0?</summary>
#
# It keeps its 1; it adds up all candidates; it holds the newest candidate and nothing else; it is empty.
#
# </details>

# %% tags=["demo", "hide-input"] claims="1.18 1.19 1.20"
g = np.tanh(np.random.default_rng(1).normal(0.3, 0.6, size=(1, 30, 1)))
start = np.ones((1, 1))
names = {
    (1, 0): "f=1, i=0: keep",
    (1, 1): "f=1, i=1: add up",
    (0, 1): "f=0, i=1: overwrite",
    (0, 0): "f=0, i=0: erase",
}
runs = {(f, i): carry_memory(f * np.ones_like(g), i * np.ones_like(g), g, start) for f, i in names}
fig, axes = figure(columns=4, width=11, height=2.9)
for ax, (setting, label) in zip(axes, names.items(), strict=True):
    ax.plot(runs[setting][0, :, 0], color=MEMORY, lw=4, label="memory c")
    ax.plot(g[0, :, 0], ".", color=CANDIDATE, ms=4, label="candidate g")
    ax.set(title=label, xlabel="step", ylim=(-2, 11))
axes[0].legend(loc="upper left")
show(
    fig,
    alt="Four panels, the candidates as dots and the memory as a line. The line stays at one, adds up all "
    "dots, runs through the dots, or lies at zero.",
)
assert np.all(runs[1, 0] == 1)  # f=1, i=0 keeps c exactly
assert np.all(runs[0, 0] == 0)  # f=0 erases
assert np.all(runs[0, 1] == g)  # f=0, i=1: the newest candidate, nothing else
assert np.allclose(runs[1, 1][0, :, 0], 1 + np.cumsum(g))  # f=1, i=1: the sum of all

# %% [markdown]
# Which of the two gates weighs the past, and which the present? Nudge the old memory a little, then the
# candidate, and see how much of each nudge arrives in the new memory.

# %% tags=["demo", "hide-input"] claims="E33 E34 E35"
f, i, g, c0 = 0.9, 0.2, -0.7, 2.0
one = np.ones((1, 1, 1))


def memory(f, i, g, c0):
    return carry_memory(f * one, i * one, g * one, c0 * one[0])[0, 0, 0]


nudged = 1e-6
by_past = (memory(f, i, g, c0 + nudged) - memory(f, i, g, c0)) / nudged
by_candidate = (memory(f, i, g + nudged, c0) - memory(f, i, g, c0)) / nudged
print(f"c = {memory(f, i, g, c0):.3f}    dc/dc_prev = {by_past:.3f} = f    dc/dg = {by_candidate:.3f} = i")
assert np.isclose(memory(f, i, g, c0), f * c0 + i * g)
assert memory(f, i, g, c0) not in (i, g)  # a product, not a choice
assert np.isclose(by_past, f) and np.isclose(by_candidate, i)  # f weighs the past, i the new
assert not np.isclose(memory(f, i, g, c0), f + i)  # and the gates are not added
assert not np.isclose(memory(f, i, g, c0), memory(f, i, g, -c0))  # f + i would not see the content at all

# %% [markdown]
# <details><summary>Four things that you may read about these gates, and what the line of code says
# instead</summary>
#
# - *"The input gate chooses between i and g."* Nothing is chosen: the two are multiplied. And the forget
#   gate scales the old **memory** $c_{t-1}$, not the previous input.
# - *"i weighs the past, f the present."* It is the other way round: $\partial c_t/\partial c_{t-1} = f_t$ and
#   $\partial c_t/\partial g_t = i_t$.
# - *"The cell adds f and i."* It adds $f\odot c_{t-1}$ and $i\odot g_t$. A sum of the two gates would not
#   contain any content.
# - *"The gates are f, i and z"*, or the cell is given without its last two equations. The gates are
#   **input, forget and output**; the candidate is no gate, because it may be negative; and $z$ is a gate of
#   the GRU (next lesson).
#
# </details>
#
# ### How much is left at the end?
#
# Everything written passes all *later* forget gates on its way to the end:
#
# $$\frac{\partial c_T}{\partial c_t}\bigg|_{\text{gates fixed}} = f_{t+1} \odot \dots \odot f_T$$
#
# That is the **retention** of what the memory held after step $t$. It is the multiplication of lesson 07
# again, with one difference, and that is the whole invention: the factor is no longer a fixed matrix times
# a slope. It is a number that the cell *computes* at each step, and it may come as close to 1 as it likes.


# %% exercise="memory_retention"
def memory_retention(f):
    """How much of the memory after each step is still there at the end: d c_T / d c_t, gates held fixed.

    f (T, H), row t holds the forget gates of step t -> (T, H), row t is the product of all *later* rows;
    the last row is 1. A gate may be exactly 0.
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    crossed = np.concatenate([f[1:], np.ones_like(f[:1])])  # the gates that c_t still has to pass
    return np.cumprod(crossed[::-1], axis=0)[::-1]
    # END SOLUTION


# %%
check(memory_retention)

# %% [markdown]
# A popular sentence says: *the LSTM has solved vanishing gradients, because nothing squashes the memory on
# its way*. But $f$ is a sigmoid, so it lies below 1, and a hundred factors below 1 are a hundred factors
# below 1.

# %% tags=["demo", "hide-input"] claims="E11"
standing = {"0.5 (bias 0)": 0.5, "sigmoid(1)": 1 / (1 + np.exp(-1)), "0.99": 0.99, "0.999": 0.999}
for label, gate in standing.items():
    kept = memory_retention(np.full((101, 1), gate))[0, 0]
    half = np.log(0.5) / np.log(gate)
    print(f"forget gate {label:13s}: {kept:8.1e} is left after 100 steps; half is gone after {half:5.1f}")
assert memory_retention(np.full((101, 1), 0.5))[0, 0] < 1e-29
assert memory_retention(np.full((101, 1), 1 / (1 + np.exp(-1))))[0, 0] < 1e-13

# %% [markdown]
# A gate at one half, where a sigmoid with zero bias begins, forgets half of everything at every step. To
# hold something for a hundred steps a gate must stand near 0.99 *and stay there*. Keep this in mind for
# section 6.

# %% [markdown]
# ## 2 · The gates are learned
#
# Who sets the valves? The cell itself. Each gate is a small sigmoid layer that looks at the input and at
# the state:
#
# $$i_t = \sigma(x_t W_{xi} + h_{t-1} W_{hi} + b_i), \quad f_t = \sigma(x_t W_{xf} + h_{t-1} W_{hf} + b_f),$$
#
# $$o_t = \sigma(x_t W_{xo} + h_{t-1} W_{ho} + b_o)$$
#
# $\sigma(z) = 1/(1+e^{-z})$ maps any number to a share between 0 and 1. Write it first. As the formula
# stands, NumPy warns of an overflow when $z$ is very negative. The way round is its logarithm, $\log\sigma(z)
# = -\log(e^0 + e^{-z})$: `np.logaddexp(a, b)` is $\log(e^a + e^b)$, computed without ever forming a number
# that is too large.


# %% exercise="sigmoid"
def sigmoid(z):
    """The logistic sigmoid, 1 / (1 + exp(-z)), entry by entry: any number becomes a share from 0 to 1.

    z (...) -> same shape; right also at z = 1000 and z = -1000.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10.
    """
    # BEGIN SOLUTION
    return np.exp(-np.logaddexp(0, -z))  # 1 / (1 + exp(-z)), by its logarithm
    # END SOLUTION


# %%
check(sigmoid)

# %% [markdown]
# You may also meet $\sigma(z) = \frac12(1+\tanh\frac z2)$. It cannot overflow either, and for a gate it is
# good enough. But $\frac12(1 - 0.999\dots)$ has few digits left:

# %% tags=["demo", "hide-input"]
for z in (-10.0, -36.0, -38.0):
    by_tanh = 0.5 * (1 + np.tanh(0.5 * z))
    print(f"z = {z:.0f}: yours {sigmoid(z):.4e}, by tanh {by_tanh:.4e}")
assert abs(0.5 * (1 + np.tanh(-18.0)) / sigmoid(-36.0) - 1) > 0.01  # a few per cent off at -36

# %% [markdown]
# Three gates and a candidate make four layers that read the same $x_t$ and $h_{t-1}$. Side by side they are
# **one** matrix product: `W_xh` is $(D,4H)$, `W_hh` is $(H,4H)$, `b_h` is $(4H,)$, and the columns stand in
# the order $i, f, g, o$, as in PyTorch and Keras. One product, then cut the $(N,4H)$ sum into four.


# %% exercise="lstm_gates"
def lstm_gates(x, h_prev, W_xh, W_hh, b_h):
    """The three gates and the candidate of one LSTM step, stacked along the columns in the order i, f, g, o.

    x (N, D), h_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> i, f, g, o, each (N, H): input gate, forget gate, candidate, output gate.
    Source: Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000).
    """
    # BEGIN SOLUTION
    i, f, g, o = np.split(x @ W_xh + h_prev @ W_hh + b_h, 4, axis=-1)  # (N, 4H) -> four times (N, H)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    # END SOLUTION


# %%
check(lstm_gates)

# %% [markdown]
# ## 3 · The whole cell
#
# One equation is missing. The memory can hold much that is of no use *now*, so a third gate decides what is
# shown:
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh(c_t)$$
#
# Here is all of it in one drawing:

# %% tags=["demo", "hide-input"]
show(
    lstm_cell(),
    alt="The LSTM cell. On top the memory runs as a thick line from c at t-1 to c at t: it is multiplied by "
    "the forget gate, then i times g is added. Below stand four boxes, forget, input, candidate and output, "
    "each fed by h at t-1 and by x at t. At the right, tanh of the memory times the output gate is h at t; "
    "it goes on to the next step and up to the readout.",
)

# %% [markdown]
# Read it along its lines. The **memory** runs straight through on top and meets two operations, a product and
# a sum. Each of the **four boxes** at the bottom is a small layer that reads the same two things, $h_{t-1}$
# and $x_t$: three gates with a sigmoid, one candidate with a tanh. (The drawing has the forget gate first,
# because it acts first; in the arrays the order is $i, f, g, o$.) Two arrows leave the step to the right,
# $c_t$ and $h_t$. Only **one** goes up to the readout or to the next layer, $h_t$; the memory is private to
# its cell.


# %% exercise="lstm_step"
def lstm_step(x, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of the LSTM: c_t = f_t * c_{t-1} + i_t * g_t and h_t = o_t * tanh(c_t).

    x (N, D), h_prev (N, H), c_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> h (N, H), c (N, H).
    Source: Gers, Schmidhuber and Cummins (2000), Learning to Forget.
    """
    # BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    c = f * c_prev + i * g
    return o * np.tanh(c), c
    # END SOLUTION


# %%
check(lstm_step)

# %% [markdown]
# Switch the output gate off and on with nothing but its bias, and stack two cells to see who reads what:

# %% tags=["demo", "hide-input"] claims="1.17 1.22 2.10 E36"
rng = np.random.default_rng(2)
N, D, H = 3, 5, 7
W_xh, W_hh, b_h = rng.normal(size=(D, 4 * H)), rng.normal(size=(H, 4 * H)), rng.normal(size=4 * H)
x, h, c = rng.normal(size=(N, D)), rng.normal(size=(N, H)), rng.normal(size=(N, H))


def with_output_bias(value):
    return np.concatenate([b_h[: 3 * H], np.full(H, value)])


hidden, kept = lstm_step(x, h, c, W_xh, W_hh, with_output_bias(-1000.0))
shown, same = lstm_step(x, h, c, W_xh, W_hh, with_output_bias(1000.0))
print(
    f"o = 0: largest |h| is {np.abs(hidden).max():.1f};  o = 1: h is tanh(c);  the memory is the same in both"
)
assert np.all(hidden == 0) and np.allclose(shown, np.tanh(same)) and np.all(kept == same)

i, f, g, o = lstm_gates(x, h, W_xh, W_hh, b_h)
print("smallest and largest of i, f, g, o:", [f"{a.min():.2f}..{a.max():.2f}" for a in (i, f, g, o)])
assert all(a.min() >= 0 and a.max() <= 1 for a in (i, f, o)) and g.min() < 0  # g is content, not a gate

second = rng.normal(size=(H, 4 * H)), rng.normal(size=(H, 4 * H)), rng.normal(size=4 * H)
above, _ = lstm_step(hidden, h, c, *second)  # the layer above reads h, (N, H)
below, _ = lstm_step(x, h, c + 1, W_xh, W_hh, with_output_bias(-1000.0))
unmoved, _ = lstm_step(below, h, c, *second)
print(f"memory of layer 1 changed behind a shut gate: layer 2 changes by {np.abs(above - unmoved).max()}")
assert np.all(above == unmoved)  # c never goes up

# %% [markdown]
# ### Along the sequence
#
# Nothing new: a loop that carries $h_t$ and $c_t$ from step to step, one `lstm_step` in each round. (As in
# lesson 04, the products $x_t W_{xh}$ need no state, and could be taken before the loop for all steps at
# once.) The file `benchmarks/bench_gated.py` compares the speed of your loop with PyTorch's own.


# %% exercise="lstm_forward"
def lstm_forward(x, h0, c0, W_xh, W_hh, b_h):
    """Run the LSTM along a batch of sequences; return the states and the memories after every step.

    x (N, T, D), h0 (N, H), c0 (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> h (N, T, H), c (N, T, H).
    Source: Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers et al. (2000).
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    H = len(W_hh)
    h, c = np.empty((N, T, H)), np.empty((N, T, H))
    h_t, c_t = h0, c0
    for t in range(T):
        h_t, c_t = lstm_step(x[:, t], h_t, c_t, W_xh, W_hh, b_h)
        h[:, t], c[:, t] = h_t, c_t
    return h, c
    # END SOLUTION


# %%
check(lstm_forward)

# %% [markdown]
# ### What it costs
#
# Four blocks, each the size of a plain recurrent layer. `LSTM(3)` on 10 inputs has 168 parameters; PyTorch
# counts 180, because it stores a second bias for every one of the 12 columns, although only the sum of the
# two has an effect.

# %% tags=["demo", "hide-input"] claims="1.23 4.10"
import torch

ours = sum(a.size for a in (np.empty((10, 12)), np.empty((3, 12)), np.empty(12)))
theirs = sum(p.numel() for p in torch.nn.LSTM(10, 3).parameters())
plain = 10 * 3 + 3 * 3 + 3
print(f"ours {ours} = 4 x {plain};  torch.nn.LSTM {theirs} = {ours} + {theirs - ours} second biases")
assert ours == 168 == 4 * plain and theirs == 180

# %% [markdown]
# And it *is* PyTorch's cell. Copy the weights across (transposed, our bias as one of its two) and compare:

# %% tags=["demo"] claims="3.8 3.9 4.9"
rng = np.random.default_rng(3)
N, T, D, H = 3, 11, 5, 7
x = rng.normal(size=(N, T, D))
h0, c0 = rng.normal(size=(2, N, H))
weights = rng.normal(size=(D, 4 * H)) / 2, rng.normal(size=(H, 4 * H)) / 2, rng.normal(size=4 * H)
module = torch.nn.LSTM(D, H, batch_first=True, dtype=torch.float64)
with torch.no_grad():
    for parameter, value in zip(module.parameters(), (*weights, np.zeros(4 * H)), strict=True):
        parameter.copy_(torch.from_numpy(value.T))
    start = torch.from_numpy(h0[None]), torch.from_numpy(c0[None])  # each (1, N, H)
    h_torch, (_, c_torch) = module(torch.from_numpy(x), start)
h, c = lstm_forward(x, h0, c0, *weights)
apart = np.abs(h - h_torch.numpy()).max(), np.abs(c[:, -1] - c_torch[0].numpy()).max()
print("largest difference: h {:.1e}, c_T {:.1e}".format(*apart))
assert max(apart) < 1e-12

# %% [markdown]
# ## 4 · What is it good for? Real text
#
# Before you write its way back, let PyTorch train it once, on lesson 06's task: English prose, predict the
# next character, measured in bits per character on text that was never trained on. Both contestants are
# smaller than the network there, so that three seeds of each take a few seconds. A plain RNN of 128 units
# meets an LSTM with *as many parameters*, which is about half as many units, on the same number of steps.
# Each has the best of three learning rates, a factor of two apart, chosen on a validation piece of the
# training text, not on the text that is scored here.
#
# <details><summary>Predict: as many parameters, half as many units. Which of the two predicts the next
# character better, and do the seeds agree?</summary>
#
# The LSTM, and they do.
#
# </details>

# %% tags=["demo", "hide-input"]
from coursekit.data import characters
from coursekit.lstm import SequenceModel, train_characters

text = characters()
settings = {"RNN": ("rnn", 128, 8e-3, ORANGE, "s"), "LSTM": ("lstm", 60, 32e-3, BLUE, "o")}
sizes = {
    name: sum(p.numel() for p in SequenceModel(kind, text.V, units, text.V, 0).parameters())
    for name, (kind, units, *_) in settings.items()
}
rounds, per_round, held_out = 3, 150, 10_000
bits = {}
with one_thread():
    for name, seed in progress_bar([(n, s) for s in range(3) for n in settings], "reading"):
        kind, units, lr, *_ = settings[name]
        _, bits[name, seed] = train_characters(
            kind, text, seed, H=units, rounds=rounds, steps=per_round, held_out=held_out, lr=lr
        )
fig, (ax,) = figure(width=6.5, height=3.4)
for name, (*_, colour, marker) in settings.items():
    curves = [bits[name, seed] for seed in range(3)]
    spread(ax, per_round * np.arange(1, rounds + 1), curves, name, colour, marker)
ax.set(xlabel="training steps", ylabel="held-out bits per character", xticks=(150, 300, 450))
ax.legend()
show(
    fig,
    alt="Held-out bits per character after 150, 300 and 450 training steps, medians and narrow bands of "
    "three seeds: the LSTM's line lies below the RNN's everywhere.",
)
final = {name: np.array([bits[name, s][-1] for s in range(3)]) for name in settings}
for name in settings:
    print(
        f"{name:4s} {sizes[name]:6d} parameters: {np.round(np.sort(final[name]), 2)} bits "
        f"after {rounds * per_round} steps"
    )
gains = np.median(final["RNN"]) - np.median(final["LSTM"])
print(f"between the medians: {gains:.2f} bits per character")
assert abs(sizes["RNN"] - sizes["LSTM"]) < 0.05 * sizes["RNN"]
assert final["LSTM"].max() < final["RNN"].min() - 0.03

# %% [markdown]
# The LSTM wins at every seed, with as many parameters and as many steps, by about 0.3 bits per character. It
# is a short training: what would be left of the difference if both were trained to the end, it does not say.
# (Lesson 18 comes back to this text.)
#
# **A good place to stop.** You have built the whole cell, and it is PyTorch's. What follows, in a second
# sitting, is its way back, what it takes to make it remember, and a look inside while it does.
#
# ## 5 · Backwards
#
# Walk the step from its end to its beginning. As in lesson 06, $a$ is a sum before its squashing, so $a_i$,
# $a_f$, $a_g$, $a_o$ are the four sums of this step, and $da$ the gradients that reach them.

# %% tags=["demo", "hide-input"]
show(
    lstm_cell(backward=True),
    alt="The LSTM cell with its gradients as dashed arrows. From the right comes dc from the next step; dh "
    "goes up through the output gate and the tanh and joins it; the sum runs to the left along the memory "
    "and leaves, multiplied by the forget gate.",
)

# %% [markdown]
# The loss reaches $h_t$ (call that $dh_t$), and the *next* step's memory reaches $c_t$ (call that $dc_t$).
# The memory has **two heirs**, the next memory and its own $h_t$, so first they are added:
#
# $$dc_t \leftarrow dc_t + dh_t \odot o_t \odot (1-\tanh^2 c_t)$$
#
# Then each factor of $f\odot c_{t-1} + i\odot g$ gets the gradient times the *other* factor, and each of
# the four passes its own squashing (the slope of the sigmoid is $s(1-s)$, that of the candidate's tanh
# $1-g^2$):
#
# $$da_i = dc_t\odot g\odot i(1-i), \qquad da_f = dc_t\odot c_{t-1}\odot f(1-f),$$
#
# $$da_g = dc_t\odot i\odot(1-g^2), \qquad da_o = dh_t\odot\tanh(c_t)\odot o(1-o)$$
#
# Side by side they are $da$ of shape $(N,4H)$, and the rest is lesson 06: $dx = da\,W_{xh}^\top$, $dh_{t-1}
# = da\,W_{hh}^\top$, $dW_{xh} = x^\top da$, $dW_{hh} = h_{t-1}^\top da$, $db$ the sum over the batch. The
# memory's own way back is the short one: $dc_{t-1} = dc_t \odot f_t$. No matrix, no squashing.


# %% exercise="lstm_step_backward"
def lstm_step_backward(dh, dc, x, h_prev, c_prev, W_xh, W_hh, b_h):
    """Gradients of one LSTM step, given those of the loss with respect to its results h and c.

    dh (N, H) is what reaches h; dc (N, H) is what reaches c from the *next* step's memory, without what comes
    through h. x (N, D), h_prev (N, H), c_prev (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> dx (N, D), dh_prev (N, H), dc_prev (N, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).
    Source: Gers, Schmidhuber and Cummins (2000); Greff et al. (2017), LSTM: A Search Space Odyssey, appendix.
    """
    # BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h_prev, W_xh, W_hh, b_h)
    shown = np.tanh(f * c_prev + i * g)
    dc = dc + dh * o * (1 - shown**2)  # c has two heirs: the next memory, and h
    da = np.concatenate(
        [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2), dh * shown * o * (1 - o)],
        axis=-1,
    )  # (N, 4H)
    return da @ W_xh.T, da @ W_hh.T, dc * f, x.T @ da, h_prev.T @ da, da.sum(axis=0)
    # END SOLUTION


# %%
check(lstm_step_backward)

# %% [markdown]
# Then through time, last step first, with *two* gradients in hand: $dh$, which the loss adds to at every
# step, and $dc$. Run the forward pass first, since every step needs the state and the memory *before* it;
# then call your step's backward in a loop, and add up what it says about the weights.
#
# <details><summary>Predict: the loss looks at the last state only. What does the step before the last get as
# its dh and as its dc?</summary>
#
# Its $dh$ is what came back through the four gates of the last step, $da\,W_{hh}^\top$: the loss itself adds
# nothing there. Its $dc$ is $dc_T\odot f_T$, past no matrix.
#
# </details>


# %% exercise="lstm_backward"
def lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h):
    """Backpropagation through time for the LSTM: gradients of the loss through all T steps.

    dh (N, T, H): dh[:, t] is the loss's gradient with respect to h_t itself, later steps left out.
    x (N, T, D), h0 (N, H), c0 (N, H), W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)
    -> dx (N, T, D), dh0 (N, H), dc0 (N, H), dW_xh (D, 4H), dW_hh (H, 4H), db_h (4H,).
    Source: Greff et al. (2017), LSTM: A Search Space Odyssey, appendix.
    """
    # BEGIN SOLUTION
    h, c = lstm_forward(x, h0, c0, W_xh, W_hh, b_h)
    h_before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H): what each step started from
    c_before = np.concatenate([c0[:, None], c[:, :-1]], axis=1)
    dx, dh_t, dc_t = np.empty(x.shape), np.zeros(h0.shape), np.zeros(c0.shape)
    dW_xh, dW_hh, db_h = np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(b_h.shape)
    for t in reversed(range(x.shape[1])):
        dx[:, t], dh_t, dc_t, dW_xh_t, dW_hh_t, db_h_t = lstm_step_backward(
            dh[:, t] + dh_t, dc_t, x[:, t], h_before[:, t], c_before[:, t], W_xh, W_hh, b_h
        )
        dW_xh, dW_hh, db_h = dW_xh + dW_xh_t, dW_hh + dW_hh_t, db_h + db_h_t
    return dx, dh_t, dc_t, dW_xh, dW_hh, db_h
    # END SOLUTION


# %%
check(lstm_backward)

# %% [markdown]
# Do the gates really learn? They do if the loss pulls at their weights. And do you trust the checker's
# autograd? Then compare one weight of each block with finite differences, which know nothing of either.

# %% tags=["demo", "hide-input"] claims="1.21"
upstream = rng.normal(size=(N, T, H))
slopes = lstm_backward(upstream, x, h0, c0, *weights)[4]  # (H, 4H)


def loss(W):
    return np.sum(upstream * lstm_forward(x, h0, c0, weights[0], W, weights[2])[0])


for block, name in enumerate(["input gate", "forget gate", "candidate", "output gate"]):
    up, down = weights[1].copy(), weights[1].copy()
    up[2, block * H + 1] += 1e-5
    down[2, block * H + 1] -= 1e-5
    numeric = (loss(up) - loss(down)) / 2e-5
    print(f"{name:12s} yours {slopes[2, block * H + 1]:+.6f}   finite difference {numeric:+.6f}")
    assert np.isclose(slopes[2, block * H + 1], numeric, rtol=1e-5)
    assert np.abs(slopes[:, block * H : (block + 1) * H]).min() > 0  # every gate is pulled at

# %% [markdown]
# ## 6 · The forget bias
#
# Remember one half: with a zero bias a fresh forget gate stands at about 0.5, and after ten steps a
# thousandth is left. The gate *could* learn to open, but the gradient that would tell it so has to cross
# the same ten gates. The remedy is almost silly: start with the gate open, by setting its bias to 1 (Gers
# et al., 2000; Jozefowicz, Zaremba and Sutskever, 2015, found it decisive).
#
# Try it on the smallest case: one unit whose gates stand still at $\sigma(b_f)$ and $\sigma(b_i)$. It starts
# with a note in its memory, once $+1$ and once $-1$, and reads the same random candidates in both. As long as
# the two lines can be told apart, the note is remembered.

# %% tags=["demo", "hide-input"]
random_candidates = np.tanh(np.random.default_rng(5).normal(size=(1, 100, 1)))


def two_notes(forget_bias, input_bias):
    """What is left of a note, and the memory that holds it, for gates that stand still."""
    f, i = sigmoid(np.array([forget_bias, input_bias], dtype=float))
    made, (share, memory_ax) = figure(2, width=10, height=3.2)
    half = np.log(0.5) / np.log(f)
    share.plot(f ** np.arange(101), color=GATE)
    share.axvline(min(half, 100), color="grey", ls=":")
    share.set(xlabel="steps", ylabel="share of the note", ylim=(-0.03, 1.03), xlim=(0, 100))
    share.set_title(f"f = {f:.4f}: half is gone after {half:.1f} steps")
    for note, dash in ((1.0, "-"), (-1.0, "--")):
        c = carry_memory(f + 0 * random_candidates, i + 0 * random_candidates, random_candidates, [[note]])
        memory_ax.plot([note, *c[0, :, 0]], color=MEMORY, ls=dash, label=f"the note was {note:+.0f}")
    memory_ax.set(xlabel="steps", ylabel="memory c", title=f"i = {i:.3f} of each candidate is written")
    memory_ax.margins(y=0.3)
    memory_ax.legend(loc="upper right")
    return made


explore(
    two_notes,
    alt="Both biases 0. Left: the share of the note halves at every step and is nothing after ten. Right: "
    "the memories of the two notes meet after a few steps and are one noisy line from there on.",
    forget_bias=(0, 1, 2, 3, 4, 5, 7),
    input_bias=(0, -1, -2, -4),
)
by_bias = {b: np.log(0.5) / np.log(sigmoid(np.array(float(b)))) for b in (0, 1, 2, 3, 5, 7)}
print("steps until half is gone, by forget bias:", {b: f"{half:.1f}" for b, half in by_bias.items()})

# %% [markdown]
# With both biases at 0, as drawn, the note is gone at once. At forget bias 5 the two lines stay apart for the
# whole hundred steps, but with the input gate half open they wander as well: what is kept is the
# *difference*. A small input gate (bias $-4$) keeps the noise out, too.


# %% exercise="set_forget_bias"
def set_forget_bias(b_h, value):
    """The same biases with the forget gate's set to `value`; b_h itself stays as it is.

    b_h (4H,) in the order i, f, g, o; value, a number -> (4H,).
    Source: Jozefowicz, Zaremba and Sutskever (2015), An Empirical Exploration of Recurrent Networks.
    """
    # BEGIN SOLUTION
    b, H = b_h.copy(), len(b_h) // 4
    b[H : 2 * H] = value
    return b
    # END SOLUTION


# %%
check(set_forget_bias)

# %% [markdown]
# First look at gradients in fresh cells, before any training: how strongly does the memory at the end depend
# on the memory $k$ steps before, by all paths through the steps between? `total_jacobians` walks back with
# *your* step, one row of the identity per unit. For the plain network it is the product of step Jacobians of
# lesson 07.


# %% tags=["demo", "hide-input"]
def total_jacobians(x, W_xh, W_hh, b_h):
    """Norms of d c_T / d c_{T-k}, k = 0..T, by every path but h_{T-k}; x (T, D), zero initial state."""
    T, H = len(x), len(W_hh)
    copies = np.repeat(x[None], H, axis=0)  # (H, T, D): row j carries the gradient of unit j
    zeros = np.zeros((H, 1, H))
    h, c = lstm_forward(copies, zeros[:, 0], zeros[:, 0], W_xh, W_hh, b_h)
    h, c = np.concatenate([zeros, h], axis=1), np.concatenate([zeros, c], axis=1)  # (H, T + 1, H)
    dh, dc, norms = np.zeros((H, H)), np.eye(H), [1.0]
    for t in reversed(range(T)):
        _, dh, dc, *_ = lstm_step_backward(dh, dc, copies[:, t], h[:, t], c[:, t], W_xh, W_hh, b_h)
        norms.append(np.linalg.norm(dc, 2))
    return np.array(norms)


def rnn_jacobians(x, W_xh, W_hh, b_h):
    """Norms of d h_T / d h_{T-k} for k = 0..T of the plain network."""
    h = rnn_forward(x[None], np.zeros((1, len(W_hh))), W_xh, W_hh, b_h)[0]
    J, norms = np.eye(len(W_hh)), [1.0]
    for h_t in h[::-1]:
        J = (J * (1 - h_t**2)) @ W_hh.T
        norms.append(np.linalg.norm(J, 2))
    return np.array(norms)


def fresh(seed, D, H, blocks, gain=1.0):
    draw = np.random.default_rng(seed)
    W_hh = gain * draw.normal(size=(H, blocks * H)) / np.sqrt(H)
    return (
        draw.normal(size=(100, D)),
        draw.normal(size=(D, blocks * H)) / np.sqrt(D),
        W_hh,
        np.zeros(blocks * H),
    )


D, H, seeds = 5, 24, range(5)
fig, (ax,) = figure(width=7.5, height=3.8)
lags = np.arange(101)
by_model = {"plain RNN": [rnn_jacobians(*fresh(s, D, H, 1)) for s in seeds]}
for bias in (0.0, 1.0, 5.0):
    cells = [fresh(s, D, H, 4) for s in seeds]
    by_model[f"LSTM, forget bias {bias:.0f}"] = [
        total_jacobians(x, W_xh, W_hh, set_forget_bias(b, bias)) for x, W_xh, W_hh, b in cells
    ]
for (label, curves), colour in zip(by_model.items(), (ORANGE, BLUE, GREEN, PURPLE), strict=True):
    spread(ax, lags, curves, label, colour, marker="")
for line, dash in zip(ax.lines, ("-", "--", "-.", ":"), strict=True):
    line.set_linestyle(dash)
ax.set(yscale="log", xlabel="lag k (steps back)", ylabel="norm of the Jacobian", ylim=(1e-30, 1e3))
ax.legend(loc="lower left")
show(
    fig,
    alt="Gradient norm against lag on a logarithmic scale. The plain RNN and the LSTM with forget bias 0 "
    "fall fast and side by side, with bias 1 it falls slowly, with bias 5 it rises above 1, to some tens.",
)
at_end = {label: np.median([curve[100] for curve in curves]) for label, curves in by_model.items()}
print({label: f"{value:.0e}" for label, value in at_end.items()})
assert at_end["LSTM, forget bias 0"] < 1e-8 and at_end["LSTM, forget bias 5"] > 1e-3

# %% [markdown]
# The gates alone win nothing: at bias 0 the fresh LSTM forgets about as fast as the network that it was
# meant to replace. It is the *open* gate that keeps gradients alive. (With bias 5 the norm even grows. Where
# does that come from, when no gate exceeds 1? Section 8.)
#
# Now train. The task is the cleanest test of memory there is: read $T$ random symbols out of four, the first
# one flagged; at the end, name the first. All others are noise. Guessing gives 1/4. Each model gets 24 units,
# 300 batches and the same optimiser, on lags of 10 and 25, three seeds each. The last contestant spreads its
# biases, so that unit $j$ remembers for some number of steps between 1 and $T$: the "chrono" initialisation
# of Tallec and Ollivier (2018), $b_f = \log u$ with $u$ uniform in $[1, T-1]$, and $b_i = -b_f$. It alone is
# trained on a lag of 50 as well.
#
# <details><summary>Predict: which of the four learn to name a symbol after 10 steps? And after 25?</summary>
#
# After 10 steps the LSTM with forget bias 1 and the one with spread biases, at every seed, and the plain RNN
# at two seeds of three. After 25, in this short training, the one with spread biases only.
#
# </details>

# %% tags=["demo", "hide-input"]
from coursekit.lstm import course_weights, recall_batch, train_recall

contestants = {
    "plain RNN": ("rnn", None, ORANGE, (10, 25)),
    "LSTM, forget bias 0": ("lstm", 0.0, BLUE, (10, 25)),
    "LSTM, forget bias 1": ("lstm", 1.0, GREEN, (10, 25)),
    "LSTM, chrono bias": ("lstm", "chrono", PURPLE, (10, 25, 50)),
}
seeds = range(3)
accuracy, models = {}, {}
with one_thread():
    jobs = [(label, T, s) for label, (*_, waits) in contestants.items() for T in waits for s in seeds]
    for label, T, seed in progress_bar(jobs, "training"):
        kind, bias, *_ = contestants[label]
        models[label, T, seed], accuracy[label, T, seed] = train_recall(kind, T, seed, bias=bias)
fig, axes = figure(columns=3, width=11, height=3.2)
for ax, T in zip(axes, (10, 25, 50), strict=True):
    rows = {label: [accuracy.get((label, T, s), np.nan) for s in seeds] for label in contestants}
    dots(ax, rows, [colour for _, _, colour, _ in contestants.values()])
    ax.axvline(1 / 4, color="grey", ls=":")
    ax.set(title=f"{T} steps to remember", xlabel="accuracy", xlim=(0, 1.05))
for ax in axes[1:]:
    ax.set_yticklabels([])
axes[2].text(0.28, 0.5, "dotted: guessing", color="#555555", fontsize=9)
axes[2].text(0.28, 1.5, "the others were not\ntrained on 50 steps", color="#555555", fontsize=9, va="center")
show(
    fig,
    alt="Accuracy of three seeds for four models: at 10 steps the LSTMs with forget bias 1 and with chrono "
    "bias are right, at 25 only the one with chrono bias is, and it still is at 50.",
)
median = {(label, T): np.median([accuracy[label, T, s] for s in seeds]) for label, T, _ in jobs}
for label, (*_, waits) in contestants.items():
    print(f"{label:20s}", {T: sorted(round(accuracy[label, T, s], 2) for s in seeds) for T in waits})
assert median["LSTM, forget bias 1", 10] > 0.9 > median["LSTM, forget bias 0", 25] + 0.4
assert min(median["LSTM, chrono bias", T] for T in (25, 50)) > median["LSTM, forget bias 1", 25] + 0.4
assert max(median[label, 25] for label in contestants if "chrono" not in label) < 0.4

# %% [markdown]
# A dot is a seed, the stroke their median. Read it slowly, for it is not the story that is usually told:
#
# - "An LSTM remembers longer than an RNN" is **not** what a short training shows. With a zero forget bias
#   it is no better than the plain network, and at ten steps worse.
# - The *same cell* with other starting values in its bias vector goes, at 25 steps, from chance to perfect.
#   Nothing else was changed.
# - A bias of 1 buys some ten steps and no more: it lets half of a note go every 2.2 steps.
#
# This was one learning rate, one size and a short training, on purpose. In the same time a larger plain
# network learns 25 steps with most seeds (lesson 10), and a longer training may bring other cells there, too.
# But if an LSTM "does not learn" long lags, look at the forget bias before you look anywhere else.

# %% [markdown]
# The exercises are done. Section 7 looks into a cell that remembers; section 8, on what the LSTM does not
# solve, can wait for another evening.
#
# ## 7 · Watch it remember
#
# Take the chrono cells that were trained on 50 steps and let them run for **150**, three times longer than
# they were ever asked to. One of the three, the best at it, we watch. The same noise comes four times, each
# time after a different first symbol. We run it with *your* `lstm_forward` on the trained weights, and read
# the gates with *your* `lstm_gates`.

# %% tags=["demo", "hide-input"]
T = 150


def right_at_end(model, x, answers):
    with torch.no_grad():
        return np.mean(model(torch.from_numpy(x))[:, -1].argmax(dim=1).numpy() == answers)


chosen_on = recall_batch(np.random.default_rng(6), 400, T)
best = max(seeds, key=lambda s: right_at_end(models["LSTM, chrono bias", 50, s], *chosen_on))
trained = models["LSTM, chrono bias", 50, best]
W_xh, W_hh, b_x, b_h = course_weights(trained.layer)
weights, H = (W_xh, W_hh, b_x + b_h), len(W_hh)


def run(x, *weights):
    """h, c and the gates i, f, o, each (N, T, H)."""
    zeros = np.zeros((len(x), H))
    h, c = lstm_forward(x, zeros, zeros, *weights)
    before = np.concatenate([zeros[:, None], h[:, :-1]], axis=1)
    rows = lstm_gates(x.reshape(-1, x.shape[2]), before.reshape(-1, H), *weights)  # each (N T, H)
    i, f, _, o = (gate.reshape(h.shape) for gate in rows)
    return h, c, i, f, o


x = np.repeat(recall_batch(np.random.default_rng(7), 1, T)[0].astype(float), 4, axis=0)
x[:, 0, :4] = np.eye(4)  # four different beginnings, the same 149 symbols after them
h, c, i, f, o = run(x, *weights)
with torch.no_grad():
    h_torch = trained.layer(torch.from_numpy(x.astype(np.float32)))[0].numpy()
assert np.abs(h - h_torch).max() < 1e-3  # the same cell, there in float32

many, answers = recall_batch(np.random.default_rng(8), 400, T)
W_hy, b_y = (p.detach().double().numpy() for p in trained.readout.parameters())
right = np.mean((run(many.astype(float), *weights)[0][:, -1] @ W_hy.T + b_y).argmax(axis=1) == answers)
print(f"trained on 50 steps, tested on {T}: accuracy {right:.2f}")

kept = np.mean([memory_retention(f_k)[0] for f_k in f], axis=0)  # (H,): of the first memory, at the end
apart = np.diff(np.sort(c[:, -1], axis=0), axis=0).min(axis=0)  # (H,): of the two closest memories
unit = int(np.argmax(kept * apart))  # keeps much, and tells the four beginnings apart
symbol = int(np.abs(c[:, -1, unit]).argmax())  # whose memory went furthest
fig, (left, right_ax) = figure(columns=2, width=11, height=3.8)
for k, colour in enumerate((BLUE, ORANGE, GREEN, PURPLE)):
    left.plot(c[k, :, unit], color=colour, ls=("-", "--", "-.", ":")[k], label=f"after symbol {k}")
left.set(title=f"memory of unit {unit}", xlabel="step", ylabel="c")
low, high = left.get_ylim()
left.set_ylim(low, high + 0.35 * (high - low))
left.legend(loc="upper center", ncols=2)
for gate, name, dash, width in ((f, "forget f", "-", 2), (o, "output o", ":", 1.2), (i, "input i", "-", 0.7)):
    right_ax.plot(gate[symbol, :, unit], color=GATE, ls=dash, label=name, lw=width)
right_ax.set(title=f"its gates, after symbol {symbol}", xlabel="step", ylim=(-0.03, 1.25))
right_ax.legend(loc="upper center", ncols=3)
show(
    fig,
    alt="Left: one unit's memory drifts apart after four different beginnings, for 150 steps. Right: its "
    "forget gate stays close to one, its input gate is lower and flickers.",
)
first, last = c[:, 0, unit].std(), c[:, -1, unit].std()
print(
    f"unit {unit}: median forget gate {np.median(f[..., unit]):.4f}, input gate {np.median(i[..., unit]):.2f}"
)
print(f"spread of its memory over the four beginnings: {first:.2f} after 1 step, {last:.1f} after {T}")
assert right > 0.9 and np.median(f[..., unit]) > 0.98
assert last > 10 * first

# %% [markdown]
# The forget gate stands close to 1, as the arithmetic demanded. But look at the left picture again. The
# textbook story is a note locked in a drawer: written once, the input gate shut, read at the end. **This
# cell does something else.** What the first symbol wrote is tiny; the memories then *drift apart*, step
# after step. The cell reads its own state and writes the same answer again and again: it rehearses. Which
# of the two is needed, the open forget gate or the rehearsal? Take one of them away after 25 steps, and count
# right answers at step 150, for all three trained cells.
#
# <details><summary>Predict: from step 25 on the input gate is held shut. And in a second run, the forget gate
# is held at one half. Which of the two still answers right at step 150?</summary>
#
# The one without writing: what it holds by then is large enough to stay. With a forget gate at one half
# nothing stays, however often the cell writes.
#
# </details>


# %% tags=["demo", "hide-input"]
def accuracy_with(change, seed, since=25):
    """Accuracy at the end when `change(i, f)` replaces the two gates from step `since` on."""
    model = models["LSTM, chrono bias", 50, seed]
    W_xh, W_hh, b_x, b_h = course_weights(model.layer)
    W_hy, b_y = (p.detach().double().numpy() for p in model.readout.parameters())
    h = c = np.zeros((len(many), H))
    for t in range(T):
        i, f, g, o = lstm_gates(many[:, t].astype(float), h, W_xh, W_hh, b_x + b_h)
        i, f = change(i, f) if t >= since else (i, f)
        c = f * c + i * g
        h = o * np.tanh(c)
    return float(np.mean((h @ W_hy.T + b_y).argmax(axis=1) == answers))


valves = {
    "as trained": lambda i, f: (i, f),
    "no more writing, i = 0": lambda i, f: (0 * i, f),
    "no more writing, f = 1": lambda i, f: (0 * i, np.ones_like(f)),
    "everything erased, f = 0": lambda i, f: (i, 0 * f),
    "half erased, f = 0.5": lambda i, f: (i, 0 * f + 0.5),
}
found = {label: [accuracy_with(change, seed) for seed in seeds] for label, change in valves.items()}
for label, values in found.items():
    print(f"{label:26s} accuracy of the three cells", "  ".join(f"{value:.2f}" for value in sorted(values)))
assert max(found["as trained"]) > 0.9 and max(found["no more writing, f = 1"]) > 0.6
assert max(found["everything erased, f = 0"]) < 0.5 and max(found["half erased, f = 0.5"]) < 0.5

# %% [markdown]
# Erasing is fatal: rehearsal without an open forget gate holds nothing, not even when half of the memory
# stays. But once the four memories have drifted apart, writing may stop altogether: the drawer holds. So both
# stories have their part here. Rehearsal makes a faint trace strong, the forget gate keeps it.

# %% [markdown]
# ## 8 · What the LSTM does not solve
#
# **"Vanishing and exploding are solved."** Vanishing we have seen: a product of gates below 1. Exploding
# comes through the other road. $h_t$ still enters the gates through $W_{hh}$, a matrix, at every step;
# nothing bounds *that* product. With large recurrent weights:


# %% tags=["demo", "hide-input"] claims="E11"
def gradient_at_start(seed, gain, T=50, D=5, H=16):
    """Norm of d(sum of h_T)/d h_0 for a random LSTM whose recurrent weights have this gain."""
    draw = np.random.default_rng(seed)
    W_xh = draw.normal(size=(D, 4 * H)) / np.sqrt(D)
    W_hh = gain * draw.normal(size=(H, 4 * H)) / np.sqrt(H)
    dh = np.zeros((1, T, H))
    dh[:, -1] = 1
    x, b_h = draw.normal(size=(1, T, D)), np.repeat([0.0, 1.0, 0.0, 0.0], H)
    h0, c0 = 0.1 * draw.normal(size=(2, 1, H))
    return np.linalg.norm(lstm_backward(dh, x, h0, c0, W_xh, W_hh, b_h)[1])


norms = {gain: [gradient_at_start(seed, gain) for seed in range(20)] for gain in (0.5, 1, 2, 4, 8)}
for gain, found in norms.items():
    print(
        f"gain {gain:<4} gradient after 50 steps: median {np.median(found):8.1e}, largest {max(found):8.1e}"
    )
assert np.median(norms[0.5]) < 1e-3  # it vanishes
assert max(norms[8]) > 1e3  # and it explodes, in the same cell

# %% [markdown]
# So keep lesson 08's clipping when you train an LSTM. What the cell gives is a **choice**: a path whose
# factor the network may set close to 1 where it needs to. It is no guarantee.
#
# <details><summary>And is it true that "the additive path keeps growing"?</summary>
#
# Two different things are mixed up in that sentence. Take the ungated cell $c_t = c_{t-1} + g_t$, all gates
# open. Along the *direct* path the derivative is exactly 1, whatever happens. But $c$ also acts on itself
# through $h$ and $g$, and *those* products can grow. And the memory's *value* grows, by up to one unit per
# step.
#
# </details>
#
# To see all three apart, hold every gate open and measure the derivative along the memory alone, the
# derivative by all paths, and the memory's value:

# %% tags=["demo", "hide-input"] claims="E10"
rng = np.random.default_rng(11)
D, H, T = 5, 16, 50
open_gates = np.repeat([50.0, 50.0, 0.0, 50.0], H)  # sigmoid(50) is 1 in float64
grown = []
for _ in range(8):
    W_xh, W_hh = rng.normal(size=(D, 4 * H)) / np.sqrt(D), rng.normal(size=(H, 4 * H)) / np.sqrt(H)
    W_xh[:, np.r_[: 2 * H, 3 * H : 4 * H]] = W_hh[:, np.r_[: 2 * H, 3 * H : 4 * H]] = (
        0  # only g looks at anything
    )
    x = rng.normal(size=(H, T, D))[:1].repeat(H, axis=0)
    state, memories, before = (np.zeros((H, H)), np.zeros((H, H))), [], []
    for t in range(T):
        before.append(state)
        state = lstm_step(x[:, t], *state, W_xh, W_hh, open_gates)
        memories.append(np.abs(state[1]).max())
    dh, dc = np.zeros((H, H)), np.eye(H)
    for t in reversed(range(T)):
        _, dh, dc, *_ = lstm_step_backward(dh, dc, x[:, t], *before[t], W_xh, W_hh, open_gates)
    grown.append(np.linalg.norm(dc, 2))
direct = memory_retention(np.ones((T, H)))[0]
print(f"direct path: {direct.min()}..{direct.max()}")
print(f"all paths, norm of dc_{T}/dc_0 in 8 draws: {min(grown):.1f}..{max(grown):.0f}")
print(f"largest |c| of the last draw after {T} steps: {memories[-1]:.1f}")
always = carry_memory(np.ones((1, T, 1)), np.ones((1, T, 1)), np.full((1, T, 1), 0.99), np.zeros((1, 1)))
assert np.all(direct == 1)  # the direct path does not grow
assert max(grown) > 3  # what grows is the way round through h
assert np.isclose(always[0, -1, 0], 0.99 * T)  # and the value: O(T) when all writes agree

# %% [markdown]
# ## What it cannot do yet
#
# - Four blocks of weights, two kinds of state, three gates. Is all of it needed? A cell that forgets
#   exactly as much as it writes would save one gate; a cell without a separate memory would save another.
# - And one number per unit is still all that is carried. What has been overwritten is gone; lesson 15 will
#   look back instead.
#
# The next lesson's question: **how much of that machinery is needed?**
