"""The import contracts of pyproject.toml, checked: import-linter has no `python -m` form of its own."""

from __future__ import annotations

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    lint_imports_command(prog_name="lint-imports")
