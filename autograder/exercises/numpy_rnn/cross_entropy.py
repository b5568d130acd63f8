"""Lesson 04, cross_entropy: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=3,
    difficulty=2,
    minutes=15,
    returns=("loss",),
    hints=(
        "How surprised is the model by the true symbol? Minus the logarithm of the probability it gave to "
        "it, averaged over the entries that are real.",
        "log softmax(z) = z - max - log(sum(exp(z - max))): computed like this, it never takes the log of "
        "0. np.take_along_axis(log_p, targets[..., None], axis=-1) picks each target's entry.",
        "z = logits - logits.max(-1, keepdims=True); log_p = z - np.log(np.exp(z).sum(-1, keepdims=True)); "
        "picked = np.take_along_axis(log_p, targets[..., None], -1)[..., 0]; return -picked[mask].mean()",
    ),
    source="Bengio et al. (2003), A Neural Probabilistic Language Model",
)
def cross_entropy(logits, targets, mask): ...


def _some_mask(rng: np.random.Generator, N: int, T: int) -> np.ndarray:
    """Lengths of 1 to T-1 for most rows, one row in full, as padding makes them."""
    lengths = rng.integers(1, T, size=N)
    lengths[0] = T
    return np.arange(T) < lengths[:, None]


@cross_entropy.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, V in ((2, 5, 3), (3, 7, 5)):
        yield (2 * rng.normal(size=(N, T, V)), rng.integers(0, V, size=(N, T)), _some_mask(rng, N, T))
    yield (rng.normal(size=(1, 1, 2)), np.array([[1]]), np.array([[True]]))
    yield (rng.normal(size=(3, 2, 5)), rng.integers(0, 5, size=(3, 2)), np.ones((3, 2), dtype=bool))
    mask = np.array([[False, False, False], [True, False, True]])
    yield (rng.normal(size=(2, 3, 5)), rng.integers(0, 5, size=(2, 3)), mask)
    extreme = np.array([[[2000.0, 0.0, -2000.0], [-900.0, 900.0, 0.0]]]) + rng.normal(size=(1, 2, 1))
    yield (extreme, np.array([[2, 1]]), np.array([[True, True]]))
    yield (extreme, np.array([[0, 1]]), np.array([[True, True]]))


def _np_picked(logits, targets):
    """Log-probability of each target, (N, T), by the stable way."""
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]


@cross_entropy.mistake(
    "Padding is counted: the mask has no effect. Average over the entries where mask is True only."
)
def padding_counted(logits, targets, mask):
    return -_np_picked(logits, targets).mean()


@cross_entropy.mistake(
    "You divided by N*T. Padding is left out of the sum, so leave it out of the count too: divide by "
    "mask.sum()."
)
def divided_by_everything(logits, targets, mask):
    return -(_np_picked(logits, targets) * mask).sum() / mask.size


@cross_entropy.mistake(
    "A probability underflows to 0 and its log is -inf. Compute log softmax directly: z minus the log of "
    "the sum of exponentials, z shifted by its maximum."
)
def log_of_zero(logits, targets, mask):
    picked = np.take_along_axis(np_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return -np.log(picked)[mask].mean()


@cross_entropy.mistake(
    "A small constant stands inside your log. It hides log(0), but it also caps the loss and changes every "
    "gradient: compute log softmax directly instead.",
    credit=0.5,
)
def epsilon_in_log(logits, targets, mask):
    picked = np.take_along_axis(np_softmax(logits), targets[..., None], axis=-1)[..., 0]
    return -np.log(picked + 1e-12)[mask].mean()


@cross_entropy.mistake(
    "Large scores overflow in your exponential. Subtract each row's maximum from the logits first."
)
def loss_without_shift(logits, targets, mask):
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0][mask].mean()


@cross_entropy.mistake(
    "You took the softmax twice: the logits are scores, not probabilities, and log softmax is applied once."
)
def loss_softmax_twice(logits, targets, mask):
    return -_np_picked(np_softmax(logits), targets)[mask].mean()


@cross_entropy.mistake("The sign is flipped: the loss is *minus* the mean log-probability.", credit=0.5)
def loss_sign_flipped(logits, targets, mask):
    return _np_picked(logits, targets)[mask].mean()


@cross_entropy.mistake("You added the losses up; the mean over the real entries is asked for.", credit=0.5)
def sum_for_mean(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].sum()


@cross_entropy.mistake(
    "You divided by the number of sequences only. The mean is over all real entries: divide by mask.sum()."
)
def divided_by_batch(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].sum() / len(mask)


@cross_entropy.mistake("Your logarithm has base 2; the loss is in nats, with the natural log.", credit=0.5)
def loss_in_bits(logits, targets, mask):
    return -_np_picked(logits, targets)[mask].mean() / np.log(2)


@cross_entropy.mistake(
    "The mask is inverted: True marks the entries that count, False the padding that does not."
)
def mask_inverted(logits, targets, mask):
    return -(_np_picked(logits, targets) * ~mask).sum() / (~mask).sum()


@cross_entropy.mistake(
    "You averaged each sequence first and then the sequences, so an entry of a short sequence counts more. "
    "Take one mean over all real entries.",
    credit=0.25,
)
def mean_of_sequence_means(logits, targets, mask):
    picked = _np_picked(logits, targets)
    return -np.mean([row[real].mean() for row, real in zip(picked, mask, strict=True)])


@cross_entropy.mistake(
    "You turned the mask into lengths and took the first entries of each row. True need not come first: "
    "select with the mask itself, picked[mask].",
    credit=0.5,
)
def mask_as_lengths(logits, targets, mask):
    picked, lengths = _np_picked(logits, targets), mask.sum(axis=1)
    return -np.concatenate([row[:L] for row, L in zip(picked, lengths, strict=True)]).mean()


@cross_entropy.mistake(
    "You averaged the log-probabilities of all classes. Only that of the target counts: pick it first, with "
    "np.take_along_axis."
)
def mean_over_classes(logits, targets, mask):
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -log_p[mask].mean()


@cross_entropy.mistake(
    "You subtracted the maximum of the whole array, so in a row far below it every exponential is 0 and the "
    "log of their sum -inf. Each row has its own maximum.",
    credit=0.5,
)
def loss_with_one_maximum(logits, targets, mask):
    z = logits - logits.max()
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0][mask].mean()


@cross_entropy.mistake(
    "You took the largest log-probability of each row. The loss is about the target's: pick entry "
    "targets[n, t]."
)
def likeliest_picked(logits, targets, mask):
    z = logits - logits.max(axis=-1, keepdims=True)
    return np.log(np.exp(z).sum(axis=-1))[mask].mean()


@cross_entropy.mistake(
    "Your logp[:, :, targets] looks every target up at *every* entry. Each has one of its own: use "
    "np.take_along_axis, or index with sequence, step and target in pairs."
)
def every_target_everywhere(logits, targets, mask):
    z = logits - logits.max(axis=-1, keepdims=True)
    return -(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))[:, :, targets].mean()


@cross_entropy.mistake(
    "You averaged each sequence first and then those that have real entries, so an entry of a short "
    "sequence counts more. Take one mean over all real entries.",
    credit=0.25,
)
def mean_of_means_without_empty_rows(logits, targets, mask):
    picked = _np_picked(logits, targets)
    rows = zip(picked, mask, strict=True)
    return -np.mean([row[real].mean() for row, real in rows if real.any()])
