"""Who watches a run, in the order in which they are asked: of one moment, from the top down.

A new law, a new word or a new way to select is a function that says what it wants to see (`vaelint.infer.seen`), and a
line here.
"""

from __future__ import annotations

from vaelint.infer.laws import (
    acceptance,
    bounds,
    catalogue,
    companions,
    deltas,
    documented,
    dynamics,
    interpolants,
    jacobians,
    logarithms,
    primitives,
    promises,
    ranking,
    rewards,
    siblings,
    slips,
    sums,
    tails,
)
from vaelint.infer.optimising import critics
from vaelint.infer.quantities import accumulated, bonuses, formulas, fractions, hits, policies, ratios, shares, weights
from vaelint.infer.seen import Observers, own
from vaelint.infer.selection import bestsofar, choices, flags, margins, selecting, settings, tables
from vaelint.infer.wording import callwords, labels, passed, remarks, worded

# What says more of a value: the later is given what the earlier has made of it.
REFINING = (
    policies.tentative,
    shares.weighed,
    remarks.weighed,
    deltas.product,
    fractions.shared,
    fractions.normalised,
    accumulated.summed,
    weights.yielded,
    formulas.judged,
    hits.judged,
    jacobians.stated,
    jacobians.added,
    jacobians.scored,
    slips.named,
    slips.stated,
    slips.given,
    selecting.made,
    promises.passed_on,
    ranking.called,
    labels.percent,
)

# ``own``: what it finds in another file would be left to that file, so that it is not even looked for there. Everybody
# else may tell of what is optimised, handed over or selected there, or remembers what happened.
WATCHING = (
    # what critics learn
    *own(critics.subtracted, critics.passed),
    # selection's memory of where it is
    choices.began,
    choices.chosen,
    choices.left,
    choices.constructed,
    # laws of expressions
    *own(
        documented.stated,
        tails.opened,
        primitives.opened,
        logarithms.opened,
        interpolants.opened,
        sums.stated,
        sums.computed,
        sums.passed,
        dynamics.stated,
        dynamics.computed,
        dynamics.passed,
        bounds.stated,
        policies.aimed,
        bonuses.summed,
        policies.summed,
        ratios.pessimistic,
    ),
    acceptance.stated,
    acceptance.called,
    # sums and bindings by their words, laws of steps and of rewards
    *own(
        worded.assigned,
        dynamics.changed,
        worded.augmented,
        worded.returned,
        worded.left,
        worded.keyed,
        rewards.assigned,
        rewards.augmented,
        rewards.returned,
        callwords.moved,
        callwords.added,
        callwords.maximizer,
        worded.renegated,
    ),
    labels.logged,
    labels.printed,
    labels.shown,
    passed.called,
    passed.made,
    # what is selected, and by what
    bestsofar.branch,
    acceptance.branch,
    margins.branch,
    settings.branch,
    bestsofar.assigned,
    margins.assigned,
    settings.assigned,
    tables.branch,
    tables.assigned,
    bestsofar.returned,
    bestsofar.restored,
    settings.returned,
    ranking.made,
    selecting.own,
    selecting.named,
    selecting.method,
    selecting.mapping,
    selecting.keywords,
    selecting.logged,
    selecting.signature,
    selecting.fields,
    selecting.overridden,
    flags.scored,
    # what ought to agree
    *own(
        siblings.branches,
        siblings.returns,
        siblings.override,
        callwords.called,
        companions.called,
    ),
    # what a name stands for, once it is bound
    formulas.defined,
)


def observers(preview: bool = False) -> Observers:
    """``preview``: laws as rows are asked wherever a name may be about one, in other files, too."""
    laws = catalogue.watching(preview)
    return Observers((*REFINING, *WATCHING, *(laws if preview else own(*laws))))
