// Elements made by hand. Text is only ever set as text: names, speech, texts and TwiML are anybody's.

/** el("p.hint", {hidden: true}, "words", child): properties by their DOM names, `on…` are listeners, `data-`/`aria-`/`role` attributes. */
export function el(kind, props = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  made.classList.add(...classes);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (/^(aria-|data-|role$|for$)/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

export const find = (selector, within = document) => within.querySelector(selector);

/** Show words, or hide the element when there are none. */
export function tell(element, words) {
  if (element.textContent !== words) element.textContent = words;
  element.hidden = !words;
}

/** Bring the children in line with `items` without touching what stays: focus and selection survive. */
export function keep(parent, items, { key, make, update = () => {} }) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = old.get(name);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = name;
    }
    old.delete(name);
    update(child, item);
    if (child === before) before = before.nextElementSibling;
    else parent.insertBefore(child, before);
  }
  for (const gone of old.values()) gone.remove();
}
