"""What is declared increasing is increasing, what is declared decreasing decreases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.rules.proofs import HIGH, LOW, atoms, flat, passes_as_said
from vaelint.knowledge import load
from vaelint.sense import Pass


def _torch() -> Callable[[Any], Any]:
    torch = pytest.importorskip("torch")
    return lambda x: torch.tensor(x) if not hasattr(x, "detach") else x


def _jax() -> Callable[[Any], Any]:
    jnp = pytest.importorskip("jax.numpy")
    return lambda x: jnp.asarray(x)


def _numpy() -> Callable[[Any], Any]:
    np = pytest.importorskip("numpy")
    return lambda x: np.asarray(x)


def _tensorflow() -> Callable[[Any], Any]:
    tf = pytest.importorskip("tensorflow")
    return lambda x: tf.constant(x)


def _python() -> Callable[[Any], Any]:
    np = pytest.importorskip("numpy")
    return lambda x: float(np.asarray(x).ravel()[0])


ARRAYS = {
    "torch": _torch,
    "jax": _jax,
    "numpy": _numpy,
    "scipy": _numpy,
    "flax": _jax,
    "tensorflow": _tensorflow,
    "keras": _tensorflow,
    "python": _python,
}


@pytest.mark.parametrize("library", ARRAYS)
def test_functions(library: str) -> None:
    if library in ("flax", "keras", "scipy"):
        pytest.importorskip(library)
    wrong, unproved, proved = atoms(library, ARRAYS[library]())
    assert not wrong, "\n".join(wrong)
    assert len(unproved) <= 0.08 * proved + 1, "\n".join(unproved)


@pytest.mark.parametrize("how", [Pass.KEEP, Pass.FLIP])
def test_methods_of_tensors(how: Pass) -> None:
    torch = pytest.importorskip("torch")
    array = _torch()
    wrong, unproved, proved = [], [], 0
    for method in load().methods():
        if method.on != "tensor" or method.passes is not how or not hasattr(torch.Tensor, method.name):
            continue
        name = method.name

        def call(x: Any, *args: Any, name: str = name) -> Any:
            member = getattr(x.clone(), name)
            return member(*args) if callable(member) else member

        verdict = passes_as_said(call, how, array)
        if verdict is None:
            unproved.append(name)
        elif not verdict:
            wrong.append(name)
        proved += verdict is True
    assert not wrong, wrong
    assert len(unproved) <= 0.15 * proved, unproved


def test_the_samples_differ() -> None:
    assert (flat(HIGH) > flat(LOW)).all()
