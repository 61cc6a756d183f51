// From the journal's entries, and from what is known of legs, to a phone's timeline.

import { number } from "./words.js";

const PACE = 2.7;
const began = (entry) => entry.epoch - entry.words.split(/\s+/).length / PACE;

const NOTES = {
  dialled: (e, own) => (e.from === own ? `Calls ${number(e.to)}` : `Call from ${number(e.from)}`),
  answered: () => "Answered",
  hung_up: (e) => (e.by === e.who ? "Hung up" : e.by === "line" ? "The line hung up" : e.by === "api" ? "The app ended the call" : `${e.by} hung up`),
  ended: (e) => ({ busy: "Busy", "no-answer": "Not answered", failed: "The call failed", canceled: "The call was cancelled" })[e.status],
  held: () => "On hold",
  unheld: () => "Off hold",
  queued: (e) => `Waits in ${e.name}, place ${e.position}`,
  bridged: (e) => `Connected with ${e.other}`,
  conference_join: () => "In a conference",
  played: (e) => (e.url ? null : `Tones ${e.keys}`),
};

/** An entry about a leg of the phone with the number `own`. */
export function entry(timeline, e, own) {
  switch (e.kind) {
    case "said":
      return timeline.end(`line|${e.call}|${e.began.toFixed(3)}`, { side: "line", who: "Line", words: e.words, began: e.began, heard: e.heard });
    case "spoke": {
      const id = timeline.running((name) => name.startsWith(`mine|${e.call}|`));
      return timeline.end(id ?? "", { side: "mine", words: e.words, began: began(e) });
    }
    case "heard": {
      const id = timeline.running((name, bubble) => name.startsWith("theirs|") && bubble.full === e.words);
      return timeline.end(id ?? "", { side: "theirs", who: e.speaker, words: e.words, began: began(e) });
    }
    case "pressed":
      return timeline.keys(e.epoch, e.keys);
    default: {
      const words = NOTES[e.kind]?.(e, own);
      if (words) timeline.note(e.epoch, words);
    }
  }
}

/** What is known of one of the phone's own legs now: what is being said to it, and by its owner. */
export function leg(timeline, one) {
  const says = { line: one.saying, mine: one.speaking };
  for (const [side, now] of Object.entries(says)) {
    const id = now && `${side}|${one.sid}|${now.began.toFixed(3)}`;
    timeline.cut((name) => name.startsWith(`${side}|${one.sid}|`) && name !== id);
    if (id) timeline.begin(id, { side, who: "Line", ...now });
  }
  if (one.ended !== null) timeline.cut((name) => name.includes(`|${one.sid}|`));
}

/** Somebody else speaks, who may be heard on the leg `own`. */
export function others(timeline, one, own) {
  const now = one.speaking?.to.includes(own) ? one.speaking : null;
  const id = now && `theirs|${one.sid}|${now.began.toFixed(3)}|${own}`;
  timeline.cut((name) => name.startsWith(`theirs|${one.sid}|`) && name.endsWith(`|${own}`) && name !== id);
  if (id) timeline.begin(id, { side: "theirs", who: one.who, ...now });
}
