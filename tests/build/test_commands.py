"""`python3 build …`: what it says to wrong usage, and that a bare Python can run it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from build import commands
from build.problem import ROOT, Problem


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: python3 build COMMAND"),
        (["tset"], "There is no command 'tset'."),
        (["test", "tests/core"], "python3 build test -- tests/core"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(arguments, said, capsys):
    assert commands.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_help_is_no_failure(capsys):
    assert commands.main(["--help"]) == 0
    assert "screenshots" in capsys.readouterr().out


def test_arguments_after_the_dashes_reach_the_command(monkeypatch):
    got = []

    def run(arguments):
        got.append(list(arguments))
        return 7

    monkeypatch.setitem(commands.COMMANDS, "run", run)
    assert commands.main(["run", "--", "--self-test", "a b"]) == 7
    assert commands.main(["run"]) == 7
    assert got == [["--self-test", "a b"], []]


def test_a_problem_is_a_sentence_and_status_1(monkeypatch, capsys):
    def fail(arguments):
        raise Problem("The disk is full.")

    monkeypatch.setitem(commands.COMMANDS, "bench", fail)
    assert commands.main(["bench"]) == 1
    assert capsys.readouterr().err == "The disk is full.\n"


def test_package_takes_no_arguments(capsys):
    assert commands.main(["package", "--", "--onefile"]) == 1
    assert "takes no arguments, got: --onefile" in capsys.readouterr().err


def test_the_folder_runs_with_the_standard_library_alone(tmp_path):
    # -S: no site-packages; another folder: nothing is found by accident.
    command = [sys.executable, "-S", str(ROOT / "build"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == commands.USAGE
