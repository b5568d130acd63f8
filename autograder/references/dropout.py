"""Lesson 11: noise in a recurrent network, and where it may stand."""

import torch


def inverted_dropout(x, uniforms, p, training):
    if not training:
        return x.clone()
    return torch.where(uniforms >= p, x / (1 - p), torch.zeros_like(x))


def tied_mask(uniforms, p, T):
    mask = (uniforms >= p).to(uniforms.dtype) / (1 - p)
    return mask.unsqueeze(1).expand(-1, T, -1)


def dropout_rnn_forward(x, h0, W_xh, W_hh, b_h, mask_x, mask_h):
    cell = torch.nn.RNNCell(*W_xh.shape, device=x.device, dtype=x.dtype)
    weights = {"weight_ih": W_xh.T, "weight_hh": W_hh.T, "bias_ih": b_h, "bias_hh": torch.zeros_like(b_h)}
    states = [h0]
    for t in range(x.shape[1]):
        entering = x[:, t] * mask_x[:, t], states[-1] * mask_h[:, t]
        states.append(torch.func.functional_call(cell, weights, entering))
    return torch.stack(states[1:], dim=1)


def dropout_rnn_backward(dh, x, h0, h, W_xh, W_hh, mask_x, mask_h):
    x, h0, W_xh, W_hh = (tensor.clone().requires_grad_() for tensor in (x, h0, W_xh, W_hh))
    b_h = torch.zeros_like(h0[0]).requires_grad_()
    state, states = h0, []
    for t in range(x.shape[1]):
        entering = (x[:, t] * mask_x[:, t]) @ W_xh + (state * mask_h[:, t]) @ W_hh
        # The bias is not an argument: what it adds is known from the state that the forward pass left.
        bias = (torch.atanh(h[:, t]) - entering).detach()
        state = torch.tanh(entering + bias + b_h)
        states.append(state)
    return torch.autograd.grad(torch.stack(states, dim=1), (x, h0, W_xh, W_hh, b_h), dh)


def zoneout_step(h_prev, h_candidate, uniforms, p, training):
    if not training:
        return torch.lerp(h_candidate, h_prev, p)
    return torch.where(uniforms < p, h_prev, h_candidate)


def candidate_dropout_step(i, f, g, o, c_prev, mask):
    c = torch.addcmul(f * c_prev, i, g * mask)
    return o * torch.tanh(c), c
