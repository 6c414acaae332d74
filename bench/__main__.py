"""``python -m bench cases|corpus|mutants|peers|fuzz|history``."""

from __future__ import annotations

from pathlib import Path

import click

_cache = click.option(
    "--cache", type=click.Path(path_type=Path), help="Where downloads and raw results lie; default: the user's cache."
)
_only = click.option("--only", multiple=True, metavar="PACKAGE", help="These packages of bench/corpus.tsv alone.")
_local = click.option(
    "--local",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder instead of the corpus: no network, nothing recorded.",
)
_record = click.option("--record", is_flag=True, help="Commit the summary to bench/results, for later runs to differ.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure vaelint."""


@main.command()
@click.option("-v", "--verbose", is_flag=True, help="Name each miss, known or not.")
@_record
def cases(verbose: bool, record: bool) -> None:
    """Labelled fixtures: recall by kind, false alarms, known misses."""
    from bench import cases as bench

    raise SystemExit(bench.run(verbose=verbose, record=record))


@main.command()
@_cache
@_only
@_local
@_record
def corpus(cache: Path | None, only: tuple[str, ...], local: Path | None, record: bool) -> None:
    """Real packages: findings, verdicts, objectives resolved, time, memory."""
    from bench import corpus as bench

    raise SystemExit(bench.run(cache=cache, only=only, local=local, record=record))


@main.command()
@_cache
@_only
@_local
@_record
@click.option("--limit", default=6, show_default=True, help="Mutants per operator and package.")
@click.option("--seed", default=1, show_default=True)
def mutants(cache: Path | None, only: tuple[str, ...], local: Path | None, record: bool, limit: int, seed: int) -> None:
    """Sign errors seeded into real code: how many are found."""
    from bench import mutants as bench

    raise SystemExit(bench.run(cache=cache, only=only, local=local, record=record, limit=limit, seed=seed))


@main.command()
@_cache
@_record
def peers(cache: Path | None, record: bool) -> None:
    """What other linters find on the labelled cases."""
    from bench import peers as bench

    raise SystemExit(bench.run(cache=cache, record=record))


@main.command()
@click.option("--count", default=200, show_default=True, help="Inputs to try.")
@click.option("--seed", default=1, show_default=True)
@click.option("--record", is_flag=True, help="Write the table to docs/TRUST.md.")
def fuzz(count: int, seed: int, record: bool) -> None:
    """Mutated and hostile files: crashes, hangs, lost findings, broken fixes, peak memory, longest file."""
    from bench import fuzz as bench

    raise SystemExit(bench.run(count, seed, record))


@main.command()
@click.argument("change")
def history(change: str) -> None:
    """Add a row to bench/HISTORY.md from the recorded results."""
    from bench import history as bench

    bench.add(change)


if __name__ == "__main__":
    main()
