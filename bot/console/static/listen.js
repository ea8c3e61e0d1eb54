// One stream a browser, however many pages are open (a browser opens few at once): one page listens and tells the others.

const PLACE = "console-listener";
const RENEW = 2_000;
/* Pages in the background may be held back for a minute; who is in front need not wait so long for them. */
const GIVEN_UP_IN_FRONT = 6_000, GIVEN_UP_BEHIND = 90_000;
/* Several pages may take the place at the same moment: the last one has it, and sees so a moment later. */
const SPREAD = 400, SURE = 150;
const FIRST_WAIT = 3_000, LONGEST_WAIT = 30_000;
const me = Math.random().toString(36).slice(2);
const channel = "BroadcastChannel" in window ? new BroadcastChannel("console-cases") : null;

let heard, source = null, latest = null, wait = FIRST_WAIT, over = false, retry = 0, opening = 0;

/** Follow the queue; `heard` = {news(data), live(bool), ended(), ring(kind)}. */
export function listen(what) {
  heard = what;
  channel?.addEventListener("message", ({ data }) => told(data));
  channel?.postMessage({ ask: true });
  window.addEventListener("storage", (event) => {
    if (event.key === PLACE && event.newValue === null) setTimeout(attend, Math.random() * SPREAD);
  });
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", attend);
  setInterval(attend, RENEW);
  attend();
}

/** Whether this page is the one that listens. */
export const isListener = () => source !== null || retry !== 0;

/** This page may not make a sound; another one may. */
export const askOthersToRing = (kind) => channel?.postMessage({ ring: kind });

function told(data) {
  if (data.ask && source && latest) channel.postMessage({ news: latest });
  if (data.news) { heard.live(true); heard.news(data.news); }
  if (data.live !== undefined) heard.live(data.live);
  if (data.ring) heard.ring(data.ring);
  if (data.ended) end();
}

function tell(data) {
  told(data);
  channel?.postMessage(data);
}

/** Take the place of the listener when nobody has it, keep it, or leave it to who has it. */
function attend() {
  if (over) return;
  if (!mayListen()) return stop();
  if (source || retry || opening) return;
  opening = setTimeout(() => {
    opening = 0;
    if (!over && isMine()) open();
  }, SURE);
}

function isMine() {
  try {
    return !channel || JSON.parse(localStorage.getItem(PLACE) || "null")?.who === me;
  } catch (error) {
    return true;
  }
}

function mayListen() {
  if (!channel) return true;
  try {
    const held = JSON.parse(localStorage.getItem(PLACE) || "null");
    const patience = document.hidden ? GIVEN_UP_BEHIND : GIVEN_UP_IN_FRONT;
    if (held && held.who !== me && Math.abs(Date.now() - held.at) < patience) return false;
    localStorage.setItem(PLACE, JSON.stringify({ who: me, at: Date.now() }));
  } catch (error) {
    // Nothing can be kept here: every page listens for itself.
  }
  return true;
}

function open() {
  source = new EventSource("/console/cases/events");
  source.addEventListener("open", () => { wait = FIRST_WAIT; tell({ live: true }); });
  source.addEventListener("cases", (event) => { latest = JSON.parse(event.data); tell({ news: latest }); });
  source.addEventListener("ended", () => tell({ ended: true }));
  source.addEventListener("error", broken);
}

/* A broken line comes back by itself; a refused stream does not, and does not say why: ask. */
async function broken() {
  tell({ live: false });
  if (!source || source.readyState !== EventSource.CLOSED) return;
  stop();
  retry = setTimeout(() => { retry = 0; attend(); }, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
  try {
    const answer = await fetch("/console/cases/rows", { cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") tell({ ended: true });
  } catch (error) {
    // The line is down; tried again above.
  }
}

function stop() {
  source?.close();
  source = null;
}

function end() {
  if (over) return;
  over = true;
  clearTimeout(retry);
  stop();
  heard.ended();
}

/* The page is going: whatever still happens to it, it does not take the place again. */
function leave() {
  over = true;
  stop();
  try {
    if (isMine()) localStorage.removeItem(PLACE);
  } catch (error) {
    // Nothing was kept.
  }
}
