// Sounds without a file: a few soft tones. A browser lets a page sound only after somebody has touched it.

const MUTE = "console-mute", RANG = "console-rang";
const TONES = { red: [880, 660, 880, 660], orange: [660, 880], yellow: [660, 880], soft: [520] };
const LENGTH = 0.22, LOUD = 0.18;
let context = null;

function kept(name) {
  try { return localStorage.getItem(name); } catch (error) { return null; }
}
function keep(name, value) {
  try { localStorage.setItem(name, value); } catch (error) { /* It holds as long as the page. */ }
}

let muted = kept(MUTE) === "1";
export const isMuted = () => muted;
export function mute(wish) {
  muted = wish;
  keep(MUTE, wish ? "1" : "0");
}
window.addEventListener("storage", (event) => { if (event.key === MUTE) muted = event.newValue === "1"; });

/** When some page of this browser rang last, and for which cases. */
export const rang = () => JSON.parse(kept(RANG) || "null") || { at: 0, cases: [], unanswered: 0 };
export const keepRang = (what) => keep(RANG, JSON.stringify(what));

function ready() {
  context ||= new (window.AudioContext || window.webkitAudioContext)();
  if (context.state === "suspended") context.resume();
  return context.state === "running";
}
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, ready, { passive: true });

/** Sound, unless she does not want it; false when the browser does not let us yet. */
export function ring(kind) {
  if (muted) return true;
  if (!ready()) return false;
  (TONES[kind] || TONES.soft).forEach((tone, at) => play(tone, context.currentTime + at * (LENGTH + 0.04)));
  return true;
}

function play(tone, from) {
  const source = context.createOscillator(), volume = context.createGain();
  source.frequency.value = tone;
  volume.gain.setValueAtTime(0.0001, from);
  volume.gain.linearRampToValueAtTime(LOUD, from + 0.03);
  volume.gain.linearRampToValueAtTime(0.0001, from + LENGTH);
  source.connect(volume).connect(context.destination);
  source.start(from);
  source.stop(from + LENGTH);
}
