// The emulator's phone, behind the interface of phone.js: one websocket (ivr/emulator/calls/browser_phones.py says what is said on it).
// It has no sound: what is heard is on the emulator's own pages.

const LONGEST = 8000; // ms between tries

export class Phone {
  #given;
  #socket = null;
  #call = "";
  #tries = 0;
  #timer = 0;

  constructor(given) {
    this.#given = given;
  }

  async start() {
    const { token, at, tell } = this.#given;
    const before = this.#socket;
    this.#socket = null;
    before?.close();
    clearTimeout(this.#timer);
    if (!this.#tries) tell("connecting");
    let first;
    try {
      first = await token();
    } catch (problem) {
      return this.#off(problem.message);
    }
    const socket = (this.#socket = new WebSocket(at));
    let why = "The emulator does not answer.";
    socket.addEventListener("open", () => this.#say({ do: "register", token: first }));
    socket.addEventListener("message", (event) => {
      if (socket !== this.#socket) return;
      const told = JSON.parse(event.data);
      if (told.is === "refused") why = `The emulator refuses it: ${told.why} (${told.code}).`;
      else this.#hear(told);
    });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#call = "";
      this.#socket = null;
      this.#off(why);
    });
  }

  // not connected, and tried again by itself
  #off(why) {
    this.#given.tell("off", why);
    this.#timer = setTimeout(() => this.start(), Math.min(LONGEST, 500 * 2 ** this.#tries++));
  }

  async #hear(told) {
    const { token, tell } = this.#given;
    const mine = told.sid === this.#call;
    if (told.is === "registered") {
      this.#tries = 0;
      if (!this.#call) tell("ready");
    } else if (told.is === "expiring") {
      try {
        this.#say({ do: "register", token: await token() });
      } catch (problem) {
        if (!this.#call) tell("off", problem.message);
      }
    } else if (told.is === "incoming" && !this.#call) {
      this.#call = told.sid;
      tell("ringing");
    } else if (told.is === "accepted" && mine) tell("talking");
    else if (told.is === "over" && mine) {
      this.#call = "";
      tell("ready");
    }
  }

  allow() {}

  answer() {
    this.#say({ do: "answer", sid: this.#call });
  }

  hangUp() {
    this.#say({ do: "hang_up", sid: this.#call });
  }

  mute(on) {
    this.#say({ do: "mute", sid: this.#call, on });
  }

  press(keys) {
    this.#say({ do: "press", sid: this.#call, keys });
  }

  #say(what) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(what));
  }
}
