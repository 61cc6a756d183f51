"""Names a flow may have, from names that people wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

# YAML takes these for something else, and these mean something at the top of a prompts file.
_RESERVED_NAMES = {
    "true",
    "false",
    "null",
    "yes",
    "no",
    "on",
    "off",
    "heard",
    "company",
    "one_moment",
    "emergency",
}


def make_name(text: str, fallback: str = "step") -> str:
    """Small letters, digits and "_", beginning with a letter: "Main Menu!" -> main_menu, "IVRMenu" -> ivr_menu."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    name = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    if name and not name[0].isalpha():
        name = f"{fallback}_{name}"
    name = name[:40].rstrip("_") or fallback
    return f"{name}_step" if name in _RESERVED_NAMES else name


def make_unique(name: str, taken: Container[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
