// A double click means one: what is being started, or under way, is not started again.

import { activeJobs } from "./jobs.js";

/** @typedef {import("./api.js").JobKind} JobKind */

/** @type {Set<string>} */
const starting = new Set();

/**
 * Start something, unless just that is being started or under way: a double click means one.
 * @param {JobKind} kind
 * @param {string} subject the file's name, "" for none
 * @param {() => Promise<void>} start
 */
export async function once(kind, subject, start) {
  const key = `${kind} ${subject}`;
  const same = activeJobs().some(
    (job) => job.kind === kind && job.subject === subject && job.state !== "awaiting_confirmation",
  );
  if (same || starting.has(key)) return;
  starting.add(key);
  try {
    await start();
  } finally {
    starting.delete(key);
  }
}
