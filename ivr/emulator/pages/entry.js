// One entry of the log.

import { el } from "./dom.js";
import { pretty } from "./twiml.js";
import { length, number, time } from "./words.js";

const OWN = new Set(["n", "at", "epoch", "kind", "call", "who"]);
const REQUESTS = { webhook: "webhook", callback: "callback", media: "media", rest: "REST" };
const SHOWN = new Set(["params", "answer", "url", "path", "method", "milliseconds", "conference", "queue", "recording"]);

export const isRequest = (e) => e.kind in REQUESTS;
export const isError = (e) => e.kind === "error" || e.kind === "script_failed" || (isRequest(e) && (e.status >= 400 || !e.status));

/** A list item. `begin`: seconds since 1970 from which times are counted, if they are. */
export function item(e, begin) {
  const when = el("time", { dateTime: e.at, title: e.at }, begin === undefined ? time(e.epoch) : `+${length(e.epoch - begin)}`);
  const kind = `${isRequest(e) ? "request" : e.kind}${isError(e) ? " failed" : ""}`;
  const made = el("li.entry", { "data-kind": kind, "data-call": e.call ?? "" });
  if (isRequest(e)) made.append(el("details", {}, el("summary", {}, when, ...request(e)), body(e)));
  else made.append(el("div.line", {}, when, ...line(e)));
  return made;
}

/** Everything that can be searched for. */
export const text = (e) => JSON.stringify(e).toLowerCase();

function request(e) {
  const state = e.status ? String(e.status) : "no answer";
  const spent = e.milliseconds === undefined ? "" : `${Math.round(e.milliseconds)} ms`;
  return [
    el("span.kind", {}, REQUESTS[e.kind]),
    el("span.what", {}, el("span.method", {}, e.method), " ", short(e.path ?? e.url)),
    e.who ? el("span.who", {}, number(e.who)) : null,
    e.fault ? el("span.chip.warn", {}, `fault: ${e.fault}`) : null,
    el(`span.chip.${e.status >= 200 && e.status < 300 ? "good" : "bad"}`, {}, state),
    spent ? el("span.spent", {}, spent) : null,
  ].filter(Boolean);
}

function body(e) {
  const names = Object.entries(e.params ?? {});
  const [given, empty] = [names.filter(([, value]) => value !== ""), names.filter(([, value]) => value === "")];
  const parameters = el("dl.parameters", {}, ...given.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  return el(
    "div.body",
    {},
    el("p.address", {}, e.path ?? e.url),
    e.answer ? pretty(e.answer) : isError(e) ? null : el("p.hint", {}, e.answer === "" ? "An empty answer." : ""),
    given.length ? parameters : el("p.hint", {}, "No parameters."),
    empty.length ? el("p.hint", {}, `Empty: ${empty.map(([name]) => name).join(", ")}`) : null,
  );
}

function line(e) {
  if (e.kind === "error") {
    const code = e.code ? el("a.code", { href: `https://www.twilio.com/docs/api/errors/${e.code}`, rel: "noreferrer", target: "_blank" }, String(e.code)) : el("span.code", {}, "emulator");
    return [el("span.kind", {}, "error"), el("span.what", {}, code, " ", e.message, e.url ? el("span.address", {}, ` ${e.url}`) : null)];
  }
  return [el("span.kind", {}, e.kind.replaceAll("_", " ")), el("span.what", {}, ...facts(e)), e.who ? el("span.who", {}, number(e.who)) : null].filter(Boolean);
}

function facts(e) {
  switch (e.kind) {
    case "said": {
      const rest = e.complete ? "" : e.words.split(/\s+/).slice(e.heard.split(/\s+/).filter(Boolean).length).join(" ");
      return [el("q", {}, e.heard, rest ? el("s", {}, `${e.heard ? " " : ""}${rest}`) : null)];
    }
    case "spoke":
      return [el("q", {}, e.words)];
    case "heard":
      return [`${e.speaker}: `, el("q", {}, e.words)];
    case "pressed":
      return [el("kbd", {}, e.keys), e.collected ? "" : " nobody collects"];
    case "texted":
      return [`${number(e.from)} → ${number(e.to)} `, el("q", {}, e.body), e.media?.length ? ` ${e.media.length} picture(s)` : ""];
    case "conference_join":
      return [e.name, e.label ? ` as ${e.label}` : ""];
    case "queued":
      return [`${e.name}, place ${e.position}`];
    case "ended":
      return [`${e.status}, ${e.duration} s`];
    case "hung_up":
      return [`by ${number(e.by)}`];
    case "dialled":
      return [`${number(e.from)} → ${number(e.to)}`];
    default:
      return [Object.entries(e).filter(([name]) => !OWN.has(name) && !SHOWN.has(name)).map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ")];
  }
}

/** The path of an address; the host, when it is not this machine. */
function short(address) {
  try {
    const { hostname, pathname, search } = new URL(address);
    const here = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
    return `${here ? "" : hostname}${pathname}${search}`;
  } catch {
    return address.replace(/^\/2010-04-01\/Accounts\/AC\w+/, "…");
  }
}
