# %% [markdown]
# # 13 · Large vocabularies
#
# **Question:** what if there are 50,000 classes?
#
# **You will**
# - replace a sum over all classes by a sum over a few drawn ones, and correct it so that it estimates the
#   right thing;
# - remove accidental hits, write the gradient, and keep the sample out of evaluation;
# - update only the rows of an embedding that a batch has used;
# - split one large softmax into two small ones;
# - measure cost against vocabulary, and perplexity on real words per step *and* per second.
#
# **Before:** lessons 04 and 06 (readout, cross-entropy, their gradients).
#
# **Time:** about 160 minutes, almost two hours of them for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 2.14

# %%
import numpy as np

from autograder import check
from coursekit.diagrams.large_vocabularies import three_softmaxes
from coursekit.large_vocabularies import (
    body,
    flat_head,
    full_output,
    held_out_perplexity,
    seconds_per_call,
    train_words,
    two_level_head,
    two_level_output,
)
from coursekit.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, figure, show, spread
from coursekit.training import one_thread, progress_bar
from coursekit.words import words

# %% [markdown]
# ## 1 · Where the time goes
#
# The readout of a network with $H$ units and $V$ classes computes $V$ logits $h W_j + b_j$ and a sum over
# all of them,
#
# $$-\log p(\text{target}) = \log \underbrace{\sum_{j=1}^{V} e^{h W_j + b_j}}_{Z} - (h W_{\text{target}} +
# b_{\text{target}}), \qquad h\ (N, H),\ W\ (V, H),\ b\ (V,).$$
#
# (Here $W$ has one **row** per class, the transpose of `W_hy`, so that a few classes are a few rows.) A
# recurrent step costs about $2H^2$ multiplications per word, the readout $HV$: that is $V/(2H)$ times as
# much. With seventy characters the readout is the smaller part. With 50,000 words and a small network it is
# hundreds of times the network, with a large one still tens; a cell below prints it. And the backward pass
# pays the same again, twice: once for $dh$, once for $dW$.
#
# This lesson builds the two classical ways out, beside the full sum:

# %% tags=["demo", "hide-input"]
show(
    three_softmaxes(),
    alt="Three rows of 16 logits over a state h. Full: arrows from h to all 16. Sampled: arrows to the "
    "target and to three drawn classes, the other twelve are hatched. Two levels: arrows from h to four "
    "classes, and from the target's class to its four words; the words of other classes are hatched.",
)

# %% [markdown]
# Where are they used? Today's language models do something else: they cut words into some ten thousands of
# subwords (lesson 18) and compute the *full* softmax. Their networks are so large that the readout is the
# smaller part again, and a GPU takes it as one matrix product. Sampled softmax lives on where classes are
# counted in millions: in recommenders, which choose among all videos of a platform (Covington et al., 2016;
# Yi et al., 2019, with the very correction of section 3), and in contrastive learning, where the other
# examples of a batch are the drawn classes (van den Oord et al., 2018).
#
# Real words, then: all docstrings of Python's standard library, read from the source files by `ast` and never
# imported. Word 0 is the most frequent one.

# %% tags=["demo", "hide-input"]
text = words()
V = text.V
unigram = (text.counts + 1) / (text.counts + 1).sum()
print(f"{len(text.train):,} words to learn from, {V:,} different ones")
print("the most frequent:", *text.symbols[:12])
print("a piece:", text.decode(text.valid[:16]))
for units in (64, 1024):
    for size in (70, V, 50_000):
        ratio = size / (2 * units)
        print(f"H = {units:4}, V = {size:6,}: the readout costs {ratio:6.2f} times a recurrent step")

# %% [markdown]
# ## 2 · Idea 1: look at a few classes
#
# Draw $K$ classes from a distribution $q$ and compare the target with those. Which $q$? It should be easy
# to draw from and resemble the frequencies of words, which fall roughly like one over the rank (Zipf's
# law). If classes are numbered by frequency, the **log-uniform** distribution needs no counts at all.


# %% exercise="log_uniform"
def log_uniform(V):
    """The log-uniform distribution over ranks: class 0 is the most frequent one.

    q_k = (log(k + 2) - log(k + 1)) / log(V + 1),  k = 0 .. V - 1

    -> q (V,), sums to 1
    Source: Jozefowicz et al. (2016).
    """
    # BEGIN SOLUTION
    return np.diff(np.log(np.arange(1, V + 2))) / np.log(V + 1)
    # END SOLUTION


# %%
check(log_uniform)

# %% tags=["demo", "hide-input"]
fig, (ax,) = figure(height=3.4)
rank = np.arange(1, V + 1)
ax.loglog(rank, unigram, color=BLACK, label="real words")
ax.loglog(rank, log_uniform(V), color=BLUE, linestyle="-.", label="log-uniform")
ax.loglog(rank, np.full(V, 1 / V), color=ORANGE, linestyle="--", label="uniform")
ax.set(xlabel="rank of the word", ylabel="probability")
ax.legend(loc="lower left")
show(
    fig,
    alt="Probability against rank, both axes logarithmic: the words of the docstrings and the "
    "log-uniform distribution "
    "fall along nearly the same line, the uniform one is level.",
)
share = unigram[:100].sum(), log_uniform(V)[:100].sum(), 100 / V
print("share of the 100 most frequent words: real {:.0%}, log-uniform {:.0%}, uniform {:.0%}".format(*share))
assert abs(share[0] - share[1]) < 0.15 < share[0] - share[2]

# %% [markdown]
# Drawing goes by the inverse of the cumulative distribution, as in lesson 02. The draws are independent and
# *with replacement*, so a frequent class may come several times. The correction below counts on that.


# %% exercise="sample_candidates"
def sample_candidates(q, uniforms):
    """Draw K classes, independently and with replacement, by inverting the cumulative distribution.

    q (V,) sums to 1; uniforms (K,) in [0, 1).
    Class k owns the uniforms with q_0 + .. + q_{k-1} <= u < q_0 + .. + q_k. If rounding leaves the whole sum
    below u, take the last class.
    -> ids (K,) integers
    Source: Devroye (1986), section III.2.
    """
    # BEGIN SOLUTION
    ids = np.searchsorted(np.cumsum(q), uniforms, side="right")
    return np.minimum(ids, len(q) - 1)
    # END SOLUTION


# %%
check(sample_candidates)

# %% [markdown]
# ## 3 · A sum over a sample is not the sum
#
# Can a sum over the drawn classes stand for $Z$? The bare sum $\sum_k e^{s_k}$ has $K$ terms where $Z$ has
# $V$; and scaled up, by $V/K$, it would be right only if all classes were drawn equally often. Ours are not:
# frequent classes, those with a large $e^{s}$, stand in it too often, and it comes out far too large. In $K$
# draws class $j$ is expected $K q_j$ times, so divide each term by that (Bengio and Senécal, 2003):
#
# $$\hat Z = \sum_{k=1}^{K} \frac{e^{s_k}}{K q_k} = \sum_k e^{\,s_k - \log(K q_k)}, \qquad
# \mathrm{E}\,\hat Z = \sum_j K q_j \frac{e^{s_j}}{K q_j} = Z .$$
#
# Here $s_k$ is the logit of the class that draw $k$ gave, and $q_k$ that class's chance in one draw. In the
# exponent the division is a subtraction: **the logit minus** $\log(K q)$.


# %% exercise="corrected_logits"
def corrected_logits(logits, q_sampled, K):
    """Logits of K drawn classes, each lowered by the logarithm of how often it is expected among the draws.

    logits (N, K); q_sampled (K,): each of these classes' chance in a single draw; K: the number of draws
    -> (N, K): logits - log(K q)
    Source: Bengio and Senécal (2003).
    """
    # BEGIN SOLUTION
    return logits - np.log(K * q_sampled)
    # END SOLUTION


# %%
check(corrected_logits)

# %% [markdown]
# <details><summary>Predict: draw by frequency, and scale the sum by V / K instead of dividing by K q. With
# more and more draws, does the estimate of log Z come closer to the truth?</summary>
#
# No. It becomes surer, of a wrong number: its spread shrinks, its distance from the truth stays.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.14"
rng = np.random.default_rng(0)
logits = np.log(unigram) + 1.5 * rng.normal(size=V)  # a model that knows the frequencies, and more
log_z = np.log(np.exp(logits).sum())
sizes, uniform = np.array([16, 64, 256, 1024, 4096]), np.full(V, 1 / V)


def estimates(q, K, assumed, draws=200):
    """log Z estimated from K draws of q, corrected as if they came from `assumed`, minus the true log Z."""
    found = []
    for _ in range(draws):
        ids = sample_candidates(q, rng.uniform(size=K))
        s = corrected_logits(logits[None, ids], assumed[ids], K)[0]
        found.append(s.max() + np.log(np.exp(s - s.max()).sum()) - log_z)
    return np.array(found)


KINDS = {
    "drawn by frequency, corrected by log(K q)": (unigram, unigram, BLUE, "o"),
    "drawn uniformly, corrected": (uniform, uniform, GREEN, "^"),
    "drawn by frequency, scaled by V / K only": (unigram, uniform, ORANGE, "s"),
}
fig, (ax,) = figure(height=3.8)
errors = {}
for label, (q, assumed, colour, marker) in KINDS.items():
    errors[label] = np.array([estimates(q, K, assumed) for K in sizes])
    low, middle, high = np.quantile(errors[label], (0.05, 0.5, 0.95), axis=1)
    ax.plot(sizes, middle, color=colour, marker=marker, label=label)
    ax.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
ax.axhline(0, color="grey", linewidth=1)
ax.set(
    xscale="log", xlabel="K, the number of draws", ylabel="estimate of log Z minus log Z", ylim=(-2.8, 5.2)
)
ax.legend(loc="upper right", bbox_to_anchor=(1, 0.8))
show(
    fig,
    alt="Error of the estimated log Z against the number of draws, with bands: corrected estimates "
    "close in on zero, "
    "fastest when drawn by frequency; the uncorrected one stays more than three too high however "
    "many are drawn.",
)
right, flat, wrong = (errors[label] for label in KINDS)
print(
    "mean error of log Z by K:", dict(zip(sizes.tolist(), right.mean(axis=1).round(3).tolist(), strict=True))
)
print(f"scaled by V / K only: {wrong[-1].mean():+.2f} with {sizes[-1]} draws")
assert abs(right[2:].mean(axis=1)).max() < 0.1  # K = 256 and more: close to the full log Z
assert (
    wrong[-1].mean() > 2 and wrong[-1].std() < 0.2
)  # uncorrected: more draws only make it surer of a wrong number
assert right[2].std() < 0.5 * flat[2].std()  # a q that resembles the words is worth many draws

# %% [markdown]
# Three lessons in one picture (bands: nine in ten of 200 estimates). The corrected estimate closes in on the
# truth. The uncorrected one has a **bias** that no number of draws removes. And a $q$ that resembles the data
# needs far fewer draws than a uniform one. (A small bias is left in the blue curve at small $K$: $\hat Z$ is
# right on average, but the logarithm of an average is not the average of a logarithm.)
#
# ## 4 · The sampled loss
#
# For training we need no $Z$, only a gradient that leads to the right place. Give each row $K + 1$ classes,
# its target and the candidates, and let it find the target among them. A class of large $q$ is among a row's
# classes more often, whether it is right or not; subtracting $\log(K q)$ from **every** logit, the target's
# too, takes this away again (Jean et al., 2015; $K$ could be left out, as long as it is left out on both
# sides).
#
# One case needs care: a candidate may *be* the target, an **accidental hit**. Is the row then told that its
# target is wrong? Libraries usually remove such a candidate from the row (TensorFlow's
# `sampled_softmax_loss` does by default), and the exercise does as they do, because this is the loss that
# you will meet. It is a convention, though, and for our way of drawing not the better one: once you have
# written it and its gradient, we measure what it is worth.


# %% exercise="sampled_softmax_loss"
def sampled_softmax_loss(h, W, b, targets, sampled, q):
    """Cross-entropy over the target and K drawn classes instead of all V.

    h (N, H), W (V, H), b (V,); class j has the logit h W_j + b_j
    targets (N,) integers; sampled (K,) integers, the same candidates for all rows, duplicates possible;
    q (V,): the distribution that they were drawn from.
    Row n's classes are its target and every candidate that is not its target (accidental hits are removed
    from that row; duplicates stay). All their logits, the target's too, are corrected by - log(K q).
    -> the mean over rows of -log softmax at the target, also where logits are large (1000) or far apart
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    K = len(sampled)
    target = np.sum(h * W[targets], axis=1) + b[targets] - np.log(K * q[targets])  # (N,)
    negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K)  # (N, K)
    negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    top = np.maximum(target, negative.max(axis=1))
    total = np.exp(target - top) + np.exp(negative - top[:, None]).sum(axis=1)
    return np.mean(top + np.log(total) - target)
    # END SOLUTION


# %%
check(sampled_softmax_loss)

# %% tags=["demo", "hide-input"]
for K in (64, 256, 1024):
    hit = 1 - (1 - unigram) ** K
    print(f"K = {K:4}: the target is among the candidates for {hit[text.train].mean():.0%} of the words")
assert (1 - (1 - unigram) ** 256)[text.train].mean() > 0.3

# %% [markdown]
# Accidental hits are no rarity: with $q$ near the true frequencies, frequent targets are nearly always
# among the candidates.
#
# The gradient is that of a cross-entropy over $K + 1$ classes, $p - 1$ at the target and $p$ elsewhere,
# carried to the rows of $W$ that took part. A row may take part several times (as a target of two rows, as
# a candidate drawn twice), so contributions must be *added*: `np.add.at`.


# %% exercise="sampled_softmax_backward"
def sampled_softmax_backward(h, W, b, targets, sampled, q):
    """Gradients of sampled_softmax_loss.

    Arguments as there, large logits too.
    -> dh (N, H), dW (V, H), db (V,); rows of classes that no row of h used are zero
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    N, K = len(h), len(sampled)
    target = np.sum(h * W[targets], axis=1) + b[targets] - np.log(K * q[targets])
    negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K)
    negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    top = np.maximum(target, negative.max(axis=1))
    e_target, e_negative = np.exp(target - top), np.exp(negative - top[:, None])
    total = e_target + e_negative.sum(axis=1)  # (N,)
    d_target = (e_target / total - 1) / N
    d_negative = e_negative / (total * N)[:, None]  # (N, K)
    dW, db = np.zeros(W.shape, W.dtype), np.zeros(b.shape, b.dtype)  # not touched until a row is needed
    np.add.at(dW, targets, d_target[:, None] * h)
    np.add.at(dW, sampled, d_negative.T @ h)
    np.add.at(db, targets, d_target)
    np.add.at(db, sampled, d_negative.sum(axis=0))
    return d_target[:, None] * W[targets] + d_negative @ W[sampled], dW, db
    # END SOLUTION


# %%
check(sampled_softmax_backward)

# %% [markdown]
# ### What does each mistake learn?
#
# A model without inputs, twelve classes, only a bias per class; six candidates a step, drawn log-uniformly.
# The full softmax would learn the frequencies exactly. What do the sampled variants learn, if they train
# until nothing changes?
#
# <details><summary>Predict: q resembles the classes' frequencies, and no logit is corrected. What will the
# model believe about the classes?</summary>
#
# A class that is drawn as often as it is right tells nothing: what is learnt without the correction is the
# ratio of true frequency to drawing frequency. If q were exactly the frequencies, the model would believe
# that all classes are equally frequent.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.14"
classes, K = 12, 6
q = log_uniform(classes)


def draw_frequencies(seed):
    """Frequencies that resemble q, as those of words resemble the log-uniform distribution."""
    drawn = q * np.exp(0.7 * np.random.default_rng(seed).normal(size=classes))
    return drawn / drawn.sum()


def gradient(b, sampled, weights, candidates, target, remove_hits):
    """Gradient for the biases b. Class j is the target with weights[j]; the logits of the candidates lose
    `candidates`, that of the target loses `target`.
    """
    negative = np.repeat((b - candidates)[sampled][None], len(b), axis=0)  # (V, K): a row for each target
    if remove_hits:
        negative[np.arange(len(b))[:, None] == sampled] = -np.inf
    every = np.concatenate([(b - target)[:, None], negative], axis=1)
    p = np.exp(every - every.max(axis=1, keepdims=True))
    p *= (weights / p.sum(axis=1))[:, None]
    g = p[:, 0] - weights
    np.add.at(g, sampled, p[:, 1:].sum(axis=0))
    return g


def learnt(true, candidates, target, remove_hits=True, steps=6000):
    """Probabilities after training with this loss, from the biases' average over the second half."""
    rng, b, mean = np.random.default_rng(1), np.zeros(classes), np.zeros(classes)
    for i in range(steps):
        sampled = sample_candidates(q, rng.uniform(size=K))
        b = b - 0.3 * gradient(b, sampled, true, candidates, target, remove_hits)
        mean += (i >= steps // 2) * b / (steps // 2)
    return np.exp(mean) / np.exp(mean).sum()


log_kq, nothing = np.log(K * q), np.zeros(classes)
rng = np.random.default_rng(5)
sampled, b = sample_candidates(q, rng.uniform(size=K)), rng.normal(size=classes)
mine = gradient(b, sampled, np.full(classes, 1 / classes), log_kq, log_kq, True)
none = np.zeros((classes, 1))
yours = sampled_softmax_backward(none, none, b, np.arange(classes), sampled, q)[2]
assert np.allclose(mine, yours)  # the cell's own gradient is the one that you wrote

VARIANTS = {  # what is taken off the candidates' and the target's logits, hits removed, colour, marker
    "as in the exercise": (log_kq, log_kq, True, BLUE, "o"),
    "no correction": (nothing, nothing, True, ORANGE, "s"),
    "target not corrected": (log_kq, nothing, True, PURPLE, "^"),
    "accidental hits kept": (log_kq, log_kq, False, RED, "v"),
}
DRAWS = [draw_frequencies(seed) for seed in (5, 6, 7)]
found = {name: [learnt(true, *how) for true in DRAWS] for name, (*how, _, _) in VARIANTS.items()}
fig, (ax,) = figure(width=6.2, height=4.6)
true = DRAWS[0]
ax.plot([true.min(), true.max()], [true.min(), true.max()], color="grey", linewidth=1)
distance = {}
for label, (*_, colour, marker) in VARIANTS.items():
    ax.loglog(true, found[label][0], marker, color=colour, label=label, alpha=0.8)
    distance[label] = np.array([np.sum(t * np.log(t / p)) for t, p in zip(DRAWS, found[label], strict=True)])
ax.set(xlabel="true probability of the class", ylabel="learnt probability")
for axis in (ax.xaxis, ax.yaxis):
    axis.set_ticks([0.01, 0.02, 0.05, 0.1, 0.2], ["0.01", "0.02", "0.05", "0.1", "0.2"])
ax.minorticks_off()
ax.legend(loc="upper left")
show(
    fig,
    alt="Learnt against true probability of twelve classes: the exercise's loss and the one that keeps "
    "hits lie on the "
    "diagonal; without correction the points scatter widely, without the target's correction they "
    "lie off it.",
)
print("divergence from the truth in nats, for three draws of frequencies")
for label, values in distance.items():
    print(f"{label:21}", values.round(4))
removed, kept = distance["as in the exercise"], distance["accidental hits kept"]
assert (distance["no correction"] > 10 * removed).all()
for true, p in zip(DRAWS, found["no correction"], strict=True):
    ratio = (true / q) / (true / q).sum()
    assert np.sum(ratio * np.log(ratio / p)) < 0.01  # without correction: p / q
assert (kept < np.minimum(removed, distance["target not corrected"])).all() and removed.max() < 0.02

# %% [markdown]
# **Without correction** the model learns $p/q$, the *ratio* to the sampling frequency: if $q$ is the word
# frequencies, it believes that all words are equally frequent. With the correction on one side only it is off
# as well, now by more than the exercise's loss, now by less. (The picture shows the first draw of
# frequencies; the table has three.)
#
# **Accidental hits** are a surprise. They are said to spoil the model; here keeping them is the *most* exact
# of the four, in every draw. There is a reason. One of the $K + 1$ places was filled from the data and
# the others by independent draws from $q$, so the chance that place $i$ is the one from the data is
# proportional to $p(y_i)/q(y_i)$, repeated classes included: that is the corrected softmax with all hits in
# it. Removing hits belongs to another way of drawing, in which every class is in the sample at most once
# and $K q$ is replaced by its chance to be in it; TensorFlow draws like that by default. What you wrote mixes
# the two, as much code does, and is slightly off. Section 9 will show how it does with thousands of words.
#
# ## 5 · For training only
#
# The sampled loss is a number about $K + 1$ classes. It is no estimate of $-\log p$ under the model, and it
# changes with $K$. At evaluation, sum over all classes.


# %% exercise="output_loss"
def output_loss(h, W, b, targets, sampled, q, training):
    """The loss of the output layer: sampled in training, over all classes at evaluation.

    Arguments as in sampled_softmax_loss; training True or False.
    At evaluation `sampled` and `q` play no part: the mean over rows of -log softmax(h W^T + b) at the target.
    -> the loss, also where logits are large (1000) or far apart
    Source: Jean et al. (2015).
    """
    # BEGIN SOLUTION
    if training:
        return sampled_softmax_loss(h, W, b, targets, sampled, q)
    logits = h @ W.T + b  # (N, V)
    top = logits.max(axis=1)
    log_z = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return np.mean(log_z - logits[np.arange(len(h)), targets])
    # END SOLUTION


# %%
check(output_loss)

# %% [markdown]
# Here is your `output_loss` both ways, for a model that knows the words' frequencies and nothing else.
#
# <details><summary>Predict: what would one report as its perplexity, exp of the sampled loss, with 4, 64 or
# 4,096 candidates?</summary>
#
# With 4 candidates about 5, for one word has to be found among five. Each further candidate is one more
# rival, so the number grows with K, and nothing stops it at the true value.
#
# </details>

# %% tags=["demo", "hide-input"] claims="2.14"
targets, q = text.test[:2000], log_uniform(V)
guess = np.zeros((len(targets), 1)), np.zeros((V, 1)), np.log(unigram)  # h, W, b: the state says nothing
sizes, rng = np.array([4, 16, 64, 256, 1024, 4096]), np.random.default_rng(6)


def reported(K):
    """exp of the sampled loss with K candidates, over 2,000 words of the test text."""
    drawn = sample_candidates(q, rng.uniform(size=K))
    return np.exp(output_loss(*guess, targets, drawn, q, True))


true_value = np.exp(output_loss(*guess, targets, None, None, False))
seeming = np.array([[reported(K) for K in sizes] for _ in range(5)])
fig, (ax,) = figure(height=3.4)
spread(ax, sizes, seeming, "exp of the sampled loss, five draws", RED)
ax.axhline(true_value, color=BLACK, label="perplexity (all classes)")
ax.set(xscale="log", yscale="log", xlabel="K, the number of candidates", ylabel="what one would report")
ax.legend(loc="lower right")
show(
    fig,
    alt="The exponential of the sampled loss against the number of candidates, for one model: a rising line, "
    "from about 5 to more than 3,000, that crosses the level of the true perplexity by mere chance.",
)
medians = np.median(seeming, axis=0)
print(
    f"true perplexity {true_value:.0f}; 'perplexity' by the sampled loss, by K:",
    dict(zip(sizes.tolist(), medians.round(1).tolist(), strict=True)),
    sep="\n",
)
assert (np.diff(medians) > 0).all() and medians[0] < 0.1 * true_value and medians[-1] > 2 * true_value
assert np.ptp(medians[3:] / sizes[3:]) < 0.2 * medians[-1] / sizes[-1]  # in proportion to K

# %% [markdown]
# One could report almost any perplexity, by choosing $K$. That is why sampling is for **training only**. A
# word that is drawn again is one more rival, too, so the number grows without any limit, not even $V$, and
# for large $K$ in proportion to it.
#
# ## 6 · The other end: a sparse embedding
#
# The input side has a table with $V$ rows, too, but a batch reads few of them. Its gradient is zero
# everywhere else, so only those rows need to move.


# %% exercise="sparse_embedding_step"
def sparse_embedding_step(E, ids, dx, lr):
    """One step of gradient descent on an embedding table, of which a batch has used only some rows.

    E (V, D); ids (N,) integers, duplicates possible; dx (N, D): gradient of the row E[ids[n]] as it was used
    -> a new table (V, D): row v has moved by - lr times the sum of dx over all n with ids[n] = v
    Source: Mikolov et al. (2013).
    """
    # BEGIN SOLUTION
    E = E.copy()
    np.add.at(E, ids, -lr * dx)
    return E
    # END SOLUTION


# %%
check(sparse_embedding_step)

# %% tags=["demo", "hide-input"]
ids = text.train[:640]
rng = np.random.default_rng(2)
E, dx = rng.normal(size=(V, 16)), rng.normal(size=(640, 16)) + 1
right = sparse_embedding_step(E, ids, dx, 0.1)
careless = E.copy()
careless[ids] -= 0.1 * dx
lost = 1 - np.abs(careless - E).sum() / np.abs(right - E).sum()
print(f"640 words of text are {len(set(ids.tolist()))} different ones;")
print(f"`E[ids] -= ...` would lose {lost:.0%} of the movement, and that of the frequent words above all")
assert lost > 0.3 and np.array_equal(np.flatnonzero((right != E).any(axis=1)), np.unique(ids))

# %% [markdown]
# ## 7 · Idea 2: two small softmaxes
#
# Put the $V$ words into $C$ groups of $M$ words, $C M \ge V$. Such a group is called a class, too, and in
# this section the word means that. First predict the class, then the word inside it (Goodman, 2001):
#
# $$\log p(w \mid h) = \log p(c(w) \mid h) + \log p(w \mid c(w), h).$$
#
# That costs $C + M$ logits instead of $V$; with $C = M = \sqrt V$ it is $2 \sqrt V$. It is *exact*: the
# probabilities of all words sum to one, in training and at evaluation. The price is another model. Words
# share a class by decree (here by rank), and each row of the batch needs another matrix, that of its own
# target's class. (The weights stand as `W_hy` does again: one **column** for each class, and for each word in
# it.)


# %% exercise="class_log_prob"
def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):
    """Two-level softmax: log p(class | h) + log p(word | class, h).

    h (N, H); W_c (H, C), b_c (C,): logits of the C classes
    W_w (C, H, M), b_w (C, M): for each class the logits of its M words
    classes (N,), words (N,) integers: the target's class, and its place inside that class
    -> (N,) log-probabilities, also where logits are large (1000) or far apart
    Source: Goodman (2001).
    """

    # BEGIN SOLUTION
    def log_softmax(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    rows = np.arange(len(h))
    of_class = log_softmax(h @ W_c + b_c)  # (N, C)
    inside = log_softmax(np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes])  # (N, M)
    return of_class[rows, classes] + inside[rows, words]
    # END SOLUTION


# %%
check(class_log_prob)

# %% tags=["demo", "hide-input"]
rng = np.random.default_rng(3)
H, C, M = 5, 6, 7
one = np.repeat(rng.normal(size=(1, H)), C * M, axis=0)  # the same state, once for each word
parts = rng.normal(size=(H, C)), rng.normal(size=C), rng.normal(size=(C, H, M)), rng.normal(size=(C, M))
total = np.exp(class_log_prob(one, *parts, *np.divmod(np.arange(C * M), M))).sum()
print(f"sum of the probabilities of all {C * M} words: {total:.12f}")
assert abs(total - 1) < 1e-12

# %% [markdown]
# The exercises are done. Two measurements follow, and each can be read by itself: what a step costs, and
# whether the cheaper losses learn as well.
#
# ## 8 · Cost per step against the vocabulary
#
# One step of the output layer, loss gradient included: a batch of 128 words, $H = 64$, in float32 and on
# one thread. `full_output` and `two_level_output` are in `coursekit/large_vocabularies.py`; the sampled
# step is yours.

# %% tags=["demo", "hide-input"] claims="2.14"
VOCABULARIES, H, N = (1_000, 3_000, 10_000, 30_000, 100_000), 64, 128
rng = np.random.default_rng(4)
h = rng.normal(size=(N, H)).astype(np.float32)


def sampled_step(h, p, targets, rng, K=256):
    """Draw candidates, and the gradients of the sampled softmax."""
    sampled = sample_candidates(p["q"], rng.uniform(size=K))
    return sampled_softmax_backward(h, p["W"], p["b"], targets, sampled, p["q"])


STEPS = {"full softmax": full_output, "sampled, K = 256": sampled_step, "two levels": two_level_output}
cost = {name: [] for name in STEPS}
with one_thread():
    for size in progress_bar(VOCABULARIES, "vocabularies"):
        counts = np.round(1e9 * log_uniform(size))
        p = flat_head(counts, H) | two_level_head(counts, H)[0] | {"q": log_uniform(size).astype(np.float32)}
        targets = sample_candidates(log_uniform(size), rng.uniform(size=N))
        for name, step in STEPS.items():
            cost[name].append(1e3 * seconds_per_call(step, h, p, targets, rng))

fig, (ax,) = figure(height=3.8)
growth = {name: ms[-1] / ms[0] for name, ms in cost.items()}
print("milliseconds, V =   " + "".join(f"{v:10,}" for v in VOCABULARIES) + "    growth")
for (name, milliseconds), colour, marker in zip(cost.items(), (ORANGE, BLUE, GREEN), "os^", strict=True):
    ax.loglog(VOCABULARIES, milliseconds, marker=marker, color=colour, label=name)
    print(f"{name:20}" + "".join(f"{ms:10.2f}" for ms in milliseconds) + f"{growth[name]:8.1f}-fold")
guide = np.array([3_000, 100_000])
ax.loglog(guide, 0.6 * cost["full softmax"][1] * guide / 3_000, color="grey", linewidth=1, linestyle=":")
ax.text(14_000, 1.2 * cost["full softmax"][1], "slope 1", color="grey")
ax.set(xlabel="vocabulary V", ylabel="milliseconds per step")
ax.legend(loc="upper left")
show(
    fig,
    alt="Milliseconds per step against vocabulary, both axes logarithmic: the full softmax rises with "
    "slope one, the "
    "sampled one is nearly level at first and bends up towards the end, the two-level one rises slowly in "
    "between.",
)
with one_thread():
    draw = 1e3 * seconds_per_call(sample_candidates, p["q"], rng.uniform(size=256))
    zeros = 1e3 * seconds_per_call(lambda: np.zeros(p["W"].shape, p["W"].dtype).sum())
print(
    f"of the sampled step at V = {size:,}: {draw:.2f} ms to draw; to write and read a dense dW {zeros:.2f} ms"
)
assert growth["full softmax"] > 25 and growth["sampled, K = 256"] < 0.25 * growth["full softmax"]
assert cost["two levels"][-1] < 0.2 * cost["full softmax"][-1]

# %% [markdown]
# The slope on these axes is the exponent: about 1 for the full softmax (a little more where its arrays grow
# to tens of megabytes), about one half for the two levels, and nearly 0 at first for the sample. The sampled
# curve bends up at the end, for two things in it still have $V$ rows: the cumulative sum for drawing, which
# could be kept from step to step, and above all `dW`, nearly all zeros, of which one would hand on only the
# rows that were used.
#
# ## 9 · Does it learn as well? Perplexity on real words
#
# One recurrent network (H = 64, `rnn_forward` and `rnn_backward` from lessons 04 and 06, Adagrad) under
# four output layers, 160 words a step. **Perplexity is always the full one**, by `output_loss(...,
# training=False)`, or exactly through the two levels. The biases start at the logarithm of the frequencies.
# The cheap layers get more steps, since a step costs less; look at both axes.
#
# <details><summary>Predict: at 300 steps, where will the sampled softmax stand beside the full one? And after
# equal seconds?</summary>
#
# At equal steps side by side: a corrected sample costs almost nothing in quality. At equal seconds well
# below, for it has made several times as many steps.
#
# </details>

# %% carry="rnn_forward rnn_backward"

# %% tags=["demo"]
H, K, SEEDS = 64, 128, range(3)
q = unigram.astype(np.float32)
flat_q = np.full(V, 1 / V, dtype=np.float32)


def sampled_output(assumed):
    """A layer for the training loop: candidates by frequency, corrected as if they came from `assumed`."""

    def layer(h, p, targets, rng):
        sampled = sample_candidates(unigram, rng.uniform(size=K))
        dh, dW, db = sampled_softmax_backward(h, p["W"], p["b"], targets, sampled, assumed)
        return dh, {"W": dW, "b": db}

    return layer


def flat_loss(h, p, targets):
    return output_loss(h, p["W"], p["b"], targets, None, None, False)


def two_level_loss(h, p, targets):
    M = p["b_w"].shape[1]
    parts = (p[name] for name in ("W_c", "b_c", "W_w", "b_w"))
    return -np.mean(class_log_prob(h, *parts, targets // M, targets % M))


LAYERS = {  # name: (output layer, its own parameters, loss at evaluation, steps, colour and marker)
    "full": (full_output, lambda: flat_head(text.counts, H), flat_loss, 300, (ORANGE, "o")),
    "sampled": (sampled_output(q), lambda: flat_head(text.counts, H), flat_loss, 1500, (BLUE, "s")),
    "two levels": (
        two_level_output,
        lambda: two_level_head(text.counts, H)[0],
        two_level_loss,
        900,
        (GREEN, "^"),
    ),
    "sampled, no correction": (
        sampled_output(flat_q),
        lambda: flat_head(text.counts, H),
        flat_loss,
        300,
        (RED, "v"),
    ),
}
curves, trained = {}, {}
jobs = [(name, seed) for name in LAYERS for seed in SEEDS]
with one_thread():
    for name, seed in progress_bar(jobs, "twelve runs"):
        layer, head, loss, steps, _ = LAYERS[name]
        p = body(V, H, np.random.default_rng(seed)) | head()

        def valid(p, loss=loss):
            return held_out_perplexity(p, text.valid, rnn_forward, loss)

        curves[name, seed] = train_words(
            p, text.train, layer, (rnn_forward, rnn_backward), valid, seed, steps
        )
        trained[name, seed] = p, loss

# %% tags=["demo", "hide-input"]
fig, axes = figure(columns=2, width=10, height=4.0)
for name, (_, _, _, _, look) in LAYERS.items():
    mine = [curves[name, seed] for seed in SEEDS]
    perplexity = [curve.perplexity[1:] for curve in mine]
    spread(axes[0], mine[0].steps[1:], perplexity, name, *look)
    spread(axes[1], np.median([curve.seconds[1:] for curve in mine], axis=0), perplexity, name, *look)
for ax, label in zip(axes, ("training steps", "seconds of training"), strict=True):
    ax.set(yscale="log", xlabel=label, ylim=(80, 3000))
    ax.set_yticks([100, 200, 500, 1000, 2000], ["100", "200", "500", "1000", "2000"])
    ax.minorticks_off()
axes[0].set_ylabel("perplexity on the validation words")
axes[1].legend(loc="upper right")
show(
    fig,
    alt="Validation perplexity against steps and against seconds: per step full, sampled and two-level "
    "softmax go down "
    "together, per second sampled and two-level are several times faster; without correction it "
    "stays above 500.",
)

# %% tags=["demo", "hide-input"] claims="2.14"
print("perplexity on the TEST words, by seed; and seconds of training")
test = {}
for name in LAYERS:
    runs = [trained[name, seed] for seed in SEEDS]
    test[name] = np.array([held_out_perplexity(p, text.test, rnn_forward, loss) for p, loss in runs])
    seconds = np.median([curves[name, seed].seconds[-1] for seed in SEEDS])
    print(f"{name:24} {np.round(test[name], 0)}  after {LAYERS[name][3]:5} steps, {seconds:.1f} s")
at_300 = {name: np.median([curves[name, s].perplexity[1] for s in SEEDS]) for name in ("sampled",)}
full_300 = np.median([curves["full", s].perplexity[-1] for s in SEEDS])
assert (
    abs(at_300["sampled"] / full_300 - 1) < 0.15
)  # per step the corrected sample is as good as the full sum
# In comparable time the cheap layers get further.
assert all(test[name].max() < test["full"].min() for name in ("sampled", "two levels"))
assert test["sampled, no correction"].min() > 2 * test["sampled"].max()

# %% [markdown]
# **Per step** the three right layers lie on one line: the sample, corrected, costs almost nothing in quality.
# **Per second** the cheap ones win, and with more words, says section 8, they would win by more. Without the
# correction the model is spoilt, and the curve says so at once, because perplexity was measured with the full
# sum. The sampled loss is no measure of that (section 5).
#
# | | cost per step | exact at evaluation | what to mind |
# |---|---|---|---|
# | full softmax | $HV$ | yes | memory, too: $N V$ logits |
# | sampled softmax | $HK$ | evaluate in full | $\log(Kq)$ on both sides, accidental hits, $q$ near the data |
# | two levels | $H(C + M)$ | yes | how words are put into classes |
#
# Our findings are those of 5,000 words on one CPU core. On a GPU a full softmax is one large matrix
# product, and the scattered rows of a sample are not: measure there before you give up exactness.
#
# ## What it cannot do yet
#
# We can now predict the next word out of very many. But all our networks answer one step at a time: an
# output for every input. A translation has another length and another order. **How does a sequence become
# another sequence?**
