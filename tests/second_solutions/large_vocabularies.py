import numpy as np


def log_uniform(V):
    ranks = np.arange(V)
    return np.log((ranks + 2) / (ranks + 1)) / np.log(V + 1)


def sample_candidates(q, uniforms):
    ids = []
    for u in uniforms:
        k, total = 0, q[0]
        while total <= u and k < len(q) - 1:
            k += 1
            total += q[k]
        ids.append(k)
    return np.array(ids)


def corrected_logits(logits, q_sampled, K):
    return np.stack([row - np.log(q_sampled) for row in logits]) - np.log(float(K))


def _rows(h, W, b, targets, sampled, q):
    """For each row the ids of its classes, target first, and their probabilities."""
    for n, target in enumerate(targets):
        ids = [target, *(k for k in sampled if k != target)]
        z = W[ids] @ h[n] + b[ids] - np.log(q[ids])
        p = np.exp(z - np.logaddexp.reduce(z))
        yield n, ids, z, p


def sampled_softmax_loss(h, W, b, targets, sampled, q):
    losses = [np.logaddexp.reduce(z) - z[0] for _, _, z, _ in _rows(h, W, b, targets, sampled, q)]
    return sum(losses) / len(losses)


def sampled_softmax_backward(h, W, b, targets, sampled, q):
    dh, dW, db = np.zeros_like(h), np.zeros_like(W), np.zeros_like(b)
    for n, ids, _, p in _rows(h, W, b, targets, sampled, q):
        for position, k in enumerate(ids):
            d = (p[position] - (position == 0)) / len(h)
            dh[n] += d * W[k]
            dW[k] += d * h[n]
            db[k] += d
    return dh, dW, db


def output_loss(h, W, b, targets, sampled, q, training):
    if training:
        return sampled_softmax_loss(h, W, b, targets, sampled, q)
    logits = np.einsum("nh,vh->nv", h, W) + b
    gaps = logits - np.take_along_axis(logits, targets[:, None], axis=1)
    return np.logaddexp.reduce(gaps, axis=1).mean()


def sparse_embedding_step(E, ids, dx, lr):
    chosen = np.eye(len(E))[ids]  # (N, V)
    return E - lr * (chosen.T @ dx)


def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):
    log_p = np.empty(len(h))
    for n, (c, w) in enumerate(zip(classes, words, strict=True)):
        first, second = W_c.T @ h[n] + b_c, W_w[c].T @ h[n] + b_w[c]
        log_p[n] = first[c] - np.logaddexp.reduce(first) + second[w] - np.logaddexp.reduce(second)
    return log_p
