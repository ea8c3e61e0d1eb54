// The reading page by keyboard. Every key presses a form that is on the page anyway; without this file they are pressed by hand.

const page = document.querySelector(".reading");
const lines = [...document.querySelectorAll("[data-judge]")];
const told = document.getElementById("told");
const left = document.getElementById("left");
const done = document.getElementById("done");
const dialogs = { intent: document.getElementById("find-intent"), entity: document.getElementById("mark-entity"), keys: document.getElementById("keys") };
const sending = new Set();
let current = null;

const part = (line, selector) => line.querySelector(selector);
const say = (words) => { told.textContent = words; };
const make = (name, text = "", fields = {}) => Object.assign(document.createElement(name), { textContent: text }, fields);

// Going from message to message

function show(line, { focus = true } = {}) {
  if (!line) return;
  for (const other of lines) {
    part(other, "details").open = other === line;
    other.toggleAttribute("data-current", other === line);
  }
  current = line;
  if (focus) line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "center" });
}

const step = (by) => show(lines[Math.min(lines.length - 1, Math.max(0, lines.indexOf(current) + by))]);
const isOpen = (line) => !line.classList.contains("judged");

function goOn(from) {
  const at = lines.indexOf(from);
  const next = lines.slice(at + 1).find(isOpen) ?? lines.find(isOpen);
  if (next) return show(next);
  const later = document.getElementById("later");
  if (later) return later.focus();
  done.querySelector("button").focus();
  document.getElementById("whole").scrollIntoView({ block: "center" });
  say("这一页都判过了。按回车：看完，去下一段。");
}

// Sending without leaving the page; what did not arrive is said and stays open

async function send(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }, redirect: "manual",
  });
  const content = answer.headers.get("content-type") ?? "";
  const body = content.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(body.error ?? "没有送到，请刷新页面再试");
  return body;
}

function judgementWords(judged, reviewer) {
  const line = make("p", reviewer ? `${reviewer}：` : "我：");
  judged.words.forEach(([label, words], at) => line.append(at ? "，" : "", `${label} `, make("b", words)));
  line.append(" ", make("span", judged.state, { className: "tag" }));
  return line;
}

async function save(line) {
  const form = part(line, "form.judge");
  const state = part(line, ".state");
  const before = state.textContent;
  const wasOpen = isOpen(line);
  line.classList.add("judged");
  state.textContent = "正在保存…";
  goOn(line);
  const work = send(form);
  sending.add(work);
  try {
    const kept = await work;
    state.textContent = "✓ 判过";
    part(line, ".others").replaceChildren(
      judgementWords({ words: kept.own, state: kept.state }, ""), ...kept.others.map((one) => judgementWords(one, one.reviewer)));
    if (wasOpen) left.textContent = String(Math.max(0, Number(left.textContent) - 1));
  } catch (error) {
    if (wasOpen) line.classList.remove("judged");
    state.textContent = before;
    say(`没有保存：${error.message}`);
    show(line);
  } finally {
    sending.delete(work);
  }
}

function showMarks(line, marks) {
  const words = { flag: () => "⚑ 留意", tag: (one) => `#${one.text}`, note: (one) => one.text };
  part(line, ".marks").replaceChildren(...marks.map((one) => {
    const mark = make("span", `${words[one.kind](one)} `, { className: `mark ${one.kind}` });
    mark.dataset.mark = one.id;
    mark.append(make("span", one.by, { className: "quiet" }));
    return mark;
  }));
}

async function sendMark(line, form, field) {
  line.focus({ preventScroll: true });
  const work = send(form);
  sending.add(work);
  try {
    showMarks(line, (await work).marks);
    say("记下了。");
    if (field) field.value = "";
  } catch (error) {
    say(`没有记下：${error.message}`);
  } finally {
    sending.delete(work);
  }
}

function flag(line) {
  const there = part(line, ".mark.flag");
  const form = part(line, "form.flag").cloneNode(true);
  if (there) {
    form.action = form.action.replace("/mark", "/unmark");
    const id = there.dataset.mark ?? there.querySelector("input[name=mark]").value;
    form.append(make("input", "", { name: "mark", value: id }));
  }
  return sendMark(line, form);
}

// Choosing

function choose(line, number) {
  const radio = line.querySelectorAll("input[name=intent]:not([value=new])")[number - 1];
  if (!radio) return say(`没有第 ${number} 个。`);
  radio.checked = true;
  part(line, "select[name=intent_other]").value = "";
  say(radio.parentElement.textContent.trim());
}

function chooseNamed(line, code) {
  const listed = part(line, `input[name=intent][value="${code}"]`);
  if (listed) listed.checked = true;
  part(line, "select[name=intent_other]").value = listed ? "" : code;
}

function wish(line) {
  part(line, "input[name=intent][value=new]").checked = true;
  part(line, "select[name=intent_other]").value = "";
  part(line, "input[name=wish]").focus();
}

function raise(line) {
  const levels = [...line.querySelectorAll("input[name=risk]")];
  const next = levels[(levels.findIndex((one) => one.checked) + 1) % levels.length];
  next.checked = true;
  say(`风险：${next.parentElement.textContent.trim()}`);
}

// Finding an intent by its name

const found = document.getElementById("found");
const wanted = document.getElementById("find-words");
let picked = 0;

function listIntents() {
  const words = wanted.value.trim().toLowerCase();
  const options = [...part(current, "select[name=intent_other]").options].filter((one) => one.value);
  const fits = options.filter((one) => `${one.text} ${one.parentElement.label} ${one.value}`.toLowerCase().includes(words));
  picked = Math.max(0, Math.min(picked, fits.length - 1));
  found.replaceChildren(...fits.map((one, at) => {
    const item = make("li", one.text, { id: `found-${at}`, role: "option" });
    item.dataset.code = one.value;
    item.setAttribute("aria-selected", String(at === picked));
    item.append(" ", make("span", one.parentElement.label, { className: "quiet" }));
    return item;
  }));
  if (fits.length) wanted.setAttribute("aria-activedescendant", `found-${picked}`);
  else wanted.removeAttribute("aria-activedescendant");
  found.children[picked]?.scrollIntoView({ block: "nearest" });
}

function take(item) {
  if (item) chooseNamed(current, item.dataset.code);
  say(item ? `意图：${item.firstChild.textContent}` : "没有这样的意图。");
  dialogs.intent.close();
}

wanted.addEventListener("input", () => { picked = 0; listIntents(); });
wanted.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (move) { picked += move; listIntents(); event.preventDefault(); }
  if (event.key === "Enter") { take(found.children[picked]); event.preventDefault(); }
});
found.addEventListener("click", (event) => take(event.target.closest("li")));

// Marking an entity: places count characters, as the server does, not the two halves of an emoji

const area = document.getElementById("entity-text");
const kinds = [...document.querySelectorAll("#kinds button")];
const entityTold = document.getElementById("entity-told");
const units = (text, at) => [...text.slice(0, at)].length;

function markSelection(kind) {
  const [from, to] = [area.selectionStart, area.selectionEnd];
  if (from === to) { entityTold.textContent = "先选中几个字。"; return; }
  const [start, end] = [units(area.value, from), units(area.value, to)];
  const list = part(current, ".marked .list");
  for (const old of [...list.querySelectorAll("input")]) {
    const [first, last] = old.value.split("-").map(Number);
    if (first < end && start < last) old.parentElement.remove();
  }
  const label = make("label");
  label.append(make("input", "", { type: "checkbox", name: "entity", value: `${start}-${end}-${kind.dataset.name}`, checked: true }),
    ` ${kind.textContent.replace(/^\s*\d\s*/, "").trim()}：${area.value.slice(from, to)}`);
  list.append(label);
  entityTold.textContent = `标好了：${label.textContent.trim()}`;
}

function selected(line) {
  const chosen = getSelection();
  const words = part(line, ".words");
  return chosen.rangeCount && !chosen.isCollapsed && words.contains(chosen.anchorNode) && words.contains(chosen.focusNode)
    ? [Math.min(chosen.anchorOffset, chosen.focusOffset), Math.max(chosen.anchorOffset, chosen.focusOffset)] : [0, 0];
}

function openMarking(line) {
  const [from, to] = selected(line);
  area.value = part(line, ".words").textContent;
  entityTold.textContent = "";
  dialogs.entity.showModal();
  area.focus();
  area.setSelectionRange(from, to);
}

// The words are hers: they can be selected here, not changed.
area.addEventListener("beforeinput", (event) => event.preventDefault());
area.addEventListener("keydown", (event) => {
  const kind = /^[1-9]$/.test(event.key) && kinds[Number(event.key) - 1];
  if (kind) { markSelection(kind); event.preventDefault(); }
  if (event.key === "Enter") { dialogs.entity.close(); event.preventDefault(); }
});
for (const kind of kinds) kind.addEventListener("click", () => { markSelection(kind); area.focus(); });

// Keys

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => { wanted.value = ""; picked = 0; dialogs.intent.showModal(); listIntents(); wanted.focus(); },
  w: wish,
  r: raise,
  t: (line) => part(line, "select[name=topic]").focus(),
  e: openMarking,
  n: (line) => part(line, "form.note input[name=words]").focus(),
  f: flag,
  " ": save,
  Enter: save,
};
const NATIVE = "button, a, summary, select, textarea, input:not([type=radio]):not([type=checkbox])";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && current) return current.focus({ preventScroll: true });
  if (event.target.matches(NATIVE) || (event.key === " " && event.target.matches("input"))) return;
  if (event.key === "]") return leave(() => { location.href = page.dataset.next; });
  if (event.key === "?") { event.preventDefault(); return dialogs.keys.showModal(); }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = KEYS[key] ?? (/^[1-5]$/.test(key) && ((line) => choose(line, Number(key))));
  if (!act || !current) return;
  event.preventDefault();
  act(current);
});

for (const dialog of Object.values(dialogs)) dialog.addEventListener("close", () => current?.focus({ preventScroll: true }));

// The same by mouse

document.addEventListener("submit", (event) => {
  const line = event.target.closest("[data-judge]");
  if (event.target.matches("form.judge")) { event.preventDefault(); save(line); }
  if (event.target.matches("form.flag")) { event.preventDefault(); flag(line); }
  if (event.target.matches("form.note")) { event.preventDefault(); sendMark(line, event.target, event.target.querySelector("[name=words]")); }
  if (event.target === done && sending.size) { event.preventDefault(); leave(() => done.submit()); }
}, true);
for (const line of lines) {
  part(line, "summary").addEventListener("click", (event) => { event.preventDefault(); show(line); });
  part(line, ".bubble").addEventListener("click", () => { if (getSelection().isCollapsed) show(line); });
  part(line, "select[name=intent_other]").addEventListener("change", (event) => { if (event.target.value) chooseNamed(line, event.target.value); });
  part(line, "input[name=wish]").addEventListener("input", () => { part(line, "input[name=intent][value=new]").checked = true; });
  for (const radio of line.querySelectorAll("input[name=intent]"))
    radio.addEventListener("change", () => { part(line, "select[name=intent_other]").value = ""; });
}
document.querySelector("[data-help]").hidden = false;
document.querySelector("[data-help]").addEventListener("click", () => dialogs.keys.showModal());

// What is under way is waited for; what failed keeps her here
async function leave(go) {
  const ended = await Promise.allSettled([...sending]);
  if (ended.every((one) => one.status === "fulfilled")) go();
}
addEventListener("beforeunload", (event) => { if (sending.size) event.preventDefault(); });

const named = lines.find((line) => `#${line.id}` === location.hash);
show(named ?? lines.find(isOpen) ?? lines[0]);
if (lines.length && !lines.some(isOpen) && !named) goOn(lines.at(-1));
