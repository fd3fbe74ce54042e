// Streamlit 1.67 keeps a theme for each path under which a tab was loaded, and reads it when a page is loaded.
const VERSION = "v2";
const entry = (path) => `stActiveTheme-${path}-${VERSION}`;

function paths() {
  const links = document.querySelectorAll("[data-testid=stSidebarNav] a[href]");
  return new Set([window.location.pathname, ...[...links].map((link) => new URL(link.href).pathname)]);
}

function chosen() {
  try {
    return JSON.parse(window.localStorage.getItem(entry(window.location.pathname))) ?? "System";
  } catch {
    return "System";
  }
}

export default function ({ parentElement }) {
  const now = chosen();
  for (const input of parentElement.querySelectorAll("input")) {
    input.checked = input.value === now;
    input.onchange = () => {
      for (const path of paths()) window.localStorage.setItem(entry(path), JSON.stringify(input.value));
      window.location.reload();
    };
  }
}
