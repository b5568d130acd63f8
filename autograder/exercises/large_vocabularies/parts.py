"""Lesson 13: right pieces in NumPy, of which the wrong answers are made."""

import numpy as np


def _sampled(
    h, W, b, targets, sampled, q,
    *, correct_target=None, correct=None, hits=True, with_target=True, shift=True, gone=-np.inf,
    softmax=False,
):  # fmt: skip
    """Loss per row (N,). `correct`, `correct_target` take q and K and give what is subtracted."""
    K = len(sampled)
    correct = (lambda q, K: np.log(K * q)) if correct is None else correct
    correct_target = correct if correct_target is None else correct_target
    target = (h * W[targets]).sum(axis=1) + b[targets] - correct_target(q[targets], K)
    negative = h @ W[sampled].T + b[sampled] - correct(q[sampled], K)
    if hits:
        negative = np.where(targets[:, None] == sampled, gone, negative)
    every = np.concatenate([target[:, None], negative], axis=1) if with_target else negative
    if softmax:
        e = np.exp(every)
        return -np.log(e[:, 0] / e.sum(axis=1))
    top = every.max(axis=1) if shift else np.zeros(len(h))
    return top + np.log(np.exp(every - top[:, None]).sum(axis=1)) - target


def full(h, W, b, targets):
    logits = h @ W.T + b
    top = logits.max(axis=1, keepdims=True)
    log_z = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return log_z - logits[np.arange(len(h)), targets]
