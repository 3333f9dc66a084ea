// The pinned messages: Telegram's bar below the head, Discord's list behind a button.

import { el, icon } from "./dom.js";

/** Draw Telegram's bar: the last pinned message, the one before it with the next click. */
export function drawBar(node, pins) {
  const sign = JSON.stringify(pins.map(({ entry, text }) => [entry.key, text]));
  if (node.dataset.sign === sign) return;
  node.dataset.sign = sign;
  node.hidden = !pins.length;
  let at = 0;
  const show = () => {
    const { entry, text } = pins[at];
    const title = pins.length > 1 ? `Pinned message #${pins.length - at}` : "Pinned message";
    node.replaceChildren(el("button", { type: "button", data: { jump: entry.key, testid: "pinned" }, on: { click: next } }, el("i", { "aria-hidden": "true" }), el("span", {}, el("b", {}, title), el("span", {}, text)), icon("pin")));
  };
  const next = () => setTimeout(() => { // after the jump, which looks at the button
    at = (at + 1) % pins.length;
    show();
  });
  if (pins.length) show();
  else node.replaceChildren();
}

/** Draw Discord's list, which its button opens. */
export function drawList(node, pins) {
  const sign = JSON.stringify(pins.map(({ entry, text }) => [entry.key, text]));
  if (node.dataset.sign === sign) return;
  node.dataset.sign = sign;
  node.classList.toggle("some", pins.length > 0);
  node.querySelector(".pin-list").replaceChildren(
    el("h3", {}, "Pinned messages"),
    ...pins.map(({ entry, text }) => el("button", { type: "button", data: { jump: entry.key, testid: "pinned" }, on: { click: () => node.removeAttribute("open") } }, el("b", {}, entry.message.author.global_name ?? entry.message.author.username), el("span", {}, text))),
    ...(pins.length ? [] : [el("p", {}, "This channel has no pinned messages… yet.")]));
}
