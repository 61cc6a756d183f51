"""Which handler a kind of leg has."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.domain.records.agent_leg import LegKind
from ivr.usecases.agents.kinds.callback import CallbackLeg
from ivr.usecases.agents.kinds.caller import CallerLeg
from ivr.usecases.agents.kinds.consult import ConsultLeg
from ivr.usecases.agents.kinds.disposition import DispositionLeg
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.agents.kinds.monitor import MonitorLeg
from ivr.usecases.agents.kinds.persistent import PersistentLeg
from ivr.usecases.agents.kinds.third_party import ThirdPartyLeg

_HANDLERS: Mapping[LegKind, LegHandler] = {
    LegKind.CONTACT: CallerLeg(),
    LegKind.PROMISE: CallbackLeg(),
    LegKind.CONSULT: ConsultLeg(),
    LegKind.MONITOR: MonitorLeg(),
    LegKind.THIRD_PARTY: ThirdPartyLeg(),
    LegKind.PERSISTENT: PersistentLeg(),
    LegKind.DISPOSITION: DispositionLeg(),
}


def get_handler(kind: LegKind) -> LegHandler:
    return _HANDLERS[kind]
