# %% [markdown]
# # 00 · Start here
#
# **Question:** how does this course work?
#
# **You will** write two small functions, have them judged, read what the judge says, look up a hint and a
# failing case, and learn the four letters that most arrays in the course are described with.
#
# **Before:** Python and a little NumPy. Nothing here can break anything: play.
#
# **Time:** half an hour.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)

# %% [markdown]
# ## Run this cell
#
# A notebook is made of cells. Click into the grey one below and press **Shift + Enter**: it runs, and the
# next one is selected. Run the cells from top to bottom.

# %%
import numpy as np

from autograder import check, hint, progress, replay
from coursekit.plots import RED, figure, show

# %% [markdown]
# Nothing seems to happen, and that is right: names were imported. The four words from `autograder` are all
# that you need in this course:
#
# | Word | What it does |
# |---|---|
# | `check(f)` | judges your function `f` against PyTorch, and says what is wrong |
# | `hint(f)` | shows a hint; call it again for the next one, up to the answer itself |
# | `replay(f)` | hands you the smallest case that your function got wrong, to try things on |
# | `progress()` | shows how far you are |
#
# ## Shapes: N, T, D, H
#
# The course is about sequences, and nearly every array in it is a **batch** of them. Four letters name the
# sizes:
#
# - $N$: how many sequences (the batch),
# - $T$: how many time steps,
# - $D$: how many input features there are at each step,
# - $H$: how many numbers a model makes of them (hidden units).
#
# So `x (N, T, D)` in a docstring means: an array with three axes, sequences first, then time, then features;
# `()` means a single number. Lower case is an array, upper case a size or a matrix of weights. From the order
# of the axes follows what an index in brackets selects.
#
# A line that begins with *Predict* is a question to think about before you look. A click on it shows the
# answer; the cell below it shows the evidence.
#
# <details><summary>Predict: <code>x</code> has the shape (2, 5, 3). Which shapes have <code>x[0]</code> and
# <code>x[:, 2]</code>?</summary>
#
# `x[0]` takes the first sequence: the axis $N$ is gone and $(T,D)$, here $(5,3)$, is left. `x[:, 2]` takes
# step 2 of every sequence: the axis $T$ is gone, and $(N,D)$, here $(2,3)$, is left. If you said $(5,2)$ or
# $(5,3)$ for the second, look at the colon again: it stands for "all of this axis".
#
# </details>

# %% tags=["demo"]
N, T, D = 2, 5, 3
x = np.arange(N * T * D, dtype=float).reshape(N, T, D)  # (2, 5, 3)
print("x         ", x.shape, "the whole batch")
print("x[0]      ", x[0].shape, "   the first sequence: (T, D)")
print("x[:, 2]   ", x[:, 2].shape, "   step 2 of every sequence: (N, D)")
print("x[0, 2]   ", x[0, 2].shape, "     step 2 of the first sequence: (D,)")
print("x[..., 0] ", x[..., 0].shape, "   feature 0, everywhere: (N, T)")
assert x[:, 2].shape == (N, D)

# %% tags=["demo", "hide-input"]
fig, axes = figure(N, width=8, height=2.6)
for n, ax in enumerate(axes):
    ax.imshow(x[n].T, cmap="Blues", vmin=-8, vmax=45)
    for t in range(T):
        for d in range(D):
            ax.text(t, d, f"{x[n, t, d]:.0f}", ha="center", va="center")
    ax.plot([1.5, 2.5, 2.5, 1.5, 1.5], [-0.45, -0.45, D - 0.55, D - 0.55, -0.45], color=RED, linewidth=3)
    ax.grid(False)
    ax.set(title=f"sequence x[{n}]", xlabel="time step t", ylabel="feature d", yticks=range(D))
show(
    fig,
    alt="Two sequences of five steps with three features each; a frame marks step 2 of both, which is "
    "x[:, 2].",
)

# %% [markdown]
# The two frames together are `x[:, 2]`: one step, every sequence. (The picture lets time run to the right.
# Where NumPy prints `x[0]`, every step is a row, so time runs down the page.) A loop over time is
# `for t in range(T)`, and inside it stands `x[:, t]`.
#
# ## Your first function
#
# Below stands a function without a body, a *stub*. **First run it and the check as they are**, to see what
# the judge says about a stub.


# %% exercise="time_average"
def time_average(x):
    """Average of every sequence over its time steps.

    x (N, T) -> average (N,)
    Here every step is a single number, so there is no axis D.
    """
    # BEGIN SOLUTION
    return x.sum(axis=1) / x.shape[1]
    # END SOLUTION


# %%
check(time_average)

# %% [markdown]
# Not written yet: fair enough. Now **make a mistake on purpose**. Put this line in the place of `raise ...`,
# run the cell, and check again (the first check of a session takes a second or two, later ones no time to
# speak of):
#
# ```python
#     return x.mean(axis=0)
# ```
#
# You should read this:
#
# ```text
# ✗ time_average: not right yet (4 of 4 cases failed).
# You averaged over the batch (axis 0); time is axis 1.
#   ✗ average has shape (2,); it should be (1,).
# Smallest failing case: x (1, 2) float64. replay("time_average") returns its inputs and the expected result.
# Next: hint("time_average") shows a hint (3 left).
# ```
#
# That is the order of every report:
#
# 1. the **verdict**, and how many of the cases failed. Each check runs several, of unequal sizes, so that
#    swapped axes cannot hide;
# 2. the **diagnosis**: the judge knows some two thousand mistakes by name, about fifteen for each exercise.
#    If yours is one of them, a sentence says what you did and what to do. If it is a new one, the judge looks
#    for the line that makes the difference, and says so honestly when it finds none;
# 3. **which results are right**, and where the first wrong number stands, with what it should be;
# 4. the **smallest failing case**, and how to get hold of it;
# 5. how many **hints** are left.
#
# Below the report is a line `CheckFailed: ...`. It is there so that "Run All" stops at the first thing that
# needs you.
#
# ## Look closer: replay and hint
#
# `replay` returns the smallest failing case of your last check: what your function was given, what was
# expected, and what it returned. (After a pass, or before the first check, it is simply the first case, and
# `yours` is None.)

# %% tags=["demo"]
case = replay(time_average)
print("inputs:  ", case.inputs)
print("expected:", case.expected)
print("yours:   ", case.yours)

# %% [markdown]
# Three hints come with each exercise: where to look, what to do, and the line itself. They cost nothing. Try
# without, take one when you are stuck, and read on.

# %% tags=["demo"]
hint(time_average)

# %% [markdown]
# Now write it right: replace the line above by the average over *time*, check, and see it turn green. It says
# what was verified, too. There is always more than one right answer (`x.mean(axis=1)`, a sum and a division,
# a loop); the judge compares numbers, not code.
#
# ## Your second function, with all four letters
#
# A *layer* makes $H$ numbers of $D$ numbers: a row of $D$ times a matrix $W$ $(D,H)$, plus a bias $b$ $(H,)$,
#
# $$y_{n,t} = \underbrace{x_{n,t}}_{(D,)}\,\underbrace{W}_{(D,H)} + \underbrace{b}_{(H,)},
# \qquad n = 0,\dots,N-1,\quad t = 0,\dots,T-1 .$$
#
# Inputs are **rows** in this course, so they stand on the left of their matrix. In NumPy, `@` is the matrix
# product, and it acts on the last axis of what stands on its left. You need no loop.


# %% exercise="layer_at_every_step"
def layer_at_every_step(x, W, b):
    """The same layer for every step of every sequence.

    x (N, T, D), W (D, H), b (H,) -> y (N, T, H)
    """
    # BEGIN SOLUTION
    return x @ W + b  # (N, T, D) @ (D, H) -> (N, T, H); b (H,) is added to every row
    # END SOLUTION


# %%
check(layer_at_every_step)

# %% [markdown]
# ## House rules
#
# - **Keep the name and the arguments** of a function; everything between is yours. Helpers of your own are
#   welcome. Write them into the same cell if you can; where a class is graded, what your function uses of
#   other cells is taken along.
# - **Write with NumPy.** PyTorch is the judge's; where a class is graded, answers have none.
# - **Results are float64** unless the docstring says integers or booleans. Where real numbers are meant,
#   whole numbers and booleans of equal value will do; float32 rounds, and will not. Return NumPy arrays, not
#   lists.
#   Numbers are compared with a tolerance: another order of summation is never an error.
# - **Leave the inputs alone.** Whoever called you still needs them: write into a new array, or into
#   `x.copy()`.
# - **Random numbers come in as arguments**, so that every right answer gives the same result.
# - Locked cells are for reading. A cell called *From earlier lessons* holds functions that you wrote before,
#   so that each notebook runs by itself, and a lesson can be opened even if the one before is not finished.
#
# ## What is saved, and where
#
# - **Your code** is in this notebook: press Ctrl + S (JupyterLab also saves by itself every two minutes).
# - **What you passed, and which hints you read,** is in one small file in your own user folder, outside the
#   course. Nothing leaves your computer. (In the edition that runs inside a browser, both stay in that
#   browser.)
# - **What you ran** lives in the *kernel*, the Python process behind the notebook, and is forgotten when it
#   stops. A picture on the page may be older than the code above it.
#
# ## When things get strange
#
# - *A cell shows `[*]` for ever:* it is still running. Stop it with the ■ button above. A check stops an
#   endless loop by itself after ten seconds.
# - *A name is not defined, or an old version of a function seems to run:* the cells ran in an odd order.
#   **Kernel → Restart Kernel and Run up to Selected Cell** starts afresh; your text stays.
# - *You want to start over:* put `raise NotImplementedError("not yet")` back into the function, and go on.
# - *A cell shows a picture but no code:* the code only draws, so it is folded away. Click on the bar (or the
#   three dots) above the picture to read it.
# - *You want to compare:* the third hint of each exercise is the line itself. If you work in a copy of the
#   whole repository, `solutions/` holds every lesson solved, with its pictures. Try first; then look without
#   shame.

# %% tags=["demo"]
progress()

# %% [markdown]
# If both exercises of lesson 00 are ticked, you know all the mechanics. On to the first real question: **how
# do you model an input whose length you do not know?** [01 · Sequences](../01_sequences/sequences.ipynb)
