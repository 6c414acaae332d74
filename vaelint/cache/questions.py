"""What the examination of a file asks of the files around it, with the answers: on these alone it depends."""

from __future__ import annotations

from typing import Any

from vaelint.cache.index import Index
from vaelint.source.file import SourceFile
from vaelint.source.installed import NOTHING, Installed
from vaelint.source.project import Place, Project

Question = tuple[Any, ...]  # the name of a method of `Surroundings`, and what it is passed, in plain values


class Recording:
    """The surroundings of a file, which note what is asked. Each question is answered alike within a run."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.asked: dict[Question, Any] = {}

    def follow(self, installed: Installed) -> None:
        self._project.follow(installed)

    def is_installed(self, path: str) -> bool:
        return self._project.is_installed(path)  # only where installed packages are followed: nothing is kept then

    def source(self, path: str) -> SourceFile | None:
        found = self._project.source(path)
        self.asked["source", path] = found.digest if found is not None else None
        return found

    def absolute(self, dotted: str, importer: str) -> Place | None:
        found = self._project.absolute(dotted, importer)
        self.asked["absolute", dotted, importer] = _place(found)
        return found

    def relative(self, level: int, dotted: str, importer: str) -> Place | None:
        found = self._project.relative(level, dotted, importer)
        self.asked["relative", level, dotted, importer] = _place(found)
        return found

    def child(self, place: Place, name: str) -> Place | None:
        found = self._project.child(place, name)
        self.asked["child", place.file, place.folder, name] = _place(found)
        return found

    def owns(self, head: str, importer: str) -> bool:
        found = self._project.owns(head, importer)
        self.asked["owns", head, importer] = found
        return found

    def dotted(self, path: str) -> str:
        found = self._project.dotted(path)
        self.asked["dotted", path] = found
        return found

    def definers(self, method: str, path: str) -> list[str]:
        found = self._project.definers(method, path)
        self.asked["definers", method, path] = list(found)
        return found

    def derived(self, name: str, path: str, most: int) -> list[tuple[str, str]]:
        found = self._project.derived(name, path, most)
        self.asked["derived", name, path, most] = [list(x) for x in found]
        return found

    def reader(self, path: str) -> tuple[str, int] | None:
        found = self._project.reader(path)
        self.asked["reader", path] = list(found) if found is not None else None
        return found


class Asking:
    """Asks the questions of earlier runs again, each once. Of files only their digests are needed."""

    def __init__(self, project: Project, index: Index) -> None:
        self._recording, self._index = Recording(project), index

    def holds(self, question: Question, answer: Any) -> bool:
        """Whether it is answered as it was. Raises ValueError, TypeError for what is no question."""
        if question[0] == "source":
            (path,) = question[1:]
            return bool(answer) and self._index.digest(path) == answer
        asked = self._recording.asked
        if question not in asked:
            self._recording.follow(NOTHING)
            self._ask(*question)
        return question in asked and bool(asked[question] == answer)

    def _ask(self, method: str, *given: Any) -> None:
        if method == "child":
            file, folder, name = given
            self._recording.child(Place(file, folder), name)
        elif method in _METHODS:
            getattr(self._recording, method)(*given)


_METHODS = frozenset(("absolute", "relative", "owns", "dotted", "definers", "derived", "reader"))


def _place(found: Place | None) -> list[str | None] | None:
    return [found.file, found.folder] if found is not None else None
