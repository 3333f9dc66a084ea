// The menu of what can go wrong.

import { act } from "./state.js";
import { el } from "./dom.js";

let drawn = "";

/** Draw the menu anew where it changed. `places` tells which rooms are open. */
export function drawTroubles(bar, places) {
  const sign = JSON.stringify([bar.outage, bar.outside]);
  const trouble = bar.outage.telegram || bar.outage.discord || bar.outside.discord || bar.outside.telegram.length > 0;
  document.querySelector(".menu").classList.toggle("on", Boolean(trouble));
  if (sign === drawn) return;
  drawn = sign;
  document.getElementById("troubles").replaceChildren(
    part("The daemon", item("kill -9, and start it again", "kill", () => act("daemon.kill", {}))),
    service("Telegram", "telegram", bar, places, [
      item("The group becomes a supergroup", "migrate", () => act("trouble.migrate", { place: places().telegram })),
      outside(bar.outside.telegram.includes(places().telegram), "telegram", places),
    ]),
    service("Discord", "discord", bar, places, [
      item("Gateway breaks, can resume", "disconnect-resume", () => act("trouble.disconnect", { resumable: true })),
      item("Gateway breaks, session lost", "disconnect-new", () => act("trouble.disconnect", { resumable: false })),
      item("Delete the channel's webhook", "delete-webhook", () => act("trouble.webhook", { place: places().discord })),
      outside(Boolean(bar.outside.discord), "discord", places),
    ]));
}

function part(title, ...items) {
  return el("div", { class: "part" }, el("h3", {}, title), items);
}

function item(label, testid, run, pressed = null) {
  return el("button", { type: "button", data: { testid: `trouble-${testid}` }, "aria-pressed": pressed === null ? null : String(pressed), on: { click: run } }, label);
}

function service(title, side, bar, places, more) {
  const out = Boolean(bar.outage[side]);
  const refuse = (status) => () => act("trouble.refuse", { side, status, times: 3 });
  return part(title,
    item(out ? "Outage: end it" : "Outage", `${side}-outage`, () => act("trouble.outage", { side, on: !out }), out),
    item("Next 3 calls answer 500", `${side}-500`, refuse(500)),
    item("Next 3 calls answer 429", `${side}-429`, refuse(429)),
    more);
}

function outside(out, side, places) {
  return item(out ? "Let the bot in again" : "Kick the bot", `${side}-kick`, () => act("trouble.kick", { side, place: places()[side], on: !out }), out);
}
