"""Lesson 18, attend_cached: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.families import changed
from autograder.exercises.language_model.parts import np_rotary
from autograder.exercises.numpy_rnn.parts import np_softmax


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("out", "cache_k", "cache_v"),
    hints=(
        "First lengthen both caches by the new step, at their end. Then attend as in lesson 16, "
        "with one query.",
        "k[:, :, None] is (N, heads, 1, d), which np.concatenate joins to the cache on axis 2. "
        "With one query "
        "that stands last no mask is needed: nothing lies ahead of it.",
        "cache_k = np.concatenate([cache_k, k[:, :, None]], axis=2), and cache_v alike; out, _ = "
        "scaled_dot_product_attention(q[:, :, None], cache_k, cache_v, None); return out[:, :, 0], cache_k, "
        "cache_v",
    ),
    source="Shazeer (2019), Fast Transformer Decoding, section 2.4",
)
def attend_cached(q, k, v, cache_k, cache_v): ...


@attend_cached.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, heads, S, d in ((2, 3, 5, 7), (3, 2, 4, 5), (2, 2, 2, 2), (1, 1, 11, 4)):
        yield *rng.normal(size=(3, N, heads, d)), *rng.normal(size=(2, N, heads, S, d))
    yield *rng.normal(size=(3, 2, 3, 5)), np.zeros((2, 3, 0, 5)), np.zeros((2, 3, 0, 5))  # the first step
    q, k, v = rng.normal(size=(3, 1, 2, 3))
    q[..., 0], k[..., 0] = 60, 60  # scores whose exponential is no number any more
    cache_k, cache_v = rng.normal(size=(2, 1, 2, 3, 3))
    cache_k[..., 0] = 60
    yield q, k, v, cache_k, cache_v


def _longer(cache, new):
    return np.concatenate([cache, new[:, :, None]], axis=2)


def _np_cached(
    q, k, v, cache_k, cache_v, *, longer=_longer, seen=slice(None), scale=None, softmax=np_softmax, turn=None
):
    """The right answer with switches: `seen` are the steps that the query looks at."""
    if turn is not None:
        q, k = (turn(a, cache_k.shape[2]) for a in (q, k))
    cache_k, cache_v = longer(cache_k, k), longer(cache_v, v)
    keys, values = cache_k[:, :, seen], cache_v[:, :, seen]
    scores = (keys @ q[..., None])[..., 0] * (1 / np.sqrt(q.shape[-1]) if scale is None else scale)
    if keys.shape[2] == 0:
        return np.zeros(q.shape), cache_k, cache_v
    return (softmax(scores)[:, :, None] @ values)[:, :, 0], cache_k, cache_v


def _results(change, *names):
    return changed(attend_cached, _np_cached, names, change)


@attend_cached.mistake(
    "The new step does not see itself: lengthen the caches first, then attend. With an empty cache there "
    "is nothing else to see.",
    credit=0.25,
)
def blind_to_the_new_step(*given):
    return _np_cached(*given, seen=slice(0, -1))


@attend_cached.mistake("The new step sees only itself: it attends to all keys in the cache too.")
def sees_only_itself(*given):
    return _np_cached(*given, seen=slice(-1, None))


@attend_cached.mistake(
    "The new query sees only the first key: a causal mask of one row lets it. It stands last "
    "and sees all: no "
    "mask, None."
)
def mask_of_the_first_row(*given):
    return _np_cached(*given, seen=slice(0, 1))


@attend_cached.mistake("The oldest step in the cache is not looked at. No step is forgotten.", credit=0.25)
def oldest_step_dropped(*given):
    S = given[3].shape[2]
    return _np_cached(*given, seen=slice(min(1, S), None))


attend_cached.add_mistake(
    "caches_not_lengthened",
    _results(lambda cache, *_: cache[:, :, :-1], "cache_k", "cache_v"),
    "The caches come back as they were. Return them longer by the new step: the next one needs it.",
    0.5,
)
attend_cached.add_mistake(
    "caches_hold_the_new_step_alone",
    _results(lambda cache, *_: cache[:, :, -1:], "cache_k", "cache_v"),
    "Only the new step comes back in the caches. They hold all steps, S + 1 of them.",
    0.25,
)


@attend_cached.mistake(
    "The oldest step is pushed out of the cache: it has to grow, to S + 1 steps.", credit=0.25
)
def oldest_pushed_out(*given):
    return _np_cached(*given, longer=lambda cache, new: _longer(cache, new)[:, :, -max(cache.shape[2], 1) :])


@attend_cached.mistake(
    "The new step stands at the front of the cache. It comes last: steps keep their order.", credit=0.5
)
def new_step_in_front(*given):
    return _np_cached(*given, longer=lambda cache, new: np.concatenate([new[:, :, None], cache], axis=2))


@attend_cached.mistake(
    "The caches of keys and values are exchanged in the result: out, cache_k, cache_v.", credit=0.5
)
def caches_exchanged(*given):
    out, cache_k, cache_v = _np_cached(*given)
    return out, cache_v, cache_k


@attend_cached.mistake("The scores are not divided by the square root of d.", credit=0.5)
def cached_scores_not_scaled(*given):
    return _np_cached(*given, scale=1.0)


@attend_cached.mistake("You divided the scores by d. Divide by its square root.", credit=0.5)
def cached_scores_divided_by_d(*given):
    return _np_cached(*given, scale=1 / given[0].shape[-1])


@attend_cached.mistake(
    "You turned q and k here. They come turned already, and the keys in the cache too: turning "
    "them once more "
    "gives them other positions.",
    credit=0.25,
)
def turned_again(*given):
    return _np_cached(
        *given, turn=lambda a, S: np_rotary(a[:, :, None], S)[:, :, 0] if a.shape[-1] % 2 == 0 else a
    )


@attend_cached.mistake(
    "The weights add up to 1 over the heads. Each head's add up over the steps: softmax along the last axis."
)
def softmax_over_heads(*given):
    return _np_cached(*given, softmax=lambda scores: np_softmax(scores, axis=1))


attend_cached.add_mistake(
    "step_axis_kept",
    _results(lambda out, *_: out[:, :, None], "out"),
    "Your out still has an axis for the one step: (N, heads, d), so take out[:, :, 0].",
    0.5,
)
attend_cached.add_mistake(
    "heads_glued",
    _results(lambda out, *_: out.reshape(len(out), -1), "out"),
    "You glued the heads together. They stay apart here: out is (N, heads, d).",
    0.5,
)


@attend_cached.mistake(
    "The new value never reaches the output: v is cached, but the sum runs over the old values.", credit=0.25
)
def new_value_left_out(q, k, v, cache_k, cache_v):
    _, longer_k, longer_v = _np_cached(q, k, v, cache_k, cache_v)
    without, _, _ = _np_cached(q, k, np.zeros_like(v), cache_k, cache_v)
    return without, longer_k, longer_v


@attend_cached.mistake(
    "Large scores overflow: subtract each row's greatest score before the exponential, or use "
    "scaled_dot_product_attention, which does.",
    credit=0.5,
)
def cached_scores_overflow(*given):
    return _np_cached(
        *given, softmax=lambda scores: np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    )
