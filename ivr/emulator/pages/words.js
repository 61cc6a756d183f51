// How numbers, times and states are written.

const NBSP = "\u00a0"; // a number stays on its line

/** +1 202 555 0111; another country's number and anything else as it is. */
export function number(text) {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(text ?? "");
  return match ? ["+1", ...match.slice(1)].join(NBSP) : (text ?? "");
}

/** What somebody typed as a number: +15550100100, client:ann, or null. */
export function typed(text) {
  const bare = text.trim();
  if (/^client:\S+$/.test(bare)) return bare;
  const digits = bare.replace(/[\s().-]/g, "");
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}

/** 14:02:11 in UTC, as the log has it. */
export const time = (epoch) => new Date(epoch * 1000).toISOString().slice(11, 19);

/** 0:42, 1:02:03. */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const alive = (leg) => leg.ended === null;

/** The number of the person on that leg. */
export const owner = (leg) => (leg.direction === "inbound" ? leg.from : leg.to);

/** The number at the other side. */
export const other = (leg) => (leg.direction === "inbound" ? leg.to : leg.from);

/** hold.mp3 of http://…/hold.mp3?x=1. */
export function file(url) {
  const path = (url ?? "").split(/[?#]/)[0].replace(/\/+$/, "");
  return path.slice(path.lastIndexOf("/") + 1) || url;
}

/** What a leg hears, in words. */
export function sound(leg) {
  const { sound: kind, detail } = leg.hears;
  if (leg.saying) return "Speech";
  switch (kind) {
    case "music": return `♪ Music · ${file(detail)}`;
    case "ringing": return "It rings";
    case "bridge":
    case "conference": return detail ? `With ${detail}` : "Silence";
    case "speech": return "Speech";
    default: return "Silence";
  }
}

const STATUS = {
  queued: "about to ring", ringing: "rings", "in-progress": "in call", completed: "ended", busy: "busy",
  failed: "failed", "no-answer": "no answer", canceled: "cancelled",
};
export const status = (word) => STATUS[word] ?? word;
