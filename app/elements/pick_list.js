// A list of plain-text rows with a note beside each; a click reports which one.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".list");
  list.setAttribute("aria-label", data.label);
  list.style.maxHeight = data.height;
  list.dataset.layout = data.layout;
  list.replaceChildren(...data.items.map((item) => {
    const button = document.createElement(item.id ? "button" : "div");
    if (item.id) {
      button.type = "button";
      button.setAttribute("aria-label", `${data.verb} ${item.text}`.trim());
    }
    button.title = item.text;
    const text = document.createElement("span");
    text.textContent = item.text;
    const note = document.createElement("small");
    note.textContent = item.note;
    button.append(text, note);
    if (item.id) button.onclick = () => setTriggerValue("picked", item.id);
    return button;
  }));
}
