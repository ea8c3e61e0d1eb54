// The queue, live: the list and its counts are read again when something has changed, and now and then in any case.

const EVERY = 15_000, HOLD = 5_000;
const live = document.getElementById("live"), heard = document.getElementById("news");
const queue = () => document.getElementById("queue");
let reading = false, again = false, asked = null, held = 0, over = false;

document.addEventListener("cases", ({ detail }) => {
  say(detail.asked);
  if (detail.version !== queue().dataset.version) refresh();
});
document.addEventListener("live", ({ detail }) => {
  live.textContent = detail ? "实时更新" : `连接断开，每 ${EVERY / 1000} 秒刷新一次`;
});
setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

function say(cases) {
  const fresh = cases.filter((one) => asked && !asked.has(one.case));
  if (fresh.length) heard.textContent = `有 ${fresh.length} 个新个案等您接。`;
  asked = new Set(cases.map((one) => one.case));
}

async function refresh() {
  if (over) return;
  if (reading) { again = true; return; }
  reading = true;
  try {
    const answer = await fetch(queue().dataset.rows, { cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") over = true;
    else if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("queue"));
  } catch (error) {
    // The line is down; asked again in a while.
  } finally {
    reading = false;
    if (again) { again = false; refresh(); }
  }
}

/* A row must not slip away under her finger: while she points at a button the list waits a moment. */
function put(fresh) {
  if (!fresh) return;
  if (queue().querySelector(".acts button:hover, .acts button:active, button[aria-busy]") && held < HOLD) {
    held += 500;
    setTimeout(() => put(fresh), 500);
    return;
  }
  held = 0;
  const focused = queue().contains(document.activeElement) ? document.activeElement.id : "";
  queue().replaceWith(document.importNode(fresh, true));
  if (focused) document.getElementById(focused)?.focus();
}

// A button pressed twice sends once, in rows that came later too.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !queue().contains(event.target)) return;
  if (sent.has(event.target)) return event.preventDefault();
  sent.add(event.target);
  event.submitter?.setAttribute("aria-busy", "true");
});
