"""Lesson 17, warmup_cosine: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("lr",),
    hints=(
        "Three stretches: a straight line up, a half cosine down, and 0 from there on. Where is each step?",
        "On the way down, what share of the stretch from warmup to total is done? At 0 the rate is peak, at "
        "1 it is 0: (1 + cos(pi * share)) / 2. Where warmup is 0 there is no way up, and nothing to divide "
        "by.",
        "if step < warmup: return peak * step / warmup; share = min(1, (step - warmup) / (total - warmup)); "
        "return peak * (1 + np.cos(np.pi * share)) / 2",
    ),
    source="Goyal et al. (2017), section 2.2; Loshchilov and Hutter (2017), SGDR, equation 5",
)
def warmup_cosine(step, warmup, total, peak): ...


@warmup_cosine.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def peak():
        return float(rng.uniform(0.5, 2))

    for warmup, total in ((7, 29), (5, 17)):
        yield int(rng.integers(1, warmup)), warmup, total, peak()
        yield int(rng.integers(warmup + 2, (warmup + total) // 2 - 1)), warmup, total, peak()
        yield int(rng.integers((warmup + total) // 2 + 2, total - 1)), warmup, total, peak()
    for step in (0, 7, 28, 29, 31, 97):  # the borders, and beyond
        yield step, 7, 29, peak()
    for step in (0, 1, 5, 11, 13):  # no warm-up
        yield step, 0, 11, peak()
    yield 1, 1, 2, 1.0


def _np_warmup_cosine(step, warmup, total, peak, *, rise=None, fall=None, after=0.0):
    """rise(step, warmup), fall(share, step, warmup, total): shares of the peak; `after`, what comes then."""
    if step < warmup:
        return peak * (step / warmup if rise is None else rise(step, warmup))
    if step > total and after is not None:
        return peak * after
    share = (step - warmup) / (total - warmup)
    return peak * ((1 + np.cos(np.pi * share)) / 2 if fall is None else fall(share, step, warmup, total))


#: Wrong stretches: name, what is spoilt, the sentence, the credit.
_STRETCHES = (
    (
        "whole_wave",
        {"fall": lambda share, *_: (1 + np.cos(2 * np.pi * share)) / 2},
        "Your cosine runs through a whole wave, down and up again. Half a wave leads from peak to 0: the "
        "angle goes from 0 to pi.",
        0.5,
    ),
    (
        "quarter_wave",
        {"fall": lambda share, *_: np.cos(np.pi / 2 * share)},
        "Yours is a quarter of a wave, steepest at the end. A half cosine is level at both ends: (1 + cos(pi "
        "* share)) / 2.",
        0.5,
    ),
    (
        "bare_cosine",
        {"fall": lambda share, *_: np.cos(np.pi * share)},
        "A bare cosine falls to -1, so that the rate becomes negative. Lift and halve it: (1 + cos) / 2.",
        0.25,
    ),
    (
        "not_halved",
        {"fall": lambda share, *_: 1 + np.cos(np.pi * share)},
        "The half is missing: 1 + cos goes from 2 to 0, so the fall begins at twice the peak.",
        0.5,
    ),
    (
        "not_halved_and_goes_on",
        {"fall": lambda share, *_: 1 + np.cos(np.pi * share), "after": None},
        "The half is missing: 1 + cos goes from 2 to 0. And after total the rate is 0, where yours rises "
        "again.",
        0.25,
    ),
    (
        "straight_fall",
        {"fall": lambda share, *_: 1 - share},
        "Your rate falls in a straight line. Asked for is a half cosine: (1 + cos(pi * share)) / 2.",
        0.25,
    ),
    (
        "warmup_not_taken_off",
        {"fall": lambda share, step, warmup, total: (1 + np.cos(np.pi * step / total)) / 2},
        "You took step / total for the share that is done. The fall begins at the end of the warm-up: (step "
        "- warmup) / (total - warmup).",
        0.5,
    ),
    (
        "fall_as_long_as_total",
        {"fall": lambda share, step, warmup, total: (1 + np.cos(np.pi * (step - warmup) / total)) / 2},
        "Your fall takes total steps, and does not reach 0. From warmup to total there are total - warmup.",
        0.5,
    ),
    (
        "ends_a_step_early",
        {
            "fall": lambda share, step, warmup, total: (
                (1 + np.cos(np.pi * min(1, (step - warmup) / max(total - warmup - 1, 1)))) / 2
            )
        },
        "Your rate is 0 one step early, at total - 1. It reaches 0 at total: divide by total - warmup.",
        0.5,
    ),
    (
        "ends_a_step_late",
        {
            "fall": lambda share, step, warmup, total: (
                (1 + np.cos(np.pi * (step - warmup) / (total - warmup + 1))) / 2
            )
        },
        "At total your rate is not yet 0. Divide by total - warmup, the number of steps from one to the "
        "other.",
        0.5,
    ),
    (
        "goes_on_after_total",
        {"after": None},
        "After total your cosine goes on, and the rate rises again. From total on it is 0.",
        0.5,
    ),
    (
        "peak_after_total",
        {"after": 1.0},
        "After total your rate is the peak again. From total on it is 0.",
        0.5,
    ),
    (
        "falls_to_a_tenth",
        {"fall": lambda share, *_: 0.1 + 0.9 * (1 + np.cos(np.pi * share)) / 2, "after": 0.1},
        "Your rate falls to a tenth of the peak, as in many training scripts. Here it goes down to 0.",
        0.5,
    ),
    (
        "starts_at_one",
        {"rise": lambda step, warmup: (step + 1) / warmup},
        "Your warm-up counts from 1: step 0 has a rate already. Here step 0 has rate 0, and the peak comes "
        "at step = warmup: step / warmup, without + 1.",
        0.5,
    ),
    (
        "rises_a_step_late",
        {"rise": lambda step, warmup: step / (warmup + 1)},
        "You divided by warmup + 1, so that the rate jumps at the end of the warm-up. It is peak * step / "
        "warmup.",
        0.5,
    ),
    (
        "rise_in_whole_numbers",
        {"rise": lambda step, warmup: step // warmup},
        "In the warm-up // gives whole numbers, 0 here. Divide with /.",
        0.5,
    ),
    (
        "no_rise",
        {"rise": lambda step, warmup: 1.0},
        "The warm-up is missing: before step = warmup the rate rises from 0 to the peak, in a straight line.",
        0.25,
    ),
    (
        "rises_in_a_wave",
        {"rise": lambda step, warmup: (1 - np.cos(np.pi * step / warmup)) / 2},
        "Your warm-up is a cosine. It is a straight line: peak * step / warmup.",
        0.5,
    ),
)
for _name, _spoilt, _message, _credit in _STRETCHES:
    warmup_cosine.add_mistake(
        _name, lambda *given, spoilt=_spoilt: _np_warmup_cosine(*given, **spoilt), _message, _credit
    )


@warmup_cosine.mistake(
    "Where warmup is 0 your rate is 0 at step 0. Without a warm-up it starts at the peak.", credit=0.5
)
def zero_without_warmup(step, warmup, total, peak):
    return 0.0 if step == 0 else _np_warmup_cosine(step, warmup, total, peak)


@warmup_cosine.mistake("You returned the share of the peak: multiply by peak.", credit=0.5)
def peak_missing(step, warmup, total, peak):
    return _np_warmup_cosine(step, warmup, total, 1.0)


@warmup_cosine.mistake(
    "After the warm-up yours falls with the square root of the step, as in the 2017 paper. Here it is a half "
    "cosine down to 0.",
    credit=0.25,
)
def square_root_fall(step, warmup, total, peak):
    return peak * (step / warmup if step < warmup else np.sqrt(max(warmup, 1) / max(step, 1)))
