"""Lesson 18, bits_per_byte: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=5,
    returns=("bits",),
    hints=(
        "What does the whole text cost in nats? And one byte of it? And how many bits are a nat?",
        "nats is a mean per token, so the text costs nats * tokens. One bit is ln 2 = 0.693 nats.",
        "One line: return nats / np.log(2) * tokens / bytes",
    ),
    source="Shannon (1948), section 7; Gao et al. (2020), The Pile, section 3.1",
)
def bits_per_byte(nats, tokens, bytes): ...


@bits_per_byte.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for tokens, bytes in ((211, 797), (1013, 1009), (5, 23)):
        yield float(rng.uniform(1, 4)), tokens, bytes
    yield 0.0, 3, 7
    yield float(np.log(2)), 11, 11  # one bit for every byte


@bits_per_byte.mistake("The result is in nats. Divide by ln 2: a bit is 0.693 nats.")
def still_in_nats(nats, tokens, bytes):
    return nats * tokens / bytes


@bits_per_byte.mistake("You multiplied by ln 2. Divide: a nat is more than a bit, so bits are more numerous.")
def multiplied_by_ln_2(nats, tokens, bytes):
    return nats * np.log(2) * tokens / bytes


@bits_per_byte.mistake("That is bits per token. A token has bytes / tokens bytes, among which to share it.")
def bits_per_token(nats, tokens, bytes):
    return nats / np.log(2)


@bits_per_byte.mistake(
    "Tokens and bytes are the wrong way round: the text costs nats * tokens, over its bytes."
)
def tokens_and_bytes_swapped(nats, tokens, bytes):
    return nats / np.log(2) * bytes / tokens


@bits_per_byte.mistake("You took nats for the whole text's. It is a mean per token: multiply by tokens.")
def nats_taken_for_the_sum(nats, tokens, bytes):
    return nats / np.log(2) / bytes


@bits_per_byte.mistake("Per byte, not per bit of the text: there is no 8 in it.")
def divided_by_eight(nats, tokens, bytes):
    return nats / np.log(2) * tokens / bytes / 8


@bits_per_byte.mistake("A natural logarithm becomes one to the base 2 by dividing by ln 2, not by log10 2.")
def base_ten(nats, tokens, bytes):
    return nats / np.log10(2) * tokens / bytes


@bits_per_byte.mistake("You took log2 of the loss. The loss is a logarithm already: divide it by ln 2.")
def log_of_the_loss(nats, tokens, bytes):
    return np.log2(nats) * tokens / bytes


@bits_per_byte.mistake("That is a perplexity, 2 to the bits. The bits themselves are asked for.")
def perplexity_per_byte(nats, tokens, bytes):
    return 2 ** (nats / np.log(2) * tokens / bytes)


@bits_per_byte.mistake("That is what the whole text costs. Divide by its bytes.", credit=0.5)
def bits_of_the_whole_text(nats, tokens, bytes):
    return nats / np.log(2) * tokens
