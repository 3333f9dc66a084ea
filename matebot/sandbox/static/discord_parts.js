// What a Discord message carries besides its text: files, embeds, components, polls, forwards.

import { bytes, clock, el, icon, link } from "./dom.js";
import { cover, film, fromBase64, picture, sound, voice } from "./media.js";
import { render, renderLine } from "./discord_text.js";
import { act, sides } from "./state.js";

export const nameOf = (author) => author.global_name ?? author.username;

/** The names that a message's mentions stand for. */
export function names(message) {
  const { hello } = sides.discord;
  const users = Object.fromEntries(hello.people.map((one) => [one.id, one.name]));
  users[hello.bot.id] = hello.bot.username;
  for (const user of message.mentions ?? []) users[user.id] = nameOf(user);
  return { users, roles: hello.roles, channels: Object.fromEntries(hello.places.map((one) => [one.id, one.title])) };
}

/** The words of a message, where only words can stand. */
export function plainOf(message) {
  const inner = message.message_snapshots?.[0]?.message;
  if (inner) return `Forwarded: ${plainOf(inner)}`;
  return message.content || (message.poll ? `📊 ${message.poll.question.text}` : message.attachments?.[0]?.filename ?? "a message");
}

/** A CDN address, by way of this page. */
function near(url) {
  const found = /\/cdn\/(.*)$/.exec(url);
  return found ? `/media/cdn/${found[1]}` : url;
}

const SPOILER = 8; // an attachment's flag
const VOICE = 8192; // a message's

export function attachments(message) {
  const every = message.attachments ?? [];
  const visual = every.filter((one) => kindOf(one) === "image" || kindOf(one) === "video");
  const others = every.filter((one) => !visual.includes(one)).map((one) => attachment(message, one));
  if (!visual.length) return others;
  const grid = el("div", { class: `dc-grid${visual.length > 1 ? " many" : ""}`, data: { testid: "album", parts: visual.length } }, visual.map((one) => attachment(message, one)));
  return [grid, ...others];
}

const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

/** As what a file is shown; pictures that no browser draws are files. */
function kindOf(one) {
  const type = (one.content_type ?? "").split(";")[0];
  return type.startsWith("image/") && !SHOWN.has(type) ? "file" : type.split("/")[0];
}

function attachment(message, one) {
  const src = near(one.url);
  const covered = one.filename.startsWith("SPOILER_") || Boolean((one.flags ?? 0) & SPOILER);
  if (message.flags & VOICE) return voice(src, one.duration_secs ?? 0, fromBase64(one.waveform ?? ""));
  switch (kindOf(one)) {
    case "image": return cover(picture(src, one.description ?? one.filename, { className: "dc-image" }), covered);
    case "video": return cover(film(src, "dc-image"), covered);
    case "audio": return sound(src, one.filename);
    default: return el("a", { class: "dc-file", href: src, download: one.filename }, icon("file"),
      el("span", {}, el("b", {}, one.filename), el("small", {}, bytes(one.size))));
  }
}

const STICKER_LOTTIE = 3;
const STICKER_GIF = 4;

export function stickers(message) {
  return (message.sticker_items ?? []).map((one) => {
    const src = one.format_type === STICKER_LOTTIE ? `/media/sticker/${one.id}` : `/media/cdn/stickers/${one.id}.${one.format_type === STICKER_GIF ? "gif" : "png"}`;
    return el("img", { class: "dc-sticker", src, alt: `Sticker: ${one.name}`, title: one.name });
  });
}

export function embeds(message) {
  return (message.embeds ?? []).map((one) => embed(one, names(message)));
}

function embed(one, known) {
  const bar = one.color ? `#${one.color.toString(16).padStart(6, "0")}` : "#1e1f22";
  const picture = (image) => (image?.url?.includes("/cdn/") ? el("img", { class: "dc-embed-image", src: near(image.url), alt: "" }) : null);
  return el("div", { class: "dc-embed", style: { "--bar": bar }, data: { testid: "embed" } },
    one.author ? el("div", { class: "dc-embed-author" }, one.author.url ? link(one.author.url, one.author.name) : one.author.name) : null,
    one.title ? el("div", { class: "dc-embed-title" }, one.url ? link(one.url, renderLine(one.title, known)) : renderLine(one.title, known)) : null,
    one.description ? el("div", { class: "dc-content" }, render(one.description, known)) : null,
    one.fields?.length ? el("div", { class: "dc-fields" }, one.fields.map((field) => el("div", { class: field.inline ? "inline" : null }, el("b", {}, renderLine(field.name, known)), el("div", { class: "dc-content" }, render(field.value, known))))) : null,
    picture(one.image) ?? picture(one.thumbnail),
    one.footer || one.timestamp ? el("small", {}, [one.footer?.text, one.timestamp ? clock(new Date(one.timestamp)) : null].filter(Boolean).join(" • ")) : null);
}

// -- components --------------------------------------------------------------------------------

const LOOKS = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };
const ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const SECTION = 9;
const TEXT = 10;
const SEPARATOR = 14;
const CONTAINER = 17;

export function components(entry) {
  return (entry.message.components ?? []).map((one) => component(entry, one));
}

function component(entry, one) {
  const inner = () => one.components.map((each) => component(entry, each));
  switch (one.type) {
    case ROW: return el("div", { class: "dc-buttons" }, inner());
    case BUTTON: return button(entry, one);
    case SELECT: return select(entry, one);
    case TEXT: return el("div", { class: "dc-content" }, render(one.content, names(entry.message)));
    case SEPARATOR: return el("hr", { class: "dc-line" });
    case CONTAINER: return el("div", { class: "dc-embed", style: { "--bar": one.accent_color ? `#${one.accent_color.toString(16).padStart(6, "0")}` : "#1e1f22" } }, inner());
    case SECTION: return el("div", { class: "dc-section" }, el("div", {}, inner()), one.accessory ? component(entry, one.accessory) : null);
    default: return null;
  }
}

const press = (entry, id, values = []) => act("discord.click", { user: sides.discord.person, place: entry.place, message: entry.id, custom_id: id, values });

function button(entry, one) {
  if (one.url) return link(one.url, one.label ?? one.url, { class: "dc-button secondary" });
  return el("button", { type: "button", class: `dc-button ${LOOKS[one.style] ?? "secondary"}`, disabled: one.disabled, data: { testid: "key" }, on: { click: () => press(entry, one.custom_id) } }, one.emoji?.name ? `${one.emoji.name} ` : null, one.label ?? "");
}

/** A menu: what is chosen is sent when it is left, at once where one thing alone can be chosen. */
function select(entry, one) {
  const many = (one.max_values ?? 1) > 1;
  const preset = one.options.some((option) => option.default);
  const node = el("select", { class: "dc-select", "aria-label": one.placeholder ?? "Choose", multiple: many, disabled: one.disabled, data: { testid: "select" } },
    many || preset ? null : el("option", { value: "", disabled: true, selected: true, hidden: true }, one.placeholder ?? "Make a selection"),
    one.options.map((option) => el("option", { value: option.value, selected: option.default }, option.emoji?.name ? `${option.emoji.name} ` : "", option.label, option.description ? ` — ${option.description}` : "")));
  node.addEventListener(many ? "blur" : "change", () => press(entry, one.custom_id, [...node.selectedOptions].map((option) => option.value)));
  return node;
}

// -- polls, forwards, notices ------------------------------------------------------------------

export function poll(entry) {
  const asked = entry.message.poll;
  if (!asked) return null;
  const over = Boolean(asked.results?.is_finalized);
  const chosen = entry.votes[sides.discord.person] ?? [];
  const count = over ? finals(asked) : (id) => Object.values(entry.votes).filter((one) => one.includes(id)).length;
  const total = asked.answers.reduce((sum, one) => sum + count(one.answer_id), 0);
  const until = new Date(asked.expiry).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  return el("div", { class: "dc-poll", data: { testid: "poll" } },
    el("b", {}, asked.question.text), el("small", {}, over ? "The poll has ended" : asked.allow_multiselect ? "Select one or more answers" : "Select one answer"),
    asked.answers.map(({ answer_id: id, poll_media: media }) => {
      const share = total ? Math.round((100 * count(id)) / total) : 0;
      return el("button", { type: "button", class: "dc-option", disabled: over, "aria-pressed": String(chosen.includes(id)), data: { testid: "option" }, style: { "--share": `${share}%` }, on: { click: () => choose(entry, id, chosen) } },
        el("span", {}, media.emoji?.name && !media.emoji.id ? `${media.emoji.name} ` : "", media.text ?? ""), total ? el("i", {}, `${share}%`) : null);
    }),
    el("small", { class: "total" }, total === 1 ? "1 vote" : `${total} votes`, over ? " • ended" : ` • until ${until}`));
}

function finals(asked) {
  const counts = Object.fromEntries(asked.results.answer_counts.map((one) => [one.id, one.count]));
  return (id) => counts[id] ?? 0;
}

function choose(entry, id, chosen) {
  const others = entry.message.poll.allow_multiselect ? chosen.filter((one) => one !== id) : [];
  const options = chosen.includes(id) ? others : [...others, id];
  return act("discord.vote", { user: sides.discord.person, room: entry.message.channel_id, message: entry.id, options });
}

/** What is passed on, with its mark. */
export function forwarded(message) {
  if (message.message_reference?.type !== 1) return null;
  return (message.message_snapshots ?? []).map(({ message: inner }) => el("div", { class: "dc-forward", data: { testid: "forwarded" } },
    el("small", {}, icon("forward"), " Forwarded"),
    inner.content ? el("div", { class: "dc-content" }, render(inner.content, names(inner))) : null,
    attachments(inner), embeds(inner)));
}

const NOTICES = {
  4: [null, (message) => [" changed the channel name: ", el("b", {}, message.content)]],
  6: ["pin", (message) => [" pinned ", el("a", { href: "#", data: { jump: message.message_reference?.message_id ?? "" } }, "a message"), " to this channel."]],
  7: ["send", () => [" joined the server."]],
  18: ["hash", (message) => [" started a thread: ", el("b", {}, message.content)]],
  46: ["poll", (message) => ["'s poll ", el("b", {}, result(message).poll_question_text), " has closed", result(message).victor_answer_text ? [". Winner: ", el("b", {}, result(message).victor_answer_text)] : null, "."]],
};

const result = (message) => Object.fromEntries((message.embeds[0]?.fields ?? []).map((field) => [field.name, field.value]));

/** A line of the service itself; null where a message is a person's. */
export function notice(message) {
  const found = NOTICES[message.type];
  if (!found) return null;
  return el("div", { class: "dc-system", data: { testid: "notice" } }, icon(found[0] ?? "edit"), el("span", {}, el("b", {}, nameOf(message.author)), found[1](message)), el("time", {}, clock(new Date(message.timestamp))));
}
