"""Lesson 01: identities that windows, autoregression and padding must keep."""

import numpy as np

from tests.solved import solution_functions

S = solution_functions()


def test_windows_and_targets_are_slices_of_the_series():
    x = np.arange(10.0, 15.0)
    inputs, targets = S["make_windows"](x, 2)
    assert inputs.tolist() == [[10, 11], [11, 12], [12, 13]]
    assert targets.tolist() == [12, 13, 14]


def test_an_exact_recursion_is_recovered_and_continued():
    coef, intercept = np.array([-0.9, 1.6]), 3.0
    x = np.concatenate([[1.0, 4.0], S["forecast"](np.array([1.0, 4.0]), coef, intercept, 30)])
    found, constant = S["fit_ar"](x[:20], 2)
    np.testing.assert_allclose(found, coef, rtol=1e-8)
    np.testing.assert_allclose(constant, intercept, rtol=1e-7)
    np.testing.assert_allclose(S["forecast"](x[18:20], found, constant, 12), x[20:], rtol=1e-7)


def test_least_squares_leaves_errors_that_no_input_explains():
    x = np.random.default_rng(0).normal(size=50).cumsum()
    coef, intercept = S["fit_ar"](x, 3)
    inputs, targets = S["make_windows"](x, 3)
    errors = inputs @ coef + intercept - targets
    np.testing.assert_allclose(errors @ np.column_stack([inputs, np.ones(len(inputs))]), 0, atol=1e-8)


def test_a_far_forecast_of_a_damped_model_is_its_mean():
    coef, intercept = np.array([-0.5, 1.2]), 6.0
    far = S["forecast"](np.array([90.0, -20.0]), coef, intercept, 400)[-1]
    np.testing.assert_allclose(far, intercept / (1 - coef.sum()))


def test_a_window_model_is_a_convolution():
    random = np.random.default_rng(1)
    x, coef = random.normal(size=31), random.normal(size=5)
    inputs, _ = S["make_windows"](x, 5)
    np.testing.assert_allclose(inputs @ coef, np.convolve(x, coef[::-1], mode="valid")[:-1])


def test_what_is_padded_can_be_taken_out_again():
    random = np.random.default_rng(2)
    sequences = [random.normal(size=(T, 3)) for T in (4, 1, 7, 2)]
    batch, lengths = S["pad_batch"](sequences)
    mask = S["length_mask"](lengths, batch.shape[1])
    np.testing.assert_array_equal(batch[mask], np.concatenate(sequences))
    assert not batch[~mask].any()
    np.testing.assert_array_equal(S["last_valid"](batch, lengths), np.stack([s[-1] for s in sequences]))
