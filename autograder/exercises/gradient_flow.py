"""Lesson 07: slopes, Jacobians, norms, and how a gradient changes on its way back through time."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise

PASCANU = "Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks"


def _states(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """States as tanh makes them, some near 0 and some near saturation."""
    return np.tanh(rng.normal(size=shape) * 1.2)


def _replayed(h: torch.Tensor, nudges: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    """h_T (N, H) of the network whose states are h (N, T, H), as a function of `nudges` added to h_1 .. h_T.

    Which inputs led to h does not matter: whatever they were, the argument of tanh was atanh(h).
    """
    moved = h[:, 0] + nudges[:, 0]
    for t in range(1, h.shape[1]):
        moved = torch.tanh(torch.atanh(h[:, t]) + (moved - h[:, t - 1]) @ W_hh) + nudges[:, t]
    return moved


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("slope",),
    hints=(
        "Differentiate by hand first: each slope can be written with the activation's own value.",
        "With s = sigmoid(z): s (1 - s). With a = tanh(z): 1 - a^2. ReLU: 1 where z > 0, else 0.",
        "ReLU: np.where(z > 0, 1.0, 0.0). Sigmoid: s = 1 / (1 + np.exp(-z)); s * (1 - s).",
    ),
    source="Bengio, Simard and Frasconi (1994), Learning long-term dependencies with "
    "gradient descent is difficult",
)
def activation_slope(z: torch.Tensor, kind: str) -> torch.Tensor:
    function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[kind]
    z = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(z).sum(), z)
    return slope


@activation_slope.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for kind in ("sigmoid", "tanh", "relu"):
        yield rng.normal(size=(3, 5)) * 2, kind
    for kind in ("sigmoid", "tanh", "relu"):
        yield np.array([0.0, 1.0, -1.0, 5.0, -5.0, 800.0, -800.0]), kind


def _relu_slope(z):
    return np.where(z > 0, 1.0, 0.0)


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _sigmoid_slope(z):
    return _sigmoid(z) * (1 - _sigmoid(z))


def _tanh_slope(z):
    return 1 - np.tanh(z) ** 2


@activation_slope.mistake(
    "You returned the activation itself. Its slope is asked: how much the output "
    "changes when z changes a little."
)
def value_not_slope(z, kind):
    return {"sigmoid": _sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[kind](z)


@activation_slope.mistake(
    "You treated z as if it had gone through the activation already: z (1 - z) and 1 - "
    "z^2 hold for the output. "
    "Apply the activation to z first.",
)
def z_taken_for_output(z, kind):
    return {"sigmoid": lambda z: z * (1 - z), "tanh": lambda z: 1 - z**2, "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your tanh slope is 1 - tanh(z): the square is missing. It is 1 - tanh(z)^2.", credit=0.5
)
def tanh_without_square(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": lambda z: 1 - np.tanh(z), "relu": _relu_slope}[kind](z)


@activation_slope.mistake(
    "Your ReLU passes a slope of 1 at z = 0 exactly. The slope there is a convention; "
    "PyTorch's, and ours, is 0: "
    "write z > 0.",
    credit=0.75,
)
def relu_open_at_zero(z, kind):
    return {
        "sigmoid": _sigmoid_slope,
        "tanh": _tanh_slope,
        "relu": lambda z: np.where(z >= 0, 1.0, 0.0),
    }[kind](z)


@activation_slope.mistake(
    "Your ReLU has slope -1 for negative z, as the absolute value has. A ReLU that is "
    "off passes nothing: slope 0."
)
def relu_slope_is_sign(z, kind):
    return {"sigmoid": _sigmoid_slope, "tanh": _tanh_slope, "relu": np.sign}[kind](z)


@activation_slope.mistake(
    "Your sigmoid slope divides e^-z by (1 + e^-z)^2: for very negative z both "
    "overflow, and inf / inf is nan. "
    "With s = sigmoid(z) write s (1 - s), which is the same and safe.",
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
    "Your ReLU has slope 1/2 at z = 0 exactly. The slope there is a convention; PyTorch's, and ours, is "
    "0: write z > 0.",
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


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("J",),
    hints=(
        "h_t[j] = tanh(... + sum_i h_{t-1}[i] W_hh[i, j]): differentiate with respect to h_{t-1}[i].",
        "J[n, i, j] = W_hh[i, j] times the slope of unit j, and that slope is 1 - h[n, j]^2.",
        "The whole body: return W_hh * (1 - h**2)[:, None, :]",
    ),
    source=f"{PASCANU}, section 2",
)
def step_jacobian(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    def step(
        moved,
    ):  # how h_t answers when h_{t-1} moves; summed over the batch, so one backward pass serves all
        return torch.tanh(torch.atanh(h) + moved @ W_hh).sum(0)

    return torch.autograd.functional.jacobian(step, torch.zeros_like(h)).permute(1, 2, 0)


@step_jacobian.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _states(rng, 2, 5), rng.normal(size=(5, 5))
    yield _states(rng, 7, 3), rng.normal(size=(3, 3)) * 2
    yield _states(rng, 1, 2), rng.normal(size=(2, 2))
    yield np.array([[0.0, 1.0, -1.0, 0.5]]), rng.normal(size=(4, 4))
    yield _states(rng, 3, 1), rng.normal(size=(1, 1))


@step_jacobian.mistake(
    "Your Jacobian is transposed: you have [n, j, i]. Here the row i is the earlier unit "
    "and the column j the later "
    "one, so that a row vector moves through J from the left."
)
def jacobian_transposed(h, W_hh):
    return (W_hh * (1 - h**2)[:, None, :]).swapaxes(1, 2)


@step_jacobian.mistake(
    "You used 1 - tanh(h)^2, but h has been through tanh already: its slope is 1 - h^2.", credit=0.25
)
def tanh_of_h(h, W_hh):
    return W_hh * (1 - np.tanh(h) ** 2)[:, None, :]


@step_jacobian.mistake(
    "You scaled the rows of W_hh by the slopes; they belong to its columns, for "
    "column j feeds unit j of h_t. "
    "For column vectors diag(1 - h^2) W is right; for our row vectors it is W diag(1 - h^2).",
    credit=0.25,
)
def slope_on_rows(h, W_hh):
    return W_hh * (1 - h**2)[:, :, None]


@step_jacobian.mistake(
    "The slope of tanh is missing: J is W_hh with its column j multiplied by 1 - h[n, j]^2."
)
def no_slope(h, W_hh):
    return np.repeat(W_hh[None], len(h), axis=0)


@step_jacobian.mistake("The square is missing in the slope: 1 - h^2, not 1 - h.", credit=0.25)
def slope_without_square(h, W_hh):
    return W_hh * (1 - h)[:, None, :]


@step_jacobian.mistake("You used the sigmoid's slope h (1 - h); this network's activation is tanh: 1 - h^2.")
def sigmoid_slope_in_jacobian(h, W_hh):
    return W_hh * (h * (1 - h))[:, None, :]


@step_jacobian.mistake(
    "You multiplied the slopes into W_hh by a matrix product. Each column j of W_hh is "
    "*scaled* by its own slope, "
    "which gives a matrix per sequence: (N, H, H)."
)
def slope_by_matrix_product(h, W_hh):
    return (1 - h**2) @ W_hh


@step_jacobian.mistake(
    "You transposed W_hh and then scaled its columns. With row vectors it is W_hh as it is: J[n, i, j] "
    "= W_hh[i, j] times the slope of unit j.",
    credit=0.25,
)
def weights_transposed_in_jacobian(h, W_hh):
    return W_hh.T * (1 - h**2)[:, None, :]


@step_jacobian.mistake("You scaled W_hh by h itself. The slope of tanh is 1 - h^2.")
def scaled_by_state(h, W_hh):
    return W_hh * h[:, None, :]


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("J",),
    hints=(
        "The chain rule multiplies the Jacobians of the T steps. How many are there from h_0 to h_T?",
        "With row vectors the earliest step stands on the left: J_1 J_2 ... J_T. Start from the identity.",
        "J = np.eye(H); for step in step_jacobian(h, W_hh): J = J @ step. (The T states play the batch.)",
    ),
    source=f"{PASCANU}, equation 5",
)
def jacobian_product(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    def last(moved):  # h_T as a function of a change of h_0
        first = torch.tanh(torch.atanh(h[0]) + moved @ W_hh) - h[0]
        nudges = torch.cat([first[None], torch.zeros_like(h[1:])])
        return _replayed(h[None], nudges[None], W_hh)[0]

    return torch.autograd.functional.jacobian(last, torch.zeros_like(h[0])).T


@jacobian_product.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _states(rng, 5, 3), rng.normal(size=(3, 3))
    yield _states(rng, 4, 7), rng.normal(size=(7, 7)) * 0.5
    yield _states(rng, 2, 2), rng.normal(size=(2, 2))
    yield _states(rng, 1, 3), rng.normal(size=(3, 3))
    yield _states(rng, 11, 2) * 0.3, rng.normal(size=(2, 2))


def _jacobians(h, W_hh):
    return W_hh * (1 - h**2)[:, None, :]


def _product(factors):
    J = np.eye(factors.shape[-1])
    for factor in factors:
        J = J @ factor
    return J


@jacobian_product.mistake(
    "You multiplied in the wrong order: from h_T back to h_0. Matrices do not commute; "
    "with row vectors the first "
    "step stands on the left, J_1 J_2 ... J_T."
)
def product_reversed(h, W_hh):
    return _product(_jacobians(h, W_hh)[::-1])


@jacobian_product.mistake(
    "The first factor is missing: from h_0 to h_T there are T Jacobians, one for every state in h.",
    credit=0.5,
)
def first_factor_missing(h, W_hh):
    return _product(_jacobians(h, W_hh)[1:])


@jacobian_product.mistake(
    "The last factor is missing: from h_0 to h_T there are T Jacobians, one for every state in h.", credit=0.5
)
def last_factor_missing(h, W_hh):
    return _product(_jacobians(h, W_hh)[:-1])


@jacobian_product.mistake(
    "You multiplied the Jacobians entry by entry with *. The chain rule asks for the matrix product, @."
)
def entrywise_product(h, W_hh):
    return np.prod(_jacobians(h, W_hh), axis=0)


@jacobian_product.mistake(
    "You added the Jacobians of the steps. A change passes through one step after the "
    "other, so they are multiplied."
)
def jacobians_added(h, W_hh):
    return _jacobians(h, W_hh).sum(axis=0)


@jacobian_product.mistake(
    "You took the T-th power of W_hh, without the slopes of tanh: that is the Jacobian of a linear network.",
    credit=0.25,
)
def power_of_weights(h, W_hh):
    return np.linalg.matrix_power(W_hh, len(h))


@jacobian_product.mistake(
    "You used 1 - tanh(h)^2, but h has been through tanh already: each factor has the slopes 1 - h^2.",
    credit=0.25,
)
def product_with_tanh_of_h(h, W_hh):
    return _product(_jacobians(np.tanh(h), W_hh))


@jacobian_product.mistake(
    "Your result is transposed: J[i, j] is dh_T[j] / dh_0[i], the earlier unit in the row.", credit=0.5
)
def product_transposed(h, W_hh):
    return _product(_jacobians(h, W_hh)).T


@jacobian_product.mistake(
    "You scaled the rows of W_hh in every factor. The slopes belong to the columns: W_hh * (1 - "
    "h[t]**2), or step_jacobian.",
    credit=0.25,
)
def product_with_slopes_on_rows(h, W_hh):
    return _product(W_hh * (1 - h**2)[:, :, None])


@jacobian_product.mistake(
    "You took a power of the last step's Jacobian. Every step has slopes of its own: multiply the T "
    "different Jacobians."
)
def power_of_last_jacobian(h, W_hh):
    return np.linalg.matrix_power(_jacobians(h, W_hh)[-1], len(h))


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("norm",),
    hints=(
        "W stretches some direction most. Which matrix has that direction as its "
        "eigenvector of largest eigenvalue?",
        "Repeat v <- W^T W v and scale v back to length 1 each time. How long is W v in the end?",
        "Inside the loop: v = W.T @ (W @ v); v = v / np.linalg.norm(v). After it: np.linalg.norm(W @ v).",
    ),
    source="von Mises and Pollaczek-Geiringer (1929), the power method; Golub and Van Loan, "
    "Matrix Computations, chapter 8",
)
def spectral_norm(W: torch.Tensor, v0: torch.Tensor, iterations: int) -> torch.Tensor:
    return torch.linalg.matrix_norm(W, ord=2)


def _stretching(rng: np.random.Generator, H: int, largest: float) -> np.ndarray:
    """A matrix with a clear gap below its largest singular value, so that the iteration is done in time."""
    left, right = (np.linalg.qr(rng.normal(size=(H, H)))[0] for _ in range(2))
    return left * (largest * 0.5 ** np.arange(H)) @ right


def _direction(rng: np.random.Generator, H: int) -> np.ndarray:
    """A start with a share of every direction, and not of length 1."""
    return rng.uniform(0.5, 2.0, size=H) * np.where(np.arange(H) % 2, -1.0, 1.0)


@spectral_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _stretching(rng, 5, 2.0), _direction(rng, 5), 53
    yield _stretching(rng, 3, 1000.0), _direction(rng, 3), 113
    yield np.array([[0.5, 10.0], [0.0, 0.5]]), _direction(rng, 2), 31
    yield np.array([[0.0, -2.0], [0.5, 0.0]]), _direction(rng, 2), 47
    yield np.array([[-3.0]]), np.array([0.7]), 3
    yield np.diag([1.0, 0.97, 0.5]), _direction(rng, 3), 601  # the two largest are close: many rounds
    yield np.array([[2.0, -1.0], [-1.0, 2.0]]), _direction(rng, 2), 29  # (1, 1) is not stretched at all


def _power_iteration(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "You returned the spectral radius, the largest |eigenvalue|. The norm is the largest "
    "*singular* value: the most that "
    "one multiplication can stretch a vector. Iterate with W^T W."
)
def largest_eigenvalue(W, v0, iterations):
    return np.abs(np.linalg.eigvals(W)).max()


@spectral_norm.mistake(
    "You iterated with W alone, which looks for its largest eigenvalue (and never "
    "settles where that is complex). "
    "Multiply by W and then by its transpose: v <- W^T W v."
)
def iterates_without_transpose(W, v0, iterations):
    v = v0 / np.linalg.norm(v0)
    for _ in range(iterations):
        v = W @ v
        v = v / np.linalg.norm(v)
    return np.linalg.norm(W @ v)


@spectral_norm.mistake(
    "That is the square of the norm: an eigenvalue of W^T W is a singular value squared. "
    "Take the root, or return "
    "the length of W v.",
    credit=0.5,
)
def norm_squared(W, v0, iterations):
    return np.linalg.norm(W, 2) ** 2


@spectral_norm.mistake(
    "That is the Frobenius norm, the root of the sum of all squared entries. It is never "
    "smaller than the spectral "
    "norm, and usually larger."
)
def frobenius_norm(W, v0, iterations):
    return np.linalg.norm(W)


@spectral_norm.mistake(
    "You stopped after a single iteration: repeat it as often as `iterations` says.", credit=0.25
)
def one_iteration(W, v0, iterations):
    v = W.T @ (W @ v0)
    return np.linalg.norm(W @ (v / np.linalg.norm(v)))


@spectral_norm.mistake(
    "You returned v W v, how much of W v points along v. The norm is the whole length of W v, "
    "wherever it points.",
    credit=0.25,
)
def share_along_v(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return v @ W @ v


@spectral_norm.mistake(
    "You never scale v back to length 1, so it grows until it overflows. Divide by its norm in every round.",
    credit=0.25,
)
def never_normalised(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
    return np.linalg.norm(W @ v) / np.linalg.norm(v)


@spectral_norm.mistake(
    "You measure the length of v itself, and that is 1. The norm is the length of W "
    "v: how far W stretches it."
)
def length_of_v(W, v0, iterations):
    v = v0
    for _ in range(iterations):
        v = W.T @ (W @ v)
        v = v / np.linalg.norm(v)
    return np.linalg.norm(v)


@spectral_norm.mistake(
    "You always stop after twenty rounds. How many are needed depends on the matrix: repeat as often as "
    "`iterations` says.",
    credit=0.5,
)
def always_twenty_iterations(W, v0, iterations):
    return _power_iteration(W, v0, 20)


@spectral_norm.mistake(
    "You start from ones, not from v0. A start without a share of the most stretched direction never "
    "finds it: use v0.",
    credit=0.5,
)
def starts_from_ones(W, v0, iterations):
    return _power_iteration(W, np.ones(len(W)), iterations)


@spectral_norm.mistake(
    "That is the largest sum of |entries| in a column, np.linalg.norm(W, 1). The spectral norm is the "
    "largest singular value."
)
def largest_column_sum(W, v0, iterations):
    return np.linalg.norm(W, 1)


@spectral_norm.mistake(
    "That is the largest sum of |entries| in a row, np.linalg.norm(W, np.inf). The spectral norm is the "
    "largest singular value."
)
def largest_row_sum(W, v0, iterations):
    return np.linalg.norm(W, np.inf)


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("bound",),
    hints=(
        "The norm of a product is at most the product of the norms. What are the two factors of one step?",
        "One step: the spectral norm of W_hh times that of diag(1 - h_t^2), which is its largest entry.",
        "np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=1))",
    ),
    source=f"{PASCANU}, section 2.1",
)
def norm_bound(h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    slopes = torch.diag_embed(1 - h.square())
    steps = torch.linalg.matrix_norm(slopes, ord=2) * torch.linalg.matrix_norm(W_hh, ord=2)
    return steps.prod()


@norm_bound.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _states(rng, 5, 3), rng.normal(size=(3, 3))
    yield _states(rng, 3, 7), rng.normal(size=(7, 7)) * 0.3
    yield _states(rng, 2, 2), np.array([[0.5, 10.0], [0.0, 0.5]])
    yield _states(rng, 1, 2), rng.normal(size=(2, 2))
    yield _states(rng, 13, 2) * 0.5, rng.normal(size=(2, 2))


def _largest_slopes(h):
    return (1 - h**2).max(axis=1)


@norm_bound.mistake(
    "You used the largest |eigenvalue| of W_hh. It bounds nothing in a single step: [[.5, 10], "
    "[0, .5]] has radius .5 and "
    "stretches 10-fold. Use the largest singular value."
)
def bound_by_eigenvalue(h, W_hh):
    return np.prod(np.abs(np.linalg.eigvals(W_hh)).max() * _largest_slopes(h))


@norm_bound.mistake(
    "You left out the slopes of tanh: each step is also multiplied by its largest 1 - "
    "h^2. Yours is a true bound, "
    "only a looser one.",
    credit=0.5,
)
def bound_without_slopes(h, W_hh):
    return np.linalg.norm(W_hh, 2) ** len(h)


@norm_bound.mistake(
    "You took the smallest slope of each step. A bound has to allow for the unit that "
    "passes most: the largest slope."
)
def bound_by_smallest_slope(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).min(axis=1))


@norm_bound.mistake(
    "You averaged the slopes of a step. A bound has to allow for the unit that "
    "passes most: the largest slope."
)
def bound_by_mean_slope(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).mean(axis=1))


@norm_bound.mistake(
    "You took the largest slope over time for each unit. The bound has one factor for each step: the largest "
    "slope over the units, axis 1.",
    credit=0.25,
)
def largest_over_time(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h**2).max(axis=0))


@norm_bound.mistake("You added the bounds of the steps. Norms of a product multiply: np.prod.")
def bounds_added(h, W_hh):
    return np.sum(np.linalg.norm(W_hh, 2) * _largest_slopes(h))


@norm_bound.mistake(
    "You used 1 - tanh(h)^2, but h has been through tanh already: the slopes are 1 - h^2.", credit=0.25
)
def bound_with_tanh_of_h(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * _largest_slopes(np.tanh(h)))


@norm_bound.mistake(
    "You counted the factor of W_hh once; it comes in at every one of the T steps, as the slopes do.",
    credit=0.25,
)
def weights_counted_once(h, W_hh):
    return np.linalg.norm(W_hh, 2) * np.prod(_largest_slopes(h))


@norm_bound.mistake(
    "You used the norm of each whole Jacobian W_hh diag(1 - h^2). That is a valid and even "
    "tighter bound, but here each "
    "step contributes the product of the two norms, ||W_hh|| times the largest slope.",
    credit=0.75,
)
def exact_step_norms(h, W_hh):
    return np.prod(np.linalg.norm(_jacobians(h, W_hh), 2, axis=(1, 2)))


@norm_bound.mistake(
    "You used the Frobenius norm of W_hh: still a bound, but not the spectral norm that is asked.", credit=0.5
)
def bound_by_frobenius(h, W_hh):
    return np.prod(np.linalg.norm(W_hh) * _largest_slopes(h))


@norm_bound.mistake(
    "You used the largest slope of all steps for every step. Each step has its own largest slope: take the "
    "maximum over units, axis 1.",
    credit=0.5,
)
def one_slope_for_all_steps(h, W_hh):
    return (np.linalg.norm(W_hh, 2) * (1 - h**2).max()) ** len(h)


@norm_bound.mistake(
    "You took the slope at the largest h of each step. A large h has a *small* slope, and negative ones "
    "count as well: compute all slopes 1 - h^2 first, then take their maximum.",
    credit=0.25,
)
def slope_at_largest_state(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h.max(axis=1) ** 2))


@norm_bound.mistake(
    "The square is missing in the slopes: 1 - h^2, not 1 - h.",
    credit=0.25,
)
def bound_without_square(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * (1 - h).max(axis=1))


@norm_bound.mistake(
    "The first factor is missing: from h_0 to h_T there are T steps, one for every state in h.",
    credit=0.5,
)
def bound_without_first_step(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * _largest_slopes(h[1:]))


@norm_bound.mistake(
    "That is the norm of dh_T / dh_0 itself, not the bound: multiply ||W_hh|| and the largest slope of "
    "each step."
)
def norm_not_bound(h, W_hh):
    return np.linalg.norm(_product(_jacobians(h, W_hh)), 2)


@norm_bound.mistake(
    "You took the length of each step's slopes as a vector. The norm of a diagonal matrix is its "
    "largest entry: max over the units.",
    credit=0.25,
)
def length_of_slopes(h, W_hh):
    return np.prod(np.linalg.norm(W_hh, 2) * np.linalg.norm(1 - h**2, axis=1))


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("norms",),
    hints=(
        "Go backwards from dh_T. Entry 0 of the answer is the norm of dh_T itself: lag 0.",
        "From h_t to h_{t-1}: multiply by the slope 1 - h_t^2, then by W_hh transposed. No "
        "other loss joins on the way.",
        "norms[0] = np.linalg.norm(dh_T); then for k from 1: dh = (dh * (1 - h[:, -k] ** "
        "2)) @ W_hh.T and norms[k].",
    ),
    source="Hochreiter (1991), Untersuchungen zu dynamischen neuronalen Netzen; Bengio, "
    "Simard and Frasconi (1994)",
)
def gradient_norms(dh_T: torch.Tensor, h: torch.Tensor, W_hh: torch.Tensor) -> torch.Tensor:
    nudges = torch.zeros_like(h, requires_grad=True)
    (dh,) = torch.autograd.grad((dh_T * _replayed(h, nudges, W_hh)).sum(), nudges)
    return torch.linalg.vector_norm(dh, dim=(0, 2)).flip(0)


@gradient_norms.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(2, 3)), _states(rng, 2, 5, 3), rng.normal(size=(3, 3))
    yield rng.normal(size=(5, 2)), _states(rng, 5, 7, 2), rng.normal(size=(2, 2)) * 1.5
    yield rng.normal(size=(1, 7)), _states(rng, 1, 2, 7), rng.normal(size=(7, 7))
    yield rng.normal(size=(3, 2)), _states(rng, 3, 1, 2), rng.normal(size=(2, 2))
    yield rng.normal(size=(1, 1)), _states(rng, 1, 11, 1) * 0.2, np.array([[3.0]])


def _norms_by_lag(dh_T, h, W_hh, slope):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = (dh * slope(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


def _slope_at(h, k):
    return 1 - h[:, -k] ** 2


def _gradients_by_lag(dh_T, h, W_hh, lags):
    """dL/dh_{T-k} for k = 0 .. lags, a list of arrays (N, H)."""
    gradients = [dh_T]
    for k in range(1, lags + 1):
        gradients.append((gradients[-1] * _slope_at(h, k)) @ W_hh.T)
    return gradients


@gradient_norms.mistake(
    "Your norms are in the order of time. They are asked by lag: entry 0 belongs to "
    "h_T, the last entry to h_1.",
    credit=0.5,
)
def ordered_by_time(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, _slope_at)[::-1]


@gradient_norms.mistake(
    "You took the slope at the wrong step: on the way from h_t to h_{t-1} the gradient "
    "passes the tanh that made h_t, "
    "so its slope is 1 - h_t^2.",
    credit=0.25,
)
def slope_one_step_early(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1 - h[:, -k - 1] ** 2)


@gradient_norms.mistake(
    "You took the slopes in the order of time. The gradient starts at the end: the first slope that it meets "
    "is that of h_T, then h_{T-1}, and so on.",
    credit=0.25,
)
def slopes_in_order_of_time(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1 - h[:, k] ** 2)


@gradient_norms.mistake(
    "You multiplied by W_hh. The forward pass uses h W_hh, so the gradient comes back "
    "through its transpose, W_hh.T.",
    credit=0.25,
)
def weights_not_transposed(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh.T, _slope_at)


@gradient_norms.mistake("The slope of tanh is missing: before W_hh.T, multiply by 1 - h_t^2.")
def norms_without_slope(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1.0)


@gradient_norms.mistake(
    "You used 1 - tanh(h)^2, but h has been through tanh already: the slope is 1 - h^2.", credit=0.25
)
def norms_with_tanh_of_h(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, lambda h, k: 1 - np.tanh(h[:, -k]) ** 2)


@gradient_norms.mistake(
    "You multiplied by W_hh.T first and by the slope afterwards. Going backwards the tanh "
    "comes first, then W_hh.T.",
    credit=0.25,
)
def slope_after_weights(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = (dh @ W_hh.T) * _slope_at(h, k)
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake("You returned squared norms: the root is missing.", credit=0.5)
def norms_squared(dh_T, h, W_hh):
    return _norms_by_lag(dh_T, h, W_hh, _slope_at) ** 2


@gradient_norms.mistake(
    "You averaged one norm per sequence. Asked is a single norm over batch and units together: "
    "np.linalg.norm(dh) of the whole (N, H) array.",
    credit=0.5,
)
def mean_of_norms_per_sequence(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T, axis=1).mean()]
    for k in range(1, h.shape[1]):
        dh = (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh, axis=1).mean())
    return np.array(norms)


@gradient_norms.mistake(
    "Your lags start at 1. Entry 0 is lag 0, the norm of dh_T itself; the last entry, "
    "lag T - 1, belongs to h_1.",
    credit=0.5,
)
def lags_start_at_one(dh_T, h, W_hh):
    dh, norms = dh_T, []
    for k in range(1, h.shape[1] + 1):
        dh = (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake(
    "You divided by the first norm. The lengths themselves are asked; entry 0 is the norm of dh_T.",
    credit=0.5,
)
def norms_relative_to_first(dh_T, h, W_hh):
    norms = _norms_by_lag(dh_T, h, W_hh, _slope_at)
    return norms / norms[0]


@gradient_norms.mistake(
    "You went one step too far, back to h_0: there are T norms, and the last one belongs to h_1.",
    credit=0.5,
)
def one_norm_too_many(dh_T, h, W_hh):
    return np.array([np.linalg.norm(dh) for dh in _gradients_by_lag(dh_T, h, W_hh, h.shape[1])])


@gradient_norms.mistake(
    "You kept one norm per sequence, (T, N). Asked is a single one per lag, over batch and units "
    "together: np.linalg.norm(dh).",
    credit=0.5,
)
def norms_per_sequence(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.linalg.norm(dh, axis=1) for dh in lags])


@gradient_norms.mistake(
    "You took the root of the *mean* of the squares. A norm is the root of their sum.",
    credit=0.5,
)
def root_of_mean_square(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.sqrt((dh**2).mean()) for dh in lags])


@gradient_norms.mistake(
    "You added dh_T again at every step. The only loss is at the end: after entry 0 nothing joins the "
    "gradient.",
    credit=0.25,
)
def loss_at_every_step(dh_T, h, W_hh):
    dh, norms = dh_T, [np.linalg.norm(dh_T)]
    for k in range(1, h.shape[1]):
        dh = dh_T + (dh * _slope_at(h, k)) @ W_hh.T
        norms.append(np.linalg.norm(dh))
    return np.array(norms)


@gradient_norms.mistake(
    "You took the spectral norm of the (N, H) array, np.linalg.norm(dh, 2). Its length is asked, the "
    "root of the sum of all squares: np.linalg.norm(dh).",
    credit=0.5,
)
def spectral_norms_of_batch(dh_T, h, W_hh):
    lags = _gradients_by_lag(dh_T, h, W_hh, h.shape[1] - 1)
    return np.array([np.linalg.norm(dh, 2) for dh in lags])
