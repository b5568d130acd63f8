"""Lesson 13: output layers for very many classes."""

import torch
import torch.nn.functional as F  # noqa: N812  PyTorch's own custom


def log_uniform(V):
    rank = torch.arange(V, dtype=torch.float64)
    weights = torch.log1p(1 / (rank + 1))
    return weights / weights.sum()


def sample_candidates(q, uniforms):
    below = torch.cumsum(q, dim=0)[None] <= uniforms[:, None]
    return below.sum(dim=1).clamp(max=len(q) - 1)


def corrected_logits(logits, q_sampled, K):
    return (
        logits - torch.log(q_sampled) - torch.log(torch.tensor(K, dtype=logits.dtype, device=logits.device))
    )


def sampled_softmax_loss(h, W, b, targets, sampled, q):
    logits = F.linear(h, W, b) - torch.log(len(sampled) * q)
    negative = logits[:, sampled].masked_fill(targets[:, None] == sampled, -torch.inf)
    every = torch.cat([logits.gather(1, targets[:, None]), negative], dim=1)
    return F.cross_entropy(every, torch.zeros_like(targets))


def sampled_softmax_backward(h, W, b, targets, sampled, q):
    leaves = [tensor.clone().requires_grad_() for tensor in (h, W, b)]
    return torch.autograd.grad(sampled_softmax_loss(*leaves, targets, sampled, q), leaves)


def output_loss(h, W, b, targets, sampled, q, training):
    if training:
        return sampled_softmax_loss(h, W, b, targets, sampled, q)
    return F.cross_entropy(F.linear(h, W, b), targets)


def sparse_embedding_step(E, ids, dx, lr):
    leaf = E.clone().requires_grad_()
    (F.embedding(ids, leaf) * dx).sum().backward()
    return (leaf - lr * leaf.grad).detach()


def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):
    of_class = F.log_softmax(h @ W_c + b_c, dim=1).gather(1, classes[:, None])[:, 0]
    inside = torch.bmm(h[:, None], W_w[classes])[:, 0] + b_w[classes]
    return of_class - F.cross_entropy(inside, words, reduction="none")
