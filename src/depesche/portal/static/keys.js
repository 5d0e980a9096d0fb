// Keys for lists: j and k go from story to story, / to the search, ? tells them. Enter opens, as on any link.
// Who switches them off has that remembered in this browser, and nothing else is.

const help = document.querySelector("dialog.keys"), off = help.querySelector("input");
const stored = "depesche.keys";

function isOff() {
  try { return localStorage.getItem(stored) === "off"; } catch { return off.checked; }
}

function remember() {
  try {
    if (off.checked) localStorage.setItem(stored, "off");
    else localStorage.removeItem(stored);
  } catch { /* a browser that stores nothing forgets it with the page */ }
}

const headline = (row) => row?.querySelector(".row-link, .lead-head a, .result-head a") ?? row?.querySelector("a");
const headlines = () => [...document.querySelectorAll("main [data-row]")].filter((row) => !row.closest(".rail")).map(headline);

function step(by) {
  const links = headlines(), at = links.indexOf(headline(document.activeElement.closest("[data-row]")));
  const seen = links.findIndex((link) => link.getBoundingClientRect().top >= 0);
  const next = at < 0 ? Math.max(seen, 0) : at + by;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

function tell() {
  off.checked = isOff();
  help.showModal();
}

const acts = { j: () => step(1), k: () => step(-1), "/": () => document.querySelector("#q").focus(), "?": tell };

document.addEventListener("keydown", (event) => {
  const act = acts[event.key];
  if (!act || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open || isOff()) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  act();
});
off.addEventListener("change", remember);
const opener = document.querySelector("[data-keys]");
opener.hidden = false;
opener.addEventListener("click", tell);
