"""A framing in a form: settings that others need, presets, and what was right the last time."""

from __future__ import annotations

import pytest

from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.ui.choice_draft import ChoiceDraft
from explorer.wire.framing import registry
from explorer.wire.framing.api import FramingKind


def names(draft: ChoiceDraft) -> list[str]:
    return [field.name for field in draft.fields]


def test_a_field_counts_while_what_it_needs_is_not_at_its_default() -> None:
    draft = ChoiceDraft(registry, Choice("line"))
    assert names(draft) == ["ending", "max", "checksum"]
    draft.put("checksum_from", "wrong")
    assert draft.check().choice == Choice("line")
    draft.put("checksum", "crc8")
    assert "checksum_from" in names(draft)
    assert list(draft.check().problems) == ["checksum_from"]
    draft.put("checksum_from", "2")
    draft.put("checksum", "none")
    assert draft.check().choice == Choice("line")
    draft.take(Choice("line", {"ending": "any"}))  # the document says nothing of it: what was typed is kept
    draft.put("checksum", "crc8")
    assert draft.check().choice == Choice("line", {"ending": "any", "checksum": "crc8", "checksum_from": 2})
    draft.take(Choice("line", {"checksum": "crc8"}))
    assert draft.check().choice == Choice("line", {"checksum": "crc8"})


def test_the_settings_that_were_right_the_last_time_are_known() -> None:
    draft = ChoiceDraft(registry, Choice("line"))
    draft.kind = "fixed"
    assert draft.check().choice is None
    assert draft.values is None
    draft.put("size", "12")
    draft.check()
    draft.put("size", "12x")
    assert draft.check().choice is None
    assert draft.values is not None
    assert draft.values["size"] == 12


@pytest.mark.parametrize("kind", [kind for kind in registry.kinds() if kind.presets], ids=lambda kind: str(kind.name))
def test_every_preset_is_known_again(kind: FramingKind) -> None:
    draft = ChoiceDraft(registry, Choice(kind.name))
    for preset in kind.presets:
        draft.put_preset(preset)
        checked = draft.check()
        assert checked.choice is not None, checked.problems
        assert check(kind.fields, checked.choice.settings) == check(kind.fields, preset.settings)
        assert draft.preset is preset
        again = ChoiceDraft(registry, checked.choice)
        assert again.preset is preset
        draft.put("max", "4321")
        assert draft.preset is None


def test_a_preset_keeps_its_name_with_a_checksum() -> None:
    presets = registry.find_kind("length").presets
    draft = ChoiceDraft(registry, Choice("length"))
    draft.put_preset(presets[0])
    assert (draft.preset, draft.added) == (presets[0], "")
    draft.put("checksum", "crc16-modbus")
    assert (draft.preset, draft.added) == (presets[0], "Checksum")
    draft.put("max", "4321")
    assert (draft.preset, draft.added) == (None, "")


def test_hex_digits_may_be_written_in_several_ways() -> None:
    [preset] = [one for one in registry.find_kind("delimiter").presets if one.settings.get("hex") == "2424"]
    draft = ChoiceDraft(registry, Choice("delimiter", {"hex": "24 24"}))
    assert draft.preset is preset
    draft.put("hex", "24 2")
    assert draft.preset is None


def orders(draft: ChoiceDraft, *checksums: str) -> list[str | bool]:
    """The byte order that stands there after each of these was chosen."""
    [field] = [one for one in draft.description.fields if one.name == "checksum_order"]
    found = []
    for checksum in checksums:
        draft.put("checksum", checksum)
        found.append(draft.text(field))
    return found


def test_a_checksum_comes_with_the_order_that_is_usual() -> None:
    draft = ChoiceDraft(registry, Choice("line"))
    assert orders(draft, "crc16-modbus", "crc16-xmodem", "crc32", "sum16", "crc16-x25", "none") == [
        "little", "big", "little", "big", "little", "big",
    ]  # fmt: skip


def test_an_order_of_the_users_own_stays() -> None:
    draft = ChoiceDraft(registry, Choice("line"))
    assert orders(draft, "crc16-modbus") == ["little"]
    draft.put("checksum_order", "little")
    assert orders(draft, "crc16-xmodem", "none", "crc8") == ["little"] * 3
    # Of a workspace: it is not the one that is usual, so somebody chose it.
    draft = ChoiceDraft(registry, Choice("line", {"checksum": "crc16-modbus", "checksum_order": "big"}))
    assert orders(draft, "crc16-x25", "crc32") == ["big", "big"]


def test_programs_have_no_presets() -> None:
    from explorer.workspace import PROGRAMS

    draft = ChoiceDraft(PROGRAMS, Choice("echo"))
    assert draft.presets == ()
    assert draft.preset is None
