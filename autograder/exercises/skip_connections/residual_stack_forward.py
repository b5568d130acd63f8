"""Lesson 12, residual_stack_forward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.skip_connections import RESNET
from autograder.exercises.skip_connections.draws import stack_cases
from autograder.exercises.skip_connections.parts import rnn, zero


@exercise(
    points=2,
    difficulty=1,
    minutes=10,
    returns=("y",),
    hints=(
        "One loop over the layers. What goes into a layer is needed twice: by the layer, and by the sum "
        "after it.",
        "Every layer is an rnn_forward with a zero initial state; its output has the shape of its input.",
        "In the loop: x = x + rnn_forward(x, np.zeros((N, H)), *layer)",
    ),
    source=RESNET,
)
def residual_stack_forward(x, layers): ...


@residual_stack_forward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield from stack_cases(rng)


@residual_stack_forward.mistake(
    "Nothing is added: each layer's output must be added to what went into that layer, x + rnn(x)."
)
def no_skip(x, layers):
    for layer in layers:
        x = rnn(x, zero(x), *layer)
    return x


@residual_stack_forward.mistake(
    "You added the stack's input once, at the very end; every layer adds its own input.", credit=0.25
)
def one_skip_over_all(x, layers):
    return x + no_skip(x, layers)


@residual_stack_forward.mistake(
    "You added the first input x after every layer; a layer adds its own input, which is the sum so far.",
    credit=0.25,
)
def adds_the_first_input(x, layers):
    y = x
    for layer in layers:
        y = x + rnn(y, zero(x), *layer)
    return y


@residual_stack_forward.mistake(
    "Every layer read the stack's input x: the second layer reads what the first one left, and so on."
)
def every_layer_reads_x(x, layers):
    return x + sum(rnn(x, zero(x), *layer) for layer in layers)


@residual_stack_forward.mistake(
    "The skip is inside the tanh: add the layer's input to its output, after the tanh."
)
def skip_inside_tanh(x, layers):
    for W_xh, W_hh, b_h in layers:
        states = [zero(x)]
        for t in range(x.shape[1]):
            states.append(np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h + x[:, t]))
        x = np.stack(states[1:], axis=1)
    return x


@residual_stack_forward.mistake(
    "The sum runs along the recurrence too: the state that the layer carries on is tanh(...) alone; the "
    "input is added to what it hands upwards."
)
def sum_fed_back(x, layers):
    for W_xh, W_hh, b_h in layers:
        states = [zero(x)]
        for t in range(x.shape[1]):
            states.append(x[:, t] + np.tanh(x[:, t] @ W_xh + states[-1] @ W_hh + b_h))
        x = np.stack(states[1:], axis=1)
    return x


@residual_stack_forward.mistake("Every layer used the first layer's weights; each has its own triple.")
def layers_share_weights(x, layers):
    for _ in layers:
        x = x + rnn(x, zero(x), *layers[0])
    return x


@residual_stack_forward.mistake(
    "You started a layer from the last state of the layer below; every layer starts from a zero state of "
    "its own.",
    credit=0.25,
)
def starts_where_the_lower_ended(x, layers):
    start = zero(x)
    for layer in layers:
        states = rnn(x, start, *layer)
        start, x = states[:, -1], x + states
    return x


@residual_stack_forward.mistake(
    "You ran the layers from the last to the first: the first of the list reads x.", credit=0.25
)
def layers_upside_down(x, layers):
    for layer in layers[::-1]:
        x = x + rnn(x, zero(x), *layer)
    return x
