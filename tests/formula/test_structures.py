"""Losses known by their structure, and formulas known by technical names, in many spellings; and what is neither."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.evidence import Confidence

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import jax
import jax.numpy as jnp
import math
import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import norm
from torch.distributions import Normal
"""
LEAST = 30


def functions(bodies: list[str]) -> str:
    """One function a body; the sign stands where a body has ``@``."""
    return HEAD + "".join(f"\n\ndef train_{i}{body}" for i, body in enumerate(bodies))


def codes(text: str) -> list[tuple[str, int]]:
    found = analyse([], Config(min_confidence=Confidence.POSSIBLE), stdin=("model.py", text)).findings
    return [(f.code, f.location.row) for f in found]


def quantised() -> Iterator[str]:
    spelled = (
        "(({0}.detach() - {1}) ** 2).mean()", "torch.mean(({1} - {0}.detach()) ** 2)", "F.mse_loss({1}, {0}.detach())",
        "F.mse_loss({0}.detach(), {1})", "torch.mean(({0}.detach() - {1}).pow(2))",
    )  # fmt: skip
    for a, b in itertools.product(spelled, spelled):
        first, second = a.format("z_q", "z_e"), b.format("z_e", "z_q")
        yield f"(z_e, z_q, beta):\n    loss = {first} @ beta * {second}\n    return loss\n"
        yield (
            f"(z_e, z_q):\n    vq_loss = {first}\n    commit_loss = {second}\n"
            f"    loss = vq_loss @ 0.25 * commit_loss\n    return loss\n"
        )


def mixtures() -> Iterator[str]:
    weights = ("log_pi", "log_weights", "F.log_softmax(logits, -1)", "log_mix", "mix_log_coef")
    given = "(log_pi, log_weights, log_mix, mix_log_coef, logits, mu, sigma, y)"
    for log_pi, how in itertools.product(weights, ("torch.logsumexp({}, -1)", "torch.logsumexp({}, dim=1).mean()")):
        for density in ("Normal(mu, sigma).log_prob(y)", "Normal(mu, sigma).log_prob(y).sum(-1)"):
            yield f"{given}:\n    return {how.format(f'{log_pi} @ {density}')}\n"
        inner = how.format(f"{log_pi} @ log_prob")
        yield f"{given}:\n    log_prob = Normal(mu, sigma).log_prob(y)\n    return -{inner}\n"


def returns() -> Iterator[str]:
    for gamma, reward in itertools.product(("gamma", "self.gamma", "discount"), ("r", "reward", "rewards[t]")):
        given = "(self, gamma, discount, r, reward, rewards, t, next_value, R, done)"
        for later in ("R", "next_value", "(1 - done) * next_value", "next_value * (1 - done)"):
            yield f"{given}:\n    R = {reward} @ {gamma} * {later}\n    loss = R\n    return loss\n"


def criteria() -> Iterator[str]:
    for ll, k in itertools.product(
        ("log_likelihood", "loglik", "ll", "self.log_lik"), ("k", "n_params", "self.n_parameters")
    ):
        given = "(self, log_likelihood, loglik, ll, k, n_params, n)"
        yield f"{given}:\n    aic = 2 * {k} @ 2 * {ll}\n    return aic, log_likelihood\n".replace("@", "%")
        yield f"{given}:\n    bic = {k} * np.log(n) @ 2 * {ll}\n    return bic, log_likelihood\n".replace("@", "%")
        yield f"{given}:\n    aic = -2 * {ll} @ 2 * {k}\n    return aic, log_likelihood\n"


def improvements() -> Iterator[str]:
    gains = ("(mu - best)", "(best - mu)", "imp", "improvement")
    for gain, order, sigma in itertools.product(gains, (0, 1), ("sigma", "std", "np.sqrt(var)", "s")):
        mean, spread = f"{gain} * norm.cdf(z)", f"{sigma} * norm.pdf(z)"
        text = f"{mean} @ {spread}" if order else f"{mean} @ norm.pdf(z) * {sigma}"
        yield f"(mu, best, imp, improvement, z, sigma, std, var, s, log_prob):\n    ei = {text}\n    return ei\n"


def langevin() -> Iterator[str]:
    noises = ("np.sqrt(2 * eps) * noise", "math.sqrt(2 * eps) * torch.randn_like(x)", "jnp.sqrt(eps) * xi")
    for noise, score in itertools.product(noises, ("grad_log_p(x)", "grad_logp", "log_prob_grad", "grad_log_prob(x)")):
        for step in ("eps", "0.5 * eps", "step_size"):
            yield (
                f"(x, eps, step_size, noise, xi, grad_log_p, grad_logp, log_prob_grad, grad_log_prob):\n"
                f"    x = x @ {step} * {score} + {noise}\n    return x\n"
            )


FAMILIES = {
    "codebook and commitment": quantised, "mixture": mixtures, "return": returns, "criterion": criteria,
    "improvement": improvements, "langevin": langevin,
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_the_right_sign_is_silent_and_the_other_is_told(family: str) -> None:
    bodies = list(FAMILIES[family]())
    assert len(bodies) >= LEAST
    right = functions([b.replace("@", "+").replace("%", "-") for b in bodies])
    assert not codes(right)
    wrong = functions([b.replace("@", "-").replace("%", "+") for b in bodies])
    found = codes(wrong)
    rows = [i for i, line in enumerate(wrong.splitlines(), 1) if line.startswith("def ")]
    missed = [b for b, row, end in zip(bodies, rows, [*rows[1:], 10**9]) if not any(row < r < end for _, r in found)]
    assert not missed
    assert {code for code, _ in found} == {"VL402"}


RANKINGS = [
    (d, hinge)
    for d in (("d_ap", "d_an"), ("dist_pos", "dist_neg"), ("pos_dist", "neg_dist"), ("ap_dist", "an_dist"))
    for hinge in (
        "F.relu({} - {} + margin)", "torch.clamp(margin + {} - {}, min=0)", "torch.relu(margin - ({1} - {0}))",
        "F.softplus({} - {})", "torch.exp({} - {})", "(({} - {}) + 0.2).clamp(min=0)",
        "torch.log1p(torch.exp({} - {}))", "F.elu({} - {} + margin)",
    )
]  # fmt: skip


def test_a_triplet_loss_is_a_cost_in_any_spelling() -> None:
    assert len(RANKINGS) >= LEAST
    for turned in (False, True):
        bodies = []
        for (near, far), hinge in RANKINGS:
            loss = hinge.format(far, near) if turned else hinge.format(near, far)
            bodies.append(
                f"(optimizer, {near}, {far}, margin):\n    loss = {loss}.mean()\n"
                f"    loss.backward()\n    optimizer.step()\n"
            )
        found = codes(functions(bodies))
        assert len(found) == (len(bodies) if turned else 0)
        assert {code for code, _ in found} <= {"VL101"}
