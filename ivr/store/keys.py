"""Every key in Redis, in one place.

contact:{id} agent_leg:{id} promise:{id} agent:{id} account:{id} customer:{number} case:{id} text:{id} photo:{id} number_lock:{number} supervisor_alert:{topic} erasure:{id} draft:{account}   hashes, see ivr/domain
contact:{id}:in                  hash: input number -> what was heard; the first writer of a number wins
case:{id}:thread                 list of JSON: notes and events of the case, oldest first
case:{id}:words                  sorted set, by its members alone: the words by which the case is found
case_words                       sorted set, by its members alone: `word case`, for finding cases; see store/queries/case_index.py
indexed_cases                    sorted set: cases that can be found, by when something last came to them
customer:{number}:cases          sorted set: their cases, by when they were opened
leg:{CallSid}                    string: key of the record whose leg this is
text_reply:{MessageSid}          string: what was answered to a text; a day
last_text:{number}:{our_number}  string: the promise that our last text to this number invited to decline, "" = it was about something else
decline_choices:{number}:{our_number}  JSON: promises as they were numbered in a text that asked which one is not needed any more
due                              sorted set: when this record must next be processed; only its end removes it
event_log                        stream: what happened, ids and codes only
change_feed                      stream, trimmed: which records have changed, for open pages; `topics` as store/queries/change_feed.py reads them
requirements:{requirements}      sorted set: records waiting with the same requirements, by effective arrival
requirements                     set of requirements that have ever been asked for
queue:{name}                     sorted set: everyone waiting in a queue, for positions
waiting                          hash: record key -> JSON for the router
scheduled_promises:{queue}       sorted set: open promises by the time from which they are due
open_promises                    sorted set: open promises by the time that was said
open_promises:{state}            sorted set: those in this state, likewise
open_promises_by_creation        sorted set: open promises by when they were made
promises_of:{agent}              sorted set: open promises of whoever gave or has them, by the time that was said
assigned_promises:{agent}        sorted set: promises that have ended in this agent's hands, by when
ended_promises                   sorted set: promises that have ended, by when
open_contacts:{state}            sorted set: contacts that have not ended, by when they asked for a person or came
waiting_contacts:{queue}         sorted set: contacts that wait for a person, also while one is being asked, by when they asked for one
agents:{state}                   sorted set: agents by since when they are in it
counters                         hash: figure|label|... -> how often, ever; as ivr/domain/metrics/counters.py names them
counters:{day}                   hash: the same of one day of the line's clock; for some weeks
report:{day|month}:{by}          hash: label|fact -> how often, or seconds, as ivr/domain/metrics/report_facts.py names them; by day, line, queue or agent; kept for ever
first_report_day                 string: the first day of which there is a report
rating_comments                  sorted set: contacts that were rated with words, by when
idle:{abilities}                 sorted set: agents free, by since when
signed_in:{abilities}            set: agents signed in
abilities                        set of abilities that any agent has
idle                             hash: agent -> JSON for the router
agents accounts contacts promises texts cases photos drafts     sorted sets of ids by creation
extension:{digits}               string: agent id
email:{e-mail}                   string: account id
session:{id}                     JSON: a sign-in: account, its era, since when; gone when it has ended
oidc_return:{digest}             string: somebody came back from the provider of sign-ins with this; as long as it would count
sign_in_attempts:{what}          sorted set: sign-ins that failed lately, by time
line_status:line                 hash: what stands for the whole line: the published version of the flows, announcements
flows:{version}                  JSON: a published version of the flows, never changed
flows:history                    list of JSON: what was published when, by whom and why; oldest first
agent_phones                     hash: telephone -> agent id: these are never rung as customers
our_numbers                      set: numbers of ours that were called
waiting_callers:{queue}          set: contacts who stand in a queue on the telephone; `queue:` holds callbacks too
recent:{what}                    sorted set: how often something happened, by time; for bounds
recording:{sid}                  string: the contact that this message was made a promise of
fallbacks:{CallSid}              string: how often the call was sent back from the fallback
scheduler_last_run               string: when a scheduler last ran, epoch seconds
photos:{number}                  sorted set: photos of this customer, by when they came
new_photos:{agent}               sorted set: photos that this agent is shown as new, "" = every agent, by when they came
sent_text:{words}:{number}       string: a text that is not sent twice within the hour, whatever it is about
erased_numbers                   hash: keyed hash of a number -> when they were erased, epoch seconds; see usecases/privacy/erased_list.py
erased_by_age                    hash: kind -> how many were erased because of their age, ever
alarm:{name}                     string: when supervisors were last told of it, epoch seconds
database_id                      string: which database this is, made once; so that an older one is known for it
quarantine:line                  hash: the database was restored and nobody is rung until a person says so
quarantine:findings              list of JSON: what was found about the time that the database had lost
outage                           string: since when Twilio must be asked what was missed, epoch seconds
archiving:{day}                  string: a scheduler archives the event log on this day
manual_clock                     string: the time, when it is driven by hand
"""

from __future__ import annotations

import re

DUE = "due"
EVENT_LOG = "event_log"
CHANGE_FEED = "change_feed"
REQUIREMENTS = "requirements"
WAITING = "waiting"
ABILITIES = "abilities"
IDLE = "idle"
AGENT_PHONES = "agent_phones"
OUR_NUMBERS = "our_numbers"
CASE_WORDS = "case_words"
INDEXED_CASES = "indexed_cases"
MANUAL_CLOCK = "manual_clock"
SCHEDULER_LAST_RUN = "scheduler_last_run"
OPEN_PROMISES = "open_promises"
OPEN_PROMISES_BY_CREATION = "open_promises_by_creation"
ENDED_PROMISES = "ended_promises"
COUNTERS = "counters"
FIRST_REPORT_DAY = "first_report_day"
RATING_COMMENTS = "rating_comments"
OUTAGE = "outage"
ERASED_NUMBERS = "erased_numbers"
ERASED_BY_AGE = "erased_by_age"
QUARANTINE_FINDINGS = "quarantine:findings"
DATABASE_ID = "database_id"
LINE_STATUS = "line_status:line"
FLOWS_HISTORY = "flows:history"
DUE_NOW_CHANNEL = "due_now"  # pub/sub channel: something is due now


def flows(version: str) -> str:
    return f"flows:{version}"


def email_account(email: str) -> str:
    return f"email:{email}"


def session(session_id: str) -> str:
    return f"session:{session_id}"


def oidc_return(digest: str) -> str:
    return f"oidc_return:{digest}"


def sign_in_attempts(what: str) -> str:
    return f"sign_in_attempts:{what}"


def contact_inputs(contact: str) -> str:
    return f"contact:{contact}:in"


def case_thread(case: str) -> str:
    return f"case:{case}:thread"


def case_words(case: str) -> str:
    return f"case:{case}:words"


def customer_cases(number: str) -> str:
    return f"customer:{number}:cases"


def fallbacks(sid: str) -> str:
    return f"fallbacks:{sid}"


def recording(sid: str) -> str:
    return f"recording:{sid}"


def leg(sid: str) -> str:
    return f"leg:{sid}"


def text_reply(sid: str) -> str:
    return f"text_reply:{sid}"


def archiving(day: float) -> str:
    return f"archiving:{day:.0f}"


def alarm(name: str) -> str:
    return f"alarm:{name}"


def last_text(number: str, our_number: str) -> str:
    return f"last_text:{number}:{our_number}"


def decline_choices(number: str, our_number: str) -> str:
    return f"decline_choices:{number}:{our_number}"


def customer_photos(number: str) -> str:
    return f"photos:{number}"


def new_photos(agent: str) -> str:
    return f"new_photos:{agent}"


def sent_text(text: str, number: str) -> str:
    return f"sent_text:{text}:{number}"


def contains_number(key: str, number: str) -> bool:
    """Whether this key is named after this number, and not after a longer one that begins so."""
    return bool(re.search(rf"(?<!\d){re.escape(number)}(?!\d)", key))


def waiting_with(requirements: str) -> str:
    return f"requirements:{requirements}"


def queue(name: str) -> str:
    return f"queue:{name}"


def waiting_callers(queue: str) -> str:
    return f"waiting_callers:{queue}"


def recent(what: str) -> str:
    return f"recent:{what}"


def scheduled_promises(queue: str) -> str:
    return f"scheduled_promises:{queue}"


def open_promises(state: str) -> str:
    return f"open_promises:{state}"


def promises_of(agent: str) -> str:
    return f"promises_of:{agent}"


def assigned_promises(agent: str) -> str:
    return f"assigned_promises:{agent}"


def open_contacts(state: str) -> str:
    return f"open_contacts:{state}"


def waiting_contacts(queue: str) -> str:
    return f"waiting_contacts:{queue}"


def agents(state: str) -> str:
    return f"agents:{state}"


def counters(day: str) -> str:
    return f"counters:{day}"


def report(period: str, by: str) -> str:
    """`period`: a day, 2026-11-23, or a month, 2026-11."""
    return f"report:{period}:{by}"


def idle(abilities: str) -> str:
    return f"idle:{abilities}"


def signed_in(abilities: str) -> str:
    return f"signed_in:{abilities}"


def extension(digits: str) -> str:
    return f"extension:{digits}"


def created_index(record_type: str) -> str:
    return f"{record_type}s"
