// The desk: notes that are kept as they are typed.

const { send } = await import(document.querySelector('script[src*="staff/send.js"]').src);

const PAUSE = 600; // ms after the last letter

let waiting = 0;

function kept(text) {
  const told = document.querySelector("#note-kept");
  if (told) told.textContent = text;
}

async function keep(field) {
  const words = field.value;
  try {
    const answer = await send(field.dataset.note, { note: words });
    if (answer.ok) {
      field.defaultValue = words;
      kept("Kept.");
    } else kept(await answer.text());
  } catch {
    kept("Not kept yet: the connection is lost. Trying again …");
    waiting = setTimeout(() => keep(field), 2000);
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-note]")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => keep(event.target), PAUSE);
});
