"""The corpus: pinned wheels from PyPI, unpacked and read as text. Nothing is built, installed or imported."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bench.places import HERE

CORPUS = HERE / "corpus.tsv"
READ = (".py", ".ipynb")
LIMIT = 600  # seconds for one download
# Platform and interpreter are fixed, so that every machine reads the same files.
_LINUX = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
_PURE = ("--python-version", "3.11", "--platform", "any", "--ignore-requires-python")


class Package(NamedTuple):
    name: str
    version: str
    area: str


def read_corpus(path: Path = CORPUS) -> list[Package]:
    with path.open(encoding="utf-8", newline="") as f:
        return [Package(r["name"], r["version"], r["area"]) for r in csv.DictReader(f, delimiter="\t")]


def chosen(only: tuple[str, ...]) -> list[Package]:
    """The whole corpus, or the packages named; an unknown name is an error."""
    packages = read_corpus()
    unknown = set(only) - {p.name for p in packages}
    if unknown:
        raise SystemExit(f"not in {CORPUS.name}: {', '.join(sorted(unknown))}")
    return [p for p in packages if not only or p.name in only]


def canonical(name: str) -> str:
    """A package's name as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def fetch(package: Package, cache: Path, *, pure: bool = False) -> Path:
    """The unpacked package, from the cache or from PyPI. Raises RuntimeError if it cannot be had.

    ``pure``: only a wheel without compiled code will do.
    """
    folder = cache / "unpacked" / f"{package.name}-{package.version}"
    if folder.is_dir():
        return folder
    unpack(_download(package, cache / "archives", _PURE if pure else _LINUX), folder)
    return folder


def _download(package: Package, archives: Path, target: tuple[str, ...]) -> Path:
    """A wheel alone: of a source archive pip would run the build script to learn its metadata."""
    archives.mkdir(parents=True, exist_ok=True)
    if not (held := _held(package, archives)):
        quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        which = ["--dest", str(archives), f"{package.name}=={package.version}"]
        command = [sys.executable, "-m", "pip", "download", *quiet, *target, *which]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{package.name} {package.version}: not there after {LIMIT} s") from error
        held = _held(package, archives)
        if run.returncode or not held:
            raise RuntimeError(f"{package.name} {package.version}: {(run.stderr or 'no wheel').strip()[-300:]}")
    return held[0]


def _held(package: Package, archives: Path) -> list[Path]:
    """Wheels of the package, whose file names spell its name as their builders liked."""
    wanted = [canonical(package.name), package.version]
    named = ((file, file.name.split("-")) for file in sorted(archives.glob("*.whl")))
    return [file for file, words in named if [canonical(words[0]), words[1]] == wanted]


def unpack(wheel: Path, folder: Path) -> None:
    """Python files and notebooks of a wheel. A name that leads out of the folder is refused."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = PurePosixPath(entry.filename)
            if entry.is_dir() or name.suffix not in READ:
                continue
            if name.is_absolute() or ".." in name.parts or "\\" in entry.filename:
                raise RuntimeError(f"{wheel.name}: {entry.filename} leads out of the archive")
            target = part / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))
    part.rename(folder)
