# %% [markdown]
# # 16 · The Transformer
#
# **Question:** and without recurrence?
#
# **You will** build the Transformer of 2017 one part at a time, load PyTorch's trained weights into your
# blocks and get PyTorch's outputs. You will run the task of lessons 14 and 15, see what order, causality,
# scale and residuals do, and time what is parallel and what is not.
#
# **Before:** lesson 15 (attention, masks: True = may attend), lesson 12 (residual connections).
#
# **Time:** about three and a half hours, a good two of them for the exercises; after section 5 is a good
# place for a break.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 3.16-3.18 E25 E45

# %%
import time

import numpy as np

from autograder import check
from coursekit.diagrams.masks import causal_and_padding
from coursekit.diagrams.transformer import decoder_block as draw_decoder_block
from coursekit.diagrams.transformer import encoder_block as draw_encoder_block
from coursekit.diagrams.transformer import heads as draw_heads
from coursekit.diagrams.transformer import whole
from coursekit.interactive import explore
from coursekit.plots import BLUE, GREEN, ORANGE, RED, SIGNED, figure, show, spread
from coursekit.training import one_thread
from coursekit.transformer import without_residuals
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
# Here is the whole machine. At the end of the lesson you will have written every box of it.

# %% tags=["demo", "hide-input"]
show(
    whole(),
    alt="The whole Transformer. Left, the encoder: embedded words plus positions P go into blocks of an "
    "attention and a feed-forward part, each with an arrow round it to a sum, and a layer norm after the "
    "sum. Right, the decoder: its blocks have a causal attention, an attention to memory, which takes keys "
    "and values from the encoder's top, and a feed-forward part. A readout and a softmax stand on top.",
)

# %% [markdown]
# Read it from the bottom: words become vectors of width $E$, positions $P$ are added to them (section 3),
# and then come $L$ blocks (sections 6 and 7), all built from two kinds of part: **attention** (green,
# sections 1, 2 and 4), in which steps hear of each other, and a **feed-forward** network (orange, section
# 5), which works on each step by itself. The arrows round the parts are lesson 12's residual connections.
#
# Attention tells three roles apart: a step *asks* with its **query** $q$, is *found* by its **key** $k$, and
# *hands over* its **value** $v$. There are $T$ queries, and $S$ keys with a value each (where a sentence
# looks at itself, $S = T$). A query and a key must be of one width, $d$; a value may have another one, $e$
# (a size here; lesson 15's $e$ are now called *scores*). With one row for each step,
#
# $$\text{out} = \text{softmax}\!\left(\frac{q\,k^\top}{\sqrt d}\right) v \qquad q\,(T,d),\quad k\,(S,d),\quad
# v\,(S,e),\quad \text{out}\,(T,e)$$
#
# Leading axes (batch, heads) come along for free. A mask is boolean, **True = may attend**, as in lesson
# 15. There it had exactly the shape of the scores, and your `masked_softmax` expects that. So stretch a
# smaller mask with `np.broadcast_to(mask, scores.shape)`; and `None` means that everything may be attended
# to, a mask that is True everywhere.


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
# $d = 512$ the scores spread over some $\pm 23$. Dividing by $\sqrt d$ keeps their variance at 1, whatever
# the width.
#
# <details><summary>Predict: a query meets 16 keys of width 1024. How much of the weight does the strongest
# key get without the root, and how much with it?</summary>
#
# Nearly all, and about a quarter: the next cell prints both, as means over 500 queries. (If all were equal,
# each of them would have a sixteenth.)
#
# </details>

# %% tags=["demo", "hide-input"] claims="E45"
strongest = {"without": [], "with": []}
for d in (4, 16, 64, 256, 1024):
    q, k = rng.normal(size=(500, d)), rng.normal(size=(16, d))
    _, right = scaled_dot_product_attention(q, k, k, None)
    _, wrong = scaled_dot_product_attention(q * np.sqrt(d), k, k, None)  # takes the root out again
    strongest["with"].append(right.max(axis=1).mean())
    strongest["without"].append(wrong.max(axis=1).mean())
print("mean weight of the strongest of 16 keys")
for name, values in strongest.items():
    print(f"{name:8} sqrt(d), d = 4, 16, 64, 256, 1024:", np.round(values, 2))
assert strongest["without"][-1] > 0.9 > 0.5 > max(strongest["with"])

# %% [markdown]
# What is wrong with one key that gets everything? Nothing moves any more. In lesson 15's
# $\alpha_t\big(d\alpha_t - \sum_u \alpha_u\, d\alpha_u\big)$ the bracket is 0 where $\alpha_t = 1$, and the
# factor before it is 0 elsewhere: the gradient of the scores all but vanishes.
#
# A number by which all scores are divided is also called a **temperature**: the higher, the more alike the
# weights. Move the sliders. For each width $d$, which temperature makes the bars meet the dots, the weights
# that dividing by $\sqrt d$ gives?

# %% tags=["demo", "hide-input"]
wide_query = np.random.default_rng(4).normal(size=1024)
wide_keys = np.random.default_rng(5).normal(size=(16, 1024))


def weights_at(d, temperature):
    """One query's weights on 16 keys, scores divided by `temperature` (bars) and by sqrt(d) (dots)."""
    q, k = wide_query[None, :d], wide_keys[:, :d]
    _, right = scaled_dot_product_attention(q, k, k, None)
    _, tempered = scaled_dot_product_attention(q * np.sqrt(d) / temperature, k, k, None)
    fig, (ax,) = figure(height=3.2)
    ax.bar(np.arange(16), tempered[0], color=GREEN, alpha=0.6, label=f"divided by {temperature}")
    ax.plot(np.arange(16), right[0], "o", color=BLUE, label=r"divided by $\sqrt{d}$")
    ax.set(xlabel="key", ylabel="weight", ylim=(0, 1.03), xticks=range(16), title=f"d = {d}")
    ax.legend(loc="upper right")
    return fig


explore(
    weights_at,
    alt="Bars for the weights of one query on 16 keys of width 1024, scores divided by 1: one key has more "
    "than nine tenths. Dots, scores divided by the root of 1024: all have some weight, none above a sixth.",
    d=(1024, 256, 64, 16, 4),
    temperature=(1, 2, 4, 8, 16, 32),
)

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
# is the cut: *reshape, then swap axes*.
#
# <details><summary>Predict: why not reshape straight to the last shape? It has the same size.</summary>
#
# A reshape keeps the numbers in their order, and in that order a step's whole row comes before the next
# step's. So the first head would get the first half of the *sentence*, cut into shorter rows, and not the
# first half of every step. The drawing shows both, for two heads and one sentence.
#
# </details>

# %% tags=["demo", "hide-input"]
show(
    draw_heads(),
    alt="A matrix of 4 steps and 6 columns, its first three columns blue and its last three orange. After "
    "reshape and swapped axes, head 0 has the blue columns of all steps and head 1 the orange ones. After a "
    "reshape alone, head 0 has blue and orange rows from steps 0 and 1, and head 1 those of steps 2 and 3.",
)

# %% [markdown]
# Each head divides by the root of its own width. The mask has no axis for the heads: give it one before the
# last two, $(T,S) \to (1,T,S)$ or $(N,T,S) \to (N,1,T,S)$.
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
# with $d$ columns (in this section $d$ is the width of the whole model, as in the paper; the other sections
# call that $E$). Two neighbours, $2i$ and $2i+1$, share one rate. A shift by some steps is a rotation of
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
# What enters the first block is a row of the embedding table, times $\sqrt d$, plus $P$. Added, not appended:
# the width stays $d$. (The table is `E` $(V,d)$ in code, as in lesson 06: an array here, not the size $E$.)
# Why the root? The models below start from tables of standard deviation $1/\sqrt d$; times $\sqrt d$ that is
# about 1, of the size of sines and cosines.


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


# %% [markdown]
# <details><summary>Predict: take the dot product of the position vectors 10 and 13, and of 30 and 33. Which
# one is larger?</summary>
#
# They are equal. Each pair of columns adds
# $\sin a \sin b + \cos a \cos b = \cos(a - b)$, and $a - b$ is the distance of the two positions times the
# pair's rate: where they stand plays no part.
#
# </details>

# %% tags=["demo", "hide-input"] claims="3.17"
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
    alt="Left: the positional encoding as a map, with fast stripes in the first columns, slow ones further "
    "right, and hardly any change in the last third, where columns alternate between 0 and 1. Right: the dot "
    "product of two positions against their distance. Where both are drawn, the dashed curve from position "
    "30 lies on the solid one from 10; it is highest at zero and falls in waves.",
)
near = [wide[t] @ wide[t + 3] for t in range(50)]
assert np.allclose(near, near[0]), "the dot product depends on the distance only"
slow = np.ptp(wide, axis=0) < 0.2
turns = 2 * np.pi * 10000 ** (np.arange(0, 32, 2) / 32)
print(f"{slow.sum()} of 32 columns change by less than 0.2 over 60 steps;")
print(f"a full turn takes {turns[0]:.1f} steps in the first pair of columns and {turns[-1]:,.0f} in the last")

# %% [markdown]
# Why does so much of the map stand still? The slow hands are there for long texts: the last pair needs tens
# of thousands of steps for one turn, and sixty steps do not move it. Our sentences have a dozen words, so
# the model can tell their places by the fast columns alone.
#
# On the right two curves lie on each other: how alike two positions are depends on their distance only. It
# falls in waves, so it is no ruler; but it is the same everywhere.
#
# ## 4 · Not ahead
#
# A decoder learns from all positions at once, with teacher forcing (lesson 14). Then step $t$ must not see
# target $t$, which stands at input $t+1$. The **causal mask** lets row $t$ look at columns $0..t$. Below it
# stands between the two padding masks of a Transformer: rows ask, columns are looked at.

# %% tags=["demo", "hide-input"]
show(
    causal_and_padding(),
    alt="Three masks, filled cells may be attended to, hatched ones may not. The encoder's own: all rows may "
    "look at forty, thousand, two, and none at two columns of padding. The decoder's own: a triangle, each "
    "word may look at itself and back. From decoder to memory: all rows at the three words, none at padding.",
)

# %% [markdown]
# A padding mask hides *columns*: nobody may look at padding, while what the rows of padding find does not
# matter, for nobody looks at them. A causal mask is a triangle. (In a batch of padded targets the decoder
# needs no padding mask of its own: padding stands behind the last word, where the triangle hides it.)


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
# Attention carries information between steps; this works on what has arrived. $W_1$ $(E,F)$ widens each
# vector and $W_2$ $(F,E)$ brings it back; the paper takes $F = 4E$.


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

# %% tags=["demo", "hide-input"]
show(
    draw_encoder_block(),
    alt="The encoder's block from below: x goes into the attention and round it to a sum, then a layer_norm "
    "gives z; z goes into feed_forward and round it to a sum, and a layer_norm gives y.",
)


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
# (**memory**), and the feed-forward network. The middle one is lesson 15: queries from $y'$, what the first
# part gave, keys and values from the memory.
#
# $$y' = \text{norm}_1(y + \text{attention}(y, y;\ \text{causal})), \quad
# y'' = \text{norm}_2(y' + \text{attention}(y', \text{memory})), \quad
# z = \text{norm}_3(y'' + \text{feedforward}(y''))$$

# %% tags=["demo", "hide-input"]
show(
    draw_decoder_block(),
    alt="The decoder's block from below: causal attention, attention to memory, feed_forward, each with an "
    "arrow round it to a sum and a layer_norm after the sum. They give y prime, y double prime and z. An "
    "arrow from memory brings keys and values into the middle part.",
)


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
# The exercises are done. Three sections follow, and each can be read by itself: the models side by side, your
# blocks against PyTorch's, and what is parallel.
#
# ## 8 · The same task
#
# The numbers of lessons 14 and 15 once more, for their two models and the Transformer: the same pairs, the
# same batches in the same order, the same learning rate, three seeds each. But 500 batches now, not 1,000:
# after 1,000 lesson 15's attention got nearly all right, and little would be left to compare. The Transformer
# has one block on each side, width 64, 4 heads. It is PyTorch's (`nn.TransformerEncoderLayer`), and it is
# given *your* positional encoding.
#
# A fourth model asks what the arrows round the parts are for. Attention averages, and averages of averages
# forget who is who: without residuals, pure attention makes all words of a sentence alike at a rate that is
# doubly exponential in depth (Dong, Cordonnier and Loukas, 2021). Ours has one block on each side. Does it
# need them? So the Transformer is trained once more without residuals, the norms kept. (Twelve runs in all, a
# minute or two.)
#
# <details><summary>Predict: the network with one fixed vector, the one with attention, the Transformer, the
# Transformer without residuals: in which order do they come at six digits after 500 batches? And which of the
# first three takes the most time for a batch?</summary>
#
# The Transformer first, the network with attention close behind it; then, far off, the Transformer without
# residuals, and the fixed vector last. And the Transformer takes the most time, on one CPU core.
#
# </details>

# %% tags=["demo"]
pairs, tests = number_pairs()
STEPS, SEEDS, HEADS = 500, (0, 1, 2), 4
makers = {
    "recurrent, one fixed vector": lambda: Recurrent(attention=False),
    "recurrent, with attention": lambda: Recurrent(attention=True),
    "Transformer": lambda: Transformer(positional_encoding(16, 64), HEADS),
    "Transformer, no residuals": lambda: without_residuals(positional_encoding(16, 64), HEADS),
}
train(makers["Transformer"], seed=0, steps=1)  # makes the batches, so that no model's time counts that
models, seconds = {}, {}
for name, make in makers.items():
    started = time.process_time()
    models[name] = [train(make, seed, STEPS, label=name) for seed in SEEDS]
    seconds[name] = (time.process_time() - started) / len(SEEDS)


# %% tags=["demo", "hide-input"] claims="3.18 E45"
def shares(runs):
    """Share right (runs, lengths)."""
    return np.array(
        [[exact_match(translate(model, test), test.references) for test in tests.values()] for model in runs]
    )


fig, (ax,) = figure()
results = {name: shares(runs) for name, runs in models.items()}
print(f"{'':28}weights  CPU s a run  share right (median)    six digits, all runs")
looks = zip(models.items(), (BLUE, GREEN, RED, ORANGE), "so^v", ("-", "-", "--", ":"), strict=True)
for (name, runs), colour, marker, line in looks:
    spread(ax, TESTED, results[name], name, colour, marker)
    ax.lines[-1].set(linestyle=line)
    size = sum(p.numel() for p in runs[0].parameters())
    median, sixth = np.median(results[name], axis=0), np.sort(results[name][:, -1])
    shown = "  ".join(f"{share:.2f}" for share in median), "  ".join(f"{share:.2f}" for share in sixth)
    print(f"{name:28}{size:7,}{seconds[name]:13.1f}  {shown[0]}  {shown[1]}")
ax.set(xlabel="digits of the number", ylabel="share right", ylim=(-0.03, 1.05), xticks=TESTED)
ax.legend(loc="center left", bbox_to_anchor=(0.02, 0.66))
show(
    fig,
    alt="Exact match against digits for four models: the Transformer, dashed, stays near one; the recurrent "
    "network with attention falls below it at six digits; the Transformer without residuals, dotted, falls "
    "further, at six digits below a half in two runs of three; the recurrent network with one fixed vector "
    "falls to none.",
)
last = {name: result[:, -1] for name, result in results.items()}
assert last["Transformer"].min() > last["recurrent, one fixed vector"].max() + 0.5
assert last["recurrent, with attention"].min() > last["recurrent, one fixed vector"].max() + 0.5
assert np.median(last["Transformer"]) > np.median(last["recurrent, with attention"])
assert seconds["Transformer"] > seconds["recurrent, with attention"]
assert results["Transformer, no residuals"][:, -2].min() > 0.6
assert last["Transformer, no residuals"].max() < last["Transformer"].min() - 0.1

# %% [markdown]
# Lines are medians of the three runs, bands reach from the least to the greatest.
#
# What may be said, up to the six digits that training has practised: for the Transformer length is hardly
# an obstacle here, for the recurrent network with attention a small one, for the one without it a great one.
# What may not be said is that the Transformer *beats* the recurrent network with attention. It is ahead after
# 500 batches; but each of its batches takes longer on a CPU, and with 1,000 of them the recurrent network is
# there too (lesson 15). Its advantage is of another kind; section 10 measures it.
#
# Without residuals the Transformer learns, but less in as many batches, with every seed. Lesson 12 measured
# what they do for gradients in deep stacks. (What $\sqrt d$ and the norms do for *learning* is not tested
# here: section 1 shows what the root does to the softmax, before anything is learned.)
#
# And without positions? To the encoder *two hundred and three thousand* and *three hundred and two thousand*
# are then one bag of words (section 3). Guess what that does to the four shares, then train
# `Transformer(np.zeros((16, 64)), HEADS)`.
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
print("largest change of the logits at each step:", change.round(2), sep="\n")
assert change[:5].max() < 1e-9 and (change[5:] > 0.1).all()

# %% [markdown]
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

# %% tags=["demo", "hide-input"] claims="E25"
device = "cuda" if torch.cuda.is_available() else "cpu"
lengths, H = (64, 256, 1024, 4096), 64
rnn = torch.nn.RNN(H, H, batch_first=True).to(device)
projected = torch.nn.MultiheadAttention(H, HEADS, batch_first=True).to(device).eval()


def bare_attention(x):
    return torch.softmax(x @ x.transpose(1, 2) / H**0.5, dim=2) @ x


def least_time(layer, x, repeats=3):
    clock = time.perf_counter if device == "cuda" else time.process_time  # other programs' time is not ours
    took = []
    for _ in range(repeats + 1):  # the first one warms up
        started = clock()
        layer(x)
        if device == "cuda":
            torch.cuda.synchronize()
        took.append(clock() - started)
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
# there is a GPU, the cell measures it. On the one that we could borrow, an H100, attention was ahead at all
# four lengths, and by more the longer the sentence (the figures are in the course's repository, in
# `docs/gpu.md`). "Attention is faster" is a statement about hardware and length.
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
# You have come from counting pairs of letters to the Transformer of 2017, which reads one sentence and writes
# another, and every block of it runs in your own NumPy. Today's language models are its descendants: a
# decoder without an encoder, with other norms and positions. Lesson 18 builds one.
#
# What both cannot do is escape $T^2$: each step looks at every other. Models that keep a state of fixed size,
# and can yet be trained in parallel, are being built again (lesson 19); you know their ancestors: the linear
# state of lesson 03 and the gates of lessons 09 and 10.
#
# And a debt is left: you ran the Transformer, but PyTorch trained it. How does a gradient run through
# attention? That is lesson 17.
