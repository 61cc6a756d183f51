// TwiML with one element a line, and its parts marked. Made of text nodes only, whatever the document holds.

import { el } from "./dom.js";

const TOKENS = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+/g;

/** A <pre> of the document; of anything that is no XML, as it came. */
export function pretty(text) {
  const shown = el("pre", { tabIndex: 0 });
  const tokens = text.trim().startsWith("<") ? (text.match(TOKENS) ?? []) : null;
  if (!tokens) {
    shown.append(text);
    return shown;
  }
  let depth = 0;
  let open = null; // the start tag just written, whose text may stand on its line
  for (const token of tokens) {
    if (!token.trim()) continue;
    const closes = token.startsWith("</");
    const words = !token.startsWith("<");
    if (closes) depth = Math.max(0, depth - 1);
    const inline = (words && open && token.length < 100) || (closes && open);
    if (shown.hasChildNodes() && !inline) shown.append(`\n${"  ".repeat(depth)}`);
    if (words) shown.append(inline ? token.trim() : wrapped(token.trim(), depth));
    else shown.append(...tag(token));
    const opens = /^<[A-Za-z]/.test(token) && !token.endsWith("/>");
    open = opens || (words && inline);
    if (opens) depth += 1;
  }
  return shown;
}

function wrapped(text, depth) {
  return text.replace(/\s*\n\s*/g, `\n${"  ".repeat(depth)}`);
}

function tag(token) {
  const match = /^(<\/?)([\w:.-]+)([\s\S]*?)(\/?>)$/.exec(token);
  if (!match) return [el("i", {}, token)];
  const [, begin, name, attributes, end] = match;
  const parts = attributes.split(/([\w:.-]+\s*=\s*)("[^"]*"|'[^']*')/);
  return [begin, el("b", {}, name), ...parts.map((one, at) => (at % 3 === 2 ? el("span.value", {}, one) : one)), end].filter(Boolean);
}
