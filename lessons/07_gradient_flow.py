# %% [markdown]
# # 07 · Gradient flow
#
# **Question:** why does it forget?
#
# In lesson 06 the network learned from real text. Nothing in its equation says that a symbol read long ago
# should count less than the last one: the state could carry anything. Yet recurrent networks are known to
# forget. Is it the network that cannot remember, or the *training* that cannot teach it to?
#
# **You will**
# - differentiate the three usual activations, and one step of the network;
# - multiply the steps together and see why the product shrinks or grows;
# - tell the largest singular value of a matrix from its largest eigenvalue, and know what each one
#   promises;
# - bound the gradient, measure it, and find out how far the bound is from the truth;
# - test eight popular sentences about vanishing gradients, each against a number.
#
# **Before:** lessons 04 (the forward pass) and 06 (the backward pass). **Time:** 100 minutes.
#
# covers: 0.15 0.16 0.17 0.18 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 3.6 4.3 4.4 E1 E2 E3 E4 E5 E6 E7

# %%
import numpy as np

from autograder import check
from coursekit.memory_probes import gradient_flow, recall_accuracy
from coursekit.plots import BLUE, COLOURS, GREEN, ORANGE, PURPLE, RED, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% carry="rnn_forward"

# %% [markdown]
# ## 1 · The symptom
#
# The simplest memory test there is: the network reads some symbols, drawn from eight, and at the end it has
# to say what the *first* one was. The rule never changes; only the lag does, the number of steps between
# hearing and telling. One symbol out of eight is three bits of memory, for a network of 32 units. Seven
# networks per lag differ in their random numbers alone; each gets the same 500 training steps.

# %% tags=["demo"] claims="0.15"
H, RUNS, STEPS = 32, 7, 500
lags = np.array([2, 5, 10, 15, 20, 30, 40])


def gaussian_weights(gain):
    """Recurrent weights (RUNS, H, H) of spectral radius about `gain`."""
    return np.random.default_rng(3).normal(size=(RUNS, H, H)) * gain / np.sqrt(H)


def show_runs(ax, runs, label, colour):
    """Every network as a dot, shares `runs` (lags, RUNS), and their mean as a line."""
    shift = np.linspace(-0.4, 0.4, RUNS)
    ax.plot(lags, np.mean(runs, axis=1), color=colour, label=label)
    ax.plot(lags[:, None] + shift, runs, ".", color=colour, alpha=0.6)


with one_thread():
    bar = progress_bar(lags, "recall")
    recall = {1.0: [recall_accuracy(gaussian_weights(1.0), lag + 1, STEPS) for lag in bar]}

fig, (ax,) = figure()
show_runs(ax, recall[1.0], "mean of 7 networks, each a dot", BLUE)
ax.axhline(1 / 8, color="grey", linestyle="--", label="guessing")
ax.set(
    xlabel="lag: steps between the symbol and the question", ylabel="share of right answers", ylim=(0, 1.05)
)
ax.legend(loc="upper right")
show(
    fig,
    alt="Recall is nearly perfect up to lag ten, luck at fifteen and twenty, hardly there from thirty on.",
)
for lag, shares in zip(lags, recall[1.0], strict=True):
    print(f"lag {lag:2d}: {'  '.join(f'{share:.2f}' for share in sorted(shares))}")
assert np.min(recall[1.0][:2]) > 0.95 and np.median(recall[1.0][-1]) < 0.3

# %% [markdown]
# Up to lag ten every network learns it, or nearly; far beyond that none does, and in between it is a matter
# of luck: look at the single results, not at the mean. Five steps and forty are the *same rule* with the
# same number of weights. What differs is the road that the gradient has to travel. Let us follow it,
# starting with one unit.
#
# ## 2 · One unit: the slope and the weight
#
# A chain of single units, $h_t = f(z_t)$ with $z_t = w\,h_{t-1} + b$. How much does $h_t$ change when
# $h_{t-1}$ does?
#
# $$\frac{\partial h_t}{\partial h_{t-1}} = w\, f'(z_t) \qquad\text{all of them numbers}$$
#
# So we need the slopes $f'$. Work them out for the sigmoid $\sigma(z) = 1/(1+e^{-z})$, for tanh and for
# ReLU.


# %% exercise="activation_slope"
def activation_slope(z, kind):
    """How steep the activation is at z: its derivative, entry by entry.

    z any shape, as large as it likes; kind "sigmoid", "tanh" or "relu" -> slope, same shape as z (ReLU at
    exactly 0 has slope 0)
    Source: Bengio, Simard and Frasconi (1994).
    """
    # BEGIN SOLUTION
    if kind == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if kind == "tanh":
        return 1 - np.tanh(z) ** 2
    s = 0.5 * (1 + np.tanh(z / 2))  # the sigmoid, without an exponential that could overflow
    return s * (1 - s)
    # END SOLUTION


# %%
check(activation_slope)

# %% [markdown]
# Now look at them, and at four numbers that are often rounded away.

# %% tags=["demo"] claims="2.8 E3 E4"
z = np.linspace(-6, 6, 601)
kinds = {"sigmoid": ORANGE, "tanh": BLUE, "relu": GREEN}
values = {"sigmoid": 1 / (1 + np.exp(-z)), "tanh": np.tanh(z), "relu": np.maximum(z, 0)}

fig, (left, right) = figure(2)
for kind, colour in kinds.items():
    left.plot(z, values[kind], color=colour, label=kind.replace("relu", "ReLU"))
    right.plot(z, activation_slope(z, kind), color=colour, label=kind)
left.set(title="the activation f(z)", xlabel="z", ylim=(-1.2, 2.5))
right.set(title="its slope f '(z)", xlabel="z", ylim=(-0.05, 1.15))
left.legend(loc="upper left")
show(
    fig,
    alt="Sigmoid, tanh and ReLU with their slopes: at most a quarter, at most one, and either zero or one.",
)

at = np.array([0.0, 1.0, 2.0, 5.0])
slopes = activation_slope(at, "tanh")
for point, slope in zip(at, slopes, strict=True):
    print(f"tanh'({point:.0f}) = {slope:.2g}     twenty such steps: {slope**20:.1e}")

np.testing.assert_allclose(slopes, [1, 0.42, 0.0707, 1.8e-4], rtol=0.02)  # small at 5, but not zero,
assert 1e-8 < slopes[1] ** 20 < 1e-7  # and the damage is done long before: twenty units at z = 1 are enough
assert np.all(activation_slope(z, "tanh") > 0) and activation_slope(z, "tanh").max() <= 1

# %% [markdown]
# *"tanh is flat beyond ±5, so a saturated unit stops learning; it is a partial effect."* Half right. The
# slope at 5 is small, not zero. And a network does not need to go that far: at $z = 1$, in the middle of
# the working range, twenty steps leave a few hundred-millionths.
#
# *"tanh maps to between -1 and 1; that is why gradients vanish and explode."* The range of the values is
# not what counts. What enters the product is the *slope*, and tanh's lies in (0, 1]: by itself it can only
# shrink. If something explodes, the weights did it. The next cell holds the values inside (-1, 1) and lets
# the gradient explode, and takes the squeezing away altogether and lets it vanish.


# %% tags=["demo"] claims="0.17 0.18 E4 E5 E6"
def unit_chain(kind, w, b, h0, steps):
    """States h_0 .. h_steps of one unit fed by itself, and dh_steps / dh_0."""
    f = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: max(z, 0.0)}
    h, derivative = [h0], 1.0
    for _ in range(steps):
        z = w * h[-1] + b
        h.append(f[kind](z))
        derivative *= w * activation_slope(np.array(z), kind)
    return np.array(h), float(derivative)


chains = {
    "sigmoid, w = 1": unit_chain("sigmoid", 1.0, 0.0, 0.5, 10),
    "sigmoid, w = 8, b = -4": unit_chain("sigmoid", 8.0, -4.0, 0.5, 10),
    "tanh, w = 1": unit_chain("tanh", 1.0, 0.0, 0.5, 10),
    "tanh, w = 3, from 0": unit_chain("tanh", 3.0, 0.0, 0.0, 10),
    "ReLU, w = 1.1": unit_chain("relu", 1.1, 0.0, 0.5, 100),
    "ReLU, w = 1": unit_chain("relu", 1.0, 0.0, 0.5, 100),
    "ReLU, w = 0.9": unit_chain("relu", 0.9, 0.0, 0.5, 100),
    "ReLU, w = 1.1, dead": unit_chain("relu", 1.1, -1.0, 0.5, 100),
}
print(f"{'':24} steps   last value    dh_T / dh_0")
for name, (h, derivative) in chains.items():
    print(f"{name:24} {len(h) - 1:5d}   {h[-1]:10.4g}   {derivative:12.3g}")

D = {name: derivative for name, (_, derivative) in chains.items()}
assert np.isclose(0.25**4, 0.0039, rtol=0.01) and 2.5e-7 < D["sigmoid, w = 1"] < 4e-7
assert np.isclose(chains["sigmoid, w = 1"][0][-1], 0.659, atol=1e-3)  # values do not shrink to nothing ...
assert np.isclose(D["sigmoid, w = 8, b = -4"], 1024)  # ... and with a large w the gradient even grows
assert D["tanh, w = 3, from 0"] > 1e4 and D["ReLU, w = 0.9"] < 1e-4  # bounded explodes, unbounded vanishes
assert np.isclose(D["ReLU, w = 1.1"], 13_780, rtol=1e-3) and np.isclose(D["ReLU, w = 0.9"], 2.7e-5, rtol=0.02)
assert D["ReLU, w = 1"] == 1 and D["ReLU, w = 1.1, dead"] == 0

# %% [markdown]
# Read the table against three more sentences.
#
# *"A sigmoid's values shrink step by step to nothing."* They settle at a fixed point, about two thirds for
# $w = 1$. What shrinks is the *difference* between two histories: whatever you start from, you end at the
# same number, and that is exactly what a derivative of nearly zero says. The factor of one step is
# $|w|\sigma'$, at most $|w|/4$, so a weight beyond 4 *can* make it grow: eight with a bias that keeps the
# unit in the middle doubles the gradient in each step.
#
# *"tanh vanishes because its values are bounded."* With $w = 3$ around zero the values stay bounded and the
# gradient explodes; a ReLU with $w = 0.9$ is unbounded and its gradient vanishes.
#
# *"A ReLU explodes when w is positive."* On an active path the factor is $w$: above 1 it grows, below 1 it
# decays, and at exactly 1 it is preserved for ever. A dead unit passes nothing at all. Keep the middle case
# in mind: lesson 08 lives on it.
#
# ## 3 · Many units: the Jacobian of one step
#
# With $H$ units the weight becomes a matrix and the derivative one too:
#
# $$z_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h,\qquad h_t = \tanh(z_t),\qquad
# J_t[i,j] = \frac{\partial h_t[j]}{\partial h_{t-1}[i]} = W_{hh}[i,j]\,\bigl(1 - h_t[j]^2\bigr)$$
#
# Row $i$ is the earlier unit, column $j$ the later one, so that a small change of the state, a row vector
# $\delta$, becomes $\delta J_t$. Many books write $\operatorname{diag}(1-h^2)\,W$; that is the same for
# column vectors.


# %% exercise="step_jacobian"
def step_jacobian(h, W_hh):
    """How h_t answers to a small change of h_{t-1}, for h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h).

    h (N, H) the states h_t, *after* tanh; W_hh (H, H)
    -> J (N, H, H) with J[n, i, j] = dh_t[n, j] / dh_{t-1}[n, i]
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    return W_hh * (1 - h**2)[:, None, :]  # (H, H) * (N, 1, H): column j is scaled by the slope of unit j
    # END SOLUTION


# %%
check(step_jacobian)

# %% [markdown]
# Trust, but verify: nudge every entry of $h_{t-1}$, and look at what happens to $h_t$.

# %% tags=["demo"] claims="2.2 2.4"
rng = np.random.default_rng(0)
D_in, units = 3, 5
W_xh, W_hh = rng.normal(size=(D_in, units)), rng.normal(size=(units, units))
b_h, x_t, h_prev = rng.normal(size=units), rng.normal(size=(1, D_in)), np.tanh(rng.normal(size=(1, units)))


def step_with_cache(h_prev):
    """z_t and h_t, each (1, H): what a forward pass keeps for the way back."""
    z_t = x_t @ W_xh + h_prev @ W_hh + b_h
    return z_t, np.tanh(z_t)


z_t, h_t = step_with_cache(h_prev)
numeric = np.zeros((units, units))
for i in range(units):
    nudge = 1e-6 * np.eye(units)[i]
    numeric[i] = (step_with_cache(h_prev + nudge)[1] - step_with_cache(h_prev - nudge)[1])[0] / 2e-6
gap = np.abs(step_jacobian(h_t, W_hh)[0] - numeric).max()
print(f"largest difference to finite differences: {gap:.1e}")
assert gap < 1e-8
assert np.allclose(
    activation_slope(z_t, "tanh"), 1 - h_t**2
)  # the slope at z_t is known from h_t: no need to keep z_t

# %% [markdown]
# ## 4 · Many steps: a product of Jacobians
#
# The state is a nest of boxes. Four steps written out are
#
# $$h_4 = g(x_4, g(x_3, g(x_2, g(x_1, h_0)))),\qquad
# \frac{\partial h_4}{\partial h_0} = J_1\,J_2\,J_3\,J_4 \qquad (H, H).$$
#
# *"A very large number of factors lies between $h_0$ and $h_4$."* Count them: four. From $h_1$ to $h_4$
# there are three, and from the first to the last of a hundred words 99. One factor per step is bad enough,
# as the powers above show.


# %% exercise="jacobian_product"
def jacobian_product(h, W_hh):
    """How the last state answers to a small change of the initial one: the chain rule over all T steps.

    h (T, H) the states h_1 .. h_T of one sequence, W_hh (H, H) -> J (H, H) with J[i, j] = dh_T[j] / dh_0[i]
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    J = np.eye(len(W_hh))
    for step in step_jacobian(h, W_hh):  # (T, H, H): here the T states stand where the batch was
        J = J @ step
    return J
    # END SOLUTION


# %%
check(jacobian_product)

# %% tags=["demo"] claims="0.16 2.3 3.6 E7"
import torch

T = 4
x = rng.normal(size=(1, T, D_in))
h0 = np.tanh(rng.normal(size=(1, units)))
h = rnn_forward(x, h0, W_xh, W_hh, b_h)[0]  # (T, H)
J = step_jacobian(h, W_hh)  # (T, H, H): one Jacobian for each step
by_hand = J[0] @ J[1] @ J[2] @ J[3]

weights = [torch.tensor(w) for w in (x[0], W_xh, W_hh, b_h)]


def last_state(h_t, first=0):
    """h_T as PyTorch sees it, starting from the state h_t before step `first`."""
    inputs, W_x, W_h, b = weights
    for x_t in inputs[first:]:
        h_t = torch.tanh(x_t @ W_x + h_t @ W_h + b)
    return h_t


autograd = torch.autograd.functional.jacobian(last_state, torch.tensor(h0[0])).T.numpy()
from_h1 = torch.autograd.functional.jacobian(lambda h: last_state(h, 1), torch.tensor(h[0])).T.numpy()
print(
    f"{len(J)} factors from h_0 to h_4; product and autograd differ by {np.abs(by_hand - autograd).max():.0e}"
)
assert len(J) == 4 and np.allclose(by_hand, autograd) and np.allclose(jacobian_product(h, W_hh), autograd)
assert np.allclose(J[1] @ J[2] @ J[3], from_h1)  # three factors from h_1 to h_4

hundred = rnn_forward(rng.normal(size=(1, 100, D_in)), h0, W_xh, W_hh, b_h)[0]  # a hundred words
between = step_jacobian(hundred[1:], W_hh)  # those of steps 2 .. 100, on the way from h_1 to h_100
print(f"{len(between)} factors from the first to the last of {len(hundred)} words")
assert len(between) == 99 and np.allclose(jacobian_product(hundred[1:], W_hh), np.linalg.multi_dot(between))

# %% [markdown]
# ## 5 · How much can a matrix stretch?
#
# The longest that $\delta W$ can be for a row $\delta$ of length 1 is the **spectral norm** $\|W\|$, the
# largest *singular value* of $W$. It does not matter from which side we multiply: $W$ and $W^\top$ have the
# same singular values, so that columns, as power iteration is usually written with, find the same number.
# Apply $W$ and then its transpose, again and again; whatever direction is stretched most wins.
#
# $$v \leftarrow \frac{W^\top W v}{\|W^\top W v\|},\qquad \|W\| = \|W v\| \text{ in the end}$$


# %% exercise="spectral_norm"
def spectral_norm(W, v0, iterations):
    """The most that W can stretch a vector: its largest singular value, by power iteration with W^T W.

    W (H, H), v0 (H,) the first v, not zero, iterations how often v is replaced, enough to converge
    -> norm (): how long W v is in the end
    Source: von Mises and Pollaczek-Geiringer (1929).
    """
    # BEGIN SOLUTION
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)
    # END SOLUTION


# %%
check(spectral_norm)

# %% [markdown]
# *"The L2 norm of W is its largest eigenvalue."* You will read this often. For symmetric matrices it is
# true, but for the sign; recurrent weights are not symmetric. Here is a matrix of two numbers that settles
# it.

# %% tags=["demo"] claims="2.6 E1"
for seed in range(30):  # power iteration against the singular value decomposition
    draws = np.random.default_rng(seed)
    M = draws.normal(size=(7, 5)) @ draws.normal(size=(5, 7))
    assert np.isclose(spectral_norm(M, draws.normal(size=7), 2_000), np.linalg.svd(M).S[0], rtol=1e-6)

W = np.array([[0.5, 10.0], [0.0, 0.5]])
sigma, rho = spectral_norm(W, np.ones(2), 50), np.abs(np.linalg.eigvals(W)).max()
k = np.arange(61)
norms = np.array([np.linalg.norm(np.linalg.matrix_power(W, n), 2) for n in k])

fig, (left, right) = figure(2)
left.semilogy(k, norms, color=BLUE, marker=".", label="norm of W^k")
left.semilogy(k[:4], sigma ** k[:4], color=RED, linestyle="--", label="singular value to the k")
left.semilogy(k, rho**k, color=GREEN, linestyle=":", label="eigenvalue to the k")
left.set(xlabel="steps k", title="up first, then down", ylim=(1e-13, 1e8))
left.legend(loc="upper right")
right.semilogy(k[1:], norms[1:] ** (1 / k[1:]), color=BLUE, marker=".", label="norm of W^k, to the 1/k")
right.axhline(sigma, color=RED, linestyle="--", label="largest singular value")
right.axhline(rho, color=GREEN, linestyle=":", label="largest eigenvalue")
right.set(xlabel="steps k", title="average factor of one step")
right.legend()
show(
    fig,
    alt="Norms of powers of W rise from 1 to ten in one step and end by halving in each of them.",
)

print(f"largest singular value {sigma:.2f}, largest eigenvalue {rho:.2f}")
print("norm of W^k for k = 1, 2, 3, 20:", "  ".join(f"{norms[n]:.4g}" for n in (1, 2, 3, 20)))
assert np.isclose(sigma, 10.0249, atol=1e-4) and np.isclose(rho, 0.5)
np.testing.assert_allclose(norms[:4], [1, 10.0249, 10.0062, 7.5021], atol=1e-4)
assert 3e-4 < norms[20] < 5e-4
assert np.all(norms <= sigma**k * (1 + 1e-9)) and np.all(norms >= rho**k)  # between the two, always

# %% [markdown]
# The two numbers answer two questions. The **singular value** bounds what *one* step can do: here a factor
# of ten. The **spectral radius** $\rho(W)$, the largest $|$eigenvalue$|$, is the rate that *very many*
# steps approach: here a half (Gelfand, 1941: $\|W^k\|^{1/k} \to \rho$). In between, a matrix whose singular
# value is well above its eigenvalues can grow for a while before it decays. For training both matter: a
# gradient that decays after forty steps, but is multiplied by ten first, still throws you.
#
# ## 6 · A bound, and what it is worth
#
# Norms of products are at most products of norms:
#
# $$\left\|\frac{\partial h_T}{\partial h_0}\right\| \;\le\;
# \prod_{t=1}^{T} \|W_{hh}\|\;\max_j\bigl(1 - h_t[j]^2\bigr)$$


# %% exercise="norm_bound"
def norm_bound(h, W_hh):
    """An upper bound on the norm of dh_T / dh_0: one factor ||W_hh|| * max_j (1 - h_t[j]^2) for each step.

    h (T, H) the states h_1 .. h_T of one sequence, W_hh (H, H) -> bound (); ||W_hh|| is the spectral norm
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=1))
    # END SOLUTION


# %%
check(norm_bound)

# %% tags=["demo"] claims="2.5 E2"
rng = np.random.default_rng(1)
tightness = []
for _ in range(1000):  # the inequality, on a thousand networks
    T, units = rng.integers(1, 12), rng.integers(1, 9)
    W = rng.normal(size=(units, units)) * rng.uniform(0.2, 2)
    h = np.tanh(rng.normal(size=(T, units)) * rng.uniform(0.1, 2))
    actual, bound = np.linalg.norm(jacobian_product(h, W), 2), norm_bound(h, W)
    assert actual <= bound * (1 + 1e-9)
    tightness.append(actual / bound)
print(f"actual / bound: median {np.median(tightness):.0e}, from {min(tightness):.0e} to {max(tightness):.3f}")

# An eigenvalue of 2, and yet nothing explodes: the units are saturated
W = 2 * np.eye(3)
h = rnn_forward(np.ones((1, 30, 1)), np.zeros((1, 3)), np.ones((1, 3)), W, np.zeros(3))[0]
by_eigenvalue, actual = 2.0**30, np.linalg.norm(jacobian_product(h, W), 2)
print(f"W = 2I, input 1: 2^30 = {by_eigenvalue:.0e}, your bound {norm_bound(h, W):.0e}, actual {actual:.0e}")
assert actual < 1e-45 and by_eigenvalue > 1e9
assert np.median(tightness) < 0.1 and min(tightness) < 1e-6 and max(tightness) <= 1 + 1e-9

# %% [markdown]
# The bound always holds, and is loose: usually by a factor of ten or more, sometimes by millions. That is
# why its two directions are worth different things:
#
# - $\|W_{hh}\| \cdot \max f' < 1$ is **sufficient for vanishing**: every factor is below 1, nothing can
#   save the product.
# - $\|W_{hh}\| \cdot \max f' > 1$ is only **necessary for exploding**. *"An eigenvalue above 1
#   explodes"* is false: the saturated network above has every eigenvalue at 2, and its gradient is gone.
#
# ## 7 · Measure it
#
# So theory brackets the answer, and the measurement gives it. Start with a gradient at the last state and
# walk back:
#
# $$dh_{T-k} = \bigl(dh_{T-k+1} \odot (1 - h_{T-k+1}^2)\bigr)\,W_{hh}^\top \qquad (N, H)$$
#
# and write down how long it is after every step: `norms[k]` for lag $k$.


# %% exercise="gradient_norms"
def gradient_norms(dh_T, h, W_hh):
    """How long the gradient is after 0, 1, .. T-1 steps back in time, when the only loss is at the end.

    dh_T (N, H) the gradient at h_T; h (N, T, H) the states h_1 .. h_T; W_hh (H, H)
    -> norms (T,): norms[k] is the root of the sum of squares, over batch and units, of dL/dh_{T-k};
    norms[0] belongs to dh_T itself
    Source: Bengio, Simard and Frasconi (1994).
    """
    # BEGIN SOLUTION
    T = h.shape[1]
    dh = dh_T
    norms = np.zeros(T)
    norms[0] = np.linalg.norm(dh)
    for k in range(1, T):
        dh = (dh * (1 - h[:, T - k] ** 2)) @ W_hh.T
        norms[k] = np.linalg.norm(dh)
    return norms
    # END SOLUTION


# %%
check(gradient_norms)

# %% [markdown]
# Your function is for tanh. For the comparison below, `gradient_flow` asks autograd for the same numbers,
# with any of the three activations; the first thing the cell does is to check that it agrees with you. The
# recurrent weights are a random rotation times a **gain**, so that every singular value *and* every
# |eigenvalue| equals the gain: no ambiguity left. The inputs are Gaussian.

# %% tags=["demo"] claims="2.1 2.7 E2"
rng = np.random.default_rng(7)
H, T, N = 64, 101, 8
rotation = np.linalg.qr(rng.normal(size=(H, H)))[0]
drive, dh_end = rng.normal(size=(N, T, H)) * 0.5, rng.normal(size=(N, H))
states = rnn_forward(drive, np.zeros((N, H)), np.eye(H), 1.1 * rotation, np.zeros(H))
yours = gradient_norms(dh_end, states, 1.1 * rotation)
assert np.allclose(gradient_flow(1.1 * rotation, "tanh", drive, dh_end)[0], yours / yours[0])

gains = (0.5, 0.8, 1.0, 1.25, 1.5)
curves = {(kind, g): gradient_flow(g * rotation, kind, drive, dh_end)[0] for kind in kinds for g in gains}
fig, panels = figure(3, width=10, height=4)
for ax, kind in zip(panels, kinds, strict=True):
    for g, colour in zip(gains, COLOURS, strict=False):
        ax.semilogy(curves[kind, g], color=colour, label=f"gain {g}")
    ax.axhline(1, color="grey", linewidth=1)
    ax.set(title=kind.replace("relu", "ReLU"), xlabel="lag k", ylim=(1e-30, 1e5))
panels[0].set_ylabel("gradient norm, lag 0 = 1")
panels[0].legend(loc="center right", fontsize=9)
show(
    fig,
    alt="Gradient norm by lag, log scale: straight lines, all falling for sigmoid, rising for ReLU at 1.5.",
)

at_50 = {key: curve[50] for key, curve in curves.items()}
assert all(at_50["sigmoid", g] < 1e-20 for g in gains)  # the sigmoid vanishes at every gain up to 1.5
assert at_50["tanh", 1.25] < 0.05 and at_50["relu", 1.25] < 0.05  # eigenvalues of 1.25, and no explosion
assert at_50["relu", 1.5] > 1  # the ReLU turns between 1.25 and 1.5
lag = np.arange(20, 101)
fits = {key: np.polyfit(lag, np.log(curve[20:]), 1) for key, curve in curves.items()}
for kind in kinds:
    print(f"{kind:8} factor per step:", "  ".join(f"gain {g}: {np.exp(fits[kind, g][0]):.2f}" for g in gains))
straight = [
    np.corrcoef(lag, np.log(curve[20:]))[0, 1] ** 2
    for key, curve in curves.items()
    if abs(fits[key][0]) > 0.1
]
assert min(straight) > 0.99  # exponential, a straight line on the log scale

# %% [markdown]
# Straight lines on a log scale: the gradient changes by about the same *factor* in each step. That is what
# **vanishing** and **exploding** mean: not "small" and "large", but *exponentially* smaller or larger with
# the lag. And the gain at which the direction changes is 1 for none of the three.
#
# One more twist before the summary: the same matrix can do both. The stronger the inputs, the more the tanh
# units saturate.

# %% tags=["demo"] claims="2.7 E2 4.3 4.4"
gains = np.array([0.5, 0.8, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0])
rows = [("sigmoid", 1.0), ("tanh", 1.0), ("tanh", 0.5), ("tanh", 0.1), ("relu", 1.0)]
noise = rng.normal(size=(N, 51, H))
table, largest = np.zeros((len(rows), len(gains))), {}
for r, (kind, strength) in enumerate(rows):
    for c, g in enumerate(gains):
        norms, largest[kind, strength, float(g)] = gradient_flow(g * rotation, kind, noise * strength, dh_end)
        table[r, c] = np.log10(norms[50])

fig, (ax,) = figure(width=9, height=3.8)
picture = ax.imshow(table, cmap="RdBu_r", vmin=-30, vmax=30, aspect="auto")
for (r, c), value in np.ndenumerate(table):
    label = f"{value:+.1f}" if abs(value) < 1 else f"{value:+.0f}"
    ax.text(c, r, label, ha="center", va="center", color="white" if abs(value) > 17 else "black")
ax.set_xticks(range(len(gains)), [f"{g:g}" for g in gains])
ax.set_yticks(
    range(len(rows)), [f"{kind.replace('relu', 'ReLU')}, inputs {strength:g}" for kind, strength in rows]
)
ax.set(
    xlabel="gain: all singular values and |eigenvalues| of W", title="log10 of the gradient norm at lag 50"
)
ax.grid(False)
fig.colorbar(picture, ax=ax)
show(
    fig,
    alt="Heat map: sigmoid vanishes at all gains, tanh turns at 1.1 to 2 depending on inputs, ReLU near 1.4.",
)

strong, weak, relu = table[1], table[3], table[4]
at = {float(g): c for c, g in enumerate(gains)}
print(f"tanh, gain 1.1, inputs 1: {10 ** strong[at[1.1]]:.0e}    gain 3: {10 ** strong[at[3.0]]:.0e}")
assert strong[at[1.1]] < -6 and strong[at[3.0]] > 3  # 1.1 vanishes all the same, 3 does explode
assert (
    strong[at[1.5]] < -1 < 0 < weak[at[1.5]]
)  # one and the same matrix, two inputs: it vanishes, it explodes
assert np.all(table[0] < -9)  # the squeezing sigmoid vanishes at every gain tried here
assert (
    relu[at[1.25]] < -1 and relu[at[1.5]] > 0
)  # the ReLU turns near the root of 2: half of the units are off
print(
    f"largest |state| at gain 2: tanh {largest['tanh', 1.0, 2.0]:.2f}, ReLU {largest['relu', 1.0, 2.0]:.1e}"
)
assert largest["tanh", 1.0, 2.0] <= 1 and largest["relu", 1.0, 2.0] > 1e3

# %% [markdown]
# What the map says:
#
# - **Squeezing costs gradient** (first row): the sigmoid's slope of at most a quarter wants weights far
#   beyond these.
# - **tanh has no fixed threshold.** The slopes that enter the product depend on the inputs. *"An eigenvalue
#   above 1 explodes"* holds for linear networks only; here a gain of 1.5 vanishes or explodes with the
#   volume of the input.
# - **ReLU has a threshold near $\sqrt 2$**, not at 1: about half of the units are off at any time. Its
#   gradient is not squeezed, but neither are its *states*: above the threshold they grow without bound.
#   That is why recurrent networks traditionally use tanh. It is a reason, not a law: lesson 08 trains a
#   ReLU network, and it wins.
#
# ## 8 · Back to the symptom
#
# Does the gradient explain the forgetting? Take the recall networks *before* training, at three gains. On
# the right: how much gradient arrives from each lag at the start. On the left: what the networks have
# learned in the end.

# %% tags=["demo"] claims="0.15 2.1"
colours = {0.6: ORANGE, 1.0: BLUE, 1.5: PURPLE}
with one_thread():
    for gain in (0.6, 1.5):
        bar = progress_bar(lags, f"recall at gain {gain}")
        recall[gain] = [recall_accuracy(gaussian_weights(gain), lag + 1, STEPS) for lag in bar]


def initial_flow(W_hh, T=41):
    """Gradient norm by lag (T,) of an untrained recall network on random symbols, lag 0 = 1."""
    draws = np.random.default_rng(5)
    x = np.eye(8)[draws.integers(8, size=(16, T))]  # (16, T, 8)
    W_xh, dh = draws.normal(size=(8, len(W_hh))) * 0.5, draws.normal(size=(16, len(W_hh)))
    h = rnn_forward(x, np.zeros((16, len(W_hh))), W_xh, W_hh, np.zeros(len(W_hh)))
    norms = gradient_norms(dh, h, W_hh)
    return norms / norms[0]


fig, (left, right) = figure(2, width=10)
arriving = {}
for gain, colour in colours.items():
    show_runs(left, recall[gain], f"gain {gain}", colour)
    arriving[gain] = np.array([initial_flow(W) for W in gaussian_weights(gain)])
    spread(right, np.arange(41), arriving[gain], f"gain {gain}", colour, marker="")
left.set(xlabel="lag", ylabel="share of right answers", title="after training", ylim=(0, 1.05))
left.axhline(1 / 8, color="grey", linestyle="--")
right.set(
    xlabel="lag", ylabel="gradient norm, lag 0 = 1", title="before training", yscale="log", ylim=(1e-18, 1e2)
)
left.legend(loc="center left", bbox_to_anchor=(0, 0.45))
right.legend(loc="lower left")
show(
    fig,
    alt="Networks whose gradient decays faster with the lag before training recall shorter lags only.",
)

print("gain 1.5, share of right answers of each network")
for lag, shares in zip(lags, recall[1.5], strict=True):
    print(f"lag {lag:2d}: {'  '.join(f'{share:.2f}' for share in sorted(shares))}")
reach = {gain: np.mean(np.array(recall[gain]) > 0.9) for gain in recall}
rate = {gain: np.median(arriving[gain][:, 20]) for gain in recall}
for gain in sorted(recall):
    print(
        f"gain {gain}: gradient at lag 20 is {rate[gain]:.0e}; {reach[gain]:.0%} of its networks, "
        "all lags together, learned their lag"
    )
assert rate[0.6] < rate[1.0] < rate[1.5] and reach[0.6] + 0.1 < reach[1.5]
assert 1e-6 < np.median(arriving[1.0][:, 40]) < 1e-3 and np.max(recall[1.5][5]) > 0.8  # thirty steps

# %% [markdown]
# The order is the same on both sides: the more gradient arrives from a lag, the more networks learn it.
# Nothing else was changed. The network *can* hold the symbol for thirty steps: the lucky runs at gain 1.5
# prove it. The message that it should, sent back over forty steps at gain 1, arrives thousands of times
# weaker than the news of the last few steps.
#
# Note also that there is no sharp border. Where a hundredth or a thousandth of the gradient is left, some
# networks learn the lag and others do not: training changes the weights, and with them the gain. A vanishing
# gradient at the start makes learning slow and a matter of luck; it does not forbid it.
#
# ## What you know now, and what it cannot do yet
#
# - From $h_t$ to $h_{t-1}$ the gradient is multiplied by $W_{hh}$ and by the slopes; over a lag of $k$, $k$
#   times.
# - $\|W_{hh}\|$ bounds one step, $\rho(W_{hh})$ rules very many, and only a measurement tells what the
#   slopes make of it.
# - Sigmoid and tanh slopes can only shrink; explosions come from the weights. Staying near 1 is a balance
#   on a knife's edge.
#
# Seeing the disease is not a cure. Gradients that explode could simply be cut off, weights could start at a
# matrix that neither shrinks nor grows, the activation could be one with slope 1. **How far does one get by
# treating the network from outside, without changing the cell?** That is lesson 08.
