// A training under way: ask how far it is, and show the figures when it ends. Without this the page shows it when read again.

const EVERY = 3000;
const box = document.querySelector("[data-progress]");
const bar = box.querySelector("progress");
const count = box.querySelector("[data-count]");
const step = box.querySelector("[data-step]");

async function look() {
  let told = null;
  try {
    const answer = await fetch(box.dataset.progress, { headers: { accept: "application/json" }, redirect: "error" });
    told = answer.ok ? await answer.json() : null;
  } catch {
    // Signed out, or the server is away: what is shown stays.
  }
  if (told?.ended) return location.reload();
  if (told) show(told);
  setTimeout(look, EVERY);
}

function show(told) {
  bar.max = told.steps || 1;
  bar.value = told.done;
  count.textContent = `${told.done} / ${told.steps || "？"}`;
  if (told.step && step.textContent !== told.step) step.textContent = told.step;
}

setTimeout(look, EVERY);
