# %% [markdown]
# # 14 · Encoder and decoder
#
# **Question:** how does a sequence become another sequence, of another length and in another order?
#
# **You will** build the translator of 2014: an encoder that reads a sentence into one vector, and a decoder
# that writes a sentence from it. You will shift and mask targets, decode greedily and with a beam, and run
# a trained model through your own functions. At the end you will have measured what the single vector
# costs.
#
# **Before:** the recurrent network and its loss (lesson 04), padding and masks (lesson 01), the chain rule
# of probability (lesson 02).
#
# **Time:** almost three hours, a good hour and a half of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 3.10-3.12 E41 E42

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.translation import encoder_decoder
from coursekit.plots import BLUE, GREEN, ORANGE, RED, SKY, figure, show, spread
from coursekit.scheduled_sampling import ScheduledRecurrent
from coursekit.training import one_thread, progress_bar
from coursekit.translation import (
    EOS,
    PAD,
    SOS,
    SOURCE_WORDS,
    TARGET_WORDS,
    TESTED,
    Recurrent,
    english,
    make_pairs,
    number_pairs,
    romanised,
    train,
    translate,
)

# %% carry="rnn_step rnn_forward cross_entropy"

# %% [markdown]
# ## 1 · A task with two orders
#
# So far each input had its own output, or a whole sequence had one. Translation fits neither: the two
# sentences differ in length, and word number three of one need not belong to word number three of the
# other.
#
# Our task for this lesson and the next two is small, endless and honest to test: **numbers in English
# words, to be written in Korean**. English names digits in groups of three (thousand), Korean in groups of
# four (man, ten thousand), so *forty thousand* is *sa man*, "four ten-thousands". Each Korean syllable is
# one token, shown in the Latin alphabet by the official romanisation; the spaces that Korean puts between
# words are not tokens.

# %% tags=["demo", "hide-input"]
pairs, tests = number_pairs()
print(f"{len(pairs)} pairs to learn from, of 1 to {max(TESTED)} digits; held out:")
print(", ".join(f"{len(test)} of {digits} digits" for digits, test in tests.items()))
for number in (7, 21, 305, 40_002, 120_003):
    pair = make_pairs([number])
    print(f"{number:>7}  {' '.join(english(number)):45} {romanised(pair.references[0])}")

# %% [markdown]
# Sentences are stored as integers: `source` $(N, S)$ and `target` $(N, T)$, padded with 0. (Inside a
# function $T$ counts the steps, as ever, of whichever sentence is read or written.) Three tokens are not
# words: `<pad>` fills up, `<sos>` opens a sentence, `<eos>` ends it. A network needs vectors, so every
# token has a row in an **embedding** matrix $E$ $(V, D)$, learned like any other weight. Looking up a row
# is the product with a one-hot vector, without the multiplications by zero:

# %% tags=["demo"] claims="3.10"
rng = np.random.default_rng(14)
N, D, H = 4, 5, 7
some = make_pairs([7, 21, 305, 40_002])
E_source = rng.normal(size=(len(SOURCE_WORDS), D))
one_hot = np.eye(len(SOURCE_WORDS))[some.source]  # (N, S, V)
x = E_source[some.source]  # (N, S, D)
assert np.array_equal(one_hot @ E_source, x)
print("source", some.source.shape, "lengths", some.lengths, "-> x", x.shape)
print("target", some.target.shape)
print(some.target)

# %% [markdown]
# ## 2 · Reading: the encoder
#
# Cho et al. and Sutskever, Vinyals and Le (both 2014) had the same idea within months. One recurrent
# network, the **encoder**, reads the source. Its last state has seen every word; call it the **context**
# $c$ $(N, H)$. A second network, the **decoder**, starts in that state and writes. (So it is in Sutskever's
# paper, and here; Cho's decoder is given $c$ once more at every step.)

# %% tags=["demo", "hide-input"]
show(
    encoder_decoder(),
    alt="Three encoder cells read the words forty, thousand, two from left to right. A thick green arrow "
    "named context leads from the last one to the first of four decoder cells. These are given start, sa, "
    "man, i, and write sa, man, i, end.",
)

# %% [markdown]
# $$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h),\quad h_0 = 0, \qquad
# c_n = h_{n,\,\text{lengths}_n}\quad(N,H)$$
#
# In a batch, short sentences end in padding, and the network runs on through it. So the context is the
# state after each sentence's *own* last word (index `lengths - 1`), not the last column. `states` holds all
# of them, those at padding too, where the network reads on as if there were words. Lesson 15 will want
# them, and hide those at padding by a mask.


# %% exercise="encode"
def encode(x, lengths, W_xh, W_hh, b_h):
    """Read a batch of padded sentences, from a state of zeros, and keep what was read.

    x (N, T, D) embedded words, lengths (N,) integers from 1 to T, W_xh (D, H), W_hh (H, H), b_h (H,)
    -> states (N, T, H) after every step, context (N, H) the state after each sentence's last real step.
    Go on through padding as if it were words: the states there are compared as well.
    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder.
    """
    # BEGIN SOLUTION
    N, H = x.shape[0], W_hh.shape[0]
    states = rnn_forward(x, np.zeros((N, H)), W_xh, W_hh, b_h)
    return states, states[np.arange(N), lengths - 1]
    # END SOLUTION


# %%
check(encode)


# %% tags=["demo"] claims="3.10"
W = {"xh": rng.normal(size=(D, H)), "hh": rng.normal(size=(H, H)) / np.sqrt(H), "h": rng.normal(size=H)}
states, context = encode(x, some.lengths, W["xh"], W["hh"], W["h"])
longer = np.concatenate([x, rng.normal(size=(N, 6, D))], axis=1)  # six more columns of padding
assert np.allclose(encode(longer, some.lengths, W["xh"], W["hh"], W["h"])[1], context)
print("context", context.shape, "one vector per sentence, the same however much padding follows")

# %% [markdown]
# ## 3 · What the decoder is given
#
# A decoder is a language model with a head start: from the context and the words written so far, it says
# which word comes next. While learning we know the right words, and simply give them: at step $t$ the input
# is target $t-1$. This is **teacher forcing** (Williams and Zipser, 1989). Before the first word there is
# none, so the decoder is opened with `<sos>`: the targets, shifted right by one.


# %% exercise="shift_right"
def shift_right(targets, sos):
    """The decoder's inputs for given targets: at step t the token before target t, at step 0 the token sos.

    targets (N, T) integers, sos a token -> y_in (N, T) integers
    Source: Sutskever, Vinyals and Le (2014), Sequence to Sequence Learning with Neural Networks.
    """
    # BEGIN SOLUTION
    first = np.full((targets.shape[0], 1), sos)
    return np.concatenate([first, targets[:, :-1]], axis=1)  # (N, 1) and (N, T-1) -> (N, T)
    # END SOLUTION


# %%
check(shift_right)


# %% tags=["demo", "hide-input"] claims="3.11"
y_in = shift_right(some.target, SOS)
for given, wanted in zip(y_in[3], some.target[3], strict=True):
    print(f"given {TARGET_WORDS[given] if given < 3 else romanised([given]):6} -> ", end="")
    print(f"wanted {TARGET_WORDS[wanted] if wanted < 3 else romanised([wanted])}")
assert np.array_equal(y_in[:, 1:], some.target[:, :-1]) and (y_in[:, 0] == SOS).all()

# %% [markdown]
# ## 4 · Which targets count
#
# Rows of targets end with `<eos>`, and then comes padding. The loss must count `<eos>`, for how else should
# the model learn to stop, but no padding: otherwise a model is praised mostly for predicting `<pad>`.


# %% exercise="target_mask"
def target_mask(targets, eos):
    """Which targets count in the loss? Those up to and including the first eos of each row.

    targets (N, T) integers, eos a token -> mask (N, T) booleans, True = real.
    What stands after the first eos is padding, whatever it looks like (some pad with 0, others with eos).
    A row without eos was cut off before its end: all of it counts.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.3.
    """
    # BEGIN SOLUTION
    ends = targets == eos
    ended_before = np.cumsum(ends, axis=1) - ends
    return ended_before == 0
    # END SOLUTION


# %%
check(target_mask)


# %% [markdown]
# With lesson 04's `cross_entropy(logits, targets, mask)` the loss is the mean over what is real. Below, the
# same sentences get ever more padding, and the model is ignorant of everything but `<pad>`, of which it is
# sure.
#
# <details><summary>Predict: what becomes of the masked loss when columns of padding are added, and of the
# mean over all columns?</summary>
#
# The masked loss does not notice. The careless mean is diluted by easy padding, and looks better and better
# without anything being learned.
#
# </details>

# %% tags=["demo", "hide-input"]
logits = rng.normal(size=(*some.target.shape, len(TARGET_WORDS)))
logits[some.target == PAD, PAD] += 20  # sure of padding, ignorant of everything else
for more in (0, 10, 100):
    wider = np.pad(some.target, ((0, 0), (0, more)), constant_values=PAD)
    extra = np.zeros((N, more, len(TARGET_WORDS)))
    extra[:, :, PAD] = 20
    both = np.concatenate([logits, extra], axis=1)
    masked = cross_entropy(both, wider, target_mask(wider, EOS))
    careless = cross_entropy(both, wider, np.ones(wider.shape, dtype=bool))
    print(f"{more:3} more columns of padding: masked loss {masked:.4f}, careless loss {careless:.4f}")
    assert np.isclose(masked, cross_entropy(logits, some.target, target_mask(some.target, EOS)))
assert careless < 0.2 * masked

# %% [markdown]
# ## 5 · Writing, with the teacher
#
# With all inputs known, the decoder is lesson 04's network once more, started in the context instead of in
# zeros:
#
# $$s_t = \tanh(y_t W_{xh} + s_{t-1} W_{hh} + b_h),\quad s_0 = c, \qquad
# \text{logits}_t = s_t W_{hy} + b_y$$
#
# where $y_t$ $(N, D)$ is the embedding of the token given at step $t$. The decoder has weights of its own.


# %% exercise="decode_teacher_forced"
def decode_teacher_forced(y_in, context, W_xh, W_hh, b_h, W_hy, b_y):
    """All of the decoder's logits when its inputs are known beforehand.

    y_in (N, T, D) embedded inputs, context (N, H) the state before the first step,
    W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,)
    -> logits (N, T, V); logits[:, t] come after y_in[:, t] was read.
    Source: Sutskever, Vinyals and Le (2014); Williams and Zipser (1989) for teacher forcing.
    """
    # BEGIN SOLUTION
    h = rnn_forward(y_in, context, W_xh, W_hh, b_h)
    return h @ W_hy + b_y  # (N, T, H) @ (H, V) -> (N, T, V)
    # END SOLUTION


# %%
check(decode_teacher_forced)


# %% [markdown]
# Now train it. The loop is PyTorch's (`coursekit/translation.py`): two `nn.RNN`, each starting from an
# orthogonal $W_{hh}$ (lesson 08), embeddings, the masked loss, Adam with clipped gradients and a learning
# rate that warms up and cools down. Three runs from three seeds see 1,000 batches of 64 pairs. Three more
# see half as many; another three are smaller networks, their context of 64 numbers instead of 128. (This is
# one of the lesson's two long cells: half a minute or so.)

# %% tags=["demo"]
SEEDS = (0, 1, 2)


def three_runs(H, batches):
    return [train(lambda: Recurrent(False, H), seed, batches) for seed in SEEDS]


large, early, small = three_runs(128, 1_000), three_runs(128, 500), three_runs(64, 1_000)
print("trained:", len(large + early + small), "models")

# %% [markdown]
# Your functions *are* that model: `arrays()` hands its weights over in our notation, and your encoder and
# decoder give PyTorch's logits, up to the rounding of its 32-bit numbers.

# %% tags=["demo"] claims="3.10 3.11"
import torch


def parts(model):
    """A model's weights in our notation: all by name, the encoder's three, the decoder's five."""
    w = model.arrays()
    encoder = (w["enc_W_xh"], w["enc_W_hh"], w["enc_b_h"])
    return w, encoder, (w["dec_W_xh"], w["dec_W_hh"], w["dec_b_h"], w["W_hy"], w["b_y"])


w, encoder, decoder = parts(large[0])
test = tests[4]
_, contexts = encode(w["E_source"][test.source], test.lengths, *encoder)
y_in = shift_right(test.target, SOS)
logits = decode_teacher_forced(w["E_target"][y_in], contexts, *decoder)
with torch.no_grad():
    theirs = large[0](*map(torch.tensor, (test.source, test.lengths, y_in))).numpy()
print("largest difference of any logit:", f"{np.abs(logits - theirs).max():.1e}", "of", logits.shape)
assert np.abs(logits - theirs).max() < 1e-3

# %% [markdown]
# ### What the context keeps
#
# One vector has to keep a whole sentence. Which part of it? "Long sentences lose their beginning", so one
# reads, for the last state has just seen the last words, and the first ones are far away. Test it. Replace
# one digit word of a 6-digit number by *three* and see how far the context moves, with your `encode`: before
# training, and after. (Places where too few of the numbers have a digit word are left out.)
#
# <details><summary>Predict: after training, which word moves the context most: the first, one in the middle
# or the last?</summary>
#
# The first, in every run, though it was read longest ago. Below the picture is a guess why.
#
# </details>

# %% tags=["demo", "hide-input"] claims="3.12"
digit_words = [SOURCE_WORDS.index(word) for word in ("two", "four", "five", "seven", "nine")]
longest = tests[6]


def moved(model):
    """Relative change of the context, by the number of words that follow the replaced one; or nan."""
    w, encoder, _ = parts(model)
    _, before = encode(w["E_source"][longest.source], longest.lengths, *encoder)
    change = np.full(10, np.nan)
    for lag in range(10):  # words from the end
        place = longest.lengths - 1 - lag
        rows = np.flatnonzero(
            (place >= 0) & np.isin(longest.source[np.arange(len(longest)), place], digit_words)
        )
        if len(rows) > 10:
            other = longest.source.copy()
            other[rows, place[rows]] = SOURCE_WORDS.index("three")
            _, after = encode(w["E_source"][other], longest.lengths, *encoder)
            change[lag] = np.linalg.norm(after - before, axis=1)[rows].mean()
    return change / np.linalg.norm(before, axis=1).mean()


def untrained(seed, orthogonal=True):
    torch.manual_seed(seed)
    model = Recurrent(False, 128)
    if not orthogonal:
        model.encoder.reset_parameters()  # PyTorch's own start
    return model


after = np.array([moved(model) for model in large])
before = np.array([moved(untrained(seed)) for seed in SEEDS])
default = np.array([moved(untrained(seed, orthogonal=False)) for seed in SEEDS])
known = ~np.isnan(after[0])
places = np.arange(known.sum())  # one place for each distance that occurs often enough
fig, (ax,) = figure()
for runs, label, colour, marker, shift in (
    (before, "before training", ORANGE, "^", -0.08),
    (after, "after training", BLUE, "o", 0.08),
):
    runs = runs[:, known]
    middle = np.median(runs, axis=0)
    reach = np.stack([middle - runs.min(axis=0), runs.max(axis=0) - middle])
    ax.errorbar(places + shift, middle, reach, fmt=marker, color=colour, label=label, capsize=4, linewidth=2)
ax.set(
    xlabel="words that follow the replaced one",
    ylabel="relative change of context",
    ylim=(0, None),
    xticks=places,
    xticklabels=np.flatnonzero(known),
)
ax.invert_xaxis()  # the first word on the left, as it is read
ax.legend(loc="upper center")
show(
    fig,
    alt="How far the context moves when one digit word is replaced, from words far from the end on the left "
    "to the last word on the right; marks are medians of three runs, bars their range. Before training it "
    "moves most for the last word and less and less for earlier ones. After training it moves most for the "
    "words at the beginning, little in the middle and somewhat more for the last word.",
)
print("words following        ", *(f"{lag:5}" for lag in np.flatnonzero(known)))
for what, runs in (("before training", before), ("after training", after), ("PyTorch's start", default)):
    for name, over in ((what, np.median), ("   least", np.min), ("   greatest", np.max)):
        print(f"{name:23}", *(f"{change:.3f}" for change in over(runs[:, known], axis=0)))
first = [
    np.mean([t[0] == r[0] for t, r in zip(translate(m, longest), longest.references, strict=True)])
    for m in large
]
print("first token of 6-digit numbers right, three runs:", *(f"{share:.2f}" for share in first))
assert (before[:, 9] < 0.5 * before[:, 0]).all(), "before training, the beginning leaves the least"
assert default[:, 9].max() < 0.1 * before[:, 9].min(), "and next to nothing without an orthogonal W_hh"
assert (after[:, 9] > 1.3 * after[:, 0]).all(), "after training, it leaves the most"
assert (after[:, 0] > after[:, 3:7].min(axis=1)).all() and min(first) > 0.75

# %% [markdown]
# Before training the folklore holds: what was read last moves the context most, and the beginning has faded,
# though not vanished. The orthogonal $W_{hh}$ sees to that (lesson 08): from PyTorch's own start next to
# nothing of it is left (last rows). **Training turns it round.** The *beginning*, carried furthest, now moves
# the context most, in every run: its digit is the first thing that the decoder is asked for, and that token
# is nearly always right. (What moves the context is not yet what the decoder can read, so this shows a
# trace and no more.) Sutskever, Vinyals and Le (2014) fed the source *backwards*, so that the words needed
# first were read last, and report that it helped.
#
# ## 6 · Writing, alone
#
# At test time there is no teacher. The decoder must be fed its own words: **free running**. The simplest
# way is greedy: take the most probable token, feed it back, stop at `<eos>`.


# %% exercise="greedy_decode"
def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    """Write one sentence: at every step the most probable token, whichever, is chosen and fed in next.

    context (H,) the state before the first step, E (V, D) one embedding per token,
    W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,), sos the first input,
    eos the token that ends the sentence (any two numbers), max_len the most tokens that may be written
    -> ids (length,) an integer array, also when it is empty, without sos and without eos.
    Source: Sutskever, Vinyals and Le (2014), section 3.2, with a beam of one.
    """
    # BEGIN SOLUTION
    token, h, ids = sos, context[None], []
    for _ in range(max_len):
        h = rnn_step(E[token][None], h, W_xh, W_hh, b_h)  # (1, H)
        token = int((h @ W_hy + b_y)[0].argmax())
        if token == eos:
            break
        ids.append(token)
    return np.array(ids, dtype=int)
    # END SOLUTION


# %%
check(greedy_decode)


# %% [markdown]
# A translation is right or wrong as a whole: one wrong digit is another number. So we count exact matches.


# %% exercise="exact_match"
def exact_match(predictions, references):
    """Share of predictions that are right from the first token to the last, length included.

    predictions, references: lists of integer arrays (length,), each of its own length -> a number from 0 to 1
    Source: the name is from Rajpurkar et al. (2016), SQuAD, section 6.1.
    """
    # BEGIN SOLUTION
    pairs = zip(predictions, references, strict=True)
    return sum(np.array_equal(p, r) for p, r in pairs) / len(references)
    # END SOLUTION


# %%
check(exact_match)


# %% tags=["demo"] claims="3.11"
mine = [greedy_decode(c, w["E_target"], *decoder, SOS, EOS, 13) for c in contexts]
assert exact_match(mine, translate(large[0], test)) > 0.98  # a tie may round differently in 32 bits
share = exact_match(mine, test.references)
print(f"your greedy decoding and PyTorch's agree; share of 4-digit numbers right: {share:.2f}")
for i in range(4):
    print(" ".join(SOURCE_WORDS[j] for j in test.source[i, : test.lengths[i]]))
    print(f"    {romanised(mine[i]):32} should be {romanised(test.references[i])}")

# %% [markdown]
# ### The start token opens the decoder
#
# The start token stands where the decoder's first input is missing, as the picture in section 2 shows. It is
# a convention, and a model knows the one that it was trained with. Break it: open the *decoder* with another
# token; put `<sos>` in front of the *source*; and, as a control, put *and* there, a word that the encoder
# knows well, and that changes no number.

# %% tags=["demo", "hide-input"] claims="E41"
short, AND = tests[3], SOURCE_WORDS.index("and")


def with_conventions(model, first=SOS, in_front=None):
    """Share of 3-digit numbers right, the decoder opened with `first`, a word put in front of the source."""
    w, encoder, decoder = parts(model)
    source, lengths = short.source, short.lengths
    if in_front is not None:
        source, lengths = np.pad(source, ((0, 0), (1, 0)), constant_values=in_front), lengths + 1
    _, contexts = encode(w["E_source"][source], lengths, *encoder)
    ids = [greedy_decode(c, w["E_target"], *decoder, first, EOS, 13) for c in contexts]
    return exact_match(ids, short.references)


broken = {
    "as trained": {},
    "decoder opened with <eos>": {"first": EOS},
    "decoder opened with `sam` (three)": {"first": 5},
    "<sos> in front of the source": {"in_front": SOS},
    "`and` in front of the source": {"in_front": AND},
}
opened = {what: [with_conventions(model, **how) for model in large] for what, how in broken.items()}
print("share of 3-digit numbers right, three models")
for what, runs in opened.items():
    print(f"{what:34}", *(f"{share:.2f}" for share in runs))
as_trained, *elsewhere = opened.values()
assert all(np.median(runs) < min(as_trained) - 0.1 for runs in elsewhere)
assert min(as_trained) > max(elsewhere[2] + elsewhere[3]) + 0.3

# %% [markdown]
# <details><summary>One reads now and then that the start token goes into the encoder, in front of the
# source. What does the table say?</summary>
#
# It does great harm there; but so does *and*. So it need not be the token: with an extra word in front, even
# one without a value, the source is a sentence of a kind that the encoder has never read. Opening the
# decoder wrongly costs less, and still a good deal. Use a model as it was trained: here `<sos>` opens the
# decoder, and the source comes as it is.
#
# </details>

# %% [markdown]
# ## 7 · The teacher's price
#
# With teacher forcing the decoder never meets its own errors while learning; alone, one wrong word is the
# next input, and what follows is a situation it has not been trained for (**exposure bias**). In between
# lies **scheduled sampling** (Bengio et al., 2015): at each step a coin decides between the true token and
# the model's own.


# %% exercise="scheduled_inputs"
def scheduled_inputs(targets, predictions, uniforms, p, sos):
    """Inputs between teacher forcing (p = 1) and free running (p = 0).

    targets (N, T), predictions (N, T) integers: at each step the true token and the model's own,
    uniforms (N, T) numbers in [0, 1), p the probability of the true token -> y_in (N, T) integers.
    y_in[n, 0] is sos, and uniforms[n, 0] is not used. After it, y_in[n, t] is targets[n, t-1] if
    uniforms[n, t] < p, else predictions[n, t-1].
    Source: Bengio, Vinyals, Jaitly and Shazeer (2015), Scheduled Sampling.
    """
    # BEGIN SOLUTION
    return np.where(uniforms < p, shift_right(targets, sos), shift_right(predictions, sos))
    # END SOLUTION


# %%
check(scheduled_inputs)


# %% [markdown]
# First a probe. Here is the trained model on 5-digit numbers with a share $p$ of true inputs. What is counted
# is right *tokens*, at each position of the target.

# %% tags=["demo", "hide-input"]
test = tests[5]
real, T = target_mask(test.target, EOS), test.target.shape[1]
_, contexts = encode(w["E_source"][test.source], test.lengths, *encoder)
fig, (ax,) = figure()
accuracy = {}
for p, look in (
    (1.0, {"color": BLUE, "marker": "o"}),
    (0.5, {"color": GREEN, "marker": "s"}),
    (0.0, {"color": RED, "marker": "^"}),
):
    uniforms, own = rng.uniform(size=test.target.shape), np.full_like(test.target, PAD)
    for t in range(T):  # own[:, t] depends on own[:, :t] only, so each round settles one column
        y_in = scheduled_inputs(test.target, own, uniforms, p, SOS)
        own[:, t] = decode_teacher_forced(w["E_target"][y_in], contexts, *decoder)[:, t].argmax(axis=1)
    right = np.where(real, own == test.target, np.nan)
    accuracy[p] = np.nanmean(right)
    enough = real.sum(axis=0) > 20
    ax.plot(1 + np.flatnonzero(enough), np.nanmean(right[:, enough], axis=0), **look, label=f"p = {p}")
ax.set(xlabel="position in the target", ylabel="share of tokens right", ylim=(0, 1.05))
ax.legend(loc="lower right", title="true inputs")
show(
    fig,
    alt="Share of right tokens at each position of the target, for true inputs always, half of the time, "
    "and never. Digits and units alternate in a zigzag; running free loses most along "
    "the way, always true inputs least.",
)
print(
    "share of tokens right, by the share p of true inputs:",
    {p: round(float(a), 2) for p, a in accuracy.items()},
)
assert accuracy[1.0] > accuracy[0.5] > accuracy[0.0]

# %% [markdown]
# The zigzag is the language: every other token is a unit (*man*, *cheon*, *baek*, *sip*), and easier; of the
# digits between, those in the middle are hard. The distance between the curves for $p = 1$ and $p = 0$ is
# what errors cost that were *fed back*. Do not blame teacher forcing for all that is wrong, though: with true
# inputs many digits are missed too, although the decoder has been told every token before.
#
# Now train with it. The share of true inputs falls evenly from 1 to one half, and your `scheduled_inputs`
# mixes the inputs. (The model's own words come from a first pass with true inputs, as in Mihaylova and
# Martins, 2019, so that a batch takes two passes and not one for each word. Batches and seeds are those of
# `large`.)
#
# <details><summary>Predict: will the models that met their own errors in training write more numbers
# right?</summary>
#
# Here they do not: they write fewer. What may be the reason stands below the table.
#
# </details>

# %% tags=["demo"]
scheduled = [train(lambda: ScheduledRecurrent(scheduled_inputs, 0.5, 1_000), seed, 1_000) for seed in SEEDS]


# %% tags=["demo", "hide-input"]
def shares(model, score=exact_match):
    """One number for each length: the score of the model's greedy translations."""
    return [score(translate(model, test), test.references) for test in tests.values()]


exact, mixed = (np.array([shares(model) for model in runs]) for runs in (large, scheduled))
print("share of numbers right, median of three runs (least to greatest)")
print(" " * 16, *(f"{digits} digits        " for digits in TESTED))
for what, found in (("teacher forcing", exact), ("scheduled", mixed)):
    three = zip(np.median(found, axis=0), found.min(axis=0), found.max(axis=0), strict=True)
    print(f"{what:16}", *(f"{middle:.2f} ({least:.2f}-{most:.2f})" for middle, least, most in three))
assert (np.median(mixed, axis=0) <= np.median(exact, axis=0)).all(), "it does not help here"

# %% [markdown]
# No gain, rather a loss, at an equal number of batches. One reason is not far: after a wrong word of its own
# the model is still told to write the old target, which need not be the right continuation any more. Bengio
# et al. report gains on other tasks; on this one, with this schedule and budget, the teacher's price is not
# paid back. Most large models are trained with plain teacher forcing.
#
# ## 8 · Keeping more than one beginning
#
# Greedy decoding takes the best word at every step, and never reconsiders. The best *sentence* may begin
# with the second-best word. There are $V^T$ sentences, too many to score; **beam search** keeps the `width`
# best beginnings. A sentence's score is the log of its probability, which by the chain rule (lesson 02) is
# a sum:
#
# $$\log p(v_1, \dots, v_T \mid c) = \sum_t \log \text{softmax}(\text{logits}_t)_{v_t}$$
#
# where $v_t$ is the token chosen at step $t$, the last one `<eos>`. Do not take the logarithm *of* the
# softmax: it is $-\infty$ where a probability underflows. The logarithm of a softmax is $z_v - \log \sum_u
# e^{z_u}$ for logits $z$, and safe when the largest of them is taken from all before.


# %% exercise="beam_search"
def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    """Write one sentence, keeping the `width` best beginnings at every step.

    Arguments as in greedy_decode, and width the number of hypotheses that survive each round
    -> ids (length,) an integer array, also when it is empty, without sos and without eos,
       score a number: the sum of log-probabilities of the tokens chosen, that of eos included.
    There are max_len rounds. In each, every unfinished hypothesis grows by every token of the vocabulary, a
    finished one (it has chosen eos) stays as it is with its score, and of all these the `width` with the
    highest scores survive: a finished one competes for its place, and may lose it. At the end the survivor
    with the highest score is returned, finished or not. (No two scores are equal; logits may be large.)
    Source: Sutskever, Vinyals and Le (2014), section 3.2; there, a finished one leaves the beam.
    """
    # BEGIN SOLUTION
    beam = [(0.0, [], context[None])]  # score, tokens, state; a finished hypothesis has the state None
    for _ in range(max_len):
        grown = [hypothesis for hypothesis in beam if hypothesis[2] is None]
        for score, ids, h in beam:
            if h is None:
                continue
            h = rnn_step(E[ids[-1] if ids else sos][None], h, W_xh, W_hh, b_h)
            z = (h @ W_hy + b_y)[0]  # (V,)
            log_p = z - z.max() - np.log(np.exp(z - z.max()).sum())
            grown.append((score + log_p[eos], ids, None))
            grown += [(score + log_p[v], [*ids, v], h) for v in range(len(b_y)) if v != eos]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[0])[:width]
    score, ids, _ = beam[0]
    return np.array(ids, dtype=int), score
    # END SOLUTION


# %%
check(beam_search)


# %% [markdown]
# <details><summary>Predict: with a wider beam, can the score of a sentence become worse? And must a better
# score be a better translation?</summary>
#
# It can, though seldom: more beginnings may push out the one that greedy decoding would have followed to a
# better end. And it need not: search finds what the *model* thinks probable, right or wrong.
#
# </details>

# %% tags=["demo", "hide-input"]
widths, searched = (1, 2, 4, 8), {}
with one_thread():
    for digits, width in progress_bar([(d, width) for d in (4, 6) for width in widths], "beam search"):
        test = tests[digits][np.arange(100)]
        _, contexts = encode(w["E_source"][test.source], test.lengths, *encoder)
        found = [beam_search(c, w["E_target"], *decoder, SOS, EOS, 13, width) for c in contexts]
        ids, scores = zip(*found, strict=True)
        lengths = np.mean([len(sentence) for sentence in ids])
        searched[digits, width] = exact_match(ids, test.references), np.array(scores), lengths
for digits in (4, 6):
    print(f"100 numbers of {digits} digits; mean length of the right ones:", end=" ")
    print(round(float(np.mean([len(r) for r in tests[digits].references[:100]])), 2))
    for width in widths:
        share, scores, length = searched[digits, width]
        worse = np.sum(scores < searched[digits, 1][1] - 1e-9)
        print(f"  width {width}: {share:.2f} right, mean score {scores.mean():.3f}", end=", ")
        print(f"worse than greedy: {worse:2}, mean length {length:.2f}")
    assert searched[digits, 8][1].mean() >= searched[digits, 1][1].mean()
assert searched[6, 8][2] < searched[6, 1][2], "the wider beam writes less"

# %% [markdown]
# A wider beam finds sentences that the model likes better, on average. Whether they are more often *right* is
# another question: the gain here is small, a few sentences of a hundred with one model, and nearly half
# stay wrong with eight hypotheses. (Width 1 is greedy decoding again, on the first 100 of section 6's
# sentences.)
#
# Beware of one habit. Every further token adds a negative number, so of two sentences that are equally
# plausible word by word, the **shorter** one has the higher score. The wider the beam, the more surely it
# finds such a short one; translators that search widely come to write too little, in the extreme nothing
# (Stahlberg and Byrne, 2019). The usual remedy divides the score by the length, or by a power of it (Wu et
# al., 2016). At four digits our model knows well where a number ends, and the lengths stay. At six digits,
# where it is unsure, its sentences get a little shorter as the beam gets wider: look at the mean lengths.
#
# ## 9 · The bottleneck
#
# Whatever the length of the source, the decoder is given $H$ numbers. What does that cost? Here are two
# shares against the number of digits, on numbers never seen in training, each the median of three runs with
# a band from the least to the greatest. **Right:** exact matches, for all nine models. **Left:** the single
# tokens, for the three that saw 1,000 batches with $H = 128$. The dotted line there reads no source at all:
# for each number of digits it writes one sentence, with the token that is most frequent at each place *in
# training*.
#
# <details><summary>Predict: is there a length up to which numbers are right, and beyond which none
# is?</summary>
#
# No such edge. The curves fall by degrees, with each further digit; and how early they fall depends on the
# width *and* on how long was trained.
#
# </details>


# %% tags=["demo", "hide-input"] claims="3.12 E42"
def token_share(predictions, references):
    right = sum((p[: len(r)] == r[: len(p)]).sum() for p, r in zip(predictions, references, strict=True))
    return right / sum(map(len, references))


def digits_of(words):
    """How many digits has the number that these English words name?"""
    head = words[: words.index("thousand")] if "thousand" in words else words
    units = SOURCE_WORDS[4:13]  # one to nine
    return 3 * ("thousand" in words) + (3 if "hundred" in head else 1 if head[0] in units else 2)


def constant(references):
    """The sentence with the most frequent token at each place."""
    longest = max(map(len, references))
    return np.array([np.bincount([r[t] for r in references if len(r) > t]).argmax() for t in range(longest)])


exact_early, exact_small = (np.array([shares(m) for m in runs]) for runs in (early, small))
tokens = np.array([shares(model, token_share) for model in large])
digits = [digits_of([SOURCE_WORDS[i] for i in row if i != PAD]) for row in pairs.source]
learned = {d: pairs[np.flatnonzero(np.equal(digits, d))] for d in TESTED}  # the pairs of training, by digits
sourceless = np.array(
    [token_share([constant(learned[d].references)] * len(test), test.references) for d, test in tests.items()]
)
fig, (words, numbers) = figure(2)
spread(words, TESTED, tokens, "single tokens right, H = 128", SKY, "s")
words.plot(TESTED, sourceless, "k:", marker=".", label="one sentence, no source read")
spread(numbers, TESTED, exact, "H = 128, 1,000 batches", BLUE)
spread(numbers, TESTED, exact_early, "H = 128, 500 batches", GREEN, "v")
spread(numbers, TESTED, exact_small, "H = 64, 1,000 batches", ORANGE, "^")
for ax, ylabel in ((words, "share of tokens right"), (numbers, "share of numbers right")):
    ax.set(xlabel="digits of the number", ylabel=ylabel, ylim=(-0.03, 1.05), xticks=TESTED)
words.legend(loc="lower left")
numbers.legend(loc="upper right")
show(
    fig,
    alt="Two panels over the number of digits. Left, the share of right tokens falls from nearly all at "
    "three digits to about half at six, where a dotted line for one constant sentence runs just below it. "
    "Right, exact match falls to almost none at six digits in every case: latest with 128 numbers and "
    "1,000 batches, earlier with half the batches and with half the numbers.",
)
middle = np.median(exact, axis=0)
for what, row in (
    ("H = 128, 1,000 batches", middle),
    ("H = 128,   500 batches", np.median(exact_early, axis=0)),
    ("H = 64,  1,000 batches", np.median(exact_small, axis=0)),
    ("tokens, H = 128", np.median(tokens, axis=0)),
    ("tokens, no source", sourceless),
):
    print(
        f"{what:24}", *(f"{digits} digits {share:.2f}  " for digits, share in zip(TESTED, row, strict=True))
    )
assert middle[0] > 0.7 and middle[-1] < 0.15, "short sentences pass, long ones do not"
assert (np.diff(middle) < 0.02).all() and ((middle > 0.15) & (middle < 0.95)).any(), "it falls by degrees"
assert (exact_small.max(axis=0)[:2] < exact.min(axis=0)[:2]).all(), "a smaller network loses earlier"
assert (exact_early.max(axis=0)[:2] < exact.min(axis=0)[:2]).all(), "and so does one that saw less"
gap = np.median(tokens, axis=0) - sourceless
assert gap[0] > 0.35 and gap[-1] < 0.2 and (np.diff(gap) < 0).all(), "tokens too come close to no source"

# %% [markdown]
# <details><summary>It is often said that a sentence longer than the vector "does not fit". Does it
# not?</summary>
#
# There is no such limit to be seen. The curves bend, they do not break; and they move: to the right with a
# wider network, and with more training. What is measured here is a price and no wall: with a fixed vector, at
# a given budget, **every further digit costs**, and more width or more training buys length. Where the room
# in the vector ends, if it does, these runs do not say.
#
# </details>
#
# The single tokens look kinder, with half of them right at six digits. But every other token is a unit, and
# the dotted line, which translates nothing, has nearly as many. Look at the gap between the two: wide for
# three digits, almost closed for six. Before you admire a share, ask what one gets for nothing.
#
# What would an LSTM (lesson 09) do in the place of `nn.RNN`: move the curves, or change their shape? Guess,
# then try: `Recurrent` in `coursekit/translation.py` is short.
#
# ## What it cannot do yet
#
# The encoder makes a state for every word, and we throw all but the last away. The decoder needs one piece
# of the source at a time; nobody makes it swallow the whole sentence first. **Must everything pass through
# one vector?** That is lesson 15.
