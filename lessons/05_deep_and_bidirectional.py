# %% [markdown]
# # 05 · Deep and bidirectional networks
#
# **Question:** what can depth and the other direction add?
#
# **You will**
# - stack recurrent layers, and see which weights are shared and which are not;
# - read a sequence from both ends, with padding that stays out of the way;
# - count the parameters of any such stack, and explain the difference to PyTorch's count;
# - measure when a second direction is necessary, what it forbids, and what more layers really bring.
#
# **Before:** lesson 04 (the recurrent network in NumPy). **Time:** about 145 minutes.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 1.11 1.13-1.16, E29-E32

# %%
import numpy as np

from autograder import check
from coursekit.data import characters
from coursekit.deep_and_bidirectional import (
    BLANK,
    FILLERS,
    PADDING,
    SYMBOLS,
    Reader,
    cloze,
    text_windows,
    train,
)
from coursekit.diagrams.deep import bidirectional_network, deep_network
from coursekit.plots import BLACK, BLUE, GREEN, MAGNITUDE, ORANGE, PURPLE, figure, show, spread
from coursekit.training import one_thread, progress_bar

# %% carry="rnn_step rnn_forward count_rnn_parameters"

# %% [markdown]
# ## 1 · Depth: a sequence of states is a sequence
#
# A recurrent layer turns a sequence of inputs $(N, T, D)$ into a sequence of states $(N, T, H)$. Nothing
# forbids handing that sequence to a second layer, which keeps a memory of its own about *states*, not inputs.
# With $h^{(0)} = x$, layer $l$ computes
#
# $$h^{(l)}_t = \tanh\!\big(h^{(l-1)}_t W^{(l)}_{xh} + h^{(l)}_{t-1} W^{(l)}_{hh} + b^{(l)}_h\big).$$
#
# | symbol | shape |
# |---|---|
# | $W^{(1)}_{xh}$ | $(D, H_1)$: reads the input |
# | $W^{(l)}_{xh}$, $l > 1$ | $(H_{l-1}, H_l)$: reads the states below |
# | $W^{(l)}_{hh}$ | $(H_l, H_l)$ |
# | $b^{(l)}_h$ | $(H_l,)$ |
#
# Each layer starts from a zero state of its own. In the code a layer is a tuple `(W_xh, W_hh, b_h)`.

# %% tags=["demo", "hide-input"]
show(
    deep_network(),
    alt="Two rows of states over four steps. The lower row reads the inputs x_1 to x_4 through W_xh (1), the "
    "upper row reads the lower row's states through W_xh (2). Within each row an arrow leads from each state "
    "to the next, through W_hh (1) below and W_hh (2) above.",
)


# %% exercise="deep_rnn_forward"
def deep_rnn_forward(x, layers):
    """Recurrent layers on top of each other: the states of one are the inputs of the next.

    x (N, T, D), layers a list of (W_xh, W_hh, b_h), the first one reading x; each starts from a zero state
    of its own width -> h (N, T, H_last), the states of the top layer.
    Source: El Hihi and Bengio (1995); Graves, Mohamed and Hinton (2013).
    """
    # BEGIN SOLUTION
    h = x
    for W_xh, W_hh, b_h in layers:
        h = rnn_forward(h, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h)  # (N, T, H of this layer)
    return h
    # END SOLUTION


# %%
check(deep_rnn_forward)

# %% [markdown]
# ### Which weights are shared?
#
# The *steps* of one layer share its weights; the layers do not share with each other.
#
# <details><summary>"All layers share the same weights", one reads. Could they?</summary>
#
# With $D = 4$ inputs and $H = 8$ units they could not: the first layer's $W_{xh}$ is $(4, 8)$, the second
# one's $(8, 8)$. Where the shapes allow it, sharing between layers is possible, and another model.
#
# </details>


# %% tags=["demo", "hide-input"]
def random_layer(rng, D, H):
    """Random weights of one layer."""
    return (rng.normal(size=(D, H)) / D**0.5, rng.normal(size=(H, H)) / H**0.5, 0.1 * rng.normal(size=H))


rng = np.random.default_rng(5)
lower, upper = random_layer(rng, 4, 8), random_layer(rng, 8, 8)
x = rng.normal(size=(3, 10, 4))  # N = 3, T = 10, D = 4
h = deep_rnn_forward(x, [lower, upper])
print("states of the top layer:", h.shape, " W_xh:", lower[0].shape, "and", upper[0].shape)


# %% tags=["demo", "hide-input"] claims="1.11 E29"
import torch


def torch_stack(D, H, L, layers, bidirectional=False):
    """torch.nn.RNN with these weights: transposed, and its second bias zero."""
    rnn = torch.nn.RNN(D, H, L, batch_first=True, bidirectional=bidirectional, dtype=torch.float64)
    values = [w for W_xh, W_hh, b_h in layers for w in (W_xh.T, W_hh.T, b_h, np.zeros_like(b_h))]
    with torch.no_grad():
        for parameter, value in zip(rnn.parameters(), values, strict=True):
            parameter.copy_(torch.as_tensor(value))
    return rnn


with torch.no_grad():
    theirs = torch_stack(4, 8, 2, [lower, upper])(torch.as_tensor(x))[0].numpy()
print(f"largest difference to torch.nn.RNN(4, 8, num_layers=2): {np.abs(h - theirs).max():.1e}")
assert np.allclose(h, theirs)

try:
    deep_rnn_forward(x, [lower, lower])
except ValueError as error:
    print("the lower layer's weights in the upper layer:", str(error)[:60], "...")
else:
    raise AssertionError("(4, 8) cannot read 8 states")

longer = deep_rnn_forward(np.concatenate([x, x], axis=1), [lower, upper])  # T = 20, the same weights
assert np.allclose(longer[:, :10], h)  # shared over time: more steps need no more weights
wide = [random_layer(rng, 8, 8), upper]
x_wide = rng.normal(size=(3, 10, 8))
shared, own = deep_rnn_forward(x_wide, [wide[0], wide[0]]), deep_rnn_forward(x_wide, wide)
assert np.abs(shared - own).max() > 0.1  # and where the shapes allow it, sharing is another model

# %% [markdown]
# ## 2 · The other direction
#
# *I like ___ very much, it is my favourite fruit.* Who reads from left to right must fill the blank before
# the word that decides it. More layers do not help: every state of a deep network, too, knows the past only.
# What helps is a second network that reads from right to left (Schuster and Paliwal, 1997):
#
# $$\overrightarrow{h}_t = \tanh(x_t W_{xh} + \overrightarrow{h}_{t-1} W_{hh} + b_h), \qquad
# \overleftarrow{h}_t = \tanh(x_t W'_{xh} + \overleftarrow{h}_{t+1} W'_{hh} + b'_h),$$
#
# $$h_t = [\,\overrightarrow{h}_t;\ \overleftarrow{h}_t\,] \quad (N, 2H).$$
#
# (The semicolon: side by side on the last axis, forward first.) The primes matter: two networks, two sets
# of weights.

# %% tags=["demo", "hide-input"]
show(
    bidirectional_network(),
    alt="Four inputs, two rows of states. In the lower row arrows lead from each state to the next one on "
    "its right; in the upper row, to the next one on its left. Every input goes to both. Above, a box for "
    "each step joins the two states of that step side by side.",
)

# %% [markdown]
# We need no second loop: turn the sequence round, run `rnn_forward`, and turn the states round
# again. But a batch is padded (lesson 01), and there is the trap.

# %% tags=["demo", "hide-input"]
lengths = np.array([7, 4, 2])
step_numbers = np.where(np.arange(7) < lengths[:, None], np.arange(1, 8), 0)  # (3, 7), 0 = padding
turned = np.array([[7, 6, 5, 4, 3, 2, 1], [4, 3, 2, 1, 0, 0, 0], [2, 1, 0, 0, 0, 0, 0]])
fig, axes = figure(3, width=11, height=1.9)
for ax, rows, title in zip(
    axes,
    (step_numbers, step_numbers[:, ::-1], turned),
    ("padded batch", "x[:, ::-1]: padding comes first", "each row within its own length"),
    strict=True,
):
    ax.imshow(np.where(rows > 0, rows, np.nan), cmap=MAGNITUDE, vmin=-2, vmax=15, aspect="auto")
    for (n, t), step in np.ndenumerate(rows):
        ax.text(t, n, step or "·", ha="center", va="center", color="white" if step else BLACK, fontsize=12)
    ax.set(title=title, xticks=[], yticks=range(3), yticklabels=[f"row {n}" for n in range(3)])
    ax.grid(False)
show(
    fig,
    alt="Three tables of step numbers. Left: rows of 7, 4 and 2 steps with padding behind. Middle: all "
    "reversed, with the padding in front. Right: every row reversed within its own length, the "
    "padding still behind.",
)

# %% [markdown]
# In the middle, the backward network would spend its first steps on padding, and arrive at the last real word
# with a state full of nothing (its bias alone moves it). We want the right one.


# %% exercise="reverse_padded"
def reverse_padded(x, lengths):
    """Turn each sequence of a padded batch round within its own length.

    x (N, T, D), lengths (N,) integers from 1 to T -> (N, T, D): step t of row n is x[n, lengths[n] - 1 - t]
    for t < lengths[n]; what stands at and after lengths[n] stays where it is.
    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    out = x.copy()
    for n, length in enumerate(lengths):
        out[n, :length] = x[n, :length][::-1]
    return out
    # END SOLUTION


# %%
check(reverse_padded)

# %% [markdown]
# Turning round twice changes nothing, whatever the lengths. With this, both directions are three lines.


# %% exercise="bidirectional_forward"
def bidirectional_forward(x, lengths, forward_layer, backward_layer):
    """Two networks on the same input: one reads from the left, one from the right, each with its own weights.

    x (N, T, D), lengths (N,), each layer (W_xh (D, H), W_hh (H, H), b_h (H,)), both starting from zeros
    -> h (N, T, 2H): the forward states, then the backward states, both about step t; zero at padding.
    Source: Schuster and Paliwal (1997), Bidirectional Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    N, T, _ = x.shape
    zeros = np.zeros((N, len(forward_layer[2])))
    forth = rnn_forward(x, zeros, *forward_layer)
    back = rnn_forward(reverse_padded(x, lengths), zeros, *backward_layer)
    both = np.concatenate([forth, reverse_padded(back, lengths)], axis=2)  # (N, T, 2H)
    return both * (np.arange(T) < lengths[:, None])[..., None]  # mask (N, T) -> (N, T, 1)
    # END SOLUTION


# %%
check(bidirectional_forward)

# %% [markdown]
# A check against PyTorch, which packs the sequences in place of turning them round. With 3 units in each
# direction, 6 numbers come out per step.
#
# <details><summary>Why does the function take two layers, and not a size?</summary>
#
# A second direction is wrapped around a *layer*: Keras writes `Bidirectional(SimpleRNN(3))`, and
# `Bidirectional(3)` means nothing; in PyTorch it is a flag of the layer.
#
# </details>

# %% tags=["demo", "hide-input"] claims="1.13 E30"
forward_layer, backward_layer = random_layer(rng, 10, 3), random_layer(rng, 10, 3)
x = rng.normal(size=(5, 2, 10))  # five sequences of two steps, ten inputs
both = bidirectional_forward(x, np.full(5, 2), forward_layer, backward_layer)
print("two directions of 3 units:", both.shape)
assert both.shape == (5, 2, 6)
try:
    bidirectional_forward(x, np.full(5, 2), 3, 3)
except TypeError as error:
    print("a size instead of a layer:", error)
else:
    raise AssertionError("a size has no weights")

# The same against PyTorch, now with unequal lengths: packed sequences there, reverse_padded here.
x, lengths = rng.normal(size=(5, 7, 10)), np.array([7, 3, 1, 5, 7])
both = bidirectional_forward(x, lengths, forward_layer, backward_layer)
rnn = torch_stack(10, 3, 1, [forward_layer, backward_layer], bidirectional=True)
with torch.no_grad():
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.as_tensor(x), torch.as_tensor(lengths), batch_first=True, enforce_sorted=False
    )
    theirs, last = rnn(packed)
    theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs, batch_first=True, total_length=7)
print(f"largest difference to PyTorch's packed sequences: {np.abs(both - theirs.numpy()).max():.1e}")
assert np.allclose(both, theirs.numpy())

# %% [markdown]
# ### One vector for the whole sequence
#
# To classify a sequence one wants a single vector. In one direction that was the state at the last real
# step (lesson 01's `last_valid`: `h[np.arange(N), lengths - 1]`). In two directions, each half must be
# taken where *it* has read everything.


# %% exercise="bidirectional_summary"
def bidirectional_summary(h, lengths):
    """One vector per sequence: each direction's state at the step where it has read everything.

    h (N, T, 2H) from bidirectional_forward, lengths (N,) -> (N, 2H), forward half first.
    Source: Graves and Schmidhuber (2005), Framewise Phoneme Classification with Bidirectional LSTM.
    """
    # BEGIN SOLUTION
    H = h.shape[2] // 2
    forth = h[np.arange(len(h)), lengths - 1, :H]
    return np.concatenate([forth, h[:, 0, H:]], axis=1)
    # END SOLUTION


# %%
check(bidirectional_summary)

# %% tags=["demo", "hide-input"]
summary = bidirectional_summary(both, lengths)  # (5, 6)
assert np.allclose(summary, np.concatenate([last[0], last[1]], axis=1))  # PyTorch's h_n: forward, backward
print("PyTorch's h_n, forward and backward, is the same vector:", summary.shape)

# %% [markdown]
# ## 3 · What has a state read?
#
# Change the input at step $s$ a little, and see which states $h_t$ move. That shows, for any network, what
# each state can know.
#
# <details><summary>Predict: three networks of nine steps: one layer, three layers, two directions.
# Which of the states move when input 6 is changed?</summary>
#
# With one layer, states 6 to 9. With three layers the same ones: depth adds nothing to the left of the
# change. With two directions, all nine.
#
# </details>


# %% tags=["demo", "hide-input"] claims="E31"
def reach(network, T=9, D=4):
    """R[t, s] = how far h_t moves when x_s is changed: (T, T)."""
    x = np.random.default_rng(0).normal(size=(1, T, D))
    R = np.zeros((T, T))
    for s in range(T):
        changed = x.copy()
        changed[:, s] += 0.5
        R[:, s] = np.linalg.norm(network(changed) - network(x), axis=2)[0]
    return R


rng = np.random.default_rng(2)
one, other = random_layer(rng, 4, 6), random_layer(rng, 4, 6)
stack = [one, random_layer(rng, 6, 6), random_layer(rng, 6, 6)]
full = np.array([9])
maps = {
    "one layer": reach(lambda x: deep_rnn_forward(x, [one])),
    "three layers, one direction": reach(lambda x: deep_rnn_forward(x, stack)),
    "one layer, two directions": reach(lambda x: bidirectional_forward(x, full, one, other)),
}
fig, axes = figure(3, width=11, height=3.5)
for ax, (title, R) in zip(axes, maps.items(), strict=True):
    image = ax.imshow(np.where(R > 0, R, np.nan), cmap=MAGNITUDE, norm="log", vmin=1e-3, vmax=2)
    ax.set(title=title, xlabel="changed input $s$", ylabel="state $t$", xticks=range(9), yticks=range(9))
    ax.set(xticklabels=range(1, 10), yticklabels=range(1, 10))
    ax.grid(False)
fig.colorbar(image, ax=axes, label="how far the state moves", shrink=0.8)
show(
    fig,
    alt="Three maps of which input moves which state, bright where it moves far. One layer and three layers: "
    "only the lower triangle, so states know the past. Two directions: the whole square is filled.",
)
for name in ("one layer", "three layers, one direction"):
    assert np.all(np.triu(maps[name], k=1) == 0)  # nothing from the right, exactly
assert np.all(maps["one layer, two directions"] > 0)

# %% [markdown]
# Bright states move far, dark ones hardly (the scale is logarithmic); white is exactly zero. **Depth does
# not open the future; direction does.** So the blank in a sentence argues for two directions, and not, as
# is sometimes said, for a deep network.
#
# ## 4 · Fill in the blank
#
# The experiment: sentences of 8 to 12 symbols with one blank and one cue word among meaningless others. The
# cue decides which of three words belongs into the blank; it stands one to four places to the *right* of it.
# A control task has the cue on the left. Three PyTorch networks of 24 units per layer and direction learn
# both, three seeds each, and are read out at the blank.

# %% tags=["demo", "hide-input"]
ids, lengths, blank, answer = cloze(np.random.default_rng(0), 3, "right")
names = {
    BLANK: "___",
    1: "CUE-1",
    2: "CUE-2",
    3: "CUE-3",
    PADDING: "·",
    **dict(zip(FILLERS, "abcde", strict=True)),
}
for row, a in zip(ids.tolist(), answer.tolist(), strict=True):
    print(f"answer {a + 1}:", " ".join(names[symbol] for symbol in row))


# %% [markdown]
# <details><summary>Predict: three possible words, the cue on the right. What accuracy will the three
# networks reach: one layer, three layers, two directions? And with the cue on the left?</summary>
#
# On the right: a third for both networks of one direction, whatever their depth, for they can only guess; and
# close to 1 for two directions. On the left all three get close to 1.
#
# </details>


# %% tags=["demo"]
def cloze_accuracy(cue, L, bidirectional, seed, steps=60):
    """Accuracy at the blank on 600 new sentences, every 10 training steps: (7,)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Reader(SYMBOLS, 24, 3, L, bidirectional)
    ids, lengths, blank, answer = cloze(np.random.default_rng(10_000 + seed), 600, cue)

    def accuracy():
        with torch.no_grad():
            guess = model(ids, lengths)[torch.arange(600), blank].argmax(dim=1)
        return (guess == answer).double().mean().item()

    def loss():
        ids, lengths, blank, answer = cloze(rng, 64, cue)
        return torch.nn.functional.cross_entropy(model(ids, lengths)[torch.arange(64), blank], answer)

    return [accuracy(), *(accuracy() for step in train(model, loss, steps, 1e-2) if step % 10 == 0)]


# %% tags=["demo", "hide-input"] claims="1.14 E31"
readers = {"one direction": (1, False), "one direction, 3 layers": (3, False), "two directions": (1, True)}
jobs = [(cue, name, seed) for cue in ("right", "left") for name in readers for seed in range(3)]
results = {}
with one_thread():
    for cue, name, seed in progress_bar(jobs, "readers"):
        results.setdefault((cue, name), []).append(cloze_accuracy(cue, *readers[name], seed))

fig, axes = figure(2, width=10, height=3.6)
for ax, cue in zip(axes, ("right", "left"), strict=True):
    for i, (name, colour, marker) in enumerate(zip(readers, (BLUE, GREEN, ORANGE), "os^", strict=True)):
        spread(ax, np.arange(0, 61, 10) + i - 1, results[cue, name], name, colour, marker)  # side by side
    ax.axhline(1 / 3, color=BLACK, linestyle=":", label="chance")
    ax.set(xlabel="training steps", ylabel="accuracy at the blank", ylim=(0, 1.05), title=f"cue on the {cue}")
axes[0].legend(loc="center right", bbox_to_anchor=(1.0, 0.62))
show(
    fig,
    alt="Accuracy against training steps. With the cue on the right, both one-directional networks stay "
    "at one third and the bidirectional one reaches one. With the cue on the left, all three reach "
    "one.",
)
for name in readers:
    right, left = (np.median(results[cue, name], axis=0)[-1] for cue in ("right", "left"))
    print(f"{name:24} cue right {right:.2f}   cue left {left:.2f}")
assert all(abs(run[-1] - 1 / 3) < 0.08 for name in list(readers)[:2] for run in results["right", name])
assert min(run[-1] for run in results["right", "two directions"]) > 0.9
assert min(run[-1] for name in readers for run in results["left", name]) > 0.9

# %% [markdown]
# All seeds agree, since there is nothing to learn where nothing can be known: with the cue on the right, one
# direction stays at a third, with one layer or three. The control shows that nothing else was wrong with
# those networks.
#
# And in real text? Take every *a* or *an* of our English text, hide it, and ask which one it was. The word
# after it decides.


# %% tags=["demo", "hide-input"]
def articles(ids, reach=12):
    """Every "a" or "an" with 12 characters on both sides; the article itself is one blank, symbol V."""
    windows, labels = [], []
    for word in ("a", "an"):
        pattern = text.encode(f" {word} ")
        runs = np.lib.stride_tricks.sliding_window_view(ids, len(pattern))
        for start in np.flatnonzero((runs == pattern).all(axis=1)):
            end = start + len(pattern)
            if start + 1 >= reach and end - 1 + reach <= len(ids):
                windows.append([*ids[start + 1 - reach : start + 1], text.V, *ids[end - 1 : end - 1 + reach]])
                labels.append(word == "an")
    return torch.tensor(np.array(windows)), torch.tensor(labels).long()


def article_accuracy(bidirectional, seed):
    """Accuracy on held-out text, and the share of "an" that was found."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Reader(text.V + 1, 32, 2, 1, bidirectional)

    def loss():
        batch = rng.integers(len(seen[0]), size=64)
        return torch.nn.functional.cross_entropy(model(seen[0][batch])[:, 12], seen[1][batch])

    for _ in train(model, loss, 150, 5e-3):
        pass
    with torch.no_grad():
        right = model(held_out[0])[:, 12].argmax(dim=1) == held_out[1]
    return right.double().mean().item(), right[held_out[1] == 1].double().mean().item()


text = characters()
seen, held_out = articles(text.train), articles(text.test)
majority = 1 - held_out[1].double().mean().item()
with one_thread():
    scores = {two: np.array([article_accuracy(two, seed) for seed in range(3)]) for two in (False, True)}
print(f"always 'a':      {majority:.2f} right (of {len(held_out[1])})")
for two, name in ((False, "one direction: "), (True, "two directions:")):
    print(name, " ".join(f"{a:.2f} right, {an:.2f} of the 'an' found;" for a, an in scores[two]))
assert np.median(scores[True][:, 0]) > np.median(scores[False][:, 0]) + 0.12

# %% [markdown]
# From the left alone, the network learns to say *a* nearly always. With both sides it finds the vowels.
#
# ## 5 · What the second direction forbids
#
# If two directions see more, why not use them everywhere? Because many tasks may not look ahead: a live
# caption cannot wait for the end of the talk, and a *generator* has no future to read. We train both kinds to
# predict the next character of our text, with whole lines in view, and test them twice: as they were trained,
# and as one would generate, with nothing after the present character.
#
# <details><summary>Predict: what will the two tests say of the bidirectional network? As a generator,
# will it do better than a table that only knows how frequent each character is?</summary>
#
# In training its backward half has just read the very character that is asked for: it copies the answer, and
# needs next to no bits. It learns nothing about the language that it could use without the answer; as a
# generator it is worse even than the table.
#
# </details>


# %% tags=["demo"]
def next_character_bits(bidirectional, seed):
    """Bits per next character on held-out text: the whole line in view, and cut at the present."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Reader(text.V, 64, text.V, 1, bidirectional)

    def loss():
        ids = text_windows(text.train, 16, 33, rng)
        return torch.nn.functional.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())

    for _ in train(model, loss, 150, 8e-3):
        pass
    ids, cuts = text_windows(text.test, 150, 65, np.random.default_rng(1)), (24, 40, 56)
    with torch.no_grad():
        whole = [model(ids)[:, cut - 1] for cut in cuts]
        alone = [model(ids[:, :cut])[:, -1] for cut in cuts]
    targets = ids[:, list(cuts)].T.flatten()
    nats = [torch.nn.functional.cross_entropy(torch.cat(z), targets).item() for z in (whole, alone)]
    return np.array(nats) / np.log(2)


# %% tags=["demo", "hide-input"] claims="E31"
with one_thread():
    bits = {two: np.array([next_character_bits(two, seed) for seed in range(3)]) for two in (False, True)}
print("bits per character        whole line in view    nothing after the present (3 seeds)")
for two, name in ((False, "one direction"), (True, "two directions")):
    whole, alone = bits[two].T
    print(f"{name:20} {whole.min():12.2f} to {whole.max():.2f} {alone.min():16.2f} to {alone.max():.2f}")
assert bits[True][:, 0].max() < 0.5  # it copies the answer
assert bits[True][:, 1].min() > bits[False][:, 1].max() + 0.4  # and is lost without it
share = np.bincount(text.train, minlength=text.V) / len(text.train)
letters = -np.log2(share[text.test]).mean()
print(f"a table of how frequent each character is in the training text: {letters:.2f}")
assert bits[True][:, 1].min() > letters + 0.1
assert np.allclose(bits[False][:, 0], bits[False][:, 1], atol=1e-4)  # one direction never looked ahead

# %% [markdown]
# An almost perfect score as it was trained, and useless where it counts: with nothing after the present it
# does worse than a table of the characters' frequencies. Whenever a language model looks too good, ask what
# it has read. Two directions are for sequences that are complete when one starts: tagging words, recognising
# recorded speech, encoding a sentence for translation (lesson 14).
#
# ## 6 · Deep and bidirectional
#
# Both ideas combine layer by layer: each layer is a pair, its two halves are joined, and the next pair reads
# the joined states, $2H$ wide.

# %% tags=["demo", "hide-input"]
show(
    bidirectional_network(layers=2),
    alt="Two bidirectional layers, one above the other: the boxes that join the two directions of the lower "
    "layer are the inputs of both directions of the upper one, whose states are joined again.",
)


# %% exercise="deep_bidirectional_forward"
def deep_bidirectional_forward(x, lengths, layer_pairs):
    """Bidirectional layers on top of each other: each pair reads the joined states of the pair below.

    x (N, T, D), lengths (N,), layer_pairs a list of (forward_layer, backward_layer); above the first pair,
    W_xh is (2H, H) -> h (N, T, 2H) of the top pair, zero at padding.
    Source: Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    h = x
    for forward_layer, backward_layer in layer_pairs:
        h = bidirectional_forward(h, lengths, forward_layer, backward_layer)
    return h
    # END SOLUTION


# %%
check(deep_bidirectional_forward)

# %% [markdown]
# How many numbers does such a stack learn? One network with $d$ inputs has $dH + H^2 + H$. Only the first
# layer has $d = D$.


# %% exercise="count_stack_parameters"
def count_stack_parameters(D, H, L, bidirectional):
    """How many numbers does a stack of L recurrent layers learn, with one bias per unit?

    D inputs, H units per direction in every layer, L layers, bidirectional True or False -> int.
    Source: Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks.
    """
    # BEGIN SOLUTION
    directions = 2 if bidirectional else 1
    above = (L - 1) * count_rnn_parameters(directions * H, H)
    return directions * (count_rnn_parameters(D, H) + above)
    # END SOLUTION


# %%
check(count_stack_parameters)

# %% tags=["demo", "hide-input"] claims="1.11 1.13 1.15"
print("D   H  layers directions  ours  PyTorch  surplus")
for D, H, L, two, ours in ((4, 8, 2, False, 240), (10, 3, 1, True, 84), (4, 8, 4, True, 1408)):
    rnn = torch.nn.RNN(D, H, L, bidirectional=two)
    theirs = sum(p.numel() for p in rnn.parameters())
    networks = L * (1 + two)
    print(f"{D:<3} {H:<2} {L:4} {1 + two:9} {ours:9} {theirs:7} {theirs - ours:6} = {networks} x {H}")
    assert count_stack_parameters(D, H, L, two) == ours
    assert theirs - ours == networks * H  # one more bias for each network

rng = np.random.default_rng(0)
pairs = [(random_layer(rng, d, 8), random_layer(rng, d, 8)) for d in (4, 16, 16, 16)]
h = deep_bidirectional_forward(rng.normal(size=(3, 10, 4)), np.array([10, 6, 1]), pairs)
print("four bidirectional layers of 8 on (3, 10, 4):", h.shape)
assert h.shape == (3, 10, 16)
assert sum(w.size for pair in pairs for layer in pair for w in layer) == 1408

# %% [markdown]
# PyTorch keeps *two* biases per network, `bias_ih` and `bias_hh`, because cuDNN, NVIDIA's library that runs
# it on a GPU, does. They are only ever added, so they say no more than one; each network has $H$ numbers
# too many: 256 instead of 240, 90 instead of 84, 1472 instead of 1408.
#
# ## 7 · How deep?
#
# Has depth one best value? Measure it: predict the next character of the English text, 64 units per layer,
# 1 to 4 layers, three seeds, the same learning rate, the same batches. And one control, since a deeper
# network is also a *larger* one: a single layer of 96 units has about as many weights as two layers of 64,
# output layer included (embedding aside). We look at 75, 150 and 300 training steps.
#
# <details><summary>Predict: which depth is best after 300 steps? Is it the same after 75? And where
# will the single wide layer end?</summary>
#
# After 300 steps two layers, closely followed by three; after 75, one and two are level, and four are far
# behind. The wide layer does as well as the two layers that have as many weights.
#
# </details>


# %% tags=["demo"]
looks = (75, 150, 300)  # training steps


def depth_bits(H, L, seed):
    """Bits per character on held-out text after so many training steps."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Reader(text.V, H, text.V, L, E=32)
    ids = text_windows(text.test, 100, 65, np.random.default_rng(1))

    def loss(ids=None):
        ids = text_windows(text.train, 16, 33, rng) if ids is None else ids
        return torch.nn.functional.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())

    found = []
    for step in train(model, loss, looks[-1], 4e-3):
        if step in looks:
            with torch.no_grad():
                found.append(loss(ids).item() / np.log(2))
    return found


# %% tags=["demo", "hide-input"] claims="1.16 E32"
kinds = [(64, 1), (64, 2), (64, 3), (64, 4), (96, 1)]
with one_thread():
    jobs = progress_bar([(H, L, seed) for H, L in kinds for seed in range(3)], "depths")
    runs = np.array([depth_bits(*job) for job in jobs]).reshape(len(kinds), 3, 3)  # kind, seed, look
fig, (ax,) = figure(height=3.8)
for look, (colour, marker) in enumerate(((PURPLE, "o"), (GREEN, "s"), (BLUE, "^"))):
    spread(ax, [1, 2, 3, 4], runs[:4, :, look].T, f"{looks[look]} steps", colour, marker)
    ax.plot([1] * 3, runs[-1][:, look], "*", color=colour, markeredgecolor=BLACK, markersize=11)
ax.plot([], [], "*", color="white", markeredgecolor=BLACK, markersize=11, label="one layer of 96")
ax.set(
    xlabel="layers of 64 units",
    ylabel="bits per character",
    xticks=[1, 2, 3, 4],
    title="Which depth is best?",
)
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
show(
    fig,
    alt="Bits per character against depth after 75, 150 and 300 steps, with bands over three seeds. Two "
    "layers are lowest or level with the lowest each time, four layers start far behind and catch up; a "
    "single wider layer, as stars, is about as low as two layers, or lower.",
)
median = np.median(runs, axis=1)  # kind, look
for (H, L), row in zip(kinds, median, strict=True):
    weights = count_stack_parameters(32, H, L, False) + (H + 1) * text.V  # with the output layer
    print(f"{L} x {H:2}: {weights:6,} weights, bits after {looks} steps:", row.round(2))
behind = median[3] - median[1]  # four layers against two
print("four layers behind two by", behind.round(2), "bits")
if looks == (75, 150, 300):  # what the text below says of this budget
    assert median[1, 2] < median[0, 2] - 0.06 and behind[2] > 0.05  # at equal width: two, not one or four
    assert behind[0] > 0.25 and behind[2] < behind[0] - 0.15  # deep stacks start slowly, and catch up
    assert median[4, 2] < median[1, 2] + 0.05  # but one wider layer does as well as the second layer

# %% [markdown]
# What this shows, and what it does not:
#
# - At equal width and this small budget, two layers end up better than one and better than four (early on,
#   one and two are level); three can hardly be told from two. So far it is as folklore has it: "two layers
#   are usual", "more hardly help".
# - But the ranking *moves*. Deep stacks start late; their deficit shrinks from look to look. Two is the best
#   depth of this budget, not of recurrent networks. (Set `looks = (300, 600, 1200)` two cells above, run that
#   cell and the folded one below it again, which takes about two minutes, and see which depth leads then.)
# - And most of the gain was *size*. Spend the weights of the second layer on width instead, and one layer
#   does as well. A fair question about depth fixes the number of parameters, or the time.
# - One text, one learning rate, three seeds. That is enough to doubt a rule, and not enough to make one.
#   Where depth clearly helped, in speech recognition (Graves, Mohamed and Hinton, 2013), there was much more
#   data, and gates (lesson 09).
#
# So two layers are a fine place to start, and a poor thing to believe in. Choose depth on held-out data, like
# any other setting.
#
# ## What it cannot do yet
#
# We have built networks that read in both directions and in many layers, but we never *trained* one
# ourselves: PyTorch did, inside `train`, in a line that says `backward()`. One loss at the end of a sentence
# changed weights that were used at every step, in both directions and all layers. How? **How does a loss at
# the end teach a weight used at every step?**
#
# *Sources.* Elman (1990). El Hihi and Bengio (1995), hierarchical recurrent networks. Schuster and Paliwal
# (1997), bidirectional recurrent networks. Graves and Schmidhuber (2005), both directions for phonemes.
# Graves, Mohamed and Hinton (2013), deep bidirectional networks for speech.
