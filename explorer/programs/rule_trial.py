"""A message tried against rules without a network: which one decides, what it does, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.fields import Value, rows_of
from explorer.programs.api import Action, World
from explorer.programs.rule_answers import Counting
from explorer.programs.rule_book import read_rules
from explorer.programs.rule_matching import NO_GROUPS, Groups


@dataclass(frozen=True, slots=True)
class Tried:
    """row: of the rule that decided, from 0; None: none fits, and `otherwise` decided. groups: what its groups fit.
    actions: what is done. why_not: for each other row, a sentence."""

    row: int | None
    groups: Groups
    actions: tuple[Action, ...]
    why_not: tuple[tuple[int, str], ...]


def try_message(values: Mapping[str, Value], payload: bytes, world: World) -> Tried:
    """values: checked. The counter stands at 0. Raises InputError as `make` does."""
    book, counting = read_rules(values), Counting(world)
    ready = {rule.row: rule for rule in book.rules}
    row: int | None = None
    groups: Groups = NO_GROUPS
    actions: tuple[Action, ...] = ()
    why_not: list[tuple[int, str]] = []
    for place in range(len(rows_of(values["rules"]))):
        rule = ready.get(place)
        if rule is None:
            why_not.append((place, "This rule is off."))
            continue
        found = rule.matcher.match(payload)
        if found is None:
            why_not.append((place, rule.matcher.why_not(payload)))
        elif row is not None:
            why_not.append((place, f"It fits too, but row {row + 1} comes first."))
        else:
            row, groups = place, found
            actions = tuple(rule.actions(payload, found, counting))
    if row is None:
        actions = tuple(book.otherwise.actions(payload, NO_GROUPS, counting))
    return Tried(row, groups, actions, tuple(why_not))
