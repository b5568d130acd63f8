"""Lesson 00: a toy exercise to learn the mechanics on."""

import torch


def time_average(x: torch.Tensor) -> torch.Tensor:
    return x.mean(dim=1)


def layer_at_every_step(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.linear(x, W.T, b)
