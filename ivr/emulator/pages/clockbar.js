// What time it is there; a clock that stands still is moved from here.

import { attempt } from "./api.js";
import { el, find, keep } from "./dom.js";
import { time } from "./words.js";

const STEPS = [[1, "+1 s"], [5, "+5 s"], [60, "+1 min"]];

export function clockbar(live) {
  const shown = el("time");
  const mode = el("span.quiet");
  const buttons = el("span.steps", { role: "group", "aria-label": "Move the clock" });
  find("#clock").append(el("span.clock", {}, shown, mode), buttons);

  const move = async (by) => {
    buttons.querySelectorAll("button").forEach((one) => (one.disabled = true));
    await attempt("POST", "/clock", { by, patience: 10 });
    buttons.querySelectorAll("button").forEach((one) => (one.disabled = false));
  };
  const next = async () => {
    const clock = await attempt("GET", "/clock");
    if (clock?.next) await move(Math.max(0.01, clock.next - clock.epoch));
  };
  const draw = () => {
    shown.textContent = time(live.now());
    shown.dateTime = new Date(live.now() * 1000).toISOString();
  };
  const settle = () => {
    const manual = live.clock.mode === "manual";
    mode.textContent = manual ? "UTC, stands still" : live.clock.speed === 1 ? "UTC" : `UTC, ×${live.clock.speed}`;
    const offered = manual ? [...STEPS, [0, "Next"]] : [];
    keep(buttons, offered, {
      key: ([, name]) => name,
      make: ([by, name]) =>
        el("button.small", { type: "button", title: by ? "" : "Until the next thing happens", onclick: () => (by ? move(by) : next()) }, name),
    });
    buttons.hidden = !manual;
    draw();
  };
  live.on("clock", settle);
  setInterval(draw, 500);
}
