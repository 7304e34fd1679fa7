"""Which modules of the standard library a script uses, found by reading it."""

from __future__ import annotations

import ast

MODULES = frozenset(
    {
        "asyncio",
        "base64",
        "binascii",
        "datetime",
        "hashlib",
        "hmac",
        "html",
        "itertools",
        "multiprocessing",
        "os",
        "platform",
        "queue",
        "random",
        "re",
        "selectors",
        "socket",
        "struct",
        "sys",
        "threading",
        "time",
        "traceback",
        "unicodedata",
        "zlib",
    }
)


def imports_of(code: str) -> list[str]:
    """Their names in order: those whose attributes are used. Raises SyntaxError when the code is no Python."""
    used = {
        node.value.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return sorted(used & MODULES)
