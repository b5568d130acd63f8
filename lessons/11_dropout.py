# %% [markdown]
# # 11 · Dropout in a recurrent network
#
# **Question:** how do you add noise without erasing memory?
#
# **You will**
# - write inverted dropout, tied masks, zoneout and an LSTM step whose noise spares the memory;
# - run a masked network forward and backward, and read in the gradient what a mask does to the rows of
#   `W_hh`;
# - see why a mask on the carried state ends in almost nothing or in an explosion;
# - train on little text with four kinds of noise, over several seeds, and judge them honestly.
#
# **Before:** lessons 04 and 06 (forward and backward pass), 09 (the LSTM's cell).
#
# **Time:** about 2¼ hours.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 2.12 2.13 E39 E40

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.dropout import places
from coursekit.dropout import bits, train_characters, train_recall
from coursekit.plots import BLACK, BLUE, GREEN, MAGNITUDE, ORANGE, PURPLE, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% [markdown]
# ## 1 · Noise that must not shift the mean
#
# Lessons 06 to 10 made networks that can learn a text. On a *small* text they learn it by heart. One remedy
# is to disturb the network while it learns, so that no unit can rely on one particular other unit being
# there: every unit is switched off with probability $p$ (Hinton et al., 2012; Srivastava et al., 2014).
# What we want from that is **robustness**: a network whose answer survives the loss of any part. That it
# also fits the training text less closely is a side effect; we shall measure in section 7 that this alone
# does not explain what dropout gains.
#
# A layer whose units are missing with probability $p$ hands on $1 - p$ of its usual sum. To leave the rest
# of the network in peace, the survivors are scaled up *while training*, and nothing at all is done at
# evaluation. This is called inverted dropout:
#
# $$y = \frac{m}{1-p}\,x, \qquad m = 1 \text{ where } u \ge p \text{, else } 0, \quad u \sim U(0, 1), \qquad
# \mathrm{E}[y] = x .$$
#
# Chance comes in as an argument, `uniforms`, so that every right answer gives the same numbers.


# %% exercise="inverted_dropout"
def inverted_dropout(x, uniforms, p, training):
    """Inverted dropout: drop with probability p, and let the survivors make up for it.

    x and uniforms have one shape, any shape; p is the chance to be dropped, 0 <= p < 1.
    training True:  an entry is kept where uniforms >= p and becomes x / (1 - p); the others become 0.
    training False: x, unchanged.
    -> y, the shape of x
    Source: Srivastava et al. (2014).
    """
    # BEGIN SOLUTION
    if not training:
        return x.copy()
    return np.where(uniforms >= p, x / (1 - p), 0.0)
    # END SOLUTION


# %%
check(inverted_dropout)

# %% tags=["demo", "hide-input"]
rng = np.random.default_rng(0)
x = rng.normal(loc=1.0, size=1000)
p = np.linspace(0, 0.9, 19)
draws = [
    np.array([inverted_dropout(x, rng.uniform(size=1000), q, True).mean() for _ in range(200)]) for q in p
]

fig, (ax,) = figure(height=3.2)
spread(ax, p, np.array(draws).T, "after inverted dropout: median and range of 200 draws", BLUE)
ax.plot(p, x.mean() * (1 - p), color=ORANGE, ls="--", label="without the scale 1 / (1 - p)")
ax.set(xlabel="p, the chance to be dropped", ylabel="mean of 1,000 units", ylim=(0, 1.6))
ax.legend(loc="lower left")
show(
    fig,
    alt="The mean after inverted dropout stays level for every p while its spread grows; without the "
    "scale it falls "
    "linearly towards zero.",
)
assert all(abs(d.mean() - x.mean()) < 0.02 for d in draws)  # the mean is kept at every p
assert draws[-1].std() > 5 * draws[4].std()  # what grows with p is the noise

# %% [markdown]
# The mean stays where it is without dropout, at $p = 0$; the *noise* grows with $p$. Keep that in mind: in a
# recurrent network the same noise may be applied again and again.
#
# ## 2 · The trap: a mask on the carry
#
# A feed-forward layer is passed once. A state is carried through every step, so whatever multiplies it in
# one step multiplies it in all of them. Take a memory that would simply be kept, $c_t = c_{t-1}$ (an LSTM
# cell with $f = 1$, $i = 0$), put a mask with $p = 1/2$ on it, and wait ten steps.
#
# <details><summary>Predict: every unit holds a 1. After ten steps, how many units still hold something, and
# how much, if each step draws a new mask? And if one mask is kept for all ten steps?</summary>
#
# A new mask each time: $0.5^{10}$, one unit in a thousand, and each survivor holds $2^{10} = 1024$. One mask:
# half of the units, and each of them holds 1024 as well.
#
# </details>

# %% tags=["demo", "hide-input"] claims="E39 E40"
units, steps, p = 200_000, 10, 0.5
rng = np.random.default_rng(1)
fresh, tied = np.ones(units), np.ones(units)
one_draw = rng.uniform(size=units)
fresh_sizes, tied_sizes = [fresh], [tied]
for _ in range(steps):
    fresh = inverted_dropout(fresh, rng.uniform(size=units), p, True)  # another mask at every step
    tied = inverted_dropout(tied, one_draw, p, True)  # the same mask at every step
    fresh_sizes.append(fresh)
    tied_sizes.append(tied)

alive = [np.mean(np.array(sizes) > 0, axis=1) for sizes in (fresh_sizes, tied_sizes)]
print(f"after {steps} steps, p = {p}          alive        each survivor holds   mean")
for name, sizes, share in zip(
    ("a new mask each step", "one tied mask"), (fresh_sizes, tied_sizes), alive, strict=True
):
    print(f"{name:28} {share[-1]:12.4%}  {sizes[-1].max():14.0f} {sizes[-1].mean():14.1f}")

assert abs(alive[0][-1] - 0.5**10) < 4e-4  # 0.5^10, about 0.001, of the memory is left
assert tied.max() == fresh.max() == 2**10  # 1024, whoever survives
assert (
    abs(alive[1][-1] - 0.5) < 0.01 and 500 < tied.mean() < 525
)  # tied: half the units explode, the mean too

# %% [markdown]
# Two ways to lose. With a **new mask at every step** the memory of a unit survives ten steps with probability
# $0.5^{10}$, one in a thousand, and the lone survivor is 1024 times too large. (Without the scale the
# survivors keep their size; they are as few.) With **one tied mask** half of the units survive, but the
# inverted scale is applied ten times, $2^{10} = 1024$: the state explodes. "Tie the mask" alone is no cure:
# *where* the mask stands matters more than whether it is tied.
#
# So the rule of this lesson: **never mask what is carried.** Three kinds of places are left:
#
# 1. *between* layers, on the way up: the inputs, the state that the next layer or the readout gets (Zaremba
#    et al., 2014; between its layers it is what `nn.LSTM(dropout=...)` does). Nothing that goes from step to
#    step is touched.
# 2. the *copy* of the state that enters the matrix `W_hh` (Gal and Ghahramani, 2016);
# 3. the candidate, that is, the news which is about to be added to the memory (Semeniuta et al., 2016).
#
# The first needs no more than your `inverted_dropout`. This lesson is about the other two, where noise meets
# the same state again and again, and about whether a mask is drawn anew at each step or **tied**, the same
# for all steps of a sequence.

# %% tags=["demo", "hide-input"]
show(
    places(),
    alt="A network of two layers over three steps, three times; a mask is a strip of four cells, black "
    "where a unit is dropped. Left, masks on the arrows that go up. Middle, on the arrows from step to "
    "step, another one at each step. Right, there too, the same one at all steps.",
)

# %% [markdown]
# ## 3 · A mask for a whole sequence
#
# Gal and Ghahramani keep one mask per sequence and use it at all steps. Shape first: one draw `(N, H)`,
# repeated over time to `(N, T, H)`.


# %% exercise="tied_mask"
def tied_mask(uniforms, p, T):
    """One inverted dropout mask per sequence, the same at all of its T steps.

    uniforms (N, H), p is the chance to be dropped, 0 <= p < 1.
    A kept unit (uniforms >= p) holds 1 / (1 - p) at every step, a dropped one 0.
    -> mask (N, T, H)
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    mask = (uniforms >= p) / (1 - p)  # (N, H)
    return np.repeat(mask[:, None], T, axis=1)
    # END SOLUTION


# %%
check(tied_mask)

# %% [markdown]
# ## 4 · The masked network
#
# $$h_t = \tanh\big((x_t \odot m^x_t)\,W_{xh} + (h_{t-1} \odot m^h_t)\,W_{hh} + b_h\big)$$
#
# with $x_t$ `(N, D)`, $m^x_t$ `(N, D)`, $h_{t-1}$ and $m^h_t$ `(N, H)`. The masks hold their scale already.
# The state $h_t$ itself is never masked: the readout sees all of it. What is masked is the copy of it that
# enters $W_{hh}$ in the next step.
#
# Dropping unit $j$ of the state that enters $W_{hh}$ is the same as crossing out **row $j$ of $W_{hh}$**
# for this step. A tied mask crosses out the same rows at every step: the sequence is read by one thinned
# network. Untied masks read every step with another network.


# %% exercise="dropout_rnn_forward"
def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    """A tanh network whose inputs and recurrent inputs are masked.

    h_t = tanh((x_t * mask_x_t) W_xh + (h_{t-1} * mask_h_t) W_hh + b_h)

    x (N, T, D), h0 (N, H), W_xh (D, H), W_hh (H, H), b_h (H,)
    mask_x (N, T, D): mask_x[:, t] multiplies x[:, t]
    mask_h (N, T, H): mask_h[:, t] multiplies the state that enters W_hh in step t (h0 in the first one)
    -> h (N, T, H), the states themselves, not masked
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    from_inputs = (x * mask_x) @ W_xh + b_h  # (N, T, H)
    h = np.empty_like(from_inputs)
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(from_inputs[:, t] + (state * mask_h[:, t]) @ W_hh)
        h[:, t] = state
    return h
    # END SOLUTION


# %%
check(dropout_rnn_forward)

# %% [markdown]
# Backwards, a mask is a factor on a wire, and a gradient that comes back along the wire meets the same
# factor. Call $s_t$ what step $t$ sends back to the state before it; as in lesson 06, $da_t$ is the gradient
# before the tanh:
#
# $$da_t = (dh_t + s_{t+1}) \odot (1 - h_t^2), \qquad s_t = (da_t W_{hh}^\top) \odot m^h_t, \qquad s_{T+1} =
# 0,$$
#
# $$dW_{hh} = \sum_t (h_{t-1} \odot m^h_t)^\top da_t, \qquad dx_t = (da_t W_{xh}^\top) \odot m^x_t .$$
#
# What the first step sends back, $s_1$, is the gradient of $h_0$. For $dW_{xh}$ and $db_h$ ask the same
# question as for $dW_{hh}$: what did this parameter meet in the forward pass, with or without a mask?
#
# It must be the *same* mask as in the forward pass. A new draw here would be the gradient of another network.


# %% exercise="dropout_rnn_backward"
def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    """Gradients of a loss through dropout_rnn_forward.

    dh (N, T, H): the gradient that reaches each state directly (from the readout)
    x (N, T, D), h0 (N, H), h (N, T, H) as dropout_rnn_forward returned it,
    W_xh (D, H), W_hh (H, H), mask_x (N, T, D), mask_h (N, T, H): the masks of the forward pass
    -> dx (N, T, D), dh0 (N, H), dW_xh (D, H), dW_hh (H, H), db_h (H,)
    Source: Gal and Ghahramani (2016).
    """
    # BEGIN SOLUTION
    da = np.empty_like(h)  # gradient before the tanh
    sent = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        da[:, t] = (dh[:, t] + sent) * (1 - h[:, t] ** 2)
        sent = (da[:, t] @ W_hh.T) * mask_h[:, t]
    entered = np.concatenate([h0[:, None], h[:, :-1]], axis=1) * mask_h  # what W_hh saw: (N, T, H)
    dx = (da @ W_xh.T) * mask_x
    dW_xh = np.tensordot(x * mask_x, da, axes=((0, 1), (0, 1)))
    dW_hh = np.tensordot(entered, da, axes=((0, 1), (0, 1)))
    return dx, sent, dW_xh, dW_hh, da.sum(axis=(0, 1))
    # END SOLUTION


# %%
check(dropout_rnn_backward)

# %% carry="rnn_forward rnn_backward"

# %% tags=["demo", "hide-input"]
rng = np.random.default_rng(2)
x, h0 = rng.normal(size=(3, 7, 2)), rng.normal(size=(3, 5))
W_xh, W_hh, b_h = rng.normal(size=(2, 5)), 0.4 * rng.normal(size=(5, 5)), rng.normal(size=5)
nothing_dropped = np.ones_like(x), np.ones((3, 7, 5))
h = dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, *nothing_dropped)
dh = rng.normal(size=h.shape)
plain = rnn_backward(dh, x, h0, h, W_xh, W_hh)
masked = dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, *nothing_dropped)
assert np.allclose(h, rnn_forward(x, h0, W_xh, W_hh, b_h))
assert all(np.allclose(a, b) for a, b in zip(plain, masked, strict=True))
print("With masks of ones it is the network of lessons 04 and 06, forward and backward.")

# %% [markdown]
# ## 5 · What the masks do to the rows of W_hh
#
# The gradient of `W_hh` is a sum over steps, and step $t$ contributes the outer product of the masked state
# with $da_t$. A dropped unit makes a **row of zeros** in this contribution. Now look at one sequence, T =
# 12, and at the contributions of single steps.
#
# <details><summary>Predict: each unit is dropped with probability one half. Which rows of the sum over
# twelve steps are zero, with untied masks and with a tied one?</summary>
#
# Untied, none: a row is missing now and then, and the other steps fill it. Tied, the rows of the dropped
# units: they are missing in every step.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.12 2.13 E39"
N, T, D, H, p = 1, 12, 4, 16, 0.5
rng = np.random.default_rng(4)
x, h0 = rng.normal(size=(N, T, D)), rng.normal(size=(N, H))
W_xh, W_hh = rng.normal(size=(D, H)) / 2, rng.normal(size=(H, H)) / 4
dh = rng.normal(size=(N, T, H))
masks = {
    "untied: a new mask at every step": inverted_dropout(
        np.ones((N, T, H)), rng.uniform(size=(N, T, H)), p, True
    ),
    "tied: one mask for all steps": tied_mask(rng.uniform(size=(N, H)), p, T),
}


def row_norms_by_step(mask):
    """Norm of each row of each step's share of dW_hh (T, H), and of their sum (H,)."""
    ones = np.ones_like(x)
    h = dropout_rnn_forward(x, h0, W_xh, W_hh, np.zeros(H), ones, mask)
    total = dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, ones, mask)[3]
    shares = []
    for t in range(T):  # the share of step t: what is lost when only this step's use of W_hh is frozen
        before = h0 if t == 0 else h[:, t - 1]
        whole = dropout_rnn_backward(
            dh[:, t:], x[:, t:], before, h[:, t:], W_xh, W_hh, ones[:, t:], mask[:, t:]
        )
        rest = h[:, t]
        later = dropout_rnn_backward(
            dh[:, t + 1 :], x[:, t + 1 :], rest, h[:, t + 1 :], W_xh, W_hh, ones[:, t + 1 :], mask[:, t + 1 :]
        )
        shares.append(whole[3] - later[3])
    assert np.allclose(sum(shares), total)
    return np.linalg.norm(shares, axis=2), np.linalg.norm(total, axis=1)


fig, axes = figure(columns=2, width=9.5, height=4.2)
zero_rows = {}
for ax, (name, mask) in zip(axes, masks.items(), strict=True):
    by_step, summed = row_norms_by_step(mask)
    picture = np.vstack([by_step, np.full(H, np.nan), summed])
    image = ax.imshow(
        np.where(picture == 0, np.nan, np.log10(picture + 1e-12)),
        cmap=MAGNITUDE,
        vmin=-1.5,
        vmax=1.2,
        aspect="auto",
    )
    ax.set(title=name, xlabel="row of W_hh (the unit that was dropped or not)", xticks=range(0, H, 3))
    ax.set_yticks([*range(0, T, 2), T + 1], [*map(str, range(1, T + 1, 2)), "sum"])
    ax.grid(False)
    zero_rows[name] = (by_step == 0).mean(), int((summed < 1e-12).sum())
axes[0].set_ylabel("share of step t")
fig.colorbar(image, ax=axes, label="log10 of the row's norm (white: zero)")
show(
    fig,
    alt="Two heat maps of the row norms of each step's share of the gradient of W_hh. Untied: the zero "
    "entries are "
    "scattered and the row of sums has none. Tied: the same columns are empty at every step and in the sum.",
)
for name, (share, rows) in zero_rows.items():
    print(f"{name:34} zero rows in a single step: {share:.0%}; rows of the sum that are zero: {rows} of {H}")
untied_rows, tied_rows = (rows for _, rows in zero_rows.values())
assert untied_rows == 0  # every row is updated in the sum
assert (
    tied_rows == int((masks["tied: one mask for all steps"][0, 0] == 0).sum()) > 0
)  # the rows of the dropped units stay zero

# %% [markdown]
# White cells are exact zeros; the colours are logarithmic. On the left the holes are scattered, and the
# bottom line, the sum that the optimiser sees, has none. On the right whole columns are missing, in every
# step and in the sum.
#
# A caution that is often left out: this is *one sequence*. In a batch each sequence has its own mask, so
# the batch's gradient usually has no zero row either. What distinguishes a tied mask there is that within a
# sequence forward and backward pass go through one fixed, thinned matrix.
#
# How does a signal fare that has to travel through all these masks? The gradient from the last step back to
# step $t$ passes one mask per step, untied or tied. So that nothing but the masks changes its length, the
# next picture takes an orthogonal $W_{hh}$ and keeps every slope of tanh at 1; lines are medians of 300 draws
# with $p = 1/2$, bands hold nine draws in ten.


# %% tags=["demo", "hide-input"] claims="E39"
def gradient_by_lag(kind, draws=300, T=20, H=24, p=0.5):
    """Median over draws of the norm of the last loss's gradient at every input, latest step first."""
    rng, norms = np.random.default_rng(5), []
    W_hh = np.linalg.qr(rng.normal(size=(H, H)))[0]
    for _ in range(draws):
        x, mask_x = np.zeros((1, T, H)), np.ones((1, T, H))
        uniforms = rng.uniform(size=(1, T, H))
        mask = {
            "none": mask_x,
            "untied": inverted_dropout(mask_x, uniforms, p, True),
            "untied, no scale": (uniforms >= p).astype(float),
            "tied": tied_mask(uniforms[:, 0], p, T),
        }[kind]
        dh = np.zeros((1, T, H))
        dh[0, -1] = rng.normal(size=H) / np.sqrt(H)
        zero = np.zeros((1, T, H))  # a silent network: the slope of tanh is 1, so only the masks act
        dx = dropout_rnn_backward(dh, x, zero[:, 0], zero, np.eye(H), W_hh, mask_x, mask)[0]
        norms.append(np.linalg.norm(dx[0], axis=1)[::-1])
    return np.array(norms)


fig, (ax,) = figure(height=3.6)
by_kind = {}
kinds = {
    "none": (BLACK, "-"),
    "untied": (BLUE, "--"),
    "tied": (ORANGE, "-."),
    "untied, no scale": (PURPLE, ":"),
}
for kind, (colour, dash) in kinds.items():
    norms = gradient_by_lag(kind)
    low, middle, high = np.quantile(norms, (0.05, 0.5, 0.95), axis=0)
    ax.plot(middle, color=colour, ls=dash, label=kind)
    ax.fill_between(range(len(middle)), low, high, color=colour, alpha=0.15, linewidth=0)
    by_kind[kind] = norms
ax.set(yscale="log", xlabel="lag: steps back from the loss", ylabel="gradient norm", xticks=range(0, 20, 2))
ax.legend(loc="lower left")
show(
    fig,
    alt="Gradient norm against lag through an orthogonal matrix: level without masks, rising "
    "exponentially with "
    "untied and with tied inverted masks, the tied ones with the wider spread, and falling with "
    "unscaled masks.",
)
rms = {kind: float(np.sqrt(np.mean(norms[:, 10] ** 2))) for kind, norms in by_kind.items()}
print("root mean square after ten steps:", {kind: round(value, 3) for kind, value in rms.items()})
assert abs(rms["untied"] / np.sqrt(2) ** 10 - 1) < 0.25  # E[m^2] = 1 / (1 - p) = 2 per step
assert rms["none"] < 1.1 and rms["untied, no scale"] < 0.05 and rms["tied"] > rms["untied"]

# %% [markdown]
# A surprise worth knowing. The inverted scale keeps the *mean* of what passes, but not its size: a mask's
# square has the mean $\mathrm{E}[m^2] = 1/(1-p)$. With a new mask at each step the root mean square of a
# gradient's norm therefore grows by $\sqrt{1/(1-p)}$ a step: $\sqrt 2^{10} = 32$-fold in ten steps at $p =
# 1/2$, and the line under the picture says just that. (The medians in the picture lie lower: a few large
# draws rule a mean of squares.) With a tied mask luck does not average out over the steps: what one thinned
# matrix does to the gradient it does again at every step. The band is wider, and the root mean square higher
# still. Without the scale the gradient fades instead. Noise on the recurrent path thus feeds exploding
# gradients (the slopes of tanh, kept at 1 here, work against it): use a smaller $p$ there than between
# layers, and clip.
#
# Through a full matrix other units carry the message round the holes; on the *diagonal* carry above there
# was nobody to do that. That is why the carry is the trap.
#
# Does a network that is *trained* feel the masks on its way? Take a task of memory alone: name the first of
# $T$ symbols after the last one, with fresh sequences at every training step. There is nothing to over-fit,
# so noise can only hurt. `masked_layer` wraps your two functions for the training loop, as a function that
# runs forward and returns its own backward pass; six seeds each, with $p = 1/4$.


# %% tags=["demo"]
def masked_layer(p_drop, tied):
    """A layer of this lesson for the training loop: noise on the copy of the state that enters W_hh."""

    def layer(x, h0, p, rng):
        (N, T, _), H = x.shape, h0.shape[1]
        mask_x, mask_h = np.ones_like(x), np.ones((N, T, H), dtype=x.dtype)
        if rng is not None and tied:
            mask_h = tied_mask(rng.uniform(size=(N, H)), p_drop, T).astype(x.dtype)
        elif rng is not None:
            mask_h = inverted_dropout(mask_h, rng.uniform(size=mask_h.shape), p_drop, True).astype(x.dtype)
        h = dropout_rnn_forward(x, h0, p["W_xh"], p["W_hh"], p["b_h"], mask_x, mask_h)
        return h, lambda dh: dropout_rnn_backward(dh, x, h0, h, p["W_xh"], p["W_hh"], mask_x, mask_h)

    return layer


# %% tags=["demo", "hide-input"] claims="2.12 2.13"
LENGTHS, TRIES, memory = (12, 24), range(6), {}
QUARTER = {
    "none": masked_layer(0.0, tied=False),
    "untied": masked_layer(0.25, tied=False),
    "tied": masked_layer(0.25, tied=True),
}
LOOK = {"none": BLACK, "untied": BLUE, "tied": ORANGE, "zoneout": GREEN}
jobs = [(name, T, seed) for name in QUARTER for T in LENGTHS for seed in TRIES]
with one_thread():
    for name, T, seed in progress_bar(jobs, "36 short runs"):
        memory[name, T, seed] = train_recall(QUARTER[name], T, seed)

fig, axes = figure(columns=2, width=9.5, height=3.4)
at = {}
for ax, T in zip(axes, LENGTHS, strict=True):
    for i, name in enumerate(QUARTER):
        at[name, T] = np.array([memory[name, T, seed] for seed in TRIES])
        ax.plot(i + np.linspace(-0.25, 0.25, len(TRIES)), at[name, T], "o", color=LOOK[name])
        ax.plot([i - 0.35, i + 0.35], 2 * [np.median(at[name, T])], color=LOOK[name])
    ax.axhline(0.25, color="grey", linewidth=1, linestyle=":")
    ax.set(title=f"T = {T}", ylim=(0.15, 1.05), xticks=range(len(QUARTER)), xticklabels=QUARTER)
    ax.set_xlabel("masks on the way from step to step")
axes[0].set_ylabel("accuracy after 400 steps")
axes[0].text(-0.4, 0.27, "guessing", color="grey", va="bottom")
show(
    fig,
    alt="Accuracy of recalling the first symbol, six seeds each with their median: at length 12 every "
    "network reaches 1; at length 24 only the one without noise always does, and the untied one fails most "
    "often.",
)
print("runs of six that solve T = 24:", {name: int((at[name, 24] > 0.95).sum()) for name in QUARTER})
assert all(np.median(at[name, 12]) > 0.95 for name in QUARTER)  # twelve steps: noise is no obstacle
assert at["none", 24].mean() > 0.95 and at["untied", 24].mean() < 0.8  # twenty-four: it is
assert at["untied", 24].mean() + 0.1 < at["tied", 24].mean()

# %% [markdown]
# Twelve steps are no obstacle. Over twenty-four the undisturbed network still learns the task with every
# seed. With noise it becomes a matter of luck within this budget, and far more so with untied masks than with
# a tied one. But "tie the mask and memory is safe" would be too much: a plain tanh network sends its *whole*
# state through the noisy matrix at every step, so any noise there costs memory. Where there is a carry to be
# spared, as in an LSTM, noise can stay off it.
#
# ## 6 · Noise that spares the memory
#
# An LSTM carries its cell state: $c_t = f \odot c_{t-1} + i \odot g$. The carried term is left alone, and the
# candidate takes the mask:
#
# $$c_t = f_t \odot c_{t-1} + i_t \odot (g_t \odot m_t), \qquad h_t = o_t \odot \tanh(c_t).$$


# %% exercise="candidate_dropout_step"
def candidate_dropout_step(i, f, g, o, c_prev, mask):
    """One LSTM step, from its gates on, with dropout on the candidate only.

    i, f, g, o (N, H): the gates and the candidate, already through sigmoid and tanh; c_prev (N, H)
    mask (N, H): an inverted dropout mask; it multiplies g and nothing else
    -> h (N, H), c (N, H)
    Source: Semeniuta, Severyn and Barth (2016).
    """
    # BEGIN SOLUTION
    c = f * c_prev + i * (g * mask)
    return o * np.tanh(c), c
    # END SOLUTION


# %%
check(candidate_dropout_step)

# %% [markdown]
# Zoneout (Krueger et al., 2017) turns the idea round: instead of erasing units it makes some of them
# *lazy*. A lazy unit keeps its previous value for one step, so its gradient passes unchanged, and memory is
# what the noise is made of. There is nothing to rescale, because no unit holds less than usual. At
# evaluation each unit gets the expected value of the choice.


# %% exercise="zoneout_step"
def zoneout_step(h_prev, h_candidate, uniforms, p, training):
    """Zoneout: some units keep their previous value instead of being updated.

    h_prev, h_candidate, uniforms (N, H); p is the chance to keep the previous value.
    training True:  h_prev where uniforms < p, h_candidate elsewhere (no rescaling)
    training False: the expected value of that choice, p h_prev + (1 - p) h_candidate
    -> h (N, H)
    Source: Krueger et al. (2017).
    """
    # BEGIN SOLUTION
    if not training:
        return p * h_prev + (1 - p) * h_candidate
    return np.where(uniforms < p, h_prev, h_candidate)
    # END SOLUTION


# %%
check(zoneout_step)

# %% tags=["demo", "hide-input"] claims="E40"
steps, p, units = 50, 0.25, 4000
rng = np.random.default_rng(6)
zeros, ones = np.zeros((1, units)), np.ones((1, units))
once = inverted_dropout(ones, rng.uniform(size=ones.shape), p, True)
kept = {"mask on the carry, untied": [ones], "mask on the carry, tied": [ones]}
kept |= {"mask on the candidate": [ones], "zoneout": [ones]}
for _ in range(steps):
    # A memory cell that only has to hold what it has: f = 1, and hardly any news (i g = noise of size 0.02).
    news, mask = (
        0.02 * rng.normal(size=ones.shape),
        inverted_dropout(ones, rng.uniform(size=ones.shape), p, True),
    )
    gates = ones, ones, news, ones  # i, f, g, o
    add = {name: values[-1] for name, values in kept.items()}
    kept["mask on the carry, untied"].append((add["mask on the carry, untied"] + news) * mask)
    kept["mask on the carry, tied"].append((add["mask on the carry, tied"] + news) * once)
    kept["mask on the candidate"].append(
        candidate_dropout_step(*gates, add["mask on the candidate"], mask)[1]
    )
    candidate = add["zoneout"] + news
    kept["zoneout"].append(zoneout_step(add["zoneout"], candidate, rng.uniform(size=ones.shape), p, True))

fig, (ax,) = figure(height=3.8)
looks = (
    (ORANGE, "-", 2),
    (PURPLE, "-.", 2),
    (BLUE, "-", 5),
    (BLACK, ":", 2),
)  # two lie on each other
for (name, values), (colour, dash, width) in zip(kept.items(), looks, strict=True):
    middle = np.median(np.abs(np.array(values)[:, 0]), axis=1)
    ax.plot(np.maximum(middle, 1e-3), color=colour, label=name, ls=dash, lw=width)
ax.set(yscale="log", xlabel="steps", ylabel="median size of the memory\n(it should stay 1)", ylim=(5e-4, 1e7))
ax.legend(loc="upper left")
show(
    fig,
    alt="Median size of a stored 1 over fifty steps: with an untied mask on the carry it drops to "
    "nearly nothing, with "
    "a tied one it grows exponentially; with a mask on the candidate and with zoneout it stays at one, a "
    "dotted line on a thick one.",
)
final = {name: np.median(np.abs(values[-1])) for name, values in kept.items()}
assert final["mask on the carry, untied"] < 0.1 and final["mask on the carry, tied"] > 1e5
assert all(abs(final[name] - 1) < 0.1 for name in ("mask on the candidate", "zoneout"))

# %% [markdown]
# The two ways to lose, and the two places where noise is harmless to what is stored (here $p = 1/4$). Where
# the lowest line levels off, nothing is left of the stored 1: it is the size of the last few steps' news.
#
# ## 7 · Does it help? An over-fitting run
#
# Now 8,000 characters of English, a tanh network that is large for so little text, and four layers that
# differ in nothing but their noise; `train_characters` in `coursekit/dropout.py` trains them (Adam, clipping,
# 30 epochs). No noise touches inputs or outputs, so that the recurrent place is judged alone. $p$, 0.3 for
# the masks and 0.2 for zoneout, was chosen in trials on the validation text; the test text plays no part in
# any choice.


# %% tags=["demo", "hide-input"]
def zoneout_layer(p_keep):
    """A tanh layer with zoneout: the share `keep` (N, T, H) of each unit's old value stays."""

    def layer(x, h0, p, rng):
        (N, T, _), H = x.shape, h0.shape[1]
        keep = np.full((N, T, H), p_keep, dtype=x.dtype)
        uniforms = np.empty((T, N, H)) if rng is None else rng.uniform(size=(T, N, H))
        if rng is not None:
            keep = (uniforms.swapaxes(0, 1) < p_keep).astype(x.dtype)
        drive = x @ p["W_xh"] + p["b_h"]
        h, candidate, state = np.empty_like(drive), np.empty_like(drive), h0
        for t in range(T):
            candidate[:, t] = np.tanh(drive[:, t] + state @ p["W_hh"])
            state = zoneout_step(state, candidate[:, t], uniforms[t], p_keep, rng is not None)
            h[:, t] = state

        def backward(dh):
            dz, carry = np.empty_like(h), np.zeros_like(h0)
            for t in reversed(range(T)):
                whole = dh[:, t] + carry
                dz[:, t] = whole * (1 - keep[:, t]) * (1 - candidate[:, t] ** 2)
                carry = whole * keep[:, t] + dz[:, t] @ p["W_hh"].T
            before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
            dW_xh, dW_hh = (np.tensordot(a, dz, axes=((0, 1), (0, 1))) for a in (x, before))
            return dz @ p["W_xh"].T, carry, dW_xh, dW_hh, dz.sum(axis=(0, 1))

        return h, backward

    return layer


NOISE = {
    "none": masked_layer(0.0, tied=False),
    "untied": masked_layer(0.3, tied=False),
    "tied": masked_layer(0.3, tied=True),
    "zoneout": zoneout_layer(0.2),
}
DASH, MARK = dict(zip(NOISE, ("-", "--", "-.", ":"), strict=True)), dict(zip(NOISE, ".x+d", strict=True))

# %% [markdown]
# <details><summary>Predict: without noise the validation curve will turn up. Which of untied, tied and
# zoneout does best against that?</summary>
#
# All three keep it from turning up. Between untied and tied you will hardly see a difference (the papers
# would have bet on tied), and zoneout ends a little ahead, by about as much as seeds differ.
#
# </details>

# %% tags=["demo", "hide-input"]
from coursekit.data import characters

text = characters()
texts = text.train[:8_000], text.test[:10_000], text.test[10_000:20_000]
SEEDS, EPOCHS = (0, 1, 2), 30
jobs = [(name, seed) for name in NOISE for seed in SEEDS]
with one_thread():
    runs = {
        job: train_characters(NOISE[job[0]], texts, text.V, seed=job[1], epochs=EPOCHS)
        for job in progress_bar(jobs, "twelve runs")
    }

print("bits per character on the TEST text   at the best epoch (by validation)   after the last epoch")
chosen, last = {}, {}
for name in NOISE:
    mine = [runs[name, seed] for seed in SEEDS]
    chosen[name] = np.array([run.test[run.valid.argmin()] for run in mine])
    last[name] = np.array([run.test[-1] for run in mine])
    print(
        f"{name:38}{np.array2string(chosen[name], precision=3):36}{np.array2string(last[name], precision=3)}"
    )

fig, axes = figure(columns=2, width=9.5, height=4.0)
epochs = np.arange(1, EPOCHS + 1)
for name in NOISE:
    valid = np.array([runs[name, seed].valid for seed in SEEDS])
    train = np.array([runs[name, seed].train for seed in SEEDS])
    spread(axes[0], epochs, valid, name, LOOK[name], marker="")
    axes[0].lines[-1].set_linestyle(DASH[name])
    axes[1].plot(train.mean(axis=0), valid.mean(axis=0), color=LOOK[name], marker=MARK[name], ms=4, lw=1)
axes[0].set(xlabel="epoch", ylabel="bits per character", title="validation text", ylim=(3.1, 4.1))
axes[1].set(
    xlabel="bits on the training text (learning goes to the right)", title="the same, by closeness of fit"
)
axes[1].set(ylim=(3.1, 4.1), xlim=(3.4, 1.0))
axes[0].legend(loc="lower left")
show(
    fig,
    alt="Validation bits per character over thirty epochs: without noise they turn up after ten "
    "epochs; with untied, "
    "tied and zoneout noise they keep falling and stay close together. Right: at equal fit of the "
    "training text all "
    "noisy networks are better on new text.",
)

# %% [markdown]
# The verdict. Each of the four statements under the next cell is an assertion in it (open it to read them).

# %% tags=["demo", "hide-input"] claims="E39 2.12 2.13"
noisy = ("untied", "tied", "zoneout")
# 1. Without noise the network over-fits: its last epoch is far worse than its best. With noise it hardly is.
assert (last["none"] - chosen["none"]).min() > 0.25
assert all((last[name] - chosen[name]).max() < 0.1 for name in noisy)
# 2. Even against early stopping each noise wins, by little, with every seed.
assert all(chosen[name].max() < chosen["none"].min() for name in noisy)
# 3. Untied and tied are not told apart by this experiment.
assert abs(chosen["untied"].mean() - chosen["tied"].mean()) < 0.04
# 4. It is not just "learning less": where both fit the training text equally well, the noisy one is better.
for name in noisy:
    for seed in SEEDS:
        bare, run = runs["none", seed], runs[name, seed]
        same_fit = np.interp(run.train[-1], bare.train[::-1], bare.valid[::-1])
        assert run.valid[-1] < same_fit - 0.03
gains = {name: f"{chosen['none'].mean() - chosen[name].mean():.3f}" for name in noisy}
print("bits gained on the test text, at the best epoch:", gains)

# %% [markdown]
# - **Any** of the three noises stops the over-fitting: the curve no longer turns up, so the moment of
#   stopping hardly matters. That is the large effect.
# - Against a network that was stopped at its best epoch the gain is small, but it holds for every seed. (One
#   learning rate, one size of network and of text: elsewhere it may be larger or none.)
# - Between **untied and tied** this experiment shows **no difference** that the seeds would let us believe
#   in. (The recall of section 5, which asks for memory, told them apart.) The papers' preference for tied
#   masks comes from a Bayesian argument and from larger models. We report what we found.
# - The point of dropout is robustness, not "learning less": in the right-hand picture, at *equal* fit of the
#   training text, the noisy networks end better on new text. The next cell asks directly, of every network as
#   its last epoch left it: what if units go missing at evaluation?

# %% tags=["demo", "hide-input"] claims="E39"
levels = (0.0, 0.1, 0.2, 0.3, 0.4)
fig, (ax,) = figure(height=3.6)
damage = {}
for name in ("none", "untied", "tied"):
    scores = [
        [
            bits(masked_layer(q, tied=False), runs[name, seed].parameters, texts[1], np.random.default_rng(9))
            for q in levels
        ]
        for seed in SEEDS
    ]
    spread(ax, levels, scores, f"trained with: {name}", LOOK[name], MARK[name])
    ax.lines[-1].set(linestyle=DASH[name], markersize=8)
    damage[name] = np.array(scores)[:, -1] - np.array(scores)[:, 0]
ax.set(xlabel="share of the state's units that are missing at evaluation", ylabel="bits per character")
ax.legend(loc="upper left")
show(
    fig,
    alt="Bits per character against the share of missing units at evaluation: the network trained "
    "without noise gets "
    "worse fastest, the two trained with masks hold out much longer.",
)
assert all(damage[name].max() < 0.5 * damage["none"].min() for name in ("untied", "tied"))

# %% [markdown]
# Four units in ten may go missing, and the networks that were trained with masks hardly mind. In one
# table, what each kind of noise does:
#
# | noise | what is disturbed | a carried memory, such as an LSTM's $c$, is |
# |---|---|---|
# | mask between layers | what the next layer sees | spared |
# | mask on the carry | memory itself | lost, or a thousandfold, after ten steps |
# | untied mask into `W_hh` | a new thinned network each step | spared |
# | tied mask into `W_hh` | one thinned network per sequence | spared |
# | mask on the candidate | the news | spared |
# | zoneout | the pace of updates | spared; its updates come late |
#
# ## What it cannot do yet
#
# Noise, clipping and initial values all work on a network whose gradient has to pass every single step.
# Could it not jump over some of them? That is the next lesson's question: **can the gradient take a short
# cut?**
