// The log: newest first, narrowed to a call, a kind or words.

import { el, find, keep } from "./dom.js";
import { isError, isRequest, item, text } from "./entry.js";
import { number } from "./words.js";

const MOST = 1000;

export class Log {
  #entries = [];
  #names = new Map(); // CallSid → whose call

  constructor() {
    this.list = find("#log");
    for (const id of ["#of-call", "#of-kind", "#of-words"]) find(id).addEventListener("input", () => this.#again());
  }

  add(entry) {
    this.#entries.push(entry);
    if (this.#entries.length > MOST) this.#entries.shift();
    if (entry.call && entry.kind === "dialled") this.#name(entry);
    if (!this.#fits(entry)) return;
    this.list.prepend(item(entry));
    while (this.list.childElementCount > MOST) this.list.lastElementChild.remove();
  }

  anew() {
    this.#entries = [];
    this.#names.clear();
    keep(find("#of-call"), [["", "all"]], { key: ([sid]) => sid, make: () => el("option", { value: "" }, "all") });
    this.list.replaceChildren();
  }

  #name({ call, who, at }) {
    this.#names.set(call, `${at.slice(11, 19)} ${number(who)}`);
    const choice = el("option", { value: call }, this.#names.get(call));
    find("#of-call").firstElementChild.after(choice);
  }

  #fits(entry) {
    const [call, kind, words] = ["#of-call", "#of-kind", "#of-words"].map((id) => find(id).value);
    if (call && entry.call !== call) return false;
    if (kind === "requests" && !isRequest(entry)) return false;
    if (kind === "people" && (isRequest(entry) || entry.kind === "error")) return false;
    if (kind === "errors" && !isError(entry)) return false;
    return !words || text(entry).includes(words.toLowerCase());
  }

  #again() {
    this.list.replaceChildren(...this.#entries.filter((one) => this.#fits(one)).reverse().map((one) => item(one)));
  }
}
