"""Lesson 11, tied_mask: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.dropout import GAL
from autograder.exercises.families import keeps_below


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("mask",),
    hints=(
        "Make one mask per sequence first, of shape (N, H); time comes afterwards.",
        "Kept units hold 1 / (1 - p), dropped ones 0. Then put a new axis in the middle and repeat along it.",
        "The body: return np.repeat(((uniforms >= p) / (1 - p))[:, None], T, axis=1)",
    ),
    source=GAL,
)
def tied_mask(uniforms, p, T): ...


@tied_mask.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.uniform(size=(3, 7)), 0.3, 5
    yield rng.uniform(size=(2, 5)), 0.7, 3
    on_the_border = np.repeat([0.0, 0.25, 0.5, 0.75, 0.9], 2)
    yield rng.permutation(on_the_border).reshape(2, 5), 0.25, 2
    yield rng.uniform(size=(1, 3)), 0.4, 1
    yield rng.uniform(size=(2, 3)), 0.0, 2


def _mask(uniforms, p):
    return (uniforms >= p) / (1 - p)


def _over_time(mask, T):
    return np.repeat(mask[:, None], T, axis=1)


keeps_below(
    tied_mask,
    lambda uniforms, p, T: _over_time(_mask(uniforms, p), T),
    "Here an entry is kept where uniforms >= p.",
)


@tied_mask.mistake(
    "The mask holds zeros and ones: put the factor 1 / (1 - p) into it, so that multiplying by it keeps the "
    "mean.",
    credit=0.5,
)
def mask_without_scale(uniforms, p, T):
    return _over_time((uniforms >= p).astype(float), T)


@tied_mask.mistake("Kept entries must hold 1 / (1 - p); yours hold 1 / p.")
def mask_scaled_by_p(uniforms, p, T):
    return _over_time((uniforms >= p) / p, T)


@tied_mask.mistake(
    "Keep and drop are confused: an entry is kept where its uniform is at least p, not where it is below."
)
def mask_keeps_the_dropped(uniforms, p, T):
    return _over_time((uniforms < p) / (1 - p), T)


@tied_mask.mistake(
    "A uniform equal to p counts as kept: compare with >=, not with >.",
    credit=0.75,
)
def mask_strict(uniforms, p, T):
    return _over_time((uniforms > p) / (1 - p), T)


@tied_mask.mistake(
    "Every sequence got the first one's mask: tied means the same over time, not over the batch."
)
def mask_tied_over_batch(uniforms, p, T):
    return np.repeat(_over_time(_mask(uniforms, p), T)[:1], len(uniforms), axis=0)


@tied_mask.mistake(
    "Your mask is a new one at each step (the uniforms shifted on); all T steps of a sequence share one mask."
)
def new_mask_each_step(uniforms, p, T):
    return np.stack([_mask(np.roll(uniforms, t, axis=1), p) for t in range(T)], axis=1)


@tied_mask.mistake(
    "The numbers are right but scrambled: tiling (N, H) and then reshaping mixes the sequences up. Insert "
    "an axis of time, mask[:, None], and repeat along that.",
    credit=0.25,
)
def tiled_and_reshaped(uniforms, p, T):
    return np.tile(_mask(uniforms, p), (T, 1)).reshape(len(uniforms), T, -1)


@tied_mask.mistake(
    "Time came first, (T, N, H): the batch is the first axis, so repeat along axis 1.", credit=0.5
)
def time_first(uniforms, p, T):
    return np.repeat(_mask(uniforms, p)[None], T, axis=0)


@tied_mask.mistake("Kept entries must hold 1 / (1 - p); where p is not 0, yours hold 1 / p.")
def mask_scaled_by_p_where_there_is_one(uniforms, p, T):
    return _over_time((uniforms >= p) / (p or 1.0), T)
