"""The addresses that Twilio is given: one method each, so that routes and links cannot drift apart.

Connection overrides stand in the fragment, also of what TwiML names
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides): without them Twilio waits 15 s for an answer,
and the caller hears nothing.
"""

from __future__ import annotations

# 2 s to connect, 3 s to answer, two more tries, 9 s in all: then the fallback, before anybody has heard 10 s of silence
OVERRIDES = "#ct=2000&rt=3000&rc=2&tt=9000&rp=ct,rt,5xx"

# the same nine seconds, with fewer tries: an answer of ours that waits for another system's
PATIENT = "#ct=2000&rt={rt}&rc=1&tt=9000&rp=ct,rt,5xx"


class Urls:
    """`base`: PUBLIC_URL."""

    def __init__(self, base: str) -> None:
        self.base = base

    def answer(self) -> str:
        """The number's own voice webhook: who asks again is where they were."""
        return self._asked("answer")

    def step(self, contact: str, n: int, *, in_line: bool = False, takes: int = 0) -> str:
        """The caller's `n`th input; `in_line`: from Twilio's waiting room, where other verbs are allowed.

        `takes`: seconds for which another system may keep us, twice when the first time comes to nothing. Asked again by an
        impatient Twilio it would only be asked more.
        """
        path = f"step/{contact}/{n}" + ("?queue=1" if in_line else "")
        return self._asked(path, PATIENT.format(rt=2000 + 2000 * takes) if takes else OVERRIDES)

    def here(self, contact: str) -> str:
        """Where this caller should be now."""
        return self._asked(f"resume/{contact}")

    def wait(self, contact: str, n: int) -> str:
        """Waiting in line; `n` numbers a key that may be pressed there."""
        return self._asked(f"wait/{contact}/{n}")

    def left(self, contact: str, stage: int) -> str:
        """The caller left the waiting room or a room."""
        return self._asked(f"caller-left/{contact}/{stage}")

    def recorded(self, contact: str, n: int) -> str:
        return self._asked(f"recorded/{contact}/{n}")

    def outside(self, contact: str, n: int, *, asked: bool = False) -> str:
        """Somebody outside the line has picked up for this caller's `n`th input; `asked`: they have been asked for a key."""
        return self._asked(f"external-transfer/{contact}/{n}" + ("?asked=1" if asked else ""))

    def came_back(self, contact: str, n: int) -> str:
        """The call to them is over, or has come to nothing."""
        return self._asked(f"external-transfer-ended/{contact}/{n}")

    def room(self, contact: str, stage: int) -> str:
        """Events of a conference."""
        return self._asked(f"conference-events/{contact}/{stage}")

    def agent(self, offer: str, turn: int = 0) -> str:
        """An agent's leg: what they hear next."""
        return self._asked(f"agent/{offer}/{turn}")

    def agent_left(self, offer: str, stage: int) -> str:
        return self._asked(f"agent-left/{offer}/{stage}")

    def third(self, offer: str) -> str:
        return self._asked(f"third-party-ended/{offer}")

    def agent_status(self, offer: str) -> str:
        return self._asked(f"agent-status/{offer}")

    def callback(self, promise: str, fence: int) -> str:
        """The customer picked up a callback."""
        return self._asked(f"callback/{promise}/{fence}")

    def callback_status(self, promise: str, fence: int) -> str:
        return self._asked(f"callback-status/{promise}/{fence}")

    def callback_machine(self, promise: str, fence: int) -> str:
        return self._asked(f"callback-machine/{promise}/{fence}")

    def fallback(self) -> str:
        return self._asked("fallback")

    def text_status(self, text: str) -> str:
        return f"{self.base}/texts/status/{text}{OVERRIDES}"

    def page(self, token: str) -> str:
        """Where a customer changes what was promised to them; short, because it stands in a text."""
        return f"{self.base}/p/{token}"

    def held_warning(self, language: str) -> str:
        """What the agent of a held caller is told after most of a minute."""
        return self._asked(f"hold-warning?language={language}")

    def ringing(self) -> str:
        """What an agent hears in the room until the customer is there."""
        return self._asked("conference-wait")

    def _asked(self, path: str, overrides: str = OVERRIDES) -> str:
        return f"{self.base}/voice/{path}{overrides}"

    def music(self) -> str:
        return f"{self.base}/static/hold.wav"
