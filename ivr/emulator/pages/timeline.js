// What a phone's owner heard, said, pressed and read, in order. Words appear as fast as they are spoken.

import { el } from "./dom.js";
import { aloud, quiet } from "./voice.js";
import { number, time } from "./words.js";

const MOST = 400; // items

export class Timeline {
  #live;
  #spoken; // where a screen reader is told
  #running = new Map(); // utterances now being spoken
  #follows = true; // what is new is scrolled to

  constructor(live, label, spoken) {
    this.#live = live;
    this.#spoken = spoken;
    this.list = el("div.timeline", { tabIndex: 0, role: "log", "aria-live": "off", "aria-label": label });
    this.list.addEventListener("scroll", () => (this.#follows = this.#atEnd())); // whoever reads on top is left there
    this.list.addEventListener("load", () => this.#follow(), true); // a picture takes its place
  }

  clear() {
    this.list.replaceChildren();
    this.#running.clear();
  }

  /** A line in the middle: something that happened. */
  note(at, words, kind = "note") {
    this.#put(at, el(`div.${kind}`, {}, words));
  }

  /** Keys pressed one after another stand together. */
  keys(at, keys) {
    const last = this.list.lastElementChild;
    if (last?.classList.contains("keys")) last.lastElementChild.textContent += keys;
    else this.#put(at, el("div.keys", {}, el("span.unseen", {}, "Pressed "), el("kbd", {}, keys)));
  }

  text(at, { mine, body, media, sid, from }) {
    const pictures = media.map((url, index) => picture(sid, index, url, from));
    const head = el("span.whose", {}, mine ? "Text" : `Text from ${number(from)}`, el("time", {}, time(at)));
    this.#put(at, el(mine ? "div.text.mine" : "div.text", {}, head, ...pictures, body ? el("p", {}, body) : null));
    if (!mine && this.#live.now() - at < 5) this.#spoken.textContent = `Text from ${from}: ${body}`;
  }

  /** Somebody begins to speak. `side`: line, mine or theirs. */
  begin(id, { side, who, words, began, ends }) {
    if (this.#running.has(id)) return;
    const bubble = new Bubble(side, who, words, began, ends);
    this.#running.set(id, bubble);
    this.#put(began, bubble.item);
    bubble.until(this.#live.now());
    if (side === "mine") return;
    this.#spoken.textContent = side === "line" ? words : `${who}: ${words}`;
    aloud(words);
  }

  /** It has been said, as far as it was heard. What was never seen to begin is shown all the same. */
  end(id, { side, who, words, began, heard = words }) {
    let bubble = this.#running.get(id);
    this.#running.delete(id);
    if (bubble === undefined) {
      bubble = new Bubble(side, who, words, began, []);
      this.#put(began, bubble.item);
    }
    bubble.finish(heard === "" ? 0 : heard.split(/\s+/).length);
    if (heard !== words && side !== "mine") quiet();
  }

  /** The id of a running utterance of these words that a predicate accepts. */
  running(accepts) {
    return [...this.#running].find(([id, bubble]) => accepts(id, bubble))?.[0];
  }

  /** Whatever is being said is said no more. */
  cut(accepts = () => true) {
    for (const [id, bubble] of this.#running) {
      if (!accepts(id)) continue;
      bubble.finish(bubble.until(this.#live.now()));
      this.#running.delete(id);
      if (bubble.side !== "mine") quiet();
    }
  }

  tick() {
    if (!this.#running.size) return;
    for (const bubble of this.#running.values()) bubble.until(this.#live.now());
    this.#follow();
  }

  #put(at, item) {
    item.dataset.at = at;
    let before = this.list.lastElementChild;
    while (before && Number(before.dataset.at) > at) before = before.previousElementSibling;
    if (before) before.after(item);
    else this.list.prepend(item);
    while (this.list.childElementCount > MOST) this.list.firstElementChild.remove();
    this.#follow();
  }

  #atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
  }

  #follow() {
    if (this.#follows) this.list.scrollTop = this.list.scrollHeight;
  }
}

class Bubble {
  constructor(side, who, words, began, ends) {
    this.side = side;
    this.ends = ends; // seconds after the beginning at which each word has been said
    this.words = words.split(/\s+/).filter(Boolean);
    this.full = words;
    this.began = began;
    this.said = el("span");
    this.rest = el("s");
    const name = side === "mine" ? null : el("span.whose", {}, who);
    this.item = el(`div.said.${side}.speaking`, {}, name, el("p", {}, this.said, this.rest));
  }

  /** Show what has been said by then; how many words that is. */
  until(now) {
    const said = this.ends.filter((end) => end <= now - this.began).length;
    const count = Math.min(this.words.length, said + 1); // and the one that is on the tongue
    const shown = this.words.slice(0, count).join(" ");
    if (this.said.textContent !== shown) this.said.textContent = shown;
    return count;
  }

  finish(count) {
    const rest = this.words.slice(count).join(" ");
    this.said.textContent = this.words.slice(0, count).join(" ");
    if (rest && count) this.said.after(" ");
    this.rest.textContent = rest;
    this.item.classList.remove("speaking");
    this.item.classList.toggle("interrupted", Boolean(rest));
  }
}

function picture(sid, index, url, from) {
  const image = el("img", { alt: `Picture from ${number(from)}`, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(el("p.wrong", {}, `This picture cannot be fetched: ${url}`)));
  image.src = `/emulator/texts/${encodeURIComponent(sid)}/media/${index}`;
  return image;
}
