"""The exceptions of Calor. The docstring of a class is its default message.

CalorError
+-- BadSetting             a setting is missing or wrong; start-up stops
+-- IllegalTransition      a state cannot follow another
+-- Contention             others wrote the same record before each of many attempts; nothing was written
+-- Unavailable            Redis cannot be reached or refuses to write
|   +-- NotReplicated      it is written, but too few replicas have it: it may not be told yet
|   +-- WritesRefused      nothing was written: nothing new may be owed for now
|       +-- MemoryFull     until there is room
|       +-- NoReplicas     until enough replicas are there
+-- PhotoStorageUnavailable  photos can be neither stored nor fetched for now
+-- OpenIdUnavailable      the provider of sign-ins cannot be used for now
+-- ForgedSignIn           what came of the provider of sign-ins is not to be believed; says why
+-- LookupFailed           the company's own system gave no answer that can be used; says why
+-- UnusablePhoto          a photo cannot be kept; says why
+-- TelephonyError         Twilio said no; carries its code for the log. `ivr/telephony/errors.py` sorts the codes
    +-- CallGone           the leg has ended; a fact, not a crash
    +-- NumberUnusable     never try this number again
    +-- NoTexts            this number takes no texts: speak instead
    +-- TryLater           not processed, may be repeated
    +-- Unclear            no clear answer, or none: it may have happened; look before repeating
    +-- Misconfigured      an operator must act
"""

from __future__ import annotations


class CalorError(Exception):
    """Something in the line went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class BadSetting(CalorError):
    """A setting is missing or wrong."""


class IllegalTransition(CalorError):
    """This state cannot follow that one."""


class Contention(CalorError):
    """Others change the same thing again and again. Nothing was written. Try again."""


class Unavailable(CalorError):
    """The record (Redis) cannot be reached."""


class NotReplicated(Unavailable):
    """Too few replicas have what was just written."""


class WritesRefused(Unavailable):
    """Nothing new may be owed for now."""


class MemoryFull(WritesRefused):
    """Redis has no room; nothing new may be owed."""


class NoReplicas(WritesRefused):
    """Redis has too few replicas; nothing new may be owed."""


class PhotoStorageUnavailable(CalorError):
    """The folder or the bucket of the photos cannot be reached."""


class OpenIdUnavailable(CalorError):
    """The provider of sign-ins cannot be reached, or does not answer as it should."""


class ForgedSignIn(CalorError):
    """What came of the provider of sign-ins is not to be believed."""


class LookupFailed(CalorError):
    """The company's own system gave no answer that can be used.

    `cause`: a code for the event log; the message says what to mend, and nothing of what was asked or answered.
    """

    def __init__(self, message: str, *, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class UnusablePhoto(CalorError):
    """What came is no photo that could be kept."""

    def __init__(self, rejection: str = "") -> None:
        super().__init__(f"What came cannot be kept: {rejection}.")
        self.rejection = rejection


class TelephonyError(CalorError):
    """Twilio refused."""

    def __init__(self, message: str = "", *, code: int = 0, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class CallGone(TelephonyError):
    """The call leg has already ended."""


class NumberUnusable(TelephonyError):
    """This number cannot be called, now or ever."""


class NoTexts(TelephonyError):
    """This number takes no texts."""


class TryLater(TelephonyError):
    """Twilio is busy; nothing was done."""


class Unclear(TelephonyError):
    """Twilio did not answer clearly; it may have happened."""


class Misconfigured(TelephonyError):
    """The Twilio account or its numbers are set up wrongly."""
