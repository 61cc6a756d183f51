"""Running TwiML for one leg: fetch a document, do its verbs in order, go where they lead."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TypeVar
from urllib.parse import urljoin

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.calls.twiml_document import BadDocument, Element, parse_twiml, read_response
from ivr.emulator.verbs.registry import PARTS, SCHEMA_WARNING, VERBS, AttributeRule, ElementSchema, get_schema
from ivr.emulator.webhooks.request import WebhookResponse

T = TypeVar("T")
MAX_INSTANT_DOCUMENTS = 200  # documents without a moment passing: a redirect to itself
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


class TwimlEnd(Enum):
    NO_MORE_VERBS = auto()  # no verb left
    HUNG_UP = auto()
    LEFT_QUEUE = auto()  # <Leave>
    FAILED = auto()  # no usable document, no fallback
    REJECTED_BUSY = auto()
    REJECTED = auto()


def no_extra_params() -> dict[str, str]:
    return {}


@dataclass(kw_only=True)
class TwimlRunner:
    """`allowed_verbs` names the verbs that may be used here, None for all; another one ends it with the error `not_allowed_code`."""

    world: World
    leg: CallLeg
    allowed_verbs: frozenset[str] | None = None
    not_allowed_code: int = 12200
    extra_params: Callable[[], dict[str, str]] = no_extra_params  # parameters of every request made here
    interruptible: bool = True  # False for what is played meanwhile; its owner cancels it
    uses_fallback: bool = False  # fall back, and apologise if that fails too
    on_document: Callable[[Element], None] = field(default=lambda _: None)
    document_url: str = ""

    async def run(self, source: TwimlSource) -> TwimlEnd:
        """Until the documents run out of verbs or one ends it."""
        following: TwimlSource | TwimlEnd = source
        count, since = 0, self.leg.exchange.now
        while isinstance(following, TwimlSource):
            count, since = (
                (count + 1, since) if since == self.leg.exchange.now else (0, self.leg.exchange.now)
            )
            if count > MAX_INSTANT_DOCUMENTS:
                self.warn(14106, "Document retrieval limit reached")
                return TwimlEnd.FAILED
            document = await self.fetch_with_fallback(following)
            if document is None:
                return TwimlEnd.FAILED
            self.on_document(document)
            following = await self.run_document(document) or TwimlEnd.NO_MORE_VERBS
        return following

    async def run_document(self, document: Element) -> TwimlSource | TwimlEnd | None:
        if document.own_text:
            self.warn(SCHEMA_WARNING, f"Response cannot have text of its own: {document.own_text[:50]!r}")
        for element in document.children:
            if self.allowed_verbs is not None and element.name not in self.allowed_verbs:
                self.leg.exchange.event_log.write_error(
                    self.not_allowed_code,
                    f"{element.name} is not allowed here",
                    call=self.leg.sid,
                    url=self.document_url,
                )
                return TwimlEnd.FAILED
            if element.name not in VERBS:
                self.warn(
                    SCHEMA_WARNING, f"there is no verb {element.name}{_suggest_name(element.name, VERBS)}"
                )
                continue
            following: TwimlSource | TwimlEnd | None = await VERBS[element.name].run(
                self, self.strip_invalid(element)
            )
            if following is not None:
                return following
        return None

    async def fetch_with_fallback(self, source: TwimlSource) -> Element | None:
        """What to do next; None when neither the app nor its fallback says so."""
        try:
            return await self.fetch_document(source)
        except BadDocument as problem:
            if not self.uses_fallback:
                return None
            failed, code = source, problem.code
        fallback = self.leg.fallback
        if fallback and fallback.url:
            trouble = {"ErrorCode": str(code), "ErrorUrl": self.resolve_url(failed.url)}
            try:
                return await self.fetch_document(
                    TwimlSource(url=fallback.url, method=fallback.method, params=trouble)
                )
            except BadDocument:
                pass
        return parse_twiml(f"<Response><Say>{APOLOGY}</Say><Hangup/></Response>")

    async def fetch_document(self, source: TwimlSource) -> Element:
        """Raises BadDocument."""
        if source.document is not None:
            self.document_url = ""
            return self._parse_or_report(lambda: parse_twiml(source.document or ""))
        answer = await self.request_twiml(source)
        if answer.error_code:
            raise BadDocument(answer.error_code, answer.error_message)
        self.document_url = answer.url
        return self._parse_or_report(lambda: read_response(answer))

    async def request_twiml(self, source: TwimlSource) -> WebhookResponse:
        """Ask the app. An interruption of the leg drops the answer, not the request."""
        self.leg.hearing.set_sound("silence")
        url = self.resolve_url(source.url) if source.url else self.document_url
        hook = self.leg.make_webhook(
            url, source.method, {**self.leg.request_params(), **self.extra_params(), **source.params}
        )
        return await self.run_interruptibly(self.world.send_webhook(hook))

    async def run_interruptibly(self, work: Awaitable[T]) -> T:
        """See CallLeg.run_interruptibly."""
        return await (self.leg.run_interruptibly(work) if self.interruptible else work)

    async def send_final_action(self, element: Element, params: dict[str, str]) -> None:
        """Request an action whose answer is of no use any more: the leg has been sent elsewhere or has ended."""
        if action := element.get("action"):
            everything = {**self.leg.request_params(), **self.extra_params(), **params}
            hook = self.leg.make_webhook(self.resolve_url(action), element.get("method", "POST"), everything)
            await self.world.send_webhook(hook)

    def resolve_url(self, url: str) -> str:
        try:
            return urljoin(self.document_url, url)
        except ValueError:  # asking for it will say that it is no address
            return url

    def get_action_source(self, element: Element, params: dict[str, str]) -> TwimlSource:
        """Its action, or this document again."""
        return TwimlSource(url=element.get("action"), method=element.get("method", "POST"), params=params)

    def strip_invalid(self, element: Element, schema: ElementSchema | None = None) -> Element:
        """The element without what Twilio would ignore, each with a warning.

        Verbs and nouns inside it are checked when their turn comes. Words inside what is ignored are still said.
        """
        known = schema or get_schema(element.name)
        content: list[str | Element] = []
        for one in element.content:
            if isinstance(one, str):
                content.append(one)
            elif one.name not in known.children:
                self.warn(known.child_code, f"{one.name} cannot stand inside {element.name}")
                content.append(one.text)
            else:
                content.append(self.strip_invalid(one) if one.name in PARTS else one)
        good = {
            name: text
            for name, text in element.attributes.items()
            if self._is_valid_attribute(element.name, known.attributes, name, text)
        }
        inside = tuple(one for one in content if isinstance(one, Element))
        return replace(element, attributes=good, children=inside, content=tuple(content))

    def warn(self, code: int, message: str) -> None:
        self.leg.exchange.event_log.write_error(code, message, call=self.leg.sid, url=self.document_url)

    def _is_valid_attribute(
        self, element: str, known: Mapping[str, AttributeRule], name: str, text: str
    ) -> bool:
        if name.startswith(("xmlns", "xsi:")):
            return False
        value = known.get(name)
        if value is None:
            self.warn(SCHEMA_WARNING, f"{element} has no attribute {name}{_suggest_name(name, known)}")
            return False
        if not value.is_allowed(text):
            self.warn(value.code, f"{element}: {name} cannot be {text!r}")
            return False
        return True

    def _parse_or_report(self, reader: Callable[[], Element]) -> Element:
        try:
            return reader()
        except BadDocument as problem:
            self.leg.exchange.event_log.write_error(
                problem.code, str(problem), call=self.leg.sid, url=self.document_url
            )
            raise


def _suggest_name(name: str, known: Iterable[str]) -> str:
    """Names are case-sensitive, and that is what is wrong most often."""
    return next((f" (did you mean {one}?)" for one in known if one.lower() == name.lower()), "")
