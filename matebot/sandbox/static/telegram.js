// Telegram's side: bubbles.

import { act, placeId, sides, speaker } from "./state.js";
import { bytes, clock, day, el, icon, iconButton, link, onlyEmoji } from "./dom.js";
import { render } from "./telegram_text.js";

const COLOURS = ["#d45246", "#de7d1f", "#7b6be0", "#43a047", "#1fa0ae", "#3a86d8", "#d6548f"];
const EMOJI = ["👍", "❤", "🔥", "🎉", "😁", "👏", "🤔", "😢"];
const TOGETHER_S = 600;

export const telegram = { render: renderRow, group, divider: (entry) => day(new Date(entry.message.date * 1000)), emoji: EMOJI };

const sender = (message) => message.sender_chat ?? message.from ?? message.chat;
const nameOf = (who) => who?.title ?? [who?.first_name, who?.last_name].filter(Boolean).join(" ");
const colour = (who) => COLOURS[Math.abs(who?.id ?? 0) % COLOURS.length];
const mine = (entry) => String(entry.message.from?.id) === sides.telegram.person;

/** Whether two messages stand together under one name. */
function group(above, below) {
  return !above.service && !below.service && sender(above.message)?.id === sender(below.message)?.id
    && below.message.date - above.message.date < TOGETHER_S && above.only === below.only;
}

function renderRow(entry, { first, last, tools }) {
  if (entry.service) return el("div", { class: "tg-service" }, el("span", {}, service(entry.message)));
  const out = mine(entry);
  const who = sender(entry.message);
  const bubble = el("div", { class: bubbleClass(entry, last), style: { "--name": colour(who) } },
    entry.only && entry.id < 0 ? el("div", { class: "tg-only" }, icon("eye"), "Only you can see this") : null,
    first && !out && !bare(entry.message) ? heading(entry, who) : null,
    forwarded(entry.message), reply(entry.message), media(entry.message), body(entry));
  return el("div", { class: `tg-row${out ? " out" : ""}${last ? " last" : ""}`, data: { testid: "telegram-message", key: entry.key, text: entry.message.text ?? entry.message.caption ?? "" } },
    out ? null : avatar(who, last),
    el("div", { class: "tg-column" }, bubble, keyboard(entry)),
    entry.id > 0 ? tools : null);
}

function bubbleClass(entry, last) {
  const { message } = entry;
  const visual = message.photo || message.video || message.animation || message.sticker;
  return `tg-bubble${last ? " tail" : ""}${visual ? " visual" : ""}${bare(message) ? " bare" : ""}`;
}

/** What stands on the wallpaper without a bubble. */
const bare = (message) => message.sticker || (message.text && onlyEmoji(message.text) && !message.reply_to_message);

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
  const text = message.quote?.text ?? target.text ?? target.caption ?? kindOf(target) ?? "Message";
  const entities = message.quote ? message.quote.entities : target.entities ?? target.caption_entities;
  const go = () => document.querySelector(`#telegram [data-key="${target.chat?.id}:${target.message_id}"]`)?.dispatchEvent(new CustomEvent("jump", { bubbles: true }));
  return el("button", { type: "button", class: `tg-reply${message.quote ? " quote" : ""}`, style: { "--name": colour(who) }, data: { testid: "reply" }, on: { click: go } },
    el("b", {}, nameOf(who)), el("span", {}, render(text, message.quote || target.text || target.caption ? entities ?? [] : [])));
}

const KINDS = { photo: "Photo", video: "Video", animation: "GIF", sticker: "Sticker", voice: "Voice message", video_note: "Video message", audio: "Music", document: "File", poll: "Poll", location: "Location", contact: "Contact", dice: "Dice" };

function kindOf(message) {
  const kind = Object.keys(KINDS).find((one) => message[one]);
  return kind ? message[kind].file_name ?? KINDS[kind] : null;
}

function media(message) {
  const url = (file) => `/media/telegram/${encodeURIComponent(file.file_id)}`;
  const cover = message.has_media_spoiler ? " covered" : "";
  if (message.photo) {
    const biggest = message.photo[message.photo.length - 1];
    return el("a", { class: `tg-photo-box${cover}`, href: url(biggest), target: "_blank", style: { "--ratio": `${biggest.width} / ${biggest.height}` } }, el("img", { src: url(biggest), alt: "Photo" }));
  }
  if (message.sticker) return el("img", { class: "tg-sticker", src: url(message.sticker), alt: `Sticker ${message.sticker.emoji ?? ""}` });
  if (message.video ?? message.animation ?? message.video_note) {
    const file = message.video ?? message.animation ?? message.video_note;
    return el("video", { class: `tg-video${cover}`, src: url(file), controls: !message.animation, loop: Boolean(message.animation), muted: true });
  }
  if (message.audio ?? message.voice) return el("audio", { class: "tg-audio", src: url(message.audio ?? message.voice), controls: true });
  if (message.document) {
    return el("a", { class: "tg-file", href: url(message.document), download: message.document.file_name ?? true },
      el("span", { class: "tg-file-icon" }, icon("file")),
      el("span", {}, el("b", {}, message.document.file_name ?? "File"), el("small", {}, bytes(message.document.file_size))));
  }
  return null;
}

function body(entry) {
  const { message } = entry;
  const text = message.text ?? message.caption;
  const known = text !== undefined || kindOf(message);
  return el("div", { class: "tg-text", data: { testid: "text" }, dir: "auto" },
    text !== undefined ? render(text, message.entities ?? message.caption_entities) : null,
    known ? null : el("i", {}, "A kind of message that this page does not draw"),
    entry.reactions.length ? el("div", { class: "tg-bottom" }, reactions(entry), meta(entry)) : meta(entry));
}

function meta(entry) {
  const { message, pinned } = entry;
  const date = new Date(message.date * 1000);
  return el("span", { class: "tg-meta", title: date.toLocaleString() },
    pinned ? icon("pin") : null, message.edit_date ? el("span", { data: { testid: "edited" } }, "edited ") : null,
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

function keyboard(entry) {
  const rows = entry.message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const press = (data) => act("telegram.press", { user: sides.telegram.person, room: entry.message.chat.id, message: entry.id, data });
  return el("div", { class: "tg-keyboard" }, rows.map((row) => el("div", {}, row.map((button) =>
    button.url ? link(button.url, button.text, { class: "tg-key" })
      : el("button", { type: "button", class: "tg-key", data: { testid: "key" }, on: { click: () => press(button.callback_data) } }, button.text)))));
}

function service(message) {
  const who = nameOf(message.from);
  const names = (users) => users.map(nameOf).join(", ");
  if (message.new_chat_members) {
    const self = message.new_chat_members.every((one) => one.id === message.from?.id);
    return self ? `${who} joined the group` : `${who} added ${names(message.new_chat_members)}`;
  }
  if (message.left_chat_member) return message.left_chat_member.id === message.from?.id ? `${who} left the group` : `${who} removed ${nameOf(message.left_chat_member)}`;
  if (message.new_chat_title) return `${who} changed the group name to “${message.new_chat_title}”`;
  if (message.pinned_message) return `${who} pinned “${(message.pinned_message.text ?? message.pinned_message.caption ?? kindOf(message.pinned_message) ?? "a message").slice(0, 40)}”`;
  if (message.migrate_to_chat_id) return "The group became a supergroup";
  if (message.migrate_from_chat_id) return "This supergroup was a basic group before";
  if (message.forum_topic_created) return `${who} created the topic “${message.forum_topic_created.name}”`;
  return "Something changed in the group";
}

/** What one may do with a message, for its toolbar. */
export function tools(entry, composer) {
  const own = mine(entry);
  const admin = speaker("telegram").admin || entry.place === "private";
  const at = { room: entry.message.chat.id ?? placeId("telegram"), message: entry.id };
  return [
    iconButton("reply", "Reply", "reply-to", () => composer.reply(entry, nameOf(sender(entry.message)))),
    own && (entry.message.text !== undefined || entry.message.caption !== undefined) ? iconButton("edit", "Edit", "edit", () => composer.edit(entry)) : null,
    own || admin ? iconButton("delete", "Delete", "delete", () => act("telegram.delete", at)) : null,
  ];
}
