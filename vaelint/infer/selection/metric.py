"""Which way a metric goes, as far as one expression tells: by a fact about its value, else by a clear name."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.events import Reading
from vaelint.infer.expression import calls_in, head, last, leading, negated_in, signed_name, unsigned, walk
from vaelint.infer.quantities.algebra import names_agree, overall
from vaelint.infer.seen import View
from vaelint.infer.values import (
    Bound,
    Frame,
    Function,
    Library,
    Made,
    Mapping,
    Quantity,
    Sequence,
    Term,
    Text,
    Value,
    leading_sign,
)
from vaelint.sense import Sense

# Kinds whose direction depends on what they are used for: of these nothing is said here.
_TWO_WAY = frozenset(
    (
        "similarity", "distance", "entropy", "marginal_entropy", "mutual_information", "probability", "penalty",
        "energy", "potential", "score", "surrogate", "contrastive", "advantage", "log_probability", "optimum",
    )
)  # fmt: skip
# What is never below zero.
_UNSIGNED = frozenset(("error", "cross_entropy", "accuracy", "kl"))


def word_of_label(label: ir.Written) -> str:
    """The name that a term goes by (``engine.state.metrics['nll']``, ``self.criterion(x, y).item()``)."""
    e = unsigned(label.expr) if label.expr is not None else None
    return signed_name(e)[0] or last(head(e)) if e is not None else ""


def reading(view: View, e: ir.Expr | None, value: Value, depth: int = 0) -> Reading | None:
    """What is known of a value, written as ``e``; None where nothing is."""
    match value:
        case Sequence(items=items, rest=rest) if depth < 4:
            part = view.join([*items, *([rest] if rest is not None else [])], -1, "") if items or rest else None
            found = reading(view, None, part, depth + 1) if part is not None else None
            return found or (_by_expression(view, e) if part is None or isinstance(part, Quantity) else None)
        case Mapping(items=items, rest=rest) if rest is not None and not items and depth < 4:
            return reading(view, e, rest, depth + 1)
        case Quantity():
            return _of_quantity(view, e, value)
        case Library(path=path):
            return _of_library(view, path)
        case Made(what="loss", entry=entry):
            return _of_library(view, entry.name)
        case Function(name=name) | Bound(function=Function(name=name)):
            return by_name(view, name)
        case Text(value=text):
            return by_name(view, text)
    return None


def name_of(view: View, e: ir.Expr, value: Value, f: Frame) -> Value:
    """The value of a setting; of one of two names that go one way (``"val_loss" if val else "loss"``) the first."""
    if isinstance(e, ir.Name):
        e = f.wrote(e.name) or e
    match e:
        case ir.IfExp(body=ir.Const(value=str(a)), orelse=ir.Const(value=str(b))):
            one, other = by_name(view, a), by_name(view, b)
            return Text(a) if one is not None and other is not None and one.sense is other.sense else value
    return value


def by_name(view: View, name: str, sign: int = 1) -> Reading | None:
    found = view.knowledge.metrics.metric(name)
    if found is None:
        return None
    short_for = view.knowledge.metrics.elsewhere.get(found.term)
    if short_for is not None and view.home is not None and _speaks_of(view.home.identifiers, short_for):
        return None
    sense = found.sense if sign > 0 else -found.sense
    label = ir.called(name)
    return Reading(sense, Basis.NAME, label if sign > 0 else ir.negated(label), found.signed or sign < 0)


def _speaks_of(identifiers: frozenset[str], short_for: str) -> bool:
    return any(short_for in x.lower() for x in identifiers)


def _by_expression(view: View, e: ir.Expr | None) -> Reading | None:
    if e is None:
        return None
    name, sign = signed_name(e)
    return by_name(view, name, sign) if name else None


def _of_library(view: View, path: str) -> Reading | None:
    entry = view.knowledge.lookup(path)
    name = path.rpartition(".")[2]
    if entry is not None and entry.sense is not None and entry.sense.directed and entry.kind not in _TWO_WAY:
        return Reading(entry.sense, Basis.LIBRARY, ir.called(name), entry.kind not in _UNSIGNED)
    return by_name(view, name)


def of_kind(value: Value, kind: str) -> Reading | None:
    """What a fact says of a value of this kind, which may go both ways elsewhere."""
    if not isinstance(value, Quantity) or {t.meaning.kind for t in value.terms} != {kind}:
        return None
    verdict = overall(value)
    known = verdict.is_evidence and verdict.sense.directed
    return Reading(verdict.sense, verdict.basis, value.label, True) if known else None


def _of_quantity(view: View, e: ir.Expr | None, q: Quantity) -> Reading | None:
    verdict = overall(q)
    kinds = {t.meaning.kind for t in q.terms if t.meaning.sense.directed}
    if kinds == {"penalty"} and verdict.sense is Sense.COST:
        said = _by_expression(view, e)  # a square of whatever it is, under the name of an error
        return said if said is not None and said.sense is Sense.COST else None
    if kinds & _TWO_WAY:
        return None
    steps = tuple(s for t in q.terms[:2] if t.trace is not None for s in t.trace.steps() if s[0] >= 0)
    made = frozenset(t.made for t in q.terms)
    if verdict.sense.directed and verdict.is_evidence:
        signed = not kinds <= _UNSIGNED or any(t.sign < 0 for t in q.terms)
        return Reading(verdict.sense, verdict.basis, q.label, signed, steps, made, roles=verdict.roles)
    if verdict.sense.directed:
        return _claimed(view, e, q, verdict.sense, steps, made)
    if len(q.terms) > 1 and verdict.sense is Sense.UNKNOWN and any(t.meaning.sense.directed for t in q.terms):
        return None  # what it is made of pulls both ways: its name is no better evidence
    if verdict.sense is Sense.UNKNOWN and len(q.terms) == 1:
        t = q.terms[0]
        found = by_name(view, word_of_label(t.label), t.sign)
        if found is not None:
            return found
    return _by_expression(view, e)


def _claimed(
    view: View,
    e: ir.Expr | None,
    q: Quantity,
    sense: Sense,
    steps: tuple[tuple[int, str], ...],
    made: frozenset[int],
) -> Reading | None:
    """A claim counts where a name that it comes from is clear by itself, and no other says the opposite.

    What was called `errors` on its way and is called `scores` now may have been turned round where we did not see it.
    """
    own, sign = signed_name(e) if e is not None else ("", 1)
    now = view.knowledge.claim(own) if own else None
    if now is not None and (now.sense if sign > 0 else -now.sense) is -sense:
        return None
    said = [x for t in q.terms if (x := _said(view, t)) is not None]
    if any(_is_turned(view, word_of_label(x.label)) for x in said):
        return None
    if not said and leading_sign(q.label) > 0:
        said = [x for x in (by_name(view, word_of_label(q.label)), _by_expression(view, e)) if x is not None]
    if not said or any(x.sense is not sense for x in said):
        return None
    first = said[0]
    minus = all(t.sign < 0 for t in q.terms if t.value_sense.directed)
    return Reading(sense, Basis.NAME, first.label, first.signed, steps, made, names_agree(q) or minus)


def _is_turned(view: View, name: str) -> bool:
    """Whether the file negates what a function of that name returns, or the function returns a minus."""
    blocks = [found.code for found in view.home.speaking_of(name)] if view.home is not None else []
    return any(_negates(code, name) or _returns_minus(code, name) for code in blocks)


def _negates(code: ir.Block, name: str) -> bool:
    return any(name in calls_in(x) for x in negated_in(code))


def _returns_minus(code: ir.Block, name: str) -> bool:
    own = (x for x in walk(code) if isinstance(x, ir.FunctionDef) and x.name == name)
    returned = (s.value for fn in own for s in walk(fn.body) if isinstance(s, ir.Return) and s.value is not None)
    return any(leading(x) < 0 for x in returned)


def _said(view: View, t: Term) -> Reading | None:
    """The clear name that a term got its claim from: the first of those it went by, else what it is called now."""
    for name in t.trace.names() if t.trace is not None else ():
        found = by_name(view, name)
        if found is not None and found.sense is t.meaning.sense:
            return found if t.sign > 0 else by_name(view, name, -1)
    return by_name(view, word_of_label(t.label), t.sign)
