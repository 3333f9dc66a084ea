// Telegram's side: bubbles.

import { act, placeId, sides, speaker } from "./state.js";
import { clock, day, el, icon, iconButton } from "./dom.js";
import { bare, keyboard, kindOf, known, media, nameOf, plainOf, service, thing } from "./telegram_parts.js";
import { plainRich, renderRich } from "./telegram_rich.js";
import { render } from "./telegram_text.js";

const COLOURS = ["#d45246", "#de7d1f", "#7b6be0", "#43a047", "#1fa0ae", "#3a86d8", "#d6548f"];
const EMOJI = ["👍", "❤", "🔥", "🎉", "😁", "👏", "🤔", "😢"];
const TOGETHER_S = 600;

export const telegram = { render: renderRow, group, fold, divider: (entry) => day(new Date(entry.message.date * 1000)), emoji: EMOJI };

/** The pinned messages of a room, the last one first, as its pinned list shows them. */
export const pinned = (entries) => entries.filter((entry) => entry.pinned !== null).sort((a, b) => b.pinned - a.pinned)
  .map((entry) => ({ entry, text: plainOf(entry.message) }));

const sender = (message) => message.sender_chat ?? message.from ?? message.chat;
const colour = (who) => COLOURS[Math.abs(who?.id ?? 0) % COLOURS.length];
const mine = (entry) => String(entry.message.from?.id) === sides.telegram.person;

/** Parts of an album are one message to whoever looks at them, with the caption of any of them. */
function fold(entries) {
  const albums = new Map();
  return entries.filter((entry) => {
    const album = entry.message.media_group_id;
    if (!album) return true;
    const id = `${entry.message.chat.id} ${album}`;
    albums.set(id, [...(albums.get(id) ?? []), entry]);
    return albums.get(id).length === 1;
  }).map((entry) => {
    const parts = albums.get(`${entry.message.chat.id} ${entry.message.media_group_id}`);
    if (!parts) return entry;
    const words = (parts.find((part) => part.message.caption) ?? entry).message;
    const { caption, caption_entities, show_caption_above_media } = words;
    return { ...entry, album: parts, reactions: parts.flatMap((part) => part.reactions), message: { ...entry.message, caption, caption_entities, show_caption_above_media } };
  });
}

/** Whether two messages stand together under one name. */
function group(above, below) {
  return !above.service && !below.service && sender(above.message)?.id === sender(below.message)?.id
    && below.message.date - above.message.date < TOGETHER_S && above.only === below.only;
}

function renderRow(entry, { first, last, tools }) {
  if (entry.service) return serviceLine(entry.message);
  const out = mine(entry);
  const who = sender(entry.message);
  const bubble = el("div", { class: bubbleClass(entry, last), style: { "--name": colour(who) } },
    entry.only && entry.id < 0 ? el("div", { class: "tg-only" }, icon("eye"), "Only you can see this") : null,
    first && !out && !bare(entry.message) ? heading(entry, who) : null,
    forwarded(entry.message), reply(entry.message),
    entry.message.show_caption_above_media ? [body(entry), media(entry)] : [media(entry), thing(entry), body(entry)]);
  return el("div", { class: `tg-row${out ? " out" : ""}${last ? " last" : ""}`, data: { testid: "telegram-message", key: entry.key, text: plainOf(entry.message) } },
    out ? null : avatar(who, last),
    el("div", { class: "tg-column" }, bubble, keyboard(entry)),
    entry.id > 0 ? tools : null);
}

function serviceLine(message) {
  const pin = message.pinned_message;
  const line = pin ? el("button", { type: "button", data: { jump: `${message.chat.id}:${pin.message_id}` } }, service(message)) : el("span", {}, service(message));
  return el("div", { class: "tg-service", data: { testid: "notice" } }, line);
}

function bubbleClass(entry, last) {
  const { message } = entry;
  const visual = message.photo || message.video || message.animation || message.sticker || message.paid_media;
  return `tg-bubble${last ? " tail" : ""}${visual ? " visual" : ""}${bare(message) ? " bare" : ""}`;
}

function avatar(who, shown) {
  if (!shown) return el("span", { class: "tg-avatar gap" });
  const letter = el("span", { class: "tg-avatar", style: { "--name": colour(who) }, "aria-hidden": "true" }, [...nameOf(who)][0] ?? "?");
  const image = el("img", { src: `/media/telegram-avatar/${who.id}`, alt: "", on: { error: () => image.remove() } });
  letter.append(image);
  return letter;
}

function heading(entry, who) {
  const person = sides.telegram.hello.people.find((one) => one.id === String(who.id));
  const tag = entry.own ? "bot" : person?.admin ? "owner" : null;
  return el("div", { class: "tg-name" }, el("span", { data: { testid: "author" } }, nameOf(who)), tag ? el("small", {}, tag) : null);
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user_name ?? nameOf(origin.sender_user ?? origin.sender_chat ?? origin.chat);
  return el("div", { class: "tg-forward" }, "Forwarded from ", el("b", {}, name));
}

function reply(message) {
  const target = message.reply_to_message ?? message.external_reply;
  if (!target) return null;
  const who = message.reply_to_message ? sender(target) : target.origin?.sender_user ?? target.chat;
  const text = message.quote?.text ?? target.text ?? target.caption ?? (target.rich_message ? plainRich(target.rich_message) : kindOf(target) ?? "Message");
  const entities = message.quote ? message.quote.entities : target.entities ?? target.caption_entities;
  const go = () => document.querySelector(`#telegram [data-key="${target.chat?.id}:${target.message_id}"]`)?.dispatchEvent(new CustomEvent("jump", { bubbles: true }));
  return el("button", { type: "button", class: `tg-reply${message.quote ? " quote" : ""}`, style: { "--name": colour(who) }, data: { testid: "reply" }, on: { click: go } },
    el("b", {}, nameOf(who)), el("span", {}, render(text, message.quote || target.text || target.caption ? entities ?? [] : [])));
}

function body(entry) {
  const { message } = entry;
  const text = message.text ?? message.caption;
  return el("div", { class: "tg-text", data: { testid: "text" }, dir: "auto" },
    text !== undefined ? render(text, message.entities ?? message.caption_entities) : null,
    message.rich_message ? renderRich(message.rich_message) : null,
    known(message) ? null : el("i", {}, "A kind of message that this page does not draw"),
    entry.reactions.length ? el("div", { class: "tg-bottom" }, reactions(entry), meta(entry)) : meta(entry));
}

function meta(entry) {
  const { message } = entry;
  const date = new Date(message.date * 1000);
  return el("span", { class: "tg-meta", title: date.toLocaleString() },
    entry.pinned === null ? null : icon("pin"), message.edit_date ? el("span", { data: { testid: "edited" } }, "edited ") : null,
    clock(date), mine(entry) ? el("span", { class: "tg-checks", "aria-label": "read" }, "✓✓") : null);
}

function reactions(entry) {
  const byEmoji = new Map();
  for (const { emoji, user } of entry.reactions) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), user]);
  return el("div", { class: "tg-reactions" }, [...byEmoji].map(([emoji, users]) =>
    el("button", { type: "button", class: "tg-reaction", "aria-pressed": String(users.includes(sides.telegram.person)), data: { testid: "reaction" }, on: { click: () => react(entry, emoji) } },
      el("span", {}, emoji), users.length > 1 ? el("small", {}, String(users.length)) : users.map(face))));
}

function face(user) {
  const image = el("img", { src: `/media/telegram-avatar/${user}`, alt: "", on: { error: () => image.remove() } });
  return image;
}

/** Set or take back the one reaction that a person has. */
export function react(entry, emoji) {
  const has = entry.reactions.some((one) => one.user === sides.telegram.person && one.emoji === emoji);
  return act("telegram.react", { user: sides.telegram.person, room: entry.message.chat.id, message: entry.id, emoji: has ? [] : [emoji] });
}

/** What one may do with a message, for its toolbar. */
export function tools(entry, composer) {
  const own = mine(entry);
  const admin = speaker("telegram").admin || entry.place === "private";
  const at = { room: entry.message.chat.id ?? placeId("telegram"), message: entry.id };
  return [
    iconButton("reply", "Reply", "reply-to", () => composer.reply(entry, nameOf(sender(entry.message)))),
    own && (entry.message.text !== undefined || entry.message.caption !== undefined) ? iconButton("edit", "Edit", "edit", () => composer.edit(entry)) : null,
    admin && entry.place !== "private" ? iconButton("pin", entry.pinned === null ? "Pin" : "Unpin", "pin", () => act("telegram.pin", { ...at, user: sides.telegram.person, on: entry.pinned === null })) : null,
    own && entry.message.poll && !entry.message.poll.is_closed ? iconButton("poll", "End the poll", "end-poll", () => act("telegram.end", at)) : null,
    own || admin ? iconButton("delete", "Delete", "delete", () => act("telegram.delete", at)) : null,
  ];
}
