// The tag text box: sends what is typed after a pause, on leaving the box, and before every shortcut.
// The server's answer is put into the box only when nothing newer was typed meanwhile, so no keystroke is lost.
const PAUSE_MS = 500;

const boxes = new WeakMap();
let sent = 0;

function storageKey(id) {
  return "caption-draft:" + id;
}

function remember(id, value) {
  try { sessionStorage.setItem(storageKey(id), JSON.stringify(value)); } catch (_) { /* storage full or forbidden */ }
}

function recall(id) {
  try { return JSON.parse(sessionStorage.getItem(storageKey(id)) || "null"); } catch (_) { return null; }
}

function forget(id) {
  try { sessionStorage.removeItem(storageKey(id)); } catch (_) { /* nothing to forget */ }
}

function createBox(root, component) {
  const area = root.querySelector("textarea");
  const box = { area, id: null, base: null, revision: null, known: "", timer: null, component };

  box.current = () => ({ id: box.id, base: box.base, text: area.value, n: ++sent });
  box.send = () => {
    clearTimeout(box.timer);
    box.timer = null;
    if (box.id === null || area.readOnly || area.value === box.known) return;
    box.known = area.value;
    box.component.setStateValue("draft", box.current());
  };
  box.command = (name) => {
    clearTimeout(box.timer);
    box.timer = null;
    const message = { name, dirty: !area.readOnly && area.value !== box.known, ...box.current() };
    box.known = area.value;
    box.component.setTriggerValue("command", message);
  };
  area.addEventListener("input", () => {
    remember(box.id, { text: area.value, base: box.base });
    clearTimeout(box.timer);
    box.timer = setTimeout(box.send, PAUSE_MS);
  });
  area.addEventListener("blur", box.send);
  box.onKey = (event) => handleKey(box, event);
  document.addEventListener("keydown", box.onKey, true);
  return box;
}

function isTyping(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  return target.isContentEditable || Boolean(
    target.closest("input, textarea, select, [role='slider'], [role='combobox'], [role='listbox'], [role='radiogroup'], [role='tablist'], [role='menu']")
  );
}

function handleKey(box, event) {
  if (event.isComposing || !box.area.isConnected || document.querySelector("[role='dialog']")) return;
  const modified = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  let name = null;
  if (modified && !event.altKey && key === "s") name = "save";
  else if (modified && !event.altKey && key === "j") name = "first_untagged";
  else if (!modified && !event.altKey && !event.shiftKey && !isTyping(event)) {
    if (event.key === "ArrowRight") name = "next";
    if (event.key === "ArrowLeft") name = "previous";
  }
  if (name === null) return;
  event.preventDefault();
  event.stopPropagation();
  box.command(name);
}

function receive(box, data) {
  const sameImage = box.id === data.id;
  const unsent = box.id !== null && !box.area.readOnly && box.area.value !== box.known;
  if (!sameImage && unsent) box.send();
  const stored = sameImage ? null : recall(data.id);
  const keepTyped = sameImage && unsent && box.revision === data.revision;
  box.id = data.id;
  box.base = data.base;
  box.revision = data.revision;
  box.area.readOnly = data.readOnly;
  if (keepTyped) {
    remember(box.id, { text: box.area.value, base: box.base });
    box.timer = box.timer || setTimeout(box.send, PAUSE_MS);
    return;
  }
  if (box.area.value !== data.text) box.area.value = data.text;
  box.known = data.text;
  // Typed just before a refresh, too late to be sent: the tab remembers it.
  if (stored && stored.base === data.base && stored.text !== data.text && !data.readOnly) {
    box.area.value = stored.text;
    box.timer = setTimeout(box.send, 50);
  } else {
    forget(data.id);
  }
}

export default function (component) {
  const root = component.parentElement;
  let box = boxes.get(root);
  if (!box) {
    box = createBox(root, component);
    boxes.set(root, box);
  }
  box.component = component;
  root.querySelector("label").textContent = component.data.label;
  box.area.placeholder = component.data.placeholder;
  receive(box, component.data);
  return () => {
    box.send();
    document.removeEventListener("keydown", box.onKey, true);
    boxes.delete(root);
  };
}
