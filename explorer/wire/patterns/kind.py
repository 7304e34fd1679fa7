"""What a kind of pattern says of itself, and what may be chosen beside what is typed."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, Protocol

from explorer.wire.patterns.compiled import Pattern

Order = Literal["either", "little", "big"]
Option = Literal["encoding", "case", "width", "order"]


@dataclass(frozen=True, slots=True)
class PatternOptions:
    """encoding: of typed text, a name of `explorer.wire.text.ENCODINGS`. match_case: capitals count.

    width: of a number, one of `explorer.wire.patterns.number.WIDTHS`. order: of its bytes.
    """

    encoding: str = "utf-8"
    match_case: bool = False
    width: str = "4"
    order: Order = "either"


class PatternKind(Protocol):
    """name: what settings hold; label: what the user reads; example: shown in the empty field.

    help: what can be typed, in sentences. options: those of `PatternOptions` that count.
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def example(self) -> str: ...

    @property
    def help(self) -> str: ...

    @property
    def options(self) -> Set[Option]: ...

    def make(self, typed: str, options: PatternOptions) -> Pattern:
        """The pattern that is meant. Raises InputError with a sentence that can stand under the field."""
