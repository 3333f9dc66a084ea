// Discord's markdown, read by the page's own rules: a witness of what people would see.

import { customEmoji, el, link, spoiler } from "./dom.js";
import { away, inFull } from "./moments.js";

const ALL = { block: true, links: true };

/** Elements of a message's content. `names` tells of users, channels and roles by id. */
export function render(content, names) {
  return blocks(content, { ...ALL, names });
}

// What makes a line a block; in one line, as the client shows an answered message, it is left out.
const MARKS = /^(?:-# +|#{1,3} +|>{1,3} | *[-*] )(?=\S)/gm;

/** Elements of one line without blocks and links: for the line of a reply, an embed's title. */
export function renderLine(content, names) {
  const line = content.replace(/```(?:[\w+.#-]+\n)?\n*([\s\S]*?)\n*```/g, "`$1`").replace(MARKS, "").replace(/\s+/g, " ");
  return inline(line, { block: false, links: false, flat: true, names });
}

// -- blocks, at the beginning of a line --------------------------------------------------------

const BLOCKS = [
  [/^```(?:([a-z0-9_+\-.#]+)\n)?\n*([^\n][\s\S]*?)\n*```\n?/i, codeBlock],
  [/^(#{1,3})\s+((?:\\[\s\S]|[^\\\n])+?)#*\s*(?:\n|$)/, heading],
  [/^-# +([^\n]+)(?:\n|$)/, (m, on) => el("div", { class: "dc-subtext" }, inline(m[1], on))],
  [/^>>> ([\s\S]*)$/, (m, on) => quote(m[1], on)],
  [/^(?:> [^\n]*(?:\n|$)|>(?:\n|$))+/, (m, on) => quote(m[0].replace(/^> ?/gm, "").replace(/\n$/, ""), on)],
  [/^(?: {0,3}(?:[-*]|\d{1,9}\.) [^\n]*(?:\n|$)(?: {2,}[^\n]*(?:\n|$))*)+/, list],
];

function blocks(text, on) {
  const nodes = [];
  let rest = text;
  let line = "";
  const flush = () => {
    if (line) nodes.push(...inline(line, on));
    line = "";
  };
  while (rest) {
    const fresh = line === "" || line.endsWith("\n");
    const found = tryBlocks(rest, on, fresh);
    if (found) {
      if (line.endsWith("\n")) line = line.slice(0, -1); // a block stands on a line of its own
      flush();
      nodes.push(found.node);
      rest = rest.slice(found.length);
      continue;
    }
    const next = nextStop(rest);
    line += rest.slice(0, next);
    rest = rest.slice(next);
  }
  flush();
  return nodes;
}

function tryBlocks(rest, on, fresh) {
  for (const [pattern, make] of BLOCKS) {
    const anywhere = make === codeBlock;
    if (!anywhere && (!fresh || !on.block)) continue;
    if (make === quote && on.quoted) continue;
    const match = pattern.exec(rest);
    if (match && !(on.quoted && match[0].startsWith(">"))) return { node: make(match, on), length: match[0].length };
  }
  return null;
}

/** How far it is to where a block could begin: a code fence, or after a line's end. */
function nextStop(rest) {
  const inlineCode = /^(`+)[\s\S]*?[^`]\1(?!`)/.exec(rest);
  if (inlineCode && inlineCode[1].length < 3) return inlineCode[0].length;
  if (rest[0] === "\\" && rest.length > 1) return 2;
  if (rest[0] === "\n") return 1;
  const stop = rest.slice(1).search(/[\n`\\]/);
  return stop < 0 ? rest.length : stop + 1;
}

function codeBlock(match) {
  return el("pre", { data: match[1] ? { language: match[1] } : {} }, el("code", {}, match[2]));
}

function heading(match, on) {
  return el(`h${match[1].length + 2}`, { class: `dc-h${match[1].length}` }, inline(match[2].trim(), on));
}

function quote(text, on) {
  return el("blockquote", {}, blocks(text, { ...on, quoted: true }));
}

function list(match, on) {
  const items = [];
  for (const line of match[0].replace(/\n$/, "").split("\n")) {
    const item = /^( *)([-*]|\d{1,9}\.) (.*)$/.exec(line);
    if (item) items.push({ depth: Math.floor(item[1].length / 2), number: parseInt(item[2], 10), text: item[3] });
    else if (items.length) items[items.length - 1].text += `\n${line.trim()}`;
  }
  return nest(items, 0, on).node;
}

function nest(items, from, on) {
  const { depth, number } = items[from];
  const node = Number.isNaN(number) ? el("ul") : el("ol", { start: number });
  let at = from;
  while (at < items.length && items[at].depth >= depth) {
    if (items[at].depth > depth && node.lastChild) {
      const inner = nest(items, at, on);
      node.lastChild.append(inner.node);
      at = inner.at;
      continue;
    }
    if (at > from && Number.isNaN(items[at].number) !== Number.isNaN(number)) break;
    node.append(el("li", {}, inline(items[at].text, on)));
    at += 1;
  }
  if (at < items.length && items[at].depth === depth && depth === 0) {
    const inner = nest(items, at, on);
    return { node: el("div", {}, node, inner.node), at: inner.at };
  }
  return { node, at };
}

// -- inside of a line --------------------------------------------------------------------------

const RULES = [
  [/^\\([^0-9A-Za-z\s])/, (m) => m[1]],
  [/^(`+)([\s\S]*?[^`])\1(?!`)/, (m) => el("code", { class: "dc-code" }, m[2].replace(/^ (.*`) $|^ (`.*) $/, "$1$2"))],
  [/^<((?:https?|mailto):[^\s<>]+)>/, (m, on) => (on.links ? link(m[1], m[1]) : m[1])],
  [/^\[((?:\\.|\[[^\]\n]*\]|[^\[\]\\])+?)\]\(\s*<?((?:https?):\/\/(?:\([^\s()]*\)|[^\s()<>])+)>?(?:\s+"([^"]*)")?\s*\)/, masked],
  [/^(?:https?):\/\/[^\s<]*[^<.,:;"'\]\s)](?:\))?/, bare],
  [/^<@!?(\d+)>/, (m, on) => mention(`@${on.names.users[m[1]] ?? "unknown-user"}`)],
  [/^<@&(\d+)>/, (m, on) => mention(`@${on.names.roles[m[1]] ?? "unknown-role"}`)],
  [/^<#(\d+)>/, (m, on) => mention(`#${on.names.channels[m[1]] ?? "unknown"}`)],
  [/^<\/([^:>]+):\d+>/, (m) => mention(`/${m[1]}`)],
  [/^<(a?):(\w{2,32}):(\d+)>/, (m) => customEmoji({ id: m[3], name: m[2], animated: Boolean(m[1]) })],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => timestamp(Number(m[1]), m[2] ?? "f")],
  [/^@(everyone|here)\b/, (m) => mention(m[0])],
  [/^\|\|([\s\S]+?)\|\|/, (m, on) => spoiler("dc-spoiler", inline(m[1], on))],
  [/^~~([\s\S]+?)~~(?!~)/, (m, on) => el("s", {}, inline(m[1], on))],
];

// Of these the one that reaches farthest is meant; where two reach as far, the first.
const STYLED = [
  [/^\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^*\s\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/, "em"],
  [/^_((?:__|\\[\s\S]|[^\\_])+?)_\b/, "em"],
  [/^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, "strong"],
  [/^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, "u"],
];

function styled(rest, on, before) {
  if (rest[0] === "_" && rest[1] !== "_" && /[0-9A-Za-z]$/.test(before)) return null;
  let best = null;
  for (const [pattern, tag] of STYLED) {
    const match = pattern.exec(rest);
    if (match && (best === null || match[0].length > best.match[0].length)) best = { match, tag };
  }
  return best && { node: el(best.tag, {}, inline(best.match[1], on)), length: best.match[0].length };
}

function inline(text, on) {
  const nodes = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const found = tryRules(rest, on, plain);
    if (found === null) {
      const next = Math.max(1, /^[0-9A-Za-z\u00c0-\u024f ]+/.exec(rest)?.[0].length ?? 1);
      // A word's letters may be the "h" of an address: stop before it.
      const address = rest.slice(1, next).search(/https?$/);
      const step = address >= 0 ? address + 1 : next;
      plain += rest.slice(0, step);
      rest = rest.slice(step);
      continue;
    }
    if (typeof found.node === "string") plain += found.node;
    else {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(found.node);
    }
    rest = rest.slice(found.length);
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function tryRules(rest, on, before) {
  if (rest[0] === "*" || rest[0] === "_") return styled(rest, on, before);
  for (const [pattern, make] of RULES) {
    const match = pattern.exec(rest);
    if (!match) continue;
    const node = make(match, on);
    if (node !== null) return { node, length: match[0].length };
  }
  return null;
}

function masked(match, on) {
  if (on.flat) return el("span", {}, inline(match[1], on));
  // A label that is itself an address is never made a link: it could lie.
  if (!on.links || /https?:\/\//.test(match[1])) return null;
  return link(match[2], inline(match[1], { ...on, links: false }), { title: match[3] ?? match[2], data: jump(match[2]) });
}

function bare(match, on) {
  if (!on.links) return match[0];
  const message = jump(match[0]);
  const room = on.names.channels[message.room] ?? "channel";
  return message.jump ? link(match[0], `#${room} › 💬`, { class: "dc-mention", data: message }) : link(match[0], match[0]);
}

/** A link to a message: the page goes there instead. */
function jump(url) {
  const found = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/\d+\/(\d+)\/(\d+)$/.exec(url);
  return found ? { room: found[1], jump: found[2] } : {};
}

const mention = (text) => el("span", { class: "dc-mention" }, text);

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

function timestamp(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const text = style === "R" ? away(date) : new Intl.DateTimeFormat("en-GB", STYLES[style]).format(date);
  return el("time", { class: "dc-time", title: inFull(date), datetime: date.toISOString(), data: { testid: "moment" } }, text);
}
