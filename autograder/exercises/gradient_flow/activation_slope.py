"""Lesson 07, activation_slope: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("slope",),
    hints=(
        "Differentiate by hand first: each slope can be written with the activation's own value.",
        "With s = sigmoid(z): s (1 - s). With a = tanh(z): 1 - a^2. ReLU: 1 where z > 0, else 0.",
        "ReLU: np.where(z > 0, 1.0, 0.0). Sigmoid: s = np.exp(-np.logaddexp(0, -z)); s * (1 - s).",
    ),
    source="Bengio, Simard and Frasconi (1994), Learning long-term dependencies with gradient descent is "
    "difficult",
)
def activation_slope(z, kind): ...


@activation_slope.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for kind in ("sigmoid", "tanh", "relu"):
        yield rng.normal(size=(3, 5)) * 2, kind
    for kind in ("sigmoid", "tanh", "relu"):
        z = rng.uniform((0.5, 3.0, 750.0), (2.0, 7.0, 999.0))
        yield np.concatenate([[0.0], z, -z]), kind


def _relu_slope(z):
    return np.where(z > 0, 1.0, 0.0)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _sigmoid_slope(z):
    return _sigmoid(z) * (1 - _sigmoid(z))


def _tanh_slope(z):
    return 1 - np.tanh(z) ** 2


@activation_slope.mistake(
    "You returned the activation itself. Its slope is asked: how much the output changes when z changes a "
    "little."
)
def value_not_slope(z, kind):
    return {"sigmoid": _sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[kind](z)


@activation_slope.mistake(
    "You treated z as if it had gone through the activation already: z (1 - z) and 1 - z^2 hold for the "
    "output. Apply the activation to z first.",
)
def z_taken_for_output(z, kind):
    return {"sigmoid": lambda z: z * (1 - z), "tanh": lambda z: 1 - z**2, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your tanh slope is 1 - tanh(z): the square is missing. It is 1 - tanh(z)^2.", credit=0.5
)
def tanh_without_square(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": lambda z: 1 - np.tanh(z), "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your ReLU passes a slope of 1 at z = 0 exactly. The slope there is a convention; PyTorch's, and ours, "
    "is 0: write z > 0.",
    credit=0.75,
)
def relu_open_at_zero(z, kind):
    return {
        "sigmoid": _sigmoid_slope,
        "tanh": _tanh_slope,
        "relu": lambda z: np.where(z >= 0, 1.0, 0.0),
    }[kind](z)


@activation_slope.mistake(
    "Your ReLU has slope -1 for negative z, as the absolute value has. A ReLU that is off passes nothing: "
    "slope 0."
)
def relu_slope_is_sign(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": _tanh_slope, "relu": np.sign}[kind](z)


@activation_slope.mistake(
    "Your sigmoid slope divides e^-z by (1 + e^-z)^2: for very negative z both overflow, and inf / inf is "
    "nan. With s = sigmoid(z) write s (1 - s), which is the same and safe.",
    credit=0.5,
)
def sigmoid_overflows(z, kind):
    slope = {
        "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
        "tanh": _tanh_slope,
        "relu": _relu_slope,
    }
    return slope[kind](z)


@activation_slope.mistake(
    "Your sigmoid slope divides e^z by (1 + e^z)^2: for very large z both overflow, and inf / inf is nan. "
    "With s = sigmoid(z) write s (1 - s), which is the same and safe.",
    credit=0.5,
)
def sigmoid_overflows_above(z, kind):
    slope = {
        "sigmoid": lambda z: np.exp(z) / (1 + np.exp(z)) ** 2,
        "tanh": _tanh_slope,
        "relu": _relu_slope,
    }
    return slope[kind](z)


@activation_slope.mistake(
    "You built tanh from e^z and e^-z: far from 0 they overflow, and inf / inf is nan. np.tanh is safe.",
    credit=0.5,
)
def tanh_by_exponentials(z, kind):
    def slope_of_tanh(z):
        up, down = np.exp(z), np.exp(-z)
        return 1 - ((up - down) / (up + down)) ** 2

    return {"sigmoid": _sigmoid_slope, "tanh": slope_of_tanh, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your sigmoid slope lacks the factor (1 - s): it is s (1 - s), at most 1/4.", credit=0.25
)
def sigmoid_without_second_factor(z, kind):
    return {"sigmoid": _sigmoid, "tanh": _tanh_slope, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your ReLU slope is the ReLU itself. Its derivative does not grow with z: 1 where z > 0, else 0.",
    credit=0.25,
)
def relu_for_its_slope(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": _tanh_slope, "relu": lambda z: np.maximum(z, 0)}[kind](z)


@activation_slope.mistake(
    "Your ReLU has slope 1/2 at z = 0 exactly. The slope there is a convention; PyTorch's, and ours, is 0: "
    "write z > 0.",
    credit=0.75,
)
def relu_half_at_zero(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": _tanh_slope, "relu": lambda z: np.heaviside(z, 0.5)}[kind](z)


@activation_slope.mistake(
    "You divided ReLU by z, and at z = 0 that is 0 / 0, nan. Compare instead: np.where(z > 0, 1.0, 0.0).",
    credit=0.5,
)
def relu_divided_by_z(z, kind):
    slope = {"sigmoid": _sigmoid_slope, "tanh": _tanh_slope, "relu": lambda z: np.maximum(z, 0) / z}
    return slope[kind](z)


@activation_slope.mistake(
    "The slopes of sigmoid and tanh are swapped: sigmoid has s (1 - s), tanh has 1 - tanh(z)^2.",
    credit=0.25,
)
def sigmoid_and_tanh_swapped(z, kind):
    return {"sigmoid": _tanh_slope, "tanh": _sigmoid_slope, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "For tanh you wrote 1 - z^2, as if z were the value of tanh already. It is 1 - tanh(z)^2.", credit=0.5
)
def tanh_of_z_missing(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": lambda z: 1 - z**2, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "For the sigmoid you wrote z (1 - z), as if z were its value already. It is s (1 - s) with s = "
    "sigmoid(z).",
    credit=0.5,
)
def sigmoid_of_z_missing(z, kind):
    return {"sigmoid": lambda z: z * (1 - z), "tanh": _tanh_slope, "relu": _relu_slope}[kind](z)


@activation_slope.mistake("Your tanh slope lacks the 1 minus: it is 1 - tanh(z)^2.", credit=0.5)
def tanh_without_one_minus(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": lambda z: np.tanh(z) ** 2, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "The sign in your sigmoid slope is wrong: it is s (1 - s), not s (1 + s).", credit=0.5
)
def sigmoid_sign_flipped(z, kind):
    slope = {"sigmoid": lambda z: _sigmoid(z) * (1 + _sigmoid(z)), "tanh": _tanh_slope, "relu": _relu_slope}
    return slope[kind](z)
