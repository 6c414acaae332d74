"""## What it does
Reports a setting that selects by a metric in the wrong direction: a checkpoint that keeps the *lowest* accuracy, a
scheduler in mode `max` that is stepped with a loss, a study that maximises a returned error, a sweep with the
wrong goal, a class whose `higher_is_better` is true of an error that its `compute` returns.

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
from vaelint.checks.base import Against, Candidate, Check
from vaelint.checks.claims import arrow, by_what, selected
from vaelint.evidence import BY_LIBRARY, Confidence, Support
from vaelint.infer.events import Event, Logged, Monitored, Reading
from vaelint.sense import Direction


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


def _candidate(event: Monitored, said: Reading) -> Candidate:
    what = f"`{event.metric}`" if event.metric else f"`{said.label}`"
    default = " (the default)" if event.by_default else ""
    in_force = f" with `{event.setting}`{default}" if event.setting else ""
    verb = selected(event.direction)
    steps = [*said.steps]
    if event.valued >= 0:
        steps.append((event.valued, f"{what} is passed here"))
    steps.append((event.node, f"{event.via} {verb}{in_force}"))
    turned = event.by_default and event.valued >= 0 and isinstance(said.label.expr, ir.Unary)
    return Candidate(
        "VL501",
        event.valued if turned else event.node,  # nobody chose the default: the minus is what is in sight
        f"{what}{by_what(said, what)} {arrow(said.sense)}, but{in_force} {event.via} {verb}",
        f"drop the minus of `{said.label}`, or {event.edit}" if turned else event.edit,
        frozenset((event.node,)),
        tuple(dict.fromkeys(s for s in steps if s[0] >= 0)),
        Support(said.basis, said.roles),
        Against("setting", BY_LIBRARY),
        turn="whole" if turned or not event.change[0] else "set",
        into=event.change,
    )


_PAST = {Direction.MINIMIZE: "minimised", Direction.MAXIMIZE: "maximised"}


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
        default = " (the default)" if event.by_default else ""
        yield Candidate(
            "VL501",
            event.node,
            f"`{event.metric}` is {_PAST[event.direction]} by {event.via} with `{event.setting}`{default}, "
            f"but {_PAST[other.direction]} by {other.via} with `{other.setting}`",
            "give both the same direction",
            frozenset((event.node,)),
            ((other.node, f"{_PAST[other.direction]} here"), (event.node, f"{_PAST[event.direction]} here")),
            BY_LIBRARY,
            Against("setting", BY_LIBRARY),
            Confidence.LIKELY,  # both ends may be wanted
        )


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
