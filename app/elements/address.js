// The address names the open folder, the scope and the image. It is written without a step in the browser's history,
// and so behind the back of Streamlit, which goes on telling a new session the address that it remembers itself. So
// the tab tells the true one when it meets a session that did not begin from it: after a restart, or a long sleep.
const RETRY_MS = 1000;

let session = null;
let asking = null;

function isOther(url, data) {
  if (!url.searchParams.get("folder")) return false;
  const image = url.searchParams.get("image");
  const names = ["folder", ...data.optional];
  return names.some((name) => (url.searchParams.get(name) || "") !== (data.link[name] || ""))
    || Boolean(image && data.image && image !== data.image);
}

// Until the server has followed it; a message may be lost when another one takes its place.
function ask(component, wait) {
  clearTimeout(asking);
  component.setTriggerValue("met", window.location.search);
  asking = setTimeout(() => ask(component, 2 * wait), wait);
}

export default function (component) {
  const { data } = component;
  const url = new URL(window.location.href);
  if (session !== null && session !== data.session && !data.followed && isOther(url, data)) {
    if (asking === null) ask(component, RETRY_MS);
    return;
  }
  session = data.session;
  clearTimeout(asking);
  asking = null;
  const before = url.search;
  const folder = url.searchParams.get("folder");
  // An address that names another folder is about to be followed.
  if (folder && folder !== data.link.folder) return;
  for (const name of data.optional) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.link)) url.searchParams.set(name, value);
  if (data.image) url.searchParams.set("image", data.image);
  if (url.search !== before) window.history.replaceState(window.history.state, "", url);
}
