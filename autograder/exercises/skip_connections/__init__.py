"""Lesson 12: short cuts for the gradient, over depth and over time."""

RESNET = "He et al. (2016), Deep Residual Learning for Image Recognition"
DELAYS = (
    "Lin, Horne, Tino and Giles (1996), Learning Long-Term Dependencies Is Not as Difficult with NARX RNNs"
)
