"""What the rules say of checkpoints, schedulers and searches, held against the real libraries."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest

from tests.rules.proofs import module, resolve
from vaelint.knowledge import Library, Selector, load
from vaelint.knowledge.schema import KEY

LIBRARIES = [library for library in load().libraries() if library.selectors]
SELECTORS = [
    (library, made)
    for library in LIBRARIES
    for name in library.selectors
    if (made := library.selector(name)) is not None
]
IDS = [made.name for _, made in SELECTORS]


def real(library: Library, selector: Selector) -> Any:
    if all(module(root) is None for root in library.roots):
        pytest.skip(f"{library.name} is not installed")
    found = resolve(selector.name)
    if inspect.ismodule(found):  # `hyperopt.fmin` is a function, and a module of that name
        found = getattr(found, selector.name.rpartition(".")[2])
    if found is None and selector.name in library.optional:
        pytest.skip(f"{selector.name} is not in this version")
    assert found is not None, f"{selector.name} does not exist"
    return found


def parameters(thing: Any) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(thing).parameters)


@pytest.mark.parametrize("library, selector", SELECTORS, ids=IDS)
def test_the_parameters_are_those_of_the_library(library: Library, selector: Selector) -> None:
    given = parameters(real(library, selector))
    spoken = [p for p in (selector.metric, selector.mode, selector.objective) if p and p != KEY]
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in given.values())
    assert open_ended or not [p for p in spoken if p not in given]
    places = [n for n, p in given.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert all(places[i] == p for i, p in enumerate(selector.params) if p in given)


@pytest.mark.parametrize("library, selector", SELECTORS, ids=IDS)
def test_the_default_is_that_of_the_library(library: Library, selector: Selector) -> None:
    thing = real(library, selector)
    if [pattern for pattern, _ in selector.default] != ["*"] or selector.mode not in parameters(thing):
        pytest.skip("it depends on the metric, or there is none: see the tests below")
    given = parameters(thing)[selector.mode].default
    default = "+" if isinstance(given, float) and given > 0 else str(given).lower()
    if default in selector.auto:
        pytest.skip("what None means is tried out below")
    values = selector.minimize if selector.default[0][1] == "minimize" else selector.maximize
    assert default in values


@pytest.mark.parametrize("library, selector", SELECTORS, ids=IDS)
def test_the_methods_that_take_a_value_exist(library: Library, selector: Selector) -> None:
    thing = real(library, selector)
    if not inspect.isclass(thing):
        pytest.skip("a function: see the tests below")
    for name, position in selector.takes.items():
        assert len(parameters(getattr(thing, name))) > position + 1


def test_optuna_minimises_unless_told_otherwise() -> None:
    optuna: Any = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    assert study.best_value == min(t.value for t in study.trials)
    assert optuna.create_study(direction="maximize").direction is optuna.study.StudyDirection.MAXIMIZE


def test_a_scheduler_reduces_when_a_loss_does_not_fall() -> None:
    torch: Any = pytest.importorskip("torch")
    for mode, values in ((None, [1.0, 2.0, 3.0]), ("max", [3.0, 2.0, 1.0])):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        given = {} if mode is None else {"mode": mode}
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, **given)
        for value in values:
            scheduler.step(value)
        assert optimizer.param_groups[0]["lr"] < 1.0


def test_lightning_keeps_the_smallest_unless_told_otherwise() -> None:
    callbacks: Any = pytest.importorskip("lightning.pytorch.callbacks")
    torch: Any = pytest.importorskip("torch")
    assert callbacks.EarlyStopping("x").monitor_op(torch.tensor(1.0), torch.tensor(2.0))
    assert not callbacks.EarlyStopping("x", mode="max").monitor_op(torch.tensor(1.0), torch.tensor(2.0))
    assert callbacks.ModelCheckpoint(monitor="x").mode == "min"


@pytest.mark.parametrize("name, greater", [("loss", False), ("eval_loss", False), ("accuracy", True), ("wer", True)])
def test_a_trainer_takes_everything_but_a_loss_to_be_better_when_greater(name: str, greater: bool) -> None:
    transformers: Any = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    arguments = transformers.TrainingArguments("out", metric_for_best_model=name, use_cpu=True, report_to=[])
    assert arguments.greater_is_better is greater


def test_a_scorer_negates_what_is_better_when_smaller() -> None:
    metrics: Any = pytest.importorskip("sklearn.metrics")
    dummy: Any = pytest.importorskip("sklearn.dummy")
    model = dummy.DummyRegressor(strategy="constant", constant=1.0).fit([[0.0]], [0.0])
    score = metrics.make_scorer(metrics.mean_squared_error)(model, [[0.0]], [0.0])
    negated = metrics.make_scorer(metrics.mean_squared_error, greater_is_better=False)(model, [[0.0]], [0.0])
    assert math.isclose(score, 1.0) and math.isclose(negated, -1.0)


def test_keras_auto_takes_a_metric_of_ones_own_for_a_loss_or_refuses() -> None:
    callbacks: Any = pytest.importorskip("tf_keras.callbacks")
    import numpy as np

    assert callbacks.EarlyStopping(monitor="val_dice_coef").monitor_op is np.less
    assert callbacks.EarlyStopping(monitor="val_accuracy").monitor_op is np.greater
