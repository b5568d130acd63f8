"""Lesson 13: what the cases of several exercises draw."""


def sampled_case(rng, N, V, H, K, hits=True, scale=1.0):
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


def louder(h, W, b, *rest):
    """The same case with logits near 1000: their exponentials are no numbers, their softmax is as before."""
    return h, W, b + 1000, *rest
