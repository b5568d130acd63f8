"""Bits per character on lesson 02's held-out text, a number for each seed, as they were printed."""

RECORDED: dict[str, tuple[float, ...]] = {
    # The last lines of lesson 06's and lesson 09's training cells.
    "RNN of lesson 06": (1.971, 1.981, 1.983),
    "LSTM of lesson 09": (2.26, 2.30, 2.31),
    # benchmarks/bench_language_models.py gru lstm gpt: about equally many weights, trained for about as long
    "GRU at equal cost": (1.865, 1.839, 1.867),
    "LSTM at equal cost": (1.787, 1.775, 1.776),
    "this lesson's model": (1.840, 1.863, 1.874),
}
