// The page of one case: shows what is new without a reload, and never touches what she is writing. Nothing is stored.

const page = document.getElementById("case");
const path = page.dataset.path;
const text = document.getElementById("text");
const title = document.title;
let mark = page.dataset.mark, source = null, timer = 0, reading = null, again = false;
const HIDDEN_EVERY = 30_000;
const byId = (id) => document.getElementById(id);
const talk = () => byId("talk");

// --- the conversation scrolls in its own box, and stays where she reads -------------------------------------------------
const atEnd = () => talk().scrollHeight - talk().scrollTop - talk().clientHeight < 40;
function toEnd() {
  talk().scrollTop = talk().scrollHeight;
  byId("below").hidden = true;
}
function prepare() {
  talk().classList.add("scrolls");
  talk().addEventListener("scroll", () => { if (atEnd()) byId("below").hidden = true; });
}
byId("below").querySelector("button").addEventListener("click", toEnd);

// --- what is new --------------------------------------------------------------------------------------------------------
const isBusy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
  || part.querySelector("details[open]") !== null;

function say(words, kind) {
  const news = byId("news");
  news.textContent = words;
  news.className = "notice " + kind;
  news.hidden = !words;
}

function put(name, fresh) {
  const old = page.querySelector(`[data-part="${name}"]`);
  if (!old || !fresh) return;
  old.replaceWith(document.importNode(fresh, true));
}

function putTalk(fresh) {
  const before = Number(talk().dataset.lines), follow = atEnd(), top = talk().scrollTop;
  put("talk", fresh);
  prepare();
  if (follow) toEnd(); else talk().scrollTop = top;
  if (Number(talk().dataset.lines) <= before) return;
  if (!follow) byId("below").hidden = false;
  byId("heard").textContent = "她写来了新消息。";
  if (document.hidden) document.title = "● 她写来了 – " + title;
}

function putActs(fresh) {
  const old = page.querySelector('[data-part="acts"]');
  if (old.dataset.state === fresh.dataset.state && old.querySelector(".notice") === null) return;
  if (old.dataset.state !== fresh.dataset.state && isBusy(old)) return say("这个个案有变化，请先看上面是谁负责，再决定。", "warn");
  put("acts", fresh);
  if (old.dataset.state !== fresh.dataset.state) say("这个个案有变化，请看上面。要回复请先刷新。", "warn");
}

/** Ask for the parts once more; one request at a time. */
async function refresh() {
  if (reading) { again = true; return; }
  reading = fetch(path + "/parts", { cache: "no-store", redirect: "manual" });
  try {
    const response = await reading;
    if (response.type === "opaqueredirect") return over();
    if (response.status === 404) return gone();
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const part = (name) => fresh.querySelector(`[data-part="${name}"]`);
    if (!part("talk")) return;
    mark = fresh.body.dataset.mark;
    for (const field of document.querySelectorAll("input[name=form_token]")) field.value = fresh.body.dataset.token;
    put("head", part("head"));
    putTalk(part("talk"));
    put("reach", part("reach"));
    putActs(part("acts"));
  } catch (error) {
    // The line is down; the stream comes back by itself and asks again.
  } finally {
    reading = null;
    if (again) { again = false; refresh(); }
  }
}

function stop() {
  if (source) source.close();
  source = null;
  clearTimeout(timer);
}
function over() {
  stop();
  say("登录已经结束。您写的还在框里：请在新的窗口登录，再回到这一页。", "bad");
}
function gone() {
  stop();
  say("这个个案已经不在您这里。您写的还在框里，需要请先抄走。", "bad");
}

/** In front: a stream. In the background: a question now and then, as a browser opens only a few streams at once. */
function watch() {
  stop();
  if (document.hidden) { timer = setTimeout(look, HIDDEN_EVERY); return; }
  source = new EventSource(path + "/events?mark=" + encodeURIComponent(mark));
  source.addEventListener("new", refresh);
  source.addEventListener("over", over);
  source.addEventListener("gone", gone);
  // A refused stream does not come back by itself: the parts say why.
  source.addEventListener("error", () => { if (source && source.readyState === EventSource.CLOSED) { stop(); refresh(); timer = setTimeout(watch, 10_000); } });
}
async function look() {
  try {
    const response = await fetch(path + "/mark", { cache: "no-store", redirect: "manual" });
    if (response.type === "opaqueredirect") return over();
    if (response.status === 404) return gone();
    if (response.ok && (await response.text()) !== mark) await refresh();
  } catch (error) {
    // Asked again below.
  }
  watch();
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) { document.title = title; say("", ""); refresh(); }
  watch();
});
window.addEventListener("pagehide", stop);

// --- the reply ----------------------------------------------------------------------------------------------------------
const isWriting = () => text !== null && text.value.trim() !== "" && text.value !== text.defaultValue;
const sent = new WeakSet();
let leaving = false;

function count() {
  const written = [...text.value.trim()].length, longest = Number(text.dataset.longest), shown = byId("count");
  const bytes = new TextEncoder().encode(text.value.trim()).length, parts = Math.ceil(bytes / Number(text.dataset.bytes || Infinity));
  shown.textContent = `${written} / ${longest} 个字` + (parts > 1 ? `，微信会拆成约 ${parts} 条` : "");
  shown.classList.toggle("over", written > longest);
}
if (text) {
  text.addEventListener("input", count);
  count();
  document.querySelector(".canned").addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = byId("canned").selectedOptions[0];
    if (!chosen.dataset.text) return;
    text.setRangeText(chosen.dataset.text, text.selectionStart, text.selectionEnd, "end");
    count();
    text.focus();
  });
}

/** Another form of the page, sent without leaving it: what she is writing to her stays where it is. */
async function sendAside(form) {
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), cache: "no-store" });
  if (new URL(response.url).pathname === "/console/enter") return over();
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const side = fresh.querySelector(".case-side"), said = fresh.querySelector(".notice.bad, .notice.good");
  if (!side) return gone();
  page.querySelector(".case-side").replaceWith(document.importNode(side, true));
  put("head", fresh.querySelector('[data-part="head"]'));
  putTalk(fresh.querySelector('[data-part="talk"]'));
  mark = fresh.getElementById("case").dataset.mark;
  byId("said")?.remove();
  say(said ? said.textContent : "", response.ok ? "good" : "bad");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  if (!isWriting() || !form.closest(".case-side")) { leaving = true; return; }
  event.preventDefault();
  sendAside(form).catch(() => {
    sent.delete(form);
    delete form.dataset.sent;
    say("没有发出去，网络可能断了。请再试一次。", "bad");
  });
});
window.addEventListener("beforeunload", (event) => { if (isWriting() && !leaving) event.preventDefault(); });

prepare();
toEnd();
watch();
