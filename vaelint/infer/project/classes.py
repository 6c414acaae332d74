"""A class of the project: its methods by name and its bases, wherever in the project they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.expression import dotted
from vaelint.infer.names import named
from vaelint.infer.values import Class, Frame, Function, Library, Module
from vaelint.source import vocabulary

if TYPE_CHECKING:
    from vaelint.source.index import Unit

MOST_BASES = 64  # of a class: of a longer line what is farther away is not asked
SHORT = 24  # lines: a function that long is followed wherever it stands


def concerns(unit: Unit) -> bool:
    """Whether a definition may have to do with a sense: it mentions our vocabulary, or only passes on.

    A long one that speaks of metrics or errors alone is looked at for itself, and not for each of its callers: in code
    that reports errors that is nearly all of it.
    """
    return (unit.matters and not (unit.words and vocabulary.only_claims(unit.words))) or unit.end - unit.start < SHORT


class ClassInfo:
    """A class: its own methods (lowered on demand) and the order in which its bases are asked."""

    def __init__(self, module: Module, stmt: ir.ClassDef, units: dict[str, Unit], closure: Frame) -> None:
        self.module: Module = module
        self.stmt, self.closure = stmt, closure
        self._units = units
        self._inline = {s.name: s for s in stmt.body if isinstance(s, ir.FunctionDef)}
        self._cache: dict[str, Function | None] = {}
        self._bases: list[Class] | None = None
        self._line: list[Class] | None = None
        self._base_names: list[str] | None = None

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
            matters = unit is None or concerns(unit)
            found = isinstance(stmt, ir.FunctionDef)
            self._cache[name] = self.module.function(stmt, self.closure, cls, matters) if found else None  # type: ignore[arg-type]
        return self._cache[name]

    def method(self, name: str, cls: Class) -> Function | None:
        """The method by that name, of the class or the nearest base in the project."""
        own = self.own_method(name, cls)
        if own is not None:
            return own
        for base in self.line():
            info = base.module.class_info(base)
            found = info.own_method(name, base) if info else None
            if found is not None:
                return found
        return None

    def attribute(self, name: str) -> tuple[ir.Expr, Frame] | None:
        """The expression that a class body binds to a name, here or in the nearest base, and where it is evaluated."""
        for info in (self, *(base.module.class_info(base) for base in self.line())):
            for s in info.stmt.body if info is not None else ():
                if isinstance(s, ir.Assign) and s.value is not None:
                    if any(isinstance(t, ir.Name) and t.name == name for t in s.targets):
                        assert info is not None
                        return s.value, info.closure
        return None

    def annotation(self, name: str) -> tuple[ir.Expr, Frame] | None:
        """What a class body, here or of the nearest base, declares a name to be, and where that is to be read."""
        for info in (self, *(base.module.class_info(base) for base in self.line())):
            for s in info.stmt.body if info is not None else ():
                if isinstance(s, ir.Assign) and s.annotation is not None and s.value is None:
                    if any(isinstance(t, ir.Name) and t.name == name for t in s.targets):
                        assert info is not None
                        return s.annotation, info.closure
        return None

    def bases(self) -> list[Class]:
        """The bases that are classes of the project."""
        if self._bases is None:
            self._bases = []  # a circle of bases ends here
            found = [named(b, self.closure) for b in self.stmt.bases]
            self._bases = [v for v in found if isinstance(v, Class) and v.node != self.stmt.id]
        return self._bases

    def line(self) -> list[Class]:
        """All bases in the project, each once, before its own bases and after those to its left.

        Reversed postorder of a walk from the right: the order of Python for every hierarchy that Python accepts in
        practice, and an order all the same, in linear time, for one that is circular.
        """
        if self._line is None:
            seen = {self.stmt.id}
            postorder: list[Class] = []
            todo: list[tuple[Class | None, list[Class]]] = [(None, [*self.bases()])]
            while todo:
                owner, bases = todo[-1]
                if not bases:
                    todo.pop()
                    if owner is not None:
                        postorder.append(owner)
                    continue
                base = bases.pop()
                info = base.module.class_info(base)
                if info is not None and base.node not in seen and len(seen) <= MOST_BASES:
                    seen.add(base.node)
                    todo.append((base, [*info.bases()]))
            self._line = postorder[::-1]
        return self._line

    def base_names(self) -> list[str]:
        """Dotted names of all bases, those of the bases in the project included."""
        if self._base_names is None:
            infos = [self, *(base.module.class_info(base) for base in self.line())]
            self._base_names = [name for info in infos if info is not None for name in info.own_base_names()]
        return self._base_names

    def own_base_names(self) -> list[str]:
        names = []
        for b in self.stmt.bases:
            while isinstance(b, ir.Subscript):  # Generic[T]
                b = b.base
            value = named(b, self.closure)
            names.append(value.path if isinstance(value, Library) else dotted(b))
        return names
