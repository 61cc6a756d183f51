"""What authors may mark in a prompt, and who speaks it.

https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml; for Amazon's voices
https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html. A mark that a voice refuses costs the caller the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ivr.flow.yaml_source.entry import comma_separated, did_you_mean

MAX_BREAK_SECONDS = 10.0  # seconds
_BREAK_STRENGTHS = frozenset({"none", "x-weak", "weak", "medium", "strong", "x-strong"})
_INTERPRET_AS = frozenset(
    [
        "address",
        "cardinal",
        "characters",
        "date",
        "digits",
        "expletive",
        "fraction",
        "number",
        "ordinal",
        "spell-out",
        "telephone",
        "time",
        "unit",
    ]
)
_ANY_VALUE: frozenset[str] = frozenset()
# by mark: its attributes, and the values that each may have; none named = any
ELEMENTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "break": {"strength": _BREAK_STRENGTHS, "time": _ANY_VALUE},
    "emphasis": {"level": frozenset({"strong", "moderate", "reduced", "none"})},
    "lang": {"xml:lang": _ANY_VALUE},
    "p": {},
    "phoneme": {
        "alphabet": frozenset({"ipa", "x-sampa", "x-amazon-pinyin", "x-amazon-jyutping"}),
        "ph": _ANY_VALUE,
    },
    "prosody": {"pitch": _ANY_VALUE, "rate": _ANY_VALUE, "volume": _ANY_VALUE},
    "s": {},
    "say-as": {"format": _ANY_VALUE, "interpret-as": _INTERPRET_AS, "role": _ANY_VALUE},
    "sub": {"alias": _ANY_VALUE},
    "w": {"role": _ANY_VALUE},
}
REQUIRED_ATTRIBUTES = {"lang": "xml:lang", "phoneme": "ph", "say-as": "interpret-as", "sub": "alias"}
_EMPTY_ELEMENTS = frozenset({"break"})
_NEVER_INSIDE = {
    **dict.fromkeys(("phoneme", "say-as", "sub"), frozenset(ELEMENTS)),
    "s": frozenset({"p", "s"}),
    "p": frozenset({"p"}),
    "emphasis": frozenset({"p", "s"}),
    "w": frozenset({"lang", "p", "s"}),
}
# Amazon's: emphasis is spoken by its standard voices only
_UNSUPPORTED_ELEMENTS = {"-Neural": frozenset({"emphasis"}), "-Generative": frozenset({"emphasis"})}

TAG_PATTERN = re.compile(r"""<(/?)([a-z][a-z:-]*)((?:\s+[a-z:-]+=(?:"[^"<>]*"|'[^'<>]*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(r"""([a-z:-]+)=(?:"([^"]*)"|'([^']*)')""")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(m?s)")


def list_markup_faults(source: str) -> Iterator[str]:
    """What is wrong with the marks of a prompt, one sentence each."""
    opened: list[str] = []
    for closes, name, written, empty in TAG_PATTERN.findall(source):
        if closes:
            if not opened or opened.pop() != name:
                yield f"</{name}> closes what is not open"
                return
            continue
        yield from _check_element(name, {a: one or other for a, one, other in _ATTRIBUTE.findall(written)})
        outer = next((o for o in opened if name in _NEVER_INSIDE.get(o, _ANY_VALUE)), "")
        if outer:
            yield f"<{name}> may not stand inside <{outer}>"
        if not empty:
            opened.append(name)
            if name in _EMPTY_ELEMENTS:
                yield f"<{name}> holds no words: close it at once, <{name}/>"
    if opened:
        yield f"<{opened[-1]}> is never closed"
    if set("<>") & set(TAG_PATTERN.sub("", source)):
        yield '"<" and ">" are only for markup, like <break time="500ms"/>'


def _check_element(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    known = ELEMENTS.get(name)
    if known is None:
        yield f"<{name}> is no mark that a voice knows; there is: {comma_separated(ELEMENTS)}.{did_you_mean(name, ELEMENTS)}"
        return
    if name in REQUIRED_ATTRIBUTES and REQUIRED_ATTRIBUTES[name] not in attributes:
        yield f'<{name}> needs {REQUIRED_ATTRIBUTES[name]}="..."'
    for attribute, value in attributes.items():
        if attribute not in known:
            yield f'<{name}> has no "{attribute}"; it may have: {comma_separated(known) or "nothing"}.{did_you_mean(attribute, known)}'
        elif known[attribute] and value not in known[attribute]:
            expected = known[attribute]
            yield f'<{name}>: {attribute}="{value}" should be one of: {comma_separated(expected)}.{did_you_mean(value, expected)}'
    if name == "break" and "time" in attributes and not _is_valid_pause(attributes["time"]):
        yield f'<break>: time="{attributes["time"]}" should be like "500ms" or "2s", {MAX_BREAK_SECONDS:.0f} s at most'


def _is_valid_pause(time: str) -> bool:
    match = _TIME.fullmatch(time)
    return match is not None and float(match[1]) / (1000 if match[2] == "ms" else 1) <= MAX_BREAK_SECONDS


def list_unsupported_elements(source: str, voice: str) -> tuple[str, ...]:
    """The marks that a voice of this name does not speak."""
    refused = next(
        (
            marks
            for kind, marks in _UNSUPPORTED_ELEMENTS.items()
            if voice.startswith("Polly.") and voice.endswith(kind)
        ),
        _ANY_VALUE,
    )
    return tuple(sorted({name for _, name, _, _ in TAG_PATTERN.findall(source)} & refused))
