"""Lesson 07: slopes, Jacobians, norms, and how a gradient changes on its way back through time."""

import torch


def _replayed(h: torch.Tensor, nudges: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    """h_T (N, H) of the network whose states are h (N, T, H), as a function of `nudges` added to h_1 .. h_T.

    Which inputs led to h does not matter: whatever they were, the argument of tanh was atanh(h).
    """
    moved = h[:, 0] + nudges[:, 0]
    for t in range(1, h.shape[1]):
        moved = torch.tanh(torch.atanh(h[:, t]) + (moved - h[:, t - 1]) @ W_hh) + nudges[:, t]
    return moved


def activation_slope(z: torch.Tensor, kind: str) -> torch.Tensor:
    function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[kind]
    z = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(z).sum(), z)
    return slope


def step_jacobian(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    def step(
        moved,
    ):  # how h_t answers when h_{t-1} moves; summed over the batch, so one backward pass serves all
        return torch.tanh(torch.atanh(h) + moved @ W_hh).sum(0)

    return torch.autograd.functional.jacobian(step, torch.zeros_like(h)).permute(1, 2, 0)


def jacobian_product(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    def last(moved):  # h_T as a function of a change of h_0
        first = torch.tanh(torch.atanh(h[0]) + moved @ W_hh) - h[0]
        nudges = torch.cat([first[None], torch.zeros_like(h[1:])])
        return _replayed(h[None], nudges[None], W_hh)[0]

    return torch.autograd.functional.jacobian(last, torch.zeros_like(h[0])).T


def spectral_norm(W: torch.Tensor, v0: torch.Tensor, iterations: int) -> torch.Tensor:
    return torch.linalg.matrix_norm(W, ord=2)


def norm_bound(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    slopes = torch.diag_embed(1 - h.square())
    steps = torch.linalg.matrix_norm(slopes, ord=2) * torch.linalg.matrix_norm(W_hh, ord=2)
    return steps.prod()


def gradient_norms(dh_T: torch.Tensor, h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    nudges = torch.zeros_like(h, requires_grad=True)
    (dh,) = torch.autograd.grad((dh_T * _replayed(h, nudges, W_hh)).sum(), nudges)
    return torch.linalg.vector_norm(dh, dim=(0, 2)).flip(0)
