"""Lesson 08, weight_decay_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("W",),
    hints=(
        "Two terms are subtracted from W, both multiplied by the learning rate.",
        "The penalty decay/2 * ||W||^2 has the gradient decay * W. Add it to dW.",
        "return W - lr * (dW + decay * W)",
    ),
    source="Krogh and Hertz (1992), A simple weight decay can improve generalization",
)
def weight_decay_step(W, dW, lr, decay): ...


@weight_decay_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), 0.1, 0.3
    yield rng.normal(size=(7, 7)), rng.normal(size=(7, 7)), 0.5, 0.02
    yield rng.normal(size=(2, 3)), np.zeros((2, 3)), 0.2, 0.5
    yield rng.normal(size=(2, 5)), rng.normal(size=(2, 5)), 0.3, 0.0
    yield rng.normal(size=11), rng.normal(size=11), 1.0, 0.25


@weight_decay_step.mistake(
    "You subtracted decay * W without the learning rate. Both terms are scaled by it: lr * (dW + decay * W).",
    credit=0.5,
)
def decay_without_lr(W, dW, lr, decay):
    return W - lr * dW - decay * W


@weight_decay_step.mistake(
    "Your decay has the wrong sign: it makes the weights grow. Subtract lr * decay * W.", credit=0.25
)
def decay_grows(W, dW, lr, decay):
    return W - lr * (dW - decay * W)


@weight_decay_step.mistake("You shrank the gradient, not the weights: decay multiplies W.")
def decays_gradient(W, dW, lr, decay):
    return W - lr * (1 - decay) * dW


@weight_decay_step.mistake(
    "Your penalty is decay * ||W||^2, whose gradient has a factor 2. By convention the penalty is half of "
    "that, and its gradient is decay * W.",
    credit=0.5,
)
def decay_twice(W, dW, lr, decay):
    return W - lr * (dW + 2 * decay * W)


@weight_decay_step.mistake("The decay is missing: this is a plain gradient step. Add decay * W to dW.")
def no_decay(W, dW, lr, decay):
    return W - lr * dW


@weight_decay_step.mistake(
    "You shrank the weights after the step. The decay acts on the W that came in: lr * decay * W is "
    "computed before.",
    credit=0.5,
)
def decays_after_step(W, dW, lr, decay):
    return (1 - lr * decay) * (W - lr * dW)


@weight_decay_step.mistake(
    "You subtracted a constant for each weight, whatever its size: that is an L1 penalty. Here it is decay "
    "* W.",
    credit=0.25,
)
def decays_by_sign(W, dW, lr, decay):
    return W - lr * (dW + decay * np.sign(W))


@weight_decay_step.mistake(
    "You added the gradient. Going downhill means to subtract it: W - lr * (dW + decay * W)."
)
def step_uphill(W, dW, lr, decay):
    return W + lr * dW - lr * decay * W


@weight_decay_step.mistake(
    "You added the whole step. Going downhill means to subtract both terms: W - lr * (dW + decay * W).",
    credit=0.25,
)
def adds_whole_step(W, dW, lr, decay):
    return W + lr * (dW + decay * W)


@weight_decay_step.mistake(
    "The penalty's half is gone once you differentiate: the gradient of decay/2 * ||W||^2 is decay * W, not "
    "decay/2 * W.",
    credit=0.5,
)
def decay_halved(W, dW, lr, decay):
    return W - lr * (dW + decay / 2 * W)


@weight_decay_step.mistake(
    "You only shrank the weights; the gradient dW is missing: W - lr * (dW + decay * W).",
    credit=0.25,
)
def only_decays(W, dW, lr, decay):
    return W * (1 - lr * decay)


@weight_decay_step.mistake(
    "You added the penalty itself, one number for all weights. A step needs its gradient, decay * W."
)
def adds_penalty(W, dW, lr, decay):
    return W - lr * (dW + decay / 2 * (W**2).sum())


@weight_decay_step.mistake("This is the step alone. Return where it leads: W plus the step.", credit=0.5)
def step_without_weights(W, dW, lr, decay):
    return -lr * (dW + decay * W)
