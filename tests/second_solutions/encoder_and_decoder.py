"""Lesson 14 once more: single sentences, explicit loops, a heap for the beam."""

import heapq
import math

import numpy as np


def shift_right(targets, sos):
    shifted = np.roll(targets, 1, axis=1)
    shifted[:, 0] = sos
    return shifted


def target_mask(targets, eos):
    mask = np.zeros(targets.shape, dtype=bool)
    for row, marks in zip(targets.tolist(), mask, strict=True):
        stop = row.index(eos) + 1 if eos in row else len(row)
        marks[:stop] = True
    return mask


def _step(x, h, W_xh, W_hh, b_h):
    return np.tanh(np.concatenate([x, h]) @ np.concatenate([W_xh, W_hh]) + b_h)


def encode(x, lengths, W_xh, W_hh, b_h):
    N, T, _ = x.shape
    states = np.zeros((N, T, len(b_h)))
    for n in range(N):
        h = np.zeros(len(b_h))
        for t in range(T):
            h = states[n, t] = _step(x[n, t], h, W_xh, W_hh, b_h)
    return states, np.array([states[n, length - 1] for n, length in enumerate(lengths)])


def decode_teacher_forced(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    N, T, _ = y_in.shape
    logits = np.empty((N, T, len(b_y)))
    for n in range(N):
        h = context[n]
        for t in range(T):
            h = _step(y_in[n, t], h, W_xh, W_hh, b_h)
            logits[n, t] = np.einsum("h,hv->v", h, W_hy) + b_y
    return logits


def scheduled_inputs(targets, predictions, uniforms, p, sos):
    N, T = targets.shape
    y_in = np.full((N, T), sos)
    for n in range(N):
        for t in range(1, T):
            y_in[n, t] = (targets if uniforms[n, t] < p else predictions)[n, t - 1]
    return y_in


def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    written, h = [sos], context
    while len(written) <= max_len:
        h = _step(E[written[-1]], h, W_xh, W_hh, b_h)
        written.append(int(np.argmax(W_hy.T @ h + b_y)))
        if written[-1] == eos:
            return np.array(written[1:-1], dtype=np.int64)
    return np.array(written[1:], dtype=np.int64)


def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    beam: list[tuple[float, tuple[int, ...], np.ndarray | None]] = [(0.0, (sos,), context)]
    for _ in range(max_len):
        candidates = [item for item in beam if item[2] is None]
        for score, ids, h in (item for item in beam if item[2] is not None):
            h = _step(E[ids[-1]], h, W_xh, W_hh, b_h)
            logits = (h @ W_hy + b_y).tolist()
            top = max(logits)
            log_total = top + math.log(sum(math.exp(z - top) for z in logits))
            for token, z in enumerate(logits):
                ended = token == eos
                candidates.append(
                    (score + z - log_total, ids if ended else (*ids, token), None if ended else h)
                )
        beam = heapq.nlargest(width, candidates, key=lambda item: item[0])
    score, ids, _ = beam[0]
    return np.array(ids[1:], dtype=int), score


def exact_match(predictions, references):
    right = 0
    for prediction, reference in zip(predictions, references, strict=True):
        right += list(prediction) == list(reference)
    return right / len(references)
