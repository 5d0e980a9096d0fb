// What a page does beyond its HTML: tells how often it was seen, ages of times, copies. All works without.

const minute = 60, hour = 3600, day = 86400;
const language = document.documentElement.lang;

// The page itself has reported that its story is seen; the answer tells how often it was.
async function tellViews(story) {
  const answer = await story.seen;
  if (!answer.ok) return;
  const { text } = await answer.json();
  for (const place of document.querySelectorAll("[data-views]")) place.textContent = text;
}

const ages = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function age(seconds) {
  if (seconds < hour) return ages.format(-Math.round(seconds / minute), "minute");
  if (seconds < day) return ages.format(-Math.round(seconds / hour), "hour");
  return ages.format(-Math.round(seconds / day), "day");
}

function tellAges() {
  for (const time of document.querySelectorAll("time[datetime*=T]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds >= 0) time.title = age(seconds);
  }
}

function tools() {
  const bar = document.querySelector("[data-tools]");
  if (!bar) return;
  const [share, copy, printed] = bar.querySelectorAll("button");
  share.hidden = !navigator.share;
  printed.hidden = false;
  printed.addEventListener("click", () => print());
  share.addEventListener("click", () => {
    navigator.share({ title: document.querySelector("h1").textContent, url: share.dataset.share }).catch(() => {});
  });
}

// Buttons that copy say so on themselves, and to those who do not see them.
function copiers() {
  const buttons = document.querySelectorAll("[data-copy]");
  if (!navigator.clipboard || !buttons.length) return;
  const told = document.createElement("p");
  told.className = "hidden";
  told.setAttribute("role", "status");
  document.querySelector("main").append(told);
  for (const button of buttons) {
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = told.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; told.textContent = ""; }, 2000);
    });
  }
}

// Notices in this browser: the button shows where the browser can; what it does is fetched when the form is first touched.
function offerNotices() {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return;
  for (const box of document.querySelectorAll("[data-push]")) {
    const fetched = () => import(box.dataset.script), fetchEarly = () => fetched().catch(() => {});
    box.hidden = false;
    if (Notification.permission === "granted") fetchEarly();
    for (const touch of ["pointerover", "focusin"]) box.closest(".follow").addEventListener(touch, fetchEarly, { once: true });
    box.querySelector("button").addEventListener("click", () => fetched().then(({ act }) => act(box), () => {
      box.querySelector("[role=status]").textContent = box.dataset.failed;
    }));
  }
}

// A story on an open page: a withdrawn one leaves, a changed one says so.
function watch(story) {
  let source = null, place = "";
  const look = () => {
    source?.close();
    source = null;
    if (document.visibilityState !== "visible" || document.prerendering) return;
    source = new EventSource(`/live?story=${Number(story.dataset.story)}${place}`);
    const on = (name, act) => source.addEventListener(name, (event) => {
      place = `&after=${Number(event.lastEventId)}`;
      act();
    });
    const changed = () => { document.querySelector("[data-changed]").hidden = false; };
    on("here", () => {});
    on("killed", () => location.reload());
    on("updated", changed);
    on("missed", changed);
  };
  for (const name of ["visibilitychange", "prerenderingchange"]) document.addEventListener(name, look);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  look();
}

const story = document.querySelector("[data-view]");
if (story) {
  const tell = () => tellViews(story).catch(() => {});
  story.addEventListener("seen", tell);
  if (story.seen) tell();
  watch(story);
}
// What nobody needs before the page is painted comes after: it shares a phone's line with the picture.
function fetchLater() {
  for (const part of document.querySelectorAll("[data-later]")) import(part.dataset.later).catch(() => {});
}

if (document.readyState === "complete") fetchLater();
else addEventListener("load", fetchLater);
tellAges();
setInterval(tellAges, 60000);
tools();
copiers();
offerNotices();
