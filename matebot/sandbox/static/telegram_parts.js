// What a Telegram message carries besides its text: files, places, polls, keyboards, notices.

import { bytes, el, icon, link, onlyEmoji } from "./dom.js";
import { cover, film, picture, round, sound, voice } from "./media.js";
import { act, sides } from "./state.js";
import { plainRich } from "./telegram_rich.js";
import { render } from "./telegram_text.js";

export const nameOf = (who) => who?.title ?? ([who?.first_name, who?.last_name].filter(Boolean).join(" ") || "Deleted Account");

const KINDS = {
  photo: "🖼 Photo", video: "🎞 Video", animation: "GIF", sticker: "Sticker", voice: "🎤 Voice message", video_note: "Video message", audio: "🎵 Music", document: "File", paid_media: "⭐ Paid media",
  poll: "📊 Poll", venue: "📍 Venue", location: "📍 Location", contact: "👤 Contact", dice: "🎲 Dice", game: "🎮 Game", story: "Story", checklist: "☑ Checklist", invoice: "Invoice",
};

/** What a message without words is called. */
export function kindOf(message) {
  const kind = Object.keys(KINDS).find((one) => message[one]);
  if (!kind) return null;
  return message[kind].file_name ?? (kind === "poll" ? `📊 ${message.poll.question}` : KINDS[kind]);
}

/** The words of a message, where only words can stand. */
export const plainOf = (message) => message.text ?? message.caption ?? (message.rich_message ? plainRich(message.rich_message) : kindOf(message) ?? "a message");

const file = (one) => `/media/telegram/${encodeURIComponent(one.file_id)}`;

/** Pictures, players, files; null where there are none. */
export function media(entry) {
  if (entry.album) return album(entry.album);
  const { message } = entry;
  return message.paid_media ? paid(message.paid_media) : one(message);
}

/** The parts of an album: pictures in a grid, files one below the other. */
function album(parts) {
  const visual = parts.some((part) => part.message.photo || part.message.video);
  return el("div", { class: visual ? "tg-grid" : "tg-files", data: { testid: "album", parts: parts.length } },
    parts.map((part) => el("div", { data: { key: part.key } }, one(part.message))));
}

function one(message) {
  const covered = Boolean(message.has_media_spoiler);
  if (message.live_photo) return cover(film(file(message.live_photo), "tg-video", { quiet: true }), covered);
  if (message.photo) return cover(photo(message.photo), covered);
  if (message.sticker) return sticker(message.sticker);
  if (message.video_note) return round(file(message.video_note));
  if (message.animation) return cover(film(file(message.animation), "tg-video", { quiet: true }), covered);
  if (message.video) return cover(film(file(message.video), "tg-video"), covered);
  if (message.voice) return voice(file(message.voice), message.voice.duration);
  if (message.audio) return sound(file(message.audio), [message.audio.performer, message.audio.title].filter(Boolean).join(" – ") || message.audio.file_name);
  if (message.document) return card(el("span", {}, icon("file")), message.document.file_name ?? "File", bytes(message.document.file_size), file(message.document));
  return null;
}

function photo(sizes) {
  const biggest = sizes[sizes.length - 1];
  return picture(file(biggest), "Photo", { className: "tg-photo-box", style: { "--ratio": `${biggest.width} / ${biggest.height}` } });
}

function sticker(what) {
  if (what.is_video) return film(file(what), "tg-sticker", { quiet: true });
  return el("img", { class: "tg-sticker", src: file(what), alt: `Sticker ${what.emoji ?? ""}` });
}

function paid({ star_count: stars, paid_media: items }) {
  return el("div", { class: "tg-grid" }, items.map((item) =>
    item.type === "preview" ? el("div", { class: "tg-locked" }, `⭐ ${stars}`) : one({ [item.type]: item[item.type] })));
}

function card(sign, title, below, href = null) {
  const inside = [el("span", { class: "tg-file-icon" }, sign), el("span", {}, el("b", {}, title), el("small", {}, below))];
  return href ? el("a", { class: "tg-file", href, download: true }, inside) : el("div", { class: "tg-file" }, inside);
}

/** Places, people, dice, polls, checklists: what is no file. */
export function thing(entry) {
  const { message } = entry;
  if (message.poll) return poll(entry);
  if (message.location) {
    const { latitude, longitude } = message.location;
    return card(icon("place"), message.venue?.title ?? (message.location.live_period ? "Live location" : "Location"), message.venue?.address ?? `${latitude}, ${longitude}`);
  }
  if (message.contact) return card("👤", nameOf(message.contact), message.contact.phone_number);
  if (message.dice) return el("div", { class: "tg-dice", title: `${message.dice.value}` }, message.dice.emoji, el("small", {}, ` ${message.dice.value}`));
  if (message.checklist) {
    return el("div", { class: "tg-poll" }, el("b", {}, message.checklist.title), message.checklist.tasks.map((task) => el("div", {}, task.completion_date ? "☑ " : "☐ ", task.text)));
  }
  return null;
}

/** Whether this page has a way to show a message. */
export const known = (message) => Boolean(message.text ?? message.caption ?? message.rich_message ?? kindOf(message));

/** What stands on the wallpaper without a bubble. */
export const bare = (message) => message.sticker || message.video_note || (message.text && onlyEmoji(message.text) && !message.reply_to_message && !message.forward_origin);

function poll(entry) {
  const { poll: asked } = entry.message;
  const { person } = sides.telegram;
  const over = asked.is_closed;
  const { total, count, chosen } = figures(entry.votes, person, asked, over);
  const shown = over || chosen.length > 0;
  const kind = over ? "Final results" : asked.type === "quiz" ? "Quiz" : asked.is_anonymous ? "Anonymous poll" : "Poll";
  return el("div", { class: "tg-poll", data: { testid: "poll" } },
    asked.description ? el("div", { class: "tg-said" }, render(asked.description, asked.description_entities)) : null,
    el("b", {}, asked.question), el("small", {}, kind, asked.allows_multiple_answers ? " · several answers" : ""),
    asked.options.map((option, number) => {
      const share = total ? Math.round((100 * count(number)) / total) : 0;
      return el("button", { type: "button", class: "tg-option", disabled: over, "aria-pressed": String(chosen.includes(number)), data: { testid: "option" }, style: { "--share": `${shown ? share : 0}%` }, on: { click: () => choose(entry, number, chosen) } },
        el("i", {}, shown ? `${share}%` : ""), el("span", {}, option.text));
    }),
    el("small", { class: "total" }, total === 1 ? "1 vote" : `${total} votes`));
}

/** What people see: while a poll is open, each vote as it is; then the final figures. */
function figures(votes, person, asked, over) {
  const every = Object.values(votes);
  if (over) return { total: asked.total_voter_count, count: (number) => asked.options[number].voter_count, chosen: votes[person] ?? [] };
  return { total: every.length, count: (number) => every.filter((one) => one.includes(number)).length, chosen: votes[person] ?? [] };
}

function choose(entry, number, chosen) {
  const others = entry.message.poll.allows_multiple_answers ? chosen.filter((one) => one !== number) : [];
  const options = chosen.includes(number) ? others : [...others, number];
  return act("telegram.vote", { user: sides.telegram.person, room: entry.message.chat.id, message: entry.id, options });
}

/** The buttons below a message. */
export function keyboard(entry) {
  const rows = entry.message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const press = (data) => act("telegram.press", { user: sides.telegram.person, room: entry.message.chat.id, message: entry.id, data });
  return el("div", { class: "tg-keyboard" }, rows.map((row) => el("div", {}, row.map((button) =>
    button.url ? link(button.url, button.text, { class: "tg-key" })
      : el("button", { type: "button", class: "tg-key", data: { testid: "key" }, on: { click: () => press(button.callback_data) } }, button.text)))));
}

/** What a service message says. */
export function service(message) {
  const who = nameOf(message.from);
  const names = (users) => users.map(nameOf).join(", ");
  if (message.new_chat_members) {
    const self = message.new_chat_members.every((one) => one.id === message.from?.id);
    return self ? `${who} joined the group` : `${who} added ${names(message.new_chat_members)}`;
  }
  if (message.left_chat_member) return message.left_chat_member.id === message.from?.id ? `${who} left the group` : `${who} removed ${nameOf(message.left_chat_member)}`;
  if (message.new_chat_title) return `${who} changed the group name to “${message.new_chat_title}”`;
  if (message.pinned_message) return `${who} pinned “${shortened(plainOf(message.pinned_message), 40)}”`;
  if (message.migrate_to_chat_id) return "The group became a supergroup";
  if (message.migrate_from_chat_id) return "This supergroup was a basic group before";
  if (message.forum_topic_created) return `${who} created the topic “${message.forum_topic_created.name}”`;
  return "Something changed in the group";
}

function shortened(text, most) {
  const letters = [...text.replace(/\s+/g, " ")];
  return letters.length > most ? `${letters.slice(0, most).join("")}…` : letters.join("");
}
