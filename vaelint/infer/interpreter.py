"""The abstract interpreter: what ties expressions, statements, calls and sinks together, and holds their budget."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

from vaelint import ir
from vaelint.infer import algebra, arithmetic, calls, choices, expressions, sinks, statements
from vaelint.infer.events import Event
from vaelint.infer.state import Frame, Heap
from vaelint.infer.values import (
    Class,
    Form,
    Function,
    Gradient,
    Instance,
    Literal,
    Made,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Term,
    Text,
    Trace,
    Value,
    undirected,
    unknown,
)  # fmt: skip
from vaelint.knowledge import Knowledge
from vaelint.sense import Basis, Meaning

MAX_STEPS = 60_000  # expressions per entry point; beyond it everything is unknown
MAX_DEPTH = 24  # nested calls of the project's functions
MAX_SECONDS = 2.0  # per entry point, for code that the step count misjudges


class Budget(Exception):
    """The entry point took more than its share; what is not known by now stays unknown."""


class Interpreter:
    """Interprets one module. An entry point (a function run with opaque arguments) at a time."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.heap: Heap = {}
        self.events: list[Event] = []
        self.pending: list[sinks.Pending] = []
        self.grads: dict[int, sinks.Unused] = {}
        self.stack: list[int] = []
        self.called: set[int] = set()
        self.unfinished: list[str] = []  # entry points that were given up, and why
        self.returned_at = -1  # the expression that the last function to end returned
        self.nested: list[Function] = []
        self.choices = choices.Choices()
        self.entry_words: frozenset[str] = frozenset()
        self._steps = 0
        self._deadline = 0.0
        self._objects = 0
        self._templates: dict[int, dict[str, Value]] = {}
        self._lasting: Heap = {}  # objects that outlive an entry point: those of the module and of templates

    # --- budget ---

    def begin(self) -> None:
        self._steps = MAX_STEPS
        self._deadline = time.monotonic() + MAX_SECONDS
        self.stack.clear()
        self.pending.clear()
        self.choices.depth = 0
        self.heap = dict(self._lasting)

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0 or (self._steps % 512 == 0 and time.monotonic() > self._deadline):
            raise Budget

    def keep_objects(self) -> None:
        """The objects made so far belong to the module."""
        self._lasting.update(self.heap)

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

    # --- what the other files call ---

    def eval(self, e: ir.Expr, f: Frame) -> Value:
        self._spend()
        return expressions.evaluate(self, e, f)

    def call_expression(self, e: ir.Call, f: Frame) -> Value:
        return calls.call_expression(self, e, f)

    def call(self, value: Value, args: calls.Arguments, e: ir.Expr, f: Frame) -> Value:
        return calls.call(self, value, args, e, f)

    def binary(self, op: str, left: Value, right: Value, e: ir.Binary | ir.AugAssign, f: Frame) -> Value:
        return arithmetic.binary(self, op, left, right, e, f)

    def run(self, block: ir.Block, f: Frame) -> None:
        statements.run(self, block, f)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    # --- values ---

    def opaque(self, label: str, name: str, node: int, roots: frozenset[str] | None = None) -> Quantity:
        """Something that could not be resolved: unknown, but for what its name claims."""
        q = unknown(label, node)
        roots = frozenset((label,)) if not roots else roots | {label}
        claim = self.knowledge.claim(name)
        terms = q.terms
        if claim is not None:
            meaning = Meaning(claim.sense, claim.kind, Basis.CLAIM)
            terms = (Term(1, meaning, label, node, node, trace=Trace(node, f"`{name}`, by its name")),)
        positive = self.knowledge.positive(name) or self.knowledge.is_probability(name)
        return replace(q, terms=terms, roots=roots, positive=positive, form=self.form_of_name(name, Form.PLAIN))

    def form_of_name(self, name: str, form: str) -> str:
        if form != Form.PLAIN:
            return form
        lowered = name.lower()
        if lowered.rstrip("s") in ("ratio", "importance_ratio", "importance_weight"):
            return Form.RATIO
        if self.knowledge.is_probability(name):
            return Form.PROBABILITY
        return Form.PLAIN

    def new_object(self, cls: Class, attributes: dict[str, Value] | None = None) -> Instance:
        self._objects += 1
        self.heap[self._objects] = dict(attributes or {})
        return Instance(cls, self._objects)

    def instance(self, cls: Class) -> Instance:
        """An object as its ``__init__`` leaves it when nothing is known of the arguments."""
        template = self._templates.get(cls.node)
        if template is None:
            self._templates[cls.node] = {}
            before = self._objects
            made = self.new_object(cls)
            calls.initialise(self, made, None)
            for oid in range(before + 1, self._objects + 1):
                if oid in self.heap:
                    self._lasting[oid] = self.heap[oid]
            template = self._templates[cls.node] = dict(self.heap.get(made.oid, {}))
        return self.new_object(cls, template)

    def set_attribute(self, base: Instance, name: str, value: Value) -> None:
        self.heap[base.oid] = {**self.heap.get(base.oid, {}), name: value}

    def get_attribute(self, base: Instance, name: str, e: ir.Expr, f: Frame) -> Value:
        held = self.heap.get(base.oid, {}).get(name)
        if held is not None:
            return held
        return calls.class_attribute(self, base, name, e, f)

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

    def join(self, values: list[Value], node: int, label: str) -> Value:
        """One of several values, by control flow."""
        distinct: list[Value] = []
        for v in values:
            if not any(v is d or v == d for d in distinct):
                distinct.append(v)
        # None and a number on one path (`loss = None`, `total = 0`) are starts, not values: the others decide.
        solid = [v for v in distinct if not isinstance(v, (Literal, Number, Text))]
        if not solid:
            return distinct[0] if len(distinct) == 1 else undirected(label, node)
        if len(solid) == 1:
            return solid[0]
        if all(isinstance(v, Quantity) for v in solid):
            return algebra.join([v for v in solid if isinstance(v, Quantity)], node, label)
        if all(isinstance(v, Mapping) for v in solid):
            return self._join_mappings([v for v in solid if isinstance(v, Mapping)], node, label)
        if all(isinstance(v, Sequence) for v in solid):
            return self._join_sequences([v for v in solid if isinstance(v, Sequence)], node, label)
        if all(isinstance(v, Gradient) for v in solid):
            first = solid[0]
            assert isinstance(first, Gradient)
            same = all(isinstance(v, Gradient) and v.sign == first.sign for v in solid)
            return first if same else replace(first, sign=0)
        pairs = [v for v in solid if isinstance(v, Sequence) and v.items]
        numbers: list[Value] = [v for v in solid if isinstance(v, Quantity)]
        if len(pairs) + len(numbers) == len(solid) and len({len(p.items) for p in pairs}) == 1:
            # `return (loss, outputs) if return_outputs else loss`: the loss alone or with company.
            head = self.join([*(p.items[0] for p in pairs), *numbers], node, label)
            return Sequence((head, *pairs[0].items[1:]), pairs[0].rest)
        choosers = [v for v in solid if isinstance(v, Made) and v.selects is not None]
        if len(choosers) == 1 and all(isinstance(v, Made) and v.what == "scheduler" for v in solid):
            return choosers[0]  # of several schedulers, the one that is stepped with a value
        # Values of different sorts: which one it is depends on the run.
        return unknown(label, node)

    def _join_mappings(self, ms: list[Mapping], node: int, label: str) -> Mapping:
        keys = dict.fromkeys(k for m in ms for k in m.items)
        items = {k: self.join([m.items[k] for m in ms if k in m.items], node, k) for k in keys}
        rests = [m.rest for m in ms if m.rest is not None]
        return Mapping(items, self.join(rests, node, label) if rests else None)

    def _join_sequences(self, ss: list[Sequence], node: int, label: str) -> Sequence:
        if len({len(s.items) for s in ss}) == 1 and all(s.rest is None for s in ss):
            return Sequence(tuple(self.join(list(column), node, label) for column in zip(*(s.items for s in ss))))
        parts = [x for s in ss for x in (*s.items, *([s.rest] if s.rest is not None else []))]
        return Sequence((), self.join(parts, node, label) if parts else None)

    # --- branches ---

    def snapshot(self, f: Frame) -> tuple[dict[str, Value], Heap, bool]:
        return dict(f.vars), dict(self.heap), f.ended  # an object's attributes are replaced, never changed

    def restore(self, f: Frame, state: tuple[dict[str, Value], Heap, bool]) -> None:
        f.vars = dict(state[0])
        self.heap = dict(state[1])
        f.ended = state[2]

    def merge(self, f: Frame, states: list[tuple[dict[str, Value], Heap, bool]], node: int) -> None:
        """Go on from any of several states; those whose path has ended do not come this far."""
        open_states = [s for s in states if not s[2]]
        if not open_states:
            self.restore(f, states[0])
            f.ended = True
            return
        first = open_states[0]
        if len(open_states) == 1:
            self.restore(f, first)
            return
        f.vars = self._merge_scopes([s[0] for s in open_states], node)
        heap: Heap = {}
        for state in open_states:
            for oid, attributes in state[1].items():
                held = heap.get(oid)
                if held is None:
                    heap[oid] = attributes
                elif held is not attributes:
                    heap[oid] = self._merge_scopes([held, attributes], node)
        self.heap = heap
        f.ended = False

    def _merge_scopes(self, scopes: list[dict[str, Value]], node: int) -> dict[str, Value]:
        merged = dict(scopes[0])
        for scope in scopes[1:]:
            for name, value in scope.items():
                held = merged.get(name)
                if held is None:
                    merged[name] = value
                elif held is not value:
                    merged[name] = self.join([held, value], node, name)
        return merged
