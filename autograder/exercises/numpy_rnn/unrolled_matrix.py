"""Lesson 04, unrolled_matrix: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.numpy_rnn.draws import rnn_weights


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("M",),
    hints=(
        "Set all inputs to zero but x_s. What is h_s? And h_{s+1}, h_{s+2}? Those are the blocks of block "
        "row s.",
        "Block (s, t), rows s*D to (s+1)*D and columns t*H to (t+1)*H, is W_xh times W_hh to the matrix "
        "power t - s when t >= s, and zero when t < s: the future cannot reach the past.",
        "M = np.zeros((T * D, T * H)); for lag in range(T): block = W_xh @ np.linalg.matrix_power(W_hh, "
        "lag), and for s in range(T - lag): M[s*D:(s+1)*D, (s+lag)*H:(s+lag+1)*H] = block",
    ),
    source="Rumelhart, Hinton and Williams (1986), Learning Internal Representations by Error Propagation",
)
def unrolled_matrix(W_xh, W_hh, T): ...


@unrolled_matrix.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for D, H, T in ((2, 3, 5), (3, 2, 3), (1, 5, 2), (2, 3, 1), (1, 1, 5)):
        yield (*rnn_weights(rng, D, H)[:2], T)
    yield rng.normal(size=(2, 3)), np.eye(3, k=1), 5  # a matrix with a single eigenvector


def _np_blocks(W_xh, W_hh, T, block):
    """M from a function of (s, t) that gives the block, or None for zeros."""
    D, H = W_xh.shape
    M = np.zeros((T, D, T, H))
    for s in range(T):
        for t in range(T):
            made = block(s, t)
            if made is not None:
                M[s, :, t] = made
    return M.reshape(T * D, T * H)


def _power(W, n):
    return np.linalg.matrix_power(W, n)


@unrolled_matrix.mistake(
    "Only the diagonal blocks are filled: that is a network without memory. Block (s, t) with t > s carries "
    "x_s through t - s products with W_hh."
)
def unrolled_without_memory(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh if s == t else None)


@unrolled_matrix.mistake(
    "Your blocks run the other way: the future reaches the past. x_s (block row s) reaches h_t (block "
    "column t) when t >= s."
)
def unrolled_anticausal(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, s - t) if s >= t else None)


@unrolled_matrix.mistake(
    "Every block is filled, also those with t < s. A state cannot depend on later inputs: these blocks are "
    "zero."
)
def unrolled_two_sided(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, abs(t - s)))


@unrolled_matrix.mistake(
    "The power of W_hh is one too high: x_t reaches h_t through W_xh alone, so the diagonal blocks are W_xh."
)
def unrolled_power_too_high(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s + 1) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh ** n raises each entry to a power. Going n steps on is n matrix products: np.linalg.matrix_power."
)
def unrolled_entrywise_power(W_xh, W_hh, T):
    return _np_blocks(
        W_xh, W_hh, T, lambda s, t: W_xh @ W_hh ** (t - s) if t > s else W_xh if t == s else None
    )


@unrolled_matrix.mistake(
    "Memory ends after one step in your matrix: blocks with t - s = 2, 3, ... are not zero; each further "
    "step multiplies by W_hh once more."
)
def unrolled_one_step(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s) if 0 <= t - s <= 1 else None)


@unrolled_matrix.mistake(
    "Every later block multiplies by W_hh only once. Going t - s steps on takes t - s products with W_hh."
)
def unrolled_without_power(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, min(t - s, 1)) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh is transposed in your blocks: with rows on the left it is W_xh @ W_hh, no transpose."
)
def unrolled_transposed_weights(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh.T, t - s) if t >= s else None)


@unrolled_matrix.mistake(
    "M is transposed: x.reshape(N, T*D) stands on the left, so the inputs belong to the rows, (T*D, T*H).",
    credit=0.5,
)
def unrolled_transposed(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t - s) if t >= s else None).T


@unrolled_matrix.mistake(
    "Your blocks are right, but you reshaped (T, T, D, H) straight to (T*D, T*H), which mixes them up. Swap "
    "the two axes in the middle first: (T, D, T, H).",
    credit=0.5,
)
def unrolled_without_swap(W_xh, W_hh, T):
    D, H = W_xh.shape
    blocks = np.zeros((T, T, D, H))
    for s in range(T):
        for t in range(s, T):
            blocks[s, t] = W_xh @ _power(W_hh, t - s)
    return blocks.reshape(T * D, T * H)


@unrolled_matrix.mistake(
    "Your power of W_hh counts from the start of the sequence. From x_s to h_t it is t - s steps, not t.",
    credit=0.25,
)
def unrolled_power_of_t(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t) if t >= s else None)


@unrolled_matrix.mistake(
    "W_hh ** (t - s) works entry by entry, and on the diagonal it makes a matrix full of ones. Use "
    "np.linalg.matrix_power, whose power 0 is the identity."
)
def unrolled_entrywise_power_on_diagonal(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ W_hh ** (t - s) if t >= s else None)


@unrolled_matrix.mistake(
    "Only the first block row is filled, what x_1 does. Every input has a row: block (s, t) is what x_s "
    "does to h_t."
)
def unrolled_first_input_only(W_xh, W_hh, T):
    return _np_blocks(W_xh, W_hh, T, lambda s, t: W_xh @ _power(W_hh, t) if s == 0 else None)
