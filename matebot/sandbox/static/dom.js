// Making elements. People's text only ever goes in as text nodes.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `class`, `data`, `style` (custom properties), `on` (listeners), else attributes. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, set] of Object.entries(value)) node.style.setProperty(key, set);
    else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One of the page's icons. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button with an icon, named for who cannot see it. */
export function iconButton(name, label, testid, act) {
  return el("button", { type: "button", title: label, "aria-label": label, data: { testid }, on: { click: act } }, icon(name));
}

/** A link that may be followed, or plain text where its address may not. */
export function link(url, label, props = {}) {
  const safe = safeUrl(url);
  if (safe === null) return el("span", {}, label);
  return el("a", { href: safe, target: "_blank", rel: "noopener noreferrer", ...props }, label);
}

function safeUrl(url) {
  try {
    const parsed = new URL(url);
    return ["http:", "https:", "mailto:", "tel:", "tg:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** 14:02. */
export const clock = (date) => CLOCK.format(date);
/** 24 November 2026. */
export const day = (date) => DAY.format(date);

/** 1.4 MB. */
export function bytes(count) {
  if (!count && count !== 0) return "";
  const units = ["B", "KB", "MB", "GB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Discord's custom emoji as its picture, or by its name where there is none. */
export function customEmoji({ id, name, animated }) {
  const image = el("img", { class: "dc-emoji", src: `/media/cdn/emojis/${id}.${animated ? "gif" : "png"}`, alt: `:${name}:`, title: `:${name}:`, on: { error: () => image.replaceWith(`:${name}:`) } });
  return image;
}

/** Whether the only thing in a text is one to three emoji: chats show those large. */
export function onlyEmoji(text) {
  return /^(?:(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*\s?){1,3}$/u.test(text);
}

/** Have a covered text shown by a click or the keyboard. */
export function spoiler(className, children) {
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (!node.classList.contains("shown")) event.preventDefault();
    node.classList.add("shown");
  };
  const node = el("span", { class: className, tabindex: "0", role: "button", "aria-label": "Spoiler", on: { click: reveal, keydown: reveal } }, children);
  return node;
}
