"""Lesson 11, zoneout_step: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import keeps_below


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("h",),
    hints=(
        "Zoneout chooses, unit by unit, between two states; nothing becomes zero and nothing is rescaled.",
        "With probability p a unit keeps its previous value (uniforms < p). At evaluation take the expected "
        "value of that choice.",
        "The body: return np.where(uniforms < p, h_prev, h_candidate) if training else p * h_prev + (1 - p) "
        "* h_candidate",
    ),
    source="Krueger et al. (2017), Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations",
)
def zoneout_step(h_prev, h_candidate, uniforms, p, training): ...


@zoneout_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def states(N, H):
        return rng.normal(size=(N, H)), rng.normal(size=(N, H))

    yield *states(5, 7), rng.uniform(size=(5, 7)), 0.3, True
    yield *states(3, 11), rng.uniform(size=(3, 11)), 0.6, True
    yield *states(2, 5), rng.uniform(size=(2, 5)), 0.3, False
    # A uniform equal to p takes the candidate.
    yield *states(2, 4), np.array([[0.0, 0.25, 0.5, 0.75], [0.75, 0.5, 0.25, 0.0]]), 0.25, True
    yield *states(1, 3), rng.uniform(size=(1, 3)), 0.0, True


@zoneout_step.mistake(
    "You swapped the two states: with probability p (uniforms < p) a unit keeps h_prev, else it takes the "
    "candidate."
)
def swaps_the_states(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_candidate, h_prev, uniforms, p, training)


def _zoneout(h_prev, h_candidate, uniforms, p, training):
    """What is right, for mistakes that spoil its arguments."""
    if not training:
        return p * h_prev + (1 - p) * h_candidate
    return np.where(uniforms < p, h_prev, h_candidate)


keeps_below(zoneout_step, _zoneout, "Here a unit keeps h_prev where uniforms < p.")


@zoneout_step.mistake(
    "You set the chosen units to zero: that is dropout of the state. In zoneout they keep their previous "
    "value."
)
def zeroes_like_dropout(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(np.zeros_like(h_prev) if training else h_prev, h_candidate, uniforms, p, training)


@zoneout_step.mistake(
    "You divided the updated units by 1 - p: the kept ones still hold a value of the right size, so no "
    "scale is needed.",
    credit=0.25,
)
def scales_like_dropout(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate / (1 - p) if training else h_candidate, uniforms, p, training)


@zoneout_step.mistake(
    "At evaluation you returned the candidate; the network was trained on a mixture, so return its expected "
    "value, p h_prev + (1 - p) h_candidate.",
    credit=0.5,
)
def candidate_at_evaluation(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms < p, h_prev, h_candidate) if training else h_candidate.copy()


@zoneout_step.mistake(
    "Your zoneout is still random at evaluation: there every unit gets p h_prev + (1 - p) h_candidate.",
    credit=0.5,
)
def random_at_evaluation(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms < p, h_prev, h_candidate)


@zoneout_step.mistake(
    "The weights of the mean are swapped at evaluation: h_prev was kept with probability p, so its weight "
    "is p.",
    credit=0.5,
)
def swapped_mean(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate, uniforms, p if training else 1 - p, training)


@zoneout_step.mistake(
    "A uniform equal to p takes the candidate: keep where uniforms < p, not <=.", credit=0.75
)
def keeps_at_equality(h_prev, h_candidate, uniforms, p, training):
    return np.where(uniforms <= p, h_prev, h_candidate) if training else p * h_prev + (1 - p) * h_candidate


@zoneout_step.mistake(
    "The whole batch shares the first row's choice; every sequence has uniforms of its own."
)
def choice_shared_across_batch(h_prev, h_candidate, uniforms, p, training):
    return _zoneout(h_prev, h_candidate, uniforms[:1], p, training)


@zoneout_step.mistake(
    "You kept h_prev where uniforms >= p, dropout's rule for a unit that is kept; here p is the chance to "
    "keep the previous value, so keep it where uniforms < p.",
    credit=0.25,
)
def keeps_by_the_rule_of_dropout(h_prev, h_candidate, uniforms, p, training):
    if training:
        return np.where(uniforms >= p, h_prev, h_candidate)
    return p * h_prev + (1 - p) * h_candidate
