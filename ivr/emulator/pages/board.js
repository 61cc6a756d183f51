// What is going on now: calls, rooms, queues, texts, recordings.

import { el, find, keep } from "./dom.js";
import { alive, length, number, sound, status, time } from "./words.js";

const ENDED = 8; // calls that are over and still shown
const FEW = 8;

export function draw(state, now) {
  calls(state.legs, now);
  conferences(state);
  queues(state.queues, now);
  texts(state.messages.slice(0, FEW));
  recordings(state.recordings.slice(0, FEW));
}

/** A table whose rows are kept; `columns`: name → element or text of an item. */
function table(place, items, { label, key, columns, none, dim = () => false }) {
  let made = find("table", place);
  if (!items.length) return place.replaceChildren(el("p.hint", {}, none));
  if (!made) {
    const head = el("tr", {}, ...Object.keys(columns).map((name) => el("th", { scope: "col" }, name)));
    made = el("table", { "aria-label": label }, el("thead", {}, head), el("tbody"));
    place.replaceChildren(el("div.wide", { tabIndex: 0, role: "group", "aria-label": `${label}, scrollable` }, made));
  }
  keep(find("tbody", made), items, {
    key,
    make: () => el("tr", {}, ...Object.keys(columns).map((name) => el("td", { "data-column": name }))),
    update(row, item) {
      row.classList.toggle("over", dim(item));
      Object.values(columns).forEach((column, at) => fill(row.children[at], column(item)));
    },
  });
}

/** Only what differs is touched, so that a link keeps its focus. */
function fill(cell, content) {
  const probe = el("td", {}, ...[content].flat());
  if (probe.textContent === cell.textContent && probe.childElementCount === cell.childElementCount) return;
  cell.replaceChildren(...probe.childNodes);
}

const link = (sid, words) => el("a", { href: `/switchboard/${encodeURIComponent(sid)}` }, words);
const chip = (words, kind = "plain") => el(`span.chip.${kind}`, {}, words);
const KIND = { "in-progress": "good", ringing: "warn", queued: "warn", completed: "plain" };

function calls(legs, now) {
  const [on, over] = [legs.filter(alive), legs.filter((leg) => !alive(leg)).slice(-ENDED)];
  table(find("#calls"), [...on.reverse(), ...over.reverse()], {
    label: "Calls",
    key: (leg) => leg.sid,
    none: "No calls yet.",
    dim: (leg) => !alive(leg),
    columns: {
      Who: (leg) => link(leg.sid, leg.who === leg.from || leg.who === leg.to ? number(leg.who) : leg.who),
      Way: (leg) => [chip(leg.direction === "inbound" ? "in" : "out"), ` ${number(leg.from)} → ${number(leg.to)}`],
      Status: (leg) => chip(status(leg.status), KIND[leg.status] ?? "bad"),
      Hears: (leg) => (alive(leg) ? sound(leg) : ""),
      Lasts: (leg) => length((leg.ended ?? now) - (leg.answered ?? leg.created)),
    },
  });
}

function conferences({ conferences: rooms, legs }) {
  const names = new Map(legs.map((leg) => [leg.sid, leg.who]));
  const open = rooms.filter((room) => room.status !== "completed").reverse();
  const over = rooms.filter((room) => room.status === "completed").slice(-2).reverse();
  cards(find("#conferences"), [...open, ...over], "No conferences yet.", (room) => [
    el("h3", {}, room.name, " ", chip(room.status === "init" ? "not begun" : room.status === "completed" ? "ended" : "in progress", room.status === "in-progress" ? "good" : "plain")),
    room.reason ? el("p.hint", {}, room.reason.replaceAll("-", " ")) : null,
    el(
      "ul",
      {},
      ...room.participants.map((one) =>
        el("li", {}, link(one.sid, number(one.who)), " ",
          ...[
            one.label && one.label !== one.who ? chip(one.label) : null,
            one.hold ? chip("on hold", "warn") : null,
            one.muted ? chip("muted", "warn") : null,
            one.coaching ? chip(`coaches ${number(names.get(one.coaching) ?? one.coaching)}`, "info") : null,
            one.end_on_exit ? chip("ends it by leaving", "info") : null,
          ].filter(Boolean)),
      ),
    ),
  ]);
}

function queues(all, now) {
  cards(find("#queues"), all, "No queues yet.", (queue) => [
    el("h3", {}, queue.name, " ", chip(`${queue.members.length} waiting`, queue.members.length ? "warn" : "plain")),
    el("ol", {}, ...queue.members.map((one) => el("li", {}, link(one.sid, number(one.who)), ` waits ${length(now - one.since)}`))),
  ]);
}

function cards(place, items, none, content) {
  if (!items.length) return place.replaceChildren(el("p.hint", {}, none));
  if (!find(".cards", place)) place.replaceChildren(el("div.cards"));
  keep(find(".cards", place), items, {
    key: (one) => one.sid,
    make: () => el("article.card"),
    update: (card, one) => fill(card, content(one).filter(Boolean)),
  });
}

function texts(messages) {
  table(find("#texts"), messages, {
    label: "Texts",
    key: (one) => one.sid,
    none: "No texts yet.",
    columns: {
      At: (one) => time(one.created),
      Way: (one) => `${number(one.from)} → ${number(one.to)}`,
      Text: (one) => [one.body, one.media.length ? chip(`${one.media.length} picture${one.media.length > 1 ? "s" : ""}`) : ""],
      Status: (one) => chip(one.error ? `${one.status} ${one.error}` : one.status, one.error ? "bad" : ["delivered", "received"].includes(one.status) ? "good" : "warn"),
    },
  });
}

function recordings(all) {
  table(find("#recordings"), all, {
    label: "Recordings",
    key: (one) => one.sid,
    none: "No recordings yet.",
    columns: {
      At: (one) => time(one.created),
      Of: (one) => link(one.call, one.source),
      Words: (one) => one.words || "silence",
      Lasts: (one) => [length(one.duration), " ", one.ready ? "" : chip("processing", "warn")],
    },
  });
}
