// What both sides show of files: pictures, covers, players, voices.

import { el, icon } from "./dom.js";

const BARS = 48;

/** Something covered until somebody wants to see it. */
export function cover(node, covered) {
  if (!covered) return node;
  const button = el("button", { type: "button", "aria-label": "Show what is covered", on: { click: (event) => { event.preventDefault(); box.classList.remove("covered"); button.remove(); } } }, "Spoiler");
  const box = el("div", { class: "cover covered", data: { testid: "cover" } }, node, button);
  return box;
}

/** A picture that opens in a tab of its own. */
export const picture = (src, alt, { className, style } = {}) =>
  el("a", { class: className, href: src, target: "_blank", style }, el("img", { src, alt }));

/** A film; what moves without sound plays by itself, over and over. */
export function film(src, className, { quiet = false } = {}) {
  const node = el("video", { class: className, src, controls: !quiet, loop: quiet, autoplay: quiet, playsinline: true, preload: "metadata" });
  node.muted = quiet;
  return node;
}

/** A round film. */
export function round(src) {
  const node = el("video", { class: "round-film", src, loop: true, playsinline: true, preload: "metadata", title: "Play", on: { click: () => (node.paused ? node.play() : node.pause()) } });
  return node;
}

/** A sound with its name. */
export const sound = (src, title) => el("div", { class: "sound" }, title ? el("b", {}, title) : null, el("audio", { src, controls: true, preload: "metadata" }));

/** A voice message; without samples they are taken from the sound itself. */
export function voice(src, seconds, samples = null) {
  const player = el("audio", { src, preload: "metadata" });
  const time = el("small", {}, span(seconds));
  const bars = el("span", { class: "bars", "aria-hidden": "true" });
  const button = el("button", { type: "button", "aria-label": "Play the voice message", on: { click: () => (player.paused ? player.play() : player.pause()) } }, icon("play"));
  const node = el("div", { class: "voice", data: { testid: "voice" } }, button, bars, time, player);
  player.addEventListener("timeupdate", () => {
    time.textContent = span(player.currentTime);
    const part = player.duration ? player.currentTime / player.duration : 0;
    [...bars.children].forEach((bar, number) => bar.classList.toggle("past", number / bars.children.length < part));
  });
  for (const event of ["play", "pause", "ended"]) player.addEventListener(event, () => node.classList.toggle("playing", !player.paused));
  if (samples) drawBars(bars, samples);
  else loudness(src).then((found) => drawBars(bars, found), () => drawBars(bars, [0]));
  return node;
}

const span = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;

function drawBars(node, samples) {
  const most = Math.max(1, ...samples);
  node.replaceChildren(...Array.from({ length: BARS }, (_, number) => {
    const level = samples[Math.floor((number * samples.length) / BARS)] / most;
    return el("i", { style: { "--level": `${Math.round(15 + 85 * level)}%` } });
  }));
}

/** How loud a sound is over its time. */
async function loudness(src) {
  const data = await (await fetch(src)).arrayBuffer();
  const decoded = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(data);
  const values = decoded.getChannelData(0);
  const step = Math.max(1, Math.floor(values.length / BARS));
  return Array.from({ length: BARS }, (_, number) => values.subarray(number * step, (number + 1) * step).reduce((most, value) => Math.max(most, Math.abs(value)), 0) * 255);
}

/** The samples of Discord's base64. */
export const fromBase64 = (text) => [...atob(text)].map((char) => char.charCodeAt(0));
