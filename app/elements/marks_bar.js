// Stars and “left out” of one sample. A click or a key changes what is shown at once, and reports it with the name of
// the sample that it was about: by then the page may have gone on to another.
const MOST = 5;
const listeners = new WeakMap();

function build(stars) {
  for (let star = 1; star <= MOST; star += 1) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "★";
    button.title = `${star} ${star === 1 ? "star" : "stars"} (${star}); again: none (0)`;
    button.setAttribute("aria-label", `${star} ${star === 1 ? "star" : "stars"}`);
    stars.append(button);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const bar = parentElement.querySelector(".marks");
  const stars = bar.querySelector(".stars");
  const out = bar.querySelector(".out");
  if (!stars.firstChild) build(stars);
  let { rating, leftOut } = data;
  const paint = () => {
    [...stars.children].forEach((star, place) => {
      star.classList.toggle("on", place < rating);
      star.setAttribute("aria-pressed", String(place + 1 === rating));
    });
    out.hidden = !data.hasOut;
    out.textContent = leftOut ? "Left out – keep" : "Leave out";
    out.title = leftOut ? "Keep it again (X)" : "Leave it out of exports, clusters and edits (X)";
    out.setAttribute("aria-pressed", String(leftOut));
    bar.classList.toggle("is-out", leftOut);
  };
  const rate = (value) => {
    rating = value === rating ? 0 : value;
    paint();
    setTriggerValue("pressed", { name: data.name, mark: "rating", value: rating });
  };
  const turn = () => {
    leftOut = !leftOut;
    paint();
    setTriggerValue("pressed", { name: data.name, mark: "left_out", value: leftOut ? 1 : 0 });
  };
  paint();
  [...stars.children].forEach((star, place) => { star.onclick = () => rate(place + 1); });
  out.onclick = turn;
  const onKey = (event) => {
    if (event.shiftKey || isForOthers(event)) return;
    const isX = event.key.toLowerCase() === "x" && data.hasOut;
    const isStar = event.key.length === 1 && event.key >= "0" && event.key <= String(MOST);
    if (!isX && !isStar) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Held down, a key would turn it on and off.
    if (event.repeat) return;
    if (isX) turn();
    else rate(Number(event.key));
  };
  // As it bubbles: by then a text box that was moved in mid-word has the focus again.
  // A new run of the page brings other data, and no end of what was there: the sample of before hears no more keys.
  document.removeEventListener("keydown", listeners.get(parentElement));
  listeners.set(parentElement, onKey);
  document.addEventListener("keydown", onKey);
  // Its own alone: the end of an earlier run may come after the next one has begun to hear.
  return () => document.removeEventListener("keydown", onKey);
}
