// The head of every page: says that she is there (在岗), shows and rings what waits for her. No word of a woman comes here.

import { askOthersToRing, isListener, listen } from "./listen.js";
import { isMuted, keepRang, mute, rang, ring } from "./ring.js";

const head = document.getElementById("duty");
const button = head.querySelector("form button"), form = head.querySelector("form");
const calls = document.getElementById("calls"), lapsed = document.getElementById("lapsed");
const muter = document.getElementById("mute"), icon = document.getElementById("icon");
const AGAIN = 20_000, TRIES = 2;
const MARK = /^(\(\d+\) |【已退出】)/;
let there = head.dataset.there === "1", ended = false, failed = 0, active = false;
let asked = [], count = Number(head.dataset.asked);

// --- what waits for her -------------------------------------------------------------------------------------------------
function news(data) {
  asked = data.asked;
  const unanswered = data.counts.unanswered || 0;
  count = asked.length + unanswered;
  calls.hidden = asked.length === 0;
  calls.textContent = `${asked.length} 个个案等您接`;
  showCount();
  ringFor(unanswered);
  document.dispatchEvent(new CustomEvent("cases", { detail: data }));
}

function showCount() {
  const plain = document.title.replace(MARK, "");
  const wanted = ended ? `【已退出】${plain}` : count ? `(${count}) ${plain}` : plain;
  if (document.title !== wanted) document.title = wanted;
  const picture = `/console/static/${count && !ended ? "icon-calls" : "icon"}.svg`;
  if (icon.getAttribute("href") !== picture) icon.setAttribute("href", picture);
}
// Other scripts give the page a title too.
new MutationObserver(showCount).observe(document.querySelector("title"), { childList: true });

/** At once for a case that is new to her, then gently again as long as she has not said yes or no. */
function ringFor(unanswered) {
  if (!isListener()) return;
  const before = rang(), now = Date.now();
  const fresh = asked.some((one) => !before.cases.includes(one.case));
  const due = asked.length > 0 && (fresh || now - before.at >= AGAIN);
  if (due) sound(asked.some((one) => one.level === "red") ? "red" : "orange");
  else if (unanswered > before.unanswered) sound("soft");
  keepRang({ at: due ? now : before.at, cases: asked.map((one) => one.case), unanswered });
}
setInterval(() => { if (asked.length) ringFor(rang().unanswered); }, AGAIN / 4);

function sound(kind) {
  head.dataset.rang = String(Number(head.dataset.rang || 0) + (isMuted() ? 0 : 1));
  if (ring(kind)) return;
  showMute("提示音：点一下页面才能响");
  askOthersToRing(kind);
}

// --- mute ---------------------------------------------------------------------------------------------------------------
function showMute(words) {
  muter.hidden = false;
  muter.textContent = words || (isMuted() ? "提示音：关" : "提示音：开");
  muter.setAttribute("aria-pressed", String(isMuted()));
}
muter.addEventListener("click", () => { mute(!isMuted()); showMute(); if (!isMuted()) ring("soft"); });
document.addEventListener("pointerdown", () => showMute(), { passive: true });
showMute();

// --- signs of life ------------------------------------------------------------------------------------------------------
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => { active = true; }, { passive: true });

async function beat() {
  if (ended || !(there || active)) return;
  const body = new URLSearchParams({ form_token: form.elements.form_token.value, active: active ? "1" : "0" });
  active = false;
  try {
    const answer = await fetch("/console/duty/here", { method: "POST", body, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") return end();
    if (answer.status === 403) return say("这个页面已经过期，请刷新。");
    if (!answer.ok) throw new Error(String(answer.status));
    failed = 0;
    if (there && !(await answer.json()).there) lapse();
    else if (there) say("");
  } catch (error) {
    failed += 1;
    if (there && failed >= TRIES) say("现在连不上服务器，过一会儿您会变成离岗。请检查网络。");
  }
}
setInterval(beat, Number(head.dataset.beat) * 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });

function lapse() {
  there = false;
  head.className = "duty away";
  head.querySelector(".state").textContent = "离岗";
  form.action = "/console/duty/on";
  button.textContent = "改为在岗";
  button.classList.add("main");
  say("您现在是离岗：可能是电脑断开过，也可能在别的窗口改了。要接单，请按“改为在岗”。");
  sound("soft");
}

function say(words) {
  lapsed.textContent = words;
  lapsed.hidden = !words;
}

function end() {
  if (ended) return;
  ended = true;
  const enter = document.createElement("a");
  enter.href = "/console/enter";
  enter.textContent = "重新登录";
  say("登录已经结束，您很快会变成离岗，也收不到新个案。请 ");
  lapsed.append(enter, "。");
  showCount();
  if (isListener() || !document.hidden) sound("soft");
  document.dispatchEvent(new CustomEvent("live", { detail: false }));
}

showCount();
listen({
  news, ended: end,
  live: (on) => document.dispatchEvent(new CustomEvent("live", { detail: on })),
  ring: (kind) => ring(kind),
});
