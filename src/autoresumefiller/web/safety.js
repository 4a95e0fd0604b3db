// The answer to "is my data safe?", worked out from what the server says.

/** @typedef {import("./api.js").Vault} Vault */
/** @typedef {import("./api.js").Backup} Backup */

import { daysSince } from "./words.js";

// A job application is written in days; a month without a backup is long.
export const OLD_AFTER_DAYS = 30;

/**
 * @typedef {object} Judgement
 * @property {"good" | "warn" | "bad" | "empty"} level
 * @property {string} title
 * @property {string} sentence "" where only the time matters
 * @property {Backup | null} newest the newest backup of everything that can be used
 */

/** @param {Backup} backup @returns {boolean} whether it has everything, and not the profile alone */
export const isFull = (backup) =>
  backup.metadata === null
    ? isSealed(backup) && backup.type !== "auto"
    : (backup.metadata.scope ?? "full") === "full" && !isOfNothing(backup.metadata);

/**
 * @param {import("./api.js").Metadata} metadata
 * @returns {boolean} whether the vault was empty then: settings are always there
 */
export const isOfNothing = ({ file_count, profile_valid }) =>
  file_count <= 1 && (profile_valid ?? null) === null;

/** @param {Backup} backup @returns {boolean} whether only its key shows what is in it */
export const isSealed = (backup) => backup.filename.endsWith(".age");

/** @param {Backup} backup @returns {boolean} whether it is known to be of no use */
export const isBad = (backup) =>
  backup.verified ? !backup.verified.valid : backup.metadata === null && !isSealed(backup);

/** @param {Vault} vault */
export const fileCount = (vault) => vault.folders.reduce((sum, folder) => sum + folder.files, 0);

/**
 * @param {Vault} vault
 * @param {Backup[]} backups newest first
 * @param {Date} [now]
 * @returns {Judgement}
 */
export function judge(vault, backups, now = new Date()) {
  const full = backups.filter(isFull);
  const newest = full.find((backup) => !isBad(backup)) ?? null;
  if (fileCount(vault) === 0) return judgeEmpty(newest);
  if (newest === null) return judgeUnprotected(backups, full);
  if (newest !== full[0]) {
    return {
      level: "bad",
      title: "Your newest backup cannot be used",
      sentence: "An older one can. Make a new one now, then you are safe again.",
      newest,
    };
  }
  const days = daysSince(newest.created, now);
  if (days > OLD_AFTER_DAYS) {
    return {
      level: "warn",
      title: `Your last backup is ${days} days old`,
      sentence: "What you changed since then is not in it.",
      newest,
    };
  }
  return {
    level: "good",
    title: "Your data is backed up",
    sentence: "",
    newest,
  };
}

/** @param {Backup | null} newest @returns {Judgement} */
function judgeEmpty(newest) {
  const sentence = newest
    ? "There is a backup, though: restore it below and everything is back."
    : "Import a backup from your old computer, or start with your profile in AutoResumeFiller.";
  return { level: "empty", title: "Your vault is empty", sentence, newest };
}

/** @param {Backup[]} backups @param {Backup[]} full @returns {Judgement} */
function judgeUnprotected(backups, full) {
  if (full.length > 0) {
    return {
      level: "bad",
      title: "None of your backups can be used",
      sentence: "Make a new one now. Your vault itself is not affected.",
      newest: null,
    };
  }
  return {
    level: "bad",
    title: backups.length > 0 ? "Your documents are not backed up" : "You have no backup yet",
    sentence:
      backups.length > 0
        ? "The backups there are hold your profile and settings only."
        : "If this computer broke today, everything in your vault would be lost.",
    newest: null,
  };
}
