"""## What it does
Reports the odd one out among values that must agree:

- branches that bind one name, or returns of one function, where facts give densities, divergences or errors of opposite
  sense, and the optimiser that the value goes to, or two against one, tell which is odd;
- an entropy on one branch, and its estimate from a sample with the wrong sign on the other;
- overrides of one method: three or more classes with a common base of the project, one of which returns the opposite;
- two ways through one flow, one of which returns its log-determinant, the other minus its own, as numbers show (a hint:
  a flow may return that of the other way on purpose);
- the three steps of an adversarial pair. A critic moves its score of data and its score of generated samples in
  opposite directions; the generator moves the score of its samples the way the critic moves that of data. If one of the
  three signs differs from what the other two imply, it is reported;
- a critic that unlearns its own answers: where both logarithms (`log D(x)`, `log(1 - D(y))`), both softplus or both
  hinges are in sight in a step that moves the critic alone, its log-likelihood is to be raised, its loss lowered.

## Why is this bad?
One configuration of several learns the opposite. Two networks that should compete cooperate: the critic loses its
grip, or the generator learns to be recognised.

## Example
```python
critic_real.backward(mone)   # the critic raises the score of data
critic_fake.backward(one)    # and lowers that of samples
...
score = critic(generator(z)).mean()
score.backward(one)          # the generator lowers it, too
```

## Use instead
```python
score.backward(mone)
```

## Known limitations
Only critics whose score enters the objectives through increasing or decreasing functions; a loss of two arguments
(`BCELoss(D(x), ones)`) is not followed. All that is compared must stand in one file. Where a condition, a parameter or
a name speaks of a sign or of what is asked for (`maximize`, `reverse`, `nll`), branches are taken to differ on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.games import Push, own_answers, pushes_of, three_steps, unlearns
from vaelint.checks.objective import as_held, directed, made, of_terms, story, support, what
from vaelint.evidence import BY_PROOF, BY_STRUCTURE, Confidence
from vaelint.infer.events import Event, Mapped, Optimised, Overridden, Parted
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.values import Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.records import record
from vaelint.sense import Sense, family
from vaelint.ways import Way, going, meant


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from _siblings(events)
    yield from _steps(events)


# --- siblings ------------------------------------------------------------------------------------------

# Two densities, two divergences, two errors that stand for each other go one way. A score (of a sampled action), a
# similarity, an entropy or a penalty may be raised in one place and lowered in the next on purpose.
_FAMILIES = frozenset({"density", "divergence", "error", "elbo"})
_LOOSE = frozenset({"score", "probability", "log_probability", "distance", "similarity", "log_q"})

# Words, in the condition of a branch, in parameters or in a name, that tell the difference: a sign that is asked for.
_TELLS = Words("tells_sign")
_ESTIMATES = frozenset({"log_density", "score"})


@record(frozen=True, slots=True)
class Sibling:
    quantity: Quantity
    sense: Sense
    owner: str = ""


def _siblings(events: Sequence[Event]) -> Iterable[Candidate]:
    optimised = [e for e in events if isinstance(e, Optimised)]
    for parted in dict.fromkeys(e for e in events if isinstance(e, Parted)):
        odd = _fallback(parted) or _branch(parted, optimised)
        if odd is not None:
            yield odd
    yield from _overrides([e for e in events if isinstance(e, Overridden)])
    yield from _inverses([e for e in events if isinstance(e, Mapped)])


def _branch(parted: Parted, optimised: Sequence[Optimised]) -> Candidate | None:
    siblings = _comparable([Sibling(q, overall(q).sense) for q in parted.quantities])
    if siblings is None or _TELLS.within(*parted.about):
        return None
    wanted = _used(parted, optimised)
    if wanted is None:
        if _TELLS.of(parted.name):
            return None  # its name says which way it goes: the checks of names judge it
        wanted = _majority(siblings)
    odd = [s for s in siblings if wanted is not None and s.sense is -wanted]
    if len(odd) != 1:
        return None
    others = [s for s in siblings if s is not odd[0]]
    return _odd(odd[0], others, f"`{parted.name}`", "the other branch" if len(others) == 1 else "the other branches")


def _used(parted: Parted, optimised: Sequence[Optimised]) -> Sense | None:
    """The sense that the optimiser to which the joined value goes asks of it; None where it is seen nowhere."""
    wanted = {
        e.direction.wants if t.sign * t.grad_sign > 0 else -e.direction.wants
        for e in optimised
        for t in e.quantity.terms
        if t.node == parted.node and e.direction.wants.directed and not (e.inputs or e.meant) and t.live
    }
    return wanted.pop() if len(wanted) == 1 else None


def _fallback(parted: Parted) -> Candidate | None:
    """An entropy on one branch, its estimate from a sample on the other: the estimate is minus the log-probability."""
    if not _ENTROPY_NAMES.of(parted.name) or len(parted.quantities) != 2 or _NEGATED.within(*parted.about):
        return None
    terms = [q.terms[0] for q in parted.quantities if len(q.terms) == 1]
    entropy = next((i for i, t in enumerate(terms) if t.meaning.kind == "entropy"), None)
    estimate = next((i for i, t in enumerate(terms) if t.meaning.kind in _ESTIMATES), None)
    if entropy is None or estimate is None or terms[entropy].sign != terms[estimate].sign:
        return None
    q, sibling = parted.quantities[estimate], parted.quantities[entropy]
    steps = (*story(sibling), (sibling.origin, "the other branch"), *story(q))
    gaps = {"name": parted.name, "minus": "minus " if terms[entropy].sign < 0 else ""}
    against = Against("sibling", of_terms(sibling.terms))
    return _ESTIMATE.of(q.origin, made(q.terms), steps, of_terms(q.terms), gaps, against=against)


_ESTIMATE = Saying(
    "VL203",
    "`{name}` is {minus}an entropy on the other branch, and {minus}a log-probability here: the two have opposite "
    "signs, since an entropy is the mean of minus the log-probability",
    "flip the sign here: an entropy and minus a log-probability have the same sign",
)
_NEGATED = Words("turned")


def _overrides(events: Sequence[Overridden]) -> Iterable[Candidate]:
    """Of methods that share a name and a base class of the project, the one that goes against two or more others."""
    seen: set[int] = set()
    for event in events:
        group = {e.node: e for e in events if e.method == event.method and e.bases & event.bases}
        if event.node in seen or len(group) < 3:
            continue
        seen |= set(group)
        if _OWNERS.any(e.owner for e in group.values()):
            continue
        siblings = _comparable([Sibling(e.quantity, overall(e.quantity).sense, e.owner) for e in group.values()])
        wanted = _majority(siblings) if siblings else None
        odd = [s for s in siblings or () if wanted is not None and s.sense is -wanted]
        if siblings and len(odd) == 1:
            others = [s for s in siblings if s is not odd[0]]
            yield _odd(odd[0], others, f"`{odd[0].owner}.{event.method}`", "its siblings")


_ENTROPY_NAMES = Words("entropy_by_name")
_OWNERS = Words("of_turned")


def _inverses(events: Sequence[Mapped]) -> Iterable[Candidate]:
    """Two ways through one flow, one of which returns its log-determinant, the other minus its own.

    A flow might return the other way's log-determinant on purpose, and its consumer add it: none that was seen does.
    """
    fits = {e.cls: e for e in reversed(events) if e.sign > 0}
    for odd in {e.node: e for e in events if e.sign < 0 and e.cls in fits}.values():
        right = fits[odd.cls]
        gaps = {"owner": odd.owner, "method": odd.method, "moved": odd.moved}
        steps = ((right.node, f"the log-determinant of the map to `{right.moved}`: this one fits"),)
        yield _INVERSE.of(odd.node, frozenset((odd.node,)), steps, BY_PROOF, gaps)


_SIBLING = Against("sibling", BY_PROOF)
_INVERSE = Saying(
    "VL203",
    "`{owner}.{method}` computes `{moved}` and returns minus the log-determinant of that, which belongs to the inverse",
    "flip the sign of this log-determinant: those of a map and of its inverse are each other's negation",
    _SIBLING,
    Confidence.LIKELY,  # a flow may return that of the other way on purpose
    "whole",
)


def _comparable(siblings: list[Sibling]) -> list[Sibling] | None:
    """The siblings if facts give each a sense, all of one family, and they do not agree."""
    kinds = set()
    for s in siblings:
        verdict = overall(s.quantity)
        if not verdict.is_evidence or not verdict.sense.directed:
            return None
        kinds |= {t.meaning.kind for t in directed(s.quantity)}
    families = {family(k) for k in kinds}
    fits = len(families) == 1 and families <= _FAMILIES and not kinds & _LOOSE
    return siblings if fits and len({s.sense for s in siblings}) == 2 else None


def _majority(siblings: list[Sibling]) -> Sense | None:
    """What at least two agree on, against one."""
    up = sum(s.sense is Sense.GAIN for s in siblings)
    down = len(siblings) - up
    return Sense.GAIN if up > 1 == down else Sense.COST if down > 1 == up else None


_ODD = Saying(
    "VL203",
    "{name} is {way} here ({held}), and {other} in {whose}",
    "flip the sign here, so that all agree",
    turn="whole",
)


def _odd(odd: Sibling, others: list[Sibling], name: str, whose: str) -> Candidate:
    q = odd.quantity
    steps = [
        (s.quantity.origin, f"{s.owner + ': ' if s.owner else ''}{what(s.quantity)}, {meant(s.sense).held}")
        for s in others
    ]
    gaps = {
        "name": name,
        "held": as_held(q),
        "way": meant(odd.sense).held,
        "other": meant(-odd.sense).held,
        "whose": whose,
    }
    against = Against("sibling", of_terms(t for s in others for t in directed(s.quantity)))
    return _ODD.of(q.origin, made(directed(q)), (*steps, *story(q)), support(q), gaps, against=against)


# --- the steps of a game -------------------------------------------------------------------------------

_ROLES = ("the critic's step on data", "the critic's step on samples", "the generator's step")


def _steps(events: Sequence[Event]) -> Iterable[Candidate]:
    pushes = pushes_of(events)
    wrong: dict[tuple[ir.Written, int], list[Push]] = {}
    for p in own_answers(pushes):
        if unlearns(p):
            wrong.setdefault((p.network, p.event.node), []).append(p)
    yield from (_unlearnt(group) for group in wrong.values())
    for groups, signs in three_steps(pushes):
        if abs(sum(signs)) == 1 and groups[0][0].network not in {network for network, _ in wrong}:
            odd = next(i for i, s in enumerate(signs) if s == -sum(signs))
            steps = {role: group[0] for role, group in zip(_ROLES, groups, strict=True)}
            yield _odd_step(_ROLES[odd], steps.pop(_ROLES[odd]), steps)


_UNLEARNT = Saying(
    "VL203",
    "`{network}` learns the wrong answers in this step: {scores}",
    "flip the sign: maximise a log-likelihood of its answers, or minimise a loss of them",
    _SIBLING,
    turn="player",
)
_ODD_STEP = Saying(
    "VL203",
    "{score} in {role}, but should go {other}, since {others}",
    "flip the sign of `{label}` in this loss",
    _SIBLING,
    turn="player",
)


def _unlearnt(group: list[Push]) -> Candidate:
    return _step(
        _UNLEARNT, group, {"network": group[0].network, "scores": " and ".join(dict.fromkeys(map(_goes, group)))}
    )


def _odd_step(role: str, odd: Push, others: dict[str, Push]) -> Candidate:
    gaps = {
        "score": _goes(odd),
        "label": odd.term.label,
        "role": role,
        "other": _way(odd, -1).goes,
        "others": " and ".join(f"{_goes(p)} in {its_role}" for its_role, p in others.items()),
    }
    return _step(_ODD_STEP, [odd], gaps, list(others.values()))


def _goes(p: Push) -> str:
    """What a step does to a term with a score in it: the score itself, or what falls as that rises."""
    return f"`{p.term.label}` goes {_way(p).goes}"


def _way(p: Push, turned: int = 1) -> Way:
    return going(p.sign * p.term.source_sign * turned)


def _step(saying: Saying, wrong: Sequence[Push], gaps: dict[str, object], others: Sequence[Push] = ()) -> Candidate:
    """What is ``wrong`` of one step, in sight of what ``others`` do."""
    event = wrong[0].event
    steps = tuple((p.event.node, f"in this step {_goes(p)}") for p in (*others, *wrong))
    at = event.node if event.explicit or event.quantity.origin < 0 else event.quantity.origin
    return saying.of(at, frozenset(p.term.made for p in wrong), steps, BY_STRUCTURE, gaps, optimised=event.node)


_GAME = """\
import torch

def train(critic, generator, loader, noise, c_optim, g_optim):
    for x in loader:
        fake = generator(noise()).detach()
        c_optim.zero_grad()
        c_loss = critic(fake).mean() - critic(x).mean()
        c_loss.backward()
        c_optim.step()

        g_optim.zero_grad()
        g_loss = {sign}critic(generator(noise())).mean(){mark}
        g_loss.backward()
        g_optim.step()
"""

_CRITIC = """\
import torch

def train(D, G, loader, noise):
    d_optim = torch.optim.Adam(D.parameters())
    for x in loader:
        d_loss = {sign}(torch.log(D(x)) + torch.log(1 - D(G(noise())))).mean(){mark}
        d_optim.zero_grad()
        d_loss.backward()
        d_optim.step()
"""

_BRANCHES = """\
from torch.distributions import Laplace, Normal

def fit(mu, x, robust, optimizer):
    if robust:
        value = {sign}Laplace(mu, 1.0).log_prob(x).mean(){mark}
    else:
        value = -Normal(mu, 1.0).log_prob(x).mean()
    value.backward()
    optimizer.step()
"""

_ENTROPY = """\
def entropy_term(dist, action, analytic):
    log_prob = dist.log_prob(action)
    if analytic:
        entropy_loss = -dist.entropy().mean()
    else:
        entropy_loss = {sign}log_prob.mean(){mark}
    return entropy_loss
"""

CHECK = Check(
    "VL203",
    "odd-one-out",
    "among siblings that must agree one has the opposite sense",
    __doc__,
    bad=(
        _GAME.format(sign="", mark="  # expect: VL203"),
        _CRITIC.format(sign="", mark="  # expect: VL203"),
        _BRANCHES.format(sign="", mark="  # expect: VL203"),
        _ENTROPY.format(sign="-", mark="  # expect: VL203"),
    ),
    good=(
        _GAME.format(sign="-", mark=""),
        _CRITIC.format(sign="-", mark=""),
        _BRANCHES.format(sign="-", mark=""),
        _ENTROPY.format(sign="", mark=""),
        _BRANCHES.format(sign="", mark="").replace("robust", "maximize"),
    ),
    compare=compare,
)
