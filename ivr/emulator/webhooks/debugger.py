"""Who is told of errors and warnings: the account's debugger webhook, and a webhook sink of Event Streams.

The first gets a form whose `Payload` is JSON (https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks),
the second an array of one CloudEvent, signed by `bodySHA256` (https://www.twilio.com/docs/events/webhook-quickstart).
"""

import json
from dataclasses import dataclass
from typing import Any

from ivr.emulator.runtime.event_log import LogEntry
from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.runtime.formats import format_iso
from ivr.emulator.webhooks.error_severity import log_level, notification_sid
from ivr.emulator.webhooks.request import WebhookRequest

REQUEST_ENTRY_KINDS = frozenset({"webhook", "callback", "media"})
ERROR_LOG_SCHEMA = "https://events-schemas.twilio.com/ErrorLogs.Error/2"
ERROR_LOGGED_EVENT = "com.twilio.error-logs.error.logged"
Json = dict[str, Any]


@dataclass(kw_only=True)
class Debugger:
    exchange: Exchange
    url: str = ""
    events_url: str = ""

    def report_error(self, entry: LogEntry) -> None:
        """Of a new entry of the journal. A fault of the emulator's own is none of Twilio's."""
        if not entry["code"]:
            return
        if self.url:
            self._send(WebhookRequest(url=self.url, params=self._form_params(entry), reports_error=True))
        if self.events_url:
            bare = self.events_url.partition("#")[0]  # a sink knows no connection overrides
            body = json.dumps([self._cloud_event(entry)])
            self._send(WebhookRequest(url=bare, params={}, json_body=body, reports_error=True))

    def _send(self, request: WebhookRequest) -> None:
        self.exchange.send_callback(f"debugger {request.url}", request)

    def _form_params(self, entry: LogEntry) -> dict[str, str]:
        return {
            "Sid": notification_sid(entry),
            "AccountSid": self.exchange.account_sid,
            "ParentAccountSid": "",
            "Timestamp": format_iso(entry["epoch"]),
            "Level": log_level(entry["code"]),
            "PayloadType": "application/json",
            "Payload": json.dumps(self._error_payload(entry)),
        }

    def _error_payload(self, entry: LogEntry) -> Json:
        code, words = str(entry["code"]), entry["message"]
        more = {"msg": words, "Msg": words, "ErrorCode": code, "LogLevel": log_level(entry["code"])}
        if url := entry.get("url"):
            more["url"] = url
        payload: Json = {
            "resource_sid": entry["call"],
            "service_sid": None,
            "error_code": code,
            "more_info": more,
        }
        if request := self._find_request(entry):
            payload["webhook"] = request
            if request["response"]["status_code"]:
                more["httpResponse"] = str(request["response"]["status_code"])
        return payload

    def _cloud_event(self, entry: LogEntry) -> Json:
        sid, account = notification_sid(entry), self.exchange.account_sid
        payload = self._error_payload(entry)
        return {
            "specversion": "1.0",
            "type": ERROR_LOGGED_EVENT,
            "source": account,
            "id": sid,
            "dataschema": ERROR_LOG_SCHEMA,
            "datacontenttype": "application/json",
            "time": format_iso(entry["epoch"]),
            "data": {
                "sid": sid,
                "account_sid": account,
                "date_created": format_iso(entry["epoch"]),
                "level": log_level(entry["code"]),
                "product_name": "Programmable Voice",
                "error_code": payload["error_code"],
                "resource_sid": payload["resource_sid"],
                "service_sid": None,
                "payload": payload,
            },
        }

    def _find_request(self, entry: LogEntry) -> Json | None:
        """The latest request of the same call to the address that the error is about."""
        for one in reversed(self.exchange.event_log.entries):
            same = one["kind"] in REQUEST_ENTRY_KINDS and one["call"] == entry["call"]
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
