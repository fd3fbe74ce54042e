// Samples as cards: picture, text with its hits marked, a box to tick. A click on a card reports which one.
// All text is foreign and goes through textContent.
const shown = new WeakMap();

function textOf(parts, card) {
  card.replaceChildren(...parts.map(([isHit, text]) => {
    const piece = document.createElement(isHit ? "mark" : "span");
    piece.textContent = text;
    return piece;
  }));
  card.classList.toggle("blank", !parts.length);
}

function make(tell) {
  const card = document.createElement("article");
  const button = document.createElement("button");
  button.type = "button";
  button.append(document.createElement("img"), document.createElement("p"), document.createElement("i"));
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.onchange = () => {
    card.classList.toggle("ticked", box.checked);
    tell();
  };
  label.append(box, document.createElement("span"), document.createElement("small"));
  card.append(button, label);
  return card;
}

function fill(card, item) {
  const [button, label] = card.children;
  const [image, text, marks] = button.children;
  const [box, name, note] = label.children;
  if (image.getAttribute("src") !== item.src) {
    if (item.src) image.src = item.src;
    else image.removeAttribute("src");
  }
  image.alt = item.alt;
  const said = [item.rating ? `${item.rating} of 5 stars` : "", item.left_out ? "left out" : ""].filter(Boolean);
  button.setAttribute("aria-label", [`Open ${item.name}`, ...said].join(", "));
  card.classList.toggle("out", item.left_out);
  marks.textContent = ["★".repeat(item.rating), item.left_out ? "left out" : ""].filter(Boolean).join(" ");
  button.classList.toggle("broken", !item.src);
  textOf(item.parts, text);
  name.textContent = item.name;
  note.textContent = item.note;
  label.title = item.name;
  box.setAttribute("aria-label", `Choose ${item.name}`);
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const tell = () => setStateValue("ticked", {
    id: data.id,
    names: data.items.filter((item, place) => grid.children[place].querySelector("input").checked).map((item) => item.name),
  });
  while (grid.children.length > data.items.length) grid.lastChild.remove();
  while (grid.children.length < data.items.length) grid.append(make(() => grid.tell()));
  grid.tell = tell;
  // The boxes are the browser's own while the page of samples stays: an answer may be older than the latest click.
  const isNew = shown.get(grid) !== data.id;
  shown.set(grid, data.id);
  data.items.forEach((item, place) => {
    const card = grid.children[place];
    fill(card, item);
    const box = card.querySelector("input");
    if (isNew) box.checked = data.ticked.includes(item.name);
    card.classList.toggle("ticked", box.checked);
    card.classList.toggle("current", item.name === data.current);
    card.querySelector("button").onclick = () => setTriggerValue("picked", item.name);
  });
}
