// A row for each folder; a click reports which one, and so does a mouse or a focus that rests upon one.
const RESTS_MS = 150;
const seen = new WeakMap();

function part(kind, text) {
  const node = document.createElement("span");
  node.className = kind;
  node.textContent = text;
  return node;
}

function row(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = item.name;
  const bar = part("bar", "");
  if (item.done !== null) {
    bar.classList.add("drawn");
    bar.append(part("done", ""));
    bar.firstChild.style.width = `${item.done * 100}%`;
  }
  button.append(part("name", item.name), part("where", ` ${item.where}`), bar, part("note", ` ${item.note}`));
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  list.setAttribute("aria-label", data.label);
  list.style.maxHeight = data.height;
  const state = seen.get(list) ?? { told: "", timer: 0, shown: "", rows: new Map() };
  seen.set(list, state);
  // Made anew under the mouse a row would be entered again, and one that has the focus would lose it.
  const shown = JSON.stringify(data);
  if (state.shown === shown) return;
  state.shown = shown;
  const point = (id) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      if (state.told !== id) setTriggerValue("pointed", (state.told = id));
    }, RESTS_MS);
  };
  const focused = parentElement.getRootNode().activeElement ?? document.activeElement;
  const held = [...state.rows].find(([, button]) => button === focused)?.[0];
  state.rows = new Map(data.items.map((item) => {
    const button = row(item);
    button.onclick = () => {
      clearTimeout(state.timer);
      setTriggerValue("picked", item.id);
    };
    button.onmouseenter = () => point(item.id);
    button.onfocus = () => point(item.id);
    return [item.id, button];
  }));
  list.replaceChildren(...state.rows.values());
  if (held !== undefined) state.rows.get(held)?.focus();
  list.onmouseleave = () => point("");
  list.onfocusout = (event) => { if (!list.contains(event.relatedTarget)) point(""); };
}
