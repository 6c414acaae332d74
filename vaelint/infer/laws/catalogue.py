"""Where the laws of `rules/laws` are asked: what is bound, returned, passed or kept under a name.

A value is looked at as it is written, and with the names in it opened that hold something written too: at each depth it
may be a law's form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from vaelint import ir
from vaelint.evidence import Basis, Support
from vaelint.finding import Example, number
from vaelint.infer.events import Misstated
from vaelint.infer.expression import held_by, inlined, rewritten, walk
from vaelint.infer.journal import Remembered
from vaelint.infer.laws import uses
from vaelint.infer.seen import EntryKeyed, Observer, ValueAssigned, ValueAugmented, ValueReturned, View, observes
from vaelint.infer.values import Form, Frame, Function, Instance, Library, Number, Quantity, Value
from vaelint.laws import rows
from vaelint.laws.rows import HELD, PLAINLY, SPEAKS
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.graph.node import Node
    from vaelint.graph.values import Value as GraphValue
    from vaelint.laws.match import Broken, Place
    from vaelint.source.index import Unit

DEPTHS = (0, 1, 2, 4)
MOST_CALLS = 4  # of functions within functions that are opened
MOST_NAMES = 24  # in one expression: a longer one is no law
MOST_PLACES = 400  # of one file
UNMISTAKABLE = 6.0  # bits of a form that is no convention: nobody keeps minus that under the same name
_OPENED = (ir.Binary, ir.Unary, ir.Call, ir.Subscript, ir.Attr)

# What a value is kept or returned under, and what stands behind it on its line.
_HELD = re.compile(r"([^\W\d]\w*)(?:\[[^]\n]*\])?[ \t]*[-+*/]?=(?!=)(.*)|def[ \t]+([^\W\d]\w*)|[\"'](\w+)[\"']:(.*)")
_COMPUTED = re.compile(r"[-+*/<>]|[(\[]\s*(?:#|$)")  # what stands there has an operator, or goes on on the next line
_RETURNED = re.compile(r"\breturn\b(.*)")

catalogue: Callable[[], rows.Catalogue] = rows.shipped


@dataclass(eq=False)
class _Asked(Remembered):
    """What was asked already: a place is run for each caller."""

    done: set[tuple[int, str]] = field(default_factory=set)


class Stating:
    """Which functions of a file may state a law, by the names in them: those are run as entry points, too."""

    def __init__(self, text: str, preview: bool) -> None:
        self._text = text
        self._lines: list[str] | None = None
        self.preview = preview
        self.any = self._speaks(text)

    def within(self, unit: Unit) -> bool:
        if not self.any:
            return False
        if self._lines is None:
            self._lines = self._text.splitlines()
        return self._speaks("\n".join(self._lines[unit.start - 1 : unit.end]))

    def _speaks(self, text: str) -> bool:
        """Whether a text computes something, with operators, under a name that a law's value has."""
        names = dict.fromkeys(name for name, rest in _bound(text) if _COMPUTED.search(rest))
        return catalogue().speaks(names, SPEAKS if self.preview else PLAINLY)


def _bound(text: str) -> Iterator[tuple[str, str]]:
    returned = " ".join(_RETURNED.findall(text))
    for name, rest, function, key, entry in _HELD.findall(text):
        yield name or function or key, rest if name else returned if function else entry


def watching(preview: bool) -> tuple[Observer[Any], ...]:
    """Who asks: where something is bound, added to, returned, or stands under a key.

    ``preview``: for every law that a name may be about; else for those alone of which name and form leave no doubt.
    """

    @observes(ValueAssigned)
    def assigned(view: View, seen: ValueAssigned) -> None:
        for target in seen.stmt.targets:
            _ask(view, seen.e, seen.value, _holder(target), seen.scope, preview)

    @observes(ValueAugmented)
    def augmented(view: View, seen: ValueAugmented) -> None:
        s = seen.stmt
        whole = ir.Binary(s.id, s.op, s.target, s.value)
        _ask(view, whole, seen.value, _holder(s.target), seen.scope, preview)

    @observes(ValueReturned)
    def returned(view: View, seen: ValueReturned) -> None:
        _ask(view, seen.e, seen.value, seen.scope.result, seen.scope, preview)

    @observes(EntryKeyed)
    def keyed(view: View, seen: EntryKeyed) -> None:
        _ask(view, seen.e, seen.value, seen.key, seen.scope, preview)

    return assigned, augmented, returned, keyed


def _holder(target: ir.Expr) -> str:
    while isinstance(target, ir.Subscript) and not isinstance(target.index, ir.Const):
        target = target.base
    return held_by(target)


def _ask(view: View, e: ir.Expr, value: Value, holder: str, f: Frame, preview: bool) -> None:
    if not holder or not isinstance(e, (ir.Binary, ir.Unary, ir.Call)) or not isinstance(value, Quantity):
        return
    if value.form == Form.INVERSE:
        return  # known by how it is built: it is judged by what is made of it
    laws = catalogue()
    sizes = laws.sizes(holder, HELD if preview else PLAINLY)
    if not sizes:
        return
    done = view.memory(_Asked).done
    if (e.id, holder) in done or len(done) > MOST_PLACES:
        return
    done.add((e.id, holder))
    view.memory(_Asked).journal.changed()
    from vaelint.laws.match import broken, explained

    views = _views(view, e, holder, f)
    seen: list[Place] = []
    for place in views:
        if not seen and place.root.leaf is not None:
            return  # another name for what is held elsewhere
        seen.append(place)
        if len(place.named) not in sizes or not all(map(_is_name, place.named.values())):
            continue
        found = broken(laws, place, view.knowledge)
        if found is not None and (preview or found.is_plain):
            others = (other for other in (*seen, *views) if other.root is not place.root)
            if not any(explained(laws, other, found, view.knowledge) for other in others):
                _report(view, found, e, holder, f, place.root)
            return


def _report(view: View, found: Broken, e: ir.Expr, holder: str, f: Frame, root: Node) -> None:
    from vaelint.graph.node import below

    seen = uses.of(view, e.id, holder)
    if not seen.changes <= {e.id}:
        return  # it is changed elsewhere, too: a part of it says nothing of the whole
    bases = _bases(view, found, f)
    if bases is not None:
        opened = frozenset(n.origin for n in below([root]) if n.origin >= 0)
        view.emit(
            _misstated(found, e, holder, bases, _is_doubted(view, found, holder, seen, holder == f.result), opened)
        )


# --- what is written, as a graph -----------------------------------------------------------------


def _views(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterator[Place]:
    """The expression at several depths, with what its leaves are called."""
    from vaelint.graph.node import leaves
    from vaelint.laws.match import Place

    seen: set[int] = set()
    for depth in DEPTHS:
        reader = _Opened(view, holder, f)
        root = reader.read(e, depth)
        if root is None:
            return
        root = reader.plain(root)
        size = hash((len(reader.graph), tuple(reader.names.values())))
        if size in seen:
            return
        seen.add(size)
        named = {n.leaf.key: reader.called(n) for n in leaves(root) if n.leaf is not None}
        senses = {key: sense for key, name in named.items() if (sense := _sense(view, name, f)) is not Sense.NONE}
        yield Place(reader.graph, root, holder, named, frozenset(reader.closed), senses)


def _sense(view: View, name: str, f: Frame) -> Sense:
    """Which way a leaf goes: by fact, else by its name; ``NONE`` where neither says."""
    value, claim = f.find(name), view.knowledge.claim(name)
    if isinstance(value, Quantity) and len(value.terms) == 1:
        term = value.terms[0]
        if term.meaning.is_evidence and term.value_sense.directed:
            return term.value_sense
    return claim.sense if claim is not None and claim.sense.directed else Sense.NONE


class _Opened:
    """Reads expressions of one frame into one graph. ``closed``: the keys of leaves that could be opened further."""

    def __init__(self, view: View, holder: str, f: Frame) -> None:
        from vaelint.graph.node import Graph

        self.view, self.holder, self.f = view, holder, f
        self.graph = Graph()
        self.names: dict[str, str] = {}
        self.closed: set[object] = set()

    def read(self, e: ir.Expr, depth: int) -> Node | None:
        from vaelint.graph.calls import expression
        from vaelint.graph.node import Node

        e = self.opened(e)
        found = _names(e)
        if len(found) > MOST_NAMES:
            return None
        given = {name: held for name in found if (held := self.held(name, depth)) is not None}
        own = self.f.find("self")
        if "self" in found and isinstance(own, Instance):
            numbers = {k: x.value for k, x in self.view.attributes(own).items() if isinstance(x, Number)}
            given |= {f"self.{k}": self.graph.constant(x) for k, x in numbers.items() if x < 0}
        made = expression(e, self.graph, given, self.view.knowledge)
        return made if isinstance(made, Node) else None

    def opened(self, e: ir.Expr, depth: int = MOST_CALLS) -> ir.Expr:
        """With what functions of the project yield in place of the calls of them, where their code is straight."""

        def change(x: ir.Node) -> ir.Expr | None:
            fn = self.f.find(x.func.name) if isinstance(x, ir.Call) and isinstance(x.func, ir.Name) else None
            if not isinstance(fn, Function) or fn.decorators or not isinstance(x, ir.Call):
                return None
            made = inlined(fn, x)
            return self.opened(made, depth - 1) if made is not None else None

        return cast("ir.Expr", rewritten(e, change)) if depth else e

    def held(self, name: str, depth: int) -> GraphValue | None:
        from vaelint.graph import values
        from vaelint.graph.node import Kind

        value = self.f.find(name)
        if isinstance(value, Library):
            return values.Library(value.path)
        if isinstance(value, Number):
            return self.graph.constant(value.value)
        written = self.f.wrote(name)
        own = name == self.holder  # what is added to what it holds already
        if written is not None and (own or isinstance(written, _OPENED)):
            made = self.read(written, depth - 1) if depth else None
            if made is not None and (own or made.leaf is None):
                self.names[f"{name}@{depth}"] = name
                return made
        key = value.key if isinstance(value, Quantity) else 0
        leaf = self.graph.leaf(Kind.OPAQUE, name, ("name", name, key))
        if own or isinstance(written, (ir.Binary, ir.Unary)):
            assert leaf.leaf is not None
            self.closed.add(leaf.leaf.key)
        return leaf

    def plain(self, root: Node) -> Node:
        """Without guards against zero, and with an item of a leaf as a leaf."""
        from vaelint.graph.node import CONSTANT, Kind, rewritten

        def change(node: Node, args: tuple[Node, ...]) -> Node | None:
            if node.op in ("add", "sub", "max") and len(args) == 2:
                for x, other in ((args[1], args[0]), (args[0], args[1])):
                    if x.op == CONSTANT and 0 < abs(x.constant) <= GUARD and (node.op != "sub" or x is args[1]):
                        return other
            if node.op == "item" and args[0].leaf is not None:
                leaf, index = args[0].leaf, node.setting("index")
                step = _ahead(index)
                return self.graph.leaf(Kind.OPAQUE, f"{step}{leaf.name}", ("part", leaf.key, index))
            return args[0] if node.op == "same" else None

        return rewritten(self.graph, root, change)

    @staticmethod
    def called(leaf: Node) -> str:
        assert leaf.leaf is not None
        return _called(leaf.leaf.name)


GUARD = 1e-3  # a number up to this that is added keeps something from being zero


def _ahead(index: object) -> str:
    """``x[1:]`` beside ``x[:-1]`` is what comes next."""
    first = index[0] if isinstance(index, tuple) and index else None
    return "next_" if isinstance(first, tuple) and first[0] == 1 and first[1] is None else ""


def _is_name(text: str) -> bool:
    """No list, text or the like, for which plus and minus are something else."""
    return text[:1].isalpha() or text[:1] in ("_", "(")


def _called(text: str) -> str:
    """The name in a leaf as it is written: of ``self.values[t + 1]`` the next value, of ``pi(s).log_prob(a)`` what is
    called last."""
    base, bracket, index = text.partition("[")
    if bracket and "(" not in base and "+ 1" in index.partition("]")[0]:
        return "next_" + base.rpartition(".")[2]
    return _before_arguments(text) if text.endswith(")") else base.partition("(")[0]


def _before_arguments(text: str) -> str:
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += (text[i] in ")]") - (text[i] in "([")
        if not depth:
            return text[:i].rpartition(".")[2].rpartition(" ")[2]
    return text.partition("(")[0]


def _names(e: ir.Expr) -> set[str]:
    return {x.name for x in walk(e) if isinstance(x, ir.Name)}


# --- what is reported ----------------------------------------------------------------------------


def _bases(view: View, found: Broken, f: Frame) -> tuple[Basis, ...] | None:
    """On what it rests that each leaf is what its role asks for; None where a fact contradicts its name."""
    out = []
    for leaf in found.roles.values():
        assert leaf.leaf is not None
        name = leaf.leaf.name
        value, claim = f.find(name), view.knowledge.claim(name)
        basis = Basis.NAME
        if isinstance(value, Quantity) and len(value.terms) == 1 and claim is not None:
            term = value.terms[0]
            if term.meaning.is_evidence and term.value_sense.directed and claim.sense.directed:
                if term.value_sense is not claim.sense:
                    return None
                basis = term.meaning.basis if term.meaning.kind == claim.kind else basis
        out.append(basis)
    return tuple(out)


def _is_doubted(view: View, found: Broken, holder: str, seen: uses.Uses, whole: bool) -> bool:
    """Whether what holds minus a law's value need not be wrong: its name does not say which way the value goes and the
    form is a short one, or something is done with it beyond returning it and summing it as what it is called.
    ``whole``: it is what a function returns."""
    claim = view.knowledge.claim(holder)
    if claim is None or not claim.sense.directed or found.law.sense not in ("gain", "cost"):
        if found.told < UNMISTAKABLE:
            return True
    elif claim.sense.value != found.law.sense:
        return True
    if "gain" in (found.law.sense, claim.sense.value if claim is not None else ""):
        # Who returns minus a gain may have it minimised, and who adds it to a loss made up for it: `base - log_lik` is
        # what is wrong.
        return whole or not seen.made <= {uses.Use(-1, summed=True), uses.Use(1)}
    return any(use.sign <= 0 for use in seen.made)


def _misstated(
    found: Broken, e: ir.Expr, holder: str, bases: tuple[Basis, ...], doubted: bool, opened: frozenset[int]
) -> Misstated:
    from vaelint.graph.node import show
    from vaelint.laws.match import How

    law = found.law
    negated = found.how is How.NEGATED
    wrong = "it is minus that" if negated else "a sign in it is wrong"
    message = f"`{holder}`: {law.says.rstrip('.')}; here {wrong}"
    example = Example(tuple(found.at.items()), found.value, f"it should be {number(found.meant)}")
    if negated:
        edit = "negate it, or give it the name of what it is"
    elif found.repaired is not None:
        edit = f"write `{show(found.repaired)}`"
    else:
        edit = f"it should be `{_spelled(found)}`"
    value = Support(Basis.NAME, bases if len(bases) > 1 else bases * 2)
    written = {x.id for x in walk(e)}
    node = found.origin if found.origin in opened | written else e.id
    code = "VL401" if negated else "VL402"
    return Misstated(
        node,
        e.id,
        message,
        edit,
        law.says,
        code,
        value,
        True,
        not found.is_sure or (negated and doubted),
        opened | written,
        example,
    )


def _spelled(found: Broken) -> str:
    from vaelint.graph.language import written
    from vaelint.graph.node import Graph, Kind, show

    graph = Graph()
    given = {}
    for role, leaf in found.roles.items():
        assert leaf.leaf is not None
        given[role] = graph.leaf(Kind.PARAMETER, leaf.leaf.name, role)
    return show(written(graph, found.law.right, given))
