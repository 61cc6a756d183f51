// One phone: what it shows, and what its owner does with it.

import { attempt, trouble } from "./api.js";
import { el, find, keep, tell } from "./dom.js";
import { upload } from "./picture.js";
import * as telling from "./telling.js";
import { Timeline } from "./timeline.js";
import { microphone } from "./voice.js";
import { alive, length, number, other, owner, sound, status } from "./words.js";

const KEYS = [..."123456789*0#"];
const LETTERS = { 2: "abc", 3: "def", 4: "ghi", 5: "jkl", 6: "mno", 7: "pqrs", 8: "tuv", 9: "wxyz", "*": "star", "#": "hash" };
let count = 0;

export class Phone {
  #live;
  #lines = [];
  #picture = null;

  constructor(live, { number: own, name }, putAway) {
    this.#live = live;
    this.number = own;
    this.name = name;
    this.calls = new Set();
    const id = `phone-${++count}`;
    this.timeline = new Timeline(live, `What happens on ${name || number(own)}'s phone`, find("#spoken"));
    this.state = el("p.state", { id: `${id}-state` });
    this.hears = el("p.hears");
    this.act = el("div.acts");
    this.waiting = el("ul.waiting");
    this.title = el("h2", { id }, name || number(own));
    const away = el("button.bare.small", { type: "button", title: "Put this phone away", "aria-label": `Put ${name || own}'s phone away`, onclick: putAway }, "×");
    this.card = el(
      "section.phone",
      { "aria-labelledby": id, tabIndex: -1, onkeydown: (event) => this.#shortcut(event) },
      el("header", {}, el("div.whose-phone", {}, this.title, el("p.quiet", { hidden: !name }, number(own))), away),
      el("div.display", { role: "status" }, this.state, this.hears),
      this.act,
      this.waiting,
      this.timeline.list,
      this.#sayForm(id),
      this.#keypad(id),
      this.#textForm(id),
    );
    this.draw();
  }

  // What happens

  entry(e) {
    if (e.kind === "texted") {
      if (e.from !== this.number && e.to !== this.number) return;
      this.timeline.text(e.epoch, { mine: e.from === this.number, body: e.body, media: e.media ?? [], sid: e.sid, from: e.from });
    } else if (e.call && this.calls.has(e.call)) telling.entry(this.timeline, e, this.number);
  }

  leg(one) {
    if (owner(one) === this.number) {
      this.calls.add(one.sid);
      telling.leg(this.timeline, one);
      this.draw();
    } else if (this.current) telling.others(this.timeline, one, this.current.sid);
  }

  anew() {
    this.calls.clear();
    this.timeline.clear();
    this.draw();
  }

  /** The emulator knows whose it is. */
  called(name) {
    if (!name || name === this.name) return;
    this.name = name;
    this.title.textContent = name;
    this.title.nextElementSibling.hidden = false;
  }

  /** The account's numbers that can be called or texted. */
  lines(numbers) {
    if (JSON.stringify(numbers) === JSON.stringify(this.#lines)) return;
    this.#lines = numbers;
    this.act.replaceChildren();
    keep(this.textTo, numbers, { key: (one) => one.number, make: (one) => el("option", { value: one.number }, number(one.number)) });
    this.textTo.hidden = numbers.length < 2;
    this.draw();
  }

  /** The call it is in, else the one that rings. */
  get current() {
    const mine = [...this.calls].map((sid) => this.#live.legs.get(sid)).filter((one) => one && alive(one) && one.status !== "queued");
    return mine.find((one) => one.status === "in-progress") ?? mine.at(-1) ?? null;
  }

  get rings() {
    const one = this.current;
    return one !== null && one.status === "ringing" && one.direction !== "inbound";
  }

  // What is shown

  draw() {
    const one = this.current;
    const talks = one?.status === "in-progress";
    const mode = one === null ? "idle" : talks ? "talks" : this.rings ? "rings" : "calls";
    if (this.card.dataset.mode !== mode || !this.act.childElementCount) {
      const within = this.act.contains(document.activeElement);
      this.card.dataset.mode = mode;
      this.act.replaceChildren(...this.#actions(mode));
      if (within) find("button, select", this.act)?.focus();
    }
    this.say.disabled = this.sayButton.disabled = !talks;
    this.sayBlock.hidden = this.pad.hidden = !talks;
    const also = [...this.calls].map((sid) => this.#live.legs.get(sid)).filter((leg) => leg && alive(leg) && leg !== one && leg.status === "ringing");
    keep(this.waiting, also, { key: (leg) => leg.sid, make: (leg) => this.#alsoRinging(leg) });
    this.tick();
  }

  tick() {
    const one = this.current;
    const words = {
      idle: () => "Ready",
      rings: () => `${number(other(one))} calls`,
      calls: () => `Calling ${number(other(one))} …`,
      talks: () => `In call with ${number(other(one))}`,
    };
    tell(this.state, words[this.card.dataset.mode]());
    if (one?.status === "in-progress") {
      const spent = one.hears.sound === "silence" && !one.saying ? ` for ${length(this.#live.now() - one.hears.since)}` : "";
      tell(this.hears, `${length(this.#live.now() - one.answered)} · ${sound(one)}${spent}`);
      this.hears.setAttribute("aria-hidden", "true"); // it changes every second
    } else tell(this.hears, "");
    this.timeline.tick();
  }

  #actions(mode) {
    const button = (kind, words, act) => el(`button.${kind}`, { type: "button", onclick: act }, words);
    if (mode === "rings") return [button("go", "Answer", () => this.answer()), button("stop", "Decline", () => this.#do("reject"))];
    if (mode !== "idle") return [button("stop", "Hang up", () => this.#do("hang_up"))];
    const callable = this.#lines.filter((one) => one.voice_url);
    if (!callable.length) return [el("p.hint", {}, "The account has no number that takes calls yet.")];
    const choice = el(
      "select",
      { "aria-label": "Number to call", hidden: callable.length < 2 },
      ...callable.map((one) => el("option", { value: one.number }, number(one.number))),
    );
    const words = callable.length < 2 ? `Call ${number(callable[0].number)}` : "Call";
    return [choice, button("go", words, () => attempt("POST", "/calls", { from: this.number, to: choice.value }))];
  }

  #alsoRinging(leg) {
    const decline = el("button.small", { type: "button", onclick: () => attempt("POST", `/legs/${leg.sid}/reject`) }, "Decline");
    return el("li", {}, el("span", {}, `${number(other(leg))} ${status(leg.status)} too`), decline);
  }

  // What its owner does

  answer() {
    this.#do("answer");
  }

  async #do(act, body) {
    const one = this.current;
    if (one) await attempt("POST", `/legs/${one.sid}/${act}`, body);
  }

  #shortcut(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    const key = event.key.toLowerCase();
    if (KEYS.includes(key) && !this.pad.hidden) this.#press(key);
    else if (key === "a" && this.rings) this.answer();
    else if (key === "h" && this.current) this.#do(this.rings ? "reject" : "hang_up");
    else return;
    event.preventDefault();
  }

  #press(key) {
    const button = find(`[data-digit="${CSS.escape(key)}"]`, this.pad);
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), 150);
    this.#do("press", { keys: key });
  }

  #keypad() {
    this.pad = el("div.keypad", { role: "group", "aria-label": "Keypad", hidden: true });
    for (const key of KEYS) {
      const letters = el("small", { "aria-hidden": "true" }, /\d/.test(key) ? (LETTERS[key] ?? "") : "");
      this.pad.append(
        el("button", { type: "button", "data-digit": key, "aria-label": /\d/.test(key) ? key : LETTERS[key], onclick: () => this.#press(key) }, key, letters),
      );
    }
    return this.pad;
  }

  #sayForm() {
    this.say = el("input", { name: "words", autocomplete: "off", placeholder: "Say something", "aria-label": "Words to say", disabled: true });
    this.sayButton = el("button.main", { disabled: true }, "Say");
    const send = (words) => words.trim() && this.#do("say", { words: words.trim() });
    const ear = microphone(send, () => mic.classList.remove("down"));
    const icon = el("span.icon.mic", { "aria-hidden": "true" });
    const mic = el("button", { type: "button", title: "Speak", "aria-label": "Speak into the microphone", hidden: !ear }, icon);
    mic.addEventListener("click", () => {
      mic.classList.add("down");
      ear.start();
    });
    this.sayBlock = el(
      "form.row",
      {
        hidden: true,
        onsubmit: (event) => {
          event.preventDefault();
          send(this.say.value);
          this.say.value = "";
        },
      },
      this.say,
      mic,
      this.sayButton,
    );
    return this.sayBlock;
  }

  #textForm(id) {
    this.textTo = el("select", { "aria-label": "Number to text", hidden: true });
    const words = el("input", { name: "body", autocomplete: "off", placeholder: "Text", "aria-label": "Text to send", maxLength: 1600 });
    const file = el("input.unseen", { type: "file", accept: "image/*", id: `${id}-picture`, "aria-label": "Picture to send" });
    const preview = el("img.preview", { alt: "The picture to be sent", hidden: true });
    const choose = (chosen) => {
      if (preview.src) URL.revokeObjectURL(preview.src);
      this.#picture = chosen ?? null;
      preview.hidden = !chosen;
      if (chosen) preview.src = URL.createObjectURL(chosen);
      else {
        preview.removeAttribute("src");
        file.value = "";
      }
    };
    file.addEventListener("change", () => choose(file.files[0]));
    return el(
      "form.row.texting",
      {
        onsubmit: async (event) => {
          event.preventDefault();
          const [body, chosen] = [words.value.trim(), this.#picture];
          const to = this.textTo.value || this.#lines[0]?.number;
          if (!to) return trouble("The account has no number that could be texted yet.");
          if (!body && !chosen) return words.focus();
          try {
            const media = chosen ? [await upload(chosen)] : [];
            if (await attempt("POST", "/texts", { from: this.number, to, body, media })) {
              words.value = "";
              choose(null);
            }
          } catch (problem) {
            trouble(problem.message);
          }
        },
      },
      this.textTo,
      preview,
      words,
      file,
      el("label.button.pick", { for: `${id}-picture`, title: "Add a picture" }, el("span.unseen", {}, "Add a picture"), el("span.icon.picture", { "aria-hidden": "true" })),
      el("button", {}, "Send"),
    );
  }
}
