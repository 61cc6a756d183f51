"""What somebody alone in a room hears: a conference's waitUrl takes Play, Say, Pause and Redirect only."""

from __future__ import annotations

from ivr.telephony.reply import Again, Reply
from ivr.telephony.urls import Urls


def alone(urls: Urls) -> Reply:
    return Reply(then=Again(url=urls.ringing(), music=urls.music()))
