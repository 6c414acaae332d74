"""``vaelint about``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from vaelint.cli import _options, _output, _outputs
from vaelint.knowledge.metrics import Metric
from vaelint.knowledge.schema import KEY, Claim, Counts, Entry, Method, Proof, Selector
from vaelint.report._view import wrapped
from vaelint.sense import Pass, Sense

if TYPE_CHECKING:
    from vaelint.knowledge import Knowledge

_MEANS = {
    Sense.GAIN: "something that should go up ↑",
    Sense.COST: "something that should go down ↓",
    Sense.NONE: "without a direction ·",
    Sense.UNKNOWN: "unknown ?",
}
_PASSES = {
    Pass.KEEP: "keeps its sense (increasing)",
    Pass.FLIP: "turns its sense round (decreasing)",
    Pass.NONE: "leaves no sense",
    Pass.LOSE: "loses its sense (not monotone)",
}


@click.command("about", short_help="Say what is believed of a function or a name.")
@click.argument("name", required=False)
@click.option("--expr", metavar="FORMULA", help="A hand-written formula instead of a name.")
def command(name: str | None, expr: str | None) -> None:
    """Say what vaelint believes of NAME: a qualified name of a library, or an identifier.

    \b
    vaelint about torch.nn.functional.nll_loss
    vaelint about recon_loss
    vaelint about --expr "0.5 * (mu**2 + s**2 - 2*log(s) - 1)"
    """
    if (name is None) == (expr is None):
        raise click.UsageError("give a NAME or --expr FORMULA")
    if expr is not None:
        _print(about_formula(expr))
        return
    assert name is not None
    known = _options.knowledge()
    lines = [*about_qualified(known, name)]
    for full in () if lines else known.spelt_out(name):
        found = [*about_qualified(known, full)]
        lines += [f"`{name}` is `{full}` as people import it:", *found] if found else []
    if not lines:
        lines += about_identifier(known, name)
        unknown = [*about_unknown(known, name)] if not lines or "." in name else []
        if not lines:
            _print(unknown)
            raise _output.Trouble(f"nothing is known of `{name}`")
        lines += unknown
    _print(lines)


def _print(lines: Iterable[str]) -> None:
    columns = _outputs.terminal_width() or 0
    _output.emit("".join(wrapped(line, columns, "    ") + "\n" for line in lines))


def about_qualified(known: Knowledge, name: str) -> Iterator[str]:
    """What the rules have under the full name."""
    entry, selector = known.lookup(name), known.selector(name)
    if entry is not None:
        yield from about_entry(entry)
        yield from about_proof(known.proof(entry.name))
    if selector is not None:
        yield from about_selector(selector)
        yield from about_proof(known.proof(selector.name))


def about_identifier(known: Knowledge, name: str) -> Iterator[str]:
    """What the last part says as the name of a method, of a value, of a metric."""
    identifier = name.rpartition(".")[2]
    for method in known.methods():
        if method.name == identifier:
            yield from about_method(method)
    claim = known.claim(identifier)
    if claim is not None:
        yield from about_claim(identifier, claim)
        yield from about_counts(claim.term, known.counts(claim.term))
    metric = known.metrics.metric(name)
    if metric is not None:
        yield from about_metric(name, metric)


def about_unknown(known: Knowledge, name: str) -> Iterator[str]:
    """Of a name that no rule has: which ones it may have been meant to be, and how to say what it is."""
    root, dotted, _ = name.partition(".")
    full = known.spelt_out(name)
    if full or known.knows(root) or not dotted:
        near = [*dict.fromkeys(x for spelt in full or (name,) for x in known.near(spelt))]
        yield from (f"did you mean {x}?" for x in near)
        if near:
            return
    if not dotted:
        yield "a value of that name is judged by how it is computed alone; to say what such values are:"
        yield f'  names = {{ cost = ["{name.lower()}"] }}  # or gain; under [tool.vaelint]'
        return
    yield "no rule is about the function: to say what it returns, name a file with this under `extend-rules`:"
    yield f'  library = "{root}"'
    yield f'  roots = ["{root}"]'
    yield f'  function = [{{ names = ["{name}"], sense = "cost" }}]  # or "gain"'


def about_proof(proof: Proof | None) -> Iterator[str]:
    if proof is not None:
        yield f"  not proved by running it: {proof.unproved}" if proof.unproved else "  proved by running it"


def about_formula(text: str) -> Iterator[str]:
    from vaelint.graph import lesson
    from vaelint.graph.slips import Slip, decide
    from vaelint.source.quick import typed

    try:
        e = typed(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise _output.Trouble(f"`{text}` is no expression: {error}") from error
    found = decide(e)
    fact = found.mended if isinstance(found, Slip) else found
    yield click.style(text, bold=True)
    if fact is None:
        yield "  no formula that is known: its sense comes from what it is made of"
    elif isinstance(found, Slip):
        yield f"  one sign away from {fact.noun}: {found.flip}"
        yield f"  with that sign flipped: {fact.reason}"
    else:
        yield f"  {fact.reason}"
        yield f"  it is {_meaning(fact.meaning.sense, fact.meaning.kind)}"
    if fact is not None and fact.strict:
        yield "  so short that only fitting names make it this formula"
    values = lesson.table(e)
    if values is not None:
        columns = [*values.header, "value"]
        widths = [max(8, len(c)) for c in columns]
        yield "  " + "  ".join(c.rjust(w) for c, w in zip(columns, widths))
        for point, value in values.rows:
            yield "  " + "  ".join(f"{x:{w}.4g}" for x, w in zip((*point, value), widths))


def about_entry(e: Entry) -> Iterator[str]:
    yield f"{click.style(e.name, bold=True)}({', '.join(e.params)})  [{e.library}]"
    if e.sense is not None:
        whose = "what it makes yields" if e.makes == "loss" else "its result is"
        yield f"  {whose} {_meaning(e.sense, e.kind)}"
    if e.makes:
        yield f"  it makes: {e.makes.replace('_', ' ')}" + (f" (of `{e.of}`)" if e.of else "")
    if e.makes == "optimizer":
        flag = f", or the other way with `{e.direction_flag}`" if e.direction_flag else ""
        yield f"  it {e.direction}s its objective{flag}"
    for way, param in (("minimizes", e.minimizes), ("maximizes", e.maximizes)):
        if param:
            yield f"  it {way} `{param}`"
    for param, how in e.passes.items():
        yield f"  `{param}`: {_PASSES[how]}"
    for param, sense in e.needs.items():
        yield f"  `{param}`: must be {_MEANS[sense]}"
    if e.aux:
        yield f"  with `{e.aux}` the function returns the value and something besides"
    if e.url:
        yield f"  {e.url}"


def about_method(m: Method) -> Iterator[str]:
    owner = "anything" if m.on == "any" else f"a {m.on}"
    yield f".{click.style(m.name, bold=True)}()  method of {owner}  [{m.library}]"
    if m.sense is not None:
        yield f"  its result is {_meaning(m.sense, m.kind)}"
    if m.passes is not None:
        yield f"  the value it is called on: {_PASSES[m.passes]}"
    if m.makes:
        yield f"  it makes: {m.makes.replace('_', ' ')}"
    if m.url:
        yield f"  {m.url}"


def about_selector(s: Selector) -> Iterator[str]:
    yield f"{click.style(s.name, bold=True)}  selects by a metric  [{s.library}]"
    if s.metric:
        yield "  the metric is " + (
            "the key it stands under" if s.metric == KEY else f"what `{s.metric}` names or computes"
        )
    if s.objective:
        yield f"  the metric is what `{s.objective}` is or returns"
    for name, position in s.takes.items():
        yield f"  the metric is what argument {position + 1} of `.{name}()` is or returns"
    if s.mode:
        yield f"  `{s.mode}` says which way: {' or '.join(s.minimize)} minimises, {' or '.join(s.maximize)} maximises"
    for pattern, direction in s.default:
        yield f"  without it: {direction}s " + ("every metric" if pattern == "*" else f"a metric like `{pattern}`")
    if s.direction:
        yield f"  it {s.direction.replace('ize', 'ise')}s"
    if s.url:
        yield f"  {s.url}"


def about_metric(name: str, m: Metric) -> Iterator[str]:
    yield f"{click.style(name, bold=True)}  a metric"
    yield f"  `{m.term}` in it says: {_MEANS[m.sense]}" + ("" if m.signed else ", never below zero")


def about_claim(identifier: str, c: Claim) -> Iterator[str]:
    yield f"{click.style(identifier, bold=True)}  a name"
    yield f"  `{c.word}` in it says: {_meaning(c.sense, c.kind)}"
    yield "  a technical term: its value is checked against it" if c.strong else "  a loose word: a hint at most"


def about_counts(word: str, c: Counts | None) -> Iterator[str]:
    if c is None:
        yield f"  not measured: no released package that was read shows, by facts, what a value named `{word}` is"
        return
    packages = f"{c.packages} package" + ("s" if c.packages != 1 else "")
    if c.directed:
        yield f"  measured: {c.agrees} of {c.directed} values named `{word}`, in {packages}, were what the name says"
    else:
        yield f"  measured: none of {c.neither} values named `{word}`, in {packages}, had a single direction"


def _meaning(sense: Sense, kind: str) -> str:
    return _MEANS[sense] + (f" ({kind.replace('_', ' ')})" if kind else "")
