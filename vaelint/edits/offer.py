"""What a check may ask for, and what makes it: of each request several edits, the one closest to the mistake first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from vaelint.edits import names, rows, settings, signs
from vaelint.edits.code import Code, code
from vaelint.finding import Edit, Fix, Location
from vaelint.records import record
from vaelint.source.file import SourceFile
from vaelint.source.yaml import YamlFile


@record(frozen=True, slots=True)
class Wanted:
    """An edit that a check asks for: the row of `EDITS`, and what that needs to know.

    ``at``: the place of the finding; ``sink``: where the value is optimised; ``maker``: the call that makes what
    optimises it. ``name``, ``text``: of an edit that writes something, what it is about and what is written.
    """

    turn: str
    at: Location
    name: str = ""
    text: str = ""
    sink: Location | None = None
    maker: Location | None = None


Make = Callable[[Code, Wanted], Fix | None]


def _at(make: Callable[[Code, Location], Fix | None]) -> Make:
    return lambda c, w: make(c, w.at)


def _worded(make: Callable[[Code, Location, str, str], Fix | None]) -> Make:
    return lambda c, w: make(c, w.at, w.name, w.text)


def _at_the_sink(c: Code, w: Wanted) -> Fix | None:
    return signs.at_the_sink(c, w.sink) if w.sink is not None else None


def _maximise(c: Code, w: Wanted) -> Fix | None:
    return settings.setting(c, w.maker, w.name, "True") if w.maker is not None and w.name else None


def _minimise(c: Code, w: Wanted) -> Fix | None:
    return settings.without_setting(c, w.maker if w.maker is not None else w.at, w.name) if w.name else None


_whole = _at(signs.flipped_alone)

EDITS: dict[str, tuple[Make, ...]] = {
    "flip": (_at(signs.flipped),),  # the sign in front of a term, wherever that stands
    "whole": (_whole,),  # a minus before all of it, or its own dropped
    "step": (_at(signs.step),),  # that of an update written by hand
    "minimised": (_whole, _at_the_sink, _maximise),  # what should go up, and goes down
    "maximised": (_minimise, _whole, _at_the_sink),  # what should go down, and goes up
    "player": (_whole, _at_the_sink),  # one step of a game
    "minimiser": (_minimise,),  # an optimiser that maximises
    "compare": (_worded(settings.reversed_comparison), lambda c, w: settings.reversed_comparison(c, w.at)),
    "start": (_worded(settings.started),),
    "end": (_at(settings.other_end),),  # `min` for `max`
    "set": (_worded(settings.setting),),
    "rename": (_worded(names.renamed),),
}


def offered(source: SourceFile, wanted: Wanted) -> tuple[Fix, ...]:
    """The edits of a file that a check asks for; none where it does not parse as it stands."""
    c = code(source.text) if wanted.turn in EDITS else None
    if c is None:
        return ()
    joined = replace(
        wanted,
        at=_joined(source, wanted.at),
        sink=_joined(source, wanted.sink) if wanted.sink is not None else None,
        maker=_joined(source, wanted.maker) if wanted.maker is not None else None,
    )
    made = (make(c, joined) for make in EDITS[wanted.turn])
    return tuple(dict.fromkeys(_placed(source, (fix for fix in made if fix is not None))))


def _joined(source: SourceFile, at: Location) -> Location:
    """A place in a notebook's cell as one in its cells joined."""
    row, end = (source.joined_row(r, at.cell) for r in (at.row, at.end_row))
    return Location(row, at.column, end, at.end_column)


def _placed(source: SourceFile, fixes: Iterator[Fix]) -> Iterator[Fix]:
    """The other way round: places in the joined cells as those in a cell."""
    for fix in fixes:
        edits = tuple(Edit(source.placed(e.location), e.content) for e in fix.edits)
        yield Fix(fix.message, edits, fix.safe, source.digest)


def in_settings(source: YamlFile, at: Location, name: str, value: str, digest: str) -> tuple[Fix, ...]:
    """The edit of a setting in a YAML file."""
    fix = rows.setting(source.text, at, name, value) if name else None
    return (replace(fix, digest=digest),) if fix is not None else ()
