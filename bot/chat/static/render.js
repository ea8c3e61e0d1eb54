// Turns messages into bubbles. Text is always set as text, never as markup.

const GAP = 5 * 60 * 1000;
let lastTime = 0;

/** An element with a class, words and children. */
function element(name, className, text, children = []) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** A line of the talk: avatar and a body that holds bubbles and what hangs under them. */
export function line(author, sentAt) {
  const side = author === "woman" ? "hers" : author === "officer" ? "ours officer" : "ours";
  const name = { woman: "我", officer: "工作人员", bot: "助手" }[author] || "助手";
  const avatar = element("span", "avatar", author === "woman" ? "我" : author === "officer" ? "工" : "半");
  avatar.setAttribute("aria-hidden", "true");
  const body = element("div", "body", "", [element("span", "unseen", name + "说：")]);
  const article = element("article", "line " + side, "", [avatar, body]);
  return { nodes: [...stamp(sentAt), article], article, body };
}

function stamp(sentAt) {
  const time = new Date(sentAt || Date.now());
  if (time - lastTime < GAP) return [];
  lastTime = time;
  const sameDay = time.toDateString() === new Date().toDateString();
  const clock = time.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const day = sameDay ? "" : time.getMonth() + 1 + "月" + time.getDate() + "日 ";
  return [element("p", "time", day + clock)];
}

/** A bubble of words. */
export const bubble = (text) => element("div", "bubble text", text);

/** Buttons for choices; `chosen(choice)` is called once, then all are switched off. */
export function choices(offered, chosen) {
  const box = element("div", "choices");
  for (const choice of offered) {
    const button = element("button", "", choice.title);
    button.type = "button";
    button.addEventListener("click", () => {
      for (const other of box.children) other.disabled = true;
      chosen(choice);
    });
    box.append(button);
  }
  return box;
}

const COPY = /^\/chat\/api\/copies\/[\w-]+\.(html|json)$/;

/** Links under a message. Only telephone and web links are shown; a copy of her records is a button: `save(path)` fetches it. */
export function links(given, save) {
  const box = element("div", "links");
  for (const link of given) {
    if (COPY.test(link.url)) box.append(copyButton(link, save));
    else if (/^(tel:|https:|\/)/.test(link.url)) box.append(anchor(link.title, link.url));
  }
  return box;
}

function copyButton(link, save) {
  const made = element("button", "copy", link.title);
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    const saved = await save(link.url);
    made.disabled = saved;
    made.textContent = saved ? "已经下载" : "没有下载成，再点一次；还不行就再跟我要一份";
  });
  return made;
}

function anchor(title, url) {
  const made = element("a", "", title);
  made.href = url;
  made.rel = "noreferrer noopener";
  if (url.startsWith("https:") || url.startsWith("/")) made.target = "_blank";
  return made;
}

/** Buttons that put an appointment into her own calendar; `save(withPlace)` resolves to whether that went well. */
export function calendar(save) {
  const box = element("div", "choices");
  box.append(saveButton("存到日历", () => save(false)), saveButton("存到日历（写上地点）", () => save(true)));
  return box;
}

function saveButton(title, save) {
  const button = element("button", "", title);
  button.type = "button";
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = (await save()) ? title + " ✓" : "没有存上，再点一次";
    button.disabled = false;
  });
  return button;
}

/** A place: name, distance, address, hours, what it has, call and map. */
export function placeCard(place) {
  const card = element("section", "card", "", [element("h2", "", place.name)]);
  card.setAttribute("aria-label", place.name);
  if (place.synthetic) card.append(element("span", "sample", "示例数据，请勿前往"));
  const distance = words_of_distance(place);
  if (distance) card.append(element("p", "", distance));
  card.append(element("p", "", place.address));
  const open = place.open_now === true ? "open" : place.open_now === false ? "shut" : "";
  const state = place.open_now === true ? "现在开放 · " : place.open_now === false ? "现在不开放 · " : "";
  if (place.hours_today) card.append(element("p", open, state + place.hours_today));
  if (place.on_call) card.append(element("p", "", "不开门时：" + place.on_call));
  if (place.facilities && place.facilities.length) card.append(element("p", "", "有：" + place.facilities.join("、")));
  const acts = element("div", "acts");
  if (place.phone) acts.append(anchor("打电话 " + place.phone, "tel:" + place.phone.replace(/[^0-9+]/g, "")));
  if (place.map_url) acts.append(anchor("看地图", place.map_url));
  if (acts.children.length) card.append(acts);
  return card;
}

function words_of_distance(place) {
  if (place.distance_m === null || place.distance_m === undefined) return "";
  const words = place.distance_m < 1000 ? Math.round(place.distance_m / 10) * 10 + " 米" : (place.distance_m / 1000).toFixed(1) + " 公里";
  return (place.approximate ? "大约 " : "") + words;
}
