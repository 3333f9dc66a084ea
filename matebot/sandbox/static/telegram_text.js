// Telegram's formatting: entities (offsets in UTF-16 units, as JS strings have) to elements and back.

import { el, link, spoiler } from "./dom.js";
import { moment } from "./moments.js";
import { foldable, jump } from "./telegram_rich.js";

/** Elements of a text with its entities. */
export function render(text, entities = []) {
  const ordered = entities
    .map((one, index) => ({ ...one, end: one.offset + one.length, index }))
    .sort((a, b) => a.offset - b.offset || b.end - a.end || a.index - b.index);
  return span(text, 0, text.length, ordered);
}

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

function span(text, from, to, entities) {
  const nodes = [];
  let at = from;
  while (entities.length) {
    const [first, ...rest] = entities;
    const end = Math.min(first.end, to);
    if (first.offset > at) nodes.push(text.slice(at, first.offset));
    // What crosses this one's end is cut there, and goes on after it.
    const inner = rest.filter((one) => one.offset < end);
    const outer = rest
      .filter((one) => one.end > end)
      .map((one) => ({ ...one, offset: Math.max(one.offset, end) }));
    nodes.push(wrap(first, text.slice(first.offset, end), span(text, first.offset, end, inner)));
    // After a block a new line begins by itself.
    at = BLOCKS.has(first.type) && text[end] === "\n" && end < to ? end + 1 : end;
    entities = outer;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, text, children) {
  switch (entity.type) {
    case "bold": return el("b", {}, children);
    case "italic": return el("i", {}, children);
    case "underline": return el("u", {}, children);
    case "strikethrough": return el("s", {}, children);
    case "spoiler": return spoiler("tg-spoiler", children);
    case "code": return el("code", {}, children);
    case "pre": return el("pre", { data: entity.language ? { language: entity.language } : {} }, el("code", {}, children));
    case "blockquote": return el("blockquote", {}, children);
    case "expandable_blockquote": return foldable(children);
    case "text_link": return link(entity.url, children, { data: jump(entity.url) });
    case "url": return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, children, { data: jump(text) });
    case "date_time": return moment(entity.unix_time, entity.date_time_format, children);
    case "custom_emoji": return el("span", { title: "Custom emoji" }, children);
    case "email": return link(`mailto:${text}`, children);
    case "phone_number": return link(`tel:${text}`, children);
    case "mention": return el("span", { class: "tg-mention" }, children);
    case "text_mention": return el("span", { class: "tg-mention", title: entity.user?.first_name }, children);
    case "hashtag": case "cashtag": case "bot_command": return el("span", { class: "tg-mention" }, children);
    default: return el("span", {}, children);
  }
}

const TAGS = { B: "bold", STRONG: "bold", I: "italic", EM: "italic", U: "underline", S: "strikethrough", STRIKE: "strikethrough", DEL: "strikethrough", CODE: "code", PRE: "pre", BLOCKQUOTE: "blockquote" };

/** The text and entities of what stands in the composer. */
export function read(root) {
  const found = { text: "", entities: [] };
  walk(root, found);
  return shortcuts(found.text.replace(/\u00a0/g, " "), found.entities);
}

function walk(node, found) {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) found.text += child.data;
    else if (child.nodeName === "BR") found.text += "\n";
    else if (child.nodeType === Node.ELEMENT_NODE) element(child, found);
  }
}

function element(node, found) {
  const block = ["DIV", "P", "PRE", "BLOCKQUOTE"].includes(node.nodeName);
  if (block && found.text && !found.text.endsWith("\n")) found.text += "\n";
  const offset = found.text.length;
  walk(node, found);
  const length = found.text.length - offset;
  const type = node.classList.contains("tg-spoiler") ? "spoiler" : TAGS[node.nodeName];
  if (type === "code" && node.parentNode.nodeName === "PRE") return;
  if (length && node.nodeName === "A") found.entities.push({ type: "text_link", offset, length, url: node.href });
  else if (length && type) {
    const language = node.dataset.language;
    found.entities.push({ type, offset, length, ...(language ? { language } : {}) });
  }
  if (["PRE", "BLOCKQUOTE"].includes(node.nodeName) && node.nextSibling) found.text += "\n";
}

// What Telegram's clients make of typed marks: the pattern, and the entity of its last group.
const SHORTCUTS = [
  [/```(?:([\w+#-]+)\n|\n)?([\s\S]+?)\n?```/, (m) => ({ type: "pre", ...(m[1] ? { language: m[1] } : {}) }), 2],
  [/`([^`\n]+)`/, () => ({ type: "code" }), 1],
  [/\*\*(?=\S)([\s\S]*?\S)\*\*/, () => ({ type: "bold" }), 1],
  [/__(?=\S)([\s\S]*?\S)__/, () => ({ type: "italic" }), 1],
  [/~~(?=\S)([\s\S]*?\S)~~/, () => ({ type: "strikethrough" }), 1],
  [/\|\|(?=\S)([\s\S]*?\S)\|\|/, () => ({ type: "spoiler" }), 1],
  [/\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, (m) => ({ type: "text_link", url: m[2] }), 1],
];

function shortcuts(text, entities) {
  let now = { text, entities };
  for (const [pattern, make, group] of SHORTCUTS) {
    for (let from = 0; ; ) {
      const match = pattern.exec(now.text.slice(from));
      if (!match) break;
      const start = from + match.index;
      if (now.entities.some((one) => ["code", "pre"].includes(one.type) && one.offset <= start && start < one.offset + one.length)) {
        from = start + 1;
        continue;
      }
      now = apply(now, match, start, make(match), group);
      from = start + match[group].length;
    }
  }
  return { text: now.text, entities: now.entities.filter((one) => one.length > 0) };
}

function apply({ text, entities }, match, start, entity, group) {
  const inner = match[group];
  const before = match[0].indexOf(inner, entity.type === "pre" ? match[0].indexOf(match[1] ?? "") + (match[1]?.length ?? 0) : 0);
  const end = start + match[0].length;
  const shift = (at) => {
    if (at <= start) return at;
    if (at >= end) return at - (match[0].length - inner.length);
    return start + Math.min(Math.max(at - start - before, 0), inner.length);
  };
  const moved = entities.map((one) => {
    const offset = shift(one.offset);
    return { ...one, offset, length: shift(one.offset + one.length) - offset };
  });
  moved.push({ ...entity, offset: start, length: inner.length });
  return { text: text.slice(0, start) + inner + text.slice(end), entities: moved };
}
