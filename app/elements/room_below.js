// Tells how far it is from the top of a part of the page to the lower edge of the window, and again when that changes.
const LEAST = 280;
const SETTLED_MS = 200;

export default function ({ data, setStateValue }) {
  let told = 0;
  let timer = 0;
  const measure = () => {
    const part = document.querySelector(`.st-key-${data.part}`);
    if (!part) return;
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0;
    const room = Math.max(LEAST, Math.floor(window.innerHeight - part.getBoundingClientRect().top - scrolled - 16));
    part.style.setProperty("--room", `${room}px`);
    if (Math.abs(room - told) < 3) return;
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("room", (told = room)), told ? SETTLED_MS : 0);
  };
  const watch = new ResizeObserver(measure);
  for (const name of [data.above, data.part]) {
    const node = document.querySelector(`.st-key-${name}`);
    if (node) watch.observe(node);
  }
  window.addEventListener("resize", measure);
  measure();
  return () => {
    clearTimeout(timer);
    watch.disconnect();
    window.removeEventListener("resize", measure);
  };
}
