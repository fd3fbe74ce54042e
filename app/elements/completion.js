// Completion of comma tags while one is typed: the tags of the dataset that hold what stands before the caret.
// A few hundred, the most frequent, are here. Where those do not fill the list, the server is asked for more.
const LISTED = 8;
const ASK_MS = 120;

// The tag that the caret stands at the end of; null in the middle of one, or where text is selected.
function tagAtCaret(area) {
  const { selectionStart: caret, selectionEnd: end, value } = area;
  if (caret !== end || !/^[^\S\r\n]*([,\r\n]|$)/.test(value.slice(caret))) return null;
  const before = value.slice(0, caret);
  const start = Math.max(before.lastIndexOf(","), before.lastIndexOf("\n")) + 1;
  const lead = before.slice(start).match(/^\s*/)[0].length;
  return { start: start + lead, end: caret, text: before.slice(start + lead) };
}

// Those that begin with it first, then those with a word that does, then those that hold it anywhere.
function rank(term, needle) {
  const place = term.indexOf(needle);
  if (place <= 0) return place < 0 ? 3 : 0;
  return term.split(/[\s_(-]+/).some((word) => word.startsWith(needle)) ? 1 : 2;
}

function matches(terms, needle, taken) {
  const groups = [[], [], []];
  for (const pair of terms) {
    const term = pair[0].toLowerCase();
    const group = groups[rank(term, needle)];
    if (group && group.length < LISTED && !taken.has(term)) group.push(pair);
  }
  return groups.flat().slice(0, LISTED);
}

function createCompletion(area, list, ask) {
  const self = { area, list, ask, terms: [], isWhole: true, more: null, found: [], at: -1, needle: null, timer: null };
  self.close = () => {
    clearTimeout(self.timer);
    Object.assign(self, { found: [], at: -1, needle: null });
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };
  self.look = () => look(self);
  self.onKey = (event) => chooseByKey(self, event);
  area.addEventListener("input", self.look);
  area.addEventListener("blur", self.close);
  area.addEventListener("pointerdown", self.close);
  return self;
}

// What the server knows: terms with their counts, whether they are all, and what it found for the latest question.
function learn(self, data) {
  // What was typed before any tag had come waits for them.
  const isFirst = !self.terms.length;
  const isNews = data.more && JSON.stringify(data.more) !== JSON.stringify(self.more);
  self.terms = data.terms;
  self.isWhole = data.isWhole;
  self.more = data.more;
  // Another image's text may stand in the box by now.
  if (self.needle !== null && tagAtCaret(self.area)?.text.trim().toLowerCase() !== self.needle) self.close();
  if (self.needle !== null && (isFirst || (isNews && self.needle === self.more.needle))) look(self, { keep: true });
}

function look(self, { keep = false } = {}) {
  const tag = self.area.readOnly ? null : tagAtCaret(self.area);
  const needle = tag ? tag.text.trim().toLowerCase() : "";
  const chosen = keep && self.at >= 0 ? self.found[self.at][0] : null;
  self.close();
  if (!needle || !self.area.matches(":focus")) return;
  self.needle = needle;
  const others = self.area.value.slice(0, tag.start) + "," + self.area.value.slice(tag.end);
  const taken = new Set([...others.split(/[,\r\n]+/).map((one) => one.trim().toLowerCase())]);
  const known = new Map([...self.terms, ...(self.more && needle.includes(self.more.needle) ? self.more.terms : [])]);
  self.found = matches(known, needle, taken);
  const isAsked = self.more && self.more.needle === needle;
  if (!self.isWhole && !isAsked && self.found.length < LISTED) {
    self.timer = setTimeout(() => self.ask(needle), ASK_MS);
  }
  // Nothing to complete where it is the tag itself that is found, and no other.
  if (self.found.length === 1 && self.found[0][0].toLowerCase() === needle) self.found = [];
  const isTag = self.found.some(([term]) => term.toLowerCase() === needle);
  self.at = chosen === null ? (isTag || !self.found.length ? -1 : 0) : self.found.findIndex(([term]) => term === chosen);
  draw(self);
}

function draw(self) {
  self.list.replaceChildren(...self.found.map(([term, count], place) => {
    const row = document.createElement("li");
    row.id = `tag-completion-${place}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(place === self.at));
    const text = document.createElement("span");
    text.textContent = term;
    const number = document.createElement("small");
    number.textContent = count.toLocaleString("en");
    row.append(text, number);
    // Before the box loses the focus, which would close the list.
    row.onpointerdown = (event) => { event.preventDefault(); take(self, place); };
    return row;
  }));
  self.list.hidden = !self.found.length;
  if (self.at < 0) self.area.removeAttribute("aria-activedescendant");
  else self.area.setAttribute("aria-activedescendant", `tag-completion-${self.at}`);
}

function take(self, place) {
  const tag = tagAtCaret(self.area);
  const term = self.found[place][0];
  self.close();
  if (!tag) return;
  self.area.setSelectionRange(tag.start, tag.end);
  // As if it were typed: Ctrl+Z takes it back.
  if (!document.execCommand("insertText", false, term)) {
    self.area.setRangeText(term, tag.start, tag.end, "end");
    self.area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  self.close();
}

// True where the key was the list's. With Ctrl and its like a key is somebody else's.
function chooseByKey(self, event) {
  if (self.list.hidden || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const count = self.found.length;
    self.at = self.at < 0 ? (step > 0 ? 0 : count - 1) : (self.at + step + count) % count;
    draw(self);
    return true;
  }
  if ((event.key === "Tab" || event.key === "Enter") && self.at >= 0) {
    take(self, self.at);
    return true;
  }
  if (event.key === "Escape") {
    self.close();
    return true;
  }
  // The caret goes elsewhere, or something else is meant.
  if (["Tab", "Enter", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) self.close();
  return false;
}
