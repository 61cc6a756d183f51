"""Twilio's words stop at the edge: use cases, the domain and flows see our own values (decision 35)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ivr.telephony.errors import CODES_BY_ERROR

ROOT = Path(__file__).parents[1]
INSIDE = ("ivr/usecases", "ivr/domain", "ivr/flow")
STUDIO = "ivr/flow/studio/"  # reads the files of another product of Twilio's, and speaks its language
WORDS = "ivr/telephony/words.py"
WEBHOOKS = "ivr/web/webhooks"

# what words.py knows by its beginning, or need not know
MORE = {"participant-leave", "conference-end", "human", "machine_start", "machine_end_beep"} | {
    "SequenceNumber",
    "DialCallSid",
    "outbound-api",
    "outbound-dial",
}

# English words that are also ours, and the files in which they are
OURS = {
    "busy": {"ivr/domain/telephony_events.py"},
    "canceled": {"ivr/domain/telephony_events.py"},
    "completed": {"ivr/domain/telephony_events.py"},
    "error": {"ivr/domain/rules/image.py"},
    "failed": {
        "ivr/domain/records/agent_leg.py",
        "ivr/domain/telephony_events.py",
        "ivr/flow/steps/lookup.py",
        "ivr/usecases/calls/actions/lookup.py",
    },
    "inbound": {"ivr/domain/telephony_events.py"},
    "machine": {"ivr/domain/records/disposition.py", "ivr/domain/telephony_events.py"},
    "outbound": {"ivr/domain/telephony_events.py"},
    "ringing": {
        "ivr/domain/records/agent_leg.py",
        "ivr/domain/records/promise.py",
        "ivr/domain/telephony_events.py",
        "ivr/flow/steps/transfer.py",
    },
}

HELP = (
    "parse the word in ivr/telephony/words.py into a value of ivr/domain/telephony_events.py, and use that. If it is not"
    " Twilio's word but our own, add the file to OURS in this test"
)


def docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the nodes that are docstrings."""
    bodies = (
        node.body
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def constants(source: str) -> Iterator[tuple[int, str]]:
    """Return each string and number of a file with its line, docstrings excepted."""
    tree = ast.parse(source)
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (str, int) and id(node) not in prose:
            yield node.lineno, str(node.value)


def fields(source: str) -> Iterator[str]:
    """Return the names of the fields that a webhook reads."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("field", "int_field")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def twilios_words() -> set[str]:
    """Return the words that the edge parses, the names of the fields that it reads, and the codes that it sorts."""
    parsed = {word for _, word in constants((ROOT / WORDS).read_text())}
    read = {name for file in (ROOT / WEBHOOKS).glob("*.py") for name in fields(file.read_text())}
    codes = {str(code) for codes in CODES_BY_ERROR.values() for code in codes}
    return (parsed - {""}) | {name for name in read if name[:1].isupper()} | codes | MORE


def find_words(file: str, source: str, words: set[str]) -> list[str]:
    """Return where a file holds one of these words that is not its own."""
    return [
        f"{file}:{line}: {word!r}"
        for line, word in constants(source)
        if word in words and file not in OURS.get(word, ())
    ]


def inside() -> dict[str, str]:
    files = (file for folder in INSIDE for file in sorted((ROOT / folder).rglob("*.py")))
    sources = {str(file.relative_to(ROOT)): file.read_text() for file in files}
    return {file: source for file, source in sources.items() if not file.startswith(STUDIO)}


def test_twilios_words_are_known_at_the_edge_alone() -> None:
    words = twilios_words()
    found = [one for file, source in inside().items() for one in find_words(file, source, words)]
    assert not found, "\n".join([*found, HELP])


def test_every_word_of_ours_is_where_it_is_said_to_be() -> None:
    sources = inside()
    listed = {(word, file) for word, files in OURS.items() for file in files}
    there = {(word, file) for file, source in sources.items() for _, word in constants(source)}
    assert listed - there == set(), "take it out of OURS"


def test_a_word_of_each_kind_is_found() -> None:
    """A status, a field, an event and a code; not what a docstring says of them."""
    source = '"""Ends as no-answer."""\nif status == "no-answer" or told["CallSid"] in {"participant-join", 21610}: pass\n'
    found = find_words("ivr/usecases/x.py", source, twilios_words())
    assert [one.partition(" ")[2] for one in found] == [
        "'no-answer'",
        "'CallSid'",
        "'participant-join'",
        "'21610'",
    ]
