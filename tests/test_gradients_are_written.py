"""README.md says that every layer's gradient is written by the learner: here is where each of them stands."""

import re

import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES
from autograder.lessons import ROOT, all_lessons

#: Arguments that are learned.
LEARNED = re.compile(r"[Wb]_\w+|W|b|E|gain|bias|params|layers|layer_pairs|\w+_layer")
#: A layer -> the exercises that hold its gradient; several where it is made of parts one after the other.
WRITTEN = {
    "rnn_step": ("rnn_step_backward",),
    "rnn_forward": ("rnn_backward",),
    "readout": ("readout_backward",),
    "deep_rnn_forward": ("rnn_backward",),
    "bidirectional_forward": ("rnn_backward",),
    "deep_bidirectional_forward": ("rnn_backward",),
    "lstm_gates": ("lstm_step_backward",),
    "lstm_step": ("lstm_step_backward",),
    "lstm_forward": ("lstm_backward",),
    "gru_step": ("gru_step_backward",),
    "gru_forward": ("gru_backward",),
    "dropout_rnn_forward": ("dropout_rnn_backward",),
    "residual_stack_forward": ("residual_stack_backward",),
    "skip_rnn_forward": ("skip_rnn_backward",),
    "sampled_softmax_loss": ("sampled_softmax_backward",),
    "output_loss": ("cross_entropy_backward", "readout_backward"),
    "encode": ("rnn_backward",),
    "decode_teacher_forced": ("rnn_backward", "readout_backward"),
    "attention_decoder_step": ("rnn_step_backward", "attend_backward", "readout_backward"),
    "embed_sequence": ("embedding_backward",),
    "multi_head_attention": ("multi_head_backward", "attention_backward"),
    "layer_norm": ("layer_norm_backward",),
    "feed_forward": ("feed_forward_backward",),
    "decoder_block": ("attention_backward", "layer_norm_backward", "feed_forward_backward"),
}
#: A layer -> the lesson and the function, in a cell of its own, that puts its gradient together.
IN_A_CELL = {"encoder_block": ("17_training_a_transformer", "block_backward")}
#: Variants that are compared forwards; no learner trains them.
FORWARDS_ONLY = {
    "layer_at_every_step",
    "irnn_step",
    "gru_step_reset_before",
    "cifg_step",
    "candidate_dropout_step",
    "highway_step",
    "class_log_prob",
    "additive_scores",
}
#: They have weights among their arguments, and are no layers.
NO_LAYERS = {
    *("sample_ids", "greedy_decode", "beam_search", "unrolled_matrix"),
    *("step_jacobian", "jacobian_product", "spectral_norm", "norm_bound", "gradient_norms"),
    *("set_forget_bias", "weight_decay_step", "sparse_embedding_step"),
}
#: The lessons that the sentence is about: those in which layers are built up to the Transformer.
LESSONS = [lesson.stem for lesson in all_lessons() if lesson.number <= "17"]


def layers() -> set[str]:
    return {
        e.name
        for e in EXERCISES.values()
        if e.lesson in LESSONS
        and any(LEARNED.fullmatch(name) for name in e.arguments)
        and not e.name.endswith("_backward")
    }


def test_every_layer_is_listed_once():
    listed = [*WRITTEN, *IN_A_CELL, *FORWARDS_ONLY, *NO_LAYERS]
    assert len(listed) == len(set(listed))
    assert layers() - set(listed) == set(), "say where its gradient is written"
    assert set(listed) <= set(EXERCISES), "no such exercise"


@pytest.mark.parametrize("layer", WRITTEN)
def test_its_gradient_is_an_exercise(layer):
    for name in WRITTEN[layer]:
        assert name.endswith("_backward")
        assert all(result.startswith(("d", "gradients")) for result in EXERCISES[name].returns)


@pytest.mark.parametrize("layer", IN_A_CELL)
def test_its_gradient_is_a_cell(layer):
    lesson, function = IN_A_CELL[layer]
    assert f"\ndef {function}(" in (ROOT / "lessons" / f"{lesson}.py").read_text(encoding="utf-8")


def test_readme_says_how_many_are_shown_forwards_only():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "Every layer's gradient is derived, written by you, and confirmed twice" in readme
    assert "(eight variants" in readme
    assert len(FORWARDS_ONLY) == 8
