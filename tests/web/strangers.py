"""What strangers send."""

from __future__ import annotations

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
