// Whether a key is somebody's typing, or has a meaning of its own where the focus is: then no element takes it.
const TYPED = "input, textarea, select, [contenteditable=true], [role=slider], [role=listbox], [role=combobox]";

function focused() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

function isForOthers(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return true;
  const node = focused();
  return Boolean(node?.closest(TYPED) || document.querySelector("[role=dialog]") || node?.closest("dialog"));
}
