"""A pytest plugin for `python3 build test`: checks that failed before, and coverage floors, count as failures.

So the closing line and the exit status speak for the whole run.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest

from build.problem import ROOT

FLOORS = {"core": 95.0, "wire": 100.0, "capture": 95.0, "net": 90.0}
"""Per cent of statements and branches together that the tests of a package of explorer/ must reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the tests reached in one package."""

    package: str
    covered: int  # statements and branches run
    total: int  # statements and branches there are
    branches_covered: int
    branches_total: int
    short_files: tuple[str, ...]  # files below the package's floor, with their lines never run

    @property
    def percent(self) -> float:
        return _percent(self.covered, self.total)

    @property
    def branch_percent(self) -> float:
        return _percent(self.branches_covered, self.branches_total)

    @property
    def floor(self) -> float:
        return FLOORS[self.package]

    @property
    def holds(self) -> bool:
        return self.total > 0 and self.percent >= self.floor


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("build")
    group.addoption("--failed-check", action="append", default=[], help="a check that failed before; may be repeated")
    group.addoption("--coverage-floors", action="store_true", help="fail when a package's coverage is below its floor")


class Gate:
    """Adds its failures when the tests are done, before the terminal's summary is written."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.reaches: list[Reach] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            return  # interrupted, or no tests: the status says so already
        failures = dict.fromkeys(self.config.getoption("failed_check"), "failed; its own message stands above")
        if self.config.getoption("coverage_floors"):
            self.reaches = read_reaches(ROOT / "explorer", self._report())
            failures |= {
                f"coverage of explorer/{reach.package}": _shortfall(reach) for reach in self.reaches if not reach.holds
            }
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        for name, why in failures.items():
            reporter.stats.setdefault("failed", []).append(_failure(name, why))
        if failures:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.reaches:
            terminalreporter.section("coverage")
        for reach in self.reaches:
            terminalreporter.line(
                f"explorer/{reach.package:<8} {reach.percent:5.1f} %, at least {reach.floor:g} %  ({reach.covered} of"
                f" {reach.total} statements and branches; branches alone {reach.branch_percent:.1f} %)"
            )

    def _report(self) -> dict[str, Any]:
        measured = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
        measured.load()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "coverage.json"
            measured.json_report(outfile=str(path))
            report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Gate(config), "build-gate")


def read_reaches(sources: Path, report: dict[str, Any]) -> list[Reach]:
    """One `Reach` for each package with a floor that exists in `sources`, from coverage's JSON report."""
    return [
        _reach(package, report["files"])
        for package in FLOORS
        if any(path.name != "__init__.py" for path in (sources / package).rglob("*.py"))
    ]


def _reach(package: str, files: dict[str, Any]) -> Reach:
    sums = {"covered_lines": 0, "num_statements": 0, "covered_branches": 0, "num_branches": 0}
    short = []
    for name, details in sorted(files.items()):
        if Path(name).parts[:2] != ("explorer", package):
            continue
        summary = details["summary"]
        for key in sums:
            sums[key] += summary[key]
        if summary["percent_covered"] < FLOORS[package]:
            short.append(f"{name}: {summary['percent_covered']:.1f} %; never run: {_never_run(details)}")
    return Reach(
        package=package,
        covered=sums["covered_lines"] + sums["covered_branches"],
        total=sums["num_statements"] + sums["num_branches"],
        branches_covered=sums["covered_branches"],
        branches_total=sums["num_branches"],
        short_files=tuple(short),
    )


def _never_run(details: dict[str, Any]) -> str:
    """Lines, and jumps from a line that ran to another: "3-5, 9, 12->14"; a jump to below 0 leaves the function."""
    missing = details["missing_lines"]
    runs: list[list[int]] = []
    for line in missing:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    lines = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    jumps = [f"{start}->{end}" for start, end in details["missing_branches"] if {start, end}.isdisjoint(missing)]
    return ", ".join(lines + jumps)


def _shortfall(reach: Reach) -> str:
    if not reach.total:
        return "nothing of it was measured"
    return "\n".join([f"{reach.percent:.1f} % is below {reach.floor:g} %", *reach.short_files])


def _failure(name: str, why: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=name, location=(name, None, name), keywords={}, outcome="failed", longrepr=why, when="call"
    )


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0
