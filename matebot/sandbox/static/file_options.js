// How files are sent: as what, covered or not, with a sound or without.

import { el } from "./dom.js";

const KINDS = {
  telegram: [["", "By its type"], ["document", "As a file"], ["voice", "Voice message"], ["video_note", "Video message"], ["sticker", "Sticker"]],
  discord: [["", "By its type"], ["voice", "Voice message"], ["sticker", "Sticker"]],
};

/** The choices below the chips of one side. */
export class FileOptions {
  constructor(name) {
    this.kind = el("select", { "aria-label": "Send as", data: { testid: `${name}-as` } }, KINDS[name].map(([value, label]) => el("option", { value }, label)));
    this.spoiler = el("input", { type: "checkbox", data: { testid: `${name}-spoiler` } });
    this.silent = el("input", { type: "checkbox", data: { testid: `${name}-silent` } });
    this.root = el("div", { class: "file-options", hidden: true }, this.kind, el("label", {}, this.spoiler, "Spoiler"), el("label", {}, this.silent, "Silent"));
  }

  /** What was chosen; the next files begin anew. */
  read() {
    const chosen = { as: this.kind.value, spoiler: this.spoiler.checked, silent: this.silent.checked };
    this.kind.value = "";
    this.spoiler.checked = this.silent.checked = false;
    return chosen;
  }
}
