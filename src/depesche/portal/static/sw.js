// Shows the notices that are pushed to this browser, and opens or ends what they are about. It keeps no pages.

const icon = "icon-192.png";  // the portal puts the address here

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

function show({ title, body, lang, tag, at, again, url, manage, leave, words }) {
  return registration.showNotification(title, {
    body, lang, tag, icon, badge: icon, renotify: again, timestamp: Date.parse(at), data: { url, manage, leave, lang, left: words.left },
    actions: [{ action: "manage", title: words.manage }, { action: "leave", title: words.leave }],
  });
}

// Links are to the portal's public address; this worker may stand under another name of the same site.
function local(address) {
  const { pathname, search } = new URL(address);
  return new URL(pathname + search, location.origin).href;
}

async function open(address) {
  const wanted = local(address);
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = open.find((one) => one.url === wanted);
  return there ? there.focus() : clients.openWindow(wanted);
}

async function stop({ leave, left, lang }) {
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  const answer = await fetch(local(leave), { method: "POST", body, credentials: "omit" }).catch(() => null);
  if (!answer?.ok) return open(leave);
  return registration.showNotification(left, { lang, icon, badge: icon, tag: "left" });
}

// The browser has made another subscription, or wants one: whoever was told there is told here.
async function renew({ oldSubscription, newSubscription }) {
  const kept = await caches.match("/push");
  const former = oldSubscription?.toJSON() ?? (await kept?.json());
  const { key } = await (await fetch("/push")).json();
  const fresh = (newSubscription ?? await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  if (!former) return;
  const body = new URLSearchParams({
    act: "move", endpoint: fresh.endpoint, ...fresh.keys, "former-endpoint": former.endpoint, "former-auth": former.keys.auth,
  });
  const answer = await fetch("/push", { method: "POST", body, credentials: "omit" });
  if (answer.ok) await (await caches.open("push")).put("/push", new Response(JSON.stringify(fresh)));
}

addEventListener("push", (event) => event.waitUntil(show(event.data.json())));
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
addEventListener("notificationclick", (event) => {
  const { notification: { data }, action } = event;
  event.notification.close();
  event.waitUntil(action === "leave" ? stop(data) : open(action === "manage" ? data.manage : data.url));
});
