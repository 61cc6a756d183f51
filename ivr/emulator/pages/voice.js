// Words aloud, and words from the microphone, where the browser can.

import { find } from "./dom.js";

const CAN_SPEAK = "speechSynthesis" in window;
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const WORDS_PER_MINUTE = 170; // a browser's usual pace at rate 1; the line speaks 162

/** Offer the switch; off by default. */
export function offer() {
  find("#aloud-switch").hidden = !CAN_SPEAK;
  find("#aloud").addEventListener("change", () => quiet());
}

export function aloud(words) {
  if (!CAN_SPEAK || !find("#aloud").checked) return;
  const speech = new SpeechSynthesisUtterance(words);
  speech.rate = 162 / WORDS_PER_MINUTE;
  speechSynthesis.speak(speech);
}

/** Whoever speaks was interrupted. */
export function quiet() {
  if (CAN_SPEAK) speechSynthesis.cancel();
}

/** Listen once; null where the browser cannot. `heard` gets the words, `done` is called in any case. */
export function microphone(heard, done) {
  if (!Recognition) return null;
  const ear = new Recognition();
  ear.lang = navigator.language;
  ear.onresult = (event) => heard(event.results[0][0].transcript);
  ear.onend = done;
  return ear;
}
