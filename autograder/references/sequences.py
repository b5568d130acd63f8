"""Lesson 01: windows over a series, the autoregressive model, and batches of unequal lengths."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence


def make_windows(x, tau):
    return x.unfold(0, tau, 1)[:-1], x[tau:]


def fit_ar(x, tau):
    windows = x.unfold(0, tau + 1, 1)  # the last column holds the targets
    A = torch.cat([windows[:, :-1], torch.ones_like(windows[:, :1])], dim=1)
    solution = torch.linalg.lstsq(A, windows[:, -1:]).solution[:, 0]
    return solution[:-1], solution[-1]


def forecast(history, coef, intercept, steps):
    known = history.double()
    for _ in range(steps):
        known = torch.cat([known, (torch.dot(known[-len(coef) :], coef) + intercept)[None]])
    return known[len(history) :]


def pad_batch(sequences):
    lengths = torch.tensor([len(s) for s in sequences], device=sequences[0].device)
    return pad_sequence(sequences, batch_first=True), lengths


def length_mask(lengths, T):
    steps = torch.arange(T, device=lengths.device).expand(len(lengths), T)
    return torch.lt(steps, lengths.unsqueeze(1))


def last_valid(h, lengths):
    packed = pack_padded_sequence(h, lengths.cpu(), batch_first=True, enforce_sorted=False)
    padded, real = pad_packed_sequence(packed, batch_first=True)
    last = (real - 1).to(h.device)[:, None, None].expand(-1, 1, h.shape[2])
    return padded.gather(1, last).squeeze(1)
