"""A check that failed before, or coverage below its floor, is in pytest's closing line and exit status."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from build import pytest_gate
from build.problem import ROOT


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-p", "build.pytest_gate", "-p", "no:cacheprovider", "-q", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def one_test(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
    return tmp_path


def test_all_is_well(one_test):
    done = run_pytest(one_test)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 passed in")


def test_a_check_that_failed_before_fails_the_run(one_test):
    done = run_pytest(one_test, "--failed-check=mypy", "--failed-check=ruff check")
    assert done.returncode == 1
    assert "FAILED mypy - failed; its own message stands above" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 failed, 1 passed in")


def report(**files):
    """Coverage's report: per file, statements run and there are, branches run and there are, lines never run."""
    keys = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    return {
        "files": {
            name.replace("__", "/") + ".py": {
                "summary": dict(zip(keys, numbers, strict=True))
                | {"percent_covered": 100 * (numbers[0] + numbers[2]) / (numbers[1] + numbers[3])},
                "missing_lines": missing,
                "missing_branches": [[3, 4], [8, -1]],
            }
            for name, (*numbers, missing) in files.items()
        }
    }


def test_coverage_is_summed_for_each_package_that_has_code(tmp_path):
    for package in ("core", "net", "wire"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "core" / "calls.py").touch()
    (tmp_path / "net" / "tcp").mkdir()
    (tmp_path / "net" / "tcp" / "client.py").touch()
    measured = report(
        explorer__core__calls=(90, 90, 9, 10, []),
        explorer__core__states=(5, 10, 0, 0, [3, 4, 5, 7]),
        explorer__corels__other=(0, 1000, 0, 0, []),
        explorer__net__tcp__client=(89, 100, 0, 0, [7]),
    )
    core, net = pytest_gate.read_reaches(tmp_path, measured)
    assert (core.package, core.covered, core.total) == ("core", 104, 110)
    assert (core.branches_covered, core.branches_total, core.branch_percent) == (9, 10, 90.0)
    assert not core.holds
    assert core.short_files == ("explorer/core/states.py: 50.0 %; never run: 3-5, 7, 8->-1",)
    assert (net.percent, net.floor, net.holds) == (89.0, 90.0, False)


def test_a_package_at_its_floor_holds(tmp_path):
    (tmp_path / "capture").mkdir()
    (tmp_path / "capture" / "text.py").touch()
    (capture,) = pytest_gate.read_reaches(tmp_path, report(explorer__capture__text=(90, 95, 5, 5, [1])))
    assert capture.holds
    (capture,) = pytest_gate.read_reaches(tmp_path, report(explorer__capture__text=(89, 95, 5, 5, [1])))
    assert not capture.holds


def test_every_line_and_branch_of_wire_is_run(tmp_path):
    (tmp_path / "wire").mkdir()
    (tmp_path / "wire" / "text.py").touch()
    (wire,) = pytest_gate.read_reaches(tmp_path, report(explorer__wire__text=(953, 953, 46, 46, [])))
    assert wire.holds
    (wire,) = pytest_gate.read_reaches(tmp_path, report(explorer__wire__text=(953, 953, 45, 46, [])))
    assert not wire.holds


def test_a_package_with_code_that_nothing_measured_does_not_hold(tmp_path):
    (tmp_path / "wire").mkdir()
    (tmp_path / "wire" / "text.py").touch()
    (wire,) = pytest_gate.read_reaches(tmp_path, {"files": {}})
    assert not wire.holds
