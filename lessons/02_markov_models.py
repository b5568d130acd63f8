# %% [markdown]
# # 02 · Markov models
#
# **Question:** what if only the last symbol mattered?
#
# **You will**
#
# - build a language model of real English text by counting, and say in one number how good it is;
# - let it write, and watch it improve with the number of symbols that it looks back, until it stops
#   improving;
# - meet a chain in which looking at one symbol shows nothing at all, and follow a chain to its long-run
#   behaviour.
#
# **Before:** [01 · Sequences](../01_sequences/sequences.ipynb); conditional probabilities.
#
# **Time:** about two hours and a half, an hour and a half of it for the exercises.
#
# **Symbols:** [NOTATION.md](../../NOTATION.md)
#
# covers: 0.3 0.4 0.6 0.7 0.8 0.9 E15

# %%
from itertools import product

import numpy as np

from autograder import check
from coursekit.data import characters
from coursekit.diagrams.markov import chain
from coursekit.interactive import explore
from coursekit.markov_models import (
    context_codes,
    count_contexts,
    interpolated,
    page,
    sample_text,
    smoothed,
)
from coursekit.plots import BLACK, BLUE, COLOURS, GREEN, MAGNITUDE, ORANGE, RED, figure, show, spread

# %% [markdown]
# ## 1 · A language model
#
# Lesson 01 predicted numbers. Text is made of symbols, and there the sensible answer to "what comes next?" is
# a probability for each of the $V$ symbols of the vocabulary. A model that gives them is called a **language
# model**. We write $x_1, \dots, x_T$ for a text of $T$ symbols, in code `ids` $(T,)$, whole numbers below
# $V$.
#
# No approximation is needed to write the probability of a whole text as a product of such answers. This is
# the **chain rule**:
#
# $$p(x_1, \dots, x_T) = p(x_1)\; p(x_2 \mid x_1)\; p(x_3 \mid x_1, x_2) \cdots
# p(x_T \mid x_1, \dots, x_{T-1}).$$
#
# But look at the last factor: it needs a row of probabilities for every possible past, and the past grows.
# How bad is that? Count the free numbers of such a table: one row of $V$ probabilities for each context, of
# which $V-1$ are free, since a row adds up to one.

# %% tags=["demo", "hide-input"] claims="0.4"
letters = 27  # a to z and the space
assert letters**5 == 14_348_907  # rows and columns together: four symbols of context and the next one
assert (letters - 1) + letters * (
    letters - 1
) == 728  # first symbol, and one row per last symbol: free numbers
text = characters()
V = text.V
print(
    f"our text: V = {V}, {len(text.train):,} symbols to learn from, {len(text.test):,} held out for the test"
)
for order in range(5):
    print(f"looking back {order}: {(V - 1) * V**order:14,} free numbers")

# %% [markdown]
# A **Markov model** of order $k$ cuts the past off after $k$ symbols. For $k=1$ only the last one matters,
#
# $$p(x_t \mid x_1, \dots, x_{t-1}) \approx p(x_t \mid x_{t-1}) = P_{x_{t-1},\,x_t},$$
#
# and everything fits into one matrix $P$ $(V,V)$ with a row for each "from" and a column for each "to".
# Andrei Markov devised such chains in 1906, and in 1913 filled in the first table for a text, by hand, from
# twenty thousand letters of *Eugene Onegin*. We have a computer. Our text is the help that comes with Python
# itself: real English, and real programmers' English at that.
#
# A chain is drawn as its states, with an arrow for each step that it may take. Here is one with three states:
# the characters of our text, sorted into vowels (*y* among them), consonants and everything else (spaces,
# digits, stops). An arrow is as thick as its step is probable (and grey below a tenth), and the numbers at
# the arrows that leave a state add up to one. The drawing *is* the matrix: an arrow for each entry.

# %% tags=["demo", "hide-input"]
KIND = np.full(V, 2)  # 0 vowel, 1 consonant, 2 anything else
KIND[text.encode("aeiouy")] = 0
KIND[text.encode("bcdfghjklmnpqrstvwxz")] = 1
kinds = KIND[text.train]
pairs = np.array([[np.sum((kinds[:-1] == i) & (kinds[1:] == j)) for j in range(3)] for i in range(3)])
print("from a row to a column: vowel, consonant, other")
print((pairs / pairs.sum(axis=1, keepdims=True)).round(2))
show(
    chain(pairs / pairs.sum(axis=1, keepdims=True), ["vowel", "conso-\nnant", "other"]),
    alt="Three states in a triangle, vowel, consonant and other, with an arrow for each step: the thickest "
    "leads from vowel to consonant, the next one back; from vowel to vowel leads the thinnest.",
)

# %% [markdown]
# ## 2 · Counting
#
# The text *abaab* has the pairs ab, ba, aa, ab. With $a=0$, $b=1$ the table of counts is
# $\begin{pmatrix}1&2\\1&0\end{pmatrix}$: first index from, second index to.


# %% exercise="count_bigrams"
def count_bigrams(ids, V):
    """Count how often each symbol is followed by each other one.

    ids (T,) integers below V -> counts (V, V): counts[i, j] is how often j comes right after i
    Source: Markov (1913).
    """
    # BEGIN SOLUTION
    counts = np.zeros((V, V))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)  # unlike +=, adds again where a pair is listed again
    return counts
    # END SOLUTION


# %%
check(count_bigrams)

# %% [markdown]
# ## 3 · From counts to probabilities
#
# Given that we are at symbol $i$, the share of its followers that are $j$ estimates $p(j \mid i)$. A pair
# that never occurred would get probability zero, and one such pair would make a whole book impossible. So we
# pretend to have seen each pair $\alpha$ times before we started (**additive smoothing**):
#
# $$P_{ij} = \frac{\text{counts}_{ij} + \alpha}{\sum_{j'} \left(\text{counts}_{ij'} + \alpha\right)}, \qquad
# \sum_j P_{ij} = 1 .$$


# %% exercise="transition_matrix"
def transition_matrix(counts, alpha):
    """Turn counts into probabilities of what comes next, with alpha added to every count beforehand.

    counts (V, V), integers or floats; alpha >= 0, and > 0, though maybe tiny, where a row of counts is empty
    -> P (V, V): P[i, j] = p(next is j | now i)
    Source: Lidstone (1920).
    """
    # BEGIN SOLUTION
    smoothed = counts + alpha
    return smoothed / smoothed.sum(axis=1, keepdims=True)  # (V, V) / (V, 1)
    # END SOLUTION


# %%
check(transition_matrix)

# %% [markdown]
# <details><summary>Predict: the table for our text has a row for each symbol. Which letter's row will be the
# surest about what comes next?</summary>
#
# That of *q*: nearly always *u* follows. (The colours end at .6, so that weaker habits can be seen as well.)
# Look also for *h* in the row of *t*, and for the column of the space: many letters can end a word.
#
# </details>

# %% tags=["demo", "hide-input"]
counts = count_bigrams(text.train, V)
P = transition_matrix(counts, 0.1)
shown = text.encode(" etaoinshrdlucmfwygpbvkxqjz")
fig, (ax,) = figure(width=7.2, height=6.2)
image = ax.imshow(P[np.ix_(shown, shown)], cmap=MAGNITUDE, vmin=0, vmax=0.6)
labels = ["␣" if s == " " else s for s in text.decode(shown)]
ax.set_xticks(range(len(shown)), labels)
ax.set_yticks(range(len(shown)), labels)
ax.grid(False)
ax.set(xlabel="to", ylabel="from", title="P: what follows each letter (␣ is the space)")
fig.colorbar(image, ax=ax, label="probability", extend="max")
show(
    fig,
    alt="Transition probabilities between letters as a heat map: q is followed by u, t by h, and many "
    "letters by a space.",
)
after_q = P[text.encode("q")[0]]
print("after q:", text.symbols[after_q.argmax()], f"{after_q.max():.2f}")

# %% [markdown]
# ## 4 · How probable is a text?
#
# The chain rule, with the past cut off: $p(x_1,\dots,x_T) = p(x_1) \prod_{t=2}^{T} P_{x_{t-1},x_t}$. The
# distribution of the first symbol, $p(x_1)$, is the array `initial` $(V,)$. Products of thousands of numbers
# below one are smaller than any float; their logarithms just add up.


# %% exercise="sequence_log_prob"
def sequence_log_prob(ids, initial, P):
    """Natural logarithm of the probability of a whole sequence; -inf where it is impossible.

    ids (T,) integers, initial (V,) distribution of the first symbol, P (V, V) -> log_prob ()
    Source: Shannon (1948).
    """
    # BEGIN SOLUTION
    with np.errstate(divide="ignore"):  # the logarithm of an impossible step is -inf, as it should be
        return np.log(initial[ids[0]]) + np.log(P[ids[:-1], ids[1:]]).sum()
    # END SOLUTION


# %%
check(sequence_log_prob)

# %% [markdown]
# Is it a probability? Then over **all** $V^T$ texts of length $T$ it must add up to exactly one, for every
# $T$ and every table whose rows do. For a small $V$ and $T$ we can try each one.

# %% tags=["demo", "hide-input"] claims="0.7"
random = np.random.default_rng(0)
few = 3
start, table = random.dirichlet(np.ones(few)), random.dirichlet(np.ones(few), size=few)
for T in range(1, 8):
    texts = [np.array(ids) for ids in product(range(few), repeat=T)]
    total = sum(np.exp(sequence_log_prob(ids, start, table)) for ids in texts)
    print(f"T = {T}: {len(texts):5d} texts, total probability {total:.15f}")
    assert abs(total - 1) < 1e-12

start_text = counts.sum(axis=1) / counts.sum()  # how often each symbol occurs
ids = text.test[:1000]
multiplied, added = np.prod(P[ids[:-1], ids[1:]]), sequence_log_prob(ids, start_text, P)
print("1000 symbols: product of probabilities:", multiplied, " sum of logarithms:", round(added, 1))
assert multiplied == 0.0  # underflow: the text is not impossible, the float is too small

# %% [markdown]
# ## 5 · One number for a language model
#
# A longer text is less probable whatever the model, so we take the average per symbol, $-\frac1T \log
# p(x_1,\dots,x_T)$, the **cross-entropy** (in nats; divided by $\log 2$, in bits). Its exponential is the
# **perplexity**:
#
# $$\text{perplexity} = \exp\!\Big(-\tfrac1T \log p(x_1, \dots, x_T)\Big).$$
#
# A model that is as surprised at each symbol as by the throw of a fair die with ten sides has perplexity 10.


# %% exercise="perplexity"
def perplexity(ids, initial, P):
    """exp of the average surprise per symbol: the number of equally likely choices that would be as hard.

    ids (T,) integers, initial (V,), P (V, V) -> perplexity (); all T symbols count, the first one too;
    inf where the text is impossible
    Source: Jelinek, Mercer, Bahl and Baker (1977).
    """
    # BEGIN SOLUTION
    return np.exp(-sequence_log_prob(ids, initial, P) / len(ids))
    # END SOLUTION


# %%
check(perplexity)

# %% tags=["demo", "hide-input"] claims="0.3"
uniform = np.full(V, 1 / V)
assert np.isclose(perplexity(ids, uniform, np.tile(uniform, (V, 1))), V)  # knows nothing: a die with V sides
around = np.roll(np.eye(4), 1, axis=1)  # 0, 1, 2, 3, 0, 1, ..: nothing left to guess but the start
assert np.isclose(perplexity(np.arange(40) % 4, np.eye(4)[0], around), 1)
toy = np.array([0, 1, 0, 0])  # 1/2 * 3/4 * 1/3 * 1/4 = 1/32, and the fourth root of 32 is the perplexity
assert np.isclose(
    perplexity(toy, np.array([0.5, 0.5]), np.array([[0.25, 0.75], [1 / 3, 2 / 3]])), 32 ** (1 / 4)
)

for name, model in (("no memory", np.tile(start_text, (V, 1))), ("last symbol", P)):
    print(f"{name:12s} perplexity on held-out text: {perplexity(text.test, start_text, model):5.2f}")
assert perplexity(text.test, start_text, P) < 0.6 * perplexity(
    text.test, start_text, np.tile(start_text, (V, 1))
)

# %% [markdown]
# Without memory, each symbol surprises like a die with 22.78 sides; given the last symbol, like one with
# 12.09. Knowing a single symbol nearly halves the number of choices. Always measure on **held-out** text: a
# table that has learned its own text by heart proves nothing.
#
# ## 6 · Writing
#
# A language model is also a machine that writes: draw the first symbol from `initial`, the next from the row
# of that symbol, and so on (*ancestral sampling*). Shannon did it by hand in 1948: single letters with a
# table of random numbers, pairs with any book. Open it at random and read until you meet the letter that you
# have; the letter behind it is the next one; open the book at another page. To draw from $p$ with one uniform
# number $u$ in $[0,1)$, lay the probabilities side by side as pieces of the line from 0 to 1, and see whose
# piece $u$ falls on:
#
# $$x = \text{the first } k \text{ with } u < p_0 + p_1 + \dots + p_k .$$


# %% exercise="sample_chain"
def sample_chain(initial, P, uniforms):
    """Draw a sequence, one symbol per uniform number u: the first k with u < p_0 + .. + p_k.

    initial (V,), P (V, V), uniforms (T,) in [0, 1) -> ids (T,) integers
    Rounding can leave the last running sum a hair below 1: then the symbol is V-1.
    Source: Shannon (1948), section 3.
    """
    # BEGIN SOLUTION
    V = len(initial)
    ids = np.zeros(len(uniforms), dtype=int)
    p = initial
    for t, u in enumerate(uniforms):
        ids[t] = min(np.searchsorted(np.cumsum(p), u, side="right"), V - 1)
        p = P[ids[t]]
    return ids
    # END SOLUTION


# %%
check(sample_chain)

# %% tags=["demo", "hide-input"] claims="0.9"
lengths, seeds = [100, 1_000, 10_000], range(5)
gaps = np.zeros((len(seeds), len(lengths)))
for s in seeds:
    drawn = sample_chain(start, table, np.random.default_rng(s).random(max(lengths)))
    for j, T in enumerate(lengths):
        frequencies = transition_matrix(count_bigrams(drawn[:T], few), 0.01)
        gaps[s, j] = np.abs(frequencies - table).max()
fig, (ax,) = figure(width=6.5, height=3.2)
spread(ax, lengths, gaps, "largest gap, five seeds", BLUE)
guide = gaps[:, 0].mean() * np.sqrt(lengths[0] / np.array(lengths))
ax.plot(lengths, guide, color=BLACK, linestyle="--", linewidth=1, label=r"falling as $1/\sqrt{T}$")
ax.set(xscale="log", yscale="log", xlabel="symbols drawn, $T$", ylabel="counted frequencies against P")
ax.legend()
show(
    fig,
    alt="The largest gap between counted frequencies and P falls with the length of the sample as one over "
    "its square root.",
)
assert np.all(gaps[:, -1] < 0.03)
assert np.median(gaps[:, -1]) < 0.25 * np.median(gaps[:, 0])

# %% [markdown]
# Counting undoes sampling: what we draw, counted again, gives back the table, the more exactly the more we
# draw. Now English.
#
# ## 7 · Looking further back: orders 0 to 3, and beyond
#
# Order $k$ has a row for each *context* of $k$ symbols: the same counting, with contexts in the place of
# symbols. (A chain of order $k$ is a chain of order 1 whose symbols are $k$-tuples.) Each order gets its own
# $\alpha$, chosen on the last tenth of the training text; the test text has no say in any choice. From here
# on the figures are in **bits per symbol**, the cross-entropy of section 5.
#
# <details><summary>Predict: with every further symbol looked back, the table fits the text that it was
# counted on better. Which order, from 0 to 6, will be the best on held-out text?</summary>
#
# Four, but only just ahead of three: from five on it gets worse. With a quarter of the text to count on, the
# best order is three.
#
# </details>

# %% tags=["demo", "hide-input"]
ORDERS, ALPHAS = range(7), [1.0, 0.3, 0.1, 0.03, 0.01, 0.003]
LONGEST = max(ORDERS)


def bits_per_symbol(table, ids, alpha):
    """Cross-entropy in bits of ids[LONGEST:], the same symbols for every order."""
    rows = table.rows(context_codes(ids, table.order, V)[LONGEST - table.order :])
    p = smoothed(rows, alpha)
    return -np.log2(p[np.arange(len(p)), ids[LONGEST:]]).mean()


def choose_alpha(ids, order):
    """The alpha that is best on the last tenth of ids, counted on the rest."""
    cut = len(ids) * 9 // 10
    part = count_contexts(ids[:cut], order, V)
    return min(ALPHAS, key=lambda alpha: bits_per_symbol(part, ids[cut:], alpha))


best_alpha = [choose_alpha(text.train, order) for order in ORDERS]
tables = [count_contexts(text.train, order, V) for order in ORDERS]
chosen = list(zip(tables, best_alpha, strict=True))
on_train = [bits_per_symbol(table_k, text.train[:50_000], alpha) for table_k, alpha in chosen]
on_test = [bits_per_symbol(table_k, text.test, alpha) for table_k, alpha in chosen]
unseen = [np.mean(~np.isin(context_codes(text.test, t.order, V), t.codes)) for t in tables]
by_hand = perplexity(text.test, start_text, transition_matrix(counts, best_alpha[1]))
assert np.isclose(by_hand, 2 ** on_test[1], rtol=1e-3)  # the same model as yours
quarter = text.train[: len(text.train) // 4]
on_quarter = [
    bits_per_symbol(count_contexts(quarter, k, V), text.test, choose_alpha(quarter, k)) for k in ORDERS
]

# %% tags=["demo", "hide-input"]
truth = text.test[LONGEST:]
mixed = [-np.log2(p[np.arange(len(p)), truth]).mean() for p in interpolated(tables, text.test, LONGEST)]

fig, axes = figure(2, width=10.5, height=3.9)
axes[0].plot(ORDERS, on_test, marker="o", color=BLUE, label="held-out text")
axes[0].plot(ORDERS, on_train, marker="o", color=BLUE, linestyle=":", label="text it was counted on")
axes[0].plot(ORDERS, mixed, marker="s", color=ORANGE, label="held-out text, orders mixed")
axes[0].set(xlabel="symbols looked back", ylabel="bits per symbol", ylim=(0, 5), title="How well it predicts")
axes[0].legend(fontsize=9)
axes[1].plot(ORDERS, 100 * np.array(unseen), marker="o", color=RED)
axes[1].set(xlabel="symbols looked back", ylabel="% of contexts", title="Held-out contexts never seen before")
show(
    fig,
    alt="Left, bits per symbol against order: on the counted text they keep falling, on held-out text they "
    "rise again after order four, and mixing the orders stays lower. Right, the share of unseen contexts "
    "grows with the order.",
)
print("order  alpha  bits  perplexity  mixed  bits, a quarter of the text")
for k in ORDERS:
    print(
        f"{k:5d}  {best_alpha[k]:5g}  {on_test[k]:.2f}  {2 ** on_test[k]:10.2f}  {mixed[k]:5.2f}"
        f"  {on_quarter[k]:.2f}"
    )
assert np.argmin(on_test) == 4 and np.argmin(on_quarter) == 3
assert all(on_test[k] < on_test[k - 1] - 0.3 for k in (1, 2, 3))  # each order helps, up to 3 ...
assert on_test[LONGEST] > min(on_test) + 0.2  # ... but in the end the text is memorised, and not learned
assert on_train[LONGEST] < on_train[3]
assert min(mixed) < min(on_test) - 0.1
assert max(mixed[k] - on_test[k] for k in (3, 4, 5, 6)) < -0.03  # the mixture is better from order 3 on ...
assert max(abs(mixed[k] - on_test[k]) for k in (0, 1, 2)) < 0.01  # ... and the same below
assert min(mixed) < mixed[LONGEST]  # in the end, it turns up as well

# %% [markdown]
# Up to three symbols the model gains much from every symbol that it may see. Soon after, the curve on
# held-out text turns up, while that on the counted text keeps falling: many long contexts come once or never,
# and a row with a single count is hardly knowledge. (It is the same trouble as the long windows of lesson
# 01.)
#
# The orange curve is what a careful engineer does about it: mix the orders, and trust a long context only as
# far as it was seen (Witten and Bell, 1991). From three symbols on it does better, much better for long
# contexts (though even it turns up a little in the end). Keep it in mind as a yardstick: from lesson 06 on,
# networks that read characters are measured on the same text.
#
# Now let the plain orders write. There is one more knob, the **temperature** $\tau$: before a symbol is
# drawn, each probability is raised to the power $1/\tau$, and the row is divided by its sum again. $\tau = 1$
# is the model as it was counted. Below 1, what is probable gets more probable still, until at 0 the likeliest
# symbol is always taken; above 1, rare symbols get more than their share.
#
# <details><summary>Predict: an order 4 model writes at temperature 0, and an order 6 model at temperature 2.
# What will the two texts look like?</summary>
#
# At temperature 0 every model runs into a circle: the same context is always followed by the same symbol, and
# soon a context comes back. At temperature 2 short memories write letter soup, but order 6 still writes
# English. It has no choice: most of its contexts were followed by one or two kinds of symbols in all the
# text, and no temperature makes a symbol probable that was never seen there. It recites.
#
# </details>

# %% tags=["demo", "hide-input"]
uniforms = np.random.default_rng(3).random(360)


def written(order, temperature):
    """A page that the model of this order writes after "of the", always with the same uniform numbers."""
    made = sample_text(tables[order], 1e-12, text.encode("of the "), uniforms, temperature)
    return page("of the " + text.decode(made), f"order {order}, temperature {temperature}")


explore(
    written,
    alt="A page of text written at order 3 and temperature 1: words that look English, some of them real, in "
    "sentences that mean nothing.",
    order=(3, 4, 5, 6, 0, 1, 2),
    temperature=(1.0, 1.5, 2.0, 0.0, 0.2, 0.5, 0.8),
)
for order in ORDERS:
    made = text.decode(sample_text(tables[order], 1e-12, text.encode("of the "), uniforms[:70]))
    after = tables[order].rows(context_codes(text.train, order, V)) > 0
    print(f"order {order}, {np.median(after.sum(axis=1)):2.0f} symbols to choose from (median): {made!r}")
    circle = text.decode(sample_text(tables[order], 1e-12, text.encode("of the "), uniforms, 0))
    assert any(circle.endswith(circle[-n:] * 3) for n in range(1, 100))  # at temperature 0, round and round
assert np.median(after.sum(axis=1)) <= 2  # order 6 has next to no choice

# %% [markdown]
# From letter soup to something that one might take for English, until you read it. (For writing, $\alpha$ is
# next to nothing. A little smoothing is needed to *score* a strange text, but every pretended count is a
# typing error when *writing*; and after a typing error, a long context has seen nothing like it and knows no
# way on.)
#
# ## 8 · A chain that order one cannot see at all
#
# So is one symbol of context at least always better than none? Take a chain of zeros and ones in which $x_t =
# x_{t-1} \oplus x_{t-2}$ (exclusive or: 1 if exactly one of them is 1) nine times out of ten, and the
# opposite otherwise.
#
# <details><summary>Predict: how much does a model of order 1 gain over order 0 here, and a model of order 3
# over order 2?</summary>
#
# Nothing, both times. If $x_{t-1}$ is 0, the next symbol mostly copies $x_{t-2}$; if it is 1, it is mostly
# the opposite of $x_{t-2}$. Without knowing $x_{t-2}$, either value is as likely as the other. And a third
# symbol adds nothing to a rule that reads two.
#
# </details>


# %% tags=["demo", "hide-input"] claims="0.6 E15"
def noisy_xor(T, random):
    ids = np.zeros(T, dtype=int)
    ids[:2] = random.integers(2, size=2)
    for t, flip in enumerate(random.random(T) < 0.1):
        if t >= 2:
            ids[t] = ids[t - 1] ^ ids[t - 2] ^ flip
    return ids


def nats(order, ids, held_out):
    rows = count_contexts(ids, order, 2).rows(context_codes(held_out, order, 2))
    p = smoothed(rows, 1.0)
    return -np.log(p[np.arange(len(p)), held_out[order:]]).mean()


def all_orders(seed):
    random = np.random.default_rng(seed)
    ids, held_out = noisy_xor(20_000, random), noisy_xor(20_000, random)
    return [nats(order, ids, held_out) for order in range(4)]


runs = np.array([all_orders(seed) for seed in range(5)])
fig, (ax,) = figure(width=6, height=3.2)
ax.bar(range(4), np.median(runs, axis=0), color=[RED, RED, GREEN, GREEN], alpha=0.35)
for k in range(4):
    ax.plot(np.full(len(runs), k), runs[:, k], ".", color=BLACK, markersize=5)
ax.axhline(np.log(2), color=BLACK, linestyle="--", linewidth=1)
ax.text(3.45, np.log(2) + 0.015, "a fair coin", ha="right", fontsize=9)
ax.set(xlabel="order of the Markov model", ylabel="nats per symbol", xticks=range(4), ylim=(0, 0.8))
show(
    fig,
    alt="Surprise per symbol of the noisy exclusive-or chain: that of a fair coin at orders 0 and 1, less "
    "than half at 2 and 3.",
)
print("nats at orders 0 to 3:", np.median(runs, axis=0).round(3))
floor = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
assert np.all(np.abs(runs[:, :2] - np.log(2)) < 0.01)  # orders 0 and 1: a fair coin
assert np.all(np.abs(runs[:, 2:] - floor) < 0.02)  # orders 2 and 3: all there is to know

# %% [markdown]
# One symbol back: nothing. Two symbols back: everything that can be known. (The dots are five chains, drawn
# anew.) What a Markov model loses is decided by where you cut, and no table of order 1 warns you.
#
# <details><summary>A sentence that is half right: "autoregressive is the same as Markov"</summary>
#
# This process *is* autoregressive, each symbol depends on those before it, and yet a model that cuts the
# history at one symbol sees a fair coin. A Markov model of order 2 is enough here; for the series in
# section 9 of lesson 01 no order is.
#
# </details>
#
# ## 9 · Many steps later
#
# Back to first order, for a question that needs no data: we are at symbol $i$; what is the symbol $n$ steps
# later? For two steps, go through any symbol $k$ in the middle and add up: $\sum_k P_{ik} P_{kj} = (P
# P)_{ij}$. In general
#
# $$p(x_{t+n} = j \mid x_t = i) = (P^n)_{ij} .$$


# %% exercise="n_step"
def n_step(P, n):
    """Probabilities of what comes n steps later.

    P (V, V) any chain, n >= 0 -> P_n (V, V): P_n[i, j] = p(x_{t+n} is j | x_t is i)
    Source: Kolmogorov (1931).
    """
    # BEGIN SOLUTION
    return np.linalg.matrix_power(P, n)
    # END SOLUTION


# %%
check(n_step)

# %% [markdown]
# ## 10 · In the long run
#
# Markov sorted his letters into vowels and consonants. Let us repeat his table for our text, and raise it to
# higher and higher powers.

# %% tags=["demo", "hide-input"]
markov = kinds[kinds < 2]  # as he did: letters only, spaces skipped
vowels = transition_matrix(count_bigrams(markov, 2), 0.5)
print("from a vowel:     to a vowel {:.2f}, to a consonant {:.2f}".format(*vowels[0]))
print("from a consonant: to a vowel {:.2f}, to a consonant {:.2f}".format(*vowels[1]))
show(
    chain(vowels, ["vowel", "consonant"]),
    alt="Two states, vowel and consonant: a thick arrow leads from vowel to consonant, a thinner one back; "
    "a consonant follows itself often, a vowel itself seldom.",
)

# %% [markdown]
# <details><summary>Predict: start from a vowel, and ask for the probability of a vowel 1, 2, 3, ... letters
# later. Does it fall smoothly to its long-run value?</summary>
#
# It swings. One letter after a vowel a vowel is unlikely, two letters after it likelier than on average,
# since the letter between was probably a consonant; and so on, less each time.
#
# </details>

# %% tags=["demo", "hide-input"]
steps = range(9)
fig, (ax,) = figure(width=6.5, height=3.2)
for i, name in enumerate(("a vowel", "a consonant")):
    ax.plot(
        steps,
        [n_step(vowels, n)[i, 0] for n in steps],
        marker="os"[i],
        color=COLOURS[i],
        label=f"after {name}",
    )
ax.axhline(
    np.mean(markov == 0), color=BLACK, linestyle="--", linewidth=1, label="share of vowels in the text"
)
ax.set(xlabel="steps later, $n$", ylabel="probability of a vowel")
ax.legend()
show(
    fig,
    alt="Probability of a vowel n letters after a vowel or a consonant: both curves swing and settle at the "
    "share of vowels.",
)
assert np.ptp(n_step(vowels, 8)[:, 0]) < 0.01  # where it started is forgotten

# %% [markdown]
# After a few letters both rows of $P^n$ are the same: the chain has forgotten where it started. What it
# settles at is a distribution $\pi$ that one more step does not change, the **stationary distribution**:
#
# $$\pi P = \pi, \qquad \sum_i \pi_i = 1 .$$
#
# It is a row of $V$ probabilities, and $\pi P$ is where they are one step later. In words of linear algebra,
# $\pi$ is a *left* eigenvector of $P$ with eigenvalue 1. Repeated multiplication is not a safe way to find
# it: a chain can step to and fro for ever (then $P^n$ never settles, although $\pi$ exists), or creep. Solve
# the $V$ equations $\pi (P - I) = 0$, together with the one that the entries add up to 1.


# %% exercise="stationary"
def stationary(P):
    """The distribution that one step leaves unchanged: pi P = pi.

    P (V, V), every symbol reachable from every other one (so there is exactly one such distribution)
    -> pi (V,). The chain may go round in circles, or move very slowly: repeated steps are not enough.
    Source: Kemeny and Snell (1960).
    """
    # BEGIN SOLUTION
    V = len(P)
    A = np.vstack([P.T - np.eye(V), np.ones(V)])  # (V+1, V): (P.T - I) pi = 0, and the sum is 1
    b = np.append(np.zeros(V), 1.0)
    return np.linalg.lstsq(A, b, rcond=None)[0]
    # END SOLUTION


# %%
check(stationary)

# %% tags=["demo", "hide-input"]
pi = stationary(P)
assert np.allclose(pi @ P, pi)
assert (
    np.abs(pi - start_text).max() < 0.002
)  # the long run of the chain = how often symbols occur in the text
to_and_fro = np.array([[0.0, 1.0], [1.0, 0.0]])
print("to and fro, P^100 and P^101:", n_step(to_and_fro, 100).tolist(), n_step(to_and_fro, 101).tolist())
print("and its stationary distribution:", stationary(to_and_fro))
assert np.allclose(stationary(to_and_fro), 0.5)

# %% [markdown]
# For our text, the stationary distribution is how often each symbol occurs in it. It has to be: in a text, a
# symbol is left as often as it is entered. And the chain that steps to and fro, whose powers never settle,
# has one as well.
#
# <details><summary>A remark, to skip at will: with decisions</summary>
#
# Give the chain a choice. In a **Markov decision process** an action $a$ picks which table the next step
# uses: $P_{a,s,s'}$, shape $(A,S,S)$, every row a distribution. A *policy*, the probability of each action in
# each state, averages the tables back into one ordinary chain, and all that you wrote above applies to it.
# Learning good policies is another course (reinforcement learning); its foundation is this lesson. The next
# cell acts out a policy, step by step, and finds the states as often as a power of the averaged matrix says.
#
# </details>

# %% tags=["demo", "hide-input"] claims="0.8"
random = np.random.default_rng(5)
A, S = 2, 3
P_action = random.dirichlet(np.ones(S), size=(A, S))  # (A, S, S)
policy = random.dirichlet(np.ones(A), size=S)  # (S, A)
P_policy = np.einsum("sa,ast->st", policy, P_action)  # (S, S)
assert np.allclose(P_action.sum(axis=2), 1)
assert np.allclose(P_policy.sum(axis=1), 1)

n, walks = 4, 20_000
states = np.zeros(walks, dtype=int)
for _ in range(n):  # act it out: draw an action, then the next state
    actions = (random.random(walks)[:, None] > policy[states].cumsum(axis=1)).sum(axis=1).clip(max=A - 1)
    ends = P_action[actions, states].cumsum(axis=1)
    states = (random.random(walks)[:, None] > ends).sum(axis=1).clip(max=S - 1)
print(
    "the remark on decisions, acted out:",
    np.bincount(states, minlength=S) / walks,
    " matrix power:",
    n_step(P_policy, n)[0].round(4),
)
assert np.abs(np.bincount(states, minlength=S) / walks - n_step(P_policy, n)[0]).max() < 0.02

# %% [markdown]
# ## What it cannot do yet
#
# A Markov model has to be told how far to look. Each further symbol multiplies its table by $V$, most of
# whose rows stay empty, and whatever lies beyond the order is lost, be it one bracket that was opened forty
# symbols ago. It also cannot *generalise*: after "the cat" it learns nothing for "the dog".
#
# In lesson 01 there was a hint of another way: one number, carried along and updated at every step, held what
# the entire past had to say. **Can a summary carry the whole past?** That is [lesson
# 03](../03_latent_autoregressive_models/latent_autoregressive_models.ipynb).
