"""What a terminal can do besides text: colours for code, links. Loaded, and its libraries, only for one that does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What terminals that follow OSC 8 links say of themselves: https://github.com/Alhadis/OSC8-Adoption
_LINKING = {
    "TERM_PROGRAM": ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "zed"),
    "TERM": ("xterm-kitty",),
}
_ANY = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM")
_LEAST_VTE = 5000  # of GNOME's and its relatives, as VTE_VERSION tells it


def has_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal follows links; FORCE_HYPERLINK has the last word. In tmux none is sure."""
    forced = environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("", "0")
    if environ.get("TMUX") or environ.get("STY") or environ.get("CI"):
        return False
    vte = environ.get("VTE_VERSION", "")
    named = any(environ.get(name) in values for name, values in _LINKING.items())
    return named or any(environ.get(name) for name in _ANY) or (vte.isdigit() and int(vte) >= _LEAST_VTE)


def linked(text: str, url: str) -> str:
    """The text as a link (OSC 8)."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"


def highlighted(code: str, filename: str) -> str:
    """One row of code in colours; the same characters."""
    return _painter("yaml" if filename.endswith((".yaml", ".yml")) else "python")(code)


@lru_cache
def _painter(language: str) -> Callable[[str], str]:
    from pygments import highlight
    from pygments.formatters import TerminalFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    formatter = TerminalFormatter()
    return lambda code: str(highlight(code, lexer, formatter))
