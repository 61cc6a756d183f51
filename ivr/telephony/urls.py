"""The addresses that Twilio is given: one method each, so that routes and links cannot drift apart.

Connection overrides stand in the fragment, also of what TwiML names
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides): without them Twilio waits 15 s for an answer,
and the caller hears nothing.
"""

from __future__ import annotations

# 2 s to connect, 3 s to answer, two more tries, 9 s in all: then the fallback, before anybody has heard 10 s of silence
OVERRIDES = "#ct=2000&rt=3000&rc=2&tt=9000&rp=ct,rt,5xx"

# the same nine seconds, with fewer tries: an answer of ours that waits for another system's
LOOKUP_OVERRIDES = "#ct=2000&rt={rt}&rc=1&tt=9000&rp=ct,rt,5xx"


class WebhookUrls:
    """`base_url`: PUBLIC_URL."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def answer(self) -> str:
        """The number's own voice webhook: who asks again is where they were."""
        return self._voice_url("answer")

    def step(
        self, contact: str, input_number: int, *, in_queue: bool = False, lookup_seconds: int = 0
    ) -> str:
        """The caller's input `input_number`; `in_queue`: from Twilio's waiting room, where other verbs are allowed.

        `lookup_seconds`: seconds for which another system may keep us, twice when the first time comes to nothing. Asked again by an
        impatient Twilio it would only be asked more.
        """
        path = f"step/{contact}/{input_number}" + ("?queue=1" if in_queue else "")
        return self._voice_url(
            path, LOOKUP_OVERRIDES.format(rt=2000 + 2000 * lookup_seconds) if lookup_seconds else OVERRIDES
        )

    def resume(self, contact: str) -> str:
        """Where this caller should be now."""
        return self._voice_url(f"resume/{contact}")

    def wait(self, contact: str, input_number: int) -> str:
        """Waiting in the queue; `input_number` numbers a key that may be pressed there."""
        return self._voice_url(f"wait/{contact}/{input_number}")

    def caller_left(self, contact: str, conference_number: int) -> str:
        """The caller left the waiting room or a conference."""
        return self._voice_url(f"caller-left/{contact}/{conference_number}")

    def recorded(self, contact: str, input_number: int) -> str:
        return self._voice_url(f"recorded/{contact}/{input_number}")

    def external_transfer(self, contact: str, input_number: int, *, key_asked: bool = False) -> str:
        """Somebody outside the line has picked up for this caller's input `input_number`; `key_asked`: they have been asked for a key."""
        return self._voice_url(
            f"external-transfer/{contact}/{input_number}" + ("?asked=1" if key_asked else "")
        )

    def external_transfer_ended(self, contact: str, input_number: int) -> str:
        """The call to them is over, or has come to nothing."""
        return self._voice_url(f"external-transfer-ended/{contact}/{input_number}")

    def conference_events(self, contact: str, conference_number: int) -> str:
        """Events of a conference."""
        return self._voice_url(f"conference-events/{contact}/{conference_number}")

    def agent(self, leg: str, turn: int = 0) -> str:
        """An agent's leg: what they hear next."""
        return self._voice_url(f"agent/{leg}/{turn}")

    def agent_left(self, leg: str, conference_number: int) -> str:
        return self._voice_url(f"agent-left/{leg}/{conference_number}")

    def third_party_ended(self, leg: str) -> str:
        return self._voice_url(f"third-party-ended/{leg}")

    def agent_status(self, leg: str) -> str:
        return self._voice_url(f"agent-status/{leg}")

    def callback(self, promise: str, fence: int) -> str:
        """The customer picked up a callback."""
        return self._voice_url(f"callback/{promise}/{fence}")

    def callback_status(self, promise: str, fence: int) -> str:
        return self._voice_url(f"callback-status/{promise}/{fence}")

    def callback_machine(self, promise: str, fence: int) -> str:
        return self._voice_url(f"callback-machine/{promise}/{fence}")

    def fallback(self) -> str:
        return self._voice_url("fallback")

    def text_status(self, text: str) -> str:
        return f"{self.base_url}/texts/status/{text}{OVERRIDES}"

    def promise_page(self, token: str) -> str:
        """Where a customer changes what was promised to them; short, because it stands in a text."""
        return f"{self.base_url}/p/{token}"

    def hold_warning(self, language: str) -> str:
        """What the agent of a held caller is told after most of a minute."""
        return self._voice_url(f"hold-warning?language={language}")

    def conference_wait(self) -> str:
        """What an agent hears in the conference until the customer is there."""
        return self._voice_url("conference-wait")

    def _voice_url(self, path: str, overrides: str = OVERRIDES) -> str:
        return f"{self.base_url}/voice/{path}{overrides}"

    def hold_music(self) -> str:
        return f"{self.base_url}/static/hold.wav"
