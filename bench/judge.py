"""The judge in shadow: what graphs that are run would say of findings whose verdicts are known.

A finding says of a value that it is the opposite of what it should be. The value's graph is built from the function
that the row stands in, and the judge is asked what the value is: a cost (bounded below, not above; minus a density; it
falls as a log-density rises), a gain, or neither. Where that is what the finding says of it, the finding is confirmed;
where it is the opposite, refuted; else left open. Nothing is switched on by this: it is a table to decide by.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import cases, unread
from bench.evidence import FACTS
from bench.places import cache_folder, stdout
from vaelint import ir
from vaelint.graph import build
from vaelint.graph.ask import Answer, Judge, Verdict
from vaelint.graph.domains import SIMPLEX
from vaelint.graph.execute import Budget, Exhausted
from vaelint.graph.node import Graph, Kind, Node, below, leaves
from vaelint.graph.ops import POSITIVE
from vaelint.graph.repair import repair
from vaelint.graph.values import Built, File, Several, Value
from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.loader import load
from vaelint.knowledge.schema import Claim
from vaelint.sense import Sense
from vaelint.source.file import SourceError, SourceFile
from vaelint.source.file import load as load_file

# The checks whose findings speak of a value, with what they say that it is; "": the opposite of its name.
SAYS = {
    "VL101": Sense.GAIN, "VL102": Sense.COST, "VL301": Sense.GAIN, "VL302": Sense.COST, "VL401": None, "VL402": None,
    "VL403": None, "VL201": None,
}  # fmt: skip
CONFIRM, REFUTE, OPEN, ABSENT = "confirm", "refute", "leave open", "not found"
ANSWERS = (CONFIRM, REFUTE, OPEN, ABSENT)
MOST_LEAVES = 6  # along which tails are looked at
MOST_DATA = 3  # over which a density is integrated
CALLS_BUDGET = 400_000  # evaluations of nodes for one finding


class Finding(NamedTuple):
    """``right``: None where there is no verdict. ``name``: of what it speaks; ``basis``: what the sense of the value
    rested on (`bench.evidence`), where these are known."""

    where: str
    code: str
    path: Path
    row: int
    cell: int | None
    right: bool | None
    name: str = ""
    basis: str = ""


class Ruling(NamedTuple):
    finding: Finding
    answer: str
    why: str
    seconds: float
    by: str = ""  # what decided


# --- files and places ------------------------------------------------------------------------------


class Place(NamedTuple):
    """A value that stands at a row: the name that it gets, if any."""

    name: str
    node: Node
    span: int


@dataclass
class Read:
    """One file with its functions."""

    source: SourceFile
    file: File
    functions: list[tuple[int, int, str, ir.FunctionDef]] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> Read | None:
        try:
            source = load_file(path)
            source.read_whole()
            block = tuple(s for unit in source.units for s in source.lower(unit))
        except (SourceError, OSError):
            return None
        out = cls(source, File(block))
        out.functions = [(*out.rows(fn.id), owner, fn) for owner, fn in _functions(block, "")]
        module = ir.FunctionDef(-1, "<module>", (), block, (), None)
        out.functions.append((0, 1 << 30, "", module))
        return out

    def rows(self, node: int) -> tuple[int, int]:
        """The rows of a node, of a notebook as joined."""
        at = self.source.locate(node)
        return self.source.joined_row(at.row, at.cell), self.source.joined_row(at.end_row, at.cell)

    def around(self, row: int) -> tuple[str, ir.FunctionDef]:
        """The innermost function around a row, with the class that it is a method of."""
        found = [(b - a, i) for i, (a, b, _, _) in enumerate(self.functions) if a <= row <= b]
        _, _, owner, fn = self.functions[min(found)[1]]
        return owner, fn


def _functions(block: ir.Block, owner: str) -> Iterator[tuple[str, ir.FunctionDef]]:
    for s in block:
        match s:
            case ir.FunctionDef(body=body):
                yield owner, s
                yield from _functions(body, "")
            case ir.ClassDef(name=name, body=body):
                yield from _functions(body, name)
            case (
                ir.If(body=body, orelse=orelse) | ir.For(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse)
            ):
                yield from _functions((*body, *orelse), owner)
            case ir.Try(body=body) | ir.With(body=body):
                yield from _functions(body, owner)
            case _:
                pass


def places(read: Read, built: Built, fn: ir.FunctionDef, row: int) -> list[Place]:
    """What is bound, returned, optimised or merely written at a row; the shortest statement first."""
    out: list[Place] = []

    def add(name: str, held: Value, node: int) -> None:
        first, last = read.rows(node)
        if first <= row <= last:
            out.extend(Place(name, x, last - first) for x in _nodes(held))

    for b in built.bound:
        if read.source.holds(b.node):
            add(b.name, b.value, b.node)
    for held, at in built.returned:
        add(fn.name, held, at)
    for node, at in built.stepped:
        add("", node, at)
    for passed, at in built.passed:
        made = build.code(passed, read.file, built.graph)
        for held, _ in made.returned[:1]:
            add("", held, at)
    if not out:
        for at, node in built.at.items():
            if read.source.holds(at) and node.args:
                add("", node, at)
        out.sort(key=lambda p: -len(below([p.node])))
        return out[:1]
    return sorted(out, key=lambda p: p.span)


def _nodes(held: Value) -> list[Node]:
    if isinstance(held, Several):
        return [x for item in held.items for x in _nodes(item)]
    return [held] if isinstance(held, Node) else []


# --- what a value is -------------------------------------------------------------------------------


class Weighed(NamedTuple):
    """``by``: what decided."""

    sense: Sense
    why: str
    by: str = ""


LIBRARY, INTEGRAL, SIGN, TAIL, NAMES, FLOW = "library", "integral", "sign", "tail", "names", "flow"
# What may refute. One sign, and tails, are those of a contrastive loss and of the same with its pairs exchanged: they
# tell a value from its negation, and nothing of what a law says of its parts; of a divergence they are the law.
REFUTING: tuple[str, ...] = (LIBRARY, INTEGRAL, FLOW)
BY_NUMBERS = (LIBRARY, INTEGRAL, FLOW, SIGN, TAIL)
UNKNOWN = Weighed(Sense.UNKNOWN, "nothing decides")
_OF = {Verdict.HOLDS: Sense.COST, Verdict.CONTRARY: Sense.GAIN}


@dataclass
class Scales:
    """Weighs the values of one function."""

    knowledge: Knowledge
    built: Built
    budget: Budget = field(default_factory=lambda: Budget(CALLS_BUDGET))

    def judge(self, root: Node) -> Judge:
        return Judge(self.built.graph, below([root]), self.prior, self.assumed, budget=self.budget)

    def name(self, leaf: Node) -> str:
        assert leaf.leaf is not None
        return self.built.names.get(leaf.leaf.key, leaf.leaf.name)

    def prior(self, leaf: Node) -> str:
        return SIMPLEX if self.knowledge.is_probability(self.name(leaf).rpartition(".")[2]) else ""

    def assumed(self, leaf: Node) -> str:
        return POSITIVE if self.knowledge.positive(self.name(leaf).rpartition(".")[2]) else ""

    def fact(self, leaf: Node) -> Sense:
        """The sense of a leaf that a library's rules give."""
        callee = _callee(leaf)
        if isinstance(callee, tuple):
            method = self.knowledge.method(str(callee[1]), "distribution")
            return method.sense if method is not None and method.sense is not None else Sense.UNKNOWN
        entry = self.knowledge.lookup(callee) if callee else None
        return entry.sense if entry is not None and entry.sense is not None else Sense.UNKNOWN

    def claimed(self, root: Node) -> list[tuple[Node, str, Claim]]:
        """What a value is made of and what that is called, as far as the names claim a sense: the outermost of them.

        Returns and rewards say which way a surrogate goes; the log-probabilities beside them do not.
        """
        called = {b.value.value: b.name.rpartition(".")[2] for b in self.built.bound if isinstance(b.value, Node)}
        out: list[tuple[Node, str, Claim]] = []
        stack, seen = list(root.args), set[int]()
        while stack:
            node = stack.pop()
            if node.number in seen:
                continue
            seen.add(node.number)
            names = [called.get(node.value, "")]
            if node.leaf is not None:
                callee = _callee(node)
                names += [
                    self.name(node).rpartition(".")[2],
                    str(callee[1]) if isinstance(callee, tuple) else callee.rpartition(".")[2],
                ]
            claims = [(n, c) for n in names if n.isidentifier() and (c := self.knowledge.claim(n)) is not None]
            directed = [(n, c) for n, c in claims if c.sense.directed]
            if directed:
                out.append((node, *directed[0]))
            else:
                stack.extend(node.args)
        paid = [x for x in out if x[2].kind in ("return", "reward")]
        return paid or out

    def weigh(self, root: Node) -> Weighed:
        """What a value is, by the first kind of question that has an answer."""
        for question in (self.by_library, self.by_integral, self.by_tails, self.by_names):
            found = question(root)
            if found is not None:
                return found
        return UNKNOWN

    def by_library(self, root: Node) -> Weighed | None:
        """It rises or falls with what a library says is a gain or a cost."""
        known = [(leaf, self.name(leaf), self.fact(leaf)) for leaf in leaves(root)]
        return self._along(root, [x for x in known if x[2].directed], LIBRARY)

    def by_names(self, root: Node) -> Weighed | None:
        """It rises or falls with what is called a gain or a cost."""
        return self._along(root, [(node, name, claim.sense) for node, name, claim in self.claimed(root)], NAMES)

    def _along(self, root: Node, parts: Sequence[tuple[Node, str, Sense]], by: str) -> Weighed | None:
        found: set[Sense] = set()
        why = ""
        for node, name, sense in parts[:MOST_LEAVES]:
            answer = self.judge(root).slope(root, node)
            if answer.verdict is Verdict.OPEN and answer.why == "no gradient":
                continue
            if answer.verdict is Verdict.OPEN:
                return None if by == LIBRARY else Weighed(Sense.UNKNOWN, f"{name}: {answer.why}")
            found.add(sense if answer else -sense)
            why = f"{answer.why} with {name}"
        if len(found) == 1:
            return Weighed(found.pop(), why, by)
        return Weighed(Sense.UNKNOWN, "it holds both costs and gains") if found else None

    def by_integral(self, root: Node) -> Weighed | None:
        """The exponential of it, or of minus it, is a density."""
        data = [leaf for leaf in leaves(root) if leaf.leaf is not None and leaf.leaf.kind is not Kind.DRAW]
        for leaf in data[:MOST_DATA]:
            answer = self.judge(root).normalised(root, leaf)
            if answer.verdict is not Verdict.OPEN:
                gain = answer.verdict is Verdict.HOLDS
                return Weighed(Sense.GAIN if gain else Sense.COST, f"{answer.why} over {self.name(leaf)}", INTEGRAL)
        return None

    def by_tails(self, root: Node) -> Weighed | None:
        """Bounded on one side, and not on the other, along what it is computed from."""
        judge = self.judge(root)
        tails = [judge.bounded_below(root, leaf) for leaf in leaves(root)[:MOST_LEAVES]]
        found = {_OF[a.verdict] for a in tails if a.verdict in _OF}
        sign = judge.sign(root)
        if sign.verdict in _OF:
            found.add(_OF[sign.verdict])
        if len(found) != 1 or not any(a.verdict in _OF for a in tails):
            return None
        why = "; ".join(dict.fromkeys(a.why for a in (*tails, sign) if a.verdict in _OF))
        return Weighed(found.pop(), why, SIGN if sign.verdict in _OF else TAIL)


def _callee(leaf: Node) -> tuple[object, str] | str:
    """What a leaf was called from: a dotted name, or a receiver and a method; "" for what is no call."""
    assert leaf.leaf is not None
    key = leaf.leaf.key
    while isinstance(key, tuple) and key[0] in ("part", "key", "item", "element") and isinstance(key[1], tuple):
        key = key[1]
    if not isinstance(key, tuple) or key[0] != "output":
        return ""
    return key[1] if isinstance(key[1], tuple) else str(key[1])


def later(scales: Scales, built: Built, place: Place) -> Answer | None:
    """Whether the same name is bound to minus the value afterwards: a step on the way to it."""
    held = [b.value for b in built.bound if b.name == place.name]
    final = held[-1] if held else None
    if not place.name or not isinstance(final, Node) or final.value == place.node.value:
        return None
    return scales.judge(final).slope(final, place.node)


def leaving(scales: Scales, built: Built, place: Place) -> Answer | None:
    """Which way what is optimised, or else returned, goes as the value rises; None where it is that itself, or none."""
    out = [node for node, _ in built.stepped] or [x for held, _ in built.returned for x in _nodes(held)]
    out = [x for x in out if x.value != place.node.value and any(n.value == place.node.value for n in below([x]))]
    return scales.judge(out[0]).slope(out[0], place.node) if len(out) == 1 else None


# --- rulings -----------------------------------------------------------------------------------------


def rule(finding: Finding, read: Read | None, knowledge: Knowledge) -> Ruling:
    began = time.perf_counter()
    if read is None:
        return Ruling(finding, ABSENT, "no such file", 0.0)
    try:
        owner, fn = read.around(read.source.joined_row(finding.row, finding.cell))
        built = build.function(fn, read.file, owner, Graph())
        answer, why, by = _ruled(finding, read, built, fn, knowledge)
    except Exhausted:
        answer, why, by = OPEN, "too long", ""
    return Ruling(finding, answer, why, time.perf_counter() - began, by)


Said = tuple[str, str, str]  # the answer, why, and what decided


def _ruled(finding: Finding, read: Read, built: Built, fn: ir.FunctionDef, knowledge: Knowledge) -> Said:
    scales = Scales(knowledge, built)
    row = read.source.joined_row(finding.row, finding.cell)
    found = places(read, built, fn, row)
    if finding.name:
        found = [p for p in found if p.name == finding.name] or found
    if not found:
        return ABSENT, "nothing is computed in this row", ""
    found = found[:3]
    if finding.code in ("VL401", "VL402"):  # what is wrong with a formula may be what the function is called
        found += [Place(fn.name, x, 0) for held, _ in built.returned for x in _nodes(held) if x is not found[0].node]
    answers = [(*_of_place(finding.code, p, scales, built, fn), p.name or "value") for p in found[:4]]
    for wanted in (CONFIRM, REFUTE):
        for said, why, by, name in answers:
            if said == wanted:
                return said, f"{name}: {why}", by
    return OPEN, answers[0][1], ""


def _of_place(code: str, place: Place, scales: Scales, built: Built, fn: ir.FunctionDef) -> Said:
    if code == "VL201":
        return _terms(place, scales)
    expected, refuting = SAYS[code], REFUTING
    if expected is None:
        claim = scales.knowledge.claim(place.name) or scales.knowledge.claim(fn.name)
        if claim is not None and claim.kind == "entropy":
            return _entropy(place, scales)
        if claim is None or not claim.sense.directed:
            return OPEN, "its name says nothing", ""
        expected = -claim.sense
        refuting = (*REFUTING, SIGN) if claim.kind == "kl" else REFUTING
    if code in ("VL301", "VL302"):
        turned = later(scales, built, place)
        if turned is not None and turned.verdict is Verdict.CONTRARY:
            return REFUTE, "the name is bound to its negation afterwards", FLOW
    if code == "VL101":
        turned = leaving(scales, built, place)
        if turned is not None and turned.verdict is Verdict.CONTRARY:
            return REFUTE, "what leaves the function falls as it rises", FLOW
    weighed = scales.weigh(place.node)
    if code == "VL402":
        return _slip(place, scales, -expected, weighed, refuting)
    if not weighed.sense.directed:
        return OPEN, weighed.why, ""
    if weighed.sense is expected or (code == "VL102" and place.node.op == "neg"):
        return CONFIRM, weighed.why, weighed.by  # what is maximised may be written with its minus
    refutes = weighed.by in refuting and code != "VL102"
    return (REFUTE if refutes else OPEN), weighed.why, weighed.by


def _slip(place: Place, scales: Scales, meant: Sense, weighed: Weighed, refuting: Sequence[str]) -> Said:
    """Right as it stands, or right with exactly one sign flipped."""
    if weighed.sense is meant and weighed.by in refuting:
        return REFUTE, weighed.why, weighed.by

    def law(node: Node) -> Answer:
        found = scales.weigh(node)
        return Answer(Verdict.HOLDS if found.sense is meant and found.by in (*REFUTING, SIGN) else Verdict.OPEN)

    found = repair(scales.built.graph, place.node, law)
    if found is None:
        return OPEN, weighed.why, ""
    return CONFIRM, "with one sign flipped it is what its name says", SIGN


def _entropy(place: Place, scales: Scales) -> Said:
    """An entropy of probabilities is never below zero; any rises with every scale."""
    judge = scales.judge(place.node)
    sign = judge.sign(place.node)
    if sign.verdict is not Verdict.OPEN:
        return (REFUTE if sign else CONFIRM), sign.why, SIGN
    slopes = {judge.slope(place.node, leaf).verdict for leaf in leaves(place.node)[:MOST_LEAVES]} - {Verdict.OPEN}
    if len(slopes) == 1:
        rises = slopes.pop() is Verdict.HOLDS
        why = "it rises with its scale" if rises else "it falls as its scale rises"
        return (REFUTE if rises else CONFIRM), why, SIGN
    return OPEN, "neither of one sign nor of one slope", ""


def _terms(place: Place, scales: Scales) -> Said:
    """The summands of a value: of one sense with their signs, or opposed."""
    terms = [(sign, x) for sign, x in _summands(place.node, 1) if leaves(x)]
    weighed = [(sign, scales.weigh(x)) for sign, x in terms[:MOST_LEAVES]]
    senses = [w.sense if sign > 0 else -w.sense for sign, w in weighed]
    directed = [w for _, w in weighed if w.sense.directed]
    by = next((x for x in (NAMES, TAIL, SIGN) if any(w.by == x for w in directed)), LIBRARY)
    known = {s for s in senses if s.directed}
    why = "; ".join(w.why for w in directed)
    if len(known) == 2:
        return CONFIRM, f"its terms are opposed: {why}", by
    if len(known) == 1 and len(terms) > 1 and all(s.directed for s in senses) and by in REFUTING:
        return REFUTE, f"all of its terms go one way: {why}", by
    return OPEN, f"{len(directed)} of {len(terms)} terms are known", ""


def _summands(node: Node, sign: int) -> list[tuple[int, Node]]:
    """Through reductions and positive constants down to what is added."""
    match node.op:
        case "add" | "sub":
            a, b = node.args
            return [*_summands(a, sign), *_summands(b, sign if node.op == "add" else -sign)]
        case "neg":
            return _summands(node.args[0], -sign)
        case "sum" | "mean":
            return _summands(node.args[0], sign)
        case _:
            return [(sign, node)]


# --- samples -----------------------------------------------------------------------------------------


def of_unread(cache: Path | None, sources: Path | None, only: Sequence[str]) -> Iterator[Finding]:
    place, pinned = cache_folder(cache), unread.read_sources()
    folders: dict[str, Path | None] = {}
    for j in unread.read():
        if j.code not in SAYS or (only and j.package not in only) or j.verdict == "arguable":
            continue
        if j.package not in folders:
            folders[j.package] = unread.source(j.package, pinned[j.package], place, sources)
        folder = folders[j.package]
        path = (folder if folder is not None else Path("missing")) / j.file
        where = f"{j.package} {j.file}:{'' if j.cell is None else f'cell {j.cell}:'}{j.row}"
        yield Finding(where, j.code, path, j.row, j.cell, j.verdict in unread.RIGHT, basis=j.value_basis)


def of_fixtures(folder: Path) -> Iterator[Finding]:
    """What vaelint says on the marked lines, which is right, and elsewhere in files with marks, which need not be."""
    from vaelint.config import Config
    from vaelint.engine import analyse
    from vaelint.finding import Confidence

    result = analyse([folder], Config(min_confidence=Confidence.POSSIBLE))
    marks = {p.resolve(): cases.read_case(p).marks for p in sorted(folder.rglob("*.py"))}
    for f in result.findings:
        path = Path(f.filename).resolve()
        if f.code in SAYS and path in marks:
            at = (f.location.cell or 0, f.location.row)
            where = f"{path.relative_to(folder.resolve())}:{f.location.row}"
            yield Finding(where, f.code, path, f.location.row, f.location.cell, at in marks[path] or None)


class Spoken(NamedTuple):
    """A name with a claim, in a fixture, and what its value is."""

    where: str
    clean: bool
    agrees: bool | None
    why: str


def names_of(folder: Path, knowledge: Knowledge) -> Iterator[Spoken]:
    """Every technical name that is bound or returned: does its value go the way that it says?"""
    for path in track(sorted(folder.rglob("*.py")), "names", console=Console(stderr=True), transient=True):
        read = Read.of(path)
        clean = not cases.read_case(path).marks
        for _, _, owner, fn in read.functions[:-1] if read is not None else ():
            assert read is not None
            built = build.function(fn, read.file, owner, Graph())
            scales = Scales(knowledge, built)
            seen: set[tuple[str, int]] = set()
            named = [(b.name, b.value, b.node) for b in built.bound]
            for name, held, node in (*named, *((fn.name, held, node) for held, node in built.returned)):
                claim = knowledge.claim(name.rpartition(".")[2])
                if claim is None or not claim.strong or not claim.sense.directed or not isinstance(held, Node):
                    continue
                if (name, held.value) in seen or not held.args or not read.source.holds(node):
                    continue
                seen.add((name, held.value))
                where = f"{path.relative_to(folder)}:{read.rows(node)[0]} {name}"
                try:
                    found = scales.weigh(held)
                except Exhausted:
                    found = Weighed(Sense.UNKNOWN, "too long")
                yield Spoken(where, clean, found.sense is claim.sense if found.sense.directed else None, found.why)


# --- the table ---------------------------------------------------------------------------------------


def run(cache: Path | None, sources: Path | None, fixtures: Path | None, only: tuple[str, ...], verbose: bool) -> int:
    console, knowledge = stdout(), load(())
    if fixtures is None:
        findings = list(of_unread(cache, sources, only))
    else:
        findings = list(of_fixtures(fixtures))
    rulings = _all(findings, knowledge)
    show(console, rulings, verbose)
    if fixtures is not None:
        show_names(console, list(names_of(fixtures, knowledge)))
    return 0


def _all(findings: Iterable[Finding], knowledge: Knowledge) -> list[Ruling]:
    out, files = [], dict[Path, Read | None]()
    for f in track(list(findings), "judge", console=Console(stderr=True), transient=True):
        if f.path not in files:
            files[f.path] = Read.of(f.path) if f.path.is_file() else None
        out.append(rule(f, files[f.path], knowledge))
    return out


def _kind(f: Finding) -> str:
    return "unmarked" if f.right is None else "right" if f.right else "wrong"


def show(console: Console, rulings: Sequence[Ruling], verbose: bool) -> None:
    def listed(title: str, some: Callable[[Ruling], bool]) -> None:
        for r in filter(some, rulings):
            console.print(f"{title}: {r.finding.code} {r.finding.where}: {r.why}", markup=False)

    listed("refuted, and right", lambda r: r.answer == REFUTE and r.finding.right is True)
    listed("confirmed, and wrong", lambda r: r.answer == CONFIRM and r.finding.right is False)
    listed("refuted, and wrong", lambda r: r.answer == REFUTE and r.finding.right is False)
    if verbose:
        listed("confirmed, and right", lambda r: r.answer == CONFIRM and r.finding.right is True)
        listed("open", lambda r: r.answer in (OPEN, ABSENT))
    codes = sorted({r.finding.code for r in rulings})
    table = Table("check", "verdict", *ANSWERS)
    for code in (*codes, "all"):
        for kind in ("right", "wrong", "unmarked"):
            n = Counter(r.answer for r in rulings if code in (r.finding.code, "all") and _kind(r.finding) == kind)
            if n:
                table.add_row(code, kind, *(str(n[a]) for a in ANSWERS))
    console.print(table)
    if any(r.finding.basis for r in rulings):
        show_worth(console, rulings)
    took = sorted(r.seconds for r in rulings if r.answer != ABSENT)
    if took:
        median, late, most = (1000 * took[int(q * (len(took) - 1))] for q in (0.5, 0.9, 1.0))
        console.print(f"milliseconds a finding: median {median:.0f}, 90 % below {late:.0f}, most {most:.0f}")


def show_worth(console: Console, rulings: Sequence[Ruling]) -> None:
    """How often a finding was right, by what stood behind its value and by what the judge says of it."""
    table = Table("the value's sense rested on", "the judge", "right", "wrong")
    for title, some in (("a fact", FACTS), ("names", None)):
        for kind in ("confirms by numbers", "confirms by names", REFUTE, OPEN):
            n = Counter(
                r.finding.right
                for r in rulings
                if (r.finding.basis in FACTS) is (some is not None) and _said(r) == kind and r.finding.right is not None
            )
            table.add_row(title, kind, str(n[True]), str(n[False]))
    console.print(table)


def _said(r: Ruling) -> str:
    if r.answer != CONFIRM:
        return OPEN if r.answer == ABSENT else r.answer
    return "confirms by numbers" if r.by in BY_NUMBERS else "confirms by names"


def show_names(console: Console, spoken: Sequence[Spoken]) -> None:
    for s in spoken:
        if s.agrees is False:
            console.print(f"contrary in a {'clean' if s.clean else 'marked'} file: {s.where}: {s.why}", markup=False)
    table = Table("technical names", "as they say", "contrary", "open")
    for title, clean in (("in clean files", True), ("in marked files", False)):
        n = Counter(s.agrees for s in spoken if s.clean is clean)
        table.add_row(title, str(n[True]), str(n[False]), str(n[None]))
    console.print(table)
