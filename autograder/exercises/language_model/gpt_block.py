"""Lesson 18, gpt_block: its cases, hints and mistakes."""

from collections.abc import Iterator

import numpy as np

from autograder.exercise import exercise
from autograder.exercises.language_model.parts import np_heads, np_rms, np_rotary, np_rotary_halves, np_swiglu
from autograder.exercises.transformer.parts import np_attention, np_inner, np_lower, np_norm, np_split


@exercise(
    points=4,
    difficulty=3,
    minutes=30,
    returns=("y",),
    hints=(
        "Two parts, each wrapped alike: x = x + part(norm(x)). What is added to the residual is never "
        "normalised, and what goes into a part always is.",
        "From z = rms_norm(x, norm1_gain): queries, keys, values, each cut into heads as in lesson 16, (N, "
        "heads, T, d). Turn queries and keys, not values, after the cut. scaled_dot_product_attention with "
        "causal_mask(T), glue, W_o, add to x. Then swiglu in the same way, with norm2_gain.",
        "split = lambda z: z.reshape(N, T, heads, -1).swapaxes(1, 2); q, k, v = (split(z @ params[name]) for "
        "name in ('W_q', 'W_k', 'W_v')); out, _ = scaled_dot_product_attention(rotary(q, 0), "
        "rotary(k, 0), v, "
        "causal_mask(T)); x = x + out.swapaxes(1, 2).reshape(x.shape) @ params['W_o']; return x + "
        "swiglu(rms_norm(x, params['norm2_gain'], 1e-5), params['W_1'], params['W_3'], params['W_2'])",
    ),
    source="Touvron et al. (2023), LLaMA, section 2.2",
)
def gpt_block(x, params, heads): ...


def block_params(rng: np.random.Generator, E: int, F: int) -> dict[str, np.ndarray]:
    """Random parameters of a block, under the names that the learner meets."""
    params = {f"norm{number}_gain": rng.uniform(0.5, 2, size=E) for number in (1, 2)}
    params |= {f"W_{name}": rng.normal(size=(E, E)) / np.sqrt(E) for name in "qkvo"}
    params |= {f"W_{name}": rng.normal(size=(E, F)) / np.sqrt(E) for name in "13"}
    return params | {"W_2": rng.normal(size=(F, E)) / np.sqrt(F)}


@gpt_block.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    for N, T, E, F, heads in ((2, 5, 12, 7, 3), (3, 7, 8, 5, 2), (1, 2, 4, 11, 1), (2, 3, 12, 5, 3)):
        yield rng.normal(size=(N, T, E)), block_params(rng, E, F), heads
    yield rng.normal(size=(2, 1, 4)), block_params(rng, 4, 3), 2
    yield 0.01 * rng.normal(size=(1, 3, 4)), block_params(rng, 4, 3), 2  # where eps counts


def _norm(number, norm=np_rms):
    return lambda x, p: norm(x, p[f"norm{number}_gain"])


NORM1, NORM2 = _norm(1), _norm(2)


def _as_it_is(x, p):
    return x


def _np_gpt(x, p, heads, *, first=NORM1, second=NORM2, attend=np_heads, feed=None, residuals="xx", W_o=None):
    """A block with switches for the mistakes below."""
    z = first(x, p)
    y = attend(z, p, heads) @ (p["W_o"] if W_o is None else W_o) + {"x": x, "z": z, "-": 0}[residuals[0]]
    z = second(y, p)
    fed = (feed or (lambda z, p: np_swiglu(z, p["W_1"], p["W_3"], p["W_2"])))(z, p)
    return fed + {"x": y, "z": z, "-": 0, "0": x}[residuals[1]]


def _attending(**switches):
    return lambda z, p, heads: np_heads(z, p, heads, **switches)


@gpt_block.mistake(
    "You normalised after each sum (post-norm), as in 2017. Here the norm comes before each part: x + "
    "part(rms_norm(x)).",
    credit=0.25,
)
def post_norm(x, params, heads):
    y = np_rms(x + np_heads(x, params, heads) @ params["W_o"], params["norm1_gain"])
    return np_rms(y + np_swiglu(y, params["W_1"], params["W_3"], params["W_2"]), params["norm2_gain"])


@gpt_block.mistake(
    "The residuals add what has been normalised. Only the part is given the norm; what is added is x itself.",
    credit=0.25,
)
def residuals_from_the_norms(*given):
    return _np_gpt(*given, residuals="zz")


@gpt_block.mistake("The first residual adds the normalised x. It adds x itself.", credit=0.5)
def first_residual_from_the_norm(*given):
    return _np_gpt(*given, residuals="zx")


@gpt_block.mistake(
    "The second residual adds what has been normalised. It adds the sum after the attention.", credit=0.5
)
def second_residual_from_the_norm(*given):
    return _np_gpt(*given, residuals="xz")


@gpt_block.mistake(
    "The second residual adds the block's input. It adds the sum after the attention.", credit=0.5
)
def second_residual_from_the_input(*given):
    return _np_gpt(*given, residuals="x0")


@gpt_block.mistake("Both residuals are missing: each part's result is added to x.", credit=0.25)
def block_without_residuals(*given):
    return _np_gpt(*given, residuals="--")


@gpt_block.mistake("The first residual is missing: add x to what the attention gives.", credit=0.5)
def block_without_first_residual(*given):
    return _np_gpt(*given, residuals="-x")


@gpt_block.mistake(
    "The last residual is missing: add the sum after the attention to swiglu's result.", credit=0.5
)
def block_without_last_residual(*given):
    return _np_gpt(*given, residuals="x-")


@gpt_block.mistake("The first norm is missing: the attention works on rms_norm(x, norm1_gain).", credit=0.5)
def first_norm_left_out(*given):
    return _np_gpt(*given, first=_as_it_is)


@gpt_block.mistake("The second norm is missing: swiglu works on rms_norm(x, norm2_gain).", credit=0.5)
def second_norm_left_out(*given):
    return _np_gpt(*given, second=_as_it_is)


@gpt_block.mistake("Both norms are missing: each part works on rms_norm of x.", credit=0.25)
def both_norms_left_out(*given):
    return _np_gpt(*given, first=_as_it_is, second=_as_it_is)


@gpt_block.mistake("The second norm uses norm1_gain. It has its own: norm2_gain.", credit=0.5)
def one_gain_for_both(*given):
    return _np_gpt(*given, second=_norm(1))


@gpt_block.mistake(
    "The two gains are swapped: norm1_gain before the attention, norm2_gain before swiglu.", credit=0.5
)
def gains_swapped(*given):
    return _np_gpt(*given, first=_norm(2), second=_norm(1))


@gpt_block.mistake("You used layer_norm, which subtracts the mean. Here it is rms_norm.", credit=0.5)
def layer_norm_for_rms(*given):
    def norm(x, gain):
        return np_norm(x, gain, 0)

    return _np_gpt(*given, first=_norm(1, norm), second=_norm(2, norm))


@gpt_block.mistake(
    "The positions have no effect. Turn queries and keys with rotary, in the shape (N, heads, "
    "T, d): the steps "
    "must stand on the last axis but one, for turned along the heads q and k turn alike, and it cancels.",
    credit=0.25,
)
def without_positions(*given):
    return _np_gpt(*given, attend=_attending(turned=""))


@gpt_block.mistake(
    "Only the queries are turned. Turn the keys as well: only the distance shall count.", credit=0.5
)
def only_queries_turned(*given):
    return _np_gpt(*given, attend=_attending(turned="q"))


@gpt_block.mistake(
    "Only the keys are turned. Turn the queries as well: only the distance shall count.", credit=0.5
)
def only_keys_turned(*given):
    return _np_gpt(*given, attend=_attending(turned="k"))


@gpt_block.mistake(
    "The values are turned as well. Only queries and keys are: positions decide where to look, not what is "
    "handed over.",
    credit=0.5,
)
def values_turned(*given):
    return _np_gpt(*given, attend=_attending(turned="qkv"))


@gpt_block.mistake(
    "You turned queries and keys before they were cut into heads, at the rates of width E. Turn them within "
    "each head, after the cut: width d = E / heads.",
    credit=0.5,
)
def turned_before_the_cut(*given):
    def attend(z, p, heads):
        q, k = (np_split(np_rotary(z @ p[name]), heads) for name in ("W_q", "W_k"))
        return (
            np_attention(q, k, np_split(z @ p["W_v"], heads), np_lower(z))[0].swapaxes(1, 2).reshape(z.shape)
        )

    return _np_gpt(*given, attend=attend)


@gpt_block.mistake(
    "Halves of the features are paired in the turn. Use your rotary, which turns neighbours.", credit=0.5
)
def block_turns_halves(*given):
    return _np_gpt(*given, attend=_attending(turn=np_rotary_halves))


@gpt_block.mistake("The mask is missing: no step may see a later one. Hand causal_mask(T) in.", credit=0.25)
def without_causal_mask(*given):
    return _np_gpt(*given, attend=_attending(mask=lambda z: None))


@gpt_block.mistake("The mask is transposed: a step sees itself and the future, not the past.", credit=0.25)
def sees_the_future(*given):
    return _np_gpt(*given, attend=_attending(mask=lambda z: np_lower(z).T))


@gpt_block.mistake(
    "The mask is off by one: a step may see itself. As it stands it sees only earlier steps.", credit=0.25
)
def blind_to_itself(*given):
    return _np_gpt(*given, attend=_attending(mask=lambda z: np_lower(z) & ~np.eye(z.shape[1], dtype=bool)))


@gpt_block.mistake("The attention has one head. Cut queries, keys and values into `heads`.", credit=0.25)
def block_with_one_head(x, params, heads):
    return _np_gpt(x, params, heads, attend=lambda z, p, heads: np_heads(z, p, 1))


@gpt_block.mistake(
    "W_o is missing: the heads, side by side, are mixed by it before they are added.", credit=0.25
)
def without_output_matrix(x, params, heads):
    return _np_gpt(x, params, heads, W_o=np.eye(x.shape[2]))


@gpt_block.mistake("W_q and W_k are exchanged: W_q makes the queries, W_k the keys.", credit=0.5)
def queries_and_keys_exchanged(*given):
    return _np_gpt(*given, attend=_attending(names="kqv"))


@gpt_block.mistake("W_1 and W_3 are exchanged: swiglu(z, W_1, W_3, W_2).", credit=0.5)
def branches_exchanged(*given):
    return _np_gpt(*given, feed=lambda z, p: np_swiglu(z, p["W_3"], p["W_1"], p["W_2"]))


@gpt_block.mistake("You left out swiglu: it is the second part, after the attention.", credit=0.25)
def without_swiglu(*given):
    return _np_gpt(*given, feed=lambda z, p: 0)


@gpt_block.mistake("You used a network with ReLU, as in 2017. Here it is swiglu, with W_3 too.", credit=0.25)
def relu_network(*given):
    return _np_gpt(*given, feed=lambda z, p: np_inner(z, p | {"b_1": 0, "b_2": 0}))


@gpt_block.mistake(
    "The attention is left out of what swiglu sees: both parts work on the block's input side by side. First "
    "the attention is added, then swiglu works on the sum.",
    credit=0.25,
)
def parts_side_by_side(x, params, heads):
    attended = np_heads(np_rms(x, params["norm1_gain"]), params, heads) @ params["W_o"]
    z = np_rms(x, params["norm2_gain"])
    return x + attended + np_swiglu(z, params["W_1"], params["W_3"], params["W_2"])


@gpt_block.mistake("The order is reversed: first the attention, then swiglu.", credit=0.25)
def swiglu_before_attention(x, params, heads):
    z = np_rms(x, params["norm2_gain"])
    x = x + np_swiglu(z, params["W_1"], params["W_3"], params["W_2"])
    return x + np_heads(np_rms(x, params["norm1_gain"]), params, heads) @ params["W_o"]
