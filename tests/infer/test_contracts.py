"""What a library asks of its users holds where its own files are read: a parameter, an attribute, an open method.

Each program is consistent as it stands. With its sign turned the library does the opposite of what it says: wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Result, Status

Files = dict[str, str]

TRAINER = """\
class SupervisedTrainer:
    def __init__(self, device, max_epochs, train_data_loader, network, optimizer, loss_function):
        self.network, self.optimizer = network, optimizer
        self.loss_function = loss_function

    def _iteration(self, engine: "SupervisedTrainer", batch):
        engine.state.output = {{"pred": engine.network(batch["image"])}}

        def compute():
            engine.state.output["value"] = engine.loss_function(engine.state.output["pred"], batch["label"]).mean()

        compute()
        value = {sign}engine.state.output["value"]
        value.backward()
        engine.optimizer.step()
"""
STORED = """\
class AdversarialTrainer:
    def __init__(
        self, device, max_epochs, train_data_loader, g_network, g_optimizer, g_loss_function, recon_loss_function,
    ):
        self.state.g_function = g_loss_function.to(device)
        self.state.g_scaler = None
        self.g_network, self.g_optimizer = g_network, g_optimizer

    def _iteration(self, engine: "AdversarialTrainer", batch):
        value = {sign}engine.state.g_function(engine.g_network(batch))
        engine.state.g_scaler.scale(value).backward()
        engine.state.g_scaler.step(engine.g_optimizer)
"""
DEFAULT = """\
import torch


class KerasModel:
    def fit(self, dataset, max_checkpoints_to_keep=5, restore=False, variables=None, loss=None):
        return self.step(loss or self.default)

    def step(self, chosen):
        value = {sign}chosen(self.model(self.x), self.y)
        value.backward()
        self.optimizer.step()
"""
PREPARED = """\
import torch


class BaseTrainer:
    def __init__(self, model=None, args=None, train_dataset=None, eval_dataset=None, loss=None):
        if isinstance(loss, dict):
            self.loss = {{name: self.prepare(fn, model) for name, fn in loss.items()}}
        else:
            self.loss = self.prepare(loss, model)

    def prepare(self, loss, model):
        if isinstance(loss, torch.nn.Module):
            return loss.to(model.device)
        return loss(model).to(model.device)

    def train(self, features, labels, name, optimizer):
        fn = self.loss
        if isinstance(fn, dict) and name:
            fn = fn[name]
        value = fn(features, labels)
        if isinstance(value, dict):
            value = torch.stack(list(value.values())).sum()
        value = {sign}value
        value.backward()
        optimizer.step()
"""
OPEN = """\
class Brain:
    def compute_objectives(self, predictions, batch, stage):
        \"\"\"Compute loss, to be overridden by sub-classes.\"\"\"
        raise NotImplementedError
        return

    def check(self):
        for param in self.modules.parameters():
            if not param.grad.isfinite().all():
                param.grad = None

    def fit_batch(self, batch):
        value = {sign}self.compute_objectives(self.compute_forward(batch), batch, "train")
        value.backward()
        self.check()
        self.optimizer.step()
"""
OVERRIDDEN = """\
class ModularTorchModel:
    def loss_func(self, inputs, labels, weights):
        raise NotImplementedError

    def fit_generator(self, inputs, labels, weights, optimizer):
        value = {sign}self.loss_func(inputs, labels, weights)
        value.backward()
        optimizer.step()


class Grover(ModularTorchModel):
    def loss_func(self, inputs, labels, weights):
        return self.criterion(self.model(inputs), labels)
"""
PAIR = """\
import torch
from deepchem.metalearning import MetaLearner


class MAML:
    def __init__(self, learner: MetaLearner):
        self.learner = learner

    def train(self, inputs, variables, optimizer):
        loss, outputs = self.learner.compute_model(inputs, variables, True)
        value = {sign}loss
        value.backward()
        optimizer.step()
"""
LEARNER = """\
class MetaLearner:
    def compute_model(self, inputs, variables, training):
        raise NotImplementedError
"""
DECLARED = """\
from pykeen.losses import Loss


class Model:
    loss: Loss

    def __init__(self, loss):
        self.loss = resolver.make(loss)


class Loop:
    def __init__(self, model: Model, optimizer):
        self.model, self.optimizer = model, optimizer

    def step(self, scores, labels):
        value = {sign}self.model.loss.process_lcwa_scores(predictions=scores, labels=labels)
        value.backward()
        self.optimizer.step()
"""
HANDED_ON = """\
from pykeen.losses import Loss


class Loop:
    def step(self, scores, labels):
        value = {sign}process(loss=self.chosen, scores=scores, labels=labels)
        value.backward()
        self.optimizer.step()


def process(loss: Loss, scores, labels):
    return loss.process_lcwa_scores(predictions=scores, labels=labels)
"""
LOSSES = """\
class Loss:
    def process_lcwa_scores(self, predictions, labels):
        raise NotImplementedError
"""
LINE_SEARCH = """\
import functools
import jax
import jax.numpy as jnp
from optax._src import linesearch


def search(x, y, params):
    def fun(w):
        return jnp.mean((x @ w - y) ** 2)

    updates = {sign}jax.grad(fun)(params)
    opt = linesearch.scale_by_zoom_linesearch(max_linesearch_steps=5)
    state = opt.init(params)
    update = jax.jit(functools.partial(opt.update, value_fn=fun))
    return update(updates, state, params, value=fun(params))
"""
SEARCHES = """\
def scale_by_zoom_linesearch(max_linesearch_steps):
    def update_fn(updates, state, params, value, value_fn):
        return [state.rate * u for u in updates], state

    return Transformation(init_fn, update_fn)
"""
STEPS = """\
import jax
import jax.numpy as jnp
from optax.transforms import _accumulation


def fit(x, y, params, inner):
    def fun(w):
        return {sign}jnp.mean((x @ w - y) ** 2)

    opt = _accumulation.MultiSteps(inner, every_k_schedule=4)
    grads = jax.grad(fun)(params)
    return jax.jit(opt.update)(grads, opt.init(params), params)
"""
MULTI_STEPS = """\
class MultiSteps:
    def __init__(self, opt, every_k_schedule):
        self.opt, self.every = opt, every_k_schedule

    def update(self, updates, state, params=None):
        return [u * state.emit(self.every) for u in updates], state
"""


def package(library: str, **files: str) -> Files:
    """Files of a library, and the `__init__.py` of each folder; ``_`` leads into a folder."""
    out = {f"{library}/__init__.py": ""}
    for name, text in files.items():
        *folders, last = name.split("__")
        for i in range(len(folders)):
            out["/".join([library, *folders[: i + 1], "__init__.py"])] = ""
        out["/".join([library, *folders, f"{last}.py"])] = text
    return out


# The files, the one that optimises, the sign with which it is right, the other one.
CASES: dict[str, tuple[Files, str, str, str]] = {
    "a callable parameter, kept and called by another name": (
        package("monai", engines__trainer=TRAINER),
        "monai/engines/trainer.py",
        "",
        "-",
    ),
    "one that is put into an object that nobody resolved": (
        package("monai", engines__trainer=STORED),
        "monai/engines/trainer.py",
        "",
        "-",
    ),
    "one that stands before a default": (
        package("deepchem", models__keras_model=DEFAULT),
        "deepchem/models/keras_model.py",
        "",
        "-",
    ),
    "one that is prepared, or several by name": (
        package("sentence_transformers", base__trainer=PREPARED),
        "sentence_transformers/base/trainer.py",
        "",
        "-",
    ),
    "a method that raises, and says that it returns a loss": (
        package("speechbrain", core=OPEN),
        "speechbrain/core.py",
        "",
        "-",
    ),
    "an open method whose implementations are not resolved": (
        package("deepchem", models__torch_models__modular=OVERRIDDEN),
        "deepchem/models/torch_models/modular.py",
        "",
        "-",
    ),
    "a loss that comes in company": (
        {**package("deepchem", metalearning__maml=PAIR), "deepchem/metalearning/__init__.py": LEARNER},
        "deepchem/metalearning/maml.py",
        "",
        "-",
    ),
    "an object of unknown class with a method that a class near by leaves open": (
        {
            **package("deepchem", metalearning__maml=PAIR.replace(": MetaLearner", "")),
            "deepchem/metalearning/__init__.py": LEARNER,
        },
        "deepchem/metalearning/maml.py",
        "",
        "-",
    ),
    "an attribute that the class body declares": (
        package("pykeen", losses=LOSSES, loop=DECLARED),
        "pykeen/loop.py",
        "",
        "-",
    ),
    "an argument that nobody resolved, of a declared class": (
        package("pykeen", losses=LOSSES, loop=HANDED_ON),
        "pykeen/loop.py",
        "",
        "-",
    ),
    "a line search goes along the step that it is handed": (
        {"optax/__init__.py": "", "optax/_src/linesearch.py": SEARCHES, "optax/_src/search.py": LINE_SEARCH},
        "optax/_src/search.py",
        "-",
        "",
    ),
    "an optimiser around another one": (
        {**package("optax", transforms___accumulation=MULTI_STEPS, fitted=STEPS)},
        "optax/fitted.py",
        "",
        "-",
    ),
}


def examined(files: Files, about: str, sign: str, folder: Path) -> Result:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(sign=sign) if name == about else text, "utf-8")
    return analyse([folder / about], Config())


@pytest.mark.parametrize(("files", "about", "right", "wrong"), CASES.values(), ids=CASES)
def test_what_a_library_asks_for_is_what_it_gets(
    files: Files, about: str, right: str, wrong: str, tmp_path: Path
) -> None:
    result = examined(files, about, right, tmp_path)
    # What is squared by hand is known for an error by the names of what is compared.
    assert [o.status for o in result.objectives] in ([Status.CONSISTENT], [Status.BY_NAME])
    assert not result.findings


@pytest.mark.parametrize(("files", "about", "right", "wrong"), CASES.values(), ids=CASES)
def test_a_library_that_does_the_opposite_is_wrong(
    files: Files, about: str, right: str, wrong: str, tmp_path: Path
) -> None:
    assert [o.status for o in examined(files, about, wrong, tmp_path).objectives] == [Status.WRONG]


def test_in_any_other_project_a_parameter_is_known_by_its_name_alone(tmp_path: Path) -> None:
    result = examined({"ours/__init__.py": "", "ours/trainer.py": TRAINER}, "ours/trainer.py", "", tmp_path)
    assert [o.status for o in result.objectives] == [Status.BY_NAME]


def test_what_a_library_asks_for_is_asked_of_its_users(tmp_path: Path) -> None:
    text = (
        "import torch.nn.functional as F\nfrom monai.engines import SupervisedTrainer\n\n\n"
        "def objective(p, y):\n    return -F.cross_entropy(p, y)\n\n\n"
        "trainer = SupervisedTrainer('cpu', 3, loader, net, optimizer, loss_function=objective)\n"
    )
    result = examined({"fit.py": text}, "fit.py", "", tmp_path)
    assert [f.code for f in result.findings] == ["VL202"]


MIXED = """\
import torch


class Scaler:
    def __call__(self, loss: torch.Tensor, optimizer):
        value = {sign}loss
        value.backward()
        optimizer.step()
"""
RULES = """\
library = "ours"
roots = ["ours"]
docs = "https://example.org/ours"

[[function]]
names = ["ours.scaler.Scaler.__call__"]
params = ["self", "loss", "optimizer"]
needs = { loss = "cost" }
"""


@pytest.mark.parametrize(("sign", "status"), [("", Status.CONSISTENT), ("-", Status.WRONG)])
def test_a_number_that_is_asked_for_is_one(sign: str, status: Status, tmp_path: Path) -> None:
    rules, source = tmp_path / "ours.toml", tmp_path / "ours" / "scaler.py"
    source.parent.mkdir()
    (source.parent / "__init__.py").touch()
    rules.write_text(RULES, "utf-8")
    source.write_text(MIXED.format(sign=sign), "utf-8")
    result = analyse([source], Config(extend_rules=(rules,)))
    assert [o.status for o in result.objectives] == [status]
