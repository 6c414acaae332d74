"""What is picked as the best: through names, by what it is used for, and from the top of a ranking of likeness."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics.pairwise import cosine_similarity

"""
KEPT = """\

def fit(net, loader, x_val, y_val, steps):
    history, states = [], []
    for x, y in loader:
        steps(net, x, y)
        history.append(F.mse_loss(net(x_val), y_val).item())
        states.append(net.state_dict())
"""
RANKED = """\

def search(queries, bank, top_k, n_top, k):
"""


def codes(*parts: str) -> list[str]:
    text = HEAD + "".join(parts)
    return [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings]


def body(*rows: str) -> str:
    return "".join(f"    {row}\n" for row in rows)


RESTORED = {
    "an index": ["net.load_state_dict(states[int(np.{}(history))])"],
    "an index under any name": ["i = np.{}(history)", "net.load_state_dict(states[i])"],
    "an order cut off in the next statement": [
        "order = np.argsort(history)",
        "net.load_state_dict(states[order[{first}]])",
    ],
    "an order that is turned round": [
        "order = np.argsort(history)[::-1]",
        "i = order[{last}]",
        "net.load_state_dict(states[i])",
    ],
    "the place of an extreme": ["i = history.index({short}(history))", "net.set_weights(states[i])"],
}
LEAST = {"first": "0", "last": "-1", "short": "min"}
MOST = {"first": "-1", "last": "0", "short": "max"}


@pytest.mark.parametrize("rows", RESTORED.values(), ids=RESTORED)
def test_the_state_of_the_smallest_loss_may_be_restored(rows: list[str]) -> None:
    assert codes(KEPT, body(*(r.format("argmin", **LEAST) for r in rows))) == []


@pytest.mark.parametrize("rows", RESTORED.values(), ids=RESTORED)
def test_the_state_of_the_largest_loss_is_no_state_to_go_back_to(rows: list[str]) -> None:
    assert codes(KEPT, body(*(r.format("argmax", **MOST) for r in rows))) == ["VL502"]


def test_what_is_only_looked_at_may_have_the_largest_loss() -> None:
    assert codes(KEPT, body("i = np.argmax(history)", "print(i, states[i])")) == []


def test_the_worst_may_be_restored_under_its_name() -> None:
    assert codes(KEPT, body("worst = np.argmax(history)", "net.load_state_dict(states[worst])")) == []


@pytest.mark.parametrize(
    "rows",
    [
        ["hits = np.argsort(-(queries @ bank.T))[:top_k]"],
        ["hits = np.argsort(queries @ bank.T)[-top_k:]"],
        ["order = np.argsort(1 - cosine_similarity(queries, bank)[0])", "hits = order[:top_k]"],
        ["d = (queries**2).sum() - 2 * queries @ bank.T + (bank**2).sum(1)", "hits = d.argsort()[:n_top]"],
        ["far = np.argsort(queries @ bank.T)[:k]"],
        ["u = queries @ -bank.T", "hits = np.argsort(u)[:top_k]"],
        ["cost = queries @ bank.T", "hits = np.argsort(cost)[:top_k]"],
        ["hits = np.argsort(queries @ bank)[:top_k]"],
        ["hard = np.argsort(queries @ bank.T)[:top_k]"],
    ],
)
def test_the_top_of_a_ranking_may_be_what_is_most_alike_or_least_far(rows: list[str]) -> None:
    assert codes(RANKED, body(*rows)) == []


@pytest.mark.parametrize(
    "rows",
    [
        ["hits = np.argsort(queries @ bank.T)[:top_k]"],
        ["s = torch.matmul(queries, bank.t()).squeeze()", "ranking = s.argsort()", "hits = ranking[:n_top]"],
        ["s = np.inner(queries, bank)", "hits = s.argsort()[:top_k]"],
        ["near = np.argsort(cosine_similarity(queries, bank)[0])[:top_k]"],
        ["r = queries @ bank.T", "hits = np.argsort(-r)[-top_k:]"],
        ["s = queries.dot(bank.T)", "hits = s.argsort()[::-1][::-1][:top_k]"],
    ],
)
def test_the_top_of_a_ranking_is_not_what_is_least_alike(rows: list[str]) -> None:
    assert codes(RANKED, body(*rows)) == ["VL502"]


IN_PLACE = """\

def choose(models, x, y, both):
    runs = []
    for m in models:
        runs.append({{"model": m, "error": F.mse_loss(m(x), y).item()}})
{}    best = runs[0]
    return best
"""
SORTED = 'runs.sort(key=lambda r: r["error"], reverse={})'


def test_a_list_that_was_sorted_in_place_has_the_smallest_error_first() -> None:
    assert codes(IN_PLACE.format(body(SORTED.format("False")))) == []


def test_a_list_that_was_sorted_in_place_with_the_largest_error_first() -> None:
    assert codes(IN_PLACE.format(body(SORTED.format("True")))) == ["VL502"]


@pytest.mark.parametrize(
    "after",
    [
        ["runs.reverse()"],
        ["runs.insert(0, both)"],
        ["runs = both(runs)", "runs = both(runs)"],
    ],
)
def test_nothing_is_known_of_an_order_that_was_changed_since(after: list[str]) -> None:
    assert codes(IN_PLACE.format(body(SORTED.format("True"), *after))) == []


def test_nothing_is_known_of_an_order_that_holds_in_one_branch() -> None:
    assert codes(IN_PLACE.format(body("if both:", "    " + SORTED.format("True")))) == []


STUDY = """\
import optuna
from optuna.integration import KerasPruningCallback, XGBoostPruningCallback
from optuna_integration.pytorch_lightning import PyTorchLightningPruningCallback


def objective(trial):
    model = build(trial)
    model.fit(callbacks=[{}])
    return evaluate(model)


study = optuna.create_study(direction="{}")
study.optimize(objective, n_trials=10)
"""
WATCHED = [
    ('KerasPruningCallback(trial, "val_accuracy")', "maximize"),
    ('XGBoostPruningCallback(trial, "validation-rmse")', "minimize"),
    ('PyTorchLightningPruningCallback(trial, monitor="val_loss")', "minimize"),
    ('PyTorchLightningPruningCallback(trial, monitor="val/f1")', "maximize"),
]


@pytest.mark.parametrize("callback, way", WATCHED)
def test_a_pruning_callback_may_watch_what_goes_the_way_of_the_study(callback: str, way: str) -> None:
    assert codes(STUDY.format(callback, way)) == []


@pytest.mark.parametrize("callback, way", WATCHED)
def test_a_pruning_callback_is_held_against_the_direction_of_the_study(callback: str, way: str) -> None:
    other = {"minimize": "maximize", "maximize": "minimize"}[way]
    assert codes(STUDY.format(callback, other)) == ["VL501"]


def test_a_name_that_is_bound_to_a_part_of_itself_is_followed_to_an_end() -> None:
    text = (
        "def search(scores, top_k):\n    while True:\n        scores = scores[0]\n"
        "        yield scores.argsort()[:top_k]\n"
    )
    assert [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings] == []
