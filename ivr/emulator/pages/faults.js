// Things that go wrong on purpose: which are set, and one more.

import { attempt } from "./api.js";
import { el, find, keep } from "./dom.js";

const WIRE = ["slow", "error", "drop", "refuse", "lose_response", "twice", "late", "hang_up"];
const WHAT = {
  webhook: WIRE,
  callback: [...WIRE, "reorder"],
  media: ["slow", "error", "drop", "refuse", "lose_response"],
  rest: ["slow", "error", "error_after", "drop", "refuse", "lose_response", "rate_limit", "hidden", "hang_up"],
};
const MEANING = {
  slow: "answered late", error: "a status such as 500", drop: "no answer at all", refuse: "connection refused",
  lose_response: "done, but the answer is lost", twice: "sent twice", late: "sent late", hang_up: "the caller hangs up just then",
  reorder: "overtaken by the next", error_after: "done, then answered as if not", rate_limit: "429", hidden: "not in lists yet",
};
const WHERE = { webhook: "requests for TwiML", callback: "status callbacks", rest: "the REST API", media: "sounds and pictures" };

export function form(changed) {
  const made = find("#fault");
  const option = (value, words) => el("option", { value }, words);
  const where = el("select", { name: "where", "aria-label": "To" }, ...Object.entries(WHERE).map(([value, words]) => option(value, words)));
  const what = el("select", { name: "what", "aria-label": "What" });
  const number = (name, value, more = {}) => el("input", { name, type: "number", value, ...more });
  const offer = () => what.replaceChildren(...WHAT[where.value].map((one) => option(one, `${one.replaceAll("_", " ")}: ${MEANING[one]}`)));
  where.addEventListener("change", offer);
  offer();
  made.append(
    el("label", {}, "To ", where),
    el("label.long", {}, "What ", what),
    el("label.long", {}, "Address matches ", el("input", { name: "match", placeholder: "any", autocomplete: "off" })),
    el("label", {}, "Times ", number("times", 1, { min: -1, title: "-1: always" })),
    el("label", {}, "Seconds ", number("seconds", 5, { min: 0, step: "any" })),
    el("label", {}, "Status ", number("status", 500, { min: 400, max: 599 })),
    el("button", {}, "Add fault"),
  );
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(made));
    for (const name of ["times", "seconds", "status"]) given[name] = Number(given[name]);
    if (await attempt("POST", "/faults", given)) changed();
  });
}

export function draw(faults, changed) {
  const place = find("#faults");
  if (!faults.length) return place.replaceChildren(el("p.hint", {}, "Everything works. A fault set here happens to the next request that fits."));
  if (!find("ul", place)) place.replaceChildren(el("ul.faults"));
  keep(find("ul", place), faults, {
    key: (one) => one.id,
    make: (one) =>
      el("li", {}, el("span"), el("button.small", { type: "button", "aria-label": `Clear fault ${one.id}`, onclick: async () => { await attempt("DELETE", `/faults/${one.id}`); changed(); } }, "Clear")),
    update(row, one) {
      const times = one.times < 0 ? "always" : one.times === 0 ? "used up" : `${one.times} more`;
      const match = one.match ? ` matching ${one.match}` : "";
      row.firstElementChild.textContent = `${one.what.replaceAll("_", " ")} to ${WHERE[one.where]}${match}, ${times}`;
      row.classList.toggle("over", one.times === 0);
    },
  });
}
