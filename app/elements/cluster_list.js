// A row for each cluster; a click reports which one, and so does a mouse that rests upon one.
const RESTS_MS = 150;
const seen = new WeakMap();

function part(kind, text) {
  const node = document.createElement("span");
  node.className = kind;
  node.textContent = text;
  return node;
}

function row(item, opened) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = item.name;
  button.className = item.number === opened ? "opened" : "";
  const colour = part("colour", "");
  colour.style.background = item.colour;
  const bar = part("bar", "");
  bar.style.width = `${Math.max(1, item.share * 100)}%`;
  bar.style.background = item.colour;
  button.append(colour, part("number", `${item.number} `), part("name", item.name), part("note", ` ${item.note}`), bar);
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  list.setAttribute("aria-label", "Clusters");
  const state = seen.get(list) ?? { told: -1, timer: 0, shown: "" };
  seen.set(list, state);
  // Made anew under the mouse a row would be entered again, and again.
  const shown = JSON.stringify(data);
  if (state.shown === shown) return;
  state.shown = shown;
  const point = (number) => {
    clearTimeout(state.timer);
    if (!data.points) return;
    state.timer = setTimeout(() => {
      if (state.told !== number) setTriggerValue("pointed", (state.told = number));
    }, RESTS_MS);
  };
  list.replaceChildren(...data.items.map((item) => {
    const button = row(item, data.opened);
    button.onclick = () => {
      clearTimeout(state.timer);
      setTriggerValue("picked", item.number);
    };
    button.onmouseenter = () => point(item.number);
    return button;
  }));
  list.onmouseleave = () => point(-1);
}
