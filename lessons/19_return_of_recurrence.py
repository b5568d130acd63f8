# %% [markdown]
# # 19 · The return of recurrence
#
# **Question:** was recurrence a mistake?
#
# **You will** take the one thing out of a recurrent network that forces it to go step by step, run what is
# left along a sequence in a handful of rounds, forwards and backwards, and find that a gated network, a
# state space and attention without its softmax are the same line with other letters. You will measure what
# that is worth: when it is faster and when it is slower, who remembers and why, and what a state of fixed
# size cannot hold.
#
# **Before:** lesson 01 (convolution), lesson 03 (the linear state), lesson 06 (gradients through time),
# lessons 09 and 10 (gates), lesson 16 (attention).
#
# **Time:** about four hours, nearly three of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 5.11-5.15

# %%
import time

import numpy as np

from autograder import check
from coursekit.diagrams.return_of_recurrence import known_steps, scan_rounds, state_space_unrolled
from coursekit.interactive import explore
from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, RED, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% carry="sigmoid gru_step gru_forward linear_latent_forward"

# %% carry="masked_softmax scaled_dot_product_attention causal_mask"

# %% [markdown]
# ## 1 · What makes a network wait?
#
# Lesson 16 threw recurrence out. A recurrent layer needs $T$ steps, each of which waits for the one before;
# attention sees all steps at once, and pays with $T^2$. Must it be one or the other?
#
# Look at what waits. In $h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$ you cannot say what step 2 does to
# a state before you know that state: it is mixed by a full matrix and bent by a tanh. Take both out. (With a
# full matrix two steps would still combine into one, but at $H^3$ products each time.) What is left is the
# simplest step that a state can make:
#
# $$h_t = a_t \odot h_{t-1} + b_t \qquad a_t,\ b_t,\ h_t \text{ all } (N,H)$$
#
# $\odot$ multiplies entry by entry. The **factor** $a_t$ says what is kept of the old state, $b_t$ what
# comes in. Both may be made from the inputs in any way you like, as long as they do **not** look at
# $h_{t-1}$.
#
# Now a step is two arrays, and *two steps are again one step*. Step 1 makes $a_1 h + b_1$ of a state $h$,
# and step 2 makes of that
#
# $$a_2 \odot (a_1 \odot h + b_1) + b_2 = a \odot h + b .$$
#
# Find $a$ and $b$. No state is needed for it.


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


# %% [markdown]
# **Predict.** You may put brackets as you like: (1 with 2) with 3, or 1 with (2 with 3). May you also
# exchange the order?
#
# <details><summary>When you have made up your mind</summary>
#
# Brackets do not matter: in both cases the three steps are done one after the other. This is what
# *associative* means, and all that the next section needs. Order matters, as it does for putting on socks
# and shoes: $a$ is the same, $b$ is not.
# </details>

# %% tags=["demo", "hide-input"] claims="5.11"
rng = np.random.default_rng(19)
(a_1, b_1), (a_2, b_2), (a_3, b_3) = rng.normal(size=(3, 2, 5))
left = combine(*combine(a_1, b_1, a_2, b_2), a_3, b_3)
right = combine(a_1, b_1, *combine(a_2, b_2, a_3, b_3))
print("other brackets, largest difference:", f"{max(np.abs(left[i] - right[i]).max() for i in (0, 1)):.1e}")
swapped = combine(a_2, b_2, a_1, b_1)
print(
    "other order, largest difference of b:",
    f"{np.abs(swapped[1] - combine(a_1, b_1, a_2, b_2)[1]).max():.2f}",
)
assert np.allclose(left, right) and not np.allclose(swapped[1], combine(a_1, b_1, a_2, b_2)[1])

# %% [markdown]
# ## 2 · In rounds instead of steps
#
# If brackets are free, nobody has to wait. At **place** $t$ put the pair $(a_t, b_t)$ of step $t$. In **round
# 1** combine every pair with the one at the place to its left: now each stands for two steps, except the
# first, which has nothing to its left and stays. In **round 2** combine every pair with the one *two* places
# to the left, where there is one: now it stands for four steps, or for all there are. Then four places, then
# eight. This is a **scan** (Hillis and Steele, 1986).

# %% tags=["demo", "hide-input"]
show(
    scan_rounds(8),
    alt="Eight places in four rows. From row to row each place is joined with the one 1, then 2, then 4 "
    "to its left, and stands for 2, 4 and 8 steps; places that reach back to step 1 are finished.",
)

# %% [markdown]
# Each circle is a pair and names the steps that it stands for. Blue arrows keep a pair, purple ones bring in
# the earlier one, multiplied by the later one's factor. The dark ones reach back to step 1; they are
# finished and only copied. At the end the pair at place $t$ stands for *all* steps up to $t$, and one more
# line applies it to $h_0$:
#
# $$h_t = a \odot h_0 + b \qquad \text{with the combined } a, b \text{ at place } t.$$
#
# **Predict.** How many rounds for $T = 8$, for 1,000, for a million?
#
# <details><summary>When you have written three numbers</summary>
#
# 3, 10 and 20: the reach doubles in each round, so that $\log_2 T$ rounds, rounded up, will do. $T$ need not
# be a power of two; the last round then has fewer pairs to combine.
# </details>


# %% exercise="linear_scan"
def linear_scan(a, b, h0):
    """All states of h_t = a_t * h_{t-1} + b_t, entry by entry, in about log2 T rounds.

    a (N, T, H) the factors, of any sign and size, 0 and 1 among them; b (N, T, H); h0 (N, H) the state before
    the first step -> h (N, T, H), h[:, t] is the state after step t. T may be any number from 1 on.
    Use `combine`, once a round: the smallest number of rounds that is at least log2 T. The check looks at the
    numbers alone; the cell after it counts the calls.
    Source: Hillis and Steele (1986), Data Parallel Algorithms.
    """
    # BEGIN SOLUTION
    T, reach = a.shape[1], 1
    while reach < T:  # place t stands for the last `reach` steps up to t
        new_a, new_b = combine(a[:, :-reach], b[:, :-reach], a[:, reach:], b[:, reach:])
        a = np.concatenate([a[:, :reach], new_a], axis=1)
        b = np.concatenate([b[:, :reach], new_b], axis=1)
        reach *= 2
    return a * h0[:, None] + b
    # END SOLUTION


# %%
check(linear_scan)


# %% [markdown]
# One way to fail is worth knowing. $h_t = p_t\,(h_0 + \sum_{s \le t} b_s / p_s)$ with the products $p_t =
# a_1 \cdots a_t$ is correct on paper where no factor is 0, and a line of NumPy. But factors are often gates,
# and a few hundred factors of 0.1 make a product that is rounded to 0. A scan never divides.
#
# Here is your scan against the plain loop. The cell also counts how often `combine` is called.


# %% tags=["demo"] claims="5.11"
def loop(a, b, h0):
    """The same states, step by step."""
    h, h_t = np.empty_like(b), h0
    for t in range(a.shape[1]):
        h_t = a[:, t] * h_t + b[:, t]
        h[:, t] = h_t
    return h


plain_combine, calls = combine, []


def combine(*steps):
    calls.append(len(steps))
    return plain_combine(*steps)


for T in (1, 2, 5, 8, 1_000, 4_096):
    a, b, h0 = rng.uniform(size=(2, T, 3)), rng.normal(size=(2, T, 3)), rng.normal(size=(2, 3))
    calls.clear()
    error = np.abs(linear_scan(a, b, h0) - loop(a, b, h0)).max()
    print(f"T = {T:5}: {len(calls):2} rounds, largest difference from the loop {error:.1e}")
    assert error < 1e-12
    once_a_round = len(calls) == np.ceil(np.log2(T))
    assert once_a_round, "right numbers, other rounds: is your scan a loop, or does it do without combine?"
combine = plain_combine

# %% [markdown]
# After $r$ rounds the pair at place $t$ knows the last $2^r$ steps. Move the slider: each row is a place,
# each column a step whose $b$ has arrived there, and the colour is the product of the factors in between.

# %% tags=["demo", "hide-input"]
factors = np.random.default_rng(3).uniform(0.6, 1, size=16)
explore(
    lambda rounds: known_steps(factors, rounds),
    alt="A square of 16 places by 16 steps after one round: a band of two steps, the diagonal and the place "
    "before it, is filled; the rest is still empty.",
    rounds=[1, 2, 3, 4],
)

# %% [markdown]
# ### Is it faster?
#
# **Predict.** The loop does $T$ small steps. The scan does $\log_2 T$ rounds over the whole sequence, and so
# more arithmetic in total. When does it win in NumPy, and when does it lose?
#
# <details><summary>When you have named a winner for one unit, and for 2,000 numbers a step</summary>
#
# A call of NumPy costs about a microsecond, however small the array. Where a step is tiny, the loop pays for
# $T$ calls and the scan for a few: the scan wins, the more so the longer the sequence. Where a step is
# large, the calls hardly count and the scan does up to $\log_2 T$ times the work, with large new arrays in
# each round: it loses.
# </details>


# %% tags=["demo", "hide-input"] claims="5.11"
def seconds(functions, arguments, repeats=5):
    """The least time of each function, taken in turns."""
    took = np.full(len(functions), np.inf)
    for _ in range(repeats):
        for i, function in enumerate(functions):
            started = time.perf_counter()
            function(*arguments)
            took[i] = min(took[i], time.perf_counter() - started)
    return took


lengths = (16, 64, 256, 1024)
sizes = {(1, 1): (BLUE, "o"), (1, 16): (GREEN, "s"), (8, 64): (ORANGE, "^"), (8, 256): (RED, "v")}
faster = {}
with one_thread():
    for N, H in sizes:
        for T in lengths:
            a, b, h0 = rng.uniform(size=(N, T, H)), rng.normal(size=(N, T, H)), rng.normal(size=(N, H))
            by_loop, by_scan = seconds((loop, linear_scan), (a, b, h0))
            faster[N, H, T] = by_loop / by_scan
fig, (ax,) = figure(width=7.5)
for (N, H), (colour, marker) in sizes.items():
    ax.loglog(
        lengths, [faster[N, H, T] for T in lengths], marker + "-", color=colour, label=f"N = {N}, H = {H}"
    )
ax.axhline(1, color=BLACK, linestyle=":")
ax.text(lengths[2], 1.1, "as fast as the loop", fontsize=9)
ax.set(xlabel="T", ylabel="loop's time / scan's time", xticks=lengths, xticklabels=lengths)
ax.set_title("Measured on one CPU core: above 1 the scan is faster")
ax.minorticks_off()
ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
show(
    fig,
    alt="How many times faster the scan is than the loop, against T, for four sizes: with one unit it is "
    "faster and more so with T, with 8 sequences of 256 units it is several times slower.",
)
for N, H in sizes:
    print(f"N = {N}, H = {H:3}:", {T: round(float(faster[N, H, T]), 2) for T in lengths})
assert faster[1, 1, 1024] > 4 > 1 > max(faster[8, 256, T] for T in lengths[1:])
assert faster[1, 1, 1024] > faster[1, 1, 16]

# %% [markdown]
# So on a CPU the scan is no free lunch: it wins where a step is tiny and loses where it is large. It was
# not invented for a CPU. A GPU does thousands of products at the same time, and there the *number of
# rounds* counts rather than the work, as long as the work fits. This curve is a CPU's. On an H100 the same
# two, written in PyTorch, took turns at the same four sizes: there the scan won at every size and length,
# and from 256 to a thousand steps by about the same factor for the narrowest and the widest, as it should
# where rounds count (the figures are in the course's repository, in `docs/gpu.md`). What is run in practice
# also wastes less: the scan of Blelloch, 1990, needs about $2T$ combinations instead of $T \log_2 T$, and
# Mamba's keeps its arrays in the GPU's fast memory.
#
# ## 3 · The way back is a scan, too
#
# Call $g_t$ the whole gradient that reaches $h_t$: what the loss says of it directly, $dh_t$, and what comes
# back from step $t+1$, where $h_t$ was multiplied by $a_{t+1}$:
#
# $$g_t = dh_t + a_{t+1} \odot g_{t+1}, \qquad g_{T} = dh_{T}$$
#
# That is the same recurrence, run from the end. From $h_t = a_t \odot h_{t-1} + b_t$ you read off the rest:
# what is $\partial h_t/\partial b_t$, what $\partial h_t/\partial a_t$, and what did step 1 do to $h_0$?
# Give back $da$, $db$ and $dh_0$. A loop will do; `linear_scan` on arrays that are turned round, `[:,
# ::-1]`, takes three lines. Mind whose factor it is.


# %% exercise="linear_scan_backward"
def linear_scan_backward(dh, a, h, h0):
    """The way back through linear_scan: the gradients of the loss with respect to a, b and h0.

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


# %% [markdown]
# Finite differences, as in lesson 06: nudge every number, and see what a weighted sum of the states does.

# %% tags=["demo", "hide-input"] claims="5.11"
a, b, h0, dh = (
    rng.normal(size=(2, 5, 3)),
    rng.normal(size=(2, 5, 3)),
    rng.normal(size=(2, 3)),
    rng.normal(size=(2, 5, 3)),
)
analytic = dict(zip("abh", linear_scan_backward(dh, a, linear_scan(a, b, h0), h0), strict=True))
for name, array in {"a": a, "b": b, "h": h0}.items():
    numeric = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept, losses = array[place], []
        for nudge in (1e-6, -1e-6):
            array[place] = kept + nudge
            losses.append(np.sum(dh * linear_scan(a, b, h0)))
        array[place] = kept
        numeric[place] = (losses[0] - losses[1]) / 2e-6
    error = np.abs(numeric - analytic[name]).max()
    print(f"d{name}{'0' if name == 'h' else ''}: largest difference from finite differences {error:.1e}")
    assert error < 1e-8

# %% [markdown]
# ## 4 · Gates without the past
#
# Which networks have this form? Take lesson 10's GRU, $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$. It
# *looks* like $a_t \odot h_{t-1} + b_t$. But its gate $z_t$, its reset gate and its candidate $n_t$ all look
# at $h_{t-1}$: you cannot write down step 2 before step 1 is done. Feng et al. (2024) take that look away,
# the reset gate with it, and the tanh:
#
# $$z_t = \sigma(x_t W_z + b_z), \qquad n_t = x_t W_n + b_n, \qquad
# h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$$
#
# | | shape |
# |---|---|
# | $x_t$; $W_z$, $W_n$; $b_z$, $b_n$ | $(N,D)$; $(D,H)$; $(H,)$ |
# | gate $z_t$, candidate $n_t$, state $h_t$ | $(N,H)$ |
#
# As in lesson 10, $z = 1$ keeps (the paper writes $1 - z$ for it). A tanh is not needed to keep numbers
# small: $h_t$ is a weighted mean of the old state and the candidate. Which part is $a_t$, which is $b_t$?


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


# %% [markdown]
# Is the difference as sharp as it sounds? In a scan, $h_T$ must be of the form $a \odot h_0 + b$: whatever
# the inputs, a straight line in $h_0$. Move $h_0$ by one and by two, and see whether the second move does
# the same as the first.

# %% tags=["demo", "hide-input"] claims="5.12"
N, T, D, H = 2, 7, 3, 5
x, h0, move = rng.normal(size=(N, T, D)), rng.normal(size=(N, H)), rng.normal(size=(N, H))
cells = {
    "minGRU": (min_gru, [rng.normal(size=shape) for shape in ((D, H), (H,), (D, H), (H,))]),
    "GRU": (gru_forward, [rng.normal(size=shape) for shape in ((D, 3 * H), (H, 3 * H), (3 * H,), (3 * H,))]),
}
bent = {}
for name, (cell, weights) in cells.items():
    start, once, twice = (cell(x, h0 + times * move, *weights)[:, -1] for times in (0, 1, 2))
    bent[name] = np.abs((twice - once) - (once - start)).max()
    size = sum(w.size for w in weights)
    print(f"{name:6}: the second move differs from the first by {bent[name]:.1e}; {size} weights")
assert bent["minGRU"] < 1e-12 < 1e-3 < bent["GRU"]

# %% [markdown]
# A straight line for minGRU, none for the GRU. That is the price as well: *within* a layer nothing of the
# state is ever bent. What a layer cannot do because its gate does not see the state, the next layer may: its
# gates see the states of the layer below. So such layers are stacked, in larger models with something bent
# in between.
#
# ## 5 · Which of them remembers?
#
# Back to lesson 09's task: random symbols come in, one of four kinds, the first of them marked; after $T$
# steps the network is to name that first one. There an LSTM with 24 units and 300 batches failed at 25
# steps, unless its forget bias started high. We give two layers of your minGRU the same units, batches and
# learning rate, and *your own* gradients: `linear_scan_backward` has done the hard part, the rest is lesson
# 06's chain rule.


# %% tags=["demo"] claims="5.15"
def min_gru_backward(dh, x, h, h0, W_z, b_z, W_n, b_n):
    """dx, dW_z, db_z, dW_n, db_n for min_gru: the gradients of a and b, taken on to z and n."""
    z, n = sigmoid(x @ W_z + b_z), x @ W_n + b_n
    da, db, _ = linear_scan_backward(dh, z, h, h0)  # a is z, and b is (1 - z) n
    du, dn = (da - db * n) * z * (1 - z), db * (1 - z)  # u is what goes into the sigmoid
    dx = du @ W_z.T + dn @ W_n.T
    rows = x.reshape(-1, x.shape[2]).T  # (D, N T)
    H = dh.shape[2]
    return dx, rows @ du.reshape(-1, H), du.sum((0, 1)), rows @ dn.reshape(-1, H), dn.sum((0, 1))


x, h0 = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 4))
weights, dh = [rng.normal(size=shape) for shape in ((3, 4), (4,), (3, 4), (4,))], rng.normal(size=(2, 5, 4))
made = min_gru_backward(dh, x, min_gru(x, h0, *weights), h0, *weights)
for i, weight in enumerate(weights):
    weight.flat[0] += 1e-6
    up = np.sum(dh * min_gru(x, h0, *weights))
    weight.flat[0] -= 2e-6
    assert np.isclose(made[i + 1].flat[0], (up - np.sum(dh * min_gru(x, h0, *weights))) / 2e-6, rtol=1e-5)
    weight.flat[0] += 1e-6

# %% [markdown]
# **Predict.** At the start, with all biases 0, a gate stands near 1/2. What is left of the first symbol
# after 25 steps, and who will learn it?
#
# <details><summary>When you have a number</summary>
#
# $2^{-25}$, about $3 \cdot 10^{-8}$, and the gradient is as small. Having gates is not having memory: what
# counts is where they *start*. Lesson 09's cure, the **chrono bias**, is spread so that the units' time
# constants cover 1 to $T$ steps. It is worth a try on minGRU, too.
# </details>

# %% tags=["demo", "hide-input"] claims="5.15"
from coursekit.lstm import train_recall as train_lstm
from coursekit.return_of_recurrence import train_recall

asked = {25: (0.0, 1.0), 50: (2.0, "chrono"), 100: ("chrono",)}  # steps, and biases at the start
seeds, accuracy = range(3), {"LSTM": {}, "two minGRU layers": {}}
jobs = [(T, bias, seed) for T, biases in asked.items() for bias in biases for seed in seeds]
with one_thread():
    for T, bias, seed in progress_bar(jobs, "training"):
        made = train_recall(min_gru, min_gru_backward, T, seed, bias=bias)
        accuracy["two minGRU layers"][T, bias, seed] = made[1]
        accuracy["LSTM"][T, bias, seed] = train_lstm("lstm", T, seed, bias=bias)[1]
fig, axes = figure(3, width=11, height=3.6)
for ax, (T, biases) in zip(axes, asked.items(), strict=True):
    for (name, found), colour, marker, aside in zip(
        accuracy.items(), (BLUE, GREEN), "ov", (-0.14, 0.14), strict=True
    ):
        for i, bias in enumerate(biases):
            places = i + aside + 0.06 * (np.arange(3) - 1)  # side by side, so that none hides another
            shares = [found[T, bias, seed] for seed in seeds]
            label = name if i == 0 else None
            ax.plot(places, shares, marker, color=colour, label=label, markersize=8, alpha=0.8)
    ax.axhline(1 / 4, color=BLACK, linestyle=":", label="chance")
    ax.set(title=f"{T} steps to remember", xlabel="bias of the keeping gate at the start", ylim=(0, 1.05))
    ax.set(xlim=(-0.6, len(biases) - 0.4), xticks=range(len(biases)), xticklabels=biases)
axes[0].set(ylabel="accuracy")
axes[1].legend(loc="center right")
show(
    fig,
    alt="Accuracy of three runs each, for an LSTM and for two layers of minGRU. At 25 steps both are at "
    "chance with bias 0, and only minGRU learns with bias 1. At 50 steps with bias 2 minGRU alone is "
    "right, with the chrono bias both are. At 100 steps with it minGRU is right, and the LSTM in part.",
)
for name, found in accuracy.items():
    for T, biases in asked.items():
        shares = {bias: sorted(round(found[T, bias, seed], 2) for seed in seeds) for bias in biases}
        print(f"{name:18} {T:3} steps:", shares)


def least_and_most(name, T, bias):
    runs = [accuracy[name][T, bias, seed] for seed in seeds]
    return min(runs), max(runs)


assert least_and_most("two minGRU layers", 25, 0.0)[1] < 0.4 > least_and_most("LSTM", 25, 0.0)[1]
assert least_and_most("two minGRU layers", 25, 1.0)[0] > 0.9 > 0.4 > least_and_most("LSTM", 25, 1.0)[1]
assert least_and_most("two minGRU layers", 50, 2.0)[0] > 0.9 > 0.4 > least_and_most("LSTM", 50, 2.0)[1]
assert min(least_and_most(name, 50, "chrono")[0] for name in accuracy) > 0.8
assert least_and_most("two minGRU layers", 100, "chrono")[0] > least_and_most("LSTM", 100, "chrono")[1]

# %% [markdown]
# Each mark is one run; all had the same batches, units and learning rate. Compare the marks above one bias.
#
# - **Without a good start neither learns.** With bias 0 both stay at chance, though both have gates. With the
# chrono bias both recall over 50 steps.
# - **From the same start minGRU gets further here.** With bias 1 at 25 steps, with bias 2 at 50 and with the
# chrono bias at 100 its runs are right, where the LSTM's are at chance or in between.
# - **What this does not show.** It was a short training with one learning rate, of two layers against one.
# And the task is made for gates that see the input alone: the symbol to keep is *marked*. Change `layers` or
# `lr` in `train_recall`, and see what stays.
#
# ## 6 · A state for every channel
#
# The same line was found a second time, from another side. The input of a step is $D$ numbers. Call each of
# them, followed along the sequence, a **channel**, and give each channel a state of its own, with $S$
# entries. A **state space** thinks of time as continuous: every entry follows $h' = A\,h + B\,x$, where $h'$
# is the derivative with respect to time. With $A < 0$ it fades, and the number $A$ is its rate of fading
# (nothing to do with a learning rate). Without an input, $h' = A\,h$ is solved by $h = \exp(\text{time} \cdot
# A)\, h_{\text{start}}$. So over a step of length $\Delta$ an entry keeps the share $\exp(\Delta A)$:
#
# $$h_t = \exp(\Delta_t A) \odot h_{t-1} + \Delta_t B_t\, x_t, \qquad
# y_t = \sum_{\text{entries}} C_t \odot h_t$$
#
# | symbol | code | shape | role |
# |---|---|---|---|
# | $x_t$, $y_t$ | `x[:, t]`, `y[:, t]` | $(N,D)$ | one number per channel, in and out |
# | $h_t$ | | $(N,D,S)$ | $S$ entries for each of $D$ channels |
# | $A$ | `A` | $(D,S)$ | rates: how fast each entry fades |
# | $\Delta_t$ | `delta[:, t]` | $(N,D)$ | length of the step, for each channel |
# | $B_t$, $C_t$ | `B[:, t]`, `C[:, t]` | $(N,S)$ | how an input enters, what is read |
#
# Number by number, with $a = \exp(\Delta A)$ of shape $(N,T,D,S)$, this is
#
#     h[n, t, d, s] = a[n, t, d, s] * h[n, t-1, d, s] + delta[n, t, d] * B[n, t, s] * x[n, t, d]

# %% tags=["demo", "hide-input"]
show(
    state_space_unrolled(),
    alt="One channel unrolled over three steps: each input goes into four entries of the state by Delta B, "
    "each entry is multiplied by exp of Delta A on its way to the next step, and C sums the four into "
    "the output.",
)

# %% [markdown]
# Lesson 03's linear state had a full matrix $A$. Here every entry minds its own business, so that the factor
# is an array of numbers and a scan can take it. In **S4** (Gu, Goel and Ré, 2022; in this diagonal form
# Gupta, Gu and Berant, 2022) $\Delta$, $B$, $C$ stand still. In **Mamba** (Gu and Dao, 2023) they are made
# from $x_t$: the model *selects* what it takes in, what it keeps and what it reads. $\Delta_t$ is the gate
# here: with $\Delta_t = 0$ nothing fades and nothing enters, the step is skipped; with a large one the past
# is wiped out.
#
# First the factor, for all steps, channels and entries at once.


# %% exercise="discretise"
def discretise(A, delta):
    """What is left of each entry of a state after a step of length delta, if it fades at the rate A.

    A (D, S) rates of either sign, mostly negative, one row per channel; delta (N, T, D) lengths of the
    steps, 0 or more
    -> a (N, T, D, S): exp(delta A), each channel with its own delta and its own row of A.
    Source: Gu and Dao (2023), Mamba, section 2; Gupta, Gu and Berant (2022) for a diagonal A.
    """
    # BEGIN SOLUTION
    return np.exp(delta[..., None] * A)  # (N, T, D, 1) * (D, S) -> (N, T, D, S)
    # END SOLUTION


# %%
check(discretise)


# %% [markdown]
# Now the model. All you need is to see $a$ and $b$ in it; `linear_scan` takes arrays of three axes, and does
# not mind whether the last one counts units or channels times entries. (How $B$ should be made into a
# discrete step is a matter of taste. Here the input enters as $\Delta_t B_t x_t$, as in Mamba's own code.)


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


# %% [markdown]
# Where does a length that is never negative come from? Mamba takes $\text{softplus}(u) = \log(1 + e^u)$ of a
# number $u$ that it makes from $x_t$. With $A = -1$ the factor is then $\exp(-\text{softplus}(u)) = 1 / (1 +
# e^u) = \sigma(-u)$, a gate as in lesson 09. The cell tests this, and that a step of length 0 is skipped.

# %% tags=["demo", "hide-input"] claims="5.13"
u = np.linspace(-6, 6, 5)
a = discretise(np.array([[-1.0]]), np.log1p(np.exp(u))[None, :, None])[0, :, 0, 0]
print("exp(-softplus(u)):", a.round(4), " sigmoid(-u):", sigmoid(-u).round(4))
assert np.allclose(a, sigmoid(-u)), "a length of softplus(u) is a gate"

x, delta = rng.normal(size=(1, 9, 2)), rng.uniform(0.5, 1.5, size=(1, 9, 2))
A, (B, C) = -rng.uniform(0.1, 1, size=(2, 4)), rng.normal(size=(2, 1, 9, 4))
delta[:, 4] = 0
skipped = np.delete(np.arange(9), 4)
with_it = state_space(x, A, B, C, delta)[:, skipped]
without = state_space(*(z[:, skipped] if z.ndim == 3 else z for z in (x, A, B, C, delta)))
print(f"a step of length 0 against a sequence without it: {np.abs(with_it - without).max():.1e}")
assert np.allclose(with_it, without)

# %% [markdown]
# ## 7 · One model, three ways to run it
#
# Let $\Delta$, $B$ and $C$ stand still for a moment. Then an input that came $j$ steps ago has been
# multiplied $j$ times by $\exp(\Delta A)$, no matter at which step it came. Its share in the output depends
# on $j$ alone:
#
# $$y_t = \sum_{j=0}^{t-1} K_j\, x_{t-j}, \qquad
# K_j = \sum_{\text{entries}} C \odot \exp(j \Delta A) \odot \Delta B$$
#
# This is lesson 01's **convolution**, with a kernel as long as the sequence. Write the kernel $K$, `kernel`,
# for all channels.


# %% exercise="state_space_kernel"
def state_space_kernel(A, B, C, delta, T):
    """The same model with parameters that stand still, as a convolution: what an input does j steps later.

    A (D, S), B (S,), C (S,), delta (D,) as in state_space, the same at every step; T lags j = 0 .. T-1
    -> kernel (D, T), so that y[n, t, d] is the sum over j = 0 .. t of kernel[d, j] * x[n, t - j, d].
    Source: Gu, Goel and Ré (2022), Efficiently Modeling Long Sequences with Structured State Spaces.
    """
    # BEGIN SOLUTION
    fades = np.exp(delta[:, None, None] * A[:, :, None] * np.arange(T))  # (D, S, T): exp(j delta A)
    return delta[:, None] * np.einsum("s,s,dsj->dj", C, B, fades)
    # END SOLUTION


# %%
check(state_space_kernel)


# %% tags=["demo", "hide-input"] claims="5.13"
N, T, D, S = 2, 64, 3, 4
x = rng.normal(size=(N, T, D))
A, (B, C), delta = -rng.uniform(0.05, 1, size=(D, S)), rng.normal(size=(2, S)), rng.uniform(0.1, 1, size=D)
still = [np.broadcast_to(z, (N, T, len(z))) for z in (B, C, delta)]
by_scan = state_space(x, A, *still)
kernel = state_space_kernel(A, B, C, delta, T)
by_convolution = np.stack(
    [[np.convolve(x[n, :, d], kernel[d])[:T] for d in range(D)] for n in range(N)]
).swapaxes(1, 2)  # (N, D, T) -> (N, T, D)
h, by_recurrence = np.zeros((N, D, S)), np.empty_like(x)
for t in range(T):  # one step after the other, as when writing
    h = np.exp(delta[:, None] * A) * h + (delta * x[:, t])[..., None] * B
    by_recurrence[:, t] = h @ C
print(f"scan against recurrence {np.abs(by_scan - by_recurrence).max():.1e}, ", end="")
print(f"convolution against recurrence {np.abs(by_convolution - by_recurrence).max():.1e}")
assert np.abs(by_scan - by_recurrence).max() < 1e-10
assert np.abs(by_convolution - by_recurrence).max() < 1e-10

# %% [markdown]
# Three programs, one model: a convolution for training (with the fast Fourier transform in some $T \log T$
# operations), a recurrence for writing, with a state of fixed size, a scan for either. The convolution needs
# parameters that stand still. Once they are *selected*, the answer to an input depends on **where** it
# comes:

# %% tags=["demo", "hide-input"] claims="5.13"
T, places = 40, (2, 15, 28)
A, B, C = -np.array([[0.05, 0.2, 0.8]]), np.ones((1, T, 3)), np.ones((1, T, 3))
fixed = np.full((1, T, 1), 0.5)
chosen = rng.uniform(0.1, 1.5, size=(1, T, 1))


def answers(delta):
    """What a single 1 at each of `places` does to later outputs, moved so that it stands at lag 0."""
    ones = [np.eye(T)[place][None, :, None] for place in places]
    return [state_space(one, A, B, C, delta)[0, place:, 0] for one, place in zip(ones, places, strict=True)]


fig, axes = figure(2, width=10, height=3.2)
gaps = {}
for ax, delta, title in zip(
    axes, (fixed, chosen), ("parameters stand still", "a new $\\Delta_t$ at each step"), strict=True
):
    found = answers(delta)
    for found_here, place, colour, line in zip(
        found, places, (BLUE, ORANGE, GREEN), ("-", "--", ":"), strict=True
    ):
        ax.plot(found_here, line, color=colour, linewidth=2.5, label=f"a 1 at step {place}")
    ax.set(title=title, xlabel="steps since then", ylabel="output")
    shortest = min(map(len, found))
    gaps[title] = max(np.abs(f[:shortest] - found[0][:shortest]).max() for f in found)
axes[1].legend()
show(
    fig,
    alt="Outputs after a single 1 at three different steps. Left, with constant parameters, the three curves "
    "lie on each other. Right, with a new Delta at each step, they differ in height and shape.",
)
print("largest difference between the curves, left and right:", [f"{gap:.1e}" for gap in gaps.values()])
assert gaps["parameters stand still"] < 1e-12 and max(gaps.values()) > 0.1

# %% [markdown]
# On the left one curve serves all places: that is a kernel. On the right there is none, and the convolution
# is lost. The scan does not care. That is why Mamba came with a scan.
#
# ## 8 · Attention without its softmax
#
# The line was found a third time, from attention. Drop the softmax and the root from lesson 16, keep the
# causal mask: the weight of step $s$ is the bare score $q_t \cdot k_s$,
#
# $$y_t = \sum_{s \le t} (q_t\, k_s^\top)\, v_s = q_t \sum_{s \le t} k_s^\top v_s \qquad
# q_t, k_t\ (1,d),\quad v_t\ (1,e)$$
#
# The query does not depend on $s$ and moves out of the sum: only brackets have changed. What stays behind is
# a table $(d,e)$, to which one outer product is added at each step. It is a state:
#
# $$h_t = h_{t-1} + k_t^\top v_t, \qquad y_t = q_t\, h_t$$
#
# "Transformers are RNNs", Katharopoulos et al. (2020) called their paper. (They send $q$ and $k$ through a
# function that makes them positive, and divide by the sum of weights. We leave both out.)


# %% exercise="linear_attention"
def linear_attention(q, k, v):
    """Causal attention without a softmax, as a running sum: h_t = h_{t-1} + k_t v_t, y_t = q_t h_t.

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


# %% tags=["demo", "hide-input"] claims="5.14"
q, k, v = rng.normal(size=(2, 50, 8)), rng.normal(size=(2, 50, 8)), rng.normal(size=(2, 50, 6))
as_attention = (q @ k.swapaxes(1, 2) * causal_mask(50)) @ v  # (2, 50, 50) @ (2, 50, 6)
outer = (k[..., None] * v[:, :, None]).reshape(2, 50, 48)
as_scan = linear_scan(np.ones_like(outer), outer, np.zeros((2, 48))).reshape(2, 50, 8, 6)
as_scan = np.einsum("ntd,ntde->nte", q, as_scan)
as_state = linear_attention(q, k, v)
print(f"state against T x T weights {np.abs(as_state - as_attention).max():.1e}, ", end="")
print(f"against the scan with a = 1 {np.abs(as_state - as_scan).max():.1e}")
assert np.abs(as_state - as_attention).max() < 1e-10 and np.abs(as_state - as_scan).max() < 1e-10

# %% [markdown]
# What is that worth? In **writing** (one symbol after the other) attention has to keep all keys and values
# so far, a cache that grows by $d + e$ numbers a step, and looks through all of these each time. The state
# has $d \cdot e$ numbers for ever. And what does it cost? A state of fixed size cannot hold everything.
# Store $n$ pairs of a random key and a random value, then ask for one of them by its key.
#
# **Predict.** With keys of width $d = 64$: after how many pairs does the state begin to answer wrongly?
#
# <details><summary>When you have a number</summary>
#
# At most $d$ keys can be at right angles to each other; beyond that each question also wakes up others'
# values. Random keys are nearly at right angles for some time, and a right answer needs only to be the
# *nearest* value. So around $d$, and gradually. Attention with a softmax keeps every pair, and can sharpen
# its weights at will.
# </details>


# %% tags=["demo", "hide-input"] claims="5.14"
def write_one(t, d=64):
    """Seconds for symbol number t by each way of writing, and the numbers that each keeps."""
    q, k, v = (rng.normal(size=(1, t, d)) for _ in range(3))
    h, last_q, last_k, last_v = k.swapaxes(1, 2) @ v, *(z[:, -1:].copy() for z in (q, k, v))

    def by_state():
        return last_q @ (h + last_k.swapaxes(1, 2) * last_v)

    def by_cache():
        return scaled_dot_product_attention(last_q, k, v, None)

    return [seconds([way], (), repeats=20)[0] for way in (by_state, by_cache)]


def share_right(n, d, seed, attention, trials=40):
    """Share of `trials` questions answered with the right one of n stored values of width 32."""
    random = np.random.default_rng(seed)
    k = random.normal(size=(trials, n, d))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    v, asked = random.choice([-1.0, 1.0], size=(trials, n, 32)), random.integers(n, size=trials)
    q = np.zeros_like(k)
    q[:, -1] = k[np.arange(trials), asked]  # the question comes with the last pair
    if attention:
        y = scaled_dot_product_attention(20 * np.sqrt(d) * q[:, -1:], k, v, None)[0][:, 0]
    else:
        y = linear_attention(q, k, v)[:, -1]
    return np.mean(np.einsum("ne,nse->ns", y, v).argmax(axis=1) == asked)


written, stored = (64, 256, 1024, 4096, 16384), (4, 8, 16, 32, 64, 128, 256)
with one_thread():
    took = 1e6 * np.array([write_one(t) for t in written])  # (lengths, 2), microseconds
held = {
    "state, d = 16": [[share_right(n, 16, seed, False) for n in stored] for seed in range(3)],
    "state, d = 64": [[share_right(n, 64, seed, False) for n in stored] for seed in range(3)],
    "softmax and cache, d = 16": [[share_right(n, 16, seed, True) for n in stored] for seed in range(3)],
}
fig, (kept, speed, right) = figure(3, width=13, height=3.6)
kept.loglog(written, 128 * np.array(written), "s--", color=ORANGE, label="cache: keys and values")
kept.loglog(written, [64 * 64] * len(written), "o-", color=BLUE, label="state")
kept.set(xlabel="symbols written", ylabel="numbers kept", title="memory, d = e = 64")
speed.loglog(written, took[:, 1], "s--", color=ORANGE, label="softmax and cache")
speed.loglog(written, took[:, 0], "o-", color=BLUE, label="state")
speed.set(xlabel="symbols written", ylabel="microseconds for the next", title="time on one CPU core")
for (name, runs), colour, marker in zip(held.items(), (GREEN, BLUE, ORANGE), "^os", strict=True):
    spread(right, stored, runs, name, colour, marker)
right.set(xlabel="pairs stored", ylabel="share right", title="what comes back", ylim=(0, 1.05))
right.set_xscale("log", base=2)
for ax in (kept, speed, right):
    ax.legend()
show(
    fig,
    alt="Three panels. Numbers kept: the cache grows with the symbols written, the state is level. Time for "
    "the next symbol: level for the state, rising for the cache. Share of stored pairs that come back: "
    "one for the cache, falling for the state from about as many pairs as its keys are wide.",
)
print("microseconds, state: ", took[:, 0].round(0), " cache:", took[:, 1].round(0), " after", written)
for name, runs in held.items():
    print(f"{name:26}", dict(zip(stored, np.median(runs, axis=0).round(2).tolist(), strict=True)))
assert took[-1, 1] > 5 * took[-1, 0] and took[-1, 1] > 5 * took[0, 1]
assert min(held["state, d = 16"][s][stored.index(8)] for s in range(3)) > 0.9
assert max(held["state, d = 16"][s][stored.index(128)] for s in range(3)) < 0.6
assert min(held["state, d = 64"][s][stored.index(64)] for s in range(3)) > 0.9
assert np.median(held["state, d = 64"], axis=0)[-1] < 0.7
assert np.min(held["softmax and cache, d = 16"]) == 1

# %% [markdown]
# Both sides of the bargain in one picture. Left and middle, the state wins, and by more the longer the text.
# Right, it pays: with as many pairs as its keys are wide it still answers, with four times as many, about
# half of its answers or more are wrong, while the cache has forgotten nothing. (The cache's weights were
# sharpened by hand, as training would have to.)
#
# ## 9 · One line, many names
#
# What is built on this idea differs in two places: by what the old state is multiplied, and what is added.
# (The first row and the sLSTM's stand here for comparison: their gates see $h_{t-1}$.) All this is for one
# head or channel; $k_t^\top v_t$ is an outer product, $I$ the identity matrix, and *chosen* means made from
# $x_t$. So are the single numbers $f_t$, a forget gate, $i_t$, an input gate, and $\beta_t$ between 0 and 1,
# how much is overwritten. *Per row* means that each of the state's $d$ rows has a factor of its own. *In
# chunks* means that the sequence is cut into pieces: matrix products do all steps within a piece, and the
# state is handed on from piece to piece.
#
# | model | old state is multiplied by | what comes in | a scan? |
# |---|---|---|---|
# | GRU, LSTM (1997-2014) | gates that see $h_{t-1}$ | candidate that sees $h_{t-1}$ | no |
# | minGRU (2024) | $z_t$, chosen per unit | $(1 - z_t)\, n_t$ | yes |
# | S4, diagonal (2022) | $\exp(\Delta A)$, constant | $\Delta B\, x_t$ | yes, and a convolution |
# | Mamba (2023) | $\exp(\Delta_t A)$, chosen | $\Delta_t B_t\, x_t$, chosen | yes |
# | linear attention (2020) | 1 | $k_t^\top v_t$ | yes |
# | RetNet (2023) | one constant $\gamma < 1$ | $k_t^\top v_t$ | yes |
# | RWKV-6 (2024) | a chosen factor per row | $k_t^\top v_t$ | yes |
# | xLSTM's mLSTM (2024) | $f_t$, one chosen number | $i_t\, k_t^\top v_t$, then normalised | yes |
# | xLSTM's sLSTM (2024) | gates that see $h_{t-1}$ | candidate that sees $h_{t-1}$ | no |
# | DeltaNet (2021, 2024) | the matrix $I - \beta_t k_t^\top k_t$ | $\beta_t k_t^\top v_t$ | in chunks |
#
# The earlier RWKV-4 (2023) keeps a sum of values and a sum of weights, both fading at constant rates, and
# divides one by the other. DeltaNet's factor is a matrix; two of them still combine, but into a fuller one,
# which is why it is run in chunks.
#
# What is that matrix for? It *erases before it writes*: what is stored under the key $k_t$ is taken out
# first. Give three rules the same pairs of a key and a value, where keys come again with a new value, and ask
# for the latest one.

# %% tags=["demo", "hide-input"] claims="5.14"
d, e, pairs = 8, 4, 60
keys = np.linalg.qr(rng.normal(size=(d, d)))[0]  # eight keys at right angles
rules = {
    "add (linear attention)": lambda h, k, v: h + np.outer(k, v),
    "fade and add, 0.9 (RetNet)": lambda h, k, v: 0.9 * h + np.outer(k, v),
    "erase and write (DeltaNet, beta = 1)": lambda h, k, v: h - np.outer(k, k @ h) + np.outer(k, v),
}
wrong = {name: [] for name in rules}
for seed in range(3):
    random = np.random.default_rng(seed)
    values, which = random.normal(size=(pairs, e)), random.integers(d, size=pairs)
    for name, rule in rules.items():
        h, latest, errors = np.zeros((d, e)), {}, []
        for value, key in zip(values, which, strict=True):
            h, latest[key] = rule(h, keys[key], value), value
            errors.append(np.mean([np.abs(keys[i] @ h - latest[i]).mean() for i in latest]))
        wrong[name].append(errors)
fig, (ax,) = figure(width=7.5)
for (name, runs), colour, line in zip(wrong.items(), (BLUE, ORANGE, GREEN), ("-", "--", "-."), strict=True):
    ax.plot(np.arange(1, pairs + 1), np.median(runs, axis=0), line, color=colour, label=name, linewidth=2)
    ax.fill_between(
        np.arange(1, pairs + 1), np.min(runs, axis=0), np.max(runs, axis=0), color=colour, alpha=0.18
    )
ax.set(xlabel="pairs written", ylabel="error of the latest values", ylim=(-0.1, None))
ax.legend()
show(
    fig,
    alt="Mean error of the latest value under each key against the number of pairs written, three seeds: it "
    "grows when values are only added, levels off when the state fades, and stays zero when the old "
    "value is erased first.",
)
print({name: float(np.median(runs, axis=0)[-1].round(2)) for name, runs in wrong.items()}, "at the end")
assert np.max(wrong["erase and write (DeltaNet, beta = 1)"]) < 1e-12
assert (
    np.min(wrong["add (linear attention)"], axis=0)[-1]
    > np.max(wrong["fade and add, 0.9 (RetNet)"], axis=0)[-1]
)

# %% [markdown]
# Adding piles the values up. Fading leaves the newest on top, and lets every pair fade, whether it is out of
# date or not. Erasing is exact here, with keys at right angles; keys that overlap erase a little of each
# other.
#
# ## What it cannot do yet
#
# This course's first model with a state was lesson 03's: $h_t = h_{t-1} A + x_t B$, $y_t = h_t C$, chosen by
# hand. You left it because it was linear and bent it with a tanh. Your `state_space`, for one channel and
# with parameters that stand still, is that model with a diagonal $A$:

# %% tags=["demo", "hide-input"] claims="5.13"
x, A, delta = rng.normal(size=(2, 30, 1)), -rng.uniform(0.1, 1, size=(1, 5)), 0.7
B, C = rng.normal(size=(2, 5))
today = state_space(x, A, *(np.broadcast_to(z, (2, 30, np.size(z))) for z in (B, C, delta)))
then = linear_latent_forward(x, np.zeros((2, 5)), np.diag(np.exp(delta * A[0])), delta * B[None], C[:, None])
print(f"lesson 19 against lesson 03: {np.abs(today - then).max():.1e}")
assert np.allclose(today, then)

coins = np.random.default_rng(1).choice([-1.0, 1.0], size=(6_000, 2))
signs = np.column_stack([coins, coins.prod(axis=1)]).reshape(1, -1, 1)  # every third is a product
shift, write, read = np.eye(2, k=1), np.eye(2)[:1], np.ones((2, 1))
total = linear_latent_forward(signs, np.zeros((1, 2)), shift, write, read)[0, :, 0]  # of the last two
guess = np.maximum(0, 2 * total) - total - 1  # a linear state, and one ReLU in the readout
share = np.mean(guess[1:-1:3] == signs[0, 2::3, 0])
print(f"lesson 03's signs, a linear state with a bent readout: {share:.3f} of the products right")
assert share == 1

# %% [markdown]
# And the signs that ended lesson 03, where every third is the product of the two before it? Nothing in the
# *state* has to be bent to hear them: two entries that are carried along linearly, and one ReLU in what
# reads them. (As in lesson 03, the matrix `shift` hands a value on from one entry to the next. It is not
# diagonal, so your `state_space` could not do it: its entries hand nothing to each other.) Bend the state,
# as lessons 04 to 10 did, and every step waits for the last. Bend what lies *between* linear states, and
# nobody waits.
#
# So, was recurrence a mistake? What stood in the way was the bend inside the loop, not the loop. Gates, a
# state of fixed size and a start that is set to remember came back with it. What did not come back is the
# bend, and such a layer is weaker than lesson 04's: there are things, such as keeping track of a deck that
# is shuffled card by card, that no fixed number of these layers can follow for ever, and a tanh network can
# (Merrill, Petty and Sabharwal, 2024, show it for state spaces, under an assumption that complexity theory
# usually makes). And a state of fixed size must forget what a cache still has. Models such as Griffin and
# Jamba (both 2024) therefore use both, some layers of attention among many of these.
#
# You began by counting pairs of letters. Every line from there to here is now in your own NumPy.
#
# *Sources.* Hochreiter and Schmidhuber (1997), Cho et al. (2014): LSTM and GRU. Hillis and Steele (1986),
# Blelloch (1990): scans. Martin and Cundy (2018): linear recurrences in parallel. Katharopoulos et al.
# (2020), Schlag, Irie and Schmidhuber (2021), Yang et al. (2024): linear attention and the delta rule. Gu,
# Goel and Ré (2022), Gupta, Gu and Berant (2022), Gu and Dao (2023): state spaces. Peng et al. (2023, 2024):
# RWKV. Sun et al. (2023): RetNet. Beck et al. (2024): xLSTM. Feng et al. (2024): minGRU. Tallec and Ollivier
# (2018): the chrono bias. Merrill, Petty and Sabharwal (2024): what state spaces cannot follow. De et al.
# (2024), Griffin, and Lieber et al. (2024), Jamba: recurrence and attention in one model.
