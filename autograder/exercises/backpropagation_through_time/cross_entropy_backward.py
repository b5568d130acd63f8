"""Lesson 06, cross_entropy_backward: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import inverted_mask
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("dlogits",),
    hints=(
        "For one prediction with probabilities p and target y, the loss is -log p[y]. How does it change "
        "with each score?",
        "The slope is p minus the one-hot row of the target. The mean divides it by how many entries count, "
        "and where mask is False the loss does not listen: zero.",
        "d = softmax(logits); np.put_along_axis(d, t, np.take_along_axis(d, t, -1) - 1, -1) with t = "
        "targets[..., None]; return d * mask[..., None] / mask.sum()",
    ),
    source="Bridle (1990), Training Stochastic Model Recognition Algorithms as Networks",
)
def cross_entropy_backward(logits, targets, mask): ...


@cross_entropy_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V in ((2, 5, 3), (3, 7, 5)):
        lengths = rng.integers(1, T, size=N)
        lengths[0] = T
        mask = np.arange(T) < lengths[:, None]
        yield (2 * rng.normal(size=(N, T, V)), rng.integers(0, V, size=(N, T)), mask)
    yield (rng.normal(size=(1, 1, 2)), np.array([[1]]), np.array([[True]]))
    mask = np.array([[False, False, False], [True, False, True]])
    yield (rng.normal(size=(2, 3, 5)), rng.integers(0, 5, size=(2, 3)), mask)
    extreme = np.array([[[2000.0, 0.0, -2000.0], [-900.0, 900.0, 0.0]]]) + rng.normal(size=(1, 2, 1))
    yield (extreme, np.array([[2, 1]]), np.array([[True, True]]))


def _one_hot(targets, V):
    return np.eye(V)[targets]


def _surprise(logits, targets):
    """p minus one-hot: the gradient of each entry's own loss."""
    return np_softmax(logits) - _one_hot(targets, logits.shape[-1])


def _np_backward(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / mask.sum()


inverted_mask(cross_entropy_backward, _np_backward, "mask")


@cross_entropy_backward.mistake(
    "Only the target's score gets a gradient. All others of its row do too: p there, and p minus 1 at the "
    "target."
)
def only_target_entry(logits, targets, mask):
    return _np_backward(logits, targets, mask) * _one_hot(targets, logits.shape[-1])


@cross_entropy_backward.mistake(
    "The softmax runs over the steps (axis 1). The scores of one prediction lie along the last axis."
)
def softmax_over_steps(logits, targets, mask):
    d = np_softmax(logits, axis=1) - _one_hot(targets, logits.shape[-1])
    return d * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "The one-hot row is missing: the gradient of the scores is p minus 1 at the target, and p elsewhere."
)
def one_hot_missing(logits, targets, mask):
    return np_softmax(logits) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You divided by N*T, but the loss is a mean over the real entries: divide by mask.sum()."
)
def gradient_divided_by_everything(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / mask.size


@cross_entropy_backward.mistake(
    "Padding gets a gradient. Where mask is False the loss does not depend on the scores: zero there."
)
def padding_gets_gradient(logits, targets, mask):
    return _surprise(logits, targets) / mask.sum()


@cross_entropy_backward.mistake(
    "The mask has no effect: padded entries get a gradient, and they are counted in the mean."
)
def gradient_ignores_mask(logits, targets, mask):
    return _surprise(logits, targets) / mask.size


@cross_entropy_backward.mistake(
    "This is the gradient of the sum. The loss is a mean: divide by the number of real entries.", credit=0.5
)
def gradient_of_sum(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None]


@cross_entropy_backward.mistake(
    "The sign is flipped: it is p minus one-hot, not one-hot minus p. A step against the gradient must "
    "raise the target's score.",
    credit=0.5,
)
def gradient_sign_flipped(logits, targets, mask):
    return -_surprise(logits, targets) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You subtracted the one-hot row after dividing by the count. Divide the whole difference p minus one-hot."
)
def divides_too_early(logits, targets, mask):
    V = logits.shape[-1]
    return (np_softmax(logits) / mask.sum() - _one_hot(targets, V)) * mask[..., None]


@cross_entropy_backward.mistake(
    "Large scores overflow in your softmax and give nan. Subtract each row's maximum before the exponential."
)
def gradient_without_shift(logits, targets, mask):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return (p - _one_hot(targets, logits.shape[-1])) * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "This is the gradient with respect to the probabilities, -1/p at the target. The softmax still lies "
    "between them and the logits."
)
def gradient_of_probabilities(logits, targets, mask):
    d = -_one_hot(targets, logits.shape[-1]) / np_softmax(logits)
    return d * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "You divided by the number of sequences. The loss is a mean over all real entries: divide by mask.sum()."
)
def divided_by_sequences(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / len(logits)


@cross_entropy_backward.mistake(
    "You divided each sequence by its own number of real entries. The loss is one mean over the whole "
    "batch: divide everything by mask.sum()."
)
def mean_of_each_sequence(logits, targets, mask):
    return _surprise(logits, targets) * mask[..., None] / mask.sum(axis=1)[:, None, None]


@cross_entropy_backward.mistake(
    "This is the gradient of the mean over sequences of their own means, where short sequences weigh more "
    "per entry. The loss is one mean over all real entries: divide by mask.sum()."
)
def mean_of_sequence_means(logits, targets, mask):
    return mean_of_each_sequence(logits, targets, mask) / len(logits)


@cross_entropy_backward.mistake(
    "Your index takes 1 from every target's class at *every* entry. Each entry has one target of its own: "
    "use np.put_along_axis, or index with sequence, step and target in pairs."
)
def every_target_everywhere(logits, targets, mask):
    d = np_softmax(logits)
    d[:, :, targets.ravel()] -= 1
    return d * mask[..., None] / mask.sum()


@cross_entropy_backward.mistake(
    "The softmax is missing: you subtracted the one-hot row from the scores. Subtract it from the "
    "probabilities."
)
def softmax_missing(logits, targets, mask):
    return (logits - _one_hot(targets, logits.shape[-1])) * mask[..., None] / mask.sum()
