# %% [markdown]
# # 15 · Attention
#
# **Question:** must everything pass through one vector?

# %%
import numpy as np

from autograder import check

# %% carry="rnn_step"


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
