// Presses a button of the page for a key, unless somebody is typing, a dialog is open, or the key has a meaning of its
// own where the focus is.
const OWN = { " ": "button, a, summary, [role=tab], [role=radio], [role=checkbox]", Arrow: "[role=tab], [role=radio]" };

const LONGEST_MS = 10000;
const LOOK_MS = 40;

const selector = (name) => `.st-key-${name.replaceAll(".", "-")} button`;

export default function ({ data, parentElement }) {
  // Where the mouse left the focus nobody chose it: Space would press once more what was clicked last.
  let byMouse = false;
  const onPointer = () => { byMouse = true; };
  // Until when the text box is waited for: what is typed by then is meant for it, and presses nothing.
  let awaited = 0;
  const write = () => {
    const hasCome = !document.dispatchEvent(new Event("toolkit-write", { cancelable: true }));
    if (hasCome) awaited = 0;
    else if (performance.now() < awaited) setTimeout(write, LOOK_MS);
  };
  const onKey = (event) => {
    if (event.key === "Tab") byMouse = false;
    if (isForOthers(event)) return;
    const node = focused();
    const own = OWN[event.key.startsWith("Arrow") ? "Arrow" : event.key];
    if (own && !byMouse && node?.closest(own)) return;
    if (performance.now() < awaited) {
      if (event.key === "Escape") awaited = 0;
    } else if (event.key === "?") {
      document.dispatchEvent(new Event("toolkit-keys"));
    } else {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const name = data.buttons[key];
      if (!name) return;
      const button = document.querySelector(`${selector(name)}:not(:disabled)`);
      // Held down, a key would deal with what nobody has seen.
      if (!event.repeat) button?.click();
      if (button && data.writing.includes(key)) {
        awaited = performance.now() + LONGEST_MS;
        write();
      }
    }
    event.preventDefault();
    // The text box beside the picture would walk through the images by the arrows.
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("pointerdown", onPointer, true);
  return () => {
    window.removeEventListener("keydown", onKey, true);
    window.removeEventListener("pointerdown", onPointer, true);
  };
}
