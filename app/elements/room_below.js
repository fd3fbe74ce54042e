// Tells how far it is from the top of a part of the page to the lower edge of the window, and again when that changes.
const LEAST = 280;
const SETTLED_MS = 200;
// In a narrow window what stands below goes on in a second line.
const NARROW = "(max-width: 1100px)";
const LINE = 40;

export default function ({ data, setStateValue }) {
  let told = data.taken;
  // What stands above may still be coming, and was there when it was told before. A guess is put right at once.
  let isGuess = !data.isKnown;
  let timer = 0;
  const measure = () => {
    const part = document.querySelector(`.st-key-${data.part}`);
    if (!part) return;
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0;
    const room = Math.max(LEAST, Math.floor(window.innerHeight - part.getBoundingClientRect().top - scrolled - 16));
    part.style.setProperty("--room", `${room}px`);
    const free = window.matchMedia(NARROW).matches ? Math.max(LEAST, room - LINE) : room;
    // A session that begins in this browser knows it from the first.
    document.cookie = `${data.cookie}=${free}; path=/; max-age=31536000; SameSite=Strict`;
    const wait = isGuess ? 0 : SETTLED_MS;
    isGuess = false;
    clearTimeout(timer);
    if (Math.abs(free - told) < 3) return;
    timer = setTimeout(() => setStateValue("room", (told = free)), wait);
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
