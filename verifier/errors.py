"""Errors a user can act on: what happened, where, and what to do, likeliest cause first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .verdicts import Origin



class VerifierError(Exception):
    """Base of every error that is the user's to mend: one message, a place, a remedy, a slug."""

    def __init__(self, message: str, *, slug: str, hint: str = "", where: Origin | None = None):
        super().__init__(message)
        self.message, self.slug, self.hint, self.where = message, slug, hint, where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{place}{self.message}{'' if self.message.endswith(('.', '?', '!')) else '.'}{hint}"


class BadSpec(VerifierError):
    """The specification itself is wrong: an unknown key, a misspelt claim, an empty domain."""


class BadSubject(VerifierError):
    """The subject cannot be found, imported or called as described."""


class CannotLower(VerifierError):
    """The front end met something it cannot write as a graph; the subject takes the opaque road."""


class SubjectRaised(VerifierError):
    """The user's own code raised; the message carries its exception and the place."""


class Undecided(VerifierError):
    """An enclosure was asked for a truth value it does not have."""


class NoGerm(VerifierError):
    """A function leaves the class of germs (truncated Puiseux series) at this point."""
