// A file of the flows: line numbers, kept as it is typed, faults and steps that lead to their line.

const { send } = await import(document.querySelector('script[src*="staff/send.js"]').src);
const { refresh } = await import(document.querySelector('script[src*="staff/live.js"]').src);

const PAUSE = 500; // ms after the last letter
const OUTLIVES = 20000; // characters: what is sent arrives although the page is left, up to 64 KiB of it
const form = document.querySelector("[data-editor]");

if (form) {
  const text = form.querySelector("textarea");
  const numbers = form.querySelector("[data-lines]");
  const told = document.querySelector("#kept");
  const where = form.querySelector("[data-where]");
  const conflict = form.querySelector("[data-conflict]");
  let waiting = 0;
  let sending = null; // what is under way
  let kept = text.value;

  const say = (words) => told.textContent !== words && (told.textContent = words);

  // ---- lines

  function count() {
    const lines = text.value.split("\n").length;
    if (Number(numbers.dataset.count) === lines) return;
    numbers.dataset.count = lines;
    numbers.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n");
    numbers.style.height = "0";
    scroll();
  }

  function scroll() {
    numbers.style.height = `${text.offsetHeight}px`;
    numbers.scrollTop = text.scrollTop;
  }

  function tell() {
    const before = text.value.slice(0, text.selectionStart).split("\n");
    where.textContent = `Line ${before.length}, column ${before.at(-1).length + 1}`;
  }

  function go(line, column) {
    const before = text.value.split("\n").slice(0, Math.max(0, line - 1));
    const at = before.join("\n").length + (before.length ? 1 : 0) + Math.max(0, column - 1);
    text.focus();
    text.setSelectionRange(at, at);
    const high = text.scrollHeight / Math.max(1, text.value.split("\n").length);
    text.scrollTop = Math.max(0, (line - 6) * high);
    text.scrollIntoView({ block: "nearest" });
    tell();
  }

  // ---- keeping

  async function keep() {
    clearTimeout(waiting);
    if (sending !== null || text.readOnly || !conflict || !conflict.hidden || text.value === kept) return;
    const words = (sending = text.value);
    try {
      const answer = await send(form.action, { text: words, was: form.elements.was.value }, { keepalive: words.length < OUTLIVES });
      if (answer.ok) {
        form.elements.was.value = (await answer.json()).mark;
        kept = words;
        say("Kept in your draft.");
      } else if (answer.status === 409 && (await answer.clone().text()).startsWith("Not kept.")) {
        conflict.hidden = false;
        say("");
      } else if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
      else say(await answer.text());
    } catch {
      say("Not kept yet: the connection is lost. Trying again …");
      waiting = setTimeout(keep, 2000);
    } finally {
      sending = null;
    }
    if (text.value !== words) waiting = setTimeout(keep, PAUSE);
  }

  text.addEventListener("input", () => {
    count();
    tell();
    clearTimeout(waiting);
    waiting = setTimeout(keep, PAUSE);
  });
  text.addEventListener("blur", keep);
  text.addEventListener("scroll", scroll);
  new ResizeObserver(scroll).observe(text);
  document.addEventListener("selectionchange", () => document.activeElement === text && tell());
  document.addEventListener("visibilitychange", keep);
  addEventListener("beforeunload", (event) => {
    if (text.readOnly || text.value === kept) return;
    keep();
    if (sending !== text.value || sending.length >= OUTLIVES) event.preventDefault();
  });
  form.addEventListener("submit", () => (kept = text.value));

  // ---- to a line

  document.addEventListener("click", (event) => {
    const fault = event.target.closest("[data-checked] a[data-line]");
    const step = event.target.closest('[data-checked] svg a[href^="#step-"]');
    const name = step && decodeURIComponent(step.getAttribute("href").slice(6));
    const found = fault ?? (step && [...document.querySelectorAll("[data-step]")].find((one) => one.dataset.step === name));
    if (!found) return;
    event.preventDefault();
    go(Number(found.dataset.line), Number(found.dataset.column));
  });

  count();
  const asked = new URLSearchParams(location.search);
  if (asked.get("line")) go(Number(asked.get("line")), Number(asked.get("column") ?? 1));
}

// ---- a talk: what the line has just said is told to who does not see it, and the last of it is in view

document.querySelector("#talk")?.addEventListener("calor:put", (event) => {
  const log = event.target.querySelector("#said-so-far");
  const lines = [...log.querySelectorAll("li")];
  const last = lines.findLastIndex((line) => line.classList.contains("theirs"));
  document.querySelector("#heard").textContent = lines.slice(last + 1).map((line) => line.textContent.trim()).join(" ");
  log.scrollTop = log.scrollHeight;
  if (document.activeElement === document.body) log.focus({ preventScroll: true });
});

for (const part of document.querySelectorAll("[data-checked]")) refresh(part);
