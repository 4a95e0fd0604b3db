// Bring a backup in: chosen with the button, dropped anywhere on the page, or one of the list.

import * as api from "./api.js";
import { uploadCard } from "./activity.js";
import { isDialogOpen } from "./dialogs.js";
import { byId } from "./dom.js";
import { started } from "./jobs.js";
import { reload } from "./library.js";
import { tell, tellProblem } from "./notices.js";
import { once } from "./starting.js";
import { canBeUnlocked } from "./unlocking.js";
import { upload } from "./upload.js";

/** @typedef {{file: File} | {filename: string}} Source */

/** @param {api.Backup} backup */
export const restore = ({ filename }) => once("import", filename, () => bringIn({ filename }));

export function startImporting() {
  const input = byId("import-file");
  byId("import-button").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // so that the same file can be chosen again
    if (file) bringIn({ file });
  });
  watchDrops();
}

/**
 * @param {Source} source
 * @param {api.Unlocking} [unlocking] for what is encrypted
 */
async function bringIn(source, unlocking = {}) {
  try {
    const job = await ("file" in source
      ? send(source.file, unlocking)
      : api.restore(source.filename, unlocking));
    if (job) {
      canBeUnlocked(job, unlocking, "Unlock and import", (more) => bringIn(source, more));
      started(job);
    } else {
      const sentences = ["Nothing in your vault was changed."];
      tell({ tone: "note", title: "The import was cancelled", sentences });
    }
  } catch (error) {
    tellProblem(error);
    reload().catch(() => {}); // perhaps it is gone, and the list does not know
  }
}

/** @param {File} file @param {api.Unlocking} unlocking */
async function send(file, unlocking) {
  const sending = upload(file, unlocking, (sent, total) => card.update(sent, total));
  const card = uploadCard(file.name, sending.cancel);
  try {
    return await sending.job;
  } finally {
    card.remove();
  }
}

function watchDrops() {
  const veil = byId("drop-veil");
  let depth = 0; // one enter and one leave come for every element that the pointer crosses

  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  const hide = () => {
    depth = 0;
    veil.hidden = true;
  };

  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    veil.hidden = isDialogOpen();
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault(); // else the browser would open the file
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) hide();
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    hide();
    if (!isDialogOpen()) take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** @param {File[]} files that were dropped */
function take(files) {
  if (files.length === 1) bringIn({ file: files[0] });
  else {
    tell({
      tone: "note",
      title: "One backup at a time, please",
      sentences: [`${files.length} files were dropped. Nothing was imported.`],
      topic: "drop",
    });
  }
}
