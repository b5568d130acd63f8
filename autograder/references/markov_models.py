"""Lesson 02: Markov chains, counted, scored, sampled and followed to their long-run behaviour."""

import torch
from torch.nn import functional


def count_bigrams(ids, V):
    pairs = ids[:-1] * V + ids[1:]
    return torch.bincount(pairs, minlength=V * V).reshape(V, V).double()


def transition_matrix(counts, alpha):
    return functional.normalize(counts.double() + alpha, p=1, dim=1)


def sequence_log_prob(ids, initial, P):
    first = functional.nll_loss(initial.log()[None], ids[:1], reduction="sum")
    rest = functional.nll_loss(P.log()[ids[:-1]], ids[1:], reduction="sum")
    return -(first + rest)


def perplexity(ids, initial, P):
    first = functional.nll_loss(initial.log()[None], ids[:1], reduction="sum")
    rest = functional.nll_loss(P.log()[ids[:-1]], ids[1:], reduction="sum")
    return torch.exp((first + rest) / len(ids))


def sample_chain(initial, P, uniforms):
    last = len(initial) - 1
    ids, p = [], initial
    for u in uniforms:
        ids.append(torch.searchsorted(p.cumsum(0), u, right=True).clamp(max=last))
        p = P[ids[-1]]
    return torch.stack(ids)


def n_step(P, n):
    return torch.linalg.matrix_power(P, n)


def stationary(P):
    # On a GPU not every build of PyTorch has eigenvectors of a matrix that is not symmetric.
    values, vectors = torch.linalg.eig(P.T.cpu())
    pi = vectors[:, (values - 1).abs().argmin()].real
    return pi / pi.sum()
