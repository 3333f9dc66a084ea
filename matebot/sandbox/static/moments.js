// Dates and times as each reader sees them: by the reader's own clock.

import { el } from "./dom.js";

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

/** "in 3 days". */
export function away(date) {
  const seconds = (date - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? UNITS[5];
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / size), unit);
}

/** Friday, 27 November 2026 at 19:00; for who points at it. */
export const inFull = (date) => FULL.format(date);

/** Telegram's date_time: `r`, or of `w` (day of the week), `d`/`D` (date), `t`/`T` (time); none keeps the text. */
export function moment(seconds, format, children) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return el("span", {}, children);
  return el("time", { class: "tg-time", title: inFull(date), datetime: date.toISOString(), data: { testid: "moment" } }, format ? said(date, format) : children);
}

function said(date, format) {
  if (/^r$/i.test(format)) return away(date);
  const options = {
    ...(/w/i.test(format) ? { weekday: "long" } : {}),
    ...(format.includes("d") ? { day: "2-digit", month: "2-digit", year: "numeric" } : {}),
    ...(format.includes("D") ? { day: "numeric", month: "long", year: "numeric" } : {}),
    ...(/t/i.test(format) ? { hour: "2-digit", minute: "2-digit" } : {}),
    ...(format.includes("T") ? { second: "2-digit" } : {}),
  };
  return new Intl.DateTimeFormat("en-GB", options).format(date);
}
