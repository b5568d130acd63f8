"""The references on other devices than the CPU, as far as it can be told without one."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

import autograder.exercises  # noqa: F401  fills the registry
from autograder.exercise import EXERCISES, Exercise
from autograder.judging.compare import difference
from autograder.oracle import device as devices
from autograder.oracle.pytorch import CPU, expected_result
from autograder.plain import leaves

#: Operations whose last bits depend on an order of summation or on a library of functions.
INEXACT = (
    "mm bmm addmm mv dot baddbmm linear sum mean prod cumsum logsumexp linalg_vector_norm pow exp log log1p "
    "tanh atanh sigmoid tanh_backward sigmoid_backward _softmax _log_softmax _softmax_backward_data "
    "_log_softmax_backward_data nll_loss_forward native_layer_norm lerp addcmul embedding_dense_backward "
    "_linalg_svd linalg_qr linalg_eig linalg_lstsq"
)


def takes_arrays(exercise: Exercise) -> bool:
    return any(isinstance(leaf, np.ndarray) for case in exercise.draw_cases(1) for leaf in leaves(case))


WITH_ARRAYS = [name for name, exercise in EXERCISES.items() if takes_arrays(exercise)]


@pytest.fixture
def fresh(monkeypatch):
    """The device is chosen anew."""
    monkeypatch.delenv("AUTOGRADER_DEVICE", raising=False)
    devices.device.cache_clear()
    yield monkeypatch
    devices.device.cache_clear()


@pytest.mark.parametrize("name", WITH_ARRAYS)
def test_every_tensor_is_made_where_the_arguments_live(name):
    exercise = EXERCISES[name]
    for case in exercise.draw_cases(1):
        expected = expected_result(exercise, case, CPU)
        with torch.device("meta"):  # what is made without a device holds no numbers, and cannot be mixed in
            assert difference(expected_result(exercise, case, CPU), expected, exercise.rtol) is None


class OtherLastBits(TorchDispatchMode):
    """Results of inexact operations get other last bits, as another device would give them."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(0)
        self.changed = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__ not in INEXACT.split():
            return result
        return tuple(map(self.change, result)) if isinstance(result, tuple) else self.change(result)

    def change(self, result):
        if not isinstance(result, torch.Tensor) or result.dtype != torch.float64:
            return result
        self.changed += 1
        bits = torch.randint(-2, 3, result.shape, generator=self.generator, dtype=torch.float64)
        exact = result * 1024 == (result * 1024).round()  # sums of quarters are the same everywhere
        return torch.where(exact, result, result * (1 + bits * torch.finfo(torch.float64).eps))


@pytest.mark.parametrize("name", EXERCISES)
def test_no_result_hangs_on_the_last_bits(name):
    exercise = EXERCISES[name]
    for case in exercise.draw_cases(1):
        expected = expected_result(exercise, case, CPU)
        with sdpa_kernel(SDPBackend.MATH), OtherLastBits():  # on CUDA, float64 has no other kernel
            assert difference(expected_result(exercise, case, CPU), expected, exercise.rtol) is None


def test_last_bits_are_changed_indeed():
    exercise = EXERCISES["lstm_backward"]
    case = exercise.draw_cases(1)[0]
    with OtherLastBits() as mode:
        changed = expected_result(exercise, case, CPU)
    assert mode.changed > 5
    assert not np.array_equal(changed[0], expected_result(exercise, case, CPU)[0])


@pytest.fixture
def cudnn(monkeypatch):
    """Recurrent layers refuse on the CPU as well what cuDNN does not take, or warns of."""
    at_first: dict[Any, Any] = {}

    def flattened(self):
        at_first.setdefault(self, pointers(self))  # it is called again where weights were swapped

    def checked(self, given, hidden, batch_sizes):
        states = hidden if isinstance(hidden, tuple) else (hidden,)
        assert pointers(self) == at_first[self], "weights of its own, in one piece of memory"
        assert self.training, "or there is no backward pass"
        assert all(state.is_contiguous() for state in states)

    monkeypatch.setattr(torch.nn.RNNBase, "flatten_parameters", flattened)
    for kind in (torch.nn.RNNBase, torch.nn.LSTM):
        monkeypatch.setattr(kind, "check_forward_args", checked)


def pointers(layer):
    return [weight.data_ptr() for weight in layer._flat_weights]


@pytest.mark.parametrize("name", EXERCISES)
def test_recurrent_layers_suit_cudnn(name, cudnn):
    for case in EXERCISES[name].draw_cases(1):
        expected_result(EXERCISES[name], case, CPU)


def test_borrowed_weights_do_not_suit_cudnn(cudnn):
    layer, x = torch.nn.RNN(2, 2, batch_first=True), torch.ones(1, 3, 2)
    layer(x)
    borrowed = {name: weight.clone() for name, weight in layer.named_parameters()}
    with pytest.raises(AssertionError, match="weights of its own"):
        torch.func.functional_call(layer, borrowed, (x,))


def test_least_squares_have_full_rank_as_cudas_driver_wants_it(monkeypatch):
    exercise, solve = EXERCISES["fit_ar"], torch.linalg.lstsq
    for case in exercise.draw_cases(1):
        expected = expected_result(exercise, case, CPU)
        with monkeypatch.context() as patched:
            patched.setattr(torch.linalg, "lstsq", lambda A, B: solve(A, B, driver="gels"))
            assert difference(expected_result(exercise, case, CPU), expected, exercise.rtol) is None


def test_a_gpu_that_does_not_compute_is_left_alone(fresh):
    fresh.setattr(torch.cuda, "is_available", lambda: True)
    fresh.setattr(devices, "_trouble", lambda wanted: "no kernel image is available for execution")
    assert devices.device() == CPU


@pytest.mark.parametrize("wanted", ["meta", "nonsense", "cuda:99"])
def test_a_device_that_is_not_there_is_refused_with_a_sentence(fresh, wanted):
    fresh.setenv("AUTOGRADER_DEVICE", wanted)
    with pytest.raises(ValueError, match=f"AUTOGRADER_DEVICE is '{wanted}', which cannot be used here"):
        devices.device()


def test_making_ready_is_a_backward_pass(fresh):
    done = []
    fresh.setattr(torch.Tensor, "backward", lambda self: done.append(self.device))
    devices.make_ready.__wrapped__(torch.device("meta"))
    devices.make_ready.__wrapped__(CPU)
    assert [where.type for where in done] == ["meta"]
