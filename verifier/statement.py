"""What exactly was proved: the statement of a certificate, and the id that belongs to it.

A statement names check, subject, claim, semantics, the arguments it speaks of, the exact domain of
every entry that moves and the exact data of all others. Two statements that differ anywhere have
different ids.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FORMAT = 1  # of certificates


def statement_id(statement: Mapping[str, Any]) -> str:
    """Return the id of a statement.

    >>> statement_id({"claim": "convex"}) == statement_id({"claim": "concave"})
    False
    """
    return _digest(statement, 5)


def seal(certificate: Mapping[str, Any]) -> str:
    """Return the seal of a whole certificate: whatever is changed in it later breaks it."""
    return _digest({k: v for k, v in certificate.items() if k != "seal"}, 16)


def _digest(told: Any, size: int) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()
