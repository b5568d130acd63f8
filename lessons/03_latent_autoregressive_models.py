# %% [markdown]
# # 03 · Latent autoregressive models
#
# **Question:** can a summary carry the whole past?
#
# **You will**
# - meet a small process that no Markov model of low order can follow, however much data it gets;
# - replace the list of past values by a *state* that is updated once per step: an average, a linear state, a
#   belief;
# - derive and write the filter of a hidden Markov model, and see that it equals the sum over all hidden
#   histories;
# - compare windows and states on the sunspots, and learn a hidden state from symbols alone.
#
# **Before:** lesson 01 (autoregression), lesson 02 (Markov models).
#
# **Time:** about two hours and a half, a little more than one of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 0.10 E16

# %%
import numpy as np

from autograder import check
from coursekit.data import sunspots
from coursekit.diagrams.markov import dependencies, hidden_markov_model
from coursekit.interactive import explore
from coursekit.latent_autoregressive_models import (
    averages,
    em_step,
    feedback_swing,
    linear_state_rmse,
    rmse_by_horizon,
    swing,
)
from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY, figure, show
from coursekit.training import progress_bar

# %% [markdown]
# The next cell brings along what you wrote in lessons 01 and 02.

# %% carry="make_windows fit_ar forecast transition_matrix sample_chain"

# %% [markdown]
# ## 1 · The parrot in the next room
#
# In the next room lives a parrot. Most of the time you hear nothing (`.`). When it is in a good mood it
# sometimes whistles (`w`), in a bad mood it sometimes squawks (`s`), and now and then it does the other
# thing. Its mood lasts: it changes on average once in a hundred steps. You never see the mood. You only hear
# the sounds, and you would like to guess the next one.
#
# The mood $z_t$ is a Markov chain with transition matrix $A$ (2, 2). The sound $x_t$ depends on the mood of
# the moment alone, with probabilities $B$ (2, 3): one row per mood, one column per sound.

# %% tags=["demo", "hide-input"]
show(
    hidden_markov_model(),
    alt="Four hidden states z_1 to z_4 in a row, each with an arrow A to the next one; from each an arrow B "
    "leads down, across a dotted line, to what is heard: x_1 to x_4.",
)

# %% [markdown]
# The chain of moods is easy to draw with `sample_chain` from lesson 02.

# %% tags=["demo"]
SOUNDS = ".ws"
initial = np.array([0.5, 0.5])
A = np.array([[0.99, 0.01], [0.01, 0.99]])  # good, bad -> good, bad
B = np.array([[0.85, 0.1425, 0.0075], [0.85, 0.0075, 0.1425]])  # silence, whistle, squawk

uniforms = np.random.default_rng(84).random((2, 60_000))
moods = sample_chain(initial, A, uniforms[0])  # (T,)
heard = (np.cumsum(B, axis=1)[moods] <= uniforms[1][:, None]).sum(axis=1)  # (T,)
train, test = heard[:20_000], heard[20_000:]
print("".join(SOUNDS[symbol] for symbol in train[:240]))


# %% tags=["demo", "hide-input"]
def draw_sounds(ax, ids, moods):
    """Ticks for the sounds, and a shaded background wherever the mood is bad."""
    for symbol, colour, name in ((1, BLUE, "whistle"), (2, RED, "squawk")):
        ax.plot(np.flatnonzero(ids == symbol), np.full((ids == symbol).sum(), 1.12), "|", color=colour,
                markersize=12, markeredgewidth=2, label=name)  # fmt: skip
    ax.fill_between(np.arange(len(ids)), -0.05, 1.05, where=moods == 1, step="mid", color=BLACK, alpha=0.12,
                    linewidth=0, label="bad mood (hidden)")  # fmt: skip
    ax.set(xlabel="step $t$", xlim=(0, len(ids) - 1), ylim=(-0.05, 1.25))


fig, (ax,) = figure(height=2.4)
draw_sounds(ax, train[:400], moods[:400])
ax.set(title="What you hear, and what you do not see", yticks=[])
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=3)
show(
    fig,
    alt="Ticks for whistles and squawks over 400 steps; they are rare, and squawks gather in the shaded "
    "stretches in which the hidden mood is bad.",
)

# %% [markdown]
# Can the Markov models of lesson 02 hear the mood? We train them on 20,000 sounds and test them on 40,000
# others. A model of order $k$ predicts from the last $k$ sounds; we number those $3^k$ contexts and use the
# very same table of counts.
#
# <details><summary>Predict: moods last a hundred steps. Will the table of order 8 be the best of the orders 0
# to 8?</summary>
#
# No: order 5 is, or one beside it, depending on the sounds that were drawn. Order 8 has 13,122 numbers to
# learn, from 20,000 sounds.
#
# </details>


# %% tags=["demo", "hide-input"]
def contexts(ids, k):
    """Number every run of k symbols: entry t stands for ids[t], .., ids[t+k-1] in base 3."""
    return sum((ids[j : len(ids) - k + j] * 3 ** (k - 1 - j) for j in range(k)), np.zeros(len(ids) - k, int))


def markov_loss(train, test, k):
    """Mean surprise (nats per symbol) of an order-k table with 0.1 added to all counts, on `test`."""
    counts = np.zeros((3**k, 3))
    np.add.at(counts, (contexts(train, k), train[k:]), 1)
    P = transition_matrix(counts, 0.1)
    return -np.log(P[contexts(test, k), test[k:]]).mean()


orders = np.arange(9)
counted = np.array([markov_loss(train, test, k) for k in orders])
for k in orders:
    print(f"order {k}: {2 * 3**k:6,} free numbers, {counted[k]:.4f} nats per sound on new data")
assert counted[1:6].min() < counted[0] - 0.02 and counted[8] > counted.min() + 0.005

# %% [markdown]
# A longer memory helps, and then it hurts: the table triples with every order, and its rows starve. That is
# lesson 02's dilemma again. But look at what is being remembered. Nobody would keep a list of the last eight
# sounds *in order* to guess the parrot's mood; one would keep an impression. *Squawks lately: bad mood,
# probably.* The impression is small, it is updated with every sound, and it can be as old as the mood itself.
#
# ## 2 · The idea: a state
#
# Write $h_t$ for the impression after step $t$. Two equations describe everything in this lesson, and most of
# this course:
#
# $$h_t = g(h_{t-1}, x_t), \qquad x_{t+1} \sim p(\,\cdot \mid h_t).$$
#
# The first line *updates*: the old summary and the new value give the new summary. The second line *predicts*
# from the summary alone. No list of past values appears, yet every value of the past can leave its trace in
# $h_t$. The state is called **latent** (hidden), since nobody hands it to us: the data consist of the $x_t$
# only.

# %% tags=["demo", "hide-input"]
fig, axes = figure(3, width=11, height=2.6)
for ax, kind, title in zip(
    axes,
    ("autoregressive", "markov", "latent"),
    ("all of the past (so far)", "the last value only", "a state carries the past"),
    strict=True,
):
    dependencies(ax, kind)
    ax.set_title(title)
show(
    fig,
    alt="Three diagrams. Left: every value has arrows to all later ones. Middle: each value points to the "
    "next only. Right: a chain of hidden states; each value feeds a state, and that state points to "
    "the next value.",
)

# %% [markdown]
# Left, each value depends on all before it, which is exact but grows. In the middle it depends on the last
# one. On the right, each prediction passes through one circle of fixed size.
#
# ## 3 · The smallest state: one number
#
# The simplest summary is an average that forgets:
#
# $$h_t = (1-\alpha)\,h_{t-1} + \alpha\,x_t, \qquad 0 < \alpha \le 1.$$
#
# Here $x_t$, $h_t$ and $\alpha$ are single numbers ($\alpha$ has nothing to do with the one that smoothed
# counts in lesson 02). A share $\alpha$ of the state is replaced in each step. Unrolled, it is a weighted sum
# over *all* the past: $h_t = \alpha x_t + \alpha(1-\alpha) x_{t-1} + \alpha(1-\alpha)^2 x_{t-2} + \dots +
# (1-\alpha)^t h_0$. (Here steps count from 1; entry 0 of the array is $h_1$.) Brown (1956) forecast demand
# with it.


# %% exercise="exponential_state"
def exponential_state(x, alpha, h0):
    """A running average that forgets: h_t = (1 - alpha) h_{t-1} + alpha x_t.

    x (T,) the values, real or whole numbers; alpha a number in (0, 1], the share of each new value; h0 a
    number, the state before the first value -> h (T,) real numbers, where entry t is the state after x[t].
    Source: Brown (1956), Exponential Smoothing for Predicting Demand.
    """
    # BEGIN SOLUTION
    states = np.empty(len(x))
    h = h0
    for t in range(len(x)):
        h = (1 - alpha) * h + alpha * x[t]
        states[t] = h
    return states
    # END SOLUTION


# %%
check(exponential_state)

# %% [markdown]
# How far back does it remember? Feed it a single 1 and watch the state forget it.

# %% tags=["demo", "hide-input"]
impulse = np.zeros(41)
impulse[0] = 1
fig, (ax,) = figure(height=3.0)
for alpha, colour, line in ((0.5, BLUE, "-"), (0.2, ORANGE, "--"), (0.05, GREEN, "-.")):
    trace = exponential_state(impulse, alpha, 0.0)
    assert np.allclose(trace, alpha * (1 - alpha) ** np.arange(41))
    ax.plot(trace / alpha, line, color=colour, label=rf"$\alpha = {alpha}$")
ax.plot(
    np.where(np.arange(41) < 5, 1, 0),
    color=BLACK,
    linestyle=":",
    label="a window of 5 values",
    drawstyle="steps-post",
)
ax.set(xlabel="steps ago", ylabel="weight (newest = 1)", title="A window forgets suddenly, a state gradually")
ax.legend()
show(
    fig,
    alt="Weight of a past value against its age: a window of five values drops from one to zero at age "
    "five, the exponential states decay smoothly, the one with the smallest alpha over more than "
    "forty steps.",
)

# %% [markdown]
# One such number already listens to the parrot. Count a whistle as $+1$, a squawk as $-1$, silence as $0$;
# where the next symbol is a sound, guess its kind from the sign of the state. The tables of order $k$ play
# the same game. ($\alpha$ is chosen on the training sounds; the score is taken on the others.)
#
# <details><summary>Predict: the table of order 8 has thousands of numbers, the state is one number. Which
# guesses more sounds right?</summary>
#
# The state, by about a tenth of all sounds. A table must see each order of sounds often enough; the state
# does not care about the order.
#
# </details>


# %% tags=["demo", "hide-input"]
def guessing_score(scores, ids):
    """Share of sounds guessed right, where scores[t] > 0 bets on a whistle at t+1; a tie counts one half."""
    speaks = ids[1:] > 0
    bets = np.sign(scores[:-1][speaks]) * np.where(ids[1:][speaks] == 1, 1, -1)
    return (bets > 0).mean() + 0.5 * (bets == 0).mean()


def table_score(k):
    """The same for an order-k table."""
    counts = np.zeros((3**k, 3))
    np.add.at(counts, (contexts(train, k), train[k:]), 1)
    difference = counts[:, 1] - counts[:, 2]
    padded = np.zeros(len(test))
    padded[k - 1 : -1] = difference[contexts(test, k)]
    return guessing_score(padded, test)


signed = np.array([0.0, 1.0, -1.0])
alphas = np.array([0.5, 0.2, 0.1, 0.05, 0.02, 0.01])
on_train = [guessing_score(exponential_state(signed[train], a, 0.0), train) for a in alphas]
alpha = alphas[np.argmax(on_train)]
one_number = guessing_score(exponential_state(signed[test], alpha, 0.0), test)
tables = [table_score(k) for k in range(1, 9)]
for k, score in enumerate(tables, 1):
    print(f"order {k}, {2 * 3**k:6,} numbers: {score:.3f} of the sounds guessed")
print(f"one state, alpha = {alpha}: {one_number:.3f}")
assert one_number > max(tables) + 0.02

# %% [markdown]
# One number, updated by one line, beats tables with thousands of entries. It does so because it keeps what
# matters (which sounds were heard lately) and throws away what does not (in exactly which order).
#
# ## 4 · Several numbers: a linear state
#
# An average keeps one trace. With $H$ numbers, a matrix can keep many: fast and slow averages, differences,
# oscillations. Per step
#
# $$h_t = h_{t-1} A + x_t B, \qquad y_t = h_t C,$$
#
# | symbol | shape | role |
# |---|---|---|
# | $x_t$ | $(N, D)$ | input of this step, $N$ sequences at once |
# | $h_t$ | $(N, H)$ | state after this step; $h_0$ is given |
# | $A$ | $(H, H)$ | how the state moves on by itself |
# | $B$ | $(D, H)$ | how the input enters it |
# | $C$ | $(H, M)$ | what is read from it, $M$ outputs |
# | $y_t$ | $(N, M)$ | outputs of this step |
#
# States and inputs are rows, so the weights stand on their right. Kalman (1960) made this model the tool of
# navigation. (In this section $A$, $B$, $C$ are any matrices, no probabilities.)


# %% exercise="linear_latent_forward"
def linear_latent_forward(x, h0, A, B, C):
    """A linear state, carried along a batch of sequences: h_t = h_{t-1} A + x_t B, output y_t = h_t C.

    x (N, T, D) real or whole numbers, h0 (N, H) the states before the first input, A (H, H), B (D, H),
    C (H, M) -> y (N, T, M); y[:, t] is read from the state that has already taken in x[:, t].
    Source: Kalman (1960), A New Approach to Linear Filtering and Prediction Problems.
    """
    # BEGIN SOLUTION
    outputs, h = [], h0
    for t in range(x.shape[1]):
        h = h @ A + x[:, t] @ B  # (N, H)
        outputs.append(h @ C)
    return np.stack(outputs, axis=1)  # T arrays (N, M) -> (N, T, M)
    # END SOLUTION


# %%
check(linear_latent_forward)

# %% [markdown]
# Is this more or less than lesson 01's autoregression? More: a window *is* a linear state. Let the state hold
# the last $\tau$ values; $A$ shifts them by one place, $B$ writes the new value into the free place, and $C$
# holds the coefficients. The next cell does it for $\tau = 4$ and gets the same predictions, up to rounding.
# (The intercept is a constant that one adds at the end; we leave it out on both sides.)

# %% tags=["demo"]
series = np.sin(np.arange(60) / 3) + 0.3 * np.random.default_rng(0).normal(size=60)
tau = 4
coef, intercept = fit_ar(series, tau)
shift = np.eye(tau, k=-1)  # (h @ shift)[j] = h[j+1]: every value moves one place towards the old end
write = np.eye(tau)[[-1]]  # (1, tau): the newest value enters at the end
y = linear_latent_forward(series[None, :, None], np.zeros((1, tau)), shift, write, coef[:, None])
windows, _ = make_windows(series, tau)
assert np.allclose(y[0, tau - 1 : -1, 0], windows @ coef)
print(f"largest difference: {np.abs(y[0, tau - 1 : -1, 0] - windows @ coef).max():.1e}")

# %% [markdown]
# So windows are one choice of $A$ among many. Two others, made by hand, on lesson 01's sunspots: five
# averages of different speed; and four numbers, of which two are averages (the faster one is simply the last
# value) and two are turned in every year, by $360°/11$, and shortened by a tenth. Such a *rotation* swings by
# itself, here with the period that Wolf (1852) had found in the sun. Only the readout $C$ is fitted, on the
# years before 1921, not $A$ and $B$ (by *ridge regression*: least squares, with a small price on large
# coefficients). Then all of them forecast the years from 1921 on, 1 to 16 years ahead, on their own
# predictions.
#
# <details><summary>Predict: which state does better, the one with five averages, or the one with four numbers
# of which two rotate?</summary>
#
# The one that rotates. A rotation swings, and so does the sun; an average by itself can only fade. Fed with
# their own predictions, averages manage a swing as well, even of the right period, but a weak one. The last
# two lines below the picture measure it.
#
# </details>

# %% tags=["demo", "hide-input"]
years, spots = sunspots()
K = 16


def window_rmse(tau, first):
    """Errors by horizon of a window of tau values, fitted on the values before `first`."""
    weights, constant = fit_ar(spots[:first], tau)
    return rmse_by_horizon(lambda t: forecast(spots[t - tau : t], weights, constant, K), spots, first, K)


def contest(first):
    return {
        "window of 1": window_rmse(1, first),
        "window of 9": window_rmse(9, first),
        "state: 5 averages": linear_state_rmse(
            linear_latent_forward, *averages([1.0, 0.5, 0.25, 0.12, 0.06]), spots, first, K
        ),
        "state: 2 averages, a swing": linear_state_rmse(
            linear_latent_forward, *swing(11, 0.9), spots, first, K
        ),
    }


losses = contest(221)
fig, (ax,) = figure(height=3.6)
looks = ((SKY, "--", ""), (BLUE, "-", "o"), (GREEN, "--", ""), (GREEN, "-", "s"))
for (name, loss), (colour, line, marker) in zip(losses.items(), looks, strict=True):
    ax.plot(range(1, K + 1), loss, line, color=colour, marker=marker, markersize=4, label=name)
always_mean = np.sqrt(np.mean((spots[221:] - spots[:221].mean()) ** 2))
ax.axhline(always_mean, color=BLACK, linestyle=":", label="always the mean")
ax.set(xlabel="years ahead", ylabel="root mean square error", xlim=(1, K), ylim=(0, None))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
show(
    fig,
    alt="Error against years ahead: the window of nine values and the state with a swing are lowest, close "
    "together; five averages and the window of one value are far above, often above the mean's line.",
)
for first in (201, 221, 241):
    print(f"tested from {years[first]} on; years ahead:      1       5      11      16")
    split = contest(first)
    for name, loss in split.items():
        print(f"  {name:28}" + "".join(f"{loss[k - 1]:8.1f}" for k in (1, 5, 11, 16)))
    swinging, averaging = split["state: 2 averages, a swing"], split["state: 5 averages"]
    assert (swinging < averaging).all() and swinging[4] < averaging[4] - 4
    assert (split["window of 9"] < swinging)[[0, 4, 10]].all()
    assert abs(split["window of 9"][15] - swinging[15]) < 0.5

states = {"5 averages": averages([1.0, 0.5, 0.25, 0.12, 0.06]), "2 averages, a swing": swing(11, 0.9)}
kept = {}
for name, state in states.items():
    period, kept[name] = feedback_swing(linear_latent_forward, *state, spots, 221, near=11)
    print(f"{name}, on its own predictions: {period:.1f} years, {kept[name]:.2f} of the swing left each year")
assert kept["5 averages"] < 0.92 and kept["2 averages, a swing"] > 0.97

# %% [markdown]
# It must be the right state: five averages are more numbers than the four with a swing, and do much worse.
# Fed with their own predictions, both swing with about the sun's period; but the averages lose a tenth of the
# swing's height from one year to the next, the rotation hardly any. The four come close to the window of nine
# values, behind it in the near future and level with it sixteen years ahead. (This is one series, split at
# three years, with the same order each time. And the swing was given to us by an astronomer.)
#
# ## 5 · The right state for the parrot: a belief
#
# For the parrot we know the rules, $A$ and $B$, and can ask for the *best possible* summary. All that the
# past can say about the future, it says about the mood; so keep the probabilities of the moods given
# everything heard so far:
#
# $$h_t[j] = p(z_t = j \mid x_1, \dots, x_t), \qquad h_t \ (S,), \text{ here } S = 2.$$
#
# This is a **hidden Markov model** (Baum and Petrie, 1966), and computing $h_t$ is **filtering**. The update
# has two halves.
#
# 1. *Time passes.* The mood may change. Whoever is in state $i$ moves to $j$ with probability $A_{ij}$, so
#    $p(z_t = j \mid x_1..x_{t-1}) = \sum_i h_{t-1}[i]\,A_{ij}$: the row $h_{t-1} A$. (Before the first symbol
#    no time passes: there it is `initial`.)
# 2. *A symbol arrives.* Bayes' rule: multiply each state's probability by how well that state explains the
#    symbol, $B_{j,x_t}$, and divide by the sum, so that the result adds up to one:
#
# $$h_t = \frac{(h_{t-1}A) \odot B_{:,x_t}}{\sum_j (h_{t-1}A)_j\,B_{j,x_t}}.$$
#
# ($\odot$ multiplies entry by entry.) Divide in *every* step. The undivided numbers are $p(x_1..x_t, z_t)$;
# they shrink exponentially, and after a thousand symbols or two they are zero to a computer.


# %% exercise="hmm_filter"
def hmm_filter(ids, initial, A, B):
    """What the symbols seen so far say about the hidden state now: p(z_t | x_1 .. x_t) for every t.

    ids (T,) integer symbols in [0, V), possible under the model; initial (S,) the probabilities p(z_1) of the
    state that emits the first symbol; A (S, S) with A[i, j] = p(z_{t+1} = j | z_t = i);
    B (S, V) with B[i, v] = p(x_t = v | z_t = i)
    -> beliefs (T, S); row t has seen ids[0] .. ids[t] and sums to 1. T may be thousands.
    Source: Baum and Petrie (1966); Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    beliefs = np.empty((len(ids), len(initial)))
    moved = initial
    for t, symbol in enumerate(ids):
        joint = moved * B[:, symbol]  # (S,): how each state explains the symbol
        beliefs[t] = joint / joint.sum()
        moved = beliefs[t] @ A
    return beliefs
    # END SOLUTION


# %%
check(hmm_filter)

# %% [markdown]
# Now watch the belief over time.

# %% tags=["demo", "hide-input"]
beliefs = hmm_filter(train[:400], initial, A, B)
fig, (ax,) = figure(height=3.4)
draw_sounds(ax, train[:400], moods[:400])
ax.plot(beliefs[:, 1], color=PURPLE, label="belief: the mood is bad")
ax.set(ylabel="probability", yticks=[0, 0.25, 0.5, 0.75, 1], title="The belief follows what cannot be seen")
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=4)
show(
    fig,
    alt="The belief that the mood is bad as a line between zero and one: it jumps at every sound, drifts "
    "towards one half in silence, and follows the shaded stretches in which the mood really is bad.",
)
right = (hmm_filter(test, initial, A, B).argmax(axis=1) == moods[20_000:]).mean()
print(f"the likelier mood is the true one in {right:.1%} of {len(test):,} steps")
assert right > 0.85

# %% [markdown]
# A sound makes it jump, and a second one of the same kind makes it sure. In silence it drifts back towards
# one half: old news grows stale. Two numbers that add up to one do all this. Now choose the sounds yourself:
# some whistles, a silence, some squawks, a silence; and how often moods change.
#
# <details><summary>Predict: after three whistles in a row, how many squawks does it take until a bad mood is
# the likelier one?</summary>
#
# One, after a silence of twenty steps; two, if the squawks follow at once. (A second whistle makes the belief
# nearly sure, a third adds next to nothing: a mood may always have changed since.) If moods change at every
# second step, one squawk turns the belief at once, and after one silent step nothing of it is left.
#
# </details>


# %% tags=["demo", "hide-input"]
def listening(whistles, silence, squawks, change):
    """The belief after these sounds, three silences before and twenty after them."""
    ids = np.array([0] * 3 + [1] * whistles + [0] * silence + [2] * squawks + [0] * 20)
    moves = np.array([[1 - change, change], [change, 1 - change]])
    belief = hmm_filter(ids, initial, moves, B)[:, 1]
    fig, (ax,) = figure(height=3.0)
    ax.plot(belief, "o-", color=PURPLE, markersize=4, label="belief: the mood is bad")
    for symbol, colour, name in ((1, BLUE, "w"), (2, RED, "s")):
        for t in np.flatnonzero(ids == symbol):
            ax.text(t, 1.08, name, color=colour, ha="center", va="center", fontsize=13)
    ax.axhline(0.5, color=BLACK, linestyle=":", linewidth=1)
    ax.set(xlabel="step $t$", ylabel="probability", xlim=(-1, 50), ylim=(-0.05, 1.18))
    ax.set(yticks=[0, 0.25, 0.5, 0.75, 1])
    ax.legend(loc="lower right", fontsize=9)
    return fig


explore(
    listening,
    alt="The belief in a bad mood starts at one half, falls close to zero with two whistles, rises slowly in "
    "twenty silent steps, jumps above one half with one squawk, and sinks back towards one half.",
    whistles=(2, 1, 0, 3),
    silence=(20, 10, 5, 1, 0),
    squawks=(1, 2, 3, 0),
    change=(0.01, 0.05, 0.2, 0.5),
)
for silence in (20, 0):
    ids = np.array([1] * 3 + [0] * silence + [2] * 3)
    turned = [f"{p:.2f}" for p in hmm_filter(ids, initial, A, B)[-3:, 1]]
    print(f"three whistles, {silence:2} silent steps, then the belief after each of three squawks:", *turned)
assert hmm_filter(np.array([1] * 3 + [0] * 20 + [2]), initial, A, B)[-1, 1] > 0.5
assert hmm_filter(np.array([1] * 3 + [2]), initial, A, B)[-1, 1] < 0.5
assert hmm_filter(np.array([1] * 3 + [2] * 2), initial, A, B)[-1, 1] > 0.5

# %% [markdown]
# ## 6 · Is it the truth? Enumerate every hidden history
#
# Bayes' rule in two lines looks too easy. The honest definition of $p(z_T \mid x_1..x_T)$ needs no filter:
# list all $S^T$ mood histories, compute the probability of each one together with the sounds, and add up
# those that end in each mood. The filter claims to have done that sum.

# %% tags=["demo"] claims="0.10"
from itertools import product


def enumerate_histories(ids, initial, A, B):
    """Sum over every hidden history: p(x_1 .. x_T, z_T), (S,)."""
    joint = np.zeros(len(initial))
    for path in product(range(len(initial)), repeat=len(ids)):
        p = initial[path[0]] * B[path[0], ids[0]]
        for t in range(1, len(ids)):
            p *= A[path[t - 1], path[t]] * B[path[t], ids[t]]
        joint[path[-1]] += p
    return joint


few = train[180:192]
joint = enumerate_histories(few, initial, A, B)
filtered = hmm_filter(few, initial, A, B)[-1]
print(f"{2 ** len(few):,} histories of {len(few)} steps  {joint / joint.sum()}")
print(f"the filter, {len(few)} updates         {filtered}")
assert np.allclose(joint / joint.sum(), filtered, rtol=1e-12)

# %% [markdown]
# Equal to all digits shown. The enumeration doubles with every step: for the 400 steps of the picture it
# would need $2^{400}$ histories, more than there are atoms in the universe. The filter needs 400 updates. It
# may forget the individual histories, because all those that end in the same mood have the same future: **the
# state is where the past may be forgotten.**
#
# ## 7 · Predict from the state
#
# The belief is about the mood *now*. The next symbol comes after one more step of time:
# $p(x_{t+1} = v \mid x_1..x_t) = \sum_i \sum_j h_t[i]\,A_{ij}\,B_{jv}$.


# %% exercise="predict_next"
def predict_next(belief, A, B):
    """The probabilities of the next symbol, from a belief about the present state: p(x_{t+1} | x_1 .. x_t).

    belief (S,) = p(z_t | x_1 .. x_t), A (S, S), B (S, V) as in hmm_filter -> probabilities (V,)
    Source: Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    return belief @ A @ B
    # END SOLUTION


# %%
check(predict_next)

# %% [markdown]
# With it we can see that *no* finite order is enough. Take any $k$. One listener has heard a whistle and
# then $k$ times nothing; another one a squawk and then $k$ times nothing. Their last $k$ sounds are the same,
# so a Markov model of order $k$ must tell both the same. The filter does not:
#
# - *The sound.* Both moods were equally likely. A whistle comes with probability $0.1425$ in a good mood and
#   $0.0075$ in a bad one, so the belief in the good one becomes $0.1425 / (0.1425 + 0.0075) = 0.95$. That is
#   $0.45$ above one half.
# - *The silence.* It is equally likely in both moods, says nothing, and only lets time pass: $p$ becomes
#   $0.99\,p + 0.01\,(1-p)$, and so the distance from one half, $p - 0.5$, becomes $0.98\,(p - 0.5)$.
#
# After $k$ silences the distance is $0.45 \cdot 0.98^k$: small, but never zero.

# %% tags=["demo", "hide-input"]
gaps = []
for k in range(1, 31):
    after = [hmm_filter(np.array([sound] + [0] * k), initial, A, B)[-1] for sound in (1, 2)]
    gaps.append(predict_next(after[0], A, B)[1] / predict_next(after[1], A, B)[1])
print(f"a whistle comes with probability {B[0, 1]} in a good mood, {B[1, 1]} in a bad one")
print(f"a mood stays with probability {A[0, 0]}, ends with {A[0, 1]}")
print("belief in a good mood after one whistle:", hmm_filter(np.array([1]), initial, A, B)[0, 0].round(4))
print("a whistle is likelier after whistle + k silences than after squawk + k silences, by a factor of")
print("  ".join(f"k={k}: {gaps[k - 1]:.1f}" for k in (1, 3, 10, 30)))
assert min(gaps) > 2

# The formula of the text, which holds for every k since silence says nothing about the mood.
assert B[0, 0] == B[1, 0]
distance = hmm_filter(np.array([1] + [0] * 300), initial, A, B)[:, 0] - 0.5
assert np.allclose(distance, 0.45 * 0.98 ** np.arange(301), rtol=1e-9, atol=0)

# %% [markdown]
# <details><summary>A sentence that is half right: "the next input depends on the last state alone"</summary>
#
# It does if that state has taken in the last input. Books number differently: here $h_t$ has read $x_t$ and
# predicts $x_{t+1}$; elsewhere $h_t$ has read $x_{t-1}$ and predicts $x_t$. The order of events is the same,
# and it is what counts: first the state takes in the last input, then it predicts. A forecaster who predicts
# from the state *before* that, and only lets time pass, loses what the last sound said. The next cell
# measures how much, over all sounds, and where the last one was no silence.
#
# </details>

# %% tags=["demo", "hide-input"] claims="E16"
h = hmm_filter(test, initial, A, B)  # (T, S): row t has read test[0] .. test[t]
fresh = h[1:-1] @ A @ B  # predicts test[2:], all earlier symbols read
stale = h[:-2] @ A @ A @ B  # predicts test[2:] from the state that has not read the symbol just before
steps = np.arange(len(test) - 2)
spoke = test[1:-1] > 0  # the cases in which that symbol was a sound
loss_fresh, loss_stale = (-np.log(p[steps, test[2:]]) for p in (fresh, stale))
print("The folded sentence above, measured:")
print(f"last symbol read first:  {loss_fresh.mean():.4f} nats, {loss_fresh[spoke].mean():.4f} after a sound")
print(f"from the old state only: {loss_stale.mean():.4f} nats, {loss_stale[spoke].mean():.4f} after a sound")
assert np.allclose(fresh[7], predict_next(h[8], A, B))
assert loss_stale[spoke].mean() > loss_fresh[spoke].mean() + 0.01

# Two listeners with the same old state, and different last sounds: they must not predict the same.
same_state, last_sounds = np.array([0.5, 0.5]), (1, 2)
updated = [hmm_filter(np.array([sound]), same_state @ A, A, B)[-1] for sound in last_sounds]
print("p(next) after a whistle, and after a squawk:", *(predict_next(u, A, B).round(3) for u in updated))
assert np.abs(predict_next(updated[0], A, B) - predict_next(updated[1], A, B)).max() > 0.05

# %% [markdown]
# ## 8 · How good is a model of this kind?
#
# By the chain rule, the probability of a whole sequence is the product of the predictions along the way,
# $p(x_1..x_T) = \prod_t p(x_t \mid x_1..x_{t-1})$, and each factor is the very sum by which the filter
# divides. Its logarithm is the sum of their logarithms (and the logarithm of the product is $-\infty$ on a
# computer as soon as the product underflows).


# %% exercise="hmm_log_likelihood"
def hmm_log_likelihood(ids, initial, A, B):
    """The logarithm of the probability of the whole sequence, log p(x_1 .. x_T), in nats.

    ids (T,), initial (S,), A (S, S), B (S, V) as in hmm_filter -> a number. T may be thousands.
    Source: Baum et al. (1970); Rabiner (1989), A Tutorial on Hidden Markov Models.
    """
    # BEGIN SOLUTION
    moved = np.vstack([initial, hmm_filter(ids, initial, A, B)[:-1] @ A])  # (T, S): p(z_t | x_1 .. x_{t-1})
    return np.log((moved * B[:, ids].T).sum(axis=1)).sum()
    # END SOLUTION


# %%
check(hmm_log_likelihood)

# %% [markdown]
# The enumeration of section 6 agrees here too (the first line below the picture), and now the contest can be
# finished. To be fair to Markov models we also give them what no counting can reach: *perfect* tables, as if
# counted on sounds without end. A perfect table of order $k$ knows the rules, but remembers only the last $k$
# sounds: it is a filter that starts afresh $k$ sounds ago, from `initial`. (No step changes that distribution
# here: it is stationary.)
#
# <details><summary>Predict: how large must $k$ be until a perfect table is as good as the filter?</summary>
#
# Between twenty and thirty-five, for all that one can measure here; a table that reached so far back would
# have $3^{20}$ rows and more. The filter keeps two numbers.
#
# </details>


# %% tags=["demo", "hide-input"] claims="0.10"
def perfect_table(ids, k):
    """Mean surprise (nats per symbol) of a filter that starts k symbols before each prediction."""
    T = len(ids) - k
    belief = np.tile(initial, (T, 1))
    for j in range(k):
        belief = (belief @ A if j else belief) * B[:, ids[j : j + T]].T
        belief /= belief.sum(axis=1, keepdims=True)
    p = (belief @ A if k else belief) @ B
    return -np.log(p[np.arange(T), ids[k:]]).mean()


reach = [*range(9), 12, 16, 20, 25, 30, 35, 40]
perfect = np.array([perfect_table(test, k) for k in reach])
filter_loss = -hmm_log_likelihood(test, initial, A, B) / len(test)
fig, (ax,) = figure(height=3.6)
ax.plot(orders, counted, "o-", color=BLUE, label="table, counted on 20,000 sounds")
ax.plot(reach, perfect, "s--", color=SKY, markersize=4, label="perfect table")
ax.axhline(filter_loss, color=PURPLE, label="filter: two numbers")
ax.set(
    xlabel="order $k$: sounds remembered",
    ylabel="nats per sound",
    title="Tables run out of data long before they reach the state",
)
ax.legend(loc="upper right")
show(
    fig,
    alt="Loss against order: the counted tables improve until about order five, then get worse; the perfect "
    "ones sink to the horizontal line of the filter, and reach it at about twenty to thirty sounds.",
)
summed, added = np.log(joint.sum()), hmm_log_likelihood(few, initial, A, B)
print(f"log p of {len(few)} sounds: {summed:.9f} summed over histories, {added:.9f} by the filter")
assert np.isclose(summed, added, rtol=1e-12)
print(f"best counted table {counted.min():.4f}, filter {filter_loss:.4f} nats per sound")
for k in (8, 20, 35):
    print(f"perfect table of order {k:2}: {perfect[reach.index(k)]:.4f} nats, {3.0**k:.1e} rows")
assert filter_loss < counted.min() - 0.02
assert perfect[8] > filter_loss + 0.005 and perfect[reach.index(35)] < filter_loss + 0.0005

# %% [markdown]
# Two numbers do what a table with a row for every history of twenty sounds and more would do, if anybody
# could count it.
#
# ## 9 · Who tells us the rules?
#
# So far somebody told us the parrot's $A$ and $B$. Can they be *learned*, from sounds alone, when nobody ever
# reports a mood? Baum and colleagues (1970) found how. Guess some rules. Filter with them. Look back from the
# end, to judge each moment's mood in hindsight. Count moves and sounds, weighted by those judgements, and
# take the counts as the new rules. Repeat: no round makes the data less likely. (This is the EM algorithm;
# `em_step` in `coursekit` is one round, and your filter does its first half.) Five starts, all random:


# %% tags=["demo", "hide-input"]
def learn(ids, S, V, rounds, seed):
    """An HMM from symbols alone: returns initial, A, B and the log-likelihood per symbol after each round."""
    rng = np.random.default_rng(seed)
    initial, A = np.full(S, 1 / S), 0.5 * np.eye(S) + 0.5 * rng.dirichlet(np.ones(S), S)
    B, curve = rng.dirichlet(np.full(V, 3.0), S), []
    for _ in range(rounds):
        curve.append(hmm_log_likelihood(ids, initial, A, B) / len(ids))
        initial, A, B = em_step(ids, hmm_filter(ids, initial, A, B), A, B)
    return initial, A, B, curve


few_sounds = train[:3_000]
runs = [learn(few_sounds, 2, 3, 40, seed) for seed in progress_bar(range(5), "five starts")]
known_rules = hmm_log_likelihood(few_sounds, initial, A, B) / len(few_sounds)

fig, (ax,) = figure(height=3.2)
for i, (*_, curve) in enumerate(runs):
    label = None if i else "learned, five random starts"
    ax.plot(range(1, len(curve)), curve[1:], color=ORANGE, alpha=0.8, linewidth=1.5, label=label)
ax.axhline(known_rules, color=PURPLE, linestyle="--", label="the true rules")
ax.set(xlabel="rounds of re-estimation", ylabel="log-likelihood per sound",
       ylim=(known_rules - 0.06, known_rules + 0.01),
       title="A hidden mood, found without ever being shown")  # fmt: skip
ax.legend(loc="lower right")
show(
    fig,
    alt="Log-likelihood per sound against the round of re-estimation for five random starts: all rise, "
    "some after a long plateau, to the level of the true rules, or a hair above it.",
)
held_out = [-hmm_log_likelihood(test, *rules) / len(test) for *rules, _ in runs]
print(f"on new sounds: learned {min(held_out):.4f} to {max(held_out):.4f}, true rules {filter_loss:.4f} nats")
print("learned B (rows in either order):", *runs[0][2].round(3).tolist(), sep="\n  ")
assert np.median(held_out) < filter_loss + 0.01 and np.median(held_out) < counted.min() - 0.01

# %% [markdown]
# From 3,000 sounds, a seventh of what the tables had, the typical run predicts new sounds almost as well as
# the true rules do, and better than every table. (On its own training sounds it may even pass the true rules:
# it has adapted to their accidents.) Which mood it calls 0 and which 1 is chance: a latent state has no name
# until we give it one. The plateaus in some curves are real as well: learning a hidden state is harder than
# counting, and may take its time before it discovers what to remember. (With other sounds than these, a start
# may still sit on its plateau after all forty rounds.)

# %% [markdown]
# ## What it cannot do yet
#
# The hidden Markov model *learned* its state, but its state is one of $S$ values: two parrots with
# independent moods need $S = 4$, ten need $S = 2^{10}$ and a transition table of a million entries. A memory
# of $n$ yes-or-no facts should cost about $n$ numbers, not $2^n$.
#
# The linear state holds many facts side by side, but we had to choose $A$ and $B$ by hand, and all is linear,
# the state and the readout. Here is a sequence of signs in which the best linear readout of a linear state,
# whatever its size, finds nothing: toss two coins, then write down their product; toss two coins, write their
# product; and so on. Every third value is certain. Yet the product is uncorrelated with each of the two
# coins, and so with every weighted sum of past values: the weights of least error are zero. (Cut at a
# threshold, the sum of the two coins less 1 has the sign of the product in three cases of four. No weighted
# sum has it in all four.)

# %% tags=["demo", "hide-input"]
coins = np.random.default_rng(1).choice([-1.0, 1.0], size=(6_000, 2))
signs = np.column_stack([coins, coins.prod(axis=1)]).ravel()  # (18000,)
for tau in (2, 10, 50):
    coef, intercept = fit_ar(signs[:9_000], tau)
    inputs, targets = make_windows(signs[9_000:], tau)
    third = slice((2 - tau) % 3, None, 3)  # the targets that are products
    share = (np.sign(inputs @ coef + intercept) == targets)[third].mean()
    print(f"best linear function of the last {tau:2} values: {share:.3f} of the products right")
    assert abs(share - 0.5) < 0.06
two = linear_latent_forward(
    signs[None, :, None], np.zeros((1, 2)), np.eye(2, k=-1), np.eye(2)[[1]], np.eye(2)
)[0]
total = two[:-1].sum(axis=1)  # a linear state of two values: the last two signs; their sum is -2, 0 or 2
bent = 2 * np.maximum(0, total) - total - 1
rule = (bent == signs[1:])[1::3].mean()
print(f"the same linear state of two values, with one bend (a ReLU) in the readout: {rule:.3f}")
assert rule == 1

# %% [markdown]
# One bend is enough, and there are two places for it. Bend the *readout*, as the last line does: from the sum
# $s$ of two signs, $2\max(0, s) - s - 1$ is their product. Lesson 19 goes this way, and keeps the state
# linear. Or bend the *state*, so that each step can build on what the steps before have found out. The next
# lessons do that.
#
# So we want a state that is a *vector* of numbers, updated by a rule that is *not linear*, with weights that
# are *learned* from the data. Write the linear update once more and bend it:
#
# $$h_t = h_{t-1} A + x_t B \qquad\longrightarrow\qquad h_t = \tanh(h_{t-1} W_{hh} + x_t W_{xh} + b_h).$$
#
# That is the recurrent network. **What if the summary were learned?**
#
# *Sources.* Yule (1927), sunspots by autoregression. Brown (1956), exponential smoothing. Kalman (1960),
# linear states. Baum and Petrie (1966) and Baum, Petrie, Soules and Weiss (1970), hidden Markov models and
# their re-estimation. Rabiner (1989), the classic tutorial. Wolf (1852), the period of the sunspots.
