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
# **Before:** lessons 04 (the forward pass) and 06 (the backward pass). **Time:** about 140 minutes.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 0.15 0.16 0.17 0.18 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 3.6 4.3 4.4 E1 E2 E3 E4 E5 E6 E7 E9
# quoted: 1.4 1e-25

# %%
import numpy as np

from autograder import check
from coursekit.gradient_flow import DASHES, LEARNED, draw_learned, draw_norms, draw_runs, flow_and_states
from coursekit.interactive import explore
from coursekit.memory_probes import gradient_flow, recall_accuracy
from coursekit.plots import BLUE, GREEN, ORANGE, RED, figure, show
from coursekit.training import one_thread, progress_bar

# %% carry="rnn_forward"

# %% [markdown]
# ## 1 · The symptom
#
# The simplest memory test there is: the network reads some symbols, drawn from eight, and at the end it has
# to say what the *first* one was. The rule never changes; only the lag does, the number of steps between
# hearing and telling. One symbol out of eight is three bits of memory, for a network of 32 units. Seven
# networks per lag differ in their random numbers alone; each gets the same 500 training steps (with Adam, and
# gradients clipped, which lesson 08 explains).
#
# <details><summary><b>Predict:</b> same rule, same number of weights, lags from 2 to 40. Will a network's
# share of right answers sink gently as the lag grows, or how else?</summary>
#
# Hardly any network ends in between: it gets nearly everything right, or hardly more than guessing gives.
# What sinks with the lag is the number of those that get there. Look at the dots.
#
# </details>

# %% tags=["demo"] claims="0.15"
H, RUNS, STEPS = 32, 7, 500
lags = [2, 5, 10, 15, 20, 30, 40]


def gaussian_weights(gain):
    """Recurrent weights (RUNS, H, H) of spectral radius about `gain`."""
    return np.random.default_rng(3).normal(size=(RUNS, H, H)) * gain / np.sqrt(H)


with one_thread():
    bar = progress_bar(lags, "recall")
    recall = np.array([recall_accuracy(gaussian_weights(1.0), lag + 1, STEPS) for lag in bar])  # (lags, RUNS)
assert np.min(recall[:2]) > 0.95 and np.median(recall[-1]) < 0.3

# %% tags=["demo", "hide-input"]
fig, (ax,) = figure(height=3.8)
draw_runs(ax, lags, recall)
show(
    fig,
    alt="Share of right answers of seven networks at each lag, as dots, and above them how many learned. At "
    "lags 2 to 10 nearly all are near one; at 15 and 20 some are and some are not; from 30 on none is.",
)
for lag, shares in zip(lags, recall, strict=True):
    print(f"lag {lag:2d}: {'  '.join(f'{share:.2f}' for share in sorted(shares))}")

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
#
# $z$ may be extreme, 1000 or -1000: $e^{1000}$ overflows. `np.logaddexp(0, -z)` is $\log(1 + e^{-z})$ without
# that danger, and so $\sigma(z)$ is `np.exp(-np.logaddexp(0, -z))` at any $z$.


# %% exercise="activation_slope"
def activation_slope(z, kind):
    """How steep the activation is at z: its derivative, entry by entry.

    z any shape, real numbers however extreme (no nan at 1000 or -1000); kind "sigmoid", "tanh" or "relu"
    -> slope, real numbers, same shape as z; at exactly 0 the slope of ReLU is 0.
    Source: Bengio, Simard and Frasconi (1994).
    """
    # BEGIN SOLUTION
    if kind == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if kind == "tanh":
        return 1 - np.tanh(z) ** 2
    s = np.exp(-np.logaddexp(0, -z))  # the sigmoid: exp(-log(1 + e^-z))
    return s * (1 - s)
    # END SOLUTION


# %%
check(activation_slope)

# %% [markdown]
# Now look at them, at the slope of tanh at four places, and at what twenty steps of such a slope leave.

# %% tags=["demo", "hide-input"] claims="2.8 E3 E4"
z = np.linspace(-6, 6, 601)
kinds = {"sigmoid": (ORANGE, DASHES[1]), "tanh": (BLUE, DASHES[0]), "relu": (GREEN, DASHES[2])}
values = {"sigmoid": np.exp(-np.logaddexp(0, -z)), "tanh": np.tanh(z), "relu": np.maximum(z, 0)}

fig, (left, right) = figure(2)
for kind, (colour, dashes) in kinds.items():
    left.plot(z, values[kind], color=colour, linestyle=dashes, label=kind.replace("relu", "ReLU"))
    right.plot(z, activation_slope(z, kind), color=colour, linestyle=dashes, label=kind)
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
# The largest slopes are 1/4, 1 and 1. By themselves the activations can only shrink a gradient, or leave it
# as it is; only the weight can make it grow. And damage is done long before a unit is flat: at $z = 1$, in
# the middle of tanh's working range, the slope is .42, and twenty such steps leave a few hundred-millionths.
#
# <details><summary>Two sentences that you may meet: "tanh is flat beyond ±5, a partial effect", "gradients
# vanish and explode because tanh maps to between -1 and 1"</summary>
#
# The first is half right: the slope at 5 is small, not zero, and a network does not need to go that far, as
# the last column shows. The second takes the range of the *values* for the cause. What enters the product is
# the *slope*, which lies in (0, 1]. Look in the next table for a unit whose values stay inside (-1, 1) while
# its gradient explodes, and for one that does not squeeze at all while its gradient vanishes.
#
# </details>
#
# Now let single units feed themselves, each with its own weight, and compare the last value with the
# derivative.


# %% tags=["demo", "hide-input"] claims="0.17 0.18 E4 E5 E6"
def unit_chain(kind, w, b, h0, steps):
    """States h_0 .. h_steps of one unit fed by itself, and dh_steps / dh_0."""
    f = {
        "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
        "tanh": np.tanh,
        "relu": lambda z: max(z, 0.0),
    }
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
# *"A sigmoid's values shrink step by step to nothing"*, many texts say. The first row says otherwise: they
# settle at a fixed point, about two thirds for $w = 1$. What shrinks is the *difference* between two
# histories: whatever you start from, you end at the same number, and that is exactly what a derivative of
# nearly zero says. The factor of one step is $|w|\sigma'$, at most $|w|/4$, so a weight beyond 4 *can* make
# it grow: 8, with a bias that keeps the unit in the middle, doubles the gradient in each step.
#
# The other rows: a tanh with $w = 3$ around zero keeps its values bounded, and its gradient explodes. A ReLU
# multiplies by $w$ as long as it is active: above 1 the gradient grows, below 1 it decays, and at exactly 1
# it is preserved for ever. A dead unit passes nothing at all. Keep $w = 1$ in mind: lesson 08 lives on it.
#
# <details><summary>"A ReLU explodes when <i>w</i> is positive", "bounded values vanish, unbounded ones
# explode": are they true?</summary>
#
# No: $w = 0.9$ is positive, the ReLU is unbounded, and its gradient vanishes. Boundedness of the values
# decides nothing; the product of the factors does.
#
# </details>
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

# %% tags=["demo", "hide-input"] claims="2.2 2.4"
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
# Four steps, four factors; three from $h_1$ to $h_4$; 99 from the first to the last of a hundred words.
#
# <details><summary>"A very large number of factors between <i>h</i>₀ and <i>h</i>₄"?</summary>
#
# Some texts say so. It is one factor per step, four, and one per step is bad enough.
#
# </details>


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

# %% tags=["demo", "hide-input"] claims="0.16 2.3 3.6 E7"
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
# largest *singular value* of $W$. Power iteration is usually written with columns, $W v$; it finds the same
# number, for $W$ and $W^\top$ have the same singular values. Apply $W$ and then its transpose, again and
# again: the direction that is stretched most wins.
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
# A matrix has another number that is often taken for this one: its largest eigenvalue, or rather the size
# of it, the **spectral radius** $\rho(W) = \max |\text{eigenvalue}|$. For a *symmetric* matrix the two are
# equal; recurrent weights are not symmetric. One small matrix is enough to tell them apart:
#
# $$W = \begin{pmatrix} 0.5 & 10 \\ 0 & 0.5 \end{pmatrix}, \qquad \text{both eigenvalues } 0.5.$$
#
# <details><summary><b>Predict:</b> does <i>W</i> applied again and again make a vector longer or shorter?
# </summary>
#
# Longer, and then shorter. One step can stretch tenfold (the 10 feeds one unit into the other); from then on
# the halving of each unit wins, slowly at first.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.6 E1"
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
# Both numbers are needed, for they answer two questions. The **singular value** bounds what *one* step can
# do: here a factor of ten. The **spectral radius** is the rate that *very many* steps approach: here a half
# (Gelfand, 1941: $\|W^k\|^{1/k} \to \rho$). In between, the powers of a matrix whose singular value is well
# above its eigenvalues can grow for a while before they decay. For training both matter: a gradient that is
# multiplied by ten before it decays can still wreck a step.
#
# <details><summary>"The L2 norm of a matrix is its largest eigenvalue"?</summary>
#
# It is the largest *singular value*. The two agree, but for the sign, where the matrix is symmetric; here
# they are 10 and one half.
#
# </details>
#
# ## 6 · A bound, and what it is worth
#
# Norms of products are at most products of norms:
#
# $$\left\|\frac{\partial h_T}{\partial h_0}\right\| \;\le\;
# \prod_{t=1}^{T} \|W_{hh}\|\;\max_j\bigl(1 - h_t[j]^2\bigr)$$
#
# For the norm of $W_{hh}$ take NumPy's `np.linalg.norm(W_hh, 2)`, which needs no start and no number of
# iterations, or your own `spectral_norm` from a start of your choice, with a few hundred iterations.


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

# %% tags=["demo", "hide-input"] claims="2.5 E2"
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
# ### How large should the weights be at the start?
#
# Lesson 04 left a question open: eight units with weights between 0 and 1 all ran into 1 and stayed there.
# What does that do to a gradient? Now you can say it in numbers: the norm of $\partial h_{10}/\partial h_0$
# for 30 draws each of three kinds of weights: uniform between 0 and 1; *centred*, Gaussian with variance
# $1/H$; and positive but small, uniform between 0 and $2/H$. (For $W_{xh}$ the number of inputs takes the
# place of $H$.)

# %% tags=["demo", "hide-input"] claims="E9"
draws = {
    "positive, U(0, 1)": lambda rng, shape: rng.uniform(0, 1, shape),
    "centred, to size": lambda rng, shape: rng.normal(size=shape) / np.sqrt(shape[0]),
    "positive, to size": lambda rng, shape: rng.uniform(0, 2, shape) / shape[0],
}
left_of_h0 = {}
for name, draw in draws.items():
    radius, level, norms = np.zeros((3, 30))
    for seed in range(30):
        rng = np.random.default_rng(seed)
        W_x, W_h = draw(rng, (4, 8)), draw(rng, (8, 8))
        h = rnn_forward(rng.uniform(size=(1, 10, 4)), np.zeros((1, 8)), W_x, W_h, np.zeros(8))[0]
        radius[seed], level[seed] = np.abs(np.linalg.eigvals(W_h)).max(), np.abs(h[-1]).mean()
        norms[seed] = np.linalg.norm(jacobian_product(h, W_h), 2)
    left_of_h0[name] = norms
    print(f"{name:18} radius {radius.min():.1f} to {radius.max():.1f}   mean |h_10|", end=" ")
    print(f"{np.median(level):.4f}   |dh_10/dh_0| {norms.min():.0e} to {norms.max():.0e}")
    assert name != "positive, U(0, 1)" or np.median(level) > 0.999

fig, (ax,) = figure(width=8, height=2.6)
for row, (norms, marker) in enumerate(zip(left_of_h0.values(), "s^o", strict=True)):
    ax.plot(norms, np.full(30, row), marker, color=(RED, BLUE, GREEN)[row], alpha=0.5, markersize=5)
ax.set(xscale="log", yticks=range(3), yticklabels=list(left_of_h0), ylim=(2.5, -0.5))
ax.set_xlabel(r"norm of $\partial h_{10}/\partial h_0$")
show(
    fig,
    alt="Norm of the Jacobian from h_0 to h_10, 30 draws for each kind of weights, on a logarithmic axis: "
    "about 1e-25 for weights from 0 to 1, near 1 for centred ones, in between for small positive ones.",
)
assert left_of_h0["positive, U(0, 1)"].max() < 1e-12 < 1e-4 < left_of_h0["centred, to size"].min()
assert left_of_h0["positive, to size"].max() < 0.2 * left_of_h0["centred, to size"].min()

print("\n  H    U(0, 1): radius   H / 2     U(-1/2, 1/2)   sqrt(H / 12)    N(0, 1 / H)")
radii = {}
for units in (8, 32, 128):
    rng = np.random.default_rng(units)
    U = rng.uniform(size=(units, units))
    matrices = (U, U - 0.5, rng.normal(size=U.shape) / np.sqrt(units))
    a, b, c = radii[units] = [np.abs(np.linalg.eigvals(W)).max() for W in matrices]
    print(f"{units:3d} {a:13.2f}    {units / 2:9.1f} {b:12.2f} {np.sqrt(units / 12):14.2f} {c:14.2f}")
assert radii[128][0] / radii[8][0] > 10 and radii[128][1] / radii[8][1] < 8 and radii[128][2] < 1.5

# %% [markdown]
# With weights from 0 to 1 nothing is left of $h_0$: the units are **saturated**, their slopes are nearly
# zero, and no gradient comes back. The second table says why "centre the weights around zero" is good
# advice. Positive numbers add up: the spectral radius of a positive random matrix grows like $H$. Signs
# cancel: that of a centred one grows like $\sqrt H$ only. Divide by that, and the radius no longer depends
# on $H$. Positive weights divided by $H$ are far from saturation, and still lose far more of $h_0$ than
# centred ones.
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
#
# <details><summary><b>Predict:</b> three activations, gains from 0.5 to 1.5. At which gain does the gradient
# neither shrink nor grow: at 1?</summary>
#
# At 1 for none of the three. Each has slopes below 1 somewhere: the sigmoid at most a quarter, tanh wherever
# a unit is off zero, and a ReLU 0 in the units that are off. The gain has to make up for them. The sigmoid is
# far from its turning point at every gain here; tanh has not turned at 1.5; ReLU turns between 1.25 and 1.5.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.1 2.7 E2"
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
    draw_norms(ax, {f"gain {g}": curves[kind, g] for g in gains})
    ax.set(title=kind.replace("relu", "ReLU"), ylim=(1e-30, 1e5))
panels[0].set_ylabel("gradient norm, lag 0 = 1")
panels[0].legend(loc="center right", fontsize=9)
show(
    fig,
    alt="Gradient norm by lag on a logarithmic scale, five gains for each activation. All lines are nearly "
    "straight. Sigmoid: all fall out of the picture. Tanh: all fall, the less the higher the gain. ReLU: all "
    "fall but gain 1.5, which rises.",
)

at_50 = {key: curve[50] for key, curve in curves.items()}
assert all(at_50["sigmoid", g] < 1e-20 for g in gains)  # the sigmoid vanishes at every gain up to 1.5
assert at_50["tanh", 1.25] < 0.05 and at_50["relu", 1.25] < 0.05  # eigenvalues of 1.25, and no explosion
assert all(at_50["tanh", g] < 1 for g in gains)  # tanh has not turned yet
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
# One more twist: the same matrix can do both. The stronger the inputs, the more the tanh units saturate, and
# the flatter they are. Move the two sliders: the gain of the rotation, and the size of the inputs. On the
# right are the values of all units at all steps; when they pile up at -1 and 1, the slopes are gone.


# %% tags=["demo", "hide-input"]
noise = rng.normal(size=(N, 51, H))


def draw_flow(gain, inputs):
    states = rnn_forward(inputs * noise, np.zeros((N, H)), np.eye(H), gain * rotation, np.zeros(H))
    norms = gradient_norms(dh_end, states, gain * rotation)
    return flow_and_states(norms / norms[0], states, f"tanh, gain {gain}, inputs of size {inputs}")


explore(
    draw_flow,
    "Left: gradient norm by lag for gain 0.8 and inputs of size 0.1: a straight line that falls. Right: the "
    "values of the units, a narrow hill around zero.",
    gain=[0.8, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0],
    inputs=[0.1, 0.3, 0.5, 1.0, 2.0],
)

# %% [markdown]
# All of it at a glance, for the three activations:

# %% tags=["demo", "hide-input"] claims="2.7 E2 4.3 4.4"
gains = np.array([0.5, 0.8, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0])
rows = [("sigmoid", 1.0), ("tanh", 1.0), ("tanh", 0.5), ("tanh", 0.1), ("relu", 1.0)]
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
on, h_t = [], np.zeros((N, H))
for now in noise.swapaxes(0, 1):
    h_t = np.maximum(now + h_t @ (1.5 * rotation), 0)
    on.append((h_t > 0).mean())
print(f"share of ReLU units that are on, gain 1.5: {np.mean(on):.2f}")
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
#   above 1 explodes"* holds for linear networks only; here, at a gain of 1.5, the gradient vanishes under
#   large inputs and explodes under small ones.
# - **ReLU has a threshold near $\sqrt 2$**, not at 1: about half of the units are off at any time, so that
#   about half of the gradient's squared length gets through a step, and a gain of $\sqrt 2$ makes up for it.
#   Its gradient is not squeezed, but neither are its *states*: above the threshold they grow without bound.
#   That is why recurrent networks traditionally use tanh. It is a reason, not a law: lesson 08 trains a
#   ReLU network, and it wins.
#
# ## 8 · Back to the symptom
#
# Does the gradient explain the forgetting? Train the recall networks again, from weights of other gains,
# everything else as in section 1; and measure, *before* training, how much gradient arrives from each lag.
#
# <details><summary><b>Predict:</b> the higher the gain at the start, the more gradient arrives from far back.
# Will more networks learn long lags at gain 1.5 than at 1? At 4 than at 1.5?</summary>
#
# At 1.5 yes, at 4 no: the share of networks that learn rises and then falls again. A gradient that explodes
# on its way back is no better a teacher than one that fades.
#
# </details>


# %% tags=["demo"] claims="0.15 2.1"
def initial_flow(W_hh, T=41):
    """Gradient norm by lag (T,) of an untrained recall network on random symbols, lag 0 = 1."""
    draws = np.random.default_rng(5)
    x = np.eye(8)[draws.integers(8, size=(16, T))]  # (16, T, 8)
    W_xh, dh = draws.normal(size=(8, len(W_hh))) * 0.5, draws.normal(size=(16, len(W_hh)))
    h = rnn_forward(x, np.zeros((16, len(W_hh))), W_xh, W_hh, np.zeros(len(W_hh)))
    norms = gradient_norms(dh, h, W_hh)
    return norms / norms[0]


start_gains, tried_lags = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0), (5, 10, 15, 20, 30)
others = np.concatenate([gaussian_weights(gain) for gain in start_gains[1:]])  # (5 RUNS, H, H)
with one_thread():
    bar = progress_bar(tried_lags, "recall")
    found = np.array([recall_accuracy(others, lag + 1, STEPS) for lag in bar])  # (lags, 5 RUNS)
at_one = recall[lags.index(5) : lags.index(30) + 1]  # gain 1, the same lags: section 1
runs = np.stack([at_one, *np.split(found, len(start_gains) - 1, axis=1)])  # (gains, lags, RUNS)
arriving = {gain: np.array([initial_flow(W) for W in gaussian_weights(gain)]) for gain in start_gains}

# %% tags=["demo", "hide-input"] claims="0.15 2.1"
fig, (left, right) = figure(2, width=10.5, height=4)
draw_learned(left, start_gains, tried_lags, runs)
left.set_title("after training: how many learned their lag")
draw_norms(right, {f"gain {g:g}": np.median(arriving[g], axis=0) for g in start_gains})
for g in start_gains:
    right.text(40.5, np.median(arriving[g][:, 40]), f"{g:g}", va="center", fontsize=9)
right.set(ylabel="gradient norm, lag 0 = 1", title="before training: median gradient, by gain", xlim=(0, 44))
show(
    fig,
    alt="Left: how many of seven networks learned each lag, starting from six gains: most at 1.5 to 2.5, "
    "fewest at 4. Right: median gradient norm by lag before training: it falls at gain 1, stays level at "
    "1.5, and rises from 2 on, the steeper the higher the gain.",
)

learned = (runs > LEARNED).mean(axis=(1, 2))
print("gain   gradient at lag 20   networks that learned, all lags together")
for gain, share in zip(start_gains, learned, strict=True):
    print(f"{gain:4.1f} {np.median(arriving[gain][:, 20]):16.0e} {share:14.0%}")
rate = [np.median(arriving[gain][:, 20]) for gain in start_gains]
assert np.all(np.diff(rate) > 0) and 1e-6 < np.median(arriving[1.0][:, 40]) < 1e-3

# %% [markdown]
# The shares make a **hump**. At gain 1, where the gradient fades, half of the networks learn their lag. The
# most learn around gain 2, where it grows, but slowly. At gain 4, where it grows several thousandfold in
# twenty steps, fewer learn than at gain 1. Nothing was changed but the gain. Other seeds, smaller and larger
# learning rates, three times the steps or twice the units move the shares; in all that we tried, the most
# networks learned in the middle.
#
# So a gradient must arrive, but more of it is not better. A likely reason: where the gradient grows with the
# lag, so does every small difference of the states. All that was ever heard keeps stirring the state, the
# symbol in question is one voice among many, and the gradients, huge and then clipped (lesson 08), point now
# here, now there.
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
