"""`menu`: a question with up to five answers, by key or by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ivr.domain.speech import spoken_text
from ivr.flow.model import Exit, Flow, Library, Step, StepContext
from ivr.flow.phrases.understanding import contains_any_phrase, parse_spoken_key
from ivr.flow.step_results import GoTo, InvalidInput, StepResult
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt, SpokenPrompt
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, field_names, get_field
from ivr.flow.yaml_source.load import YamlMapping

# https://www.twilio.com/docs/voice/twiml/gather#hints: phrases, and characters of one; a comma ends a phrase
MAX_HINTS, MAX_HINT_CHARACTERS = 500, 100
ANY_LANGUAGE = ""  # words that are listened for whatever language is spoken
MAX_OPTIONS = 5  # nobody remembers more
OPTION_FIELDS = (
    Field(name="words", kind="heard", description="What may be said instead of the key"),
    Field(
        name="next",
        kind="step",
        description="Where it leads; it may be left out where a language is chosen: the same again",
    ),
    Field(
        name="language",
        kind="language",
        description="The language that is spoken from here on",
        schema_rules={"minLength": 1},
    ),
)


@dataclass(frozen=True, kw_only=True)
class MenuOption:
    key: str
    next: Ref  # the menu itself for an option that only changes the language
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by language, or under ANY_LANGUAGE
    language: str = ""
    refs: tuple[Ref, ...] = ()

    def describe(self) -> str:
        language = (f"in {self.language}:",) if self.language else ()
        return " ".join([self.key, *language, ", ".join(self.all_words)]).strip().removesuffix(":")

    @property
    def all_words(self) -> tuple[str, ...]:
        return tuple(word for words in self.words.values() for word in words)

    def matches(self, utterance: str, queue_names: tuple[str, ...] = ()) -> bool:
        """In any language: a caller may answer in their own before they have chosen it."""
        return contains_any_phrase(utterance, (*queue_names, *self.all_words))

    def hints(self, language: str) -> tuple[str, ...]:
        """What a recogniser of this language should expect."""
        short = spoken_text.get_base_language(language)
        return tuple(
            dict.fromkeys(w for key in (language, short, ANY_LANGUAGE) for w in self.words.get(key, ()))
        )


@dataclass(frozen=True, kw_only=True)
class MenuStep(Step):
    keyword: ClassVar[str] = "menu"
    description: ClassVar[str] = "A question with up to five answers, by key or by word"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="menu", kind="prompt", description="The question", required=True),
        Field(
            name="options",
            kind="named",
            description="By key from 1 to 9, at most five: what each answer leads to",
            required=True,
            fields=OPTION_FIELDS,
            name_pattern="^[1-9]$",
            value_rules={"anyOf": [{"required": ["next"]}, {"required": ["language"]}]},
            schema_rules={"minProperties": 1, "maxProperties": MAX_OPTIONS},
        ),
        Field(
            name="silence",
            kind="step",
            description="Where silence leads at once; without it, it is asked again, and then there is a person",
        ),
        Field(
            name="seconds",
            kind="number",
            description="Seconds of silence that are waited for",
            default=5,
            minimum=1,
            maximum=20,
        ),
    )
    example: ClassVar[str] = """what:
  menu: what_is_it_about
  seconds: 4
  options:
    1: {words: [baggage, suitcase], next: support}
    9: {words: [español], language: es}"""

    prompt: Ref
    options: tuple[MenuOption, ...]
    silence: Ref | None = (
        None  # where saying nothing leads at once; without it, asked again and then a person
    )
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        options = entry.get_entry("options")
        if not options.field_names():
            entry.add_fault(f'{entry.label} needs "options", like 1: {{words: [bookings], next: bookings}}')
        read = tuple(_parse_option(name, options, key) for key in options.field_names())
        count = sum(len(option.all_words) for option in read)
        if count > MAX_HINTS:
            entry.add_fault(
                f"{entry.label} listens for {count} words; a recogniser takes {MAX_HINTS} at most"
            )
        return cls(
            name=name,
            location=entry.location,
            prompt=entry.get_ref("prompt", "menu"),
            options=read,
            silence=entry.get_ref("step", "silence") if "silence" in entry else None,
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        said = (context.prompt(self.prompt.name), *self._language_offers(context))
        return context.ask_caller(*said, listen=Listen(seconds=self.seconds, hints=self._hints(context)))

    def reprompt(self, context: StepContext) -> StepResult:
        said = context.prompt(self.prompt.name)
        return context.ask_caller(said, listen=Listen(seconds=self.seconds, hints=self._hints(context)))

    def _hints(self, context: StepContext) -> tuple[str, ...]:
        """The options and the queues they lead to, and a person, in the language that is spoken."""
        options = [
            w
            for option in self.options
            for w in (
                *option.hints(context.language),
                *_spoken_queue_names(context.flow, context.library, context.language, option),
            )
        ]
        return tuple(dict.fromkeys([*options, *context.phrasebook.get_word_list("heard.person")]))[:MAX_HINTS]

    def _language_offers(self, context: StepContext) -> tuple[Prompt, ...]:
        """Each offered in itself, by its own voice."""
        return tuple(
            SpokenPrompt(
                text=context.library.get_phrasebook(option.language).phrase(
                    "menu.language", press=option.key
                ),
                language=option.language,
            )
            for option in self.options
            if option.language not in {"", context.language}
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.SILENCE and self.silence:
            return GoTo(to=self.silence.name)
        option = self.find_option(context.flow, context.library, context.language, flow_input)
        if option is None or option.language == context.language:
            return super().on_input(context, flow_input) if option is None else InvalidInput()
        return GoTo(to=option.next.name, language=option.language)

    def find_option(
        self, flow: Flow, library: Library, language: str, flow_input: FlowInput
    ) -> MenuOption | None:
        """What was meant; None: none of the options."""
        if flow_input.kind is FlowInputKind.WORDS:
            by_word = next(
                (
                    o
                    for o in self.options
                    if o.matches(flow_input.value, _spoken_queue_names(flow, library, language, o))
                ),
                None,
            )
            key = parse_spoken_key(flow_input.value, library.get_phrasebook(language))
            return by_word or next((o for o in self.options if o.key == key), None)
        return next(
            (o for o in self.options if flow_input.kind is FlowInputKind.KEYS and o.key == flow_input.value),
            None,
        )

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.silence,) if self.silence else ()

    def refs(self) -> tuple[Ref, ...]:
        options = tuple(ref for option in self.options for ref in (option.next, *option.refs))
        return (self.prompt, *options, *((self.silence,) if self.silence else ()))

    def list_exits(self) -> tuple[Exit, ...]:
        options = (Exit(to=option.next, when=option.describe()) for option in self.options)
        return (*options, *((Exit(to=self.silence, when="silence"),) if self.silence else ()))

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        del context
        return tuple(FlowInput(kind=FlowInputKind.KEYS, value=option.key) for option in self.options)


def _spoken_queue_names(flow: Flow, library: Library, language: str, option: MenuOption) -> tuple[str, ...]:
    """What the queue is called to which an option leads at once; nothing where nobody has said it in this language."""
    step = flow.steps.get(option.next.name)
    queues = [library.get_queue(ref.name) for ref in step.refs() if ref.kind == "queue"] if step else []
    named = [queue.spoken_name(language) for queue in queues if queue.has_spoken_name(language)]
    return tuple(name for name in named if len(name) <= MAX_HINT_CHARACTERS)


def _parse_words(entry: YamlEntry) -> dict[str, tuple[str, ...]]:
    """A list, or one for each language."""
    by_language = isinstance(entry.get_raw("words"), YamlMapping)
    written = entry.get_entry("words") if by_language else entry
    found = (
        {name: written.get_texts(name) for name in written.field_names()}
        if by_language
        else {ANY_LANGUAGE: entry.get_texts("words")}
    )
    for word in (word for words in found.values() for word in words):
        if len(word) > MAX_HINT_CHARACTERS or "," in word:
            why = "a comma in it" if "," in word else f"{len(word)} characters"
            entry.add_fault(
                f'"{word[:20]}..." has {why}; what is listened for is a word or a few, of {MAX_HINT_CHARACTERS} characters at most',
                entry.value_location("words"),
            )
    return found


def _parse_option(menu: str, options: YamlEntry, key: str) -> MenuOption:
    place = options.key_location(key)
    if not (len(key) == 1 and key in "123456789"):
        options.add_fault(
            f'the option "{key}" should be one key from 1 to 9: 0, * and # mean a person, again and back everywhere',
            place,
        )
    entry = options.get_entry(key, f"option {key}")
    entry.allow_only(field_names(OPTION_FIELDS))
    language = entry.get_ref("language", "language", "")
    same = Ref(kind="step", name=menu, location=place)
    return MenuOption(
        key=key,
        words=_parse_words(entry),
        next=same if language.name and "next" not in entry else entry.get_ref("step", "next"),
        language=language.name,
        refs=(language,) if language.name else (),
    )
