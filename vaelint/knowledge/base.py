"""The questions that inference asks of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from vaelint.knowledge.lexicon import Lexicon, Term
from vaelint.knowledge.library import Library, read
from vaelint.knowledge.metrics import Metrics
from vaelint.knowledge.schema import Claim, Counts, Entry, Method, Override, Proof, Selector

_MOST_ALIASES = 8  # followed for one name; more would be a circle


class Knowledge:
    """What the rule files say. A library's file is parsed when a name of that library is first asked for.

    ``index`` gives, for each top-level import name, the files that speak of it, later ones going before earlier ones;
    ``always`` are files whose methods are for everybody; ``everything`` are all files.
    """

    def __init__(
        self,
        index: dict[str, list[Path]],
        always: Sequence[Path],
        everything: Sequence[Path],
        lexicon: Lexicon,
        parsed: Sequence[Library] = (),
        metrics: Metrics | None = None,
    ) -> None:
        self._index = index
        self._always = always
        self._everything = everything
        self._lexicon = lexicon
        self._parsed: dict[Path, Library] = {library.path: library for library in parsed}
        self._found: dict[str, Entry | None] = {}
        self._methods: dict[tuple[str, str], Method] | None = None
        self._claims: dict[str, Claim | None] = {}
        self._positive: dict[str, bool] = {}
        self._probabilities: dict[str, bool] = {}
        self._selectors: dict[str, Selector | None] = {}
        self.metrics = metrics if metrics is not None else Metrics()

    # --- libraries ---

    def lookup(self, qualname: str) -> Entry | None:
        """The entry of a canonical import path, by its own name or through the aliases of its library."""
        if qualname.partition(".")[0] not in self._index:
            return None
        if qualname not in self._found:
            self._found[qualname] = self._look(qualname, _MOST_ALIASES)
        return self._found[qualname]

    def knows(self, root: str) -> bool:
        """Whether some rules are about the library of that top-level name."""
        return root in self._index

    def selector(self, qualname: str) -> Selector | None:
        """What chooses by a metric, by its canonical import path."""
        if qualname.partition(".")[0] not in self._index:
            return None
        if qualname not in self._selectors:
            found = (library.selector(name) for library, name in self._spellings(qualname, _MOST_ALIASES))
            self._selectors[qualname] = next((x for x in found if x is not None), None)
        return self._selectors[qualname]

    def override(self, base: str, method: str) -> Override | None:
        """What a framework does with what this method of a subclass of ``base`` returns."""
        if base.partition(".")[0] not in self._index:
            return None
        found = (library.overrides.get((name, method)) for library, name in self._spellings(base, _MOST_ALIASES))
        return next((x for x in found if x is not None), None)

    def method(self, name: str, on: str) -> Method | None:
        """The method of something that is a ``"tensor"`` or a ``"distribution"``, or that is ``"any"`` thing."""
        methods = self._all_methods()
        return methods.get((name, on)) or methods.get((name, "any"))

    def libraries(self) -> tuple[Library, ...]:
        """All of them, parsed: for listing, not for inference."""
        return tuple(sorted((self._library(path) for path in self._everything), key=lambda x: x.name))

    def entries(self) -> dict[str, Entry]:
        """All functions of all libraries by name: for listing, not for inference."""
        found: dict[str, Entry] = {}
        for path in self._everything:
            library = self._library(path)
            found |= {name: entry for name in library.functions if (entry := library.entry(name)) is not None}
        return found

    def spelt_out(self, name: str) -> tuple[str, ...]:
        """What a name may stand for as people import it: ``F.nll_loss`` is ``torch.nn.functional.nll_loss``."""
        head, dot, rest = name.partition(".")
        return tuple(lib.imported_as[head] + dot + rest for lib in self.libraries() if head in lib.imported_as)

    def near(self, name: str, most: int = 3) -> tuple[str, ...]:
        """Names of libraries that one may have meant: with the same last part, else spelt alike."""
        from difflib import get_close_matches  # costs start-up time, and is asked for where nothing was found

        known = [*self.entries()]
        last = name.rpartition(".")[2]
        own = [x for x in known if x.partition(".")[0] == name.partition(".")[0]] or known
        same = sorted((x for x in own if x.rpartition(".")[2] == last and x != name), key=lambda x: (x.count("."), x))
        return tuple(same[:most] or get_close_matches(name, known, most, 0.88))

    def proof(self, name: str) -> Proof | None:
        """How an entry was proved, or why it was not; None where neither is told."""
        return next(
            (lib.proofs[spelt] for lib, spelt in self._spellings(name, _MOST_ALIASES) if spelt in lib.proofs), None
        )

    def methods(self) -> tuple[Method, ...]:
        return tuple(self._all_methods().values())

    # --- names ---

    def claim(self, identifier: str) -> Claim | None:
        """What an identifier says of the value that it names: a loose word nothing where the whole is a metric."""
        if identifier not in self._claims:
            found = self._lexicon.claim(identifier)
            if (
                found is not None
                and found.sense.directed
                and not found.strong
                and self.metrics.sense(identifier) is -found.sense
            ):
                found = None  # `fid_score`: the name as a whole goes before a word in it
            self._claims[identifier] = found
        return self._claims[identifier]

    def counts(self, term: str) -> Counts | None:
        """How often values of a word (`Claim.term`) turned out, by facts, to be what it says."""
        return self._lexicon.terms[term].counts

    def terms(self) -> tuple[Term, ...]:
        """All words that make a claim, as they stand in the files: for listing, not for inference."""
        return tuple({term.word: term for term in self._lexicon.terms.values()}.values())

    def positive(self, identifier: str) -> bool:
        """Whether it names a weight, a mask, a count … : a factor that keeps signs."""
        if identifier not in self._positive:
            self._positive[identifier] = self._lexicon.positive(identifier)
        return self._positive[identifier]

    def is_probability(self, identifier: str) -> bool:
        if identifier not in self._probabilities:
            self._probabilities[identifier] = self._lexicon.is_probability(identifier)
        return self._probabilities[identifier]

    def is_parameter(self, identifier: str) -> bool:
        """Whether it names what is trained."""
        return self._lexicon.is_parameter(identifier)

    # --- within ---

    def _library(self, path: Path) -> Library:
        if path not in self._parsed:
            self._parsed[path] = read(path)
        return self._parsed[path]

    def _all_methods(self) -> dict[tuple[str, str], Method]:
        if self._methods is None:
            self._methods = {}
            for path in self._always:
                self._methods |= self._library(path).methods
        return self._methods

    def _spellings(self, qualname: str, left: int) -> Iterator[tuple[Library, str]]:
        """A path as written, then through the aliases, with each library that may know it."""
        libraries = [self._library(path) for path in reversed(self._index.get(qualname.partition(".")[0], []))]
        yield from ((library, qualname) for library in libraries)
        prefix = qualname
        while left and prefix:
            for library in libraries:
                target = library.aliases.get(prefix)
                if target is not None:
                    yield from self._spellings(target + qualname[len(prefix) :], left - 1)
                    return
            prefix = prefix.rpartition(".")[0]
        outer = _above(qualname)
        if outer and left:
            yield from self._spellings(outer, left - 1)

    def _look(self, qualname: str, left: int) -> Entry | None:
        libraries = [self._library(path) for path in reversed(self._index.get(qualname.partition(".")[0], []))]
        for library in libraries:
            entry = library.entry(qualname)
            if entry is not None:
                return entry
        prefix = qualname
        while left and prefix:
            for library in libraries:
                target = library.aliases.get(prefix)
                if target is not None:
                    return self._look(target + qualname[len(prefix) :], left - 1)
            prefix = prefix.rpartition(".")[0]
        outer = _above(qualname)
        return self._look(outer, left - 1) if outer and left else None


def _above(qualname: str) -> str:
    """A class one package further out, where packages offer what their modules define; "" where there is none.

    Of a function it says nothing: `scipy.stats.norm.entropy` is not `scipy.stats.entropy`.
    """
    home, _, name = qualname.rpartition(".")
    package, _, module = home.rpartition(".")
    return f"{package}.{name}" if package and name[:1].isupper() and module == module.lower() else ""
