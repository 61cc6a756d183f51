// Twilio's phone, behind the interface of phone.js: the Voice JavaScript SDK, from our own `vendor` folder.

const LONGEST = 60000; // ms between tries
const PATIENCE = 8000; // ms until it should be registered
const WORDS = {
  20101: "Twilio does not take our access token: whoever runs the line looks at the API key.",
  20104: "The access token has ended.",
  31401: "This browser may not use the microphone. Allow it for this page, beside the address, and try again.",
  31402: "The microphone cannot be had: it is unplugged, or another program uses it. Look, and try again.",
  31005: "The connection to Twilio is lost.",
  31009: "The connection to Twilio is lost.",
  53000: "Twilio cannot be reached.",
  53001: "The connection to Twilio is lost.",
  53405: "No sound comes through: a firewall may stop it.",
};
const said = (problem) => WORDS[problem?.code] ?? `Twilio says: ${problem?.message ?? problem} (${problem?.code ?? "no code"}).`;

export class Phone {
  #given;
  #device = null;
  #call = null;
  #tries = 0;
  #state = "ringing"; // of the call
  #timer = 0;

  constructor(given) {
    this.#given = given;
  }

  async start() {
    clearTimeout(this.#timer);
    const { tell } = this.#given;
    if (!window.Twilio?.Device) return tell("off", "Twilio's program did not load. Load the page again.");
    if (!window.Twilio.Device.isSupported) return tell("off", "This browser cannot telephone: take a current Chrome, Edge, Firefox or Safari.");
    if (!this.#tries) tell("connecting");
    const microphone = await navigator.permissions.query({ name: "microphone" }).catch(() => ({ state: "prompt" }));
    if (microphone.state === "denied") return tell("off", WORDS[31401]);
    if (microphone.state === "prompt") return tell("asks");
    return this.#register();
  }

  /** A click: now the browser may ask. */
  async allow() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop(); // it is had anew for each call
    } catch (problem) {
      return this.#given.tell("off", WORDS[problem.name === "NotAllowedError" ? 31401 : 31402]);
    }
    return this.#register();
  }

  async #register() {
    this.#device?.destroy();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#off(WORDS[53000]), PATIENCE); // the SDK tries on and says nothing
    try {
      this.#device = this.#made(await this.#given.token());
      await this.#device.register();
    } catch (problem) {
      this.#off(problem?.code ? said(problem) : (problem?.message ?? WORDS[53000])); // the SDK may give up without a reason
    }
  }

  #made(token) {
    const { tell } = this.#given;
    const device = new window.Twilio.Device(token, { logLevel: "silent", codecPreferences: ["opus", "pcmu"], tokenRefreshMs: 30000 });
    const on = (name, act) => device.on(name, (...given) => device === this.#device && act(...given));
    on("registered", () => {
      clearTimeout(this.#timer); // the SDK may be back before we have tried anew
      this.#tries = 0;
      if (!this.#call) tell("ready");
    });
    on("unregistered", () => this.#call || this.#off("The connection to Twilio is lost."));
    on("error", (problem) => this.#call || this.#off(said(problem)));
    on("incoming", (call) => this.#incoming(call));
    on("tokenWillExpire", () => this.#renew());
    return device;
  }

  async #renew() {
    try {
      this.#device.updateToken(await this.#given.token());
    } catch (problem) {
      if (!this.#call) this.#off(problem.message);
    }
  }

  #incoming(call) {
    const { tell } = this.#given;
    this.#call = call;
    const over = () => {
      if (call !== this.#call) return;
      this.#call = null;
      if (this.#device.state === "registered") tell("ready");
      else this.start();
    };
    call.on("accept", () => tell((this.#state = "talking")));
    for (const end of ["cancel", "disconnect", "reject"]) call.on(end, over);
    call.on("error", (problem) => {
      if (call.status() !== "closed") return tell(this.#state, said(problem)); // it goes on
      over();
      tell("off", said(problem));
    });
    call.on("reconnecting", () => tell("talking", "The sound is interrupted; it is being put back."));
    call.on("reconnected", () => tell("talking"));
    tell((this.#state = "ringing"));
  }

  // not connected, and tried again by itself
  #off(why) {
    this.#given.tell("off", why);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#call ?? this.start(), Math.min(LONGEST, 2000 * 2 ** this.#tries++));
  }

  answer() {
    this.#call?.accept();
  }

  hangUp() {
    if (this.#call?.status() === "pending") this.#call.reject();
    else this.#call?.disconnect();
  }

  mute(on) {
    this.#call?.mute(on);
  }

  press(key) {
    this.#call?.sendDigits(key);
  }
}
