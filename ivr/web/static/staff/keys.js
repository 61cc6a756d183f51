// Shortcuts: `data-key="a"` or `data-key="g h"` on a link, a button or a field. `?` lists them; they can be switched off, as
// single keys get in the way of speech input (WCAG 2.1.4).

const dialog = document.querySelector("#keys");
const on = document.querySelector("#keys-on");
const OFF = "calor-keys-off";
const TOGETHER = 1500; // ms between the two keys of "g h", by when they were pressed: a busy page may hear of them later
let first = { key: "", at: 0 };

on.checked = localStorage.getItem(OFF) === null;
on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));

const all = () => [...document.querySelectorAll("[data-key]")].filter((e) => e.getClientRects().length && !e.disabled);

function list() {
  const rows = all().flatMap((element) => {
    const [term, about] = [document.createElement("dt"), document.createElement("dd")];
    for (const one of element.dataset.key.split(" ")) {
      const shown = document.createElement("kbd");
      shown.textContent = one;
      term.append(shown, " ");
    }
    about.textContent = element.getAttribute("aria-label") || element.textContent.trim() || element.title;
    return [term, about];
  });
  dialog.querySelector("dl").replaceChildren(...rows);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=keys]")) {
    list();
    dialog.showModal();
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || dialog.open) return;
  if (!on.checked && event.key !== "?") return;
  const second = first.key && event.timeStamp - first.at <= TOGETHER;
  const pressed = second ? `${first.key} ${event.key}` : event.key;
  const found = all().find((element) => element.dataset.key === pressed);
  first = { key: !found && event.key === "g" ? "g" : "", at: event.timeStamp };
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
});
