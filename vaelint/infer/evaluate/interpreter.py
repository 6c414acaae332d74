"""The abstract interpreter: what ties expressions, statements, calls and sinks together, and holds their budget."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer import names
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import arithmetic, calls, expressions, objects, parameters, statements
from vaelint.infer.evaluate.intent import Intents
from vaelint.infer.evaluate.summaries import Deferred, Summaries
from vaelint.infer.events import Event
from vaelint.infer.heap import Attributes, Heap, Layer
from vaelint.infer.journal import Journal, Observed
from vaelint.infer.observations import Observations
from vaelint.infer.optimising import sinks, updates
from vaelint.infer.quantities import agreement, algebra
from vaelint.infer.seen import BranchesMerged, EntryBegan, ExpressionStated, Names, Observers, View
from vaelint.infer.values import (
    NOWHERE,
    Class,
    Frame,
    Function,
    Gradient,
    Instance,
    Literal,
    Made,
    Mapping,
    Number,
    Quantity,
    Root,
    Sequence,
    Term,
    Text,
    Trace,
    Value,
    either,
    is_bound,
    is_unknown,
    resolved,
    undirected,
    unknown,
)
from vaelint.knowledge import Knowledge
from vaelint.records import replace
from vaelint.sense import UNKNOWN, Meaning
from vaelint.source.around import NOTHING, Around

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile
    from vaelint.source.stated import Stated

# Per entry point; beyond it everything is unknown. A step is about what one expression costs; other work is charged in
# proportion (`spend`). A count and no clock: what is found must not depend on the machine or on what else it does.
MAX_STEPS = 120_000
CALLED_STEPS = 36_000  # of these, in functions that are called; a call may take three quarters of what is left of them
FILE_STEPS = 200_000  # of all entry points together; hardly a real file takes more
LEAST_STEPS = 400  # that an entry point has when those are gone: enough to follow what it says, not what it calls
REST_STEPS = 50 * LEAST_STEPS  # of all those together
EVENT_STEPS = 8  # what the checks make of an event costs as much
WORDS = 40  # of a unit that are looked up at the cost of a step
ENTRIES = 64  # entries of a scope or of the heap that are copied or compared at the cost of a step


T = TypeVar("T")


class Budget(Exception):
    """The entry point took more than its share; what is not known by now stays unknown."""


class Interpreter:
    """Interprets one module. An entry point (a function run with opaque arguments) at a time."""

    def __init__(self, knowledge: Knowledge, observers: Observers | None = None) -> None:
        self.knowledge = knowledge
        self.journal = Journal()
        self.summaries = Summaries()
        self.heap = Heap({}, self.journal)
        self.observed = Observations()
        self.stack: list[int] = []
        self.route: list[tuple[int, int]] = []  # the functions that are being run, and where each was called
        self.called: set[int] = set()
        self.unfinished: list[str] = []  # entry points that were given up, and why
        self.cut: list[str] = []  # those that were followed in part because the file had nothing left for them
        self.discarded = -1  # the expression that stands for itself: its value goes nowhere
        self.returned_at = -1  # the expression that the last function to end returned
        self.nested: list[Function] = []
        self.steps = self._given = 0  # that the entry point has left, and that it had
        self._left = FILE_STEPS
        self.left_out = False  # whether a call was not followed because of what had been spent
        self.open_methods = 0  # methods that a class leaves to those derived from it, that are being followed
        self.guesses = 0  # methods of unknown objects, looked up by their names, that are being followed
        self.floor = 0  # steps left at which calls are no longer followed
        self._objects = 0
        self._templates: dict[int, dict[str, Value]] = {}
        self.deferred: dict[int, Deferred] = {}  # objects whose ``__init__`` nobody has needed yet
        self.fixed: set[int] = set()  # objects that are reached without being passed
        self.home: SourceFile | None = None  # the file that the analysis is about
        self.intents = Intents(lambda node: None)
        self.site = NOWHERE  # the call by which the code that runs now was reached from there
        self.lasting: Layer = {}  # objects that outlive an entry point: those of the module and of templates
        self.journal.standing.append(lambda: self.guesses)
        self.journal.standing.append(lambda: self.open_methods)
        self.view = View(self)
        self._observers = observers if observers is not None else Observers()

    # --- budget ---

    def begin(self) -> None:
        self._left -= self._given - self.steps
        least = min(LEAST_STEPS, self._left + REST_STEPS)
        self._given = self.steps = max(min(self._left, MAX_STEPS), least, 0)
        self.floor = self.steps if self.is_spent else max(self.steps - CALLED_STEPS, 0)
        self.stack.clear()
        self.route.clear()
        self.memory(sinks.Objectives).pending.clear()
        self.guesses = self.open_methods = 0
        self.site = NOWHERE
        self.heap = Heap(self.lasting, self.journal)
        self.see(EntryBegan())

    def spend(self, steps: int) -> None:
        """Charge work that was done, or is about to be; raises `Budget` when the entry point has had its share."""
        self.steps -= steps
        if self.steps < 0:
            raise Budget

    @property
    def taken(self) -> int:
        """Steps of all entry points so far."""
        return FILE_STEPS - self._left + self._given - self.steps

    @property
    def is_spent(self) -> bool:
        """Whether the entry points before this one have taken what the file has."""
        return self._left < LEAST_STEPS

    @property
    def is_short(self) -> bool:
        """Whether the entry point has less than others, because of those before it."""
        return self._given < MAX_STEPS

    def affords(self, steps: int) -> bool:
        """Whether work may begin that may take so many steps; raises `Budget` where the entry point has spent them.

        An entry point behind those that took what the file has goes without such work, and on.
        """
        if self.steps >= steps:
            return True
        if not self.is_spent:
            raise Budget
        self.leave_out()
        return False

    def affords_call(self) -> bool:
        """Whether a call may still be followed."""
        if self.steps - calls.CALL_STEPS > self.floor:
            return True
        self.leave_out()
        return False

    def leave_out(self) -> None:
        """A call is not followed, because of what has been spent."""
        self.left_out = True
        self.journal.short()

    def keep_objects(self) -> None:
        """The objects made so far belong to the module."""
        self.lasting.update(self.heap.all())

    def run_nested(self, trains: bool) -> None:
        """Functions that were defined inside the entry point and that nothing in sight has called."""
        while self.nested:
            fn = self.nested.pop()
            if fn.node in self.called:
                continue
            self.begin()
            with suppress(Budget, RecursionError):  # what it had found out by then counts
                calls.run_opaque(self, fn, [], fn.node)
            sinks.flush(self, trains)

    # --- who watches ---

    def memory(self, kind: type[T]) -> T:
        """What a part remembers during the analysis of a file."""
        return self.view.memory(kind)

    def see(self, moment: object) -> None:
        """Show what happens to those who watch for it."""
        self._observers.see(self.view, moment)

    def refined(self, moment: object, value: Value) -> Value:
        """The value as those see it who may know more of it."""
        return self._observers.refined(self.view, moment, value)

    def stated(self, e: ir.Expr, value: Value, names: Names, f: Frame) -> Value:
        """The value of a whole expression that stands under names."""
        moment = ExpressionStated(e, value, names, f)
        self.see(moment)
        return self.refined(moment, value)

    # --- what the other files call ---

    def is_running(self, node: int) -> bool:
        """Whether a function is being run already: calls do not go in circles."""
        self.journal.wants(node)
        return node in self.stack

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Something is looked up once for all: what is asked meanwhile may not be known yet."""
        self.journal.changed()
        self.summaries.apart += 1
        try:
            yield
        finally:
            self.summaries.apart -= 1

    def eval(self, e: ir.Expr, f: Frame) -> Value:
        self.spend(1)
        return expressions.evaluate(self, e, f)

    def attribute(self, e: ir.Attr, base: Value, f: Frame) -> Value:
        return expressions.attribute(self, e, base, f)

    def call_expression(self, e: ir.Call, f: Frame) -> Value:
        return calls.call_expression(self, e, f)

    def call(self, value: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value:
        return calls.call(self, value, args, e, f)

    def call_function(self, fn: Function, args: Arguments, e: ir.Expr, f: Frame) -> Value:
        return calls.call_function(self, fn, args, e, f)

    def run_opaque(self, fn: Function, first: list[Value], node: int) -> Value:
        return calls.run_opaque(self, fn, first, node)

    def opaque_call(self, e: ir.Expr, args: Arguments, f: Frame, name: str) -> Value:
        return calls.opaque_call(self, e, args, f, name)

    def answer(self, value: Value, e: ir.Expr, at: int, f: Frame) -> tuple[Value, int]:
        return calls.answer(self, value, e, at, f)

    def binary(self, op: str, left: Value, right: Value, e: ir.Binary | ir.AugAssign, f: Frame) -> Value:
        self.spend(1 + _size(left) + _size(right))
        own = calls.operator(self, op, left, right, e, f) if isinstance(e, ir.Binary) else None
        if own is not None:
            return own
        return arithmetic.binary(self, op, left, right, e, f)

    def run(self, block: ir.Block, f: Frame) -> None:
        statements.run(self, block, f)

    def documented(self, node: int) -> list[tuple[Stated, bool]]:
        """The formulas that comments and the docstring state around a node of this file (`SourceFile.documented`)."""
        return self.home.documented(node) if self.home is not None else []

    def around(self, node: int) -> Around:
        """The code and the words of the unit that a node of this file stands in; nothing for any other node."""
        found = self.home.around(node) if self.home is not None else NOTHING
        self.spend(len(found.words) // WORDS)
        return found

    def emit(self, event: Event) -> None:
        foreign = event.node >= 0 and self.home is not None and not self.home.holds(event.node)
        event = replace(self.intents.meant(event), context=tuple(self.route))
        self.observe(Observed(event, foreign, self.site, self.journal.number()))

    def observe(self, seen: Observed) -> None:
        if self.observed.add(seen.event, seen.foreign, seen.site):
            self.steps -= EVENT_STEPS  # it is no place to stop at: what has been observed counts
        self.journal.observes(seen)

    def bind(self, stmts: list[ir.Stmt], name: str, f: Frame) -> Value | None:
        """What these statements of a module's top level bind to a name: one of several, where they are several."""
        before = self._objects
        values: list[Value] = []
        with self.journal.aside(), self.looking():  # what is found once is no part of the call that asks first
            for s in stmts:
                statements.step(self, s, f)
                f.ended = False
                value = resolved(f.vars, name) if name in f.vars else None
                if value is not None and isinstance(s, ir.Assign) and isinstance(s.targets[0], ir.Subscript):
                    values = [value]  # an entry was added to it
                elif value is not None:
                    values.append(value)
            self._keep_since(before)
            return self.join(values, stmts[0].id, name) if values else None

    def _keep_since(self, before: int) -> None:
        """The objects made since then outlive the entry point."""
        for oid in range(before + 1, self._objects + 1):
            held = self.heap.get(oid)
            if held is not None:
                self.lasting[oid] = held

    # --- values ---

    def opaque(
        self, label: ir.Written | str, name: str, node: int, roots: frozenset[Root] | None = None, why: str = ""
    ) -> Quantity:
        """Something that could not be resolved (``why``: in words): unknown, but for what its name claims."""
        label = ir.label(label)
        claim = self.knowledge.claim(name)
        if claim is None:
            term = Term(1, UNKNOWN, label, node, node, why=why)
        else:
            meaning = Meaning(claim.sense, claim.kind, Basis.NAME)
            trace = Trace(node, claim.told(name), claimed=name)
            term = Term(1, meaning, label, node, node, trace=trace, why=why, said=frozenset({claim.kind}))
        positive = self.knowledge.positive(name) or self.knowledge.is_probability(name)
        return Quantity(
            (term,),
            frozenset((label,)) if not roots else roots | {label},
            label,
            positive=positive,
            form=names.form_of(self.knowledge, name),
            form_basis=Basis.NAME,
            taken_positive=name if positive else "",
            key=node,
            origin=node,
        )

    def instance(self, cls: Class, args: Arguments | None = None) -> Instance:
        """An object as its ``__init__`` leaves it; without ``args``, when nothing is known of them.

        ``__init__`` is run when an attribute is asked for: most objects are made to be called.
        """
        oid = self.number_object()
        self.journal.makes(oid)
        self.deferred[oid] = Deferred(args, tuple(self.stack), tuple(self.route), self.site)
        return Instance(cls, oid)

    def number_object(self) -> int:
        """Of an object that is made now."""
        self._objects += 1
        if self.summaries.apart:
            self.fixed.add(self._objects)
        return self._objects

    def attributes(self, base: Instance) -> dict[str, Value]:
        """The attributes of an object as they are now."""
        deferred = self.deferred.pop(base.oid, None)
        if deferred is not None:
            with self.journal.aside(base.oid):
                self._make(base, deferred)
        held = self.heap.get(base.oid) or {}
        self.journal.asked_attributes(base, held)
        return held

    def _make(self, base: Instance, deferred: Deferred) -> None:
        """What was put off: as if it had been run where the object was made."""
        if deferred.args is None and base.cls.node in self._templates:
            self.lasting[base.oid] = self._templates[base.cls.node]
            return
        if deferred.args is None:
            self.journal.changed()
            self._templates[base.cls.node] = {}
        stack, route, site, before = list(self.stack), list(self.route), self.site, self._objects
        self.stack[:], self.route[:], self.site = deferred.stack, deferred.route, deferred.site
        self.heap.push()
        try:
            objects.initialise(self, base, deferred.args)
        finally:
            layer = self.heap.pop()
            self.stack[:], self.route[:], self.site = stack, route, site
        made = {oid: held for oid, held in layer.items() if oid > before or oid == base.oid}
        self.lasting.update(made)  # they do not depend on the branch in which somebody asked
        self.heap.write({oid: held for oid, held in layer.items() if oid not in made})
        if deferred.args is None or base.oid in self.fixed:
            self.fixed.update(range(before + 1, self._objects + 1))
        if deferred.args is None:
            self._templates[base.cls.node] = made.get(base.oid, {})

    def changed(self, base: Instance) -> tuple[Attributes, Attributes]:
        """What ``__init__`` left of an object of which nothing else was known, and what it is now."""
        untouched = base.oid in self.deferred
        return ({}, {}) if untouched else (self._templates.get(base.cls.node, {}), self.attributes(base))

    def set_attribute(self, base: Instance, name: str, value: Value) -> None:
        self.heap.set(base.oid, {**self.attributes(base), name: value})

    def get_attribute(self, base: Instance, name: str, e: ir.Expr, f: Frame) -> Value:
        return objects.attribute(self, base, name, e, f)

    def element(self, value: Value, e: ir.Expr) -> Value:
        """What iterating over a value yields, each time."""
        match value:
            case Sequence(items=items, rest=rest):
                parts = [*items, *([rest] if rest is not None else [])]
                return self.join(parts, e.id, ir.render(e, 40)) if parts else unknown(ir.render(e, 40), e.id)
            case Mapping():
                return undirected("a key", e.id)
            case Quantity():
                return replace(value, origin=value.origin)
            case Gradient():
                return value
            case _:
                return unknown(ir.render(e, 40), e.id)

    def join(self, values: list[Value], node: int, label: ir.Written | str, of: str = "", paths: bool = False) -> Value:
        """One of several values, by control flow; ``of``: what several implementations of one name yield."""
        self.spend(sum(2 + _size(v) for v in values))
        label = ir.label(label)
        distinct = _distinct(values)
        # None and a number on one path (`loss = None`, `total = 0`) are starts, not values: the others decide.
        solid = [v for v in distinct if not isinstance(v, (Literal, Number, Text)) and not is_bound(v)]
        if not solid:
            return distinct[0] if len(distinct) == 1 else arithmetic.either(distinct, node, label)
        solid = parameters.settled(self, solid) if len(solid) > 1 else solid
        if len(solid) == 1:
            return solid[0]
        if quantities := _all_of(Quantity, solid) or _as_arrays(solid):
            claim = self.knowledge.claim(of) if of and len(quantities) > 2 else None
            if claim is None:
                return algebra.join(quantities, node, label, paths)
            return agreement.agreed(quantities, node, label, claim.sense)
        if mappings := _all_of(Mapping, solid):
            return self._join_mappings(mappings, node, label, of, paths)
        if sequences := _all_of(Sequence, solid):
            return self._join_sequences(sequences, node, label, of, paths)
        if gradients := _gradients(solid):
            return updates.joined(gradients)
        found = self._join_companies(solid, node, label, paths) or _scheduler(solid) or either(solid, of != "")
        if found is not None:
            return found
        # Values of different sorts: which one it is depends on the run.
        return unknown(label, node, why="branches disagree: they give values of different sorts")

    def _join_companies(self, values: Collection[Value], node: int, label: ir.Written, paths: bool) -> Value | None:
        """``return (loss, outputs) if return_outputs else loss``: the loss alone or with company."""
        pairs = [v for v in values if isinstance(v, Sequence) and v.items]
        numbers: list[Value] = [v for v in values if isinstance(v, Quantity)]
        if len(pairs) + len(numbers) < len(values) or len({len(p.items) for p in pairs}) != 1:
            return None
        head = self.join([*(p.items[0] for p in pairs), *numbers], node, label, paths=paths)
        return Sequence((head, *pairs[0].items[1:]), pairs[0].rest)

    def _join_mappings(self, ms: list[Mapping], node: int, label: ir.Written | str, of: str, paths: bool) -> Mapping:
        keys = dict.fromkeys(k for m in ms for k in m.items)
        items = {k: self.join([m.items[k] for m in ms if k in m.items], node, k, of and k, paths) for k in keys}
        rests = [m.rest for m in ms if m.rest is not None]
        return Mapping(items, self.join(rests, node, label) if rests else None)

    def _join_sequences(self, ss: list[Sequence], node: int, label: ir.Written | str, of: str, paths: bool) -> Sequence:
        if len({len(s.items) for s in ss}) == 1 and all(s.rest is None for s in ss):
            columns = zip(*(s.items for s in ss))
            return Sequence(tuple(self.join(list(column), node, label, of, paths) for column in columns))
        parts = [x for s in ss for x in (*s.items, *([s.rest] if s.rest is not None else []))]
        return Sequence((), self.join(parts, node, label) if parts else None)

    # --- branches ---

    def branches(self, f: Frame, runs: list[Callable[[], object]], node: int, about: tuple[ir.Expr, ...] = ()) -> bool:
        """Run each from the present state and go on from any of the outcomes; a path that has ended does not come here.

        Says whether something that there was before is not as it was.
        """
        start = f.vars
        outcomes: list[tuple[dict[str, Value], Layer, bool]] = []
        for run in runs:
            self.spend(1 + len(start) // ENTRIES)
            f.vars, f.ended = dict(start), False
            self.heap.push()
            run()
            outcomes.append((f.vars, self.heap.pop(), f.ended))
        reaching = [o for o in outcomes if not o[2]]
        f.ended = not reaching
        scopes, layers = [o[0] for o in reaching or outcomes[:1]], [o[1] for o in reaching or outcomes[:1]]
        self.spend(sum(map(len, scopes)) // ENTRIES + sum(map(len, layers)))
        self.see(BranchesMerged(start, scopes, about, node, f))
        f.vars = self._merge_scopes(scopes, node) if len(scopes) > 1 else scopes[0]
        changed = any(not _same(f.vars.get(name), held) for name, held in start.items())
        for oid, attributes in self._merge_layers(layers, node).items():
            held = self.heap.get(oid)
            changed = changed or (held is not None and held is not attributes and held != attributes)
            self.heap.set(oid, attributes)
        return changed

    def _merge_layers(self, layers: list[Layer], node: int) -> Layer:
        out: Layer = {}
        for oid in dict.fromkeys(oid for layer in layers for oid in layer):
            held = [layer[oid] if oid in layer else self.heap.get(oid) for layer in layers]
            versions = [v for v in held if v is not None]
            distinct = [v for i, v in enumerate(versions) if not any(v is w for w in versions[:i])]
            out[oid] = self._merge_scopes(distinct, node) if len(distinct) > 1 else versions[0]
        return out

    def _merge_scopes(self, scopes: list[dict[str, Value]], node: int) -> dict[str, Value]:
        merged = dict(scopes[0])
        for scope in scopes[1:]:
            for name, value in scope.items():
                held = merged.get(name)
                if held is None:
                    merged[name] = value
                elif held is not value:
                    # One of the branches may have looked up what it imports.
                    merged[name] = self.join([resolved(merged, name), resolved(scope, name)], node, name, paths=True)
        return merged


def _distinct(values: list[Value]) -> list[Value]:
    distinct: list[Value] = []
    for v in values:
        if not any(v is d or v == d for d in distinct):
            distinct.append(v)
    return distinct


def _all_of(kind: type[T], values: Collection[Value]) -> list[T]:
    """The values, if they all are of that kind."""
    found: list[T] = [v for v in values if isinstance(v, kind)]
    return found if len(found) == len(values) else []


def _gradients(values: Collection[Value]) -> list[Gradient]:
    """Values that are gradients, where nobody resolved the others: one statement takes all of them up."""
    found = [v for v in values if isinstance(v, Gradient)]
    others = [v for v in values if isinstance(v, Quantity) and is_unknown(v)]
    return found if len(found) + len(others) == len(values) else []


def _as_arrays(values: Collection[Value]) -> list[Quantity]:
    """A list and the array that is made of one (``if not isinstance(x, Tensor): x = stack(x)``), as what both hold."""
    if not any(isinstance(v, Quantity) for v in values):
        return []
    each = (v.rest if isinstance(v, Sequence) and not v.items else v for v in values)
    return _all_of(Quantity, [v for v in each if v is not None])


def _scheduler(values: Collection[Value]) -> Value | None:
    """Of several schedulers, the one that is stepped with a value."""
    choosers = [v for v in values if isinstance(v, Made) and v.selects is not None]
    if len(choosers) != 1 or not all(isinstance(v, Made) and v.what == "scheduler" for v in values):
        return None
    return choosers[0]


def _same(a: Value | None, b: Value) -> bool:
    return a is b or a == b


def _size(v: Value) -> int:
    """What handling a value costs, in steps: its terms and items are copied and compared one by one."""
    match v:
        case Quantity(terms=terms, roots=roots):
            return (len(terms) + len(roots) // 16) // 2
        case Sequence(items=items) | Mapping(items=items):
            return len(items) // 8
        case _:
            return 0
