// Delete one backup, after asking.

import * as api from "./api.js";
import { openDialog } from "./dialogs.js";
import { button, byId, element } from "./dom.js";
import { reload } from "./library.js";
import { tell, tellProblem } from "./notices.js";
import { tellTabs } from "./tabs.js";
import { exactly, size } from "./words.js";

/** @param {api.Backup} backup */
export function askToRemove(backup) {
  const dialog = openDialog(
    "Delete this backup?",
    [
      element("p", { class: "plan-archive" }, backup.filename),
      element("p", {}, `${exactly(backup.created)} · ${size(backup.size_bytes)}`),
      element("p", { class: "strong" }, "This cannot be undone."),
    ],
    [
      button("Keep it", () => dialog.close()),
      button("Delete for good", () => remove(backup, dialog), { kind: "danger", icon: "trash" }),
    ],
  );
}

/** @param {api.Backup} backup @param {HTMLDialogElement} dialog */
async function remove(backup, dialog) {
  dialog.close();
  try {
    await api.remove(backup.filename);
    tell({ tone: "good", title: "The backup was deleted", sentences: [backup.filename] });
    byId("list-title").focus(); // its row, and the button that was pressed, go away
  } catch (error) {
    tellProblem(error);
  }
  tellTabs("data");
  await reload().catch((error) => tellProblem(error));
}
