# %% [markdown]
# # 15 · Attention
#
# **Question:** must everything pass through one vector?
#
# **You will** let a decoder look back at every state of the encoder: scores, masks, weights, a weighted
# sum, and its gradients. You will lift the curve of lesson 14, read an alignment map, and learn what it
# does *not* say.
#
# **Before:** lesson 14 (encoder, decoder, the bottleneck), the gradient of a softmax (lesson 06).
#
# **Time:** about 100 minutes.
#
# covers: 3.13-3.15 E43 E44

# %%
import numpy as np

from autograder import check
from coursekit.plots import BLUE, GREEN, figure, show, spread
from coursekit.training import one_thread
from coursekit.translation import (
    EOS,
    SOS,
    SOURCE_WORDS,
    TARGET_WORDS,
    TESTED,
    Recurrent,
    number_pairs,
    romanised,
    train,
    translate,
)
from coursekit.translation_diagrams import alignment, encoder_decoder

# %% carry="rnn_step rnn_forward encode exact_match"

# %% [markdown]
# ## 1 · Ask, compare, mix
#
# The encoder of lesson 14 makes a state for every source word. We kept the last one. Now keep them all, as
# a memory, and let the decoder look something up in it at every step. A memory that can be *learned* must
# be soft: instead of picking one state, take a weighted average of all, with weights that can be nudged
# (Bahdanau, Cho and Bengio, 2015).

# %% tags=["demo"]
show(
    encoder_decoder(attention=True),
    alt="The encoder and decoder of lesson 14. From each of the three encoder states an arrow leads up to a "
    "context c_2 above the second decoder state; the arrow from the word thousand is thick, its weight "
    "is 0.85. The word man is written from c_2 and the decoder's state.",
)

# %% [markdown]
# By hand, for one sentence of three words, with states of two numbers. The decoder's state is the
# **query**:
#
# $$s = (1, 2),\qquad m_1 = (2, 0),\quad m_2 = (0, 1),\quad m_3 = (1, 1)$$
#
# 1. **Score** each state by its dot product with the query: $e = (2, 2, 3)$. Large where both point the
#    same way. 2. **Softmax**: $\alpha = (e^2, e^2, e^3) / (e^2 + e^2 + e^3)$. Positive, and together 1. 3.
#    **Mix**: $c = \alpha_1 m_1 + \alpha_2 m_2 + \alpha_3 m_3$, the context of this step.

# %% tags=["demo"] claims="3.14"
s = np.array([[1.0, 2.0]])  # (N, H) = (1, 2)
memory = np.array([[[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])  # (N, T, H) = (1, 3, 2)
e = np.array([s[0] @ m for m in memory[0]])
alpha = np.exp(e) / np.exp(e).sum()
c = sum(a * m for a, m in zip(alpha, memory[0], strict=True))
print("scores", e, "weights", alpha.round(3), "sum", alpha.sum().round(12), "context", c.round(3))
assert np.allclose(e, [2, 2, 3]) and np.isclose(alpha.sum(), 1)

# %% [markdown]
# ## 2 · Scores for a whole batch
#
# $$e_{nt} = \sum_h s_{nh}\, m_{nth} \qquad (N,T)$$
#
# One query per sentence, one number per state. This is a matrix product for each sentence, $(T,H)$ times
# $(H,1)$, and `@` does all $N$ of them in one go if you give the query a last axis. The scale is 1 here.


# %% exercise="dot_scores"
def dot_scores(s, states):
    """How well does each state fit the query? The dot product of the query with every state, scale 1.

    s (N, H) one query per sentence, states (N, T, H) -> scores (N, T)
    Source: Luong, Pham and Manning (2015), Effective Approaches to Attention-based Neural Machine
    Translation.
    """
    # BEGIN SOLUTION
    return (states @ s[:, :, None])[:, :, 0]  # (N, T, H) @ (N, H, 1) -> (N, T, 1) -> (N, T)
    # END SOLUTION


# %%
check(dot_scores)


# %% [markdown]
# ## 3 · Masks: True = may attend
#
# Short sentences end in padding, and nobody must look there. A mask says where one may. **In this course a
# mask is boolean and True means: may attend.** The opposite is just as common, sometimes in one and the
# same library:

# %% tags=["demo"]
import torch
from torch import nn
from torch.nn import functional

rng = np.random.default_rng(15)
x, may = torch.tensor(rng.normal(size=(1, 3, 4))), torch.tensor([[[True, True, False]]])
one = functional.scaled_dot_product_attention(x, x, x, attn_mask=may)
module = nn.MultiheadAttention(4, 1, batch_first=True, dtype=torch.float64)
with torch.no_grad():  # make its projections do nothing
    module.in_proj_weight.copy_(torch.eye(4).repeat(3, 1))
    module.out_proj.weight.copy_(torch.eye(4))
two, _ = module(x, x, x, key_padding_mask=may[0], need_weights=True)
three, _ = module(x, x, x, key_padding_mask=~may[0], need_weights=True)
assert not torch.allclose(one, two) and torch.allclose(one, three)
print("PyTorch's function: True = may attend. Its module: True = ignore. Same mask, opposite meanings.")

# %% [markdown]
# How does one hide a score? Setting it to 0 does not: $e^0 = 1$ is a share like any other. Setting the
# *weight* to 0 afterwards leaves a sum below 1. Only a score of $-\infty$ works: $e^{-\infty} = 0$, and the
# others share the whole.
#
# Two edges need care. Scores may be large, so subtract the row's largest *allowed* score first. And a row
# in which nothing is allowed would be $0/0$; let it give zeros, so that an empty sentence has an empty
# context.


# %% exercise="masked_softmax"
def masked_softmax(scores, mask):
    """Softmax along the last axis among the positions that may be attended to; the others get exactly 0.

    scores (..., T), mask (..., T) booleans, True = may attend -> weights (..., T).
    Every row adds up to 1, except that a row with nothing to attend to gives zeros. Scores may be large.
    Source: Bahdanau, Cho and Bengio (2015); masks as in Vaswani et al. (2017), section 3.2.3.
    """
    # BEGIN SOLUTION
    top = np.max(scores, axis=-1, keepdims=True, where=mask, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # -inf where a row has nothing to attend to
    e = np.exp(np.where(mask, scores - top, -np.inf))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total > 0, total, 1)
    # END SOLUTION


# %%
check(masked_softmax)


# %% [markdown]
# ## 4 · Attention
#
# $$\alpha_n = \text{softmax}(e_n)\ \text{over the allowed}\quad (N,T), \qquad
# c_n = \sum_t \alpha_{nt}\, m_{nt}\quad (N,H)$$


# %% exercise="attend"
def attend(s, states, mask):
    """Score every state by its dot product with the query, and average the states with the resulting weights.

    s (N, H), states (N, T, H), mask (N, T) True = may attend -> context (N, H), weights (N, T)
    Source: Luong, Pham and Manning (2015), section 3.1.
    """
    # BEGIN SOLUTION
    weights = masked_softmax(dot_scores(s, states), mask)
    context = (weights[:, None] @ states)[:, 0]  # (N, 1, T) @ (N, T, H) -> (N, 1, H) -> (N, H)
    return context, weights
    # END SOLUTION


# %%
check(attend)


# %% tags=["demo"] claims="3.14"
context, weights = attend(s, memory, np.ones((1, 3), dtype=bool))
assert np.allclose(context[0], c) and np.allclose(weights[0], alpha)

N, T, H = 3, 7, 5
queries, states = rng.normal(size=(N, 4, H)), rng.normal(size=(N, T, H))
mask = np.arange(T) < np.array([7, 4, 2])[:, None]
looped = np.stack([attend(queries[:, i], states, mask)[0] for i in range(4)], axis=1)  # (N, 4, H)
at_once = functional.scaled_dot_product_attention(
    *map(torch.tensor, (queries, states, states)), attn_mask=torch.tensor(mask[:, None]), scale=1.0
)
scores = queries @ states.swapaxes(1, 2)  # (N, 4, H) @ (N, H, T) -> (N, 4, T)
assert np.allclose(looped, at_once) and np.allclose(scores[:, 2], (queries[:, 2, None] * states).sum(axis=2))
print(
    "one query by hand, a loop over queries, and PyTorch's matrix form give the same contexts:", looped.shape
)

# %% [markdown]
# The last two lines look ahead: if all queries are known, all scores are **one matrix product**, $(4,H)$
# times $(H,T)$ for each sentence. Nothing has to wait for anything. A recurrent decoder cannot use that
# when it writes, for its next query depends on the word it has just written. Lesson 16 begins here.
#
# ## 5 · Another way to score
#
# A dot product needs query and state to live in the same space. Bahdanau's original score is a small
# network, with matrices of its own for the query ($W_s$) and the memory ($W_m$), both $(H, A)$, and a
# vector $v$ $(A,)$:
#
# $$e_{nt} = \tanh(s_n W_s + m_{nt} W_m)\, v$$


# %% exercise="additive_scores"
def additive_scores(s, states, W_s, W_m, v):
    """Scores from a small network: tanh(s W_s + m W_m) v for every state m.

    s (N, H), states (N, T, H), W_s (H, A), W_m (H, A), v (A,) -> scores (N, T)
    Source: Bahdanau, Cho and Bengio (2015), Neural Machine Translation by Jointly Learning to Align and
    Translate.
    """
    # BEGIN SOLUTION
    hidden = np.tanh((s @ W_s)[:, None] + states @ W_m)  # (N, 1, A) + (N, T, A) -> (N, T, A)
    return hidden @ v
    # END SOLUTION


# %%
check(additive_scores)


# %% tags=["demo"]
W_s, W_m, v = rng.normal(size=(H, 6)), rng.normal(size=(H, 6)), rng.normal(size=6)
linear = [masked_softmax(((q @ W_s)[:, None] + states @ W_m) @ v, mask) for q in queries.swapaxes(0, 1)[:2]]
bent = [masked_softmax(additive_scores(q, states, W_s, W_m, v), mask) for q in queries.swapaxes(0, 1)[:2]]
print("two different queries; largest change of any weight:")
print(f"without tanh {np.ptp(linear, axis=0).max():.1e}, with tanh {np.ptp(bent, axis=0).max():.2f}")
assert np.allclose(linear[0], linear[1]) and not np.allclose(bent[0], bent[1])

# %% [markdown]
# The tanh is no decoration. Without it the query adds the same number to every score, and the softmax takes
# it out again: every query would get the same answer. The dot product *multiplies* query and state, so it
# needs no tanh; it is also cheaper, and what everybody uses today.
#
# ## 6 · Backward
#
# States are used twice, as what is compared and as what is mixed, and a gradient comes back along both
# ways. With $dc$ $(N,H)$ given:
#
# $$d\alpha_{nt} = dc_n \cdot m_{nt}, \qquad
# de_{nt} = \alpha_{nt}\Big(d\alpha_{nt} - \sum_u \alpha_{nu}\, d\alpha_{nu}\Big)$$
#
# $$ds_n = \sum_t de_{nt}\, m_{nt}, \qquad dm_{nt} = \underbrace{de_{nt}\, s_n}_{\text{as compared}} +
# \underbrace{\alpha_{nt}\, dc_n}_{\text{as mixed}}$$
#
# The middle one is the softmax: a weight can only grow at the others' cost, hence the subtraction.


# %% exercise="attend_backward"
def attend_backward(dcontext, s, states, mask):
    """Gradients of the loss through `attend`.

    dcontext (N, H) the loss's gradient with respect to context, s (N, H), states (N, T, H), mask (N, T)
    -> ds (N, H), dstates (N, T, H)
    Source: Rumelhart, Hinton and Williams (1986), applied to Luong, Pham and Manning (2015).
    """
    # BEGIN SOLUTION
    _, weights = attend(s, states, mask)
    dweights = dot_scores(dcontext, states)
    dscores = weights * (dweights - (weights * dweights).sum(axis=1, keepdims=True))
    ds = (dscores[:, None] @ states)[:, 0]
    as_keys = dscores[:, :, None] * s[:, None]  # (N, T, 1) * (N, 1, H) -> (N, T, H)
    as_values = weights[:, :, None] * dcontext[:, None]
    return ds, as_keys + as_values
    # END SOLUTION


# %%
check(attend_backward)


# %% tags=["demo"]
s, dcontext = queries[:, 0], rng.normal(size=(N, H))
ds, dstates = attend_backward(dcontext, s, states, mask)
numeric = np.zeros_like(states)
for index in np.ndindex(states.shape):
    up, down = states.copy(), states.copy()
    up[index] += 1e-6
    down[index] -= 1e-6
    numeric[index] = ((attend(s, up, mask)[0] - attend(s, down, mask)[0]) * dcontext).sum() / 2e-6
print("largest difference from finite differences:", f"{np.abs(dstates - numeric).max():.1e}")
assert np.allclose(dstates, numeric, atol=1e-7) and not dstates[~mask].any()

# %% [markdown]
# Padding gets a gradient of exactly zero. And note the length of the way: from the loss at a decoder step
# to *any* state of the encoder it is one step, not a chain of $T$ Jacobians (lesson 07). Attention is a
# short cut for memory on the way forward and for gradients on the way back.
#
# ## 7 · A decoder that looks back
#
# One step, in Luong's order (2015): the state moves first, and asks with its new value.
#
# $$s_t = \tanh(y_t W_{xh} + s_{t-1} W_{hh} + b_h), \qquad c_t = \text{attend}(s_t)$$
#
# $$\text{logits}_t = \tanh([c_t; s_t]\, W_c + b_c)\, W_{hy} + b_y, \qquad W_c\ (2H, H)$$
#
# Note what the last line says: the output is computed from the context *and* the state, through learned
# matrices.


# %% exercise="attention_decoder_step"
def attention_decoder_step(y, s_prev, states, mask, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y):
    """One step of a decoder that looks back: move the state, attend with the new state, mix, read out.

    y (N, D) this step's embedded input, s_prev (N, H), states (N, T, H) and mask (N, T) of the encoder,
    W_xh (D, H), W_hh (H, H), b_h (H,), W_c (2H, H), b_c (H,), W_hy (H, V), b_y (V,)
    -> logits (N, V) = tanh([context; s] W_c + b_c) W_hy + b_y, s (N, H) the new state.
    Source: Luong, Pham and Manning (2015), equations 5 and 6.
    """
    # BEGIN SOLUTION
    s = rnn_step(y, s_prev, W_xh, W_hh, b_h)
    context, _ = attend(s, states, mask)
    mixed = np.tanh(np.concatenate([context, s], axis=1) @ W_c + b_c)  # (N, 2H) @ (2H, H)
    return mixed @ W_hy + b_y, s
    # END SOLUTION


# %%
check(attention_decoder_step)


# %% [markdown]
# ## 8 · The curve, lifted
#
# The same pairs, the same 1,000 batches in the same order, the same rate, three seeds; once with the fixed
# vector of lesson 14 and once with attention. The decoder with attention still starts from the encoder's
# last state.

# %% tags=["demo"] claims="3.13"
pairs, tests = number_pairs()
STEPS, SEEDS = 1_000, (0, 1, 2)
with one_thread():
    fixed = [train(lambda: Recurrent(attention=False), seed, STEPS) for seed in SEEDS]
    looking = [train(lambda: Recurrent(attention=True), seed, STEPS) for seed in SEEDS]


def shares(model):
    return [exact_match(translate(model, test), test.references) for test in tests.values()]


without, with_attention = np.array([shares(m) for m in fixed]), np.array([shares(m) for m in looking])
fig, (ax,) = figure()
spread(ax, TESTED, with_attention, "with attention", GREEN)
spread(ax, TESTED, without, "one fixed vector (lesson 14)", BLUE, "s")
ax.set(xlabel="digits of the number", ylabel="share right", ylim=(-0.03, 1.05), xticks=TESTED)
ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.85))
show(
    fig,
    alt="Exact match against digits. With attention it stays near one from three to six digits; with one "
    "fixed vector it falls from about nine in ten to almost none.",
)
print("median share right, by digits:")
print("  fixed vector  ", np.median(without, axis=0).round(2))
print("  with attention", np.median(with_attention, axis=0).round(2))
assert (with_attention[:, -1] - without[:, -1]).min() > 0.5, "on the longest numbers, in every pair of runs"

# %% [markdown]
# Be fair to the fixed vector: the model with attention has one matrix more, and longer training or a better
# cell moves the blue curve up (lesson 14). What is not a matter of budget is the shape: with attention the
# length hardly matters.
#
# Once more, your functions are the trained model. Reading with `encode`, writing with
# `attention_decoder_step`:

# %% tags=["demo"] claims="3.13 E44"
w = looking[0].arrays()
encoder = (w["enc_W_xh"], w["enc_W_hh"], w["enc_b_h"])
decoder = tuple(w[name] for name in ("dec_W_xh", "dec_W_hh", "dec_b_h", "W_c", "b_c", "W_hy", "b_y"))


def write(pair):
    """Greedy translation of one sentence with the functions of this lesson -> ids, weights (T_out, S)."""
    states, s = encode(w["E_source"][pair.source], pair.lengths, *encoder)
    mask = np.arange(pair.source.shape[1]) < pair.lengths[:, None]
    token, ids, looked = SOS, [], []
    while token != EOS and len(ids) < 14:
        logits, s = attention_decoder_step(w["E_target"][[token]], s, states, mask, *decoder)
        looked.append(attend(s, states, mask)[1][0])  # s is the state that asked
        token = int(logits[0].argmax())
        ids.append(token)
    return np.array(ids), np.array(looked)


test = tests[6]
mine = [write(test[[n]])[0] for n in range(60)]
share = exact_match([ids[:-1] for ids in mine], translate(looking[0], test[np.arange(60)]))
print(f"{share:.2f} of 60 six-digit numbers are translated exactly as by PyTorch")
assert share > 0.95
unequal = next(n for n in range(60) if len(mine[n]) != test.lengths[n])
ids, weights = write(test[[unequal]])
print("source words:", test.lengths[unequal], " target steps:", len(ids), " contexts:", len(weights))
assert len(weights) == len(ids) != test.lengths[unequal], "one context for each step of the decoder"

# %% [markdown]
# Count the contexts: one for each **decoder** step, not one per encoder state. The encoder's states are
# what each of them is mixed from.
#
# ## 9 · A map that can be read
#
# Each row is a word written, each column a word read; a row's weights add up to 1.

# %% tags=["demo"] claims="3.15"
chosen = [
    n for n in range(60) if 6 <= test.lengths[n] <= 9 and np.array_equal(mine[n][:-1], test.references[n])
][:2]
fig, axes = figure(2, width=10.5, height=4.4)
for ax, n in zip(axes, chosen, strict=True):
    pair = test[[n]]
    ids, weights = write(pair)
    read_words = [SOURCE_WORDS[i] for i in pair.source[0]]
    alignment(ax, weights, read_words, ["<eos>" if i == EOS else romanised([i]) for i in ids])
    ax.set(xlabel="read", ylabel="written")
    assert np.allclose(weights.sum(axis=1), 1)
fig.colorbar(axes[1].images[0], ax=axes, label="weight")
show(
    fig,
    alt="Two alignment maps. In most rows a single source word has nearly all the weight; going down, the "
    "bright cells move from the left to the right. The rows of man and of the end token are spread or "
    "fall on and.",
)

# %% [markdown]
# Read a row: to write a digit, the decoder looks at the word that names it. The units tell of the
# regrouping: the *hundred* of *hundred ... thousand* is answered by *sip* (ten), for in Korean these are
# tens of ten thousands. And *man*, which no English word means, has no place of its own: its weight falls
# where there is nothing else to say, often on *and*.
#
# Is it more than an anecdote? Count over many six-digit test numbers how often a written digit puts its
# strongest weight on a word that names that very digit (*two*, *twelve* and *twenty* all name *i*).

# %% tags=["demo"] claims="3.15"
units, teens, tens = SOURCE_WORDS[4:13], SOURCE_WORDS[14:23], (SOURCE_WORDS[13], *SOURCE_WORDS[23:31])
names = {
    3 + i: {units[i], teens[i], tens[i]} for i in range(9)
}  # target id of a digit -> English words with it
assert names[4] == {"two", "twelve", "twenty"} and TARGET_WORDS[4] == "이"
hits, total = 0, 0
for n in range(60):
    words = [SOURCE_WORDS[i] for i in test.source[n, : test.lengths[n]]]
    for token, row in zip(*write(test[[n]]), strict=True):
        if token in names:
            hits += words[int(row.argmax())] in names[token]
            total += 1
print(f"{total} digits written; strongest weight on a word naming the digit: {hits / total:.2f}")
print(f"by chance it would be about {1 / np.mean(test.lengths[:60]):.2f}")
assert hits / total > 0.7

# %% [markdown]
# ### The strongest weight is not the prediction
#
# It is tempting to read the map as "the strongest word is the predicted word". It cannot be: the weights
# stand on words that were *read*, and the prediction is a word to be *written*. Two proofs. First, the same
# strongest source word stands behind different outputs. Second, shuffle the target vocabulary in the
# readout (the columns of $W_{hy}$ and $b_y$): every prediction changes, and not one weight does.

# %% tags=["demo"] claims="E43"
behind = {}
for n in range(60):
    for token, row in zip(*write(test[[n]]), strict=True):
        behind.setdefault(SOURCE_WORDS[test.source[n, row.argmax()]], set()).add(TARGET_WORDS[token])
several = {word: len(tokens) for word, tokens in behind.items()}
most = dict(sorted(several.items(), key=lambda item: -item[1])[:6])
print("number of different outputs written while looking most at one word:", most)
assert max(several.values()) > 2

pair = test[[chosen[0]]]
states, s = encode(w["E_source"][pair.source], pair.lengths, *encoder)
mask, y = np.ones(pair.source.shape, dtype=bool), w["E_target"][[SOS]]
order = np.roll(np.arange(len(TARGET_WORDS)), 1)
shuffled = (*decoder[:-2], decoder[-2][:, order], decoder[-1][order])
logits, s_1 = attention_decoder_step(y, s, states, mask, *decoder)
other, s_2 = attention_decoder_step(y, s, states, mask, *shuffled)
assert np.array_equal(attend(s_1, states, mask)[1], attend(s_2, states, mask)[1])
assert logits.argmax() != other.argmax()
print(
    "prediction",
    romanised([logits.argmax()]),
    "becomes",
    romanised([other.argmax()]),
    "and no weight changes",
)

# %% [markdown]
# A weight says how much of a state went *into* the context. What the decoder makes of it is decided by
# $\tanh([c; s]\,W_c + b_c)\,W_{hy} + b_y$, which can answer *two* with *i*, with *sip*, or with `<eos>`.
#
# ## What it cannot do yet
#
# The bottleneck is gone, but encoder and decoder still walk step by step: state 30 waits for state 29.
# Attention itself waits for nothing; it is a matrix product. **And without recurrence?** That is lesson 16.
