"""Lesson 14, exact_match: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("share",),
    hints=(
        "A prediction counts only when it has the reference's length and every token is right.",
        "np.array_equal(a, b) is False, without complaint, when the lengths differ.",
        "The whole body: return sum(np.array_equal(p, r) for p, r in zip(predictions, references)) / "
        "len(references)",
    ),
    source="The name is Rajpurkar et al.'s (2016), SQuAD: 100,000+ Questions, section 6.1",
)
def exact_match(predictions, references): ...


@exact_match.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def ids(length):
        return rng.integers(3, 11, size=length)

    references = [ids(n) for n in (5, 3, 7, 2, 4, 6, 3)]
    predictions = [r.copy() for r in references]
    predictions[1] = (predictions[1] - 2) % 8 + 3  # every token wrong
    predictions[2][-1] = (predictions[2][-1] - 2) % 8 + 3  # the last token wrong
    predictions[3] = np.append(predictions[3], 5)  # one token too many
    predictions[4] = predictions[4][:-1]  # one too few
    references[6], predictions[6] = np.array([3, 4, 5]), np.array([4, 3, 5])  # right tokens, wrong order
    yield predictions, references
    references = [ids(n) for n in (4, 2, 3)]
    yield [r.copy() for r in references], references
    yield (
        [np.zeros(0, dtype=int), ids(2) + 20, ids(1)],
        [np.zeros(0, dtype=int), ids(2), np.zeros(0, dtype=int)],
    )
    a, b, c = map(int, rng.permutation(np.arange(3, 53))[:3])
    short, long, other = np.array([a, b]), np.array([a, b, c]), np.array([b, a])
    for predicted, wanted in ((short, long), (long, short), (other, short)):
        yield [predicted], [wanted]  # too short, too long, in another order
    yield [short, long], [long, short]  # each is right, for the other source
    x, y, z = rng.integers(1, 10, size=3)
    yield [np.array([x, 10 * y + z]), short], [np.array([10 * x + y, z]), short]  # the same digits
    wanted = 20 + ids(3)
    yield [wanted + np.array([1, -2, 1]), ids(2)], [wanted, ids(3)]  # the same sum, weighted or not


@exact_match.mistake(
    "You count tokens. Exact match counts sentences: one wrong token, and the whole sentence is wrong."
)
def counts_tokens(predictions, references):
    pairs = list(zip(predictions, references, strict=True))
    right = sum((p[: len(r)] == r[: len(p)]).sum() for p, r in pairs)
    return float(right / sum(len(r) for r in references))


@exact_match.mistake(
    "You compare only as far as both reach, so a sentence that stops too early or runs on counts as right."
)
def compares_common_part(predictions, references):
    right = [bool((p[: len(r)] == r[: len(p)]).all()) for p, r in zip(predictions, references, strict=True)]
    return sum(right) / len(right)


@exact_match.mistake(
    "You returned how many match. Divide by the number of references: it is a share.", credit=0.5
)
def counts_not_share(predictions, references):
    return sum(np.array_equal(p, r) for p, r in zip(predictions, references, strict=True))


@exact_match.mistake("You compare which tokens occur, in any order. The order is part of the answer.")
def any_order(predictions, references):
    right = [sorted(p) == sorted(r) for p, r in zip(predictions, references, strict=True)]
    return sum(right) / len(right)


@exact_match.mistake("You compare only the lengths. The tokens must be equal too.")
def compares_lengths(predictions, references):
    return sum(len(p) == len(r) for p, r in zip(predictions, references, strict=True)) / len(references)


@exact_match.mistake(
    "A prediction that stops early counts as right: you compare only as far as it goes. The lengths must be "
    "equal too."
)
def beginnings_count(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return sum(list(p) == list(r[: len(p)]) for p, r in pairs) / len(references)


@exact_match.mistake(
    "You look for each prediction anywhere among the references. Prediction n must be reference n: another "
    "sentence's translation is wrong."
)
def found_anywhere(predictions, references):
    return sum(any(np.array_equal(p, r) for r in references) for p in predictions) / len(references)


@exact_match.mistake(
    "You join the numbers to one text before you compare, and 1, 23 reads like 12, 3. Compare token by token."
)
def joined_to_text(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return sum("".join(map(str, p)) == "".join(map(str, r)) for p, r in pairs) / len(references)


@exact_match.mistake("This is the share of the *wrong* predictions. Count the right ones.", credit=0.5)
def share_of_wrong(predictions, references):
    pairs = zip(predictions, references, strict=True)
    return 1 - sum(np.array_equal(p, r) for p, r in pairs) / len(references)
