"""Program `rules` in a script: the rules in order, as functions of Python's own means.

Answers may hold parts of the message and the count of answers. Other fields (times, chance, lengths, checksums) have
a library of their own in the app; rules that use one have no script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.as_python.api import Facts, NoScript, ProgramPart
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Scalar, Value, rows_of, whole
from explorer.programs.rule_book import read_rules
from explorer.wire.patterns.expression import compile_groups
from explorer.wire.template_fields import Fixed
from explorer.wire.typed_message import read_message

_FIELD = re.compile(r"\{\{(?!\{)([^{}]*)\}\}")

_USES = {"close": {"close", "send_close"}, "reset": {"reset"}}

CODE = '''
answers_made = itertools.count(0)  # on all connections  #? counter


def on_open(peer):  #? greets
    """Greet whoever connects."""  #? greets
    count = next(answers_made)  #? greets & greeting_counts
    yield $greeting  #? greets


def on_message(message):
    """The first rule that fits decides."""
    $rules
'''


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as an expression. counts: it tells how many were made."""

    expression: str
    counts: bool


def part(facts: Facts) -> ProgramPart:
    """Raises NoScript for what has no equal in a script."""
    values, encoding = facts.values, str(facts.values["encoding"])
    read_rules(values)
    rows = [(place, row) for place, row in enumerate(rows_of(values["rules"])) if row["enabled"]]
    tests = [_test(row, encoding, f"rules[{place}]") for place, row in rows]
    answers = [
        _answer(row["answer"], str(row["written"]), encoding, names)
        for (_, row), (_, names) in zip(rows, tests, strict=True)
    ]
    last = _answer(values["otherwise_answer"], "text", encoding, ())
    greeting = _answer(values["greeting"] if facts.transport == "tcp" else "", "text", encoding, ())
    thens = [str(row["then"]) for _, row in rows]
    sent = [said for then, said in zip(thens, answers, strict=True) if then.startswith("send")]
    otherwise = str(values["otherwise"])
    sent += [last] if otherwise.startswith("send") else []
    counting = any(said.counts for said in (*sent, greeting))
    blocks = [
        _block(row, test, _body(then, said, counting))
        for (_, row), (test, _), then, said in zip(rows, tests, thens, answers, strict=True)
    ]
    code = "\n".join([*blocks, *_body(otherwise, last, counting)])
    if not sent:
        code += "\nyield from ()  # nothing is ever sent"
    greets = greeting.expression != 'b""'
    given = (("counter", counting), ("greets", greets), ("greeting_counts", counting))
    flags = {name for name, holds in given if holds}
    uses = {use for use, words in _USES.items() if {*thens, otherwise} & words}
    if any(whole(row["delay"]) for _, row in rows):
        uses.add("wait")
    return ProgramPart(
        "Answers by rules: the first one that fits a message decides.",
        fill(CODE, flags, {"rules": code, "greeting": greeting.expression}),
        opens=greets,
        uses=frozenset(uses),
        unlike=("(Regular expressions look at bytes here; in the app, a dot is a whole character.)",)
        * any(row["match"] == "regex" for _, row in rows),
    )


def _block(row: Mapping[str, Scalar], test: str, body: list[str]) -> str:
    """One rule: its test, and what is done."""
    delay = (
        [f"yield {whole(row['delay']) / 1000}  # seconds"] if whole(row["delay"]) and row["then"] != "ignore" else []
    )
    name = f"  # {row['name']}" if row["name"] and str(row["name"]).isprintable() else ""
    ends = [] if body and body[-1].startswith("raise") else ["return"]
    return f"{test}{name}\n" + "\n".join(f"    {line}" for line in [*delay, *body, *ends])


def _test(row: Mapping[str, Scalar], encoding: str, path: str) -> tuple[str, tuple[str, ...]]:
    """The line that asks whether a rule fits, and the names of what it remembers."""
    how, pattern, written = str(row["match"]), str(row["pattern"]), str(row["written"])
    if how == "any":
        return "if True:", ()
    if how == "regex":
        return _expression(pattern, encoding, bool(row["ignore_case"]), path)
    if row["ignore_case"] and written == "text":
        text = _bytes(pattern, "text", encoding).decode(encoding)
        if not text.isascii():
            raise NoScript(
                f"$.program.{path}.pattern",
                "In bytes, Python's re knows capitals of ASCII alone. Let capitals count here to see a script.",
            )
        return _search(_placed(how, re.escape(text).encode(encoding)), "re.IGNORECASE"), ()
    if written == "hex" and "?" in pattern:
        return _search(_placed(how, _shape(pattern)), "re.DOTALL"), ()
    data = quoted(_bytes(pattern, written, encoding))
    tests = {
        "exact": f"message == {data}",
        "starts": f"message.startswith({data})",
        "contains": f"{data} in message",
        "ends": f"message.endswith({data})",
    }
    return f"if {tests[how]}:", ()


def _expression(pattern: str, encoding: str, ignore_case: bool, path: str) -> tuple[str, tuple[str, ...]]:
    compiled = compile_groups(pattern, encoding, ignore_case)
    try:
        data = pattern.encode("ascii")
        ours = re.compile(data)
    except (UnicodeEncodeError, re.error):
        raise NoScript(
            f"$.program.{path}.pattern",
            "This regular expression means something to the app that Python's re does not know. Write it with "
            "ASCII characters and without what is special to RE2, to see it as a script.",
        ) from None
    if re.search(r"\\[pPzCQ]|\[\[:|\(\?[^P:)]", pattern) or ours.groups != compiled.groups:
        raise NoScript(
            f"$.program.{path}.pattern",
            "This regular expression uses what is special to RE2, so Python's re would take it otherwise. Write "
            "it without, to see it as a script.",
        )
    names = (*map(str, range(1, ours.groups + 1)), *ours.groupindex)
    return _search(data, "re.IGNORECASE" if ignore_case else "0"), names


def _search(expression: bytes, flags: str) -> str:
    more = f", {flags}" if flags != "0" else ""
    return f"found = re.search({quoted(expression)}, message{more})\nif found:"


def _placed(how: str, expression: bytes) -> bytes:
    before = b"" if how in ("contains", "ends") else rb"\A"
    behind = b"" if how in ("contains", "starts") else rb"\Z"
    return before + expression + behind


def _shape(pattern: str) -> bytes:
    """Hex digits with ? for any, as a regular expression."""
    digits = "".join(pattern.split())
    made = b""
    for high, low in zip(digits[::2], digits[1::2], strict=True):
        fits = [value for value in range(256) if _fits(f"{value:02x}", high.lower(), low.lower())]
        made += b"." if len(fits) == 256 else b"[" + b"".join(b"\\x%02x" % value for value in fits) + b"]"
    return made


def _fits(value: str, high: str, low: str) -> bool:
    return high in ("?", value[0]) and low in ("?", value[1])


def _bytes(text: str, written: str, encoding: str) -> bytes:
    from explorer.wire.escapes import parse_escaped

    return bytes.fromhex(text) if written == "hex" else parse_escaped(text, encoding)


def _answer(text: Value, written: str, encoding: str, names: tuple[str, ...]) -> Said:
    """An answer as an expression that makes its bytes. Raises NoScript for a field that a script cannot fill."""
    said, at, pieces, fields = str(text), 0, list[str](), set[str]()
    for field in _FIELD.finditer(said):
        pieces += _fixed(said[at : field.start()], written, encoding)
        name = field[1].strip()
        fields.add(name)
        if name == "message":
            pieces.append("message")
        elif name in names:
            pieces.append(f'(found[{name if name.isdigit() else quoted(name)}] or b"")')
        elif name == "counter":
            pieces.append('b"%d" % count')
        else:
            raise NoScript(
                "$.program",
                f"An answer has the field {{{{{field[1]}}}}}. In a script, answers can hold text, {{{{message}}}}, "
                "{{counter}} and groups; take the field out to see one.",
            )
        at = field.end()
    pieces += _fixed(said[at:], written, encoding)
    return Said(" + ".join(pieces) or 'b""', "counter" in fields)


def _fixed(text: str, written: str, encoding: str) -> list[str]:
    if not text:
        return []
    parts = read_message("hex" if written == "hex" else "text", text, encoding, True).parts
    data = b"".join(part.data for part in parts if isinstance(part, Fixed))
    return [quoted(data)] if data else []


def _body(then: str, said: Said, counting: bool) -> list[str]:
    """What a rule does, as lines. counting: some answer tells how many were made."""
    lines = []
    if then.startswith("send"):
        if counting:
            lines.append("count = next(answers_made)")
        lines.append(f"yield {said.expression}")
    if then in _USES["close"]:
        lines.append("raise CloseConnection")
    elif then in _USES["reset"]:
        lines.append("raise ResetConnection")
    return lines
