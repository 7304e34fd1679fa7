"""The environment is made once, filled once for each content of the locks, and made anew when it must be."""

from __future__ import annotations

import importlib.util
import os
import subprocess

import pytest

from build import environment
from build.problem import ROOT, Problem


@pytest.fixture
def locks(tmp_path, monkeypatch):
    paths = {part: tmp_path / f"{part}.lock" for part in environment.LOCKS}
    for path in paths.values():
        path.write_text("# nothing is needed\n", encoding="utf-8")
    monkeypatch.setattr(environment, "LOCKS", paths)
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    return paths


@pytest.fixture
def done(locks, monkeypatch):
    """What was done, with the making and installing themselves left out."""
    log: list[object] = []

    def make(python):
        log.append("made")
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_bytes(b"")
        (environment.VENV / "made-with").write_text(environment._maker(), encoding="utf-8")

    monkeypatch.setattr(environment, "_make", make)
    monkeypatch.setattr(environment, "_install", lambda python, parts: log.append(list(parts)))
    return log


def test_a_second_run_does_nothing(done):
    environment.ensure()
    environment.ensure()
    assert done == ["made", ["runtime"]]


def test_the_development_parts_come_when_first_asked_for(done):
    environment.ensure()
    environment.ensure(development=True)
    environment.ensure(development=True)
    environment.ensure()
    assert done == ["made", ["runtime"], ["development"]]


def test_a_changed_lock_is_installed(done, locks):
    environment.ensure(development=True)
    locks["runtime"].write_text("# now something is\n", encoding="utf-8")
    environment.ensure(development=True)
    assert done == ["made", ["runtime", "development"], ["runtime"]]


def test_another_python_gets_another_environment(done, monkeypatch):
    environment.ensure()
    monkeypatch.setattr(environment, "_maker", lambda: "3.99")
    environment.ensure()
    assert done.count("made") == 2


def test_a_failed_installation_is_tried_again(done, monkeypatch):
    def fail(python, parts):
        raise Problem("no network")

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_install", fail)
        with pytest.raises(Problem):
            environment.ensure()
    environment.ensure()
    assert done == ["made", ["runtime"]]


@pytest.mark.parametrize("own_pip", [True, False])
def test_a_real_environment_sees_the_checkout_from_any_folder(locks, tmp_path, monkeypatch, own_pip):
    if not own_pip:  # as on Debian without python3-venv: the pip of the Python outside installs
        find = importlib.util.find_spec
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else find(name))
    python = environment.ensure()
    assert environment._stamp("runtime").exists()
    code = "import explorer; print(explorer.__file__)"
    found = subprocess.run([python, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert os.path.samefile(found.strip(), ROOT / "explorer" / "__init__.py")


def test_a_package_whose_hash_differs_is_refused(locks, tmp_path, capfd):
    package = tmp_path / "made_up-1.0-py3-none-any.whl"
    package.write_bytes(b"not what was locked")
    locks["runtime"].write_text(f"made-up @ {package.as_uri()} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(Problem, match="could not install the locked runtime dependencies"):
        environment.ensure()
    assert "DO NOT MATCH THE HASHES" in capfd.readouterr().err
    assert not environment._stamp("runtime").exists()


def test_an_environment_is_not_cleared_under_its_own_python(locks, monkeypatch):
    environment.VENV.mkdir()
    monkeypatch.setattr("sys.prefix", str(environment.VENV))
    with pytest.raises(Problem, match="Start it with another Python"):
        environment.ensure()


def test_a_python_that_can_install_nothing_is_told_what_to_install(locks, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Problem, match="apt-get install -y python3-venv"):
        environment.ensure()
