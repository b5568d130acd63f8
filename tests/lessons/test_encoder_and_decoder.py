"""Lesson 14: identities of decoding, and the data of the task."""

from itertools import product

import numpy as np
import pytest

from autograder.exercises.encoder_and_decoder.beams import pushed_out
from autograder.exercises.encoder_and_decoder.draws import EOS, SOS, decoder
from tests.solved import solution_functions


@pytest.fixture(scope="module")
def lesson():
    return solution_functions()


def log_probability(lesson, ids, context, E, W_xh, W_hh, b_h, W_hy, b_y):
    """Of a whole sentence, its end token included, under teacher forcing."""
    targets = np.array([[*ids, EOS]])
    y_in = E[lesson["shift_right"](targets, SOS)]
    logits = lesson["decode_teacher_forced"](y_in, context[None], W_xh, W_hh, b_h, W_hy, b_y)
    mask = np.ones(targets.shape, dtype=bool)
    return -targets.size * lesson["cross_entropy"](logits, targets, mask)


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_is_greedy(lesson, seed):
    drawn = decoder(np.random.default_rng(seed), 5, 3, 7)
    ids, _ = lesson["beam_search"](*drawn, SOS, EOS, 9, 1)
    assert np.array_equal(ids, lesson["greedy_decode"](*drawn, SOS, EOS, 9))


@pytest.mark.parametrize("seed", range(3))
def test_a_beam_wide_enough_finds_the_best_sentence(lesson, seed):
    V, most = 5, 4
    drawn = decoder(np.random.default_rng(seed), 3, 2, V, end_bias=3)
    ids, score = lesson["beam_search"](*drawn, SOS, EOS, most, V**most)
    words = [v for v in range(V) if v != EOS]
    ended = [s for n in range(most) for s in product(words, repeat=n)]
    best = max(log_probability(lesson, sentence, *drawn) for sentence in ended)
    assert score >= best - 1e-9  # an unfinished sentence may score higher still
    if len(ids) < most:
        assert score == pytest.approx(best)
        assert score == pytest.approx(log_probability(lesson, ids, *drawn))


@pytest.mark.parametrize("seed", range(3))
def test_a_finished_sentence_may_be_pushed_out_by_worse_ones(lesson, seed):
    drawn = pushed_out(np.random.default_rng(seed))
    ids, score = lesson["beam_search"](*drawn, SOS, EOS, 3, 2)
    assert len(ids) == 3
    assert score < log_probability(lesson, [], *drawn) - 0.1
    assert len(lesson["beam_search"](*drawn, SOS, EOS, 3, 3)[0]) == 0  # one place more keeps it


def test_padding_changes_neither_context_nor_loss(lesson):
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(2, 5, 3)), np.array([2, 5])
    weights = rng.normal(size=(3, 4)), rng.normal(size=(4, 4)), rng.normal(size=4)
    longer = np.concatenate([x, rng.normal(size=(2, 3, 3))], axis=1)
    assert np.allclose(
        lesson["encode"](x, lengths, *weights)[1], lesson["encode"](longer, lengths, *weights)[1]
    )
    targets = np.array([[3, EOS, 0], [4, 5, EOS]])
    wider, logits = np.pad(targets, ((0, 0), (0, 2))), rng.normal(size=(2, 5, 7))
    losses = [
        lesson["cross_entropy"](logits[:, : t.shape[1]], t, lesson["target_mask"](t, EOS))
        for t in (targets, wider)
    ]
    assert losses[0] == pytest.approx(losses[1])


def test_scheduled_inputs_end_in_teacher_forcing_and_free_running(lesson):
    rng = np.random.default_rng(1)
    targets, own = rng.integers(3, 9, size=(2, 3, 5))
    uniforms = rng.uniform(size=(3, 5))
    mix, shift = lesson["scheduled_inputs"], lesson["shift_right"]
    assert np.array_equal(mix(targets, own, uniforms, 1.0, SOS), shift(targets, SOS))
    assert np.array_equal(mix(targets, own, uniforms, 0.0, SOS), shift(own, SOS))


def test_the_task_holds_out_what_it_tests():
    from coursekit.translation import MOST_STEPS, TESTED, korean, make_pairs, number_pairs, romanised

    pairs, tests = number_pairs()
    learned = {tuple(ids) for ids in pairs.references}
    assert set(tests) == set(TESTED)
    assert not any(tuple(ids) in learned for test in tests.values() for ids in test.references)
    assert max(test.target.shape[1] for test in tests.values()) <= MOST_STEPS
    assert romanised(make_pairs([40_002]).references[0]) == "sa man i"
    assert "".join(korean(123_456)) == "십이만삼천사백오십육"
