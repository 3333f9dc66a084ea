// The page: keeps both logs as the sandbox tells it, and wires what one can click.

import { Composer, markdownField, richField } from "./composer.js";
import { discord, pinned as dcPinned, react as dcReact, tools as dcTools } from "./discord.js";
import { el, iconButton } from "./dom.js";
import { drawBar as drawPinBar, drawList as drawPinList } from "./pins.js";
import { act, see, setChanges, setHello, sides, unread, visible } from "./state.js";
import { pinned as tgPinned, react as tgReact, telegram, tools as tgTools } from "./telegram.js";
import { drawTroubles } from "./troubles.js";

const NEAR_PX = 120;
const TYPING_MS = 6000;
const RETRY_MS = 800;

const chats = {
  telegram: { look: telegram, tools: tgTools, react: tgReact, pinned: tgPinned, drawPins: drawPinBar, composer: new Composer("telegram", richField()) },
  discord: { look: discord, tools: dcTools, react: dcReact, pinned: dcPinned, drawPins: drawPinList, composer: new Composer("discord", markdownField()) },
};

for (const [name, chat] of Object.entries(chats)) {
  chat.pane = document.getElementById(name);
  chat.log = chat.pane.querySelector(".log");
  chat.latest = chat.pane.querySelector(".latest");
  chat.nodes = new Map();
  chat.pane.querySelector(".foot").append(el("p", { class: "typing", "aria-live": "polite" }), chat.composer.root);
  chat.latest.addEventListener("click", () => toEnd(chat));
  chat.log.addEventListener("scroll", () => { chat.latest.hidden = nearEnd(chat); });
  chat.log.addEventListener("load", () => { if (chat.sticky) toEnd(chat); }, true); // a picture grew the log
  chat.pins = chat.pane.querySelector(".pins");
  chat.pane.addEventListener("click", jump);
  chat.log.addEventListener("jump", (event) => flash(event.target));
  new ResizeObserver(() => { if (chat.sticky) toEnd(chat); }).observe(chat.log);
}

// -- drawing -----------------------------------------------------------------------------------

function draw(name) {
  const chat = chats[name];
  chat.sticky = nearEnd(chat);
  const all = visible(name);
  const entries = chat.look.fold?.(all) ?? all;
  const kept = new Map();
  const nodes = [];
  let dayBefore = null;
  entries.forEach((entry, index) => {
    const today = chat.look.divider(entry);
    if (today !== dayBefore) nodes.push(...once(chat, kept, `day ${today}`, today, () => el("div", { class: "day" }, el("span", {}, today))));
    const above = entries[index - 1];
    const below = entries[index + 1];
    const first = !above || today !== dayBefore || !chat.look.group(above, entry);
    const last = !below || !chat.look.group(entry, below);
    dayBefore = today;
    const sign = JSON.stringify([entry, first, last, sides[name].person]);
    nodes.push(...once(chat, kept, entry.key, sign, () => chat.look.render(entry, { first, last, tools: toolbar(name, entry) })));
  });
  if (!entries.length) nodes.push(el("div", { class: "day" }, el("span", {}, "Nothing here yet")));
  chat.nodes = kept;
  place(chat.log, nodes);
  if (chat.sticky) toEnd(chat);
  chat.latest.hidden = nearEnd(chat);
  for (const entry of all) see(name, entry);
  drawBadges(name);
  chat.drawPins(chat.pins, chat.pinned(all));
}

/** Mark the rooms, and the people, that have something unread. */
function drawBadges(name) {
  const { pane } = chats[name];
  const { person } = sides[name];
  for (const button of pane.querySelectorAll(".rooms button")) button.classList.toggle("unread", unread(name, button.dataset.place, person));
  for (const button of pane.querySelectorAll(".people button")) button.classList.toggle("unread", button.dataset.person !== person && unread(name, "private", button.dataset.person));
}

/** The node of before where nothing changed: what one hovers or plays stays as it is. */
function once(chat, kept, key, sign, make) {
  const old = chat.nodes.get(key);
  const now = old?.sign === sign ? old : { sign, node: make() };
  kept.set(key, now);
  return [now.node];
}

function place(log, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...log.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (log.children[index] !== node) log.insertBefore(node, log.children[index] ?? null);
  });
}

const nearEnd = ({ log }) => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;

function toEnd(chat) {
  chat.log.scrollTop = chat.log.scrollHeight;
  chat.sticky = true;
}

function toolbar(name, entry) {
  const chat = chats[name];
  const choose = popup("choose", "Reactions", chat.look.emoji.map((emoji) =>
    el("button", { type: "button", "aria-label": `React with ${emoji}`, data: { testid: "emoji", emoji }, on: { click: () => { choose.hidden = true; chat.react(entry, emoji); } } }, emoji)));
  const rooms = popup("rooms-menu", "Forward to", sides[name].hello.places.map((place) =>
    el("button", { type: "button", data: { testid: "forward-to", place: place.key }, on: { click: () => { rooms.hidden = true; forward(name, entry, place.key); } } }, name === "discord" ? `#${place.title}` : place.title)));
  const toggle = (one, other) => { other.hidden = true; one.hidden = !one.hidden; };
  const node = el("div", { class: "tools", role: "toolbar", "aria-label": "Message" }, choose, rooms,
    iconButton("react", "React", "react", () => toggle(choose, rooms)),
    iconButton("forward", "Forward", "forward", () => toggle(rooms, choose)),
    chat.tools(entry, chat.composer));
  node.addEventListener("focusout", (event) => { if (!node.contains(event.relatedTarget)) choose.hidden = rooms.hidden = true; });
  return node;
}

const popup = (kind, label, children) => el("div", { class: kind, role: "group", "aria-label": label, hidden: true }, children);

/** Pass a message on to a room of the same side. */
function forward(name, entry, place) {
  return act(`${name}.forward`, { user: sides[name].person, place, room: entry.message.channel_id ?? entry.message.chat.id, message: entry.id });
}

function jump(event) {
  const id = event.target.closest("[data-jump]")?.dataset.jump;
  const found = id && document.querySelector(`.log [data-key="${id}"]`);
  if (!found) return;
  event.preventDefault();
  flash(found);
}

function flash(node) {
  document.querySelector('.log [aria-current]')?.removeAttribute("aria-current");
  node.setAttribute("aria-current", "true");
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.add("flash");
  node.addEventListener("animationend", () => node.classList.remove("flash"), { once: true });
}

// -- heads and rooms ---------------------------------------------------------------------------

function drawHead(name) {
  const { hello, place } = sides[name];
  const chat = chats[name];
  const bot = hello.bot.first_name ?? hello.bot.username;
  const title = place === "private" ? bot : hello.places.find((one) => one.key === place).title;
  chat.pane.querySelector(".title").textContent = title;
  const others = place === "private" ? "bot" : name === "telegram" ? `${hello.people.length + 1} members` : hello.guild;
  chat.pane.querySelector(".subtitle").textContent = others;
  if (name === "telegram") drawPhoto(chat, place, title);
  const rooms = [...hello.places, { key: "private", title: bot }];
  chat.pane.querySelector(".rooms").replaceChildren(...rooms.map((room) => el("button", {
    type: "button", "aria-pressed": String(room.key === place), data: { testid: `${name}-room`, place: room.key }, on: { click: () => open(name, room.key) },
  }, name === "discord" ? `${room.key === "private" ? "@" : "#"}${room.title}` : room.title)));
}

function drawPhoto(chat, place, title) {
  const node = chat.pane.querySelector(".tg-photo");
  node.replaceChildren(title[0]);
  if (place === "private") node.append(el("img", { src: "/portrait/gourd.png", alt: "" }));
}

function open(name, place) {
  sides[name].place = place;
  chats[name].composer.reset();
  redraw(name);
  toEnd(chats[name]);
}

function redraw(name) {
  drawHead(name);
  chats[name].composer.drawPeople(() => redraw(name));
  draw(name);
}

// -- the bar -----------------------------------------------------------------------------------

function drawBar(bar) {
  const health = document.querySelector(".health");
  const { running, ready, restarts = 0, detail = "" } = bar.daemon;
  const state = ready ? "ready" : running ? "busy" : "off";
  const words = { ready: "Bridge connected", busy: detail || "Bridge not ready", off: detail || "No bridge runs" }[state];
  health.dataset.state = state;
  health.querySelector(".words").textContent = restarts && ready ? `${words} · restarted ${restarts}×` : words;
  const play = document.querySelector('[data-do="demo.play"]');
  play.disabled = Boolean(bar.daemon.playing);
  play.querySelector("span").textContent = play.disabled ? "Playing…" : "Play the demo";
  drawTroubles(bar, () => ({ telegram: sides.telegram.place, discord: sides.discord.place }));
}

function drawTyping(news) {
  const line = chats[news.side].pane.querySelector(".typing");
  if (news.place !== sides[news.side].place || news.user === sides[news.side].person) return;
  line.replaceChildren(el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), el("b", {}, news.name), " is typing…");
  clearTimeout(line.timer);
  line.timer = setTimeout(() => line.replaceChildren(), TYPING_MS);
}

function toast(text) {
  const node = el("div", { class: "toast" }, text, iconButton("close", "Close", "close-toast", () => node.remove()));
  document.querySelector(".toasts").append(node);
  setTimeout(() => node.remove(), 7000);
}

document.addEventListener("problem", (event) => toast(event.detail));
document.addEventListener("redraw", (event) => draw(event.detail));
document.addEventListener("click", (event) => {
  const name = event.target.closest("[data-do]")?.dataset.do;
  if (name) act(name, {}).then((well) => { if (well) for (const side of ["telegram", "discord"]) open(side, "main"); });
  for (const menu of document.querySelectorAll("details.menu[open], details.pins[open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
});
for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => {
    document.body.dataset.pane = tab.dataset.pane;
    for (const other of document.querySelectorAll(".tabs button")) other.setAttribute("aria-pressed", String(other === tab));
    toEnd(chats[tab.dataset.pane]);
  });
}

// -- what the sandbox tells --------------------------------------------------------------------

function hear(news) {
  if (news.kind === "hello") {
    setHello(news);
    redraw("telegram");
    redraw("discord");
    document.body.dataset.connected = "yes";
  } else if (news.kind === "changes") {
    if (news.put.some((entry) => !sides[news.side].entries.has(entry.key))) chats[news.side].pane.querySelector(".typing").replaceChildren();
    setChanges(news);
    draw(news.side);
    if (news.first) toEnd(chats[news.side]);
  } else if (news.kind === "bar") drawBar(news);
  else if (news.kind === "typing") drawTyping(news);
  else if (news.kind === "toast") toast(news.text);
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    document.body.dataset.connected = "no";
    drawBar({ daemon: { running: false, ready: false, detail: "Sandbox not reachable" }, outage: {}, outside: { telegram: [] } });
    setTimeout(connect, RETRY_MS);
  });
}

document.body.dataset.pane = "telegram";
document.body.dataset.connected = "no";
connect();
