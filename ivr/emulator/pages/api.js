// The control API.

import { find, tell } from "./dom.js";

/** The answer. Throws an Error that says why not. */
export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/emulator${path}`, {
      method,
      headers: body === undefined || body instanceof Blob ? {} : { "Content-Type": "application/json" },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Error("The emulator does not answer.");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error ?? `The emulator answered ${answer.status}.`);
  return told;
}

/** Do it, and say on the page when it did not work. */
export async function attempt(...request) {
  try {
    const told = await ask(...request);
    trouble("");
    return told;
  } catch (problem) {
    trouble(problem.message);
    return null;
  }
}

let forget;

export function trouble(words) {
  const place = find("#trouble");
  tell(place, words);
  clearTimeout(forget);
  if (words) forget = setTimeout(() => tell(place, ""), 8000);
}
