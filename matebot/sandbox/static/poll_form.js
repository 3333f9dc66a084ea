// Asking a poll: its question, an answer a line.

import { el } from "./dom.js";
import { act, sides } from "./state.js";

/** The form of one side, hidden until it is toggled. */
export class PollForm {
  constructor(name) {
    this.name = name;
    this.question = el("input", { type: "text", maxlength: "300", placeholder: "Ask a question", "aria-label": "Question", data: { testid: `${name}-question` } });
    this.options = el("textarea", { rows: "3", placeholder: "An answer a line", "aria-label": "Answers", data: { testid: `${name}-options` } });
    this.several = el("input", { type: "checkbox" });
    this.root = el("form", { class: "poll-form", hidden: true, on: { submit: (event) => { event.preventDefault(); this.send(); } } },
      el("b", {}, "New poll"), this.question, this.options,
      el("div", {}, el("label", {}, this.several, " Several answers"), el("button", { type: "submit", class: "ask", data: { testid: `${name}-ask` } }, "Ask")));
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.root.hidden = true; });
  }

  toggle() {
    this.root.hidden = !this.root.hidden;
    if (!this.root.hidden) this.question.focus();
  }

  async send() {
    const { person, place } = sides[this.name];
    const options = this.options.value.split("\n").map((one) => one.trim()).filter(Boolean);
    if (!this.question.value.trim() || !options.length) return;
    if (!await act(`${this.name}.poll`, { user: person, place, question: this.question.value.trim(), options, multiple: this.several.checked })) return;
    this.root.reset();
    this.root.hidden = true;
  }
}
