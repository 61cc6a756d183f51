// The page with everything: what is going on, what goes wrong, and what happened.

import { ask } from "./api.js";
import * as board from "./board.js";
import { clockbar } from "./clockbar.js";
import * as faults from "./faults.js";
import { Live } from "./live.js";
import { Log } from "./log.js";

const SOON = 120; // ms: a burst of events is looked at once
const MOVING = 1000; // ms between looks while something changes by itself: a text on its way, a recording in the making

const live = new Live();
const log = new Log();
let state = null;
let planned = 0;

clockbar(live);
faults.form(() => plan());

function plan(after = SOON) {
  clearTimeout(planned);
  planned = setTimeout(refreshState, after);
}

async function refreshState() {
  try {
    state = await ask("GET", "/state");
  } catch {
    return; // the stream says that the connection is lost
  }
  draw();
  const moves = state.messages.some((one) => ["queued", "sent"].includes(one.status)) || state.recordings.some((one) => !one.ready);
  if (moves && live.clock.mode !== "manual") plan(MOVING);
}

function draw() {
  if (!state) return;
  board.draw(state, live.now());
  faults.draw(state.faults, () => plan());
}

live.on("entry", (entry) => {
  log.add(entry);
  plan();
});
live.on("leg", () => plan());
live.on("clock", () => plan());
live.on("anew", () => {
  log.anew();
  plan();
});
setInterval(draw, 1000);
live.open();
plan(0);
