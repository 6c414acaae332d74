from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.report.samples import finding
from vaelint.config import KEYS, Config, ConfigError, Pattern, Settings, find, load, schema, selectors
from vaelint.config.keys import BY_NAME
from vaelint.evidence import Confidence


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class TestFinding:
    def test_takes_the_nearest_ancestor(self, tmp_path: Path) -> None:
        write(tmp_path / "vaelint.toml", "")
        near = write(tmp_path / "a/pyproject.toml", "[tool.vaelint]")
        (tmp_path / "a/b").mkdir()
        assert find(tmp_path / "a/b") == near

    def test_passes_over_a_pyproject_without_our_table(self, tmp_path: Path) -> None:
        far = write(tmp_path / "vaelint.toml", "")
        write(tmp_path / "a/pyproject.toml", "[tool.ruff]")
        assert find(tmp_path / "a") == far

    def test_prefers_our_own_file(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", "[tool.vaelint]")
        own = write(tmp_path / "vaelint.toml", "")
        assert find(tmp_path) == own

    def test_without_a_file_gives_the_defaults(self, tmp_path: Path) -> None:
        assert load(start=tmp_path) == Config()


class TestReading:
    def test_knows_every_key(self, tmp_path: Path) -> None:
        rules = write(tmp_path / "mine/rules.toml", "")
        base = write(tmp_path / "base.toml", 'ignore = ["VL201"]\nextend-select = ["VL4"]')
        source = write(
            tmp_path / "pyproject.toml",
            """
            [tool.vaelint]
            extend = "base.toml"
            select = ["VL1"]
            ignore = ["loss-maximized"]
            extend-select = ["VL3"]
            per-file-ignores = { "tests/*" = ["VL3"] }
            extend-per-file-ignores = { "a.py" = ["VL1"] }
            exclude = ["vendor"]
            extend-exclude = ["old"]
            force-exclude = true
            respect-gitignore = false
            extend-rules = ["mine/rules.toml"]
            names = { gain = ["fidelity"], none = ["score"] }
            min-confidence = "likely"
            preview = true
            follow-installed = ["acme"]
            python = ".venv"
            output-format = "concise"
            baseline = "known.json"
            cache-dir = "kept"
            """,
        )
        assert set(BY_NAME) <= {line.split(" = ")[0].strip() for line in source.read_text().splitlines()}
        root = tmp_path.resolve()
        assert load(source) == Config(
            select=("VL1",),
            ignore=("VL102",),
            extend_select=("VL4", "VL3"),
            per_file_ignores=((Pattern("tests/*", root), ("VL3",)),),
            extend_per_file_ignores=((Pattern("a.py", root), ("VL1",)),),
            exclude=(Pattern("vendor", root),),
            extend_exclude=(Pattern("old", root),),
            force_exclude=True,
            respect_gitignore=False,
            extend_rules=(rules.resolve(),),
            names=(("fidelity", "gain"), ("score", "none")),
            preview=True,
            follow_installed=frozenset(["acme"]),
            python=root / ".venv",
            output_format="concise",
            baseline=root / "known.json",
            cache_dir=root / "kept",
            source=source,
            bases=(root / "base.toml",),
        )
        assert base.is_file()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ('exclde = ["x"]', "unknown key `exclde` (did you mean `exclude`?)"),
            ('select = "VL1"', "key `select` must be a list of strings"),
            ("ignore = [1]", "key `ignore` must be a list of strings"),
            ('min-confidence = "high"', "key `min-confidence` must be one of certain, likely, possible"),
            ('extend-rules = ["no.toml"]', "key `extend-rules` names a file that does not exist"),
            ('preview = "yes"', "key `preview` must be true or false"),
            ("select = [", "is not valid TOML"),
            ('select = ["mixed-sign"]', "names an unknown code `mixed-sign` (did you mean `mixed-signs`?)"),
            ('select = ["VL102x"]', "names an unknown code `VL102x` (did you mean `VL102`?)"),
            ('min-confidence = "likly"', "(did you mean `likely`?)"),
            ('output-format = "consise"', "(did you mean `concise`?)"),
            ('per-file-ignores = ["VL1"]', "key `per-file-ignores` must be a table of patterns"),
            ('per-file-ignores = { "a.py" = ["VL9"] }', "key `per-file-ignores` names an unknown code `VL9`"),
            ('names = { gian = ["x"] }', "key `names` has no `gian`: it has gain, cost, none (did you mean `gain`?)"),
            ('names = { gain = ["My Loss"] }', "key `names` has `My Loss`: a word is lower case"),
            ('extend = "gone.toml"', "key `extend` names a file that does not exist"),
            ('extend = "vaelint.toml"', "key `extend` leads in a circle"),
            ("force-exclude = 1", "key `force-exclude` must be true or false"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, tmp_path: Path, text: str, reason: str) -> None:
        source = write(tmp_path / "vaelint.toml", text)
        with pytest.raises(ConfigError) as error:
            load(source)
        assert str(source) in str(error.value) and reason in str(error.value)

    def test_wants_our_table_in_a_pyproject_that_was_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"no \[tool\.vaelint\] table"):
            load(write(tmp_path / "pyproject.toml", ""))

    def test_wants_utf_8(self, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_bytes(b"# \xff")
        with pytest.raises(ConfigError, match="not UTF-8"):
            load(start=tmp_path)


class TestChoosing:
    def test_enables_everything_by_default(self) -> None:
        assert Config().enables("VL101")

    @pytest.mark.parametrize(
        ("config", "enabled"),
        [
            (Config(ignore=("VL1",)), {"VL201"}),
            (Config(select=("VL1",)), {"VL101", "VL102"}),
            (Config(select=("VL1",), ignore=("VL101",)), {"VL102"}),
            (Config(ignore=("VL1",), extend_select=("VL101",)), {"VL101", "VL201"}),
            (Config(select=("ALL",), ignore=("VL201",)), {"VL101", "VL102"}),
            (Config(select=()), set()),
        ],
    )
    def test_lets_the_more_exact_selector_decide(self, config: Config, enabled: set[str]) -> None:
        assert {code for code in ("VL101", "VL102", "VL201") if config.enables(code)} == enabled

    def test_drops_what_is_less_certain_than_asked_for(self) -> None:
        config = Config(min_confidence=Confidence.LIKELY)
        assert config.shows(finding(confidence=Confidence.CERTAIN))
        assert not config.shows(finding(confidence=Confidence.POSSIBLE))

    def test_select_on_the_command_line_replaces_the_selection_of_the_file(self) -> None:
        file = Config(select=("VL1",), ignore=("VL101",), extend_select=("VL5",))
        assert file.with_options(select=("VL101",)) == Config(select=("VL101",))

    def test_ignore_on_the_command_line_adds_to_that_of_the_file(self) -> None:
        assert Config(ignore=("VL3",)).with_options(ignore=("VL1",)).ignore == ("VL3", "VL1")

    def test_takes_codes_their_beginnings_and_names(self) -> None:
        assert selectors(["VL", "vl1", "VL101", "ALL", "Mixed-Signs"], "--select") == (
            "VL",
            "VL1",
            "VL101",
            "ALL",
            "VL201",
        )

    def test_refuses_selectors_that_no_check_answers_to(self) -> None:
        for wrong in ("", "VL9", "VL1011", "X"):
            with pytest.raises(ConfigError, match="--select: unknown code"):
                selectors([wrong], "--select")

    def test_leaves_out_what_is_ignored_in_the_files_of_a_pattern_and_in_no_other(self, tmp_path: Path) -> None:
        config = Config(
            extend_select=("VL101",),
            per_file_ignores=((Pattern("tests/*", tmp_path), ("VL1",)), (Pattern("!src/**", tmp_path), ("VL3",))),
        )
        assert not config.of(tmp_path / "tests/a.py").enables("VL101")
        assert config.of(tmp_path / "src/a.py").enables("VL101")
        assert config.of(tmp_path / "src/a.py").enables("VL301")
        assert not config.of(tmp_path / "other.py").enables("VL301")


class TestPatterns:
    @pytest.mark.parametrize(
        ("pattern", "fits", "others"),
        [
            ("vendor", ("vendor", "a/vendor/b.py"), ("vendored/a.py",)),
            ("a/b", ("a/b", "a/b/c.py"), ("x/a/b", "b")),
            ("./a/*.py", ("a/x.py",), ("x.py",)),
            ("**/gen", ("gen/x.py", "a/gen/x.py"), ("genes/x.py",)),
            ("a/**", ("a/x.py", "a/b/c.py"), ("b/a.py",)),
            ("*_pb2.py", ("x_pb2.py", "a/x_pb2.py"), ("pb2.py",)),
        ],
    )
    def test_fit_names_and_paths_below_their_root(
        self, tmp_path: Path, pattern: str, fits: tuple[str, ...], others: tuple[str, ...]
    ) -> None:
        made = Pattern(pattern, tmp_path)
        assert [made.fits(str(tmp_path / x)) for x in (*fits, *others)] == [True] * len(fits) + [False] * len(others)


class TestTheClosestFile:
    def test_holds_for_what_lies_below_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "vaelint.toml", 'ignore = ["VL1"]')
        write(tmp_path / "a/vaelint.toml", 'ignore = ["VL2"]')
        write(tmp_path / "a/b/c.py", "")
        monkeypatch.chdir(tmp_path)
        settings = Settings()
        assert settings.main.ignore == settings.of("x.py").ignore == ("VL1",)
        assert settings.of("a/x.py").ignore == settings.of("a/b/c.py").ignore == ("VL2",)

    def test_of_the_working_directory_holds_where_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "here/vaelint.toml", 'ignore = ["VL1"]')
        monkeypatch.chdir(tmp_path / "here")
        assert Settings().of(tmp_path / "x.py").ignore == ("VL1",)

    def test_yields_to_one_that_is_named_and_to_options(self, tmp_path: Path) -> None:
        write(tmp_path / "vaelint.toml", 'ignore = ["VL1"]\npreview = true')
        path = tmp_path / "x.py"
        assert Settings(Config()).of(path) == Config()
        assert Settings(inline={"ignore": ("VL2",)}).of(path).ignore == ("VL2",)
        asked = Settings().with_options(select=("VL3",)).of(path)
        assert (asked.select, asked.ignore, asked.preview) == (("VL3",), (), True)


class TestTheSchema:
    def test_is_the_one_that_is_shipped(self) -> None:
        assert json.loads(schema.FILE.read_text("utf-8")) == schema.made()

    def test_describes_every_key(self) -> None:
        assert set(schema.made()["properties"]) == {key.name for key in KEYS}

    def test_the_page_on_configuration_is_made_of_the_same_table(self) -> None:
        page = Path(__file__).parents[2] / "docs/configuration.md"
        assert schema.page() in page.read_text("utf-8")
