"""A likelihood that is minimised (or a negated error), found through containers, objects and transforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config

PROGRAMS = {
    "namedtuple": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
from typing import NamedTuple
class Out(NamedTuple):
    loss: torch.Tensor
    aux: int
def step(model,x): return Out(Normal(model(x),1.).log_prob(x).mean(), 1)
def train(model,x,optimizer):
    out = step(model,x)
    out.loss.backward(); optimizer.step()
""",
    "kerasmodel": """\
import tensorflow as tf
from tensorflow_probability.distributions import Normal
class Autoencoder(tf.keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
    def call(self, x):
        code = self.encoder(x)
        recon = self.decoder(code)
        return recon, tf.reduce_mean(Normal(recon, 1.0).log_prob(x)), code
def train(encoder, decoder, x, optimizer):
    model = Autoencoder(encoder, decoder)
    with tf.GradientTape() as tape:
        recon, fit, code = model(x)
    grads = tape.gradient(fit, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
""",
    "dataclass": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
from dataclasses import dataclass
@dataclass
class Out:
    value: torch.Tensor
    aux: int = 0
def train(model,x,optimizer):
    out = Out(value=Normal(model(x),1.).log_prob(x).mean())
    out.value.backward(); optimizer.step()
""",
    "sumvalues": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def train(model,x,optimizer):
    losses = {}
    losses['a'] = Normal(model(x),1.).log_prob(x).mean()
    total = sum(losses.values())
    total.backward(); optimizer.step()
""",
    "merge": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def train(model,x,optimizer):
    a = {'fit': Normal(model(x),1.).log_prob(x).mean()}
    total = sum({**a, **{}}.values())
    total.backward(); optimizer.step()
""",
    "stack": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def train(model,x,optimizer):
    terms = []
    for i in range(3): terms.append(Normal(model(x),1.).log_prob(x).mean())
    torch.stack(terms).mean().backward(); optimizer.step()
""",
    "reduce": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
import functools, operator
def train(model,x,optimizer):
    terms = [Normal(model(x),1.).log_prob(x).mean() for _ in range(3)]
    functools.reduce(operator.add, terms).backward(); optimizer.step()
""",
    "reducelambda": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
import functools
def train(model,x,optimizer):
    terms = [Normal(model(x),1.).log_prob(x).mean() for _ in range(3)]
    functools.reduce(lambda a, b: a + b, terms).backward(); optimizer.step()
""",
    "config": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
class Config:
    weight = -1.0
cfg = Config()
def train(model,x,optimizer):
    total = cfg.weight * F.mse_loss(model(x), x)
    total.backward(); optimizer.step()
""",
    "kwargs": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def term(**kw): return Normal(kw['mu'],1.).log_prob(kw['x']).mean()
def train(model,x,optimizer):
    term(mu=model(x), x=x).backward(); optimizer.step()
""",
    "overload": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
class Loss:
    def __init__(self, v): self.v = v
    def __add__(self, o): return Loss(self.v + o.v)
    def backward(self): self.v.backward()
def train(model,x,optimizer):
    l = Loss(Normal(model(x),1.).log_prob(x).mean()) + Loss(Normal(model(x),1.).log_prob(x).mean())
    l.backward(); optimizer.step()
""",
    "closure": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def train(model,x):
    optimizer = torch.optim.LBFGS(model.parameters())
    def closure():
        optimizer.zero_grad()
        v = Normal(model(x),1.).log_prob(x).mean()
        v.backward()
        return v
    optimizer.step(closure)
""",
    "checkpoint": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
from torch.utils.checkpoint import checkpoint
def train(model,x,optimizer):
    v = checkpoint(lambda b: Normal(model(b),1.).log_prob(b).mean(), x)
    v.backward(); optimizer.step()
""",
    "autocast": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
def train(model,x,optimizer,scaler):
    with torch.autocast('cuda'):
        v = Normal(model(x),1.).log_prob(x).mean()
    scaler.scale(v).backward(); scaler.step(optimizer)
""",
    "compile": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
@torch.compile
def term(mu,x): return Normal(mu,1.).log_prob(x).mean()
def train(model,x,optimizer):
    term(model(x),x).backward(); optimizer.step()
""",
    "property": """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal
class M:
    def __init__(self, net, x): self.net, self.x = net, x
    @property
    def fit(self): return Normal(self.net(self.x),1.).log_prob(self.x).mean()
def train(net,x,optimizer):
    M(net,x).fit.backward(); optimizer.step()
""",
    "jit_partial": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
@partial(jax.jit, static_argnums=0)
def term(apply, params, x): return norm.logpdf(x, apply(params, x)).mean()
def update(apply, params, x, lr):
    g = jax.grad(term, argnums=1)(apply, params, x)
    return jax.tree_util.tree_map(lambda p, d: p - lr * d, params, g)
""",
    "vmap_aux": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
def term(params, x):
    v = jax.vmap(lambda a: norm.logpdf(a, params['mu']))(x).mean()
    return v, {'v': v}
def update(params, opt_state, x, tx):
    (v, aux), g = jax.value_and_grad(term, has_aux=True)(params, x)
    u, opt_state = tx.update(g, opt_state)
    return optax.apply_updates(params, u), opt_state
""",
    "scan": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
def update(params, opt_state, xs, tx):
    def body(carry, x):
        params, opt_state = carry
        g = jax.grad(lambda p: norm.logpdf(x, p['mu']).mean())(params)
        u, opt_state = tx.update(g, opt_state)
        return (optax.apply_updates(params, u), opt_state), None
    return jax.lax.scan(body, (params, opt_state), xs)
""",
    "fori": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
def update(params, opt_state, x, tx):
    def body(i, carry):
        params, opt_state = carry
        g = jax.grad(lambda p: norm.logpdf(x, p['mu']).mean())(params)
        u, opt_state = tx.update(g, opt_state)
        return optax.apply_updates(params, u), opt_state
    return jax.lax.fori_loop(0, 10, body, (params, opt_state))
""",
    "trainstate": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
def step(state, x):
    def loss_fn(params): return norm.logpdf(x, state.apply_fn(params, x)).mean()
    g = jax.grad(loss_fn)(state.params)
    return state.apply_gradients(grads=g)
""",
    "cond": """\
import jax, optax
import jax.numpy as jnp
from functools import partial
from jax.scipy.stats import norm
def update(params, opt_state, x, tx, flag):
    def one(q): return norm.logpdf(x, q["mu"]).mean()
    def other(q): return norm.logpdf(x, q["nu"]).mean()
    def term(p): return jax.lax.cond(flag, one, other, p)
    g = jax.grad(term)(params)
    u, opt_state = tx.update(g, opt_state)
    return optax.apply_updates(params, u), opt_state
""",
    "nnx": """\
from flax import nnx
import optax
from jax.scipy.stats import norm
@nnx.jit
def step(model, optimizer, x):
    def loss_fn(model): return norm.logpdf(x, model(x)).mean()
    loss, grads = nnx.value_and_grad(loss_fn)(model)
    optimizer.update(grads)
""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_is_found(program: str, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(program, "utf-8")
    assert {f.code for f in analyse([path], Config()).findings} <= {"VL101", "VL102"}
    assert analyse([path], Config()).findings


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_its_negation_is_not(program: str, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    turned = program.replace("Normal(", "-Normal(").replace("norm.logpdf(", "-norm.logpdf(").replace("-1.0", "1.0")
    path.write_text(turned.replace("import -Normal", "import Normal"), "utf-8")
    assert analyse([path], Config()).findings == []
