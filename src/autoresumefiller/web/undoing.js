// Take the last import back, after showing what that means.

import * as api from "./api.js";
import { openDialog } from "./dialogs.js";
import { agoElement, button, element, icon, lineList } from "./dom.js";
import { started } from "./jobs.js";
import { tell, tellProblem } from "./notices.js";
import { capital } from "./words.js";

export async function askToUndo() {
  try {
    const plan = await api.undoPlan();
    if (plan) show(plan);
    else tell({ tone: "note", title: "There is nothing to undo", topic: "undo" });
  } catch (error) {
    tellProblem(error);
  }
}

/** @param {NonNullable<Awaited<ReturnType<typeof api.undoPlan>>>} plan */
function show(plan) {
  const { restored, removed, changed_since: changed } = plan;
  const dialog = openDialog(
    "Undo the last import?",
    [
      element("p", {}, `${capital(plan.description)}, `, agoElement(plan.committed), "."),
      changed.length > 0 &&
        element(
          "p",
          { class: "callout" },
          icon("alert"),
          element(
            "span",
            {},
            "These were changed after the import. What you changed in them goes:",
          ),
        ),
      changed.length > 0 && lineList(changed),
      list(`Get their earlier content back (${restored.length})`, restored),
      list(`Go away again (${removed.length})`, removed),
      element("p", { class: "muted" }, "Undoing once more brings the import back."),
    ],
    [
      button("Keep the import", () => dialog.close()),
      button("Undo the import", () => undo(plan, dialog), { kind: "primary", icon: "return" }),
    ],
  );
}

/** @param {string} title @param {string[]} names */
const list = (title, names) =>
  names.length > 0 &&
  element(
    "details",
    {},
    element("summary", {}, icon("chevron"), element("span", {}, title)),
    lineList(names),
  );

/**
 * @param {NonNullable<Awaited<ReturnType<typeof api.undoPlan>>>} plan that was looked at
 * @param {HTMLDialogElement} dialog
 */
async function undo(plan, dialog) {
  dialog.close();
  try {
    // Another tab may have undone it meanwhile: once more would bring the import back.
    const now = await api.undoPlan();
    if (JSON.stringify(now) === JSON.stringify(plan)) started(await api.undo());
    else {
      tell({ tone: "note", title: "Something changed meanwhile", topic: "undo" });
      if (now) show(now);
    }
  } catch (error) {
    tellProblem(error);
  }
}
