// Words as SVG text, each a button. One of a cloud is a tab stop; arrows go from word to word, by their count.
const SVG = "http://www.w3.org/2000/svg";

function counted(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function textOf(item, first) {
  const text = document.createElementNS(SVG, "text");
  const told = `${item.word}: ${counted(item.times, "time")} in ${counted(item.samples, "sample")}`;
  text.textContent = item.word;
  text.dataset.word = item.word;
  text.setAttribute("transform", item.transform);
  text.setAttribute("font-size", item.size);
  text.style.setProperty("--strength", `${item.strength * 100}%`);
  text.setAttribute("role", "button");
  text.setAttribute("tabindex", first ? "0" : "-1");
  text.setAttribute("aria-label", told);
  const title = document.createElementNS(SVG, "title");
  title.textContent = told;
  text.append(title);
  return text;
}

function go(cloud, from, by) {
  const words = [...cloud.querySelectorAll("text")];
  const next = words[(words.indexOf(from) + by + words.length) % words.length];
  from.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function pictureOf(cloud, data) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", data.view.join(" "));
  picture.append(...cloud.words.map((item, place) => textOf(item, place === 0)));
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", cloud.told);
  if (cloud.title) {
    const title = document.createElement("p");
    title.textContent = cloud.title;
    const note = document.createElement("small");
    note.textContent = cloud.note;
    title.append(note);
    group.append(title);
  }
  group.append(picture);
  return group;
}

function draw(place, data) {
  const family = `toolkit-cloud-${data.drawing}`;
  place.style.fontFamily = `"${family}", sans-serif`;
  const face = new FontFace(family, `url(data:font/woff;base64,${data.font})`);
  // A font that cannot be read leaves the words in another one.
  face.load().then(() => document.fonts.add(face), () => {});
  place.dataset.layout = data.clouds.length > 1 ? "small" : "one";
  place.replaceChildren(...data.clouds.map((cloud) => pictureOf(cloud, data)));
  return () => document.fonts.delete(face);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".clouds");
  if (place.dataset.drawing !== data.drawing) {
    place.letGo?.();
    place.letGo = draw(place, data);
    place.dataset.drawing = data.drawing;
  }
  const groups = [...place.children];
  groups.forEach((group, number) => {
    for (const text of group.querySelectorAll("text"))
      text.setAttribute("aria-pressed", String(number === data.chosen?.[0] && text.dataset.word === data.chosen[1]));
  });
  const pick = (text) => setTriggerValue("picked", [groups.indexOf(text.closest("[role=group]")), text.dataset.word]);
  place.onclick = (event) => {
    const text = event.target.closest("text");
    if (text) pick(text);
  };
  place.onkeydown = (event) => {
    const text = event.target.closest("text");
    if (!text || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") pick(text);
    else if (event.key in STEPS) go(text.closest("[role=group]"), text, STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
