"""Messages that end with certain bytes: lines of text, and delimiters.

Text is known beforehand: nobody doubts that a line feed in it ends a line, or that the only control character in it
is there for a purpose. In other bytes a delimiter must come more often than chance lets it, and end the samples.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import log, log2

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.evidence import MOST, Background, Span, counted, weigh
from explorer.wire.framing.guess.proposals import Proposal

# Bell, backspace, tab, line ends, form feed and escape are met in text that is sent to terminals.
TEXT = bytes((7, 8, 9, 10, 12, 13, 27, *range(32, 127), *range(128, 256)))
NO_TEXT = bytes(byte for byte in range(256) if byte < 32 or byte > 126)
LINE_BITS = 40.0  # that a line feed in text ends a line is known beforehand
LINE_NAMES = {"lf": "LF", "crlf": "CR LF", "any": "LF or CR LF"}
MOSTLY = 0.9  # of lines are text, where not all are
CONTROLS = bytes(byte for byte in range(32) if byte not in (9, 10, 27))
STARTS = (b"\x01", b"\x02", b"\x0b")  # SOH, STX, VT
LONGEST_CONTROL = 3
CONTROL_NAMES = {0: "NUL", 3: "ETX", 4: "EOT", 12: "FF", 13: "CR", 23: "ETB", 28: "FS", 29: "GS", 30: "RS", 31: "US"}
# Visible characters that are met as ends of messages, with the bits of their rarity.
VISIBLE = {b";": 2.0, b"|": 3.0, b"#": 4.0, b"!": 4.0, b"$": 5.0, b"~": 5.0, b"^": 5.0, b">": 5.0, b"&": 6.0}
VISIBLE |= {b"*": 6.0, b"@": 6.0, b"%": 6.0, b"\t": 7.0}
KNOWN = (
    b"]]>]]>",
    b"\r\n.\r\n",
    b"}",
    b"\0",
    b"\r",
    b"\n",
    b"\x03",
    b"\x04",
    b"\x1e",
    b"\r\n",
    b"\n\n",
    b"\r\n\r\n",
    *VISIBLE,
)
SINGLE = (b"}", b"\x03", b"\x04", b"\n", b"\r", b"\x17", b"\x1e", b"\x7e", b"\xc0", b"\xfe", b"\xff")  # among any bytes
LONGEST = 16  # bytes of a delimiter
COLUMNS = 3
LEAST = 3
NEEDED = 24.0  # bits
LEADING_TEXT = re.compile(rb"[ -~]+")
WORD = re.compile(rb"[0-9A-Za-z \"',.]")
FAR_LESS = 1.5  # times
EMPTY = 0.1  # of the messages may be empty between delimiters that chance is to explain
COUNTED = 1 << 15  # bytes in which pairs are counted


def is_text(data: bytes) -> bool:
    """Whether these bytes are UTF-8, or nearly (a character cut at the end), without control characters."""
    if data.translate(None, TEXT):
        return False
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 3 and error.reason == "unexpected end of data"
    return True


def line_proposals(samples: Sequence[bytes]) -> list[Proposal]:
    """Lines, where the samples are text with line ends, or nearly."""
    feeds = sum(sample.count(b"\n") for sample in samples)
    both = sum(sample.count(b"\r\n") for sample in samples)
    if not feeds:
        return []
    ending = "lf" if not both else "crlf" if both == feeds else "any"
    name = LINE_NAMES[ending]
    texts, lines = feeds, feeds
    if not all(map(is_text, samples)):
        pieces = [line for sample in samples for line in sample.split(b"\n")[:-1]]
        texts, lines = sum(map(is_text, pieces)), len(pieces)
        if texts < MOSTLY * lines or 2 * sum(len(line) for line in pieces if is_text(line)) < sum(map(len, samples)):
            return []

    def reason(count: int) -> str:
        ends = f"Every message ends with {name}"
        if texts == lines:
            return f"{ends} and what stands before it is text: {count:,} of {count:,}."
        return f"{ends}, and what stands before it is text in {texts:,} of {lines:,}."

    whole = texts == lines
    bits = LINE_BITS + feeds if whole else NEEDED + feeds / 2
    return [Proposal(Choice("line", {"ending": ending}), f"Lines ({name})", reason, 4 if whole else 2, bits)]


def delimiter_proposals(samples: Sequence[bytes], background: Background) -> list[Proposal]:
    """Delimiters, the likeliest of each sort."""
    return [*_control_in_text(samples), *_visible_in_text(samples, background), *_repeated(samples, background)]


def _count(samples: Sequence[bytes], delimiter: bytes) -> int:
    return sum(sample.count(delimiter) for sample in samples)


def _ends(samples: Sequence[bytes], delimiter: bytes) -> bool:
    return all(sample.endswith(delimiter) for sample in samples)


def _control_in_text(samples: Sequence[bytes]) -> Iterator[Proposal]:
    """Control characters at the end of each message, and perhaps one at its beginning, in what is text otherwise."""
    first = samples[0]
    end = len(first.rstrip(CONTROLS))
    delimiter, begin = first[end:][-LONGEST_CONTROL:], first[:1] if first[:1] in STARTS else b""
    while delimiter.startswith(delimiter[-1:]) and len(delimiter) > 1:
        delimiter = delimiter[1:]  # empty messages end the sample
    if not delimiter or begin == delimiter or not all(sample.endswith(delimiter) for sample in samples):
        return
    if delimiter == b"\r" and any(b"\n" in sample for sample in samples):
        return
    pieces = [piece for sample in samples for piece in sample.split(delimiter)[:-1]]
    if 4 * pieces.count(b"") > len(pieces) or sum(map(len, pieces)) < 2 * len(pieces):
        return  # zeros side by side, and single letters between zeros, are numbers
    if pieces[0] and all(piece.startswith(begin) and is_text(piece[len(begin) :]) for piece in pieces):
        yield _proposal(delimiter, 4, LINE_BITS + 8 * len(pieces), _text_reason(delimiter))


def _visible_in_text(samples: Sequence[bytes], background: Background) -> Iterator[Proposal]:
    """A visible character that ends all samples of text without lines."""
    if not all(is_text(sample) and b"\n" not in sample and b"\r" not in sample for sample in samples):
        return
    for delimiter, cost in VISIBLE.items():
        if not all(sample.endswith(delimiter) and not sample.startswith(delimiter) for sample in samples):
            continue
        spans = spans_before(samples, delimiter)
        if sum(span.size == 1 for span in spans) > EMPTY * len(spans):
            continue
        bits = len(samples) * background.cost(delimiter[0]) - cost
        used = counted(spans, samples)
        bits += max(0.0, weigh(used, samples, COLUMNS, background).bits)
        if len(used) >= LEAST and 4 * len(used) > len(spans) and bits > 0:
            yield _proposal(delimiter, 4, LINE_BITS + bits, _text_reason(delimiter))


def _repeated(samples: Sequence[bytes], background: Background) -> Iterator[Proposal]:
    """Bytes that end the samples and come far more often than by chance; where samples were cut, that come so."""
    best: tuple[float, bytes] = (NEEDED, b"")
    text = all(map(is_text, samples))
    lines = text and any(b"\n" in sample for sample in samples)
    text = text and not lines
    for delimiter in _candidates(samples):
        if lines and delimiter in (b"\n", b"\r\n"):
            continue
        bits = _repeated_bits(delimiter, samples, background)
        if bits > 0 and text:
            bits += NEEDED  # that text without lines ends with such a thing is odd enough
        known = best[1]
        # A longer end that comes far less often is a delimiter together with what stands before it now and then.
        rare = known and delimiter.endswith(known) and FAR_LESS * _count(samples, delimiter) < _count(samples, known)
        if bits > best[0] and not rare:
            best = (bits, delimiter)
    bits, delimiter = best
    if delimiter:
        rank = 4 if text else 2 if _ends(samples, delimiter) else 1
        yield _proposal(delimiter, rank, bits, _repeated_reason(delimiter, samples))


def _candidates(samples: Sequence[bytes]) -> Iterator[bytes]:
    """What may be a delimiter: common ends of the samples, one for each way of cutting them, and frequent pairs."""
    first = min(samples, key=len)
    ends: dict[int, list[bytes]] = {}
    for size in range(1, min(LONGEST, len(first)) + 1):
        end = first[-size:]
        if all(sample.endswith(end) for sample in samples):
            ends.setdefault(_count(samples, end), []).append(end)
    for count, same in ends.items():
        if count >= LEAST:
            yield _likeliest(same)
    pairs = Counter(pair for sample in samples for pair in pairwise(sample[: COUNTED // len(samples)]))
    for pair, count in pairs.most_common(4):
        if count >= 2 * LEAST:
            yield _before_front(_grown(bytes(pair), samples), samples)


def _likeliest(ends: Sequence[bytes]) -> bytes:
    """One of these ends, each longer than the one before, which cut the samples in the same places.

    The more of it is the same, the more belongs to the delimiter, but for what ends text.
    """
    for end in ends:
        if end in KNOWN:
            return end
    strange = [end for end in ends if end[0] in NO_TEXT]
    plausible = [end for end in ends if _plausible(end)]
    return [*ends[:1], *plausible, *strange][-1]


def _grown(part: bytes, samples: Sequence[bytes]) -> bytes:
    """`part` with the bytes around it that are the same wherever it comes."""
    for _ in range(LONGEST):
        around: list[tuple[bytes, bytes]] = []
        for sample in samples:
            at = sample.find(part)
            while at >= 0 and len(around) < 64:
                end = at + len(part)
                around.append((sample[at - 1 : at] if at else b"", sample[end : end + 1]))
                at = sample.find(part, end)
        before, after = Counter(pair[0] for pair in around), Counter(pair[1] for pair in around)
        (left, lefts), (right, rights) = before.most_common(1)[0], after.most_common(1)[0]
        # Some may be there by chance, or at the edge of a sample, where nothing is around.
        least = 0.9 * len(around) - 1
        grows = left * (lefts >= least), right * (rights >= least)
        if not any(grows):
            break
        part = grows[0] + part + grows[1]
    return part


def _before_front(part: bytes, samples: Sequence[bytes]) -> bytes:
    """`part` without its end where the samples begin with that: it belongs to the front of messages."""
    for at in range(len(part)):
        if all(sample.startswith(part[at:]) for sample in samples):
            return part[:at]
    return part


def _repeated_bits(delimiter: bytes, samples: Sequence[bytes], background: Background) -> float:
    """How much more often it comes than by chance, and what stands behind it; 0 where it cannot be a delimiter."""
    if not delimiter or any(sample.startswith(delimiter) for sample in samples) or not _plausible(delimiter):
        return 0.0
    longer = _count(samples, delimiter + delimiter[-1:])
    spans = spans_before(samples, delimiter)
    if 2 * longer > len(spans):
        return 0.0
    empty = sum(span.size == len(delimiter) for span in spans)
    if len(spans) < LEAST or empty > EMPTY * len(spans):
        return 0.0
    if len(delimiter) > 1 and len(counted(spans, samples)) < LEAST:
        return 0.0
    chance = 2.0 ** -sum(background.cost(byte) for byte in delimiter)
    expected = chance * sum(map(len, samples))
    bits, count = 0.0, _count(samples, delimiter)
    if len(delimiter) > 1 and count > expected:
        bits = count * log2(count / expected) - (count - expected) / log(2) - 8 * len(delimiter)
    bits += max(0.0, weigh(counted(spans, samples), samples, COLUMNS, background).bits)
    if _ends(samples, delimiter):
        return bits
    return bits / 4 - 8 if len(set(delimiter)) > 1 else 0.0


def _plausible(delimiter: bytes) -> bool:
    """Whether these bytes may end messages: zeros are met everywhere, and so are words, but for tags."""
    if len(delimiter) == 1:
        return delimiter in SINGLE
    if delimiter in KNOWN:
        return True
    tag = delimiter.startswith(b"<") and delimiter.endswith(b">")
    front = LEADING_TEXT.match(delimiter)
    return bool(delimiter.strip(b"\0")) and (tag or not front or not WORD.search(front[0]))


def spans_before(samples: Sequence[bytes], delimiter: bytes) -> list[Span]:
    """The messages that this delimiter ends, it counted."""
    spans: list[Span] = []
    for index, sample in enumerate(samples):
        start = 0
        while len(spans) < MOST and (at := sample.find(delimiter, start)) >= 0:
            spans.append(Span(index, start, at + len(delimiter) - start))
            start = at + len(delimiter)
    return spans


def name_of(delimiter: bytes) -> str:
    """A delimiter as people call it: ``NUL (00)``, ``";"``, ``ff fe``."""
    if len(delimiter) == 1 and delimiter[0] in CONTROL_NAMES:
        return f"{CONTROL_NAMES[delimiter[0]]} ({delimiter.hex()})"
    if delimiter == b"\r\n":
        return "CR LF"
    if all(32 < byte < 127 for byte in delimiter):
        return f"\u201c{delimiter.decode('ascii')}\u201d"
    return delimiter.hex(" ")


def _proposal(delimiter: bytes, rank: int, bits: float, reason: Callable[[int], str]) -> Proposal:
    settings: dict[str, Value] = {"hex": delimiter.hex()}
    if delimiter == b"}" or (delimiter.startswith(b"<") and delimiter.endswith(b">")):
        settings["keep"] = True
    return Proposal(Choice("delimiter", settings), f"Delimiter {name_of(delimiter)}", reason, rank, bits)


def _text_reason(delimiter: bytes) -> Callable[[int], str]:
    name = name_of(delimiter)
    return lambda count: f"Every message ends with {name} and what stands before it is text: {count:,} of {count:,}."


def _repeated_reason(delimiter: bytes, samples: Sequence[bytes]) -> Callable[[int], str]:
    name, size = name_of(delimiter), sum(map(len, samples))
    end = ", and it stands at the end" if _ends(samples, delimiter) else ""
    return lambda count: f"{name} comes {count:,} times in {size:,} bytes, far more often than by chance{end}."
