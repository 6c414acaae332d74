"""Interprets a file: its plain statements, then every function and method that matters, as an entry point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.finding import Problem
from vaelint.infer.evaluate import calls, intent
from vaelint.infer.evaluate.interpreter import Budget, Interpreter
from vaelint.infer.evaluate.method_effects import AT_FIRST, Kept, is_start, writes
from vaelint.infer.events import Event, Optimised
from vaelint.infer.expression import calls_of
from vaelint.infer.laws import catalogue, custom_gradients, derivatives, jacobians, primitives
from vaelint.infer.libraries import meaning
from vaelint.infer.observers import observers
from vaelint.infer.optimising import sinks
from vaelint.infer.project.classes import ClassInfo
from vaelint.infer.project.link import Program
from vaelint.infer.project.module import Module
from vaelint.infer.seen import ClassOpened, MethodRun
from vaelint.infer.selection import flags
from vaelint.infer.settled import settled
from vaelint.infer.values import Class, Frame, Function, Mapping, Value
from vaelint.knowledge import Knowledge
from vaelint.knowledge.vocabulary import Words
from vaelint.records import record
from vaelint.sense import Direction, Sense
from vaelint.source.file import ScanUncertain
from vaelint.source.project import Project, Surroundings

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile
    from vaelint.source.index import Unit

_TRAINS = Words("trains")

_LIGHTNING = Words("lightning_module")
_TRAINER = Words("trainer_class")


@record(frozen=True, slots=True)
class Inference:
    """The events of a file, settled: each place once for each way it was reached that says something of its own.

    ``program`` knows other files' places.
    """

    events: list[Event]
    program: Program | None
    steps: int = 0  # that it took


def infer(
    source: SourceFile, knowledge: Knowledge, project: Surroundings | None = None, *, preview: bool = False
) -> Inference:
    """What happens in a file, with those of the project that it calls as context.

    ``preview``: by the laws that names leave in doubt, too.
    """
    matters = source.matters or source.flows or source.derives or source.redefines
    stating = catalogue.Stating(source.text, preview)
    if not matters and not intent.Statements(source) and not stating.any:
        return Inference([], None)
    project = project if project is not None else Project()
    try:
        return _infer(source, knowledge, project, stating)
    except ScanUncertain as uncertain:
        uncertain.source.read_whole()
        return infer(source, knowledge, project, preview=preview)


def _infer(source: SourceFile, knowledge: Knowledge, project: Surroundings, stating: catalogue.Stating) -> Inference:
    it = Interpreter(knowledge, observers(stating.preview))
    it.home = source
    program = Program(knowledge, project, it)
    module = program.enter(source)
    it.intents = intent.Intents(program.source_of)
    stated = it.intents.of(source)
    # Without an optimiser in sight, backward() serves one elsewhere; unless the gradient is taken up here by hand.
    trains = "grad" not in source.identifiers or _TRAINS.any(source.identifiers) or _steps(source)
    _guarded(it, trains, "<module>", partial(_top_level, it, module))
    handlers = source.handlers
    derives = source.derives
    for unit in source.units:
        asked = unit.matters or unit.number in handlers or _says(unit, stated, stating)
        if unit.kind == "function" and asked:
            _guarded(it, trains, unit.name, partial(_function, it, module, unit))
        elif unit.kind == "class":
            _class(it, module, unit, trains, stated, handlers, derives, stating)
    if derives:
        it.observed.events += derivatives.of_module(module)
    _inline_definitions(it, module, trains)
    _unused_gradients(it)
    if it.cut:
        it.unfinished.append(_cut(it.cut))
    source.problems += [Problem(source.name, message, fatal=False) for message in it.unfinished]
    if stated and not it.unfinished:
        source.unused += stated.unused()
    return Inference(settled(it.observed.events), program, it.taken)


def _guarded(it: Interpreter, trains: bool, name: str, run: Callable[[], object]) -> None:
    """One entry point within its budget. Whatever it had found out by then counts."""
    it.begin()
    it.left_out = cut = False
    try:
        it.spend(1)
        run()
    except (Budget, RecursionError) as error:
        # What was found out by now counts; what was not reached is said, so that silence does not look like success.
        cut = isinstance(error, Budget) and it.is_short
        if not cut:
            why = "it takes too long" if isinstance(error, Budget) else "it is nested too deeply"
            it.unfinished.append(f"`{name}` was not followed to its end: {why}; what it optimises may be missing")
    if cut or (it.left_out and it.is_spent):
        it.cut.append(name)
    sinks.flush(it, trains)
    it.run_nested(trains)


def _cut(names: list[str]) -> str:
    """One message for all, which in a long file are many."""
    if len(names) == 1:
        return f"`{names[0]}` was not followed to its end: the file takes too long; what it optimises may be missing"
    those = f"{len(names)} functions from `{names[0]}` on were not followed to their end"
    return f"{those}: the file takes too long; what they optimise may be missing"


def _top_level(it: Interpreter, module: Module) -> None:
    with it.looking():  # names of the module may change, until all of it has been run
        for unit in module.source.units:
            if unit.kind == "code":
                it.run(module.source.lower(unit), module.frame)
                module.frame.ended = False
            else:
                module.reached(unit)
    it.keep_objects()


def _decorated(it: Interpreter, module: Module, unit: Unit) -> None:
    """What decorators are passed (``@register(metric="wer", higher_is_better=False)``)."""
    for stmt in module.source.lower(unit):
        if isinstance(stmt, (ir.FunctionDef, ir.ClassDef)):
            for d in stmt.decorators:
                if isinstance(d, ir.Call):
                    calls.passed(it, d, module.frame)


def _function(it: Interpreter, module: Module, unit: Unit) -> None:
    _decorated(it, module, unit)
    value = module.definition(unit)
    if isinstance(value, Function):
        calls.run_opaque(it, value, [], value.node)
        it.memory(Kept).objects(it.heap)


def _says(unit: Unit, stated: intent.Statements | None, stating: catalogue.Stating) -> bool:
    """Whether a function without a word of ours is of interest: for its own name, a statement, or a law's words."""
    named = primitives.is_named(unit.name)
    return named or bool(stated and stated.within(unit)) or stating.within(unit)


def _class(
    it: Interpreter,
    module: Module,
    unit: Unit,
    trains: bool,
    stated: intent.Statements | None,
    handlers: frozenset[int],
    derives: bool,
    stating: catalogue.Stating,
) -> None:
    cls = module.definition(unit)
    info = module.class_info(cls) if isinstance(cls, Class) else None
    if info is None or not isinstance(cls, Class):
        return
    _guarded(it, trains, cls.name, partial(_decorated, it, module, unit))
    it.see(ClassOpened(cls, info.stmt.body))
    flagged = any(map(flags.is_flag, module.source.identifiers))
    for name in _writers_first(it, info, cls, trains):
        method_unit = info.unit(name)
        if (
            method_unit is None
            or method_unit.matters
            or method_unit.number in handlers
            or (flagged and name in flags.YIELDS)
            or _says(method_unit, stated, stating)
        ):
            _guarded(it, trains, f"{cls.name}.{name}", partial(_method, it, info, cls, name))
    if module.source.flows:
        it.observed.events += jacobians.of_class(info, cls)
    if derives:
        it.observed.events += derivatives.of_class(info, cls, module)
        it.observed.events += custom_gradients.of_class(info, cls)


def _writers_first(it: Interpreter, info: ClassInfo, cls: Class, trains: bool) -> list[str]:
    """The methods in the order of the file, but those first that fill an attribute which is empty at first.

    A method that reads it is told what they have left there, wherever it stands.
    """
    found: list[str] = []

    def find() -> None:
        own = it.instance(cls)
        empty = [name for name, value in it.attributes(own).items() if is_start(value)] if own else []
        for name in info.method_names:
            unit = info.unit(name)
            if unit is not None and name not in AT_FIRST:
                around = info.module.source.around_unit(unit)
                if any(writes(around, attribute) for attribute in empty):
                    found.append(name)

    _guarded(it, trains, f"{cls.name}.__init__", find)
    return [*found, *(name for name in info.method_names if name not in found)]


def _steps(source: SourceFile) -> bool:
    return any(next(calls_of(found.code, "step"), None) is not None for found in source.speaking_of("step"))


def _method(it: Interpreter, info: ClassInfo, cls: Class, name: str) -> None:
    method = info.own_method(name, cls)
    if method is None:
        return
    static = "staticmethod" in method.decorators
    own = it.instance(cls)
    value = calls.run_opaque(it, method, [] if static else [own], method.node)
    if not static:
        it.memory(Kept).method(cls, name, *it.changed(own))
    it.see(MethodRun(info, cls, method, value, it.returned_at))
    if name == "training_step" and _LIGHTNING.any(info.base_names()):
        _returned_loss(it, value, method, "training_step")
    elif name == "compute_loss" and _TRAINER.any(info.base_names()):
        _returned_loss(it, value, method, "compute_loss")


def _returned_loss(it: Interpreter, value: Value, method: Function, via: str) -> None:
    """What the framework minimises is what the hook returns: a number, a pair, or a dict's ``loss``."""
    at = it.returned_at
    if isinstance(value, Mapping):
        value = value.items.get("loss", value)
    q = meaning.result_of(it, value, ir.Opaque(method.node, via), Frame(method.module, method.name))
    if q is not None and not it.memory(sinks.Objectives).pending:
        it.emit(Optimised(q, Direction.MINIMIZE, at, method.name, via))


def _inline_definitions(it: Interpreter, module: Module, trains: bool) -> None:
    """Functions and classes of a file that was parsed whole, or that stand in conditional code."""
    known = {u.name for u in module.source.units if u.kind in ("function", "class")}
    for name, value in list(module.frame.vars.items()):
        if name in known:
            continue
        if isinstance(value, Function) and value.module is module and value.node not in it.called:
            _guarded(it, trains, name, partial(calls.run_opaque, it, value, [], value.node))
        elif isinstance(value, Class) and value.module is module:
            info = module.class_info(value)
            for method in info.method_names if info else ():
                assert info is not None
                _guarded(it, trains, f"{name}.{method}", partial(_method, it, info, value, method))


_OF_SAMPLERS = frozenset({"potential", "energy"})


def _unused_gradients(it: Interpreter) -> None:
    for node, unused in it.memory(sinks.Objectives).grads.items():
        # The gradient of a potential, or of what nobody calls a loss, may move a sampler's proposal, or be what the
        # function is for.
        costs = [t for t in unused.quantity.terms if t.meaning.sense is Sense.COST]
        if unused.training and any(t.meaning.kind not in _OF_SAMPLERS for t in costs):
            reason = "where its gradient goes is not seen"
            it.emit(Optimised(unused.quantity, Direction.UNKNOWN, node, unused.function, "gradient", reason))
