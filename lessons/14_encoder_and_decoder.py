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
# **Time:** about 130 minutes.
#
# covers: 3.10-3.12 E41 E42

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.translation import encoder_decoder
from coursekit.plots import BLUE, GREEN, ORANGE, RED, SKY, figure, show, spread
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

# %% carry="rnn_step rnn_forward softmax cross_entropy"

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

# %% tags=["demo"]
pairs, tests = number_pairs()
print(f"{len(pairs)} pairs to learn from, of 1 to {max(TESTED)} digits; held out: ", end="")
print(", ".join(f"{len(test)} of {digits} digits" for digits, test in tests.items()))
for number in (7, 21, 305, 40_002, 123_456):
    pair = make_pairs([number])
    print(f"{number:>7}  {' '.join(english(number)):55} {romanised(pair.references[0])}")

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

# %% tags=["demo"]
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


# %% tags=["demo"] claims="3.11"
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
# same sentences get ever more padding. The masked loss does not notice; the careless mean is diluted by
# easy padding (here a model that is sure of `<pad>` there), and looks better and better without anything
# being learned.

# %% tags=["demo"]
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
# are smaller networks, their context of 64 numbers instead of 128; another three of this small size see
# three times as many batches. (This is the longest cell of the lesson: a minute or so.)

# %% tags=["demo"]
SEEDS = (0, 1, 2)


def three_runs(H, batches):
    return [train(lambda: Recurrent(False, H), seed, batches) for seed in SEEDS]


large, small, small_longer = three_runs(128, 1_000), three_runs(64, 1_000), three_runs(64, 3_000)
print("trained:", len(large + small + small_longer), "models")

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
    print(f"{' '.join(SOURCE_WORDS[j] for j in test.source[i, : test.lengths[i]]):45}", end="")
    print(f"{romanised(mine[i]):32} should be {romanised(test.references[i])}")

# %% [markdown]
# ### The start token opens the decoder
#
# The start token stands where the decoder's first input is missing, as the picture in section 2 shows. One
# reads now and then that it goes into the encoder, in front of the source. Each is a convention, and a
# model knows the one that it was trained with. So take the three trained models, and break it. Open the
# *decoder* with another token; put `<sos>` in front of the *source*; and, as a control, put *and* there, a
# word that the encoder knows from training, and that changes no number.

# %% tags=["demo"] claims="E41"
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
# In front of the source the start token does great harm; but so does *and*, which the encoder knows well.
# So it need not be the token: with an extra word in front, even one without a value, it is a sentence of a
# kind that the encoder has never read. (On top of that, no source has ever held `<sos>`, and its row of
# $E$ was never trained.) Opening the decoder wrongly costs less, and still a good deal. Use a model as it
# was trained: here `<sos>` opens the decoder, and the source comes as it is. (Would a model that is
# *trained* with `<sos>` before each source be any worse? Guess first; `Recurrent.read` is the place to put
# it.)

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
# Here is the trained model on 5-digit numbers with a share $p$ of true inputs. What is counted is right
# *tokens*, at each position of the target.

# %% tags=["demo"]
test = tests[5]
real, T = target_mask(test.target, EOS), test.target.shape[1]
_, contexts = encode(w["E_source"][test.source], test.lengths, *encoder)
fig, (ax,) = figure()
accuracy = {}
for p, colour in ((1.0, BLUE), (0.5, GREEN), (0.0, RED)):
    uniforms, own = rng.uniform(size=test.target.shape), np.full_like(test.target, PAD)
    for t in range(T):  # own[:, t] depends on own[:, :t] only, so each round settles one column
        y_in = scheduled_inputs(test.target, own, uniforms, p, SOS)
        own[:, t] = decode_teacher_forced(w["E_target"][y_in], contexts, *decoder)[:, t].argmax(axis=1)
    right = np.where(real, own == test.target, np.nan)
    accuracy[p] = np.nanmean(right)
    enough = real.sum(axis=0) > 20
    ax.plot(
        1 + np.flatnonzero(enough), np.nanmean(right[:, enough], axis=0), "o-", color=colour, label=f"p = {p}"
    )
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
# digits between, those in the middle are hard. The distance between $p = 1$ (blue) and $p = 0$ (red) is what
# errors cost that were *fed back*. Do not blame teacher forcing for all that is wrong, though: the blue
# curve misses many digits too, and the blue decoder has been told every token before.
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
# where $v_t$ is the token chosen at step $t$, the last one `<eos>`.


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
            log_p = np.log(softmax((h @ W_hy + b_y)[0]))
            grown.append((score + log_p[eos], ids, None))
            grown += [(score + log_p[v], [*ids, v], h) for v in range(len(b_y)) if v != eos]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[0])[:width]
    score, ids, _ = beam[0]
    return np.array(ids, dtype=int), score
    # END SOLUTION


# %%
check(beam_search)


# %% tags=["demo"]
test, widths = tests[4], (1, 2, 4, 8)
_, contexts = encode(w["E_source"][test.source[:100]], test.lengths[:100], *encoder)
table = {}
with one_thread():
    for width in progress_bar(widths, "beam search"):
        found = [beam_search(c, w["E_target"], *decoder, SOS, EOS, 13, width) for c in contexts]
        ids, scores = zip(*found, strict=True)
        table[width] = exact_match(ids, test.references[:100]), np.array(scores)
for width, (share, scores) in table.items():
    worse = np.sum(scores < table[1][1] - 1e-9)
    print(
        f"width {width}: {share:.2f} right, mean score {scores.mean():.3f}, worse than greedy: {worse} of 100"
    )
assert table[8][1].mean() >= table[1][1].mean()

# %% [markdown]
# A wider beam finds sentences that the model likes better, on average. (For a single sentence this is not
# certain: more beginnings may push out the one that greedy decoding would have followed to a better end.
# The last column counts such sentences; here there is none.) Whether they are more often *right* is
# another question: the gain here is small, a few sentences of a hundred with one model, and nearly half
# stay wrong with eight hypotheses. (Width 1 is greedy decoding again, on the first 100 of section 6's
# sentences.) Search finds what the model thinks probable, right or wrong.
#
# ## 9 · The bottleneck
#
# Whatever the length of the source, the decoder is given $H$ numbers. What does that cost? Here are two
# shares against the number of digits, on numbers never seen in training, each the median of three runs with
# a band from the least to the greatest. **Right:** exact matches, for all nine models. **Left:** the single
# tokens, for the three with $H = 128$. The dotted line there reads no source at all: for each number of
# digits it writes one sentence, with the token that is most frequent at each place *in training*. It need
# not even know where to stop: each is cut off where the right one ends.


# %% tags=["demo"] claims="3.12 E42"
def shares(model, score=exact_match):
    return [score(translate(model, test), test.references) for test in tests.values()]


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


exact, exact_small, exact_longer = (
    np.array([shares(m) for m in runs]) for runs in (large, small, small_longer)
)
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
spread(numbers, TESTED, exact_small, "H = 64, 1,000 batches", ORANGE, "^")
spread(numbers, TESTED, exact_longer, "H = 64, 3,000 batches", GREEN, "v")
for ax, ylabel in ((words, "share of tokens right"), (numbers, "share of numbers right")):
    ax.set(xlabel="digits of the number", ylabel=ylabel, ylim=(-0.03, 1.05), xticks=TESTED)
words.legend(loc="lower left")
numbers.legend(loc="upper right")
show(
    fig,
    alt="Two panels over the number of digits. Left, the share of right tokens falls from nearly all at "
    "three digits to about half at six, where a dotted line for one constant sentence runs just below it. "
    "Right, exact match falls to almost none at six digits in every case: earliest with 64 numbers, later, "
    "and much alike, with 128 numbers and with 64 numbers and three times the batches.",
)
middle, middle_longer = np.median(exact, axis=0), np.median(exact_longer, axis=0)
for what, row in (
    ("H = 128, 1,000 batches", middle),
    ("H = 64,  1,000 batches", np.median(exact_small, axis=0)),
    ("H = 64,  3,000 batches", middle_longer),
    ("tokens, H = 128", np.median(tokens, axis=0)),
    ("tokens, no source", sourceless),
):
    print(
        f"{what:24}", *(f"{digits} digits {share:.2f}  " for digits, share in zip(TESTED, row, strict=True))
    )
assert middle[0] > 0.7 and middle[-1] < 0.15, "short sentences pass, long ones do not"
assert (np.diff(middle) < 0.02).all() and ((middle > 0.15) & (middle < 0.95)).any(), "it falls by degrees"
assert (exact_small.max(axis=0)[:2] < exact.min(axis=0)[:2]).all(), "a smaller network loses earlier"
assert (exact_small.max(axis=0)[:2] < exact_longer.min(axis=0)[:2] - 0.1).all(), "training buys length"
assert np.abs(middle_longer - middle).max() < 0.25, "as much as twice the width, or nearly"
gap = np.median(tokens, axis=0) - sourceless
assert gap[0] > 0.35 and gap[-1] < 0.2 and (np.diff(gap) < 0).all(), "tokens too come close to no source"

# %% [markdown]
# It is often said that a sentence longer than the vector "does not fit". There is no such limit to be seen.
# The curves bend, they do not break; and they move. A wider network moves the curve to the right, but so
# does more training: one of half the width with three times the batches comes to much the same. What is
# measured here is a price, then, and no wall: with a fixed vector, at a given budget, **every further digit
# costs**, and more width or more training buys length. Where the room in the vector ends, if it does, these
# runs do not say.
#
# Is it length, though? Of the longer numbers, training has also shown a smaller share. So ask for numbers
# that *were* seen:

# %% tags=["demo"] claims="3.12"
seen = {d: learned[d][np.arange(150)] for d in TESTED}
again = np.array([[exact_match(translate(m, s), s.references) for s in seen.values()] for m in large])
print("                          ", *(f"{d} digits" for d in TESTED))
share_seen = [len({tuple(r) for r in learned[d].references}) / (9 * 10 ** (d - 1)) for d in TESTED]
for what, row in (
    ("of all, seen in training", share_seen),
    ("right, never seen", middle),
    ("right, seen in training", np.median(again, axis=0)),
    ("   the least of three runs", again.min(axis=0)),
    ("   the greatest", again.max(axis=0)),
):
    print(f"{what:27}", *(f"{share:<8.3f}" for share in row))
print(f"{'English words, on average':27}", *(f"{test.lengths.mean():<8.1f}" for test in tests.values()))
assert again[:, 0].min() > 0.85 and again[:, -1].max() < 0.1, "long ones fail, although they were seen"
assert (np.diff(again, axis=1) < 0).all()

# %% [markdown]
# The curve for numbers from training lies a little higher, and falls in the same way. So not having seen a
# number is the smaller part of the price; the larger one goes with length.
#
# The single tokens look kinder, with half of them right at six digits. But every other token is a unit, and
# the dotted line, which translates nothing, has nearly as many. Look at the gap between the two: wide for
# three digits, almost closed for six. Before you admire a share, ask what one gets for nothing.
#
# What would an LSTM (lesson 09) do in the place of `nn.RNN`: move the curves, or change their shape? Guess,
# then try: `Recurrent` in `coursekit/translation.py` is short. (An LSTM's state is a pair, which `read` must
# hand over whole; and `arrays`, which our `parts` asks, does not know its weights.)
#
# ### Which part is lost?
#
# "Long sentences lose their beginning": so one reads, for the last state has just seen the last words, and
# the first ones are far away. Test it. Replace one digit word of a 6-digit number by *three* and see how far
# the context moves, with your `encode`: before training, and after. (Where fewer than eleven of our sentences
# have such a word, at a given distance from the end, there is no point in the picture.) Before training, try
# both starts: our orthogonal $W_{hh}$, and the one that PyTorch's `nn.RNN` has by default.

# %% tags=["demo"] claims="3.12"
digit_words = [SOURCE_WORDS.index(word) for word in ("two", "four", "five", "seven", "nine")]
test = tests[6]


def moved(model):
    """Relative change of the context, by the number of words that follow the replaced one; or nan."""
    w, encoder, _ = parts(model)
    _, before = encode(w["E_source"][test.source], test.lengths, *encoder)
    change = np.full(10, np.nan)
    for lag in range(10):  # words from the end
        place = test.lengths - 1 - lag
        rows = np.flatnonzero((place >= 0) & np.isin(test.source[np.arange(len(test)), place], digit_words))
        if len(rows) > 10:
            other = test.source.copy()
            other[rows, place[rows]] = SOURCE_WORDS.index("three")
            _, after = encode(w["E_source"][other], test.lengths, *encoder)
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
fig, (ax,) = figure()
spread(ax, np.arange(10), before, "before training", ORANGE, "^")
spread(ax, np.arange(10), after, "after training", BLUE)
for runs, colour in ((before, ORANGE), (after, BLUE)):  # the last word stands alone: a bar for its band
    ax.vlines(0, runs[:, 0].min(), runs[:, 0].max(), color=colour, alpha=0.4, linewidth=6)
ax.set(
    xlabel="words between the replaced word and the end of the source",
    ylabel="relative change of context",
    ylim=(0, None),
)
ax.legend(loc="upper center")
show(
    fig,
    alt="How far the context moves when one digit word is replaced, against the number of words that follow "
    "it. Before training it moves most for the last word, and less and less for earlier ones. After training "
    "it moves less for the last word, little in the middle, and most for the words at the beginning.",
)
known = ~np.isnan(after[0])
print("words following        ", *(f"{lag:5}" for lag in np.flatnonzero(known)))
for what, runs in (("before training", before), ("after training", after), ("PyTorch's start", default)):
    for name, over in ((what, np.median), ("   least", np.min), ("   greatest", np.max)):
        print(f"{name:23}", *(f"{change:.3f}" for change in over(runs[:, known], axis=0)))
first = [
    np.mean([t[0] == r[0] for t, r in zip(translate(m, test), test.references, strict=True)]) for m in large
]
print("first token of 6-digit numbers right, three runs:", *(f"{share:.2f}" for share in first))
assert (before[:, 9] < 0.5 * before[:, 0]).all(), "before training, the beginning leaves the least"
assert default[:, 9].max() < 0.1 * before[:, 9].min(), "and next to nothing without an orthogonal W_hh"
assert (after[:, 9] > 1.3 * after[:, 0]).all(), "after training, it leaves the most"
assert (after[:, 0] > after[:, 3:7].min(axis=1)).all() and min(first) > 0.75

# %% [markdown]
# Before training the folklore holds: what was read last moves the context most, and the beginning has
# faded, though not vanished. The orthogonal $W_{hh}$ sees to that (remember lesson 08): from PyTorch's own
# start next to nothing of it is left. **Training turns it round.** The *beginning*, carried furthest, now
# moves the context most, in every run. The last word moves it less; the middle, by the median, least,
# though the bands of these two come close. The network seems to keep what it needs first: the first digit
# is the first thing it is asked for, and that token is nearly always right. A context that moves is not
# yet one that can be read, so this shows what leaves a trace, not what the decoder makes of it. Sutskever,
# Vinyals and Le (2014) fed the source *backwards*, so that the words needed first were read last, and
# report that it helped.
#
# ## What it cannot do yet
#
# The encoder makes a state for every word, and we throw all but the last away. The decoder needs one piece
# of the source at a time; nobody makes it swallow the whole sentence first. **Must everything pass through
# one vector?** That is lesson 15.
