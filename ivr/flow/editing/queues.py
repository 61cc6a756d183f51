"""Settings of queues, changed in the text of `queues.yaml`; everything else in it stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.flow.queues import FIELD_NAMES, parse_queues
from ivr.flow.yaml_source.entry import comma_separated, did_you_mean
from ivr.flow.yaml_source.patch import refuse_new_faults, set_value, to_inline_yaml
from ivr.flow.yaml_source.positions import InvalidFileChange, load_data

FILE = "queues.yaml"
Setting = int | str | Sequence[int] | Sequence[str] | Mapping[str, str]


def set_queue(text: str, name: str, settings: Mapping[str, Setting]) -> str:
    """The text with these settings of a queue, in the units of `ivr.flow.queues.QueueSettings`; those not named stay.

    Raises InvalidFileChange for a queue or a setting that is none, and for a value that the file may not hold.
    """
    queues = load_data(text) or {}
    if name not in queues:
        raise InvalidFileChange(f'there is no queue "{name}".{did_you_mean(name, queues)}')
    there = queues[name] or {}
    changed = text
    for setting, value in settings.items():
        if setting not in FIELD_NAMES:
            raise InvalidFileChange(
                f'"{setting}" is no setting of a queue; expected one of: {comma_separated(FIELD_NAMES)}.{did_you_mean(setting, FIELD_NAMES)}'
            )
        if setting == "overflow" and value and value not in queues:
            raise InvalidFileChange(
                f'there is no queue "{value}" to help out.{did_you_mean(str(value), queues)}'
            )
        source = to_inline_yaml(value)
        if setting not in there or there[setting] != load_data(source):
            changed = set_value(changed, (name, setting), source)
    return refuse_new_faults(text, changed, FILE, parse_queues)
