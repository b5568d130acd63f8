# %% [markdown]
# # 08 · Stabilising training
#
# **Question:** what can be fixed from outside?
#
# Lesson 07 ended with a diagnosis: over many steps a gradient is multiplied by the recurrent weights again
# and again, and it vanishes or explodes. This lesson leaves the network's equation as it is and tries
# everything that can be done around it: to the gradients after they are computed, to the weights after each
# step, to the weights before the first step, and to the activation.
#
# **You will**
# - cut exploding gradients off in two ways, one of which keeps their direction, and see on a cliff what
#   that saves;
# - shrink weights, and find out for which of the two diseases that is a medicine;
# - start from weights that neither shrink nor grow;
# - train six kinds of networks, every start with every activation, on a task that needs a long memory,
#   with several seeds each;
# - write down what each remedy can do, and what it cannot.
#
# **Before:** lessons 06 (backward pass) and 07 (gradient flow). **Time:** about 110
# minutes.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 4.5 4.6 4.7 4.8 E12 E13 E14

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.clipping import CLIPPED, UNCLIPPED, cliff, two_ways
from coursekit.interactive import explore
from coursekit.memory_probes import adding_error, gradient_flow
from coursekit.plots import BLUE, GREEN, MAGNITUDE, ORANGE, RED, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% carry="rnn_forward rnn_backward"

# %% [markdown]
# ## 1 · Against explosions: clipping
#
# When a gradient is far too long, its direction may still be of use; its length is not. So keep the one and
# limit the other. With the length of *all* gradients of the network laid end to end,
#
# $$\|g\| = \sqrt{\textstyle\sum_k \|g_k\|^2},\qquad g_k \leftarrow g_k \cdot \min(1,\; c / \|g\|)$$
#
# with $c$ = `max_norm`; a gradient of zero stays zero. One norm, one factor, every array (Pascanu, Mikolov
# and Bengio, 2013). Return the norm *before* clipping too: its curve is the first thing to look at when a
# training run misbehaves.


# %% exercise="clip_by_global_norm"
def clip_by_global_norm(grads, max_norm):
    """Shorten all gradients by one common factor, so that together they are at most max_norm long.

    grads: list of arrays of any shapes, max_norm > 0 -> clipped: list of arrays, same shapes;
    norm (): the length of all gradients together *before* clipping.
    Gradients that are short enough keep their values; longer ones, tiny numbers too, come out exactly
    max_norm long. The given arrays are left as they are.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    scale = max_norm / max(norm, max_norm)  # 1 for gradients that are short enough
    return [g * scale for g in grads], norm
    # END SOLUTION


# %%
check(clip_by_global_norm)

# %% [markdown]
# A simpler way, a little older, limits every entry by itself (Mikolov, 2012).


# %% exercise="clip_by_value"
def clip_by_value(grads, limit):
    """Move every entry into [-limit, limit], each one for itself.

    grads: list of arrays of any shapes, limit > 0 -> clipped: list of arrays, same shapes;
    the given arrays are left as they are.
    Source: Mikolov (2012).
    """
    # BEGIN SOLUTION
    return [np.clip(g, -limit, limit) for g in grads]
    # END SOLUTION


# %%
check(clip_by_value)

# %% [markdown]
# Both shorten a gradient that is too long. What they do to its direction is seen best with two numbers, in
# the plane (dashed: the gradient; black: what is left of it):

# %% tags=["demo", "hide-input"]
show(
    two_ways((2.0, 3.7), 2.0),
    alt="A gradient g as a dashed arrow, twice. Left, clipped by norm, it ends on a circle and points the "
    "same way. Right, clipped by value, it ends in the corner of a square and points to another direction.",
)

# %% [markdown]
# Now a gradient of three numbers in two arrays. Its norm is 13, and both functions get the limit 5.
#
# <details><summary>Predict: (3, 4) and (12), clipped by norm at 5. Which numbers come out? And clipped by
# value at 5?</summary>
#
# By norm every number takes the factor 5/13: (1.154, 1.538) and (4.615). By value only the 12 is too large:
# (3, 4) and (5).
#
# </details>

# %% tags=["demo", "hide-input"] claims="4.6 E12"
grads = [np.array([3.0, 4.0]), np.array([12.0])]
by_norm, norm = clip_by_global_norm(grads, 5.0)
by_value = clip_by_value(grads, 5.0)


def cosine(a, b):
    """1 where two lists of arrays, laid end to end, point the same way."""
    a, b = np.concatenate(a), np.concatenate(b)
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


for name, some in (("as it was", grads), ("clipped by norm", by_norm), ("clipped by value", by_value)):
    flat = np.concatenate(some)
    print(f"{name:17} {flat.round(3)}  length {np.linalg.norm(flat):6.3f}  cosine {cosine(some, grads):.3f}")

np.testing.assert_allclose(np.concatenate(by_norm), [1.154, 1.538, 4.615], atol=5e-4)
assert norm == 13 and np.isclose(cosine(by_norm, grads), 1) and cosine(by_value, grads) < 0.95
# nothing is flipped:
assert all(np.all(np.sign(c) == np.sign(g)) for c, g in zip(by_norm, grads, strict=True))

W = np.full((2, 2), 100.0)  # enormous weights with a tiny gradient: clipping leaves both alone
(tiny,), _ = clip_by_global_norm([np.full((2, 2), 0.01)], 5.0)
assert np.all(tiny == 0.01) and np.all(W == 100.0)

# %% [markdown]
# Clipping by norm shortens the step and keeps its direction; clipping by value bends it towards the
# diagonal.
#
# <details><summary>"Gradient flipping", which "limits the weights"?</summary>
#
# You may meet clipping under this name and with this explanation. It flips nothing: no number changes its
# sign. And it does not touch the weights: enormous weights with a tiny gradient are left alone. The cell
# above has checked both.
#
# </details>
#
# ### A cliff
#
# Does it matter? Take the smallest recurrent network there is, one unit without input, $h_t =
# \tanh(w\,h_{t-1} + b)$, started at $-0.5$. After twenty steps it should say $0.3$. The loss $(h_{20} -
# 0.3)^2$ depends on two numbers, $w$ and $b$, so we can see all of it: first along the line $w = 1.5$, then
# as a map. To run many such networks at once, we take one
# network of $U$ units and make its $W_{hh}$ diagonal: then no unit hears another.


# %% tags=["demo", "hide-input"] claims="4.6"
x = np.zeros((1, 20, 1))  # no input, 20 steps


def unit_losses(w, b):
    """Losses (U,) and gradients dw, db (U,) of U networks of one unit each, w and b (U,)."""
    start, silent, W_hh = np.full((1, len(w)), -0.5), np.zeros((1, len(w))), np.diag(w)
    h = rnn_forward(x, start, silent, W_hh, b)  # (1, 20, U)
    dh = np.zeros_like(h)
    dh[0, -1] = 2 * (h[0, -1] - 0.3)
    _, _, _, dW_hh, db = rnn_backward(dh, x, start, h, silent, W_hh)
    return (h[0, -1] - 0.3) ** 2, np.diag(dW_hh), db


w_axis, b_axis = np.linspace(0.5, 4, 141), np.linspace(-1.0, 2.0, 241)
surface = np.array([unit_losses(np.full_like(b_axis, w), b_axis)[0] for w in w_axis])  # (141, 241)
b_fine = np.linspace(-1.0, 2.0, 1201)
loss, dw, db = unit_losses(np.full_like(b_fine, 1.5), b_fine)
slope = np.hypot(dw, db)
h_20 = rnn_forward(x, np.full((1, 1201), -0.5), np.zeros((1, 1201)), 1.5 * np.eye(1201), b_fine)[0, -1]

steepest = slope.argmax()
show(
    cliff(b_fine, loss, steepest, -0.1 * db[steepest], -0.1 * np.sign(db[steepest])),
    alt="The loss along b: it falls slowly from 1.65 to 0.9, drops into a narrow crevice at b about 0.2 and "
    "comes back to a plain at 0.4. From the wall of the crevice one arrow, the step without clipping, runs "
    "off the picture; the clipped step is a tenth long.",
)
lowest = loss.argmin()
before, after = h_20[lowest - 4], h_20[lowest + 4]  # a hundredth in b to the left and to the right of it
print(f"gradient on this line: median {np.median(slope):.2f}, greatest {slope.max():.0f}")
print(
    f"loss: {loss[0]:.2f} at the left end, {loss.min():.2f} in the crevice, {loss[-1]:.2f} at the right end"
)
print(f"the unit ends at {before:.2f} just before the crevice and at {after:.2f} just behind it")
assert slope.max() > 100 * np.median(slope) and slope.max() > 100
assert before < -0.6 and after > 0.9 and loss.min() < 0.03

# %% [markdown]
# On one side of the crevice the unit ends well below zero, on the other close to $1$; the target lies between
# the two, at the bottom, and the **walls** are so steep that a hundredth in $b$ decides. A step of gradient
# descent that starts on a wall is as long as the wall is steep: at a learning rate of 0.1 it leaves the map.
# Clipped at 1, it is at most 0.1 long, and stays near the wall. Sixty networks start at random places and
# descend twice, once without clipping and once clipped at 1; everything else is equal.


# %% tags=["demo", "hide-input"] claims="4.6"
def descend(w, b, max_norm, lr, steps=400):
    """Gradient descent of U networks: the path (steps + 1, U, 2) of (w, b).

    w, b, max_norm and lr are (U,): one for each network; where max_norm is infinite, nothing is clipped.
    """
    path = [np.stack([w, b], axis=1)]
    for _ in range(steps):
        _, dw, db = unit_losses(*path[-1].T)
        grads = np.stack([dw, db], axis=1)  # (U, 2): each row is one network's gradient
        for u in np.flatnonzero(np.isfinite(max_norm)):
            (grads[u],), _ = clip_by_global_norm([grads[u]], max_norm[u])
        path.append(path[-1] - lr[:, None] * grads)
    return np.array(path)


rng = np.random.default_rng(0)
w_start, b_start = rng.uniform(1, 3, size=60), rng.uniform(-1, 1, size=60)
every = np.ones(60)
limits, rates = {"no clipping": np.inf, "clipped at 1": 1.0}, (0.01, 0.1, 0.3)
by_rate = {
    (name, lr): descend(w_start, b_start, limit * every, lr * every)
    for lr in rates
    for name, limit in limits.items()
}
solved = {job: np.mean(unit_losses(*path[-1].T)[0] < 0.01) for job, path in by_rate.items()}
paths = {name: by_rate[name, 0.1] for name in limits}
final = {name: unit_losses(*path[-1].T)[0] for name, path in paths.items()}
thrown = {name: np.linalg.norm(np.diff(path, axis=0), axis=2).max(axis=0) for name, path in paths.items()}
for name in limits:
    shares = "  ".join(f"rate {lr}: {solved[name, lr]:4.0%}" for lr in rates)
    print(f"{name:13} solved at  {shares}    longest step at rate 0.1: {thrown[name].max():6.1f}")
assert all(solved["clipped at 1", lr] - solved["no clipping", lr] > 0.15 for lr in (0.1, 0.3))
assert solved["clipped at 1", 0.01] < solved["no clipping", 0.01]  # clipped steps can be too short, too
assert thrown["no clipping"].max() > 10 and thrown["clipped at 1"].max() <= 0.1 + 1e-9

# the first network that is thrown when unclipped, and arrives when clipped:
one = np.flatnonzero((thrown["no clipping"] > 2) & (final["clipped at 1"] < 0.01))[0]
fig, (left, right) = figure(2, width=10, height=4)
left.imshow(surface, origin="lower", extent=(-1, 2, 0.5, 4), aspect="auto", cmap=MAGNITUDE)
for (name, path), colour, width in zip(paths.items(), (UNCLIPPED, CLIPPED), (4, 1.2), strict=True):
    left.plot(path[:, one, 1], path[:, one, 0], ".-", color=colour, ms=3 + width, lw=width, label=name)
    losses = [unit_losses(*place.T)[0][one] for place in path]
    right.semilogy(losses, color=colour, lw=width, label=name)
left.plot(b_start[one], w_start[one], "wo", markersize=7, label="start")
left.set(xlabel="b", ylabel="w", title="loss (bright: large) and two descents", xlim=(-1, 2), ylim=(0.5, 4))
left.grid(False)
left.legend(loc="upper left", facecolor="lightgrey", frameon=True, framealpha=0.9)
right.set(xlabel="step", ylabel="loss", title="the same two descents", ylim=(1e-8, 30))
right.legend()
show(
    fig,
    alt="Both descents go the same way at first, a thin line on a thick one. Unclipped, the descent hits "
    "the wall and is thrown off the map; clipped, it settles in the valley.",
)

# %% [markdown]
# Clipped, more of the sixty arrive, at the rates 0.1 and 0.3. At 0.01 it is the other way round: there
# clipped steps are so short that fewer have arrived after 400. Clipping and learning rate belong together.
# Play with both: five starts, four rates, four limits (`inf` clips nothing).

# %% tags=["demo", "hide-input"]
starts_on_map = {1: (2.6, -0.4), 2: (1.5, 0.9), 3: (1.2, -0.8), 4: (2.0, 0.25), 5: (3.0, 0.5)}
all_rates, all_limits = (0.1, 0.01, 0.03, 0.3), (np.inf, 0.3, 1.0, 5.0)
grid = [(start, rate, limit) for start in starts_on_map for rate in all_rates for limit in all_limits]
places = np.array([starts_on_map[start] for start, *_ in grid])
walked = descend(*places.T, np.array([limit for *_, limit in grid]), np.array([rate for _, rate, _ in grid]))


def walk(start, rate, max_norm):
    """One descent on the map, and how far down it has come."""
    path = walked[:, grid.index((start, rate, max_norm))]
    made, (ax,) = figure(width=6.4, height=4)
    ax.imshow(surface, origin="lower", extent=(-1, 2, 0.5, 4), aspect="auto", cmap=MAGNITUDE)
    ax.plot(path[:, 1], path[:, 0], ".-", color=CLIPPED if np.isfinite(max_norm) else UNCLIPPED, ms=5, lw=1)
    ax.plot(path[0, 1], path[0, 0], "wo", ms=7)
    end = float(unit_losses(*path[-1:].T)[0][0])
    ax.set(xlabel="b", ylabel="w", xlim=(-1, 2), ylim=(0.5, 4), title=f"loss after 400 steps: {end:.1g}")
    ax.grid(False)
    return made


explore(
    walk,
    alt="The map of the loss with one descent without clipping at rate 0.1: it comes down to the wall and "
    "is thrown off the map to the left.",
    start=tuple(starts_on_map),
    rate=all_rates,
    max_norm=all_limits,
)

# %% [markdown]
# The wall is not a rare accident: it stands wherever a small change decides in which of two places the
# state ends up, and to make such decisions is what one trains recurrent networks for. Clipping does not
# remove it. It makes hitting it harmless.
#
# And it cannot do more than that: it multiplies *all* of a gradient by one number. What came back from
# fifty steps ago, a million times smaller than the rest, say, stays a million times smaller.
#
# ## 2 · Against large weights: weight decay
#
# If large weights explode, keep them small: add $\frac{\lambda}{2}\|W\|^2$ to the loss (Krogh and Hertz,
# 1992). Its gradient is $\lambda W$, so with learning rate $\eta$ a step is
#
# $$W \leftarrow W - \eta\,(dW + \lambda W)$$
#
# (`lr` is $\eta$, `decay` is $\lambda$.)


# %% exercise="weight_decay_step"
def weight_decay_step(W, dW, lr, decay):
    """One gradient step on the loss plus the penalty decay/2 * (sum of squares of W).

    W, dW any shape (the same), lr and decay numbers -> the new W, a new array of that shape
    Source: Krogh and Hertz (1992).
    """
    # BEGIN SOLUTION
    return W - lr * (dW + decay * W)
    # END SOLUTION


# %%
check(weight_decay_step)

# %% [markdown]
# *"Weight decay cures vanishing and exploding gradients."* Take a linear network with $W_{hh} = 1.05\,I$,
# where the Jacobian over 100 steps is simply $W_{hh}^{100}$. Let it decay, with no gradient to hold against
# it, and watch.
#
# <details><summary>Predict: the norm of the Jacobian starts above 100. What does the decay make of it, and
# where does it stop?</summary>
#
# It falls through 1, where one would like it to stay, and does not stop: the decay shrinks whatever it finds.
#
# </details>

# %% tags=["demo", "hide-input"] claims="4.5 E13"
fig, (ax,) = figure()
history = {}
for scale, colour, dash in ((1.05, RED, "-"), (1.0, BLUE, "--"), (0.95, GREEN, ":")):
    W, norms = scale * np.eye(5), []
    for _ in range(501):
        norms.append(np.linalg.norm(np.linalg.matrix_power(W, 100), 2))
        W = weight_decay_step(W, np.zeros_like(W), lr=0.1, decay=0.01)
    history[scale] = norms
    ax.semilogy(norms, color=colour, ls=dash, label=f"start at {scale} I")
ax.axhline(1, color="grey", linewidth=1)
ax.set(xlabel="steps of weight decay", ylabel="norm of W to the 100")
ax.legend()
show(fig, alt="The norm of W to the hundredth falls from about 131.5 through 1, without a stop, to 2e-20.")
passes = np.argmax(np.array(history[1.05]) < 1)
print(f"from {history[1.05][0]:.1f} through 1 at step {passes} to {history[1.05][-1]:.0e}")
assert np.isclose(history[1.05][0], 131.5, rtol=1e-3) and 1e-20 < history[1.05][-1] < 3e-20
assert all(np.all(np.diff(norms) < 0) for norms in history.values())  # decay only ever shrinks

# %% [markdown]
# An explosion is cured, on the way through 1; then the decay goes on and makes the other disease worse. In
# real training the loss pulls against it, and a balance is found. But the direction is plain: decay
# shrinks, so it can help against explosions *only*. (Its true calling is against over-fitting. In lesson 17
# you will meet it again, inside the optimiser AdamW.)
#
# ## 3 · Starting where nothing shrinks or grows
#
# The norm of a product stays 1 for ever if each factor leaves lengths alone. The **orthogonal** matrices do:
# they rotate the state or reflect it. The simplest of them is the **identity**, which copies it. A random
# rotation comes from a Gaussian matrix, split as $G = QR$ with an orthogonal $Q$ and a triangular $R$. The
# split is unique once $R$'s diagonal is positive, and only then is $Q$ drawn fairly from all rotations and
# reflections (Mezzadri, 2007).


# %% exercise="identity_init"
def identity_init(H, scale):
    """Recurrent weights that copy the state: scale times the identity.

    H an integer, scale a number -> W_hh (H, H)
    Source: Le, Jaitly and Hinton (2015).
    """
    # BEGIN SOLUTION
    return scale * np.eye(H)
    # END SOLUTION


# %%
check(identity_init)


# %% exercise="orthogonal_init"
def orthogonal_init(gaussian):
    """A random rotation (or reflection): the Q of gaussian = Q R, with a positive diagonal in R.

    gaussian (H, H) -> W_hh (H, H), orthogonal: W_hh @ W_hh.T is the identity
    Source: Saxe, McClelland and Ganguli (2014); the signs: Mezzadri (2007).
    """
    # BEGIN SOLUTION
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))  # (H, H) * (H,): scales columns
    # END SOLUTION


# %%
check(orthogonal_init)

# %% tags=["demo", "hide-input"] claims="4.7"
rng = np.random.default_rng(0)
H = 64
gaussian = rng.normal(size=(H, H))
starts = {
    "identity": identity_init(H, 1.0),
    "orthogonal": orthogonal_init(gaussian),
    "Gaussian": gaussian / np.sqrt(H),
}
powers = (1, 2, 5, 10, 20, 50, 100)
for name, W in starts.items():
    norms = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in powers]
    print(f"{name:11}", "  ".join(f"k = {k}: {norm:.3g}" for k, norm in zip(powers, norms, strict=True)))
    assert name == "Gaussian" or np.allclose(norms, 1)

# %% [markdown]
# Powers of the identity and of the rotation keep the norm 1; those of the Gaussian matrix, though it is drawn
# to size, do not. So much for linear networks. With an activation, its slopes join the product: for tanh they
# are below 1, except at 0. Le, Jaitly and Hinton (2015) therefore paired the identity with **ReLU**, whose
# slope on an active path is exactly 1, and called the result an IRNN.


# %% exercise="irnn_step"
def irnn_step(x, h_prev, W_xh, W_hh, b_h):
    """One step of a recurrent network with ReLU: h_t = max(0, x_t W_xh + h_{t-1} W_hh + b_h).

    x (N, D), h_prev (N, H), W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, H)
    Source: Le, Jaitly and Hinton (2015), who start it at W_hh = I and b_h = 0.
    """
    # BEGIN SOLUTION
    return np.maximum(x @ W_xh + h_prev @ W_hh + b_h, 0)
    # END SOLUTION


# %%
check(irnn_step)

# %% [markdown]
# Put a number into each unit, say nothing more for a hundred steps, and look what is left of it.

# %% tags=["demo", "hide-input"] claims="4.7 E14"
told = np.array([[0.1, 0.5, 1.0, 2.0]])
nothing, deaf, identity = np.zeros((1, 1)), np.zeros((1, 4)), identity_init(4, 1.0)
with_relu = with_tanh = told
for _ in range(100):
    with_relu = irnn_step(nothing, with_relu, deaf, identity, np.zeros(4))
    with_tanh = np.tanh(with_tanh @ identity)
print("told:                        ", told[0])
print("after 100 steps, ReLU:       ", with_relu[0])
print("after 100 steps, tanh:       ", with_tanh[0].round(3))
assert np.array_equal(with_relu, told)
assert with_tanh[0, 2] < 0.15 and np.ptp(with_tanh[0, 1:]) < 0.01  # tanh soon holds all for the same

# %% [markdown]
# The identity with ReLU is a perfect memory for positive numbers, as long as nothing else comes in. With
# tanh, 0.5, 1 and 2 have faded until they can hardly be told apart.
#
# There are two changes here, the start and the activation. To know which of them does what, try every start
# with both activations: six kinds of networks. First the gradient that arrives from a hundred steps back
# *before* training, with quiet and with loud inputs.

# %% tags=["demo", "hide-input"] claims="4.7 E14"
networks = {  # a colour for each start, filled and solid for ReLU, hollow and dashed for tanh
    "identity, ReLU": ("identity", "relu", BLUE),
    "identity, tanh": ("identity", "tanh", BLUE),
    "orthogonal, ReLU": ("orthogonal", "relu", GREEN),
    "orthogonal, tanh": ("orthogonal", "tanh", GREEN),
    "Gaussian, ReLU": ("Gaussian", "relu", ORANGE),
    "Gaussian, tanh": ("Gaussian", "tanh", ORANGE),
}
noise, dh_end = rng.normal(size=(8, 101, H)), rng.normal(size=(8, H))
arrives = {}
fig, panels = figure(2, width=10, height=3.4)
for ax, loudness in zip(panels, (0.03, 0.5), strict=True):
    for row, (name, (start, kind, colour)) in enumerate(networks.items()):
        norms, _ = gradient_flow(starts[start], kind, noise * loudness, dh_end)
        arrives[name, loudness] = norms[100]
        ax.plot([1, norms[100]], [row, row], color=colour, lw=1, ls="-" if kind == "relu" else "--")
        ax.plot(norms[100], row, "o", color=colour, ms=9, mfc=colour if kind == "relu" else "white", mew=2)
    ax.set(xscale="log", xlim=(1e-17, 30), xlabel="gradient norm from lag 100 (lag 0 = 1)")
    ax.set(title=f"inputs of size {loudness}", ylim=(5.6, -0.6))
    ax.set_yticks(range(6), list(networks) if ax is panels[0] else [""] * 6)
show(
    fig,
    alt="What is left of the gradient after a hundred steps, a dot for each of six networks. With quiet "
    "inputs four lie near 1 and the two other ReLU networks far below; with loud ones only identity with "
    "ReLU does.",
)
print(f"{'gradient from lag 100':18}{'quiet inputs':>18}{'loud inputs':>14}{'loud, per step':>17}")
for name in networks:
    quiet, loud = arrives[name, 0.03], arrives[name, 0.5]
    print(f"{name:18}{quiet:21.1e}{loud:14.1e}{loud**0.01:17.2f}")
    if name.endswith("ReLU"):
        assert np.isclose(quiet, loud)  # without a bias, louder inputs only make louder states
    else:
        assert quiet > 0.1 and loud < 1e-8  # tanh undoes every start when the inputs are loud
assert arrives["identity, ReLU", 0.5] > 0.1
assert 0.75 < arrives["orthogonal, ReLU", 0.5] ** 0.01 < 0.8
assert 0.67 < arrives["Gaussian, ReLU", 0.5] ** 0.01 < 0.73

# %% [markdown]
# Before training, only the pair of identity and ReLU keeps its gradient whatever the *size* of the inputs.
# (Without a bias a ReLU network only scales with its inputs, and its slopes stay what they are. About a
# quarter of the length is left, not all of it: a unit that fell to 0 on the way passes nothing.) With quiet
# inputs four of the six keep a good part of theirs, and the ordinary Gaussian start under tanh keeps most:
# close to 0 tanh is nearly the identity. With loud ones tanh undoes every start. And a rotation under ReLU
# switches units off at every step, so that lengths shrink: by more than a fifth each time, and by almost a
# third with Gaussian weights. If the gradient at the start decided everything, only one of these networks
# could learn a long lag.
#
# The exercises are done. Two sections follow: all starts and activations in a race, and a table of what each
# remedy can do.
#
# ## 4 · Does it help? The adding problem
#
# Two inputs per step: a random number between 0 and 1, and a mark. Two steps are marked, one in each half of
# the sequence; at the end the network has to say the *sum of the two marked numbers* (Hochreiter and
# Schmidhuber, 1997). Always answering 1 gives a mean squared error of 1/6, and that is what a network does
# that has heard nothing of the marks. Five networks of each kind and length, equal budgets: 600 steps of Adam
# at the same learning rate, all with clipping at 1. The answers are judged on fresh sequences.
#
# <details><summary>Predict: which matters more for the error, the start of the recurrent weights or the
# activation? And which of the six is best?</summary>
#
# The activation, by far; the best is identity with ReLU. Look at the distance between the filled and the
# hollow markers.
#
# </details>

# %% tags=["demo", "hide-input"] claims="4.7 E14"
RUNS, H, STEPS = 5, 32, 600
lengths = (10, 20, 40, 80)
draws = np.random.default_rng(1).normal(size=(RUNS, H, H))
trained_starts = {
    "identity": np.array([identity_init(H, 1.0)] * RUNS),
    "orthogonal": np.array([orthogonal_init(g) for g in draws]),
    "Gaussian": draws / np.sqrt(H),
}
error = {}
with one_thread():
    for name in progress_bar(networks, "adding problem"):
        start, kind, _ = networks[name]
        error[name] = np.array(
            [adding_error(trained_starts[start], kind, T, STEPS) for T in lengths]
        )  # (T, RUNS)

fig, (ax,) = figure(width=9, height=4.4)
beside = {"identity": 0.97, "orthogonal": 1.0, "Gaussian": 1.03}  # lines that meet lie side by side
for name, (start, kind, colour) in networks.items():
    spread(ax, beside[start] * np.array(lengths), error[name].T, name, colour)
    if kind == "tanh":
        ax.lines[-1].set(ls="--", mfc="white")
ax.axhline(1 / 6, color="grey", linestyle=":")
ax.text(10, 0.185, "always answering 1", fontsize=9, color="#555555")
ax.set(xlabel="length of the sequence", ylabel="mean squared error", xscale="log", yscale="log")
ax.set_xticks(lengths, [str(T) for T in lengths])
ax.minorticks_off()
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(
    fig,
    alt="Adding problem, error against length, medians and ranges of five seeds. All three ReLU kinds stay "
    "low, identity lowest; from forty on the three tanh kinds lie on the dotted line of always answering 1.",
)
print(f"{'best, median, worst':19}" + "".join(f"{f'T = {T}':^24}" for T in lengths))
for name in networks:
    marks = [f"{min(runs):8.4f}{np.median(runs):7.4f}{max(runs):7.4f}" for runs in error[name]]
    print(f"{name:19}" + "  ".join(marks))

middle = {name: np.median(runs, axis=1) for name, runs in error.items()}
under = {kind: [name for name in networks if name.endswith(kind)] for kind in ("tanh", "ReLU")}
for start in starts:
    gain = middle[f"{start}, tanh"] / middle[f"{start}, ReLU"]
    print(f"{start:11} median error under tanh / under ReLU: ", "  ".join(f"{g:5.1f}" for g in gain))
for kind in ("ReLU", "tanh"):
    gain = middle[f"Gaussian, {kind}"] / middle[f"identity, {kind}"]
    print(f"{kind:11} median error Gaussian / identity:      ", "  ".join(f"{g:5.1f}" for g in gain))

worst_relu = np.max([error[name].max(axis=1) for name in under["ReLU"]], axis=0)  # (T,)
best_tanh = np.min([error[name].min(axis=1) for name in under["tanh"]], axis=0)
assert np.all(worst_relu[:3] < 0.5 * best_tanh[:3])  # up to forty steps the worst ReLU beats the best tanh
assert all(np.all(middle[name] < 0.05) for name in under["ReLU"])
assert all(np.all(error[name][-1] > 0.1) for name in under["tanh"])  # nothing learned at eighty
assert all(np.all(middle[f"{start}, tanh"] > 5 * middle[f"{start}, ReLU"]) for start in starts)
assert np.all(error["identity, ReLU"] < 0.05)  # every seed, every length
assert all(np.all(middle[f"{s}, ReLU"] > 1.5 * middle["identity, ReLU"]) for s in ("orthogonal", "Gaussian"))
assert middle["identity, tanh"][0] > 1.3 * middle["Gaussian, tanh"][0]

with one_thread():
    hasty = adding_error(trained_starts["identity"], "relu", 80, STEPS, lr=3e-2)
print("identity, ReLU, T = 80, ten times the learning rate:", "  ".join(f"{e:.4f}" for e in np.sort(hasty)))
assert np.median(np.nan_to_num(hasty, nan=np.inf)) > 0.1

# %% [markdown]
# What the experiment shows, and what it does not:
#
# - **ReLU does most of the work.** With any of the three starts the median error is many times smaller than
#   under tanh, and up to forty steps the worst of fifteen ReLU networks beats the best of fifteen with tanh.
#   So much for the rule that a recurrent network must use tanh.
# - **The identity helps a ReLU network**: its median error is the smallest at every length, here by a
#   factor of two and a half to five, and it is the only kind whose every seed does well at every length.
#   That is a gain on top, and the smaller part of the whole.
# - **Under tanh the identity is worth nothing**: it does no better than random weights, and at ten and at
#   twenty steps clearly worse. "Initialise with the identity" is advice for ReLU.
# - **Orthogonal weights help tanh little here.** At twenty steps the median is a little lower, well inside
#   the spread; from forty on there is nothing to see. Under ReLU they do about as well as Gaussian ones: well
#   at every length, but for the worst seed at eighty.
# - **The gradient at the start is not the whole story.** For Gaussian weights with ReLU it looked hopeless,
#   and the networks learned all the same: training changes the weights.
# - **It balances on a knife's edge all the same.** At ten times the learning rate the winner is back at the
#   baseline, or even ends in nan (the last of the printed lines). The identity is a *start*. Nothing keeps
#   the weights there, every training step moves them, and the states of a ReLU have no ceiling.
# - It is one task, one size and one budget.
#
# <details><summary>So "a recurrent network must use tanh", and "initialise with the identity"?</summary>
#
# One reads both, as if either worked by itself. The first is wrong on this task; the second is half of a
# pair.
#
# </details>

# %% [markdown]
# ## 5 · What each remedy can do, and what it cannot
#
# First the two remedies that act on a network as it is. Take two sick ones: one explodes (a rotation times 3,
# tanh), one vanishes (a rotation times 0.6, tanh). What does each remedy make of the gradients over 100
# steps?
#
# Then the remedies that choose how a network begins. For comparison the last line breaks the rules of this
# lesson and changes the cell: the state is *added* to, $c_t = c_{t-1} + \tanh(x_t W)$, and nothing multiplies
# it.

# %% tags=["demo", "hide-input"] claims="4.5 4.6 4.7 4.8 E12 E13"
H = 64
rotation, quiet = starts["orthogonal"], noise * 0.1


def decayed(W):
    """W after 500 steps of weight decay, with no loss to hold against it."""
    for _ in range(500):
        W = weight_decay_step(W, 0 * W, lr=0.1, decay=0.01)
    return W


def at_100(W, kind="tanh", keep=0.0):
    return gradient_flow(W, kind, quiet, dh_end, keep)[0]


def clipped(norms):
    """The gradients of all lags, clipped together at 1."""
    (short,), _ = clip_by_global_norm([norms], 1.0)
    return short


sick = {"exploding": 3 * rotation, "vanishing": 0.6 * rotation}
remedies = {
    "nothing": at_100,
    "clipping at 1": lambda W: clipped(at_100(W)),
    "weight decay, 500 steps": lambda W: at_100(decayed(W)),
}
after = {(name, how): remedies[how](W) for name, W in sick.items() for how in remedies}
print(f"{'':25}{'longest gradient of all lags':>32}{'lag 100 relative to lag 0':>32}")
print(f"{'':25}" + f"{'exploding':>18}{'vanishing':>14}" * 2)
for how in remedies:
    longest = "".join(f"{max(after[name, how]):{w}.1e}" for name, w in zip(sick, (18, 14), strict=True))
    share = "".join(
        f"{after[name, how][100] / after[name, how][0]:{w}.1e}"
        for name, w in zip(sick, (18, 14), strict=True)
    )
    print(f"{how:25}{longest}{share}")
before = after["exploding", "nothing"], after["vanishing", "nothing"]
assert (
    max(before[0]) > 1e6 and max(after["exploding", "clipping at 1"]) <= 1
)  # clipping caps the explosion ...
shares = after["vanishing", "clipping at 1"]
assert np.isclose(shares[100] / shares[0], before[1][100])  # ... and revives nothing
assert (
    after["vanishing", "weight decay, 500 steps"][100] < before[1][100]
)  # decay shrinks, whatever the disease
assert (
    before[0][100] > 1e13 and 1e5 < after["exploding", "weight decay, 500 steps"][100] < 1e6
)  # not done yet

print()
beginnings = {
    "orthogonal start, tanh": at_100(rotation),
    "Gaussian start, ReLU": at_100(starts["Gaussian"], "relu"),
    "identity start, ReLU": at_100(starts["identity"], "relu"),
    "another cell: adding": at_100(0 * rotation, keep=1.0),
}
for how, norms in beginnings.items():
    print(f"{how:25} lag 100 relative to lag 0: {norms[100]:.1e}")
assert beginnings["identity start, ReLU"][100] > 0.1 > beginnings["orthogonal start, tanh"][100]
assert np.allclose(beginnings["another cell: adding"], 1)  # the same at every lag, exactly

# %% [markdown]
# | remedy | exploding | vanishing | what it costs |
# |---|---|---|---|
# | clipping by norm | **yes**: no step is too long | no: all shares stay | a setting, chosen with the rate |
# | weight decay | slowly: 500 steps, a factor of $10^8$ | **makes it worse** | shrinks what was learned |
# | orthogonal start, tanh | at the start | while units stay near 0 | training leaves the rotations |
# | ReLU, random start | states have no ceiling | not at the start, often in training | a careful rate |
# | ReLU, identity start | states have no ceiling | **yes, at the start** | a careful rate |
# | *another cell* | *next lesson* | *next lesson* | *more weights* |
#
# The first five are **external**: they work on the gradient, on the weights or on the start, and the cell
# remains a product of Jacobians. Each can be combined with the others, and clipping belongs in every
# training run of this course. But none of them *keeps* the gradient alive while the network learns.
#
# The last line printed above the table shows what would: where the state is added to instead of multiplied,
# the gradient arrives from lag 100 as it left. Such a **structural** remedy raises its own question. A sum
# that is only ever added to remembers everything, useful or not; a memory also has to *forget*, and to be
# written to at the right moment. **What if memory were added to instead of multiplied, and the network
# learned when?** Lesson 09.
