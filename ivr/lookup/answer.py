"""What the company's own system answered: all of it as it should be, or nothing of it is believed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import FACTS, LONGEST_FACT, LONGEST_NAME, Found, Why, flat
from ivr.lookup.call import LARGEST, Answer


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    facts: list[Annotated[str, Field(max_length=LONGEST_FACT)]] = Field([], max_length=FACTS)
    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
    answer: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None


def read(answer: Answer) -> Found:
    """Raises LookupFailed: which part is wrong, and nothing that stands in it."""
    if answer.status != 200:
        raise LookupFailed(
            f"It answers {answer.status}: 200 is an answer, and nobody is sent on.", why=Why.STATUS
        )
    if answer.type.partition(";")[0].strip().lower() != "application/json":
        raise LookupFailed("Its Content-Type is not application/json.", why=Why.UNFIT)
    if len(answer.body) > LARGEST:
        raise LookupFailed(f"It sends more than {LARGEST} bytes.", why=Why.UNFIT)
    try:
        found = _Answer.model_validate_json(answer.body)
    except ValidationError as e:
        faults = (
            f"{'.'.join(map(str, fault['loc']))} {fault['type']}".strip()
            for fault in e.errors(include_url=False, include_input=False, include_context=False)
        )
        raise LookupFailed(
            f"Its answer is not as it should be: {', '.join(faults)}.", why=Why.UNFIT
        ) from None
    return Found(
        facts=tuple(fact for fact in map(flat, found.facts) if fact),
        name=flat(found.name or ""),
        answer=flat(found.answer or ""),
    )
