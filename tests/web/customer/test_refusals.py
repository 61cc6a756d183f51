"""Every reason for which a change is refused has its sentence on the customer's page."""

import pytest

from ivr.flow.phrases.built_in import list_built_in_languages, load_built_in_phrases
from ivr.usecases.callbacks.reschedule_request import RefusalReason


@pytest.mark.parametrize("language", list_built_in_languages())
@pytest.mark.parametrize("reason", RefusalReason)
def test_a_refusal_is_told_in_a_sentence(language: str, reason: RefusalReason) -> None:
    assert f"page.refused.{reason.name.lower()}" in load_built_in_phrases(language).templates
