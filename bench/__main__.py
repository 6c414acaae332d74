"""The benches as one command: ``python -m bench --help`` lists them."""

from __future__ import annotations

import os
from datetime import datetime
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
    os.environ["VAELINT_NO_CACHE"] = "1"  # what is measured is done anew each time


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
@click.option("--only", multiple=True, metavar="PACKAGE", help="These packages of bench/unread.tsv alone.")
@click.option(
    "--sources",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the repositories among them, each as owner+name: the bench fetches none.",
)
@click.option(
    "--vaelint",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another checkout of vaelint to measure.",
)
@_record
def unread(cache: Path | None, only: tuple[str, ...], sources: Path | None, vaelint: Path | None, record: bool) -> None:
    """First runs on unread code, again: which judged findings still come."""
    from bench import unread as bench

    raise SystemExit(bench.run(cache=cache, only=only, sources=sources, vaelint=vaelint, record=record))


@main.command()
@_cache
@click.option("--draw", "number", type=int, metavar="N", help="Take at most N fresh packages from the pool first.")
@click.option("--seed", default=3, show_default=True, help="Of the sample.")
@click.option(
    "--apart",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --draw: a list of what is kept apart (tab-separated, with the columns what and name).",
)
@click.option("--enough", default=60, show_default=True, help="With --draw: findings at which no more are taken.")
@click.option("--until", type=click.DateTime(["%H:%M"]), help="With --draw: the time today when no more are taken.")
@click.option(
    "--vaelint",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A checkout of vaelint to run in place of this one, over what was drawn.",
)
@click.option("--jobs", default=2, show_default=True, help="Packages that are run at a time.")
@click.option("--flips", "limit", type=int, metavar="N", help="Flip N signs per operator and package of those run.")
def firstrun(
    cache: Path | None,
    number: int | None,
    seed: int,
    apart: Path | None,
    enough: int,
    until: datetime | None,
    vaelint: Path | None,
    jobs: int,
    limit: int | None,
) -> None:
    """Packages that nobody had read, drawn by a seed: what is said of them, to be judged."""
    from bench import firstrun as bench

    if limit is not None:
        raise SystemExit(bench.flip(cache=cache, seed=seed, vaelint=vaelint, limit=limit))
    if number is None:
        raise SystemExit(bench.run(cache=cache, seed=seed, vaelint=vaelint, jobs=jobs))
    today = None if until is None else datetime.combine(datetime.now().date(), until.time())
    raise SystemExit(
        bench.draw(cache=cache, number=number, seed=seed, apart=apart, enough=enough, until=today, jobs=jobs)
    )


@main.command()
@click.argument("find", default="")
@click.option("--record", is_flag=True, help="Write which fixture has an example of each row of the checks.")
def messages(find: str, record: bool) -> None:
    """Each text that reaches a person, with an example from the fixtures; those with FIND in them."""
    from bench import messages as bench

    raise SystemExit(bench.record() if record else bench.run(find))


@main.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--without", is_flag=True, help="Name each finding that has none.")
def edits(folder: Path | None, without: bool) -> None:
    """How many findings carry an edit, by check: in the fixtures, or in FOLDER."""
    from bench import edits as bench

    raise SystemExit(bench.run(folder, without))


@main.command()
@click.option("--record", is_flag=True, help="Write the tables to bench/UNREAD.md.")
def evidence(record: bool) -> None:
    """How often findings were right, by what their two sides rested on (the tables of bench/UNREAD.md)."""
    from bench import evidence as bench

    raise SystemExit(bench.run(record=record))


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
@click.option("--only", multiple=True, metavar="PACKAGE", help="These packages of the sample alone.")
@_record
@click.option(
    "--draw", "number", type=int, metavar="N", help="Take N fresh packages from the pool for --seed, and stop."
)
@click.option("--seed", type=int, help="Of the sample; default: the last one that was drawn.")
@click.option(
    "--apart",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --draw: a list of what is kept apart (tab-separated, with the columns what and name).",
)
@click.option(
    "--vaelint",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A checkout of vaelint to measure in place of this one.",
)
@click.option("--limit", default=3, show_default=True, help="Flips per operator and package.")
def flips(
    cache: Path | None,
    only: tuple[str, ...],
    record: bool,
    number: int | None,
    seed: int | None,
    apart: Path | None,
    vaelint: Path | None,
    limit: int,
) -> None:
    """Signs flipped in packages that nobody had read: how many flips are found."""
    from bench.flips import run as bench

    if number is not None:
        if seed is None:
            raise click.UsageError("--draw needs a --seed")
        raise SystemExit(bench.draw(cache=cache, number=number, seed=seed, apart=apart))
    raise SystemExit(bench.run(cache=cache, only=only, vaelint=vaelint, seed=seed, limit=limit, record=record))


@main.command()
@_cache
@_only
@_record
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def coverage(cache: Path | None, only: tuple[str, ...], record: bool, folders: tuple[Path, ...]) -> None:
    """Places that claim, optimise or select: how many are decided, and why the rest is not.

    Over the corpus, or over FOLDERS in its place.
    """
    from bench.coverage import run as bench

    raise SystemExit(bench.run(cache=cache, only=only, folders=folders, record=record))


@main.command()
@click.option("--field", "fields", multiple=True, metavar="FIELD", help="Laws of these fields alone.")
@click.option("--seed", default=1, show_default=True)
@click.option("--limit", default=3000, show_default=True, help="Forms to write; 0: all.")
@click.option("--holders", is_flag=True, help="Withhold half of the holders' names too.")
@click.option("-v", "--verbose", is_flag=True, help="Print what was alarmed, or missed.")
@_record
def laws(fields: tuple[str, ...], seed: int, limit: int, holders: bool, verbose: bool, record: bool) -> None:
    """Right, silent and wrong forms of the laws of rules/laws: how many are reported."""
    from bench.laws import run as bench

    raise SystemExit(bench.run(fields=fields, record=record, seed=seed, limit=limit, holders=holders, verbose=verbose))


@main.command()
@_cache
@_only
@_record
@click.option("--word", default="", metavar="WORD", help="List the places of that word that facts decide, and stop.")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def words(cache: Path | None, only: tuple[str, ...], record: bool, word: str, folders: tuple[Path, ...]) -> None:
    """How often values are, by facts, what the words in their names say.

    Over the corpus and FOLDERS. With --record the counts are written into rules/names.toml.
    """
    from bench.words import run as bench

    raise SystemExit(bench.run(cache=cache, only=only, folders=folders, word=word, record=record))


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
@click.option(
    "--sources",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of real files, which are mutated besides the fixtures.",
)
def fuzz(count: int, seed: int, record: bool, sources: tuple[Path, ...]) -> None:
    """Mutated and hostile files: crashes, hangs, lost findings, broken fixes, peak memory, longest file."""
    from bench import fuzz as bench

    raise SystemExit(bench.run(count, seed, record, sources))


@main.command()
@_cache
@click.option("--record", is_flag=True, help="Write the table to docs/TRUST.md.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def read(folders: tuple[Path, ...], cache: Path | None, record: bool) -> None:
    """Code that has no losses: crashes, and findings with what was made of them when they were read."""
    from bench import read as bench

    raise SystemExit(bench.run(folders, cache, record))


@main.command()
@_cache
@click.option("--record", is_flag=True, help="Write the table to docs/TRUST.md.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def same(folders: tuple[Path, ...], cache: Path | None, record: bool) -> None:
    """One answer, byte by byte, whatever the order of files, the number of processes, the seed of hashes."""
    from bench import same as bench

    raise SystemExit(bench.run(folders, cache, record))


@main.command()
@_record
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def warm(folders: tuple[Path, ...], record: bool) -> None:
    """The cache: the same bytes as without one, after changes and damage too; and what it spares."""
    from bench import warm as bench

    raise SystemExit(bench.run(folders, record))


@main.command()
@click.option(
    "--source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The package's own folder: say what its functions return, as vaelint reads them.",
)
@click.argument("library")
@click.argument("tables", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def draft(source: Path | None, library: str, tables: tuple[Path, ...]) -> None:
    """A draft of LIBRARY's rules, to be read, proved and only then shipped.

    From its own source, and from tables of conventions that people read in documentation.
    """
    if source is not None:
        from bench import drafting

        click.echo(drafting.draft(source, library), nl=False)
    if tables:
        from bench import draft as bench

        click.echo(bench.draft(list(tables), library))
    if source is None and not tables:
        raise click.UsageError("name the package's folder (--source), or tables of conventions")


@main.command()
@click.option("--record", is_flag=True, help="Keep in bench/proved.tsv what was proved, for the libraries tried.")
@click.option("-v", "--verbose", is_flag=True, help="Name what is only declared, too.")
@click.option("--tests", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Names that tests proved.")
@click.option("--packages", is_flag=True, help="Only say which packages to install for it.")
@click.argument("libraries", nargs=-1)
def prove(record: bool, verbose: bool, tests: Path | None, packages: bool, libraries: tuple[str, ...]) -> None:
    """Try the rules on the libraries that are installed here, or on some of them."""
    from bench import proved as bench

    if packages:
        click.echo(bench.packages(libraries))
        return
    raise SystemExit(bench.run(libraries, record=record, verbose=verbose, tests=tests))


@main.command()
@click.option("--check", is_flag=True, help="Only say whether docs/LIBRARIES.md is what would be written.")
def libraries(check: bool) -> None:
    """Write docs/LIBRARIES.md: what is known of each library, and how much of it was proved."""
    from bench import proved as bench

    raise SystemExit(bench.page(check=check))


@main.command()
@click.option("--record", is_flag=True, help="Write docs/SPEED.md and its picture.")
@click.option("--times", default=3, show_default=True, help="Runs of each, besides a first one that does not count.")
@click.option(
    "--tools",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The bin folder of an environment with flake8 and Ruff.",
)
@click.argument("trees", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def speed(record: bool, times: int, tools: Path | None, trees: tuple[Path, ...]) -> None:
    """How long runs over TREES take without a cache, cold, warm, and after a change; and other linters beside it."""
    from bench import speed as bench

    raise SystemExit(bench.run(trees, tools, times, record))


@main.command()
@click.argument("root", default=None, required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def size(root: Path | None) -> None:
    """Lines of the core by folder, and the words that its decisions read; of another checkout at ROOT."""
    from bench import size as bench

    raise SystemExit(bench.run(root) if root is not None else bench.run())


@main.command()
@click.option("--record", is_flag=True, help="Write the table to docs/TRUST.md.")
@click.argument("modules", nargs=-1)
def tested(modules: tuple[str, ...], record: bool) -> None:
    """Small edits of MODULES (vaelint/evidence.py, …) that none of their tests notices."""
    from bench import tested as bench

    raise SystemExit(bench.run(modules, record))


@main.command()
@click.argument("change")
def history(change: str) -> None:
    """Add a row to bench/HISTORY.md from the recorded results."""
    from bench import history as bench

    bench.add(change)


if __name__ == "__main__":
    main()
