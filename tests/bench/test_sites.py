"""Seeded errors: a place is chosen only where the text shows that its sign matters, and is right."""

from __future__ import annotations

from textwrap import dedent

import pytest

from bench.mutants.sites import OPERATORS, Site, differs, find
from bench.mutants.text import Source


def sites(code: str) -> tuple[Source, list[Site]]:
    source = Source(dedent(code).strip() + "\n")
    return source, [s for s in find(source) if differs(source, s.edit)]


def mutants(code: str) -> dict[str, str]:
    """Operator → the line it makes of the code."""
    source, found = sites(code)
    out = {}
    for site in found:
        out[site.operator] = source.apply(site.edit).split("\n")[site.row - 1].strip()
    return out


# --- no sites ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "x = -y",
        "loss = -weight * other",
        "score = -dist.log_prob(x)",
        "loss_fct = CrossEntropyLoss()",
        "loss = loss_fct(logits, y)",
        "loss = decay * old_loss + val_loss",
        "import torch, mlx.optimizers as optim\no = optim.Adam(p)\nl.backward()",
        "import pyro\no = pyro.optim.Adam(p)\nl.backward()",
        "x = f + (1 + eta**2) / 2 * g**2 * score",
        "def log_prob(self, x):\n    return torch.zeros(x.shape)",
        "o = torch.optim.Adam([self.dummy])\nx.backward()",
        "total = price + cost_weight",
        "h = x - 0.5 * y",
        "new_logits = adj @ new_logits * (1 - alpha) + alpha * logits",
        "parser.add_argument('--mode', mode='min')",
        "best = min(a, b)",
        "gradient.backward()",
    ],
)
def test_a_place_without_evidence_is_no_site(code: str) -> None:
    assert mutants(code) == {}


def test_games_and_attacks_are_left_alone() -> None:
    code = """
    def attack(model, x, y):
        loss = -F.cross_entropy(model(x), y)
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    """
    assert mutants(code) == {}


def test_samplers_climb_on_purpose() -> None:
    assert mutants("def langevin(x, grad, lr):\n    x = x - lr * grad") == {}


def test_a_gradient_that_nobody_descends_has_no_sign() -> None:
    assert mutants("def directions(loss, x):\n    loss.backward()\n    return x.grad @ x.grad.T") == {}


def test_constants_of_a_closed_form_are_left_alone() -> None:
    code = "kl = 1 + logvar - mu.pow(2) - logvar.exp()"
    for salt in range(8):
        made = mutants(code.replace("mu", f"mu{salt}"))["flip-closed-form"]
        assert made.startswith("kl = 1 "), "the sign of 1 moves no optimum"


def test_what_a_library_makes_of_constants_is_constant() -> None:
    code = "import lib as l\nlp = l.log(2) - l.log(s) - 0.5 * z**2 - 0.5 * l.log(2 * l.pi)"
    for salt in range(8):
        made = mutants(code.replace("z", f"z{salt}"))["flip-closed-form"]
        assert made.startswith("lp = l.log(2) ") and made.endswith("- 0.5 * l.log(2 * l.pi)")


# --- sites ---------------------------------------------------------------------------------------


EDITS = [
    ("drop-minus", "loss = -dist.log_prob(x).mean()", "loss = dist.log_prob(x).mean()"),
    ("drop-minus", "nll = torch.mean(-dist.log_prob(x))", "nll = torch.mean(dist.log_prob(x))"),
    ("drop-minus", "loss = -(logp * w).sum() / dist.log_prob(x)", None),
    ("drop-minus", "loss = -(dist.log_prob(x) * w).sum()", "loss = (dist.log_prob(x) * w).sum()"),
    ("drop-minus", "def nll(d, x):\n    return -d.log_prob(x)", "return d.log_prob(x)"),
    ("drop-minus", "def score(d, x):\n    return -d.log_prob(x)", None),
    ("add-minus", "loss = F.mse_loss(a, b)", "loss = -F.mse_loss(a, b)"),
    ("add-minus", "loss = nn.MSELoss()(a, b).mean()", "loss = -nn.MSELoss()(a, b).mean()"),
    ("add-minus", "f = criterion = nn.MSELoss()\nloss = criterion(a, b)", "loss = -criterion(a, b)"),
    ("swap-terms", "loss = recon_loss + beta * kl_loss", "loss = recon_loss - beta * kl_loss"),
    ("swap-terms", "loss = policy_loss - c * entropy", "loss = policy_loss + c * entropy"),
    ("swap-terms", "loss += aux_loss", "loss -= aux_loss"),
    ("swap-terms", "elbo = x.log_prob(z) - kl", "elbo = x.log_prob(z) + kl"),
    ("negate-log-density", "def log_prob(self, x):\n    return a + b", "return (-(a + b))"),
    ("negate-log-prob", "log_p = d.log_prob(x).sum(-1)", "log_p = -d.log_prob(x).sum(-1)"),
    ("negated-backward", "loss.backward()\noptimizer.step()", "(-loss).backward()"),
    ("negated-backward", "accelerator.backward(loss)", "accelerator.backward(-loss)"),
    ("ascending-update", "w = w - lr * grad", "w = w + lr * grad"),
    ("ascending-update", "w -= self.lr * dw", "w += self.lr * dw"),
    ("ascending-update", "p.add_(grad, alpha=-lr)", "p.add_(grad, alpha=lr)"),
    ("flip-mode", 'ModelCheckpoint(monitor="val_loss", mode="min")', 'ModelCheckpoint(monitor="val_loss", mode="max")'),
    ("flip-best", "if val_loss < best_loss:\n    pass", "if val_loss > best_loss:"),
    ("maximize-true", "import torch\no = torch.optim.SGD(p)\nl.backward()", "o = torch.optim.SGD(p, maximize=True)"),
    ("negate-argument", "x = F.nll_loss(log_probs, y)", "x = F.nll_loss(-log_probs, y)"),
    ("flip-closed-form", "l = y * log(p) + (1 - y) * log(1 - p)", "l = y * log(p) - (1 - y) * log(1 - p)"),
]  # fmt: skip


@pytest.mark.parametrize("operator, code, made", EDITS)
def test_the_edit_turns_one_sign(operator: str, code: str, made: str | None) -> None:
    assert mutants(code).get(operator) == made


def test_edits_count_characters_where_the_tree_counts_bytes() -> None:
    code = 'é = "→"; loss = -dist.log_prob(é)'
    assert mutants(code)["drop-minus"] == 'é = "→"; loss = dist.log_prob(é)'


def test_a_sign_in_a_comment_is_not_the_operator() -> None:
    code = "loss = (\n    nll_loss  # + is right\n    + kl_loss\n)"
    assert mutants(code)["swap-terms"] == "- kl_loss"


def test_every_operator_is_tried_above() -> None:
    assert {operator for operator, _, made in EDITS if made} == set(OPERATORS)
