// Going to another page drops what stood behind the address. It is put back without a step in the browser's history.
export default function ({ data }) {
  const url = new URL(window.location.href);
  const before = url.search;
  const folder = url.searchParams.get("folder");
  // An address that names another folder is about to be followed.
  if (folder && folder !== data.link.folder) return;
  for (const name of data.scope) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(data.link)) url.searchParams.set(name, value);
  if (!folder && data.image) url.searchParams.set("image", data.image);
  if (url.search !== before) window.history.replaceState(window.history.state, "", url);
}
