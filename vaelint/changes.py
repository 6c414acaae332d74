"""What a change did to objectives: which sign, term, direction or verdict is another than it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vaelint.finding import ObjectiveReport, ObjectiveTerm
from vaelint.records import record
from vaelint.ways import done


@record(frozen=True, slots=True)
class Changed:
    """``before`` is None for an objective that is new, ``after`` for one that is gone; ``what`` are sentences."""

    before: ObjectiveReport | None
    after: ObjectiveReport | None
    what: tuple[str, ...]


def between(before: Sequence[ObjectiveReport], after: Sequence[ObjectiveReport]) -> list[Changed]:
    """Objectives that a change altered, in the order of files and rows. Rows that only moved alter nothing.

    Those of one function are compared with each other, those of one name with those of another only if nothing of
    that name was there: a function that was renamed is one that is gone, and one that is new.
    """
    groups: dict[tuple[str, str], tuple[list[ObjectiveReport], list[ObjectiveReport]]] = {}
    for side, objectives in enumerate((before, after)):
        for o in objectives:
            groups.setdefault((o.filename, o.function), ([], []))[side].append(o)
    out = [c for old, new in groups.values() for c in _compared(old, new)]
    return sorted(out, key=_place)


def _place(c: Changed) -> tuple[str, int, int]:
    o = c.after or c.before
    assert o is not None
    return o.filename, o.location.cell or 0, o.location.row


def _compared(old: list[ObjectiveReport], new: list[ObjectiveReport]) -> Iterator[Changed]:
    left = [*old]
    pairs: list[tuple[ObjectiveReport | None, ObjectiveReport]] = []
    for o in new:  # those that are alike belong together, whatever their order
        same = next((x for x in left if _terms(x) == _terms(o) and x.direction is o.direction), None)
        if same is not None:
            left.remove(same)
        pairs.append((same, o))
    for was, now in pairs:
        partner = was if was is not None else left.pop(0) if left else None
        if partner is None:
            yield Changed(None, now, ("is optimised, and was not",))
            continue
        what = tuple(_differences(partner, now))
        if what:
            yield Changed(partner, now, what)
    for was in left:
        yield Changed(was, None, ("is optimised no more",))


def _terms(o: ObjectiveReport) -> list[tuple[str, int]]:
    return sorted((t.label, t.sign) for t in o.terms)


def _differences(was: ObjectiveReport, now: ObjectiveReport) -> Iterator[str]:
    if was.direction is not now.direction:
        yield f"is {done(now.direction)}, and was {done(was.direction)}"
    old, new = _by_label(was), _by_label(now)
    for label in [x for x in new if x not in old]:
        called = next((x for x in old if x not in new and _alike(old[x], new[label])), None)
        if called is not None:  # another name for the same is no change of signs
            old[label] = old.pop(called)
    for label, terms in new.items():
        before = old.pop(label, [])
        yield from _of_term(label, before, terms)
    for label in old:
        yield f"this change dropped `{label}`"
    if was.status is not now.status:
        yield f"is {now.status.value}, and was {was.status.value}"


def _alike(a: list[ObjectiveTerm], b: list[ObjectiveTerm]) -> bool:
    """Whether terms are of one sense and kind, and that says enough to know them again."""
    return [(t.sense, t.kind) for t in a] == [(t.sense, t.kind) for t in b] and all(t.kind for t in a)


def _by_label(o: ObjectiveReport) -> dict[str, list[ObjectiveTerm]]:
    out: dict[str, list[ObjectiveTerm]] = {}
    for t in o.terms:
        out.setdefault(t.label, []).append(t)
    return out


def _of_term(label: str, before: list[ObjectiveTerm], after: list[ObjectiveTerm]) -> Iterator[str]:
    if not before:
        yield f"this change added `{label}`, with a {'plus' if after[0].sign > 0 else 'minus'}"
    elif len(before) != len(after):
        yield f"`{label}` is in it {_times(len(after))}, and was {_times(len(before))}"
    else:
        for was, now in zip(before, after, strict=True):
            if was.sign != now.sign:
                yield f"this change negated `{label}`: it has a {'plus' if now.sign > 0 else 'minus'} now"
            if was.sense is not now.sense:
                yield f"`{label}` is {_meant(now)} now, and was {_meant(was)}"


def _times(n: int) -> str:
    return "once" if n == 1 else "twice" if n == 2 else f"{n} times"


def _meant(t: ObjectiveTerm) -> str:
    kind = f" ({t.kind.replace('_', ' ')})" if t.kind else ""
    return f"{t.sense.arrow} {t.sense.value}{kind}"
