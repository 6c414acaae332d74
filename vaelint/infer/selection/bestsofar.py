"""Hand-written selection: which of several values is kept as the best, in which direction and from what start."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.events import Kept, Reading
from vaelint.infer.expression import bound, bound_in, last, same, signed_name, walk, without_margin
from vaelint.infer.seen import BranchReached, CallReached, TargetReached, ValueReturned, View, observes
from vaelint.infer.selection import inforce, metric, pick
from vaelint.infer.selection.choices import KEEPS, Choices, compares
from vaelint.infer.selection.inforce import Setting
from vaelint.infer.selection.selecting import by_setting
from vaelint.infer.values import Frame, Quantity, Text, start_of
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Direction

_BEST = Words("kept_as_best")
_OTHERS = Words("no_candidate")
_LEAST, _MOST, _EXTREME = Words("least"), Words("most"), Words("extreme")
_FLAG = Words("best_flag")
_ASKS = Words("asks_best")
_NOT = Words("not_better")
_SAVES = Words("saves")
_LATEST = Words("latest")  # and what brings back the one kept
_MODES = Words("way_asked")
_PLACES = frozenset(("index", "idx", "id", "ids", "name", "key", "path", "file", "type"))  # of what was picked
# Where the worst is looked for on purpose.
_OPPOSITE = Words("worst_wanted")
_DENSITIES = Words("below_zero")


# --- comparisons ---------------------------------------------------------------------------------


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if loss < best: best = loss``: what is kept, in either branch, or behind one that goes no further."""
    s, after, f = seen
    if view.memory(Choices).depth:
        return
    chosen = inforce.chosen(view, s.test, f)
    if chosen is not None and (chosen.settings or not isinstance(s.test, ir.BoolOp)):
        test, settings = chosen
    else:
        test, settings = s.test, ()
    found = _comparison(test) if test is not None else None
    if found is None:
        return
    compare, turned, sure = found
    if _kept(view, compare, turned, s.body, sure, f, True, settings):
        return
    orelse = s.orelse or (after if s.body and isinstance(s.body[-1], (ir.Jump, ir.Return)) else ())
    if orelse:  # a saving there is of whatever else is asked for
        _kept(view, compare, not turned, orelse, sure, f, False, settings)


def _comparison(test: ir.Expr) -> tuple[ir.Compare, bool, bool] | None:
    """The comparison in a test, whether it is negated, and whether the branch needs it to hold."""
    if isinstance(test, ir.Unary) and test.op == "not":
        inner = _comparison(test.operand)
        return (inner[0], not inner[1], False) if inner is not None else None
    found = [c for c in compares(test) if len(c.rest) == 1 and c.rest[0][0] in KEEPS]
    if isinstance(test, ir.Compare):
        return (test, False, True) if test in found else None  # a comparison inside it is what is compared
    if isinstance(test, ir.BoolOp):
        named = [c for c in found if _EXTREME.within(c.left, c.rest[0][1])]
        if len(named) == 1 and not _MODES.within(test):
            return named[0], False, False
    return None


def _sides(c: ir.Compare) -> tuple[ir.Expr, str, ir.Expr]:
    """The two that are compared; of ``best - loss > delta``, the two in the difference."""
    left, (op, right) = c.left, c.rest[0]
    if isinstance(left, ir.Binary) and left.op == "-" and not isinstance(left.right, ir.Const):
        margin = isinstance(right, ir.Const) or {"delta", "eps", "tol", "tolerance", "threshold"} & _words(right)
        if margin and _EXTREME.within(left):
            return without_margin(left.left), op, without_margin(left.right)
    return without_margin(left), op, without_margin(right)


@ir.once
def _words(e: ir.Expr) -> frozenset[str]:
    return frozenset(w.rstrip("0123456789") for x in ir.names_in(e) for w in split(x))


def _assigned(block: ir.Block) -> Iterator[tuple[ir.Written, ir.Expr | None]]:
    """What a block binds, with the value where it is one; that of functions called is not seen."""
    for s in block:
        match s:
            case ir.Assign(targets=targets, value=value) if value is not None:
                for t in targets:
                    if isinstance(t, ir.Tuple):
                        values = value.items if isinstance(value, ir.Tuple) else ()
                        for i, x in enumerate(t.items):
                            yield ir.render(x, 120), values[i] if i < len(values) else None
                    else:
                        yield ir.render(t, 120), value
            case ir.If(test=test, body=body, orelse=orelse):
                if _comparison(test) is None:  # what a comparison inside keeps is a matter of its own
                    yield from _assigned(body)
                    yield from _assigned(orelse)
            case ir.With(body=body) | ir.For(body=body) | ir.Try(body=body):
                yield from _assigned(body)


def _calls(block: ir.Block) -> Iterator[ir.Call]:
    for s in block:
        match s:
            case ir.ExprStmt(value=ir.Call() as call) | ir.Assign(value=ir.Call() as call):
                yield call
            case ir.If(test=test, body=body) if _comparison(test) is None:
                yield from _calls(body)
            case ir.With(body=body) | ir.Try(body=body):
                yield from _calls(body)


def _kept(
    view: View, compare: ir.Compare, turned: bool, block: ir.Block, sure: bool, f: Frame, saving: bool,
    settings: tuple[Setting, ...],
) -> bool:  # fmt: skip
    left, op, right = _sides(compare)
    direction = -KEEPS[op] if turned else KEEPS[op]
    bound = dict(_assigned(block))
    saves = saving and any(_SAVES.within(x) and not _LATEST.within(x) for x in _calls(block))
    for best, candidate, way in ((right, left, direction), (left, right, -direction)):
        if not isinstance(best, (ir.Name, ir.Attr, ir.Subscript)) or isinstance(candidate, ir.Const):
            continue
        name = ir.render(best, 120)
        holder = best.base if isinstance(best, (ir.Subscript, ir.Attr)) else best
        updated = name in bound or (ir.render(holder, 120) in bound and holder != ir.Name(holder.id, "self"))
        if not updated and not (saves and _BEST.within(best) and not _OTHERS.within(candidate)):
            continue
        value = bound.get(name)
        if value is not None and not _same(value, candidate):
            return True
        worst = _OPPOSITE.any(_where(f)) or _OPPOSITE.within(name, candidate, *bound, *_calls(block))
        keep(view, compare.id, best, candidate, way, f, "comparison", saves, sure and not turned, worst, settings)
        return True
    return False


def _same(value: ir.Expr, candidate: ir.Expr) -> bool:
    return same(without_margin(value), candidate) or signed_name(value)[0] == signed_name(candidate)[0] != ""


def keep(
    view: View, node: int, best: ir.Expr, candidate: ir.Expr, way: Direction, f: Frame, how: str, saves: bool,
    sure: bool, worst: bool = False, settings: tuple[Setting, ...] = (),
) -> None:  # fmt: skip
    """Tell that of ``candidate`` and ``best`` the larger (or smaller) is kept as ``best``.

    ``worst``: the worst may be looked for on purpose, so that which way the metric goes says nothing. ``settings``:
    what chose this comparison of two that are written.
    """
    if _looks_for(view, _MOST if way is Direction.MAXIMIZE else _LEAST, best, candidate, node):
        return
    found, node, shown = _candidate(view, candidate, node, f)
    found = found or (_keyed(view, candidate, f) if settings else None)
    if found is not None and not _judges(view, found, best, candidate, way, saves):
        found = None
    value = view.value(candidate, f)
    terms = pick.made_of(value) if isinstance(value, Quantity) else frozenset()
    found = None if worst else found
    if found is None and _named_otherwise(best, way):
        found = metric.of_kind(value, "optimum")  # alone it does not say which end to keep
    if found is not None and found.sense is -way.wants:
        if _is_settled(
            view, node, (*_choosers(view, node, settings, f), *inforce.signs(view, candidate, f)), found, way
        ):
            return
    start = _start(view, best, node, f) if sure and not worst else None
    if found is None and start not in (float("inf"), float("-inf")) and not terms:
        return
    name = ir.render(best, 60)
    if _is_turned(view, node, best):
        return  # what is kept is minus what it is called: `max_reward = -max_reward` behind it
    at = inforce.started(view, best, f) if start is not None and _choosers(view, node, settings, f) else -1
    view.emit(
        Kept(
            found, shown, name, way, node, how, start, view.memory(Choices).tracker(f, name),
            _DENSITIES.any(f.module.source.identifiers), found is not None and _says(view, best) is found.sense, terms,
            at,
        )
    )  # fmt: skip


def _judges(view: View, found: Reading, best: ir.Expr, candidate: ir.Expr, way: Direction, saves: bool) -> bool:
    """Whether what is known of a candidate says which end is to be kept: not, where two names say opposite things."""
    if not _is_best(best, found, way, saves):
        return False
    if found.basis.is_fact or _says(view, best) in (None, found.sense):
        return True
    return bool(found.steps) and signed_name(candidate)[0] != metric.word_of_label(found.label)


def _is_settled(view: View, node: int, settings: tuple[Setting, ...], found: Reading, way: Direction) -> bool:
    """Whether the settings that chose a comparison are what is wrong, and are reported in its place."""
    choices = view.memory(Choices)
    if not choices.is_settled(node) and not by_setting(view, settings, found, way, node):
        return False
    choices.settle({node})
    return True


def _start(view: View, best: ir.Expr, node: int, f: Frame) -> float | None:
    """What a record starts from, where that is set in one place."""
    start = start_of(view.value(best, f))
    return None if start is not None and _is_set_elsewhere(best, node, f) else start


def _choosers(view: View, node: int, settings: tuple[Setting, ...], f: Frame) -> tuple[Setting, ...]:
    """What chose a comparison, where the opposite one is written as well: else there was no choice."""
    return (*settings, *inforce.around(view, node, f)) if inforce.is_one_of_two(node, f) else ()


def _named_otherwise(best: ir.Expr, way: Direction) -> bool:
    """Whether the record's name says the other extreme than the one that is kept."""
    kept, other = (_MOST, _LEAST) if way is Direction.MAXIMIZE else (_LEAST, _MOST)
    return other.within(best) and not kept.within(best)


def _looks_for(view: View, extreme: Words, best: ir.Expr, candidate: ir.Expr, node: int) -> bool:
    """``if max_error > best_error``, ``best_error = float(probe_max)``: the names say which extreme is looked for."""
    if isinstance(candidate, (ir.Name, ir.Attr)) and extreme.within(candidate):
        return True
    if not isinstance(best, ir.Name) or view.home is None:
        return False
    starts = [x for t, x in bound_in(view.around(node).code) if last(t) == best.name]
    plain = (x.args[0].value if isinstance(x, ir.Call) and len(x.args) == 1 else x for x in starts)
    return any(extreme.within(x) for x in plain if isinstance(x, (ir.Name, ir.Attr)))


def _is_turned(view: View, node: int, best: ir.Expr) -> bool:
    bound = bound_in(view.around(node).code)
    return any(same(t, best) and isinstance(x, ir.Unary) and x.op == "-" and same(x.operand, best) for t, x in bound)


def _candidate(view: View, e: ir.Expr, node: int, f: Frame) -> tuple[Reading | None, int, ir.Written]:
    """What is known of a candidate, where to report it and how to call it: a parameter as the caller wrote it."""
    found = metric.reading(view, e, view.value(e, f))
    given = f.given.get(e.name) if isinstance(e, ir.Name) else None
    own = metric.by_name(view, e.name) if isinstance(e, ir.Name) else None
    if given is None or own is None or isinstance(given, (ir.Opaque, ir.Call)):
        return found, node, ir.render(e, 60)
    passed = ((given.id, f"`{ir.render(given, 40)}` is passed as `{ir.render(e, 40)}`"), (node, "compared here"))
    if found is not None and found.basis.is_fact:
        if found.sense is own.sense:
            return found, node, ir.render(e, 60)
        return replace(found, steps=(*found.steps, *passed)), given.id, ir.render(given, 60)
    name, sign = signed_name(given)
    said = metric.by_name(view, name, sign) if name else None
    if said is None or said.sense is own.sense:
        return found, node, ir.render(e, 60)
    return Reading(said.sense, said.basis, said.label, said.signed, passed), given.id, ir.render(given, 60)


def _keyed(view: View, e: ir.Expr, f: Frame) -> Reading | None:
    """What is looked up under a name that is known, whatever holds it: ``logs[self.monitor]``."""
    parts = list(walk(bound(e, f)))
    if any(isinstance(x, (ir.Unary, ir.Binary)) for x in parts):
        return None  # a sign may have been changed on the way
    keys = [x.index for x in parts if isinstance(x, ir.Subscript)]
    keys += [a.value for x in parts if isinstance(x, ir.Call) for a in x.args]
    texts = [view.value(key, f) for key in keys if isinstance(key, (ir.Name, ir.Attr))]
    return next((said for x in texts if isinstance(x, Text) and (said := metric.by_name(view, x.value))), None)


def _where(f: Frame) -> tuple[str, ...]:
    return (f.owner.name, f.name) if f.owner is not None else (f.name,)


def _says(view: View, best: ir.Expr) -> object:
    name, sign = signed_name(best)
    said = metric.by_name(view, name, sign) if name else None
    return said.sense if said is not None else None


def _is_best(best: ir.Expr, found: Reading, way: Direction, saves: bool) -> bool:
    """Whether what is kept is meant to be the best: a largest loss has its uses, under its own name."""
    extreme = _MOST if way is Direction.MAXIMIZE else _LEAST
    if extreme.within(best) and found.sense is not way.wants:
        return False
    return _EXTREME.within(best) or saves


def _is_set_elsewhere(best: ir.Expr, node: int, f: Frame) -> bool:
    """Whether a best-so-far is given more values than its start and its update."""
    if not isinstance(best, (ir.Name, ir.Attr)):
        return True
    source, times = f.module.source, 0
    unit = source.unit_of(node) if isinstance(best, ir.Name) and source.holds(node) else None
    for found in (source.around(node),) if unit is not None else source.speaking_of(best.name):
        times += sum(last(t) == best.name for t, _ in bound_in(found.code))
    return times > 2


# --- flags, extremes, picks ----------------------------------------------------------------------


@observes(TargetReached)
def assigned(view: View, seen: TargetReached) -> None:
    """``is_best = loss < best``, ``best = min(loss, best)``, ``best_epoch = argmin(losses)``."""
    target, e, f = seen
    if view.memory(Choices).depth or not isinstance(target, (ir.Name, ir.Attr, ir.Subscript, ir.Tuple)):
        return
    if isinstance(e, ir.Compare):
        name = last(target)
        if _FLAG.of(name):
            flag(view, e, f, _NOT.of(name))
        return
    if not _BEST.within(target) and not pick.names_best(e):
        return
    if (
        _OPPOSITE.any(_where(f))
        or _OPPOSITE.within(target)
        or _words(target) & (view.knowledge.metrics.blockers - _PLACES)
    ):
        return
    if isinstance(e, ir.Call) and _extreme(view, target, e, f):
        return
    arm, settings = inforce.arm(view, e, f)
    if isinstance(arm, ir.IfExp):
        _either(view, target, arm, f)
        return
    picked(view, ir.render(target, 60), arm, f, settings)


def flag(view: View, e: ir.Expr, f: Frame, negated: bool) -> None:
    """``is_best = loss < best``; ``negated`` for the flag of the opposite (``no_improvement``)."""
    found, worst = _comparison(e), _OPPOSITE.any(_where(f))
    if found is None:
        return
    compare, turned, _ = found
    left, op, right = _sides(compare)
    way = -KEEPS[op] if turned is not negated else KEEPS[op]
    for best, candidate, kept in ((right, left, way), (left, right, -way)):
        if _BEST.within(best) and not _BEST.within(candidate):
            keep(view, compare.id, best, candidate, kept, f, "comparison", True, False, worst)
            return


@observes(ValueReturned)
def returned(view: View, seen: ValueReturned) -> None:
    """What a function called ``is_best`` or ``get_best`` answers."""
    e, f = seen.e, seen.scope
    if view.memory(Choices).depth or _OPPOSITE.any(_where(f)):
        return
    if isinstance(e, (ir.Compare, ir.BoolOp)) and _ASKS.of(f.name):
        flag(view, e, f, _NOT.of(f.name))
    elif "best" in split(f.name):
        picked(view, ir.call_of(f.name), e, f)


# Methods of libraries by which a model, an optimiser or an estimator is set to a state that was kept.
_RESTORES = frozenset(("load_state_dict", "set_state_dict", "set_weights", "set_params"))


@observes(CallReached)
def restored(view: View, seen: CallReached) -> None:
    """``model.load_state_dict(states[np.argmin(losses)])``: one goes back to the best, whatever it is called."""
    e, args, f = seen
    if not isinstance(e.func, ir.Attr) or e.func.name not in _RESTORES or not args.positional:
        return
    state = args.positional[0].expr
    if view.memory(Choices).depth or _OPPOSITE.any(_where(f)) or _OPPOSITE.within(e.func, state):
        return
    picked(view, ir.render(state, 60), state, f)


def _extreme(view: View, target: ir.Expr, e: ir.Call, f: Frame) -> bool:
    """``best = max(best, x)``."""
    name = last(e.func)
    way = pick.OF_TWO.get(name)
    args = [a.value for a in e.args if a.name is None and a.star == ""]
    if way is None or len(args) != 2:
        return False
    others = [a for a in args if not same(a, target)]
    if len(others) != 1 or isinstance(others[0], ir.Const):
        return False
    keep(view, e.id, target, others[0], way, f, "extreme", False, False)
    return True


def _either(view: View, target: ir.Expr, e: ir.IfExp, f: Frame) -> None:
    """``best = x if x > best else best``."""
    found = _comparison(e.test)
    if found is None:
        return
    compare, turned, _ = found
    way = -KEEPS[compare.rest[0][0]] if turned else KEEPS[compare.rest[0][0]]
    left = without_margin(compare.left)
    body, orelse = same(e.body, target), same(e.orelse, target)
    if orelse and not body:
        keep(view, compare.id, target, e.body, way if same(left, e.body) else -way, f, "comparison", False, False)
    elif body and not orelse:
        keep(view, compare.id, target, e.orelse, -way if same(left, e.orelse) else way, f, "comparison", False, False)


def picked(view: View, best: ir.Written, e: ir.Expr, f: Frame, settings: tuple[Setting, ...] = ()) -> None:
    found = pick.of(view, e, f)
    if found is None:
        return
    settings = settings or _choosers(view, found.node, (), f)
    said = found.said or (_keyed(view, found.label.expr, f) if settings and found.label.expr is not None else None)
    if settings and said is not None and said.sense is -found.way.wants:
        if by_setting(view, settings, said, found.way, found.node):
            return
    tracker = view.memory(Choices).tracker(f, best, found.node)
    view.emit(Kept(found.said, found.label, best, found.way, found.node, "pick", None, tracker, terms=found.terms))
