// Captions before and after; a cleared box leaves a change out. All text is foreign and goes through textContent.
const shown = new WeakMap();

function side(parts, tag, label) {
  const cell = document.createElement("td");
  cell.dataset.side = label;
  parts.forEach(([differs, text]) => {
    if (!differs) return cell.append(text);
    const mark = document.createElement(tag);
    mark.textContent = text;
    return cell.append(mark);
  });
  if (!parts.length) cell.classList.add("blank");
  return cell;
}

function line(row, tell) {
  const tr = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = row.kept;
  box.setAttribute("aria-label", `Change ${row.name}`);
  const name = document.createElement("span");
  name.textContent = row.name;
  const hits = document.createElement("small");
  if (row.hits > 1) hits.textContent = `${row.hits} places`;
  label.title = row.name;
  label.append(box, name, hits);
  head.append(label);
  tr.append(head, side(row.before, "del", "Before"), side(row.after, "ins", "After"));
  tr.classList.toggle("out", !row.kept);
  box.onchange = () => {
    tr.classList.toggle("out", !box.checked);
    tell();
  };
  return tr;
}

export default function ({ data, parentElement, setStateValue }) {
  // The boxes are the browser's own while the page stays: an answer may be older than the latest click.
  if (shown.get(parentElement) === data.id) return;
  shown.set(parentElement, data.id);
  const body = parentElement.querySelector("tbody");
  const tell = () => setStateValue("left_out", data.rows
    .filter((row, place) => !body.rows[place].querySelector("input").checked)
    .map((row) => row.name));
  body.replaceChildren(...data.rows.map((row) => line(row, tell)));
}
