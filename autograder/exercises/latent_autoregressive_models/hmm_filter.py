"""Lesson 03, hmm_filter: its cases, hints and mistakes."""

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.latent_autoregressive_models.draws import hmm_cases
from autograder.exercises.latent_autoregressive_models.parts import _beliefs


@exercise(
    points=3,
    difficulty=3,
    minutes=20,
    returns=("beliefs",),
    hints=(
        "Each step has two halves. First time passes: the belief moves along the transitions. Then a symbol "
        "is seen: each state's belief is multiplied by how well that state explains the symbol.",
        "moved = belief @ A (for the first symbol: moved = initial), then belief = moved * B[:, ids[t]], "
        "then divide by belief.sum(). Normalise in *every* step, or long sequences underflow to zero.",
        "moved = initial; for t, symbol in enumerate(ids): belief = moved * B[:, symbol]; out[t] = belief / "
        "belief.sum(); moved = out[t] @ A",
    ),
    source="Baum and Petrie (1966); Rabiner (1989), A Tutorial on Hidden Markov Models",
)
def hmm_filter(ids, initial, A, B): ...


hmm_filter.cases(hmm_cases)


@hmm_filter.mistake(
    "The belief never moves: between two symbols, time passes and the hidden state may change. Multiply by "
    "A, belief @ A, before the new evidence."
)
def belief_never_moves(ids, initial, A, B):
    return _beliefs(ids, initial, np.eye(len(A)), B)


@hmm_filter.mistake(
    "Every step starts from `initial` again, so each belief knows its own symbol only. Carry the belief on: "
    "after the first symbol, moved = belief @ A."
)
def belief_starts_again(ids, initial, A, B):
    joint = initial * B[:, ids].T
    return joint / joint.sum(axis=1, keepdims=True)


@hmm_filter.mistake(
    "You used A transposed. A[i, j] goes *from* i *to* j, and the belief is a row: belief @ A, not A @ "
    "belief."
)
def belief_transposed(ids, initial, A, B):
    return _beliefs(ids, initial, A.T, B)


@hmm_filter.mistake(
    "You never renormalise: these numbers are the joint probabilities p(z_t, x_1..x_t) and shrink towards "
    "zero. Divide each row by its sum.",
    credit=0.3,
)
def never_normalises(ids, initial, A, B):
    out = np.empty((len(ids), len(A)))
    for t, symbol in enumerate(ids):
        out[t] = (out[t - 1] @ A if t else initial) * B[:, symbol]
    return out


@hmm_filter.mistake(
    "You normalise only at the end. On a long sequence the products underflow to 0, and 0 / 0 is nan: "
    "divide by the sum in every step.",
    credit=0.5,
)
def normalises_at_end(ids, initial, A, B):
    joint = never_normalises(ids, initial, A, B)
    with np.errstate(all="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@hmm_filter.mistake(
    "You ignored `initial` and started from equal beliefs. Before the first symbol, p(z_1) is `initial`."
)
def uniform_start(ids, initial, A, B):
    return _beliefs(ids, np.full(len(A), 1 / len(A)), A, B)


@hmm_filter.mistake(
    "You moved the belief along A before the first symbol. `initial` is already p(z_1): no time passes "
    "before the first symbol.",
    credit=0.5,
)
def moves_before_first(ids, initial, A, B):
    return _beliefs(ids, initial @ A, A, B)


@hmm_filter.mistake(
    "The first symbol is not used: row 0 is `initial` itself. Multiply by B[:, ids[0]] and normalise there "
    "too.",
    credit=0.3,
)
def first_symbol_unused(ids, initial, A, B):
    out = [initial]
    for symbol in ids[1:]:
        belief = (out[-1] @ A) * B[:, symbol]
        out.append(belief / belief.sum())
    return np.stack(out)


@hmm_filter.mistake(
    "Your row t has not yet seen symbol t: it is p(z_t | x_1..x_{t-1}). First move the belief, then weigh "
    "it with B[:, ids[t]], then store it."
)
def before_the_evidence(ids, initial, A, B):
    moved = _beliefs(ids, initial, A, B) @ A
    return np.concatenate([initial[None], moved[:-1]])


@hmm_filter.mistake(
    "Your row t is one step ahead: it is p(z_{t+1} | x_1..x_t). Store the belief after the evidence and "
    "before the next move along A."
)
def one_step_ahead(ids, initial, A, B):
    return _beliefs(ids, initial, A, B) @ A


@hmm_filter.mistake(
    "You kept only the best way into each state. A state's probability is the *sum* over all the states it "
    "may have come from: belief @ A."
)
def best_way_only(ids, initial, A, B):
    out = []
    for symbol in ids:
        moved = (out[-1][:, None] * A).max(axis=0) if out else initial
        belief = moved * B[:, symbol]
        out.append(belief / belief.sum())
    return np.stack(out)


@hmm_filter.mistake(
    "These beliefs have seen the future: they use all symbols, also those after t. That is smoothing; a "
    "filter knows x_1..x_t only."
)
def smooths(ids, initial, A, B):
    beliefs = _beliefs(ids, initial, A, B)
    out = [beliefs[-1]]
    for belief in beliefs[-2::-1]:
        out.append(belief * (A @ (out[-1] / (belief @ A))))
    return np.stack(out[::-1])


@hmm_filter.mistake(
    "B[ids[t]] is the row of a *state*. The evidence of a symbol is a column, one number per state: B[:, "
    "ids[t]]."
)
def row_for_column(ids, initial, A, B):
    out, moved = [], initial
    for symbol in ids:
        belief = moved * B[symbol]
        out.append(belief / belief.sum())
        moved = out[-1] @ A
    return np.stack(out)
