"""Settings of queues, changed in the text of `queues.yaml`; everything else in it stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.flow.queues import ALLOWED, parse_queues
from ivr.flow.yaml_source.entry import nearest, one_of
from ivr.flow.yaml_source.patch import accepted, put, written
from ivr.flow.yaml_source.positions import BadChange, load

FILE = "queues.yaml"
Setting = int | str | Sequence[int] | Sequence[str] | Mapping[str, str]


def set_queue(text: str, name: str, settings: Mapping[str, Setting]) -> str:
    """The text with these settings of a queue, in the units of `ivr.flow.queues.Queue`; those not named stay.

    Raises BadChange for a queue or a setting that is none, and for a value that the file may not hold.
    """
    queues = load(text) or {}
    if name not in queues:
        raise BadChange(f'there is no queue "{name}".{nearest(name, queues)}')
    there = queues[name] or {}
    changed = text
    for setting, value in settings.items():
        if setting not in ALLOWED:
            raise BadChange(
                f'"{setting}" is no setting of a queue; expected one of: {one_of(ALLOWED)}.{nearest(setting, ALLOWED)}'
            )
        if setting == "overflow" and value and value not in queues:
            raise BadChange(f'there is no queue "{value}" to help out.{nearest(str(value), queues)}')
        source = written(value)
        if setting not in there or there[setting] != load(source):
            changed = put(changed, (name, setting), source)
    return accepted(text, changed, FILE, parse_queues)
