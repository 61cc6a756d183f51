// The phones that this browser remembers.

const NAME = "emulator.phones";
const FIRST = [{ number: "+12025550143", name: "Customer" }];

export function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME));
    if (Array.isArray(found)) return found.filter((one) => typeof one?.number === "string");
  } catch {
    // no storage, or not ours: begin anew
  }
  return FIRST;
}

export function remember(phones) {
  try {
    localStorage.setItem(NAME, JSON.stringify(phones.map(({ number, name }) => ({ number, name }))));
  } catch {
    // then they are remembered as long as the page is open
  }
}
