# %% [markdown]
# # 18 · Language model
#
# **Question:** what is inside the language models of today?
#
# covers: 5.5-5.10

# %%
import numpy as np

from autograder import check

# %% carry="masked_softmax scaled_dot_product_attention causal_mask softmax"


# %% exercise="most_frequent_pair"
def most_frequent_pair(ids):
    """The pair of neighbours that occurs most often.

    ids (T,) integers, T at least 2 -> first, second: the two symbols of the pair, integers.
    Every place counts, also where places overlap: in 1 1 1 the pair (1, 1) occurs twice. Of pairs that are
    equally frequent it is the smaller one: the smaller first, and if these are equal the smaller second.
    Source: Sennrich, Haddow and Birch (2016), section 3.2.
    """
    # BEGIN SOLUTION
    pairs, counts = np.unique(np.stack([ids[:-1], ids[1:]], axis=1), axis=0, return_counts=True)
    first, second = pairs[counts.argmax()]  # the pairs are sorted, and argmax takes the first of equals
    return first, second
    # END SOLUTION


# %%
check(most_frequent_pair)


# %% exercise="merge_pair"
def merge_pair(ids, first, second, new):
    """Write one new symbol for every pair of neighbours (first, second).

    ids (T,) integers -> the shorter text (T',) integers: from left to right, wherever `first` is followed by
    `second`, both become `new`. What has been merged is used up: with 1 1 for the pair, 1 1 1 is new 1.
    Source: Sennrich, Haddow and Birch (2016), section 3.2.
    """
    # BEGIN SOLUTION
    merged, t = [], 0
    while t < len(ids):
        if t + 1 < len(ids) and ids[t] == first and ids[t + 1] == second:
            merged.append(new)
            t += 2
        else:
            merged.append(ids[t])
            t += 1
    return np.array(merged)
    # END SOLUTION


# %%
check(merge_pair)


# %% exercise="train_bpe"
def train_bpe(ids, merges, V):
    """Learn which pairs to merge: again and again the most frequent one of the text as it then stands.

    ids (T,) integers below V -> pairs (merges, 2) integers: row m holds the two symbols that merge m turns
    into the new symbol V + m. A text that has shrunk to one symbol ends it: then there are fewer rows.
    Source: Sennrich, Haddow and Birch (2016), section 3.2; Gage (1994).
    """
    # BEGIN SOLUTION
    pairs = []
    for new in range(V, V + merges):
        if len(ids) < 2:
            break
        pair = most_frequent_pair(ids)
        ids = merge_pair(ids, *pair, new)
        pairs.append(pair)
    return np.array(pairs)
    # END SOLUTION


# %%
check(train_bpe)


# %% exercise="bpe_encode"
def bpe_encode(ids, pairs, V):
    """Cut another text into the learned tokens: the merges, in the order in which they were learned.

    ids (T,) integers below V, pairs (merges, 2) from train_bpe -> the encoded text (T',) integers
    Source: Sennrich, Haddow and Birch (2016), section 3.2.
    """
    # BEGIN SOLUTION
    for m, (first, second) in enumerate(pairs):
        ids = merge_pair(ids, first, second, V + m)
    return ids
    # END SOLUTION


# %%
check(bpe_encode)


# %% exercise="bits_per_byte"
def bits_per_byte(nats, tokens, bytes):
    """What one byte of the text costs, whatever it was cut into.

    nats () the mean loss per token, in natural logarithms; tokens () how many tokens the text was cut into;
    bytes () how many bytes it has -> bits per byte ()
    Source: Shannon (1948), section 7; Gao et al. (2020), The Pile, section 3.1.
    """
    # BEGIN SOLUTION
    return nats / np.log(2) * tokens / bytes
    # END SOLUTION


# %%
check(bits_per_byte)


# %% exercise="rms_norm"
def rms_norm(x, gain, eps):
    """Divide each vector by the root of the mean of its squares, then stretch it.

    x (..., E), gain (E,), eps a small number added to the mean of the squares -> y (..., E)
    Source: Zhang and Sennrich (2019), Root Mean Square Layer Normalization.
    """
    # BEGIN SOLUTION
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gain
    # END SOLUTION


# %%
check(rms_norm)


# %% exercise="rotary"
def rotary(x, start):
    """Turn each pair of neighbouring features by an angle that grows with the position.

    x (..., T, d), d even; start: the position of the first row -> same shape. In row t the columns 2i and
    2i + 1, taken as a point of the plane, are turned by (start + t) / 10000^(2i/d) radians, from the first
    axis towards the second.
    Source: Su et al. (2021), RoFormer, section 3.2.2.
    """
    # BEGIN SOLUTION
    T, d = x.shape[-2:]
    angle = (start + np.arange(T))[:, None] / 10000 ** (np.arange(0, d, 2) / d)  # (T, d / 2)
    a, b = x[..., 0::2], x[..., 1::2]  # (..., T, d / 2)
    y = np.zeros(x.shape)
    y[..., 0::2] = a * np.cos(angle) - b * np.sin(angle)
    y[..., 1::2] = a * np.sin(angle) + b * np.cos(angle)
    return y
    # END SOLUTION


# %%
check(rotary)


# %% exercise="swiglu"
def swiglu(x, W_1, W_3, W_2):
    """The feed-forward part of today, for every step alike: (silu(x W_1) * x W_3) W_2.

    x (N, T, E), W_1 (E, F), W_3 (E, F), W_2 (F, E) -> y (N, T, E). silu(z) is z times the sigmoid of z;
    z may be large, of either sign.
    Source: Shazeer (2020), GLU Variants Improve Transformer.
    """
    # BEGIN SOLUTION
    z = x @ W_1  # (N, T, F)
    silu = z * np.exp(-np.logaddexp(0, -z))
    return (silu * (x @ W_3)) @ W_2
    # END SOLUTION


# %%
check(swiglu)


# %% exercise="gpt_block"
def gpt_block(x, params, heads):
    """One block of a decoder-only model: pre-norm, rotary positions, causal, SwiGLU, no biases.

    x (N, T, E), the first step at position 0; E / heads is even; eps of the norms is 1e-5.
    params is a dict of arrays:
        norm1_gain (E,)                    norm before the attention
        W_q, W_k, W_v, W_o (E, E)          attention; head j owns columns j * E/heads to (j+1) * E/heads
        norm2_gain (E,)                    norm before swiglu
        W_1, W_3 (E, F), W_2 (F, E)        swiglu
    Queries and keys are turned within each head -> y (N, T, E)
    Source: Touvron et al. (2023), LLaMA, section 2.2.
    """

    # BEGIN SOLUTION
    def split(z):
        N, T, E = z.shape
        return z.reshape(N, T, heads, E // heads).swapaxes(1, 2)  # (N, heads, T, d)

    z = rms_norm(x, params["norm1_gain"], 1e-5)
    q, k, v = (split(z @ params[name]) for name in ("W_q", "W_k", "W_v"))
    mask = causal_mask(x.shape[1])
    out, _ = scaled_dot_product_attention(rotary(q, 0), rotary(k, 0), v, mask)  # (N, heads, T, d)
    x = x + out.swapaxes(1, 2).reshape(x.shape) @ params["W_o"]
    z = rms_norm(x, params["norm2_gain"], 1e-5)
    return x + swiglu(z, params["W_1"], params["W_3"], params["W_2"])
    # END SOLUTION


# %%
check(gpt_block)


# %% exercise="tied_logits"
def tied_logits(h, E):
    """A logit for each symbol of the vocabulary: how well its embedding fits the state.

    h (N, T, D), E (V, D) the table that also embeds the input -> logits (N, T, V)
    Source: Press and Wolf (2017), Using the Output Embedding to Improve Language Models.
    """
    # BEGIN SOLUTION
    return h @ E.T
    # END SOLUTION


# %%
check(tied_logits)


# %% exercise="attend_cached"
def attend_cached(q, k, v, cache_k, cache_v):
    """Attention of one new step, which sees itself and all S steps in the cache.

    q, k, v (N, heads, d) of the new step, q and k turned already; cache_k, cache_v (N, heads, S, d) the keys,
    turned, and values of the steps before it, in their order; S may be 0
    -> out (N, heads, d), cache_k, cache_v (N, heads, S + 1, d): longer by the new step.
    Scores are divided by sqrt(d), and may be large.
    Source: Shazeer (2019), Fast Transformer Decoding, section 2.4.
    """
    # BEGIN SOLUTION
    cache_k = np.concatenate([cache_k, k[:, :, None]], axis=2)  # (N, heads, S + 1, d)
    cache_v = np.concatenate([cache_v, v[:, :, None]], axis=2)
    out, _ = scaled_dot_product_attention(q[:, :, None], cache_k, cache_v, None)  # (N, heads, 1, d)
    return out[:, :, 0], cache_k, cache_v
    # END SOLUTION


# %%
check(attend_cached)


# %% exercise="temper"
def temper(logits, temperature):
    """Probabilities of the next symbol, sharpened (temperature below 1) or flattened (above 1).

    logits (N, V), temperature >= 0 -> p (N, V) = softmax(logits / temperature). At temperature 0 all
    probability is on the largest logit, on the first of them if several are largest. Logits may be large, the
    temperature tiny.
    Source: Ackley, Hinton and Sejnowski (1985).
    """
    # BEGIN SOLUTION
    if temperature == 0:
        return np.eye(logits.shape[1])[logits.argmax(axis=1)]
    return softmax((logits - logits.max(axis=1, keepdims=True)) / temperature)
    # END SOLUTION


# %%
check(temper)


# %% exercise="top_p"
def top_p(p, mass):
    """Keep the fewest symbols that together reach the mass, and make their probabilities add up to 1 again.

    p (N, V) rows of probabilities, mass in (0, 1] -> p (N, V), zero at all other symbols. The most probable
    symbols are kept, of equally probable ones the smaller first, until their sum is at least `mass`.
    Source: Holtzman et al. (2020), The Curious Case of Neural Text Degeneration, section 3.1.
    """
    # BEGIN SOLUTION
    order = np.argsort(-p, axis=1, kind="stable")  # (N, V): the most probable symbol first
    ranked = np.take_along_axis(p, order, axis=1)
    before = ranked.cumsum(axis=1) - ranked  # what the symbols ahead of this one have together
    kept = np.zeros(p.shape)
    np.put_along_axis(kept, order, np.where(before < mass, ranked, 0), axis=1)
    return kept / kept.sum(axis=1, keepdims=True)
    # END SOLUTION


# %%
check(top_p)
