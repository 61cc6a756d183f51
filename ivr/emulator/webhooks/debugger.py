"""Who is told of errors and warnings: the account's debugger webhook, and a webhook sink of Event Streams.

The first gets a form whose `Payload` is JSON (https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks),
the second an array of one CloudEvent, signed by `bodySHA256` (https://www.twilio.com/docs/events/webhook-quickstart).
"""

import json
from dataclasses import dataclass
from typing import Any

from ivr.emulator.runtime.event_log import Entry
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.formats import iso
from ivr.emulator.webhooks.error_severity import level, sid_of
from ivr.emulator.webhooks.sender import Hook

REQUESTS = frozenset({"webhook", "callback", "media"})
SCHEMA = "https://events-schemas.twilio.com/ErrorLogs.Error/2"
LOGGED = "com.twilio.error-logs.error.logged"
Json = dict[str, Any]


@dataclass(kw_only=True)
class Debugger:
    exchange: Exchange
    url: str = ""
    events_url: str = ""

    def tell(self, entry: Entry) -> None:
        """Of a new entry of the journal. A fault of the emulator's own is none of Twilio's."""
        if not entry["code"]:
            return
        if self.url:
            self._send(Hook(url=self.url, params=self._form(entry), about_trouble=True))
        if self.events_url:
            bare = self.events_url.partition("#")[0]  # a sink knows no connection overrides
            body = json.dumps([self._event(entry)])
            self._send(Hook(url=bare, params={}, json=body, about_trouble=True))

    def _send(self, hook: Hook) -> None:
        self.exchange.callback(f"debugger {hook.url}", hook)

    def _form(self, entry: Entry) -> dict[str, str]:
        return {
            "Sid": sid_of(entry),
            "AccountSid": self.exchange.account_sid,
            "ParentAccountSid": "",
            "Timestamp": iso(entry["epoch"]),
            "Level": level(entry["code"]),
            "PayloadType": "application/json",
            "Payload": json.dumps(self._payload(entry)),
        }

    def _payload(self, entry: Entry) -> Json:
        code, words = str(entry["code"]), entry["message"]
        more = {"msg": words, "Msg": words, "ErrorCode": code, "LogLevel": level(entry["code"])}
        if url := entry.get("url"):
            more["url"] = url
        payload: Json = {
            "resource_sid": entry["call"],
            "service_sid": None,
            "error_code": code,
            "more_info": more,
        }
        if request := self._request(entry):
            payload["webhook"] = request
            if request["response"]["status_code"]:
                more["httpResponse"] = str(request["response"]["status_code"])
        return payload

    def _event(self, entry: Entry) -> Json:
        sid, account = sid_of(entry), self.exchange.account_sid
        payload = self._payload(entry)
        return {
            "specversion": "1.0",
            "type": LOGGED,
            "source": account,
            "id": sid,
            "dataschema": SCHEMA,
            "datacontenttype": "application/json",
            "time": iso(entry["epoch"]),
            "data": {
                "sid": sid,
                "account_sid": account,
                "date_created": iso(entry["epoch"]),
                "level": level(entry["code"]),
                "product_name": "Programmable Voice",
                "error_code": payload["error_code"],
                "resource_sid": payload["resource_sid"],
                "service_sid": None,
                "payload": payload,
            },
        }

    def _request(self, entry: Entry) -> Json | None:
        """The latest request of the same call to the address that the error is about."""
        for one in reversed(self.exchange.journal.entries):
            same = one["kind"] in REQUESTS and one["call"] == entry["call"]
            if same and one["url"] == entry.get("url"):
                return {
                    "type": "application/json",
                    "request": {
                        "method": one["method"],
                        "url": one["url"],
                        "headers": {},
                        "parameters": one["params"],
                    },
                    "response": {"status_code": one["status"], "headers": {}, "body": one["answer"]},
                }
        return None
