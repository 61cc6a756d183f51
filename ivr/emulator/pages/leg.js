// One call: what it is now, and all that happened to it.

import { ask } from "./api.js";
import { clockbar } from "./clockbar.js";
import { el, find, keep } from "./dom.js";
import { item } from "./entry.js";
import { Live } from "./live.js";
import { alive, length, number, sound, status } from "./words.js";

const sid = decodeURIComponent(location.pathname.split("/").pop());
const live = new Live();
let leg = null;
const seen = new Set();

clockbar(live);

function show(entry) {
  if (entry.call !== sid || seen.has(entry.n)) return;
  seen.add(entry.n);
  find("#log").append(item(entry, leg.created));
}

function draw() {
  if (!leg) return;
  document.title = `Call of ${leg.who}`;
  find("#title").textContent = document.title;
  const facts = {
    From: number(leg.from),
    To: number(leg.to),
    Direction: leg.direction,
    Status: status(leg.status),
    Lasts: length((leg.ended ?? live.now()) - (leg.answered ?? leg.created)),
    Hears: alive(leg) ? sound(leg) : "nothing any more",
    CallSid: leg.sid,
    ...(leg.parent ? { "Dialled by": leg.parent } : {}),
  };
  keep(find("#facts"), Object.entries(facts), {
    key: ([name]) => name,
    make: ([name]) => el("div", {}, el("dt", {}, name), el("dd")),
    update(row, [name, value]) {
      const shown = name === "Dialled by" ? el("a", { href: `/switchboard/${encodeURIComponent(value)}` }, value) : value;
      if (row.lastElementChild.textContent !== value) row.lastElementChild.replaceChildren(shown);
    },
  });
}

async function begin() {
  try {
    const { timeline, ...rest } = await ask("GET", `/legs/${encodeURIComponent(sid)}`);
    leg = rest;
    timeline.forEach(show);
  } catch (problem) {
    find("#facts").replaceChildren(el("p", {}, problem.message));
    return;
  }
  draw();
  live.on("leg", (one) => {
    if (one.sid === sid) leg = one;
    draw();
  });
  live.on("entry", show);
  live.on("anew", () => location.reload());
  setInterval(draw, 1000);
  live.open();
}

begin();
