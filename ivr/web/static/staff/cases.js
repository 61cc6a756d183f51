// Cases are found as one types: a field with `data-finds` fills the part that it names.

const { refresh } = await import(document.querySelector('script[src*="staff/live.js"]').src);

const PAUSE = 250; // ms after the last letter
let waiting = 0;

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-finds]")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const part = document.getElementById(field.dataset.finds);
    const typed = new URLSearchParams({ q: field.value });
    part.dataset.src = `${part.dataset.src.split("?")[0]}?${typed}`;
    history.replaceState(null, "", `${location.pathname}?${typed}`);
    refresh(part);
  }, PAUSE);
});
