"""Every qualified name of every rule file is a name of the real library."""

from __future__ import annotations

import inspect

import pytest

from tests.rules.proofs import module, resolve
from vaelint.knowledge import Entry, Library, load

_LIBRARIES = [library for library in load().libraries() if library.functions]


def need(library: Library) -> None:
    if all(module(root) is None for root in library.roots):
        pytest.skip(f"{library.name} is not installed")


@pytest.mark.parametrize("library", _LIBRARIES, ids=lambda library: library.name)
def test_the_names_exist(library: Library) -> None:
    need(library)
    # Attributes that only an object has are shown to be there by their proofs.
    missing = [name for name, entry in library.functions.items() if resolve(name) is None and not entry.field]
    lost = [name for name in missing if name not in library.optional]
    assert not lost, "\n".join(lost)
    # Names that only some versions have: still, this version has most of them.
    assert len(missing) <= 1 + 0.1 * len(library.functions), "\n".join(missing)


@pytest.mark.parametrize("library", _LIBRARIES, ids=lambda library: library.name)
def test_the_parameters_that_matter_exist(library: Library) -> None:
    """`needs`, `minimizes`, `of` … are given by parameter: a parameter that is not there would never match."""
    need(library)
    wrong = []
    for name in library.functions:
        entry = library.entry(name)
        assert entry is not None
        spoken = {*entry.needs, *entry.passes, entry.of, entry.minimizes, entry.maximizes} - {"", "*"}
        real = parameters(resolve(name)) if spoken and entry.makes != "loss" else None
        if real is not None:
            wrong += [f"{name}: {x}: {reason}" for x in spoken if (reason := _misplaced(entry, x, real))]
    assert not wrong, "\n".join(wrong)


def parameters(thing: object) -> list[inspect.Parameter] | None:
    try:
        found = list(inspect.signature(thing).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    catch_all = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return None if any(p.kind in catch_all for p in found[:1]) else found


def _misplaced(entry: Entry, param: str, real: list[inspect.Parameter]) -> str:
    """Position decides for what is passed by position; so it must be right, whatever the name."""
    position = entry.params.index(param)
    if position >= len(real):
        return f"there is no parameter {position}"
    if param in entry.passes or entry.makes in ("detached", "probability", "same"):
        return ""  # called by position, and one entry speaks for functions that name it differently
    if param not in [p.name for p in real]:
        return f"the parameters are {', '.join(p.name for p in real[:6])}"
    if real[position].name != param and real[position].kind is not inspect.Parameter.KEYWORD_ONLY:
        return f"parameter {position} is {real[position].name}"
    return ""


@pytest.mark.parametrize("library", _LIBRARIES, ids=lambda library: library.name)
def test_aliases_lead_somewhere(library: Library) -> None:
    knowledge = load()
    names = set(knowledge.entries())
    wrong = [
        f"{alias} -> {target}"
        for alias, target in library.aliases.items()
        if target not in names and not any(name.startswith(target + ".") for name in names)
    ]
    assert not wrong, "\n".join(wrong)
