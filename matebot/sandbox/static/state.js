// What the page knows: both sides' people, rooms and messages, and who one speaks as.

export const sides = { telegram: side(), discord: side() };

function side() {
  return { hello: null, entries: new Map(), person: null, place: "main", seen: new Map(), hidden: new Set() };
}

/** Take in what does not change; keep who speaks where. */
export function setHello(hello) {
  for (const name of ["telegram", "discord"]) {
    sides[name].hello = hello[name];
    sides[name].person ??= hello[name].people[0].id;
  }
}

/** Take in what changed. */
export function setChanges({ side: name, put, gone, first }) {
  const { entries } = sides[name];
  if (first) entries.clear();
  for (const key of gone) entries.delete(key);
  for (const entry of put) entries.set(entry.key, entry);
  if (first) for (const entry of put) see(name, entry);
}

const room = (entry) => `${entry.place} ${entry.place === "private" ? entry.only : ""}`;

/** Note that a message was looked at. */
export function see(name, entry) {
  const { seen } = sides[name];
  if (entry.seq > (seen.get(room(entry)) ?? -1)) seen.set(room(entry), entry.seq);
}

/** Whether somebody has something to read in a room that is not open. */
export function unread(name, place, person) {
  const { entries, seen } = sides[name];
  return [...entries.values()].some((entry) => entry.place === place && (entry.only === null || entry.only === person) && entry.seq > (seen.get(room(entry)) ?? -1));
}

/** What one sees in the room that is open, in order. */
export function visible(name) {
  const { entries, person, place, hidden } = sides[name];
  return [...entries.values()]
    .filter((entry) => entry.place === place && (entry.only === null || entry.only === person) && !hidden.has(entry.key))
    .sort((a, b) => a.seq - b.seq || (a.key < b.key ? -1 : 1));
}

/** The one whom one speaks as. */
export function speaker(name) {
  const { hello, person } = sides[name];
  return hello.people.find((one) => one.id === person);
}

/** The room's own id, for actions on its messages. */
export function placeId(name) {
  const { hello, place, person } = sides[name];
  return place === "private" ? person : hello.places.find((one) => one.key === place).id;
}

/** Do something; what goes wrong is told. Files go beside the JSON. */
export async function act(name, asked, files = []) {
  const request = { method: "POST" };
  if (files.length) {
    request.body = new FormData();
    request.body.append("asked", JSON.stringify(asked));
    for (const file of files) request.body.append("file", file, file.name);
  } else {
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(asked);
  }
  let problem = null;
  try {
    const answer = await fetch(`/do/${name}`, request);
    if (!answer.ok) problem = (await answer.json().catch(() => ({}))).error ?? `refused (${answer.status})`;
  } catch {
    problem = "the sandbox does not answer";
  }
  if (problem !== null) document.dispatchEvent(new CustomEvent("problem", { detail: problem }));
  return problem === null;
}
