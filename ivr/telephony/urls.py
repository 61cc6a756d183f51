"""The addresses that Twilio is given: one method each, so that routes and links cannot drift apart."""

from __future__ import annotations


class Urls:
    """`base`: PUBLIC_URL."""

    def __init__(self, base: str) -> None:
        self.base = base

    def answer(self) -> str:
        """The number's own voice webhook: who asks again is where they were."""
        return f"{self.base}/voice/answer"

    def step(self, contact: str, n: int, *, in_line: bool = False) -> str:
        """The caller's `n`th input; `in_line`: from Twilio's waiting room, where other verbs are allowed."""
        return f"{self.base}/voice/step/{contact}/{n}" + ("?line=1" if in_line else "")

    def here(self, contact: str) -> str:
        """Where this caller should be now."""
        return f"{self.base}/voice/here/{contact}"

    def wait(self, contact: str, n: int) -> str:
        """Waiting in line; `n` numbers a key that may be pressed there."""
        return f"{self.base}/voice/wait/{contact}/{n}"

    def left(self, contact: str, stage: int) -> str:
        """The caller left the waiting room or a room."""
        return f"{self.base}/voice/left/{contact}/{stage}"

    def recorded(self, contact: str, n: int) -> str:
        return f"{self.base}/voice/recorded/{contact}/{n}"

    def room(self, contact: str, stage: int) -> str:
        """Events of a conference."""
        return f"{self.base}/voice/room/{contact}/{stage}"

    def agent(self, offer: str, turn: int = 0) -> str:
        """An agent's leg: what they hear next."""
        return f"{self.base}/voice/agent/{offer}/{turn}"

    def agent_left(self, offer: str, stage: int) -> str:
        return f"{self.base}/voice/agent-left/{offer}/{stage}"

    def agent_status(self, offer: str) -> str:
        return f"{self.base}/voice/agent-status/{offer}"

    def callback(self, promise: str, fence: int) -> str:
        """The customer picked up a callback."""
        return f"{self.base}/voice/callback/{promise}/{fence}"

    def callback_status(self, promise: str, fence: int) -> str:
        return f"{self.base}/voice/callback-status/{promise}/{fence}"

    def callback_machine(self, promise: str, fence: int) -> str:
        return f"{self.base}/voice/callback-machine/{promise}/{fence}"

    def fallback(self) -> str:
        return f"{self.base}/voice/fallback"

    def text_status(self, text: str) -> str:
        return f"{self.base}/texts/status/{text}"

    def page(self, token: str) -> str:
        """Where a customer changes what was promised to them; short, because it stands in a text."""
        return f"{self.base}/p/{token}"

    def held_warning(self, language: str) -> str:
        """What the agent of a held caller is told after most of a minute."""
        return f"{self.base}/voice/held-warning?language={language}"

    def ringing(self) -> str:
        """What an agent hears in the room until the customer is there."""
        return f"{self.base}/voice/ringing"

    def music(self) -> str:
        return f"{self.base}/static/hold.wav"
