"""Rules made ready: what the settings of the program `rules` say, read once for a socket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from explorer.core.errors import InputError
from explorer.core.fields import Value, rows_of, whole
from explorer.programs.api import Action, Close, Reset, Wait
from explorer.programs.rule_answers import Answer, Counting
from explorer.programs.rule_matching import NO_GROUPS, Groups, Matcher, make_matcher

SCANNED_AT_ONCE = 8 << 20  # bytes that rules look through before other connections have their turn


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is on, made ready. row: where it stands in the list, from 0. delay: seconds."""

    row: int
    matcher: Matcher
    then: str
    answer: Answer
    delay: float = 0.0

    def actions(self, message: bytes, groups: Groups, counting: Counting) -> Iterator[Action]:
        """What is done when it fits."""
        if self.then == "ignore":
            return
        if self.delay:
            yield Wait(self.delay)
        if self.then in ("send", "send_close"):
            yield self.answer.fill(message, groups, counting)
        if self.then in ("close", "send_close"):
            yield Close()
        elif self.then == "reset":
            yield Reset()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All that the settings say. rules: those that are on, in order. otherwise: what happens without a match."""

    rules: tuple[Rule, ...]
    otherwise: Rule
    greeting: Answer

    def answer(self, message: bytes, counting: Counting) -> Iterator[Action]:
        """What is done about a message. Many rules over a long one take more than one turn."""
        scanned = 0
        for rule in self.rules:
            scanned += len(message)
            if scanned > SCANNED_AT_ONCE:
                scanned = 0
                yield Wait(0.0)
            groups = rule.matcher.match(message)
            if groups is not None:
                yield from rule.actions(message, groups, counting)
                return
        yield from self.otherwise.actions(message, NO_GROUPS, counting)


def read_rules(values: Mapping[str, Value]) -> RuleBook:
    """Raises InputError with the path of the cell or field."""
    encoding = str(values["encoding"])
    rules = tuple(
        _read_rule(row, place, encoding) for place, row in enumerate(rows_of(values["rules"])) if row["enabled"]
    )
    nothing = make_matcher("any", "", "text", encoding, False)
    otherwise = read_answer("otherwise_answer", str(values["otherwise_answer"]), "text", encoding, ())
    greeting = read_answer("greeting", str(values["greeting"]), "text", encoding, ())
    return RuleBook(rules, Rule(-1, nothing, str(values["otherwise"]), otherwise), greeting)


def _read_rule(row: Mapping[str, int | str | bool], place: int, encoding: str) -> Rule:
    path, written = f"rules[{place}]", str(row["written"])
    try:
        matcher = make_matcher(str(row["match"]), str(row["pattern"]), written, encoding, bool(row["ignore_case"]))
    except InputError as error:
        raise InputError(f"{path}.pattern", error.message) from None
    answer = read_answer(f"{path}.answer", str(row["answer"]), written, encoding, matcher.names)
    return Rule(place, matcher, str(row["then"]), answer, whole(row["delay"]) / 1000)


def read_answer(path: str, text: str, written: str, encoding: str, names: Collection[str]) -> Answer:
    try:
        return Answer(text, written, encoding, names)
    except InputError as error:
        raise InputError(path, error.message) from None
