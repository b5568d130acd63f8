"""Lesson 19: linear recurrences, step by step, and what they say of their inputs."""

import torch
from torch.nn.functional import linear


def combine(a_1, b_1, a_2, b_2):
    h = torch.zeros_like(b_1).requires_grad_()
    after_both = a_2 * (a_1 * h + b_1) + b_2
    (slope,) = torch.autograd.grad(after_both.sum(), h)
    return slope, after_both.detach()


def linear_scan(a, b, h0):
    states = [h0]
    for t in range(a.shape[1]):
        states.append(torch.addcmul(b[:, t], a[:, t], states[-1]))
    return torch.stack(states[1:], dim=1)


def linear_scan_backward(dh, a, h, h0):
    before = torch.cat([h0[:, None], h[:, :-1]], dim=1)
    leaves = [tensor.clone().requires_grad_() for tensor in (a, h - a * before, h0)]
    return torch.autograd.grad(linear_scan(*leaves), leaves, dh)


def min_gru(x, h0, W_z, b_z, W_n, b_n):
    z, n = torch.sigmoid(linear(x, W_z.T, b_z)), linear(x, W_n.T, b_n)
    states = [h0]
    for t in range(x.shape[1]):
        states.append(torch.lerp(n[:, t], states[-1], z[:, t]))
    return torch.stack(states[1:], dim=1)


def discretise(A, delta):
    # The exponential of a diagonal matrix, as that of any other.
    rates = torch.diag_embed(delta[..., None] * A)
    return torch.matrix_exp(rates).diagonal(dim1=-2, dim2=-1)


def state_space(x, A, B, C, delta):
    a, h, outputs = discretise(A, delta), torch.zeros_like(A), []
    for t in range(x.shape[1]):
        h = a[:, t] * h + torch.einsum("nd,ns->nds", delta[:, t] * x[:, t], B[:, t])
        outputs.append(torch.einsum("nds,ns->nd", h, C[:, t]))
    return torch.stack(outputs, dim=1)


def state_space_kernel(A, B, C, delta, T):
    impulse = torch.zeros(1, T, len(delta), dtype=A.dtype, device=A.device)
    impulse[:, 0] = 1
    return state_space(impulse, A, *(w.expand(1, T, -1) for w in (B, C, delta)))[0].T


def linear_attention(q, k, v):
    return torch.tril(q @ k.mT) @ v
