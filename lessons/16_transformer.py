# %% [markdown]
# # 16 · The Transformer
#
# **Question:** and without recurrence?
#
# **You will** build the Transformer of 2017 one block at a time, load PyTorch's trained weights into your
# blocks and get PyTorch's outputs. You will run the task of lessons 14 and 15, see what order, causality,
# scale and residuals do, and time what is parallel and what is not.
#
# **Before:** lesson 15 (attention, masks: True = may attend), lesson 12 (residual connections).
#
# **Time:** about three hours, two of them for the exercises.
#
# covers: 3.16-3.18 E25 E45

# %%
import time

import numpy as np

from autograder import check
from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, RED, SIGNED, figure, show, spread
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
# another: all queries meet all keys in one matrix product, and a second one mixes the values.
#
# Three roles are told apart: a step *asks* with its **query** $q$, is *found* by its **key** $k$, and
# *hands over* its **value** $v$. With the queries of all steps as rows of a matrix,
#
# $$\text{out} = \text{softmax}\!\left(\frac{q\,k^\top}{\sqrt d}\right) v \qquad q\,(T,d),\quad k\,(S,d),\quad
# v\,(S,e),\quad \text{out}\,(T,e)$$
#
# Leading axes (batch, heads) come along for free. A mask is boolean, **True = may attend**, as in lesson
# 15. `masked_softmax` wants one of the scores' shape: `np.broadcast_to(mask, scores.shape)` stretches a
# smaller one, and where there is none, make one that is True everywhere.


# %% exercise="scaled_dot_product_attention"
def scaled_dot_product_attention(q, k, v, mask):
    """Attention for many queries at once: softmax(q k^T / sqrt(d)) v.

    q (..., T, d), k (..., S, d), v (..., S, e); mask booleans that broadcast to (..., T, S), True = may
    attend, or None: all may be attended to -> out (..., T, e), weights (..., T, S).
    A query with nothing to attend to gives zeros in both. Scores may be large.
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
# A dot product of two vectors of $d$ independent numbers, of mean 0 and variance 1, has variance $d$. With
# $d = 512$ the scores spread over some $\pm 23$, and the softmax puts nearly all on one key. Its slope all
# but vanishes then: in lesson 15's $\alpha_t\big(d\alpha_t - \sum_u \alpha_u\, d\alpha_u\big)$ the bracket
# is 0 where $\alpha_t = 1$, and the factor before it is 0 elsewhere. Dividing by $\sqrt d$ keeps the
# variance at 1, whatever the width. Here is the strongest of 16 weights, without and with it.

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
# each on its own slice of the features: `heads` slices of width $d = E/\text{heads}$, where heads divides
# $E$. All queries come from $x_q W_q + b_q$, keys and values from $x_{kv}$; afterwards the heads' outputs
# are put side by side again and mixed by $W_o$.
#
# $$(N,T,E) \to (N,T,\text{heads},E/\text{heads}) \to (N,\text{heads},T,E/\text{heads})$$
#
# is the cut: *reshape, then swap axes*. Reshaping straight to the last shape has the right size and the
# wrong numbers. And each head divides by the root of its own width. The mask has no axis for the heads: give
# it one before the last two, $(T,S) \to (1,T,S)$ or $(N,T,S) \to (N,1,T,S)$.
#
# The biases are PyTorch's; the paper's formula has none. One of them changes nothing: $q \cdot b_k$ is the
# same number for every key, and a softmax does not notice a constant. (The paper's dropout is left out.)


# %% exercise="multi_head_attention"
def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    """Several attentions side by side, each on its own E // heads columns of the projections.

    x_q (N, T, E) asks, x_kv (N, S, E) is looked at; W_q, W_k, W_v, W_o (E, E), b_q, b_k, b_v, b_o (E,);
    head j owns the columns j * E/heads to (j+1) * E/heads of x_q W_q + b_q, x_kv W_k + b_k, x_kv W_v + b_v;
    mask booleans (T, S) or (N, T, S), N and T may be 1; True = may attend, the same for all heads; or None
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
# company, not its place. See for yourself: without positions, permuting the inputs permutes the outputs
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
# with $d$ columns. Two neighbours, $2i$ and $2i+1$, share one rate. A shift by some steps is a rotation of
# each pair, the same wherever it starts, so "three to the left" can be learned once for all places.


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
# What enters the first block is a row of the embedding table $E$ $(V,d)$, as in lesson 06, times $\sqrt d$,
# plus $P$. Added, not appended: the width stays $d$. (The table is called $E$ as in that lesson; in this
# section $d$ is the whole model's width, which the other sections call $E$.) Why the root? The models below
# start from tables of standard deviation $1/\sqrt d$; times $\sqrt d$ that is about 1, of the size of sines
# and cosines.


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

wide = positional_encoding(60, 32)  # (60, 32)
fig, (left, right) = figure(2, width=10)
picture = left.imshow(wide, cmap=SIGNED, aspect="auto", vmin=-1, vmax=1)
left.set(xlabel="column", ylabel="position t", title="P")
left.grid(False)
fig.colorbar(picture, ax=left)
for t, colour, line in ((10, BLUE, "-"), (30, ORANGE, "--")):
    right.plot(np.arange(60) - t, wide @ wide[t], line, color=colour, label=f"from t = {t}", linewidth=2.5)
right.set(xlabel="distance in steps", ylabel="dot product of two positions")
right.legend()
show(
    fig,
    alt="Left: the positional encoding as a map, with fast stripes in the first columns and slow ones to "
    "the right. Right: the dot product of two positions against their distance. Where both are drawn, the "
    "dashed curve from position 30 lies on the solid one from 10; it is highest at zero and falls in waves.",
)
near = [wide[t] @ wide[t + 3] for t in range(50)]
assert np.allclose(near, near[0]), "the dot product depends on the distance only"

# %% [markdown]
# On the right two curves lie on each other: how alike two positions are depends on their distance only. It
# falls in waves, so it is no ruler; but it is the same everywhere.
#
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
# Two small parts remain. **Layer normalisation** brings each vector, by itself, to mean 0 and variance 1
# (the mean of the squares, divided by $D$ and not by $D - 1$), and then lets it learn another gain and bias:
#
# $$y = \frac{x - \text{mean}(x)}{\sqrt{\text{var}(x) + \varepsilon}} \cdot \text{gain} + \text{bias}$$
#
# Mean and variance run over the features of *one* step of *one* sentence. Neither batch nor time is mixed.


# %% exercise="layer_norm"
def layer_norm(x, gain, bias, eps):
    """Each vector by itself to mean 0 and variance 1, then stretched and shifted.

    x (..., D), gain (D,), bias (D,), eps a small number added to the variance -> y (..., D)
    The variance divides by D.
    Source: Ba, Kiros and Hinton (2016), Layer Normalization.
    """
    # BEGIN SOLUTION
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(x.var(axis=-1, keepdims=True) + eps) * gain + bias
    # END SOLUTION


# %%
check(layer_norm)


# %% [markdown]
# And a **feed-forward** network of two layers with a ReLU between them, applied to every step alike:
#
# $$y = \max(0,\ x W_1 + b_1)\, W_2 + b_2$$
#
# Attention carries information between steps; this works on what has arrived.


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
# **post-norm** of the 2017 paper; many later models normalise before the part instead (pre-norm). Xiong et
# al. (2020) found that those need no warm-up of the learning rate.
#
# $$z = \text{norm}_1(x + \text{attention}(x, x)), \qquad y = \text{norm}_2(z + \text{feedforward}(z))$$


# %% exercise="encoder_block"
def encoder_block(x, params, heads, mask):
    """One block of the encoder, normalised after each sum (post-norm) as in the paper.

    x (N, T, E); mask (T, T) or (N, T, T) as in multi_head_attention, or None; eps of the norms is 1e-5.
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
# (**memory**), and the feed-forward network. The middle one is lesson 15: queries from $a$, what the first
# part gave, keys and values from the memory.
#
# $$a = \text{norm}_1(y + \text{attention}(y, y;\ \text{causal})), \quad
# b = \text{norm}_2(a + \text{attention}(a, \text{memory})), \quad
# z = \text{norm}_3(b + \text{feedforward}(b))$$


# %% exercise="decoder_block"
def decoder_block(y, memory, params, heads, memory_mask):
    """One block of the decoder: causal self-attention, attention to memory, feed_forward; post-norm.

    y (N, T, E), memory (N, S, E) the encoder's output; memory_mask (T, S) or (N, T, S) as in
    multi_head_attention, or None; the self-attention over y is causal; eps of the norms is 1e-5.
    params is a dict of arrays:
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
# The numbers of lessons 14 and 15 once more, for all three models: the same pairs, the same batches in the
# same order, the same learning rate, three seeds each. But 500 batches now, not 1,000: after 1,000 lesson
# 15's attention got nearly all right, and little would be left to compare. The Transformer has one block on
# each side, width 64, 4 heads. It is PyTorch's (`nn.TransformerEncoderLayer`), and it is given *your*
# positional encoding.

# %% tags=["demo"]
pairs, tests = number_pairs()
STEPS, SEEDS, HEADS = 500, (0, 1, 2), 4
makers = {
    "recurrent, one fixed vector": lambda: Recurrent(attention=False),
    "recurrent, with attention": lambda: Recurrent(attention=True),
    "Transformer": lambda: Transformer(positional_encoding(16, 64), HEADS),
}
train(makers["Transformer"], seed=0, steps=1)  # makes the batches, so that no model's time counts that
models, seconds = {}, {}
for name, make in makers.items():
    started = time.process_time()
    models[name] = [train(make, seed, STEPS, label=name) for seed in SEEDS]
    seconds[name] = (time.process_time() - started) / len(SEEDS)


# %% tags=["demo"] claims="3.18"
def shares(runs):
    """Share right (runs, lengths)."""
    return np.array(
        [[exact_match(translate(model, test), test.references) for test in tests.values()] for model in runs]
    )


fig, (ax,) = figure()
results = {name: shares(runs) for name, runs in models.items()}
for (name, runs), colour, marker in zip(models.items(), (BLUE, GREEN, RED), "so^", strict=True):
    spread(ax, TESTED, results[name], name, colour, marker)
    size = sum(p.numel() for p in runs[0].parameters())
    median = np.median(results[name], axis=0).round(2)
    print(f"{name:28} {size:7,} weights, {seconds[name]:5.1f} s of CPU a run; share right: {median}")
ax.lines[-1].set(linestyle="--", markersize=9)  # the Transformer's lies nearly on another
ax.set(xlabel="digits of the number", ylabel="share right", ylim=(-0.03, 1.05), xticks=TESTED)
ax.legend(loc="center right")
show(
    fig,
    alt="Exact match against digits for three models: the Transformer, dashed, stays near one; the recurrent "
    "network with attention falls below it at six digits; the recurrent network with one fixed vector falls "
    "to none.",
)
last = {name: result[:, -1] for name, result in results.items()}
print("six digits, all runs:", {name: np.sort(values).round(2).tolist() for name, values in last.items()})
assert last["Transformer"].min() > last["recurrent, one fixed vector"].max() + 0.5
assert last["recurrent, with attention"].min() > last["recurrent, one fixed vector"].max() + 0.5
assert np.median(last["Transformer"]) > np.median(last["recurrent, with attention"])
assert seconds["Transformer"] > seconds["recurrent, with attention"]

# %% [markdown]
# Lines are medians of the three runs, bands reach from the least to the greatest.
#
# What may be said, up to the six digits that training has practised: for the Transformer length is hardly
# an obstacle here, for the recurrent network with attention a small one, for the one without it a great one.
# What may not be said is that the Transformer *beats* the recurrent network with attention. It is ahead after
# 500 batches; but each of its batches takes longer on a CPU, and with 1,000 of them the recurrent network is
# there too (lesson 15). Its advantage is of another kind; section 10 measures it.
#
# ## 9 · Your blocks are PyTorch's
#
# Load the trained weights into your functions. `block_arrays` only cuts, transposes and renames: PyTorch
# keeps $W_q, W_k, W_v$ in one matrix.

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
# same parts, norms too, but *without* residuals: both parts, the attention alone, the feed-forward network
# alone. In goes a sentence of ten words, each of them a random vector. How alike do they become (cosine
# between their vectors)? Three draws each.

# %% tags=["demo"] claims="E45"
width, F = 32, 64
arms = {
    "your encoder_block": (GREEN, "s"),
    "without residuals": (RED, "o"),
    "... the attention alone": (BLACK, "^"),
    "... feed_forward alone": (BLUE, "v"),
}
depths, alike = np.arange(9), {name: [] for name in arms}


def bare_attending(z, p):
    weights = (p[name] for name in ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o"))
    return layer_norm(multi_head_attention(z, z, *weights, HEADS, None), p["ln1_gain"], p["ln1_bias"], 1e-5)


def bare_feeding(z, p):
    fed = feed_forward(z, p["W_1"], p["b_1"], p["W_2"], p["b_2"])
    return layer_norm(fed, p["ln2_gain"], p["ln2_bias"], 1e-5)


for run in range(3):
    draw = np.random.default_rng(run)
    start = draw.normal(size=(1, 10, width))
    curves = {name: [start] for name in arms}
    for _ in range(8):
        p = {f"W_{c}": draw.normal(size=(width, width)) / np.sqrt(width) for c in "qkvo"}
        p |= {"W_1": draw.normal(size=(width, F)) / np.sqrt(width), "b_1": np.zeros(F)}
        p |= {"W_2": draw.normal(size=(F, width)) / np.sqrt(F), "b_2": np.zeros(width)}
        p |= {f"b_{c}": np.zeros(width) for c in "qkvo"}
        p |= {"ln1_gain": np.ones(width), "ln1_bias": np.zeros(width)}
        p |= {"ln2_gain": np.ones(width), "ln2_bias": np.zeros(width)}
        kept, bare, attending, feeding = (layers[-1] for layers in curves.values())
        curves["your encoder_block"].append(encoder_block(kept, p, HEADS, None))
        curves["without residuals"].append(bare_feeding(bare_attending(bare, p), p))
        curves["... the attention alone"].append(bare_attending(attending, p))
        curves["... feed_forward alone"].append(bare_feeding(feeding, p))
    for name, layers in curves.items():
        unit = [z[0] / np.linalg.norm(z[0], axis=1, keepdims=True) for z in layers]
        alike[name].append([(u @ u.T)[np.triu_indices(10, 1)].mean() for u in unit])
fig, (ax,) = figure()
for name, (colour, marker) in arms.items():
    spread(ax, depths, alike[name], name, colour, marker)
ax.set(xlabel="blocks", ylabel="likeness of the words (cosine)", ylim=(-0.1, 1.05))
ax.legend(loc="lower right")
show(
    fig,
    alt="Mean cosine between the ten words against the number of blocks, medians and ranges of three random "
    "draws. Without residuals it is near one after three blocks, with the attention alone almost as soon: "
    "all words have become the same vector. With feed_forward alone it rises more slowly, and slowly too in "
    "the whole block with residuals.",
)
third = {name: np.array(values)[:, 3] for name, values in alike.items()}
for name, values in alike.items():
    print(
        f"{name:24} after three blocks {third[name].round(2)}, after eight {np.array(values)[:, 8].round(2)}"
    )
assert third["without residuals"].min() > 0.98 and third["your encoder_block"].max() < 0.8
assert third["... the attention alone"].min() > 0.9 > 0.8 > third["... feed_forward alone"].max()

# %% [markdown]
# Averages of averages forget who is who (Dong, Cordonnier and Loukas, 2021): attention alone makes all words
# one within a few blocks. It is the quicker cause, not the only one: a random ReLU network, which mixes no
# words at all, makes them alike as well. The residual keeps something of each word; with random weights it
# delays the end rather than preventing it.
#
# ### And in learning?
#
# Random weights do not tell what training makes of them. So train section 8's Transformer again without
# residuals: the same 500 batches, the same seeds. (How the function below takes the residuals out of
# PyTorch's blocks need not be read.)


# %% tags=["demo"] claims="E45"
def without_residuals():
    """A Transformer whose parts hand back their result minus their input, so that the block's sum is bare."""
    model = Transformer(positional_encoding(16, 64), HEADS)
    for block in (*model.encoder, *model.decoder):
        kept = []
        for part in block.children():
            if isinstance(part, torch.nn.MultiheadAttention):
                part.register_forward_hook(lambda part, given, out: (out[0] - given[0], out[1]))
        block.linear1.register_forward_pre_hook(lambda part, given, kept=kept: kept.append(given[0]))
        block.linear2.register_forward_hook(lambda part, given, out, kept=kept: out - kept.pop())
    return model


bare_runs = [train(without_residuals, seed, STEPS, label="without residuals") for seed in SEEDS]
learned = {"whole": results["Transformer"], "without residuals": shares(bare_runs)}
for name, values in learned.items():
    sixth = np.sort(values[:, -1]).round(2).tolist()
    print(
        f"{name:18} {np.median(values, axis=0).round(2)} right at {TESTED} digits; all runs at six: {sixth}"
    )
assert learned["without residuals"][:, -2].min() > 0.6
assert learned["without residuals"][:, -1].max() < learned["whole"][:, -1].min() - 0.1

# %% [markdown]
# Without residuals the model learns, but less in the same time. That is what one block on each side can tell.
# In deep stacks residuals have more to do; lesson 12 measured
# gradients through stacks with and without them. What $\sqrt d$ and the norms do for learning is not tested
# here: section 1 shows what the root does to the softmax, before anything is learned.
#
# And without positions? To the encoder *two hundred and three thousand* and *three hundred and two thousand*
# are then one bag of words (section 3). Guess what that does to the four shares, then train
# `Transformer(np.zeros((16, 64)), HEADS)`.
#
# ## 10 · What is parallel, and what is not
#
# Is it stacking that makes a Transformer parallel? No: blocks wait for each other, one after the other, like
# the layers of any network. Two things do it. Within a block all steps go through the same few **matrix
# products**; and in training **teacher forcing** gives all inputs beforehand. The causal mask makes that
# honest.
#
# A recurrent layer takes $T$ steps, one after the other, of $O(H^2)$ work each. Attention takes a few
# matrix products, however long the sentence, but of $O(T^2 H)$ work. Which is faster depends on who does
# the work. Here is the time of one recurrent layer, of attention by itself (one head, no projections), and of
# PyTorch's whole attention layer (four heads, four projections), forwards, with one sentence of $T$ steps of
# width 64; on a GPU if there is one, else on one core of the CPU.

# %% tags=["demo"] claims="E25"
device = "cuda" if torch.cuda.is_available() else "cpu"
lengths, H = (64, 256, 1024, 4096), 64
rnn = torch.nn.RNN(H, H, batch_first=True).to(device)
projected = torch.nn.MultiheadAttention(H, HEADS, batch_first=True).to(device).eval()


def bare_attention(x):
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
        "attention": [least_time(bare_attention, x) for x in inputs],
        "with projections": [least_time(lambda x: projected(x, x, x, need_weights=False), x) for x in inputs],
    }
fig, (ax,) = figure()
ax.loglog(lengths, took["recurrent"], "o-", color=BLUE, label="recurrent: T steps")
ax.loglog(lengths, took["attention"], "s-", color=GREEN, label="attention: two matrix products")
ax.loglog(lengths, took["with projections"], "^--", color=RED, label="with four heads and projections")
where = "a GPU" if device == "cuda" else "one CPU core"
ax.set(xlabel="T", ylabel="milliseconds", xticks=lengths, xticklabels=lengths, title=f"Measured on {where}")
ax.minorticks_off()
ax.legend()
show(
    fig,
    alt="Milliseconds against T on logarithmic axes for a recurrent layer, for attention alone and for a "
    "whole attention layer: both attentions start below, rise more steeply, and on a single CPU core they "
    "are the slower ones at the greatest T.",
)
print("measured on", where)
for name, values in took.items():
    print(f"{name:16} milliseconds at T = {lengths}:", [round(value, 2) for value in values])
assert (np.array(took["with projections"]) > took["attention"])[:3].all()
growth = {name: values[-1] / values[1] for name, values in took.items()}
if device == "cpu":
    assert growth["attention"] > growth["recurrent"], "T times T grows faster than T"
    for name in ("attention", "with projections"):
        assert took[name][0] < took["recurrent"][0], "few large products beat many small steps"
        assert took[name][-1] > took["recurrent"][-1], "and on one core T times T overtakes"

# %% [markdown]
# On one core there is nobody to share the work with: each of attention's $T^2$ products has to be done in
# turn, and its curve is steeper: in long sentences attention is the *slower* one. Where it lies below, that
# is because few large products run better than many small steps. Heads and projections cost extra: the
# whole layer lies above attention by itself. On a GPU, where thousands of products are done at once while
# the recurrent layer's steps still wait for each other, one would expect the curves to part in attention's
# favour as $T$ grows, until $T^2$ fills the GPU as well. The numbers stored here come from a CPU; where
# there is a GPU, the cell measures it. "Attention is faster" is a statement about hardware and length.
#
# And in **writing**, the Transformer is as sequential as any decoder: the next query needs the word just
# written. Count the passes through the decoder:

# %% tags=["demo"] claims="E25"
forty = test[np.arange(40)]
memory, mask = read(forty.source)
tokens, passes, logits_then = np.full((40, 1), SOS), 0, []
while passes < forty.target.shape[1]:
    logits_then.append(write(tokens, memory, mask)[:, -1])
    tokens = np.concatenate([tokens, logits_then[-1].argmax(axis=1)[:, None]], axis=1)
    passes += 1
at_once = write(tokens[:, :-1], memory, mask)  # one pass over what was written, as in training
print(f"writing {tokens.shape[1] - 1} tokens: {passes} passes, one after the other; all at once: 1 pass")
assert passes == tokens.shape[1] - 1 and np.allclose(at_once, np.stack(logits_then, axis=1))
ids = [row[: np.argmax(row == EOS)] if EOS in row else row for row in tokens[:, 1:]]
print("right:", exact_match(ids, forty.references), " first:", romanised(ids[0]))
assert exact_match(ids, translate(model, forty)) > 0.95

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
# know their ancestors: the linear state of lesson 03 and the gates of lessons 09 and 10.
#
# And a debt is left: you ran the Transformer, but PyTorch trained it. How does a gradient run through
# attention? That is lesson 17.
