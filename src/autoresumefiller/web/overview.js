// The top of the page: is my data safe, since when, what is in the vault, what needs attention.

import { addressOf } from "./api.js";
import { agoElement, button, byId, element, icon } from "./dom.js";
import { library } from "./library.js";
import { isBad, judge } from "./safety.js";
import { capital, counted, exactly, size } from "./words.js";

/** @typedef {import("./api.js").Backup} Backup */
/** @typedef {import("./api.js").Vault} Vault */
/** @typedef {{verify: (backup: Backup) => void, backUp: () => void}} Acts */

const PICTURES = {
  good: "shield-check",
  warn: "shield-alert",
  bad: "shield-alert",
  empty: "shield",
};

/** @type {Record<string, [string, string]>} */
const FOLDERS = {
  data: ["Profile and data", "user"],
  resumes: ["Resumes", "document"],
  cover_letters: ["Cover letters", "letter"],
};
const FOLDER_ORDER = ["data", "resumes", "cover_letters"];

/** @type {Record<string, string>} */
const RECOVERED = {
  undone:
    "An import had been interrupted. It was undone when the server started: your vault is as it was before.",
  finished:
    "An import had been interrupted after everything was in place. It was finished when the server started.",
};

/** @param {Acts} acts */
export function showOverview(acts) {
  const { vault, backups } = library;
  if (!vault) return;
  const judgement = judge(vault, backups);
  const { newest } = judgement;
  byId("safety").dataset.level = judgement.level;
  byId("safety-icon").className = `icon icon-${PICTURES[judgement.level]}`;
  byId("safety-title").textContent = judgement.title;
  byId("safety-sentence").replaceChildren(...sentenceOf(judgement));
  document.title = `${judgement.title} – AutoResumeFiller`;
  const held = byId("facts").contains(document.activeElement);
  byId("facts").replaceChildren(
    fact(
      "Last full backup",
      newest ? agoElement(newest.created) : "Never",
      newest ? capital(exactly(newest.created)) : "",
    ),
    provenFact(backups, newest, acts),
    fact(
      "Kept on this computer",
      counted(backups.length, "backup"),
      backups.length > 0 ? `${size(vault.backups_size_bytes)} in all` : "",
    ),
  );
  // The button that was pressed there goes away once it has done its work.
  if (held) (byId("facts").querySelector("button") ?? byId("safety-title")).focus();
  byId("tip").hidden = newest === null;
  if (newest) byId("tip-download").setAttribute("href", addressOf(newest.filename));
  showContents(vault);
  showAttention(vault, backups, acts);
  byId("vault-path").textContent = vault.path;
  byId("version").textContent = vault.version;
}

/** @param {import("./safety.js").Judgement} judgement */
const sentenceOf = ({ sentence, newest }) =>
  sentence || !newest
    ? [sentence]
    : ["What was in your vault ", agoElement(newest.created), " can be brought back."];

/** @param {string} name @param {Node | string} value @param {Node | string} more */
const fact = (name, value, more) =>
  element(
    "div",
    { class: "fact" },
    element("dt", {}, name),
    element("dd", { class: "fact-value" }, value),
    element("dd", { class: "fact-more" }, more),
  );

/** @param {Backup[]} backups @param {Backup | null} newest @param {Acts} acts */
function provenFact(backups, newest, acts) {
  const proofs = backups.flatMap(({ verified }) => (verified?.valid ? [verified.at] : []));
  const last = proofs.sort().at(-1);
  const check = newest && !newest.verified;
  return fact(
    "Last proven",
    last ? agoElement(last) : "Never",
    check
      ? button("Check the newest now", () => acts.verify(newest), { kind: "quiet" })
      : last
        ? capital(exactly(last))
        : "",
  );
}

/** @param {Vault} vault */
function showContents(vault) {
  const folders = FOLDER_ORDER.flatMap((name) => vault.folders.filter((f) => f.name === name));
  byId("contents").replaceChildren(
    ...folders.map((folder) => {
      const [title, picture] = FOLDERS[folder.name];
      return element(
        "li",
        { class: folder.files > 0 ? "content" : "content none" },
        icon(picture),
        element("span", { class: "content-name" }, title),
        element(
          "span",
          { class: "muted" },
          folder.files > 0
            ? `${counted(folder.files, "file")}, ${size(folder.size_bytes)}`
            : folder.exists
              ? "none yet"
              : "folder is missing",
        ),
      );
    }),
  );
}

/** @param {Vault} vault @param {Backup[]} backups @param {Acts} acts */
function showAttention(vault, backups, acts) {
  const bad = backups.filter(isBad);
  const points = [
    vault.recovered && point(RECOVERED[vault.recovered]),
    bad.length > 0 &&
      point(
        `${counted(bad.length, "backup")} cannot be used. Check ${bad.length === 1 ? "it" : "them"} in the list below to see why.`,
      ),
    !vault.has_profile &&
      vault.folders.some(({ files }) => files > 0) &&
      point("There is no profile in your vault."),
    ...vault.warnings.map((warning) => point(warning)),
  ].filter((found) => found instanceof HTMLElement);
  byId("attention").hidden = points.length === 0;
  byId("attention-list").replaceChildren(.../** @type {HTMLElement[]} */ (points));
}

/** @param {string} text */
const point = (text) => element("li", {}, text);
