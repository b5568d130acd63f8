# %% [markdown]
# # 16 · The Transformer
#
# **Question:** and without recurrence?

# %%
import numpy as np

from autograder import check

# %% carry="masked_softmax"


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
