"""The locks: exact, hashed, free of any index's address, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from build.environment import LOCKS
from build.problem import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(part):
    """The lock's requirements, each with its number of hashes."""
    entries = []
    for entry in LOCKS[part].read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split("--hash=")
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", digest) for digest in hashes)
        entries.append((Requirement(requirement.strip()), len(hashes)))
    return entries


@pytest.mark.parametrize("part", LOCKS)
def test_every_entry_is_one_version_with_hashes(part):
    for requirement, hashes in locked(part):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes >= 1, requirement


@pytest.mark.parametrize("part", LOCKS)
def test_no_index_is_named(part):
    text = LOCKS[part].read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:", text)


@pytest.mark.parametrize(
    ("part", "wanted"),
    [("runtime", PYPROJECT["project"]["dependencies"]), ("development", PYPROJECT["dependency-groups"]["dev"])],
)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_lock_gives_what_the_project_asks_for(part, wanted, python, platform):
    place = {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": platform}

    def applies(marker: Marker | None) -> bool:
        return marker is None or marker.evaluate(place)

    versions = {
        requirement.name.lower(): str(requirement.specifier).removeprefix("==")
        for requirement, _ in locked(part)
        if applies(requirement.marker)
    }
    for text in wanted:
        requirement = Requirement(text)
        if applies(requirement.marker):
            assert versions[requirement.name.lower()] in requirement.specifier, text


def test_both_locks_agree():
    runtime = {(entry.name, str(entry.marker)): entry.specifier for entry, _ in locked("runtime")}
    for entry, _ in locked("development"):
        assert runtime.get((entry.name, str(entry.marker)), entry.specifier) == entry.specifier
