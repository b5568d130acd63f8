"""Lesson 03: a summary of the past that is carried along, as an average, a linear state or a belief."""

import torch
from torch import nn


def exponential_state(x, alpha, h0):
    x = x.double()
    steps = torch.arange(len(x), device=x.device, dtype=x.dtype)
    lags = steps[:, None] - steps[None, :]
    weights = torch.tril(alpha * (1 - alpha) ** lags.clamp(min=0))
    return weights @ x + h0 * (1 - alpha) ** (steps + 1)


def linear_latent_forward(x, h0, A, B, C):
    # A linear network from torch's ReLU network: h is kept as its positive and its negative part,
    # h = relu(h) - relu(-h), each computed by one half of the units.
    x = x.double()
    D, H = B.shape
    rnn = nn.RNN(D, 2 * H, nonlinearity="relu", bias=False, batch_first=True, dtype=x.dtype, device=x.device)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.cat([B, -B], dim=1).T)
        rnn.weight_hh_l0.copy_(torch.cat([torch.cat([A, -A], dim=1), torch.cat([-A, A], dim=1)]).T)
    halves, _ = rnn(x, torch.cat([h0.relu(), (-h0).relu()], dim=1)[None].contiguous())
    return (halves[..., :H] - halves[..., H:]) @ C


def _log_joint(ids, initial, A, B) -> torch.Tensor:
    """log p(x_1 .. x_t, z_t) for every t, (T, S); sums in log space, so nothing underflows."""
    evidence = B.log()[:, ids].T
    rows = [initial.log() + evidence[0]]
    for seen in evidence[1:]:
        rows.append(torch.logsumexp(rows[-1][:, None] + A.log(), dim=0) + seen)
    return torch.stack(rows)


def hmm_filter(ids, initial, A, B):
    return torch.softmax(_log_joint(ids, initial, A, B), dim=1)


def predict_next(belief, A, B):
    joint = belief[:, None, None] * A[:, :, None] * B[None, :, :]  # p(z_t, z_{t+1}, x_{t+1})
    return joint.sum(dim=(0, 1))


def hmm_log_likelihood(ids, initial, A, B):
    return torch.logsumexp(_log_joint(ids, initial, A, B)[-1], dim=0)
