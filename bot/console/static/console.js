// Small comforts; every page works without them.

const links = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" };
const isTyping = (target) => target.matches("input, select, textarea");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || isTyping(event.target)) return;
  const link = links[event.key] && document.querySelector(links[event.key]);
  if (link) link.click();
});

// Hours that are typed are meant: choose “自己写”.
for (const form of document.querySelectorAll("form.change")) {
  form.addEventListener("input", (event) => {
    if (event.target.type === "time") form.querySelector("input[value=own]").checked = true;
  });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// A button pressed twice sends once; the server would notice, but she should see that it is under way.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// A calendar left open is old: read again when she comes back to it, unless she has begun to write or must read first.
const OLD = 60_000;
const opened = Date.now();
let written = false;
document.addEventListener("input", () => { written = true; });
document.addEventListener("visibilitychange", () => {
  const mayReload = "refresh" in document.body.dataset && !written && !document.querySelector(".notice.bad");
  if (document.visibilityState === "visible" && mayReload && Date.now() - opened > OLD) location.reload();
});
