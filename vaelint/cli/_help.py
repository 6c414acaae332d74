"""The help of a command with many options: by what they are about."""

from __future__ import annotations

import click

_COLUMN = 24  # of the option's name: a longer one has a row of its own

# Of all commands; what is in none of them stands at the end.
_SECTIONS = {
    "Which checks": ("select", "ignore", "extend_select", "min_confidence", "preview"),
    "Which findings": ("show_hidden", "baseline", "prune", "diff_base", "add_ignore"),
    "Edits": ("fix", "unsafe_fixes", "diff", "print_test"),
    "Report": (
        *("formats", "output_format", "output_file", "absolute_paths", "statistics", "revision", "summary"),
        *("tree", "quiet", "exit_zero"),
    ),
    "Which files": (
        *("exclude", "extend_exclude", "force_exclude", "respect_gitignore", "stdin_filename", "require_files"),
        "show_files",
    ),
    "Configuration": ("config", "isolated", "show_settings", "follow_installed", "python"),
    "Speed": ("jobs", "no_cache", "cache_dir"),
}


class Sections(click.Command):
    """Shows its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = (p for p in self.get_params(ctx) if isinstance(p, click.Option))
        records = {p.name: record for p in options if (record := p.get_help_record(ctx)) is not None}
        for title, names in _SECTIONS.items():
            rows = [records.pop(name) for name in names if name in records]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows, col_max=_COLUMN)
        with formatter.section("Other"):
            formatter.write_dl(list(records.values()), col_max=_COLUMN)
