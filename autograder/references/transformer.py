"""Lesson 16: the Transformer, block by block."""

import torch
from torch import nn
from torch.nn import functional

EPS = 1e-5


def _waves(T, d, **kind):
    pairs = (d + 1) // 2
    rate = torch.exp(-torch.arange(pairs, **kind) * (2 / d) * torch.log(torch.tensor(1e4, **kind)))
    turn = torch.polar(torch.ones(T, pairs, **kind), torch.arange(T, **kind)[:, None] * rate)
    return torch.stack([turn.imag, turn.real], dim=2).flatten(1)[:, :d]


def positional_encoding(T, d):
    return _waves(T, d, dtype=torch.float64)


def embed_sequence(ids, E):
    T, d = ids.shape[1], E.shape[1]
    return functional.embedding(ids, E) * d**0.5 + _waves(T, d, dtype=E.dtype, device=E.device)


def causal_mask(T):
    return nn.Transformer.generate_square_subsequent_mask(T) == 0


def scaled_dot_product_attention(q, k, v, mask):
    shape = (*q.shape[:-1], k.shape[-2])
    mask = torch.ones(shape, dtype=torch.bool, device=q.device) if mask is None else mask.expand(shape)
    seen = mask.any(dim=-1, keepdim=True)
    allowed = mask | ~seen  # a row of nothing would give nan
    out = functional.scaled_dot_product_attention(q, k, v, allowed)
    identity = torch.eye(k.shape[-2], dtype=q.dtype, device=q.device).expand(*k.shape[:-2], -1, -1)
    weights = functional.scaled_dot_product_attention(
        q, k, identity, allowed
    )  # the outputs for the unit vectors
    return out * seen, weights * seen


NAMES = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")


def _load_attention(module: nn.MultiheadAttention, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o) -> None:
    """PyTorch keeps the three input matrices as one, transposed."""
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([W_q, W_k, W_v], dim=1).T)
        module.in_proj_bias.copy_(torch.cat([b_q, b_k, b_v]))
        module.out_proj.weight.copy_(W_o.T)
        module.out_proj.bias.copy_(b_o)


def _blocked(mask, N, T, S, heads, device):
    """PyTorch's mask for its attention modules: (N * heads, T, S), True = may NOT attend."""
    if mask is None:
        return torch.zeros(T, S, dtype=torch.bool, device=device)
    return (~mask.expand(N, T, S)).repeat_interleave(heads, dim=0)


def multi_head_attention(x_q, x_kv, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, mask):
    module = nn.MultiheadAttention(W_q.shape[0], heads, batch_first=True, dtype=x_q.dtype, device=x_q.device)
    _load_attention(module, W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o)
    blocked = _blocked(mask, *x_q.shape[:2], x_kv.shape[1], heads, x_q.device)
    return module(x_q, x_kv, x_kv, attn_mask=blocked, need_weights=False)[0]


def layer_norm(x, gain, bias, eps):
    return functional.layer_norm(x, x.shape[-1:], gain, bias, eps)


def feed_forward(x, W_1, b_1, W_2, b_2):
    return functional.linear(functional.relu(functional.linear(x, W_1.T, b_1)), W_2.T, b_2)


def _load_block(layer: nn.Module, params: dict, norms: int) -> None:
    """The two inner layers and the norms, which encoder and decoder blocks have in common."""
    with torch.no_grad():
        for linear, number in ((layer.linear1, 1), (layer.linear2, 2)):
            linear.weight.copy_(params[f"W_{number}"].T)
            linear.bias.copy_(params[f"b_{number}"])
        for number in range(1, norms + 1):
            norm = getattr(layer, f"norm{number}")
            norm.weight.copy_(params[f"ln{number}_gain"])
            norm.bias.copy_(params[f"ln{number}_bias"])


def encoder_block(x, params, heads, mask):
    E, F = params["W_1"].shape
    layer = nn.TransformerEncoderLayer(
        E, heads, F, dropout=0.0, layer_norm_eps=EPS, batch_first=True, dtype=x.dtype, device=x.device
    )
    _load_attention(layer.self_attn, *(params[name] for name in NAMES))
    _load_block(layer, params, norms=2)
    return layer(x, src_mask=_blocked(mask, *x.shape[:2], x.shape[1], heads, x.device))


def decoder_block(y, memory, params, heads, memory_mask):
    E, F = params["W_1"].shape
    layer = nn.TransformerDecoderLayer(
        E, heads, F, dropout=0.0, layer_norm_eps=EPS, batch_first=True, dtype=y.dtype, device=y.device
    )
    _load_attention(layer.self_attn, *(params[f"self_{name}"] for name in NAMES))
    _load_attention(layer.multihead_attn, *(params[f"cross_{name}"] for name in NAMES))
    _load_block(layer, params, norms=3)
    T = y.shape[1]
    causal = torch.ones(T, T, dtype=torch.bool, device=y.device).triu(1)
    blocked = _blocked(memory_mask, len(y), T, memory.shape[1], heads, y.device)
    return layer(y, memory, tgt_mask=causal, memory_mask=blocked)
