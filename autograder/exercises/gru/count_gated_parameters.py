"""Lesson 10, count_gated_parameters: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=1,
    difficulty=1,
    minutes=10,
    returns=("count",),
    hints=(
        "One block is a plain RNN: D*H + H*H weights and H biases. How many blocks has each cell?",
        "lstm: 4 blocks; cifg and gru: 3. gru_torch has two biases per unit and block, because b_hn sits "
        "inside the reset.",
        "blocks = 4 if kind == 'lstm' else 3; biases = 2 if kind == 'gru_torch' else 1; return blocks * (D "
        "* H + H * H + biases * H)",
    ),
    source="Cho et al. (2014); Greff et al. (2017)",
)
def count_gated_parameters(kind, D, H): ...


@count_gated_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for kind in ("lstm", "gru", "gru_torch", "cifg"):
        yield kind, 10, 3
        yield kind, int(rng.integers(50, 100)), int(rng.integers(100, 200))
    yield "gru", 1, 1


def _np_count(kind, D, H, blocks=None, biases=None):
    blocks = blocks or (4 if kind == "lstm" else 3)
    biases = (2 if kind == "gru_torch" else 1) if biases is None else biases
    return blocks * (D * H + H * H + biases * H)


@count_gated_parameters.mistake(
    "You counted one bias per unit for gru_torch. It has two: the one inside the reset cannot be merged "
    "with the other.",
    credit=0.5,
)
def counts_one_bias(kind, D, H):
    return _np_count(kind, D, H, biases=1)


@count_gated_parameters.mistake(
    "You counted two biases everywhere, as PyTorch stores them. Only in gru_torch do they do different "
    "things; elsewhere only their sum counts.",
    credit=0.5,
)
def counts_two_biases(kind, D, H):
    return _np_count(kind, D, H, biases=2)


@count_gated_parameters.mistake(
    "You gave the LSTM PyTorch's two biases. Only their sum has an effect, so it learns one per unit and "
    "block.",
    credit=0.5,
)
def counts_two_lstm_biases(kind, D, H):
    return _np_count(kind, D, H, biases=1 if kind in ("gru", "cifg") else 2)


@count_gated_parameters.mistake("The biases are missing.", credit=0.25)
def counts_no_bias(kind, D, H):
    return _np_count(kind, D, H, biases=0)


@count_gated_parameters.mistake("You gave the coupled-gate cell four blocks; coupling saves one: f, g, o.")
def counts_cifg_as_lstm(kind, D, H):
    return _np_count(kind, D, H, blocks=4 if kind in ("lstm", "cifg") else 3)


@count_gated_parameters.mistake("You counted a GRU's gates only, two blocks. The candidate n is the third.")
def counts_two_blocks(kind, D, H):
    return _np_count(kind, D, H, blocks=2 if kind.startswith("gru") else None)


@count_gated_parameters.mistake(
    "You counted an LSTM's gates only, three blocks. The candidate g has weights too: it is the fourth."
)
def counts_three_blocks(kind, D, H):
    return _np_count(kind, D, H, blocks=3)


@count_gated_parameters.mistake("This is one block, a plain RNN. An LSTM has four such blocks, a GRU three.")
def counts_one_block(kind, D, H):
    return _np_count(kind, D, H, blocks=1)


@count_gated_parameters.mistake(
    "You counted the gates and not the candidate, which has a block of its own: four blocks for an LSTM, "
    "three for the others."
)
def counts_gates_without_candidate(kind, D, H):
    return _np_count(kind, D, H, blocks=3 if kind == "lstm" else 2)


@count_gated_parameters.mistake(
    "Only PyTorch's form of the GRU has two biases. The plain one has one: 3 * (D * H + H * H + H).",
    credit=0.5,
)
def counts_two_biases_for_every_gru(kind, D, H):
    return _np_count(kind, D, H, biases=2 if kind.startswith("gru") else 1)


@count_gated_parameters.mistake(
    "PyTorch's GRU has a second bias for all three blocks, not for the candidate alone: 2 * 3H entries.",
    credit=0.5,
)
def counts_second_bias_of_candidate(kind, D, H):
    return _np_count(kind, D, H, biases=1) + (H if kind == "gru_torch" else 0)
