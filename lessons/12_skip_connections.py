# %% [markdown]
# # 12 · Skip connections
#
# **Question:** can the gradient take a short cut?
#
# **You will**
# - let each layer of a deep recurrent stack add its input, forward and backward;
# - let a state reach $k$ steps ahead, forward and backward, and count the ways that a gradient can take;
# - measure gradients against depth and against lag, with and without the short cut;
# - train on a task in which the skip decides, and see when it does *not* help;
# - recognise the LSTM's cell as a skip with a gate on it.
#
# **Before:** lessons 04, 06, 07 (why gradients vanish) and 09 (the LSTM).
#
# **Time:** about two and a half hours, an hour and three quarters of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 2.11

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.skip_connections import residual_stack, skip_over_time
from coursekit.interactive import explore
from coursekit.plots import BLACK, BLUE, COLOURS, GREEN, ORANGE, PURPLE, RED, SKY, figure, show, spread
from coursekit.skip_connections import train_recall
from coursekit.training import one_thread, progress_bar

# %% [markdown]
# ## 1 · A sum has a slope of one
#
# Lesson 07 showed why a gradient fades: each step, and each layer, multiplies it by a matrix and by the
# slopes of a tanh. A product of many factors below one is next to nothing. Lesson 09's answer was to *add*.
# Here is that idea alone, with no gates around it. If a block computes $y = x + F(x)$ instead of $y = F(x)$,
# then
#
# $$\frac{\partial y}{\partial x} = I + \frac{\partial F}{\partial x} .$$
#
# Even when $\partial F / \partial x$ is nearly nothing, the identity lets the gradient through unharmed.
# There are two directions in which a recurrent network can use it: upwards, over **layers**, and along,
# over **time**.
#
# ## 2 · Over depth: each layer adds its input
#
# $$x^{(l+1)} = x^{(l)} + \mathrm{RNN}_l\big(x^{(l)}\big), \qquad x^{(l)}\ (N, T, H).$$

# %% tags=["demo", "hide-input"]
show(
    residual_stack(),
    alt="Three recurrent layers in a row, x^(1) enters on the left and x^(4) leaves on the right. Round each "
    "layer an orange arrow, named the identity, leads from its input to a sum behind it.",
)

# %% [markdown]
# The sum forces all layers to one width $H$. The recurrence inside a layer runs over the layer's own
# states, as ever; only what is handed *upwards* gets the input added (He et al., 2016, did it for images).

# %% carry="rnn_forward rnn_backward"


# %% exercise="residual_stack_forward"
def residual_stack_forward(x, layers):
    """A stack of recurrent layers in which each layer adds its input to its output.

    x (N, T, H); layers: a list of triples (W_xh (H, H), W_hh (H, H), b_h (H,)).
    Layer by layer x becomes x + rnn(x), where rnn starts from a zero state and its recurrence runs over its
    own states (not over the sum).
    -> y (N, T, H)
    Source: He et al. (2016).
    """
    # BEGIN SOLUTION
    zeros = np.zeros_like(x[:, 0])  # (N, H)
    for W_xh, W_hh, b_h in layers:
        x = x + rnn_forward(x, zeros, W_xh, W_hh, b_h)
    return x
    # END SOLUTION


# %%
check(residual_stack_forward)

# %% [markdown]
# Backwards there are two roads from $y$ to $x$, and gradients of two roads are added:
#
# $$dx^{(l)} = \underbrace{dx^{(l+1)}}_{\text{the identity}} + \underbrace{dx^{(l+1)}\,
# \tfrac{\partial\,\mathrm{RNN}_l}{\partial x}}_{\text{the } dx \text{ of rnn\_backward}} .$$
#
# `rnn_backward` asks for every layer's input and states: run forward once more, and keep them.


# %% exercise="residual_stack_backward"
def residual_stack_backward(dy, x, layers):
    """Gradients of a loss through residual_stack_forward.

    dy (N, T, H): the gradient of the stack's output; x (N, T, H) and layers as in the forward pass
    -> dx (N, T, H), a list of triples (dW_xh (H, H), dW_hh (H, H), db_h (H,)), in the order of `layers`
    Source: He et al. (2016).
    """
    # BEGIN SOLUTION
    zeros = np.zeros_like(x[:, 0])  # (N, H)
    inputs, states = [], []
    for layer in layers:
        inputs.append(x)
        states.append(rnn_forward(x, zeros, *layer))
        x = x + states[-1]
    gradients = []
    for (W_xh, W_hh, _), entered, h in zip(layers[::-1], inputs[::-1], states[::-1], strict=True):
        through, _, *weights = rnn_backward(dy, entered, zeros, h, W_xh, W_hh)
        gradients.append(tuple(weights))
        dy = dy + through  # the identity, and the way through the layer
    return dy, gradients[::-1]
    # END SOLUTION


# %%
check(residual_stack_backward)

# %% [markdown]
# ### Picture: gradient against depth
#
# Thirty layers, the same weights with and without the sum. The weights are small: the largest eigenvalue of
# each matrix is about 0.5 (the plots call this the *gain*). The gradient arrives at the top with norm 1.
#
# <details><summary>Predict: how much of it reaches the layer at the bottom, without the sums and with
# them?</summary>
#
# Without them some billionths. With them more than arrived at the top: the identity alone brings all of it,
# and what comes through the layers is added.
#
# </details>


# %% tags=["demo", "hide-input"] claims="2.11"
def stack_gradients(layers, x, residual):
    """Norm of the gradient at the input of every layer, the first layer first, over its norm at the top."""
    zeros, inputs, states = np.zeros_like(x[:, 0]), [x], []
    for layer in layers:
        states.append(rnn_forward(inputs[-1], zeros, *layer))
        inputs.append(residual * inputs[-1] + states[-1])
    d = np.random.default_rng(1).normal(size=x.shape)
    norms = [np.linalg.norm(d)]
    for (W_xh, W_hh, _), entered, h in zip(layers[::-1], inputs[-2::-1], states[::-1], strict=True):
        d = residual * d + rnn_backward(d, entered, zeros, h, W_xh, W_hh)[0]
        norms.append(np.linalg.norm(d))
    return np.array(norms[::-1]) / norms[0]


def draw_layers(L, H, gain, seed):
    """L layers whose matrices have a largest eigenvalue of about `gain`."""
    rng = np.random.default_rng(seed)
    scale = gain / np.sqrt(H)
    return [(scale * rng.normal(size=(H, H)), scale * rng.normal(size=(H, H)), np.zeros(H)) for _ in range(L)]


L, H, x = 30, 16, np.random.default_rng(2).normal(size=(8, 6, 16))
with_sum = {seed: stack_gradients(draw_layers(L, H, 0.5, seed), x, residual=True) for seed in range(5)}
without = {seed: stack_gradients(draw_layers(L, H, 0.5, seed), x, residual=False) for seed in range(5)}
layers = draw_layers(L, H, 0.5, 0)
dx, _ = residual_stack_backward(np.random.default_rng(1).normal(size=x.shape), x, layers)
assert np.isclose(
    np.linalg.norm(dx), with_sum[0][0] * np.linalg.norm(np.random.default_rng(1).normal(size=x.shape))
)

fig, (ax,) = figure(height=3.6)
depth = L - np.arange(L + 1)
spread(ax, depth, list(with_sum.values()), "each layer adds its input", BLUE, marker="o")
spread(ax, depth, list(without.values()), "plain stack", ORANGE, marker="s")
ax.set(yscale="log", xlabel="layers between the loss and the point where we look", ylabel="gradient norm")
ax.legend(loc="lower left")
show(
    fig,
    alt="Gradient norm against the number of layers that it has passed, five draws: a plain stack "
    "falls to a few billionths "
    "after thirty layers, the stack with sums stays between one and ten.",
)
print(f"after {L} layers: plain {np.median([r[0] for r in without.values()]):.1e}, ", end="")
print(f"with sums {np.median([r[0] for r in with_sum.values()]):.1f}")
assert max(r[0] for r in without.values()) < 1e-6 and all(1 < r[0] < 100 for r in with_sum.values())

# %% [markdown]
# Not only the bottom layer profits: every layer gets a gradient of useful size from the first step on. (What
# you see is the start of training. That a deep stack then learns, and learns *better* than a shallow one, is
# another claim; for images He et al. showed it with 152 layers.)
#
# ## 3 · Over time: a state reaches k steps ahead
#
# Now the same along the other axis. The state of $k$ steps ago is added *outside* the tanh:
#
# $$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h) + h_{t-k}, \qquad h_{t-k}\ (N, H),\ \text{zero in the
# first } k \text{ steps.}$$
#

# %% tags=["demo", "hide-input"]
show(
    skip_over_time(),
    alt="Eight states in a row, with inputs from below. Blue arrows lead from each state to the next; orange "
    "bows lead from each state three steps ahead. The bows from h_1 to h_4 and from h_4 to h_7 are thick, "
    "and the last ordinary step, from h_7 to h_8, is black.",
)

# %% [markdown]
# The drawing has $k = 3$; the thick bows and the black arrow are the way with the fewest ordinary steps from
# $h_1$ to $h_8$. Delays in a network's own memory are an old idea (El Hihi and Bengio, 1996; Lin et al.,
# 1996, for the NARX network). Mind two things. What is squashed is the news alone, so the states may grow
# beyond 1. And the first $k$ steps have nothing to add; `h0` enters through $W_{hh}$ only.


# %% exercise="skip_rnn_forward"
def skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k):
    """A recurrent network in which the state of k steps ago is added to the new one.

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h) + h_{t-k}

    x (N, T, D), h0 (N, H), W_xh (D, H), W_hh (H, H), b_h (H,), k >= 1
    In the first k steps the skip brings zero: h0 enters through W_hh only. k may exceed T.
    -> h (N, T, H)
    Source: Lin, Horne, Tino and Giles (1996).
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    h = np.zeros((N, T, len(W_hh)), x.dtype)
    state = h0  # (N, H)
    for t in range(T):
        state = np.tanh(x[:, t] @ W_xh + state @ W_hh + b_h)
        if t >= k:
            state = state + h[:, t - k]
        h[:, t] = state
    return h
    # END SOLUTION


# %%
check(skip_rnn_forward)

# %% [markdown]
# Who hears from $h_t$? The loss at step $t$; step $t+1$, through $W_{hh}$ and the slope of *its* tanh; and
# step $t+k$, through nothing at all. With $a_t = \tanh(\cdot)$, the squashed part alone, and $g_t$, as in
# lesson 06, for the total gradient of $h_t$:
#
# $$g_t = dh_t + \big(g_{t+1} \odot (1 - a_{t+1}^2)\big) W_{hh}^\top + g_{t+k}, \qquad
# g\ \text{zero beyond the last step.}$$
#
# The slope needs $a_t = h_t - h_{t-k}$, not $h_t$. It is easy to slip here. All else is as in lesson 06: from
# $g_t \odot (1 - a_t^2)$ follow $dx$, $dh_0$ and the gradients of the weights.


# %% exercise="skip_rnn_backward"
def skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k):
    """Gradients of a loss through skip_rnn_forward.

    dh (N, T, H): the gradient that reaches each state directly; the other arguments as in the forward pass
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,)
    Source: Lin, Horne, Tino and Giles (1996).
    """
    # BEGIN SOLUTION
    h = skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k)
    delta = dh.copy()  # (N, T, H), grows into the whole gradient of each state
    dx = np.zeros_like(x)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    for t in reversed(range(x.shape[1])):
        before = h[:, t - 1] if t > 0 else h0  # (N, H)
        a = h[:, t] - h[:, t - k] if t >= k else h[:, t]  # tanh(...) alone
        dz = delta[:, t] * (1 - a**2)
        dx[:, t] = dz @ W_xh.T
        dW_xh += x[:, t].T @ dz
        dW_hh += before.T @ dz
        db_h += dz.sum(axis=0)
        if t > 0:
            delta[:, t - 1] += dz @ W_hh.T
        if t >= k:
            delta[:, t - k] += delta[:, t]
    return dx, dz @ W_hh.T, dW_xh, dW_hh, db_h  # dz is that of the first step, whose state before is h0
    # END SOLUTION


# %%
check(skip_rnn_backward)

# %% [markdown]
# ### How many ways?
#
# A gradient travels back from $h_t$ to $h_{t-\text{lag}}$ in jumps: each goes either one step back or $k$
# steps back. Every order of such jumps whose lengths add up to the lag is one way, and the gradients of all
# ways are summed (Veit et al., 2016, found the same in residual networks). How many ways are there?


# %% exercise="count_paths"
def count_paths(lag, k):
    """How many ways lead from h_t back to h_{t-lag} in a network with a skip of k steps?

    A way is a series of jumps: 1 step back through W_hh, or k steps back along the skip. Their order counts,
    and for k = 1 the two kinds of jump are still different ways. lag >= 0, k >= 1. From a state to itself
    (lag 0) there is one way, the empty one. For lag 50 and k = 1 there are 2**50 ways,
    too many to be walked one by one: build the number up from those of smaller lags. It may have any
    number of digits, and all count: beyond 2**53 no float holds them, beyond 2**63 no integer of NumPy's.
    -> int
    Source: Veit, Wilber and Belongie (2016).
    """
    # BEGIN SOLUTION
    paths = [1]
    for n in range(1, lag + 1):
        paths.append(paths[n - 1] + (paths[n - k] if n >= k else 0))
    return paths[lag]
    # END SOLUTION


# %%
check(count_paths)

# %% tags=["demo", "hide-input"]
lags = np.arange(0, 51)
T = len(lags)
one = np.ones((1, 1))
fig, (ax,) = figure(height=3.6)
for k, colour, marker in zip((1, 2, 5, 10, 25), COLOURS, "os^vD", strict=False):
    ways = [count_paths(int(lag), k) for lag in lags]
    ax.plot(lags, ways, color=colour, marker=marker, markevery=5, label=f"k = {k}")
    # A silent network of one unit with weight 1: every slope is 1, so its gradient counts the ways.
    dh = np.zeros((1, T, 1))
    dh[0, -1] = 1
    dx = skip_rnn_backward(dh, np.zeros((1, T, 1)), np.zeros((1, 1)), one, one, np.zeros(1), k)[0]
    assert np.array_equal(dx[0, ::-1, 0], ways)
ax.set(yscale="log", xlabel="lag", ylabel="number of ways back")
ax.legend(loc="upper left")
show(
    fig,
    alt="Number of paths against lag on a logarithmic scale: a straight line up to ten to the fifteen "
    "for k = 1, and "
    "much slower growth for longer skips.",
)
assert count_paths(50, 1) == 2**50 and count_paths(9, 10) == 1 and count_paths(10, 10) == 2

# %% [markdown]
# For a network of one unit with weight 1 and slope 1 the gradient *is* that number, and the cell checks it.
# In general each ordinary step multiplies its ways by something small, so the ways with the fewest ordinary
# steps decide: with $k = 10$ a lag of 20 has a way without any, but for a lag of 19 every way has nine of
# them or more. Keep this in mind.
#
# It also tells the price. Many ways add up to a large number: a skip can make a gradient **explode**. Clip,
# as in lesson 08.
#
# ### Picture: gradient against lag
#
# <details><summary>Predict: a skip of k = 10 and small weights. At which lags does the gradient stand high,
# and where is it lowest?</summary>
#
# Highest at 10, 20, 30, ...: such a lag has a way of skips alone. Lowest just before each of them, at 9, 19,
# 29, ...: from there nine ordinary steps are the fewest.
#
# </details>


# %% tags=["demo", "hide-input"] claims="2.11"
def gradient_by_lag(k, gain=0.5, T=60, D=8, H=32, seed=0):
    """Norm of the last state's gradient at each input, the latest first; for k > T there is no skip."""
    rng = np.random.default_rng(seed)
    x, dh = rng.normal(size=(16, T, D)), np.zeros((16, T, H))
    dh[:, -1] = rng.normal(size=(16, H)) / np.sqrt(H)
    W_xh, W_hh = rng.normal(size=(D, H)) / np.sqrt(D), gain * rng.normal(size=(H, H)) / np.sqrt(H)
    dx = skip_rnn_backward(dh, x, np.zeros((16, H)), W_xh, W_hh, np.zeros(H), k)[0]
    return np.linalg.norm(dx, axis=2).mean(axis=0)[::-1]


def jacobian_norm(k, seed, gain=0.5, T=50, D=8, H=32):
    """Largest singular value of d h_T / d h_0, from one backward pass with a row for every unit of h_T."""
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.normal(size=(1, T, D)), H, axis=0)
    W_xh, W_hh = rng.normal(size=(D, H)) / np.sqrt(D), gain * rng.normal(size=(H, H)) / np.sqrt(H)
    dh = np.zeros((H, T, H))
    dh[:, -1] = np.eye(H)
    return np.linalg.norm(skip_rnn_backward(dh, x, np.zeros((H, H)), W_xh, W_hh, np.zeros(H), k)[1], 2)


fig, axes = figure(columns=2, width=10, height=3.8)
styles = {1: (SKY, "s"), 7: (GREEN, "^"), 10: (BLUE, "o"), 25: (PURPLE, "v")}
for ax, gain in zip(axes, (0.5, 1.0), strict=True):
    ax.plot(gradient_by_lag(100, gain), "--", color=ORANGE, label="no skip")
    for k, (colour, marker) in styles.items():
        norms = gradient_by_lag(k, gain)
        ax.plot(norms, color=colour, marker=marker, markevery=5, label=f"k = {k}", linewidth=1.5)
    ax.set(yscale="log", ylim=(1e-12, 1e3), xlabel="lag", title=f"weights of gain {gain}")
axes[0].set_ylabel("gradient norm")
axes[1].legend(loc="lower left")
show(
    fig,
    alt="Gradient norm against lag for two gains. Without a skip a straight fall. With a skip of k steps the "
    "curve falls in the same way but jumps back to about one at every multiple of k, like the teeth of a "
    "comb; with the lag the gaps get shallower. k = 1 slowly rises.",
)
plain, skipped = ([jacobian_norm(k, seed) for seed in range(10)] for k in (51, 1))
print("norm (largest singular value) of d h_50 / d h_0, ten draws")
print(f"  no skip: {min(plain):.0e} to {max(plain):.0e}")
print(f"  k = 1:   {min(skipped):.0f} to {max(skipped):.0f}")
assert max(plain) < 1e-20 and min(skipped) > 10 and max(skipped) < 1000
comb = gradient_by_lag(10)
assert comb[[10, 20, 30, 40, 50]].min() > 0.1 and comb[[9, 19]].max() < 0.1

# %% [markdown]
# A comb. At a multiple of $k$ the gradient is about as large as at the start; between the teeth it has to
# walk the rest of the way in ordinary steps, and it fades as it always did. The gaps get shallower as the
# lag grows, for there are ever more orders in which the same few ordinary steps can be taken between the
# skips. With $k = 1$ there are no gaps, but so many ways that the gradient *grows*. The picture shows an
# average direction; in the worst one, which the printed norms give, fifty steps make it tens to hundreds of
# times as large, where the plain network has nothing left.
#
# Here is one comb for itself. Move $k$, and the gain, and watch the gaps: how large may the remainder of lag
# divided by $k$ be, until hardly anything arrives?


# %% tags=["demo", "hide-input"]
def comb_of(k, gain):
    """The gradient by lag for one skip, its multiples of k marked."""
    fig, (ax,) = figure(height=3.2)
    norms = gradient_by_lag(k, gain)
    ax.plot(norms, color=BLUE, linewidth=1.5)
    teeth = np.arange(0, len(norms), k)
    ax.plot(teeth, norms[teeth], "o", color=ORANGE, label="multiples of k")
    ax.set(yscale="log", ylim=(1e-12, 1e4), xlabel="lag", ylabel="gradient norm", title=f"k = {k}")
    ax.legend(loc="lower left")
    return fig


explore(
    comb_of,
    alt="Gradient norm against lag for a skip of ten steps and weights of gain 0.5: dots at the multiples of "
    "ten lie near one, and the curve falls between them.",
    k=(10, 12, 15, 20, 25, 30, 1, 2, 3, 5, 7),
    gain=(0.5, 0.75, 1.0, 1.25),
)

# %% [markdown]
# ## 4 · A task in which the skip decides
#
# The network reads $T = 50$ symbols from an alphabet of 8; after the last one, it must name the first. The
# lag is 49. The plain network gets two chances, with small and with larger initial weights.
#
# <details><summary>Predict: which skips will learn a lag of 49, k = 7, k = 10, k = 25? And what changes for
# k = 25 at a lag of 50, for k = 7 at a lag of 52?</summary>
#
# What counts is the remainder, the ordinary steps that are left. 49 = 7·7 leaves none. 49 = 4·10 + 9 leaves
# nine: in the comb above a little still arrives there, so it may learn, but slowly. 49 = 25 + 24 leaves
# twenty-four, and should fail, although it is a skip; 50 = 2·25 leaves none. And 52 = 7·7 + 3 leaves three:
# no multiple of 7, but a short walk.
#
# </details>


# %% tags=["demo"] claims="2.11"
def skip_functions(k):
    """Forward and backward of the network with a skip of k steps, as the training loop wants them."""

    def forward(x, h0, W_xh, W_hh, b_h):
        return skip_rnn_forward(x, h0, W_xh, W_hh, b_h, k)

    def backward(dh, x, h0, h, W_xh, W_hh, b_h):
        return skip_rnn_backward(dh, x, h0, W_xh, W_hh, b_h, k)[2:]

    return forward, backward


plain = rnn_forward, lambda dh, x, h0, h, W_xh, W_hh, b_h: rnn_backward(dh, x, h0, h, W_xh, W_hh)[2:]
RUNS = {  # label: (functions, T, gain of W_hh, colour)
    "no skip": (plain, 50, 0.5, ORANGE),
    "no skip, gain 1": (plain, 50, 1.0, RED),
    "k = 7, lag 49": (skip_functions(7), 50, 0.5, GREEN),
    "k = 7, lag 52": (skip_functions(7), 53, 0.5, SKY),
    "k = 10, lag 49": (skip_functions(10), 50, 0.5, BLUE),
    "k = 25, lag 49": (skip_functions(25), 50, 0.5, PURPLE),
    "k = 25, lag 50": (skip_functions(25), 51, 0.5, BLACK),
}
SEEDS, accuracy = range(3), {}
jobs = [(label, seed) for label in RUNS for seed in SEEDS]
with one_thread():
    for label, seed in progress_bar(jobs, "twenty-one runs"):
        (forward, backward), T, gain, _ = RUNS[label]
        accuracy[label, seed] = train_recall(forward, backward, T, seed, steps=240, gain=gain)

# %% tags=["demo", "hide-input"] claims="2.11"
fig, (ax,) = figure(height=4.0)
final = {}
for (label, (_, _, _, colour)), marker in zip(RUNS.items(), "xo^s.vD", strict=True):
    curves = np.array([accuracy[label, seed].reshape(-1, 20).mean(axis=1) for seed in SEEDS])
    spread(ax, 20 * np.arange(1, curves.shape[1] + 1), curves, label, colour, marker=marker)
    final[label] = curves[:, -1]
ax.axhline(1 / 8, color="grey", linewidth=1, linestyle=":")
ax.set(xlabel="training steps", ylabel="accuracy on fresh sequences", ylim=(0, 1.03), xlim=(0, 340))
ax.legend(loc="center right")
show(
    fig,
    alt="Accuracy against training steps for seven networks, three seeds each: k = 7 with lags of 49 "
    "and of 52, and k = 25 with a lag of 50 reach 1, k = 10 more slowly; both plain networks and k = 25 with "
    "a lag of 49 lie on each other at guessing.",
)
for label, values in final.items():
    print(f"{label:18} accuracy over the last 20 steps, by seed: {np.round(values, 2)}")
fits = ("k = 7, lag 49", "k = 7, lag 52", "k = 10, lag 49", "k = 25, lag 50")
assert all(final[label].min() > 0.9 for label in fits)
assert all(final[label].max() < 0.3 for label in ("no skip", "no skip, gain 1", "k = 25, lag 49"))

# %% [markdown]
# The comb predicted all of it. With a skip that fits, a network that had no chance solves the task with every
# seed; and "fits" does not mean that $k$ divides the lag, but that the remainder is short enough to be walked
# in ordinary steps. Three are, and nine still are, with more training; twenty-four are not: $k = 25$ fails at
# lag 49 and succeeds at one more. (Lag 52 is learned even sooner than 49: at large lags the comb's peaks lie
# a step or two beyond the multiples, where there are more ways.) So "add skip connections" is no spell. When
# the lags are not known, one takes several lengths, or $k = 1$, or lets the network decide. (The plain
# network is not *unable* to remember: one that starts from an orthogonal matrix, as in lesson 11, learns a
# lag of 23. From these starts and in this budget it does not learn 49.)
#
# ## 5 · A gate on the skip
#
# Letting the network decide is what a **highway** layer does (Srivastava et al., 2015). A transform gate
# $t$ between 0 and 1 (a gate here, no time step) mixes candidate and input, unit by unit:
#
# $$t = \sigma(x W_t + b_t), \qquad y = t \odot \tanh(x W_h + b_h) + (1 - t) \odot x, \qquad x, y\ (N, H).$$

# %% carry="sigmoid"


# %% exercise="highway_step"
def highway_step(x, W_h, b_h, W_t, b_t):
    """A highway layer: a gate decides, unit by unit, how much is transformed and how much is carried.

    t = sigmoid(x W_t + b_t);  y = t * tanh(x W_h + b_h) + (1 - t) * x

    x (N, H), W_h (H, H), b_h (H,), W_t (H, H), b_t (H,)
    -> y (N, H), also where the gate is wide open or shut.
    Source: Srivastava, Greff and Schmidhuber (2015).
    """
    # BEGIN SOLUTION
    t = sigmoid(x @ W_t + b_t)
    return t * np.tanh(x @ W_h + b_h) + (1 - t) * x
    # END SOLUTION


# %%
check(highway_step)

# %% [markdown]
# How much of a nudge at the input arrives after many such layers? At the start, that is set by the bias
# $b_t$: the more negative, the more is carried. (A gradient on its way back meets the same factors.)


# %% tags=["demo", "hide-input"]
def nudge_by_layer(b_t, L=30, H=16, seed=0):
    """Size of a small change of the input after each of L highway layers, over its size at the start."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(64, H))
    nudged, sizes = x + 1e-6 * rng.normal(size=x.shape), []
    start = np.linalg.norm(nudged - x)
    for _ in range(L):
        W_h, W_t = 0.5 * rng.normal(size=(2, H, H)) / np.sqrt(H)
        x, nudged = (highway_step(v, W_h, np.zeros(H), W_t, np.full(H, float(b_t))) for v in (x, nudged))
        sizes.append(np.linalg.norm(nudged - x) / start)
    return np.array(sizes)


fig, (ax,) = figure(height=3.4)
arrived = {}
for b_t, colour, marker in zip((3, 0, -2, -4), (ORANGE, GREEN, SKY, BLUE), "v^so", strict=True):
    runs = np.array([nudge_by_layer(b_t, seed=seed) for seed in range(5)])
    spread(ax, np.arange(1, 31), runs, f"gate bias {b_t}", colour, marker)
    arrived[b_t] = np.median(runs[:, -1])
ax.set(yscale="log", ylim=(1e-11, 10), xlabel="highway layers", ylabel="what is left of a nudge")
ax.legend(loc="lower left")
show(
    fig,
    alt="What is left of a small change of the input against the number of highway layers, for four "
    "gate biases: with "
    "bias 3 it vanishes, with bias minus 4 most of it arrives after thirty layers.",
)
assert arrived[3] < arrived[0] < 1e-6 < arrived[-2] < arrived[-4] and arrived[-4] > 0.5

# %% [markdown]
# ### The LSTM's cell is such a skip
#
# Put the equations side by side, with time in the place of depth:
#
# | | new value | carry | news |
# |---|---|---|---|
# | residual layer | $y = x + F(x)$ | 1 | 1 |
# | skip over time | $h_t = h_{t-k} + \tanh(\cdot)$ | 1 | 1 |
# | highway layer | $y = (1-t) \odot x + t \odot \tanh(\cdot)$ | $1 - t$ | $t$ |
# | LSTM | $c_t = f \odot c_{t-1} + i \odot \tanh(\cdot)$ | $f$ | $i$ |
# | coupled LSTM, GRU | $c_t = (1-i) \odot c_{t-1} + i \odot \tanh(\cdot)$ | $1 - i$ | $i$ |
#
# With $f = 1$ and $i = 1$ the LSTM's cell is a residual connection over time with $k = 1$. With $f = 1 - i$
# it is a highway: the picture's cell below begins by checking this with your `highway_step`. Its gates make
# the skip *learnable*: a forget gate near 1 carries, near 0 it cuts. The cell came first, by the way: 1997
# for the LSTM, 2000 for the forget gate, 2015 for highways and residual networks.

# %% carry="lstm_gates lstm_step lstm_forward lstm_step_backward lstm_backward"

# %% tags=["demo", "hide-input"] claims="2.11"
rng = np.random.default_rng(3)
N, H = 5, 11
# A cell whose gates and candidate read its memory, f = 1 - i: a highway layer gives the same numbers.
c, W_h, W_t = rng.normal(size=(N, H)), rng.normal(size=(H, H)), rng.normal(size=(H, H))
b_h, b_t = rng.normal(size=(2, H))
i, g = sigmoid(c @ W_t + b_t), np.tanh(c @ W_h + b_h)
assert np.allclose(highway_step(c, W_h, b_h, W_t, b_t), (1 - i) * c + i * g)


def lstm_gradient_by_lag(forget_bias, T=60, D=8, H=32, seed=0):
    """As gradient_by_lag, for an LSTM with this forget bias."""
    rng = np.random.default_rng(seed)
    x, dh = rng.normal(size=(16, T, D)), np.zeros((16, T, H))
    dh[:, -1] = rng.normal(size=(16, H)) / np.sqrt(H)
    W_xh, W_hh = rng.normal(size=(D, 4 * H)) / np.sqrt(D), 0.5 * rng.normal(size=(H, 4 * H)) / np.sqrt(H)
    b = np.zeros(4 * H)
    b[H : 2 * H] = forget_bias
    dx = lstm_backward(dh, x, np.zeros((16, H)), np.zeros((16, H)), W_xh, W_hh, b)[0]
    return np.linalg.norm(dx, axis=2).mean(axis=0)[::-1]


fig, (ax,) = figure(height=3.6)
ax.plot(gradient_by_lag(100), color=ORANGE, marker="s", markevery=5, label="tanh network")
ax.plot(gradient_by_lag(1), color=SKY, marker="^", markevery=5, label="skip, k = 1")
lstm = {}
for bias, colour, style in zip((0, 1, 6), (PURPLE, BLUE, BLACK), (":", "--", "-"), strict=True):
    lstm[bias] = lstm_gradient_by_lag(bias)
    ax.plot(lstm[bias], color=colour, linestyle=style, label=f"LSTM, forget bias {bias}")
ax.set(yscale="log", ylim=(1e-14, 1e2), xlabel="lag", ylabel="gradient norm")
ax.legend(loc="lower left")
show(
    fig,
    alt="Gradient norm against lag: the tanh network falls steeply, an LSTM with forget bias 0 or 1 "
    "falls more slowly, "
    "an LSTM with forget bias 6 stays nearly level, and the skip with k = 1 rises.",
)
at_50 = {bias: float(norms[50] / norms[1]) for bias, norms in lstm.items()}
print("gradient at lag 50 over that at lag 1, by forget bias:", {b: f"{v:.0e}" for b, v in at_50.items()})
assert at_50[0] < at_50[1] < at_50[6] and at_50[6] > 0.05 and at_50[0] < 1e-6

# %% [markdown]
# An LSTM is as good a short cut as its forget gate is open. With a bias of 0 the gate starts half closed
# and the gradient fades, more slowly than in a tanh network, but it fades; with a large bias the cell
# starts as a plain skip, and can learn to close the gate where forgetting is right.
#
# | | fixed skip | gated skip |
# |---|---|---|
# | factor on the direct way | 1 | $f$, learned |
# | lags that profit | those a short walk beyond a multiple of $k$ | all, while $f$ stays near 1 |
# | what it costs | no weights | the gates' weights |
# | forgetting | none: states add up | yes |
# | danger | many ways add up: explosion | a gate that starts closed |
#
# ## What it cannot do yet
#
# The signal can now travel over many layers and many steps. But all our alphabets were small: 8 symbols here,
# some 70 characters before. Words are another matter, because the last layer has a row for every one of them:
# **what if there are 50,000 classes?**
