"""Where the files of a project stand: from the name in an import to a file, and from a file to those that import it.

Nothing is imported or run: only names of files are looked at. What a file's imports mean depends on where it
stands alone, never on which files a run was asked for.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from itertools import islice
from pathlib import Path
from typing import Protocol

from vaelint.files import read
from vaelint.records import record
from vaelint.source import facts as source_facts
from vaelint.source import file as source_file
from vaelint.source import vocabulary, yaml
from vaelint.source.discover import SKIPPED
from vaelint.source.facts import Facts
from vaelint.source.file import SourceError, SourceFile
from vaelint.source.installed import NOTHING, Installed

_MARKERS = frozenset((".git", ".hg", "pyproject.toml", "setup.py"))
MOST_LEVELS = 12  # folders between a file and the root of its project
MOST_OPEN = 192  # files of the surroundings that are kept parsed
MOST_IMPORTERS = 12  # files read as the surroundings of one that was passed alone
MOST_FILES = 20_000  # of a project: in a larger tree importers are not looked for


@record(frozen=True, slots=True)
class Place:
    """What an import names: a module (``file``), a package (``file`` is its ``__init__``) or a namespace (no file)."""

    file: str | None
    folder: str | None


class Surroundings(Protocol):
    """All that the examination of a file asks of the files around it.

    With the file itself and the settings, the answers decide what is said of it: who keeps that keeps the questions.
    """

    def follow(self, installed: Installed) -> None: ...
    def is_installed(self, path: str) -> bool: ...
    def source(self, path: str) -> SourceFile | None: ...
    def absolute(self, dotted: str, importer: str) -> Place | None: ...
    def relative(self, level: int, dotted: str, importer: str) -> Place | None: ...
    def child(self, place: Place, name: str) -> Place | None: ...
    def owns(self, head: str, importer: str) -> bool: ...
    def dotted(self, path: str) -> str: ...
    def definers(self, method: str, path: str) -> list[str]: ...
    def derived(self, name: str, path: str, most: int) -> list[tuple[str, str]]: ...
    def reader(self, path: str) -> tuple[str, int] | None: ...


class Known(Protocol):
    """What earlier runs have read of files that have not changed since."""

    def facts(self, path: str) -> Facts: ...
    def matters(self, path: str) -> bool: ...


class Project:
    """The files around those of a run, for one process. Listings and sources are read once.

    ``given``: (absolute path, text) of a file that is not as it is on disk (an editor's). ``known``: what need not be
    read again. ``listed`` are the folders whose contents were looked at.
    """

    def __init__(self, given: tuple[str, str] | None = None, known: Known | None = None) -> None:
        self.given, self._known = given, known
        self.listed: set[str] = set()
        self._texts = dict([given] if given is not None else [])
        self._listings: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._roots: dict[str, str] = {}
        self._searched: dict[str, list[str]] = {}  # by the folder of a file: the folders in which it looks
        self._marked: dict[str, tuple[bool, bool]] = {}
        self._open: OrderedDict[str, SourceFile | None] = OrderedDict()
        self._facts: dict[str, Facts] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._naming: dict[str, dict[str, list[str]]] = {}  # of a root: the files by the words in their imports
        self._tables: dict[str, dict[str, list[str]]] = {}
        self._deriving: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._files: dict[str, list[str]] = {}
        self._mattering: dict[str, bool] = {}
        self._dotted: dict[str, str] = {}
        self._installed = NOTHING

    def __reduce__(self) -> tuple[type[Project], tuple[tuple[str, str] | None]]:
        """Another process reads for itself."""
        return Project, (self.given,)

    # --- from names to files ---

    def follow(self, installed: Installed) -> None:
        """From now on imports that lead out of the project lead to these packages."""
        if installed.folders != self._installed.folders:
            self._roots.clear()  # what is installed is a project of its own
            self._searched.clear()
        self._installed = installed

    def is_installed(self, path: str) -> bool:
        """Whether a file (absolute path) is of the packages that are followed, not of the project."""
        return self._installed.holds(path)

    def absolute(self, dotted: str, importer: str) -> Place | None:
        """The place of ``import a.b.c`` as written in ``importer``: the nearest folder above it that has it."""
        head, *rest = dotted.split(".")
        for folder in self._search(importer):
            found = self._child(folder, head)
            # A namespace folder is taken only if it has what is asked of it: any folder could be one.
            if found is not None and (found.file is not None or rest):
                place = self._descend(found, rest)
                if place is not None:
                    return place
        if rest and f"{os.sep}{head}{os.sep}" in importer:
            place = self._own_namespace(head, rest, importer)
            if place is not None:
                return place
        return self._of_environment(head, rest) if self._installed.follows(head) else None

    def _of_environment(self, head: str, rest: list[str]) -> Place | None:
        for folder in self._installed.searched:
            found = self._child(folder, head)
            if found is not None and (found.file is not None or rest):
                return self._descend(found, rest)
        return None

    def _own_namespace(self, head: str, rest: list[str], importer: str) -> Place | None:
        """A file of a package without ``__init__.py`` names its own folder, above which nothing is looked for."""
        folder = os.path.dirname(importer)
        for _ in range(MOST_LEVELS):
            if os.path.basename(folder) == head:
                return self._descend(Place(None, folder), rest)
            folder = os.path.dirname(folder)
        return None

    def relative(self, level: int, dotted: str, importer: str) -> Place | None:
        """The place of ``from ..a import b`` as written in ``importer``; ``level`` counts the dots."""
        folder = os.path.dirname(importer)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        init = os.path.join(folder, "__init__.py")
        here = Place(init if "__init__" in self._listing(folder)[1] else None, folder)
        return self._descend(here, dotted.split(".") if dotted else [])

    def child(self, place: Place, name: str) -> Place | None:
        """A module or package inside a package."""
        return self._child(place.folder, name) if place.folder is not None else None

    def owns(self, head: str, importer: str) -> bool:
        """Whether ``importer`` is part of the package ``head`` itself."""
        folder = os.path.dirname(importer)
        root = self.root(importer)
        while folder.startswith(root) and len(folder) > 1:
            if os.path.basename(folder) == head and "__init__" in self._listing(folder)[1]:
                return True
            folder = os.path.dirname(folder)
        return False

    def dotted(self, path: str) -> str:
        """The name by which a file of a package is imported, from its outermost package on; empty for a script."""
        if path not in self._dotted:
            top = self._package(path) or self._package(os.path.dirname(path))  # a folder may go without its `__init__`
            inner = os.path.relpath(path, os.path.dirname(top)) if top is not None else ""
            bare = inner.removesuffix(".py").removesuffix(f"{os.sep}__init__")
            self._dotted[path] = bare.replace(os.sep, ".")
        return self._dotted[path]

    def root(self, path: str) -> str:
        """The top folder of the project that a file belongs to: one with a marker, else that of its package."""
        start = os.path.dirname(path)
        if start not in self._roots:
            self._roots[start] = self._find_root(start)
        return self._roots[start]

    def _find_root(self, start: str) -> str:
        installed = self._installed.folder_of(start + os.sep)
        if installed is not None:  # the folder of its own package, whatever stands around the environment
            inner = start[len(installed) :].split(os.sep)
            return os.sep.join([installed, *inner[1:2]])
        folder, top = start, start
        for _ in range(MOST_LEVELS):
            is_root, is_package = self._marks(folder)
            if is_root:
                return folder
            if is_package:
                top = os.path.dirname(folder)
            parent = os.path.dirname(folder)
            if parent == folder:
                break
            folder = parent
        return top

    def _marks(self, folder: str) -> tuple[bool, bool]:
        """Whether a folder is marked as the root of a project, and whether it is a package. It is not listed for that:

        what else lies above a project is no concern of ours.
        """
        if folder not in self._marked:
            there = [name for name in (*_MARKERS, "__init__.py") if os.path.lexists(os.path.join(folder, name))]
            self._marked[folder] = not _MARKERS.isdisjoint(there), "__init__.py" in there
        return self._marked[folder]

    def _search(self, importer: str) -> list[str]:
        """Folders that may stand on the path of a run: from the file's own up to the root, and ``src`` in each."""
        start = os.path.dirname(importer)
        if start not in self._searched:
            self._searched[start] = self._find_searched(start, self.root(importer))
        return self._searched[start]

    def _find_searched(self, folder: str, root: str) -> list[str]:
        out = []
        for _ in range(MOST_LEVELS):
            out.append(folder)
            if "src" in self._listing(folder)[0]:
                out.append(os.path.join(folder, "src"))
            if folder == root or len(folder) <= 1:
                break
            folder = os.path.dirname(folder)
        return out

    def _descend(self, place: Place, names: list[str]) -> Place | None:
        for name in names:
            found = self.child(place, name)
            if found is None:
                return None
            place = found
        return place

    def _child(self, folder: str, name: str) -> Place | None:
        dirs, stems = self._listing(folder)
        if name in dirs:
            inner = os.path.join(folder, name)
            if "__init__" in self._listing(inner)[1]:
                return Place(os.path.join(inner, "__init__.py"), inner)
            if name not in stems:
                return Place(None, inner)
        return Place(os.path.join(folder, f"{name}.py"), None) if name in stems else None

    def _listing(self, folder: str) -> tuple[frozenset[str], frozenset[str]]:
        """The folders in a folder, and its Python files without their suffix (with the markers of a project)."""
        held = self._listings.get(folder)
        if held is None:
            dirs, stems = set(), set()
            self.listed.add(folder)
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.name.endswith(".py") and entry.name not in _MARKERS:
                            stems.add(entry.name[:-3])
                        elif entry.name in _MARKERS:
                            stems |= {entry.name, entry.name.removesuffix(".py")}
                        elif "." not in entry.name and entry.is_dir():
                            dirs.add(entry.name)
            except OSError:
                pass  # a folder that may not be read holds nothing for us
            held = self._listings[folder] = (frozenset(dirs), frozenset(stems))
        return held

    # --- sources ---

    def source(self, path: str) -> SourceFile | None:
        """A file of the surroundings, or None where it cannot be read: its own run reports that."""
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        try:
            text = self._texts.get(path)
            found: SourceFile | None = source_file.load(Path(path), source_file.shown(Path(path)), text)
        except SourceError:
            found = None
        self._open[path] = found
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return found

    # --- from files to those that import them ---

    def importers(self, path: str) -> list[str]:
        """Files of the project that import this one, directly or by a re-export, where they or this one optimise.

        A trainer is passed what it lowers by files that lower nothing themselves. Nearest first, at most 12; none where
        the file has no word of ours: nothing in it would be reported.
        """
        path = source_file.absolute(Path(path))
        if self.is_installed(path) or not self._matters(path):
            return []
        root = self.root(path)
        found: list[str] = []
        seen, round_ = {path}, [path]
        for _ in range(2):
            after = [x for p in round_ for x in self._importing(p, root) if x not in seen]
            fresh = sorted(dict.fromkeys(after), key=lambda x: (_distance(path, x), x))
            seen.update(fresh)
            found += fresh
            # Only a package's own file hands names on as a rule.
            round_ = [x for x in fresh if os.path.basename(x) == "__init__.py"]
        lowers = self.facts(path).optimises
        # Two files that import one another are one program cut in two: the other is no caller of this one's trainer.
        back = self.imports(path) if lowers else frozenset[str]()
        return [x for x in found if self.facts(x).optimises or (lowers and x not in back)][:MOST_IMPORTERS]

    def _matters(self, path: str) -> bool:
        if path not in self._mattering:
            if self._known is not None and path not in self._texts:
                self._mattering[path] = self._known.matters(path)
            else:
                self._mattering[path] = mentions(self._content(path))
        return self._mattering[path]

    def covered(self, files: set[str]) -> bool:
        """Whether these files are all there are in their projects: then none imports them from outside."""
        return all(x in files for root in {self.root(f) for f in files} for x in self._python_files(root))

    def definers(self, method: str, path: str) -> list[str]:
        """Files in which a method of that name may stand: of those that ``path`` imports, else of its own package.

        Scripts that stand side by side are strangers to each other.
        """
        near = [x for x in sorted(self.imports(path)) if method in self.facts(x).methods]
        if near:
            return near
        top = self._package(path)
        return [x for x in self._table(top).get(method, ()) if x != path] if top is not None else []

    def derived(self, name: str, path: str, most: int) -> list[tuple[str, str]]:
        """(file, class) of the project's classes that have a base of that name, or one that has; none if too many.

        By the names alone: whether it is that class is for the caller to see. What tests derive from a class of the
        project is their own affair.
        """
        root = self.root(path)
        if root not in self._deriving:
            table: dict[str, list[tuple[str, str]]] = {}
            for file in self._python_files(root):
                for cls, bases in self.facts(file).classes:
                    for base in bases:
                        table.setdefault(base, []).append((file, cls))
            self._deriving[root] = table
        table, tests = self._deriving[root], _is_test(path, root)
        out: dict[tuple[str, str], None] = {}
        names = [name]
        for base in names:
            for place in table.get(base, ()):
                if place not in out and (tests or not _is_test(place[0], root)):
                    out[place] = None
                    names.append(place[1])
            if len(out) > most:
                return []
        return list(out)

    def _table(self, top: str) -> dict[str, list[str]]:
        """The files of a package by the methods that may stand in them."""
        if top not in self._tables:
            table: dict[str, list[str]] = {}
            for file in self._python_files(top):
                for name in self.facts(file).methods:
                    table.setdefault(name, []).append(file)
            self._tables[top] = table
        return self._tables[top]

    def _package(self, path: str) -> str | None:
        """The folder of the outermost package that a file is in."""
        top, folder = None, os.path.dirname(path)
        while self._marks(folder)[1]:
            top, folder = folder, os.path.dirname(folder)
        return top

    def _importing(self, path: str, root: str) -> list[str]:
        """The files that import one, in their order: of those alone that name it is looked up what they mean."""
        if root not in self._naming:
            naming: dict[str, list[str]] = {}
            for importer in self._python_files(root):
                for word in {word for found in self.facts(importer).imports for word in found.words}:
                    naming.setdefault(word, []).append(importer)
            self._naming[root] = naming
        folder, name = os.path.split(path)
        words = (os.path.basename(folder), "") if name == "__init__.py" else (name.removesuffix(".py"),)
        named = [x for word in words for x in self._naming[root].get(word, ())]
        return [x for x in dict.fromkeys(named) if path in self.imports(x)]

    def _content(self, path: str) -> bytes:
        return self._texts[path].encode("utf-8", "replace") if path in self._texts else content(path)

    def facts(self, path: str) -> Facts:
        """What the text of a file says of its place in the project."""
        held = self._facts.get(path)
        if held is None:
            if self._known is not None and path not in self._texts:
                held = self._known.facts(path)
            else:
                held = source_facts.read(self._content(path))
            self._facts[path] = held
        return held

    def imports(self, path: str) -> frozenset[str]:
        """The files of the project that a file's import statements name."""
        held = self._imports.get(path)
        if held is None:
            held = self._imports[path] = frozenset(self._imported(path))
        return held

    def _imported(self, path: str) -> set[str]:
        out: set[str] = set()
        for found in self.facts(path).imports:
            if not found.dots and not (found.module and _may_be_ours(found.module)):
                continue
            if found.dots:
                place = self.relative(found.dots, found.module, path)
            else:
                place = self.absolute(found.module, path)
            if place is None:  # or a folder without `__init__.py`, which is one by what it has
                inside = (self.absolute(f"{found.module}.{x}", path) for x in found.names or () if not found.dots)
                out |= {x.file for x in inside if x is not None and x.file is not None}
                continue
            if place.file is not None:
                out.add(place.file)
            for name in found.names or () if place.folder is not None else ():
                inner = self.child(place, name)
                if inner is not None and inner.file is not None:
                    out.add(inner.file)
        out.discard(path)
        return out

    def _python_files(self, root: str) -> list[str]:
        if root not in self._files:
            self._files[root] = self._walk(root)
        return self._files[root]

    def _walk(self, root: str) -> list[str]:
        out: list[str] = []
        for folder, dirs, files in os.walk(root):
            self.listed.add(folder)
            dirs[:] = sorted(d for d in dirs if d not in SKIPPED and not d.startswith("."))
            out += [os.path.join(folder, f) for f in sorted(files) if f.endswith(".py")]
            if len(out) > MOST_FILES:
                return []  # too many to read for the sake of one file
        return out

    # --- from files of settings to code ---

    def reader(self, path: str) -> tuple[str, int] | None:
        """The first Python file near a YAML file that names it, with the row; the path is taken as it was passed."""
        self.listed.update(source_file.absolute(folder) for folder in islice(Path(path).parents, 3))
        found = next(yaml.readers(Path(path)), None)
        return (str(found[0]), found[1]) if found is not None else None


def content(path: str) -> bytes:
    """What a file of the surroundings holds, as far as it is read at all."""
    try:
        return read(path, source_file.MAX_BYTES)
    except OSError:
        return b""  # its own run reports that


def mentions(data: bytes) -> bool:
    """Whether any word of the vocabulary occurs in a file."""
    return vocabulary.mentions(data.decode(errors="replace"))


def _may_be_ours(dotted: str) -> bool:
    return dotted.partition(".")[0] not in sys.stdlib_module_names


def _is_test(path: str, root: str) -> bool:
    parts = path[len(root) :].split(os.sep)
    return parts[-1].startswith(("test_", "conftest")) or not {"tests", "test", "testing"}.isdisjoint(parts)


def _distance(a: str, b: str) -> int:
    """Folders between two files."""
    shared = os.path.commonpath((os.path.dirname(a), os.path.dirname(b)))
    return a.count(os.sep) + b.count(os.sep) - 2 * shared.count(os.sep)
