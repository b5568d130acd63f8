"""Lesson 08: what can be fixed from outside the cell: clipping, weight decay, initial weights, ReLU."""

from collections.abc import Iterator

import numpy as np
import torch

from autograder.exercise import exercise

PASCANU = "Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks"


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("clipped", "norm"),
    hints=(
        "One norm for all arrays together: the length of the vector you would get by laying them end to end.",
        "norm = root of the sum of all squares. Where it exceeds max_norm, scale *every* "
        "array by max_norm / norm.",
        "scale = max_norm / max(norm, max_norm); return [g * scale for g in grads], norm",
    ),
    source=f"{PASCANU}, section 3.2",
    rtol=1e-5,  # PyTorch divides by norm + 1e-6; leaving that out is as right
)
def clip_by_global_norm(grads: list, max_norm: float) -> tuple[list, torch.Tensor]:
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = g.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return [parameter.grad for parameter in parameters], norm


@clip_by_global_norm.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield [rng.normal(size=(3, 5)) * 4, rng.normal(size=(5, 5)) * 2, rng.normal(size=7) * 3], 2.0
    yield [rng.normal(size=(2, 3)) * 0.1, rng.normal(size=3) * 0.1], 5.0
    yield [np.array([3.0, 4.0]), np.array([12.0])], 5.0
    yield [rng.normal(size=(2, 2, 3)) * 100], 0.5
    yield [np.zeros((2, 3)), np.zeros(5)], 1.0
    yield [rng.uniform(1, 2, size=(3, 2)), rng.uniform(40, 50, size=2)], 10.0


def _global_norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads))


@clip_by_global_norm.mistake(
    "You clipped every array by its own norm. That changes the direction of the whole "
    "step; take one norm over all "
    "arrays together and scale them all by the same number."
)
def clips_each_array(grads, max_norm):
    clipped = [g * (max_norm / max(np.linalg.norm(g), max_norm)) for g in grads]
    return clipped, _global_norm(grads)


@clip_by_global_norm.mistake(
    "You clipped entry by entry, to [-max_norm, max_norm]. Clipping by norm keeps the "
    "direction: it scales all "
    "entries by the same number."
)
def clips_entries(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads], _global_norm(grads)


@clip_by_global_norm.mistake(
    "You rescale always, so that small gradients *grow* to max_norm. Leave them as they "
    "are while the norm is below.",
    credit=0.25,
)
def rescales_always(grads, max_norm):
    norm = _global_norm(grads)
    return [g * (max_norm / (norm + 1e-300)) for g in grads], norm


@clip_by_global_norm.mistake(
    "Your norm is squared: take the root of the sum of squares before comparing and dividing.", credit=0.25
)
def norm_without_root(grads, max_norm):
    squares = sum((g**2).sum() for g in grads)
    return [g * (max_norm / max(squares, max_norm)) for g in grads], squares


@clip_by_global_norm.mistake(
    "You flipped the sign of the gradients. The popular word 'gradient flipping' is a "
    "mishearing of clipping: only the "
    "length changes."
)
def flips_the_sign(grads, max_norm):
    norm = _global_norm(grads)
    return [g * (-max_norm / norm) if norm > max_norm else g for g in grads], norm


@clip_by_global_norm.mistake(
    "You returned the norm after clipping. The norm before clipping is asked: it is what "
    "one watches during training.",
    credit=0.5,
)
def returns_clipped_norm(grads, max_norm):
    norm = _global_norm(grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], min(norm, max_norm)


@clip_by_global_norm.mistake(
    "Your numbers are right, but you scaled the given arrays in place (g *= ...). "
    "Return new ones: g * scale.",
    credit=0.5,
)
def clips_in_place(grads, max_norm):
    norm = _global_norm(grads)
    for g in grads:
        g *= max_norm / max(norm, max_norm)
    return grads, norm


@clip_by_global_norm.mistake(
    "You added up the norms of the arrays. The norm of all entries together is the root of "
    "the sum of their squares."
)
def adds_norms(grads, max_norm):
    norm = sum(np.linalg.norm(g) for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You took the largest entry for the norm. The norm of all entries together is the root of the sum of "
    "their squares."
)
def norm_is_largest_entry(grads, max_norm):
    norm = max(np.abs(g).max() for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You divided by the norm, but did not multiply by max_norm: the clipped gradient should "
    "have length max_norm, not 1.",
    credit=0.25,
)
def scales_to_length_one(grads, max_norm):
    norm = _global_norm(grads)
    return [g / norm if norm > max_norm else g for g in grads], norm


@clip_by_global_norm.mistake(
    "You rescale always: gradients that are short grow to max_norm, and a gradient of zero ends in 0 / "
    "0, nan. Rescale only where the norm exceeds max_norm.",
    credit=0.25,
)
def rescales_always_even_zero(grads, max_norm):
    norm = _global_norm(grads)
    return [g * max_norm / norm for g in grads], norm


@clip_by_global_norm.mistake(
    "Your factor is max(1, max_norm / norm): it lengthens short gradients and leaves long ones alone. "
    "The factor is at most 1: min.",
    credit=0.25,
)
def factor_at_least_one(grads, max_norm):
    norm = _global_norm(grads)
    return [g * max(1.0, max_norm / norm) for g in grads], norm


@clip_by_global_norm.mistake(
    "You took the norm of the longest array for the norm of all. Together they are longer: the root of "
    "the sum of *all* squares.",
    credit=0.25,
)
def norm_of_longest_array(grads, max_norm):
    norm = max(np.linalg.norm(g) for g in grads)
    return [g * (max_norm / max(norm, max_norm)) for g in grads], norm


@clip_by_global_norm.mistake(
    "You set gradients that are too long to zero, and so lose the step. Shorten them to max_norm and "
    "keep their direction."
)
def drops_long_gradients(grads, max_norm):
    norm = _global_norm(grads)
    return [g * (norm <= max_norm) for g in grads], norm


@clip_by_global_norm.mistake(
    "Your factor is upside down, norm / max_norm: long gradients stay and short ones shrink. It is "
    "max_norm / norm, and at most 1.",
    credit=0.25,
)
def factor_upside_down(grads, max_norm):
    norm = _global_norm(grads)
    return [g * min(1.0, norm / max_norm) for g in grads], norm


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("clipped",),
    hints=(
        "Each entry for itself: what is above limit becomes limit, what is below -limit becomes -limit.",
        "NumPy has a function of this name; build a new list with it.",
        "return [np.clip(g, -limit, limit) for g in grads]",
    ),
    source="Mikolov (2012), Statistical language models based on neural networks",
)
def clip_by_value(grads: list, limit: float) -> list:
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = g.clone()
    torch.nn.utils.clip_grad_value_(parameters, limit)
    return [parameter.grad for parameter in parameters]


@clip_by_value.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield [rng.normal(size=(3, 5)) * 2, rng.normal(size=7) * 2], 1.0
    yield [rng.normal(size=(2, 3)) * 0.1, rng.normal(size=(5, 2)) * 0.1], 3.0
    yield [np.array([3.0, 4.0]), np.array([-12.0])], 5.0
    yield [rng.normal(size=(2, 2, 3)) * 1000], 0.5


@clip_by_value.mistake(
    "You scaled by the norm. Clipping by value treats each entry for itself and leaves "
    "those within the limit alone."
)
def value_clip_by_norm(grads, limit):
    norm = _global_norm(grads)
    return [g * (limit / max(norm, limit)) for g in grads]


@clip_by_value.mistake(
    "You clipped from above only: very negative entries pass. Both sides count, [-limit, limit].", credit=0.5
)
def upper_side_only(grads, limit):
    return [np.minimum(g, limit) for g in grads]


@clip_by_value.mistake(
    "You lost the sign: negative entries come out positive. The range is [-limit, limit].", credit=0.25
)
def sign_lost(grads, limit):
    return [np.minimum(np.abs(g), limit) for g in grads]


@clip_by_value.mistake(
    "You set entries beyond the limit to zero. Clipping moves them to the limit and keeps their sign."
)
def zeroes_the_large(grads, limit):
    return [np.where(np.abs(g) > limit, 0.0, g) for g in grads]


@clip_by_value.mistake(
    "You scaled each array so that its largest entry meets the limit. Here entries within "
    "the limit stay as they are."
)
def scales_by_largest(grads, limit):
    return [g * min(1.0, limit / np.abs(g).max()) for g in grads]


@clip_by_value.mistake(
    "Your lower end is 0, so that every negative entry vanishes. The range is [-limit, limit].", credit=0.25
)
def clips_at_zero(grads, limit):
    return [np.clip(g, 0, limit) for g in grads]


@clip_by_value.mistake(
    "Your numbers are right, but you clipped the given arrays in place. Return new ones.", credit=0.5
)
def value_clip_in_place(grads, limit):
    for g in grads:
        np.clip(g, -limit, limit, out=g)
    return grads


@clip_by_value.mistake(
    "Very negative entries jump to +limit: you compared the absolute value, and then forgot the sign. "
    "They move to -limit.",
    credit=0.25,
)
def negative_to_upper_limit(grads, limit):
    return [np.where(np.abs(g) > limit, limit, g) for g in grads]


@clip_by_value.mistake("You moved every entry to a limit. Those within [-limit, limit] stay as they are.")
def everything_to_the_limit(grads, limit):
    return [np.sign(g) * limit for g in grads]


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
def weight_decay_step(W: torch.Tensor, dW: torch.Tensor, lr: float, decay: float) -> torch.Tensor:
    parameter = torch.nn.Parameter(W.clone())
    parameter.grad = dW.clone()
    torch.optim.SGD([parameter], lr=lr, weight_decay=decay).step()
    return parameter


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
    "Your penalty is decay * ||W||^2, whose gradient has a factor 2. By convention the "
    "penalty is half of that, and "
    "its gradient is decay * W.",
    credit=0.5,
)
def decay_twice(W, dW, lr, decay):
    return W - lr * (dW + 2 * decay * W)


@weight_decay_step.mistake("The decay is missing: this is a plain gradient step. Add decay * W to dW.")
def no_decay(W, dW, lr, decay):
    return W - lr * dW


@weight_decay_step.mistake(
    "You shrank the weights after the step. The decay acts on the W that came in: lr * "
    "decay * W is computed before.",
    credit=0.5,
)
def decays_after_step(W, dW, lr, decay):
    return (1 - lr * decay) * (W - lr * dW)


@weight_decay_step.mistake(
    "You subtracted a constant for each weight, whatever its size: that is an L1 "
    "penalty. Here it is decay * W.",
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
    "Your numbers are right, but you changed W in place (W -= ...). Return a new array.", credit=0.5
)
def decays_in_place(W, dW, lr, decay):
    W -= lr * (dW + decay * W)
    return W


@weight_decay_step.mistake(
    "You added the whole step. Going downhill means to subtract both terms: W - lr * (dW + decay * W).",
    credit=0.25,
)
def adds_whole_step(W, dW, lr, decay):
    return W + lr * (dW + decay * W)


@weight_decay_step.mistake(
    "The penalty's half is gone once you differentiate: the gradient of decay/2 * ||W||^2 is decay * W, "
    "not decay/2 * W.",
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


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("W_hh",),
    hints=(
        "Ones on the diagonal, zeros elsewhere: NumPy has a function for that matrix.",
        "Multiply the identity by scale.",
        "return scale * np.eye(H)",
    ),
    source="Le, Jaitly and Hinton (2015), A simple way to initialize recurrent networks "
    "of rectified linear units",
)
def identity_init(H: int, scale: float) -> torch.Tensor:
    return scale * torch.nn.init.eye_(torch.empty(H, H, dtype=torch.float64))


@identity_init.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield 5, 1.0
    yield 7, 0.9
    yield 3, 1.25
    yield 1, 0.5


@identity_init.mistake("You left out scale: multiply the identity by it.", credit=0.5)
def ignores_scale(H, scale):
    return np.eye(H)


@identity_init.mistake(
    "You filled the whole matrix. Only the diagonal is scale; everything beside it is 0, "
    "so that units do not mix."
)
def full_of_scale(H, scale):
    return np.full((H, H), scale)


@identity_init.mistake(
    "You returned the diagonal alone, as a vector. W_hh is a matrix (H, H): np.eye makes it."
)
def only_the_diagonal(H, scale):
    return np.full(H, scale)


@identity_init.mistake("You added scale to every entry; it multiplies the identity.")
def adds_scale(H, scale):
    return np.eye(H) + scale


@identity_init.mistake(
    "You divided by the root of H, as for random weights. The identity is not random: only scale."
)
def scaled_like_random(H, scale):
    return np.eye(H) * scale / np.sqrt(H)


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("W_hh",),
    hints=(
        "np.linalg.qr splits a matrix into Q, which is orthogonal, and R, upper triangular: gaussian = Q R.",
        "Q and R are only unique up to signs. Multiply column j of Q by the sign of R[j, j].",
        "Q, R = np.linalg.qr(gaussian); return Q * np.sign(np.diag(R))",
    ),
    source="Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of "
    "learning; Mezzadri (2007)",
)
def orthogonal_init(gaussian: torch.Tensor) -> torch.Tensor:
    Q, R = torch.linalg.qr(gaussian)
    return Q * torch.diagonal(R).sign()


@orthogonal_init.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (rng.normal(size=(5, 5)),)
    yield (rng.normal(size=(7, 7)) * 3,)
    yield (np.abs(rng.normal(size=(3, 3))),)
    yield (rng.normal(size=(2, 2)),)
    yield (np.array([[-0.7]]),)


def _orthogonal(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))


@orthogonal_init.mistake(
    "You return Q as np.linalg.qr gives it, with signs that depend on the algorithm inside. "
    "Multiply each column of Q by "
    "the sign of R's diagonal entry.",
    credit=0.5,
)
def signs_left_open(gaussian):
    return np.linalg.qr(gaussian)[0]


@orthogonal_init.mistake(
    "You multiplied the rows of Q by the signs. They belong to the columns, because gaussian = "
    "Q R: column j of Q meets "
    "row j of R.",
    credit=0.5,
)
def signs_on_rows(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))[:, None]


@orthogonal_init.mistake(
    "You multiplied Q by the diagonal of R itself, so that it is no longer orthogonal. "
    "Take only the signs: np.sign."
)
def scaled_by_diagonal(gaussian):
    Q, R = np.linalg.qr(gaussian)
    return Q * np.diag(R)


@orthogonal_init.mistake("You returned R, the triangular factor. The orthogonal one is Q.")
def returns_triangle(gaussian):
    R = np.linalg.qr(gaussian).R
    return R * np.sign(np.diag(R))[:, None]


@orthogonal_init.mistake(
    "You made every column one long, but the columns are not perpendicular yet. QR does both.", credit=0.25
)
def only_normalised(gaussian):
    return gaussian / np.linalg.norm(gaussian, axis=0)


@orthogonal_init.mistake(
    "You took the orthogonal matrix nearest to gaussian (from its SVD). It is orthogonal "
    "and random too, but the one "
    "asked for is the Q of gaussian = Q R.",
    credit=0.75,
)
def nearest_orthogonal(gaussian):
    U, _, Vt = np.linalg.svd(gaussian)
    return U @ Vt


@orthogonal_init.mistake(
    "Your matrix is transposed: orthogonal as well, but the one asked for is Q, not Q.T.", credit=0.5
)
def orthogonal_transposed(gaussian):
    return _orthogonal(gaussian).T


@orthogonal_init.mistake(
    "You took the signs of Q's diagonal. The ones that make Q unique are those of R's diagonal.",
    credit=0.5,
)
def signs_of_q(gaussian):
    Q = np.linalg.qr(gaussian).Q
    return Q * np.sign(np.diag(Q))


@orthogonal_init.mistake(
    "You turned all of Q round. Each column has a sign of its own, that of R's diagonal entry.",
    credit=0.5,
)
def all_signs_turned(gaussian):
    return -np.linalg.qr(gaussian).Q


@orthogonal_init.mistake(
    "You split the transpose of gaussian. Orthogonal as well, but asked is the Q of gaussian = Q R.",
    credit=0.5,
)
def splits_transpose(gaussian):
    return _orthogonal(gaussian.T)


@orthogonal_init.mistake(
    "You returned R as np.linalg.qr gives it, the triangular factor. The orthogonal one is Q, with the "
    "signs of R's diagonal."
)
def returns_raw_triangle(gaussian):
    return np.linalg.qr(gaussian).R


@orthogonal_init.mistake(
    "You scaled gaussian by the root of H. Its lengths are right on average only; QR makes it exactly "
    "orthogonal."
)
def only_scaled(gaussian):
    return gaussian / np.sqrt(len(gaussian))


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("h",),
    hints=(
        "It is rnn_step of lesson 04 with another activation.",
        "ReLU: the larger of z and 0, entry by entry, of the whole sum.",
        "return np.maximum(x @ W_xh + h_prev @ W_hh + b_h, 0)",
    ),
    source="Le, Jaitly and Hinton (2015), A simple way to initialize recurrent networks "
    "of rectified linear units",
)
def irnn_step(
    x: torch.Tensor, h_prev: torch.Tensor, W_xh: torch.Tensor, W_hh: torch.Tensor, b_h: torch.Tensor
) -> torch.Tensor:
    return torch.rnn_relu_cell(x, h_prev, W_xh.T, W_hh.T, b_h, torch.zeros_like(b_h))


@irnn_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, D, H in ((2, 3, 7), (5, 2, 3)):
        h_prev = np.abs(rng.normal(size=(N, H))) + 0.1
        yield (
            rng.normal(size=(N, D)),
            h_prev,
            rng.normal(size=(D, H)),
            rng.normal(size=(H, H)),
            rng.normal(size=H),
        )
    yield np.zeros((1, 2)), rng.uniform(1, 2, size=(1, 5)), rng.normal(size=(2, 5)), np.eye(5), np.zeros(5)
    yield (
        rng.normal(size=(3, 1)) * 50,
        rng.uniform(1, 100, size=(3, 2)),
        np.array([[1.5, -0.5]]),
        rng.normal(size=(2, 2)),
        rng.normal(size=2),
    )


def _relu(z):
    return np.maximum(z, 0)


@irnn_step.mistake(
    "You used tanh. The identity keeps a state only where the activation leaves it alone, and "
    "tanh squeezes it in every "
    "step: use ReLU, np.maximum(z, 0)."
)
def irnn_with_tanh(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


@irnn_step.mistake("The activation is missing: negative sums must become 0, np.maximum(z, 0).", credit=0.25)
def irnn_without_relu(x, h_prev, W_xh, W_hh, b_h):
    return x @ W_xh + h_prev @ W_hh + b_h


@irnn_step.mistake("You added b_h outside the ReLU. It belongs inside, into the sum.", credit=0.5)
def irnn_bias_outside(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh) + b_h


@irnn_step.mistake(
    "You applied ReLU to each term. Add the three terms first, then cut the sum at 0.", credit=0.25
)
def irnn_relu_of_each_term(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh) + _relu(h_prev @ W_hh) + _relu(b_h)


@irnn_step.mistake(
    "You added h_prev itself, as if W_hh were fixed at the identity. It only *starts* there and "
    "is learned: h_prev @ W_hh."
)
def irnn_weights_fixed(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev + b_h)


@irnn_step.mistake("You ignore h_prev, so there is no recurrence: add h_prev @ W_hh.")
def irnn_no_recurrence(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + b_h)


@irnn_step.mistake("You used the transpose of W_hh: with row vectors it is h_prev @ W_hh.", credit=0.25)
def irnn_weights_transposed(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh.T + b_h)


@irnn_step.mistake(
    "You multiplied h_prev and W_hh entry by entry. Every unit hears all units: h_prev @ W_hh, "
    "a matrix product."
)
def irnn_entrywise(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev * W_hh + b_h)


@irnn_step.mistake("You forgot the bias b_h.", credit=0.5)
def irnn_without_bias(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + h_prev @ W_hh)


@irnn_step.mistake(
    "The memory is added outside the ReLU. It belongs inside, into the sum: a state is never negative.",
    credit=0.25,
)
def irnn_memory_outside(x, h_prev, W_xh, W_hh, b_h):
    return _relu(x @ W_xh + b_h) + h_prev @ W_hh


@irnn_step.mistake("You took the absolute value. ReLU sets negative sums to 0; it does not turn them round.")
def irnn_absolute(x, h_prev, W_xh, W_hh, b_h):
    return np.abs(x @ W_xh + h_prev @ W_hh + b_h)


@irnn_step.mistake(
    "You let a hundredth of negative sums through: that is a leaky ReLU. Here they become 0.",
    credit=0.25,
)
def irnn_leaky(x, h_prev, W_xh, W_hh, b_h):
    z = x @ W_xh + h_prev @ W_hh + b_h
    return np.where(z > 0, z, 0.01 * z)
