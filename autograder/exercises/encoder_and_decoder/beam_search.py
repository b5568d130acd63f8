"""Lesson 14, beam_search: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.encoder_and_decoder.beams import (
    ends_tell,
    np_beam,
    other_numbers,
    pushed_out,
    telling_beam,
    writes_sos,
)
from autograder.exercises.encoder_and_decoder.draws import EOS, SOS, decoder, louder
from autograder.exercises.encoder_and_decoder.parts import np_log_softmax, np_step


@exercise(
    points=4,
    difficulty=3,
    minutes=35,
    returns=("ids", "score"),
    hints=(
        "A hypothesis is a triple: its score so far, its tokens so far, and the decoder's state after them. "
        "Start with one: (0.0, [], context[None]).",
        "In each round, a finished hypothesis goes on as it is; every other one becomes V new ones, with "
        "score + log_p[token]. Sort all of them by score and keep the best `width`. Use the state None for "
        "a finished one.",
        "for score, ids, h in beam: if h is None: grown.append((score, ids, h)); continue; then h_new = "
        "rnn_step(E[ids[-1] if ids else sos][None], h, W_xh, W_hh, b_h); z = (h_new @ W_hy + b_y)[0]; "
        "log_p = z - z.max() - np.log(np.exp(z - z.max()).sum()); and for each token grown.append((score "
        "+ log_p[token], ids if token == eos else ids + [token], None if token == eos else h_new)). Then "
        "beam = sorted(grown, key=lambda b: -b[0])[:width].",
    ),
    source="Sutskever, Vinyals and Le (2014), section 3.2",
)
def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width): ...


@beam_search.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    drawn = telling_beam(rng, 5, 3, 7, 3, 11)
    yield *drawn, SOS, EOS, 11, 3
    yield *drawn, SOS, EOS, 11, 1  # greedy
    yield *louder(*drawn), SOS, EOS, 11, 3
    yield *other_numbers(rng, drawn, 3, 11), 11, 3
    yield *telling_beam(rng, 3, 2, 5, 2, 7, tell=ends_tell), SOS, EOS, 7, 2
    drawn = pushed_out(rng)
    yield *drawn, SOS, EOS, 3, 2
    yield *drawn, SOS, EOS, 3, 1
    yield *drawn, SOS, EOS, 2, 3  # cut off while a finished one is second best
    yield *drawn, SOS, EOS, 3, 200  # wider than the number of sentences: exhaustive
    yield *decoder(rng, 3, 2, 5, end_bias=99), SOS, EOS, 3, 2  # ends at once
    yield *telling_beam(rng, 3, 2, 5, 2, 5, start_bias=0.5, tell=writes_sos), SOS, EOS, 5, 2


@beam_search.mistake(
    "You multiply probabilities: the score must be the sum of log-probabilities. A product of many small "
    "numbers soon underflows to zero."
)
def product_of_probabilities(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, float(np.exp(score))


@beam_search.mistake(
    "You add probabilities. Probabilities of successive choices multiply, so it is their logarithms that add."
)
def sum_of_probabilities(*given):
    return np_beam(*given, total=lambda score, log_p: score + np.exp(log_p))


@beam_search.mistake(
    "You add up raw logits. Take the logarithm of the softmax first: logits of different steps have no "
    "common scale."
)
def sum_of_logits(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, read=np.copy)


@beam_search.mistake(
    "The scores are not accumulated: each round ranks by the last token's log-probability alone. Add it to "
    "the hypothesis's score so far."
)
def scores_not_accumulated(*given):
    return np_beam(*given, total=lambda score, log_p: log_p)


@beam_search.mistake(
    "This is greedy search: only one hypothesis is kept, or several copies of it. Begin with a single one, "
    "sort the children of all together, and keep the best `width`."
)
def width_ignored(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, 1)


@beam_search.mistake(
    "The end token does not stop a hypothesis: finished ones grow on. Carry a finished one through unchanged."
)
def finished_ones_grow_on(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, ends=False)


@beam_search.mistake(
    "All hypotheses continue from the best one's state. Each has its own past, so each needs its own state."
)
def state_shared_by_beams(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, shared_state=True)


@beam_search.mistake(
    "You rank by score per token. That is a common refinement, but here the score is the plain sum.",
    credit=0.5,
)
def divided_by_length(*given):
    return np_beam(*given, rank=lambda score, ids, ended: score / (len(ids) + 1))


@beam_search.mistake(
    "You set finished hypotheses aside, so that `width` unfinished ones go on beside them. That is a common "
    "variant; here a finished one keeps its place among the `width`.",
    credit=0.5,
)
def finished_ones_set_aside(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, aside=True)


@beam_search.mistake(
    "The end token is in the returned ids. It ends the sentence and is no part of it.", credit=0.5
)
def end_token_in_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return (ids if len(ids) == max_len else np.append(ids, eos)), score


@beam_search.mistake(
    "A hypothesis that has chosen eos grows on from its last word in your next round. Ask whether it is "
    "finished before you grow it, and carry it through unchanged."
)
def finished_ones_not_spared(*given):
    return np_beam(*given, grows_on=True)


@beam_search.mistake(
    "The end token costs nothing: its log-probability is not added, so that stopping at once always scores "
    "best."
)
def end_token_is_free(*given):
    return np_beam(*given, free_end=True)


@beam_search.mistake(
    "A finished hypothesis leaves your beam, as in the paper, and is kept in a list of its own. Here it "
    "stays among the `width` and competes for its place: better ones may push it out.",
    credit=0.5,
)
def finished_ones_leave(*given):
    return np_beam(*given, leaves=True)


@beam_search.mistake(
    "You stop as soon as one hypothesis is finished. Another one may still end with a higher score: play "
    "all max_len rounds."
)
def stops_at_the_first_end(*given):
    return np_beam(*given, first_end=True)


@beam_search.mistake(
    "You stop as soon as any hypothesis of the beam is finished. The others go on, and may still win or "
    "push it out: play all max_len rounds."
)
def stops_at_any_end(*given):
    return np_beam(*given, any_end=True)


@beam_search.mistake(
    "The children keep their parent's old state, so no state ever moves on. Hand the state after the last "
    "word's step to them."
)
def children_keep_the_old_state(*given):
    return np_beam(*given, old_state=True)


@beam_search.mistake(
    "The ids are right, but the score is divided by their number. Return the plain sum of log-probabilities.",
    credit=0.5,
)
def score_per_word(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, score / max(len(ids), 1)


@beam_search.mistake(
    "The ids are right, but the score is divided by their number plus one. Return the plain sum of "
    "log-probabilities.",
    credit=0.5,
)
def score_per_token(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return ids, score / (len(ids) + 1)


@beam_search.mistake(
    "You return the best *finished* hypothesis. At the end the highest score wins, finished or not."
)
def finished_ones_preferred(*given):
    return np_beam(*given, finished_first=True)


@beam_search.mistake(
    "You compare scores per token, the end token counted with them. That is a common refinement, but here "
    "the plain sums are compared.",
    credit=0.5,
)
def divided_by_all_tokens(*given):
    return np_beam(*given, rank=lambda score, ids, ended: score / (len(ids) + ended))


@beam_search.mistake(
    "Hypotheses grow on after eos, and you cut them there at the end: the score still holds what you cut "
    "off. Carry a finished one through unchanged."
)
def cut_at_the_end(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width, ends=False)
    return ids[: np.argmax(ids == eos)] if eos in ids else ids, score


@beam_search.mistake(
    "You do not let the decoder write sos. A trained one will hardly want to, but here a hypothesis grows "
    "by every token of the vocabulary.",
    credit=0.5,
)
def beam_without_start_token(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    b_y = np.where(np.arange(len(b_y)) == sos, -1e9, b_y)
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)


@beam_search.mistake(
    "The first hypothesis starts from a state of zeros, so the source is never heard. Start from context."
)
def beam_from_zeros(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    zeros = np.zeros_like(context)
    return np_beam(zeros, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)


@beam_search.mistake("The results are swapped: return ids first, then score.", credit=0.5)
def score_before_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return score, ids


@beam_search.mistake("There is one round too few: max_len tokens may be chosen, eos included.", credit=0.5)
def one_round_too_few(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len - 1, width)


@beam_search.mistake("There is one round too many: max_len tokens may be chosen, eos included.", credit=0.5)
def one_round_too_many(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len + 1, width)


@beam_search.mistake(
    "The start token is in the returned ids. It opens the decoder; nobody chose it.", credit=0.5
)
def start_token_in_ids(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    return np.insert(ids, 0, sos), score


@beam_search.mistake(
    "You start from 1 and stop at 2, the notebook's SOS and EOS. They are arguments here, and may be "
    "other numbers: use sos and eos.",
    credit=0.5,
)
def beam_with_the_notebooks_numbers(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    return np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, SOS, EOS, max_len, width)


@beam_search.mistake(
    "Your exp overflows where the logits are large, and every score becomes -inf. Subtract the largest "
    "logit first: z - z.max() - log(sum(exp(z - z.max()))).",
    credit=0.5,
)
def scores_overflow(*given):
    return np_beam(*given, read=lambda z: z - np.log(np.exp(z).sum()))


@beam_search.mistake(
    "Your softmax overflows where the logits are large: inf / inf is nan, and so is every score. Subtract "
    "the largest logit before exp.",
    credit=0.5,
)
def softmax_overflows(*given):
    return np_beam(*given, read=lambda z: np.log(np.exp(z) / np.exp(z).sum()))


@beam_search.mistake(
    "You charge the winner for an end token that it never chose: cut off after max_len tokens, it keeps the "
    "sum of the tokens it has.",
    credit=0.5,
)
def end_token_charged_when_cut_off(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    ids, score = np_beam(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width)
    if len(ids) < max_len:
        return ids, score
    h = context
    for token in (sos, *ids):
        h = np_step(E[token], h, W_xh, W_hh, b_h)
    return ids, score + float(np_log_softmax(h @ W_hy + b_y)[eos])
