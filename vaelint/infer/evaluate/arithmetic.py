"""Binary operators on values: numbers, quantities and gradients."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint import ir
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import argument, last, number, product, same, walk
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities import algebra, idioms, ratios
from vaelint.infer.seen import ProductComputed, SumComputed, SumReached
from vaelint.infer.values import (
    Form,
    Frame,
    Gradient,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Text,
    Value,
    is_parameter,
    is_unknown,
    leading_sign,
    undirected,
    unknown,
)
from vaelint.records import replace
from vaelint.sense import UNKNOWN, Pass, Sense

Operation = ir.Binary | ir.AugAssign

LONGEST_TEXT = 10_000  # characters of a text that is put together


def binary(it: Machine, op: str, left: Value, right: Value, e: Operation, f: Frame) -> Value:
    if op in ("+", "-") and isinstance(e, ir.Binary):
        it.see(SumReached(e))
    if isinstance(left, Gradient) or isinstance(right, Gradient):
        return sinks.with_gradient(it, op, left, right, e, f)
    match left, right:
        case Number(value=a), Number(value=b):
            return _numbers(op, a, b, e)
        case Quantity(), Quantity() if op in _OF_BITS and all(map(_is_mask, (left, right))):
            return undirected(_label(e), e.id, positive=True)  # both masks, either of them, one of them
        case Quantity(), Quantity():
            out = _quantities(it, op, left, right, e)
            if op in ("+", "-") and isinstance(out, Quantity):
                it.see(SumComputed(left, right, out, op == "-", _label(e), e.id, f))
            return out
        case Quantity(), Number(value=v):
            return _with_number_right(op, left, v, e)
        case Number(value=v), Quantity():
            return _with_number_left(op, v, right, e)
        case (Sequence(), _):
            return _sequences(it, op, left, right, e)
        case Mapping(), Mapping() if op == "|":
            return Mapping({**left.items, **right.items}, right.rest or left.rest)
        case Text(value=a), Text(value=b) if op == "+" and len(a) + len(b) <= LONGEST_TEXT:
            return Text(a + b)
        case Text(), _ if op == "%":
            return Text(left.value)
        case _:
            return unknown(_label(e), e.id)


def _sequences(it: Machine, op: str, left: Sequence, right: Value, e: Operation) -> Value:
    """Lists that are joined, extended or repeated."""
    match right:
        case Sequence(items=ys, rest=None) if op == "+" and left.rest is None:
            return Sequence((*left.items, *ys))
        case Sequence() if op == "+":
            rests = [r for r in (left.rest, right.rest) if r is not None]
            return _several(it, [*left.items, *right.items, *rests], e)
        case Quantity() if op == "+" and isinstance(e, ir.AugAssign):
            held = [] if left.rest is None else [left.rest]
            return _several(it, [*left.items, *held, right], e)  # a list is extended by what an array holds
        case Number() | Quantity() if op == "*" and isinstance(e, ir.Binary) and isinstance(e.left, ir.List):
            return Sequence((), it.element(left, e.left))  # `[x] * n`: a list, repeated
        case _:
            return unknown(_label(e), e.id)


def _several(it: Machine, values: list[Value], e: Operation) -> Sequence:
    return Sequence((), it.join(values, e.id, _label(e)) if values else None)


_OF_BITS = ("&", "|", "^")


def _is_mask(q: Quantity) -> bool:
    return q.positive and all(t.meaning.sense is Sense.NONE for t in q.terms)


def _label(e: Operation) -> ir.Written:
    if isinstance(e, ir.Binary):
        return ir.render(e, 40)
    return ir.render(ir.Binary(e.id, e.op, e.target, e.value), 40)


def _numbers(op: str, a: float, b: float, e: Operation) -> Value:
    try:
        match op:
            case "+":
                return Number(a + b)
            case "-":
                return Number(a - b)
            case "*":
                return Number(a * b)
            case "/":
                return Number(a / b)
            case "//":
                return Number(a // b)
            case "%":
                return Number(a % b)
            case "**" if abs(a) < 1e6 and abs(b) < 64 and (a > 0 or b == int(b)):
                return Number(float(a**b))
            case _:
                return unknown(_label(e), e.id)
    except (ZeroDivisionError, OverflowError):
        return unknown(_label(e), e.id)


def either(values: Iterable[Value], node: int, label: ir.Written) -> Quantity:
    """Of several numbers no more is known than the sign they share: ``scale = -1.0 if mean else -0.5``."""
    numbers = [v.value if isinstance(v, Number) else 0.0 for v in values]
    if all(x < 0 for x in numbers):
        return undirected(label, node, form=Form.NEGATIVE)
    return undirected(label, node, positive=all(x > 0 for x in numbers))


def _operands(a: Quantity, b: Quantity, e: Operation) -> tuple[Quantity, Quantity]:
    """The operands, each term marked with the expression it enters the sum as."""
    a, right = (_at(a, e.left.id), e.right) if isinstance(e, ir.Binary) else (a, e.value)
    return a, _subtracted(b, right.id) if e.op == "-" else _at(b, right.id)


@algebra.on_each_way
def _subtracted(q: Quantity, node: int) -> Quantity:
    """Of a sum that has no minus of its own, the one written here is what makes all its terms negative."""
    plain = all(t.sign > 0 and t.grad_sign > 0 for t in q.terms)
    return replace(q, terms=tuple(replace(t, node=node) for t in q.terms)) if plain else _at(q, node)


@algebra.on_each_way
def _at(q: Quantity, node: int) -> Quantity:
    if len(q.terms) != 1:
        return q
    return replace(q, terms=(replace(q.terms[0], node=node),))


def _quantities(it: Machine, op: str, a: Quantity, b: Quantity, e: Operation) -> Value:
    label = _label(e)
    match op:
        case "+":
            return _no_density(algebra.add(*_operands(a, b, e), e.id, label))
        case "-":
            own = algebra.centred(a, b, e.id, label) if _mentions_itself(e) else None
            own = own if own is not None else idioms.normalised(a, b, e.id, label)
            if own is not None:
                return own
            out = _no_density(algebra.subtract(*_operands(a, b, e), e.id, label))
            return replace(out, form=Form.PLAIN) if out.form == Form.DIFFERENCE and _is_deviation(e) else out
        case "*":
            if _of_itself(e):
                return idioms.square(b, e.id, label)
            chosen = idioms.chosen(a, b, e.id, label)
            if chosen is not None:
                return chosen
            return it.refined(ProductComputed(a, b, label, e.id), algebra.multiply(a, b, e.id, label))
        case "/":
            return _divide(a, b, e.id, label)
        case "**":
            return idioms.power(a, b, e.id, label)
        case "//" | "%":
            return algebra.through(a, Pass.NONE, e.id, str(label))
        case "@" if _of_itself(e):
            return idioms.square(b, e.id, label)
        case "@" if (sign := _scaled_by(it, e)) is not None:
            out = idioms.square(b, e.id, label)
            return out if sign > 0 else algebra.negate(out, e.id)
        case "@":
            # A matrix product is a sum of products: it has a sense only where the product has.
            return algebra.multiply(a, b, e.id, label)
        case _:
            return algebra.through(a, Pass.NONE, e.id, str(label))


def _no_density(q: Quantity) -> Quantity:
    """``pdf(x) + x * cdf(x)``: a probability density with something else added is none, and has no sense of its own."""
    if not any(t.meaning.kind == "likelihood" for t in q.terms) or not any(t.meaning == UNKNOWN for t in q.terms):
        return q
    terms = tuple(replace(t, meaning=UNKNOWN) if t.meaning.kind == "likelihood" else t for t in q.terms)
    return replace(q, terms=terms)


def _is_deviation(e: Operation) -> bool:
    """``x - others.mean()``: how far something is from a mean is no error of a prediction."""
    if not isinstance(e, ir.Binary):
        return False
    left, right = (isinstance(x, ir.Call) and last(x.func) in _MEANS for x in (e.left, e.right))
    return right and not left


_MEANS = frozenset({"mean", "nanmean", "average", "median", "nanmedian"})


def _mentions_itself(e: Operation) -> bool:
    """``x - x.mean()``: the right side is written in terms of the left one."""
    left = e.left if isinstance(e, ir.Binary) else e.target
    right = e.right if isinstance(e, ir.Binary) else e.value
    simple = isinstance(left, (ir.Name, ir.Attr, ir.Subscript))
    return simple and any(same(x, left) for x in walk(right))


_CONJUGATES = frozenset({"conj", "conjugate"})


def _conjugated(e: ir.Expr) -> ir.Expr:
    """x of ``x.conj()`` and ``np.conj(x)``."""
    inner = argument(e) if isinstance(e, ir.Call) and last(e.func) in _CONJUGATES else None
    return e if inner is None else inner


def _of_itself(e: Operation) -> bool:
    """``x * x``, ``x.conj() * x``: a square. Of two calls nobody knows whether they yield the same."""
    if not isinstance(e, ir.Binary) or isinstance(e.left, ir.Const):
        return False
    left = _conjugated(e.left)
    return same(left, _conjugated(e.right)) and not _calls(left)


def _calls(e: ir.Expr) -> bool:
    return any(isinstance(x, ir.Call) for x in walk(e))


def _scaled_by(it: Machine, e: Operation) -> int | None:
    """The sign of ``c`` in ``c * w @ w``, which Python reads as ``(c * w) @ w``; None where it is not known."""
    if not isinstance(e, ir.Binary) or not isinstance(e.left, ir.Binary) or e.left.op != "*":
        return None
    if not same(e.left.right, e.right) or _calls(e.right):
        return None
    scale = product(e.left.left)
    return scale.way if all(_is_scale(it, x) for x in (*scale.above, *scale.below)) else None


def _is_scale(it: Machine, e: ir.Expr) -> bool:
    """Whether a factor's sign is in sight: a number, a length, what is positive by its name."""
    counted = isinstance(e, ir.Call) and isinstance(e.func, ir.Name) and e.func.name == "len"
    return number(e) != 0 or counted or it.knowledge.positive(last(e))


def _is_density(q: Quantity) -> bool:
    """Whether a value is a probability, or the exponential of what is, by fact or name, a log-density."""
    if q.form == Form.PROBABILITY:
        return True
    kinds = ("log_density", "log_probability", "score")
    return q.positive and len(q.terms) == 1 and q.terms[0].sign > 0 and q.terms[0].meaning.kind in kinds


def _divide(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity:
    if a.positive and a.key == b.key and {t.made for t in a.terms} == {t.made for t in b.terms}:
        # A sum keeps the key of what it sums: ``x / x.sum()`` of a positive x is a distribution. Where ways meet, two
        # values have the key of the place.
        return undirected(label, node, form=Form.PROBABILITY, positive=True, roots=a.roots)
    if a.key != b.key and _is_density(a) and _is_density(b):
        form = ratios.quotient_form(a, b)  # exp(x) / exp(y), as exp(x - y)
        return undirected(label, node, form=form, positive=True, roots=a.roots | b.roots)
    # By a variance, say; what a name calls an accuracy (`acc`) counts the batches that a step accumulates.
    directed = any(t.meaning.sense.directed and t.meaning.kind not in ("penalty", "accuracy") for t in b.terms)
    if not directed:
        # Divisors in loss code are counts, norms, temperatures and variances: positive.
        keep = a.form if a.form in (Form.DIFFERENCE, Form.RANDOM, Form.SCORE, Form.RATIO) else Form.PLAIN
        return replace(a, roots=a.roots | b.roots, form=keep, key=node, label=label)
    if all(t.meaning.sense is Sense.NONE for t in a.terms) and b.positive:
        return algebra.reciprocal(algebra.as_one(b, node), node)
    return algebra.through(a, Pass.LOSE, node, str(label))


def _with_number_right(op: str, q: Quantity, v: float, e: Operation) -> Value:
    node, label = e.id, _label(e)
    match op:
        case "+" | "-":
            # A constant offset keeps everything; a tiny one (an epsilon guard) even the identity of the value.
            if abs(v) <= 1e-2:
                return q
            form = Form.DIFFERENCE if q.form == Form.DIFFERENCE else Form.PLAIN
            return replace(q, form=form, positive=q.positive and op == "+", key=node, origin=node)
        case "*" if v == 0:
            return Number(0.0)  # no summand: where a sum begins (`r + gamma * 0`), or what is switched off
        case "*" | "/":
            return algebra.scale(q, v, node)
        case "**":
            return idioms.power(q, Number(v), node, label)
        case _:
            return algebra.through(q, Pass.NONE, node, str(label))


def _with_number_left(op: str, v: float, q: Quantity, e: Operation) -> Value:
    node, label = e.id, _label(e)
    match op:
        case "+":
            return _with_number_right("+", q, v, e)
        case "-":
            out = algebra.negate(q, node, f"subtracted from {v:g}")
            # 1 - p of a probability is one, too.
            keep = q.form in (Form.PROBABILITY, Form.LIKELIHOOD) and v == 1
            # And 1 - w of a weight between two terms.
            weight = v == 1 and q.positive and (is_unknown(q) or is_parameter(q))  # a setting has a number by default
            return replace(out, form=Form.PROBABILITY if keep else Form.PLAIN, positive=keep or weight, label=label)
        case "*":
            return _with_number_right("*", q, v, e)
        case "/":
            return _number_over(v, q, node, label)
        case "**":
            return _number_to_the(v, q, node, label)
        case _:
            return algebra.through(q, Pass.NONE, node, str(label))


def _number_over(v: float, q: Quantity, node: int, label: ir.Written) -> Quantity:
    if q.positive or any(t.meaning.sense.directed for t in q.terms):
        out = algebra.reciprocal(algebra.as_one(q, node), node)
        out = out if v > 0 else algebra.negate(out, node)
        form = Form.NEGATIVE if v < 0 and q.positive else Form.PLAIN
        return replace(out, form=form, positive=q.positive and v > 0)
    # What is divided by is positive by the same convention where the division is written as a product.
    plain = leading_sign(q.label) > 0
    form = Form.NEGATIVE if v < 0 and plain else Form.PLAIN
    out = algebra.through(q, Pass.LOSE, node, str(label))
    return replace(out, positive=v > 0 and plain and is_unknown(q), form=form)


def _number_to_the(v: float, q: Quantity, node: int, label: ir.Written) -> Quantity:
    if v > 0 and all(t.meaning.sense is Sense.NONE for t in q.terms):  # `gamma ** t`
        return undirected(label, node, positive=True, roots=q.roots)
    return algebra.as_one(q, node) if v > 1 else algebra.through(q, Pass.LOSE, node, str(label))
