// What an import would do, and the question whether it should.

import * as api from "./api.js";
import { isDialogOpen, openDialog } from "./dialogs.js";
import { button, input } from "./dom.js";
import { activeJobs, isMine, onJobs } from "./jobs.js";
import { tellProblem } from "./notices.js";
import { contentOf, removedBy } from "./plan-content.js";
import { counted } from "./words.js";

/** @typedef {api.Job} Job */

/**
 * @typedef {object} Shown
 * @property {string} id
 * @property {number} revision
 * @property {HTMLDialogElement} dialog
 * @property {boolean} switching whether the person asked for the other mode
 */
/** @type {Shown | null} */
let shown = null;
/** @type {Set<string>} questions that were opened: by itself each does so once */
const opened = new Set();

/** @param {Job} job */
const keyOf = (job) => `${job.id} ${job.plan?.revision}`;

export function watchPlans() {
  onJobs(renew);
  onJobs(askMine);
}

/** Close or renew the question when its job has moved on, for instance by another tab. */
function renew() {
  if (!shown) return;
  const { id, revision, dialog, switching } = shown;
  const job = activeJobs().find((one) => one.id === id);
  const asks = job?.state === "awaiting_confirmation" && job.plan;
  if (asks && job.plan.revision === revision) return;
  dialog.close();
  shown = null; // "close" is told only later
  if (asks) showPlan(job, switching);
}

/** Open what this tab's own jobs ask. */
function askMine() {
  for (const job of activeJobs()) {
    const asks = job.state === "awaiting_confirmation" && job.plan && isMine(job);
    if (asks && !opened.has(keyOf(job)) && !isDialogOpen()) showPlan(job);
  }
}

/**
 * @param {Job} job that is awaiting confirmation
 * @param {boolean} [switched] whether it is the plan for the mode that was just asked for
 */
export function showPlan(job, switched = false) {
  const { plan } = job;
  if (!plan || shown) return;
  opened.add(keyOf(job));
  const going = removedBy(plan);
  // What goes is kept in the backup that is made first: that is not up for choice then.
  const backupFirst = input({
    type: "checkbox",
    id: "backup-first",
    checked: true,
    disabled: going.length > 0,
  });
  const mirror = input({ type: "checkbox", id: "mirror", checked: plan.mode === "mirror" });
  /** @param {boolean} proceed */
  const answer = async (proceed) => {
    dialog.close();
    try {
      await api.confirm(job.id, {
        proceed,
        backup_existing: backupFirst.checked,
        plan_revision: plan.revision,
      });
    } catch (error) {
      tellProblem(error);
    }
  };
  const dialog = openDialog(
    plan.existing_data ? "Import over what is here?" : "Import this backup?",
    contentOf(job, plan, backupFirst, mirror),
    [
      button("Don’t import", () => answer(false)),
      going.length > 0
        ? button(`Import and remove ${counted(going.length, "file")}`, () => answer(true), {
            kind: "danger",
          })
        : button("Import now", () => answer(true), { kind: "primary" }),
    ],
  );
  const now = { id: job.id, revision: plan.revision, dialog, switching: false };
  shown = now;
  mirror.addEventListener("change", async () => {
    now.switching = true;
    dialog.inert = true; // until the other plan is there
    try {
      await api.changeMode(job.id, {
        mode: mirror.checked ? "mirror" : "overwrite",
        plan_revision: plan.revision,
      });
    } catch (error) {
      dialog.close();
      tellProblem(error);
    }
  });
  if (switched) {
    mirror.focus();
    dialog.querySelector(".callout.bad")?.scrollIntoView({ block: "nearest" });
  }
  dialog.addEventListener("close", () => {
    if (shown?.dialog === dialog) shown = null;
  });
}
