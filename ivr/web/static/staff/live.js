// Live parts of a page: <section id="state" data-live="agent:diane promises" data-src="/me/state">. When one of its topics has
// changed it is fetched anew and put in place; focus, what is typed and what is unfolded stay. `data-every="30"`: also every 30 s,
// for what changes by time alone. `data-also="agent_leg:x"` on something inside it adds topics for as long as that stands there. An
// element with an id and `data-keep` is moved over as it is. `data-calm="1"`: at most once in so many seconds, where much changes.
// `data-unattended` on the body: it hangs on a wall, and is not signed off for want of anybody who touches it.

const SILENT = 32000; // ms without a sign of life: the connection is lost, whatever the browser believes
const HIDDEN = 60000; // ms after which a hidden tab stops listening: a browser has six connections to a host
const BACKGROUND = { "Calor-Background": "1" };
const wall = "unattended" in document.body.dataset ? { unattended: "1" } : {};
const always = "liveAlways" in document.body.dataset;

let source = null;
let topics = "";
let last = document.body.dataset.since;
let heard = performance.now();
let tries = 0;
let leaving = false;

const parts = () => [...document.querySelectorAll("[data-live]")];
const of = (part) =>
  [part, ...part.querySelectorAll("[data-also]")].flatMap((e) => (e.dataset.also ?? e.dataset.live).split(/\s+/)).filter(Boolean);
const soon = () => Math.min(8000, 1000 * 2 ** tries++) * (0.5 + Math.random() / 2);

function status(text) {
  const told = document.querySelector("#connection");
  if (told.textContent !== text) told.textContent = text;
  told.hidden = !text;
}

function signedOut() {
  leaving = true;
  source?.close();
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// ---- listening

function listen() {
  if (leaving) return;
  source?.close();
  topics = [...new Set(parts().flatMap(of))].sort().join(" ");
  const mine = (source = new EventSource(`/live?${new URLSearchParams({ on: topics, since: last, ...wall })}`));
  heard = performance.now();
  const on = (name, act) =>
    mine.addEventListener(name, (event) => {
      if (mine !== source) return;
      heard = performance.now();
      last = event.lastEventId || last;
      tries = 0;
      act(event.data);
    });
  on("changed", (told) => {
    status("");
    changed(told.split(" "));
  });
  on("beat", () => status(""));
  on("away", () => status("The record is away. Callers are served; this page is as it was. Trying again …"));
  on("over", () => {
    mine.close();
    again();
  });
  mine.addEventListener("error", () => {
    if (mine !== source || leaving) return;
    status("Connection lost. Trying again …");
    if (mine.readyState === EventSource.CLOSED) setTimeout(again, soon());
  });
}

// refused, or over: are we still signed in?
async function again() {
  try {
    const answer = await fetch(location.href, { headers: BACKGROUND });
    if (answer.status === 401) return signedOut();
  } catch {
    setTimeout(again, soon());
    return;
  }
  listen();
}

function watch() {
  if (leaving || (source && source.readyState === EventSource.CLOSED)) return;
  if (source && performance.now() - heard > SILENT) {
    status("Connection lost. Trying again …");
    listen();
  }
}

// the browser knows at once what silence would tell after half a minute
function cut() {
  source?.close();
  status("Connection lost. Trying again …");
}

function rest() {
  if (document.visibilityState === "hidden" && !always) {
    source?.close();
    source = null;
  }
}

// ---- parts

export function changed(names) {
  for (const part of parts()) if (names.includes("*") || of(part).some((t) => names.includes(t))) refresh(part);
}

export async function refresh(part) {
  if (part.fetching) return void (part.once = true);
  part.fetching = true;
  do {
    part.once = false;
    try {
      const answer = await fetch(part.dataset.src, { headers: BACKGROUND });
      if (answer.status === 401) return signedOut();
      if (!answer.ok) throw new Error(await answer.text());
      put(part, await answer.text());
    } catch {
      setTimeout(() => refresh(part), soon());
    }
    if (part.dataset.calm) await new Promise((done) => setTimeout(done, part.dataset.calm * 1000));
  } while (part.once);
  part.fetching = false;
}

const FIELDS = "input:not([type=hidden]), textarea, select, details";
const key = (field) => field.id || (field.name ? `${field.name} ${field.type === "radio" ? field.value : ""}` : "");

export function put(part, html) {
  if (part.shown === html) return;
  part.shown = html;
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const at = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const kept = new Map([...part.querySelectorAll(FIELDS)].filter(key).map((f) => [key(f), typed(f)]));
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const keep of part.querySelectorAll("[data-keep][id]"))
    fresh.content.getElementById(keep.id)?.replaceWith(keep);
  part.replaceChildren(fresh.content);
  for (const field of part.querySelectorAll(FIELDS)) kept.get(key(field))?.(field);
  const next = active && active.id && document.getElementById(active.id);
  if (next) {
    next.focus({ preventScroll: true });
    if (at && at[0] !== null) next.setSelectionRange(...at);
  }
  part.dispatchEvent(new CustomEvent("calor:put", { bubbles: true }));
  const now = [...new Set(parts().flatMap(of))].sort().join(" ");
  if (source && now !== topics) listen();
}

// what a reader has done to a field, to be done to the one that takes its place
function typed(field) {
  if (field.localName === "details") return (f) => (f.open = field.open);
  if (field.type === "checkbox" || field.type === "radio")
    return field.checked !== field.defaultChecked ? (f) => (f.checked = field.checked) : undefined;
  if (field.localName === "select")
    return [...field.options].some((o) => o.selected !== o.defaultSelected) ? (f) => (f.value = field.value) : undefined;
  return field.value !== field.defaultValue ? (f) => (f.value = field.value) : undefined;
}

// ---- the page

document.addEventListener("calor:changed", (event) => changed(event.detail));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !source) listen();
  else setTimeout(rest, HIDDEN);
});
addEventListener("offline", cut);
addEventListener("online", listen);
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("pagehide", () => (leaving = true));
for (const part of parts()) if (part.dataset.every) setInterval(() => refresh(part), part.dataset.every * 1000);
setInterval(watch, 5000);
listen();
