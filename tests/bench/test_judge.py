"""The judge in shadow: what it leaves open first, then what it refutes and confirms, and by what."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.judge import ABSENT, CONFIRM, OPEN, REFUTE, Finding, Read, Ruling, names_of, rule
from vaelint.knowledge.loader import load

HEAD = """import torch
import torch.nn.functional as F
from torch.distributions import Normal

"""


def ruled(tmp_path: Path, code: str, body: str) -> Ruling:
    """The ruling on a finding in the row that ends with `# here`."""
    file = tmp_path / "train.py"
    file.write_text(HEAD + body, "utf-8")
    row = next(i for i, line in enumerate(file.read_text("utf-8").split("\n"), 1) if line.endswith("# here"))
    return rule(Finding("train.py", code, file, row, None, None), Read.of(file), load(()))


LEFT_OPEN = {
    "a value of which nothing is known": ("VL301", "def f(x):\n    loss = net(x) * x  # here\n"),
    "a value whose sign depends on the domain": (
        "VL401",
        "def kl(p, q):\n    return (p * torch.log(q)).sum()  # here\n",
    ),
    "a tail alone, where both logarithms are the wrong way round": (
        "VL401",
        "def f(m, s, n, w):\n    kl = torch.log(s) - torch.log(w) + (s**2 + (m - n)**2) / (2 * w**2) - 0.5  # here\n",
    ),
    "a cost whose law may be broken within": (
        "VL301",
        "def f(pos, neg):\n    loss = F.softplus(pos - neg).mean()  # here\n",
    ),
    "a surrogate that falls as the advantage rises": (
        "VL401",
        "def f(ratio, advantages, epsilon):\n"
        "    r = ratio.exp()\n"
        "    loss = -torch.max(r * advantages, r.clamp(1 - epsilon, 1 + epsilon) * advantages).mean()  # here\n",
    ),
    "two costs that are added": ("VL201", "def f(x, y):\n    loss = F.mse_loss(x, y) + x.abs().sum()  # here\n"),
    "a sum of which one term is not known": ("VL201", "def f(x, y):\n    loss = F.mse_loss(x, y) + net(x)  # here\n"),
}


@pytest.mark.parametrize("title", LEFT_OPEN)
def test_it_leaves_open(title: str, tmp_path: Path) -> None:
    assert ruled(tmp_path, *LEFT_OPEN[title]).answer == OPEN


def test_a_row_in_which_nothing_is_computed_is_not_found(tmp_path: Path) -> None:
    assert ruled(tmp_path, "VL301", "def f(x):\n    pass  # here\n").answer == ABSENT
    gone = Finding("gone.py", "VL301", tmp_path / "gone.py", 3, None, None)
    assert rule(gone, Read.of(tmp_path / "gone.py"), load(())).answer == ABSENT


REFUTED = {
    "minus a log-probability that is called a loss": (
        "VL301",
        "def f(d, x):\n    loss = -d.log_prob(x).mean()  # here\n",
        "library",
    ),
    "a step on the way to the negation": (
        "VL301",
        "def f(d, x):\n    loss = d.log_prob(x)  # here\n    loss = -loss.mean()\n    return loss\n",
        "flow",
    ),
    "what leaves the function negated": (
        "VL101",
        "def f(d, x):\n    total = d.log_prob(x).mean()  # here\n    return -total\n",
        "flow",
    ),
    "a right divergence": (
        "VL402",
        "def f(mu, logvar):\n    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())  # here\n",
        "sign",
    ),
    "two log-probabilities that are added": (
        "VL201",
        "def f(p, q, x):\n    total = p.log_prob(x) + q.log_prob(x)  # here\n",
        "library",
    ),
}


@pytest.mark.parametrize("title", REFUTED)
def test_it_refutes(title: str, tmp_path: Path) -> None:
    code, body, by = REFUTED[title]
    made = ruled(tmp_path, code, body)
    assert (made.answer, made.by) == (REFUTE, by), made.why


CONFIRMED = {
    "a log-density that is called a loss": (
        "VL301",
        "def f(m, s, x):\n    loss = Normal(m, s).log_prob(x)  # here\n",
        "integral",
    ),
    "minus a method's log-probability": ("VL302", "def f(d, x):\n    log_lik = -d.log_prob(x)  # here\n", "library"),
    "a hand-written density that is minus one": (
        "VL401",
        "def log_likelihood(x, mu, sigma):\n    return 0.5 * ((x - mu) / sigma)**2 + torch.log(sigma)  # here\n",
        "integral",
    ),
    "a divergence with one sign flipped": (
        "VL402",
        "def f(mu, logvar):\n    kl = -0.5 * torch.sum(1 + logvar - mu**2 + logvar.exp())  # here\n",
        "sign",
    ),
    "a loss less a divergence": (
        "VL201",
        "def f(x, y, mu, logvar):\n"
        "    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())\n"
        "    loss = F.mse_loss(x, y) - kl  # here\n",
        "sign",
    ),
}


@pytest.mark.parametrize("title", CONFIRMED)
def test_it_confirms(title: str, tmp_path: Path) -> None:
    code, body, by = CONFIRMED[title]
    made = ruled(tmp_path, code, body)
    assert (made.answer, made.by) == (CONFIRM, by), made.why


def test_technical_names_are_held_against_their_values(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        HEAD
        + "def f(mu, logvar):\n"
        + "    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())\n"
        + "    nll = Normal(mu, logvar.exp()).log_prob(mu * 2)\n"
        + "    elbo = net(mu)\n",
        "utf-8",
    )
    spoken = {s.where.rpartition(" ")[2]: s.agrees for s in names_of(tmp_path, load(()))}
    assert spoken["kl"] is True
    assert spoken.get("nll") is not True
    assert "elbo" not in spoken  # a leaf: there is nothing to run
