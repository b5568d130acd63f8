import numpy as np


def time_average(x):
    return (x.astype("float32").astype(float) * 0 + x).T.mean(0)


def layer_at_every_step(x, W, b):
    return np.einsum("ntd,dh->nth", x, W) + b
