"""Lesson 17, adamw_step: its cases, hints and mistakes."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=20,
    returns=("p", "m", "v"),
    hints=(
        "Two running means: m of the gradient, v of its square. Both start from 0 and are too small at "
        "first; dividing by 1 - beta**t makes up for it.",
        "The step is lr * m_hat / (sqrt(v_hat) + eps). The decay takes no part in it: p also loses lr * "
        "decay * p, of the p that came in. Return m and v as they are, not corrected.",
        "m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; step = m / (1 - beta1**t) / "
        "(np.sqrt(v / (1 - beta2**t)) + eps); return p - lr * (step + decay * p), m, v",
    ),
    source="Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2",
)
def adamw_step(p, g, m, v, t, lr, beta1, beta2, eps, decay): ...


@adamw_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def given(shape):
        p, g, m = rng.normal(size=(3, *shape))
        return p, g, m, rng.uniform(0.1, 2, size=shape)

    yield *given((3, 5)), 2, 0.1, 0.9, 0.97, 1e-8, 0.3
    yield *given((7,)), 5, 0.3, 0.7, 0.9, 0.1, 0.05
    yield *given((2, 3)), 1000, 0.05, 0.9, 0.999, 1e-8, 0.0
    p, g, _, _ = given((5, 2))
    yield p, g, np.zeros_like(p), np.zeros_like(p), 1, 0.1, 0.9, 0.98, 0.01, 0.2  # the first step
    p, g, m, v = given((5,))
    g[1], m[1], v[1] = 0, 0, 0  # a weight that has never had a gradient
    yield p, g, m, v, 3, 0.2, 0.8, 0.95, 1e-6, 0.5
    p, g, _, _ = given((3,))
    yield p, g, np.zeros(3), np.zeros(3), 1, 1.0, 0.5, 0.5, 5.0, 0.25  # eps above most of the roots


def _np_adamw(
    p,
    g,
    m,
    v,
    t,
    lr,
    beta1,
    beta2,
    eps,
    decay,
    *,
    moments: Callable[..., Any] | None = None,
    corrected: Callable[..., Any] | None = None,
    ratio: Callable[..., Any] | None = None,
    moved: Callable[..., Any] | None = None,
):
    """The four lines of the algorithm, each of which may be spoilt: the right ones stand below."""
    m, v = (moments or _moments)(m, v, g, beta1, beta2)
    hats = (corrected or _corrected)(m, v, t, beta1, beta2)
    step = (ratio or _ratio)(*hats, eps)
    return (moved or _moved)(p, step, lr, decay), m, v


def _moments(m, v, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def _corrected(m, v, t, beta1, beta2):
    return m / (1 - np.float64(beta1) ** t), v / (1 - np.float64(beta2) ** t)


def _ratio(m_hat, v_hat, eps):
    return m_hat / (np.sqrt(v_hat) + eps)


def _moved(p, step, lr, decay):
    return p - lr * (step + decay * p)


#: Wrong pieces: name, which piece, function, sentence, credit.
_PIECES = (
    (
        "correction_missing",
        "corrected",
        lambda m, v, t, beta1, beta2: (m, v),
        "The correction of the start is missing: divide m by 1 - beta1**t and v by 1 - beta2**t before the "
        "step.",
        0.5,
    ),
    (
        "v_not_corrected",
        "corrected",
        lambda m, v, t, beta1, beta2: (m / (1 - beta1**t), v),
        "Only m is corrected. Divide v by 1 - beta2**t as well: both means start from 0.",
        0.5,
    ),
    (
        "m_not_corrected",
        "corrected",
        lambda m, v, t, beta1, beta2: (m, v / (1 - beta2**t)),
        "Only v is corrected. Divide m by 1 - beta1**t as well: both means start from 0.",
        0.5,
    ),
    (
        "t_plus_one",
        "corrected",
        lambda m, v, t, beta1, beta2: _corrected(m, v, t + 1, beta1, beta2),
        "You corrected with t + 1. Here t counts from 1 already: in the first step it is 1 - beta**1.",
        0.5,
    ),
    (
        "t_minus_one",
        "corrected",
        lambda m, v, t, beta1, beta2: _corrected(m, v, t - 1, beta1, beta2),
        "You corrected with t - 1, which in the first step divides by 0. Here t counts from 1.",
        0.5,
    ),
    (
        "corrected_without_power",
        "corrected",
        lambda m, v, t, beta1, beta2: (m / (1 - beta1), v / (1 - beta2)),
        "You divided by 1 - beta. The correction is 1 - beta**t: it fades as t grows.",
        0.5,
    ),
    (
        "corrected_by_one_beta",
        "corrected",
        lambda m, v, t, beta1, beta2: (m / (1 - beta1**t), v / (1 - beta1**t)),
        "You corrected v with beta1. It was averaged with beta2: divide it by 1 - beta2**t.",
        0.5,
    ),
    (
        "eps_inside_root",
        "ratio",
        lambda m, v, eps: m / np.sqrt(v + eps),
        "You added eps inside the root. Here it stands outside: sqrt(v_hat) + eps.",
        0.5,
    ),
    (
        "eps_left_out",
        "ratio",
        lambda m, v, eps: m / np.sqrt(v),
        "You left out eps. A weight that has never had a gradient then divides 0 by 0.",
        0.5,
    ),
    (
        "larger_of_root_and_eps",
        "ratio",
        lambda m, v, eps: m / np.maximum(np.sqrt(v), eps),
        "You divided by the larger of sqrt(v_hat) and eps. Here eps is added: sqrt(v_hat) + eps.",
        0.5,
    ),
    (
        "eps_written_in",
        "ratio",
        lambda m, v, eps: m / (np.sqrt(v) + 1e-8),
        "You wrote 1e-8 into the function. Use the eps that is given.",
        0.5,
    ),
    (
        "root_missing",
        "ratio",
        lambda m, v, eps: m / (v + eps),
        "The root is missing: v is a mean of squares, and the step divides by sqrt(v_hat) + eps.",
        0.25,
    ),
    (
        "plain_momentum",
        "ratio",
        lambda m, v, eps: m,
        "You did not divide by sqrt(v_hat) + eps: that is gradient descent with momentum, not Adam.",
        0.25,
    ),
    (
        "not_squared",
        "moments",
        lambda m, v, g, beta1, beta2: (
            _moments(m, v, g, beta1, beta2)[0],
            beta2 * v + (1 - beta2) * np.abs(g),
        ),
        "Your v averages the size of g. It is the mean of its square: (1 - beta2) * g**2.",
        0.25,
    ),
    (
        "gradient_in_both_moments",
        "moments",
        lambda m, v, g, beta1, beta2: (_moments(m, v, g, beta1, beta2)[0], beta2 * v + (1 - beta2) * g),
        "Your v averages g itself. It is the mean of its square: (1 - beta2) * g**2.",
        0.25,
    ),
    (
        "v_from_m",
        "moments",
        lambda m, v, g, beta1, beta2: (
            _moments(m, v, g, beta1, beta2)[0],
            beta2 * v + (1 - beta2) * _moments(m, v, g, beta1, beta2)[0] ** 2,
        ),
        "Your v averages the square of m. It is the mean of the gradient's own square: g**2.",
        0.25,
    ),
    (
        "betas_in_wrong_place",
        "moments",
        lambda m, v, g, beta1, beta2: ((1 - beta1) * m + beta1 * g, (1 - beta2) * v + beta2 * g**2),
        "Old and new have each other's share: beta goes with the old mean, 1 - beta with the new gradient.",
        0.25,
    ),
    (
        "no_share_for_the_new",
        "moments",
        lambda m, v, g, beta1, beta2: (beta1 * m + g, beta2 * v + g**2),
        "The factors 1 - beta1 and 1 - beta2 are missing: m and v are means, whose shares add up to 1.",
        0.25,
    ),
    (
        "decay_missing",
        "moved",
        lambda p, step, lr, decay: p - lr * step,
        "The decay is missing: p also loses lr * decay * p.",
        0.5,
    ),
    (
        "decay_without_lr",
        "moved",
        lambda p, step, lr, decay: p - lr * step - decay * p,
        "You subtracted decay * p without the learning rate. Both terms are scaled by it: lr * decay * p.",
        0.5,
    ),
    (
        "decay_after_step",
        "moved",
        lambda p, step, lr, decay: (1 - lr * decay) * (p - lr * step),
        "You shrank p after the step. The decay acts on the p that came in: lr * decay * p is computed "
        "before.",
        0.5,
    ),
    (
        "decays_by_sign",
        "moved",
        lambda p, step, lr, decay: p - lr * (step + decay * np.sign(p)),
        "Your decay takes the same off every weight, whatever its size: that is an L1 penalty. Here it is "
        "decay * p.",
        0.25,
    ),
    (
        "decay_grows",
        "moved",
        lambda p, step, lr, decay: p - lr * (step - decay * p),
        "Your decay has the wrong sign: it makes p grow. Subtract lr * decay * p.",
        0.5,
    ),
    (
        "step_uphill",
        "moved",
        lambda p, step, lr, decay: p + lr * step - lr * decay * p,
        "You added the step. Going downhill means to subtract it.",
        0.25,
    ),
    (
        "lr_missing",
        "moved",
        lambda p, step, lr, decay: p - step - lr * decay * p,
        "The step lacks the learning rate: lr * m_hat / (sqrt(v_hat) + eps).",
        0.25,
    ),
    (
        "step_alone",
        "moved",
        lambda p, step, lr, decay: -lr * (step + decay * p),
        "This is the step alone. Return where it leads: p plus the step.",
        0.5,
    ),
)
for _name, _which, _piece, _message, _credit in _PIECES:
    adamw_step.add_mistake(
        _name,
        lambda *given, which=_which, piece=_piece: _np_adamw(*given, **{which: piece}),
        _message,
        _credit,
    )


@adamw_step.mistake(
    "You added decay * p to the gradient. That is Adam with an L2 penalty: the decay is then divided by "
    "sqrt(v_hat) too. Decoupled, it goes past m and v, straight to p.",
    credit=0.25,
)
def decay_in_the_gradient(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    return _np_adamw(p, g + decay * p, m, v, t, lr, beta1, beta2, eps, 0)


@adamw_step.mistake(
    "You added decay * p to the gradient, and subtracted it from p as well. It goes straight to p, once.",
    credit=0.25,
)
def decay_twice(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    return _np_adamw(p, g + decay * p, m, v, t, lr, beta1, beta2, eps, decay)


@adamw_step.mistake(
    "Your decay is divided by sqrt(v_hat) + eps. Decoupled, it is scaled by the learning rate alone.",
    credit=0.25,
)
def decay_in_the_ratio(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    def ratio(m_hat, v_hat, eps):
        return (m_hat + decay * p) / (np.sqrt(v_hat) + eps)

    return _np_adamw(p, g, m, v, t, lr, beta1, beta2, eps, 0, ratio=ratio)


@adamw_step.mistake(
    "You returned the corrected m and v. The next step needs them as they are: it corrects with its own t.",
    credit=0.5,
)
def corrected_moments_returned(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    p, m, v = _np_adamw(p, g, m, v, t, lr, beta1, beta2, eps, decay)
    return p, *_corrected(m, v, t, beta1, beta2)


@adamw_step.mistake("The step uses m and v as they came in. Update them first, with g.", credit=0.25)
def old_moments_used(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    step = _ratio(*_corrected(m, v, t, beta1, beta2), eps)
    return _moved(p, step, lr, decay), *_moments(m, v, g, beta1, beta2)


@adamw_step.mistake(
    "The step uses g where m_hat belongs: that is RMSprop. Adam's step takes the mean of the gradients.",
    credit=0.25,
)
def gradient_for_mean(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    return _np_adamw(p, g, m, v, t, lr, beta1, beta2, eps, decay, ratio=lambda _, v, eps: _ratio(g, v, eps))


@adamw_step.mistake(
    "Your eps is added before the correction of v. Correct v first: sqrt(v_hat) + eps.", credit=0.5
)
def eps_before_correction(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    return _np_adamw(p, g, m, v, t, lr, beta1, beta2, eps / np.sqrt(1 - beta2**t), decay)


@adamw_step.mistake("The betas are swapped: beta1 belongs to m, beta2 to v.", credit=0.25)
def betas_swapped(p, g, m, v, t, lr, beta1, beta2, eps, decay):
    return _np_adamw(p, g, m, v, t, lr, beta2, beta1, eps, decay)


@adamw_step.mistake("The results stand in another order: return p, m, v.", credit=0.5)
def moments_first(*given):
    p, m, v = _np_adamw(*given)
    return m, v, p
