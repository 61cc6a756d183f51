"""A Twilio Studio flow, made into a folder of ours: `convert(export) -> ConvertedFlow`. No file is read or written here.

What an export holds: https://www.twilio.com/docs/studio/rest-api/v2/flow-definition (its schemas: ../v2/schemas); what the
widgets do: https://www.twilio.com/docs/studio/widget-library. Studio hangs up when a transition leads nowhere, and lets callers
go in circles; here both become a person or a promise, and every such change is told.

    export.py   JSON -> widgets; what is wrong with it is said in one sentence
    convert.py  the order of it all; widgets.py, menus.py, splits.py: one widget -> one draft of a step
    hangups.py     hang-ups; loops.py: circles, and what nothing leads to any more
    phrases.py    what is spoken: Studio's variables, "press 9", "please call again"
    flow_files.py  drafts -> the texts of the files
"""

from ivr.flow.studio.convert import ConvertedFlow, convert_export
from ivr.flow.studio.export import InvalidStudioExport, read_export
from ivr.flow.studio.notes import ConversionNote

__all__ = ["ConversionNote", "ConvertedFlow", "InvalidStudioExport", "convert_export", "read_export"]
