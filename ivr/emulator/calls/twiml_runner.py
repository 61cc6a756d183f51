"""Running TwiML for one leg: fetch a document, do its verbs in order, go where they lead."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TypeVar
from urllib.parse import urljoin

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.signals import Ask
from ivr.emulator.calls.twiml_document import BadDocument, Element, parse, read
from ivr.emulator.verbs.registry import PARTS, SCHEMA, VERBS, Shape, Value, shape_of
from ivr.emulator.webhooks.sender import Answer

T = TypeVar("T")
RUNAWAY = 200  # documents without a moment passing: a redirect to itself
SORRY = "We are sorry, an application error has occurred. Goodbye."


class End(Enum):
    RAN_OUT = auto()  # no verb left
    HUNG_UP = auto()
    LEFT = auto()  # <Leave>
    FAILED = auto()  # no usable document, no fallback
    REJECTED_BUSY = auto()
    REJECTED = auto()


def no_params() -> dict[str, str]:
    return {}


@dataclass(kw_only=True)
class Flow:
    """`allowed` names the verbs that may be used here, None for all; another one ends it with the error `code`."""

    world: World
    leg: Leg
    allowed: frozenset[str] | None = None
    code: int = 12200
    more: Callable[[], dict[str, str]] = no_params  # parameters of every request made here
    main: bool = True  # False for what is played meanwhile; its owner cancels it
    sorry: bool = False  # fall back, and apologise if that fails too
    on_document: Callable[[Element], None] = field(default=lambda _: None)
    url: str = ""

    async def run(self, ask: Ask) -> End:
        """Until the documents run out of verbs or one ends it."""
        following: Ask | End = ask
        count, since = 0, self.leg.exchange.now
        while isinstance(following, Ask):
            count, since = (
                (count + 1, since) if since == self.leg.exchange.now else (0, self.leg.exchange.now)
            )
            if count > RUNAWAY:
                self.warn(14106, "Document retrieval limit reached")
                return End.FAILED
            document = await self.document(following)
            if document is None:
                return End.FAILED
            self.on_document(document)
            following = await self.perform(document) or End.RAN_OUT
        return following

    async def perform(self, document: Element) -> Ask | End | None:
        if document.own:
            self.warn(SCHEMA, f"Response cannot have text of its own: {document.own[:50]!r}")
        for element in document.children:
            if self.allowed is not None and element.name not in self.allowed:
                self.leg.exchange.journal.error(
                    self.code, f"{element.name} is not allowed here", call=self.leg.sid, url=self.url
                )
                return End.FAILED
            if element.name not in VERBS:
                self.warn(SCHEMA, f"there is no verb {element.name}{_meant(element.name, VERBS)}")
                continue
            following: Ask | End | None = await VERBS[element.name].run(self, self.checked(element))
            if following is not None:
                return following
        return None

    async def document(self, ask: Ask) -> Element | None:
        """What to do next; None when neither the app nor its fallback says so."""
        try:
            return await self.fetch(ask)
        except BadDocument as problem:
            if not self.sorry:
                return None
            failed, code = ask, problem.code
        fallback = self.leg.fallback
        if fallback and fallback.url:
            trouble = {"ErrorCode": str(code), "ErrorUrl": self.absolute(failed.url)}
            try:
                return await self.fetch(Ask(url=fallback.url, method=fallback.method, params=trouble))
            except BadDocument:
                pass
        return parse(f"<Response><Say>{SORRY}</Say><Hangup/></Response>")

    async def fetch(self, ask: Ask) -> Element:
        """Raises BadDocument."""
        if ask.document is not None:
            self.url = ""
            return self._read(lambda: parse(ask.document or ""))
        answer = await self.request(ask)
        if answer.error:
            raise BadDocument(answer.error, answer.why)
        self.url = answer.url
        return self._read(lambda: read(answer))

    async def request(self, ask: Ask) -> Answer:
        """Ask the app. An interruption of the leg drops the answer, not the request."""
        self.leg.ears.hear("silence")
        url = self.absolute(ask.url) if ask.url else self.url
        hook = self.leg.hook(url, ask.method, {**self.leg.params(), **self.more(), **ask.params})
        return await self.wait(self.world.sent(hook))

    async def wait(self, work: Awaitable[T]) -> T:
        """See Leg.wait."""
        return await (self.leg.wait(work) if self.main else work)

    async def tell(self, element: Element, params: dict[str, str]) -> None:
        """Request an action whose answer is of no use any more: the leg has been sent elsewhere or has ended."""
        if action := element.get("action"):
            everything = {**self.leg.params(), **self.more(), **params}
            hook = self.leg.hook(self.absolute(action), element.get("method", "POST"), everything)
            await self.world.sent(hook)

    def absolute(self, url: str) -> str:
        try:
            return urljoin(self.url, url)
        except ValueError:  # asking for it will say that it is no address
            return url

    def action(self, element: Element, params: dict[str, str]) -> Ask:
        """Its action, or this document again."""
        return Ask(url=element.get("action"), method=element.get("method", "POST"), params=params)

    def checked(self, element: Element, shape: Shape | None = None) -> Element:
        """The element without what Twilio would ignore, each with a warning.

        Verbs and nouns inside it are checked when their turn comes. Words inside what is ignored are still said.
        """
        known = shape or shape_of(element.name)
        content: list[str | Element] = []
        for one in element.content:
            if isinstance(one, str):
                content.append(one)
            elif one.name not in known.children:
                self.warn(known.child_code, f"{one.name} cannot stand inside {element.name}")
                content.append(one.text)
            else:
                content.append(self.checked(one) if one.name in PARTS else one)
        good = {
            name: text
            for name, text in element.attributes.items()
            if self._fits(element.name, known.attributes, name, text)
        }
        inside = tuple(one for one in content if isinstance(one, Element))
        return replace(element, attributes=good, children=inside, content=tuple(content))

    def warn(self, code: int, message: str) -> None:
        self.leg.exchange.journal.error(code, message, call=self.leg.sid, url=self.url)

    def _fits(self, element: str, known: Mapping[str, Value], name: str, text: str) -> bool:
        if name.startswith(("xmlns", "xsi:")):
            return False
        value = known.get(name)
        if value is None:
            self.warn(SCHEMA, f"{element} has no attribute {name}{_meant(name, known)}")
            return False
        if not value.allowed(text):
            self.warn(value.code, f"{element}: {name} cannot be {text!r}")
            return False
        return True

    def _read(self, reader: Callable[[], Element]) -> Element:
        try:
            return reader()
        except BadDocument as problem:
            self.leg.exchange.journal.error(problem.code, str(problem), call=self.leg.sid, url=self.url)
            raise


def _meant(name: str, known: Iterable[str]) -> str:
    """Names are case-sensitive, and that is what is wrong most often."""
    return next((f" (did you mean {one}?)" for one in known if one.lower() == name.lower()), "")
