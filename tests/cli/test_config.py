from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.samples import finding
from vaelint.config import Config, ConfigError, check_selectors, find, load
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
        source = write(
            tmp_path / "pyproject.toml",
            """
            [tool.vaelint]
            select = ["VL1"]
            ignore = ["VL102"]
            extend-select = ["VL3"]
            exclude = ["vendor"]
            extend-rules = ["mine/rules.toml"]
            min-confidence = "likely"
            preview = true
            """,
        )
        assert load(source) == Config(
            ("VL1",), ("VL102",), ("VL3",), ("vendor",), (rules.resolve(),), Confidence.LIKELY, True, source
        )

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

    def test_refuses_selectors_that_no_check_answers_to(self) -> None:
        check_selectors(["VL", "VL1", "VL101", "ALL"], ["VL101"], "--select")
        for wrong in ("", "VL2", "VL1011", "X"):
            with pytest.raises(ConfigError, match="--select: unknown code"):
                check_selectors([wrong], ["VL101"], "--select")
