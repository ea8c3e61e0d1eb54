// The chat page: sends what she writes in her order, shows what comes back once, and can be left at once.

import { bubble, calendar, choices, line, links, placeCard } from "./render.js";
import { follow } from "./stream.js";

const TOKEN = "conversation";
const byId = (id) => document.getElementById(id);
const talk = byId("talk"), text = byId("text"), typing = byId("typing"), state = byId("state");
const shown = new Set();
let cursor = null, sending = Promise.resolve(), under_way = 0, stream = null;

// --- leaving -----------------------------------------------------------------------------------------------------
let escapes = [];
function leave() {
  sessionStorage.clear();
  document.body.replaceChildren();
  document.title = "";
  location.replace(document.body.dataset.exit);
}
byId("leave").addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  escapes = [...escapes.filter((at) => event.timeStamp - at < 1500), event.timeStamp];
  if (escapes.length >= 3) leave();
});

// --- showing -----------------------------------------------------------------------------------------------------
function add(nodes) {
  talk.append(...nodes);
  talk.scrollTop = talk.scrollHeight;
}

/** Bring the beginning of an answer into view: a long one is read from its top. */
function reveal(article) {
  if (article) talk.scrollTop = Math.min(talk.scrollHeight, article.offsetTop - talk.offsetTop - 12);
}

function show(message) {
  if (message.id) {
    if (shown.has(message.id)) return null;
    shown.add(message.id);
    cursor = cursor || message.id;
  }
  const made = line(message.author, message.sent_at);
  if (message.text) made.body.append(bubble(message.text));
  for (const place of message.places || []) made.body.append(placeCard(place));
  if (message.links && message.links.length) made.body.append(links(message.links, saveCopy));
  if (message.calendar) made.body.append(calendar((withPlace) => saveFile(message.calendar, withPlace)));
  if (message.choices && message.choices.length) {
    made.body.append(choices(message.choices, (choice) => say({ choice: choice.id }, choice.title)));
  }
  add(made.nodes);
  return made.article;
}

function busy(change) {
  under_way += change;
  typing.hidden = under_way === 0;
  if (!typing.hidden) talk.scrollTop = talk.scrollHeight;
}

// --- sending -----------------------------------------------------------------------------------------------------
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Show her words at once, then send them after everything sent before. */
function say(content, words) {
  const made = line("woman", null);
  const status = document.createElement("span");
  status.className = "status";
  made.body.append(bubble(words), status);
  add(made.nodes);
  const suggestions = byId("suggestions");
  if (suggestions) suggestions.remove();
  const message = { message_id: newId(), ...content };
  sending = sending.then(() => deliver(message, status));
}

async function deliver(message, status) {
  busy(1);
  status.textContent = "";
  try {
    for (let attempt = 1; ; attempt++) {
      const outcome = await post(message);
      if (outcome.body) return received(outcome.body);
      if (!outcome.again || attempt === 3) return failed(message, status, outcome.words);
      await new Promise((resolve) => setTimeout(resolve, attempt * 1500));
    }
  } finally {
    busy(-1);
  }
}

async function post(message) {
  const offline = { again: true, words: "没有发出去，网络可能断了。急事请打 110。" };
  let response;
  try {
    response = await fetch("/chat/api/messages", {
      method: "POST", cache: "no-store", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ conversation: sessionStorage.getItem(TOKEN), ...message }),
    });
    const body = await response.json();
    if (response.ok) return { body };
    if (response.status === 404 && !message.choice && sessionStorage.getItem(TOKEN)) {
      sessionStorage.removeItem(TOKEN);
      return { again: true, words: body.detail };
    }
    return { again: response.status >= 500, words: body.detail };
  } catch (error) {
    return offline;
  }
}

function received(answer) {
  const before = sessionStorage.getItem(TOKEN);
  sessionStorage.setItem(TOKEN, answer.conversation);
  reveal(answer.messages.map(show).find(Boolean));
  setState(answer.owner);
  if (before !== answer.conversation || !stream) listen();
}

function failed(message, status, words) {
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "再发一次";
  again.addEventListener("click", () => { sending = sending.then(() => deliver(message, status)); });
  status.replaceChildren((words || "没有发出去。") + " ", again);
}

const STATES = { bot: "妇联智能助手", queue: "正在为您找工作人员", officer: "工作人员正在和您对话" };
function setState(owner) { state.textContent = STATES[owner] || STATES.bot; }

// --- her calendar ------------------------------------------------------------------------------------------------
/** Fetched with the token in a header, then handed over as a file of our own: no address ever holds the secret. */
async function saveFile(path, withPlace) {
  return saveAs(path + (withPlace ? "?place=1" : ""), "event.ics");
}

async function saveAs(path, name) {
  try {
    const response = await fetch(path, {
      headers: { Authorization: "Bearer " + sessionStorage.getItem(TOKEN) }, cache: "no-store",
    });
    if (!response.ok) return false;
    const address = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    return true;
  } catch (error) {
    return false;
  }
}

// --- her own records ---------------------------------------------------------------------------------------------
/** The same for a copy of her records; it can be fetched once. Resolves to whether that went well. */
async function saveCopy(path) {
  return saveAs(path, "notes." + path.split(".").pop());
}

/** Her records were deleted, or this conversation is no more: nothing of it stays on the page. */
function forget() {
  sessionStorage.removeItem(TOKEN);
  stream = null;
  cursor = null;
  shown.clear();
  talk.replaceChildren();
  setState("bot");
  show({ author: "bot", text: "这段对话已经删除，这个页面上也清掉了。以后需要，在下面重新写就行。有危险请打 110，妇联热线 12338。" });
}

// --- later messages ----------------------------------------------------------------------------------------------
function listen() {
  if (stream) stream.abort();
  stream = new AbortController();
  follow({
    token: () => sessionStorage.getItem(TOKEN),
    after: () => cursor,
    // Only the stream moves the cursor: what a POST brings may be newer than something still on its way here.
    message: (message) => { reveal(show(message)); cursor = message.id; },
    connected: (yes) => { document.body.dataset.connected = yes ? "yes" : "no"; },
    gone: forget,
  }, stream.signal);
}

async function comeBack() {
  const token = sessionStorage.getItem(TOKEN);
  if (!token) return;
  const response = await fetch("/chat/api/messages", { headers: { Authorization: "Bearer " + token }, cache: "no-store" });
  if (!response.ok) return sessionStorage.removeItem(TOKEN);
  const before = await response.json();
  if (before.messages.length) byId("suggestions").remove();
  before.messages.forEach(show);
  setState(before.owner);
  listen();
}

// --- the bar -----------------------------------------------------------------------------------------------------
function submit() {
  const words = text.value.trim();
  if (!words) return text.focus();
  text.value = "";
  grow();
  say({ text: words }, words);
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = Math.min(text.scrollHeight + 2, 132) + "px";
}

byId("form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
byId("suggestions").addEventListener("click", (event) => {
  const words = event.target.dataset && event.target.dataset.say;
  if (words) say({ text: words }, words);
});

byId("place").addEventListener("click", () => {
  const refuse = () => show({ author: "bot", text: "没有拿到您的位置。您可以直接写地名，比如“北辰区集贤里街道”。" });
  if (!navigator.geolocation) return refuse();
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => say({ location: { latitude: coords.latitude, longitude: coords.longitude, crs: "wgs84" } }, "［我的位置］"),
    refuse,
    { enableHighAccuracy: true, timeout: 8000, maximumAge: 60000 },
  );
});

addEventListener("online", () => { if (sessionStorage.getItem(TOKEN)) listen(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
comeBack().catch(() => { state.textContent = "暂时连不上，稍后会自动再试"; });
