"""Lesson 13: output layers for very many classes."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  PyTorch's own custom

from autograder.exercise import exercise

JEAN = "Jean, Cho, Memisevic and Bengio (2015), On Using Very Large Target Vocabulary for NMT"
SENECAL = "Bengio and Senécal (2003), Quick Training of Probabilistic Neural Nets by Importance Sampling"
GOODMAN = "Goodman (2001), Classes for Fast Maximum Entropy Training"


# ---------------------------------------------------------------- log_uniform


@exercise(
    points=1,
    difficulty=1,
    minutes=6,
    returns=("q",),
    hints=(
        "The probability of class k is the length of a piece of the logarithm's axis, from k + 1 to k + 2.",
        "q_k = (log(k + 2) - log(k + 1)) / log(V + 1): the pieces for k = 0 .. V - 1 fill the axis "
        "from log 1 to "
        "log(V + 1).",
        "The body: return np.diff(np.log(np.arange(1, V + 2))) / np.log(V + 1)",
    ),
    source="Jozefowicz et al. (2016), Exploring the Limits of Language Modeling",
)
def log_uniform(V):
    rank = torch.arange(V, dtype=torch.float64)
    weights = torch.log1p(1 / (rank + 1))
    return weights / weights.sum()


@log_uniform.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield (7,)
    yield (101,)
    yield (2,)
    yield (1,)


@log_uniform.mistake(
    "You returned Zipf's 1 / (k + 1), normalised: close, but asked is the log-uniform one.", credit=0.25
)
def zipf(V):
    weights = 1 / np.arange(1, V + 1)
    return weights / weights.sum()


@log_uniform.mistake(
    "You divided by log(V): the pieces add up to log(V + 1), so that is the divisor.", credit=0.5
)
def divides_by_log_v(V):
    with np.errstate(all="ignore"):
        return np.diff(np.log(np.arange(1, V + 2))) / np.log(V)


@log_uniform.mistake("The weights are right but do not sum to 1: divide by log(V + 1).", credit=0.5)
def not_normalised(V):
    return np.diff(np.log(np.arange(1, V + 2)))


@log_uniform.mistake(
    "Your ranks start at 0, so the first class gets log(1 / 0), an infinity; class 0 has the piece "
    "from 1 to 2.",
    credit=0.25,
)
def ranks_from_zero(V):
    with np.errstate(all="ignore"):
        return np.diff(np.log(np.arange(0, V + 1))) / np.log(V + 1)


@log_uniform.mistake(
    "Class 0 is the most frequent one and must get the most; your order is reversed.", credit=0.5
)
def rarest_first(V):
    return np.diff(np.log(np.arange(1, V + 2)))[::-1] / np.log(V + 1)


@log_uniform.mistake("You gave every class 1 / V: log-uniform means uniform in the logarithm of the rank.")
def plainly_uniform(V):
    return np.full(V, 1 / V)


# ---------------------------------------------------------------- sample_candidates


@exercise(
    points=2,
    difficulty=2,
    minutes=10,
    returns=("ids",),
    hints=(
        "Lay the probabilities end to end on the line from 0 to 1. Each uniform falls into one piece.",
        "Class k owns the numbers u with cdf[k-1] <= u < cdf[k], where cdf = np.cumsum(q). "
        "np.searchsorted finds "
        "the piece; which side belongs to an exact hit?",
        "The body: return np.minimum(np.searchsorted(np.cumsum(q), uniforms, side='right'), len(q) - 1)",
    ),
    source="Devroye (1986), Non-Uniform Random Variate Generation, section III.2",
)
def sample_candidates(q, uniforms):
    below = torch.cumsum(q, dim=0)[None] <= uniforms[:, None]
    return below.sum(dim=1).clamp(max=len(q) - 1)


@sample_candidates.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    q = rng.uniform(0.2, 1, size=7)
    yield q / q.sum(), rng.uniform(size=23)
    q = rng.uniform(0.2, 1, size=5)
    yield q / q.sum(), rng.uniform(size=11)
    # Uniforms on the borders, and classes that can never be drawn.
    yield np.array([0.0, 0.5, 0.0, 0.25, 0.25]), np.array([0.0, 0.25, 0.5, 0.75, 0.99])
    # Ten times 0.1 sums to less than the largest uniform.
    yield np.full(10, 0.1), np.array([np.nextafter(1.0, 0.0), 0.05, 0.55])
    yield np.ones(1), np.array([0.0, 0.5])


def _inverse(q, uniforms):
    return np.minimum(np.searchsorted(np.cumsum(q), uniforms, side="right"), len(q) - 1)


@sample_candidates.mistake(
    "A uniform that hits a border belongs to the class above: use side='right' (yours can draw a class of "
    "probability 0).",
    credit=0.5,
)
def border_to_the_left(q, uniforms):
    return np.minimum(np.searchsorted(np.cumsum(q), uniforms), len(q) - 1)


@sample_candidates.mistake(
    "Rounding can leave the last cumulative sum just below 1, and then your id is V, which does not "
    "exist: clip to "
    "V - 1.",
    credit=0.75,
)
def not_clipped(q, uniforms):
    return np.searchsorted(np.cumsum(q), uniforms, side="right")


@sample_candidates.mistake("Your ids are one too large: classes are counted from 0.", credit=0.25)
def counts_from_one(q, uniforms):
    return _inverse(q, uniforms) + 1


@sample_candidates.mistake("You drew every class alike, floor(u V): q must decide how often a class comes.")
def ignores_q(q, uniforms):
    return (uniforms * len(q)).astype(int)


@sample_candidates.mistake(
    "You searched in q itself; lay the probabilities end to end first, with np.cumsum(q).", credit=0.25
)
def searches_q(q, uniforms):
    return np.minimum(np.searchsorted(q, uniforms, side="right"), len(q) - 1)


@sample_candidates.mistake(
    "You removed duplicates: the K draws are independent, and a frequent class may come several times.",
    credit=0.25,
)
def without_duplicates(q, uniforms):
    return np.unique(_inverse(q, uniforms))


@sample_candidates.mistake(
    "You took the most probable class every time; each uniform draws one class.",
)
def always_the_likeliest(q, uniforms):
    return np.full(len(uniforms), q.argmax())


@sample_candidates.mistake(
    "An argmax over `uniforms < cdf` gives class 0 where no entry is True: if rounding leaves the whole sum "
    "below u, take the last class.",
    credit=0.75,
)
def argmax_of_nothing(q, uniforms):
    return (uniforms[:, None] < np.cumsum(q)).argmax(axis=1)


# ---------------------------------------------------------------- corrected_logits


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("corrected",),
    hints=(
        "A class that is drawn often stands in the sum often: its term must be made smaller by as much.",
        "In K draws class j is expected K q_j times. Divide exp(logit) by that, which is a "
        "subtraction in the logit.",
        "The body: return logits - np.log(K * q_sampled)",
    ),
    source=SENECAL,
)
def corrected_logits(logits, q_sampled, K):
    return (
        logits - torch.log(q_sampled) - torch.log(torch.tensor(K, dtype=logits.dtype, device=logits.device))
    )


@corrected_logits.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(3, 7)), rng.uniform(0.01, 0.3, size=7), 7
    yield 5 * rng.normal(size=(2, 5)), rng.uniform(0.01, 0.3, size=5), 5
    yield rng.normal(size=(1, 3)), np.array([1e-300, 0.5, 1e-9]), 3
    yield rng.normal(size=(2, 1)), np.array([0.2]), 1


@corrected_logits.mistake(
    "You returned the logits as they came: subtract log(K q), or frequent classes count too often.",
)
def no_correction(logits, q_sampled, K):
    return logits.copy()


@corrected_logits.mistake(
    "The sign of the correction is flipped: frequent classes must lose, so subtract log(K q).", credit=0.25
)
def correction_added(logits, q_sampled, K):
    return logits + np.log(K * q_sampled)


@corrected_logits.mistake(
    "The log K is missing: class j is expected K q_j times among the K draws, not q_j times.", credit=0.5
)
def log_k_missing(logits, q_sampled, K):
    return logits - np.log(q_sampled)


@corrected_logits.mistake(
    "You subtracted K q itself; in the exponent stands its logarithm, logits - log(K q).", credit=0.25
)
def no_logarithm(logits, q_sampled, K):
    return logits - K * q_sampled


@corrected_logits.mistake(
    "You divided the logits by K q; the division belongs to exp(logit), so in the logit it is a "
    "subtraction of "
    "log(K q).",
    credit=0.25,
)
def divides_the_logits(logits, q_sampled, K):
    return logits / (K * q_sampled)


@corrected_logits.mistake("The log K has the wrong sign: subtract both log q and log K.", credit=0.25)
def log_k_added(logits, q_sampled, K):
    return logits - np.log(q_sampled) + np.log(K)


# ---------------------------------------------------------------- sampled_softmax_loss


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("loss",),
    hints=(
        "Each row has K + 1 classes: its own target first, then the K candidates that all rows "
        "share. Compute only "
        "those logits.",
        "Correct the target's logit and the candidates' alike, each with its own q. Then set a "
        "candidate to -inf in "
        "the rows where it is the target. What is left is an ordinary cross-entropy with class 0 as "
        "the answer.",
        "negative = corrected_logits(h @ W[sampled].T + b[sampled], q[sampled], K); "
        "negative[targets[:, None] == sampled] = -np.inf; then log-sum-exp over the K + 1 columns "
        "minus the target.",
    ),
    source=JEAN,
)
def sampled_softmax_loss(h, W, b, targets, sampled, q):
    logits = F.linear(h, W, b) - torch.log(len(sampled) * q)
    negative = logits[:, sampled].masked_fill(targets[:, None] == sampled, -torch.inf)
    every = torch.cat([logits.gather(1, targets[:, None]), negative], dim=1)
    return F.cross_entropy(every, torch.zeros_like(targets))


def _sampled_case(rng, N, V, H, K, hits=True, scale=1.0):
    q = rng.uniform(0.1, 1, size=V)
    targets = rng.integers(0, V, size=N)
    sampled = rng.integers(0, V, size=K)
    if hits:
        sampled[:3] = targets[0], targets[0], targets[-1]  # an accidental hit, twice, and another
    else:
        targets, sampled = targets % 2, 2 + sampled % (V - 2)
    return (
        scale * rng.normal(size=(N, H)),
        rng.normal(size=(V, H)),
        rng.normal(size=V),
        targets,
        sampled,
        q / q.sum(),
    )


@sampled_softmax_loss.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _sampled_case(rng, 5, 23, 3, 7)
    yield _sampled_case(rng, 3, 17, 2, 11)
    yield _sampled_case(rng, 2, 13, 5, 7, hits=False)
    yield _sampled_case(rng, 3, 11, 2, 5, scale=1000.0)  # exp of these overflows without a shift
    yield _sampled_case(rng, 1, 5, 2, 3)


def _sampled(
    h, W, b, targets, sampled, q,
    *, correct_target=None, correct=None, hits=True, with_target=True, shift=True, gone=-np.inf,
):  # fmt: skip
    """Loss per row (N,). `correct`, `correct_target` take q and K and give what is subtracted."""
    K = len(sampled)
    correct = (lambda q, K: np.log(K * q)) if correct is None else correct
    correct_target = correct if correct_target is None else correct_target
    target = (h * W[targets]).sum(axis=1) + b[targets] - correct_target(q[targets], K)
    negative = h @ W[sampled].T + b[sampled] - correct(q[sampled], K)
    if hits:
        negative = np.where(targets[:, None] == sampled, gone, negative)
    every = np.concatenate([target[:, None], negative], axis=1) if with_target else negative
    top = every.max(axis=1) if shift else np.zeros(len(h))
    return top + np.log(np.exp(every - top[:, None]).sum(axis=1)) - target


def _nothing(q, K):
    return np.zeros_like(q)


@sampled_softmax_loss.mistake(
    "The log q is missing: without the correction the loss is that of another model. Subtract log(K "
    "q) from the "
    "target's logit and from the candidates'.",
    credit=0.25,
)
def no_log_q(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct=_nothing).mean()


@sampled_softmax_loss.mistake("The sign of log(K q) is flipped: subtract it from every logit.", credit=0.25)
def log_q_added(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct=lambda q, K: -np.log(K * q)).mean()


@sampled_softmax_loss.mistake(
    "The target's logit is not corrected: it needs its own - log(K q[targets]), like the candidates.",
    credit=0.5,
)
def target_not_corrected(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct_target=_nothing).mean()


@sampled_softmax_loss.mistake(
    "The log K is missing on one side: the target lost log q and the candidates log(K q). It must cancel "
    "between them.",
    credit=0.5,
)
def log_k_only_on_candidates(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, correct_target=lambda q, K: np.log(q)).mean()


@sampled_softmax_loss.mistake(
    "The log K is missing among the candidates: they lose log(K q), just as the target does.", credit=0.5
)
def log_k_only_on_target(h, W, b, targets, sampled, q):
    return _sampled(
        h, W, b, targets, sampled, q,
        correct=lambda q, K: np.log(q), correct_target=lambda q, K: np.log(K * q),
    ).mean()  # fmt: skip


@sampled_softmax_loss.mistake(
    "Accidental hits are kept: where a candidate equals the row's own target it pushes the target "
    "down. Remove it "
    "from that row.",
    credit=0.5,
)
def hits_kept(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, hits=False).mean()


@sampled_softmax_loss.mistake(
    "You removed a candidate from all rows because it is the target of one; it goes only from the "
    "rows whose target "
    "it is.",
    credit=0.5,
)
def hits_removed_everywhere(h, W, b, targets, sampled, q):
    kept = sampled[~np.isin(sampled, targets)]
    K = len(sampled)
    return _sampled(h, W, b, targets, kept, q, correct=lambda q, _: np.log(K * q), hits=False).mean()


@sampled_softmax_loss.mistake(
    "The target is left out of the sum: it is one of the K + 1 classes, else the loss can fall below zero.",
    credit=0.25,
)
def target_left_out(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, with_target=False).mean()


@sampled_softmax_loss.mistake(
    "Duplicates among the candidates were merged; a class drawn twice stands in the sum twice, and K "
    "q counts on it.",
    credit=0.5,
)
def duplicates_merged(h, W, b, targets, sampled, q):
    K = len(sampled)
    once = np.unique(sampled)
    return _sampled(h, W, b, targets, once, q, correct=lambda q, _: np.log(K * q)).mean()


@sampled_softmax_loss.mistake(
    "Your exp overflows: subtract each row's largest logit before exp, and add it back after the logarithm.",
    credit=0.5,
)
def no_shift(h, W, b, targets, sampled, q):
    with np.errstate(all="ignore"):
        return _sampled(h, W, b, targets, sampled, q, shift=False).mean()


@sampled_softmax_loss.mistake(
    "The logits of accidental hits became 0, and exp(0) = 1 stays in the sum; minus infinity takes a class "
    "out.",
    credit=0.5,
)
def hits_set_to_zero(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q, gone=0.0).mean()


@sampled_softmax_loss.mistake("You summed over the rows; the loss is their mean.", credit=0.5)
def sums_over_rows(h, W, b, targets, sampled, q):
    return _sampled(h, W, b, targets, sampled, q).sum()


@sampled_softmax_loss.mistake("The bias is missing: a class's logit is h W_j + b_j.", credit=0.25)
def no_bias(h, W, b, targets, sampled, q):
    return _sampled(h, W, np.zeros_like(b), targets, sampled, q).mean()


@sampled_softmax_loss.mistake(
    "That is the full softmax over all V classes: right for evaluation, but the point here is to "
    "touch only the "
    "target and the K candidates."
)
def full_softmax(h, W, b, targets, sampled, q):
    return _full(h, W, b, targets).mean()


def _full(h, W, b, targets):
    logits = h @ W.T + b
    top = logits.max(axis=1, keepdims=True)
    log_z = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return log_z - logits[np.arange(len(h)), targets]


# ---------------------------------------------------------------- sampled_softmax_backward


@exercise(
    points=4,
    difficulty=3,
    minutes=25,
    returns=("dh", "dW", "db"),
    hints=(
        "It is the gradient of a cross-entropy over K + 1 classes: probabilities minus one at the "
        "target, over N.",
        "The correction is a constant, so it has no gradient of its own. The target's column goes to "
        "row targets[n] "
        "of dW, a candidate's column to row sampled[k], and rows can be met several times.",
        "dh = d_target[:, None] * W[targets] + d_negative @ W[sampled]; np.add.at(dW, targets, "
        "d_target[:, None] * "
        "h); np.add.at(dW, sampled, d_negative.T @ h); and the same for db.",
    ),
    source=JEAN,
)
def sampled_softmax_backward(h, W, b, targets, sampled, q):
    leaves = [tensor.clone().requires_grad_() for tensor in (h, W, b)]
    return torch.autograd.grad(sampled_softmax_loss.reference(*leaves, targets, sampled, q), leaves)


@sampled_softmax_backward.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    case = _sampled_case(rng, 5, 23, 3, 7)
    case[3][1] = case[3][0]  # two rows with one target
    yield case
    yield _sampled_case(rng, 3, 17, 2, 11)
    yield _sampled_case(rng, 2, 13, 5, 7, hits=False)
    yield _sampled_case(rng, 1, 5, 2, 3)


def _columns(h, W, b, targets, sampled, q, hits=True, correct=True, correct_target=True):
    """Gradient of the mean loss with respect to the target's logit (N,) and the candidates' (N, K)."""
    scale = np.log(len(sampled) * q) if correct else np.zeros_like(q)
    target = (h * W[targets]).sum(axis=1) + b[targets] - correct_target * scale[targets]
    negative = h @ W[sampled].T + b[sampled] - scale[sampled]
    if hits:
        negative = np.where(targets[:, None] == sampled, -np.inf, negative)
    every = np.concatenate([target[:, None], negative], axis=1)
    p = np.exp(every - every.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[:, 0] -= 1
    return p[:, 0] / len(h), p[:, 1:] / len(h)


def _spread(h, W, targets, sampled, of_target, of_negative, add=np.add.at):
    dW, db = np.zeros_like(W), np.zeros(len(W))
    add(dW, targets, of_target[:, None] * h)
    add(dW, sampled, of_negative.T @ h)
    add(db, targets, of_target)
    add(db, sampled, of_negative.sum(axis=0))
    return of_target[:, None] * W[targets] + of_negative @ W[sampled], dW, db


def _plain_add(array, ids, values):
    array[ids] += values


@sampled_softmax_backward.mistake(
    "Duplicates overwrite each other: dW[ids] += ... counts a row once, however often it is met. Use "
    "np.add.at.",
    credit=0.5,
)
def duplicates_overwrite(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, *columns, add=_plain_add)


@sampled_softmax_backward.mistake(
    "Minus one at the target is missing: its column is p - 1, the candidates' columns are p.", credit=0.25
)
def minus_one_missing(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target + 1 / len(h), of_negative)


@sampled_softmax_backward.mistake(
    "Accidental hits are kept: a candidate that is the row's own target has no gradient in that row.",
    credit=0.5,
)
def hits_kept_in_backward(h, W, b, targets, sampled, q):
    return _spread(h, W, targets, sampled, *_columns(h, W, b, targets, sampled, q, hits=False))


@sampled_softmax_backward.mistake(
    "The probabilities were taken from the uncorrected logits: subtract log(K q) as in the loss.", credit=0.25
)
def uncorrected_in_backward(h, W, b, targets, sampled, q):
    return _spread(h, W, targets, sampled, *_columns(h, W, b, targets, sampled, q, correct=False))


@sampled_softmax_backward.mistake(
    "The loss is a mean over the N rows: divide its gradients by N.", credit=0.5
)
def not_divided_by_n(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target * len(h), of_negative * len(h))


@sampled_softmax_backward.mistake(
    "Only the candidates got a gradient: the target's row of W and its share of dh are missing.", credit=0.25
)
def only_candidates(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, 0 * of_target, of_negative)


@sampled_softmax_backward.mistake(
    "Only the targets got a gradient: the candidates are pushed down by their probabilities.", credit=0.25
)
def only_targets(h, W, b, targets, sampled, q):
    of_target, of_negative = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, of_target, 0 * of_negative)


def _assign(array, ids, values):
    array[ids] = values


@sampled_softmax_backward.mistake(
    "Rows were assigned with =, so what a row had received before is lost; every contribution is added, with "
    "np.add.at.",
    credit=0.25,
)
def rows_assigned(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q)
    return _spread(h, W, targets, sampled, *columns, add=_assign)


@sampled_softmax_backward.mistake(
    "The target's logit was not corrected: subtract log(K q[targets]) from it, as from the candidates', "
    "before the softmax.",
    credit=0.5,
)
def target_not_corrected_in_backward(h, W, b, targets, sampled, q):
    columns = _columns(h, W, b, targets, sampled, q, correct_target=False)
    return _spread(h, W, targets, sampled, *columns)


# ---------------------------------------------------------------- output_loss


@exercise(
    points=2,
    difficulty=1,
    minutes=8,
    returns=("loss",),
    hints=(
        "Two cases. Which of them may look at a sample, and which must look at every class?",
        "Training: sampled_softmax_loss. Evaluation: the mean of log Z - logit[target] over all V "
        "classes, without "
        "any correction.",
        "logits = h @ W.T + b; top = logits.max(axis=1); log_z = top + np.log(np.exp(logits - top[:, None])."
        "sum(axis=1)); return np.mean(log_z - logits[np.arange(N), targets])",
    ),
    source=JEAN,
)
def output_loss(h, W, b, targets, sampled, q, training):
    if training:
        return sampled_softmax_loss.reference(h, W, b, targets, sampled, q)
    return F.cross_entropy(F.linear(h, W, b), targets)


@output_loss.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield *_sampled_case(rng, 5, 23, 3, 7), True
    yield *_sampled_case(rng, 3, 17, 2, 5), False
    yield *_sampled_case(rng, 2, 13, 5, 7), False
    yield *_sampled_case(rng, 3, 11, 2, 5, scale=1000.0), False
    yield *_sampled_case(rng, 1, 5, 2, 3), True


@output_loss.mistake(
    "The sampled softmax is used at evaluation too: it sums over K + 1 classes of V, so its number is no "
    "perplexity. Evaluate with all V classes."
)
def sampled_at_evaluation(h, W, b, targets, sampled, q, training):
    return _sampled(h, W, b, targets, sampled, q).mean()


@output_loss.mistake(
    "You used the full softmax in training as well, and pay for all V classes at every step.", credit=0.25
)
def full_in_training(h, W, b, targets, sampled, q, training):
    return _full(h, W, b, targets).mean()


@output_loss.mistake("The two cases are swapped: sampled in training, full at evaluation.")
def cases_swapped(h, W, b, targets, sampled, q, training):
    loss = _full(h, W, b, targets) if training else _sampled(h, W, b, targets, sampled, q)
    return loss.mean()


@output_loss.mistake(
    "At evaluation you still subtract log(K q): the correction belongs to the sample, and there is "
    "no sample.",
    credit=0.25,
)
def corrected_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    return _full(h, W, b - np.log(len(sampled) * q), targets).mean()


@output_loss.mistake("At evaluation exp overflows: subtract each row's largest logit before exp.", credit=0.5)
def no_shift_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    logits = h @ W.T + b
    with np.errstate(all="ignore"):
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(h)), targets])


@output_loss.mistake("That is the perplexity, exp of the loss; return the mean of -log p itself.", credit=0.5)
def returns_perplexity(h, W, b, targets, sampled, q, training):
    loss = _sampled(h, W, b, targets, sampled, q) if training else _full(h, W, b, targets)
    with np.errstate(all="ignore"):
        return np.exp(loss.mean())


@output_loss.mistake("At evaluation the bias is missing: a class's logit is h W_j + b_j.", credit=0.5)
def no_bias_at_evaluation(h, W, b, targets, sampled, q, training):
    if training:
        return _sampled(h, W, b, targets, sampled, q).mean()
    return _full(h, W, np.zeros_like(b), targets).mean()


# ---------------------------------------------------------------- sparse_embedding_step


@exercise(
    points=2,
    difficulty=2,
    minutes=8,
    returns=("E",),
    hints=(
        "Only the rows named in ids change, and a row named twice changes twice.",
        "E[ids] -= ... forgets repetitions: NumPy reads all rows first and writes the last value. "
        "np.add.at does not.",
        "The body: E = E.copy(); np.add.at(E, ids, -lr * dx); return E",
    ),
    source="Mikolov et al. (2013), Distributed Representations of Words and Phrases",
)
def sparse_embedding_step(E, ids, dx, lr):
    leaf = E.clone().requires_grad_()
    (F.embedding(ids, leaf) * dx).sum().backward()
    return (leaf - lr * leaf.grad).detach()


@sparse_embedding_step.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield rng.normal(size=(11, 3)), np.array([4, 1, 4, 7, 4]), rng.normal(size=(5, 3)), 0.3
    yield rng.normal(size=(7, 2)), np.array([0, 6, 0]), rng.normal(size=(3, 2)), 0.05
    yield rng.normal(size=(5, 3)), np.array([2, 2]), rng.normal(size=(2, 3)), 1.5
    yield rng.normal(size=(2, 3)), np.array([1]), rng.normal(size=(1, 3)), 0.1


@sparse_embedding_step.mistake(
    "Duplicates overwrite each other: E[ids] -= lr * dx moves a row once, however often it occurs. "
    "Use np.add.at.",
    credit=0.5,
)
def repeated_rows_overwrite(E, ids, dx, lr):
    E = E.copy()
    E[ids] -= lr * dx
    return E


@sparse_embedding_step.mistake(
    "The sign is flipped: step against the gradient, E - lr * gradient.", credit=0.25
)
def steps_uphill(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, lr * dx)
    return E


@sparse_embedding_step.mistake(
    "You changed E in place; work on a copy, the caller still needs the old table.", credit=0.5
)
def changes_e_itself(E, ids, dx, lr):
    np.add.at(E, ids, -lr * dx)
    return E


@sparse_embedding_step.mistake(
    "You averaged a row's gradients over its occurrences; they add up.", credit=0.25
)
def averages_duplicates(E, ids, dx, lr):
    E, counts = E.copy(), np.bincount(ids, minlength=len(E))
    np.add.at(E, ids, -lr * dx / counts[ids][:, None])
    return E


@sparse_embedding_step.mistake("The learning rate is missing: move by lr times the gradient.", credit=0.25)
def no_learning_rate(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, -dx)
    return E


@sparse_embedding_step.mistake(
    "You added the whole batch's gradient to every row named in ids; row ids[n] gets dx[n] alone."
)
def whole_batch_to_each(E, ids, dx, lr):
    E = E.copy()
    E[ids] -= lr * dx.sum(axis=0)
    return E


@sparse_embedding_step.mistake("Every row of E moved; only the rows named in ids do, each by its own dx.")
def moves_all_rows(E, ids, dx, lr):
    return E - lr * dx.sum(axis=0)


@sparse_embedding_step.mistake(
    "You divided by the number of words in the batch; the gradients dx are summed as they are.", credit=0.25
)
def divides_by_the_batch(E, ids, dx, lr):
    E = E.copy()
    np.add.at(E, ids, -lr * dx / len(ids))
    return E


@sparse_embedding_step.mistake(
    "That is the movement alone; return the new table, the old one plus its movement.", credit=0.25
)
def returns_the_movement(E, ids, dx, lr):
    moved = np.zeros_like(E)
    np.add.at(moved, ids, -lr * dx)
    return moved


# ---------------------------------------------------------------- class_log_prob


@exercise(
    points=3,
    difficulty=2,
    minutes=20,
    returns=("log_p",),
    hints=(
        "Two ordinary softmaxes in a row: which class, and which word inside that class. Multiply "
        "probabilities by "
        "adding their logarithms.",
        "The second softmax needs, for each row n, the matrix of its own class: W_w[classes] is (N, H, M). "
        "np.einsum('nh,nhm->nm', h, W_w[classes]) multiplies row by row.",
        "Write log_softmax(z) = z - max - log(sum(exp(z - max))), apply it to both sets of logits, "
        "pick column "
        "classes[n] from the first and words[n] from the second, and add.",
    ),
    source=GOODMAN,
)
def class_log_prob(h, W_c, b_c, W_w, b_w, classes, words):
    of_class = F.log_softmax(h @ W_c + b_c, dim=1).gather(1, classes[:, None])[:, 0]
    inside = torch.bmm(h[:, None], W_w[classes])[:, 0] + b_w[classes]
    return of_class - F.cross_entropy(inside, words, reduction="none")


def _class_case(rng, N, H, C, M, scale=1.0):
    classes, words = rng.integers(0, C, size=N), rng.integers(0, M, size=N)
    classes[0], classes[-1] = 1, C - 1
    return (
        scale * rng.normal(size=(N, H)),
        rng.normal(size=(H, C)),
        rng.normal(size=C),
        rng.normal(size=(C, H, M)),
        rng.normal(size=(C, M)),
        classes,
        words,
    )


@class_log_prob.cases
def _(rng: np.random.Generator) -> Iterator[tuple]:
    yield _class_case(rng, 5, 3, 7, 11)
    yield _class_case(rng, 3, 2, 5, 3)
    yield _class_case(rng, 2, 5, 3, 7, scale=1000.0)  # exp of these overflows without a shift
    yield _class_case(rng, 1, 3, 2, 5)


def _log_softmax(z):
    top = z.max(axis=-1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(axis=-1, keepdims=True))


def _two_levels(h, W_c, b_c, W_w, b_w, classes, words):
    """log p(class) and log p(word | class), each (N,)."""
    rows = np.arange(len(h))
    of_class = _log_softmax(h @ W_c + b_c)[rows, classes]
    inside = np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes]
    return of_class, _log_softmax(inside)[rows, words]


@class_log_prob.mistake(
    "Only the word inside its class is counted: add the log-probability of the class.", credit=0.25
)
def class_term_missing(h, W_c, b_c, W_w, b_w, classes, words):
    return _two_levels(h, W_c, b_c, W_w, b_w, classes, words)[1]


@class_log_prob.mistake(
    "Only the class is counted: add the log-probability of the word inside it.", credit=0.25
)
def word_term_missing(h, W_c, b_c, W_w, b_w, classes, words):
    return _two_levels(h, W_c, b_c, W_w, b_w, classes, words)[0]


@class_log_prob.mistake(
    "You multiplied the two log-probabilities; probabilities multiply, so their logarithms add.", credit=0.25
)
def logs_multiplied(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, inside = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    return of_class * inside


@class_log_prob.mistake("You returned the probability; asked is its logarithm.", credit=0.5)
def returns_probability(h, W_c, b_c, W_w, b_w, classes, words):
    return np.exp(sum(_two_levels(h, W_c, b_c, W_w, b_w, classes, words)))


@class_log_prob.mistake(
    "The sign is flipped: return log p, which is at most 0, not the loss -log p.", credit=0.5
)
def returns_loss(h, W_c, b_c, W_w, b_w, classes, words):
    return -sum(_two_levels(h, W_c, b_c, W_w, b_w, classes, words))


@class_log_prob.mistake(
    "Every row used the first row's class for its second softmax; row n needs W_w[classes[n]] and "
    "b_w[classes[n]].",
    credit=0.25,
)
def one_class_for_all(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    first = classes[0]
    inside = _log_softmax(h @ W_w[first] + b_w[first])
    return of_class + inside[np.arange(len(h)), words]


@class_log_prob.mistake(
    "Your exp overflows: in both softmaxes subtract the largest logit of the row first.", credit=0.5
)
def no_shift_in_classes(h, W_c, b_c, W_w, b_w, classes, words):
    rows = np.arange(len(h))
    with np.errstate(all="ignore"):
        first, second = np.exp(h @ W_c + b_c), np.exp(np.einsum("nh,nhm->nm", h, W_w[classes]) + b_w[classes])
        p = (first / first.sum(axis=1, keepdims=True))[rows, classes]
        return np.log(p) + np.log((second / second.sum(axis=1, keepdims=True))[rows, words])


@class_log_prob.mistake(
    "The second softmax runs over the words of all classes together; inside a class it sums over "
    "that class's M words.",
    credit=0.25,
)
def normalised_over_all_words(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    logits = np.einsum("nh,chm->ncm", h, W_w) + b_w
    flat = _log_softmax(logits.reshape(len(h), -1)).reshape(logits.shape)
    return of_class + flat[np.arange(len(h)), classes, words]


@class_log_prob.mistake(
    "You added the logits of class and word and normalised once, over all C M words; these are two "
    "softmaxes, the first over the C classes alone.",
    credit=0.25,
)
def one_softmax_of_sums(h, W_c, b_c, W_w, b_w, classes, words):
    logits = (h @ W_c + b_c)[:, :, None] + np.einsum("nh,chm->ncm", h, W_w) + b_w
    return _log_softmax(logits.reshape(len(h), -1))[np.arange(len(h)), classes * b_w.shape[1] + words]


@class_log_prob.mistake(
    "The second softmax belongs to the class that looks likeliest; take the target's own class, "
    "W_w[classes[n]].",
    credit=0.25,
)
def class_by_argmax(h, W_c, b_c, W_w, b_w, classes, words):
    of_class, _ = _two_levels(h, W_c, b_c, W_w, b_w, classes, words)
    likeliest = (h @ W_c + b_c).argmax(axis=1)
    return of_class + _two_levels(h, W_c, b_c, W_w, b_w, likeliest, words)[1]


@class_log_prob.mistake(
    "The biases are missing: add b_c to the classes' logits and b_w[classes] to the words'."
)
def no_biases_in_two_levels(h, W_c, b_c, W_w, b_w, classes, words):
    return sum(_two_levels(h, W_c, np.zeros_like(b_c), W_w, np.zeros_like(b_w), classes, words))
