"""A framing or a program as it stands in a form: what was typed, right or wrong.

Texts are kept for every kind that was looked at, so that going to another kind and back loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, check, check_value, hex_bytes
from explorer.core.socket_spec import Choice

TypedRow = Mapping[str, str | bool]
TypedRows = tuple[TypedRow, ...]  # of a table: what stands in its cells, right or wrong
Typed = str | bool | TypedRows


class ChoiceKind(Protocol):
    """What a form must know of a kind of framing or of program."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...


class ChoicePreset(Protocol):
    """Settings of a kind that are known by a name; those left out have their default."""

    @property
    def label(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Value]: ...

    @property
    def help(self) -> str: ...


class ChoiceRegistry(Protocol):
    """Where kinds are found: `explorer.wire.framing.registry` and `explorer.programs.registry` are such."""

    def kinds(self) -> Sequence[ChoiceKind]: ...

    def check_choice(self, given: object, path: str = ...) -> Choice: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What a draft amounts to. choice: None when something is wrong. problems: sentences by field name, of a table's
    cells by ``rules[2].pattern``; "" is about the whole."""

    choice: Choice | None
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The fields of a kind, read. typed: what stood in them, in their order. values: by name; None where it is wrong,
    then wrong tells why. fields: those that mean something."""

    typed: tuple[Typed, ...]
    values: Mapping[str, Value | None]
    wrong: Mapping[str, str]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A reading, checked whole. values: all settings, where it is right."""

    reading: _Reading
    choice: Choice | None
    values: Mapping[str, Value] | None
    problems: Mapping[str, str]


class ChoiceDraft:
    """One choice being edited. A bool field holds a bool, a table its rows, every other the text in its field.

    A form asks many times about the same, and long tables and scripts are dear to read: what was found is remembered
    until something else stands in the fields.
    """

    def __init__(self, registry: ChoiceRegistry, choice: Choice) -> None:
        self._registry = registry
        self._typed: dict[str, dict[str, Typed]] = {}
        self._taken = choice
        self._valid: dict[str, Mapping[str, Value]] = {}
        self._chosen: set[tuple[str, str]] = set()  # kinds and their fields that the user changed himself
        self._readings: dict[str, _Reading] = {}  # of each kind, the last
        self._verdicts: dict[str, _Verdict] = {}
        self._known: tuple[Choice, Mapping[str, Value] | None] | None = None  # a choice with its settings, complete
        self.kind = choice.kind
        self.take(choice)

    def take(self, choice: Choice) -> None:
        """Show this choice. What was typed stays where it means the same, and where it means nothing now."""
        self.kind, self._taken = choice.kind, choice
        fields = self.description.fields
        values = {field.name: _as_checked(field, choice.settings.get(field.name, field.default)) for field in fields}
        read = self._reading().values
        for field in fields:
            if applies(field, fields, values) and read[field.name] != values[field.name]:
                self._texts[field.name] = _written(field, values[field.name])

    def settle(self, choice: Choice) -> None:
        """The document has this choice now. What stands in the fields stays."""
        self._taken = choice
        verdict = self._verdicts.get(self.kind)
        if verdict is not None and verdict.choice is choice:
            self._known = (choice, verdict.values)

    def revert(self, name: str) -> None:
        """Put what the document has into a field of the present kind."""
        field = next(one for one in self.description.fields if one.name == name)
        given = self._taken.settings if self._taken.kind == self.kind else {}
        self._texts[name] = _written(field, given.get(name, field.default))

    @property
    def description(self) -> ChoiceKind:
        return next(kind for kind in self._registry.kinds() if kind.name == self.kind)

    @property
    def _texts(self) -> dict[str, Typed]:
        return self._typed.setdefault(self.kind, {})

    def text(self, field: Field) -> str | bool:
        """What stands in the field, which is no table."""
        return cast(str | bool, self._entry(field))

    def rows(self, field: Field) -> TypedRows:
        """What stands in the cells of a table."""
        return cast(TypedRows, self._entry(field))

    def _entry(self, field: Field) -> Typed:
        if field.name not in self._texts:
            self._texts[field.name] = _written(field, field.default)
        return self._texts[field.name]

    def put(self, name: str, text: Typed) -> None:
        """The user changed a field of the present kind. What usually goes with a choice comes along, unless the user
        chose that himself, or what stands there is not what went with the choice before."""
        field = next((one for one in self.description.fields if one.name == name), None)
        before = self._texts.get(name, field.default if field is not None else None)
        self._texts[name] = text
        self._chosen.add((self.kind, name))
        for other in self.description.fields:
            if field is None or (self.kind, other.name) in self._chosen or not _concerns(field, other):
                continue
            if self._entry(other) == _usual(field, before, other):
                self._texts[other.name] = _usual(field, text, other)

    def keep(self, kind: str, name: str, text: Typed) -> None:
        """The user changed a field of a kind that is not the present one."""
        self._typed.setdefault(kind, {})[name] = text

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the present kind that mean something with what stands in the others."""
        return self._reading().fields

    def _reading(self) -> _Reading:
        fields = self.description.fields
        typed = tuple(self._entry(field) for field in fields)
        last = self._readings.get(self.kind)
        if last is not None and last.typed == typed:
            return last
        values: dict[str, Value | None] = {}
        wrong: dict[str, str] = {}
        for field, entry in zip(fields, typed, strict=True):
            try:
                values[field.name] = parse_field(field, entry)
            except InputError as error:
                values[field.name], wrong[field.name] = None, error.message
        shown = tuple(field for field in fields if applies(field, fields, values))
        self._readings[self.kind] = reading = _Reading(typed, values, wrong, shown)
        return reading

    def check(self) -> Checked:
        """Read all fields of the present kind."""
        verdict = self._verdict()
        if verdict.choice is None or verdict.values is None:
            return Checked(None, verdict.problems)
        if verdict.choice is not self._taken and self._means_as_taken(verdict.values):
            return Checked(self._taken, {})
        return Checked(verdict.choice, {})

    def _verdict(self) -> _Verdict:
        reading, last = self._reading(), self._verdicts.get(self.kind)
        if last is not None and last.reading is reading:
            return last
        self._verdicts[self.kind] = verdict = self._judge(reading)
        if verdict.values is not None:
            self._valid[self.kind] = verdict.values
        return verdict

    def _judge(self, reading: _Reading) -> _Verdict:
        problems: dict[str, str] = {}
        settings: dict[str, Value] = {}
        for field in reading.fields:
            value = reading.values[field.name]
            if value is None:
                cells = _wrong_cells(field, self.rows(field)) if field.type == "rows" else {}
                problems |= cells or {field.name: reading.wrong[field.name]}
            elif value != field.default:
                settings[field.name] = value
        if problems:
            return _Verdict(reading, None, None, problems)
        try:
            choice = self._registry.check_choice({"kind": self.kind, **settings}, "$")
        except InputError as error:
            name = error.path.removeprefix("$").removeprefix(".")
            return _Verdict(reading, None, None, {name: error.message})
        return _Verdict(reading, choice, check(self.description.fields, settings), {})

    def _means_as_taken(self, values: Mapping[str, Value]) -> bool:
        """Whether these are the settings that were taken, however those were written (a table as lists, defaults)."""
        if self._taken.kind != self.kind:
            return False
        if self._known is None or self._known[0] is not self._taken:
            try:
                self._known = (self._taken, check(self.description.fields, self._taken.settings))
            except InputError:  # a setting was missing
                self._known = (self._taken, None)
        return self._known[1] == values

    @property
    def values(self) -> Mapping[str, Value] | None:
        """All settings of the present kind as they were when they were right the last time; None: they never were."""
        return self._valid.get(self.kind)

    # -- presets --------------------------------------------------------------------------------

    @property
    def presets(self) -> tuple[ChoicePreset, ...]:
        """Those of the present kind; programs have none."""
        found: tuple[ChoicePreset, ...] = getattr(self.description, "presets", ())
        return found

    @property
    def preset(self) -> ChoicePreset | None:
        """The one that the fields stand for now, be it with an option that no preset of this name has (see `added`)."""
        return self._preset_of(self.fields) or self._preset_of(self._without_options())

    @property
    def added(self) -> str:
        """What the fields have besides that preset, as a label, e.g. "Checksum"; "" when they have no more than it."""
        if self._preset_of(self.fields) is not None or self._preset_of(self._without_options()) is None:
            return ""
        return next(field.label for field in self.fields if field not in self._without_options())

    def _preset_of(self, fields: Sequence[Field]) -> ChoicePreset | None:
        read = self._reading().values
        now = [_same(field, read[field.name]) for field in fields]
        for preset in self.presets:
            values = [_same(field, preset.settings.get(field.name, field.default)) for field in fields]
            if values == now and {field.name for field in fields}.issuperset(preset.settings):
                return preset
        return None

    def _without_options(self) -> tuple[Field, ...]:
        """Fields but those that others need, with these: a framing is called the same with a checksum and without."""
        needed = {field.needs for field in self.description.fields}
        return tuple(field for field in self.fields if not field.needs and field.name not in needed)

    def put_preset(self, preset: ChoicePreset) -> None:
        """Fill in all fields of the present kind."""
        for field in self.description.fields:
            self._texts[field.name] = _written(field, preset.settings.get(field.name, field.default))
            self._chosen.discard((self.kind, field.name))


def applies(field: Field, fields: Sequence[Field], values: Mapping[str, Value | None]) -> bool:
    """Whether a field means something: what it needs does, and is not at its default. None is a value that is wrong."""
    if not field.needs:
        return True
    needed = next(one for one in fields if one.name == field.needs)
    return values.get(needed.name) != needed.default and applies(needed, fields, values)


def parse_field(field: Field, text: Typed) -> Value:
    """What was typed or ticked as this field's value. Raises InputError."""
    if isinstance(text, bool):
        return check_value(field, text, field.name)
    if isinstance(text, tuple):
        from explorer.ui.typed_rows import parse_rows  # few kinds have tables

        return parse_rows(field, text)
    bare = text if field.type in _AS_TYPED else text.strip()
    if field.type == "int":
        return check_value(field, parse_whole_number(bare, field.label, field.name), field.name)
    if field.type == "hex" and not bare and field.minimum:
        raise InputError(field.name, f"{field.label} is missing; write hex digits, e.g. 0d0a.")
    return check_value(field, bare, field.name)


def parse_whole_number(text: str, label: str, path: str) -> int:
    """A whole number as people write it: ``4096``, ``4,096``, ``4 096``, ``-2``. Raises InputError."""
    bare = text.strip()
    for separator in (",", "_", " ", "\u00a0", "\u202f"):
        bare = bare.replace(separator, "")
    digits = bare.removeprefix("-")
    if not digits:
        raise InputError(path, f"{label} is missing; write a whole number.")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise InputError(path, f"{label} must be a whole number; {text.strip()[:40]!r} is not.")
    return int(bare)


_AS_TYPED = ("text", "secret", "code")  # blanks count


def _wrong_cells(field: Field, typed: TypedRows) -> dict[str, str]:
    from explorer.ui.typed_rows import wrong_cells

    return wrong_cells(field, typed)


def _as_checked(field: Field, value: Value | None) -> Value | None:
    """A table may come as JSON has it, with defaults left out."""
    return check_value(field, value, field.name) if field.type == "rows" and value is not None else value


def _same(field: Field, value: Value | None) -> object:
    """A value to compare: hex digits may be written in several ways."""
    return hex_bytes(value, field.name) if field.type == "hex" and isinstance(value, str) else value


def _concerns(field: Field, other: Field) -> bool:
    """Whether choices of the one usually have certain choices of the other with them."""
    return any(name == other.name for _, name, _ in field.usual)


def _usual(field: Field, choice: object, other: Field) -> Typed:
    """What usually stands in `other` with this choice of `field`."""
    found = next((value for one, name, value in field.usual if (one, name) == (choice, other.name)), other.default)
    return _written(other, found)


def _written(field: Field, value: Value | None) -> Typed:
    if field.type == "bool":
        return bool(value)
    if field.type == "rows":
        from explorer.ui.typed_rows import write_rows

        return write_rows(field, value or ())
    return "" if value is None else str(value)
