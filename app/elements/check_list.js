// Rows of findings under headings; a click reports which kind is to be looked at.
function part(kind, text) {
  const node = document.createElement("span");
  node.className = kind;
  node.textContent = text;
  return node;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("nav");
  // Made anew, a row that has the focus would lose it.
  const shown = JSON.stringify(data);
  if (list.dataset.shown === shown) return;
  const focused = list.contains(list.getRootNode().activeElement) ? list.getRootNode().activeElement.dataset.id : "";
  list.dataset.shown = shown;
  list.replaceChildren(...data.items.map((item) => {
    const row = document.createElement(item.id ? "button" : "div");
    row.className = item.is_heading ? "heading" : item.id ? "kind" : "none";
    row.title = [item.text, item.note, item.more].filter(Boolean).join(" · ");
    row.append(part("text", item.text), part("note", item.note), part("more", item.more));
    if (item.id) {
      row.type = "button";
      row.dataset.id = item.id;
      if (item.id === data.current) row.setAttribute("aria-current", "true");
      row.onclick = () => setTriggerValue("picked", item.id);
    }
    return row;
  }));
  for (const row of list.querySelectorAll("button")) if (focused && row.dataset.id === focused) row.focus();
}
