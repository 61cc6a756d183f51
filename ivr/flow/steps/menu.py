"""`menu`: a question with up to five answers, by key or by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.book import Book
from ivr.flow.model import Exit, Scene, Step
from ivr.flow.moves import Go, Mistake, Move
from ivr.flow.source import Entry, Ref
from ivr.flow.speech import says_any, spoken_key
from ivr.flow.turn import Heard, HeardKind, Listen, Says, Words

MOST_HINTS = 500  # https://www.twilio.com/docs/voice/twiml/gather#hints


@dataclass(frozen=True, kw_only=True)
class Option:
    key: str
    next: Ref  # the menu itself for an option that only changes the language
    words: tuple[str, ...] = ()
    language: str = ""
    refs: tuple[Ref, ...] = ()

    def told(self) -> str:
        language = (f"in {self.language}:",) if self.language else ()
        return " ".join([self.key, *language, ", ".join(self.words)]).strip().removesuffix(":")


@dataclass(frozen=True, kw_only=True)
class Menu(Step):
    keyword: ClassVar[str] = "menu"
    allowed: ClassVar[tuple[str, ...]] = ("options", "silence", "seconds")

    prompt: Ref
    options: tuple[Option, ...]
    silence: Ref | None = (
        None  # where saying nothing leads at once; without it, asked again and then a person
    )
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        options = entry.entry("options")
        if not options.names():
            entry.fault(f'{entry.what} needs "options", like 1: {{words: [bookings], next: bookings}}')
        return cls(
            name=name,
            place=entry.place,
            prompt=entry.ref("prompt", "menu"),
            options=tuple(_option(name, options, key) for key in options.names()),
            silence=entry.ref("step", "silence") if "silence" in entry else None,
            seconds=entry.number("seconds", 5, least=1, most=20),
        )

    def enter(self, scene: Scene) -> Move:
        said = (scene.prompt(self.prompt.name), *self._other_languages(scene))
        return scene.ask(*said, listen=Listen(seconds=self.seconds, hints=self._hints()))

    def retry(self, scene: Scene) -> Move:
        said = scene.prompt(self.prompt.name)
        return scene.ask(said, listen=Listen(seconds=self.seconds, hints=self._hints()))

    def _hints(self) -> tuple[str, ...]:
        return tuple(word for option in self.options for word in option.words)[:MOST_HINTS]

    def _other_languages(self, scene: Scene) -> tuple[Says, ...]:
        """Each offered in itself, by its own voice."""
        return tuple(
            Words(
                text=scene.library.book(option.language).say("menu.language", press=option.key),
                language=option.language,
            )
            for option in self.options
            if option.language not in {"", scene.language}
        )

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.SILENCE and self.silence:
            return Go(to=self.silence.name)
        option = self.chosen(scene.book, heard)
        if option is None or option.language == scene.language:
            return super().hear(scene, heard) if option is None else Mistake()
        return Go(to=option.next.name, language=option.language)

    def chosen(self, book: Book, heard: Heard) -> Option | None:
        """What was meant; None: none of the options."""
        if heard.kind is HeardKind.WORDS:
            by_word = next((o for o in self.options if says_any(heard.value, o.words)), None)
            key = spoken_key(heard.value, book)
            return by_word or next((o for o in self.options if o.key == key), None)
        return next((o for o in self.options if heard.kind is HeardKind.KEYS and o.key == heard.value), None)

    def onward(self) -> tuple[Ref, ...]:
        return (self.silence,) if self.silence else ()

    def refs(self) -> tuple[Ref, ...]:
        options = tuple(ref for option in self.options for ref in (option.next, *option.refs))
        return (self.prompt, *options, *((self.silence,) if self.silence else ()))

    def exits(self) -> tuple[Exit, ...]:
        options = (Exit(to=option.next, when=option.told()) for option in self.options)
        return (*options, *((Exit(to=self.silence, when="silence"),) if self.silence else ()))

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        del scene
        return tuple(Heard(kind=HeardKind.KEYS, value=option.key) for option in self.options)


def _option(menu: str, options: Entry, key: str) -> Option:
    place = options.key_place(key)
    if not (len(key) == 1 and key in "123456789"):
        options.fault(
            f'the option "{key}" should be one key from 1 to 9: 0, * and # mean a person, again and back everywhere',
            place,
        )
    entry = options.entry(key, f"option {key}")
    entry.only(("words", "next", "language"))
    language = entry.ref("language", "language", "")
    same = Ref(kind="step", name=menu, place=place)
    return Option(
        key=key,
        words=entry.texts("words"),
        next=same if language.name and "next" not in entry else entry.ref("step", "next"),
        language=language.name,
        refs=(language,) if language.name else (),
    )
