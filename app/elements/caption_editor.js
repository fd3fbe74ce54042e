// The tag text box: sends what is typed after a pause, on leaving the box, and before every shortcut.
// The server's answer is put into the box only when nothing newer was typed meanwhile, so no keystroke is lost.
const PAUSE_MS = 500;
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 20000;
const HEARD = [["keydown", "onKey"], ["click", "onLeave"], ["pointerdown", "onElsewhere"], ["focusin", "onElsewhere"],
  ["toolkit-write", "onWrite"]];

const boxes = new WeakMap();
let sent = 0;
let sendings = 0;
// Of a box that was taken away while somebody typed in it (a server was started anew): its image, the place, and when.
let torn = null;

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

// The server has it; newer words of the same image are still the tab's to remember.
function forgetHeard(message) {
  if (recall(message.id)?.text === message.text) forget(message.id);
}

function createBox(root, component) {
  const area = root.querySelector("textarea");
  // session: the server's name for the session that the box talks with; astray: that session is a new one and shows
  // another image, until it has gone to where the tab is.
  // held: the box has the focus, or lost it without a word: what comes in front of it on the page moves it.
  // known: the text that was last sent or received; shown: the server's name for the text it last put here.
  // told: serial of the last message that carried this image's text.
  // outbox: messages that the server has not taken in yet. Each sending brings them all, since one sending may take
  // the place of another that was not read yet.
  const box = {
    area, component, session: null, astray: false, id: null, base: null, known: "", shown: "", told: 0, outbox: [],
    timer: null, leaving: null, retry: null, held: false,
  };

  box.isUnsent = () => box.id !== null && !area.readOnly && area.value !== box.known;
  box.post = (command) => {
    clearTimeout(box.timer);
    box.timer = null;
    const dirty = box.isUnsent();
    const message = { id: box.id, base: box.base, text: dirty ? area.value : "", shown: box.shown, dirty, command, n: ++sent };
    if (dirty) {
      box.told = message.n;
      // A later text of the same image stands for the earlier ones, but for those that a shortcut came with.
      box.outbox = box.outbox.filter((old) => old.command || old.id !== box.id);
    }
    box.outbox.push(message);
    box.known = area.value;
    expectAnswer(box, RETRY_MS);
    return sending(box);
  };
  box.send = () => {
    if (box.isUnsent()) box.component.setStateValue("draft", box.post(null));
  };
  box.command = (name) => box.component.setTriggerValue("command", box.post(name));
  box.completion = createCompletion(area, root.querySelector("ul"), (needle) => box.component.setStateValue("wanted", needle));
  area.addEventListener("input", () => {
    remember(box.id, { text: area.value, base: box.base });
    clearTimeout(box.timer);
    box.timer = setTimeout(box.send, PAUSE_MS);
  });
  area.addEventListener("focus", () => { box.held = true; });
  area.addEventListener("blur", box.send);
  // Somebody has left it: for another field, or by a click. To be moved is neither.
  box.onElsewhere = (event) => {
    if (event.composedPath().includes(area) || isTakenBack(box, event)) return;
    box.held = false;
    // What the tab has remembered is on its way a moment after it is shown; a click on Save comes with it, not before.
    if (event.type === "pointerdown") box.send();
  };
  box.onKey = (event) => handleKey(box, event);
  box.onLeave = (event) => leave(box, event);
  // Somebody asked for the box; it may still stand in a tab that is not shown.
  box.onWrite = (event) => { area.focus(); if (area.matches(":focus")) event.preventDefault(); };
  box.listen = (how) => HEARD.forEach(([event, name]) => document[`${how}EventListener`](event, box[name], true));
  box.listen("add");
  return box;
}

// What was typed in a session that is gone counts when it is sent again: Streamlit repeats to a new session also what
// the former one had taken in long ago.
// Each sending is another value, or else Streamlit would take what could not be kept the first time for old news.
const sending = (box) => ({ session: box.session, messages: [...box.outbox], turn: ++sendings });

// A message that a click's own took the place of, with no other to follow it, would be read by nobody: it is sent again,
// at growing intervals, until the server has taken it in.
function expectAnswer(box, wait) {
  clearTimeout(box.retry);
  box.retry = setTimeout(() => {
    if (!box.outbox.length || !box.area.isConnected) return;
    if (box.outbox.some((message) => message.command)) box.component.setTriggerValue("command", sending(box));
    else box.component.setStateValue("draft", sending(box));
    expectAnswer(box, Math.min(Math.max(2 * wait, RETRY_MS), LONGEST_RETRY_MS));
  }, wait);
}

// Where app/main.py runs without app/server.py, Streamlit opens a window when the server is away for some seconds: it
// takes the focus and bars the page. It is closed, and what is typed goes on into the box.
function isTakenBack(box, event) {
  const isAway = document.querySelector(".stApp:not([data-test-connection-state='CONNECTED'])");
  const opened = event.type === "focusin" && box.held && isAway && event.target.closest("[role='dialog']");
  const close = opened && opened.querySelector("button[aria-label='Close']");
  if (!close) return false;
  close.click();
  const focus = (tries) => {
    if (!box.held || !box.area.isConnected || !tries) return;
    box.area.focus({ preventScroll: true });
    if (!box.area.matches(":focus")) setTimeout(focus, 0, tries - 1);
  };
  queueMicrotask(() => focus(250));
  return true;
}

function isTyping(event, box) {
  if (box.held) return true;
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  return target.isContentEditable || Boolean(
    target.closest("input, textarea, select, dialog, [role='slider'], [role='combobox'], [role='listbox'], [role='radiogroup'], [role='tablist'], [role='menu']")
  );
}

function handleKey(box, event) {
  if (event.isComposing || !box.area.isConnected || document.querySelector("[role='dialog']")) return;
  // The key that was just pressed goes where the focus is by then.
  if (box.held && document.activeElement === document.body) box.area.focus({ preventScroll: true });
  const modified = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const isCompleted = box.held && box.completion.onKey(event);
  let name = null;
  if (modified && !event.altKey && key === "s") name = "save";
  else if (modified && !event.altKey && key === "j") name = "next_untagged";
  else if (modified && !event.altKey && !event.shiftKey && key === "enter" && box.held) name = "save_and_next";
  else if (!modified && !event.altKey && !event.shiftKey && !isTyping(event, box)) {
    if (event.key === "ArrowRight") name = "next";
    if (event.key === "ArrowLeft") name = "previous";
  }
  if (name === null && !isCompleted && !isDoneHere(box, event)) return;
  event.preventDefault();
  event.stopPropagation();
  if (name !== null) box.command(name);
}

// The keys that need no command. From nowhere in particular Tab leads into the box, which would be the fortieth stop.
function isDoneHere(box, event) {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key === "Escape" && box.held) {
    box.held = false;
    box.area.blur();
    return true;
  }
  if (event.key === "Tab" && plain && !event.shiftKey && document.activeElement === document.body && box.component.data.isFirstStop) {
    box.area.focus();
    return true;
  }
  if (event.key === "?" && plain && !isTyping(event, box)) return document.dispatchEvent(new Event("toolkit-keys"));
  return event.key.toLowerCase() === "g" && !plain && !event.altKey && !event.shiftKey && press(box, ".st-key-generate-start button");
}

function press(box, place) {
  const button = document.querySelector(place);
  box.send();
  button?.click();
  return Boolean(button);
}

// A link to another page waits for what was just typed: Streamlit sends the text a moment later than the click, as a
// message of this page, and that would take the other page's place.
function leave(box, event) {
  const link = event.target instanceof Element && event.target.closest("a[data-testid*='NavLink']");
  const plain = event.isTrusted && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!link || !plain || !isWaiting(box)) return;
  event.preventDefault();
  event.stopPropagation();
  box.leaving = link;
  // Whatever becomes of the message, the click must lead somewhere; the tab remembers the text.
  setTimeout(() => go(box), 2000);
}

const isWaiting = (box) => box.outbox.some((message) => message.dirty);

function go(box) {
  const link = box.leaving;
  box.leaving = null;
  if (link) link.click();
}

function receive(box, data) {
  if (box.session !== data.session) meet(box, data);
  // A text that came with a shortcut may be unheard where the shortcut is done with: its draft could not be kept.
  for (const message of box.outbox) if (message.command && message.n <= data.obeyed) message.command = null;
  const isHeard = (message) => !message.command && (!message.dirty || message.n <= data.heard);
  box.outbox.filter((message) => message.dirty && isHeard(message)).forEach(forgetHeard);
  box.outbox = box.outbox.filter((message) => !isHeard(message));
  if (box.leaving && !isWaiting(box)) setTimeout(() => go(box), 0);
  if (box.id === data.id || data.followed) box.astray = false;
  if (box.astray) return;
  if (box.id === data.id) update(box, data);
  else show(box, data);
  box.area.readOnly = data.readOnly;
}

// Another session on the server than the one before: it has heard nothing yet, and may stand on another image. The
// words in the box stay those of their own image.
function meet(box, data) {
  const isFirst = box.session === null;
  box.session = data.session;
  if (isFirst) return;
  box.astray = box.id !== data.id;
  box.told = Math.max(0, ...box.outbox.filter((message) => message.dirty && message.id === box.id).map((message) => message.n));
  if (box.outbox.length) expectAnswer(box, 0);
}

// The same image again. Its text is taken over only if the server had heard all that was typed.
function update(box, data) {
  const behind = data.heard < box.told;
  const unsent = box.isUnsent();
  if (!behind && !unsent) {
    adopt(box, data);
    forget(data.id);
    return;
  }
  // A new base belongs to the text in the box only where the file holds what the box had sent.
  if (!behind && data.text === box.known) box.base = data.base;
  if (unsent) {
    remember(box.id, { text: box.area.value, base: box.base });
    box.timer = box.timer || setTimeout(box.send, PAUSE_MS);
  }
}

function show(box, data) {
  box.send();
  const stored = recall(data.id);
  box.told = 0;
  adopt(box, data);
  releaseJumpBox();
  // Typed just before a refresh, or while the server was away, and never heard: the tab remembers it, and upon what it
  // was typed.
  if (stored && stored.text !== data.text && !data.readOnly) {
    box.area.value = stored.text;
    box.base = stored.base;
    box.timer = setTimeout(box.send, 50);
  } else if (!data.readOnly) {
    forget(data.id);
  }
  if (torn?.id === data.id && Date.now() - torn.at < 10000 && document.activeElement === document.body) {
    box.area.focus({ preventScroll: true });
    box.area.setSelectionRange(...torn.places);
  }
  torn = null;
}

function adopt(box, data) {
  box.id = data.id;
  box.base = data.base;
  if (box.area.value !== data.text) box.area.value = data.text;
  box.known = data.text;
  box.shown = data.shown;
}

// After a jump the arrows shall walk on, so the box that the number was typed into lets go of the focus.
function releaseJumpBox() {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement && focused.closest(".st-key-tagging-jump")) focused.blur();
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
  learn(box.completion, component.data);
  return () => {
    box.send();
    if (box.held) torn = { id: box.id, places: [box.area.selectionStart, box.area.selectionEnd], at: Date.now() };
    box.listen("remove");
    boxes.delete(root);
  };
}
