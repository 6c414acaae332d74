"""Gradients that are taken and optimise nothing are no objectives; what may train somebody's network is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

NONE = {
    "the gradient of a loss, compared in a test": """
import jax, optax
def test_gradient_of_loss(x, y):
    grads = jax.grad(lambda p: optax.l2_loss(p, y).mean())(x)
    assert grads.sum() == 0
""",
    "a loss that is added to a record of the project": """
import torch.nn.functional as F
def note(record, net, x, y):
    record.add_loss(F.mse_loss(net(x), y))
""",
    "gradients that a function of the project is applied to": """
import tensorflow as tf
def clipped(net, x, y, clipper):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x) - y))
    return clipper.apply(tape.gradient(loss, net.trainable_weights), 1.0)
""",
}
SOME = {
    "a step in a test": (
        """
import jax, optax
def test_descends(x, y, opt, state):
    for _ in range(100):
        grads = jax.grad(lambda p: optax.l2_loss(p, y).mean())(x)
        updates, state = opt.update(grads, state)
        x = optax.apply_updates(x, updates)
""",
        Status.CONSISTENT,
    ),
    "a loss whose gradient is taken up by hand": (
        """
import torch.nn.functional as F
def sensitivity(net, x, y):
    F.mse_loss(net(x), y).backward()
    return x.grad
""",
        Status.UNRESOLVED,
    ),
    "an output, squared, under an optimiser": (
        """
import torch
def shrink(net, x):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(x).square().mean().backward()
    optimizer.step()
""",
        Status.CONSISTENT,
    ),
    "a class whose name its one object takes": (
        """
import torch.nn.functional as F
class Trainer:
    def __init__(self, net, optimizer):
        self.net, self.optimizer = net, optimizer
    def train(self, x, y):
        F.mse_loss(self.net(x), y).backward()
        self.optimizer.step()
Trainer = Trainer(build(), choose())
""",
        Status.CONSISTENT,
    ),
    "an optimiser of Keras that applies gradients": (
        """
import keras, tensorflow as tf
class Net(keras.Model):
    def train_step(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.mean_squared_error(y, self(x)))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply(gradients, self.trainable_weights)
""",
        Status.CONSISTENT,
    ),
    "a loss that is added to a model of Keras": (
        """
import tensorflow as tf
from tensorflow import keras
def build(x, y, q):
    model = keras.Model([x, y], q)
    model.add_loss(tf.reduce_mean(keras.losses.mean_squared_error(y, q)))
    return model
""",
        Status.CONSISTENT,
    ),
    "an optimiser of TensorFlow 1": (
        """
import tensorflow as tf
def build(y, q):
    loss = tf.losses.mean_squared_error(labels=y, predictions=q)
    return tf.train.RMSPropOptimizer(learning_rate=0.1).minimize(loss=loss)
""",
        Status.CONSISTENT,
    ),
    "an optimiser that is picked elsewhere": (
        """
import tensorflow as tf
from ours import pick
def build(y, q):
    loss = tf.losses.mean_squared_error(labels=y, predictions=q)
    optimizer = pick("adam")
    return optimizer.minimize(loss)
""",
        Status.CONSISTENT,
    ),
}


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "code.py"
    path.write_text(text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_optimises_nothing_is_not_counted(text: str, tmp_path: Path) -> None:
    assert statuses(text, tmp_path) == []


@pytest.mark.parametrize(("text", "status"), SOME.values(), ids=SOME)
def test_what_may_be_optimised_is(text: str, status: Status, tmp_path: Path) -> None:
    assert statuses(text, tmp_path) == [status]
