"""Which calls flow into objectives and selections, and whose callee is not known."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bench.coverage import callees, child
from bench.coverage.callees import NETWORK, Callee


def called(tmp_path: Path, **files: str) -> dict[str, Callee]:
    for name, code in files.items():
        (tmp_path / f"{name}.py").write_text(dedent(code).strip() + "\n")
    return {c.name: c for c in child.folder(tmp_path)["calls"]}


TRAINING = """
    import torch
    import torch.nn.functional as F
    import unheard

    class Net(torch.nn.Module):
        pass

    def penalty(x):
        return unheard.distance(x, torch.zeros_like(x))

    def train(data, x, y):
        net = Net()
        optimizer = torch.optim.Adam(net.parameters())
        torch.randn(3)
        loss = F.cross_entropy(net(unheard.prepared(x)), y)
        loss = loss + penalty(x).mean()
        loss.backward()
        optimizer.step()
"""


def test_what_flows_into_no_objective_is_not_counted(tmp_path: Path) -> None:
    made = called(tmp_path, a=TRAINING)
    assert "torch.randn" not in made
    assert "torch.optim.Adam" not in made


def test_what_goes_into_a_network_is_not_counted(tmp_path: Path) -> None:
    made = called(tmp_path, a=TRAINING)
    assert made["Net"].sort in (NETWORK, "project")
    assert "unheard.prepared" not in made


def test_functions_of_the_project_are_followed(tmp_path: Path) -> None:
    made = called(tmp_path, a=TRAINING)
    assert not made["unheard.distance"].known
    assert made["torch.nn.functional.cross_entropy"].known
    assert made["torch.zeros_like"].known


def test_functions_of_another_file_are_followed(tmp_path: Path) -> None:
    made = called(
        tmp_path,
        losses="import unheard\n\ndef my_loss(x):\n    return unheard.distance(x)\n",
        a="""
            import torch
            from losses import my_loss

            def train(model, x):
                optimizer = torch.optim.Adam(model.parameters())
                loss = my_loss(x)
                loss.backward()
                optimizer.step()
        """,
    )
    assert not made["unheard.distance"].known


def test_a_rule_makes_a_callee_known(tmp_path: Path) -> None:
    code = """
        import torch

        def train(model, x):
            optimizer = torch.optim.Adam(model.parameters())
            loss = torch.nn.Softplus()(x).mean()
            loss.backward()
            optimizer.step()
    """
    assert called(tmp_path, a=code)["torch.nn.Softplus"].known


def test_the_unknown_are_ranked_by_calls_and_explained_where_no_rule_is_possible() -> None:
    unknown, known = ["library", "unheard.f", False], ["library", "torch.sum", True]
    typed = ["library", "tyro.cli", False]
    made = callees.summary({"a": [unknown, known, known, typed], "b": [unknown, ["network", "Net", True]]})
    assert (made["calls"], made["unknown"], made["networks"], made["explained"]) == (5, 3, 1, 1)
    assert made["ranked"][0] == [2, 2, "library", "unheard.f", ""]
    assert made["ranked"][1][4]


def test_calls_are_weighed_by_what_is_proved_of_their_names() -> None:
    calls = {"torch.sum": 6, "torch.exp": 2, "torch.unheard": 1, "unheard.f": 9}
    assert callees.proved_share(calls, ["torch"], ["torch.sum", "torch.exp"], ["torch.sum"]) == [9, 8, 6]


def test_every_callee_without_a_rule_has_a_reason() -> None:
    assert all(callees.reasons().values())
