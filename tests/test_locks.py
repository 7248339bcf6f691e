"""The lock files: what `pyproject.toml` asks for, pinned with hashes and without any address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
LOCKS = sorted((PROJECT / "requirements").glob("*.lock"))
_PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*])?==([^\s;]+)(?: ;.*?)? \\$", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (PROJECT / "requirements" / name).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in _PIN.findall(text)}


def _unmet(wanted: list[str], lock: str) -> list[str]:
    pins = _pins(lock)
    requirements = [Requirement(text) for text in wanted]
    return [
        str(one)
        for one in requirements
        if not one.specifier.contains(pins.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]


def test_the_run_lock_fulfils_every_dependency() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert _unmet(project["project"]["dependencies"], "run.lock") == [], "run `make lock`"


def test_the_development_lock_fulfils_every_dependency() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert _unmet(project["dependency-groups"]["dev"], "dev.lock") == [], "run `make lock`"


def test_the_locks_never_disagree_about_a_package() -> None:
    run, build, dev = _pins("run.lock"), _pins("build.lock"), _pins("dev.lock")
    assert run.items() <= dev.items()
    assert {name: dev.get(name, version) for name, version in build.items()} == build


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_packages_and_hashes_and_nothing_else(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert packages
    assert all(_PIN.match(block) and "--hash=sha256:" in block for block in packages)
    assert "://" not in text
