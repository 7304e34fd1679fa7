"""What stands in the settings form: valid values go to the document, the rest stays with its sentence."""

import pytest

from explorer.core.errors import InputError
from explorer.core.fields import Field
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.programs import registry as programs
from explorer.ui.choice_draft import ChoiceDraft, parse_field, parse_whole_number
from explorer.ui.option_fields import OPTION_FIELDS, OptionField, count_set, with_texts
from explorer.ui.spec_draft import SpecDraft, parse_buffer_size, parse_host, parse_name, reach
from explorer.wire.framing import registry as framings

SPEC = SocketSpec("echo", port=9000)


def draft_of(spec: SocketSpec = SPEC) -> SpecDraft:
    return SpecDraft(spec, framings, programs)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "localhost", "fe80::1%eth0", "0.0.0.0", "[::1]", " dévice "])
def test_hosts_that_can_be_used(text: str) -> None:
    assert parse_host(text) == text.strip().strip("[]")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "A host is needed"),
        ("  ", "A host is needed"),
        ("9007", "9007 is a number, not a host. Is it the port[?] That has a field of its own."),
        ("2130706433", "2130706433 is a number, not a host. Write a name or an address"),
        ("a b", "has a space"),
        ("http://device", "only the name or address"),
        ("127.0.0.1:9000", "write only 127.0.0.1 here"),
        ("[::1]:9000", "The port has a field of its own"),
        ("1:2:3", "not an IPv6 address"),
        ("256.1.1.1", "not an IPv4 address"),
        ("x" * 300, "at most 253"),
    ],
)
def test_hosts_that_cannot(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_host(text)


@pytest.mark.parametrize(("text", "size"), [("1", 1), ("4,096", 4096), ("1 048 576", 1_048_576)])
def test_buffer_sizes(text: str, size: int) -> None:
    assert parse_buffer_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1048577", "4k", "1.5", "9" * 30, "²"])
def test_buffer_sizes_that_cannot_be(text: str) -> None:
    with pytest.raises(InputError, match="Buffer size"):
        parse_buffer_size(text)


def test_names_are_used_once() -> None:
    assert parse_name(" echo ", {"other"}) == "echo"
    for text in ("", "other", "n" * 201):
        with pytest.raises(InputError):
            parse_name(text, {"other"})


def test_half_of_a_character_could_not_be_saved() -> None:
    for parse in (lambda text: parse_name(text, ()), parse_host):
        with pytest.raises(InputError, match=r"half of a character here \(U\+D83D\)"):
            parse("a\ud83d")


def test_whole_numbers() -> None:
    assert parse_whole_number("-2", "Adjustment", "adjustment") == -2
    with pytest.raises(InputError, match="'--2' is not"):
        parse_whole_number("--2", "Adjustment", "adjustment")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (SocketSpec("a", host="0.0.0.0", port=1), "Every machine that can reach this one can connect."),
        (SocketSpec("a", host="::", port=1), "Every machine that can reach this one can connect."),
        (SocketSpec("a", transport="udp", host="::", port=1), "Every machine that can reach this one can send to it."),
        (SocketSpec("a", port=1), "Only programs on this machine can connect."),
        (SocketSpec("a", port=0), "The system will choose a free port. Only programs on this machine can connect."),
        (SocketSpec("a", host="10.0.0.7", port=1), "Machines that can reach 10.0.0.7 can connect."),
        (SocketSpec("a", role="client", host="10.0.0.7", port=1), ""),
        (SocketSpec("a", role="client", host="0.0.0.0", port=1), "use 127.0.0.1 or ::1"),
    ],
)
def test_reach_says_who_can_connect(spec: SocketSpec, says: str) -> None:
    assert says in reach(spec)
    assert bool(says) == bool(reach(spec))


def test_what_is_wrong_stays_out_of_the_document() -> None:
    draft = draft_of()
    draft.put("port", "70000")
    draft.put("host", "::1")
    read = draft.read(())
    assert set(read.problems) == {"port"}
    assert (read.spec.host, read.spec.port) == ("::1", 9000)
    draft.settle(read.spec)
    assert draft.text("port") == "70000"


def test_a_change_elsewhere_keeps_what_was_typed() -> None:
    draft = draft_of()
    draft.put("port", "abc")
    draft.take(SocketSpec("other", port=9000))
    assert draft.text("port") == "abc"
    draft.take(SocketSpec("other", port=9001))
    assert draft.text("port") == "9001"


def test_a_client_without_a_port_stays_a_server_until_it_has_one() -> None:
    draft = draft_of(SocketSpec("echo", port=0))
    draft.put("role", "client")
    read = draft.read(())
    assert "Port 0 lets the system choose" in read.problems["port"]
    assert read.spec.role == "server"
    draft.settle(read.spec)
    draft.put("port", "7")
    read = draft.read(())
    assert (read.spec.role, read.spec.port, read.problems) == ("client", 7, {})


def test_a_number_written_another_way_is_tidied_when_the_keyboard_leaves() -> None:
    draft = draft_of()
    draft.put("buffer_size", "8,192")
    draft.settle(draft.read(()).spec)
    assert draft.text("buffer_size") == "8,192"
    draft.tidy("buffer_size")
    assert draft.text("buffer_size") == "8192"


def test_choice_with_a_setting_missing() -> None:
    draft = ChoiceDraft(framings, Choice("line"))
    draft.kind = "delimiter"
    assert draft.check().choice is None
    assert "hex" in draft.check().problems
    draft.put("hex", "0")
    assert "pairs" in draft.check().problems["hex"]
    draft.put("hex", "0d 0a")
    assert draft.check().choice == Choice("delimiter", {"hex": "0d 0a"})


def test_choice_remembers_what_was_typed_for_each_kind() -> None:
    draft = ChoiceDraft(framings, Choice("fixed", {"size": 10}))
    draft.put("size", "1x")
    draft.kind = "line"
    assert draft.check().choice == Choice("line")
    draft.kind = "fixed"
    assert draft.text(draft.description.fields[0]) == "1x"


def test_choice_whose_settings_do_not_fit_together_names_the_field() -> None:
    draft = ChoiceDraft(framings, Choice("length"))
    draft.put("max", "3")
    draft.put("offset", "9")
    assert set(draft.check().problems) == {"offset"}


def test_choice_from_outside_replaces_what_differs_only() -> None:
    draft = ChoiceDraft(framings, Choice("line", {"max": 100}))
    longest = draft.description.fields[1]
    draft.put("max", "1,000")
    draft.take(Choice("line", {"max": 1000}))
    assert draft.text(longest) == "1,000"
    draft.take(Choice("line", {"max": 2000, "ending": "crlf"}))
    assert draft.text(longest) == "2000"
    assert draft.check().choice == Choice("line", {"ending": "crlf", "max": 2000})


def test_every_type_of_field_is_read() -> None:
    assert parse_field(Field("a", "bool", False, "A", ""), True) is True
    assert parse_field(Field("a", "text", "", "A", ""), " x ") == " x "
    assert parse_field(Field("a", "choice", "b", "A", "", choices=("b", "c")), "c") == "c"
    with pytest.raises(InputError):
        parse_field(Field("a", "int", 1, "A", "", minimum=1, maximum=5), "6")


# -- options --------------------------------------------------------------------------------------


def test_every_option_of_a_spec_has_a_field() -> None:
    assert {field.name for field in OPTION_FIELDS} == set(SocketOptions.__slots__)
    assert all(field.label and field.why.endswith(".") for field in OPTION_FIELDS)


def test_options_from_texts() -> None:
    options, problems = with_texts(
        SocketOptions(backlog=3),
        {"backlog": "", "no_delay": "on", "keep_alive": "off", "timeout": "1.5", "local_host": "[::1]", "linger": "0"},
    )
    assert problems == {}
    assert options == SocketOptions(no_delay=True, keep_alive=False, timeout=1.5, local_host="::1", linger=0)


@pytest.mark.parametrize(
    ("name", "text"),
    [("backlog", "-1"), ("backlog", "x"), ("timeout", "0"), ("timeout", "nan"), ("timeout", "soon"),
     ("receive_buffer", "0"), ("local_port", "65536"), ("linger", "40000"), ("local_host", "a b")],
)  # fmt: skip
def test_options_that_cannot_be(name: str, text: str) -> None:
    options, problems = with_texts(SocketOptions(), {name: text})
    assert set(problems) == {name}
    assert options == SocketOptions()


def test_options_are_written_as_they_are_read() -> None:
    options = SocketOptions(backlog=5, no_delay=False, timeout=2.5, local_host="::1")
    texts = {field.name: field.write(options) for field in OPTION_FIELDS}
    assert with_texts(SocketOptions(), texts) == (options, {})


def option(name: str) -> OptionField:
    return next(field for field in OPTION_FIELDS if field.name == name)


def test_options_say_where_they_apply() -> None:
    assert option("backlog").absent(SocketSpec("a")) == ""
    assert option("backlog").absent(SocketSpec("a", role="client")) == "Only for servers."
    assert option("backlog").absent(SocketSpec("a", transport="udp")) == "Only for TCP."
    assert option("broadcast").absent(SocketSpec("a")) == "Only for UDP."
    assert option("ipv6_only").absent(SocketSpec("a")) == "Only for IPv6."
    assert option("ipv6_only").absent(SocketSpec("a", host="::")) == ""
    assert count_set(SocketSpec("a", options=SocketOptions(backlog=1, broadcast=True))) == 1


def test_half_of_a_wrong_text_does_not_stay_in_the_document() -> None:
    draft = draft_of(SocketSpec("a", port=9000))
    for text in ("7", "70", "700", "7000"):
        draft.put("port", text)
        read = draft.read(())
        draft.settle(read.spec)
    assert read.spec.port == 7000
    draft.put("port", "70000")
    read = draft.read(())
    draft.settle(read.spec)
    assert read.spec.port == 9000
    assert "port" in read.problems
    assert draft.text("port") == "70000"
    draft.put("port", "7001")
    assert draft.read(()).spec.port == 7001
