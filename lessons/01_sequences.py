# %% [markdown]
# # 01 · Sequences
#
# **Question:** how do you model an input whose length you do not know?
#
# **You will**
#
# - turn a series into windows, fit an autoregressive model to three centuries of sunspots, and let it run on
#   its own predictions;
# - choose how far back it looks without touching the test years, and measure what the past is worth;
# - pack sequences of unequal lengths into one array, and never mistake the filling for data.
#
# **Before:** [00 · Start here](../00_start_here/start_here.ipynb); least squares.
#
# **Time:** about two hours, a little more than one of them for the exercises. Sections 6 to 10 are for
# reading and looking; before them is a good place for a break.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 0.1 0.2 0.5 3.1 3.4 E15 E17 E20

# %%
from itertools import pairwise

import numpy as np

from autograder import check
from coursekit.data import sunspots
from coursekit.interactive import explore
from coursekit.plots import BLACK, BLUE, COLOURS, GREEN, ORANGE, RED, figure, show, spread

# %% [markdown]
# ## 1 · A series that everybody has tried to predict
#
# Astronomers have counted the dark spots on the sun since Galileo. The yearly numbers swell and fade in
# cycles of about eleven years, never twice alike. Yule (1927) invented the autoregressive model for exactly
# this series, so we begin where the subject began. (The *sunspot number* is an index made from counts of
# spots and of groups, averaged over the year; hence the fractions.) Write $x_t$ for the count of year $t$;
# `x` is the whole series, shape $(T,)$.

# %% tags=["demo", "hide-input"]
years, x = sunspots()
fig, (ax,) = figure(height=3.0)
ax.plot(years, x, color=BLUE, linewidth=1.2)
ax.set(xlabel="year", ylabel="sunspot number", title="309 years of sunspots")
show(
    fig,
    alt="Yearly sunspot numbers from 1700 to 2008: irregular cycles of about eleven years and unequal "
    "height.",
)
print("T =", len(x), " years", years[0], "to", years[-1])

# %% [markdown]
# ## 2 · Why one value is not enough
#
# A **feed-forward** model maps one input of fixed size to one output. Show it this year's count and ask for
# the next: whatever happened before, equal counts get equal answers. But a count of 60 on the way up is not a
# count of 60 on the way down. The next cell splits the years with a middling count by what the year *before*
# was like.

# %% tags=["demo", "hide-input"] claims="3.1"
before, now, after = x[:-2], x[1:-1], x[2:]
middling = (now > 30) & (now < 80)
rising, falling = middling & (now > before), middling & (now < before)
fig, (ax,) = figure(width=6.5, height=3.8)
ax.scatter(now[rising], after[rising], color=RED, marker="^", s=28, label="count was rising")
ax.scatter(now[falling], after[falling], color=BLUE, s=22, label="count was falling")
ax.plot([30, 80], [30, 80], color=BLACK, linewidth=1, linestyle="--", label="no change")
ax.set(xlabel="count this year", ylabel="count next year", title="The same count, two futures", ylim=(0, 185))
ax.legend(loc="upper left", fontsize=9)
show(
    fig,
    alt="Next year's count against this year's: most years on the way up lie above the diagonal, most on the "
    "way down below it.",
)
print(f"count now: {now[rising].mean():.0f} rising, {now[falling].mean():.0f} falling")
print(f"next year: {after[rising].mean():.0f} after rising, {after[falling].mean():.0f} after falling")
assert after[rising].mean() > after[falling].mean() + 20  # ... although they are alike today

# %% [markdown]
# So the past must enter. The trouble is that it grows: to predict $x_t$ we have $t$ earlier values (counting
# from 0), a different number every year. Two ways out organise the first part of this course:
#
# 1. **A fixed time span.** Look at the last $\tau$ values only, a *window*. Every window has the same size,
#    so any model that takes $\tau$ numbers will do. That is this lesson.
# 2. **A summary.** Carry a state of fixed size along and update it at each step. That is lesson 03, and from
#    lesson 04 on it is called a recurrent network.
#
# ## 3 · Windows
#
# From $T$ values come $T-\tau$ windows, each with the value that follows it:
#
# $$\text{inputs}_i = (x_i, x_{i+1}, \dots, x_{i+\tau-1}) \in \mathbb R^{\tau}, \qquad
# \text{targets}_i = x_{i+\tau}, \qquad i = 0, \dots, T-\tau-1 .$$
#
# With $x = (10, 11, 12, 13, 14)$ and $\tau=2$ the inputs are $(10,11), (11,12), (12,13)$ and the targets $12,
# 13, 14$. The last two values make a window, too, but nothing follows it.


# %% exercise="make_windows"
def make_windows(x, tau):
    """Cut a series into all its windows of tau values, each with the value that comes next.

    x (T,), tau < T -> inputs (T-tau, tau), targets (T-tau,)
    Row i of inputs is x[i], .., x[i+tau-1], the oldest value first; targets[i] is x[i+tau].
    Source: Yule (1927).
    """
    # BEGIN SOLUTION
    inputs = np.stack([x[i : i + tau] for i in range(len(x) - tau)])  # (T-tau, tau)
    return inputs, x[tau:]
    # END SOLUTION


# %%
check(make_windows)

# %% [markdown]
# ## 4 · The autoregressive model
#
# *Auto-regressive* means: regressed on itself. The simplest one is linear. With a window of $\tau$ values it
# is written AR($\tau$):
#
# $$\hat x_t = \underbrace{(x_{t-\tau}, \dots, x_{t-1})}_{(\tau,)} \cdot
# \underbrace{\text{coef}}_{(\tau,)} + \text{intercept},$$
#
# and least squares fits it: among all coefficients, those with the smallest sum of squared errors over all
# windows. A column of ones beside the windows makes the intercept one coefficient more.


# %% exercise="fit_ar"
def fit_ar(x, tau):
    """Fit x_t = x_{t-tau} coef[0] + .. + x_{t-1} coef[tau-1] + intercept by least squares over all windows.

    x (T,), tau -> coef (tau,), intercept (): coef[j] multiplies the j-th oldest value of the window
    Source: Yule (1927); Box and Jenkins (1970).
    """
    # BEGIN SOLUTION
    inputs, targets = make_windows(x, tau)
    A = np.column_stack([inputs, np.ones(len(inputs))])  # (T-tau, tau+1)
    solution = np.linalg.lstsq(A, targets, rcond=None)[0]
    return solution[:-1], solution[-1]
    # END SOLUTION


# %%
check(fit_ar)

# %% [markdown]
# A first look at what it learned. We keep the years from 1921 on hidden as the **test** span, and fit on the
# 221 years before.

# %% tags=["demo"] claims="0.5"
TEST = 221  # index of the year 1921
inputs, targets = make_windows(x[:TEST], 2)
assert inputs.shape == (TEST - 2, 2)
assert targets.shape == (TEST - 2,)
coef, intercept = fit_ar(x[:TEST], 2)
print(f"x_t = {coef[0]:.2f} x_(t-2) + {coef[1]:.2f} x_(t-1) + {intercept:.1f}")

# %% [markdown]
# Two numbers and an intercept: what was high last year stays high for a while (positive weight on the newest
# value), but what was high the year before pulls down (negative weight on the oldest). Is there a cycle in
# that? We shall let it run and see.
#
# ## 5 · Several steps ahead
#
# For next year we know all inputs. For the year after, one of them is missing: next year's count. The model
# fills it in with **its own prediction**, and so on. Errors become inputs.
#
# $$\hat x_{t+1} = f(x_{t-\tau+1}, \dots, x_t), \qquad
# \hat x_{t+2} = f(x_{t-\tau+2}, \dots, x_t, \hat x_{t+1}), \qquad \dots$$


# %% exercise="forecast"
def forecast(history, coef, intercept, steps):
    """Predict several steps ahead: every prediction becomes an input of the next one.

    history (tau,) the last known values, the oldest first, maybe whole numbers; coef (tau,), intercept () as
    fit_ar returns them
    -> predictions (steps,)
    Source: Box and Jenkins (1970).
    """
    # BEGIN SOLUTION
    window = history
    predictions = np.zeros(steps)
    for s in range(steps):
        predictions[s] = window @ coef + intercept
        window = np.append(window[1:], predictions[s])  # (tau,)
    return predictions
    # END SOLUTION


# %%
check(forecast)

# %% [markdown]
# Now let it run. The next picture starts the model in a year of your choice, shows it the true counts up to
# that year and none after it, and lets it live on its own predictions for sixty years.
#
# <details><summary>Predict: will the forecast go on swinging for ever, explode, or settle?</summary>
#
# It settles at the mean. It does swing, with a period close to the sun's, but each swing is lower than the
# one before. A longer window keeps the swing for longer.
#
# </details>

# %% tags=["demo", "hide-input"]
fitted = {tau: fit_ar(x[:TEST], tau) for tau in (2, 4, 9, 16, 30)}


def left_alone(tau, start):
    """What the model with this window says for the sixty years from `start` on, told nothing of them."""
    t = start - years[0]
    path = forecast(x[t - tau : t], *fitted[tau], 60)
    fig, (ax,) = figure(height=3.2)
    ax.plot(years[t - 40 : t + 60], x[t - 40 : t + 60], color=BLACK, linewidth=1, label="observed")
    ax.plot(start + np.arange(60), path, color=BLUE, linewidth=2, label=f"AR({tau}), left alone")
    ax.axvline(start - 0.5, color=BLACK, linestyle=":", linewidth=1)
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.set(xlabel="year", ylabel="sunspot number", ylim=(-15, 215), title=f"From {start} on its own")
    ax.legend(loc="upper left", ncols=2, fontsize=9)
    return fig


explore(
    left_alone,
    alt="Sunspot numbers, and from 1921 on the forecast of a model with a window of two years: it rises, "
    "dips a little, and settles at the mean, while the sun goes on swinging.",
    tau=(2, 4, 9, 16, 30),
    start=(1921, 1925, 1930, 1935, 1940, 1945),
)
root = np.roots([1, -coef[1], -coef[0]])[0]
period = 2 * np.pi / abs(np.angle(root))
print(
    f"AR(2) swings with a period of {period:.1f} years; the height of its swing is {abs(root):.2f} of what it"
)
print("was a year before")
away = forecast(x[TEST - 2 : TEST], coef, intercept, 100) - intercept / (1 - coef.sum())  # from its mean
ups = np.flatnonzero((away[:-1] < 0) & (away[1:] > 0))
assert abs(np.diff(ups).mean() - period) < 0.5  # counted on the forecast itself
assert 9 < period < 13

# %% [markdown]
# Two weights have found the solar cycle. Yule read the period off such a pair in 1927.
#
# <details><summary>How does one read a period off two weights?</summary>
#
# Measure $x$ from its mean, so that the intercept is gone, and try $x_t = z^t$ with some number $z$. Put into
# $x_t = \text{coef}_0 x_{t-2} + \text{coef}_1 x_{t-1}$ and divided by $z^{t-2}$ this says $z^2 =
# \text{coef}_0 + \text{coef}_1 z$, a quadratic equation. Its two solutions are complex here, $z =
# r\,(\cos\omega \pm i\sin\omega)$, and so $z^t$ turns by the angle $\omega$ every year, once round in
# $2\pi/\omega$ years, and its size is $r^t$: with $r<1$ the swing dies away.
#
# </details>
#
# ## 6 · How far back? Choose without peeking
#
# On the same years, a larger $\tau$ always fits better; the question is whether it predicts *other* years
# better. The test years are for the last word only, so we choose on years before 1921. Two ways:
#
# - **One validation span:** fit on 1700-1870, measure on 1871-1920.
# - **A rolling origin:** fit on the years before 1801 and predict the next 25, fit on the years before 1826
#   and predict the next 25, and so on. Here, too, every prediction is of the future, and 120 years are
#   predicted instead of 50.

# %% tags=["demo", "hide-input"]
TAUS = [1, 2, 3, 4, 6, 8, 9, 10, 12, 14, 16, 20, 24, 30, 40]


def forecasts_of(start, stop, k, coef, intercept):
    """k-step forecasts of x[start:stop], each from the values that were known k years before."""
    tau = len(coef)
    histories = (x[t - k + 1 - tau : t - k + 1] for t in range(start, stop))
    return np.array([forecast(history, coef, intercept, k)[-1] for history in histories])


def rmse(errors):
    return np.sqrt(np.mean(errors**2))


def span_error(tau, k, fit_until, start, stop):
    """Errors on x[start:stop] of the k-step forecasts of a model fitted on x[:fit_until]."""
    return forecasts_of(start, stop, k, *fit_ar(x[:fit_until], tau)) - x[start:stop]


def rolling_error(tau, k, first=101, block=25):
    spans = [(s, min(s + block, TEST)) for s in range(first, TEST, block)]
    return np.concatenate([span_error(tau, k, s, s, stop) for s, stop in spans])


# %% tags=["demo", "hide-input"]
single = {k: np.array([rmse(span_error(tau, k, 171, 171, TEST)) for tau in TAUS]) for k in (1, 4)}
rolling = {k: np.array([rmse(rolling_error(tau, k)) for tau in TAUS]) for k in (1, 4)}
on_fit = np.array([rmse(span_error(tau, 1, TEST, 40, TEST)) for tau in TAUS])  # on the years it was fitted to

fig, axes = figure(2, width=9.5)
for ax, k in zip(axes, (1, 4), strict=True):
    ax.plot(TAUS, single[k], marker="o", markersize=4, color=ORANGE, label="one span, 1871-1920")
    ax.plot(TAUS, rolling[k], marker="s", markersize=4, color=BLUE, label="rolling origin, 1801-1920")
    for values, colour in ((single[k], ORANGE), (rolling[k], BLUE)):
        ax.plot(TAUS[values.argmin()], values.min(), marker="*", markersize=15, color=colour)
    ax.set(xlabel=r"window $\tau$ (years)", ylabel="root mean square error")
    ax.set_title(f"{k} step{'s' if k > 1 else ''} ahead")
axes[0].plot(TAUS, on_fit, color=BLACK, linestyle=":", label="on the years of the fit")
axes[0].set_ylim(11, 25)
axes[0].legend(loc="upper left", fontsize=9)
axes[1].legend(loc="upper center", fontsize=9)
show(
    fig,
    alt="Error against window size, one and four steps ahead; stars mark the least. The error on the fitted "
    "years only falls; that on a single validation span is least at two years for one step and at twenty for "
    "four, that of the rolling origin at nine years for both.",
)
tau_span, tau = TAUS[single[1].argmin()], TAUS[rolling[1].argmin()]
print(f"one step ahead, one span picks tau = {tau_span}, the rolling origin tau = {tau}")
two, nine, twenty = (TAUS.index(years_back) for years_back in (2, 9, 20))
assert (single[1].argmin(), single[4].argmin()) == (two, twenty)
assert rolling[1].argmin() == rolling[4].argmin() == nine
for k in (1, 4):
    print(f"rolling origin, k = {k}: {rolling[k][two]:.1f} with tau = 2, {rolling[k][nine]:.1f} with tau = 9")
assert rolling[1][two] - rolling[1][nine] < 0.5 < 3 < rolling[4][two] - rolling[4][nine]
assert on_fit[-1] < on_fit[1]  # a longer window always fits better ...
assert rolling[1][-1] > rolling[1].min() + 2  # ... and too long a one predicts worse
for first in (91, 101, 121):
    picks = [TAUS[np.argmin([rmse(rolling_error(tau, k, first)) for tau in TAUS])] for k in (1, 4)]
    print(f"rolling origin from {years[first]}: tau = {picks[0]} for one step, {picks[1]} for four")

# %% [markdown]
# The two ways disagree (a star marks the least of each curve), and that is worth a pause. On the single span
# a window of two years wins, but by less than the curve wobbles; fifty years are four or five cycles, and one
# odd cycle decides. The rolling origin has more to go on. One step ahead it hardly cares; four steps ahead it
# clearly prefers nine years, nearly a whole cycle, where the single span picks twenty. (Let it begin in
# another year, and it may pick two or twenty as well: two centuries hold some twenty cycles, and that is
# little to choose by.) We take nine, before any model has been measured on a single test year, and keep the
# other candidate for one step, two, to see what the choice was worth.
#
# ## 7 · One, four, sixteen, sixty-four steps
#
# Two pictures. First, what the model with a window of nine says about each test year, told the counts up to
# one, four, sixteen or sixty-four years before it; then its errors, beside those of a shorter window and of
# two rules that need no model at all.
#
# <details><summary>Predict: eleven years ahead, which is better: the fitted model, or a copy of the count of
# eleven years ago?</summary>
#
# They are about equal. At twenty-two years they are equal again, and in between, half a cycle off, the copy
# is worse than always saying the mean.
#
# </details>

# %% tags=["demo", "hide-input"]
model, rival = fit_ar(x[:TEST], tau), fit_ar(x[:TEST], tau_span)
ahead = {k: forecasts_of(TEST, len(x), k, *model) for k in (1, 4, 16, 64)}
fig, axes = figure(2, width=10.5, height=3.8)
for ax, pair in zip(axes, ((1, 4), (16, 64)), strict=True):
    ax.plot(years[TEST:], x[TEST:], color=BLACK, linewidth=1, label="observed")
    for k, colour in zip(pair, (BLUE, ORANGE), strict=True):
        ax.plot(
            years[TEST:], ahead[k], color=colour, linewidth=1.6, label=f"{k} step{'s' if k > 1 else ''} ahead"
        )
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.set(xlabel="year", ylabel="sunspot number", ylim=(-20, 255))
    ax.legend(loc="upper left", ncols=3, fontsize=9)
show(
    fig,
    alt="Test years 1921 to 2008 with forecasts: one step ahead follows the cycles, four steps less so and "
    "below zero in places, sixteen steps keeps a weak swing in time with the sun's, and sixty-four steps is "
    "almost a flat line at the mean.",
)
for k, path in ahead.items():
    fits = f"{k:2d} ahead: correlation with the truth {np.corrcoef(path, x[TEST:])[0, 1]:.2f},"
    print(fits, f"{path.std() / x[TEST:].std():.2f} of its spread, lowest forecast {path.min():.0f}")
assert np.corrcoef(ahead[16], x[TEST:])[0, 1] > 0.7 and ahead[16].std() < 0.5 * x[TEST:].std()
assert ahead[4].min() < 0

# %% tags=["demo", "hide-input"]
mean = x[:TEST].mean()
KS = [1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64]
curves = {
    f"AR({tau})": [rmse(forecasts_of(TEST, len(x), k, *model) - x[TEST:]) for k in KS],
    f"AR({tau_span})": [rmse(forecasts_of(TEST, len(x), k, *rival) - x[TEST:]) for k in KS],
    "the value k years ago": [rmse(x[TEST - k : len(x) - k] - x[TEST:]) for k in KS],
    "the training mean": [rmse(mean - x[TEST:])] * len(KS),
}
fig, (ax,) = figure(height=3.8)
for (name, values), colour, marker in zip(curves.items(), COLOURS, "os^ ", strict=False):
    ax.plot(KS, values, marker=marker, markersize=5, color=colour, label=name)
ax.set(xscale="log", xlabel="steps ahead, k", ylabel="root mean square error, test years", ylim=(0, 115))
ax.set_xticks(KS, [str(k) for k in KS])
ax.minorticks_off()
ax.legend(loc="upper left", ncols=2, fontsize=9)
show(
    fig,
    alt="Test error against steps ahead. The autoregressive models rise from a low error to that of the "
    "training mean; repeating the value of k years ago is far worse except near whole cycles.",
)
for name, values in curves.items():
    print(
        f"{name:22s}",
        "  ".join(
            f"{k}: {v:.0f}" for k, v in zip(KS, values, strict=True) if k in (1, 4, 11, 16, 22, 32, 64)
        ),
    )
far, flat = curves[f"AR({tau})"], curves["the training mean"][0]
assert far[0] < 0.5 * flat  # one step ahead, most of the spread is predicted ...
assert abs(far[-1] - flat) < 0.1 * flat  # ... and 64 steps ahead, nothing is
assert np.ptp(ahead[64]) < 0.3 * np.ptp(ahead[1])
assert np.abs(np.roots(np.append(1, -model[0][::-1]))).max() < 1  # a stable model: disturbances fade
copied = dict(zip(KS, np.subtract(curves["the value k years ago"], far), strict=True))  # how much worse
assert abs(copied[11]) < 1 and abs(copied[22]) < 1 and copied[32] < -5
assert min(v for k, v in copied.items() if k not in (11, 22, 32, 64)) > 10
print(f"standard deviation: training years {x[:TEST].std():.0f}, test years {x[TEST:].std():.0f}")
assert (
    far[KS.index(4)] < curves[f"AR({tau_span})"][KS.index(4)] - 5
)  # what the better choice of tau was worth

# %% [markdown]
# One step ahead the curve looks deceptively good: the truth puts the model right every year. Further ahead it
# is the *height* that is lost, and not the rhythm: at sixteen steps the forecast still rises and falls with
# the sun (look at the correlations), but by less than half as much; at sixty-four it has faded to the mean.
# Errors enter the next input; in a stable model like this one they do not explode. Four honest remarks:
#
# - The window that the rolling origin picked beats the single span's pick for one step on the test years,
#   most clearly from four to eleven steps ahead. Had we chosen by the test years, we could not say so.
# - A crude rule is not always worse. At 11 and 22 years, copying the value of one or two cycles ago is as
#   good as the fitted model; at 32 it is better, at most other distances far worse. A model fitted to *one*
#   step need not be the best at many.
# - Some forecasts are below zero, and no count of spots can be. A linear model does not know what it
#   predicts. Predicting the square root of the count, say, and squaring it at the end, would cure that.
# - The test years vary more than the training years. The twentieth century was a stormy one, and all errors
#   are larger for it. Time series often play this trick; a random split of the years would have hidden it.
#
# ## 8 · What is the past worth? The shuffle test
#
# A general way to ask whether context helps: destroy it, and see what is lost. For each year we give the
# model (a) its true past; (b) last year's value in its place and the others of the window in random order;
# (c) the whole window in random order; (d) the past of some other year. Each model is fitted on data treated
# in the same way, so that it does its best with what is left. A dot is one of twenty shuffles, a bar ends at
# their median.
#
# <details><summary>Predict: how much of the gain over the training mean is left when the nine values are
# known, but their order is not?</summary>
#
# Next to nothing: nine values span nearly a whole cycle, and a cycle in random order looks the same whether
# it is about to rise or to fall.
#
# </details>


# %% tags=["demo", "hide-input"] claims="3.4"
def shuffled(inputs, kind, random):
    """Windows (R, tau) with their context destroyed in part or altogether."""
    inputs = inputs.copy()
    if kind == "older values shuffled":
        inputs[:, :-1] = random.permuted(inputs[:, :-1], axis=1)
    elif kind == "order shuffled":
        inputs = random.permuted(inputs, axis=1)
    elif kind == "another year's past":
        inputs = random.permutation(inputs)
    return inputs


def shuffled_error(kind, random):
    """Test error of a linear model that was fitted on windows shuffled in the same way."""
    inputs, targets = make_windows(x, tau)
    A = np.column_stack([shuffled(inputs, kind, random), np.ones(len(inputs))])
    cut = TEST - tau  # the first window whose target is a test year
    solution = np.linalg.lstsq(A[:cut], targets[:cut], rcond=None)[0]
    return rmse(A[cut:] @ solution - targets[cut:])


kinds = ["true past", "older values shuffled", "order shuffled", "another year's past"]
errors = {k: [shuffled_error(k, np.random.default_rng(seed)) for seed in range(20)] for k in kinds}
medians = {k: np.median(values) for k, values in errors.items()}
fig, (ax,) = figure(width=7.5, height=3.0)
for row, kind in enumerate(kinds):
    ax.barh(row, medians[kind], color=COLOURS[row], alpha=0.35, height=0.6)
    ax.plot(errors[kind], np.full(20, row), ".", color=COLOURS[row], markersize=7)
ax.axvline(flat, color=BLACK, linestyle="--", linewidth=1)
ax.text(flat - 0.6, 0, "the training mean", ha="right", va="center", fontsize=9)
ax.set_yticks(range(len(kinds)), kinds)
ax.invert_yaxis()
ax.set(xlabel="one-step error on the test years", xlim=(0, 64))
show(
    fig,
    alt="Test error by what is left of the past: least with the true past, larger when the older values are "
    "shuffled, and about that of the training mean when the whole order is shuffled or the past is "
    "another year's.",
)
print({kind: round(float(value), 1) for kind, value in medians.items()})
assert medians["true past"] + 5 < min(errors["older values shuffled"])
assert max(errors["older values shuffled"]) + 15 < min(errors["order shuffled"])
assert abs(medians["order shuffled"] - flat) < 5
assert abs(medians["another year's past"] - flat) < 5

# %% [markdown]
# The values of nearly a whole cycle, without their order, are worth next to nothing: a bag of nine counts
# does not say where in the cycle we are. Putting just the newest one in its place brings back most of it, the
# order of the older ones the rest. Order is what the rest of the course is about.
#
# ## 9 · The whole past in one number
#
# A window cuts off whatever lies further back. Here is a series for which no window is long enough. Each
# value is a fresh shock $e_t$ plus $\theta$ times the shock before it, $x_t = e_t + \theta e_{t-1}$, and we
# see only the $x_t$. To predict the next value one needs the last shock; and that is what is left of $x_t$
# once its own prediction is taken away:
#
# $$e_t \approx x_t - \hat x_t, \qquad \hat x_{t+1} = \theta\,(x_t - \hat x_t) .$$
#
# Start with $\hat x_1 = 0$ (steps count from 1 here), and every later prediction contains *all* values before
# it. The cell below compares it with windows, which are fitted by least squares as above. (The recursion is
# told $\theta$; the windows have ten thousand values to learn from.) Five series are drawn. The line is the
# median of the five, and the band runs from the least to the greatest, as in later pictures of this kind.
#
# <details><summary>Predict: how long must a window be to predict as well as the one number that is carried
# along?</summary>
#
# Thirty-two values come close, with thirty-two coefficients and an intercept. None is long enough for good:
# put the recursion into itself again and again, and the value of $k$ steps before the last one has the weight
# $\pm\theta^{k+1}$, which gets small and is never zero.
#
# </details>

# %% tags=["demo", "hide-input"] claims="E15"
theta, T, orders = 0.95, 20_000, [1, 2, 4, 8, 16, 32]


def whole_history(series):
    """Predict each value from all before it: they enter through one number, updated at every step."""
    prediction, predictions = 0.0, np.zeros(len(series))
    for t, value in enumerate(series):
        predictions[t] = prediction
        prediction = theta * (value - prediction)
    return predictions


def compare(seed):
    """Held-out squared errors of each window, and at the end that of the whole history."""
    shocks = np.random.default_rng(seed).normal(size=T + 1)
    series = shocks[1:] + theta * shocks[:-1]
    first, second = series[: T // 2], series[T // 2 :]
    squared = []
    for order in orders:
        weights, constant = fit_ar(first, order)
        inputs, targets = make_windows(second, order)
        squared.append(np.mean((inputs @ weights + constant - targets) ** 2))
    return [*squared, np.mean((whole_history(series)[T // 2 :] - second) ** 2)]


runs = np.array([compare(seed) for seed in range(5)])
windows, whole = runs[:, :-1], runs[:, -1:]
fig, (ax,) = figure(width=6.5, height=3.2)
spread(ax, orders, windows, r"windows: the last $\tau$ values", ORANGE)
spread(ax, orders, np.repeat(whole, len(orders), axis=1), "the whole history, in one number", BLUE, marker="")
ax.set(
    xscale="log", xlabel=r"window $\tau$", ylabel="mean squared error", title="A window is not the whole past"
)
ax.set_xticks(orders, [str(o) for o in orders])
ax.minorticks_off()
ax.legend()
show(
    fig,
    alt="Squared error of windows, five seeds, falls slowly with their length towards that of a model that "
    "uses the whole history.",
)
print("windows:", np.median(windows, axis=0).round(3), " whole history:", np.median(whole).round(3))
assert np.all(windows[:, :4] > whole + 0.02)
assert np.all(np.diff(windows[:, :4]) < 0)

# %% [markdown]
# Longer windows come closer; sixteen values are not quite enough, and thirty-two nearly are. Yet the whole
# history fits into a *single number* that is carried along, $\hat x_{t+1}$. Hold on to that thought until
# lesson 03.
#
# <details><summary>A sentence that is half right: "autoregressive models are Markov models"</summary>
#
# A model with a window of $\tau$ values *is* a Markov model of order $\tau$: it cuts off whatever lies
# further back. But *autoregressive* only says that each value is predicted from those before it, $p(x_t \mid
# x_1, \dots, x_{t-1})$, and nothing forbids using them all. The recursion above uses them all: its inputs are
# past values and nothing else, and no window of fixed length gives the same predictions.
#
# </details>
#
# ## 10 · Which models take any length?
#
# A fully connected layer has one weight per input position: made for five steps, it has no weights for the
# sixth. One also reads that "a convolution cannot take unknown lengths", so that nothing but recurrence is
# left. Let us try.

# %% tags=["demo", "hide-input"] claims="0.1 E17"
random = np.random.default_rng(1)
short, long = random.normal(size=5), random.normal(size=50)
W_full, kernel = random.normal(size=(5, 3)), random.normal(size=3)

print("fully connected, T = 5: ", (short @ W_full).shape)
try:
    long @ W_full
except ValueError as error:
    print("fully connected, T = 50: ValueError:", str(error)[:60], "...")
    raised = True
assert raised

for given in (short, long):
    out = np.convolve(given, kernel, mode="valid")
    print(f"convolution,     T = {len(given)}:", out.shape)
    assert out.shape == (len(given) - 2,)

slid = np.convolve(x, coef[::-1], mode="valid")[:-1] + intercept
assert np.allclose(slid, make_windows(x, 2)[0] @ coef + intercept)
print("AR(2) slid along the series = a convolution with its two coefficients")

# %% [markdown]
# The convolution takes both, with the same three weights. More than that: **our autoregressive model was a
# convolution all along**, one filter of width $\tau$ slid along the series. What limits a convolution is
# something else, twice: its *receptive field* (how far back can an input be and still be seen?) and the
# *readout* (as many outputs as positions; a label needs one).


# %% tags=["demo", "hide-input"] claims="E17"
def causal_layer(series, kernel):
    """Each output sees the current value and the len(kernel) - 1 values before it."""
    return np.tanh(np.convolve(series, kernel)[: len(series)])


def reach(layers, kernel, T=50):
    """How many steps later does a change of the first value still change the output?"""
    outputs = []
    for nudge in (0.0, 1.0):
        series = np.zeros(T)
        series[0] += nudge
        for _ in range(layers):
            series = causal_layer(series, kernel)
        outputs.append(series)
    return 1 + np.flatnonzero(outputs[0] != outputs[1]).max()


depth = np.arange(1, 9)
fields = [reach(int(L), np.array([0.9, 0.8, 0.7])) for L in depth]
print("layers of width 3 :", depth)
print("steps that they see:", np.array(fields))
assert fields == [1 + L * (3 - 1) for L in depth]  # linear in the depth, and never the whole past

features = [causal_layer(s, kernel) for s in (short, long)]
print("outputs without a readout:", [f.shape for f in features])
pooled = [f.mean() for f in features]  # a readout that takes any length: the mean over time
assert [f.shape for f in features] == [(5,), (50,)]
assert all(np.ndim(p) == 0 for p in pooled)

# %% [markdown]
# Layers of width 3 add two steps each to what is seen: the reach grows with the depth and stays finite.
# (Filters with gaps, *dilated* ones, let it grow faster; it stays finite as well.) And averaged over time,
# any number of outputs becomes one.
#
# ## 11 · A batch of unequal lengths
#
# Real data come as many sequences, each with its own length; fast code wants one array. The usual bargain:
# **pad** the short ones with zeros to a common length $T$, and keep a note of what is real, as lengths $(N,)$
# or as a **mask** $(N,T)$. From here on shapes are $(N,T,D)$: $N$ sequences, $T$ steps, $D$ features. In the
# course's masks `True` means *real*.


# %% exercise="pad_batch"
def pad_batch(sequences):
    """Put sequences of unequal lengths into one array, with zeros behind the shorter ones.

    sequences: list of N arrays (T_n, D) -> batch (N, T, D) with T the greatest T_n, lengths (N,) integers
    Source: Graves (2012).
    """
    # BEGIN SOLUTION
    lengths = np.array([len(s) for s in sequences])
    batch = np.zeros((len(sequences), lengths.max(), sequences[0].shape[1]))  # (N, T, D)
    for n, s in enumerate(sequences):
        batch[n, : len(s)] = s
    return batch, lengths
    # END SOLUTION


# %%
check(pad_batch)

# %% [markdown]
# From the lengths, anybody can rebuild which entries are real: step $t$ of sequence $n$ is, exactly if $t <
# \text{lengths}_n$ (steps count from 0; the brackets are True where the condition holds),
#
# $$\text{mask}_{n,t} = [\, t < \text{lengths}_n \,], \qquad (N,T).$$


# %% exercise="length_mask"
def length_mask(lengths, T):
    """Say of every step of a padded batch whether it is real.

    lengths (N,) integers, T the padded length -> mask (N, T) booleans, True = real, False = padding
    Source: NOTATION.md, masks.
    """
    # BEGIN SOLUTION
    return np.arange(T) < lengths[:, None]  # (T,) < (N, 1) -> (N, T)
    # END SOLUTION


# %%
check(length_mask)

# %% [markdown]
# Now a fact that costs people days: the filling is made of numbers, too. Whatever averages over the box or
# reads at its end takes them for data, unless you stop it. Suppose that a model has made $H$ numbers, its
# *state*, of each step: $h$, shape $(N,T,H)$. To read **one vector per sequence** from it, take the step
# $\text{lengths}_n - 1$ of row $n$, and not the last step of the box.


# %% exercise="last_valid"
def last_valid(h, lengths):
    """Pick from every sequence of a padded batch the vector at its last real step.

    h (N, T, H), lengths (N,) integers from 1 to T -> last (N, H)
    Source: Graves (2012).
    """
    # BEGIN SOLUTION
    return h[np.arange(len(h)), lengths - 1]
    # END SOLUTION


# %%
check(last_valid)

# %% [markdown]
# The sun provides the example. Cut the series at its minima: each cycle is a sequence of its own, and no two
# need be equally long. As states we take the running mean, $h_{n,t}$ = the mean of cycle $n$ up to year $t$,
# so that the last one is the mean of the whole cycle.
#
# <details><summary>Predict: read at the end of the box, <code>h[:, -1]</code>, will the means come out too
# high or too low?</summary>
#
# Too low: the running mean goes on over the zeros of the padding. Only the longest cycles, which fill the
# box, come out right.
#
# </details>

# %% tags=["demo", "hide-input"] claims="0.1 0.2"
smooth = np.convolve(x, [0.25, 0.5, 0.25], mode="same")
low = [t for t in range(4, len(x) - 4) if smooth[t] == smooth[t - 4 : t + 5].min()]
cycles = [x[a:b, None] for a, b in pairwise(low)]  # each (T_n, 1)
batch, lengths = pad_batch(cycles)
N, T, D = batch.shape
mask = length_mask(lengths, T)
print(
    f"{N} cycles of {lengths.min()} to {lengths.max()} years, batch {batch.shape}, {mask.mean():.0%} of "
    f"it real"
)

h = batch.cumsum(axis=1) / np.arange(1, T + 1)[:, None]  # (N, T, 1): the mean of the cycle so far
right, wrong = last_valid(h, lengths)[:, 0], h[:, -1, 0]
truth = np.array([cycle.mean() for cycle in cycles])
assert np.allclose(right, truth)
assert np.abs(wrong - truth).max() > 5

error = (batch[..., 0] - 50) ** 2  # the squared error of always saying 50, with and without the mask
assert np.isclose(error[mask].mean(), np.mean((np.concatenate(cycles) - 50) ** 2))
print(
    f"mean squared error of '50': {error[mask].mean():.0f} over real steps, {error.mean():.0f} if padding "
    f"counts"
)

fig, axes = figure(2, width=10, height=4.0)
image = axes[0].imshow(np.where(mask, batch[..., 0], np.nan), aspect="auto", cmap="viridis")
fig.colorbar(image, ax=axes[0], label="sunspot number")
axes[0].grid(False)
axes[0].set_facecolor("#dddddd")
axes[0].set(xlabel="year of the cycle, $t$", ylabel="cycle, $n$", title="Padded batch; grey is padding")
axes[1].plot([0, 120], [0, 120], color=BLACK, linewidth=1, linestyle="--")
axes[1].plot(truth, wrong, "o", color=RED, label="h[:, -1], the end of the box")
axes[1].plot(truth, right, "s", color=GREEN, markersize=4, label="last_valid(h, lengths)")
axes[1].set(xlabel="true mean of the cycle", ylabel="as read from h", title="Read at the right step")
axes[1].legend(fontsize=9)
show(
    fig,
    alt="Left, solar cycles as rows of a padded array, the padding in grey. Right, cycle means: read at the "
    "last valid step they lie on the diagonal, read at the end of the box below it.",
)

# %% [markdown]
# Read at the end of the box, nearly every cycle comes out too weak: the running mean went on over the zeros.
# Read at the last valid step, all are exact. A loss is misled in the same way: always saying 50 has a mean
# squared error of 1644 over the real years, and of 1832 if the padding counts as well. And the same code
# served every cycle, long or short; nothing had to be made for a length.
#
# ## 12 · Is the goal one label?
#
# Reading out once per sequence is a common pattern, not *the* goal. The same states serve at least three: one
# answer for the whole, one at every step, or a whole new sequence, as long as you like.

# %% tags=["demo", "hide-input"] claims="E20 0.2"
peaks = np.maximum.accumulate(batch[..., 0], axis=1)  # (N, T): the highest count so far
strong = last_valid(h, lengths)[:, 0] > 50  # one label per sequence
peaked = mask & (batch[..., 0] < peaks)  # one label per step: is the maximum behind us?
coming = forecast(x[-tau:], *model, 16)  # a new sequence
print(
    "one label per sequence:", strong.shape, " one per step:", peaked.shape, " a new sequence:", coming.shape
)
assert (strong.shape, peaked.shape, coming.shape) == ((N,), (N, T), (16,))
assert 0 < strong.mean() < 1
assert 0 < peaked[mask].mean() < 1
assert not peaked[~mask].any()

# %% [markdown]
# ## What it cannot do yet
#
# A window is a fixed time span: what lies beyond it is gone, however much it mattered, and a longer window
# costs more coefficients and soon predicts worse. We also predicted *numbers*. Words and characters are not
# numbers that one can multiply by a coefficient, and a single best guess says nothing about how likely the
# others were.
#
# So: what would a model of *symbols* look like, and **what if only the last symbol mattered?** That is
# [lesson 02](../02_markov_models/markov_models.ipynb).
