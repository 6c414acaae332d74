"""The keys of a configuration: one table, from which it is read, documented and described as a JSON schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaelint.config.values import ConfigError, Pattern
from vaelint.evidence import Confidence

_SENSES = ("gain", "cost", "none")

# A value, and the file that it stands in: what is relative is relative to its folder.
Reader = Callable[[object, Path], object]


@dataclass(frozen=True)
class Key:
    """``adds``: what a file says is added to what the file that it extends says, not put in its place."""

    name: str
    read: Reader
    schema: Mapping[str, Any]
    default: str
    example: str
    doc: str
    adds: bool = False

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")


def did_you_mean(word: str, known: Collection[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean `{near[0]}`?)" if near else ""


def selectors(given: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes, for codes, their beginnings, and names of checks; ``where`` says who wrote them.

    Raises `ConfigError` for one that no check answers to.
    """
    chosen = tuple(given)
    if not chosen:
        return ()
    from vaelint.checks import all_checks

    names = {check.name: check.code for check in all_checks()}
    codes = {*names.values()}
    out = []
    for selector in chosen:
        code = names.get(selector.lower(), selector.upper())
        if code != "ALL" and not (code and any(known.startswith(code) for known in codes)):
            near = did_you_mean(selector.upper(), codes) or did_you_mean(selector.lower(), names)
            raise ConfigError(f"{where}: unknown code `{selector}`{near}")
        out.append(code)
    return tuple(out)


# --- how values are read -------------------------------------------------------------------------


def _strings(value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _codes(value: object, path: Path) -> tuple[str, ...]:
    try:
        return selectors(_strings(value, path), "")
    except ConfigError as e:
        raise ValueError(f"names an {str(e).removeprefix(': ')}") from e


def _patterns(value: object, path: Path) -> tuple[Pattern, ...]:
    return tuple(Pattern(text, path.resolve().parent) for text in _strings(value, path))


def _by_pattern(value: object, path: Path) -> tuple[tuple[Pattern, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of patterns, each with a list of codes")
    root = path.resolve().parent
    return tuple((Pattern(text, root), _codes(codes, path)) for text, codes in value.items())


def _file(value: object, path: Path) -> Path:
    if not isinstance(value, str):
        raise ValueError("must be the path of a file")
    return path.resolve().parent / Path(value).expanduser()


def _inner_folder(value: object, path: Path) -> Path:
    """A folder that vaelint may write to: a configuration comes with the code, and is not to name just any."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be the path of a folder")
    here = path.resolve().parent
    found = here / value
    if not found.resolve().is_relative_to(here) or found.resolve() == here:
        raise ValueError("must lie below the configuration: --cache-dir and VAELINT_CACHE_DIR may name any folder")
    return found


def _existing(value: object, path: Path) -> tuple[Path, ...]:
    found = tuple(path.resolve().parent / name for name in _strings(value, path))
    for rules in found:
        if not rules.exists():
            raise ValueError(f"names a file that does not exist: {rules}")
    return found


def _confidence(value: object, path: Path) -> Confidence:
    try:
        return Confidence(value)
    except ValueError:
        near = did_you_mean(str(value), [c.value for c in Confidence])
        raise ValueError(f"must be one of {', '.join(c.value for c in Confidence)}{near}") from None


def _switch(value: object, path: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _followed(value: object, path: Path) -> bool | frozenset[str]:
    if isinstance(value, bool):
        return value
    try:
        return frozenset(_strings(value, path))
    except ValueError:
        raise ValueError("must be true, false or a list of packages") from None


def _words(value: object, path: Path) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise ValueError(f"must be a table with lists of words: {', '.join(_SENSES)}")
    out = []
    for sense, words in value.items():
        if sense not in _SENSES:
            raise ValueError(f"has no `{sense}`: it has {', '.join(_SENSES)}{did_you_mean(sense, _SENSES)}")
        for word in _strings(words, path):
            if not word.isidentifier() or word != word.lower():
                raise ValueError(f"has `{word}`: a word is lower case, its parts joined by `_`")
            out.append((word, sense))
    return tuple(out)


def _format(value: object, path: Path) -> str:
    from vaelint import report

    if not isinstance(value, str) or value not in report.names():
        near = did_you_mean(str(value), report.names())
        raise ValueError(f"must be one of {', '.join(report.names())}{near}")
    return value


# --- the table -----------------------------------------------------------------------------------

_LIST = {"type": "array", "items": {"type": "string"}}
_CODES = {"type": "array", "items": {"$ref": "#/definitions/selector"}}
_BY_PATTERN = {"type": "object", "additionalProperties": _CODES}
_BOOLEAN = {"type": "boolean"}

KEYS: tuple[Key, ...] = (
    Key(
        "select",
        _codes,
        _CODES,
        '["VL"]',
        'select = ["VL1", "mixed-signs"]',
        "The checks to report: codes, their beginnings, or names. Of several selectors that fit a code the longest "
        "decides, at equal length `ignore`.",
    ),
    Key("ignore", _codes, _CODES, "[]", 'ignore = ["VL3"]', "The checks to leave out."),
    Key(
        "extend-select",
        _codes,
        _CODES,
        "[]",
        'extend-select = ["VL301"]',
        "Checks to report besides those of `select`.",
        adds=True,
    ),
    Key(
        "per-file-ignores",
        _by_pattern,
        _BY_PATTERN,
        "{}",
        'per-file-ignores = { "tests/*" = ["VL3"], "attacks.py" = ["loss-maximized"] }',
        "Checks to leave out in the files that a pattern fits; `!` in front of it means all others.",
    ),
    Key(
        "extend-per-file-ignores",
        _by_pattern,
        _BY_PATTERN,
        "{}",
        'extend-per-file-ignores = { "notebooks/*" = ["VL301"] }',
        "The same, besides those of `per-file-ignores`.",
        adds=True,
    ),
    Key(
        "exclude",
        _patterns,
        _LIST,
        "[]",
        'exclude = ["third_party"]',
        "Files and folders to leave out where a folder is searched. Environments, caches and build folders always are.",
    ),
    Key(
        "extend-exclude",
        _patterns,
        _LIST,
        "[]",
        'extend-exclude = ["generated"]',
        "The same, besides those of `exclude`.",
        adds=True,
    ),
    Key(
        "force-exclude",
        _switch,
        _BOOLEAN,
        "false",
        "force-exclude = true",
        "Leave out what `exclude` leaves out even where it is named: by pre-commit, or by an editor.",
    ),
    Key(
        "respect-gitignore",
        _switch,
        _BOOLEAN,
        "true",
        "respect-gitignore = false",
        "Whether to leave out what `.gitignore`, `.ignore` and `.git/info/exclude` do.",
    ),
    Key(
        "extend",
        _file,
        {"type": "string"},
        "",
        'extend = "../pyproject.toml"',
        "Another configuration that this one adds to, and whose values it replaces.",
    ),
    Key(
        "extend-rules",
        _existing,
        _LIST,
        "[]",
        'extend-rules = ["our_losses.toml"]',
        "Files of rules: what your own functions mean (CONTRIBUTING.md, *Add a library*).",
        adds=True,
    ),
    Key(
        "names",
        _words,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                sense: {"type": "array", "items": {"type": "string", "pattern": "^[a-z_][a-z0-9_]*$"}}
                for sense in _SENSES
            },
        },
        "{}",
        'names = { gain = ["fidelity"], cost = ["energy_gap"], none = ["score"] }',
        "Words of your project: what a value with the word in its name is claimed to be. `none` takes a claim of "
        "vaelint's own back.",
        adds=True,
    ),
    Key(
        "min-confidence",
        _confidence,
        {"enum": [c.value for c in Confidence]},
        '"likely"',
        'min-confidence = "certain"',
        "Findings that are less sure are hidden: the summary counts them.",
    ),
    Key(
        "preview",
        _switch,
        _BOOLEAN,
        "false",
        "preview = true",
        "Look also for what is not measured on unread code yet: laws of rules/laws that name or form leave in doubt.",
    ),
    Key(
        "follow-installed",
        _followed,
        {"anyOf": [_BOOLEAN, _LIST]},
        "false",
        'follow-installed = ["our_losses"]',
        "Whether to follow calls into installed packages that vaelint has no rules for, or into which: their sources "
        "are read as text, nothing is imported, and nothing is reported in them.",
    ),
    Key(
        "python",
        _file,
        {"type": "string"},
        "",
        'python = ".venv"',
        "The environment for `follow-installed`: its folder or its interpreter. Without it the active one, else "
        "`.venv` or `venv`.",
    ),
    Key(
        "output-format",
        _format,
        {"$ref": "#/definitions/format"},
        '"text"',
        'output-format = "concise"',
        "How `vaelint check` shows what it found.",
    ),
    Key(
        "baseline",
        _file,
        {"type": "string"},
        "",
        'baseline = "vaelint-baseline.json"',
        "A file made by `vaelint baseline`: the findings in it are hidden.",
    ),
    Key(
        "cache-dir",
        _inner_folder,
        {"type": "string"},
        "",
        'cache-dir = "build/.vaelint_cache"',
        "Where to keep what the next run can use; else in `.vaelint_cache` at the root of the project. It lies below "
        "the file that names it.",
    ),
)
BY_NAME = {key.name: key for key in KEYS}
