"""Lesson 12, residual_stack_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.skip_connections import RESNET
from autograder.exercises.skip_connections.draws import stack_cases
from autograder.exercises.skip_connections.parts import rnn, zero


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dx", "gradients"),
    hints=(
        "Run the stack forward once more and keep what went into each layer and what came out of it. Then "
        "go through the layers from the last to the first.",
        "y = x + rnn(x) has two paths back to x: the identity hands dy on as it is, the layer hands on what "
        "rnn_backward returns. Add the two.",
        "In the loop: through, _, *weights = rnn_backward(dy, x_l, zeros, h_l, W_xh, W_hh); dy = dy + "
        "through; gradients.insert(0, tuple(weights))",
    ),
    source=RESNET,
)
def residual_stack_backward(dy, x, layers): ...


@residual_stack_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for x, layers in stack_cases(rng):
        yield rng.normal(size=x.shape), x, layers


def _rnn_backward(dh, x, h0, h, W_xh, W_hh):
    """dx and the three weight gradients of one layer."""
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    dz, later = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        dz[:, t] = (dh[:, t] + later) * (1 - h[:, t] ** 2)
        later = dz[:, t] @ W_hh.T
    dW_xh = np.einsum("ntd,nth->dh", x, dz)
    dW_hh = np.einsum("ntg,nth->gh", before, dz)
    return dz @ W_xh.T, (dW_xh, dW_hh, dz.sum(axis=(0, 1)))


def _stack_backward(dy, x, layers, back=lambda dy, through: dy + through, seen=None, sums=True):
    """What is right; `back(dy, through)` is what a layer hands down, `seen` what each is said to read;
    without `sums` the layers are run as a plain stack.
    """
    inputs, states = [x], []
    for layer in layers:
        states.append(rnn(inputs[-1], zero(x), *layer))
        inputs.append(sums * inputs[-1] + states[-1])
    gradients = []
    for (W_xh, W_hh, _), into, h in zip(layers[::-1], inputs[-2::-1], states[::-1], strict=True):
        through, weights = _rnn_backward(dy, into if seen is None else seen, zero(x), h, W_xh, W_hh)
        gradients.insert(0, weights)
        dy = back(dy, through)
    return dy, gradients


@residual_stack_backward.mistake(
    "The identity is missing on the way back: a layer hands down dy itself plus what came through the layer.",
    credit=0.25,
)
def identity_missing(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda dy, through: through)


@residual_stack_backward.mistake(
    "Only the identity reaches the input: add what comes back through the layer (the first result of "
    "rnn_backward).",
    credit=0.25,
)
def only_the_identity(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda dy, through: dy)


@residual_stack_backward.mistake(
    "The gradients of the layers are in the order of the backward pass; return them in the order of "
    "`layers`.",
    credit=0.5,
)
def reversed_list(dy, x, layers):
    dx, gradients = _stack_backward(dy, x, layers)
    return dx, gradients[::-1]


@residual_stack_backward.mistake(
    "Every layer received the gradient dy of the top; a lower layer receives what the layers above it "
    "handed down."
)
def dy_to_every_layer(dy, x, layers):
    top = dy
    inputs = [x]
    for layer in layers:
        inputs.append(inputs[-1] + rnn(inputs[-1], zero(x), *layer))
    gradients, total = [], dy
    for (W_xh, W_hh, b_h), into in zip(layers, inputs, strict=False):
        h = rnn(into, zero(x), W_xh, W_hh, b_h)
        through, weights = _rnn_backward(top, into, zero(x), h, W_xh, W_hh)
        gradients.append(weights)
        total = total + through
    return total, gradients


@residual_stack_backward.mistake(
    "You took the slope of the tanh at the sum x + h: rnn_backward wants the layer's own states h, without "
    "the input that was added.",
    credit=0.25,
)
def slope_at_the_sum(dy, x, layers):
    inputs = [x]
    for layer in layers:
        inputs.append(inputs[-1] + rnn(inputs[-1], zero(x), *layer))
    gradients = []
    for l in reversed(range(len(layers))):
        through, weights = _rnn_backward(dy, inputs[l], zero(x), inputs[l + 1], *layers[l][:2])
        gradients.insert(0, weights)
        dy = dy + through
    return dy, gradients


@residual_stack_backward.mistake(
    "Every layer's dW_xh was computed with the stack's input x; layer l saw the sum that left layer l - 1.",
    credit=0.25,
)
def first_input_everywhere(dy, x, layers):
    return _stack_backward(dy, x, layers, seen=x)


@residual_stack_backward.mistake(
    "At every layer you added the gradient dy of the top; the identity of a layer hands down what arrived "
    "at this layer.",
    credit=0.25,
)
def top_gradient_added_everywhere(dy, x, layers):
    return _stack_backward(dy, x, layers, lambda _, through: dy + through)


@residual_stack_backward.mistake(
    "When you run the layers forwards to get their states, the sums are missing: the next layer is given x + "
    "rnn(x), not rnn(x) alone.",
    credit=0.25,
)
def forwards_without_sums(dy, x, layers):
    return _stack_backward(dy, x, layers, sums=False)


@residual_stack_backward.mistake(
    "Your dx is right, but every layer's weights see the dy of the top. Each layer has its own: what the "
    "layers above it hand down.",
    credit=0.25,
)
def dy_of_the_top_to_weights(dy, x, layers):
    dx, _ = _stack_backward(dy, x, layers)
    _, gradients = _stack_backward(dy, x, layers, lambda _, through: dy)
    return dx, gradients
