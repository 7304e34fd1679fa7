"""Program `rules` in a script: the rules in order, by Python's own means.

Fields of answers are written out (`explorer.as_python.fields`), and regular expressions are turned into those of
Python's `re` (`explorer.as_python.expressions`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.as_python import fields
from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.expressions import to_re
from explorer.as_python.template import fill, quoted
from explorer.core.fields import Scalar, Value, rows_of, whole
from explorer.programs.rule_book import read_rules
from explorer.wire.patterns.hexadecimal import parse_shape
from explorer.wire.patterns.text import fold_expression

_USES = {"close": {"close", "send_close"}, "reset": {"reset"}}

CODE = '''
answers_made = itertools.count(0)  # on all connections  #? counter


def on_open(peer):  #? greets
    """Greet whoever connects."""  #? greets
    $greeting  #? greets


def on_message(message):
    """The first rule that fits decides."""
    $rules
'''


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. line: yields it. function: that makes it, for one that is more than an expression."""

    line: str
    written: fields.Written
    function: str = ""


def part(facts: Facts) -> ProgramPart:
    """Raises NoScript for what has no equal in a script."""
    values, encoding = facts.values, str(facts.values["encoding"])
    read_rules(values)
    rows = [(place, row) for place, row in enumerate(rows_of(values["rules"])) if row["enabled"]]
    tests = [_test(row, encoding, f"rules[{place}]") for place, row in rows]
    answers = [
        _answer(row["answer"], str(row["written"]), encoding, names, f"answer_{place + 1}")
        for (place, row), (_, names) in zip(rows, tests, strict=True)
    ]
    last = _answer(values["otherwise_answer"], "text", encoding, (), "other_answer")
    greeting = _answer(values["greeting"] if facts.transport == "tcp" else "", "text", encoding, (), "greeting")
    thens = [str(row["then"]) for _, row in rows]
    sent = [said for then, said in zip(thens, answers, strict=True) if then.startswith("send")]
    otherwise = str(values["otherwise"])
    sent += [last] if otherwise.startswith("send") else []
    greets = greeting.written.expression != 'b""'
    sent += [greeting] if greets else []
    counting = any(said.written.counts for said in sent)
    blocks = [
        _block(row, test, _body(then, said, counting))
        for (_, row), (test, _), then, said in zip(rows, tests, thens, answers, strict=True)
    ]
    code = "\n".join([*blocks, *_body(otherwise, last, counting)])
    if not any(word.startswith("send") for word in (*thens, otherwise)):
        code += "\nyield from ()  # nothing is ever sent"
    flags = {name for name, holds in (("counter", counting), ("greets", greets)) if holds}
    uses = {use for use, words in _USES.items() if {*thens, otherwise} & words}
    if any(whole(row["delay"]) for _, row in rows):
        uses.add("wait")
    functions = [*fields.functions([said.written for said in sent]), *(said.function for said in sent)]
    main = fill(CODE, flags, {"rules": code, "greeting": "\n".join(_sent(greeting, counting))})
    return ProgramPart(
        "Answers by rules: the first one that fits a message decides.",
        "\n\n\n".join([*filter(None, functions), main]),
        opens=greets,
        uses=frozenset(uses),
        unlike=_unlike([row for _, row in rows], encoding),
    )


def _unlike(rows: list[Mapping[str, Scalar]], encoding: str) -> tuple[str, ...]:
    said = []
    if any(row["match"] == "regex" for row in rows):
        said.append(
            "(Python's re tries one way after the other, so over some regular expressions it takes very long; the app "
            "takes time in proportion to the message.)"
        )
    folded = "".join(str(row["pattern"]) for row in rows if row["ignore_case"] and row["match"] not in ("regex", "any"))
    if folded.isascii() and set("ks") & set(folded.lower()) and encoding.startswith("utf"):
        said.append("(Only A to Z have capitals here; Unicode also knows the Kelvin sign as a K, and a long s.)")
    return tuple(said)


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
        if text.isascii() and "aA".encode(encoding) == b"aA":
            return _search(_placed(how, re.escape(text).encode("ascii")), "re.IGNORECASE"), ()
        return _search(_placed(how, fold_expression(text, encoding)[0])), ()
    if written == "hex" and "?" in pattern:
        return _search(_placed(how, shape(pattern)), "re.DOTALL"), ()
    data = quoted(_bytes(pattern, written, encoding))
    tests = {
        "exact": f"message == {data}",
        "starts": f"message.startswith({data})",
        "contains": f"{data} in message",
        "ends": f"message.endswith({data})",
    }
    return f"if {tests[how]}:", ()


def _expression(pattern: str, encoding: str, ignore_case: bool, path: str) -> tuple[str, tuple[str, ...]]:
    made = to_re(pattern, encoding, ignore_case, f"$.program.{path}.pattern")
    flags = ["re.MULTILINE"] if re.search(r"[\^$]", made.text) else []
    flags += ["re.IGNORECASE"] if ignore_case else []
    return _search(made.text.encode("ascii"), " | ".join(flags)), made.names


def _search(expression: bytes, flags: str = "") -> str:
    return f"found = re.search({raw_literal(expression)}, message{', ' if flags else ''}{flags})\nif found:"


def raw_literal(expression: bytes) -> str:
    """A literal that is easy to read: raw where that can be."""
    text = expression.decode("latin-1")
    easy = text.isascii() and text.isprintable() and not text.endswith("\\")
    for quote in ('"', "'"):
        if easy and quote not in text:
            return f"rb{quote}{text}{quote}" if "\\" in text else f"b{quote}{text}{quote}"
    return quoted(expression)


def _placed(how: str, expression: bytes) -> bytes:
    before = b"" if how in ("contains", "ends") else rb"\A"
    behind = b"" if how in ("contains", "starts") else rb"\Z"
    return before + expression + behind


def shape(pattern: str) -> bytes:
    """Hex digits with ? for any, as a regular expression for re.DOTALL."""
    values, masks = parse_shape(pattern)
    made = b""
    for value, mask in zip(values, masks, strict=True):
        if mask == 0xFF:
            made += b"\\x%02x" % value
        elif mask == 0xF0:
            made += b"[\\x%02x-\\x%02x]" % (value, value | 0x0F)
        elif mask:
            made += b"[" + b"".join(b"\\x%02x" % (high << 4 | value) for high in range(16)) + b"]"
        else:
            made += b"."
    return made


def _bytes(text: str, written: str, encoding: str) -> bytes:
    from explorer.wire.escapes import parse_escaped

    return parse_shape(text)[0] if written == "hex" else parse_escaped(text, encoding)


def _answer(text: Value, written: str, encoding: str, names: tuple[str, ...], called: str) -> Said:
    """Raises NoScript for an answer that can never be sent."""
    pieces = fields.read(
        str(text), "hex" if written == "hex" else "text", encoding, lambda name: name == "message" or name in names
    )

    def put(name: str) -> str:
        return "message" if name == "message" else f'(found[{name if name.isdigit() else quoted(name)}] or b"")'

    made = fields.write(pieces, put, lambda why: [f'print("Not sent: {why}.")', "return"])
    if not made.lines:
        return Said(f"yield {made.expression}", made)
    used = {piece for piece in pieces if isinstance(piece, str)}
    wants = (("message", "message" in used), ("found", bool(used - {"message"})), ("count", made.counts))
    parameters = ", ".join(name for name, wanted in wants if wanted)
    lines = [f"def {called}({parameters}):", '    """This answer, put together from its parts."""']
    lines += [f"    {line}" for line in (*made.lines, f"yield {made.expression}")]
    return Said(f"yield from {called}({parameters})", made, "\n".join(lines))


def _sent(said: Said, counting: bool) -> list[str]:
    """Lines that send it. counting: some answer tells how many were made."""
    return [*(["count = next(answers_made)"] if counting else []), said.line]


def _body(then: str, said: Said, counting: bool) -> list[str]:
    """What a rule does, as lines."""
    lines = _sent(said, counting) if then.startswith("send") else []
    if then in _USES["close"]:
        lines.append("raise CloseConnection")
    elif then in _USES["reset"]:
        lines.append("raise ResetConnection")
    return lines
