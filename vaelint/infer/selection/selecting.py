"""What libraries select by: a metric named in a call, a value given to a scheduler, what an objective returns.

Which calls these are, and which way they go, is data: ``[[selector]]`` and ``[[override]]`` tables of the libraries,
``[[setting]]`` tables of ``rules/metrics.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.events import Logged, Monitored, Reading
from vaelint.infer.seen import (
    CallReached,
    ClassOpened,
    DictDisplayed,
    EntryOpened,
    LibraryCalled,
    MethodCalled,
    MethodRun,
    ObjectMade,
    View,
    observes,
    refines,
)
from vaelint.infer.selection import inforce, metric
from vaelint.infer.selection.choices import Choices, way_of
from vaelint.infer.values import (
    Bound,
    Class,
    Frame,
    Function,
    Instance,
    Library,
    Literal,
    Made,
    Mapping,
    Number,
    Quantity,
    Selects,
    Sequence,
    Text,
    Value,
)
from vaelint.knowledge.metrics import choose, matching
from vaelint.knowledge.schema import KEY, Entry, Selector
from vaelint.knowledge.vocabulary import Words, words_of
from vaelint.records import replace
from vaelint.sense import Direction
from vaelint.ways import WAYS


def group(f: Frame) -> str:
    return f"{f.owner.name}.{f.name}" if f.owner is not None else f.name


# --- selectors of libraries ----------------------------------------------------------------------


@refines(LibraryCalled)
def made(view: View, seen: LibraryCalled, value: Value) -> Value:
    """What the call of a selector makes: it remembers by what it selects."""
    chosen = _chosen(view, *seen)
    if chosen is None:
        return value
    if isinstance(value, Made):
        return replace(value, selects=chosen)
    return Made("selector", Entry(seen.path, chosen.selector.library), seen.e.id, selects=chosen)


def _chosen(view: View, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Selects | None:
    """A call of something that selects: tell by what, and remember it for the methods of what it makes."""
    selector, short = view.knowledge.selector(path), path.rpartition(".")[2]
    if selector is None:
        selector = _like(short, args)
    if selector is None:
        return None
    named = _argument(selector, args, selector.metric)
    called = metric.name_of(view, named.expr, named.value, f) if named is not None else None
    name = called.value if isinstance(called, Text) else ""
    if selector.reports:
        said = metric.by_name(view, name) if named is not None else None
        if said is not None and named is not None:
            view.memory(Choices).reports.append((said, named.expr.id))
        return None
    chosen = _direction(selector, args, name, e.id, short, f)
    if named is not None:
        said = None if isinstance(called, (Text, Quantity)) else metric.reading(view, named.expr, named.value)
        if name or said is not None:
            _tell(view, chosen, name, said, chosen.node, f)
    objective = _argument(selector, args, selector.objective)
    if objective is not None:
        _answer(view, chosen, objective, e, f)
    return chosen


_KEEPERS = Words("keeper")
_TOLD = dict.fromkeys(("__call__", "step", "update", "check", "check_improvement", "should_stop", "early_stop"), 0)


def _moded(name: str) -> Selector:
    """What by its name stops early or keeps the best, with a mode that is written out."""
    least, most = words_of("asked_least"), words_of("asked_most")
    return Selector(name, "", mode="mode", minimize=least, maximize=most, takes=_TOLD)


def _like(short: str, args: Arguments) -> Selector | None:
    """What by its name stops early or keeps the best, wherever it comes from, if its mode is written out."""
    if not _KEEPERS.of(short) or "mode" not in args.named:
        return None
    return _moded(short)


@observes(MethodCalled)
def own(view: View, seen: MethodCalled) -> None:
    """An early stopping of the project's own, with a mode, is given a value."""
    instance, name, args, _, f = seen
    given = args.positional
    if not isinstance(instance, Instance) or name not in _TOLD or not given or not _KEEPERS.of(instance.cls.name):
        return
    mode = view.attributes(instance).get("mode")
    if not isinstance(mode, Text):
        return
    made_by = view.memory(Choices).made_by(instance)
    word, at = mode.value.lower(), made_by if made_by is not None else given[0].expr.id
    way = way_of(word) or Direction.UNKNOWN
    chosen = Selects(_moded(instance.cls.name), way, f"mode={_literal(word)}", False, at, instance.cls.name)
    said = metric.reading(view, given[0].expr, given[0].value)
    if said is not None:
        _tell(view, chosen, "", said, at, f, given[0].expr.id)


def by_setting(view: View, settings: tuple[inforce.Setting, ...], said: Reading, way: Direction, valued: int) -> bool:
    """A setting of the project's own has chosen the wrong of two comparisons; whether its place is in sight."""
    w = inforce.written(view, settings)
    if w is None:
        return False
    word = _word(w.value) or ""
    other = {"true": "False", "false": "True"}.get(word) or _opposite(word)
    setting = f"{w.name}={_literal(word)}"
    other = other if w.is_plain else ""
    edit = f"{'give' if w.by_default else 'write'} `{w.name}={other}`" if other else f"choose the other `{w.name}`"
    view.emit(
        Monitored(
            "", said, way, setting, w.by_default, w.node, f"`{w.of}`", w.of, edit,
            valued=valued, change=(w.name, other) if other else ("", ""), own=True,
        )
    )  # fmt: skip
    return True


def _opposite(word: str) -> str:
    """The other value of a setting that is a word for one end: ``"max"`` of ``"min"``."""
    ends = {a: b for pair in zip(words_of("asked_least"), words_of("asked_most")) for a, b in (pair, pair[::-1])}
    return _literal(ends[word]) if word in ends else ""


_TIMES = 2  # that a method is run: the first value is kept without a comparison


@observes(ObjectMade)
def named(view: View, seen: ObjectMade) -> None:
    """``EarlyStopping("val_acc")`` of the project's own, which somebody out of sight runs: what it does with that name.

    It is done to another object that is made the same way, so that this one stays as it is.
    """
    texts = [a.value.value for a in seen.args.given if isinstance(a.value, Text)]
    choices = view.memory(Choices)
    if choices.tries or not any(metric.by_name(view, text) is not None for text in texts):
        return
    info = seen.made.cls.module.class_info(seen.made.cls)
    methods = [info.own_method(name, seen.made.cls) for name in info.method_names] if info is not None else []
    deciding = [m for m in methods if m is not None and m.name != "__init__" and inforce.compares_or_picks(m.body)]
    if not deciding or not view.affords(len(deciding)):
        return
    choices.tries += 1
    try:
        twin = view.call(seen.made.cls, seen.args, seen.e, seen.scope)
        for method in deciding * _TIMES:
            view.answer(Bound(method, (twin,)), seen.e, seen.e.id, seen.scope)
    finally:
        choices.tries -= 1


def _argument(selector: Selector, args: Arguments, name: str) -> Argument | None:
    if not name or name == KEY:
        return None
    return args.get(name, selector.params.index(name) if name in selector.params else None)


def _written(e: ir.Expr, f: Frame) -> ir.Expr:
    """Where a setting stands: a parameter's in what was given for it, or its default."""
    return f.given.get(e.name, e) if isinstance(e, ir.Name) else e


def _direction(selector: Selector, args: Arguments, name: str, node: int, short: str, f: Frame) -> Selects:
    chosen = Selects(selector, Direction.UNKNOWN, "", False, node, short)
    if not selector.mode:
        return replace(chosen, direction=Direction(selector.direction))
    given = _argument(selector, args, selector.mode)
    word = _word(given.value) if given is not None else None
    if given is not None and word not in selector.auto:
        setting = f"{selector.mode}={ir.render(given.expr, 30)}"
        chosen = replace(chosen, node=_written(given.expr, f).id)  # to be changed where it stands
        if word is None:
            return replace(chosen, setting=setting)
        return replace(chosen, direction=choose(word, selector.minimize, selector.maximize), setting=setting)
    hidden = any(a.star for a in args.given) or f"{selector.mode}s" in args.named
    if hidden or (
        selector.params and selector.mode not in selector.params and len(args.positional) > len(selector.params)
    ):
        return chosen  # it may be given where we do not see it
    default = next((Direction(way) for pattern, way in selector.default if matching(pattern, name)), None)
    if default is None:
        return chosen
    setting = f"{selector.mode}={_literal(selector.written(default))}"
    return replace(chosen, direction=default, setting=setting, by_default=True)


def _literal(value: str) -> str:
    return {"true": "True", "false": "False", "+": "1", "-": "-1"}.get(value, f'"{value}"')


def _word(value: Value) -> str | None:
    """A mode as the rules write it."""
    match value:
        case Text(value=text):
            return text.lower()
        case Literal(value=bool(flag)):
            return str(flag).lower()
        case Literal(value=None):
            return "none"
        case Number(value=number):
            return "-" if number < 0 else "+"
        case Library(path=path):
            return path.rpartition(".")[2].lower()
    return None


def _edit(chosen: Selects) -> str:
    s = chosen.selector
    if not s.mode:
        return f"negate the value: `{chosen.short}` keeps the {WAYS[chosen.direction].end}"
    return f"{'give' if chosen.by_default else 'write'} `{s.mode}={_literal(s.written(-chosen.direction))}`"


def _change(chosen: Selects) -> tuple[str, str]:
    mode, other = chosen.selector.mode, chosen.selector.written(-chosen.direction)
    return (mode, _literal(other)) if mode and other else ("", "")


def _tell(view: View, chosen: Selects, name: str, said: Reading | None, node: int, f: Frame, valued: int = -1) -> None:
    said = said if said is not None or not name else metric.by_name(view, name)
    c, via = chosen, f"`{chosen.short}`"
    of = group(f)
    view.emit(Monitored(name, said, c.direction, c.setting, c.by_default, node, via, of, _edit(c), valued, _change(c)))


def _answer(view: View, chosen: Selects, a: Argument, e: ir.Expr, f: Frame) -> None:
    """Select by a value, or by what a callable returns."""
    value, at = a.value, a.expr.id
    if isinstance(value, (Function, Bound, Class, Instance)):
        view.memory(Choices).reports.clear()
        value, at = view.answer(value, e, at, f)
        _reported(view, chosen, f)
        if isinstance(value, Mapping) and chosen.selector.result:
            value = value.items.get(chosen.selector.result, value)
        said = metric.reading(view, None, value)
        if isinstance(a.value, Instance) and said is not None and not said.basis.is_fact:
            said = None  # an object hands back what it was told elsewhere: its names are of no use
    else:
        said = metric.reading(view, a.expr, value) if isinstance(value, (Quantity, Sequence)) else None
    if said is not None:
        # A mode is a setting to be changed where it stands; without one, what is returned has to be.
        node, valued = (chosen.node, at) if chosen.selector.mode else (at, chosen.node)
        _tell(view, chosen, "", said, node, f, valued)


def _reported(view: View, chosen: Selects, f: Frame) -> None:
    """What an objective reports on its way is judged like what it returns: a pruner stops by it."""
    for said, node in view.memory(Choices).reports:
        via = f"the pruner of `{chosen.short}`"
        edit = "report a value that goes the same way as the one that the objective returns"
        setting, default = chosen.setting, chosen.by_default
        view.emit(
            Monitored("", said, chosen.direction, setting, default, node, via, group(f), edit, valued=chosen.node)
        )


@observes(MethodCalled)
def method(view: View, seen: MethodCalled) -> None:
    """A method of something that selects, given the value it goes by."""
    receiver, name, args, e, f = seen
    chosen = receiver.selects if isinstance(receiver, Made) else None
    position = chosen.selector.takes.get(name) if chosen is not None else None
    if chosen is None or position is None or len(args.positional) <= position:
        return
    _answer(view, chosen, args.positional[position], e, f)


@observes(MethodRun)
def overridden(view: View, seen: MethodRun) -> None:
    """A method that a framework selects by: what it returns."""
    name = seen.method.name
    for base in seen.info.base_names():
        rule = view.knowledge.override(base, name)
        if rule is None:
            continue
        said = metric.reading(view, None, seen.value)
        if said is not None:
            direction, short = Direction(rule.direction), base.rpartition(".")[2]
            edit = "negate what is returned"
            via = f"model selection by the `{name}` of a `{short}`"
            view.emit(Monitored("", said, direction, "", True, seen.at, via, name, edit))
        return


# --- settings side by side -----------------------------------------------------------------------


def settings(
    view: View,
    given: SequenceOf[tuple[str, Value]],
    node: int,
    f: Frame,
    via: str,
    places: dict[str, int] | None = None,
) -> None:
    """Keys beside each other that name a metric and say which way (``monitor="val_acc", mode="min"``).

    ``places``: where each is written, if not at ``node``.
    """
    keys = dict(given)
    for s, mode, metrics in view.knowledge.metrics.pairs(keys.keys()):
        name = keys[metrics]
        word = _word(keys[mode])
        direction = s.direction(word) if word is not None else Direction.UNKNOWN
        if not isinstance(name, Text) or direction is Direction.UNKNOWN:
            continue
        other = s.opposite(word or "")
        at = (places or {}).get(mode, node)
        setting, edit = f"{mode}={_literal(word or '')}", f"write `{mode}={_literal(other)}`"
        said, change = metric.by_name(view, name.value), (mode, _literal(other))
        view.emit(Monitored(name.value, said, direction, setting, False, at, via, group(f), edit, change=change))
        return


@observes(DictDisplayed)
def mapping(view: View, seen: DictDisplayed) -> None:
    """A dict display: settings, or a scheduler beside the metric that it is stepped with."""
    e, items, f = seen
    name = items.get("monitor")
    if isinstance(name, Text):
        for key in ("scheduler", "lr_scheduler"):
            made = items.get(key)
            if isinstance(made, Made) and made.selects is not None and made.selects.selector.takes:
                _tell(view, made.selects, name.value, None, made.selects.node, f, e.id)
    for key, made in items.items():
        if isinstance(made, Made) and made.selects is not None and made.selects.selector.metric == KEY:
            _tell(view, made.selects, key, None, made.selects.node, f, e.id)
    if len(items) > 1 and not view.knowledge.metrics.modes.isdisjoint(items):
        settings(view, list(items.items()), e.id, f, "this")


@observes(CallReached)
def keywords(view: View, seen: CallReached) -> None:
    e, args, f = seen
    if len(args.given) < 2 or all(a.name not in view.knowledge.metrics.modes for a in args.given):
        return  # as nearly always: no value is looked at
    named = [(a.name, metric.name_of(view, a.expr, a.value, f)) for a in args.given if a.name is not None]
    if len(named) > 1:
        places = {a.name: _written(a.expr, f).id for a in args.given if a.name is not None}
        settings(view, named, e.id, f, f"`{ir.render(e.func, 40)}`", places)


@observes(EntryOpened)
def signature(view: View, seen: EntryOpened) -> None:
    """Defaults of parameters: what a call that says nothing gets."""
    fn = seen.function
    constants = [(p.name, p.default) for p in fn.params if isinstance(p.default, ir.Const)]
    if len(constants) > 1 and any(name in view.knowledge.metrics.modes for name, _ in constants):
        given = [(name, _constant(c)) for name, c in constants]
        at = next(p.default.id for p in fn.params if p.default is not None and p.name in view.knowledge.metrics.modes)
        settings(view, given, at, Frame(fn.module, fn.name, None, fn.owner), f"by default `{fn.name}`")


@observes(ClassOpened)
def fields(view: View, seen: ClassOpened) -> None:
    """Fields of a class of settings."""
    cls, body = seen
    found = [
        (s.targets[0].name, s.value, s.id)
        for s in body
        if isinstance(s, ir.Assign) and isinstance(s.targets[0], ir.Name) and isinstance(s.value, ir.Const)
    ]
    modes = [node for name, _, node in found if name in view.knowledge.metrics.modes]
    if modes and len(found) > 1:
        frame = Frame(cls.module, cls.name)
        settings(view, [(name, _constant(v)) for name, v, _ in found], modes[0], frame, f"`{cls.name}`")


def _constant(c: ir.Const) -> Value:
    if isinstance(c.value, bool) or c.value is None:
        return Literal(c.value)
    return Text(c.value) if isinstance(c.value, str) else Literal(c.value)


# --- what is logged under a name -----------------------------------------------------------------

_LOGS = frozenset(("log", "log_metric", "log_dict", "log_metrics", "add_scalar", "report"))


@observes(CallReached)
def logged(view: View, seen: CallReached) -> None:
    """``self.log("val_obj", elbo)``: what a monitored name stands for."""
    e = seen.e
    if not isinstance(e.func, ir.Attr) or e.func.name not in _LOGS:
        return
    given = seen.args.positional
    if e.func.name == "report" and len(given) == 2 and isinstance(given[0].value, Quantity):
        said = metric.reading(view, given[0].expr, given[0].value)
        if said is not None:
            view.memory(Choices).reports.append((said, given[0].expr.id))
    pairs: list[tuple[str, Value, int]] = []
    if len(given) > 1 and isinstance(given[0].value, Text):
        pairs.append((given[0].value.value, given[1].value, given[1].expr.id))
    for a in given[:1]:
        if isinstance(a.value, Mapping):
            pairs += [(k, v, a.expr.id) for k, v in a.value.items.items()]
    for name, value, node in pairs:
        said = metric.reading(view, None, value)
        if said is not None and said.basis is not Basis.NONE:
            view.emit(Logged(name, said, node))
