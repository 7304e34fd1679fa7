"""Content views: bytes of a message shown as what they are, such as JSON or an HTTP head."""
