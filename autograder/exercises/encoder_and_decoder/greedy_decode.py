"""Lesson 14, greedy_decode: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.encoder_and_decoder.draws import EOS, SOS, decoder, louder, renumbered
from autograder.exercises.encoder_and_decoder.parts import np_next, np_step


@exercise(
    points=2,
    difficulty=2,
    minutes=15,
    returns=("ids",),
    hints=(
        "A loop with two things that change: the state, and the token that is fed in next.",
        "One step: h = rnn_step(E[token][None], h, ...), shape (1, H); logits = (h @ W_hy + b_y)[0]; the "
        "next token is their argmax. Stop before you keep eos.",
        "token, h, ids = sos, context[None], []; for _ in range(max_len): h = rnn_step(E[token][None], h, "
        "W_xh, W_hh, b_h); token = int((h @ W_hy + b_y)[0].argmax()); if token == eos: break; "
        "ids.append(token). At the end: return np.array(ids, dtype=int)",
    ),
    source="Sutskever, Vinyals and Le (2014), section 3.2, with a beam of one",
)
def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len): ...


def _np_greedy(
    h,
    E,
    *weights,
    first=SOS,
    eos=EOS,
    max_len=13,
    feed=True,
    keep_state=True,
    best=np.argmax,
    forbidden=-1,
    also_ends=-1,
):
    """Greedy decoding with switches: what is fed back, whether the state moves on, when it stops."""
    ids, token, start = [], first, h
    for _ in range(max_len):
        h, log_p = np_next(h if keep_state else start, token, E, *weights)
        if forbidden >= 0:
            log_p[forbidden] = -np.inf
        choice = int(best(log_p))
        if choice in (eos, also_ends):
            break
        ids.append(choice)
        token = choice if feed else first
    return np.array(ids, dtype=int)


def _np_read_first(h, E, W_xh, W_hh, b_h, W_hy, b_y, *, eos=EOS, max_len=13):
    """Greedy decoding that reads a word out of a state before it has fed anything."""
    ids = []
    for _ in range(max_len):
        choice = int((h @ W_hy + b_y).argmax())
        if choice == eos:
            break
        ids.append(choice)
        h = np_step(E[choice], h, W_xh, W_hh, b_h)
    return np.array(ids, dtype=int)


def _telling_decoder(rng, H, D, V, length, other, start_bias=-50.0):
    """Draw decoders until greedy decoding writes a sentence in the range `length`, and `other` differs."""
    while True:
        drawn = decoder(rng, H, D, V, start_bias=start_bias)
        ids = _np_greedy(*drawn)
        if length[0] <= len(ids) <= length[1] and len(set(ids)) > 2 and other(drawn, ids):
            return drawn


def _other_numbers(rng, drawn):
    """Number the tokens anew until it matters that sos and eos are not 1 and 2."""
    while True:
        *decoder, sos, eos = renumbered(rng, *drawn)
        used = (_np_greedy(*decoder, first=a, eos=b) for a, b in ((SOS, EOS), (sos, EOS), (SOS, eos)))
        right = _np_greedy(*decoder, first=sos, eos=eos)
        if not any(np.array_equal(ids, right) for ids in used):
            return *decoder, sos, eos


@greedy_decode.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    def telling(drawn, ids):
        others = (
            _np_greedy(*drawn, feed=False),
            _np_greedy(*drawn, keep_state=False),
            _np_greedy(np.zeros_like(drawn[0]), *drawn[1:]),
            _np_greedy(*drawn, first=EOS),
            _np_greedy(*drawn, best=np.argmin),
            _np_read_first(*drawn),
            _np_greedy(*drawn[:-1], np.zeros_like(drawn[-1])),
        )
        return not any(np.array_equal(ids, other) for other in others)

    def goes_on(drawn, ids):
        endless = _np_greedy(*drawn, eos=-1)
        return telling(drawn, ids) and not np.array_equal(ids, endless[endless != EOS])

    def writes_sos(drawn, ids):
        without = _np_greedy(*drawn, forbidden=SOS)
        stopped = _np_greedy(*drawn, also_ends=SOS)
        return SOS in ids and not np.array_equal(without, ids) and not np.array_equal(without, stopped)

    drawn = _telling_decoder(rng, 7, 5, 11, (4, 9), telling)
    yield *drawn, SOS, EOS, 13
    yield *drawn, SOS, EOS, 3  # cut off
    yield *_telling_decoder(rng, 5, 3, 7, (5, 11), goes_on), SOS, EOS, 13
    yield *decoder(rng, 3, 2, 5, end_bias=-99), SOS, EOS, 5  # never ends by itself
    yield *decoder(rng, 3, 2, 5, end_bias=99), SOS, EOS, 5  # ends at once
    yield *_telling_decoder(rng, 3, 2, 5, (3, 7), writes_sos, start_bias=1.0), SOS, EOS, 13
    yield *louder(*drawn), SOS, EOS, 13
    yield *_other_numbers(rng, drawn), 13


@greedy_decode.mistake(
    "The end token does not stop you: after eos you go on until max_len. Break as soon as eos is the choice."
)
def end_token_does_not_stop(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=-1, max_len=max_len)


@greedy_decode.mistake(
    "The end token is in your result. It says that the sentence is over, and is no part of it.", credit=0.5
)
def end_token_kept(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    ids = _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)
    return ids if len(ids) == max_len else np.append(ids, eos)


@greedy_decode.mistake(
    "The start token is in your result. It opens the decoder; nobody predicted it.", credit=0.5
)
def start_token_kept(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    ids = _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)
    return np.insert(ids, 0, sos)


@greedy_decode.mistake(
    "You feed sos at every step. From the second step on, the input is the token that you chose just before."
)
def always_feeds_sos(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len, feed=False)


@greedy_decode.mistake(
    "The state never moves on: every step starts from context. Keep the new state for the next step."
)
def state_never_updated(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, keep_state=False)


@greedy_decode.mistake("You start from a state of zeros, so the source is never heard. Start from context.")
def source_never_heard(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    zeros = np.zeros_like(context)
    return _np_greedy(zeros, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len)


@greedy_decode.mistake("You opened the decoder with eos. The first token that it is given is sos.")
def opens_with_eos(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=eos, eos=eos, max_len=max_len)


@greedy_decode.mistake("You take the least probable token at every step: use argmax, not argmin.")
def least_probable(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, best=np.argmin)


@greedy_decode.mistake(
    "Where no eos comes, your last token is missing: max_len tokens may be written, and only an eos is "
    "taken off.",
    credit=0.5,
)
def one_token_too_few(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len - 1)


@greedy_decode.mistake(
    "Where no eos comes, you write one token too many: up to max_len may be written.", credit=0.5
)
def one_token_too_many(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len + 1)


@greedy_decode.mistake(
    "You read a word out of context itself, before sos was fed. The first word comes out of the state after "
    "sos."
)
def read_before_sos_is_fed(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_read_first(context, E, W_xh, W_hh, b_h, W_hy, b_y, eos=eos, max_len=max_len)


@greedy_decode.mistake("The bias b_y is missing in the readout: logits = h W_hy + b_y.")
def greedy_without_bias(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, np.zeros_like(b_y))
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len)


@greedy_decode.mistake(
    "You write on to the end, and then delete every eos. The first eos ends the sentence: what follows it "
    "is no part of it either.",
    credit=0.5,
)
def ends_deleted_afterwards(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    ids = _np_greedy(*weights, first=sos, eos=-1, max_len=max_len)
    return ids[ids != eos]


@greedy_decode.mistake(
    "You do not let the decoder write sos. A trained one will hardly want to, but here every token may be "
    "chosen: take the most probable one.",
    credit=0.5,
)
def start_token_forbidden(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, forbidden=sos)


@greedy_decode.mistake("You stop at sos as well. Only eos ends the sentence.", credit=0.5)
def start_token_stops(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    weights = (context, E, W_xh, W_hh, b_h, W_hy, b_y)
    return _np_greedy(*weights, first=sos, eos=eos, max_len=max_len, also_ends=sos)


@greedy_decode.mistake(
    "You start from 1 and stop at 2, the notebook's SOS and EOS. They are arguments here, and may be "
    "other numbers: use sos and eos.",
    credit=0.5,
)
def numbers_of_the_notebook(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    return _np_greedy(context, E, W_xh, W_hh, b_h, W_hy, b_y, max_len=max_len)


@greedy_decode.mistake(
    "Your exp overflows where the logits are large, and the largest of nothing but nan is token 0. The "
    "largest logit has the largest probability: take the argmax of the logits.",
    credit=0.5,
)
def exp_overflows(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    def choice(log_p):
        return 0 if b_y.max() > 700 else np.argmax(log_p)

    return _np_greedy(
        context, E, W_xh, W_hh, b_h, W_hy, b_y, first=sos, eos=eos, max_len=max_len, best=choice
    )
