// What is under way: a card with a live bar for each job and each upload.

import * as api from "./api.js";
import { announce } from "./announcer.js";
import { button, byId, element } from "./dom.js";
import { activeJobs, onJobs } from "./jobs.js";
import { tellProblem } from "./notices.js";
import { STAGES, size, visible } from "./words.js";

/** @type {Record<api.JobKind, string>} */
const TITLES = {
  create: "Backing up your vault",
  import: "Importing",
  verify: "Checking a backup",
  cleanup: "Cleaning up",
  undo: "Undoing the last import",
};

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} subject a file's name, or ""
 * @property {string} stage in words
 * @property {number} current bytes
 * @property {number} total bytes; 0 where nothing is measured
 * @property {string} file
 * @property {boolean} asks whether it waits for the person
 */

/** @type {Map<string, ReturnType<typeof makeCard>>} */
const cards = new Map();

/** @param {(job: api.Job) => void} look shows the plan of a job that asks */
export function showActivity(look) {
  onJobs(() => {
    const jobs = activeJobs();
    for (const [id, card] of cards) {
      if (!jobs.some((job) => job.id === id)) {
        card.node.remove();
        cards.delete(id);
      }
    }
    for (const job of jobs) {
      const card = cards.get(job.id) ?? cardOf(job.id, look);
      card.update(stepOf(job));
    }
  });
}

/** @param {string} id @param {(job: api.Job) => void} look */
function cardOf(id, look) {
  const card = makeCard(
    () => api.cancel(id).catch((error) => tellProblem(error)),
    () => {
      const job = activeJobs().find((one) => one.id === id);
      if (job) look(job);
    },
  );
  cards.set(id, card);
  byId("jobs").append(card.node);
  return card;
}

/** @param {api.Job} job @returns {Step} */
function stepOf(job) {
  return {
    title: TITLES[job.kind],
    subject: job.subject,
    stage:
      job.state === "queued" ? "Waiting for its turn" : (STAGES[job.stage ?? ""] ?? "Starting"),
    current: job.current_bytes,
    total: job.total_bytes,
    file: job.state === "running" ? job.current_file : "",
    asks: job.state === "awaiting_confirmation",
  };
}

/**
 * A card for an upload, which is no job yet.
 * @param {string} name
 * @param {() => void} cancel
 */
export function uploadCard(name, cancel) {
  const card = makeCard(cancel, () => {});
  byId("jobs").append(card.node);
  /** @param {number} current @param {number} total */
  const update = (current, total) =>
    card.update({
      title: "Importing",
      subject: name,
      stage: "Copying the file to the vault",
      current,
      total,
      file: "",
      asks: false,
    });
  update(0, 0);
  return { update, remove: () => card.node.remove() };
}

/** @param {() => void} cancel @param {() => void} look */
function makeCard(cancel, look) {
  const title = element("h2", {});
  const subject = element("p", { class: "job-subject" });
  const stage = element("span", { class: "job-stage" });
  const bytes = element("span", { class: "job-bytes" });
  const file = element("p", { class: "job-file" });
  const bar = /** @type {HTMLProgressElement} */ (element("progress", { max: "1" }));
  const open = button("See what it would do", look, { kind: "primary" });
  const stop = button("Cancel", cancel, { kind: "plain" });
  const node = element(
    "article",
    { class: "job" },
    element("div", { class: "job-head" }, element("div", {}, title, subject), stop),
    bar,
    element("div", { class: "job-line" }, stage, bytes),
    file,
    open,
  );
  let said = "";

  /** @param {Step} step */
  function update(step) {
    title.textContent = step.title;
    subject.textContent = visible(step.subject);
    subject.hidden = step.subject === "";
    stage.textContent = step.stage;
    bytes.textContent =
      step.total > 0 ? `${size(Math.min(step.current, step.total))} of ${size(step.total)}` : "";
    file.textContent = visible(step.file);
    open.hidden = !step.asks;
    bar.hidden = step.asks;
    file.hidden = step.asks;
    bytes.hidden = step.asks;
    bar.setAttribute("aria-label", `${step.title} ${step.subject}`.trim());
    stop.setAttribute("aria-label", `Cancel: ${step.title} ${step.subject}`.trim());
    // A bar that is full while something still goes on would look stuck.
    if (step.current < step.total) bar.value = step.current / step.total;
    else bar.removeAttribute("value");
    const sentence = `${step.title}: ${step.stage}`;
    if (sentence !== said) announce(sentence); // the steps, and not every byte
    said = sentence;
  }

  return { node, update };
}
