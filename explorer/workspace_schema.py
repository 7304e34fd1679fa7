"""The JSON schema of a workspace, made from the same descriptions that check it.

`python -m explorer.workspace_schema` writes resources/workspace.schema.json; a test holds the two in step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from explorer.core import serving
from explorer.core.fields import MOST_ROWS, Field
from explorer.paths import resource
from explorer.programs import registry as programs
from explorer.wire.framing import registry as framings
from explorer.workspace import WorkspaceFile
from explorer.workspace_sequences import json_schema
from explorer.workspace_snippets import SHORTCUT_PATTERN


class Kind(Protocol):
    """A framing or a program, as its registry describes it."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def fields(self) -> tuple[Field, ...]: ...


def schema() -> dict[str, Any]:
    """The schema as JSON values (JSON Schema draft 2020-12)."""
    made = msgspec.json.schema(WorkspaceFile)
    socket = made["$defs"]["SocketEntry"]["properties"]
    socket["framing"] = {"oneOf": _kinds(framings.kinds()), "default": {"kind": "raw"}}
    socket["program"] = {"oneOf": _kinds(programs.kinds()), "default": {"kind": "none"}}
    socket["serving"] = {"oneOf": _kinds(serving.kinds()), "default": serving.DEFAULT.to_json()}
    made["$defs"]["SnippetEntry"]["properties"]["shortcut"]["pattern"] = f"^$|{SHORTCUT_PATTERN}"
    sequences, parts = json_schema()
    made["$defs"]["WorkspaceFile"]["properties"]["sequences"] = {**sequences, "default": []}
    made["$defs"].update(parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Socket Explorer workspace",
        **made,
    }


def _kinds(kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    return [
        {
            "type": "object",
            "description": kind.summary,
            "properties": {"kind": {"const": kind.name}, **{field.name: _field(field) for field in kind.fields}},
            "required": ["kind", *(field.name for field in kind.fields if field.default is None)],
            "additionalProperties": False,
        }
        for kind in kinds
    ]


def _field(field: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"description": field.help}
    if field.default is not None:
        made["default"] = field.default
    if field.type == "bool":
        made["type"] = "boolean"
    elif field.type == "int":
        made["type"] = "integer"
        if field.minimum is not None:
            made["minimum"] = field.minimum
        if field.maximum is not None:
            made["maximum"] = field.maximum
    elif field.type == "rows":
        made["type"] = "array"
        made["maxItems"] = field.maximum or MOST_ROWS
        made["items"] = {
            "type": "object",
            "properties": {column.name: _field(column) for column in field.columns},
            "required": [column.name for column in field.columns if column.default is None],
            "additionalProperties": False,
        }
    elif field.type == "choice":
        made["enum"] = list(field.choices)
    else:
        made["type"] = "string"
        if field.type == "hex":
            made["pattern"] = "^( *[0-9a-fA-F]{2})* *$"
    return made


def render() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    resource("workspace.schema.json").write_text(render(), encoding="utf-8")
