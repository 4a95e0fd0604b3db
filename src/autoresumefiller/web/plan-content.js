// The content of the dialog that asks whether an import should happen.

import { announce } from "./announcer.js";
import { choice, element, icon, lineList } from "./dom.js";
import { counted, size } from "./words.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Plan} Plan */

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

/** @param {Plan} plan @returns {string[]} */
export const removedBy = (plan) => FOLDERS.flatMap(([folder]) => plan[folder].removed);

/**
 * @param {Job} job
 * @param {Plan} plan
 * @param {HTMLInputElement} backupFirst
 * @param {HTMLInputElement} mirror
 */
export function contentOf(job, plan, backupFirst, mirror) {
  if (job.error) announce(job.error.message);
  const going = removedBy(plan);
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
      choice(
        "Back up what is here first",
        going.length > 0
          ? "Always, when something is removed."
          : "So that you can always go back.",
        backupFirst,
      ),
    plan.existing_data &&
      choice("Remove what the backup does not have", mirrorHint(plan, going), mirror),
    going.length > 0 && removal(going),
  ];
}

/** @param {Plan} plan @param {string[]} going */
function mirrorHint(plan, going) {
  if (plan.mode !== "mirror") return "For a vault that is exactly the backup, and nothing else.";
  return going.length > 0 ? "" : "Nothing would go: everything here is in the backup as well.";
}

/** @param {string[]} going */
function removal(going) {
  const sentence =
    going.length === 1
      ? "This file is not in the backup. It is removed from your vault:"
      : `These ${going.length} files are not in the backup. They are removed from your vault:`;
  announce(sentence);
  return element(
    "div",
    { class: "callout bad" },
    icon("alert"),
    element("div", {}, element("p", { class: "strong" }, sentence), lineList(going)),
  );
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
    element("caption", { class: "hidden-text" }, "How many files are replaced, added, kept and removed"),
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
