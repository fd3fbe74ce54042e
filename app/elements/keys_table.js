// The table of keys: opened by its button, or by whoever sends the document "toolkit-keys".
const listeners = new WeakMap();

export default function ({ data, parentElement }) {
  const dialog = parentElement.querySelector("dialog");
  const rows = data.keys.flatMap(([key, does]) => [["dt", key], ["dd", does]]).map(([kind, text]) => {
    const cell = document.createElement(kind);
    cell.textContent = text;
    return cell;
  });
  parentElement.querySelector("dl").replaceChildren(...rows);
  parentElement.querySelector("p").textContent = data.note;
  const open = () => { if (!dialog.open) dialog.showModal(); };
  parentElement.querySelector(".open").onclick = open;
  document.removeEventListener("toolkit-keys", listeners.get(parentElement));
  listeners.set(parentElement, open);
  document.addEventListener("toolkit-keys", open);
  return () => document.removeEventListener("toolkit-keys", open);
}
