"""Program `http` in a script: enough of HTTP/1.1 for a browser or curl to get a page that shows their request."""

from __future__ import annotations

from explorer.as_python.api import Facts, ProgramPart
from explorer.as_python.template import quoted
from explorer.core.fields import whole
from explorer.wire.http_requests import MAX_CHUNK_LINE, MAX_HEAD, MAX_LINE

CODE = '''
class BadRequest(Exception):
    """What came cannot be answered: the status to answer with, and why."""


class Http:
    """One connection, which may carry many requests."""

    def __init__(self, peer):
        self.peer = peer
        self.buffer = b""  # what has come of the next request
        self.continued = False  # the other side was told to go on with a body that it waits to send
        self.over = False

    def on_message(self, message):
        if self.over:
            return
        self.buffer += message
        try:
            while True:
                self.buffer = self.buffer.lstrip(b"\\r\\n")  # empty lines before a request mean nothing
                parts = split_head(self.buffer)
                if parts is None:
                    return  # more is to come
                line, lines, rest = parts
                method, target, minor, headers = read_head(line, lines)
                if field(headers, b"expect") and not self.continued:
                    self.continued = True
                    yield b"HTTP/1.1 100 Continue\\r\\n\\r\\n"
                taken = read_body(headers, rest)
                if taken is None:
                    return  # the rest of the body is to come
                body, self.buffer = taken
                self.continued = False
                asked = [part.strip() for part in field(headers, b"connection").lower().split(b",")]
                keeps = KEEP_ALIVE and b"close" not in asked and (minor == 1 or b"keep-alive" in asked)
                first = f"{readable(method)} {readable(target)} HTTP/1.{minor}"
                wants_html = b"text/html" in field(headers, b"accept").lower()
                page = (as_html if wants_html else as_text)(self.peer, first, headers, body)
                head = head_of(200, "text/html" if wants_html else "text/plain", len(page), keeps)
                yield head if method == b"HEAD" else head + page
                if not keeps:
                    break
        except BadRequest as problem:
            status, why = problem.args
            page = f"{status} {REASONS[status]}\\n{why}\\n".encode()
            yield head_of(status, "text/plain", len(page), False) + page
        self.over = True
        raise CloseConnection


def split_head(data):
    """The first line of a request, its header lines, and what follows them; None while they are not whole."""
    end = data.find(b"\\n", 0, MAX_LINE)
    if end < 0 and len(data) >= MAX_LINE:
        raise BadRequest(414, f"The request line has more than {MAX_LINE:,} bytes.")
    if end < 0:
        return None
    split = split_headers(data[end + 1 :])
    return split and (without_cr(data[:end]), *split)


def split_headers(data):
    """Header lines up to the empty line behind them, and what follows it; None while that has not come."""
    lines, left = [], MAX_HEAD
    while True:
        end = data.find(b"\\n", 0, left)
        if end < 0 and len(data) >= left:
            raise BadRequest(431, f"The head of the request has more than {MAX_HEAD:,} bytes.")
        if end < 0:
            return None
        line, data = without_cr(data[:end]), data[end + 1 :]
        if not line:
            return lines, data
        lines.append(line)
        left = max(1, left - len(line) - 1)


def without_cr(line):
    return line[:-1] if line.endswith(b"\\r") else line


def read_headers(lines):
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        value = value.strip(b" \\t")
        if not (colon and re.fullmatch(TOKEN, name) and re.fullmatch(rb"[\\t\\x20-\\x7e\\x80-\\xff]*", value)):
            raise BadRequest(400, "A header line is not of the form Name: value.")
        headers.append((name, value))
    return headers


def read_head(line, lines):
    """Method, target, minor version and headers of a request."""
    found = re.fullmatch(rb"([^ ]+) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/([0-9])\\.([0-9])", line)
    if found is None or not re.fullmatch(TOKEN, found[1]):
        raise BadRequest(400, "The first line is no request of the form GET /page HTTP/1.1.")
    if found[3] != b"1":
        version = f"HTTP/{found[3].decode()}.{found[4].decode()}"
        raise BadRequest(505, f"Version {version} is not spoken here; HTTP/1.1 and HTTP/1.0 are.")
    minor, headers = min(1, int(found[4])), read_headers(lines)
    if minor and sum(name.lower() == b"host" for name, _ in headers) != 1:
        raise BadRequest(400, "A request of HTTP/1.1 has one Host header; this one does not.")
    if found[1] not in (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"):
        raise BadRequest(501, f"The method {found[1].decode()} is not known here.")
    if field(headers, b"expect").lower() not in (b"", b"100-continue"):
        raise BadRequest(417, "Nothing but 100-continue can be expected here.")
    return found[1], found[2], minor, headers


def read_body(headers, data):
    """The body at the beginning of the data, and what follows it; None while it is not whole."""
    coding = field(headers, b"transfer-encoding").lower()
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    if coding and lengths:
        raise BadRequest(400, "Where this request ends is not clear: it has chunks, which do not go with the rest.")
    if coding == b"chunked":
        return read_chunks(data)
    if coding:
        raise BadRequest(501, "The only transfer coding known here is chunked.")
    length = lengths.pop() if lengths else b"0"
    if lengths or not length.isdigit():
        raise BadRequest(400, "Content-Length is not one number.")
    if len(length) > 18 or int(length) > MAX_BODY:
        raise BadRequest(413, f"The body has more than {MAX_BODY:,} bytes.")
    size = int(length)
    return (data[:size], data[size:]) if len(data) >= size else None


def read_chunks(data):
    """A body in chunks: each stands behind its size, a hexadecimal number on a line of its own."""
    body = b""
    while True:
        if len(data) >= MAX_CHUNK_LINE and b"\\n" not in data[:MAX_CHUNK_LINE]:
            raise BadRequest(400, f"The line before a chunk has more than {MAX_CHUNK_LINE:,} bytes.")
        line, end, data = data.partition(b"\\n")
        if not end:
            return None
        digits = line.partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
            raise BadRequest(400, "The size of a chunk is no hexadecimal number.")
        size = int(digits, 16)
        if size == 0:
            break
        if len(body) + size > MAX_BODY:
            raise BadRequest(413, f"The body has more than {MAX_BODY:,} bytes.")
        body += data[:size]
        rest = data[size:]
        line, end, data = rest.partition(b"\\n")
        if len(rest) >= 2 and b"\\n" not in rest[:2]:
            raise BadRequest(400, "The end of a chunk has more than 2 bytes.")
        if not end:
            return None
        if line not in (b"", b"\\r"):
            raise BadRequest(400, "A chunk is longer than its size.")
    split = split_headers(data)  # lines behind the chunks, up to an empty one
    if split is None:
        return None
    read_headers(split[0])
    return body, split[1]


def field(headers, name):
    """All values of a header."""
    return b", ".join(value for found, value in headers if found.lower() == name)


def readable(data):
    """Text in which nothing acts on a screen."""
    text = data.decode("utf-8", "backslashreplace").replace("\\r\\n", "\\n")
    return "".join(char if char.isprintable() or char in "\\n\\t" else f"\\\\u{ord(char):04x}" for char in text)


def shown(body):
    left = len(body) - 65536
    return readable(body[:65536]) + (f"\\n… and {left:,} bytes more" if left > 0 else "")


def as_text(peer, first, headers, body):
    lines = [TITLE, f"from {peer}", "", first]
    lines += [f"{readable(name)}: {readable(value)}" for name, value in headers]
    if body:
        lines += ["", f"{len(body):,} bytes of body:", shown(body)]
    return ("\\n".join(lines) + "\\n").encode()


def as_html(peer, first, headers, body):
    """Everything that came from outside is escaped, so that nobody's request becomes HTML here."""
    escaped = html.escape
    title = escaped(TITLE)
    page = "<!doctype html><html lang=en><meta charset=utf-8>"
    page += f'<meta name=viewport content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
    page += f"<h1>{title}</h1><p>from {escaped(peer)}</p><pre>{escaped(first)}</pre><h2>Headers</h2><table>"
    for name, value in headers:
        page += f"<tr><th scope=row>{escaped(readable(name))}</th><td>{escaped(readable(value))}</td></tr>"
    page += "</table>"
    if body:
        page += f"<h2>Body: {len(body):,} bytes</h2><pre>{escaped(shown(body))}</pre>"
    return (page + "</html>\\n").encode()


def head_of(status, kind, size, keeps):
    now = datetime.datetime.now(datetime.timezone.utc)
    day, month = DAYS[now.weekday()], MONTHS[now.month - 1]
    lines = [
        f"HTTP/1.1 {status} {REASONS[status]}",
        f"Date: {day}, {now.day:02} {month} {now:%Y %H:%M:%S} GMT",
        "Server: Socket-Explorer",
        f"Content-Type: {kind}; charset=utf-8",
        f"Content-Length: {size}",
        "Vary: Accept",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        f"Connection: {'keep-alive' if keeps else 'close'}",
    ]
    return "".join(f"{line}\\r\\n" for line in [*lines, ""]).encode("ascii")
'''

CONSTANTS = """
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
REASONS = {
    200: "OK",
    400: "Bad Request",
    413: "Content Too Large",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
}
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color-scheme:light dark}"
    "th{text-align:left;vertical-align:top;padding-right:1em}td,pre,code{font-family:monospace;overflow-wrap:anywhere;"
    "white-space:pre-wrap}"
)
"""


def part(facts: Facts) -> ProgramPart:
    values = facts.values
    constants = (
        f"TITLE = {quoted(str(values['title']))}",
        f"KEEP_ALIVE = {bool(values['keep_alive'])}  # whether a connection stays open for more requests",
        f"MAX_LINE = {MAX_LINE}  # bytes of a request line",
        f"MAX_HEAD = {MAX_HEAD}  # bytes of all header lines",
        f"MAX_CHUNK_LINE = {MAX_CHUNK_LINE}  # bytes",
        f"MAX_BODY = {whole(values['max_body'])}  # bytes of the longest body",
        CONSTANTS.strip(),
    )
    return ProgramPart(
        "Answers browsers and curl with a page that shows their own request (HTTP/1.1).",
        CODE.strip(),
        "\n".join(constants),
        made="Http",
        wants_peer=True,
        uses=frozenset(("close",)),
    )
