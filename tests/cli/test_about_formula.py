"""`vaelint about --expr` answers for a hand-written formula."""

from __future__ import annotations

from click.testing import CliRunner

from vaelint.cli.about import command


def ask(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(args))
    return result.exit_code, result.output


def test_a_divergence_is_told_with_its_optimum_and_values() -> None:
    code, out = ask("--expr", "0.5 * (mu**2 + s**2 - 2*log(s) - 1)")
    assert code == 0
    assert "the KL divergence of a Gaussian from N(0, 1), least at mu = 0, s = 1" in out
    rows = [line.split() for line in out.splitlines() if line.split()[:1] and line.split()[0][-1].isdigit()]
    assert ["0", "1", "0"] in rows


def test_a_slip_is_told_with_its_sign() -> None:
    _, out = ask("--expr", "-0.5 * torch.sum(1 + logvar - mu.pow(2) + logvar.exp())")
    assert "`+ exp(logvar)` should be `- exp(logvar)`" in out


def test_what_is_no_formula_is_said_to_be_none() -> None:
    _, out = ask("--expr", "a + b")
    assert "no formula that is known" in out


def test_nothing_or_both_is_a_usage_error() -> None:
    assert ask()[0] == 2
    assert ask("kl", "--expr", "a")[0] == 2


def test_what_does_not_parse_is_an_error() -> None:
    assert ask("--expr", "a +")[0] != 0
