"""Kinds that a choice is made among: what the registries of framings and of programs have in common.

A registry is a tuple of kinds. These functions find one in it and make things of it; `what` names them in
sentences ("framing", "program").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, check
from explorer.core.socket_spec import Choice

Made = TypeVar("Made", covariant=True)


class Kind(Protocol[Made]):
    """What a kind must tell of itself.

    make: a new thing from values that `fields.check` has completed. Raises InputError, with the name of a
    field as its path, when values that are right alone do not fit together.
    """

    @property
    def name(self) -> str: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def make(self) -> Callable[[Mapping[str, Value]], Made]: ...


AnyKind = TypeVar("AnyKind", bound=Kind[object])


def find(kinds: Sequence[AnyKind], name: object, what: str, path: str) -> AnyKind:
    """The kind called `name`. Raises InputError at `path`.kind."""
    for kind in kinds:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in kinds)
    raise InputError(f"{path}.kind", f"There is no {what} called {name!r} (known: {known}).")


def check_choice(kinds: Sequence[Kind[object]], given: object, what: str, path: str) -> Choice:
    """A choice from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    if not isinstance(given, dict):
        shown = "" if isinstance(given, list | tuple) else f", not {given!r}"  # a list may hold secrets
        raise InputError(path, f'A {what} must be an object such as {{"kind": "{kinds[0].name}"}}{shown}.')
    if "kind" not in given:
        raise InputError(f"{path}.kind", f"The {what}'s kind is missing.")
    choice = Choice(str(given["kind"]), MappingProxyType({k: v for k, v in given.items() if k != "kind"}))
    make(kinds, choice, what, path)
    return choice


def make(kinds: Sequence[Kind[Made]], choice: Choice, what: str, path: str) -> Made:
    """A new thing of the chosen kind. Raises InputError with the JSON path."""
    kind = find(kinds, choice.kind, what, path)
    values = check(kind.fields, choice.settings, path)
    try:
        return kind.make(values)
    except InputError as error:
        raise InputError(f"{path}.{error.path}", error.message) from None
