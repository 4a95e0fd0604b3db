// The jobs that are under way, whoever started them: this tab, another, a program.

import * as api from "./api.js";
import { onTabs, tellTabs } from "./tabs.js";

/** @typedef {api.Job} Job */
/** @typedef {api.JobSummary} JobSummary */

const FINAL = new Set(["succeeded", "failed", "cancelled"]);
const STORE = "ids of the jobs of this tab";

// A browser has six connections to one server, for all its tabs together, and a stream
// holds one for as long as its job goes on: with too many nothing else gets through.
const MOST_STREAMS = 2;
const ASK_MS = 1_000; // after jobs without a stream

/** @type {Map<string, Job>} */
const active = new Map();
/** @type {Map<string, EventSource>} */
const sources = new Map();
const changes = new EventTarget();

// Those whose end is known; null before the server was asked for the first time.
/** @type {Set<string> | null} */
let ended = null;

/** @param {JobSummary} job */
const isFinal = (job) => FINAL.has(job.state);

/** @returns {Job[]} those that have not ended, oldest first */
export const activeJobs = () => [...active.values()];

/** @param {() => void} listener called on every step of any job */
export const onJobs = (listener) => changes.addEventListener("change", listener);

/** @param {(job: Job) => void} listener called once when a job has ended */
export const onEnded = (listener) =>
  changes.addEventListener("ended", (event) =>
    listener(/** @type {CustomEvent<Job>} */ (event).detail),
  );

/** @param {() => void} listener called when a job began and ended unseen, in another tab or program */
export const onMissed = (listener) => changes.addEventListener("missed", listener);

// What this tab started survives a reload: its question is asked again, and
// its result is still told.
/** @returns {string[]} ids */
const mine = () => JSON.parse(sessionStorage.getItem(STORE) ?? "[]");

/** @param {string[]} ids */
const keepMine = (ids) => sessionStorage.setItem(STORE, JSON.stringify(ids));

/** @param {JobSummary} job */
export const isMine = (job) => mine().includes(job.id);

/**
 * Follow a job that this tab has just started.
 * @param {Job} job
 */
export function started(job) {
  keepMine([...mine(), job.id]);
  follow(job);
  tellTabs("jobs");
}

/**
 * Ask the server which jobs there are, follow the new ones and end those that are over.
 * @returns {Promise<void>}
 */
export async function refreshJobs() {
  const found = await api.jobs();
  const known = new Set(found.map((job) => job.id));
  const missed = found.some(
    (job) => isFinal(job) && ended && !ended.has(job.id) && !active.has(job.id),
  );
  ended ??= new Set();
  const unknown = [];
  for (const job of found.reverse()) {
    const before = active.get(job.id);
    // The list has no plans, results and errors: what is new is looked at by itself.
    if (before?.last_event_id === job.last_event_id) show({ ...before, ...job });
    else if (!isFinal(job) || active.has(job.id) || isMine(job)) unknown.push(lookAt(job.id));
    else ended.add(job.id);
  }
  await Promise.all(unknown);
  if (missed) changes.dispatchEvent(new Event("missed"));
  for (const id of new Set([...active.keys(), ...mine()])) {
    if (!known.has(id)) await lookAt(id); // another server by now: it says so itself
  }
  listen();
}

onTabs("jobs", () => refreshJobs().catch(() => {})); // what fails now is tried again soon

/** @param {Job} job */
function follow(job) {
  if (isFinal(job)) {
    end(job);
    return;
  }
  show(job);
  listen();
}

/** Open streams, as many as may be, those of the oldest jobs. */
function listen() {
  if (document.hidden) return;
  for (const job of active.values()) {
    if (sources.size >= MOST_STREAMS) return;
    if (!sources.has(job.id)) listenTo(job);
  }
}

/** A tab that nobody sees needs no connection; coming back, it looks at everything anew. */
function hangUp() {
  for (const source of sources.values()) source.close();
  sources.clear();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hangUp();
});

/** @param {JobSummary} job */
const isHeard = ({ id }) => (sources.get(id)?.readyState ?? EventSource.CLOSED) < EventSource.CLOSED;

let asking = false;

async function askAfterOthers() {
  if (asking || document.hidden || activeJobs().every(isHeard)) return;
  asking = true;
  try {
    await refreshJobs();
  } catch {
    // main.js asks too, and tells.
  } finally {
    asking = false;
  }
}

setInterval(askAfterOthers, ASK_MS);

/** @param {Job} job */
function listenTo(job) {
  const source = new EventSource(api.eventsOf(job.id));
  sources.set(job.id, source);
  source.onmessage = (event) => {
    const step = JSON.parse(event.data);
    const before = active.get(job.id) ?? job;
    const id = Number(event.lastEventId);
    if (id <= before.last_event_id) return; // a new listener is told everything from the beginning
    // Questions and ends are more than an event tells.
    if (step.state === "running") show({ ...before, ...step, last_event_id: id });
    else lookAt(job.id);
  };
  source.onerror = () => {
    // A broken connection is taken up again by the browser; a refusal is not.
    if (source.readyState === EventSource.CLOSED) lookAt(job.id);
  };
}

/** @type {Map<string, {again: boolean}>} */
const looking = new Map();

/**
 * Ask how a job really is; asked meanwhile, once more afterwards.
 * @param {string} id
 */
async function lookAt(id) {
  const underWay = looking.get(id);
  if (underWay) {
    underWay.again = true;
    return;
  }
  const turn = { again: true };
  looking.set(id, turn);
  try {
    while (turn.again) {
      turn.again = false;
      await lookOnce(id);
    }
  } finally {
    looking.delete(id);
  }
}

/** @param {string} id */
async function lookOnce(id) {
  try {
    follow(await api.job(id));
  } catch (error) {
    if (!(error instanceof api.Problem) || error.code !== "job_not_found") return;
    const job = active.get(id) ?? /** @type {Job} */ ({ id });
    end({ ...job, state: "failed", error: faultOf(error) });
  }
}

/** @param {Job} job */
function show(job) {
  active.set(job.id, job);
  changes.dispatchEvent(new Event("change"));
}

/** @param {Job} job */
function end(job) {
  sources.get(job.id)?.close();
  sources.delete(job.id);
  const isNews = ended !== null && !ended.has(job.id);
  ended?.add(job.id);
  const watched = active.delete(job.id);
  listen();
  if (!watched && !isMine(job)) {
    // Told already, or it ended between the list and the look at it.
    if (isNews) changes.dispatchEvent(new Event("missed"));
    return;
  }
  changes.dispatchEvent(new CustomEvent("ended", { detail: job }));
  keepMine(mine().filter((id) => id !== job.id));
  changes.dispatchEvent(new Event("change"));
}

/** @param {api.Problem} problem @returns {api.Fault} */
const faultOf = ({ code, message, consequence, hint, errors, warnings }) => ({
  code,
  message,
  consequence,
  hint,
  errors,
  warnings,
});
