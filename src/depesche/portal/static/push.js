// Notices in this browser, beside the e-mail form. Loaded when the form is touched, or where the browser already allows them;
// permission is asked for by a click alone.

const worker = "/sw.js";
const policy = window.trustedTypes?.createPolicy("worker", {
  createScriptURL: (path) => { if (path !== worker) throw new TypeError(path); return path; },
});

async function send(box, act, subscription, more) {
  const { endpoint, keys } = subscription.toJSON(), form = box.closest(".follow").elements;
  const body = new URLSearchParams({ act, endpoint, ...keys, target: form.target.value, from: form.from.value, ...more });
  if (form.choice) body.set("choice", "");
  const answer = await fetch(box.dataset.push, { method: "POST", body, credentials: "omit" });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.reason);
  return told;
}

function say(box, words) {
  box.querySelector("[role=status]").textContent = words;
}

function show(box, { following, manage }, words = "") {
  const button = box.querySelector("button"), place = box.querySelector("[data-manage]");
  button.textContent = following ? button.dataset.off : button.dataset.on;
  button.setAttribute("aria-pressed", Boolean(following));
  place.hidden = !manage;
  if (manage) place.replaceChildren(Object.assign(document.createElement("a"), { href: manage, textContent: place.dataset.manage }));
  say(box, words);
}

// What the service worker needs when the browser changes the subscription: which one it was.
async function keep(subscription) {
  await (await caches.open("push")).put("/push", new Response(JSON.stringify(subscription)));
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration ? registration.pushManager.getSubscription() : null;
}

// A subscription is bound to the key with which it was made; the portal may have another by now.
function isFor(key, { options }) {
  if (!options?.applicationServerKey) return true;
  const raw = btoa(String.fromCharCode(...new Uint8Array(options.applicationServerKey)));
  return raw.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

async function subscribe(box) {
  const { key } = await (await fetch(box.dataset.push)).json();
  await navigator.serviceWorker.register(policy ? policy.createScriptURL(worker) : worker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const there = await pushManager.getSubscription();
  if (there && isFor(key, there)) return there;
  await there?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function press(box) {
  const words = box.dataset;
  if (box.querySelector("button").getAttribute("aria-pressed") === "true") {
    const subscription = await current();
    show(box, subscription ? await send(box, "stop", subscription) : {}, words.stopped);
    return;
  }
  if (await Notification.requestPermission() !== "granted") { say(box, words.denied); return; }
  const subscription = await subscribe(box);
  show(box, await send(box, "follow", subscription), words.told);
  await keep(subscription);
}

async function look(box) {
  const subscription = Notification.permission === "granted" ? await current() : null;
  if (!subscription) return show(box, {});
  const kept = await caches.match("/push"), former = await kept?.json();
  if (former && former.endpoint !== subscription.endpoint) {
    await send(box, "move", subscription, { "former-endpoint": former.endpoint, "former-auth": former.keys.auth });
    await keep(subscription);
  }
  show(box, await send(box, "look", subscription));
}

const failed = (box) => (error) => say(box, error.message || box.dataset.failed);

// What a click on the button does.
export async function act(box) {
  const button = box.querySelector("button");
  button.disabled = true;
  await press(box).catch(failed(box));
  button.disabled = false;
}

for (const box of document.querySelectorAll("[data-push]")) {
  box.closest(".follow").elements.target.addEventListener("change", () => look(box).catch(failed(box)));
  if (Notification.permission === "granted") look(box).catch(failed(box));
}
