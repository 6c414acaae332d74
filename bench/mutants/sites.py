"""Places in real code whose sign is right, and the edit that makes it wrong. One small recogniser an operator.

A recogniser asks the text near the place for evidence that its sign matters and is right: a name that says loss for a
value that mentions a log-probability, a library's loss, the terms of a closed form. It never asks vaelint.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bench.mutants import formulas
from bench.mutants import words as w
from bench.mutants.text import Edit, Scope, Source, own_expressions, statements

NEAR, FILE = "near", "file"  # where a new finding counts: at the place, or anywhere in the file its value may flow


class Site(NamedTuple):
    operator: str
    row: int
    function: str
    edit: Edit


Recogniser = Callable[[Source, ast.stmt, Scope], Iterator[Edit | None]]
_MEANS = ("mean", "sum")


def target_of(statement: ast.stmt) -> str:
    """The last word of what a statement binds, the function's own name is not asked."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return w.last(statement.targets[0])
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return w.last(statement.target)
    return ""


def value_of(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)) else None


def named_cost(statement: ast.stmt, scope: Scope) -> bool:
    """Bound to the name of a cost, or returned by a function that says it computes one."""
    if isinstance(statement, ast.Return):
        return bool(w.COST_FUNCTION.search(scope.name))
    if isinstance(statement, ast.AugAssign) and not isinstance(statement.op, ast.Add):
        return False
    return bool(w.COST.search(target_of(statement)))


def leading_minus(node: ast.expr) -> ast.UnaryOp | None:
    """The minus that turns the whole of ``-a * b / c``, ``(-a).mean()``, ``mean(-a)``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return None if isinstance(node.operand, ast.Constant) else node
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        return leading_minus(node.left)
    if isinstance(node, ast.Call) and w.last(node.func) in _MEANS:
        if node.args and isinstance(node.args[0], (ast.UnaryOp, ast.BinOp)):
            return leading_minus(node.args[0])
        if isinstance(node.func, ast.Attribute):
            return leading_minus(node.func.value)
    return None


def drop_minus(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    value = value_of(statement)
    if value is None or (minus := leading_minus(value)) is None or not named_cost(statement, scope):
        return
    text = source.of(minus.operand)
    if w.GAIN.search(text) or (w.ENTROPY.search(text) and w.ENTROPY_COST.search(target_of(statement))):
        yield source.without_minus(minus)


def add_minus(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    value = value_of(statement)
    if value is None or not named_cost(statement, scope):
        return
    inner = value
    while isinstance(inner, ast.Call) and w.called(inner) in _MEANS and isinstance(inner.func, ast.Attribute):
        inner = inner.func.value
    held = w.called(inner) in w.HELD_LOSS and w.within(w.MAKES_LOSS, source.text)
    if w.called(inner) in w.LOSSES or held:
        yield source.negated(value)


def swap_terms(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    if isinstance(statement, ast.AugAssign):
        if isinstance(statement.op, ast.Add) and w.COST.search(target_of(statement)) and w.cost_like(statement.value):
            yield source.swapped_augmented(statement)
        return
    value = value_of(statement)
    if not isinstance(value, ast.BinOp) or w.AVERAGES.search(source.of(statement)):
        return  # a moving average is watched, not descended
    left, right = value.left, value.right
    if isinstance(value.op, ast.Add) and (target_of(statement) == "" or w.COST.search(target_of(statement))):
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            left = left.right
        if w.cost_like(left) and w.cost_like(right):
            yield source.swapped(value)
    elif isinstance(value.op, ast.Sub):
        bonus = (
            w.cost_like(left) and w.ENTROPY.search(w.last(right) or source.of(right)) and named_cost(statement, scope)
        )
        elbo = w.gain_like(left) and w.cost_like(right) and re.search(r"(?:^|_)kld?(?:_|$|\()", source.of(right))
        if bonus or elbo:
            yield source.swapped(value)


def negate_log_density(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """The last ``return`` of a method that says it is a log-density."""
    if not isinstance(statement, ast.Return) or scope.node is None or scope.node.body[-1] is not statement:
        return
    value = statement.value
    if isinstance(value, ast.Name) and not re.search(r"log|prob|^ll$|^lp$|^res$|^result$|elbo", value.id):
        return  # a container of tensors, say
    if value is not None and re.search(r"zeros(?:_like)?\(", source.of(value)):
        return  # minus nothing is nothing
    if w.LOG_DENSITY.match(scope.name) and isinstance(value, (ast.BinOp, ast.Call, ast.Name, ast.UnaryOp)):
        yield source.negated(value)


def negate_log_prob_call(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """``d.log_prob(x)`` under a name that says log-probability or ELBO."""
    value = value_of(statement)
    if (
        isinstance(statement, ast.Assign)
        and isinstance(value, ast.Call)
        and re.search(r"^log_p|log_?prob|log_?lik|logp|elbo|reconstruction_log|^ll$", target_of(statement))
    ):
        inner: ast.expr = value
        while isinstance(inner, ast.Call) and w.called(inner) in _MEANS and isinstance(inner.func, ast.Attribute):
            inner = inner.func.value
        if w.called(inner) in ("log_prob", "logpdf", "logpmf"):
            yield source.negated(value)


def negated_backward(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    if not w.within(w.STEPS, scope.text):
        return  # a gradient that nobody descends: its outer product, or its norm, has no sign
    if call.func.attr == "backward" and w.cost_like(call.func.value) and not call.args:
        yield source.replaced(call.func.value, f"(-{source.of(call.func.value)})")
    elif call.func.attr in ("backward", "manual_backward") and call.args and w.cost_like(call.args[0]):
        yield source.negated(call.args[0])


def ascending_update(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    if w.within(w.SAMPLERS, scope.text):
        return

    def step(text: str) -> bool:
        return bool(w.RATE.search(text) and w.GRADIENT.search(text))

    value = value_of(statement)
    if isinstance(statement, ast.AugAssign):
        if isinstance(statement.op, ast.Sub) and step(source.of(statement.value)):
            yield source.swapped_augmented(statement)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) and step(source.of(value.right)):
        if isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
            yield source.swapped(value)
    for call in own_expressions(statement):
        if isinstance(call, ast.Call) and w.last(call.func) in ("add_", "addcdiv_", "add", "_foreach_add_"):
            for k in call.keywords:
                minus = k.value
                if k.arg in ("alpha", "value") and isinstance(minus, ast.UnaryOp) and isinstance(minus.op, ast.USub):
                    if w.RATE.search(source.of(minus.operand)):
                        yield source.without_minus(minus)


_OPPOSITE = {"min": "max", "max": "min", "minimize": "maximize", "maximize": "minimize"}


def flip_mode(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """A setting whose metric is named in the same call, or in the same function."""
    for call in own_expressions(statement):
        if not isinstance(call, ast.Call):
            continue
        for k in call.keywords:
            if k.arg in ("mode", "direction") and isinstance(k.value, ast.Constant) and k.value.value in _OPPOSITE:
                others = [x.value.value for x in call.keywords if x is not k and isinstance(x.value, ast.Constant)]
                named = any(isinstance(v, str) and w.METRIC.search(v) for v in others)
                if named or re.search(rf"monitor[^\n]*{w.METRIC.pattern}", scope.text if scope.node else "", re.I):
                    yield source.replaced(k.value, repr(_OPPOSITE[k.value.value]).replace("'", '"'))


def flip_best(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """``if val_loss < best_loss:`` turned round."""
    if not isinstance(statement, ast.If):
        return
    for test in own_expressions(statement):
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Lt, ast.Gt)):
            sides = [w.last(test.left), w.last(test.comparators[0])]
            old, new = ("<", ">") if isinstance(test.ops[0], ast.Lt) else (">", "<")
            best = [bool(re.search(r"best|lowest|minimum|min_", s)) for s in sides]
            cost = any(re.search(r"loss|nll", s) for s in sides)
            keeps_less = isinstance(test.ops[0], ast.Lt) == best[1]
            if cost and best[0] != best[1] and keeps_less:
                yield source.sign_between(source.span(test.left)[1], source.span(test.comparators[0])[0], old, new)


def maximize_true(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    for call in own_expressions(statement) if w.within(w.TRAINS, source.text) else ():
        if isinstance(call, ast.Call) and w.TORCH_OPTIM.match(source.of(call.func)):
            full = w.TORCH_OPTIM_FULL.match(source.of(call.func)) is not None
            if not full and not w.within(w.IMPORTS_OPTIM, source.text):
                continue  # another library's
            known = {k.arg for k in call.keywords}
            if "dummy" in source.of(call):
                continue
            if w.last(call.func) in w.OPTIMIZERS and "maximize" not in known and None not in known:
                end = source.span(call)[1] - 1
                comma = "" if source.text[:end].rstrip().endswith((",", "(")) else ", "
                yield Edit(end, end, f"{comma}maximize=True")


def negate_argument(source: Source, statement: ast.stmt, scope: Scope) -> Iterator[Edit | None]:
    """``nll_loss(-log_probs, y)``, ``cross_entropy(-logits, y)``: what the function takes must go up."""
    for call in own_expressions(statement):
        if isinstance(call, ast.Call) and call.args and not isinstance(call.args[0], ast.Starred):
            name, first = w.called(call), call.args[0]
            if name in ("nll_loss", "kl_div", "cross_entropy") and w.LOG_ARGUMENT.search(source.of(first)):
                if not isinstance(first, ast.UnaryOp):
                    yield source.negated(first)


# operator → (recogniser, where a finding counts)
OPERATORS: dict[str, tuple[Recogniser, str]] = {
    "drop-minus": (drop_minus, FILE),
    "add-minus": (add_minus, FILE),
    "swap-terms": (swap_terms, FILE),
    "flip-closed-form": (formulas.flip_closed_form, FILE),
    "negate-log-density": (negate_log_density, FILE),
    "negate-log-prob": (negate_log_prob_call, FILE),
    "negated-backward": (negated_backward, FILE),
    "ascending-update": (ascending_update, FILE),
    "flip-mode": (flip_mode, NEAR),
    "flip-best": (flip_best, NEAR),
    "maximize-true": (maximize_true, FILE),
    "negate-argument": (negate_argument, FILE),
}


def order(*parts: object) -> str:
    """A fixed order that has nothing to do with where things stand."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()


def find(source: Source) -> Iterator[Site]:
    """Every site of a module."""
    for statement, scope in statements(source):
        around = scope.text if scope.node is not None else source.of(statement)
        if w.within(w.GAMES, scope.function) or w.within(w.GAMES, around):
            continue
        for operator, (recognise, _) in OPERATORS.items():
            for edit in recognise(source, statement, scope):
                if edit is not None:
                    yield Site(operator, _row(source, edit), scope.function or "<module>", edit)


def differs(source: Source, edit: Edit) -> bool:
    """Whether what comes of the edit is another program: it parses, and not to the same tree."""
    try:
        return ast.dump(ast.parse(source.apply(edit))) != ast.dump(source.tree)
    except (SyntaxError, ValueError):
        return False


def _row(source: Source, edit: Edit) -> int:
    return source.text.count("\n", 0, edit.start) + 1
