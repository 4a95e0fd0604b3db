// How a job ended, as a person is told.

import { tell } from "./notices.js";
import { isOfNothing } from "./safety.js";
import { counted, size } from "./words.js";

/** @typedef {import("./api.js").Job} Job */
/**
 * @typedef {object} Acts
 * @property {() => void} backUp
 * @property {() => void} undo
 * @property {(job: Job) => boolean} canUnlock
 * @property {(job: Job) => void} unlock
 */

/** @param {Job} job @param {Acts} acts */
export function tellOutcome(job, acts) {
  if (job.state === "failed") tellFailure(job, acts);
  else if (job.state === "cancelled") tellCancelled(job);
  else SUCCESSES[job.kind](job.result, job.subject, acts);
}

/** @param {Job} job @param {Acts} acts */
function tellFailure(job, acts) {
  const locked = acts.canUnlock(job); // then the button is the hint
  tell({
    tone: "bad",
    title: job.error?.message ?? "It did not work",
    sentences: [job.subject, job.error?.consequence, locked ? "" : job.error?.hint],
    list: job.error?.errors.filter((line) => line !== job.error?.message),
    action: locked ? { label: "Unlock it …", run: () => acts.unlock(job) } : undefined,
  });
}

/** @type {Record<string, string>} */
const CANCELLED = {
  create: "The backup was cancelled",
  import: "The import was cancelled",
  verify: "The check was cancelled",
  cleanup: "The clean-up was cancelled",
  undo: "The undo was cancelled",
};

/** @param {Job} job */
function tellCancelled(job) {
  const declined = job.kind === "import" && job.result !== null;
  tell({
    tone: "note",
    title: job.error?.message ?? (declined ? "Nothing was imported" : CANCELLED[job.kind]),
    sentences: [job.error?.consequence || "Nothing in your vault was changed.", job.error?.hint],
  });
}

/**
 * @param {any} made
 * @returns {["good" | "note", string]} the tone and the title: "everything" only if it is true
 */
function judgeBackup({ metadata, warnings }) {
  if (metadata && isOfNothing(metadata)) return ["note", "Backed up, but your vault is empty"];
  // Of an encrypted one the warnings alone say what was left out.
  const leftOut = metadata ? metadata.skipped?.length > 0 : warnings.length > 0;
  return leftOut ? ["note", "Backed up, but not everything"] : ["good", "Everything is backed up"];
}

/** @type {Record<string, (result: any, subject: string, acts: Acts) => void>} */
const SUCCESSES = {
  create(made) {
    const [tone, title] = judgeBackup(made);
    tell({
      tone,
      title,
      sentences: [
        `${made.metadata ? counted(made.metadata.file_count, "file") : "Encrypted"}, ${size(made.size_bytes)}, read back and found whole.`,
        made.filename,
      ],
      list: made.warnings,
      listTitle: "Please note",
    });
  },
  import(done, _subject, { undo }) {
    tell({
      tone: "good",
      title: `Imported: ${counted(done.files_restored, "file is", "files are")} in place`,
      sentences: [
        done.backup_created && `What was there before is kept as ${done.backup_created}.`,
      ],
      list: done.warnings,
      listTitle: "Please note",
      action: { label: "Undo the import", run: undo },
    });
  },
  verify(found, subject, { backUp }) {
    if (found.valid) {
      tell({
        tone: "good",
        title: "This backup is whole",
        sentences: [subject, "Every file in it was read and matches its checksum."],
        list: found.warnings,
        listTitle: "Please note",
      });
      return;
    }
    tell({
      tone: "bad",
      title: "This backup cannot be used",
      sentences: [subject, "Your vault itself is not affected. Make a new backup now."],
      list: found.errors,
      listTitle: "What is wrong with it",
      action: { label: "Back up now", run: backUp },
    });
  },
  cleanup(done) {
    tell({ tone: "good", title: `${counted(done.deleted, "backup was", "backups were")} deleted` });
  },
  undo(done) {
    tell({
      tone: "good",
      title: "The import was undone",
      sentences: [
        `${counted(done.files_restored, "file has its", "files have their")} earlier content back.`,
        done.files_removed > 0 && `${counted(done.files_removed, "file")} went away again.`,
      ],
    });
  },
};
