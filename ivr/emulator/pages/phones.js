// The page with the phones.

import { ask } from "./api.js";
import { clockbar } from "./clockbar.js";
import { el, find, keep, tell } from "./dom.js";
import { Live } from "./live.js";
import { Phone } from "./phone.js";
import { remember, remembered } from "./shelf.js";
import { offer } from "./voice.js";
import { alive, number, owner, typed } from "./words.js";

const live = new Live();
const phones = new Map();
let known = []; // phones that the emulator has heard of
let lines = []; // the account's numbers

offer();
clockbar(live);

function hold({ number: own, name }) {
  if (phones.has(own)) return phones.get(own);
  const phone = new Phone(live, { number: own, name }, () => putAway(own));
  phones.set(own, phone);
  find("#phones").append(phone.card);
  phone.lines(lines);
  return phone;
}

/** Hold one more, from now on and when the page is opened again. */
function add(own, name) {
  const seen = known.find((one) => one.number === own);
  const phone = hold({ number: own, name: name || seen?.name || "" });
  settle();
  phone.card.focus();
}

function putAway(own) {
  phones.get(own).card.remove();
  phones.delete(own);
  settle();
  find("#add input").focus();
}

/** Tell the emulator which phones are held, and learn what has happened on them. */
function settle() {
  remember([...phones.values()]);
  for (const phone of phones.values()) phone.anew();
  live.last = 0;
  live.legs.clear();
  live.run = "";
  live.open([...phones.keys()]);
  refreshAccount();
}

/** Only a phone that the emulator does not know: one that it knows may have a script, which stays. */
function introduce({ number: own, name }) {
  ask("PUT", `/phones/${encodeURIComponent(own)}`, { name }).catch(() => {});
}

let refreshTimer = 0;

/** What the stream does not tell: the account's numbers, and who is known. */
function refreshAccount() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(async () => {
    try {
      const state = await ask("GET", "/state");
      [lines, known] = [state.numbers, state.phones];
    } catch {
      return; // the stream says that the connection is lost
    }
    for (const phone of phones.values()) {
      const seen = known.find((one) => one.number === phone.number);
      phone.lines(lines);
      phone.called(seen?.name);
      if (!seen && phone.name) introduce(phone); // so that the others hear and read a name
    }
    suggest();
  }, 100);
}

function suggest() {
  const free = known.filter((one) => !phones.has(one.number)).slice(0, 12);
  find("#known").hidden = !free.length;
  keep(find("#known ul"), free, {
    key: (one) => one.number,
    make: (one) => el("li", {}, el("button.small", { type: "button", onclick: () => add(one.number, one.name) }, one.name || number(one.number))),
  });
}

/** Phones that ring and that nobody holds: whoever looks at this page can pick them up. */
function ringing() {
  const held = [...phones.values()].filter((one) => one.rings);
  document.title = held.length ? `☎ ${held.map((one) => one.name || number(one.number)).join(", ")}` : "Phones";
  const scripted = new Set(known.filter((one) => one.answers).map((one) => one.number));
  const free = [...live.legs.values()].filter(
    (one) => alive(one) && one.status === "ringing" && one.direction !== "inbound" && !phones.has(owner(one)) && !scripted.has(owner(one)),
  );
  keep(find("#ringing"), free, {
    key: (one) => one.sid,
    make: (one) =>
      el("p.notice", {}, `${one.who === owner(one) ? number(one.who) : `${one.who}, ${number(owner(one))},`} is ringing. `,
        el("button.small.main", { type: "button", onclick: () => add(owner(one), one.who === owner(one) ? "" : one.who) }, "Hold this phone")),
  });
}

live.on("entry", (entry) => {
  for (const phone of phones.values()) phone.entry(entry);
  if (entry.kind === "rest" && entry.path.includes("IncomingPhoneNumbers")) refreshAccount();
});
live.on("leg", (leg) => {
  for (const phone of phones.values()) phone.leg(leg);
  ringing();
});
live.on("anew", () => {
  for (const phone of phones.values()) phone.anew();
  refreshAccount();
});
live.on("clock", () => phones.forEach((phone) => phone.tick()));
setInterval(() => phones.forEach((phone) => phone.tick()), 100);
setInterval(refreshAccount, 10000);

find("#add").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const own = typed(form.elements.number.value);
  const problem = !own ? "A number begins with + and its country, such as +1 202 555 0111." : phones.has(own) ? "That phone is here already." : "";
  form.elements.number.setAttribute("aria-invalid", String(Boolean(problem)));
  tell(find("#add-wrong"), problem);
  if (problem) return form.elements.number.focus();
  add(own, form.elements.name.value.trim());
  form.reset();
});

for (const one of remembered()) hold(one);
const asked = new URLSearchParams(location.search);
if (typed(asked.get("number") ?? "")) hold({ number: typed(asked.get("number")), name: asked.get("name") ?? "" });
settle();
