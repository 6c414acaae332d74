"""## What it does
Reports hand-written selection that keeps the wrong end: `if val_loss > best_loss: best_loss = val_loss`, the `argmax`
of losses, `sorted(rewards)[:n_best]`; and a best-so-far whose start value lets nothing pass: `best_loss = 0` with `<`.
What an optimiser in sight raises and the loop keeps where it is lowest (or the reverse) is reported, whatever its name.

## Why is this bad?
The worst model is saved as the best one, or none ever is. Nothing fails: the file is there, the log shows a "new best".

## Example
```python
best_loss = float("inf")
if val_loss > best_loss:
    best_loss = val_loss
    torch.save(model.state_dict(), "best.pt")
```

## Use instead
```python
best_loss = float("inf")
if val_loss < best_loss:
    best_loss = val_loss
    torch.save(model.state_dict(), "best.pt")
```

## Known limitations
Only what is kept as the best is judged, not thresholds, divergence detectors or a `max_loss` kept for a plot. Names
must be clear: of `score`, `fitness` or `distance` nothing is said. Where a setting chooses between both comparisons,
they are judged where its value is in sight: the setting is reported then (VL501), or a start that fits neither. What
rests on one name alone is hidden by default: it was right in none of five unread packages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import by_what, misstated
from vaelint.checks.objective import moved_here
from vaelint.evidence import BY_NAMES, BY_STRUCTURE, Support
from vaelint.infer.events import Event, Kept, Optimised, Reading
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction, Sense
from vaelint.ways import WAYS, meant

_LOSS = Words("names_loss")
_INFINITE = float("inf")
_COMPARED = Against("comparison", BY_STRUCTURE)


def decide(event: Event) -> Iterable[Candidate]:
    yield from misstated(event, "VL502")
    if not isinstance(event, Kept):
        return
    if _is_reversed(event):
        yield _reversed(event)
    elif event.start is not None and _never(event, event.start):
        yield _stuck(event, event.start)


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    """What is optimised one way, and kept where it is at its worst."""
    moved = (e for e in events if isinstance(e, Optimised) and e.direction.wants.directed)
    optimised = [e for e in moved if e.direction_basis.is_fact and not e.assumed and not e.meant]
    for event in events:
        if isinstance(event, Kept) and event.terms and not _is_reversed(event):
            for other in optimised:
                if other.context == event.context and _way(event, other) is -event.direction:
                    yield _against_its_optimiser(event, other)
                    break


def _is_reversed(event: Kept) -> bool:
    """Whether what is known of the metric says already that it is kept where it is at its worst."""
    return event.reading is not None and event.reading.sense is -event.direction.wants


def _way(event: Kept, other: Optimised) -> Direction | None:
    """Which way an optimiser moves the very value that is kept; None where it moves another one."""
    moved = frozenset((t.made, t.sign) for t in other.quantity.terms)
    if moved == event.terms:
        return other.direction
    return -other.direction if frozenset((made, -sign) for made, sign in moved) == event.terms else None


_UNDONE = Saying(
    "VL502",
    "the optimiser {lowers} `{candidate}`, but the {end} is kept as `{best}`",
    "reverse the comparison, or the direction of the optimiser",
    _COMPARED,
)


def _against_its_optimiser(event: Kept, other: Optimised) -> Candidate:
    moved = WAYS[-event.direction]
    steps = (other.node, moved_here(other, moved.lowered)), _kept(event)
    gaps = _gaps(event) | {"lowers": moved.lowers}
    return _UNDONE.of(
        event.node, frozenset((event.tracker,)), steps, Support(other.direction_basis), gaps, turn=_edit(event)
    )


def _kept(event: Kept) -> tuple[int, str]:
    return event.node, f"the {WAYS[event.direction].end} is kept"


def _gaps(event: Kept) -> dict[str, object]:
    return {"candidate": event.candidate, "best": event.best, "end": WAYS[event.direction].end}


def _edit(event: Kept) -> str:
    return "compare" if event.how == "comparison" else "end"


def _support(event: Kept, said: Reading) -> Support:
    """On what it rests which way the metric goes: names that agree, of the candidate or of the record, or one."""
    if said.roles:
        return Support(said.basis, said.roles)
    return BY_NAMES if (event.agreed or said.several) and said.basis.is_claim else Support(said.basis)


_REVERSED = Saying(
    "VL502", "`{candidate}`{by} {better}, but the {end} is kept as {kept}", "{edit}", _COMPARED
)  # fmt: skip


def _reversed(event: Kept) -> Candidate:
    said = event.reading
    assert said is not None
    held = event.best.expr
    kept = f"what `{ir.render(held.func)}` returns" if isinstance(held, ir.Call) else f"`{event.best}`"
    other = WAYS[-event.direction]
    edits = {
        "comparison": f"reverse the comparison: keep the {other.than}",
        "extreme": f"take the {other.than} of the two",
    }
    return _REVERSED.of(
        event.node,
        frozenset((event.tracker,)),
        tuple(dict.fromkeys((*said.steps, _kept(event)))),
        _support(event, said),
        _gaps(event) | {
            "by": by_what(said, event.candidate), "better": meant(said.sense).better, "kept": kept,
            "edit": edits.get(event.how, f"pick the {other.end}"),
        },
        turn=_edit(event),
        into=(str(event.best), other.start),
    )  # fmt: skip


def _never(event: Kept, start: float) -> bool:
    """Whether nothing ever gets past the start."""
    if event.direction is Direction.MINIMIZE:
        if start == -_INFINITE:
            return True
        said = event.reading
        return start <= 0 and said is not None and said.sense is Sense.COST and _above_zero(event)
    return start == _INFINITE


def _above_zero(event: Kept) -> bool:
    """A plain loss counts, but where densities are about: those have losses below zero."""
    said = event.reading
    assert said is not None
    return not said.signed or (not event.densities and _LOSS.within(said.label))


_STUCK = Saying(
    "VL502",
    "`{best}` starts at {start:g}, and only a {than} `{candidate}` would replace it: none ever is",
    'start at `{sign}float("inf")`, or reverse the comparison',
    _COMPARED,
    turn="start",
)


def _stuck(event: Kept, start: float) -> Candidate:
    way = WAYS[event.direction]
    by_start = abs(start) == _INFINITE or event.reading is None
    gaps = _gaps(event) | {"start": start, "than": way.than, "sign": way.start.removesuffix("inf")}
    return _STUCK.of(
        event.started if event.started >= 0 else event.node,
        frozenset((event.tracker,)),
        ((event.node, f"only what is {way.than} is kept"),),
        BY_STRUCTURE if by_start or event.reading is None else _support(event, event.reading),
        gaps,
        into=(str(event.best), way.start),
    )


CHECK = Check(
    "VL502",
    "best-so-far",
    "a best-so-far comparison or its start value contradicts the metric",
    __doc__,
    decide,
    compare=compare,
    bad=(
        """\
import torch

def train(model, optimizer, loader, val_loader):
    best_loss = float("inf")
    for epoch in range(10):
        run_epoch(model, optimizer, loader)
        val_loss = evaluate(model, val_loader)
        if val_loss > best_loss:  # expect: VL502
            best_loss = val_loss
            torch.save(model.state_dict(), "best.pt")
""",
        """\
import torch

def train(model, optimizer, loader, val_loader):
    best_error = 0
    for epoch in range(10):
        run_epoch(model, optimizer, loader)
        error = evaluate(model, val_loader)
        if error < best_error:  # expect: VL502
            best_error = error
            torch.save(model.state_dict(), "best.pt")
""",
        """\
import numpy as np
import torch.nn.functional as F

def choose(models, x, y):
    losses = [F.mse_loss(m(x), y).item() for m in models]
    best = np.argmax(losses)  # expect: VL502
    return models[best]
""",
    ),
    good=(
        """\
import torch

def train(model, optimizer, loader, val_loader, patience):
    best_loss, worst_loss, waited = float("inf"), 0, 0
    for epoch in range(10):
        train_loss = run_epoch(model, optimizer, loader)
        val_loss = evaluate(model, val_loader)
        if val_loss > worst_loss:
            worst_loss = val_loss
        if train_loss > 10 * best_loss:
            raise RuntimeError("diverged")
        if val_loss > best_loss:
            waited += 1
        else:
            best_loss, waited = val_loss, 0
            torch.save(model.state_dict(), "best.pt")
        if waited > patience:
            break
""",
        """\
import numpy as np

def choose(models, data):
    losses = np.array([m.evaluate_loss(data) for m in models])
    best = np.argmax(-losses)
    return models[best]
""",
    ),
)
