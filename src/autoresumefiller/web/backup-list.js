// The list of backups, its filter, and the page-fuls it is shown in.

import { backupRow } from "./backup-row.js";
import { button, byId, element, icon } from "./dom.js";
import { library } from "./library.js";
import { counted } from "./words.js";

/** @typedef {import("./api.js").Backup} Backup */
/** @typedef {import("./backup-row.js").RowActs & {backUp: () => void}} Acts */

const PAGE = 50;

/** @type {Record<string, string>} what is said when a filter finds nothing */
const NONE = {
  manual: "None made by you. “Back up now” makes one.",
  auto: "None made automatically. Saving your profile makes one.",
  pre_import: "None yet. Importing keeps what was there before as one of these.",
};

/** @type {Map<string, {text: string, row: HTMLElement}>} rows that need not be built anew */
const built = new Map();
let limit = PAGE;

/** @param {Acts} acts */
export function startList(acts) {
  byId("filter").addEventListener("change", () => {
    limit = PAGE;
    showList(acts);
  });
}

/** @param {Acts} acts */
export function showList(acts) {
  const { backups } = library;
  const wanted = filter();
  const found = wanted ? backups.filter(({ type }) => type === wanted) : backups;
  byId("filter").hidden = backups.length === 0;
  byId("clean-up").hidden = backups.length === 0;
  showCounts(backups);
  for (const filename of built.keys()) {
    if (!backups.some((backup) => backup.filename === filename)) built.delete(filename);
  }
  keepFocus(() => {
    byId("backups").replaceChildren(...found.slice(0, limit).map((backup) => rowOf(backup, acts)));
    byId("list-foot").replaceChildren(...footOf(backups.length, found.length, wanted, acts));
  });
}

/** @returns {string} a type, or "" for all */
const filter = () => new FormData(byId("filter")).get("type")?.toString() ?? "";

/** @param {Backup[]} backups */
function showCounts(backups) {
  for (const count of /** @type {HTMLElement} */ (byId("filter")).querySelectorAll(
    "[data-count]",
  )) {
    const type = /** @type {HTMLElement} */ (count).dataset.count;
    const number = type ? backups.filter((b) => b.type === type).length : backups.length;
    count.textContent = number.toLocaleString();
  }
}

/** @param {Backup} backup @param {Acts} acts */
function rowOf(backup, acts) {
  const text = JSON.stringify(backup);
  const before = built.get(backup.filename);
  if (before?.text === text) return before.row;
  const row = backupRow(backup, acts);
  built.set(backup.filename, { text, row });
  return row;
}

/** @param {number} all @param {number} found @param {string} wanted @param {Acts} acts */
function footOf(all, found, wanted, acts) {
  if (all === 0) {
    return [
      element(
        "div",
        { class: "empty" },
        icon("archive"),
        element("p", { class: "strong" }, "No backups yet"),
        element("p", { class: "muted" }, "The first one takes a few seconds."),
        button("Make the first backup", acts.backUp),
      ),
    ];
  }
  if (found === 0) return [element("p", { class: "empty muted" }, NONE[wanted])];
  if (found <= limit) return [];
  const more = button(`Show ${Math.min(PAGE, found - limit)} more`, () => {
    limit += PAGE;
    showList(acts);
  });
  return [element("p", { class: "muted" }, `${limit} of ${counted(found, "backup")}`), more];
}

/**
 * Run what replaces rows, and leave the focus where it was: on the same button of the
 * same backup, even if its row was built anew.
 * @param {() => void} change
 */
function keepFocus(change) {
  const active = /** @type {HTMLElement} */ (document.activeElement);
  const filename = active.closest?.("[data-filename]")?.getAttribute("data-filename");
  change();
  if (active === document.activeElement) return;
  if (active.isConnected) active.focus();
  else if (filename) {
    const row = built.get(filename)?.row;
    const twin = row?.querySelector(`[data-act="${active.dataset.act}"]`);
    if (twin instanceof HTMLElement) twin.focus();
    else byId("list-title").focus();
  }
}
