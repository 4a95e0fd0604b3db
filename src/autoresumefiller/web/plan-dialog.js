// What an import would do, and the question whether it should.

import * as api from "./api.js";
import { announce } from "./announcer.js";
import { openDialog } from "./dialogs.js";
import { button, element, icon, lineList } from "./dom.js";
import { activeJobs, onJobs } from "./jobs.js";
import { tellProblem } from "./notices.js";
import { counted, size } from "./words.js";

/** @typedef {api.Job} Job */
/** @typedef {api.Plan} Plan */

/** @type {["data" | "resumes" | "cover_letters", string][]} */
const FOLDERS = [
  ["data", "Profile and data"],
  ["resumes", "Resumes"],
  ["cover_letters", "Cover letters"],
];
/** @type {["replaced" | "added" | "kept" | "removed", string][]} */
const FATES = [
  ["replaced", "Replaced"],
  ["added", "Added"],
  ["kept", "Kept"],
  ["removed", "Removed"],
];

/** @type {{id: string, revision: number, dialog: HTMLDialogElement} | null} */
let shown = null;

/** Close or renew the question when its job has moved on, for instance by another tab. */
export function watchPlans() {
  onJobs(() => {
    if (!shown) return;
    const job = activeJobs().find(({ id }) => id === shown?.id);
    if (job?.state !== "awaiting_confirmation" || !job.plan) shown.dialog.close();
    else if (job.plan.revision !== shown.revision) {
      shown.dialog.close();
      showPlan(job);
    }
  });
}

/** @param {Job} job that is awaiting confirmation */
export function showPlan(job) {
  const { plan } = job;
  if (!plan || shown) return;
  const backupFirst = /** @type {HTMLInputElement} */ (
    element("input", { type: "checkbox", id: "backup-first", checked: true })
  );
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
    contentOf(job, plan, backupFirst),
    [
      button("Don’t import", () => answer(false)),
      button("Import now", () => answer(true), { kind: "primary" }),
    ],
  );
  shown = { id: job.id, revision: plan.revision, dialog };
  dialog.addEventListener("close", () => {
    if (shown?.dialog === dialog) shown = null;
  });
}

/** @param {Job} job @param {Plan} plan @param {HTMLInputElement} backupFirst */
function contentOf(job, plan, backupFirst) {
  if (job.error) announce(job.error.message);
  return [
    job.error &&
      element("p", { class: "callout" }, icon("info"), element("span", {}, job.error.message)),
    element("p", { class: "plan-archive" }, `${plan.archive} · ${size(plan.total_bytes)}`),
    summary(plan),
    plan.profile_modified &&
      element("p", {}, `Your profile here was last changed on ${day(plan.profile_modified)}.`),
    plan.config_merged && element("p", {}, settingsSentence(plan)),
    plan.warnings.length > 0 && lineList(plan.warnings),
    fileLists(plan),
    plan.existing_data &&
      element(
        "label",
        { class: "choice" },
        backupFirst,
        element(
          "span",
          {},
          element("span", { class: "strong" }, "Back up what is here first"),
          element("span", { class: "muted" }, "So that you can always go back."),
        ),
      ),
  ];
}

/** @param {string} date YYYY-MM-DD */
const day = (date) =>
  new Date(`${date}T12:00`).toLocaleDateString(navigator.language, { dateStyle: "long" });

/** @param {Plan} plan */
const settingsSentence = ({ settings_changed: changed }) =>
  changed.length > 0
    ? `${counted(changed.length, "setting changes", "settings change")}; keys and passwords on this computer stay.`
    : "Your settings and the keys and passwords on this computer stay as they are.";

/** @param {Plan} plan the fates that occur at all; removal is rare and must not be overlooked */
const fatesOf = (plan) =>
  FATES.filter(
    ([fate]) => fate !== "removed" || FOLDERS.some(([folder]) => plan[folder].removed.length > 0),
  );

/** @param {Plan} plan */
function summary(plan) {
  const fates = fatesOf(plan);
  return element(
    "table",
    { class: "plan" },
    element("caption", { class: "hidden-text" }, "How many files are replaced, added and kept"),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "Files"),
        ...fates.map(([, title]) => element("th", { scope: "col" }, title)),
      ),
    ),
    element(
      "tbody",
      {},
      ...FOLDERS.map(([folder, title]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, title),
          ...fates.map(([fate]) => number(plan[folder][fate].length, fate)),
        ),
      ),
    ),
  );
}

/** @param {number} count @param {string} fate */
const number = (count, fate) =>
  element("td", { class: count > 0 ? fate : "zero" }, count.toLocaleString(navigator.language));

/** @param {Plan} plan */
function fileLists(plan) {
  const lists = fatesOf(plan).flatMap(([fate, title]) => {
    const names = FOLDERS.flatMap(([folder]) => plan[folder][fate]);
    return names.length > 0
      ? [element("h3", {}, `${title} (${names.length})`), lineList(names)]
      : [];
  });
  const settings = plan.settings_changed;
  return element(
    "details",
    {},
    element("summary", {}, icon("chevron"), element("span", {}, "Show every file")),
    element(
      "div",
      { class: "file-lists" },
      ...lists,
      settings.length > 0 && element("h3", {}, `Settings that change (${settings.length})`),
      settings.length > 0 && lineList(settings),
    ),
  );
}
