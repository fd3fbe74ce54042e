// What is typed into a box stays when the answer to something that was done before comes: to Clear, which empties it,
// say. Streamlit puts the server's value into a box whatever was typed meanwhile; here it is put back, and so sent.
const NO_TYPING = new Set(["button", "checkbox", "radio", "range", "file", "submit"]);
const DOES = "button, a, label, summary, input, select, [role], [tabindex]";
const TRIES = 3;
const EMPTIED = [
  [".st-key-scope-clear", ".st-key-scope-query"],
  [".st-key-clusters-light-clear", ".st-key-clusters-light"],
];

// The boxes that were typed into since the last thing that was done, with what they held then.
let typed = new Map();

function isBox(one) {
  return one instanceof HTMLTextAreaElement || (one instanceof HTMLInputElement && !NO_TYPING.has(one.type));
}

function put(box, text) {
  const kind = box instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  // Past React, which would not take it for typed otherwise.
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  // A box that was left has sent what it held, and sends this.
  if (document.activeElement !== box) box.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

function onInput(event) {
  const box = event.target;
  if (event.isTrusted && isBox(box)) typed.set(box, { text: box.value, start: box.selectionStart, end: box.selectionEnd, tries: TRIES });
}

// Whatever comes of what is done now may change what was typed before it.
function onDone(event) {
  const target = event.composedPath()[0];
  if (!event.isTrusted || !(target instanceof Element)) return;
  if (event.type === "click" && (isBox(target) || !target.closest(DOES))) return;
  if (event.type === "keydown" && isBox(target) && event.key !== "Enter") return;
  typed = new Map();
  if (event.type === "click") empty(target);
}

// The box is empty at once, and what is typed next stands alone: the server finds it empty and need not say so.
function empty(target) {
  for (const [button, box] of EMPTIED)
    if (target.closest(`${button} button`))
      for (const one of document.querySelectorAll(`${box} input`)) if (one.value) put(one, "");
}

function onValues(changes) {
  for (const { target } of changes) {
    const kept = typed.get(target);
    if (!kept || target.value === kept.text || !kept.tries) continue;
    kept.tries -= 1;
    put(target, kept.text);
    if (document.activeElement === target && kept.start !== null) target.setSelectionRange(kept.start, kept.end);
  }
}

// On the way to the button that shows a password Streamlit does not take its box for left: what was typed would never
// be sent, not even when the button is left in turn.
function onLeft(event) {
  const { target: box, relatedTarget: next, isTrusted } = event;
  if (!isTrusted || !isBox(box) || !(next instanceof HTMLButtonElement)) return;
  if (box.closest('[data-testid="stTextInput"]')?.contains(next))
    box.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

let isWatching = false;

export default function () {
  if (isWatching) return;
  isWatching = true;
  document.addEventListener("input", onInput, true);
  document.addEventListener("focusout", onLeft, true);
  for (const what of ["click", "keydown"]) document.addEventListener(what, onDone, true);
  window.addEventListener("popstate", () => { typed = new Map(); });
  // React writes a box's value into its attribute, too.
  new MutationObserver(onValues).observe(document.body, { attributes: true, attributeFilter: ["value"], subtree: true });
}
