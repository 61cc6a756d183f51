"""Every kind of promise has its module, and answers every question in a way that the rest can use."""

from __future__ import annotations

import pkgutil

import pytest

from ivr.domain import promise_kinds
from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.promise import PromiseKind, PromiseState
from ivr.flow.phrases.built_in import built_in_fields

BY_KIND = pytest.mark.parametrize("kind", list(PromiseKind))


def test_each_kind_has_a_module_and_each_module_a_kind() -> None:
    modules = {module.name for module in pkgutil.iter_modules(promise_kinds.__path__)} - {"rules"}
    assert modules == {kind.name.lower() for kind in PromiseKind}


@BY_KIND
def test_a_page_can_name_it_in_every_state(kind: PromiseKind) -> None:
    rules = get_rules(kind)
    assert set(rules.state_labels) == set(PromiseState)
    assert all([rules.noun, rules.title, rules.escalated_title, *rules.state_labels.values()])


@BY_KIND
def test_the_customer_can_be_told_by_text_when_it_will_be_late(kind: PromiseKind) -> None:
    assert "when" in built_in_fields()[get_rules(kind).delay_text_key]
