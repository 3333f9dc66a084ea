// Discord's side: rows of a dark log.

import { act, sides, speaker } from "./state.js";
import { attachments, components, embeds, forwarded, nameOf, names, notice, plainOf, poll, stickers } from "./discord_parts.js";
import { clock, customEmoji, day, el, icon, iconButton, onlyEmoji } from "./dom.js";
import { render, renderLine } from "./discord_text.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "🔥", "👀", "🤔", "✅"];
const TOGETHER_MS = 7 * 60 * 1000;
const QUIET = 4096; // the message flag of a message sent silently
const REPLY = 19;

export const discord = { render: renderRow, group, divider: (entry) => day(new Date(entry.message.timestamp)), emoji: EMOJI };

/** The pinned messages of a room, the last one first. */
export const pinned = (entries) => entries.filter((entry) => entry.message.pinned).reverse()
  .map((entry) => ({ entry, text: plainOf(entry.message) }));

/** Whether two messages stand together under one name. */
function group(above, below) {
  const [a, b] = [above.message, below.message];
  return a.author.id === b.author.id && a.author.username === b.author.username && a.author.avatar === b.author.avatar
    && new Date(b.timestamp) - new Date(a.timestamp) < TOGETHER_MS
    && b.type === 0 && [0, REPLY].includes(a.type) && !above.ephemeral && !below.ephemeral;
}

function renderRow(entry, { first, tools }) {
  const { message } = entry;
  const said = notice(message);
  if (said) return said;
  const pinged = entry.pinged.includes(sides.discord.person) || message.mention_everyone;
  const answered = message.type === REPLY ? answer(message) : message.interaction || entry.command ? used(entry) : null;
  const date = new Date(message.timestamp);
  return el("div", { class: `dc-row${first ? " first" : ""}${pinged ? " pinged" : ""}${entry.ephemeral ? " only" : ""}`, data: { testid: "discord-message", key: entry.key, text: message.content } },
    answered,
    first ? avatar(message.author) : el("time", { class: "dc-gutter" }, clock(date)),
    el("div", { class: "dc-body" },
      first ? heading(message, date) : null,
      content(entry), forwarded(message), poll(entry), attachments(message), stickers(message), embeds(message),
      components(entry), reactions(entry),
      entry.ephemeral ? el("div", { class: "dc-dismiss" }, icon("eye"), "Only you can see this • ", el("button", { type: "button", on: { click: () => dismiss(entry) } }, "Dismiss message")) : null),
    entry.ephemeral ? null : tools);
}

function dismiss(entry) {
  sides.discord.hidden.add(entry.key);
  document.dispatchEvent(new CustomEvent("redraw", { detail: "discord" }));
}

function avatar(author) {
  const fallback = `/media/cdn/embed/avatars/${Number(BigInt(author.id) >> 22n) % 6}.png`;
  const src = author.avatar ? `/media/cdn/avatars/${author.id}/${author.avatar}.png?size=80` : fallback;
  const image = el("img", { class: "dc-avatar", src, alt: "", on: { error: () => { if (!image.src.endsWith(fallback)) image.src = fallback; } } });
  return image;
}

function heading(message, date) {
  return el("div", { class: "dc-head-line" },
    el("span", { class: "dc-name", data: { testid: "author" } }, nameOf(message.author)),
    message.author.bot ? el("span", { class: "dc-app" }, "APP") : null,
    el("time", { datetime: date.toISOString(), title: date.toLocaleString() }, clock(date)),
    message.flags & QUIET ? el("span", { class: "dc-quiet", title: "Sent silently" }, "🔕") : null);
}

function content(entry) {
  const { message } = entry;
  if (!message.content) return null;
  const big = onlyEmoji(message.content) ? " big" : "";
  return el("div", { class: `dc-content${big}`, data: { testid: "text" } }, render(message.content, names(message)),
    message.edited_timestamp && !entry.ephemeral ? el("span", { class: "dc-edited", data: { testid: "edited" } }, " (edited)") : null);
}

function answer(message) {
  const target = message.referenced_message;
  if (!target) return el("div", { class: "dc-answer" }, el("i", {}, "Original message was deleted"));
  const small = avatar(target.author);
  return el("button", { type: "button", class: "dc-answer", data: { testid: "reply", jump: target.id } }, small,
    el("b", {}, nameOf(target.author)),
    el("span", {}, target.content ? renderLine(target.content, names(target)) : el("i", {}, target.attachments?.length ? "Click to see attachment" : plainOf(target))));
}

function used(entry) {
  const { interaction } = entry.message;
  const who = interaction?.user ?? sides.discord.hello.people.find((one) => one.id === entry.only);
  const name = interaction ? `/${interaction.name}` : entry.command;
  if (!who || !name) return null;
  return el("div", { class: "dc-answer" }, el("b", {}, who.global_name ?? who.name ?? who.username), " used ", el("span", { class: "dc-mention" }, name));
}

function reactions(entry) {
  const found = entry.message.reactions ?? [];
  if (!found.length) return null;
  return el("div", { class: "dc-reactions" }, found.map(({ emoji, count }) => {
    const by = entry.reactors[emoji.id ?? emoji.name] ?? [];
    const shown = emoji.id ? customEmoji(emoji) : el("span", {}, emoji.name);
    return el("button", { type: "button", class: "dc-reaction", "aria-pressed": String(by.includes(sides.discord.person)), data: { testid: "reaction" }, on: { click: () => react(entry, emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name) } }, shown, el("small", {}, String(count)));
  }));
}

/** Set or take back a reaction. */
export function react(entry, emoji) {
  const by = entry.reactors[emoji.split(":").pop()] ?? [];
  return act("discord.react", { user: sides.discord.person, room: entry.message.channel_id, message: entry.id, emoji, on: !by.includes(sides.discord.person) });
}

/** What one may do with a message, for its toolbar. */
export function tools(entry, composer) {
  const own = entry.message.author.id === sides.discord.person;
  const at = { room: entry.message.channel_id, message: entry.id };
  return [
    iconButton("reply", "Reply", "reply-to", () => composer.reply(entry, nameOf(entry.message.author))),
    own && entry.message.poll && !entry.message.poll.results.is_finalized ? iconButton("poll", "End the poll", "end-poll", () => act("discord.end", at)) : null,
    own && !entry.message.poll ? iconButton("edit", "Edit", "edit", () => composer.edit(entry)) : null,
    speaker("discord").admin || entry.place === "private" ? iconButton("pin", entry.message.pinned ? "Unpin" : "Pin", "pin", () => act("discord.pin", { ...at, user: sides.discord.person, on: !entry.message.pinned })) : null,
    own || speaker("discord").admin ? iconButton("delete", "Delete", "delete", () => act("discord.delete", at)) : null,
  ];
}
