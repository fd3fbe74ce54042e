// Words as SVG text, each a button. One of them is a tab stop; arrows go from word to word, by their count.
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

function draw(cloud, data) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`);
  const family = `toolkit-cloud-${data.drawing}`;
  picture.style.fontFamily = `"${family}", sans-serif`;
  const face = new FontFace(family, `url(data:font/woff;base64,${data.font})`);
  // A font that cannot be read leaves the words in another one.
  face.load().then(() => document.fonts.add(face), () => {});
  picture.append(...data.words.map((item, place) => textOf(item, place === 0)));
  cloud.replaceChildren(picture);
  return () => document.fonts.delete(face);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const cloud = parentElement.querySelector(".cloud");
  cloud.setAttribute("aria-label", "Word cloud");
  if (cloud.dataset.drawing !== data.drawing) {
    cloud.letGo?.();
    cloud.letGo = draw(cloud, data);
    cloud.dataset.drawing = data.drawing;
  }
  for (const text of cloud.querySelectorAll("text"))
    text.setAttribute("aria-pressed", String(text.dataset.word === data.chosen));
  const pick = (event) => {
    const text = event.target.closest("text");
    if (text) setTriggerValue("picked", text.dataset.word);
  };
  cloud.onclick = pick;
  cloud.onkeydown = (event) => {
    const text = event.target.closest("text");
    if (!text || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") pick(event);
    else if (event.key in STEPS) go(cloud, text, STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
