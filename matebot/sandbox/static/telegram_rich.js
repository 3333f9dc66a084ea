// Telegram's rich messages (Bot API 10.1): blocks and their texts to elements, and to plain words.

import { el, icon, link, spoiler } from "./dom.js";
import { moment } from "./moments.js";

/** Elements of a rich message. */
export function renderRich(rich) {
  return el("div", { class: "tg-rich", dir: rich.is_rtl ? "rtl" : "auto" }, blocks(rich.blocks));
}

const blocks = (list) => (list ?? []).map((one) => (BLOCKS[one.type] ?? other)(one));

const BLOCKS = {
  paragraph: (one) => el("p", {}, words(one.text)),
  heading: (one) => el(`h${Math.min(Math.max(one.size, 1), 6)}`, {}, words(one.text)),
  pre: (one) => el("pre", { data: one.language ? { language: one.language } : {} }, el("code", {}, words(one.text))),
  footer: (one) => el("footer", {}, words(one.text)),
  divider: () => el("hr"),
  anchor: () => null,
  list: (one) => list(one.items),
  table,
  details: (one) => el("details", { open: Boolean(one.is_open) }, el("summary", {}, words(one.summary)), blocks(one.blocks)),
  blockquote: (one) => el("blockquote", {}, blocks(one.blocks), credit(one)),
  expandable_blockquote: (one) => foldable(words(one.text), credit(one)),
  pullquote: (one) => el("blockquote", { class: "pull" }, words(one.text), credit(one)),
  mathematical_expression: (one) => el("div", { class: "math" }, one.expression),
  thinking: (one) => el("p", { class: "thinking" }, words(one.text)),
  map: (one) => el("figure", {}, icon("place"), ` ${one.location.latitude}, ${one.location.longitude}`, caption(one)),
  photo: (one) => el("figure", {}, el("img", { src: file(one.photo[one.photo.length - 1]), alt: "Photo", class: one.has_spoiler ? "covered" : null }), caption(one)),
  video: (one) => el("figure", {}, el("video", { src: file(one.video), controls: true, muted: true }), caption(one)),
  animation: (one) => el("figure", {}, el("video", { src: file(one.animation), loop: true, muted: true }), caption(one)),
  audio: (one) => el("figure", {}, el("audio", { src: file(one.audio), controls: true }), caption(one)),
  voice_note: (one) => el("figure", {}, el("audio", { src: file(one.voice_note), controls: true }), caption(one)),
  document: (one) => el("figure", {}, link(file(one.document), one.document.file_name ?? "File"), caption(one)),
  collage: (one) => el("figure", { class: "collage" }, blocks(one.blocks), caption(one)),
  slideshow: (one) => el("figure", { class: "collage" }, blocks(one.blocks), caption(one)),
};

const file = (one) => `/media/telegram/${encodeURIComponent(one.file_id)}`;
const credit = (one) => (one.credit ? el("cite", {}, words(one.credit)) : null);
const caption = (one) => (one.caption ? el("figcaption", {}, words(one.caption.text), credit(one.caption)) : null);
const other = (one) => el("p", { class: "thinking" }, `(${one.type})`, one.text ? words(one.text) : null, blocks(one.blocks));

/** A quote that shows its first lines until one clicks it. */
export function foldable(...children) {
  return el("blockquote", { class: "folded", tabindex: "0", on: { click: (event) => event.currentTarget.classList.toggle("folded") } }, ...children);
}

function list(items) {
  return el("ul", {}, items.map((item) => {
    const mark = item.has_checkbox ? (item.is_checked ? "☑" : "☐") : item.label || "•";
    return el("li", { class: item.is_checked ? "done" : null }, el("span", { class: "mark" }, mark), el("div", {}, blocks(item.blocks)));
  }));
}

function table(one) {
  const row = (cells) => el("tr", {}, cells.map((cell) => el(cell.is_header ? "th" : "td", { colspan: cell.colspan, rowspan: cell.rowspan, class: cell.align }, words(cell.text))));
  const looks = [one.is_bordered ? "bordered" : "", one.is_striped ? "striped" : ""].join(" ").trim();
  return el("div", { class: "tg-table" }, el("table", { class: looks || null }, one.caption ? el("caption", {}, words(one.caption)) : null, el("tbody", {}, one.cells.map(row))));
}

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", marked: "mark", subscript: "sub", superscript: "sup" };

/** Elements of a RichText: a string, a list, or an object with a type. */
function words(text) {
  if (text === null || text === undefined) return [];
  if (typeof text === "string") return [text];
  if (Array.isArray(text)) return text.map((one) => el("span", {}, words(one)));
  if (TAGS[text.type]) return [el(TAGS[text.type], {}, words(text.text))];
  switch (text.type) {
    case "spoiler": return [spoiler("tg-spoiler", words(text.text))];
    case "url": return [link(text.url, words(text.text), { data: jump(text.url) })];
    case "email_address": return [link(`mailto:${text.email_address}`, words(text.text))];
    case "date_time": return [moment(text.unix_time, text.date_time_format, words(text.text))];
    case "custom_emoji": return [text.alternative_text];
    case "mathematical_expression": return [el("span", { class: "math" }, text.expression)];
    case "mention": case "text_mention": case "hashtag": case "cashtag": case "bot_command": return [el("span", { class: "tg-mention" }, words(text.text))];
    default: return words(text.text);
  }
}

/** A link to a message of a group of this page: it goes there instead. */
export function jump(url) {
  const found = /^(?:https:\/\/)?t\.me\/c\/(\d+)\/(?:\d+\/)?(\d+)$/.exec(url);
  return found ? { jump: `-100${found[1]}:${found[2]}` } : {};
}

/** What a rich message says, in one line. */
export function plainRich(rich) {
  const said = [];
  const walk = (one) => {
    if (typeof one === "string") said.push(one);
    else if (Array.isArray(one)) one.forEach(walk);
    else if (one && typeof one === "object") for (const key of ["text", "alternative_text", "expression", "summary", "cells", "items", "blocks"]) walk(one[key]);
  };
  for (const block of rich.blocks) {
    walk(block);
    said.push(" ");
  }
  return said.join("").replace(/\s+/g, " ").trim();
}
