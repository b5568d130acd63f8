# %% [markdown]
# # 17 · Training a Transformer
#
# **Question:** how does a gradient run through attention?
#
# **You will** write the way back through every part of a Transformer and account for each of its terms, and
# write the two things that drive its training: AdamW, and a learning rate that rises and falls. Then you will
# train one with nothing but your own NumPy, and measure what is said about training it: where the norm goes,
# what the warm-up is for, whether it has to be Adam, and what all this costs in memory.
#
# **Before:** lesson 16 (the parts, forwards), lesson 15 (`attend_backward`), lesson 06 (backpropagation).
#
# **Time:** about three hours, two of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 5.1-5.4

# %%
import time

import numpy as np

from autograder import check
from coursekit.diagrams.training_a_transformer import attention_backward_flow
from coursekit.interactive import explore
from coursekit.number_words import ROMAN
from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, figure, show, spread
from coursekit.training import one_thread, progress_bar
from coursekit.training_a_transformer import (
    ATTENTION,
    EOS,
    EQUALS,
    INNER,
    NORMS,
    WORDS,
    count_blocks,
    initial_weights,
    next_words,
    one_block,
    one_sentence,
    split_numbers,
    table_of,
)

# %% carry="masked_softmax scaled_dot_product_attention multi_head_attention layer_norm feed_forward"

# %% carry="positional_encoding embed_sequence causal_mask softmax readout cross_entropy"

# %% carry="cross_entropy_backward readout_backward embedding_backward relative_error"

# %% [markdown]
# ## 1 · Attention, last line first
#
# In lesson 16 PyTorch trained the Transformer, and your blocks only ran its weights. What was missing is the
# way back. Nothing in it is new: a Transformer has no loop over time, so there is no backpropagation *through
# time*. There are matrix products, a softmax, a normalisation and a ReLU, and each sends back a gradient of
# the shape of what it was given. You only have to be careful about three things: what is transposed, what is
# summed, and what was used more than once.
#
# Attention's forward pass, from queries $q$ $(T,d)$, keys $k$ $(S,d)$ and values $v$ $(S,e)$, is three lines:
#
# $$\text{scores} = \frac{q\,k^\top}{\sqrt d}, \qquad \text{weights} = \text{softmax}(\text{scores}), \qquad
# \text{out} = \text{weights}\; v$$

# %% tags=["demo", "hide-input"]
show(
    attention_backward_flow(),
    alt="Attention as a graph. Solid arrows lead from q and k to the scores, from there to the weights, and "
    "from weights and v to out. Beside each a dashed arrow leads back: dq, dk, dv, dweights, dscores.",
)

# %% [markdown]
# Solid arrows are the forward pass, dashed ones the way back, each in the colour of the array it belongs to.
# You need one rule for products and one for the softmax.
#
# **A product.** If $Y = A\,B$, then $dA = dY\,B^\top$ and $dB = A^\top dY$. The shapes remind you, since
# $dA$ must look like $A$ (unless the matrices are square: then only the rule does). With
# `out = weights @ v`,
#
# $$d\text{weights} = d\text{out}\;v^\top\ (T,S), \qquad dv = \text{weights}^\top d\text{out}\ (S,e) .$$
#
# **The softmax**, as in lesson 15, for every row (every query) by itself, with the sum over the keys:
#
# $$d\text{scores} = \text{weights} \odot
# \Big(d\text{weights} - \sum_{u} \text{weights}_u\, d\text{weights}_u\Big)$$
#
# The weights of a row add up to 1, so one can grow only at the others' cost: each is compared with the row's
# weighted mean. And a key that is hidden has weight 0: it gets no gradient, without a word about the mask.
#
# **The scores** are a product again, with a factor that is handed on:
#
# $$dq = \tfrac{1}{\sqrt d}\; d\text{scores}\; k\ (T,d), \qquad
# dk = \tfrac{1}{\sqrt d}\; d\text{scores}^\top q\ (S,d)$$
#
# Leading axes (batch, heads) come along for free, as long as you transpose the last two only:
# `np.swapaxes(k, -1, -2)`; `.T` would turn all of them round.
#
# <details><summary><b>Predict:</b> add the same number to all of one query's scores. What does that say about
# the sum of its <code>dscores</code>?</summary>
# <p>A softmax does not notice a constant, so the loss does not change along that direction: the
# <code>dscores</code> of a row add up to 0. You can read it off the formula, too. The cell below your check
# tests this.</p></details>


# %% exercise="attention_backward"
def attention_backward(dout, q, k, v, mask):
    """From the gradient of attention's output to those of its queries, keys and values.

    The forward pass is out, weights = scaled_dot_product_attention(q, k, v, mask).
    dout (..., T, e), q (..., T, d), k (..., S, d), v (..., S, e); mask booleans that broadcast to
    (..., T, S), True = may attend, or None: all may be attended to
    -> dq (..., T, d), dk (..., S, d), dv (..., S, e)
    A query with nothing to attend to sends nothing back. Scores may be large.
    Source: Dao et al. (2022), FlashAttention, appendix B.2.
    """
    # BEGIN SOLUTION
    _, weights = scaled_dot_product_attention(q, k, v, mask)  # (..., T, S)
    dweights = dout @ np.swapaxes(v, -1, -2)  # (..., T, e) @ (..., e, S) -> (..., T, S)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dscores = dscores / np.sqrt(q.shape[-1])
    return dscores @ k, np.swapaxes(dscores, -1, -2) @ q, np.swapaxes(weights, -1, -2) @ dout
    # END SOLUTION


# %%
check(attention_backward)


# %% tags=["demo", "hide-input"] claims="5.1"
def differences(f, x, upstream, count=20, step=1e-6):
    """Central differences of sum(upstream * f(x)) for `count` entries of x: their places and slopes."""
    places = np.random.default_rng(0).permutation(x.size)[:count]
    slopes = np.empty(len(places))
    for i, place in enumerate(places):
        up, down = x.copy(), x.copy()
        up.flat[place] += step
        down.flat[place] -= step
        slopes[i] = ((f(up) - f(down)) * upstream).sum() / (2 * step)
    return places, slopes


def confirm(f, x, upstream, dx):
    """Relative error of a gradient against central differences."""
    places, slopes = differences(f, x, upstream)
    return float(relative_error(dx.flat[places], slopes))


rng = np.random.default_rng(17)
q, k, v = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 4))
mask = np.arange(7) < np.array([7, 4])[:, None, None]  # (2, 1, 7): the second sentence has four words
out, weights = scaled_dot_product_attention(q, k, v, mask)
dout = rng.normal(size=out.shape)
dq, dk, dv = attention_backward(dout, q, k, v, mask)
errors = {
    "dq": confirm(lambda q: scaled_dot_product_attention(q, k, v, mask)[0], q, dout, dq),
    "dk": confirm(lambda k: scaled_dot_product_attention(q, k, v, mask)[0], k, dout, dk),
    "dv": confirm(lambda v: scaled_dot_product_attention(q, k, v, mask)[0], v, dout, dv),
}
print("relative error against finite differences:", {name: f"{e:.0e}" for name, e in errors.items()})
assert max(errors.values()) < 1e-6

# With k the unit vectors, dq is dscores / sqrt(d): a way to see dscores without writing it again.
unit = np.broadcast_to(np.eye(7), (2, 7, 7))
dscores = attention_backward(dout, rng.normal(size=(2, 5, 7)), unit, v, mask)[0] * np.sqrt(7)
print("largest sum of a row of dscores:", f"{np.abs(dscores.sum(axis=-1)).max():.0e}")
print("largest gradient at a hidden key:", np.abs(dk[1, 4:]).max(), np.abs(dv[1, 4:]).max())
assert np.allclose(dscores.sum(axis=-1), 0) and not dk[1, 4:].any() and not dv[1, 4:].any()

# %% [markdown]
# ### When attention has made up its mind
#
# Lesson 16 divided by $\sqrt d$ because a softmax of large scores has next to no slope. Now you can see the
# slope itself. Below are the scores of one query and six keys, all multiplied by `size`. Move the slider: at
# size 2 the slope even grows a little; once one key has nearly all the weight, from 8 on, what comes back to
# the scores dies out, although what arrives, $d\text{weights}$, is always the same.


# %% tags=["demo", "hide-input"]
BASE, ARRIVES = np.array([1.0, 0.4, 0.6, -0.3, 0.1, -1.0]), np.array([-1.0, 0.5, 1.0, -0.5, 0.8, 0.2])


def weights_and_slope(size):
    """Weights and dscores of one query whose scores are size * BASE; keys and values are unit vectors."""
    q, unit = size * BASE[None] * np.sqrt(6), np.eye(6)  # q k^T / sqrt(6) = size * BASE
    _, weights = scaled_dot_product_attention(q, unit, unit, None)
    return weights[0], attention_backward(ARRIVES[None], q, unit, unit, None)[0][0] * np.sqrt(6)


def draw(size):
    made, (left, right) = figure(2, width=9, height=2.8)
    weights, dscores = weights_and_slope(size)
    left.bar(range(6), weights, color=RED)
    left.set(xlabel="key", ylabel="weights", ylim=(0, 1), title=f"scores times {size}")
    right.bar(range(6), dscores, color=PURPLE)
    right.set(xlabel="key", ylabel="dscores", ylim=(-0.45, 0.45))
    return made


explore(
    draw,
    "Bars for six keys at size 1. Left, the weights: none is above one half. Right, what comes back to the "
    "scores: bars of both signs, which add up to zero.",
    size=[1, 2, 4, 8, 16, 32, 64],
)
reach = {size: np.abs(weights_and_slope(size)[1]).max() for size in (1, 4, 16, 64)}
print("largest |dscores| for scores times", {size: f"{r:.1e}" for size, r in reach.items()})
assert reach[1] > 0.1 > 0.01 > reach[16] > 1e-6 > reach[64]

# %% [markdown]
# ## 2 · The way back through a normalisation
#
# Call the normalised vector $n$ and its divisor $s$:
#
# $$s = \sqrt{\text{var}(x) + \varepsilon}, \qquad n = \frac{x - \text{mean}(x)}{s}, \qquad
# y = n \odot \text{gain} + \text{bias}$$
#
# Gain and bias are shared by every vector of every step, so their gradients are sums over *all* axes but the
# last: $d\text{gain} = \sum dy \odot n$ and $d\text{bias} = \sum dy$. What goes on to $n$ is
# $dn = dy \odot \text{gain}$.
#
# An entry of $x$ acts in three ways: by itself, through the mean, which all entries share, and through $s$,
# which they share as well. Each way is a term:
#
# $$dx = \frac{1}{s}\Big(dn - \text{mean}(dn) - n \odot \text{mean}(dn \odot n)\Big)$$
#
# The means run over the vector's own $D$ features. Where does the last term come from? A change $\delta$ of
# $x_j$ changes the variance by $2 n_j s\,\delta/D$ and so $s$ by $n_j\delta/D$; and that changes *every*
# $n_i$ by $-n_i n_j \delta / (D s)$. Multiply by $dn_i$ and sum over $i$.
#
# <details><summary><b>Predict:</b> add a constant to all features of $x$, or stretch $x - \text{mean}$ to
# twice its length. How does $y$ answer, and what must $dx$ look like, then?</summary>
# <p>$y$ stays as it is (nearly, in the second case: there is $\varepsilon$). Along these two directions the
# loss does not change, so $dx$ has no part in them: it is orthogonal to the vector of ones and, but for
# $\varepsilon$, to $n$.</p></details>


# %% exercise="layer_norm_backward"
def layer_norm_backward(dy, x, gain, eps):
    """From the gradient of layer_norm's output to those of x, gain and bias.

    The forward pass is y = layer_norm(x, gain, bias, eps); the bias plays no part in the gradients.
    dy (..., D), x (..., D), gain (D,), eps -> dx (..., D), dgain (D,), dbias (D,)
    There may be any number of leading axes; dgain and dbias are summed over all axes but the last.
    Source: Ba, Kiros and Hinton (2016), Layer Normalization; Ioffe and Szegedy (2015), section 3.
    """
    # BEGIN SOLUTION
    s = np.sqrt(x.var(axis=-1, keepdims=True) + eps)  # (..., 1)
    n = (x - x.mean(axis=-1, keepdims=True)) / s
    dn = dy * gain
    dx = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / s
    axes = tuple(range(x.ndim - 1))
    return dx, (dy * n).sum(axis=axes), dy.sum(axis=axes)
    # END SOLUTION


# %%
check(layer_norm_backward)


# %% tags=["demo", "hide-input"] claims="5.2"
x, gain, bias = 2 * rng.normal(size=(2, 5, 7)) + 3, rng.uniform(0.5, 2, size=7), rng.normal(size=7)
dy = rng.normal(size=x.shape)
dx, dgain, dbias = layer_norm_backward(dy, x, gain, 1e-5)
errors = {
    "dx": confirm(lambda x: layer_norm(x, gain, bias, 1e-5), x, dy, dx),
    "dgain": confirm(lambda gain: layer_norm(x, gain, bias, 1e-5), gain, dy, dgain),
    "dbias": confirm(lambda bias: layer_norm(x, gain, bias, 1e-5), bias, dy, dbias),
}
print("relative error against finite differences:", {name: f"{e:.0e}" for name, e in errors.items()})
assert max(errors.values()) < 1e-6

n = layer_norm(x, 1, 0, 1e-5)
for eps in (1e-5, 0.0):
    dx = layer_norm_backward(dy, x, gain, eps)[0]
    ones, along = np.abs(dx.sum(axis=-1)).max(), np.abs((dx * layer_norm(x, 1, 0, eps)).sum(axis=-1)).max()
    print(
        f"eps = {eps:g}: largest dx . 1 = {ones:.0e}, largest dx . n = {along:.0e}, of |dx| up to "
        f"{np.linalg.norm(dx, axis=-1).max():.2f}"
    )
    assert ones < 1e-12
    assert along < (1e-12 if eps == 0 else 1e-4)

# %% [markdown]
# So what comes back through the normalisation has no part along the vector (but for $\varepsilon$) or along
# the ones: the normalisation would undo such a change anyway.
#
# ## 3 · The little network
#
# $z = x W_1 + b_1$, $h = \max(0, z)$, $y = h W_2 + b_2$: two products with a switch between them. Back
# through the second product comes $dh = dy\,W_2^\top$. The ReLU lets it through where $z > 0$ and stops it
# elsewhere: $dz = dh$ where $z > 0$, else 0 (at exactly 0 the slope is a matter of taste, and PyTorch's is
# 0). With $dz$ you are back at the first product. A weight meets every step of every sentence, so its
# gradient is a sum over both: flatten $(N,T)$ into $N T$ rows, and $dW_2 = h^\top dy$ is one product.


# %% exercise="feed_forward_backward"
def feed_forward_backward(dy, x, W_1, b_1, W_2, b_2):
    """From the gradient of feed_forward's output to those of its input and weights.

    The forward pass is y = feed_forward(x, W_1, b_1, W_2, b_2). Where the ReLU is given exactly 0, take 0
    for its slope.
    dy (N, T, E), x (N, T, E), W_1 (E, F), b_1 (F,), W_2 (F, E), b_2 (E,)
    -> dx (N, T, E), dW_1 (E, F), db_1 (F,), dW_2 (F, E), db_2 (E,)
    Source: Rumelhart, Hinton and Williams (1986), applied to Vaswani et al. (2017), section 3.3.
    """
    # BEGIN SOLUTION
    z = x @ W_1 + b_1  # (N, T, F)
    h = np.maximum(0, z)
    dz = (dy @ W_2.T) * (z > 0)
    E, F = W_1.shape
    dW_1 = x.reshape(-1, E).T @ dz.reshape(-1, F)  # (E, N T) @ (N T, F)
    dW_2 = h.reshape(-1, F).T @ dy.reshape(-1, E)  # (F, N T) @ (N T, E)
    return dz @ W_1.T, dW_1, dz.sum(axis=(0, 1)), dW_2, dy.sum(axis=(0, 1))
    # END SOLUTION


# %%
check(feed_forward_backward)


# %% [markdown]
# ## 4 · Several heads, and one $x$ used three times
#
# Heads are cut out of $q$, $k$ and $v$, and their outputs are glued together. To cut is to *reshape, then
# swap axes*; to glue is to *swap, then reshape*. Both only move numbers about, so the way back through a cut
# is the glue, and through the glue the cut. Before and after stand products:
#
# - $W_o$ was given the glued outputs of the heads. Compute them again: $dW_o = \text{glued}^\top d\text{out}$
#   and $db_o = \sum d\text{out}$;
# - $d\text{out}\,W_o^\top$, cut into heads, is what arrives at each head's output;
# - `attention_backward` gives each head's $dq, dk, dv$; glue them;
# - a projection $q = x W_q + b_q$ gives $dW_q = x^\top dq$ and $db_q = \sum dq$.
#
# All these products and sums run over batch and time: flatten first, as in section 3.
#
# In self-attention the same $x$ asks, is found, and hands over. What was used three times gets three
# gradients, and they are *added*:
#
# $$dx = dq\,W_q^\top + dk\,W_k^\top + dv\,W_v^\top$$


# %% exercise="multi_head_backward"
def multi_head_backward(dout, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    """From the gradient of a self-attention's output to those of its input and weights.

    The forward pass is multi_head_attention(x, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask).
    dout (N, T, E), x (N, T, E); W_q, W_k, W_v, W_o (E, E), b_q, b_k, b_v, b_o (E,); heads divides E; mask
    booleans (T, T) or (N, T, T), N and the first T of the mask may be 1; True = may attend; or None
    -> dx (N, T, E), dW_q, dW_k, dW_v, dW_o (E, E), db_q, db_k, db_v, db_o (E,), in this order
    Source: Vaswani et al. (2017), section 3.2.2; Rumelhart, Hinton and Williams (1986).
    """
    # BEGIN SOLUTION
    N, T, E = x.shape
    mask = None if mask is None else mask[..., None, :, :]  # one more axis, for the heads

    def split(z):
        return z.reshape(N, T, heads, E // heads).swapaxes(1, 2)  # (N, heads, T, E // heads)

    def merge(z):
        return z.swapaxes(1, 2).reshape(N, T, E)  # (N, T, heads, E // heads) -> (N, T, E)

    def summed(a, b):
        return a.reshape(-1, E).T @ b.reshape(-1, E)  # (E, N T) @ (N T, E), summed over batch and time

    q, k, v = split(x @ W_q + b_q), split(x @ W_k + b_k), split(x @ W_v + b_v)
    out, _ = scaled_dot_product_attention(q, k, v, mask)
    dq, dk, dv = (merge(d) for d in attention_backward(split(dout @ W_o.T), q, k, v, mask))
    dx = dq @ W_q.T + dk @ W_k.T + dv @ W_v.T
    matrices = summed(x, dq), summed(x, dk), summed(x, dv), summed(merge(out), dout)
    return dx, *matrices, *(d.sum(axis=(0, 1)) for d in (dq, dk, dv, dout))
    # END SOLUTION


# %%
check(multi_head_backward)


# %% tags=["demo", "hide-input"] claims="5.1"
N, T, E, heads = 2, 5, 6, 3
x, dout = rng.normal(size=(2, N, T, E))
given = [rng.normal(size=(E, E)) / np.sqrt(E) for _ in range(4)] + [rng.normal(size=E) for _ in range(4)]
names, causal = ("x", *ATTENTION), causal_mask(T)
gradients = dict(zip(names, multi_head_backward(dout, x, *given, heads, causal), strict=True))


def attended(name, value):
    arrays = dict(zip(names, (x, *given), strict=True)) | {name: value}
    return multi_head_attention(arrays["x"], *arrays.values(), heads, causal)


for name, array in zip(names, (x, *given), strict=True):
    if name != "b_k":
        error = confirm(lambda value, name=name: attended(name, value), array, dout, gradients[name])
        print(f"d{name}: relative error {error:.0e}", end="   ")
        assert error < 1e-6
print(f"\nlargest |db_k|: {np.abs(gradients['b_k']).max():.0e}")
assert np.abs(gradients["b_k"]).max() < 1e-12

# %% [markdown]
# Every gradient is right, and one of them is *nothing*: $db_k = 0$. Lesson 16 said that the bias of the keys
# changes nothing, since a softmax does not notice a constant; here is the same fact from behind, the sum of
# each row of $d\text{scores}$. That bias never learns. (Some later models leave it out.)
#
# ## 5 · A block, a model
#
# Now put the parts together. A block of lesson 16 normalises *after* each sum (**post-norm**); most models of
# today normalise *before* each part (**pre-norm**), and then once more at the very end:
#
# $$\text{post:}\quad z = \text{norm}_1(x + \text{attention}(x)),\quad
# y = \text{norm}_2(z + \text{feedforward}(z))$$
# $$\text{pre:}\quad z = x + \text{attention}(\text{norm}_1(x)),\quad
# y = z + \text{feedforward}(\text{norm}_2(z))$$
#
# The forward pass keeps what each of the four parts was given, no more: your backward functions compute the
# inside again. On the way back a residual is a fork: the gradient goes *both* ways, and the two are added.


# %% tags=["demo"]
def block_forward(x, p, heads, mask, pre):
    """One block -> y (N, T, E), and what its four parts were given. p: the arrays of encoder_block."""
    attention, inner = [p[name] for name in ATTENTION], [p[name] for name in INNER]
    norm1, norm2 = (p["ln1_gain"], p["ln1_bias"], 1e-5), (p["ln2_gain"], p["ln2_bias"], 1e-5)
    if pre:
        a = layer_norm(x, *norm1)
        z = x + multi_head_attention(a, a, *attention, heads, mask)
        b = layer_norm(z, *norm2)
        return z + feed_forward(b, *inner), (x, a, z, b)
    a = x + multi_head_attention(x, x, *attention, heads, mask)
    z = layer_norm(a, *norm1)
    b = z + feed_forward(z, *inner)
    return layer_norm(b, *norm2), (x, a, z, b)


def block_backward(dy, kept, p, heads, mask, pre):
    """-> dx (N, T, E), and the gradients of the block's arrays by name."""
    x, a, z, b = kept
    attention, inner = [p[name] for name in ATTENTION], [p[name] for name in INNER]
    if pre:
        db, *dinner = feed_forward_backward(dy, b, *inner)
        dz, *dnorm2 = layer_norm_backward(db, z, p["ln2_gain"], 1e-5)
        dz = dz + dy  # the residual
        da, *dattention = multi_head_backward(dz, a, *attention, heads, mask)
        dx, *dnorm1 = layer_norm_backward(da, x, p["ln1_gain"], 1e-5)
        dx = dx + dz
    else:
        db, *dnorm2 = layer_norm_backward(dy, b, p["ln2_gain"], 1e-5)
        dz, *dinner = feed_forward_backward(db, z, *inner)
        da, *dnorm1 = layer_norm_backward(dz + db, a, p["ln1_gain"], 1e-5)
        dx, *dattention = multi_head_backward(da, x, *attention, heads, mask)
        dx = dx + da
    named = zip((*ATTENTION, *INNER, *NORMS), (*dattention, *dinner, *dnorm1, *dnorm2), strict=True)
    return dx, dict(named)


# %% [markdown]
# The task is that of lessons 14 to 16 in one piece. A sentence is a number in English, an equals sign, and
# the number in Korean; the model reads from left to right (causal mask, no encoder) and must say the next
# word wherever that word is Korean, or the end:

# %% tags=["demo", "hide-input"]
print(" ".join(ROMAN.get(WORDS[i], WORDS[i]) for i in one_sentence(1234)))
print(len(WORDS), "words; `=` is", EQUALS, "and the end is", EOS)

# %% [markdown]
# In goes `embed_sequence`, out comes `readout`, and the loss is lesson 04's. The embedding's gradient is that
# of lesson 06, times the root of the width, by which `embed_sequence` multiplies.


# %% tags=["demo"]
HEADS = 4


def run_forward(P, ids, pre):
    """-> logits (N, T, V), and all that the way back needs."""
    x, mask, blocks = embed_sequence(ids, P["E"]), causal_mask(ids.shape[1]), []
    for block in range(count_blocks(P)):
        x, kept = block_forward(x, one_block(P, block), HEADS, mask, pre)
        blocks.append(kept)
    top = layer_norm(x, P["last_gain"], P["last_bias"], 1e-5) if pre else x
    return readout(top, P["W_hy"], P["b_y"]), (blocks, x, top, mask)


def loss_and_gradients(P, ids, targets, counts, pre=True):
    """-> the loss, and the gradient of every array of P by name."""
    logits, (blocks, x, top, mask) = run_forward(P, ids, pre)
    dlogits = cross_entropy_backward(logits, targets, counts)
    dx, dW_hy, db_y = readout_backward(dlogits, top, P["W_hy"])
    G = {"W_hy": dW_hy, "b_y": db_y}
    if pre:
        dx, G["last_gain"], G["last_bias"] = layer_norm_backward(dx, x, P["last_gain"], 1e-5)
    for block in reversed(range(len(blocks))):
        dx, grads = block_backward(dx, blocks[block], one_block(P, block), HEADS, mask, pre)
        G |= {f"{block}.{name}": g for name, g in grads.items()}
    V, E = P["E"].shape
    return cross_entropy(logits, targets, counts), G | {"E": embedding_backward(ids, dx * np.sqrt(E), V)}


# %% tags=["demo", "hide-input"] claims="5.1 5.2"
learned, held_out = split_numbers(digits=4, held_out=200)
few = next_words(table_of(learned[:3]))
for pre in (True, False):
    P, worst = initial_weights(np.random.default_rng(1), E=8, F=12, L=2), {}
    _, G = loss_and_gradients(P, *few, pre)
    for name in G:

        def loss(value, P=P, name=name, pre=pre):
            return loss_and_gradients(P | {name: value}, *few, pre)[0]

        places, slopes = differences(loss, P[name], 1.0, count=4, step=1e-5)
        worst[name] = np.abs(G[name].flat[places] - slopes).max() / (1e-3 + np.abs(slopes).max())
    last = max(worst, key=worst.get)
    print(f"{'pre' if pre else 'post'}-norm: {len(worst)} arrays, largest error {worst[last]:.0e}, in {last}")
    assert worst[last] < 1e-4

# %% [markdown]
# (Compared are four entries of each array, drawn at random; the judge compares all entries of each of your
# gradients with automatic differentiation.)
#
# ## 6 · Steps of the right size
#
# Lesson 08's step was $p - \eta\,(g + \lambda p)$: the gradient $g$, the decay $\lambda$ and one learning
# rate $\eta$ for all weights. But how large is a gradient? Here is the root of its mean square, array by
# array, before training:

# %% tags=["demo", "hide-input"]
P = initial_weights(np.random.default_rng(0), E=32, F=64, L=2)
_, G = loss_and_gradients(P, *next_words(table_of(learned[:64])))
sizes = {name: np.sqrt((G[name] ** 2).mean()) for name in ("W_hy", "E", "0.W_v", "0.W_1", "0.W_q", "1.W_q")}
print({name: round(float(size), 4) for name, size in sizes.items()})
assert sizes["W_hy"] > 5 * sizes["0.W_q"]

# %% [markdown]
# From the readout to the queries' matrices there is a factor of about ten, and that is a small model. One
# rate for all is too long for some or too short for others. **Adam** (Kingma and Ba, 2015) measures the size
# for each weight by itself, and divides by it. Two running means,
#
# $$m_t = \beta_1 m_{t-1} + (1-\beta_1)\,g, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\,g^2 ,$$
#
# start from 0 and are too small at first: if $g$ stayed the same, by exactly the factor $1-\beta^t$. So
# divide by it:
#
# $$\hat m = \frac{m_t}{1-\beta_1^t}, \qquad \hat v = \frac{v_t}{1-\beta_2^t}, \qquad
# p_t = p_{t-1} - \eta\left(\frac{\hat m}{\sqrt{\hat v}+\varepsilon} + \lambda\, p_{t-1}\right)$$
#
# **The W** (Loshchilov and Hutter, 2019) is in the last term. Put $\lambda p$ into the gradient, as lesson 08
# did, and it would be divided by $\sqrt{\hat v}$ as well: weights with large gradients would hardly decay.
# *Decoupled*, it goes straight to $p$ (in the paper scaled by the schedule alone; in PyTorch, and here, by
# the whole rate $\eta$). (Here $v$ is a mean of squares, not attention's values, and $m$ no memory.)
#
# <details><summary><b>Predict:</b> in the very first step, how long is the step of a weight whose gradient is
# 0.001, and of one whose gradient is 1000 (no decay, $\varepsilon$ tiny)?</summary>
# <p>Both $\eta$. Corrected, $\hat m = g$ and $\hat v = g^2$, so that $\hat m/\sqrt{\hat v}$ is the sign of
# $g$.</p></details>


# %% exercise="adamw_step"
def adamw_step(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    """One step of Adam with decoupled weight decay, for one array of weights.

    p weights, g their gradient, m and v running means of g and g**2, all of one shape; t counts the steps
    from 1 -> p, m, v, the weights and the two means after the step (the means as they are, not corrected).
    eps is added outside the root, after the correction; the decay is multiplied by lr and is of the p that
    came in. p, m and v are not changed in place.
    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2.
    """
    # BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * (m_hat / (np.sqrt(v_hat) + eps) + decay * p), m, v
    # END SOLUTION


# %%
check(adamw_step)


# %% tags=["demo", "hide-input"] claims="5.3"
p, zero, settings = np.ones(3), np.zeros(3), (0.01, 0.9, 0.999, 1e-12)
first = adamw_step(p, np.array([1e-3, 1.0, -1e3]), zero, zero, 1, *settings, 0.0)[0]
print("first steps for gradients 0.001, 1, -1000:", first - p)
assert np.allclose(p - first, [0.01, 0.01, -0.01])

lr, decay = 0.01, 0.5
alone = adamw_step(p, zero, zero, zero, 1, lr, 0.9, 0.999, 1e-8, decay)[0]
print("decay alone:", alone, " 1 - lr * decay =", 1 - lr * decay)
assert np.allclose(alone, 1 - lr * decay)
for size in (0.1, 1.0, 10.0):  # gradients that swing about zero: only the decay has a direction
    kept, mixed = np.ones(1000), np.ones(1000)
    state = {"decoupled": [np.zeros(1000)] * 2, "in the gradient": [np.zeros(1000)] * 2}
    swings = size * np.random.default_rng(3).normal(size=(300, 1000))
    for t, g in enumerate(swings, 1):
        kept, *state["decoupled"] = adamw_step(kept, g, *state["decoupled"], t, lr, 0.9, 0.999, 1e-8, decay)
        both = g + decay * mixed
        mixed, *state["in the gradient"] = adamw_step(
            mixed, both, *state["in the gradient"], t, lr, 0.9, 0.999, 1e-8, 0.0
        )
    print(
        f"gradients of size {size:4}: mean weight after 300 steps, decoupled {kept.mean():.3f}, in the "
        f"gradient {mixed.mean():.3f}"
    )
    assert abs(kept.mean() - (1 - lr * decay) ** 300) < 0.02

# %% [markdown]
# Decoupled, the weights shrink by $1 - \eta\lambda$ a step, to the same $0.995^{300} \approx 0.22$ whatever
# the gradients' size. As a penalty in the gradient the same $\lambda$ does little or much, according to
# the gradients it is added to.
#
# ## 7 · Up, then down
#
# In the first steps $\hat v$ rests on a few gradients, and the weights are far from anything sensible: long
# steps then, it is said, do harm (section 9 will look). So the rate **warms up** along a straight line, and
# then falls, here along half a **cosine**, gently at both ends:
#
# $$\text{lr} = \text{peak} \cdot \begin{cases} \text{step} / \text{warmup} & \text{step} < \text{warmup} \\
# \tfrac12\big(1 + \cos(\pi\,\tfrac{\text{step} - \text{warmup}}{\text{total} - \text{warmup}})\big) &
# \text{warmup} \le \text{step} \le \text{total} \\ 0 & \text{after} \end{cases}$$


# %% exercise="warmup_cosine"
def warmup_cosine(step, warmup, total, peak):
    """The learning rate of a step: a straight line up, then half a cosine down.

    step, warmup, total whole numbers with 0 <= warmup < total; peak the highest rate
    -> lr, a number: 0 at step 0, peak at step = warmup, a half cosine down to 0 at total, and 0 after it.
    Without a warm-up (warmup = 0) it starts at the peak.
    Source: Goyal et al. (2017), section 2.2; Loshchilov and Hutter (2017), SGDR, equation 5.
    """
    # BEGIN SOLUTION
    if step < warmup:
        return peak * step / warmup
    share = min(1, (step - warmup) / (total - warmup))
    return peak * (1 + np.cos(np.pi * share)) / 2
    # END SOLUTION


# %%
check(warmup_cosine)


# %% tags=["demo", "hide-input"]
fig, (ax,) = figure(height=2.6)
for warmup, colour, line in ((0, ORANGE, "--"), (30, BLUE, "-")):
    rates = [warmup_cosine(step, warmup, 300, 0.01) for step in range(330)]
    ax.plot(rates, line, color=colour, label=f"warmup = {warmup}")
ax.set(xlabel="step", ylabel="learning rate")
ax.legend()
show(
    fig,
    alt="Learning rate against step. One curve starts at the peak of 0.01, one rises to it in a straight "
    "line until step 30; both fall along half a cosine to 0 at step 300 and stay there.",
)

# %% [markdown]
# ## 8 · Training
#
# Everything is there. A step draws some sentences, asks for the loss and its gradients, and lets AdamW change
# every array. No framework takes part: what follows is your six functions, and those of earlier lessons.


# %% tags=["demo"]
def adamw(p, g, m, v, t, lr):
    return adamw_step(p, g, m, v, t, lr, 0.9, 0.98, 1e-8, 0.1)


def train(seed, table, steps, peak, warmup, rule=adamw, L=2, E=32, pre=True, size=16):
    """Train on `steps` batches of `size` rows of the table -> the weights, and the loss of every step."""
    draw, losses = np.random.default_rng(seed), []
    P = initial_weights(draw, E, 2 * E, L)
    M, V = ({name: np.zeros_like(p) for name, p in P.items()} for _ in range(2))
    with one_thread(), np.errstate(all="ignore"):  # a run that explodes is a result, too
        for t in progress_bar(range(1, steps + 1), f"seed {seed}"):
            batch = next_words(table[draw.integers(len(table), size=size)])
            loss, G = loss_and_gradients(P, *batch, pre)
            lr = warmup_cosine(t, warmup, steps + 1, peak)
            for name, g in G.items():
                P[name], M[name], V[name] = rule(P[name], g, M[name], V[name], t, lr)
            losses.append(loss)
    return P, np.array(losses)


def continued(P, start, steps=9):
    """The most probable words after `start` (N, T), one at a time -> ids (N, steps)."""
    ids = start
    for _ in range(steps):
        logits, _ = run_forward(P, ids, pre=True)
        ids = np.concatenate([ids, logits[:, -1].argmax(axis=-1)[:, None]], axis=1)
    return ids[:, start.shape[1] :]


def share_right(P, numbers):
    """How many of the numbers come out exactly, end included. Sentences of one length are run together."""
    wanted = {int(n): one_sentence(int(n)) for n in numbers}
    starts = {n: ids[: ids.index(EQUALS) + 1] for n, ids in wanted.items()}
    right = 0
    for length in {len(start) for start in starts.values()}:
        alike = [n for n, start in starts.items() if len(start) == length]
        answers = continued(P, np.array([starts[n] for n in alike]))
        rest = [wanted[n][length:] for n in alike]
        right += sum(list(answer[: len(r)]) == r for answer, r in zip(answers, rest, strict=True))
    return right / len(wanted)


# %% tags=["demo"] claims="5.3"
SEEDS, STEPS = (0, 1, 2), 300
table = table_of(learned)  # up to four digits; 200 numbers are held out
runs = [train(seed, table, STEPS, peak=0.01, warmup=30) for seed in SEEDS]
right = [share_right(P, held_out) for P, _ in runs]
size = sum(p.size for p in runs[0][0].values())
print(
    f"{size:,} weights; loss before the first step {np.round([losses[0] for _, losses in runs], 2)}, of "
    f"the last 20 steps {np.round([losses[-20:].mean() for _, losses in runs], 3)}"
)
print(f"of {len(held_out)} numbers never seen, right to the last word: {right}")
fig, (ax,) = figure()
smooth = [np.convolve(losses, np.ones(10) / 10, mode="valid") for _, losses in runs]
spread(ax, np.arange(10, STEPS + 1), smooth, "mean of ten steps", BLUE, marker="")
ax.set(xlabel="step", ylabel="loss (nats a word)", yscale="log")
ax.legend()
show(
    fig,
    alt="Loss against step on a logarithmic axis, median and range of three runs: it falls from about three "
    "to below one hundredth within three hundred steps.",
)
assert min(right) > 0.8 and max(losses[-20:].mean() for _, losses in runs) < 0.15

# %% [markdown]
# A Transformer, trained by your own gradients. Look at one of its answers, word by word, with the probability
# that it gave to each:

# %% tags=["demo", "hide-input"]
sentence = np.array([one_sentence(int(held_out[0]))])
equals = int(np.argmax(sentence[0] == EQUALS))
answer = continued(runs[0][0], sentence[:, : equals + 1])[0]
answer = answer[: np.argmax(answer == EOS) + 1]
p = softmax(run_forward(runs[0][0], np.append(sentence[0, : equals + 1], answer)[None], pre=True)[0])[0]
print(int(held_out[0]), "=", " ".join(WORDS[i] for i in sentence[0, :equals]))
print("  ".join(f"{ROMAN.get(WORDS[i], WORDS[i])} {p[equals + t, i]:.2f}" for t, i in enumerate(answer)))

# %% [markdown]
# The exercises are done. Three sections follow in which things that are often said about training a
# Transformer are measured, each by itself: read those that you are curious about.
#
# ## 9 · Before or after? And is the warm-up needed?
#
# "Pre-norm trains without warm-up, post-norm needs it." Xiong et al. (2020) gave a reason: *at the start*,
# in a post-norm stack, the gradients of the last blocks' weights are large, and shrink towards the first; in
# a pre-norm stack they are tamer the more blocks there are. The first statement, how the gradients spread
# over the blocks, you can look at without training: twelve blocks, three draws of weights, one batch, and of
# each block the length of the gradient of $W_1$ (the root of the sum of its squares; the picture calls it the
# norm of `dW_1`). The second, what more blocks do, is not tried here.

# %% tags=["demo", "hide-input"] claims="5.4"
BLOCKS = 12
start_norms = {"pre-norm": [], "post-norm": []}
batch = next_words(table[:64])
for name, curves in start_norms.items():
    for seed in SEEDS:
        P = initial_weights(np.random.default_rng(seed), E=32, F=64, L=BLOCKS)
        _, G = loss_and_gradients(P, *batch, pre=name == "pre-norm")
        curves.append([np.linalg.norm(G[f"{block}.W_1"]) for block in range(BLOCKS)])
fig, (ax,) = figure(height=3)
for (name, curves), colour, marker in zip(start_norms.items(), (GREEN, RED), "os", strict=True):
    spread(ax, np.arange(1, BLOCKS + 1), curves, name, colour, marker)
ax.set(xlabel="block", ylabel="norm of dW_1, before training", ylim=(0, None))
ax.legend()
show(
    fig,
    alt="Norm of the gradient of W_1 against the block, medians and ranges of three draws. With pre-norm it "
    "falls from the first block to the last, with post-norm it is greatest in the last block.",
)
ratio = {name: np.array(curves)[:, -1] / np.array(curves)[:, 0] for name, curves in start_norms.items()}
print("last block's norm over the first's:", {name: r.round(2).tolist() for name, r in ratio.items()})
assert ratio["pre-norm"].max() < 1 < ratio["post-norm"].min()

# %% [markdown]
# With post-norm the last block's gradient is longer than the first's in all three draws, in one of them only
# just; with pre-norm it falls, by and large, from the first block to the last. Does that decide the training?
# Here are six blocks, 75 steps, numbers of up to three digits; each way with and without a warm-up of 20
# steps, at two peak rates, three seeds.
#
# <details><summary><b>Predict:</b> which of the four will do worst?</summary>
# <p>By the folklore, post-norm without warm-up. Here the two ways with post-norm share the last place: look
# at every dot of the picture, and read on below it.</p></details>

# %% tags=["demo", "hide-input"] claims="5.4"
short, unseen = split_numbers(digits=3, held_out=200)
small = table_of(short)
arms = {
    ("pre", 20): ("pre-norm, warm-up", GREEN, "o"),
    ("pre", 0): ("pre-norm, none", BLUE, "v"),
    ("post", 20): ("post-norm, warm-up", ORANGE, "s"),
    ("post", 0): ("post-norm, none", RED, "^"),
}
PEAKS = (0.01, 0.03)
ends = {
    arm: np.array(
        [
            [
                train(s, small, 75, peak, arm[1], L=6, E=16, pre=arm[0] == "pre")[1][-10:].mean()
                for peak in PEAKS
            ]
            for s in SEEDS
        ]
    )
    for arm in arms
}
fig, (ax,) = figure(height=3.2)
for i, (arm, (name, colour, marker)) in enumerate(arms.items()):
    for j in range(len(PEAKS)):
        label = name if j == 0 else None
        ax.plot(np.full(3, j + 0.12 * (i - 1.5)), ends[arm][:, j], marker, color=colour, label=label)
    print(f"{name:20} loss after 75 steps at peaks {PEAKS}: {ends[arm].T.round(2).tolist()}")
ax.set(
    xticks=range(len(PEAKS)),
    xticklabels=PEAKS,
    xlabel="peak rate",
    ylabel="loss, last ten steps",
    ylim=(0, 2.6),
)
ax.legend(ncols=2)
show(
    fig,
    alt="Loss after 75 steps for pre-norm and post-norm, with and without warm-up, three dots each, at two "
    "peak rates: pre-norm's dots lie below post-norm's; with and without warm-up they lie among each other.",
)
for j, peak in enumerate(PEAKS):
    worst_pre = max(ends["pre", warmup][:, j].max() for warmup in (0, 20))
    best_post = min(ends["post", warmup][:, j].min() for warmup in (0, 20))
    print(f"peak {peak}: worst run with pre-norm {worst_pre:.2f}, best with post-norm {best_post:.2f}")
    assert worst_pre < best_post
    for kind in ("pre", "post"):
        warm, cold = ends[kind, 20][:, j], ends[kind, 0][:, j]
        assert warm.min() < cold.max() + 0.1 and cold.min() < warm.max() + 0.1, "among each other"

# %% [markdown]
# Where the norm stands matters here: at both rates the worst run with pre-norm is ahead of the best with
# post-norm, and at the higher rate no post-norm run has learned much at all. The warm-up is another matter:
# with and without it, the dots lie among each other. With pre-norm that is what Xiong et al. found. With
# post-norm it is *not* what the folklore says: at these rates the warm-up did not save the runs. Do not take
# this for a law. These are six small blocks, 75 steps and a warm-up of 20; the paper's models were larger,
# and warmed up over thousands of steps. What lower rates and more steps would do is not measured here.
#
# ## 10 · Does it have to be Adam?
#
# The same model (one block of width 32, pre-norm), the same batches; the rule changes, and with it the scale
# of its rate. A step of Adam is about as long as the rate, one of gradient descent as the rate times the
# gradient, so it would be unfair to give both one rate: each rule gets three.


# %% tags=["demo", "hide-input"] claims="5.3"
def sgd(p, g, m, v, t, lr):
    return p - lr * g, m, v


def adam(p, g, m, v, t, lr):
    return adamw_step(p, g, m, v, t, lr, 0.9, 0.98, 1e-8, 0.0)


rules = {
    "SGD": (sgd, (0.3, 1.0, 3.0), BLACK, "o"),
    "Adam": (adam, (0.01, 0.03, 0.1), BLUE, "s"),
    "AdamW, decay 0.1": (adamw, (0.01, 0.03, 0.1), ORANGE, "^"),
}
fig, (ax,) = figure(height=3.2)
final = {}
for name, (rule, rates, colour, marker) in rules.items():
    runs = [[train(s, small, 100, r, 10, rule, L=1)[1][-10:].mean() for r in rates] for s in SEEDS]
    final[name] = np.nan_to_num(runs, nan=10.0)  # exploded: drawn at 10
    spread(ax, rates, final[name], name, colour, marker)
    print(f"{name:17} loss after 100 steps at rates {rates}: {final[name].T.round(2).tolist()}")
ax.set(xlabel="peak rate", ylabel="loss, last ten steps", xscale="log", yscale="log")
ax.legend(loc="upper left")
show(
    fig,
    alt="Final loss against the peak rate on logarithmic axes, medians and ranges of three runs. Adam and "
    "AdamW are lowest at rates of 0.01 and 0.03, SGD, as low, at 1. At a rate of 3 all runs of SGD explode; "
    "at 0.1 those of Adam and AdamW stay near one.",
)
lowest = {name: np.median(losses, axis=0).min() for name, losses in final.items()}
print("lowest median of each rule:", {name: round(float(loss), 2) for name, loss in lowest.items()})
assert lowest["SGD"] < 1.5 * lowest["Adam"], "tuned, plain gradient descent comes as far"
assert (final["SGD"][:, -1] == 10).all() and final["Adam"][:, -1].max() < 2

# %% [markdown]
# At its best rate, plain gradient descent comes as far as Adam does: *this* model does not need Adam. Its
# best rate lies thirty to a hundred times higher, and one step further all its runs explode (drawn at 10),
# where Adam only learns badly. The decay makes no visible difference at 0.01; at 0.03 AdamW's run ends below
# Adam's with every seed. So "Transformers need Adam" is not a law. Why larger language models seem to is
# another question, and not measured here: Kunstner et al. (2024) blame the many rare words, and there are
# few here.
#
# ## 11 · What the way back has to remember
#
# A backward pass needs what the forward pass saw. How much is that? For one block, in numbers kept for one
# sentence:
#
# - **all that was computed**, much as automatic differentiation does by default: what each part was given,
#   both normalised vectors, $q, k, v$, the heads' outputs ($10\,TE$ together), the hidden layer before and
#   after the ReLU ($2\,TF$), and scores and weights ($2\cdot\text{heads}\cdot T^2$);
# - **what each part was given**, as `block_forward` does: $4\,T E$;
# - **what the block was given**: $T E$. On the way back its forward pass is run once more (gradient
#   checkpointing: Chen et al., 2016); then what its other three parts were given is there too, $3\,TE$, but
#   for one block at a time.
#
# Computing again costs time and saves memory. Your `attention_backward` has done so all along: it is given
# $q, k, v$ and no weights. While it runs, scores and weights are there, but those of one block at a time.
# (FlashAttention, by Dao et al., 2022, makes even these in tiles, so that the whole $T \times T$ is never
# there.)

# %% tags=["demo", "hide-input"]
E, F, L = 64, 128, 6


def megabytes(T):
    """For one sentence of T words and L blocks: everything, the parts' inputs, the blocks' inputs."""
    everything = T * (10 * E + 2 * F) + 2 * HEADS * T**2
    parts = 4 * T * E
    return np.array([L * everything, L * parts, (L + 3) * T * E]) * 8 / 1e6  # 8 bytes a number


lengths = np.array([16, 64, 256, 1024, 4096])
policies = ("all that was computed", "what each part was given", "what each block was given")
fig, (ax,) = figure()
for i, (name, colour, marker) in enumerate(zip(policies, (RED, BLUE, GREEN), "so^", strict=True)):
    ax.loglog(lengths, [megabytes(T)[i] for T in lengths], marker + "-", color=colour, label=name)
ax.set(xlabel="T", ylabel="megabytes kept a sentence", xticks=lengths, xticklabels=lengths)
ax.minorticks_off()
ax.legend()
show(
    fig,
    alt="Megabytes against T on logarithmic axes for three policies. Keeping everything grows with the "
    "square of T at the end; keeping the inputs of parts or of blocks alone grows as T, the latter lowest.",
)
P = initial_weights(np.random.default_rng(0), E, F, L)
ids, targets, counts = next_words(table[:32])
_, (blocks, *_) = run_forward(P, ids, pre=True)
held, T = sum(array.nbytes for kept in blocks for array in kept) / 1e6 / len(ids), ids.shape[1]
print(f"kept for {L} blocks and T = {T}: {held:.4f} MB a sentence, counted {megabytes(T)[1]:.4f}")
assert np.isclose(held, megabytes(T)[1])
print("kept for T = 4096:", {name: f"{m:,.0f} MB" for name, m in zip(policies, megabytes(4096), strict=True)})
print(
    f"on the way back, for one block at a time: {2 * HEADS * 4096**2 * 8 / 1e6:,.0f} MB of scores and weights"
)


# %% [markdown]
# With the second and the third policy, the way back through a block needs that block's scores and weights on
# top of what is kept. But these, which grow with the square of $T$, are there for one block at a time, not
# for all $L$ at once. And what does the third policy cost in time? Each block's forward pass is run twice.


# %% tags=["demo"]
def back_through_blocks(P, x, dy, mask, again):
    """Forwards and back through all blocks; with `again`, each block's forward pass is run twice."""
    kept = []
    for block in range(count_blocks(P)):
        y, parts = block_forward(x, one_block(P, block), HEADS, mask, True)
        kept.append(x if again else parts)
        x = y
    for block in reversed(range(count_blocks(P))):
        p, parts = one_block(P, block), kept.pop()
        if again:
            _, parts = block_forward(parts, p, HEADS, mask, True)
        dy, _ = block_backward(dy, parts, p, HEADS, mask, True)
    return dy


x, dy = np.random.default_rng(0).normal(size=(2, 8, 64, E))
took, results = {True: [], False: []}, {}
with one_thread():
    for _ in range(5):
        for again in (False, True):
            started = time.perf_counter()
            results[again] = back_through_blocks(P, x, dy, causal_mask(64), again)
            took[again].append(time.perf_counter() - started)
ratio = np.median(took[True]) / np.median(took[False])
print(f"with the forward pass run again: {ratio:.2f} times as long, the same gradient")
assert np.array_equal(results[True], results[False]) and 1 < ratio < 2

# %% [markdown]
# ## What it cannot do yet
#
# You trained a Transformer with nothing but your own functions: every number that moved its weights came from
# a formula of which you can account for every term. But it knows a few dozen words and one kind of sentence.
# Lesson 02 modelled real English text, one symbol after another, and the score of its best mixture of counts
# still stands. What would it take to beat that? Words that nobody counted out beforehand, positions that tell
# distances, and a block as today's models have it. That is lesson 18.
