"""What authors may mark in a prompt, and who speaks it.

https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml; for Amazon's voices
https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html. A mark that a voice refuses costs the caller the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ivr.flow.yaml_source.entry import nearest, one_of

LONGEST_BREAK = 10.0  # seconds
_BREAKS = frozenset({"none", "x-weak", "weak", "medium", "strong", "x-strong"})
_SAID_AS = frozenset(
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
_ANY: frozenset[str] = frozenset()
# by mark: its attributes, and the values that each may have; none named = any
MARKS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "break": {"strength": _BREAKS, "time": _ANY},
    "emphasis": {"level": frozenset({"strong", "moderate", "reduced", "none"})},
    "lang": {"xml:lang": _ANY},
    "p": {},
    "phoneme": {
        "alphabet": frozenset({"ipa", "x-sampa", "x-amazon-pinyin", "x-amazon-jyutping"}),
        "ph": _ANY,
    },
    "prosody": {"pitch": _ANY, "rate": _ANY, "volume": _ANY},
    "s": {},
    "say-as": {"format": _ANY, "interpret-as": _SAID_AS, "role": _ANY},
    "sub": {"alias": _ANY},
    "w": {"role": _ANY},
}
NEEDS = {"lang": "xml:lang", "phoneme": "ph", "say-as": "interpret-as", "sub": "alias"}
_EMPTY = frozenset({"break"})
_NEVER_INSIDE = {
    **dict.fromkeys(("phoneme", "say-as", "sub"), frozenset(MARKS)),
    "s": frozenset({"p", "s"}),
    "p": frozenset({"p"}),
    "emphasis": frozenset({"p", "s"}),
    "w": frozenset({"lang", "p", "s"}),
}
# Amazon's: emphasis is spoken by its standard voices only
_NOT_SPOKEN = {"-Neural": frozenset({"emphasis"}), "-Generative": frozenset({"emphasis"})}

MARKUP = re.compile(r"""<(/?)([a-z][a-z:-]*)((?:\s+[a-z:-]+=(?:"[^"<>]*"|'[^'<>]*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(r"""([a-z:-]+)=(?:"([^"]*)"|'([^']*)')""")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(m?s)")


def faults(source: str) -> Iterator[str]:
    """What is wrong with the marks of a prompt, one sentence each."""
    opened: list[str] = []
    for closes, name, written, empty in MARKUP.findall(source):
        if closes:
            if not opened or opened.pop() != name:
                yield f"</{name}> closes what is not open"
                return
            continue
        yield from _mark(name, {a: one or other for a, one, other in _ATTRIBUTE.findall(written)})
        outer = next((o for o in opened if name in _NEVER_INSIDE.get(o, _ANY)), "")
        if outer:
            yield f"<{name}> may not stand inside <{outer}>"
        if not empty:
            opened.append(name)
            if name in _EMPTY:
                yield f"<{name}> holds no words: close it at once, <{name}/>"
    if opened:
        yield f"<{opened[-1]}> is never closed"
    if set("<>") & set(MARKUP.sub("", source)):
        yield '"<" and ">" are only for markup, like <break time="500ms"/>'


def _mark(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    known = MARKS.get(name)
    if known is None:
        yield f"<{name}> is no mark that a voice knows; there is: {one_of(MARKS)}.{nearest(name, MARKS)}"
        return
    if name in NEEDS and NEEDS[name] not in attributes:
        yield f'<{name}> needs {NEEDS[name]}="..."'
    for attribute, value in attributes.items():
        if attribute not in known:
            yield f'<{name}> has no "{attribute}"; it may have: {one_of(known) or "nothing"}.{nearest(attribute, known)}'
        elif known[attribute] and value not in known[attribute]:
            expected = known[attribute]
            yield f'<{name}>: {attribute}="{value}" should be one of: {one_of(expected)}.{nearest(value, expected)}'
    if name == "break" and "time" in attributes and not _pause(attributes["time"]):
        yield f'<break>: time="{attributes["time"]}" should be like "500ms" or "2s", {LONGEST_BREAK:.0f} s at most'


def _pause(time: str) -> bool:
    match = _TIME.fullmatch(time)
    return match is not None and float(match[1]) / (1000 if match[2] == "ms" else 1) <= LONGEST_BREAK


def unspoken(source: str, voice: str) -> tuple[str, ...]:
    """The marks that a voice of this name does not speak."""
    refused = next(
        (marks for kind, marks in _NOT_SPOKEN.items() if voice.startswith("Polly.") and voice.endswith(kind)),
        _ANY,
    )
    return tuple(sorted({name for _, name, _, _ in MARKUP.findall(source)} & refused))
