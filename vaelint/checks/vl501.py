"""## What it does
Reports a setting that selects by a metric in the wrong direction: a checkpoint that keeps the *lowest* accuracy, a
scheduler in mode `max` that is stepped with a loss, a study that maximises a returned error, a sweep with the
wrong goal, a class whose `higher_is_better` is true of an error that its `compute` returns; an early stopping of the
project's own that is made with the wrong flag, mode or operator; a metric in the wrong list of those that choose one.

## Why is this bad?
Training is right and its result is thrown away: the worst epoch is saved, training stops at once or never, the search
returns its worst trial. Defaults do it most often: `ModelCheckpoint`, `EarlyStopping` and `ReduceLROnPlateau` minimise
unless told otherwise.

## Example
```python
checkpoint = ModelCheckpoint(monitor="val_acc")
```

## Use instead
```python
checkpoint = ModelCheckpoint(monitor="val_acc", mode="max")
```

## Known limitations
Which way a metric goes is known by what is logged under its name, else by the name alone, where that is clear:
`score`, `fitness` or `distance` are not judged. Two settings that select one metric both ways are reported whatever
its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import by_what
from vaelint.evidence import BY_LIBRARY, BY_STRUCTURE, Confidence, Support
from vaelint.infer.events import Event, Logged, Monitored, Reading
from vaelint.sense import Direction
from vaelint.ways import WAYS, meant


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    logged: dict[str, list[Logged]] = {}
    for event in events:
        if isinstance(event, Logged):
            logged.setdefault(event.name, []).append(event)
    monitored = [e for e in events if isinstance(e, Monitored)]
    wrong: set[int] = set()
    for event in monitored:
        said = _of_name(event, logged) if event.metric else event.reading
        if said is not None and said.sense is -event.direction.wants and said.sense.directed:
            wrong.add(event.node)
            yield _candidate(event, said)
    yield from _both_ways([e for e in monitored if e.node not in wrong and e.metric])


def _of_name(event: Monitored, logged: dict[str, list[Logged]]) -> Reading | None:
    """What is logged under a name rules over what the name says; where names disagree, nothing is known."""
    name = event.metric
    bare = name.removesuffix("_epoch").removesuffix("_step")
    here = [*logged.get(name, ()), *(logged.get(bare, ()) if bare != name else ())]
    facts = {e.reading.sense for e in here if e.reading.basis.is_fact}
    if facts:
        return next(e.reading for e in here if e.reading.basis.is_fact) if len(facts) == 1 else None
    claims = {e.reading.sense for e in here}
    if event.reading is None:
        return here[0].reading if len(claims) == 1 else None
    return event.reading if claims <= {event.reading.sense} else None


_WRONG = Saying(
    "VL501",
    "{what}{by} {better}, but{in_force} {via} keeps the {end}",
    "{edit}",
    Against("setting", BY_LIBRARY),
)


def _candidate(event: Monitored, said: Reading) -> Candidate:
    what = f"`{event.metric}`" if event.metric else f"`{said.label}`"
    in_force = f" with `{event.setting}`{_default(event)}" if event.setting else ""
    end = WAYS[event.direction].end
    steps = [*said.steps]
    if event.valued >= 0:
        steps.append((event.valued, f"{what} is passed here"))
    steps.append((event.node, f"{event.via} keeps the {end}{in_force}"))
    turned = event.by_default and event.valued >= 0 and isinstance(said.label.expr, ir.Unary)
    return _WRONG.of(
        event.valued if turned else event.node,  # nobody chose the default: the minus is what is in sight
        frozenset((event.node,)),
        tuple(dict.fromkeys(s for s in steps if s[0] >= 0)),
        Support(said.basis, said.roles),
        {
            "what": what, "by": by_what(said, what), "better": meant(said.sense).better, "in_force": in_force,
            "via": event.via, "end": end,
            "edit": f"drop the minus of `{said.label}`, or {event.edit}" if turned else event.edit,
        },
        turn="whole" if turned or not (event.change[0] or event.own) else "set" if event.change[0] else "",
        into=event.change,
        against=Against("setting", BY_STRUCTURE if event.own else BY_LIBRARY),
    )  # fmt: skip


def _default(event: Monitored) -> str:
    return " (the default)" if event.by_default else ""


_BOTH_WAYS = Saying(
    "VL501",
    "`{metric}` is {done} by {via} with `{setting}`{default}, but {undone} by {other} with `{its_setting}`",
    "give both the same direction",
    Against("setting", BY_LIBRARY),
    Confidence.LIKELY,  # both ends may be wanted
)


def _both_ways(monitored: Sequence[Monitored]) -> Iterable[Candidate]:
    """One metric that two settings of one function select in opposite directions."""
    first: dict[tuple[str, str], Monitored] = {}
    for event in monitored:
        if event.direction is Direction.UNKNOWN:
            continue
        other = first.setdefault((event.group, event.metric), event)
        if other.direction is event.direction or other.node == event.node:
            continue
        if event.via == other.via and not (event.by_default or other.by_default):
            continue  # two of a kind, each with its mode written out: both ends are wanted
        done, undone = WAYS[event.direction].done, WAYS[other.direction].done
        gaps = {
            "metric": event.metric, "done": done, "via": event.via, "setting": event.setting,
            "default": _default(event), "undone": undone, "other": other.via, "its_setting": other.setting,
        }  # fmt: skip
        steps = (other.node, f"{undone} here"), (event.node, f"{done} here")
        yield _BOTH_WAYS.of(event.node, frozenset((event.node,)), steps, BY_LIBRARY, gaps)


CHECK = Check(
    "VL501",
    "selection-direction",
    "a min/max setting contradicts the metric that it selects by",
    __doc__,
    compare=compare,
    bad=(
        """\
import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

def fit(model, data):
    best = ModelCheckpoint(monitor="val_acc", save_top_k=1)  # expect: VL501
    pl.Trainer(callbacks=[best]).fit(model, data)
""",
        """\
import optuna

def objective(trial):
    model = build(trial)
    accuracy = evaluate(model)
    return accuracy

study = optuna.create_study()  # expect: VL501
study.optimize(objective, n_trials=50)
""",
        """\
from torch.optim.lr_scheduler import ReduceLROnPlateau

def train(model, optimizer, loader, val_loader):
    scheduler = ReduceLROnPlateau(optimizer, "max", patience=3)  # expect: VL501
    for epoch in range(10):
        run_epoch(model, optimizer, loader)
        val_loss = evaluate(model, val_loader)
        scheduler.step(val_loss)
""",
    ),
    good=(
        """\
import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

def fit(model, data, monitor, mode):
    callbacks = [
        ModelCheckpoint(monitor="val_acc", mode="max"),
        EarlyStopping(monitor="val_loss"),
        EarlyStopping(monitor="val_score"),
        EarlyStopping(monitor=monitor, mode=mode),
    ]
    pl.Trainer(callbacks=callbacks).fit(model, data)
""",
        """\
import optuna

def objective(trial):
    accuracy = evaluate(build(trial))
    return 1 - accuracy

study = optuna.create_study()
study.optimize(objective, n_trials=50)
""",
    ),
)
