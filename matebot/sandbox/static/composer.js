// Writing: who speaks, the field, what is answered or edited, files, commands.

import { act, sides, speaker } from "./state.js";
import { bytes, el, icon, iconButton } from "./dom.js";
import { PollForm } from "./poll_form.js";
import { FileOptions } from "./file_options.js";
import * as tgText from "./telegram_text.js";

const TYPING_MS = 8000;

/** The composer of one side; `field` is how that side's text is typed. */
export class Composer {
  constructor(name, field) {
    this.name = name;
    this.field = field;
    this.files = [];
    this.replying = null;
    this.editing = null;
    this.typed = 0;
    this.people = el("div", { class: "people", role: "radiogroup", "aria-label": `Speak on ${name === "telegram" ? "Telegram" : "Discord"} as` });
    this.context = el("div", { class: "context", hidden: true });
    this.chips = el("div", { class: "chips", hidden: true });
    this.options = new FileOptions(name);
    this.hints = el("div", { class: "hints", role: "listbox", "aria-label": "Commands", hidden: true });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, data: { testid: `${name}-file` }, on: { change: () => this.addFiles(this.picker.files) } });
    this.poll = new PollForm(name);
    this.form = el("form", { class: "composer-form", on: { submit: (event) => { event.preventDefault(); this.send(); } } },
      this.hints, this.people, this.context, this.chips, this.options.root,
      el("div", { class: "line" },
        iconButton(name === "telegram" ? "attach" : "plus", "Attach a file", `${name}-attach`, () => this.picker.click()),
        this.picker, field.root,
        iconButton("poll", "Ask a poll", `${name}-poll`, () => this.poll.toggle()),
        el("button", { type: "submit", class: "send", "aria-label": "Send", data: { testid: `${name}-send` } }, icon("send"))));
    this.root = el("div", { class: "composer" }, this.poll.root, this.form);
    this.listen();
  }

  listen() {
    const { input } = this.field;
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("input", () => { this.suggest(); this.typing(); });
    input.addEventListener("paste", (event) => this.paste(event));
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => { event.preventDefault(); this.addFiles(event.dataTransfer.files); });
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Tab" && !this.hints.hidden) {
      event.preventDefault();
      this.hints.firstChild?.click();
    } else if (event.key === "Escape") this.reset();
    else if (event.key === "ArrowUp" && this.field.empty()) this.editLast(event);
  }

  editLast(event) {
    const last = [...document.querySelectorAll(`#${this.name} [data-testid="edit"]`)].pop();
    if (!last) return;
    event.preventDefault();
    last.click();
  }

  paste(event) {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      this.addFiles(event.clipboardData.files);
    } else this.field.paste?.(event);
  }

  typing() {
    if (this.name !== "discord" || Date.now() - this.typed < TYPING_MS || this.field.read().text.startsWith("/")) return;
    this.typed = Date.now();
    const { person, place } = sides.discord;
    if (place !== "private") act("discord.typing", { user: person, place });
  }

  // -- who speaks -----------------------------------------------------------------------------

  drawPeople(changed) {
    const side = sides[this.name];
    const choose = (person) => {
      side.person = person.id;
      this.reset();
      this.drawPeople(changed);
      changed();
      this.field.input.focus();
    };
    this.people.replaceChildren(...side.hello.people.map((person) => el("button", {
      type: "button", role: "radio", "aria-checked": String(person.id === side.person), title: person.admin ? `${person.name}, an administrator` : person.name,
      data: { testid: `${this.name}-speaker`, name: person.name, person: person.id }, on: { click: () => choose(person) },
    }, this.field.face(person), el("span", {}, person.name.split(" ")[0]), person.admin ? el("small", { "aria-label": "administrator" }, "★") : null)));
    this.field.placeholder(speaker(this.name), side);
  }

  // -- what is answered or edited -------------------------------------------------------------

  reply(entry, name) {
    this.reset();
    const selected = String(document.getSelection() ?? "");
    const whole = entry.message.text ?? entry.message.caption ?? entry.message.content ?? "";
    const quote = this.name === "telegram" && selected && whole.includes(selected) ? selected : null;
    this.replying = { entry, quote };
    this.tell("reply", `Reply to ${name}`, quote ?? whole);
  }

  edit(entry) {
    this.reset();
    this.editing = entry;
    this.tell("edit", "Edit message", entry.message.text ?? entry.message.caption ?? entry.message.content);
    this.field.write(entry.message);
  }

  tell(what, title, text) {
    this.context.replaceChildren(icon(what), el("div", {}, el("b", {}, title), el("span", {}, text || "File")),
      iconButton("close", "Cancel", "cancel", () => this.reset()));
    this.context.hidden = false;
    this.field.input.focus();
  }

  reset() {
    if (this.editing) this.field.clear();
    this.replying = this.editing = null;
    this.context.hidden = this.hints.hidden = true;
  }

  // -- files ----------------------------------------------------------------------------------

  addFiles(list) {
    this.files.push(...list);
    this.picker.value = "";
    this.drawChips();
  }

  drawChips() {
    this.chips.hidden = this.options.root.hidden = !this.files.length;
    this.chips.replaceChildren(...this.files.map((file) => el("span", { class: "chip" }, icon("file"), file.name, el("small", {}, bytes(file.size)),
      iconButton("close", `Remove ${file.name}`, "remove-file", () => { this.files = this.files.filter((one) => one !== file); this.drawChips(); }))));
  }

  // -- commands -------------------------------------------------------------------------------

  suggest() {
    const { text } = this.field.read();
    const word = /^\/([\w-]*)$/.exec(text)?.[1];
    const found = word === undefined ? [] : sides[this.name].hello.commands.filter((one) => one.name.startsWith(word));
    this.hints.hidden = !found.length;
    this.hints.replaceChildren(...found.map((one) => el("button", { type: "button", role: "option", "aria-selected": "false", on: { click: () => this.complete(one) } },
      el("b", {}, `/${one.name}`), (one.options ?? []).map((option) => el("code", {}, option)), el("span", {}, one.description))));
  }

  complete(command) {
    this.field.clear();
    this.field.write({ text: `/${command.name} `, content: `/${command.name} ` });
    this.hints.hidden = true;
    this.field.input.focus();
  }

  // -- sending --------------------------------------------------------------------------------

  async send() {
    const { text, entities } = this.field.read();
    if (!text.trim() && !this.files.length) return;
    const { person, place } = sides[this.name];
    const said = { user: person, place, text, entities, ...(this.files.length ? this.options.read() : {}) };
    const { files, editing, replying } = this;
    const back = this.field.save();
    this.files = [];
    this.drawChips();
    this.reset();
    this.field.clear();
    const well = await this.deliver(said, { files, editing, replying });
    if (!well && this.field.empty()) {
      this.field.restore(back);
      this.files = files;
      this.drawChips();
    }
  }

  deliver(said, { files, editing, replying }) {
    if (editing) {
      const room = editing.message.channel_id ?? editing.message.chat.id;
      return act(`${this.name}.edit`, { ...said, room, message: editing.id });
    }
    const command = /^\/([\w-]+)/.exec(said.text)?.[1];
    if (this.name === "discord" && sides.discord.hello.commands.some((one) => one.name === command)) return act("discord.invoke", said);
    return act(`${this.name}.say`, { ...said, reply_to: replying?.entry.id, quote: replying?.quote }, files);
  }
}

/** Discord's field: markdown as typed. */
export function markdownField() {
  const input = el("textarea", { rows: "1", class: "field", "aria-label": "Message on Discord", data: { testid: "discord-input" }, autocomplete: "off" });
  const fit = () => {
    input.style.setProperty("height", "auto");
    input.style.setProperty("height", `${Math.min(input.scrollHeight, 180)}px`);
  };
  input.addEventListener("input", fit);
  return {
    root: input, input,
    read: () => ({ text: input.value, entities: [] }),
    write: (message) => { input.value = message.content; fit(); },
    clear: () => { input.value = ""; fit(); },
    empty: () => input.value === "",
    save: () => input.value,
    restore: (text) => { input.value = text; fit(); },
    face: (person) => el("img", { src: `/portrait/${person.portrait}.png`, alt: "" }),
    placeholder: (person, side) => { input.placeholder = side.place === "private" ? `Message @${side.hello.bot.username}` : `Message #${side.hello.places.find((one) => one.key === side.place).title}`; },
  };
}

const FORMATS = [
  ["bold", "Bold", "B", () => document.execCommand("bold")],
  ["italic", "Italic", "I", () => document.execCommand("italic")],
  ["underline", "Underline", "U", () => document.execCommand("underline")],
  ["strikethrough", "Strikethrough", "S", () => document.execCommand("strikeThrough")],
  ["spoiler", "Spoiler", "▒", () => surround("span", "tg-spoiler")],
  ["code", "Monospace", "</>", () => surround("code")],
  ["pre", "Code block", "{ }", () => surround("pre")],
  ["blockquote", "Quote", "❝", () => surround("blockquote")],
  ["link", "Link", "🔗", addLink],
];

/** Telegram's field: formatted as one types, with a toolbar for the selection. */
export function richField() {
  const input = el("div", { class: "field rich", contenteditable: "true", role: "textbox", "aria-multiline": "true", "aria-label": "Message on Telegram", data: { testid: "telegram-input" } });
  const toolbar = el("div", { class: "formats", role: "toolbar", "aria-label": "Formatting", hidden: true }, FORMATS.map(([name, label, sign, apply]) =>
    el("button", { type: "button", class: name, title: label, "aria-label": label, data: { testid: `format-${name}` }, on: { mousedown: (event) => event.preventDefault(), click: apply } }, sign)));
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    toolbar.hidden = !selection || selection.isCollapsed || !input.contains(selection.anchorNode) || !input.contains(selection.focusNode);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); document.execCommand("insertLineBreak"); }
  });
  return {
    root: el("div", { class: "rich-box" }, toolbar, input), input,
    read: () => tgText.read(input),
    write: (message) => input.replaceChildren(...tgText.render(message.text ?? message.caption ?? "", message.entities ?? message.caption_entities)),
    clear: () => input.replaceChildren(),
    empty: () => input.textContent === "",
    save: () => [...input.childNodes],
    restore: (nodes) => input.replaceChildren(...nodes),
    paste: (event) => { event.preventDefault(); document.execCommand("insertText", false, event.clipboardData.getData("text/plain")); },
    face: (person) => el("img", { src: `/portrait/${person.portrait}.png`, alt: "" }),
    placeholder: (person, side) => { input.dataset.placeholder = side.place === "private" ? `Message ${side.hello.bot.first_name}` : `Message as ${person.name.split(" ")[0]}`; },
  };
}

function surround(tag, className) {
  const range = document.getSelection().getRangeAt(0);
  const inside = range.commonAncestorContainer.parentElement?.closest(className ? `.${className}` : tag);
  if (inside?.closest(".field")) {
    inside.replaceWith(...inside.childNodes);
    return;
  }
  const node = el(tag, className ? { class: className } : {}, range.extractContents());
  range.insertNode(node);
  document.getSelection().selectAllChildren(node);
}

function addLink() {
  const range = document.getSelection().getRangeAt(0).cloneRange();
  const url = window.prompt("Link address", "https://");
  if (!url || !/^https?:\/\/./.test(url)) return;
  range.insertNode(el("a", { href: url }, range.extractContents()));
}
