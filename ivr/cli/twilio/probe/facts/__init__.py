"""Each fact about the network that the line rests on, as an experiment. Documented is what the line expects.

Sources: Twilio's documentation pages of the same name under https://www.twilio.com/docs/voice/twiml and /docs/voice/api,
https://www.twilio.com/docs/usage/webhooks and https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from ivr.cli.twilio.probe.facts import calls, conferences, machines, queues, webhooks
from ivr.cli.twilio.probe.probe_fact import ProbeFact

# in the order in which they are tried
FACTS: tuple[ProbeFact, ...] = (
    *webhooks.facts,
    *calls.facts,
    *queues.facts,
    *conferences.facts,
    *machines.facts,
)
