# %% [markdown]
# # 04 · The recurrent network in NumPy
#
# **Question:** what if the summary of the past were learned?
#
# **You will** write a recurrent network: one step, a whole sequence, its output layer and its loss; count
# what it learns; unroll it into one matrix; and let it write text, symbol by symbol. You will check every
# number against PyTorch, and you will know the shape of every array on the way.
#
# **Before:** matrix products and broadcasting in NumPy; lesson 03 (a state that carries the past) and lesson
# 01 (masks, the last valid step). Nothing is trained by gradient yet: that is lesson 06.
#
# **Time:** about 175 minutes, best in two sittings: sections 1 to 6 (the network), and 7 to 9 (what it says).
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 0.11 0.12 0.14 0.19 1.1-1.10 1.12 3.2 3.3 3.7 4.1 4.2 E18 E19 E21-E28

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.matrices import block_matrices, step_as_matrices
from coursekit.diagrams.rnn import loop_and_unrolled, two_readouts
from coursekit.plots import BLUE, RED, SIGNED, figure, show
from coursekit.training import one_thread, time_ratio

# %% [markdown]
# ## 1 · A network that hears itself
#
# Lesson 03 kept the past in a state of fixed size, $h_t$, and updated it with every input. The update was
# ours: we chose the matrices, or we computed a belief because we knew how the process worked. Now let the
# update be *learned*.
#
# Take the simplest network, one layer of $H$ units: $h = \tanh(x W_{xh} + b_h)$. It has no past. Give it one
# more input: its own result of one step ago, through a second matrix.
#
# $$h_t = \tanh(\underbrace{x_t}_{(N,D)}\,\underbrace{W_{xh}}_{(D,H)} + \underbrace{h_{t-1}}_{(N,H)}\,
# \underbrace{W_{hh}}_{(H,H)} + \underbrace{b_h}_{(H,)}) \qquad\text{of shape } (N,H)$$
#
# This is the network of Elman (1990). The state is a row of $H$ numbers for each of the $N$ sequences in the
# batch; it starts as $h_0$, usually zeros. The same three arrays $W_{xh}, W_{hh}, b_h$ serve every step, so a
# sequence may have any length.
#
# What we want from the state, the next symbol perhaps, is read off by one more layer, the **output**: $V$
# scores, one for each of $V$ classes,
#
# $$o_t = h_t\,\underbrace{W_{hy}}_{(H,V)} + \underbrace{b_y}_{(V,)} \qquad\text{of shape } (N,V).$$
#
# (Section 7 writes it.) There are two ways to draw all this, and they are the same network: a loop, or one
# copy per step.

# %% tags=["demo", "hide-input"] claims="1.1"
show(
    loop_and_unrolled(),
    alt="A recurrent network drawn twice. Left: the state h_t has an arrow W_hh back to itself, one step "
    "later; the input x_t enters through W_xh and the output o_t leaves through W_hy. Right: the same, "
    "unrolled into four copies; h_0 goes to h_1, h_2, h_3 and h_4 through the same W_hh.",
)

# %% [markdown]
# Look at what goes round: the **state** $h_t$. The output $o_t$ leaves the drawing and does not come back.
#
# ### Your first step
#
# Write the equation. Inputs and states are rows here and stand on the left of their weights; there is no loop
# over the batch, for `@` treats all $N$ rows alike.


# %% exercise="rnn_step"
def rnn_step(x, h_prev, W_xh, W_hh, b_h):
    """One step of the recurrent network: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h).

    x (N, D) this step's inputs, h_prev (N, H) the states before it,
    W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, H) the states after it.
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)
    # END SOLUTION


# %%
check(rnn_step)

# %% [markdown]
# Here is one such step with $D = 4$ inputs and $H = 8$ units, drawn to scale: every cell is a number, red
# above zero and blue below. Follow the shapes: $(1,4)(4,8)$ and $(1,8)(8,8)$ both give $(1,8)$, and so they
# can be added.

# %% tags=["demo", "hide-input"]
rng = np.random.default_rng(4)
D, H = 4, 8
W_xh = rng.normal(size=(D, H)) / np.sqrt(D)
W_hh = rng.normal(size=(H, H)) / np.sqrt(H)
b_h = 0.3 * rng.normal(size=H)
x_t, h_prev = rng.normal(size=(1, D)), np.tanh(rng.normal(size=(1, H)))

show(
    step_as_matrices(x_t, h_prev, W_xh, W_hh, b_h, rnn_step(x_t, h_prev, W_xh, W_hh, b_h)),
    alt="One step drawn to scale as coloured grids: tanh of x_t, 1 by 4, times W_xh, 4 by 8, plus the "
    "previous state, 1 by 8, times W_hh, 8 by 8, plus the bias of 8 numbers, gives the new state, 1 by 8.",
)

# %% [markdown]
# ### What it generalises, and two ways to write it
#
# With $W_{hh} = 0$ the loop is cut and an ordinary layer is left, a multilayer perceptron. And half of the
# books write columns instead of rows: $h_t = \tanh(W_{xh}^\top x_t + W_{hh}^\top h_{t-1} + b_h)$ with the
# weights' transposes, which are then $(H, D)$ and $(H, H)$: `8 × 4` and `8 × 8` for our sizes. Both are
# right; *half of each* is not. PyTorch stores the transposes, and two biases that always appear as a sum.

# %% tags=["demo", "hide-input"] claims="0.11 1.5 3.2"
import torch

cell = torch.nn.RNNCell(D, H, dtype=torch.float64)
with torch.no_grad():
    cell.weight_ih.copy_(torch.from_numpy(W_xh.T))  # (H, D)
    cell.weight_hh.copy_(torch.from_numpy(W_hh.T))  # (H, H)
    cell.bias_ih.copy_(torch.from_numpy(b_h))
    cell.bias_hh.zero_()
ours = rnn_step(x_t, h_prev, W_xh, W_hh, b_h)
theirs = cell(torch.from_numpy(x_t), torch.from_numpy(h_prev)).detach().numpy()
columns = np.tanh(W_xh.T @ x_t.T + W_hh.T @ h_prev.T + b_h[:, None]).T  # books with columns
no_loop = rnn_step(x_t, h_prev, W_xh, np.zeros((H, H)), b_h)
perceptron = np.tanh(x_t @ W_xh + b_h)

print(f"rows against torch.nn.RNNCell:  {np.abs(ours - theirs).max():.0e}")
print(f"rows against columns:           {np.abs(ours - columns).max():.0e}")
print(f"W_hh = 0 against a perceptron:  {np.abs(no_loop - perceptron).max():.0e}")
assert np.allclose(ours, theirs, atol=1e-12) and np.allclose(ours, columns, atol=1e-12)
assert np.allclose(no_loop, perceptron, atol=1e-12)

# %% [markdown]
# ### Slips of the pen
#
# Two of them change the network, and both are in print: the bias added *after* tanh, and `*` where `@` is
# meant. What they do, in numbers:

# %% tags=["demo", "hide-input"] claims="E22 E23"
x_long = rng.normal(size=(500, 1, D))
h_in, h_out = np.zeros((1, H)), np.zeros((1, H))
reach_in = reach_out = 0.0
for x_now in x_long:
    h_in = rnn_step(x_now, h_in, W_xh, W_hh, np.full(H, 2.0))
    h_out = np.tanh(x_now @ W_xh + h_out @ W_hh) + 2.0
    reach_in, reach_out = max(reach_in, np.abs(h_in).max()), max(reach_out, np.abs(h_out).max())
print(f"largest state in 500 steps, b = 2:  inside tanh {reach_in:.3f}   outside {reach_out:.3f}")
assert reach_in <= 1 < 2.5 < reach_out

nudged = h_prev.copy()
nudged[0, 0] += 0.5  # move unit 0 only: which units notice one step later?
full = rnn_step(x_t, nudged, W_xh, W_hh, b_h) != rnn_step(x_t, h_prev, W_xh, W_hh, b_h)
own = np.diag(np.diag(W_hh))
diagonal = rnn_step(x_t, nudged, W_xh, own, b_h) != rnn_step(x_t, h_prev, W_xh, own, b_h)
print(
    f"units that hear unit 0:             matrix product {full.sum()}       entry by entry {diagonal.sum()}"
)
assert full.sum() == H and diagonal.sum() == 1

# %% [markdown]
# <details><summary>Why, and a third one that only misleads</summary>
#
# - **The bias after tanh.** $\tanh(\cdot) + b$ is a state that leaves $[-1, 1]$. The bias is there to shift
#   the point at which a unit switches, and so it belongs inside.
# - **`*` where `@` is meant.** Entry-by-entry multiplication with the diagonal of $W_{hh}$ gives a network in
#   which each unit hears only itself. (That is a possible network, with $H$ instead of $H^2$ recurrent
#   weights; but it is not this one.)
# - **Names that suggest new weights.** $W_{h1}, W_{h2}, \dots$ for steps 1, 2, … look like different
#   matrices. There is one $W_{hh}$. And $h_{t-1}$ is the *previous step*, not the previous layer.
#
# </details>
#
# ### The state is fed back, not the output
#
# Two different pasts may call for the same output now and for different ones later. Only the state can hold
# them apart. The cell below makes two states that the output cannot tell apart, and runs both one step on.

# %% tags=["demo", "hide-input"] claims="E24"
V = 3
W_hy, b_y = rng.normal(size=(H, V)), rng.normal(size=V)
silent = np.linalg.svd(W_hy.T)[2][-1]  # (H,): a direction of the state that W_hy does not see
twin = h_prev + 0.5 * silent
now = np.abs(twin @ W_hy - h_prev @ W_hy).max()
later = np.abs((rnn_step(x_t, twin, W_xh, W_hh, b_h) - rnn_step(x_t, h_prev, W_xh, W_hh, b_h)) @ W_hy).max()
print(f"difference of the outputs now: {now:.0e}, one step later: {later:.2f}")
assert now < 1e-12 and later > 0.05

# %% [markdown]
# <details><summary>"The output is fed back", one reads; are there such networks?</summary>
#
# Yes (Jordan, 1986). Extra units keep a sum of the past outputs that decays, $s_t = \mu s_{t-1} + o_{t-1}$
# with $\mu < 1$, and the network reads them as it reads its input. Such a network remembers what it has
# said, and that less and less; what no output has shown is lost.
#
# </details>
#
# ## 2 · Along the sequence
#
# A whole sequence is the step, repeated: the state that comes out of step $t$ goes into step $t+1$. All $T$
# states are kept, because later layers, outputs and gradients will want them.
#
# Write the loop, with `rnn_step` or with its line written out. (Section 5 has a second look at it, and takes
# a part of the work out of the loop.)


# %% exercise="rnn_forward"
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    """Run the network along a batch of sequences and return the states after every step.

    x (N, T, D) real numbers or one-hot rows of whole ones, h0 (N, H) the states before the first step,
    W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, T, H); h[:, t] is the state after reading x[:, t].
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    states, h_t = [], h0
    for t in range(x.shape[1]):
        h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)  # rnn_step, written out
        states.append(h_t)
    return np.stack(states, axis=1)  # T arrays (N, H) -> (N, T, H)
    # END SOLUTION


# %%
check(rnn_forward)

# %% [markdown]
# ### The walk-through: T = 10, D = 4, H = 8
#
# One sequence of ten steps with four numbers each: as a batch of one, $(1, 10, 4)$. The state has eight units
# and starts at zero, $(1, 8)$. Row $t$ of the table is step $t$. Read it once from left to right, and once
# down the column *states so far*: that is how the result grows, from one state to ten.

# %% tags=["demo", "hide-input"] claims="1.2 1.3 1.6"
T = 10
x = rng.normal(size=(1, T, D))  # (1, 10, 4)
h_t = h0 = np.zeros((1, H))  # (1, 8)
seen = []
print(f"W_xh {W_xh.shape}   W_hh {W_hh.shape}   b_h {b_h.shape}   x {x.shape}   h0 {h0.shape}\n")
print(" t   x_t      x_t W_xh   h_t-1    h_t-1 W_hh   h_t      states so far   first three of h_t")
for t in range(T):
    x_t = x[:, t]  # (1, 4)
    from_input, from_memory = x_t @ W_xh, h_t @ W_hh  # both (1, 8)
    before, h_t = h_t, np.tanh(from_input + from_memory + b_h)  # (1, 8)
    seen.append(h_t)
    so_far = np.concatenate(seen)  # (t + 1, 8)
    print(
        f"{t + 1:2d}   {x_t.shape}   {from_input.shape}     {before.shape}   {from_memory.shape}       "
        f"{h_t.shape}   {so_far.shape!s:<13}   {h_t[0, :3].round(2)}"
    )
h = rnn_forward(x, h0, W_xh, W_hh, b_h)
print(f"\nstacked: {so_far.shape}; rnn_forward gives the batch of one, {h.shape}, and the same numbers")
assert so_far.shape == (10, 8) and np.allclose(h[0], so_far)
assert W_xh.T.shape == (8, 4) and W_hh.shape == (8, 8) and b_h.shape == (8,)

# %% tags=["demo", "hide-input"]
fig, (left, right) = figure(2, width=8.4, height=3.6)
for ax, values, title, top in ((left, x[0], "inputs x, (10, 4)", 2.5), (right, h[0], "states h, (10, 8)", 1)):
    image = ax.imshow(values, cmap=SIGNED, vmin=-top, vmax=top, aspect="auto")
    ax.set(title=title, ylabel="step t", yticks=range(T), yticklabels=range(1, T + 1))
    ax.set(xticks=range(values.shape[1]), xlabel="feature" if ax is left else "unit")
    ax.grid(False)
    fig.colorbar(image, ax=ax)
show(
    fig,
    alt="Two heat maps with time running down: ten inputs of four features, values about -2 to 2, and ten "
    "states of eight units, values between -1 and 1.",
)

# %% [markdown]
# The same ten steps through `torch.nn.RNN`, with our weights put into it. PyTorch returns two things: the
# states of all steps, `(1, 10, 8)`, and the last one once more, `(1, 1, 8)`.

# %% tags=["demo", "hide-input"] claims="1.6"
rnn = torch.nn.RNN(D, H, batch_first=True, dtype=torch.float64)
with torch.no_grad():
    rnn.weight_ih_l0.copy_(torch.from_numpy(W_xh.T))
    rnn.weight_hh_l0.copy_(torch.from_numpy(W_hh.T))
    rnn.bias_ih_l0.copy_(torch.from_numpy(b_h))
    rnn.bias_hh_l0.zero_()
    output, last = rnn(torch.from_numpy(x))
print(
    "torch:", tuple(output.shape), tuple(last.shape), " largest difference:", np.abs(output.numpy() - h).max()
)
assert np.allclose(output.numpy(), h, atol=1e-12) and np.allclose(last[0].numpy(), h[:, -1], atol=1e-12)

# %% [markdown]
# ### Traps that cost an afternoon each
#
# A name that is defined elsewhere, a vector taken for a matrix, an argument that a layer does not have,
# swapped axes. Some of these raise an error at once; the others run, and are wrong.
#
# <details><summary>The four traps in detail</summary>
#
# 1. **A name from nowhere.** A function that uses `W` where its argument is called `W_xh` works as long as an
#    old `W` lies around in the notebook. Restart the kernel and it is gone. The judge calls your function by
#    itself, so it tells.
# 2. **"A 2-D tensor" that is 1-D.** `x[0, 0]` has shape `(4,)`, and its transpose is itself. Slices keep the
#    axis: `x[0, :1]` is `(1, 4)`.
# 3. **Arguments of another version.** Tutorials pass `input_length` or `batch_input_shape` to layers. A
#    recurrent layer does not need to know $T$: no weight depends on it.
# 4. **T = D.** With equal sizes, swapped axes run without a word and give wrong numbers. Try things with
#    sizes that are all different; the cases here use 2, 3, 5, 7, 11.
#
# </details>


# %% tags=["demo", "hide-input"] claims="E26 E27 E28"
def fails(action):
    """The name of the error that `action` raises, or 'runs'."""
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "runs"


elsewhere = {"np": np}
exec("def step(x, h, W_xh, W_hh, b_h):\n    return np.tanh(x @ W + h @ W_hh + b_h)", elsewhere)
print("1. a name from nowhere:", fails(lambda: elsewhere["step"](x_t, h0, W_xh, W_hh, b_h)))
print("2. shapes:", x[0, 0].shape, x[0, 0].T.shape, "against", x[0, :1].shape, x[0, :1].T.shape)
print("3. a layer that is told its length:", fails(lambda: torch.nn.RNN(4, 8, input_length=10)))
square = rng.normal(size=(1, D, D))  # T = D = 4
print(
    "4. swapped axes, T = D:",
    fails(lambda: rnn_forward(square.swapaxes(1, 2), h0, W_xh, W_hh, b_h)),
    end="; ",
)
print("T = 10, D = 4:", fails(lambda: rnn_forward(x.swapaxes(1, 2), h0, W_xh, W_hh, b_h)))

assert fails(lambda: elsewhere["step"](x_t, h0, W_xh, W_hh, b_h)) == "NameError"
assert x[0, 0].T.shape == x[0, 0].shape and x[0, :1].T.shape == (4, 1)
assert fails(lambda: torch.nn.RNN(4, 8, input_length=10)) == "TypeError"
assert fails(lambda: rnn_forward(square.swapaxes(1, 2), h0, W_xh, W_hh, b_h)) == "runs"
assert fails(lambda: rnn_forward(x.swapaxes(1, 2), h0, W_xh, W_hh, b_h)) == "ValueError"

# %% [markdown]
# ## 3 · What does it learn, and what does it cost?
#
# How many numbers are there to learn? Count the entries of the three arrays. Then ask: how does the answer
# change when the sequences become ten times as long?


# %% exercise="count_rnn_parameters"
def count_rnn_parameters(D, H):
    """How many numbers does a recurrent layer learn, with one bias per unit?

    D inputs, H units -> int. The number of steps is not an argument: think about why.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.
    """
    # BEGIN SOLUTION
    return D * H + H * H + H
    # END SOLUTION


# %%
check(count_rnn_parameters)

# %% [markdown]
# Our layer has $4\cdot 8 + 8\cdot 8 + 8 = 104$. A much-used example has ten features and three units: the
# course and Keras' `SimpleRNN(3)` say **42**, PyTorch says **45**. Nobody is wrong: $30 + 9 + 3$ with one
# bias per unit, $30 + 9 + 3 + 3$ with two. PyTorch keeps the second bias because cuDNN's recurrent layers
# have one; only the sum of the two matters.

# %% tags=["demo", "hide-input"] claims="0.14 1.7"
keras_shapes = {"kernel": (10, 3), "recurrent_kernel": (3, 3), "bias": (3,)}  # as Keras documents SimpleRNN
in_keras = sum(int(np.prod(shape)) for shape in keras_shapes.values())
in_torch = sum(p.numel() for p in torch.nn.RNN(10, 3).parameters())
print(f"D=10, H=3:   ours {count_rnn_parameters(10, 3)}   Keras {in_keras}   PyTorch {in_torch}")
print(f"D=4,  H=8:   ours {count_rnn_parameters(4, 8)} = {W_xh.size} + {W_hh.size} + {b_h.size}")
for length in (5, 50, 5_000):
    longer = rnn_forward(rng.normal(size=(1, length, D)), h0, W_xh, W_hh, b_h)
    print(f"the same {W_xh.size + W_hh.size + b_h.size} numbers on T = {length:5,d}: states {longer.shape}")
assert (count_rnn_parameters(10, 3), in_keras, in_torch) == (42, 42, 45)
assert count_rnn_parameters(4, 8) == 104

# %% [markdown]
# ### What sharing saves
#
# One step's weights serve all steps. It is the same bargain that a convolution makes along space (one small
# filter, used everywhere), and for the same reason: what is worth knowing at step 3 is worth knowing at step
# 30.
#
# <details><summary>Predict: compare with a network that has weights of its own for each step, at
# <i>T</i> = 10 and <i>T</i> = 100. Which of the two has fewer parameters, which does fewer multiplications?
# </summary>
#
# Sharing saves **parameters**: their number does not depend on $T$. It does not save **computation**,
# although one often reads so: each step does its own multiplications, so the work is the same for both and
# grows with $T$.
#
# </details>
#
# The table counts floating-point operations with PyTorch's own counter.

# %% tags=["demo", "hide-input"] claims="4.1 E21"
from torch.utils.flop_counter import FlopCounterMode


def recurrent_cost(T, shared):
    """Parameters without biases, and operations, of T steps with D=4, H=8; one pair of weights or T pairs."""
    pairs = [(torch.zeros(4, 8), torch.zeros(8, 8)) for _ in range(1 if shared else T)]
    with FlopCounterMode(display=False) as counter:
        state = torch.zeros(1, 8)
        for t in range(T):
            W_x, W_h = pairs[0 if shared else t]
            state = torch.tanh(torch.zeros(1, 4) @ W_x + state @ W_h)
    return sum(w.numel() for pair in pairs for w in pair), counter.get_total_flops()


def layer_cost(layer, example):
    """Parameters and operations of a layer without biases on one example."""
    with FlopCounterMode(display=False) as counter:
        layer(example)
    return sum(p.numel() for p in layer.parameters()), counter.get_total_flops()


costs = {}
for T_long in (10, 100):
    convolution = torch.nn.Conv1d(4, 8, 3, padding="same", bias=False)
    dense = torch.nn.Linear(T_long * 4, T_long * 8, bias=False)
    costs[T_long] = {
        "recurrent, shared": recurrent_cost(T_long, shared=True),
        "recurrent, own weights per step": recurrent_cost(T_long, shared=False),
        "convolution of width 3": layer_cost(convolution, torch.zeros(1, 4, T_long)),
        "fully connected, all to all": layer_cost(dense, torch.zeros(1, T_long * 4)),
    }
print(f"{'':34}{'parameters':>22}{'operations':>24}")
print(f"{'':34}{'T = 10':>11}{'T = 100':>11}{'T = 10':>12}{'T = 100':>12}")
for kind, (few, work) in costs[10].items():
    many, more_work = costs[100][kind]
    print(f"{kind:34}{few:11,}{many:11,}{work:12,}{more_work:12,}")

shared, unshared = costs[100]["recurrent, shared"], costs[100]["recurrent, own weights per step"]
assert shared[0] == costs[10]["recurrent, shared"][0] and unshared[0] == 100 * shared[0]
assert shared[1] == unshared[1] == 10 * costs[10]["recurrent, shared"][1]

# %% [markdown]
# Weights of their own for each step: a hundred times the parameters at $T = 100$, and the same operations.
# (That the convolution has the very figures of the recurrent network is chance: $3\cdot4\cdot8 = 4\cdot8 +
# 8\cdot8$.)
#
# ## 4 · Unrolled: one wide network
#
# The unrolled drawing looks like a feed-forward network with $T$ layers. Which one? Take tanh and bias
# away, so that only matrices are left, and start at $h_0 = 0$:
#
# $$h_1 = x_1 W_{xh}, \qquad h_2 = x_2 W_{xh} + x_1 W_{xh} W_{hh}, \qquad
# h_t = \sum_{s \le t} x_s\, W_{xh}\, W_{hh}^{\,t-s}.$$
#
# All the states are sums of inputs times fixed matrices. So *one* matrix $M$ of shape $(T D, T H)$ maps the
# whole sequence, written as one long row, to all states: block $(s, t)$ of $M$ is what $x_s$ contributes to
# $h_t$. Write it.


# %% exercise="unrolled_matrix"
def unrolled_matrix(W_xh, W_hh, T):
    """The linear network (no tanh, no bias, zero initial state), unrolled over T steps, as one matrix.

    W_xh (D, H), W_hh (H, H), T -> M (T*D, T*H) such that x.reshape(N, T*D) @ M is h.reshape(N, T*H)
    with h_t = x_t W_xh + h_{t-1} W_hh.
    Source: Rumelhart, Hinton and Williams (1986), Learning Internal Representations by Error Propagation.
    """
    # BEGIN SOLUTION
    D, H = W_xh.shape
    M = np.zeros((T * D, T * H))
    block = W_xh
    for lag in range(T):
        for s in range(T - lag):
            M[s * D : (s + 1) * D, (s + lag) * H : (s + lag + 1) * H] = block
        block = block @ W_hh
    return M
    # END SOLUTION


# %%
check(unrolled_matrix)

# %% [markdown]
# <details><summary>Predict: <i>M</i> for <i>T</i> = 6 has 36 blocks. How many of them are zero, and
# how many different ones are there among the rest?</summary>
#
# 15 are zero: no input reaches an earlier state. The other 21 are only six different ones: block $(s, t)$
# depends on $t - s$ alone, so every diagonal repeats one block.
#
# </details>

# %% tags=["demo", "hide-input"] claims="0.12 E19"
T_small, D_small, H_small = 6, 2, 3
A, B = rng.normal(size=(D_small, H_small)), rng.normal(size=(H_small, H_small))
B *= 0.7 / np.linalg.norm(B, 2)  # at most 0.7 of the past survives a step
M = unrolled_matrix(A, B, T_small)
inputs = rng.normal(size=(5, T_small, D_small))
state, looped = np.zeros((5, H_small)), []
for t in range(T_small):
    state = inputs[:, t] @ A + state @ B
    looped.append(state)
looped = np.stack(looped, axis=1)  # (5, 6, 3)
at_once = (inputs.reshape(5, T_small * D_small) @ M).reshape(5, T_small, H_small)
print("loop against one product:", np.abs(looped - at_once).max())

blocks = M.reshape(T_small, D_small, T_small, H_small).swapaxes(1, 2)  # (T, T, D, H): block (s, t)
future = blocks[np.tril_indices(T_small, -1)]
zeros = np.count_nonzero(M == 0)
print(f"M has {M.size} entries; {zeros} are zero ({zeros / M.size:.0%}): no input reaches an earlier state")
print(f"it is made of {A.size + B.size} learned numbers; a fully connected layer would learn {M.size}")
longer_input = rng.normal(size=(5, (T_small + 1) * D_small))
print("one step more:", fails(lambda: longer_input @ M))
assert np.allclose(looped, at_once) and not future.any() and len(future) == 15
assert np.isclose(zeros / M.size, (T_small - 1) / (2 * T_small))
assert all(
    np.allclose(blocks[s, s + lag], blocks[0, lag]) for lag in range(T_small) for s in range(T_small - lag)
)
assert fails(lambda: longer_input @ M) == "ValueError"

# %% tags=["demo", "hide-input"]
matrices = {"the unrolled network, M": M, "a fully connected layer": rng.normal(size=M.shape) / 3}
show(
    block_matrices(matrices, D_small, H_small),
    alt="Two matrices of six by six blocks, inputs x_1 to x_6 as rows and states h_1 to h_6 as columns. "
    "Left, the unrolled network: hatched grey, which means zero, below the diagonal, and every diagonal "
    "repeats one block, fading with distance. Right, a fully connected layer: all blocks filled and all "
    "different.",
)

# %% [markdown]
# What the picture says:
#
# - **nearly half of it is zero**, 15 of 36 blocks here and a share of $(T-1)/(2T)$ in general. (With rows on
#   the left the matrix is block *upper* triangular; books with columns show its transpose, block *lower*
#   triangular.)
# - **every diagonal is one block repeated.** A matrix like that is called block Toeplitz, and a convolution
#   is one as well. This is what sharing looks like.
# - **it is valid for one $T$**. One step more, and the product does not fit. The loop does not mind.
#
# And what it does not say: put tanh back between the steps, and there is no such matrix any more. What $x_1$
# adds to $h_3$ then depends on $x_2$ and $x_3$ as well. What stays is the pattern: which state can hear which
# input, and the same weights at every step.
#
# <details><summary>So is "an unrolled RNN is just a fully connected network" true?</summary>
#
# It is a feed-forward network, for one fixed length. Fully connected it is not: nearly half of its
# connections are missing, and all the rest is made of the same two small arrays, $W_{xh}$ and $W_{hh}$.
#
# </details>
#
# Keep the picture in mind for lesson 06. A weight that sits in many blocks gets a gradient from each of them;
# they add up.
#
# ## 5 · What the loop allows, and what it forbids
#
# $h_t$ needs $h_{t-1}$, so the steps must wait for each other. *"RNNs cannot run in parallel"*, one reads;
# that goes too far, for time is all that has to wait:
#
# - all sequences of a **batch** and all **units** of a layer go at once: that is what `@` does;
# - the input's part $x_t W_{xh} + b_h$ needs no state: **hoist it out of the loop**, one product for all $T$
#   steps;
# - in a stack of **layers**, layer 2 can work on step $t$ while layer 1 is at $t+1$ (a wavefront);
# - a *linear* recurrence can be run in parallel over time as well: section 4 did all steps in one product,
#   and there are cheaper ways than that (Blelloch, 1990; Martin and Cundy, 2018; lesson 19). Two things stand
#   in the way of doing so here. The **tanh** between the steps rules out an exact shortcut (iterative solvers
#   exist, which guess all states and correct the guess). And even without it, joining two steps of a dense
#   $W_{hh}$ multiplies two $H \times H$ matrices, $H^3$ operations in place of $H^2$.
#
# And a Transformer (lesson 16), which trains without a loop over time, still *writes* one symbol after the
# other.
#
# Here is the loop with the input's part taken out. It returns the same numbers as your `rnn_forward`, up to
# rounding.
#
# <details><summary>Predict: one product for all steps in place of <i>T</i> small ones. Is that faster
# for one sequence? For a batch of 64?</summary>
#
# For one, clearly: there, a call of NumPy costs more than the arithmetic in it, and one call less is made per
# step. For 64 it is the arithmetic that costs, and both versions do the same.
#
# </details>


# %% tags=["demo"]
def hoisted(x, h0, W_xh, W_hh, b_h):
    """The input's product for all steps at once; one product is left in the loop."""
    drive, states, h_t = x @ W_xh + b_h, [], h0  # drive (N, T, H)
    for t in range(x.shape[1]):
        h_t = np.tanh(drive[:, t] + h_t @ W_hh)
        states.append(h_t)
    return np.stack(states, axis=1)


# %% tags=["demo", "hide-input"] claims="3.7 E25"
T_big, D_big, H_big = 100, 64, 64
weights = [rng.normal(size=s) / 8 for s in ((D_big, H_big), (H_big, H_big), (H_big,))]
print("in parts of your loop's time:   hoisted loop   input's products   tanh   large product / small ones")
wins = {}
with one_thread():
    for N_big in (1, 8, 64):
        inputs, start = rng.normal(size=(N_big, T_big, D_big)), np.zeros((N_big, H_big))
        given, sums = (inputs, start, *weights), inputs[:, 0]
        assert np.abs(hoisted(*given) - rnn_forward(*given)).max() < 1e-12

        def yours(given=given):
            return rnn_forward(*given)

        def small_ones(inputs=inputs):
            return [inputs[:, t] @ weights[0] for t in range(T_big)]

        wins[N_big] = (
            time_ratio(lambda given=given: hoisted(*given), yours),
            time_ratio(small_ones, yours),
            time_ratio(lambda sums=sums: [np.tanh(sums) for _ in range(T_big)], yours),
            time_ratio(lambda inputs=inputs: inputs @ weights[0], small_ones),
        )
        print("N = {:2d} {:37.2f} {:18.2f} {:6.2f} {:28.2f}".format(N_big, *wins[N_big]))
        if N_big == 1:
            one = yours
    batch, length = time_ratio(yours, one), time_ratio(yours, lambda: rnn_forward(inputs[:, :20], *given[1:]))
print(f"\n64 sequences at once take {batch:.0f} times as long as one")
print(f"100 steps take {length:.1f} times as long as 20")
assert wins[1][0] < 0.95 and wins[1][3] < 0.5 < wins[64][3] and batch < 40 and length > 2.5

# %% [markdown]
# So "always hoist" is half right. With one sequence it is a clear win: one large product takes a small part
# of the time of a hundred small ones. With 64 that advantage is gone, for each of the hundred is large enough
# to keep the processor busy; and there was little to win, since the input's products are a minor part of the
# loop's time, and tanh alone takes more. Hoisting can even cost a little there. How much it is on your
# machine, the table says. On a GPU, where a launch is dearer than a call and a large product is nearly free,
# there is more to win: cuDNN hoists (Appleyard, Kočiský and Blunsom, 2016).
#
# ## 6 · How large should the weights be at the start?
#
# Why not simply draw positive random numbers from 0 to 1? Take eight units, and inputs and weights between 0
# and 1.
#
# <details><summary>Predict: what will the eight units do in ten steps? And if the network starts
# once from zeros and once from random numbers between 0 and 1, how far apart are the two after ten
# steps?</summary>
#
# All eight run into 1 within two or three steps, and stay. After ten steps the two runs agree to the last
# digit: whatever was in the state at the start is forgotten.
#
# </details>

# %% tags=["demo", "hide-input"] claims="1.4 1.8"
draws = {
    "positive, U(0, 1)": lambda rng, shape: rng.uniform(0, 1, shape),
    "centred, drawn to size": lambda rng, shape: rng.normal(size=shape) / np.sqrt(shape[0]),
}
tried = {}
for name, draw in draws.items():
    runs = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        W_x, W_h, x_ten = draw(random, (4, 8)), draw(random, (8, 8)), random.uniform(size=(1, 10, 4))
        starts = np.zeros((1, 8)), random.uniform(size=(1, 8))
        run, other = (rnn_forward(x_ten, start, W_x, W_h, np.zeros(8))[0] for start in starts)
        runs.append((np.abs(run[-1]).mean(), np.abs(run[-1] - other[-1]).max(), run))
    tried[name] = runs
    level, apart = (np.array([run[i] for run in runs]) for i in range(2))
    print(f"{name:24} mean |h_10| {np.median(level):.4f}   two starts, ten steps later: ", end="")
    print(f"{apart.min():.0e} to {apart.max():.0e} apart")
positive, centred = tried.values()
assert np.median([run[0] for run in positive]) > 0.999 > 0.7 > np.median([run[0] for run in centred])
assert max(run[1] for run in positive) < 1e-9 < 1e-4 < min(run[1] for run in centred)

fig, axes = figure(2, width=9, height=3.4)
for ax, (name, runs), colour in zip(axes, tried.items(), (RED, BLUE), strict=True):
    ax.plot(range(1, 11), runs[0][2], color=colour, linewidth=1.3, marker=".")
    ax.set(title=name, xlabel="step t", ylim=(-1.08, 1.08), xticks=range(1, 11))
axes[0].set_ylabel("the eight units of $h_t$")
show(
    fig,
    alt="Two panels, the eight units over ten steps. With positive weights from 0 to 1 all eight go to one "
    "and stay there. With centred weights drawn to size they move about between -1 and 1.",
)

# %% [markdown]
# All-positive weights push every unit the same way: each hears eight neighbours at 1, and all eight weights
# agree. The units are **saturated**: tanh is flat there, and nothing that happens at the input or in the past
# makes a difference any more.
#
# The usual advice, "centre the weights around zero", is right, but the cause is size, and the sign matters
# through size. What does a unit hear when all its neighbours are at 1? The sum of its $H$ weights. Positive
# numbers add up: from 0 to 1, they make $H/2$ on average. Signs cancel: $H$ numbers from $-1/2$ to $1/2$ make
# a sum whose typical size is $\sqrt{H/12}$. That is why weights are drawn **to size**: with centred numbers
# of spread 1, divided by $\sqrt H$, the sum is of size 1 for every $H$.

# %% tags=["demo", "hide-input"] claims="1.8"
print("typical |sum of a unit's weights|\n")
print("  H    U(0, 1)    H / 2     U(-1/2, 1/2)   sqrt(H / 12)    N(0, 1 / H)")
sums = {}
for H_try in (8, 32, 128):
    U = np.random.default_rng(H_try).uniform(size=(H_try, H_try))
    normal = np.random.default_rng(H_try).normal(size=U.shape) / np.sqrt(H_try)
    a, b, c = sums[H_try] = [np.sqrt((W.sum(axis=0) ** 2).mean()) for W in (U, U - 0.5, normal)]
    root = np.sqrt(H_try / 12)
    print(f"{H_try:3d}   {a:7.2f}    {H_try / 2:5.1f}     {b:8.2f}       {root:8.2f}        {c:8.2f}")
assert sums[128][0] / sums[8][0] > 10 and sums[128][1] / sums[8][1] < 8 and sums[128][2] < 1.5

# %% [markdown]
# How much of the past such weights let through, and what they do to a gradient, is measured in lesson 07.
#
# **A good place to stop.** The network stands: a step, a sequence, the number of its weights and their size,
# what it is when it is unrolled, and what can run at once. In the second sitting it learns to speak.
#
# ## 7 · Reading the state
#
# The state is the network's own business; what we want from it is the output of section 1, one score for
# each of $V$ classes: $o_t = h_t W_{hy} + b_y$. Some tasks want a label per step (the next symbol, a part of
# speech), some want one for the whole sequence (is this review kind?). The recurrent layer is the same for
# both.

# %% tags=["demo", "hide-input"]
show(
    two_readouts(),
    alt="Two unrolled networks of three steps. Left, every state h_1, h_2, h_3 has an output through W_hy. "
    "Right, only the last state h_3 has one.",
)


# %% exercise="readout"
def readout(h, W_hy, b_y):
    """Scores (logits) for V classes at every step, from the states: o_t = h_t W_hy + b_y.

    h (N, T, H), W_hy (H, V), b_y (V,) -> logits (N, T, V). No softmax: the loss takes it.
    Source: Elman (1990), Finding Structure in Time.
    """
    # BEGIN SOLUTION
    return h @ W_hy + b_y
    # END SOLUTION


# %%
check(readout)

# %% [markdown]
# **Return the last or return all?** Keras asks with `return_sequences`, PyTorch returns both. In NumPy it is
# a slice: `h` is all of it, `h[:, -1]` the last. (With padding the last *valid* one: `last_valid` from lesson
# 01.) The cell below takes both from a batch of 8 sequences with 2 steps and 3 units, and from sequences with
# 10 steps.
#
# **How large is the state?** As large as you like. $h_{t-1}$ and $h_t$ must have the same size, because the
# same matrix maps one to the other; $W_{hy}$ is free to map $H = 8$ to 3 classes or to 50,000.
#
# <details><summary>"The cell's size must equal the output's size": is that so?</summary>
#
# No; the cell below reads 8 units out to 3 classes. And "cell state" is the LSTM's word (lesson 09): this
# network has $h$ and nothing else.
#
# </details>

# %% tags=["demo", "hide-input"] claims="0.19 1.9 1.10 1.12 4.2 E18"
small = [0.5 * rng.normal(size=shape) for shape in ((10, 3), (3, 3), (3,))]
pairs = rnn_forward(rng.normal(size=(8, 2, 10)), np.zeros((8, 3)), *small)
tens = rnn_forward(rng.normal(size=(5, 10, 10)), np.zeros((5, 3)), *small)
print("a batch of 8, T = 2, H = 3: ", pairs.shape)
print("all states of T = 10:       ", tens.shape, "  the last ones:", tens[:, -1].shape)

labels_per_step = readout(h, W_hy, b_y)  # from the walk-through: H = 8, V = 3
label_at_end = readout(h[:, -1:], W_hy, b_y)
print("H = 8 read out to V = 3:    ", labels_per_step.shape, "  at the end only:", label_at_end.shape)
print("results of torch.nn.RNN and torch.nn.LSTM:", end=" ")
_, rnn_memory = torch.nn.RNN(4, 8)(torch.zeros(10, 1, 4))
_, lstm_memory = torch.nn.LSTM(4, 8)(torch.zeros(10, 1, 4))
print("one state", tuple(rnn_memory.shape), "against two", [tuple(m.shape) for m in lstm_memory])
assert pairs.shape == (8, 2, 3) and tens.shape[1:] == (10, 3)
assert labels_per_step.shape == (1, 10, 3) and np.allclose(label_at_end, labels_per_step[:, -1:])
assert isinstance(rnn_memory, torch.Tensor) and len(lstm_memory) == 2

# %% [markdown]
# ## 8 · From scores to probabilities, and to a loss
#
# Scores become probabilities by the softmax (Bridle, 1990). Here $z$ is one row of $V$ scores:
#
# $$p_v = \frac{e^{z_v}}{\sum_u e^{z_u}} = \frac{e^{z_v - c}}{\sum_u e^{z_u - c}} \quad\text{for any } c.$$
#
# On paper the $c$ is idle. In a computer it decides between a number and `nan`: `np.exp(710)` is infinite in
# float64. Which $c$ makes every exponent at most zero?


# %% exercise="softmax"
def softmax(z):
    """Scores -> probabilities along the last axis: exp(z) divided by the sum of exp(z), without overflow.

    z (..., V) any real or whole numbers -> (..., V), positive, each row sums to 1.
    Source: Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs.
    """
    # BEGIN SOLUTION
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
    # END SOLUTION


# %%
check(softmax)


# %% tags=["demo", "hide-input"]
def naive_softmax(z):
    """The formula as it stands, without any care."""
    with np.errstate(all="ignore"):
        return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


print("scores                     naive                    stable")
for shift in (0, 100, 700, 710, -745, -750):
    z = shift + np.array([2.0, 1.0, 0.0])
    print(f"{z!s:24}   {naive_softmax(z).round(3)!s:22}   {softmax(z).round(3)}")
assert not np.isfinite(naive_softmax(np.array([712.0, 711.0]))).any()
assert (
    np.abs(naive_softmax(np.array([-743.0, -744.0, -745.0])) - softmax(np.array([2.0, 1.0, 0.0]))).max()
    > 0.05
)
assert np.allclose(softmax(np.array([1e4, 1e4 - 1])), softmax(np.array([1.0, 0.0])))

# %% [markdown]
# Look at the row at -745 as well. Nothing is infinite there and nothing is `nan`, but the naive numbers are
# *wrong*: the exponentials are so small that a few bits are left of them. Errors without an alarm are the
# worse kind.
#
# The loss asks how surprised the network is by what really came: minus the logarithm of the probability it
# gave to the target, averaged over the entries that are real. Sequences in a batch have different lengths;
# `mask` is `True` where there is a target and `False` on padding.
#
# $$\mathcal L = -\frac{1}{\sum_{n,t} m_{nt}} \sum_{n,t} m_{nt}\, \log p_{nt}[y_{nt}]$$
#
# Here $p_{nt}$ is the softmax of one row of scores, $z = o_t$ of sequence $n$ (`logits[n, t]`); $y_{nt}$ is
# `targets[n, t]`, and $m_{nt}$ is `mask[n, t]`.
#
# Do not take the logarithm of a softmax: a probability that underflowed to zero has the logarithm $-\infty$.
# Write $\log p_v = z_v - c - \log\sum_u e^{z_u - c}$ instead, with $c = \max_u z_u$: that is never in danger.


# %% exercise="cross_entropy"
def cross_entropy(logits, targets, mask):
    """Mean of -log p(target) over the entries where mask is True, in nats; p = softmax(logits).

    logits (N, T, V), targets (N, T) integers in [0, V), mask (N, T) booleans (True = real, at least one)
    -> loss, a number.
    Source: Bengio et al. (2003), A Neural Probabilistic Language Model.
    """
    # BEGIN SOLUTION
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))  # (N, T, V)
    picked = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]  # (N, T)
    return -picked[mask].mean()
    # END SOLUTION


# %%
check(cross_entropy)

# %% [markdown]
# One number is worth knowing by heart. A network that knows nothing gives every class $1/V$, and so its loss
# is $\log V$. If an untrained network starts far above that, its weights are too large; if a trained one
# stays there, it has learned nothing. (Ten random targets, as below, move the loss a little by chance.)

# %% tags=["demo", "hide-input"]
targets = rng.integers(0, V, size=(1, T))
everything = np.ones((1, T), dtype=bool)
print(f"log V = {np.log(V):.3f}")
for size in (0.0, 0.1, 1.0, 10.0):
    loss = cross_entropy(readout(h, size * W_hy, 0 * b_y), targets, everything)
    print(f"loss with readout weights of size {size:4.1f}: {loss:.3f}")
assert np.isclose(cross_entropy(readout(h, 0 * W_hy, 0 * b_y), targets, everything), np.log(V))

# %% [markdown]
# ## 9 · Let it write
#
# A network that says how likely each next symbol is can write: read a symbol, draw the next one from the
# probabilities, read *that*, and so on (Sutskever, Martens and Hinton, 2011). Symbols enter as one-hot rows:
# a row of $V$ zeros with a one at the symbol's place, so here $D = V$. The drawing is lesson 02's: add the
# probabilities up from symbol 0 and take the first symbol where the sum exceeds a uniform random number.


# %% exercise="sample_ids"
def sample_ids(first, W_xh, W_hh, b_h, W_hy, b_y, uniforms):
    """Let the network write: read a symbol, draw the next one, read that one, and so on.

    The state starts at zero; a symbol enters as a one-hot row, so D = V. In round i the next symbol is the
    first whose cumulative probability exceeds uniforms[i], or the last symbol if rounding leaves all sums at
    or below it; it is returned and read in round i + 1.

    first int, W_xh (V, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,), uniforms (len,) in [0, 1)
    -> ids (len,) integers, without `first`.
    Source: Sutskever, Martens and Hinton (2011), Generating Text with Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    V, H = W_xh.shape
    ids, symbol, h = np.empty(len(uniforms), dtype=int), first, np.zeros((1, H))
    for i, u in enumerate(uniforms):
        h = rnn_step(np.eye(V)[[symbol]], h, W_xh, W_hh, b_h)
        p = softmax(h @ W_hy + b_y)[0]  # (V,)
        symbol = min(int(np.searchsorted(p.cumsum(), u, side="right")), V - 1)
        ids[i] = symbol
    return ids
    # END SOLUTION


# %%
check(sample_ids)

# %% [markdown]
# Training through time has to wait for lesson 06. But there is a network that can be trained with what you
# know already. Leave $W_{xh}$ and $W_{hh}$ at random and fit only the readout, by least squares: an *echo
# state network* (Jaeger, 2001). The random state is a jumble of the past, but a jumble of *this* past and no
# other, and a linear readout can pick the answer out of it.

# %% tags=["demo"] claims="3.3"
phrase = "to be or not to be, that is the question. "
symbols = sorted(set(phrase))
ids = np.array([symbols.index(c) for c in phrase * 4])
V_text, H_text = len(symbols), 100
rng = np.random.default_rng(0)
W_xh_text = rng.normal(size=(V_text, H_text))
W_hh_text = 0.9 * np.linalg.qr(rng.normal(size=(H_text, H_text)))[0]  # 0.9 of the past is left at each step
b_h_text, b_y_text = 0.1 * rng.normal(size=H_text), np.zeros(V_text)

one_hot = np.eye(V_text)
h_text = rnn_forward(one_hot[ids[None, :-1]], np.zeros((1, H_text)), W_xh_text, W_hh_text, b_h_text)[0]
wanted = one_hot[ids[1:]]
# One phrase, repeated, does not determine all the weights: a small ridge keeps them moderate.
ridge = np.linalg.solve(h_text.T @ h_text + 1e-4 * np.eye(H_text), h_text.T @ wanted)  # (H, V)
# Fitted to ones and zeros, scores differ by 1 only; twelve times that makes the softmax nearly sure.
fitted, untrained = 12 * ridge, 0.3 * rng.normal(size=(H_text, V_text))

uniforms = rng.random(60)
recurrent = (W_xh_text, W_hh_text, b_h_text)
for name, W_out in (("untrained", untrained), ("fitted", fitted)):
    written = sample_ids(symbols.index("t"), *recurrent, W_out, b_y_text, uniforms)
    print(f"{name:10} t" + "".join(symbols[i] for i in written))

# %% [markdown]
# Follow the fitted network along the text: what it reads, what it thinks comes next, and what came. A
# first-order Markov model has one answer per symbol, and that cannot be enough after a symbol that goes on in
# different ways. The line below the table lists where it goes wrong in this phrase.

# %% tags=["demo", "hide-input"] claims="3.3"
p = softmax(readout(h_text[None], fitted, b_y_text))[0]  # (T, V)
counts = np.zeros((V_text, V_text))
np.add.at(counts, (ids[:-1], ids[1:]), 1)
by_last_symbol = counts.argmax(axis=1)[ids[:-1]]
guesses = p.argmax(axis=1)

print(" t   reads   argmax   its p   came    Markov's guess")
for t in range(14):
    read, guess, came = (repr(symbols[i]) for i in (ids[t], guesses[t], ids[t + 1]))
    markov = symbols[by_last_symbol[t]]
    wrong = "" if by_last_symbol[t] == ids[t + 1] else "  wrong"
    print(f"{t + 1:2d}   {read:6}  {guess:6}   {p[t].max():.2f}    {came:6}  {markov!r}{wrong}")
right, markov_right = (guesses == ids[1:]).mean(), (by_last_symbol == ids[1:]).mean()
print(f"\nright next symbols: recurrent {right:.0%}, first-order Markov {markov_right:.0%}")
wrong_after = sorted({symbols[i] for i in ids[:-1][by_last_symbol != ids[1:]]})
print("Markov's guess is wrong, at least once, after:", "  ".join(repr(c) for c in wrong_after))
assert right > 0.97 > 0.75 > markov_right

# %% [markdown]
# It has learned forty characters by heart, which is no feat: the number of the readout's weights is larger
# than that. What matters is *how* it tells one blank from another. By its state, which nobody designed.

# %% [markdown]
# ## What you have, and what it cannot do yet
#
# You have a network with a memory: a step, a loop, a readout, a loss, a way to write. It reads sequences of
# any length with a number of weights that does not depend on the length. Its state is not its output;
# unrolled, it is a wide network with most of its weights tied together and nearly half of its connections
# cut.
#
# It knows only what came *before*, and it has one layer. Some questions are answered by what comes *after*,
# and other networks gain from depth. What can depth and the other direction add? That is lesson 05. And its
# recurrent weights are still random: how does a loss at the end teach a weight that was used at every step?
# That is lesson 06.
