// Forms with `data-send` are sent without leaving the page; without scripts they are ordinary forms. The answer takes the place of
// the live part that the form stands in, or of the element that `data-into` names; what went wrong is said at the top, in words.

const { put } = await import(document.querySelector('script[src*="staff/live.js"]').src);

function say(text) {
  const told = document.querySelector("#said");
  told.textContent = text;
  told.hidden = !text;
}

export async function send(url, fields, more = {}) {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "Calor-Background": "1", "Calor-Acts": "1", "Calor-Token": document.body.dataset.token },
    ...more,
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-send]") || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.sending) return; // pressed twice
  form.dataset.sending = "1";
  const into = form.dataset.into ? document.getElementById(form.dataset.into) : form.closest("[data-live]");
  try {
    const answer = await send(event.submitter?.getAttribute("formaction") || form.action, new FormData(form, event.submitter));
    const text = await answer.text();
    if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
    else if (!answer.ok) say(text);
    else {
      say("");
      form.reset(); // what was sent is not typed any more
      if (into && text) put(into, text);
    }
  } catch {
    say("The connection is lost; this was not sent. Try again.");
  } finally {
    delete form.dataset.sending;
  }
});
