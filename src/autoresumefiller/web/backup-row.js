// One backup: when, what kind, how large, what is inside, proven or not, and what can be done.

import { addressOf } from "./api.js";
import { agoElement, button, element, icon, lineList } from "./dom.js";
import { isBad, isSealed } from "./safety.js";
import { capital, counted, exactly, nameOf, size, TYPES } from "./words.js";

/** @typedef {import("./api.js").Backup} Backup */
/** @typedef {import("./api.js").Metadata} Metadata */
/**
 * @typedef {object} RowActs
 * @property {(backup: Backup) => void} restore
 * @property {(backup: Backup) => void} verify
 * @property {(backup: Backup) => void} remove
 */

/** @type {Record<string, string>} */
const PICTURES = { manual: "archive", auto: "clock", pre_import: "return" };

/** @param {Backup} backup @param {RowActs} acts */
export function backupRow(backup, acts) {
  return element(
    "li",
    { class: "backup", "data-filename": backup.filename },
    element("span", { class: `medal ${backup.type}` }, icon(PICTURES[backup.type])),
    element(
      "div",
      { class: "backup-main" },
      element("h3", {}, capitalised(agoElement(backup.created)), badge(backup)),
      element("p", { class: "exact" }, capital(exactly(backup.created))),
      element("p", { class: "facts-line" }, ...factsOf(backup)),
    ),
    element("div", { class: "acts" }, ...buttonsOf(backup, acts)),
    details(backup),
  );
}

/** @param {HTMLElement} time */
function capitalised(time) {
  time.classList.add("capital");
  return time;
}

/** @param {Backup} backup */
function badge(backup) {
  const { verified } = backup;
  if (verified?.valid) {
    return element(
      "span",
      { class: "badge good" },
      icon("check"),
      element("span", {}, "Proven ", agoElement(verified.at)),
    );
  }
  if (isBad(backup)) {
    const text = verified ? "Cannot be used" : "Cannot be read";
    return element("span", { class: "badge bad" }, icon("alert"), element("span", {}, text));
  }
  return element("span", { class: "badge" }, "Not checked yet");
}

/** @param {Backup} backup */
function factsOf(backup) {
  const { type, size_bytes, metadata } = backup;
  const inside =
    metadata === null
      ? isSealed(backup)
        ? "encrypted"
        : "contents unknown"
      : metadata.scope === "data"
        ? "profile and settings only"
        : counted(metadata.file_count, "file");
  const name = nameOf(backup);
  return [
    name && element("span", { class: "given-name" }, name),
    ...[TYPES[type], size(size_bytes), inside].map((text) => element("span", {}, text)),
  ];
}

/** @param {Backup} backup */
function details(backup) {
  const { filename, path, metadata } = backup;
  const unknown = isSealed(backup)
    ? "Encrypted: only its key shows what is in it."
    : "It cannot be read. Check it to see why.";
  return element(
    "details",
    {},
    element("summary", {}, icon("chevron"), element("span", {}, "What is inside")),
    element(
      "dl",
      { class: "inside" },
      ...(metadata ? insideOf(metadata) : pair("Contents", unknown)),
      ...pair("File", filename),
      ...pair("Place", path),
    ),
  );
}

/** @param {Metadata} metadata */
function insideOf(metadata) {
  const { scope, file_count, total_size_bytes, app_version, profile_valid } = metadata;
  const { redacted = [], skipped = [], missing_directories: missing = [] } = metadata;
  return [
    ...pair(
      "Covers",
      scope === "data" ? "Profile, data and settings" : "Profile, settings, resumes, cover letters",
    ),
    ...pair("Unpacked", `${counted(file_count, "file")}, ${size(total_size_bytes)}`),
    ...(profile_valid === false ? pair("Profile", "Not in order when it was backed up") : []),
    ...(missing.length ? pair("Folders that were missing", lineList(missing)) : []),
    ...(skipped.length
      ? pair("Left out", lineList(skipped.map((file) => `${file.path}: ${file.reason}`)))
      : []),
    ...(redacted.length ? pair("Keys and passwords left out", lineList(redacted)) : []),
    ...pair("Made by version", app_version),
  ];
}

/** @param {string} name @param {string | Node} value */
const pair = (name, value) => [element("dt", {}, name), element("dd", {}, value)];

/** @param {Backup} backup @param {RowActs} acts */
function buttonsOf(backup, acts) {
  const which = `the backup of ${exactly(backup.created)}`;
  /** @type {[string, string, string, (backup: Backup) => void][]} */
  const others = [
    ["verify", "Check", "shield-check", acts.verify],
    ["remove", "Delete", "trash", acts.remove],
  ];
  const restore = button("Restore", () => acts.restore(backup), {
    icon: "restore",
    name: `Restore ${which}`,
  });
  restore.dataset.act = "restore";
  const download = element(
    "a",
    {
      class: "button quiet compact",
      href: addressOf(backup.filename),
      download: backup.filename,
      title: "Download",
      "aria-label": `Download ${which}`,
      "data-act": "download",
    },
    icon("download"),
    element("span", {}, "Download"),
  );
  const rest = others.map(([act, label, picture, run]) => {
    const made = button(label, () => run(backup), {
      kind: "quiet",
      icon: picture,
      name: `${label} ${which}`,
      compact: true,
    });
    made.dataset.act = act;
    return made;
  });
  return [restore, download, ...rest];
}
