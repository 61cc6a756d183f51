// The phone in this browser: what the desk shows of it, and what its owner does with it.
//
// Who carries the calls is behind one interface, made twice (phone_twilio.js, phone_emulator.js):
//     new Phone({ token, at, tell })   `token()` fetches an access token; `tell(state, why)` says what the phone is now
//     start(), allow(), answer(), hangUp(), mute(on), press(key)
// States: connecting, asks (for the microphone), off (`why` in words), ready, ringing, talking.

const box = document.querySelector("#phone");
const find = (id) => document.getElementById(id);
const { Phone } = await import(box.dataset.made);

const WORDS = {
  connecting: "Connecting your phone …",
  asks: "Your phone needs the microphone. Your browser asks once whether it may have it.",
  ready: "Your phone is ready.",
  ringing: "Your phone rings.",
  talking: "Your phone is in the call.",
  muted: "Your phone is in the call, muted: nobody hears you.",
};
let state = "connecting";
let muted = false;
let passed = false; // the call that rings was just passed on

async function token() {
  const headers = { "Calor-Background": "1", "Calor-Token": document.body.dataset.token }; // no Calor-Acts: nobody does anything
  const answer = await fetch(box.dataset.tokens, { method: "POST", headers });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).token;
}

function tell(now, why = "") {
  if (now === "talking" && state !== "talking") mute(false);
  state = now;
  box.dataset.state = now;
  const words = now === "off" ? "Your phone is not connected: calls to you ring nobody." : WORDS[muted && now === "talking" ? "muted" : now];
  const told = `${words} ${why}`.trim();
  if (find("phone-words").textContent !== told) find("phone-words").textContent = told; // said once
  find("phone-allow").hidden = now !== "asks";
  find("phone-again").hidden = now !== "off";
  for (const id of ["phone-mute", "phone-keys", "phone-end"]) find(id).hidden = now !== "talking";
  if (now !== "talking") pad(false);
  followDesk();
}

function mute(on) {
  muted = on;
  find("phone-mute").setAttribute("aria-pressed", on);
}

function pad(open) {
  find("keypad").hidden = !open;
  find("phone-keys").setAttribute("aria-expanded", open);
}

// What was accepted at the desk is answered as soon as it rings; what was passed on rings no longer.
function followDesk() {
  if (state !== "ringing") return;
  if (document.querySelector("#desk [data-accepted]")) phone.answer();
  else if (passed && !document.querySelector("#desk #decline")) phone.hangUp();
}

const phone = new Phone({ token, at: box.dataset.at, tell });

const ACTS = {
  "phone-allow": () => phone.allow(),
  "phone-again": () => {
    tell("connecting");
    phone.start();
  },
  "phone-keys": () => pad(find("keypad").hidden),
  "phone-end": () => phone.hangUp(),
  "phone-mute": () => {
    mute(!muted);
    phone.mute(muted);
    tell(state);
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.digit) phone.press(button.dataset.digit);
  else if (button.dataset.phone === "answer") phone.answer();
  else ACTS[button.id]?.();
});
document.addEventListener("submit", (event) => {
  if (event.submitter?.id === "decline") passed = true;
  if (event.submitter?.id === "accept") passed = false;
});
document.addEventListener("calor:put", () => {
  followDesk();
  if (state !== "ringing") passed = false;
});
addEventListener("beforeunload", (event) => state === "talking" && event.preventDefault());
phone.start();
