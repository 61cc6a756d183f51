"""What differs between kinds of promise: one module a kind, named after its member of `PromiseKind`.

Code that depends on the kind asks `get_rules`. A kind without a module stops every process at its start.
"""

from __future__ import annotations

from importlib import import_module

from ivr.domain.promise_kinds.rules import PromiseKindRules
from ivr.domain.records.promise import PromiseKind

_RULES: dict[PromiseKind, PromiseKindRules] = {
    kind: import_module(f"{__name__}.{kind.name.lower()}").RULES for kind in PromiseKind
}


def get_rules(kind: PromiseKind) -> PromiseKindRules:
    return _RULES[kind]
