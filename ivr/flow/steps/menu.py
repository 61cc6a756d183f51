"""`menu`: a question with up to five answers, by key or by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ivr.domain.speech import spoken_text
from ivr.flow.model import Exit, Flow, Library, Scene, Step
from ivr.flow.phrases.understanding import says_any, spoken_key
from ivr.flow.step_results import Go, Mistake, Move
from ivr.flow.turn import Heard, HeardKind, Listen, Says, Words
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, named, names
from ivr.flow.yaml_source.load import Group

# https://www.twilio.com/docs/voice/twiml/gather#hints: phrases, and characters of one; a comma ends a phrase
MOST_HINTS, LONGEST_HINT = 500, 100
ANY = ""  # words that are listened for whatever language is spoken
MOST_OPTIONS = 5  # nobody remembers more
OPTION = (
    Field(name="words", kind="heard", about="What may be said instead of the key"),
    Field(
        name="next",
        kind="step",
        about="Where it leads; it may be left out where a language is chosen: the same again",
    ),
    Field(name="language", kind="language", about="The language that is spoken from here on"),
)


@dataclass(frozen=True, kw_only=True)
class Option:
    key: str
    next: Ref  # the menu itself for an option that only changes the language
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by language, or under ANY
    language: str = ""
    refs: tuple[Ref, ...] = ()

    def told(self) -> str:
        language = (f"in {self.language}:",) if self.language else ()
        return " ".join([self.key, *language, ", ".join(self.every_word)]).strip().removesuffix(":")

    @property
    def every_word(self) -> tuple[str, ...]:
        return tuple(word for words in self.words.values() for word in words)

    def meant_by(self, utterance: str, named: tuple[str, ...] = ()) -> bool:
        """In any language: a caller may answer in their own before they have chosen it."""
        return says_any(utterance, (*named, *self.every_word))

    def hints(self, language: str) -> tuple[str, ...]:
        """What a recogniser of this language should expect."""
        short = spoken_text.short(language)
        return tuple(dict.fromkeys(w for key in (language, short, ANY) for w in self.words.get(key, ())))


@dataclass(frozen=True, kw_only=True)
class Menu(Step):
    keyword: ClassVar[str] = "menu"
    about: ClassVar[str] = "A question with up to five answers, by key or by word"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="menu", kind="prompt", about="The question", needed=True),
        Field(
            name="options",
            kind="named",
            about="By key from 1 to 9, at most five: what each answer leads to",
            needed=True,
            fields=OPTION,
            names="^[1-9]$",
            each={"anyOf": [{"required": ["next"]}, {"required": ["language"]}]},
            rules={"minProperties": 1, "maxProperties": MOST_OPTIONS},
        ),
        Field(
            name="silence",
            kind="step",
            about="Where silence leads at once; without it, it is asked again, and then there is a person",
        ),
        Field(
            name="seconds",
            kind="number",
            about="Seconds of silence that are waited for",
            default=5,
            least=1,
            most=20,
        ),
    )
    example: ClassVar[str] = """what:
  menu: what_is_it_about
  seconds: 4
  options:
    1: {words: [baggage, suitcase], next: support}
    9: {words: [español], language: es}"""

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
        read = tuple(_option(name, options, key) for key in options.names())
        count = sum(len(option.every_word) for option in read)
        if count > MOST_HINTS:
            entry.fault(f"{entry.what} listens for {count} words; a recogniser takes {MOST_HINTS} at most")
        return cls(
            name=name,
            place=entry.place,
            prompt=entry.ref("prompt", "menu"),
            options=read,
            silence=entry.ref("step", "silence") if "silence" in entry else None,
            seconds=entry.number(named(cls.fields, "seconds")),
        )

    def enter(self, scene: Scene) -> Move:
        said = (scene.prompt(self.prompt.name), *self._other_languages(scene))
        return scene.ask(*said, listen=Listen(seconds=self.seconds, hints=self._hints(scene)))

    def retry(self, scene: Scene) -> Move:
        said = scene.prompt(self.prompt.name)
        return scene.ask(said, listen=Listen(seconds=self.seconds, hints=self._hints(scene)))

    def _hints(self, scene: Scene) -> tuple[str, ...]:
        """The options and the queues they lead to, and a person, in the language that is spoken."""
        options = [
            w
            for option in self.options
            for w in (
                *option.hints(scene.language),
                *_queue(scene.flow, scene.library, scene.language, option),
            )
        ]
        return tuple(dict.fromkeys([*options, *scene.book.listed("heard.person")]))[:MOST_HINTS]

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
        option = self.chosen(scene.flow, scene.library, scene.language, heard)
        if option is None or option.language == scene.language:
            return super().hear(scene, heard) if option is None else Mistake()
        return Go(to=option.next.name, language=option.language)

    def chosen(self, flow: Flow, library: Library, language: str, heard: Heard) -> Option | None:
        """What was meant; None: none of the options."""
        if heard.kind is HeardKind.WORDS:
            by_word = next(
                (o for o in self.options if o.meant_by(heard.value, _queue(flow, library, language, o))), None
            )
            key = spoken_key(heard.value, library.book(language))
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


def _queue(flow: Flow, library: Library, language: str, option: Option) -> tuple[str, ...]:
    """What the queue is called to which an option leads at once; nothing where nobody has said it in this language."""
    step = flow.steps.get(option.next.name)
    queues = [library.queue(ref.name) for ref in step.refs() if ref.kind == "queue"] if step else []
    named = [queue.spoken_in(language) for queue in queues if queue.is_spoken_in(language)]
    return tuple(name for name in named if len(name) <= LONGEST_HINT)


def _words(entry: Entry) -> dict[str, tuple[str, ...]]:
    """A list, or one for each language."""
    by_language = isinstance(entry.raw("words"), Group)
    written = entry.entry("words") if by_language else entry
    found = (
        {name: written.texts(name) for name in written.names()}
        if by_language
        else {ANY: entry.texts("words")}
    )
    for word in (word for words in found.values() for word in words):
        if len(word) > LONGEST_HINT or "," in word:
            why = "a comma in it" if "," in word else f"{len(word)} characters"
            entry.fault(
                f'"{word[:20]}..." has {why}; what is listened for is a word or a few, of {LONGEST_HINT} characters at most',
                entry.value_place("words"),
            )
    return found


def _option(menu: str, options: Entry, key: str) -> Option:
    place = options.key_place(key)
    if not (len(key) == 1 and key in "123456789"):
        options.fault(
            f'the option "{key}" should be one key from 1 to 9: 0, * and # mean a person, again and back everywhere',
            place,
        )
    entry = options.entry(key, f"option {key}")
    entry.only(names(OPTION))
    language = entry.ref("language", "language", "")
    same = Ref(kind="step", name=menu, place=place)
    return Option(
        key=key,
        words=_words(entry),
        next=same if language.name and "next" not in entry else entry.ref("step", "next"),
        language=language.name,
        refs=(language,) if language.name else (),
    )
