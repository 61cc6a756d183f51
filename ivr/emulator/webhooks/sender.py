"""Twilio's requests to the app: retried, hit by injected faults, and written to the event log."""

import json
import time
from dataclasses import dataclass, replace

from ivr.emulator.runtime.clock import EmulatorClock
from ivr.emulator.runtime.event_log import EventLog
from ivr.emulator.runtime.faults import WEBHOOK_FAULTS, FaultInjector, FaultKind, InjectedFault, RequestKind
from ivr.emulator.runtime.formats import SidGenerator
from ivr.emulator.webhooks import connection_overrides
from ivr.emulator.webhooks.connection_errors import ERROR_NAMES, Unreachable
from ivr.emulator.webhooks.connection_overrides import ConnectionOverrides
from ivr.emulator.webhooks.http_client import WebhookClient
from ivr.emulator.webhooks.request import WebhookRequest, WebhookResponse


@dataclass(kw_only=True)
class WebhookSender:
    clock: EmulatorClock
    event_log: EventLog
    faults: FaultInjector
    sids: SidGenerator
    client: WebhookClient

    async def send(self, request: WebhookRequest) -> WebhookResponse:
        """Ask, retry as the fragment says, and write down how it went. Never raises."""
        url, options = connection_overrides.split_overrides(request.url)
        for code, why in () if request.reports_error else options.problems:
            self.event_log.write_error(code, why, call=request.call_sid, url=url)
        fault = self.faults.trigger(request.kind, url, *WEBHOOK_FAULTS)
        if fault and fault.what is FaultKind.LATE:
            await self.clock.sleep(fault.seconds)
        began = time.monotonic()
        answer = await self._send_with_retries(request, url, options, fault)
        self.event_log.write(
            "debugger" if request.reports_error else request.kind.value,
            call=request.call_sid,
            who=request.who,
            url=url,
            method=request.method,
            params=dict(request.params) if request.json_body is None else json.loads(request.json_body),
            status=answer.status,
            answer=answer.body.decode("utf-8", "replace"),
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            fault=fault and fault.what.value,
        )
        if answer.error_code and not request.reports_error:
            self.event_log.write_error(
                answer.error_code, answer.error_message, call=request.call_sid, url=url
            )
        return answer

    async def close(self) -> None:
        await self.client.close()

    async def _send_with_retries(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, fault: InjectedFault | None
    ) -> WebhookResponse:
        token = self.sids.new("")
        answer = WebhookResponse(url=url, error_code=11205, error_message="no attempt")
        began, since, left = self.clock.now(), time.monotonic(), options.total
        # a callback that is dropped is lost, however often it is tried; a webhook is lost once
        lost = fault is not None and fault.what is FaultKind.DROP and request.kind is RequestKind.CALLBACK
        for attempt in range(options.retries + 1):
            limits = replace(options, read=min(options.read, left), total=left)
            try:
                answer = await self._send_with_fault(
                    request, url, limits, token, fault if attempt == 0 or lost else None
                )
            except Unreachable as problem:
                answer = WebhookResponse(
                    url=url, error_code=problem.code, error_message=f"{ERROR_NAMES[problem.code]}: {problem}"
                )
                trouble = problem.retry_reason
            else:
                trouble = {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")
            left = options.total - max(self.clock.now() - began, time.monotonic() - since)
            if not trouble or not options.should_retry(trouble) or left <= 0:
                break
        return answer

    async def _send_with_fault(
        self,
        request: WebhookRequest,
        url: str,
        options: ConnectionOverrides,
        token: str,
        fault: InjectedFault | None,
    ) -> WebhookResponse:
        """One attempt, with whatever goes wrong on purpose."""
        if fault is None:
            return await self.client.send(request, url, options, token)
        if (answer := await self._fault_response(request, url, options, fault)) is not None:
            return answer
        answer = await self.client.send(request, url, options, token)
        if fault.what is FaultKind.TWICE:
            answer = await self.client.send(request, url, options, token)
        if fault.what is FaultKind.LOSE_RESPONSE:
            raise Unreachable("rt", "connection reset before the answer")
        if fault.what is FaultKind.SLOW:
            await self.clock.sleep(min(fault.seconds, options.read))
            if fault.seconds >= options.read:
                raise Unreachable("rt", "answered too late")
        return answer

    async def _fault_response(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, fault: InjectedFault
    ) -> WebhookResponse | None:
        """What happens before, or in place of, asking."""
        if fault.what is FaultKind.REFUSE:
            raise Unreachable("ct", "connection refused")
        if fault.what is FaultKind.DROP:
            if request.kind is RequestKind.WEBHOOK:  # somebody waits for it
                await self.clock.sleep(options.read)
            raise Unreachable("rt", "no answer in time")
        if fault.what is FaultKind.HANG_UP and request.hang_up:
            request.hang_up()
        if fault.what is FaultKind.ERROR:
            why = f"{ERROR_NAMES[request.error_code]}: status {fault.status}"
            return WebhookResponse(
                url=url, status=fault.status, error_code=request.error_code, error_message=why
            )
        return None
