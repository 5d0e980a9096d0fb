// New stories on an open page: a quiet bar says how many, nothing moves by itself. Without this a reload does the same.

const bar = document.querySelector("[data-live]");
const words = bar.dataset, language = document.documentElement.lang;
const fresh = new Set(), breaking = new Map();
let address = words.live, missed = false, source = null, again = 0;

const rows = (story) => document.querySelectorAll(`[data-row="${Number(story)}"]`);
const isOurs = (told) => (!words.share || told.shares.includes(words.share)) && (!words.only || told.language === words.only);

function element(name, kind, ...parts) {
  const made = document.createElement(name);
  made.className = kind;
  made.append(...parts);
  return made;
}

function link(kind, path, ...parts) {
  const made = element("a", kind, ...parts);
  made.href = path;
  return made;
}

function show() {
  const parts = [], newest = [...breaking.values()].at(-1);
  if (newest) {
    const headline = element("span", "", newest.headline);
    headline.lang = newest.language;
    parts.push(link("live-pill alarm", words.prefix + newest.path, element("span", "mark breaking", words.breaking), " ", headline));
  }
  const count = fresh.size - (newest ? 1 : 0);
  if (count > 0 || missed) {
    const number = new Intl.NumberFormat(language).format(count);
    parts.push(link("live-pill", words.page, missed ? words.missed : (count === 1 ? words.one : words.many).replace("%(n)s", number)));
  }
  bar.replaceChildren(...parts);
}

function came(told) {
  if (!isOurs(told) || rows(told.story).length) return;
  fresh.add(told.story);
  if (told.breaking && !told.sponsored) breaking.set(told.story, told);
  show();
}

function changed(told) {
  for (const row of rows(told.story)) {
    const headline = row.querySelector(".row-head, .lead-head a"), main = row.querySelector(".row-main");
    if (headline && headline.textContent !== told.headline) headline.textContent = told.headline;
    if (told.corrected && main && !row.querySelector(".corrected")) main.append(" ", element("span", "mark corrected", words.corrected));
  }
  if (breaking.has(told.story)) breaking.set(told.story, told);
  show();
}

function taken(told) {
  for (const row of rows(told.story)) {
    const day = row.closest(".day");
    row.remove();
    if (day && !day.querySelector("[data-row]")) day.remove();
  }
  fresh.delete(told.story);
  breaking.delete(told.story);
  show();
}

function listen() {
  if (source || document.visibilityState !== "visible" || document.prerendering) return;
  clearTimeout(again);
  source = new EventSource(address);
  const on = (name, act) => source.addEventListener(name, (event) => {
    address = `${words.live.split("?")[0]}?after=${Number(event.lastEventId)}`;
    act(JSON.parse(event.data));
  });
  on("new", came);
  on("updated", changed);
  on("killed", taken);
  on("missed", () => { missed = true; show(); });
  source.addEventListener("error", () => {
    if (source === null || source.readyState !== EventSource.CLOSED) return;  // the browser comes back by itself
    rest();
    again = setTimeout(listen, 120000 + Math.random() * 60000);  // no place: others are many, too
  });
}

function rest() {
  if (source) source.close();
  source = null;
}

function look() {
  if (document.visibilityState === "visible") listen();
  else rest();
}

document.addEventListener("visibilitychange", look);
document.addEventListener("prerenderingchange", look);
addEventListener("pagehide", rest);
addEventListener("pageshow", look);
look();
