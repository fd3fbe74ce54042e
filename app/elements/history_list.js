// Two-line rows to choose from: what was done, and where and when. A click reports which one.
function part(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  list.replaceChildren(...data.items.map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.mark = item.mark;
    if (item.id === data.selected) button.setAttribute("aria-current", "true");
    const head = part("span", "head", "");
    head.append(part("span", "what", item.what));
    if (item.mark) head.append(part("span", "mark", item.mark));
    const when = part("span", "when", item.when);
    when.title = item.exact;
    const where = part("span", "where", item.where);
    where.title = item.where;
    const foot = part("span", "foot", "");
    foot.append(where, when);
    button.append(head, foot);
    button.onclick = () => setTriggerValue("picked", item.id);
    return button;
  }));
}
