"""Lesson 14: one network reads a sequence into a vector, another writes a sequence from that vector."""

import torch
from torch import nn
from torch.nn import functional

from autograder.references.numpy_rnn import load_weights, torch_rnn


def shift_right(targets, sos):
    return functional.pad(targets[:, :-1], (1, 0), value=sos)


def target_mask(targets, eos):
    before = functional.pad((targets == eos)[:, :-1], (1, 0))
    return before.long().cumsum(dim=1) == 0


def encode(x, lengths, W_xh, W_hh, b_h):
    states, _ = torch_rnn(W_xh, W_hh, b_h)(x)
    last = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
    return states, states.gather(1, last)[:, 0]


def decode_teacher_forced(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    h, _ = torch_rnn(W_xh, W_hh, b_h)(y_in, context[None].contiguous())
    return functional.linear(h, W_hy.T, b_y)


def scheduled_inputs(targets, predictions, uniforms, p, sos):
    chosen = torch.where(uniforms[:, 1:] < p, targets[:, :-1], predictions[:, :-1])
    return functional.pad(chosen, (1, 0), value=sos)


def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    cell = nn.RNNCell(*W_xh.shape, dtype=E.dtype, device=E.device)
    load_weights(cell, W_xh, W_hh, b_h)
    h, token, ids = context, torch.tensor(sos, device=E.device), []
    while len(ids) < max_len:
        h = cell(functional.embedding(token, E), h)
        token = functional.linear(h, W_hy.T, b_y).argmax()
        if token == eos:
            break
        ids.append(token)
    return torch.stack(ids) if ids else torch.zeros(0, dtype=torch.long, device=E.device)


def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    cell = nn.RNNCell(*W_xh.shape, dtype=E.dtype, device=E.device)
    load_weights(cell, W_xh, W_hh, b_h)
    V = len(b_y)
    stay = torch.full((V,), -torch.inf, dtype=E.dtype, device=E.device)
    stay[eos] = 0.0  # a finished hypothesis can only be followed by nothing more
    tokens = torch.full((1, 1), sos, device=E.device)  # (beams, written), the first column is sos
    h, score = context[None], torch.zeros(1, dtype=E.dtype, device=E.device)
    done = torch.zeros(1, dtype=torch.bool, device=E.device)
    for _ in range(max_len):
        h = cell(functional.embedding(tokens[:, -1], E), h)
        log_p = functional.log_softmax(functional.linear(h, W_hy.T, b_y), dim=1)
        every = score[:, None] + torch.where(done[:, None], stay, log_p)  # (beams, V)
        score, flat = every.flatten().topk(min(width, int(torch.isfinite(every).sum())))
        parent, token = flat // V, flat % V
        tokens = torch.cat([tokens[parent], token[:, None]], dim=1)
        h, done = h[parent], done[parent] | (token == eos)
    written = tokens[0, 1:]
    return written[written != eos], score[0]


def exact_match(predictions, references):
    right = [torch.equal(p, r) for p, r in zip(predictions, references, strict=True)]
    return torch.tensor(right, dtype=torch.float64, device=references[0].device).mean()
