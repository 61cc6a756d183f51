"""What somebody alone in a conference hears: a conference's waitUrl takes Play, Say, Pause and Redirect only."""

from __future__ import annotations

from ivr.telephony.reply import Redirect, Reply
from ivr.telephony.urls import WebhookUrls


def make_reply(urls: WebhookUrls) -> Reply:
    return Reply(verb=Redirect(url=urls.conference_wait(), music_url=urls.hold_music()))
