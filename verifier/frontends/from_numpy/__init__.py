"""Lifting numpy: the user's program is run once, and a graph of what it did is kept."""

from .lift import lift

__all__ = ["lift"]
