"""What an entry of ``rules/*.toml`` may say: the vocabulary between rule files and inference.

See ``CONTRIBUTING.md`` ("Add a library") for the same as a guide with examples.
"""

from __future__ import annotations

import dataclasses

from vaelint.records import record
from vaelint.sense import Direction, Pass, Sense, claimed

# What calling an entry may yield, besides a number with a sense.
MAKES = (
    "optimizer",  # an object whose step (or update) moves parameters; see `direction`, `direction_flag`
    "scheduler",
    "loss",  # an object that, called, yields `sense`/`kind` (nn.MSELoss(), optax-like factories)
    "losses",  # a module that, called, yields a record; its entries that match `keys` have `sense`
    "results",  # a record; its entries that match `keys` have `sense` (what a solver brings back)
    "distribution",  # an object with log_prob, sample, entropy … (methods with on = "distribution")
    "gradient",  # from a function (param `of`), the function that yields its gradient
    "value_and_gradient",  # likewise, yields (value, gradient)
    "same",  # hands back the value of param `of` itself (jit, vmap, partial-free decorators, accelerator.prepare)
    "list",  # the items of param `of`, or none
    "one_hot",  # marks, of all classes, the one that param `of` gives
    "identity",  # a matrix whose rows do
    "module",  # an opaque callable: a network
    "chain",  # a network of layers in order, each passed for itself or as the list `of`: it yields what the last does
    "function",  # an object that, called, is the function that `calls` names (nn.Softplus())
    "detached",  # the value of `of`, without its gradient
    "no_gradient",  # in a `with`, or as a decorator: what is computed there carries no gradient
    "tape",  # a recording whose method `gradient` differentiates (tf.GradientTape)
    "random",  # a draw that depends on nothing (randn, jax.random.normal)
    "probability",  # a number or vector in [0, 1] with no sense (softmax, sigmoid of logits)
    "transformed",  # of a function with state (`of`), a pure one: its leading arguments are the state (haiku)
    "scan",  # runs param `of` (a body) over a carry
)

# What a number may be a number of. Families of kinds are in `vaelint/sense.py`.
KINDS = (
    "log_density", "log_probability", "likelihood", "nll", "cross_entropy", "probability", "kl", "error", "distance",
    "similarity", "entropy", "elbo", "surrogate", "reward", "return", "energy", "potential", "accuracy",
    "mutual_information", "penalty", "contrastive", "value", "multiplier",
    "optimum",  # the least that a solver found: of several the largest may be wanted, as in a maximin search
)  # fmt: skip


# What an entry's `proof` says of how it is tried on the real library: Python that `bench/proofs.py` runs, not vaelint.
PROOFS = (
    "setup",  # statements before it
    "better", "worse",  # of a sense: what the entry yields for a better and for a worse prediction, sample, model
    "low", "high",  # of `passes`: what it yields for the smaller and for the greater value
    "run",  # of a direction or a need: where it ends when it is given `goal`, whose best is at 3
    "picks",  # of a selector: which it takes of the values 1, 2 and 3 that it is given; `options` holds the mode
    "true",  # of anything else: what holds
)  # fmt: skip

KEY = "{key}"  # in place of the parameter that names a metric


@record(frozen=True, slots=True)
class Entry:
    """One function or class of a library.

    ``name``: the qualified name. ``params``: names of its positional parameters, in order.
    ``sense``/``kind``: what the result (or, for ``makes = "loss"``, the result of calling the made object) is.
    ``passes``: per parameter (or ``"*"`` for all), how its sense is handed on; several are summed as one of them
    each (a join), unless ``adds`` is set. ``needs``: per parameter, the sense its value — or the value its
    callable returns — must have. ``minimizes``/``maximizes``: the parameter whose value, or whose callable's
    value, is optimised. ``aux``: the name of the flag under which a callable returns ``(value, aux)``.
    ``turned_in``: a word in the name of a function within which ``needs`` are the other way round.
    ``keys``: a pattern of the entries that have ``sense`` in the record that what is made yields.
    ``value``: what it computes, in the language of the primitives (`vaelint.graph.language`): over ``params``, or over
    names of its own (``"x, loc=0: …"``); of a distribution its log-density at ``x``; or the name of an entry that
    computes the same.
    ``calls``: with ``makes = "function"``, the name of the function that what is made computes.
    ``field``: it is an attribute of what the class, or function, before it makes; not a method.
    ``part``: of the tuple that it returns, the place of what has ``sense``; -1: it returns no tuple.
    ``ranks``: three parameters: the first is put above the second where the third is 1, below it where that is -1.
    """

    name: str
    library: str
    params: tuple[str, ...] = ()
    sense: Sense | None = None
    kind: str = ""
    passes: dict[str, Pass] = dataclasses.field(default_factory=dict)
    needs: dict[str, Sense] = dataclasses.field(default_factory=dict)
    turned_in: str = ""
    makes: str = ""
    of: str = ""
    direction: str = "minimize"
    direction_flag: str = ""
    minimizes: str = ""
    maximizes: str = ""
    aux: str = ""
    keys: str = ""
    value: str = ""
    calls: str = ""
    field: bool = False
    part: int = -1
    ranks: tuple[str, ...] = ()
    url: str = ""

    @property
    def does_more_than_ask(self) -> bool:
        """Whether it says what a call does or yields; of one that only asks for something the source says more."""
        return self.sense is not None or any((self.makes, self.passes, self.minimizes, self.maximizes))


@record(frozen=True, slots=True)
class Selector:
    """One function or class that chooses by a metric: a checkpoint, a scheduler, a study.

    ``metric``: the parameter that names the metric, or computes it; `KEY` where the key of a dict names it that what
    is made stands under. ``mode``: the parameter that says which way;
    ``minimize``/``maximize``: its values, in lower case (True is ``"true"``, a number its sign, ``"+"`` or ``"-"``).
    ``default``: (pattern of the metric's name, direction) in order, for where the mode is not given or is one of
    ``auto``. ``needs_mode``: without a given mode it says nothing. ``objective``: the parameter whose value, or
    whose callable's value, is selected by; ``result``: the key under which the callable's dict holds it.
    ``takes``: methods of the made object whose argument of that position is the value. ``direction``: of one that
    has no mode. ``reports``: it passes the named metric on to what runs the objective that it is made in, and that
    says which way.
    """

    name: str
    library: str
    params: tuple[str, ...] = ()
    metric: str = ""
    mode: str = ""
    minimize: tuple[str, ...] = ()
    maximize: tuple[str, ...] = ()
    default: tuple[tuple[str, str], ...] = ()
    auto: tuple[str, ...] = ()
    objective: str = ""
    result: str = ""
    takes: dict[str, int] = dataclasses.field(default_factory=dict)
    direction: str = ""
    reports: bool = False
    url: str = ""

    def written(self, way: Direction) -> str:
        """The value of its mode for a direction; empty where it has none."""
        values = self.minimize if way is Direction.MINIMIZE else self.maximize
        return values[0] if values else ""


@record(frozen=True, slots=True)
class Override:
    """A method that a framework calls on its users' classes, to select by what it returns."""

    base: str  # the qualified name of the class that is subclassed
    method: str
    direction: str
    library: str
    url: str = ""


@record(frozen=True, slots=True)
class Method:
    """A method known by name, whoever's it is: ``on`` is ``"tensor"``, ``"distribution"`` or ``"any"``.

    ``passes`` is how the receiver's own sense is handed on. On ``"any"`` the receiver is an object of unknown class:
    only names that mean the same everywhere belong there (``log_prob``, ``kl_divergence``).
    """

    name: str
    on: str
    library: str
    passes: Pass | None = None
    sense: Sense | None = None
    kind: str = ""
    makes: str = ""
    url: str = ""


@record(frozen=True, slots=True)
class Trials:
    """How a file's entries are tried: on which ``packages`` (requirements), after which statements, by which ``calls``.

    A call has some of the words `PROOFS`. ``calls`` are those that several entries share, by name.
    """

    packages: tuple[str, ...] = ()
    setup: str = ""
    calls: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)


@record(frozen=True, slots=True)
class Proof:
    """How an entry is tried: by the first of ``calls`` that runs. ``unproved``: why it is not."""

    calls: tuple[dict[str, str], ...] = ()
    unproved: str = ""


@record(frozen=True, slots=True)
class Claim:
    """What an identifier says of itself. ``strong``: a technical term (``log_prob``, ``elbo``, ``nll``, ``kl``)."""

    sense: Sense
    kind: str
    strong: bool
    word: str  # the part of the name that says so
    term: str = ""  # the word of `rules/names.toml` that decides which way

    def told(self, name: str) -> str:
        """How it is known what a value is, where its ``name`` alone says so: a step of a trace."""
        return f"`{name}` is {claimed(self.sense, self.kind)}, by its name"


@record(frozen=True, slots=True)
class Counts:
    """What facts say of values whose names have a word in them: measured over released packages.

    ``agrees``: how many have the sense that the name claims, ``against``: the opposite one, ``neither``: terms of both
    senses, or the log-density of a draw. ``packages``: in how many packages they are; ``contrary``: in how many of
    these one is against. A package counts at most 20.
    """

    agrees: int
    against: int
    neither: int
    packages: int
    contrary: int

    @property
    def known(self) -> int:
        return self.agrees + self.against + self.neither

    @property
    def directed(self) -> int:
        return self.agrees + self.against

    @property
    def measured(self) -> bool:
        """Whether there are enough of them to rely on the word."""
        return self.directed >= FEWEST_VALUES and self.packages >= FEWEST_PACKAGES

    @property
    def mostly_agrees(self) -> bool:
        return self.agrees >= LEAST_RIGHT * self.directed

    @property
    def misleads(self) -> bool:
        """Whether a value of that name is the opposite of what it says so often that the name says nothing.

        That has to be so in several packages: one family of functions (`process_scores`, which return losses) is no
        evidence of how others use a word.
        """
        return self.measured and self.contrary >= FEWEST_PACKAGES and not self.mostly_agrees


FEWEST_VALUES, FEWEST_PACKAGES = 10, 3
LEAST_RIGHT = 0.7
