// The stream of what happens: nothing is missed after a lost connection, and everything is told once.

import { find, tell } from "./dom.js";

const PAST = -2000; // entries that a new page is told of
const SILENT = 25000; // ms without a sign of life: the connection is lost, whatever the browser believes

export class Live extends EventTarget {
  legs = new Map();
  clock = { mode: "real", speed: 1, epoch: Date.now() / 1000 };
  run = "";
  last = 0; // the number of the last entry
  #phones = [];
  #source = null;
  #heard = performance.now();
  #told = performance.now(); // when the clock was told

  constructor() {
    super();
    setInterval(() => this.#watch(), 1000);
  }

  /** Seconds since 1970 on the emulator's clock. */
  now() {
    return this.clock.epoch + (this.clock.speed * (performance.now() - this.#told)) / 1000;
  }

  /** Listen, holding these phones: they are in somebody's hand as long as this page is open. */
  open(phones = this.#phones) {
    this.#phones = phones;
    const before = this.#source;
    const after = this.run ? this.last : PAST;
    const query = new URLSearchParams({ after, phones: phones.join(",") });
    const source = (this.#source = new EventSource(`/emulator/events?${query}`));
    this.#heard = performance.now();
    let fresh = true;
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        this.#heard = performance.now();
        tell(find("#lost"), "");
        act(JSON.parse(event.data));
      });
    on("hello", (told) => {
      if (fresh) before?.close(); // only now: a phone is never without a hand in between
      fresh = false;
      this.#hello(told, after);
    });
    on("clock", (told) => this.#time(told));
    on("beat", (told) => this.#time(told));
    on("leg", (leg) => {
      this.legs.set(leg.sid, leg);
      this.#say("leg", leg);
    });
    on("entry", (entry) => {
      if (entry.n <= this.last) return;
      this.last = entry.n;
      if (this.clock.mode === "manual" && entry.epoch > this.clock.epoch)
        this.#time({ ...this.clock, epoch: entry.epoch });
      this.#say("entry", entry);
    });
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      tell(find("#lost"), "The connection to the emulator is lost. Trying again …");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => source === this.#source && this.open(), 2000);
    });
  }

  #hello(told, after) {
    const known = this.run;
    this.run = told.run;
    this.#time(told.clock);
    if (known && known !== told.run) {
      this.last = 0;
      this.legs.clear();
      this.#say("anew");
      if (after > 0) this.open(); // it went on counting from where another run had been
    }
  }

  #time(clock) {
    this.clock = clock;
    this.#told = performance.now();
    this.#say("clock", clock);
  }

  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #watch() {
    if (this.#source && performance.now() - this.#heard > SILENT) {
      tell(find("#lost"), "The connection to the emulator is lost. Trying again …");
      this.#source.close();
      this.open();
    }
  }

  on(name, act) {
    this.addEventListener(name, (event) => act(event.detail));
  }
}
