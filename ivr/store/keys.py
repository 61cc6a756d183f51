"""Every key in Redis, in one place.

contact:{id} offer:{id} promise:{id} agent:{id} account:{id} customer:{number} case:{id} text:{id} photo:{id} dialled:{number} notice:{topic} forgetting:{id} draft:{account}   hashes, see ivr/domain
contact:{id}:in       hash: input number -> what was heard; the first writer of a number wins
case:{id}:thread      list of JSON: notes and events of the case, oldest first
case:{id}:words       sorted set, by its members alone: the words by which the case is found
words                 sorted set, by its members alone: `word case`, for finding cases; see store/queries/case_index.py
filed                 sorted set: cases that can be found, by when something last came to them
customer:{number}:cases  sorted set: their cases, by when they were opened
leg:{CallSid}         string: the member whose leg this is
heard:{MessageSid}    string: what was answered to a text; a day
texted:{number}:{line}  string: the promise that our last text to this number invited to decline, "" = it was about something else
listed:{number}:{line}  JSON: promises as they were numbered in a text that asked which one is not needed any more
wake                  sorted set: when somebody must next look at this member; only an ending removes it
journal               stream: what happened, ids and codes only
live                  stream, trimmed: which records have changed, for open pages; `topics` as store/queries/change_feed.py reads them
line:{needs}          sorted set: members waiting with the same needs, by effective arrival
lines                 set of needs that have ever been asked for
queue:{name}          sorted set: everyone waiting in a queue, for positions
waiting               hash: member -> JSON for the router
booked:{queue}        sorted set: open promises by the time from which they are due
owed                  sorted set: open promises by the time that was said
owed:{state}          sorted set: those in this state, likewise
owed-since            sorted set: open promises by when they were made
owner:{agent}         sorted set: open promises of whoever gave or has them, by the time that was said
hands:{agent}         sorted set: promises that have ended in this agent's hands, by when
over                  sorted set: promises that have ended, by when
stage:{state}         sorted set: contacts that have not ended, by when they asked for a person or came
waits:{queue}         sorted set: contacts that wait for a person, also while one is being asked, by when they asked for one
staff:{state}         sorted set: agents by since when they are in it
counted               hash: figure|label|... -> how often, ever; as ivr/domain/metrics/counters.py names them
counted:{day}         hash: the same of one day of the line's clock; for some weeks
report:{day|month}:{by}  hash: label|fact -> how often, or seconds, as ivr/domain/metrics/report_facts.py names them; by day, line, queue or agent; kept for ever
reported              string: the first day of which there is a report
commented             sorted set: contacts that were rated with words, by when
idle:{abilities}      sorted set: agents free, by since when
works:{abilities}     set: agents signed in
abilities             set of abilities that any agent has
idle                  hash: agent -> JSON for the router
agents accounts contacts promises texts cases photos drafts     sorted sets of ids by creation
extension:{digits}    string: agent id
mailbox:{e-mail}      string: account id
session:{id}          JSON: a sign-in: account, its era, since when; gone when it has ended
returned:{digest}     string: somebody came back from the provider of sign-ins with this; as long as it would count
attempts:{what}       sorted set: sign-ins that failed lately, by time
standing:line         hash: what stands for the whole line: the published version of the flows, emergency notices
flows:{version}       JSON: a published version of the flows, never changed
flows:history         list of JSON: what was published when, by whom and why; oldest first
phones                hash: telephone -> agent id: these are never rung as customers
ours                  set: numbers of ours that were called
callers:{queue}       set: contacts who stand in a queue on the telephone; `queue:` holds callbacks too
lately:{what}         sorted set: how often something happened, by time; for bounds
recording:{sid}       string: the contact that this message was made a promise of
fell:{CallSid}        string: how often the call was sent back from the fallback
looked                string: when a reconciler last looked, epoch seconds
photos:{number}       sorted set: photos of this customer, by when they came
unseen:{agent}        sorted set: photos that this agent is shown as new, "" = every agent, by when they came
said:{words}:{number} string: a text that is not sent twice within the hour, whatever it is about
forgotten             hash: keyed hash of a number -> when they were forgotten, epoch seconds; see usecases/privacy/erased_list.py
swept                 hash: kind -> how many were erased because of their age, ever
alarm:{name}          string: when supervisors were last told of it, epoch seconds
record                string: which record this is, made once; so that an older one is known for it
quarantine:line       hash: the record was restored and nobody is rung until a person says so
quarantine:found      list of JSON: what was found about the time that the record had lost
outage                string: since when Twilio must be asked what was missed, epoch seconds
archiving:{day}       string: a reconciler archives the journal on this day
clock                 string: the time, when it is driven by hand
"""

from __future__ import annotations

import re

WAKE = "wake"
JOURNAL = "journal"
LIVE = "live"
LINES = "lines"
WAITING = "waiting"
ABILITIES = "abilities"
IDLE = "idle"
PHONES = "phones"
OURS = "ours"
WORDS = "words"
FILED = "filed"
CLOCK = "clock"
LOOKED = "looked"
OWED = "owed"
OLDEST = "owed-since"
OVER = "over"
COUNTED = "counted"
REPORTED = "reported"
COMMENTED = "commented"
OUTAGE = "outage"
FORGOTTEN = "forgotten"
SWEPT = "swept"
FOUND = "quarantine:found"
RECORD = "record"
STANDING = "standing:line"
HISTORY = "flows:history"
BELL = "bell"  # pub/sub channel: something is due now


def flows(version: str) -> str:
    return f"flows:{version}"


def mailbox(email: str) -> str:
    return f"mailbox:{email}"


def session(name: str) -> str:
    return f"session:{name}"


def returned(digest: str) -> str:
    return f"returned:{digest}"


def attempts(what: str) -> str:
    return f"attempts:{what}"


def inputs(contact: str) -> str:
    return f"contact:{contact}:in"


def thread(case: str) -> str:
    return f"case:{case}:thread"


def words_of(case: str) -> str:
    return f"case:{case}:words"


def cases_of(number: str) -> str:
    return f"customer:{number}:cases"


def fell(sid: str) -> str:
    return f"fell:{sid}"


def recording(sid: str) -> str:
    return f"recording:{sid}"


def leg(sid: str) -> str:
    return f"leg:{sid}"


def heard(sid: str) -> str:
    return f"heard:{sid}"


def archiving(day: float) -> str:
    return f"archiving:{day:.0f}"


def alarmed(name: str) -> str:
    return f"alarm:{name}"


def texted(number: str, ours: str) -> str:
    return f"texted:{number}:{ours}"


def listed(number: str, ours: str) -> str:
    return f"listed:{number}:{ours}"


def photos_of(number: str) -> str:
    return f"photos:{number}"


def unseen(agent: str) -> str:
    return f"unseen:{agent}"


def said(words: str, number: str) -> str:
    return f"said:{words}:{number}"


def names(key: str, number: str) -> bool:
    """Whether this key is named after this number, and not after a longer one that begins so."""
    return bool(re.search(rf"(?<!\d){re.escape(number)}(?!\d)", key))


def line(needs: str) -> str:
    return f"line:{needs}"


def queue(name: str) -> str:
    return f"queue:{name}"


def callers(queue: str) -> str:
    return f"callers:{queue}"


def lately(what: str) -> str:
    return f"lately:{what}"


def booked(queue: str) -> str:
    return f"booked:{queue}"


def owed(state: str) -> str:
    return f"owed:{state}"


def owner(agent: str) -> str:
    return f"owner:{agent}"


def hands(agent: str) -> str:
    return f"hands:{agent}"


def stage(state: str) -> str:
    return f"stage:{state}"


def waits(queue: str) -> str:
    return f"waits:{queue}"


def staff(state: str) -> str:
    return f"staff:{state}"


def counted(day: str) -> str:
    return f"counted:{day}"


def report(period: str, by: str) -> str:
    """`period`: a day, 2026-11-23, or a month, 2026-11."""
    return f"report:{period}:{by}"


def idle(abilities: str) -> str:
    return f"idle:{abilities}"


def works(abilities: str) -> str:
    return f"works:{abilities}"


def extension(digits: str) -> str:
    return f"extension:{digits}"


def everyone(noun: str) -> str:
    return f"{noun}s"
