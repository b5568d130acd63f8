"""Lesson 05, count_stack_parameters: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("parameters",),
    hints=(
        "Only the first layer reads the D inputs. What do the others read, and how wide is that?",
        "One network with d inputs has d*H + H*H + H parameters. Above the first layer d is H, or 2H where "
        "the layer below has two directions; and two directions are two networks.",
        "directions = 2 if bidirectional else 1; return directions * (count_rnn_parameters(D, H) + (L - 1) "
        "* count_rnn_parameters(directions * H, H))",
    ),
    source="Graves, Mohamed and Hinton (2013), Speech Recognition with Deep Recurrent Neural Networks",
)
def count_stack_parameters(D, H, L, bidirectional): ...


@count_stack_parameters.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (4, 8, 2, False)
    yield (10, 3, 1, True)
    yield (4, 8, 4, True)
    yield (7, 5, 3, False)
    yield (1, 2, 1, False)
    for bidirectional in (True, False, True):
        D, H, L = rng.integers((11, 101, 2), (97, 199, 9))
        yield (int(D), int(H), int(L), bidirectional)


def _count(d, h):
    return d * h + h * h + h


@count_stack_parameters.mistake(
    "You counted two biases per network, as PyTorch stores them. Their sum is one bias: count H of them.",
    credit=0.5,
)
def counts_two_biases(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * _count(k * H, H) + L * H)


@count_stack_parameters.mistake(
    "You counted every layer like the first. From the second on, a layer reads states, not the D inputs."
)
def layers_all_like_first(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * L * _count(D, H)


@count_stack_parameters.mistake(
    "You doubled the one-way stack. With two directions the layers above the first read 2H features, so "
    "their W_xh is (2H, H)."
)
def doubles_one_way_stack(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * (_count(D, H) + (L - 1) * _count(H, H))


@count_stack_parameters.mistake("Two directions are two networks: each layer counts twice.")
def direction_counted_once(D, H, L, bidirectional):
    return _count(D, H) + (L - 1) * _count(2 * H if bidirectional else H, H)


@count_stack_parameters.mistake("The biases are missing: H for each network.")
def without_biases(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (D * H + H * H + (L - 1) * (k * H * H + H * H))


@count_stack_parameters.mistake(
    "The recurrent matrices W_hh (H, H) are missing: every network has one of its own."
)
def without_recurrent(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (D * H + H + (L - 1) * (k * H * H + H))


@count_stack_parameters.mistake(
    "You counted the first layer only: multiply out all L of them. Layers share no weights."
)
def counts_first_layer(D, H, L, bidirectional):
    return (2 if bidirectional else 1) * _count(D, H)


@count_stack_parameters.mistake(
    "You made both W_xh and W_hh twice as wide above the first layer. The input is 2H wide; the state of "
    "one direction is still H."
)
def recurrent_too_wide(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * (k * H * H + k * H * H + H))


@count_stack_parameters.mistake(
    "One layer too many: L counts the first layer as well, so L - 1 layers stand above it."
)
def one_layer_too_many(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + L * _count(k * H, H))


@count_stack_parameters.mistake(
    "You counted two directions as one network of 2H units. They are two networks of H units each, and "
    "their states never mix: W_hh is (H, H), twice."
)
def directions_as_one_network(D, H, L, bidirectional):
    width = 2 * H if bidirectional else H
    return _count(D, width) + (L - 1) * _count(width, width)


@count_stack_parameters.mistake(
    "The argument `bidirectional` has no effect: with True, every layer is two networks, and those above "
    "the first read 2H features."
)
def bidirectional_ignored(D, H, L, bidirectional):
    return _count(D, H) + (L - 1) * _count(H, H)


@count_stack_parameters.mistake(
    "The two directions share one bias in your count. They are two networks: each has H biases of its own.",
    credit=0.5,
)
def directions_share_bias(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * (_count(D, H) + (L - 1) * _count(k * H, H)) - (k - 1) * L * H


@count_stack_parameters.mistake(
    "Only the first layer counts twice in your sum. Every layer of a bidirectional stack has two networks.",
    credit=0.25,
)
def first_layer_alone_doubled(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return k * _count(D, H) + (L - 1) * _count(k * H, H)


@count_stack_parameters.mistake(
    "Your top layer counts once. It has two networks too, one for each direction.", credit=0.25
)
def top_layer_counted_once(D, H, L, bidirectional):
    k = 2 if bidirectional else 1
    return (
        k * _count(D, H)
        + sum((k if l < L - 1 else 1) * _count(k * H, H) for l in range(1, L))
        - ((k - 1) * _count(D, H) if L == 1 else 0)
    )
