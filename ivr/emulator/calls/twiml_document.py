"""A TwiML document as a tree. Documents with a DTD are refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from pyexpat import ExpatError, ParserCreate
from typing import NoReturn

from ivr.emulator.webhooks.request import WebhookResponse

WORD_SEPARATING_ELEMENTS = frozenset(
    {"break", "p", "s", "Body", "Media"}
)  # elements that part the words around them
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html", "application/twiml+xml"})
VERSIONS = frozenset({"2008-08-01", "2010-04-01"})
MAX_DEPTH = 50  # elements inside one another: no TwiML needs as many


class BadDocument(Exception):
    """Twilio cannot use what the app answered."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Element:
    name: str
    attributes: Mapping[str, str]
    children: tuple["Element", ...]
    text: str  # its own words and those of everything inside, in order
    own_text: str = ""  # only its own
    content: "tuple[str | Element, ...]" = ()  # its words as they are written, and what stands between them

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)


class _OpenElement:
    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.words: list[str] = []
        self.own_words: list[str] = []
        self.content: list[str | Element] = []

    def to_element(self) -> Element:
        return Element(
            name=self.name,
            attributes=self.attributes,
            children=tuple(self.children),
            text=" ".join("".join(self.words).split()),
            own_text=" ".join("".join(self.own_words).split()),
            content=tuple(self.content),
        )


def parse_twiml(text: str | bytes) -> Element:
    """Raises BadDocument: 12100 for anything but XML, 12101 for a version that never was, 12102 for another root."""
    root = _parse_tree(text)
    if root.name != "Response":
        raise BadDocument(12102, f"The root element must be Response, not {root.name}")
    if root.get("version", "2010-04-01") not in VERSIONS:
        raise BadDocument(12101, f"Invalid Twilio Markup XML version: {root.get('version')}")
    return root


def read_response(response: WebhookResponse) -> Element:
    """The document of an app's answer, whatever Twilio makes of its type."""
    kind = response.content_type
    if kind in XML_TYPES:
        return parse_twiml(response.body)
    if kind.startswith("audio/"):
        return _single_verb_document("Play", response.url)
    if kind == "text/plain":
        try:
            return parse_twiml(response.body)
        except BadDocument:
            return _single_verb_document("Say", response.body.decode("utf-8", "replace"))
    raise BadDocument(12300, f"Invalid Content-Type: {kind or 'none'}")


def _single_verb_document(verb: str, text: str) -> Element:
    child = Element(name=verb, attributes={}, children=(), text=text, content=(text,))
    return Element(name="Response", attributes={}, children=(child,), text=text)


def _parse_tree(text: str | bytes) -> Element:
    stack = [_OpenElement("", {})]
    parser = ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > MAX_DEPTH:
            raise BadDocument(
                12100, f"Document parse failure: more than {MAX_DEPTH} elements inside one another"
            )
        stack.append(_OpenElement(name, attributes))

    def words(data: str) -> None:
        stack[-1].words.append(data)
        stack[-1].own_words.append(data)
        stack[-1].content.append(data)

    def end(_name: str) -> None:
        closed = stack.pop()
        gap = " " if closed.name in WORD_SEPARATING_ELEMENTS else ""
        stack[-1].words.extend([gap, *closed.words, gap])
        element = closed.to_element()
        stack[-1].children.append(element)
        stack[-1].content.append(element)

    def doctype(*_: object) -> NoReturn:
        raise BadDocument(12100, "Document parse failure: a DTD is not allowed")

    parser.StartElementHandler = start
    parser.CharacterDataHandler = words
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.lstrip(), True)
    except (
        ExpatError,
        LookupError,
        ValueError,
    ) as problem:  # the latter two for an encoding that nobody knows
        raise BadDocument(12100, f"Document parse failure: {problem}") from problem
    return stack[0].children[0]
