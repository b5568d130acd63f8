# %% [markdown]
# # 16 · The Transformer
#
# **Question:** and without recurrence?
#
# **You will** build the Transformer of 2017 one block at a time, load PyTorch's trained weights into your
# blocks and get PyTorch's outputs. You will test what order, causality, scale and residuals are for, run
# the task of lessons 14 and 15, and time what is parallel and what is not.
#
# **Before:** lesson 15 (attention, masks: True = may attend), lesson 12 (residual connections).
#
# **Time:** about 130 minutes.
#
# covers: 3.16-3.18 E25 E45

# %%
import time

import numpy as np

from autograder import check
from coursekit.plots import BLUE, GREEN, ORANGE, RED, SIGNED, figure, show, spread
from coursekit.training import one_thread
from coursekit.translation import (
    EOS,
    PAD,
    SOS,
    TARGET_WORDS,
    TESTED,
    Recurrent,
    Transformer,
    block_arrays,
    number_pairs,
    romanised,
    train,
    translate,
)

# %% carry="masked_softmax shift_right exact_match"

# %% [markdown]
# ## 1 · Every step asks every step
#
# In lesson 15 the decoder asked and the encoder's states answered. Vaswani et al. (2017) drew the
# conclusion: if a step can look at any other step directly, why carry a state from one to the next at all?
# Let every word of a sentence ask all words of that sentence (**self-attention**). No step waits for
# another, so all of them are one matrix product.
#
# Three roles are told apart: a step *asks* with its **query** $q$, is *found* by its **key** $k$, and
# *hands over* its **value** $v$. With the queries of all steps as rows of a matrix,
#
# $$\text{out} = \text{softmax}\!\left(\frac{q\,k^\top}{\sqrt d}\right) v \qquad q\,(T,d),\quad k\,(S,d),\quad
# v\,(S,e),\quad \text{out}\,(T,e)$$
#
# Leading axes (batch, heads) come along for free. A mask is boolean, **True = may attend**, as in lesson
# 15.


# %% exercise="scaled_dot_product_attention"
def scaled_dot_product_attention(q, k, v, mask):
    """Attention for many queries at once: softmax(q k^T / sqrt(d)) v.

    q (..., T, d), k (..., S, d), v (..., S, e); mask booleans that broadcast to (..., T, S), True = may
    attend, or None: all may be attended to -> out (..., T, e), weights (..., T, S).
    A query with nothing to attend to gives zeros in both.
    Source: Vaswani et al. (2017), section 3.2.1.
    """
    # BEGIN SOLUTION
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])  # (..., T, d) @ (..., d, S) -> (..., T, S)
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    weights = masked_softmax(scores, mask)
    return weights @ v, weights
    # END SOLUTION


# %%
check(scaled_dot_product_attention)


# %% tags=["demo"] claims="3.16"
rng = np.random.default_rng(16)
q, k, v = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 4))
out, _ = scaled_dot_product_attention(q, k, v, None)
looped = np.zeros_like(out)
for n in range(2):
    for t in range(5):  # one query at a time, as a recurrent decoder would
        scores = np.array([q[n, t] @ k[n, j] for j in range(7)]) / np.sqrt(3)
        looped[n, t] = sum(w * v[n, j] for j, w in enumerate(np.exp(scores) / np.exp(scores).sum()))
print("matrix product against loop, largest difference:", f"{np.abs(out - looped).max():.1e}")
assert np.allclose(out, looped)

# %% [markdown]
# ### Why the square root?
#
# A dot product of $d$ independent numbers of variance 1 has variance $d$. With $d = 512$ the scores spread
# over some $\pm 23$, the softmax puts nearly all on one key, and its slope (lesson 15: $\alpha\,(\dots)$)
# all but vanishes. Dividing by $\sqrt d$ keeps the variance at 1, whatever the width. Here is the strongest
# of 16 weights, without and with it.

# %% tags=["demo"] claims="E45"
strongest = {"without": [], "with": []}
for d in (4, 16, 64, 256, 1024):
    q, k = rng.normal(size=(500, d)), rng.normal(size=(16, d))
    _, right = scaled_dot_product_attention(q, k, k, None)
    _, wrong = scaled_dot_product_attention(q * np.sqrt(d), k, k, None)  # takes the root out again
    strongest["with"].append(right.max(axis=1).mean())
    strongest["without"].append(wrong.max(axis=1).mean())
for name, values in strongest.items():
    print(f"{name:8} sqrt(d), d = 4, 16, 64, 256, 1024:", np.round(values, 2))
assert strongest["without"][-1] > 0.9 > 0.5 > max(strongest["with"])

# %% [markdown]
# ## 2 · Several heads
#
# One softmax makes one average. To look at two places for two reasons, run several attentions side by side,
# each on its own slice of the features: `heads` slices of width $E/\text{heads}$. All queries come from
# $x_q W_q + b_q$, keys and values from $x_{kv}$; afterwards the heads' outputs are put side by side again
# and mixed by $W_o$.
#
# $$(N,T,E) \to (N,T,\text{heads},E/\text{heads}) \to (N,\text{heads},T,E/\text{heads})$$
#
# is the cut: *reshape, then swap axes*. Reshaping straight to the last shape has the right size and the
# wrong numbers. And each head divides by the root of its own width.


# %% exercise="multi_head_attention"
def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    """Several attentions side by side, each on its own E // heads columns of the projections.

    x_q (N, T, E) asks, x_kv (N, S, E) is looked at; W_q, W_k, W_v, W_o (E, E), b_q, b_k, b_v, b_o (E,);
    head j owns the columns j * E/heads to (j+1) * E/heads of x_q W_q + b_q, x_kv W_k + b_k, x_kv W_v + b_v;
    mask booleans that broadcast to (N, T, S), True = may attend, the same for all heads, or None
    -> out (N, T, E): the heads' outputs side by side, times W_o, plus b_o.
    Source: Vaswani et al. (2017), section 3.2.2.
    """

    # BEGIN SOLUTION
    def split(z):
        N, T, E = z.shape
        return z.reshape(N, T, heads, E // heads).swapaxes(1, 2)  # (N, heads, T, E // heads)

    mask = None if mask is None else mask[..., None, :, :]  # one more axis, for the heads
    q, k, v = split(x_q @ W_q + b_q), split(x_kv @ W_k + b_k), split(x_kv @ W_v + b_v)
    out, _ = scaled_dot_product_attention(q, k, v, mask)
    return out.swapaxes(1, 2).reshape(x_q.shape) @ W_o + b_o  # (N, T, heads, E // heads) -> (N, T, E)
    # END SOLUTION


# %%
check(multi_head_attention)


# %% [markdown]
# ## 3 · Where am I?
#
# Attention is a sum over a *set*. Shuffle the words and each gets the same output as before: it knows its
# neighbours, not its place. See for yourself: without positions, permuting the inputs permutes the outputs
# and does nothing else.

# %% tags=["demo"] claims="3.17"
E = 6
x = rng.normal(size=(1, 5, E))
weights = [rng.normal(size=(E, E)) for _ in range(4)] + [rng.normal(size=E) for _ in range(4)]
order = np.array([3, 0, 4, 1, 2])


def attended(x):
    return multi_head_attention(x, x, *weights, 2, None)


difference = np.abs(attended(x[:, order]) - attended(x)[:, order]).max()
print(f"without positions, permuted input against permuted output: {difference:.1e}")
assert difference < 1e-12

# %% [markdown]
# So the position must be written into the input. The paper *adds* to each embedding a vector of sines and
# cosines, fast in the first columns and ever slower to the right, like the hands of a clock:
#
# $$P_{t,2i} = \sin\frac{t}{10000^{2i/d}}, \qquad P_{t,2i+1} = \cos\frac{t}{10000^{2i/d}}$$
#
# Two neighbours, $2i$ and $2i+1$, share one rate. A shift by some steps is a rotation of each pair, the
# same wherever it starts, so "three to the left" can be learned once for all places.


# %% exercise="positional_encoding"
def positional_encoding(T, d):
    """A vector for every position: sines and cosines, ever slower along the columns.

    T positions t = 0 .. T-1, d columns (d may be odd) -> P (T, d):
    P[t, 2i] = sin(t / 10000^(2i/d)) and P[t, 2i+1] = cos(t / 10000^(2i/d)).
    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.5.
    """
    # BEGIN SOLUTION
    angles = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)  # (T, pairs)
    P = np.zeros((T, d))
    P[:, 0::2] = np.sin(angles)
    P[:, 1::2] = np.cos(angles[:, : d // 2])
    return P
    # END SOLUTION


# %%
check(positional_encoding)


# %% [markdown]
# What enters the first block is the embedding times $\sqrt d$, so that it is not drowned by $P$, plus $P$.
# Added, not appended: the width stays $d$.


# %% exercise="embed_sequence"
def embed_sequence(ids, E):
    """What the first block is given: each token's embedding times sqrt(d), plus its position's encoding.

    ids (N, T) integers, E (V, d) -> x (N, T, d)
    Source: Vaswani et al. (2017), sections 3.4 and 3.5.
    """
    # BEGIN SOLUTION
    T, d = ids.shape[1], E.shape[1]
    return E[ids] * np.sqrt(d) + positional_encoding(T, d)  # (N, T, d) + (T, d)
    # END SOLUTION


# %%
check(embed_sequence)


# %% tags=["demo"] claims="3.17"
P = positional_encoding(5, E)
moved = np.abs(attended(x[:, order] + P) - attended(x + P)[:, order]).max()
print(f"with positions the same difference is {moved:.2f}")
assert moved > 0.1

wide = positional_encoding(60, 32)
fig, (left, right) = figure(2, width=10)
picture = left.imshow(wide, cmap=SIGNED, aspect="auto", vmin=-1, vmax=1)
left.set(xlabel="column", ylabel="position t", title="P")
left.grid(False)
fig.colorbar(picture, ax=left)
for t, colour in ((10, BLUE), (30, ORANGE)):
    right.plot(np.arange(60) - t, wide @ wide[t], color=colour, label=f"from t = {t}")
right.set(xlabel="distance in steps", ylabel="dot product of two positions")
right.legend()
show(
    fig,
    alt="Left: the positional encoding as a map, with fast stripes in the first columns and slow ones to "
    "the right. Right: the dot product of two positions against their distance, the same curve from "
    "position 10 and from 30, highest at zero.",
)
near = [wide[t] @ wide[t + 3] for t in range(50)]
assert np.allclose(near, near[0]), "the dot product depends on the distance only"

# %% [markdown]
# ## 4 · Not ahead
#
# A decoder learns from all positions at once, with teacher forcing (lesson 14). Then step $t$ must not see
# target $t$, which stands at input $t+1$. The **causal mask** lets row $t$ look at columns $0..t$.


# %% exercise="causal_mask"
def causal_mask(T):
    """The mask of a decoder that may look at itself and back, never ahead.

    T steps -> mask (T, T) booleans, True = may attend: row t is the query, column s the key.
    Source: Vaswani et al. (2017), section 3.2.3.
    """
    # BEGIN SOLUTION
    return np.tril(np.ones((T, T), dtype=bool))
    # END SOLUTION


# %%
check(causal_mask)


# %% [markdown]
# ## 5 · Norm, and a little network
#
# Two small parts remain. **Layer normalisation** brings each vector, by itself, to mean 0 and variance 1,
# and then lets it learn another gain and bias:
#
# $$y = \frac{x - \text{mean}(x)}{\sqrt{\text{var}(x) + \varepsilon}} \cdot \text{gain} + \text{bias}$$
#
# Mean and variance run over the features of *one* step of *one* sentence. Neither batch nor time is mixed.


# %% exercise="layer_norm"
def layer_norm(x, gain, bias, eps):
    """Each vector by itself to mean 0 and variance 1, then stretched and shifted.

    x (..., D), gain (D,), bias (D,), eps a small number added to the variance -> y (..., D)
    Source: Ba, Kiros and Hinton (2016), Layer Normalization.
    """
    # BEGIN SOLUTION
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gain + bias
    # END SOLUTION


# %%
check(layer_norm)


# %% [markdown]
# And a **feed-forward** network of two layers, applied to every step alike. Attention carries information
# between steps; this works on what has arrived.


# %% exercise="feed_forward"
def feed_forward(x, W_1, b_1, W_2, b_2):
    """Two layers with a ReLU between them, for every step alike.

    x (N, T, E), W_1 (E, F), b_1 (F,), W_2 (F, E), b_2 (E,) -> y (N, T, E)
    Source: Vaswani et al. (2017), section 3.3.
    """
    # BEGIN SOLUTION
    return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2
    # END SOLUTION


# %%
check(feed_forward)


# %% [markdown]
# ## 6 · The encoder's block
#
# Each part is wrapped in the same way: add the input (lesson 12's residual), then normalise. This is the
# **post-norm** of the 2017 paper; many later models normalise before the part instead (pre-norm), which
# trains more easily when deep.
#
# $$z = \text{norm}_1(x + \text{attention}(x, x)), \qquad y = \text{norm}_2(z + \text{feedforward}(z))$$


# %% exercise="encoder_block"
def encoder_block(x, params, heads, mask):
    """One block of the encoder, normalised after each sum (post-norm) as in the paper.

    x (N, T, E); mask broadcasts to (N, T, T), True = may attend, or None; eps of the norms is 1e-5.
    params is a dict of arrays:
        W_q, W_k, W_v, W_o (E, E), b_q, b_k, b_v, b_o (E,)    self-attention
        ln1_gain, ln1_bias (E,)                               norm after the attention
        W_1 (E, F), b_1 (F,), W_2 (F, E), b_2 (E,)            feed_forward
        ln2_gain, ln2_bias (E,)                               norm after feed_forward
    -> y (N, T, E)
    Source: Vaswani et al. (2017), section 3.1.
    """
    # BEGIN SOLUTION
    weights = [params[name] for name in ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")]
    attended = multi_head_attention(x, x, *weights, heads, mask)
    x = layer_norm(x + attended, params["ln1_gain"], params["ln1_bias"], 1e-5)
    inner = feed_forward(x, params["W_1"], params["b_1"], params["W_2"], params["b_2"])
    return layer_norm(x + inner, params["ln2_gain"], params["ln2_bias"], 1e-5)
    # END SOLUTION


# %%
check(encoder_block)


# %% [markdown]
# ## 7 · The decoder's block
#
# Three parts: causal self-attention over what is written, attention from there to the encoder's output
# (**memory**), and the feed-forward network. The middle one is lesson 15: queries from $y$, keys and values
# from the memory.
#
# $$a = \text{norm}_1(y + \text{attention}(y, y;\ \text{causal})), \quad
# b = \text{norm}_2(a + \text{attention}(a, \text{memory})), \quad
# z = \text{norm}_3(b + \text{feedforward}(b))$$


# %% exercise="decoder_block"
def decoder_block(y, memory, params, heads, memory_mask):
    """One block of the decoder: causal self-attention, attention to memory, feed_forward; post-norm.

    y (N, T, E), memory (N, S, E) the encoder's output; memory_mask broadcasts to (N, T, S), True = may
    attend, or None; the self-attention over y is causal; eps of the norms is 1e-5. params is a dict:
        self_W_q, self_W_k, self_W_v, self_W_o (E, E), self_b_q, self_b_k, self_b_v, self_b_o (E,)
        ln1_gain, ln1_bias (E,)                               norm after the self-attention
        cross_W_q, cross_W_k, cross_W_v, cross_W_o (E, E), cross_b_q, cross_b_k, cross_b_v, cross_b_o (E,)
        ln2_gain, ln2_bias (E,)                               norm after the attention to memory
        W_1 (E, F), b_1 (F,), W_2 (F, E), b_2 (E,)            feed_forward
        ln3_gain, ln3_bias (E,)                               norm after feed_forward
    -> z (N, T, E)
    Source: Vaswani et al. (2017), section 3.1.
    """

    # BEGIN SOLUTION
    def attention(x_q, x_kv, prefix, mask):
        names = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")
        return multi_head_attention(x_q, x_kv, *(params[prefix + name] for name in names), heads, mask)

    def norm(x, number):
        return layer_norm(x, params[f"ln{number}_gain"], params[f"ln{number}_bias"], 1e-5)

    y = norm(y + attention(y, y, "self_", causal_mask(y.shape[1])), 1)
    y = norm(y + attention(y, memory, "cross_", memory_mask), 2)
    return norm(y + feed_forward(y, params["W_1"], params["b_1"], params["W_2"], params["b_2"]), 3)
    # END SOLUTION


# %%
check(decoder_block)


# %% [markdown]
# ## 8 · The same task
#
# The numbers of lessons 14 and 15 once more, for all three models: the same pairs, the same 1,000 batches
# in the same order, the same learning rate, three seeds each. The Transformer has one block on each side,
# width 64, 4 heads. It is PyTorch's (`nn.TransformerEncoderLayer`), and it is given *your* positional
# encoding.

# %% tags=["demo"]
pairs, tests = number_pairs()
STEPS, SEEDS, HEADS = 1_000, (0, 1, 2), 4
makers = {
    "Transformer": lambda: Transformer(positional_encoding(16, 64), HEADS),
    "recurrent, with attention": lambda: Recurrent(attention=True),
    "recurrent, one fixed vector": lambda: Recurrent(attention=False),
}
models, seconds = {}, {}
for name, make in makers.items():
    started = time.process_time()
    models[name] = [train(make, seed, STEPS, label=name) for seed in SEEDS]
    seconds[name] = (time.process_time() - started) / len(SEEDS)

# %% tags=["demo"] claims="3.18"
fig, (ax,) = figure()
results = {}
for (name, runs), colour, marker in zip(models.items(), (RED, GREEN, BLUE), "^os", strict=True):
    results[name] = np.array(
        [[exact_match(translate(model, test), test.references) for test in tests.values()] for model in runs]
    )
    spread(ax, TESTED, results[name], name, colour, marker)
    size = sum(p.numel() for p in runs[0].parameters())
    median = np.median(results[name], axis=0).round(2)
    print(f"{name:28} {size:7,} weights, {seconds[name]:5.1f} s of CPU a run; share right: {median}")
ax.set(xlabel="digits of the number", ylabel="share right", ylim=(-0.03, 1.05), xticks=TESTED)
ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.85))
show(
    fig,
    alt="Exact match against digits for three models: the Transformer and the recurrent network with "
    "attention stay near one; the recurrent network with one fixed vector falls to almost none at six "
    "digits.",
)
last = {name: result[:, -1] for name, result in results.items()}
assert last["Transformer"].min() > last["recurrent, one fixed vector"].max() + 0.5

# %% [markdown]
# What may be said: with attention, recurrent or not, length is no obstacle here; without it, it is. What
# may not be said is that the Transformer *beats* the recurrent network with attention. On a task this small
# they are close, and on a CPU the Transformer's thousand batches take longer, not shorter. Its advantage is
# of another kind; section 10 measures it.
#
# ## 9 · Your blocks are PyTorch's
#
# Load the trained weights into your functions. `block_arrays` only transposes and renames.

# %% tags=["demo"] claims="3.18"
import torch

model = models["Transformer"][0]
encoder, decoder = block_arrays(model.encoder[0]), block_arrays(model.decoder[0])
E_source, E_target, W_hy, b_y = (
    p.detach().numpy().astype(float)
    for p in (model.source.weight, model.target.weight, model.readout.weight.T, model.readout.bias)
)


def read(source):
    mask = (source != PAD)[:, None]  # (N, 1, S), True = may attend
    return encoder_block(embed_sequence(source, E_source), encoder, HEADS, mask), mask


def write(y_in, memory, mask):
    return decoder_block(embed_sequence(y_in, E_target), memory, decoder, HEADS, mask) @ W_hy + b_y


test = tests[6]
y_in = shift_right(test.target, SOS)
logits = write(y_in, *read(test.source))
with torch.no_grad():
    theirs = model(*map(torch.tensor, (test.source, test.lengths, y_in))).numpy()
print("largest difference of any logit:", f"{np.abs(logits - theirs).max():.1e}", "of", logits.shape)
assert np.abs(logits - theirs).max() < 1e-3

# %% [markdown]
# Equal, to the rounding of 32-bit numbers. And the future? Change every input from step 5 on, and see which
# logits move.

# %% tags=["demo"] claims="3.18 E45"
memory, mask = read(test.source)
later = y_in.copy()
later[:, 5:] = rng.integers(3, len(TARGET_WORDS), size=later[:, 5:].shape)
change = np.abs(write(later, memory, mask) - logits).max(axis=(0, 2))
print("largest change of the logits at each step:", change.round(2))
assert change[:5].max() < 1e-9 and (change[5:] > 0.1).all()

# %% [markdown]
# ### What the wrapping is for
#
# "Stack more layers" is easily said. Take eight of your blocks with random weights, and beside them the
# same attention and feed-forward parts *without* residuals. How alike do the ten words of a sentence become
# (cosine between their vectors)?

# %% tags=["demo"] claims="E45"
E, F = 32, 64
depths, alike = np.arange(9), {"with residuals": [], "without": []}
for run in range(3):
    draw = np.random.default_rng(run)
    kept = bare = draw.normal(size=(1, 10, E))
    curves = {"with residuals": [kept], "without": [bare]}
    for _ in range(8):
        attention = {f"W_{c}": draw.normal(size=(E, E)) / np.sqrt(E) for c in "qkvo"}
        attention |= {f"b_{c}": np.zeros(E) for c in "qkvo"}
        params = attention | {"W_1": draw.normal(size=(E, F)) / np.sqrt(E), "b_1": np.zeros(F)}
        params |= {"W_2": draw.normal(size=(F, E)) / np.sqrt(F), "b_2": np.zeros(E)}
        params |= {
            f"ln{i}_{kind}": np.full(E, value)
            for i in (1, 2)
            for kind, value in (("gain", 1.0), ("bias", 0.0))
        }
        kept = encoder_block(kept, params, 4, None)
        heads = [attention[f"W_{c}"] for c in "qkvo"] + [attention[f"b_{c}"] for c in "qkvo"]
        bare = layer_norm(multi_head_attention(bare, bare, *heads, 4, None), 1.0, 0.0, 1e-5)
        bare = layer_norm(feed_forward(bare, params["W_1"], 0, params["W_2"], 0), 1.0, 0.0, 1e-5)
        curves["with residuals"].append(kept)
        curves["without"].append(bare)
    for name, layers in curves.items():
        unit = [z[0] / np.linalg.norm(z[0], axis=1, keepdims=True) for z in layers]
        alike[name].append([(u @ u.T)[np.triu_indices(10, 1)].mean() for u in unit])
fig, (ax,) = figure()
spread(ax, depths, alike["without"], "without residuals", RED)
spread(ax, depths, alike["with residuals"], "with residuals: your encoder_block", GREEN, "s")
ax.set(xlabel="blocks", ylabel="likeness of the words (cosine)", ylim=(-0.1, 1.05))
ax.legend(loc="center right")
show(
    fig,
    alt="Mean cosine between the ten words against the number of blocks, three random draws each. Without "
    "residuals it is near one after two or three blocks: all words have become the same vector. With "
    "residuals it rises slowly.",
)
third = {name: np.array(values)[:, 3] for name, values in alike.items()}
print("after three blocks:", {name: values.round(3).tolist() for name, values in third.items()})
assert third["without"].min() > 0.98 and third["with residuals"].max() < 0.8

# %% [markdown]
# Averages of averages forget who is who (Dong, Cordonnier and Loukas, 2021). The residual keeps something
# of each word; with random weights it delays the end rather than preventing it, and the rest is left to
# training.
#
# So stacking is not what makes a Transformer parallel: blocks wait for each other, one after the other,
# like the layers of any network. Two things do it: within a block all steps are one **matrix product**, and
# in training **teacher forcing** gives all inputs beforehand. The causal mask makes that honest; $\sqrt d$,
# residuals and norms make it trainable.
#
# ## 10 · What is parallel, and what is not
#
# A recurrent layer takes $T$ steps, one after the other, of $O(H^2)$ work each. Attention takes a few
# matrix products, however long the sentence, but of $O(T^2 H)$ work. Which is faster depends on who does
# the work. Here is the time of one layer of each, forwards, with one sentence of $T$ steps of width 64; on
# a GPU if there is one, else on one core of the CPU.

# %% tags=["demo"] claims="E25"
device = "cuda" if torch.cuda.is_available() else "cpu"
lengths, H = (64, 256, 1024, 4096), 64
rnn = torch.nn.RNN(H, H, batch_first=True).to(device)


def attention_layer(x):
    return torch.softmax(x @ x.transpose(1, 2) / H**0.5, dim=2) @ x


def least_time(layer, x, repeats=3):
    took = []
    for _ in range(repeats + 1):  # the first one warms up
        started = time.perf_counter()
        layer(x)
        if device == "cuda":
            torch.cuda.synchronize()
        took.append(time.perf_counter() - started)
    return 1e3 * min(took[1:])


with torch.no_grad(), one_thread():
    inputs = [torch.randn(1, T, H, device=device) for T in lengths]
    took = {
        "recurrent": [least_time(rnn, x) for x in inputs],
        "attention": [least_time(attention_layer, x) for x in inputs],
    }
fig, (ax,) = figure()
ax.loglog(lengths, took["recurrent"], "o-", color=BLUE, label="recurrent: T steps")
ax.loglog(lengths, took["attention"], "s-", color=GREEN, label="attention: two matrix products")
where = "a GPU" if device == "cuda" else "one CPU core"
ax.set(xlabel="T", ylabel="milliseconds", xticks=lengths, xticklabels=lengths, title=f"Measured on {where}")
ax.minorticks_off()
ax.legend()
show(
    fig,
    alt="Milliseconds against T on logarithmic axes for one recurrent layer and one attention layer: "
    "attention starts far below, rises more steeply, and on a single CPU core it is the slower one at "
    "the greatest T.",
)
print("measured on", where)
for name, values in took.items():
    print(f"{name:10} milliseconds at T = {lengths}:", [round(value, 2) for value in values])
growth = {name: values[-1] / values[1] for name, values in took.items()}
if device == "cpu":
    assert growth["attention"] > growth["recurrent"], "T times T grows faster than T"
    assert took["attention"][-1] > took["recurrent"][-1], "and on one core it overtakes"
assert took["attention"][0] < took["recurrent"][0]

# %% [markdown]
# On one core there is nobody to share the work with: each of attention's $T^2$ products has to be done in
# turn, and its curve is steeper, until at the greatest length attention is the *slower* one. Where it lies
# below, that is because few large products run better than many small steps. On a GPU thousands of products
# are done at once, while the recurrent layer's steps still wait for each other; there the two curves part
# as $T$ grows, until $T^2$ fills the GPU as well. "Attention is faster" is a statement about hardware and
# length.
#
# And in **writing**, the Transformer is as sequential as any decoder: the next query needs the word just
# written. Count the passes through the decoder:

# %% tags=["demo"] claims="E25"
one = test[np.arange(40)]
memory, mask = read(one.source)
tokens, passes, logits_then = np.full((40, 1), SOS), 0, []
while passes < one.target.shape[1]:
    logits_then.append(write(tokens, memory, mask)[:, -1])
    tokens = np.concatenate([tokens, logits_then[-1].argmax(axis=1)[:, None]], axis=1)
    passes += 1
at_once = write(tokens[:, :-1], memory, mask)  # one pass over what was written, as in training
print(f"writing {tokens.shape[1] - 1} tokens: {passes} passes, one after the other; all at once: 1 pass")
assert passes == tokens.shape[1] - 1 and np.allclose(at_once, np.stack(logits_then, axis=1))
ids = [row[: np.argmax(row == EOS)] if EOS in row else row for row in tokens[:, 1:]]
print("right:", exact_match(ids, one.references), " first:", romanised(ids[0]))
assert exact_match(ids, translate(model, one)) > 0.95

# %% [markdown]
# The same logits both ways: that is the causal mask at work, and it is why a Transformer *learns* in
# parallel and *writes* one token at a time. (Keys and values of earlier steps can be kept instead of
# computed again; the passes remain.) Nor was the recurrent network ever without parallelism: sentences of a
# batch, units of a layer, even layers in a staggered wavefront run side by side. Only time does not.
#
# ## What it cannot do yet
#
# You have come from counting pairs of letters to the architecture behind today's language models, and every
# block of it runs in your own NumPy. What it cannot do is escape $T^2$: each step looks at every other.
# Models that keep a state of fixed size, and can yet be trained in parallel, are being built again; you
# know both of their ancestors.
