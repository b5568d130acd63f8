"""Lesson 13, class_log_prob: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise

GOODMAN = "Goodman (2001), Classes for Fast Maximum Entropy Training"


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("log_p",),
    hints=(
        "Two ordinary softmaxes in a row: which class, and which word inside that class. Multiply "
        "probabilities by adding their logarithms.",
        "The second softmax needs, for each row n, the matrix of its own class: W_w[classes] is (N, H, M). "
        "np.einsum('nh,nhm->nm', h, W_w[classes]) multiplies row by row.",
        "Write log_softmax(z) = z - max - log(sum(exp(z - max))), apply it to both sets of logits, pick "
        "column classes[n] from the first and words[n] from the second, and add.",
    ),
    source=GOODMAN,
)
def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words): ...


def _class_case(rng, N, H, C, M, scale=1.0):
    classes, words = rng.integers(0, C, size=N), rng.integers(0, M, size=N)
    classes[0], classes[-1] = 1, C - 1
    return (
        scale * rng.normal(size=(N, H)),
        rng.normal(size=(H, C)),
        rng.normal(size=C),
        rng.normal(size=(C, H, M)),
        rng.normal(size=(C, M)),
        classes,
        words,
    )


@class_log_prob.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _class_case(rng, 5, 3, 7, 11)
    yield _class_case(rng, 3, 2, 5, 3)
    yield _class_case(rng, 2, 5, 3, 7, scale=1000.0)  # exp of these overflows without a shift
    yield _class_case(rng, 1, 3, 2, 5)
    h, W_c, b_c, W_w, b_w, *targets = _class_case(rng, 3, 2, 7, 5)
    yield h, W_c, b_c + 1000, W_w, b_w + 1000, *targets  # exp overflows, and nothing underflows


def _log_softmax(z):
    top = z.max(axis=-1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(axis=-1, keepdims=True))


def _two_levels(h, W_c, b_c, W_w, b_w, classes, words):
    """log p(class) and log p(word | class), each (N,)."""
    rows = np.arange(len(h))
    of_class = _log_softmax(h @ W_c + b_c)[rows, classes]
    inside = np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes]
    return of_class, _log_softmax(inside)[rows, words]


@class_log_prob.mistake(
    "Only the word inside its class is counted: add the log-probability of the class.", credit=0.25
)
def class_term_missing(h, W_c, b_c, W_w, b_w, classes, words):
    return _two_levels(h, W_c, b_c, W_w, b_w, classes, words)[1]


@class_log_prob.mistake(
    "Only the class is counted: add the log-probability of the word inside it.", credit=0.25
)
def word_term_missing(h, W_c, b_c, W_w, b_w, classes, words):
    return _two_levels(h, W_c, b_c, W_w, b_w, classes, words)[0]


@class_log_prob.mistake(
    "You multiplied the two log-probabilities; probabilities multiply, so their logarithms add.", credit=0.25
)
def logs_multiplied(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, inside = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    return of_class * inside


@class_log_prob.mistake("You returned the probability; asked is its logarithm.", credit=0.5)
def returns_probability(h, W_c, b_c, W_w, b_w, classes, words):
    return np.exp(sum(_two_levels(h, W_c, b_c, W_w, b_w, classes, words)))


@class_log_prob.mistake(
    "The sign is flipped: return log p, which is at most 0, not the loss -log p.", credit=0.5
)
def returns_loss(h, W_c, b_c, W_w, b_w, classes, words):
    return -sum(_two_levels(h, W_c, b_c, W_w, b_w, classes, words))


@class_log_prob.mistake(
    "Every row used the first row's class for its second softmax; row n needs W_w[classes[n]] and "
    "b_w[classes[n]].",
    credit=0.25,
)
def one_class_for_all(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    first = classes[0]
    inside = _log_softmax(h @ W_w[first] + b_w[first])
    return of_class + inside[np.arange(len(h)), words]


@class_log_prob.mistake(
    "Your exp overflows: in both softmaxes subtract the largest logit of the row first.", credit=0.5
)
def no_shift_in_classes(h, W_c, b_c, W_w, b_w, classes, words):
    rows = np.arange(len(h))
    with np.errstate(all="ignore"):
        first, second = np.exp(h @ W_c + b_c), np.exp(np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes])
        p = (first / first.sum(axis=1, keepdims=True))[rows, classes]
        return np.log(p) + np.log((second / second.sum(axis=1, keepdims=True))[rows, words])


@class_log_prob.mistake(
    "The second softmax runs over the words of all classes together; inside a class it sums over that "
    "class's M words.",
    credit=0.25,
)
def normalised_over_all_words(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    logits = np.einsum("nh,chm->ncm", h, W_w) + b_w
    flat = _log_softmax(logits.reshape(len(h), -1)).reshape(logits.shape)
    return of_class + flat[np.arange(len(h)), classes, words]


@class_log_prob.mistake(
    "You added the logits of class and word and normalised once, over all C M words; these are two "
    "softmaxes, the first over the C classes alone.",
    credit=0.25,
)
def one_softmax_of_sums(h, W_c, b_c, W_w, b_w, classes, words):
    logits = (h @ W_c + b_c)[:, :, None] + np.einsum("nh,chm->ncm", h, W_w) + b_w
    return _log_softmax(logits.reshape(len(h), -1))[np.arange(len(h)), classes * b_w.shape[1] + words]


@class_log_prob.mistake(
    "The second softmax belongs to the class that looks likeliest; take the target's own class, "
    "W_w[classes[n]].",
    credit=0.25,
)
def class_by_argmax(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    likeliest = (h @ W_c + b_c).argmax(axis=1)
    return of_class + _two_levels(h, W_c, b_c, W_w, b_w, likeliest, words)[1]


@class_log_prob.mistake(
    "The biases are missing: add b_c to the classes' logits and b_w[classes] to the words'."
)
def no_biases_in_two_levels(h, W_c, b_c, W_w, b_w, classes, words):
    return sum(_two_levels(h, W_c, np.zeros_like(b_c), W_w, np.zeros_like(b_w), classes, words))


@class_log_prob.mistake(
    "The softmax of the words runs over the batch. A word competes with the others of its class: the last "
    "axis."
)
def words_over_the_batch(h, W_c, b_c, W_w, b_w, classes, words):
    rows = np.arange(len(h))
    inside = np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes]
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    return of_class + _log_softmax(inside.T).T[rows, words]


@class_log_prob.mistake(
    "You added the two probabilities before the logarithm. They multiply, so that their logarithms add up."
)
def probabilities_added(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, inside = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    return np.log(np.exp(of_class) + np.exp(inside))


@class_log_prob.mistake(
    "A probability underflows to 0, and its logarithm is -inf. Take the logarithm inside: log softmax is "
    "z - max - log(sum(exp(z - max))).",
    credit=0.5,
)
def log_of_zero(h, W_c, b_c, W_w, b_w, classes, words):
    with np.errstate(all="ignore"):
        return sum(np.log(np.exp(log_p)) for log_p in _two_levels(h, W_c, b_c, W_w, b_w, classes, words))


@class_log_prob.mistake(
    "Your exp overflows in log(sum(exp(z))): subtract the largest logit of the row before exp, and add it "
    "back after the logarithm.",
    credit=0.5,
)
def sums_overflow(h, W_c, b_c, W_w, b_w, classes, words):
    rows, inside = np.arange(len(h)), np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes]
    picked = ((h @ W_c + b_c, classes), (inside, words))
    with np.errstate(all="ignore"):
        return sum(z[rows, target] - np.log(np.exp(z).sum(axis=1)) for z, target in picked)
