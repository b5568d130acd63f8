# %% [markdown]
# # 17 · Training a Transformer
#
# **Question:** how does a gradient run through attention?
#
# covers: 5.1-5.4

# %%
import numpy as np

from autograder import check

# %% carry="masked_softmax scaled_dot_product_attention multi_head_attention layer_norm feed_forward"

# %% [markdown]
# ## 1 · Attention, last line first


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


# %% exercise="layer_norm_backward"
def layer_norm_backward(dy, x, gain, eps):
    """From the gradient of layer_norm's output to those of x, gain and bias.

    The forward pass is y = layer_norm(x, gain, bias, eps); the bias plays no part in the gradients.
    dy (..., D), x (..., D), gain (D,), eps -> dx (..., D), dgain (D,), dbias (D,)
    dgain and dbias are summed over all axes but the last.
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


# %% exercise="multi_head_backward"
def multi_head_backward(dout, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    """From the gradient of a self-attention's output to those of its input and weights.

    The forward pass is multi_head_attention(x, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask).
    dout (N, T, E), x (N, T, E); W_q, W_k, W_v, W_o (E, E), b_q, b_k, b_v, b_o (E,); mask booleans (T, T) or
    (N, T, T), the first two sizes may be 1; True = may attend; or None
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


# %% exercise="adamw_step"
def adamw_step(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    """One step of Adam with decoupled weight decay, for one array of weights.

    p weights, g their gradient, m and v running means of g and g**2, all of one shape; t counts the steps
    from 1 -> p, m, v, the weights and the two means after the step (the means as they are, not corrected)
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


# %% exercise="warmup_cosine"
def warmup_cosine(step, warmup, total, peak):
    """The learning rate of a step: a straight line up, then half a cosine down.

    step, warmup, total whole numbers with 0 <= warmup < total; peak the highest rate
    -> lr (): 0 at step 0, peak at step = warmup, a half cosine down to 0 at total, and 0 after it. Without a
    warm-up (warmup = 0) it starts at the peak.
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
