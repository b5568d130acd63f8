# %% [markdown]
# # 08 · Stabilising training

# %%
import numpy as np

from autograder import check


# %% exercise="clip_by_global_norm"
def clip_by_global_norm(grads, max_norm):
    """Shorten all gradients by one common factor, so that together they are at most max_norm long.

    grads: list of arrays of any shapes, max_norm > 0 -> clipped: list of new arrays, same shapes;
    norm (): the length of all gradients together *before* clipping.
    Gradients that are short enough keep their values.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    # BEGIN SOLUTION
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    scale = max_norm / max(norm, max_norm)  # 1 for gradients that are short enough
    return [g * scale for g in grads], norm
    # END SOLUTION


# %%
check(clip_by_global_norm)


# %% exercise="clip_by_value"
def clip_by_value(grads, limit):
    """Move every entry into [-limit, limit], each one for itself.

    grads: list of arrays of any shapes, limit > 0 -> clipped: list of new arrays, same shapes
    Source: Mikolov (2012).
    """
    # BEGIN SOLUTION
    return [np.clip(g, -limit, limit) for g in grads]
    # END SOLUTION


# %%
check(clip_by_value)


# %% exercise="weight_decay_step"
def weight_decay_step(W, dW, lr, decay):
    """One gradient step on the loss plus the penalty decay/2 * (sum of squares of W).

    W, dW any shape (the same), lr and decay numbers -> the new W, a new array of that shape
    Source: Krogh and Hertz (1992).
    """
    # BEGIN SOLUTION
    return W - lr * (dW + decay * W)
    # END SOLUTION


# %%
check(weight_decay_step)


# %% exercise="identity_init"
def identity_init(H, scale):
    """Recurrent weights that copy the state: scale times the identity.

    H an integer, scale a number -> W_hh (H, H)
    Source: Le, Jaitly and Hinton (2015).
    """
    # BEGIN SOLUTION
    return scale * np.eye(H)
    # END SOLUTION


# %%
check(identity_init)


# %% exercise="orthogonal_init"
def orthogonal_init(gaussian):
    """A random rotation (or reflection): the Q of gaussian = Q R, with a positive diagonal in R.

    gaussian (H, H) -> W_hh (H, H), orthogonal: W_hh @ W_hh.T is the identity
    Source: Saxe, McClelland and Ganguli (2014); the signs: Mezzadri (2007).
    """
    # BEGIN SOLUTION
    Q, R = np.linalg.qr(gaussian)
    return Q * np.sign(np.diag(R))  # (H, H) * (H,): scales columns
    # END SOLUTION


# %%
check(orthogonal_init)


# %% exercise="irnn_step"
def irnn_step(x, h_prev, W_xh, W_hh, b_h):
    """One step of a recurrent network with ReLU: h_t = max(0, x_t W_xh + h_{t-1} W_hh + b_h).

    x (N, D), h_prev (N, H), W_xh (D, H), W_hh (H, H), b_h (H,) -> h (N, H)
    Source: Le, Jaitly and Hinton (2015), who start it at W_hh = I and b_h = 0.
    """
    # BEGIN SOLUTION
    return np.maximum(x @ W_xh + h_prev @ W_hh + b_h, 0)
    # END SOLUTION


# %%
check(irnn_step)
