"""What is proved is never lost, and what is only named is never called consistent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.evidence import Basis
from vaelint.finding import Result, Status


def examined(text: str, folder: Path, name: str = "train.py") -> Result:
    path = folder / name
    path.write_text(text, "utf-8")
    return analyse([path], Config())


def codes(text: str, folder: Path) -> list[str]:
    return [f.code for f in examined(text, folder).findings]


def statuses(text: str, folder: Path) -> list[Status]:
    return [o.status for o in examined(text, folder).objectives]


# --- contexts ------------------------------------------------------------------------------------

# Entered alone, `net(x)` may be anything, and `kl` is what its name says; entered from `main` it is a distribution.
DIVERGENCE = """
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def forward(self, x):
        return F.softmax(self.body(x), dim=-1)


def step(net, old, opt, x, y):
    a = net(x)
    b = old(x)
    {name} = {sign}(a * (a / b).log()).sum(-1).mean()
    loss = F.nll_loss(a.log(), y) + {name}
    opt.zero_grad()
    loss.backward()
    opt.step()


def main(loader):
    net, old = Net(), Net()
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        step(net, old, opt, x, y)
"""


@pytest.mark.parametrize("name", ["kl", "term"])
def test_the_right_sign_is_silent(name: str, tmp_path: Path) -> None:
    assert codes(DIVERGENCE.format(name=name, sign=""), tmp_path) == []


@pytest.mark.parametrize("name", ["kl", "term"])
def test_what_one_caller_proves_is_not_outvoted_by_a_name(name: str, tmp_path: Path) -> None:
    result = examined(DIVERGENCE.format(name=name, sign="-"), tmp_path)
    assert len(result.findings) == 1
    assert [o.status for o in result.objectives] == [Status.WRONG]


# --- alternatives --------------------------------------------------------------------------------

LIKELIHOOD = """
import torch
from torch import nn
from torch.distributions import Normal


class Net(nn.Module):
    def forward(self, x, y=None):
        mu = self.body(x)
        if {test}:
            return {sign}Normal(mu, 1.0).log_prob(y).mean()
        return mu


def train(net: Net, loader):
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        loss = net(x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
"""


@pytest.mark.parametrize("test", ["y is not None", "self.training"])
def test_a_loss_on_one_way_is_silent(test: str, tmp_path: Path) -> None:
    assert codes(LIKELIHOOD.format(test=test, sign="-"), tmp_path) == []


@pytest.mark.parametrize("test", ["y is not None", "self.training"])
def test_what_is_wrong_on_one_way_is_reported_on_that_way(test: str, tmp_path: Path) -> None:
    result = examined(LIKELIHOOD.format(test=test, sign=""), tmp_path)
    assert [f.code for f in result.findings] == ["VL101"]
    (objective,) = result.objectives
    assert objective.status is Status.WRONG
    assert [t.basis.is_fact for t in objective.terms] == [True]


def test_what_the_caller_passed_is_not_none(tmp_path: Path) -> None:
    text = LIKELIHOOD.format(test="y is not None", sign="-").replace("return mu", "return Normal(mu, 1.0).log_prob(x)")
    assert statuses(text, tmp_path) == [Status.CONSISTENT]


def test_a_parameter_that_is_passed_on_may_be_none(tmp_path: Path) -> None:
    text = LIKELIHOOD.format(test="y is not None", sign="-").replace("return mu", "return Normal(mu, 1.0).log_prob(x)")
    text = text.replace("def train(net: Net, loader):", "def train(net: Net, loader, y=None):").replace(
        "x, y in", "x in"
    )
    assert Status.CONSISTENT not in statuses(text, tmp_path)


# --- names ---------------------------------------------------------------------------------------

STEP = """
import torch
import torch.nn.functional as F


def train(model, criterion, loader, beta):
    opt = torch.optim.Adam(model.parameters())
    for x, y in loader:
        {line}
        opt.zero_grad()
        {loss}.backward()
        opt.step()
"""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("loss = F.cross_entropy(model(x), y)", Status.CONSISTENT),
        ("loss = model.compute(x, y)", Status.BY_NAME),
        ("loss = criterion(model(x), y)", Status.BY_NAME),
        ("loss = ((model(x) - y) ** 2).mean()", Status.CONSISTENT),  # least where they meet, whatever they are called
        ("loss = F.cross_entropy(model(x), y) + model.kl(x)", Status.BY_NAME),
        ("loss = F.cross_entropy(model(x), y) + model.other(x)", Status.UNRESOLVED),
        ("value = model.compute(x, y); loss = value", Status.BY_NAME),
    ],
)
def test_consistent_is_said_of_facts_alone(line: str, status: Status, tmp_path: Path) -> None:
    assert statuses(STEP.format(line=line, loss="loss"), tmp_path) == [status]


def test_an_objective_without_a_name_is_unresolved(tmp_path: Path) -> None:
    assert statuses(STEP.format(line="value = model.compute(x, y)", loss="value"), tmp_path) == [Status.UNRESOLVED]


def test_a_visible_minus_survives_the_name(tmp_path: Path) -> None:
    line = "kl = -model.compute(x); loss = F.cross_entropy(model(x), y) + kl"
    (objective,) = examined(STEP.format(line=line, loss="loss"), tmp_path).objectives
    assert [t.sign for t in objective.terms] == [1, -1]
    assert objective.status is Status.BY_NAME


def test_the_terms_of_a_sum_are_not_merged_under_its_name(tmp_path: Path) -> None:
    line = "elbo = model.first(x) - model.second(x); loss = -elbo"
    (objective,) = examined(STEP.format(line=line, loss="loss"), tmp_path).objectives
    assert [(t.label, t.sign) for t in objective.terms] == [("model.first(x)", -1), ("model.second(x)", 1)]


def test_a_weight_that_is_positive_by_its_name_is_an_assumption(tmp_path: Path) -> None:
    line = "loss = beta * F.cross_entropy(model(x), y)"
    (objective,) = examined(STEP.format(line=line, loss="loss"), tmp_path).objectives
    assert objective.status is Status.CONSISTENT
    assert objective.assumptions == ("`beta` is positive",)


def test_both_sides_say_on_what_they_rest(tmp_path: Path) -> None:
    line = "recon_loss = torch.distributions.Normal(model(x), 1.0).log_prob(y).mean(); loss = -recon_loss"
    (finding,) = examined(STEP.format(line=line, loss="loss"), tmp_path).findings
    value, against = finding.sides
    assert (value.what, value.basis) == ("value", Basis.LIBRARY)
    assert (against.what, against.basis) == ("name", Basis.NAME)


def test_a_stated_ascent_is_intended(tmp_path: Path) -> None:
    text = STEP.format(line="loss = F.cross_entropy(model(x), y)", loss="(-loss)")
    text = text.replace(".backward()", ".backward()  # vaelint: maximize")
    assert statuses(text, tmp_path) == [Status.INTENDED]


# --- games ---------------------------------------------------------------------------------------

GAN = """
import torch
from torch import nn

criterion = nn.BCELoss()


def train(D, G, loader, noise):
    d_optim, g_optim = torch.optim.Adam(D.parameters()), torch.optim.Adam(G.parameters())
    for real in loader:
        fake = G(noise())
        d_loss = criterion(D(real), torch.ones(8)) + criterion(D(fake.detach()), torch.zeros(8))
        d_optim.zero_grad()
        d_loss.backward()
        d_optim.step()
        wanted = torch.{label}(8)
        g_loss = criterion(D(fake), wanted)
        g_optim.zero_grad()
        g_loss.backward()
        g_optim.step()
"""


def test_a_generator_that_is_trained_towards_real_is_silent(tmp_path: Path) -> None:
    assert codes(GAN.format(label="ones"), tmp_path) == []


def test_a_generator_that_is_trained_with_the_labels_of_its_critic_is_reported(tmp_path: Path) -> None:
    assert codes(GAN.format(label="zeros"), tmp_path) == ["VL203"]


def test_an_objective_over_a_wrong_formula_is_wrong(tmp_path: Path) -> None:
    text = """
import torch
import torch.nn.functional as F


def train_dqn(q_network, target_network, optimizer, data, gamma=0.99):
    with torch.no_grad():
        target_max, _ = target_network(data.next_observations).max(dim=1)
        td_target = data.rewards - gamma * target_max
    old_val = q_network(data.observations).gather(1, data.actions)
    loss = F.mse_loss(td_target, old_val)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
    assert statuses(text, tmp_path) == [Status.WRONG]


# --- notebooks -----------------------------------------------------------------------------------

CELLS = [
    "import torch\nfrom torch.distributions import Normal",
    "def objective(mu, y):\n    return {first}Normal(mu, 1.0).log_prob(y).mean()",
    "loss = objective(mu, y)\nloss.backward()\noptimizer.step()",
    "def objective(mu, y):\n    return -Normal(mu, 1.0).log_prob(y).mean()",
]


def notebook(first: str, folder: Path) -> Result:
    cells = [
        {
            "cell_type": "code",
            "source": c.replace("{first}", first),
            "metadata": {},
            "outputs": [],
            "execution_count": 1,
        }
        for c in CELLS
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return examined(text, folder, "study.ipynb")


def test_a_name_of_a_notebook_is_the_last_definition_before_its_use(tmp_path: Path) -> None:
    assert [f.code for f in notebook("", tmp_path).findings] == ["VL101"]


def test_a_right_definition_before_the_use_is_silent(tmp_path: Path) -> None:
    assert notebook("-", tmp_path).findings == []


# --- several mistakes ----------------------------------------------------------------------------

PPO = """
import torch


def update(policy, optimizer, obs, actions, old_logp, adv, clip=0.2, ent_coef=0.01):
    dist = policy(obs)
    ratio = (dist.log_prob(actions) - old_logp).exp()
    pg_loss = {first}torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv).mean()
    loss = pg_loss {second} ent_coef * dist.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [("-", "-", []), ("", "-", ["VL101"]), ("-", "+", ["VL201"]), ("", "+", ["VL101", "VL201"])],
    ids=["none", "the surrogate's", "the entropy's", "both"],
)
def test_all_mistakes_of_one_objective_are_reported_at_once(
    first: str, second: str, found: list[str], tmp_path: Path
) -> None:
    assert sorted(codes(PPO.format(first=first, second=second), tmp_path)) == found


# --- helpers -------------------------------------------------------------------------------------

HELPER = """
import torch
import torch.nn.functional as F


def step(opt, loss):
    opt.zero_grad()
    loss.backward()
    opt.step()


def train(net, dec, loader):
    a = torch.optim.Adam(net.parameters())
    b = torch.optim.Adam(dec.parameters())
    for x, y in loader:
        step(a, F.mse_loss(net(x), y))
        step(b, {sign}torch.distributions.Normal(dec(x), 1.0).log_prob(y).mean())
"""


@pytest.mark.parametrize(("sign", "second"), [("-", Status.CONSISTENT), ("", Status.WRONG)])
def test_each_objective_that_passes_through_a_helper_is_listed(sign: str, second: Status, tmp_path: Path) -> None:
    found = statuses(HELPER.format(sign=sign), tmp_path)
    assert sorted(s.value for s in found) == sorted(["consistent", second.value])


# --- assumptions ---------------------------------------------------------------------------------

WEIGHTED = """
import torch
from torch.distributions import Normal


def train(model, x, beta, optimizer):
    {made}
    value = {value}
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
"""
DENSITY = "Normal(model(x), 1.0).log_prob(x).mean()"


MADE = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"


def assumptions(value: str, made: str, folder: Path) -> tuple[str, ...]:
    (found,) = examined(WEIGHTED.format(value=value, made=made), folder).findings
    return found.assumptions


def test_a_finding_takes_nothing_for_granted_where_all_is_visible(tmp_path: Path) -> None:
    assert assumptions(f"0.5 * {DENSITY}", MADE, tmp_path) == ()


def test_a_finding_names_the_weight_that_it_takes_for_positive(tmp_path: Path) -> None:
    assert assumptions(f"beta * {DENSITY}", MADE, tmp_path) == ("`beta` is positive",)


def test_a_finding_names_the_optimiser_that_it_takes_for_a_descent(tmp_path: Path) -> None:
    assert assumptions(DENSITY, "pass", tmp_path) == ("`optimizer` descends",)


TEMPERATURE = """
import torch


def tune(policy, batches, target):
    log_alpha = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([log_alpha])
    for x in batches:
        dist = torch.distributions.Normal(policy(x), 1.0)
        action = dist.rsample()
        log_pi = dist.log_prob(action).sum(-1)
        target_entropy = -float(target)
        {loss}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("loss", "status"),
    [
        ("loss = -(log_alpha * (log_pi + target_entropy).detach()).mean()", Status.CONSISTENT),
        ("loss = (log_alpha * (log_pi + target_entropy).detach()).mean()", Status.WRONG),
        ("log_pi = x; loss = -(log_alpha * (log_pi + target_entropy)).mean()", Status.BY_NAME),
    ],
)
def test_what_weighs_an_entropy_and_is_moved_alone_is_its_temperature(
    loss: str, status: Status, tmp_path: Path
) -> None:
    assert statuses(TEMPERATURE.format(loss=loss), tmp_path) == [status]


ATTACK = """
import torch
from torch import nn


def attack(model, images, labels, target, targeted, alpha, steps):
    loss = nn.CrossEntropyLoss()
    adv_images = images.clone().detach()
    for _ in range(steps):
        adv_images.requires_grad = True
        if targeted:
            cost = -loss(model(adv_images), target)
        else:
            cost = loss(model(adv_images), labels)
        grad = torch.autograd.grad(cost, adv_images)[0]
        adv_images = adv_images.detach() + alpha * grad.sign()
    return adv_images
"""


def test_an_attack_that_may_be_targeted_is_intended(tmp_path: Path) -> None:
    assert statuses(ATTACK, tmp_path) == [Status.INTENDED]
