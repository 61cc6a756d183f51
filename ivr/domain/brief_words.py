"""The sentences of a brief in each language. People's own words stand in them between quotation marks, unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.numbers import Degree


@dataclass(frozen=True, kw_only=True)
class Wording:
    ending: str  # who, when no name is known
    hidden: str
    perhaps: str  # who, when the name belongs to the number but the caller is not known to be its owner
    degree: Mapping[Degree, str]  # of a known name; unsure ones are a "perhaps"
    handed_over: str
    handed_over_plain: str
    reason: str
    promised: str
    owed: str
    by: str
    late: str
    about: str
    note: str
    last: str
    last_note: str
    noted: str
    waited: str
    minding: str
    minding_by: str
    system: str  # a fact that the company's own system knows, so that nobody takes it for a colleague's word
    system_name: str
    contractions: Mapping[str, str]

    def tidy(self, sentence: str) -> str:
        for apart, together in self.contractions.items():
            sentence = sentence.replace(apart, together)
        return sentence


WORDING: Mapping[str, Wording] = {
    "en": Wording(
        ending="A caller, number ending {ending}",
        hidden="A caller with a hidden number",
        perhaps="Perhaps {name}",
        degree={Degree.ATTESTED: "attested", Degree.CONFIRMED: "confirmed"},
        handed_over='From {agent}: "{reason}"',
        handed_over_plain="From {agent}",
        reason='They say: "{reason}".',
        promised="{agent} promised a call {by}",
        owed="We owe them a call {by}",
        by="by {clock}",
        late="; that has passed",
        about=', about "{about}"',
        note='{agent}\'s note: "{note}".',
        last="Last with {agent} {when}",
        last_note='Last with {agent} {when}: "{note}"',
        noted='{agent} wrote {when}: "{note}"',
        waited="Has waited {time}.",
        minding="Mind: {text}",
        minding_by="Mind, says {by}: {text}",
        system='Our system says: "{fact}"',
        system_name='Our system gives the name "{name}"',
        contractions={},
    ),
    "es": Wording(
        ending="Una llamada de un número que termina en {ending}",
        hidden="Una llamada de un número oculto",
        perhaps="Quizá {name}",
        degree={
            Degree.UNSURE: "sin verificar",
            Degree.ATTESTED: "número verificado",
            Degree.CONFIRMED: "identidad confirmada",
        },
        handed_over="De parte de {agent}: «{reason}»",
        handed_over_plain="De parte de {agent}",
        reason="Dice: «{reason}».",
        promised="{agent} prometió llamar {by}",
        owed="Le debemos una llamada {by}",
        by="antes de {clock}",
        late="; ya ha pasado",
        about=", sobre «{about}»",
        note="Nota de {agent}: «{note}».",
        last="Última vez con {agent}, {when}",
        last_note="Última vez con {agent}, {when}: «{note}»",
        noted="{agent} escribió {when}: «{note}»",
        waited="Espera desde hace {time}.",
        minding="A tener en cuenta: {text}",
        minding_by="A tener en cuenta, según {by}: {text}",
        system="Nuestro sistema dice: «{fact}»",
        system_name="Nuestro sistema da el nombre «{name}»",
        contractions={"de el ": "del "},
    ),
}
