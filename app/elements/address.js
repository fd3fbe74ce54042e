// The address names the open folder, the scope and the image. It is written behind the back of Streamlit, which goes on
// telling a new session the address that it remembers itself. So the tab tells the true one when it meets a session that
// did not begin from it: after a restart, or a long sleep.
// Where one has stayed is a step of the browser's history; what was passed through is written over. When Back or Forward
// has brought another address, the tab tells it, and writes nothing until the server has followed.
const RETRY_MS = 1000;
const STAYED_MS = 2000;
const LOOK_MS = 25;
const SETTLED_MS = 100;
const LONGEST_WAIT_MS = 3000;
const QUIET_MS = 1500;

let session = null;
// What the session has the tab keep, for the one after it.
let kept = "";
let page = "";
let asking = null;
let live = null;
// What Back or Forward brought: an id, and the address; until the server has followed.
let returning = null;
// The address as it was written last, and since when it has stood there.
let written = "";
let since = 0;
// What the map is drawn with was asked for.
let isAhead = false;

function isOther(url, data) {
  if (!url.searchParams.get("folder")) return false;
  const image = url.searchParams.get("image");
  const names = ["folder", ...data.optional];
  return names.some((name) => (url.searchParams.get(name) || "") !== (data.link[name] || ""))
    || Boolean(image && data.image && image !== data.image);
}

// Until the server has followed it; a message may be lost when another one takes its place.
function ask(name, value, wait) {
  clearTimeout(asking);
  if (live === null) return;
  live.tell(name, value);
  asking = setTimeout(() => ask(name, value, 2 * wait), wait);
}

function place() {
  return window.location.pathname + window.location.search;
}

function isIdle() {
  return document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "notRunning";
}

// Streamlit answers Back with a run of its own. A message that overtook it would take its place: the other page would not
// be turned to, or half of this one would stay as it was.
function tellReturn(waited) {
  const isThere = live !== null && (returning.from === null || returning.from !== page);
  if (waited < LONGEST_WAIT_MS && !(waited >= SETTLED_MS && isThere && isIdle())) {
    asking = setTimeout(() => tellReturn(waited + LOOK_MS), LOOK_MS);
    return;
  }
  asking = null;
  // Where no folder is open Streamlit's own run follows the address.
  if (live === null) returning = null;
  if (returning === null) return;
  ask("returned", { id: returning.id, search: returning.search }, RETRY_MS);
}

window.addEventListener("popstate", () => {
  const turns = !written.startsWith(`${window.location.pathname}?`);
  returning = { id: `${Date.now()}-${Math.random()}`, search: window.location.search, from: turns ? page : null };
  clearTimeout(asking);
  tellReturn(0);
});

// The map's drawing code is large, so that it is fetched while nothing else is: whoever turns to Clusters then waits for
// it no more.
function fetchAhead(script) {
  if (isAhead || !script || navigator.connection?.saveData) return;
  isAhead = true;
  setTimeout(() => {
    const wanted = document.createElement("link");
    Object.assign(wanted, { rel: "prefetch", as: "script", href: script });
    document.head.append(wanted);
  }, QUIET_MS);
}
// A tab whose line is back says nothing by itself, and a click would be the first that a new session hears: one on a
// button that it has not drawn yet, and so lost. The tab speaks first.
let wasAway = false;
new MutationObserver(() => {
  const app = document.querySelector("[data-testid=stApp]");
  const isConnected = app?.getAttribute("data-test-connection-state") === "CONNECTED";
  if (isConnected && wasAway) live?.tell("woken", Date.now());
  wasAway = !isConnected;
}).observe(document.documentElement, { subtree: true, attributeFilter: ["data-test-connection-state"] });

function write(url) {
  const stayed = place() === written && Date.now() - since >= STAYED_MS;
  // What Streamlit has written itself, a page or a folder, is a step already.
  window.history[stayed ? "pushState" : "replaceState"](window.history.state, "", url);
}

export default function (component) {
  const { data } = component;
  const mounted = { tell: component.setTriggerValue };
  live = mounted;
  // What was drawn before may go after what takes its place has come.
  const leave = () => { if (live === mounted) live = null; };
  page = data.page;
  fetchAhead(data.ahead);
  if (returning !== null) {
    if (data.returned !== returning.id) return leave;
    returning = null;
    clearTimeout(asking);
    asking = null;
    session = data.session;
    written = "";
  }
  const url = new URL(window.location.href);
  if (session !== null && session !== data.session && !data.followed && (kept !== data.kept || isOther(url, data))) {
    if (asking === null) ask("met", { search: window.location.search, kept }, RETRY_MS);
    return leave;
  }
  session = data.session;
  kept = data.kept;
  clearTimeout(asking);
  asking = null;
  const before = url.search;
  const folder = url.searchParams.get("folder");
  // An address that names another folder is about to be followed.
  if (folder && folder !== data.link.folder) return leave;
  for (const name of data.optional) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.link)) url.searchParams.set(name, value);
  if (data.image) url.searchParams.set("image", data.image);
  if (url.search !== before) write(url);
  if (place() !== written) {
    written = place();
    since = Date.now();
  }
  return leave;
}
