"""Lesson 08: what can be fixed from outside the cell: clipping, weight decay, initial weights, ReLU."""

import torch


def clip_by_global_norm(grads: list, max_norm: float) -> tuple[list, torch.Tensor]:
    # PyTorch divides by norm + 1e-6: beside numbers of this size, that is nothing.
    size = 2.0**80
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = g * size
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm * size)
    return [parameter.grad / size for parameter in parameters], norm / size


def clip_by_value(grads: list, limit: float) -> list:
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = g.clone()
    torch.nn.utils.clip_grad_value_(parameters, limit)
    return [parameter.grad for parameter in parameters]


def weight_decay_step(W: torch.Tensor, dW: torch.Tensor, lr: float, decay: float) -> torch.Tensor:
    parameter = torch.nn.Parameter(W.clone())
    parameter.grad = dW.clone()
    torch.optim.SGD([parameter], lr=lr, weight_decay=decay).step()
    return parameter


def identity_init(H: int, scale: float) -> torch.Tensor:
    return scale * torch.nn.init.eye_(torch.empty(H, H, dtype=torch.float64))


def orthogonal_init(gaussian: torch.Tensor) -> torch.Tensor:
    Q, R = torch.linalg.qr(gaussian)
    return Q * torch.diagonal(R).sign()


def irnn_step(
    x: torch.Tensor, h_prev: torch.Tensor, W_xh: torch.Tensor, W_hh: torch.Tensor, b_h: torch.Tensor
) -> torch.Tensor:
    return torch.rnn_relu_cell(x, h_prev, W_xh.T, W_hh.T, b_h, torch.zeros_like(b_h))
