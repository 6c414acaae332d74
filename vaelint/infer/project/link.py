"""What ties the files of a project together: imports lead to modules, opened when first asked for something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vaelint import ir
from vaelint.infer import values
from vaelint.infer.project.module import Module
from vaelint.infer.values import Class, Frame, Imported, Library, Package, Value
from vaelint.knowledge import Knowledge
from vaelint.source.file import file_number
from vaelint.source.project import Place, Surroundings

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile

MOST_STARRED = 32  # files that are searched for one name that star imports may bring


class Binder(Protocol):
    """What evaluates statements of a file's top level: what they bind to a name."""

    def bind(self, stmts: list[ir.Stmt], name: str, f: Frame) -> Value | None: ...


class Program:
    """The files that the analysis of one file reaches. ``binder`` evaluates what their top levels bind."""

    def __init__(self, knowledge: Knowledge, project: Surroundings, binder: Binder) -> None:
        self.project, self._binder = project, binder
        self._knowledge = knowledge
        self._modules: dict[str, Module | None] = {}
        self._packages: dict[tuple[str, int, str], Package | None] = {}  # by what an import says, and in which file
        self._sources: dict[int, SourceFile] = {}
        self._derived: dict[int, list[Class]] = {}
        self._looking: set[tuple[Place, str]] = set()
        self._opened = 0
        self.within_star = False

    def enter(self, source: SourceFile) -> Module:
        """The file that the analysis is about: its top level is run whole, as a script."""
        path = source.absolute
        module = Module(source, self, path)
        module.entered = True
        self._modules[path] = module
        self._sources[source.number] = source
        return module

    def module(self, path: str) -> Module | None:
        """A file of the surroundings: what its top level binds is evaluated name by name, on demand."""
        if path not in self._modules:
            source = self.project.source(path)
            if source is not None:
                self._sources[source.number] = source
            self._modules[path] = Module(source, self, path) if source is not None else None
        return self._modules[path]

    def bind(self, stmts: list[ir.Stmt], name: str, f: Frame) -> Value | None:
        return self._binder.bind(stmts, name, f)

    def knows(self, path: str) -> bool:
        """Whether the rules speak of a name of a library."""
        return self._knowledge.lookup(path) is not None

    def source_of(self, node: int) -> SourceFile | None:
        """The file that a node stands in."""
        return self._sources.get(file_number(node))

    # --- imports ---

    def imported(self, s: ir.Import | ir.ImportFrom, importer: str) -> list[tuple[str, Value]]:
        """The names that an import statement binds, with their values."""
        if isinstance(s, ir.ImportFrom):
            home = self._package(s.module, s.level, importer)
            return [(alias or name, self._member(home, s, name, importer)) for name, alias in s.names if name != "*"]
        out: list[tuple[str, Value]] = []
        for dotted, alias in s.names:
            head = dotted.split(".")[0]
            package = self._package(dotted, 0, importer)
            if package is None:
                out.append((alias or head, Library(dotted if alias else head)))
            else:
                top = package if alias else self._package(head, 0, importer)
                out.append((alias or head, top if top is not None else Library(head)))
        return out

    def star(self, s: ir.ImportFrom, importer: str) -> Value:
        """What a star import takes its names from."""
        package = self._package(s.module, s.level, importer)
        return package if package is not None else Library("." * s.level + s.module)

    def from_star(self, path: str, name: str) -> Value | None:
        """A name that a star import may bring from a file, or from one of those that the file itself has a star for.

        None, too, where that leads through more than 32 files: the table of contents of a large package.
        """
        outermost = not self.within_star
        if outermost:
            self.within_star, self._opened = True, 0
        try:
            self._opened += 1
            module = self.module(path) if self._opened <= MOST_STARRED else None
            if module is None or not module.source.may_bind(name):
                return None
            return module.lookup(name)
        finally:
            if outermost:
                self.within_star = False

    def _member(self, home: Package | None, s: ir.ImportFrom, name: str, importer: str) -> Value:
        path = "." * s.level + (f"{s.module}.{name}" if s.module else name)
        entry = self._knowledge.lookup(path) if not s.level else None
        if home is None and not s.level:  # a folder without `__init__.py` is one by what it has
            return self._package(path, 0, importer) or Library(path)
        if home is None or (entry is not None and entry.does_more_than_ask):
            return Library(path)
        return Imported(home, name)

    def _package(self, dotted: str, level: int, importer: str) -> Package | None:
        """What an import statement names; found once, as a function that imports does so each time it is followed."""
        key = dotted, level, importer
        if key not in self._packages:
            self._packages[key] = self._find_package(*key)
        return self._packages[key]

    def _find_package(self, dotted: str, level: int, importer: str) -> Package | None:
        if level:
            place = self.project.relative(level, dotted, importer)
        else:
            head = dotted.partition(".")[0]
            # What the rules know is the library, not a folder of its name; unless the project is that library.
            if self._knowledge.knows(head) and not self.project.owns(head, importer):
                return None
            place = self.project.absolute(dotted, importer)
        return Package(place, "." * level + dotted, self) if place is not None else None

    # --- members ---

    def attribute(self, package: Package, name: str) -> Value:
        """``package.name``: what its file binds, else a module inside it."""
        value = self._bound(package.place, name)
        if value is not None:
            return value
        path = f"{package.path}.{name}" if package.path.strip(".") else f"{package.path}{name}"
        inner = self.project.child(package.place, name)
        if inner is not None:
            return Package(inner, path, self)
        # Bound in a way that we do not follow (`globals()`, a C extension, a generated file).
        return Library(path)

    def _bound(self, place: Place, name: str) -> Value | None:
        if place.file is None or (place, name) in self._looking:
            return None  # two files that import a name from each other: neither binds it
        self._looking.add((place, name))
        try:
            module = self.module(place.file)
            return module.lookup(name) if module is not None else None
        finally:
            self._looking.discard((place, name))

    # --- classes that derive from one ---

    def derived(self, cls: Class, most: int) -> list[Class]:
        """Classes of the project that derive from one, directly or not; none where they are more than ``most``."""
        if cls.node not in self._derived:
            # Some of them derive from another class of that name.
            places = self.project.derived(cls.name, cls.module.path, 3 * most)
            found = [c for c in (self._class(file, name) for file, name in places) if c and cls.node in self._line(c)]
            self._derived[cls.node] = found if len(found) <= most else []
        return self._derived[cls.node]

    def _class(self, file: str, name: str) -> Class | None:
        module = self.module(file)
        found = module.lookup(name) if module is not None else None
        return found if isinstance(found, Class) else None

    def _line(self, cls: Class) -> set[int]:
        info = cls.module.class_info(cls)
        return {base.node for base in info.line()} if info is not None else set()

    # --- methods of objects whose class is not known ---

    def implementations(self, method: str, module: values.Module, most: int) -> list[Class]:
        """Classes that a method of that name may belong to: of the file, else of those it imports, else of its package.

        Nothing where they are more than ``most``: they would not agree, or agree by chance.
        """
        here = module.implementations(method)
        if here:
            return here if len(here) <= most else []
        near = self.project.definers(method, module.path)
        out: list[Class] = []
        for file in near if len(near) <= most else ():
            other = self.module(file)
            out += other.implementations(method) if other is not None else ()
        return out if len(out) <= most else []
