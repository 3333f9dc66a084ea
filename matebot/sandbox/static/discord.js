// Discord's side: rows of a dark log.

import { act, sides, speaker } from "./state.js";
import { bytes, clock, day, el, icon, iconButton, link, onlyEmoji } from "./dom.js";
import { render, renderLine } from "./discord_text.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "🔥", "👀", "🤔", "✅"];
const TOGETHER_MS = 7 * 60 * 1000;
const QUIET = 4096; // the message flag of a message sent silently
const REPLY = 19;

export const discord = { render: renderRow, group, divider: (entry) => day(new Date(entry.message.timestamp)), emoji: EMOJI };

const nameOf = (author) => author.global_name ?? author.username;

/** Whether two messages stand together under one name. */
function group(above, below) {
  const [a, b] = [above.message, below.message];
  return a.author.id === b.author.id && a.author.username === b.author.username && a.author.avatar === b.author.avatar
    && new Date(b.timestamp) - new Date(a.timestamp) < TOGETHER_MS
    && b.type === 0 && [0, REPLY].includes(a.type) && !above.ephemeral && !below.ephemeral;
}

/** The names that a message's mentions stand for. */
function names(message) {
  const { hello } = sides.discord;
  const users = Object.fromEntries(hello.people.map((one) => [one.id, one.name]));
  users[hello.bot.id] = hello.bot.username;
  for (const user of message.mentions ?? []) users[user.id] = nameOf(user);
  return { users, roles: hello.roles, channels: Object.fromEntries(hello.places.map((one) => [one.id, one.title])) };
}

function renderRow(entry, { first, tools }) {
  const { message } = entry;
  if (message.type === 6) return pinned(message);
  const pinged = entry.pinged.includes(sides.discord.person) || message.mention_everyone;
  const answered = message.type === REPLY ? answer(message) : message.interaction || entry.command ? used(entry) : null;
  const date = new Date(message.timestamp);
  return el("div", { class: `dc-row${first ? " first" : ""}${pinged ? " pinged" : ""}${entry.ephemeral ? " only" : ""}`, data: { testid: "discord-message", key: entry.key, text: message.content } },
    answered,
    first ? avatar(message.author) : el("time", { class: "dc-gutter" }, clock(date)),
    el("div", { class: "dc-body" },
      first ? heading(message, date) : null,
      content(entry), attachments(message), message.embeds.map((one) => embed(one, names(message))),
      buttons(entry), reactions(entry),
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
    el("span", {}, target.content ? renderLine(target.content, names(target)) : el("i", {}, "Click to see attachment")));
}

function used(entry) {
  const { interaction } = entry.message;
  const who = interaction?.user ?? sides.discord.hello.people.find((one) => one.id === entry.only);
  const name = interaction ? `/${interaction.name}` : entry.command;
  if (!who || !name) return null;
  return el("div", { class: "dc-answer" }, el("b", {}, who.global_name ?? who.name ?? who.username), " used ", el("span", { class: "dc-mention" }, name));
}

function pinned(message) {
  return el("div", { class: "dc-system" }, icon("pin"), el("b", {}, nameOf(message.author)), " pinned a message to this channel.");
}

/** A CDN address, by way of this page. */
function near(url) {
  const found = /\/cdn\/(.*)$/.exec(url);
  return found ? `/media/cdn/${found[1]}` : url;
}

function attachments(message) {
  return (message.attachments ?? []).map((one) => {
    const kind = (one.content_type ?? "").split("/")[0];
    const cover = one.filename.startsWith("SPOILER_") ? " covered" : "";
    if (kind === "image") return el("a", { class: `dc-image${cover}`, href: near(one.url), target: "_blank" }, el("img", { src: near(one.url), alt: one.description ?? one.filename }));
    if (kind === "video") return el("video", { class: `dc-image${cover}`, src: near(one.url), controls: true });
    if (kind === "audio") return el("audio", { class: "dc-audio", src: near(one.url), controls: true });
    return el("a", { class: "dc-file", href: near(one.url), download: one.filename }, icon("file"),
      el("span", {}, el("b", {}, one.filename), el("small", {}, bytes(one.size))));
  });
}

function embed(one, known) {
  const bar = one.color ? `#${one.color.toString(16).padStart(6, "0")}` : "#1e1f22";
  return el("div", { class: "dc-embed", style: { "--bar": bar } },
    one.author ? el("div", { class: "dc-embed-author" }, one.author.name) : null,
    one.title ? el("div", { class: "dc-embed-title" }, one.url ? link(one.url, renderLine(one.title, known)) : renderLine(one.title, known)) : null,
    one.description ? el("div", { class: "dc-content" }, render(one.description, known)) : null,
    (one.fields ?? []).map((field) => el("div", { class: "dc-field" }, el("b", {}, field.name), el("div", {}, render(field.value, known)))),
    one.footer ? el("small", {}, one.footer.text) : null);
}

const LOOKS = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

function buttons(entry) {
  const click = (id) => act("discord.click", { user: sides.discord.person, place: entry.place, message: entry.id, custom_id: id });
  return (entry.message.components ?? []).filter((row) => row.type === 1).map((row) => el("div", { class: "dc-buttons" }, row.components.filter((one) => one.type === 2).map((one) =>
    one.url ? link(one.url, one.label ?? one.url, { class: "dc-button secondary" })
      : el("button", { type: "button", class: `dc-button ${LOOKS[one.style] ?? "secondary"}`, disabled: one.disabled, data: { testid: "key" }, on: { click: () => click(one.custom_id) } }, one.emoji?.name ? `${one.emoji.name} ` : null, one.label ?? ""))));
}

function reactions(entry) {
  const found = entry.message.reactions ?? [];
  if (!found.length) return null;
  return el("div", { class: "dc-reactions" }, found.map(({ emoji, count }) => {
    const by = entry.reactors[emoji.id ?? emoji.name] ?? [];
    const shown = emoji.id ? el("img", { class: "dc-emoji", src: `/media/cdn/emojis/${emoji.id}.png`, alt: `:${emoji.name}:` }) : el("span", {}, emoji.name);
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
    own ? iconButton("edit", "Edit", "edit", () => composer.edit(entry)) : null,
    own || speaker("discord").admin ? iconButton("delete", "Delete", "delete", () => act("discord.delete", at)) : null,
  ];
}
