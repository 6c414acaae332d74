"""Which of the edits that are offered is made: one after which the file, looked at once more, is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from vaelint.finding import Fix
from vaelint.records import record

_NAMES = "VL3"
MOST_TRIED = 12  # edits of one file: each costs what the file costs


@record(frozen=True, slots=True)
class Offers:
    """The edits of one finding, the best first. ``here``: in the file examined, which alone can be looked at again."""

    code: str
    fixes: tuple[Fix, ...]
    here: bool = True


def kept(
    offers: Sequence[Offers], after: Callable[[Fix], Iterable[str] | None], most: int = MOST_TRIED
) -> list[Fix | None]:
    """Of each finding of a file the first edit that leaves all the others and nothing new.

    ``after``: the codes of what is found with an edit made, None where it cannot be made. A sign that is mended may
    show that a name was wrong all along: an edit that leaves such a finding in place of its own is made where no edit
    leaves none. Findings are few: to look once more costs little, and a wrong edit much. Those beyond the first
    ``most`` are not tried, and not offered.
    """
    codes = Counter(o.code for o in offers)
    tried = 0
    out: list[Fix | None] = []
    for o in offers:
        second: Fix | None = None
        chosen: Fix | None = None if o.here else next(iter(o.fixes), None)
        for fix in o.fixes if o.here else ():
            tried += 1
            left = after(fix) if tried <= min(most, MOST_TRIED) else None
            if left is None:
                continue
            found = Counter(left)
            if found.total() < codes.total() and found <= codes and found[o.code] < codes[o.code]:
                chosen = fix
                break
            if second is None and _leaves_a_name(codes, found, o.code):
                second = fix
        out.append(chosen or second)
    return out


def _leaves_a_name(before: Counter[str], after: Counter[str], code: str) -> bool:
    """Whether what an edit leaves is less, names aside; of a finding about a name they count."""
    if not code.startswith(_NAMES):
        before, after = (Counter({c: n for c, n in x.items() if not c.startswith(_NAMES)}) for x in (before, after))
    return after.total() < before.total() and set(after) <= set(before)
