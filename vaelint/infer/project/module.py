"""One file as the interpreter sees it: its names, found on demand, each definition lowered when first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.expression import dotted, last, targets
from vaelint.infer.names import TABLES
from vaelint.infer.project.classes import ClassInfo, concerns
from vaelint.infer.values import Class, Frame, Function, Library, Package, Program, Value, resolved
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile
    from vaelint.source.index import Unit


class Module:
    """Names of a file's top level.

    Of the file that the analysis is about (``entered``), plain statements are run once, before anything else. Of the
    others, those that bind a name are run when the name is asked for, and nothing else is.
    """

    def __init__(self, source: SourceFile, program: Program, path: str) -> None:
        self.source = source
        self.program: Program = program
        self.path = path
        self.entered = False
        self.frame = Frame(self, "<module>")
        self.stars: list[Value] = []  # packages and libraries imported with a star
        self.declares: dict[int, Sense | None] = {}  # by annotations that were read, the sense they declare
        self._units: dict[str, Unit] = {}
        self._classes: dict[int, ClassInfo] = {}
        self._binders: dict[str, list[ir.Stmt]] | None = None
        self._definers: dict[str, list[str]] | None = None  # by the names of methods, the classes that have one
        self._looking: set[str] = set()
        self._absent: set[str] = set()
        self._repeated: set[str] = set()  # names that several spans define, as cells of a notebook do
        for unit in source.units:
            if unit.kind in ("function", "class"):
                if unit.name in self._units:
                    self._repeated.add(unit.name)
                self._units[unit.name] = unit

    # --- names ---

    def lookup(self, name: str) -> Value | None:
        """A module-level name: a variable that was set, else a definition, else what a star import brings."""
        if name in self.frame.vars:
            return resolved(self.frame.vars, name)
        unit = self._units.get(name)
        value = self._define(unit) if unit is not None else self._bound(name)
        if value is None:
            value = self._starred(name)
        if value is not None:
            self.frame.vars[name] = value
        return value

    def definition(self, unit: Unit) -> Value | None:
        """What a span defines; one that a later span replaces (cells of a notebook) counts, too: it was run once.

        So does one whose name is bound to something else in the end (``Trainer = Trainer(args)``).
        """
        last = self.lookup(unit.name) if self._units.get(unit.name) is unit else None
        return last if isinstance(last, Function | Class) else self._define(unit)

    def reached(self, unit: Unit) -> None:
        """The plain statements have come to a definition: a name that is defined again later means this one here."""
        if unit.name in self._repeated:
            value = self._define(unit)
            if value is not None:
                self.frame.vars[unit.name] = value

    def _define(self, unit: Unit) -> Value | None:
        for stmt in self.source.lower(unit):
            if isinstance(stmt, ir.FunctionDef):
                return self.function(stmt, self.frame, matters=concerns(unit))
            if isinstance(stmt, ir.ClassDef):
                methods = {m.name: m for m in unit.methods}
                self._classes[stmt.id] = ClassInfo(self, stmt, methods, self.frame)
                return Class(stmt.id, stmt.name, self)
        return None  # the unit did not parse: the source has reported it

    def _bound(self, name: str) -> Value | None:
        """What the top level of a file of the surroundings binds to a name; one of several, where it is bound twice."""
        if self.entered or name in self._looking:
            return None
        if self._binders is None:
            self._binders = {}
            for unit in self.source.units:
                if unit.kind == "code":
                    for stmt in self.source.lower(unit):
                        self._index(stmt)
        stmts = self._binders.get(name)
        if stmts is None:
            return None
        self._looking.add(name)
        try:
            return self.program.bind(stmts, name, self.frame)
        finally:
            self._looking.discard(name)

    def _index(self, stmt: ir.Stmt) -> None:
        assert self._binders is not None
        match stmt:
            case ir.If() if _is_main(stmt.test):
                pass  # runs when the file is a script
            case ir.If() | ir.Try() | ir.With():
                for inner in _inner(stmt):
                    self._index(inner)
            case ir.ImportFrom(names=(("*", None),)):
                self.stars.append(self.program.star(stmt, self.path))
            case _:
                for bound in _bound_names(stmt):
                    self._binders.setdefault(bound, []).append(stmt)

    def _starred(self, name: str) -> Value | None:
        if not self.stars or name in self._absent or name in self._looking or name.startswith("_"):
            return None
        self._looking.add(name)
        try:
            for star in reversed(self.stars):
                if isinstance(star, Library):
                    if self.program.knows(f"{star.path}.{name}"):
                        return Library(f"{star.path}.{name}")
                elif isinstance(star, Package) and star.place.file is not None:
                    found = self.program.from_star(star.place.file, name)
                    if found is not None:
                        return found
        finally:
            self._looking.discard(name)
        if self.entered and not self.program.within_star:
            self._absent.add(name)  # a name of Python's own, as a rule: it is asked for again and again
        return None

    # --- definitions ---

    def function(
        self, stmt: ir.FunctionDef, closure: Frame | None, owner: Class | None = None, matters: bool = True
    ) -> Function:
        decorators = tuple(dotted(d) for d in stmt.decorators)
        tables = tuple(d for d in stmt.decorators if isinstance(d, ir.Call) and last(d.func) in TABLES)
        return Function(
            stmt.id, stmt.name, stmt.params, stmt.body, closure, self, owner, decorators, matters, tables, stmt.returns
        )

    def define_class(self, stmt: ir.ClassDef, closure: Frame) -> Class:
        """A class met inside other code (nested, or in a file that was parsed whole)."""
        self._classes.setdefault(stmt.id, ClassInfo(self, stmt, {}, closure))
        return Class(stmt.id, stmt.name, self)

    def implementations(self, method: str) -> list[Class]:
        """Classes of this file that define a method of that name."""
        if self._definers is None:
            self._definers = {}
            for unit in self.source.units:
                if unit.kind == "class":
                    for name in dict.fromkeys(m.name for m in unit.methods):
                        self._definers.setdefault(name, []).append(unit.name)
        found = map(self.lookup, self._definers.get(method, ()))
        return [value for value in found if isinstance(value, Class)]

    def class_info(self, cls: Class) -> ClassInfo | None:
        return self._classes.get(cls.node)


def _inner(stmt: ir.If | ir.Try | ir.With) -> Iterator[ir.Stmt]:
    match stmt:
        case ir.If(body=body, orelse=orelse):
            yield from (*body, *orelse)
        case ir.With(body=body):
            yield from body
        case ir.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            yield from (*body, *(s for _, block in handlers for s in block), *orelse, *finalbody)


def _bound_names(stmt: ir.Stmt) -> Iterator[str]:
    """The names that a statement binds, or adds an entry to (`LOSSES["bce"] = …`)."""
    match stmt:
        case ir.FunctionDef(name=n) | ir.ClassDef(name=n):
            yield n
        case ir.Import(names=names):
            yield from (alias or dotted_name.split(".")[0] for dotted_name, alias in names)
        case ir.ImportFrom(names=names):
            yield from (alias or n for n, alias in names)
        case ir.Assign() if stmt.value is not None:
            for x in targets(stmt):
                while isinstance(x, ir.Subscript):
                    x = x.base
                if isinstance(x, ir.Name):
                    yield x.name


def _is_main(test: ir.Expr) -> bool:
    return isinstance(test, ir.Compare) and isinstance(test.left, ir.Name) and test.left.name == "__name__"
