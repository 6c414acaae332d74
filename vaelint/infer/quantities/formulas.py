"""Hand-written formulas: where the oracle is asked, and what its answer makes of a value.

A local name stands for the formula it was bound to as long as it still holds that very value: after a join of
branches that differ it holds another one, and is a leaf again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from vaelint import ir
from vaelint.evidence import Basis, weakest
from vaelint.graph.node import NAMED, Graph, Kind
from vaelint.infer.events import Summed
from vaelint.infer.expression import last
from vaelint.infer.journal import Remembered
from vaelint.infer.quantities import accumulated, algebra, idioms, overlap, structures
from vaelint.infer.seen import ExpressionComputed, TargetBound, View, observes, refines
from vaelint.infer.values import Definition, Form, Frame, Instance, Leaves, Number, Quantity, Root, Term, Trace, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense, concluded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from vaelint.graph.node import Leaf, Node
    from vaelint.graph.recognise import Fact
    from vaelint.graph.slips import Slip

# Without one of these an expression is plain arithmetic, which the algebra of senses reads by itself.
_TRANSCENDENTAL = frozenset({
    "exp", "log", "log1p", "expm1", "softplus", "logsigmoid", "log_sigmoid", "log2", "lgamma", "gammaln", "loggamma",
    "slogdet", "logdet", "log_softmax", "xlogy", "cosh", "exp_", "log_", "logaddexp", "i0",
    "relu", "clamp", "clamp_min", "maximum",
})  # fmt: skip
# A name that says that it holds the logarithm of a scale, or of a variance.
_LOGARITHM = Words("log_scale")
_OPERATORS = frozenset("+-*/")
_METHODS = frozenset({"add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "subtract", "multiply", "divide"})
MAX_WALK = 120
WORK = 500  # steps that are to be left before a formula is compared with all that are known
NODES = 2  # of graphs, that are made or run at the cost of a step


class Held:
    """What the leaves of a formula hold, by their keys: its own, and those of the formulas that its names stand for."""

    __slots__ = ("_layers",)

    def __init__(self) -> None:
        self._layers: list[dict[Hashable, Value] | Leaves] = []

    def put(self, key: Hashable, value: Value) -> None:
        last_layer = self._layers[-1] if self._layers else None
        if isinstance(last_layer, dict):
            last_layer[key] = value
        else:
            self._layers.append({key: value})

    def take(self, other: Leaves) -> None:
        """All that another one has. Nothing is copied: a name may stand for thousands that hang on each other."""
        self._layers.append(other)

    def get(self, key: Hashable) -> Value | None:
        seen: set[int] = set()
        stack: list[dict[Hashable, Value] | Leaves] = [self]
        while stack:
            layer = stack.pop()
            if isinstance(layer, Held):
                if id(layer) not in seen:
                    seen.add(id(layer))
                    stack += layer._layers  # what came last goes first
            elif (found := layer.get(key)) is not None:
                return found
        return None


class Reading(NamedTuple):
    """How an expression was read: what it asked of names and attributes, in order, with the answers; what it is."""

    e: ir.Expr
    asked: tuple[tuple[ir.Expr, Node | None], ...]
    form: Node


# Operations inside each other in what a name stands for: a deeper one is a leaf. Nobody wrote such a formula down, and
# of names that hang on each other in thousands each would be looked into as far as the first.
MOST_DEEP = 32
MOST_READINGS = 4  # of one expression that are remembered


class Formulas(Remembered):
    """What is remembered between questions: of expressions what they mention, of formulas what they are.

    All formulas of a file are nodes of one graph.
    """

    def __init__(self) -> None:
        self.graph = Graph()
        self.features: dict[int, tuple[bool, frozenset[str]]] = {}
        self.readings: dict[int, list[Reading]] = {}
        self.facts: dict[Node, tuple[Fact, ...]] = {}
        self.slips: dict[tuple[Node, Sense | None, Sense | None], Slip | None] = {}

    def feature(self, e: ir.Expr) -> tuple[bool, frozenset[str]]:
        """Whether a transcendental function is written in the expression, and which names are."""
        found = self.features.get(e.id)
        if found is None:
            found = self.features[e.id] = _feature(e)
        return found


def _feature(e: ir.Expr) -> tuple[bool, frozenset[str]]:
    names: set[str] = set()
    transcendental = False
    stack, left = [e], MAX_WALK
    while stack:
        x = stack.pop()
        left -= 1
        if left < 0:
            return False, frozenset()
        match x:
            case ir.Name(name=name):
                names.add(name)
                transcendental = transcendental or _LOGARITHM.of(name)
            case ir.Attr(base=base, name=name):
                transcendental = transcendental or _LOGARITHM.of(name)
                stack.append(base)
            case ir.Binary(left=a, right=b):
                stack += (a, b)
            case ir.Unary(operand=a):
                stack.append(a)
            case ir.Subscript(base=base):
                stack.append(base)
            case ir.Call(func=func, args=args):
                word = last(func)
                transcendental = transcendental or word in _TRANSCENDENTAL
                stack += [a.value for a in args]
                if isinstance(func, ir.Attr):
                    stack.append(func.base)
            case _:
                pass
    return transcendental, frozenset(names)


# --- reading -------------------------------------------------------------------------------------


def _definition(name: str, f: Frame) -> tuple[Value | None, Definition | None]:
    frame: Frame | None = f
    while frame is not None:
        if name in frame.vars:
            value, known = frame.vars[name], frame.definitions.get(name)
            return value, known if known is not None and known.value is value else None
        frame = frame.parent
    return None, None


def worth_reading(view: View, e: ir.Expr, f: Frame) -> bool:
    transcendental, names = view.memory(Formulas).feature(e)
    if transcendental:
        return True
    return any(_definition(n, f)[1] is not None for n in names)


def read_form(view: View, e: ir.Expr, f: Frame) -> tuple[Node | None, Held]:
    """The formula of an expression, and what its leaves hold.

    It is read once for what its names hold: as long as they are answered for as they were, it is the same one. Most
    calls are leaves, whatever their names hold.
    """
    from vaelint.graph.formula import is_opaque, opaque, read

    memory = view.memory(Formulas)
    if is_opaque(e):
        return opaque(memory.graph, e), Held()
    known = memory.readings.setdefault(e.id, [])
    for reading in known:
        held = Held()
        resolve = _resolver(view, memory.graph, held, f)
        if reading.e is e and all(resolve(x) is node for x, node in reading.asked):
            return reading.form, held
    held = Held()
    resolve = _resolver(view, memory.graph, held, f)
    asked: list[tuple[ir.Expr, Node | None]] = []

    def noting(x: ir.Expr) -> Node | None:
        node = resolve(x)
        asked.append((x, node))
        return node

    form = read(e, memory.graph, noting)
    if form is not None:
        known.insert(0, Reading(e, tuple(asked), form))
        del known[MOST_READINGS:]
    return form, held


def _resolver(view: View, graph: Graph, values: Held, f: Frame) -> Callable[[ir.Expr], Node | None]:
    """Answers for names and attributes, and puts into ``values`` what they hold."""
    from vaelint.graph.formula import is_module, opaque

    def resolve(x: ir.Expr) -> Node | None:
        if isinstance(x, ir.Name):
            value, known = _definition(x.name, f)
            if value is None:
                value = f.module.lookup(x.name)
            if isinstance(value, Number):
                return graph.constant(value.value)
            if not isinstance(value, Quantity):
                return None
            key = f"{x.name}@{value.key}"
            values.put(key, value)
            if known is None or known.form.depth > MOST_DEEP:
                return _leaf(graph, key, x.name, value)
            values.take(known.values)
            return graph.named(known.form if known.graph is graph else graph.copied(known.form), x.name, key)
        if isinstance(x, ir.Subscript) and isinstance(x.base, ir.Name):
            held, leaf = f.find(x.base.name), opaque(graph, x)
            if isinstance(held, Quantity) and leaf.leaf is not None:
                values.put(leaf.leaf.key, held)  # an item comes from where its array does
            return leaf
        if isinstance(x, ir.Attr) and isinstance(x.base, ir.Name) and not is_module(x.base):
            owner = f.find(x.base.name)
            held = view.attributes(owner).get(x.name) if isinstance(owner, Instance) else None
            if isinstance(held, Number):
                return graph.constant(held.value)
            if isinstance(held, Quantity):
                key = f"{x.base.name}.{x.name}"
                values.put(key, held)
                return graph.leaf(Kind.OPAQUE, key, key)
        return None

    return resolve


def _leaf(graph: Graph, key: str, name: str, value: Quantity) -> Node:
    """A leaf; of a sum of squares that is counted down, the negation of one."""
    if _sign(value) < 0:
        return graph.apply("neg", graph.leaf(Kind.OPAQUE, f"-{name}", f"-{key}"))
    return graph.leaf(Kind.OPAQUE, name, key)


def _sign(value: Value | None) -> int:
    """1 for what is never below zero, -1 for what is never above, 0 where that is not known."""
    if not isinstance(value, Quantity):
        return 0
    if value.positive:
        return 1
    signs = {t.sign for t in value.terms}
    squares = all(t.meaning.kind == "error" and t.meaning.sense is Sense.COST for t in value.terms)
    return signs.pop() if squares and len(signs) == 1 else 0


@observes(TargetBound)
def defined(view: View, seen: TargetBound) -> None:
    _define(view, *seen)


def _define(view: View, target: ir.Expr, e: ir.Expr, f: Frame) -> None:
    """Remember what a plain name was bound to, if it may be part of a formula; ``a, b = x, y`` binds two."""
    if isinstance(target, ir.Tuple) and isinstance(e, ir.Tuple) and len(target.items) == len(e.items):
        for name, part in zip(target.items, e.items):
            _define(view, name, part, f)
        return
    if isinstance(target, ir.Tuple) and len(target.items) == 2 and isinstance(e, ir.Call) and last(e.func) == "slogdet":
        _define(view, target.items[1], ir.Subscript(e.id, e, ir.Const(e.id, 1)), f)  # its sign and its logarithm
        return
    if not isinstance(target, ir.Name):
        return
    f.definitions.pop(target.name, None)
    value = f.vars.get(target.name)
    if isinstance(e, ir.IfExp) and isinstance(value, Quantity):
        f.written[target.name] = (value, e)
        return
    if not isinstance(value, Quantity) or not isinstance(e, (ir.Binary, ir.Unary, ir.Call, ir.Subscript, ir.Attr)):
        return
    f.written[target.name] = (value, e)
    form, values = read_form(view, e, f)
    if form is not None and (is_compound(form) or (form.leaf is not None and form.leaf.kind is Kind.PROBABILITY)):
        f.definitions[target.name] = Definition(value, view.memory(Formulas).graph, form, values)


def is_compound(form: Node) -> bool:
    """Whether something is computed in a formula itself, and not in a name alone."""
    return bool(form.args) and form.op != NAMED


# --- facts ---------------------------------------------------------------------------------------


@refines(ExpressionComputed)
def judged(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """The value of an arithmetic expression, with the meaning that the oracle proves of it."""
    e, f = seen
    if not isinstance(value, Quantity):
        return value
    value = structures.of(view, e, overlap.of(e, value, f), f)
    if not _is_arithmetic(e):
        return value
    if any(t.formula or t.meaning.kind == "entropy" for t in value.terms) and accumulated.of(view, e) is None:
        view.emit(Summed(value, e.id))
    if len(value.terms) == 1 and value.terms[0].formula:
        return value  # proved already: what is around it is a weight or a shape
    if is_settled(value) or not worth_reading(view, e, f):
        return value
    form, values = read_form(view, e, f)
    for fact in recognised(view, form):
        made = proved(view, fact, values, value, e, f)
        if made is not None:
            return made
    return value


def _is_arithmetic(e: ir.Expr) -> bool:
    if isinstance(e, ir.Binary):
        return e.op in _OPERATORS
    if isinstance(e, ir.Unary):
        return e.op == "-"
    return isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) and e.func.name in _METHODS


def is_settled(value: Quantity) -> bool:
    """A library says what is in it: the oracle does not overrule that. Errors and squares may be part of a density."""
    facts = [t.meaning for t in value.terms if t.meaning.is_evidence and not t.formula and not _is_part(t)]
    if len(value.terms) == 1 and any(m.kind in ("entropy", "marginal_entropy") for m in facts):
        return True
    return any(m.sense.directed and m.kind not in ("error", "penalty") for m in facts)


def _is_part(t: Term) -> bool:
    """Whether a term is one summand of a cross-entropy, that the algebra has read alone: the sum says more."""
    return t.trace is not None and t.trace.steps()[0][1] == algebra.WEIGHTED


def recognised(view: View, form: Node | None) -> tuple[Fact, ...]:
    if form is None or not is_compound(form):
        return ()
    memory = view.memory(Formulas)
    if form not in memory.facts:
        if not view.affords(WORK):
            return ()
        from vaelint.graph.recognise import readings

        with charged(view):
            memory.facts[form] = tuple(readings(memory.graph, form, lambda leaf: is_positive(view, leaf)))
    return memory.facts[form]


@contextmanager
def charged(view: View) -> Iterator[None]:
    """What is done with graphs meanwhile is charged in steps."""
    graph = view.memory(Formulas).graph
    before = graph.work
    yield
    view.spend((graph.work - before) // NODES)


def is_positive(view: View, leaf: Leaf) -> bool:
    from vaelint.graph.recognise import is_weight

    return is_weight(leaf) or view.knowledge.positive(leaf.name.rpartition(".")[2])


def proved(view: View, fact: Fact, values: Held, value: Quantity, e: ir.Expr, f: Frame) -> Quantity | None:
    """The value with the fact's meaning; None where the oracle proves less than a meaning."""
    kind = fact.meaning.kind
    fitting = _names_fit(view, fact, values, f.name) if fact.strict else Basis.PROOF
    if fitting is Basis.NONE:
        return None
    squares = fact.roles.get("q") if fact.data == "q" else None
    if squares is not None and not str(squares.key).startswith("-") and _sign(values.get(squares.key)) <= 0:
        return None  # a sum that could be below zero is no sum of squares
    if kind == "error":
        return None  # the algebra knows errors, and asks for the names that make a difference one
    label = ir.render(e, 40)
    sign = 1 if fact.scale > 0 else -1
    why = fact.reason
    if kind == "nll":
        return _density(fact, values, value, label, e.id)
    if kind == "entropy":
        meaning, why = algebra.ENTROPY, "minus " + fact.noun.removeprefix("minus ") if sign < 0 else fact.noun
    else:
        meaning = fact.meaning if sign > 0 else -fact.meaning
        if not fitting.is_fact:
            meaning = concluded(meaning.sense, meaning.kind, (meaning.basis, fitting))
    term = Term(sign, meaning, label, e.id, e.id, _live(value), trace=Trace(e.id, why), formula=True, proof=fact)
    return Quantity((term,), value.roots, label, positive=kind == "kl" and sign > 0, key=e.id, origin=e.id)


def _live(value: Quantity) -> bool:
    return any(t.live for t in value.terms)


_INFORMATION = Words("information")


def _names_fit(view: View, fact: Fact, values: Held, function: str) -> Basis:
    """On what it rests that every leaf of a short formula is what its role asks for: a probability or its logarithm."""
    if fact.meaning.kind == "mutual_information":
        return Basis.NAME if _INFORMATION.of(function) else Basis.NONE
    if fact.meaning.kind not in ("entropy", "kl"):
        return Basis.NONE
    # A log-probability may be that of the one class that was picked: its p * log p is no entropy.
    picked = fact.meaning.kind != "entropy"
    found = [_probability(view, leaf, values.get(leaf.key), picked) for leaf in fact.roles.values()]
    return weakest(found)


_POLICY = Words("policy_name")  # its p * log p is an entropy over the actions
_DISTRIBUTED = (Form.PROBABILITY, Form.LIKELIHOOD, Form.LOG_PROBABILITY, Form.MEAN_PROBABILITY)


def _probability(view: View, leaf: Leaf, value: Value | None, picked: bool) -> Basis:
    """On what it rests that a leaf is a probability or its logarithm; ``NONE`` where it need not be one."""
    name = leaf.name.partition("[")[0].rpartition(".")[2]
    if leaf.kind is Kind.PROBABILITY:
        return Basis.STRUCTURE
    if isinstance(value, Quantity) and value.form in _DISTRIBUTED:
        return value.form_basis
    if view.knowledge.is_probability(name) or _POLICY.of(name):
        return Basis.NAME
    claim = view.knowledge.claim(name)
    return Basis.NAME if picked and claim is not None and claim.kind == "log_density" else Basis.NONE


def _density(fact: Fact, values: Held, value: Quantity, label: ir.Written, node: int) -> Quantity | None:
    """A log-density or its negation, by where its argument comes from (see `idioms.log_density`)."""
    at = _argument(fact, values)
    others = [v for k, v in _role_values(fact, values).items() if k != at and isinstance(v, Quantity)]
    roots: frozenset[Root] = frozenset().union(*(v.roots for v in others))
    x = _role_values(fact, values).get(at)
    if x is None and value.noisy:
        return None  # something random is in it, and we do not see where
    if isinstance(x, Quantity) and x.noisy and not others and len(fact.roles) > 1 and not roots:
        return None
    if fact.reference.endswith("residual") and isinstance(x, Quantity) and x.noisy:
        return None
    if isinstance(x, Quantity) and not x.noisy and x.drawn < 0:
        roots -= x.roots  # what the data and the parameters share (a weight, a network) makes no draw of the data
    elif isinstance(x, Quantity) and (centre := _centre(fact, values, at)) and not centre & x.roots:
        roots = centre  # drawn around something else, at the same scale
    made = idioms.log_density(roots, -1, x if x is not None else value, label, node)
    if not made.terms or made.terms[0].meaning.sense is Sense.UNKNOWN:
        return replace(made, roots=value.roots)
    negative = fact.scale > 0
    t = made.terms[0]
    why = fact.reason if t.meaning.sense is Sense.GAIN else (t.trace.message if t.trace else fact.reason)
    # Numbers say what the formula is, no library does.
    basis = Basis.PROOF if t.meaning.basis is Basis.LIBRARY else t.meaning.basis
    t = replace(t, meaning=replace(t.meaning, basis=basis), trace=Trace(node, why), formula=True, proof=fact)
    term = replace(t, sign=-1 if negative else 1, live=_live(value))
    return Quantity((term,), value.roots, label, key=node, origin=node)


_PLACES = ("x", "mu", "m")  # roles that stand for a point: what is evaluated, and the centre


def _centre(fact: Fact, values: Held, at: str) -> frozenset[Root]:
    """Where the centre of a density comes from; empty where it has none, or none that is known."""
    held = _role_values(fact, values)
    centres = [held[r] for r in _PLACES if r in held and r != at]
    return centres[0].roots if len(centres) == 1 and isinstance(centres[0], Quantity) else frozenset()


def _role_values(fact: Fact, values: Held) -> dict[str, Value | None]:
    return {role: values.get(leaf.key) for role, leaf in fact.roles.items()}


def _argument(fact: Fact, values: Held) -> str:
    """Which role is the point of evaluation: of two that are alike the one that was drawn."""
    held = _role_values(fact, values)
    like = [r for r in _PLACES if r in held]
    if fact.data in like:
        for role in like:
            q = held[role]
            if isinstance(q, Quantity) and (q.noisy or q.drawn >= 0):
                return role
    return fact.data
