// A row of thumbnails; a click reports which one.
// Somebody who clicks this soon after the row has moved aimed at what stood there before.
const AIM_MS = 300;
const MARKS = { untagged: "no tag yet", draft: "typed but not saved", left_out: "left out" };

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery");
  list.setAttribute("aria-label", data.label);
  const old = [...list.children];
  const before = list.shown || [];
  if (data.items.some((item, place) => before[place] && before[place] !== item.id)) list.moved = { before, at: performance.now() };
  list.shown = data.items.map((item) => item.id);
  data.items.forEach((item, place) => {
    const button = old[place] || list.appendChild(document.createElement("button"));
    if (!button.firstChild) {
      button.type = "button";
      button.append(document.createElement("img"), document.createElement("span"));
    }
    const [image, label] = button.children;
    if (image.getAttribute("src") !== item.src) {
      if (item.src) image.src = item.src;
      else image.removeAttribute("src");
    }
    image.alt = item.alt;
    button.title = MARKS[item.mark] ? `${item.name} (${MARKS[item.mark]})` : item.name;
    label.textContent = item.label;
    button.classList.toggle("broken", !item.src);
    button.dataset.mark = item.mark;
    button.classList.toggle("current", item.id === data.selected);
    if (item.id === data.selected) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    button.onclick = () => setTriggerValue("picked", aimedAt(list, place, data));
  });
  old.slice(data.items.length).forEach((button) => button.remove());
}

// Which item a click at a place is about. Where the one that stood there is shown by now, somebody clicks at one place
// again and again to walk along the row: then it is the one that stands there now.
function aimedAt(list, place, data) {
  const meant = list.moved && performance.now() - list.moved.at < AIM_MS ? list.moved.before[place] : null;
  return meant && meant !== data.selected ? meant : data.items[place].id;
}
