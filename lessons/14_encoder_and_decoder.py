# %% [markdown]
# # 14 · Encoder and decoder
#
# **Question:** how does a sequence become another sequence?

# %%
import numpy as np

from autograder import check

# %% carry="rnn_step rnn_forward softmax cross_entropy"


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


# %% exercise="target_mask"
def target_mask(targets, eos):
    """Which targets count in the loss? Those up to and including the first eos of each row.

    targets (N, T) integers, eos a token -> mask (N, T) booleans, True = real.
    What stands after the first eos is padding, whatever it looks like (some data pad with 0, others with eos).
    A row without eos was cut off before its end: all of it counts.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 10.2.4.
    """
    # BEGIN SOLUTION
    ends = targets == eos
    ended_before = np.cumsum(ends, axis=1) - ends
    return ended_before == 0
    # END SOLUTION


# %%
check(target_mask)


# %% exercise="encode"
def encode(x, lengths, W_xh, W_hh, b_h):
    """Read a batch of padded sentences, from a state of zeros, and keep what was read.

    x (N, T, D), lengths (N,) integers from 1 to T, W_xh (D, H), W_hh (H, H), b_h (H,)
    -> states (N, T, H) after every step, context (N, H) the state after each sentence's last real step.
    The states at padding are left as the network makes them; nobody will look there.
    Source: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder.
    """
    # BEGIN SOLUTION
    N, H = x.shape[0], W_hh.shape[0]
    states = rnn_forward(x, np.zeros((N, H)), W_xh, W_hh, b_h)
    return states, states[np.arange(N), lengths - 1]
    # END SOLUTION


# %%
check(encode)


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


# %% exercise="scheduled_inputs"
def scheduled_inputs(targets, predictions, uniforms, p, sos):
    """Inputs between teacher forcing (p = 1) and free running (p = 0).

    targets (N, T), predictions (N, T) integers: at each step the true token and the model's own,
    uniforms (N, T) numbers in [0, 1), p the probability of the true token -> y_in (N, T) integers.
    y_in[n, 0] is sos. y_in[n, t] is targets[n, t-1] if uniforms[n, t] < p, else predictions[n, t-1].
    Source: Bengio, Vinyals, Jaitly and Shazeer (2015), Scheduled Sampling.
    """
    # BEGIN SOLUTION
    return np.where(uniforms < p, shift_right(targets, sos), shift_right(predictions, sos))
    # END SOLUTION


# %%
check(scheduled_inputs)


# %% exercise="greedy_decode"
def greedy_decode(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len):
    """Write one sentence: at every step the most probable token, which is then the next step's input.

    context (H,) the state before the first step, E (V, D) one embedding per token,
    W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,), sos the first input,
    eos the token that ends the sentence, max_len the most tokens that may be written
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


# %% exercise="beam_search"
def beam_search(context, E, W_xh, W_hh, b_h, W_hy, b_y, sos, eos, max_len, width):
    """Write one sentence, keeping the `width` best beginnings at every step.

    Arguments as in greedy_decode, and width the number of hypotheses that survive each round
    -> ids (length,) an integer array, also when it is empty, without sos and without eos,
       score a number: the sum of log-probabilities of the tokens chosen, that of eos included.
    There are max_len rounds. In each, every unfinished hypothesis grows by every token of the vocabulary, a
    finished one (it has chosen eos) stays as it is with its score, and of all these the `width` with the
    highest scores survive. At the end the survivor with the highest score is returned, finished or not.
    Source: Sutskever, Vinyals and Le (2014), section 3.2.
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
