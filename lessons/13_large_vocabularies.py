# %% [markdown]
# # 13 · Large vocabularies
#
# **Question:** what if there are 50,000 classes?
# covers: 2.14

# %%
import numpy as np

from autograder import check


# %% exercise="log_uniform"
def log_uniform(V):
    """The log-uniform distribution over ranks: class 0 is the most frequent one.

    q_k = (log(k + 2) - log(k + 1)) / log(V + 1),  k = 0 .. V - 1

    -> q (V,), sums to 1
    Source: Jozefowicz et al. (2016).
    """
    # BEGIN SOLUTION
    return np.diff(np.log(np.arange(1, V + 2))) / np.log(V + 1)
    # END SOLUTION


# %%
check(log_uniform)


# %% exercise="sample_candidates"
def sample_candidates(q, uniforms):
    """Draw K classes, independently and with replacement, by inverting the cumulative distribution.

    q (V,) sums to 1; uniforms (K,) in [0, 1).
    Class k owns the uniforms with q_0 + .. + q_{k-1} <= u < q_0 + .. + q_k. If rounding leaves the whole sum
    below u, take the last class.
    -> ids (K,) integers
    Source: Devroye (1986), section III.2.
    """
    # BEGIN SOLUTION
    ids = np.searchsorted(np.cumsum(q), uniforms, side="right")
    return np.minimum(ids, len(q) - 1)
    # END SOLUTION


# %%
check(sample_candidates)


# %% exercise="corrected_logits"
def corrected_logits(logits, q_sampled, K):
    """Logits of K drawn classes, each lowered by the logarithm of how often it is expected among the draws.

    logits (N, K); q_sampled (K,): each of these classes' chance in a single draw; K: the number of draws
    -> (N, K): logits - log(K q)
    Source: Bengio and Senécal (2003).
    """
    # BEGIN SOLUTION
    return logits - np.log(K * q_sampled)
    # END SOLUTION


# %%
check(corrected_logits)


# %% exercise="sampled_softmax_loss"
def sampled_softmax_loss(h, W, b, targets, sampled, q):
    """Cross-entropy over the target and K drawn classes instead of all V.

    h (N, H), W (V, H), b (V,); class j has the logit h W_j + b_j
    targets (N,) integers; sampled (K,) integers, the same candidates for all rows, duplicates possible;
    q (V,): the distribution that they were drawn from.
    Row n's classes are its target and every candidate that is not its target (accidental hits are removed
    from that row; duplicates stay). All their logits, the target's too, are corrected by - log(K q).
    -> the mean over rows of -log softmax at the target
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    K = len(sampled)
    target = np.sum(h * W[targets], axis=1) + b[targets] - np.log(K * q[targets])  # (N,)
    negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K)  # (N, K)
    negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    top = np.maximum(target, negative.max(axis=1))
    total = np.exp(target - top) + np.exp(negative - top[:, None]).sum(axis=1)
    return np.mean(top + np.log(total) - target)
    # END SOLUTION


# %%
check(sampled_softmax_loss)


# %% exercise="sampled_softmax_backward"
def sampled_softmax_backward(h, W, b, targets, sampled, q):
    """Gradients of sampled_softmax_loss.

    Arguments as there.
    -> dh (N, H), dW (V, H), db (V,); rows of classes that no row of h used are zero
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    N, K = len(h), len(sampled)
    target = np.sum(h * W[targets], axis=1) + b[targets] - np.log(K * q[targets])
    negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K)
    negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    top = np.maximum(target, negative.max(axis=1))
    e_target, e_negative = np.exp(target - top), np.exp(negative - top[:, None])
    total = e_target + e_negative.sum(axis=1)  # (N,)
    d_target = (e_target / total - 1) / N
    d_negative = e_negative / (total * N)[:, None]  # (N, K)
    dW, db = np.zeros_like(W), np.zeros_like(b)
    np.add.at(dW, targets, d_target[:, None] * h)
    np.add.at(dW, sampled, d_negative.T @ h)
    np.add.at(db, targets, d_target)
    np.add.at(db, sampled, d_negative.sum(axis=0))
    return d_target[:, None] * W[targets] + d_negative @ W[sampled], dW, db
    # END SOLUTION


# %%
check(sampled_softmax_backward)


# %% exercise="output_loss"
def output_loss(h, W, b, targets, sampled, q, training):
    """The loss of the output layer: sampled in training, over all classes at evaluation.

    Arguments as in sampled_softmax_loss; training True or False.
    At evaluation `sampled` and `q` play no part: the mean over rows of -log softmax(h W^T + b) at the target.
    -> the loss
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    if training:
        return sampled_softmax_loss(h, W, b, targets, sampled, q)
    logits = h @ W.T + b  # (N, V)
    top = logits.max(axis=1)
    log_z = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return np.mean(log_z - logits[np.arange(len(h)), targets])
    # END SOLUTION


# %%
check(output_loss)


# %% exercise="sparse_embedding_step"
def sparse_embedding_step(E, ids, dx, lr):
    """One step of gradient descent on an embedding table, of which a batch has used only some rows.

    E (V, D); ids (N,) integers, duplicates possible; dx (N, D): gradient of the row E[ids[n]] as it was used
    -> a new table (V, D): row v has moved by - lr times the sum of dx over all n with ids[n] = v
    Source: Mikolov et al. (2013).
    """
    # BEGIN SOLUTION
    E = E.copy()
    np.add.at(E, ids, -lr * dx)
    return E
    # END SOLUTION


# %%
check(sparse_embedding_step)


# %% exercise="class_log_prob"
def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):
    """Two-level softmax: log p(class | h) + log p(word | class, h).

    h (N, H); W_c (H, C), b_c (C,): logits of the C classes
    W_w (C, H, M), b_w (C, M): for each class the logits of its M words
    classes (N,), words (N,) integers: the target's class, and its place inside that class
    -> (N,) log-probabilities
    Source: Goodman (2001).
    """

    # BEGIN SOLUTION
    def log_softmax(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    rows = np.arange(len(h))
    of_class = log_softmax(h @ W_c + b_c)  # (N, C)
    inside = log_softmax(np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes])  # (N, M)
    return of_class[rows, classes] + inside[rows, words]
    # END SOLUTION


# %%
check(class_log_prob)
