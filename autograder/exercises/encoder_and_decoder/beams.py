"""Lesson 14, beam_search: the search with switches for its mistakes, and decoders that tell them apart."""

import numpy as np

from autograder.exercises.encoder_and_decoder.draws import EOS, SOS, renumbered
from autograder.exercises.encoder_and_decoder.parts import np_log_softmax, np_step
from autograder.exercises.numpy_rnn.draws import rnn_weights


def np_beam(
    context,
    E,
    W_xh,
    W_hh,
    b_h,
    W_hy,
    b_y,
    sos,
    eos,
    max_len,
    width,
    *,
    rank=lambda score, ids, ended: score,
    total=lambda score, log_p: score + log_p,
    read=np_log_softmax,
    ends=True,
    grows_on=False,
    free_end=False,
    shared_state=False,
    aside=False,
    leaves=False,
    first_end=False,
    any_end=False,
    finished_first=False,
    old_state=False,
):
    """Beam search with switches. A hypothesis is (score, ids, state); one that ended has state None."""
    beam, ended = [(0.0, [], context)], []
    for _ in range(max_len):
        grown = []
        for score, ids, h in beam:
            if h is None:
                grown.append((score, ids, None))
                continue
            h = beam[0][2] if shared_state and beam[0][2] is not None else h
            new = np_step(E[ids[-1] if ids else sos], h, W_xh, W_hh, b_h)
            for token, value in enumerate(read(new @ W_hy + b_y)):
                stop = ends and token == eos
                after = score if stop and free_end else total(score, value)
                state = None if stop and not grows_on else h if old_state else new
                grown.append((after, ids if stop else [*ids, token], state))
        grown.sort(key=lambda item: -rank(item[0], item[1], item[2] is None))
        if leaves:
            grown = grown[:width]
        if aside or leaves:
            ended += [item for item in grown if item[2] is None]
            grown = [item for item in grown if item[2] is not None]
        beam = grown[:width]
        if not beam or ((first_end or any_end) and any(item[2] is None for item in beam)):
            break
    if first_end or finished_first:
        beam = [item for item in beam if item[2] is None] or beam
    best = max(beam + ended, key=lambda item: rank(item[0], item[1], item[2] is None))
    return np.array(best[1], dtype=int), float(best[0])


#: Wrong searches, the likeliest to find the right answer first.
WRONG = (
    {"aside": True},
    {"shared_state": True},
    {"rank": lambda score, ids, ended: score / (len(ids) + 1)},
    {"read": np.copy},
    {"total": lambda score, log_p: log_p},
    {"total": lambda score, log_p: score + np.exp(log_p)},
)


def beams_tell(drawn, width, max_len, wrong=WRONG):
    """Do all the wrong searches give different answers on this decoder, of middling length?"""
    arguments = (*drawn, SOS, EOS, max_len)
    right = np_beam(*arguments, width)
    if not 2 < len(right[0]) < max_len - 1:
        return False
    found = {rounded(right)}
    for switch in ({"width": 1}, *wrong):
        answer = rounded(np_beam(*arguments, **{"width": width} | switch))
        if answer in found:
            return False
        found.add(answer)
    return True


#: Wrong searches that favour long sentences, and are easily taken for each other.
LONGER = (
    {"grows_on": True},
    {"ends": False},
    {"rank": lambda score, ids, ended: score / (len(ids) + 1)},
)


def ends_tell(drawn, width, max_len):
    return beams_tell(drawn, width, max_len, LONGER)


def rounded(result):
    ids, score = result
    return tuple(ids), round(score, 6)


def writes_sos(drawn, width, max_len):
    """Is sos one of several words?"""
    ids, _ = np_beam(*drawn, SOS, EOS, max_len, width)
    return SOS in ids and len(ids) > 1


def telling_beam(rng, H, D, V, width, max_len, start_bias=-50.0, tell=beams_tell):
    while True:
        weights = (*rnn_weights(rng, D, H, gain=1.2), rng.normal(size=(H, V)), 0.5 * rng.normal(size=V))
        weights[-1][SOS] += start_bias
        drawn = (rng.uniform(-1, 1, size=H), 1.2 * rng.normal(size=(V, D)), *weights)
        if tell(drawn, width, max_len):
            return drawn


def other_numbers(rng, drawn, width, max_len):
    """Number the tokens anew until it matters that sos and eos are not 1 and 2."""
    while True:
        *decoder, sos, eos = renumbered(rng, *drawn)
        used = [np_beam(*decoder, a, b, max_len, width) for a, b in ((SOS, EOS), (sos, EOS), (SOS, eos))]
        right = rounded(np_beam(*decoder, sos, eos, max_len, width))
        if right not in map(rounded, used):
            return *decoder, sos, eos


#: What follows sos, 3, 4 and 0, as probabilities of 0, sos, eos, 3, 4. With two places the empty sentence
#: (0.12) is kept at first, then pushed out by [3, 0] and [3, 4] (0.40 and 0.37), which then fall below it.
AFTER = {
    SOS: (0.03, 0.02, 0.12, 0.80, 0.03),
    3: (0.50, 0.01, 0.01, 0.02, 0.46),
    4: (0.23, 0.24, 0.05, 0.22, 0.26),
    0: (0.26, 0.21, 0.05, 0.23, 0.25),
    EOS: (0.20, 0.20, 0.20, 0.20, 0.20),
}


def pushed_out(rng):
    """A decoder in which a finished hypothesis loses its place to two that come to nothing."""
    V, H, D = len(AFTER), 7, 3
    W_xh, W_hh, b_h = rnn_weights(rng, D, H)
    E, b_y = 1.5 * rng.normal(size=(V, D)), 0.5 * rng.normal(size=V)
    log_p = np.log([AFTER[token] for token in range(V)])
    W_hy = np.linalg.pinv(np.tanh(E @ W_xh + b_h)) @ (log_p - b_y)  # (H, V): state after each token -> log_p
    return rng.uniform(-1, 1, size=H), E, W_xh, 1e-4 * W_hh, b_h, W_hy, b_y
