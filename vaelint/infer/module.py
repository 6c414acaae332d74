"""One file as the interpreter sees it: its names, found on demand, each definition lowered when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.state import Frame
from vaelint.infer.values import Class, Function, Library, Value

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile
    from vaelint.source.index import Unit


class Module:
    """Names of a file's top level. Plain statements are run once, by the interpreter, before anything else."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.frame = Frame(self, "<module>")
        self.stars: list[str] = []  # libraries imported with a star
        self._units: dict[str, Unit] = {}
        self._classes: dict[int, ClassInfo] = {}
        for unit in source.units:
            if unit.kind in ("function", "class"):
                self._units[unit.name] = unit

    def lookup(self, name: str) -> Value | None:
        """A module-level name: a variable that was set, else a definition."""
        if name in self.frame.vars:
            return self.frame.vars[name]
        unit = self._units.get(name)
        if unit is None:
            return None
        value = self._define(unit)
        if value is not None:
            self.frame.vars[name] = value
        return value

    def _define(self, unit: Unit) -> Value | None:
        for stmt in self.source.lower(unit):
            if isinstance(stmt, ir.FunctionDef):
                return self.function(stmt, self.frame)
            if isinstance(stmt, ir.ClassDef):
                methods = {m.name: m for m in unit.methods}
                self._classes[stmt.id] = ClassInfo(self, stmt, methods, self.frame)
                return Class(stmt.id, stmt.name, self)
        return None  # the unit did not parse: the source has reported it

    def function(self, stmt: ir.FunctionDef, closure: Frame | None, owner: Class | None = None) -> Function:
        decorators = tuple(_dotted(d) for d in stmt.decorators)
        return Function(stmt.id, stmt.name, stmt.params, stmt.body, closure, self, owner, decorators)

    def define_class(self, stmt: ir.ClassDef, closure: Frame) -> Class:
        """A class met inside other code (nested, or in a file that was parsed whole)."""
        self._classes.setdefault(stmt.id, ClassInfo(self, stmt, {}, closure))
        return Class(stmt.id, stmt.name, self)

    def implementations(self, method: str) -> list[Class]:
        """Classes of this file that define a method of that name, for receivers whose class is not known."""
        out = []
        for unit in self.source.units:
            if unit.kind == "class" and any(m.name == method for m in unit.methods):
                value = self.lookup(unit.name)
                if isinstance(value, Class):
                    out.append(value)
        return out

    def class_info(self, cls: Class) -> ClassInfo | None:
        return self._classes.get(cls.node)


class ClassInfo:
    """A class of the project: its own methods by name (lowered on demand) and its bases."""

    def __init__(self, module: Module, stmt: ir.ClassDef, units: dict[str, Unit], closure: Frame) -> None:
        self.module, self.stmt, self.closure = module, stmt, closure
        self._units = units
        self._inline = {s.name: s for s in stmt.body if isinstance(s, ir.FunctionDef)}
        self._cache: dict[str, Function | None] = {}

    @property
    def method_names(self) -> list[str]:
        return [*self._units, *self._inline]

    def unit(self, name: str) -> Unit | None:
        return self._units.get(name)

    def own_method(self, name: str, cls: Class) -> Function | None:
        if name not in self._cache:
            stmt: ir.Stmt | None = self._inline.get(name)
            unit = self._units.get(name)
            if stmt is None and unit is not None:
                stmt = next(iter(self.module.source.lower(unit)), None)
            found = isinstance(stmt, ir.FunctionDef)
            self._cache[name] = self.module.function(stmt, self.closure, cls) if found else None  # type: ignore[arg-type]
        return self._cache[name]

    def method(self, name: str, cls: Class) -> Function | None:
        """The method by that name, of the class or the nearest base in this file."""
        for owner, info in self.lineage(cls):
            found = info.own_method(name, owner)
            if found is not None:
                return found
        return None

    def lineage(self, cls: Class) -> list[tuple[Class, ClassInfo]]:
        """The class, then its known bases, each once, before its own bases and after those to its left.

        Reversed postorder of a walk from the right: the order of Python for every hierarchy that Python accepts in
        practice, and an order all the same, in linear time, for one that is circular.
        """
        seen, postorder = {cls.node}, []
        todo: list[tuple[Class, ClassInfo, list[Class]]] = [(cls, self, self.bases())]
        while todo:
            owner, info, bases = todo[-1]
            if not bases:
                postorder.append((owner, info))
                todo.pop()
                continue
            base = bases.pop()
            base_info = base.module.class_info(base)
            if base_info is not None and base.node not in seen:
                seen.add(base.node)
                todo.append((base, base_info, base_info.bases()))
        return postorder[::-1]

    def bases(self) -> list[Class]:
        out = []
        for b in self.stmt.bases:
            value = self.closure.find(b.name) if isinstance(b, ir.Name) else None
            if isinstance(value, Class) and value.node != self.stmt.id:
                out.append(value)
        return out

    def base_names(self) -> list[str]:
        """Dotted names of all bases, those of bases in this file included."""
        own = Class(self.stmt.id, self.stmt.name, self.module)
        return [name for _, info in self.lineage(own) for name in info.direct_base_names()]

    def direct_base_names(self) -> list[str]:
        names = []
        for b in self.stmt.bases:
            root = b
            while isinstance(root, ir.Subscript):  # Generic[T]
                root = root.base
            value = self.closure.find(root.name) if isinstance(root, ir.Name) else None
            names.append(value.path if isinstance(value, Library) else _dotted(root))
        return names


def _dotted(e: ir.Expr) -> str:
    """``a.b.c`` of a name or attribute (a call's function); anything else is empty."""
    if isinstance(e, ir.Call):
        return _dotted(e.func)
    if isinstance(e, ir.Name):
        return e.name
    if isinstance(e, ir.Attr):
        base = _dotted(e.base)
        return f"{base}.{e.name}" if base else ""
    return ""
