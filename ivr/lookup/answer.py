"""What the company's own system answered: all of it as it should be, or nothing of it is believed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import (
    MAX_FACT_LETTERS,
    MAX_FACTS,
    MAX_NAME_LETTERS,
    LookupAnswer,
    LookupFailure,
    to_one_line,
)
from ivr.lookup.call import MAX_BODY_BYTES, LookupResponse


class _AnswerModel(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    facts: list[Annotated[str, Field(max_length=MAX_FACT_LETTERS)]] = Field([], max_length=MAX_FACTS)
    name: Annotated[str, Field(max_length=MAX_NAME_LETTERS)] | None = None
    answer: Annotated[str, Field(max_length=MAX_NAME_LETTERS)] | None = None


def parse_answer(response: LookupResponse) -> LookupAnswer:
    """Raises LookupFailed: which part is wrong, and nothing that stands in it."""
    if response.status != 200:
        raise LookupFailed(
            f"It answers {response.status}: 200 is an answer, and nobody is sent on.",
            cause=LookupFailure.STATUS,
        )
    if response.content_type.partition(";")[0].strip().lower() != "application/json":
        raise LookupFailed("Its Content-Type is not application/json.", cause=LookupFailure.INVALID_ANSWER)
    if len(response.body) > MAX_BODY_BYTES:
        raise LookupFailed(f"It sends more than {MAX_BODY_BYTES} bytes.", cause=LookupFailure.INVALID_ANSWER)
    try:
        found = _AnswerModel.model_validate_json(response.body)
    except ValidationError as e:
        faults = (
            f"{'.'.join(map(str, fault['loc']))} {fault['type']}".strip()
            for fault in e.errors(include_url=False, include_input=False, include_context=False)
        )
        raise LookupFailed(
            f"Its answer is not as it should be: {', '.join(faults)}.", cause=LookupFailure.INVALID_ANSWER
        ) from None
    return LookupAnswer(
        facts=tuple(fact for fact in map(to_one_line, found.facts) if fact),
        name=to_one_line(found.name or ""),
        answer=to_one_line(found.answer or ""),
    )
