// A rehearsal: part after part, each of a few calls; the numbers are those of all so far, the rows are added.

const { send } = await import(document.querySelector('script[src*="staff/send.js"]').src);

const MOST = 200; // rows
const shown = document.querySelector("#rehearsed");

async function part(form) {
  const answer = await send(form.action, new FormData(form));
  if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  if (!answer.ok) throw new Error(await answer.text());
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#rehearsed");
}

async function all(form) {
  let fresh = await part(form);
  shown.replaceChildren(...fresh.children);
  for (let more; (more = shown.querySelector("[data-more]")); ) {
    fresh = await part(more);
    shown.querySelector("[data-numbers]").replaceWith(fresh.querySelector("[data-numbers]"));
    const rows = shown.querySelector("[data-rows]");
    const room = Math.max(0, MOST - rows.children.length);
    rows.append(...[...fresh.querySelector("[data-rows]").children].slice(0, room));
  }
}

let busy = false;
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-rehearse]")) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  const said = document.querySelector("#said");
  said.hidden = true;
  try {
    await all(event.target);
  } catch (error) {
    said.textContent = error.message || "The connection is lost. Try again.";
    said.hidden = false;
  } finally {
    busy = false;
  }
});
