// Delete old backups by rule, after showing which would go and why.

import * as api from "./api.js";
import { announce } from "./announcer.js";
import { openDialog } from "./dialogs.js";
import { button, choice, element, input } from "./dom.js";
import { started } from "./jobs.js";
import { tellProblem } from "./notices.js";
import { counted, TYPES } from "./words.js";

export function askToCleanUp() {
  const number = input({
    type: "number",
    min: "0",
    max: "1000000",
    value: "10",
    id: "keep-newest",
  });
  const keepManual = input({ type: "checkbox", checked: true, id: "keep-manual" });
  const preview = element("div", { class: "preview" });
  const go = button("Delete", () => cleanUp(dialog, rules()), { kind: "danger", icon: "trash" });
  const rules = () => ({ max_backups: number.valueAsNumber, keep_manual: keepManual.checked });
  const dialog = openDialog(
    "Clean up old backups",
    [
      element(
        "label",
        { class: "choice" },
        element("span", { class: "strong" }, "Keep the newest"),
        number,
        element("span", {}, "of each type"),
      ),
      choice("Keep all that I made myself", "", keepManual),
      preview,
    ],
    [button("Cancel", () => dialog.close()), go],
  );

  let asked = 0;
  const update = async () => {
    const turn = ++asked;
    go.toggleAttribute("disabled", true);
    if (!number.checkValidity() || Number.isNaN(number.valueAsNumber)) {
      preview.replaceChildren(element("p", { class: "muted" }, "How many? A whole number from 0."));
      return;
    }
    try {
      const found = await api.previewCleanup(rules());
      if (turn === asked) show(found.backups, preview, go); // an older answer may come later
    } catch (error) {
      dialog.close();
      tellProblem(error);
    }
  };
  number.addEventListener("input", update);
  keepManual.addEventListener("change", update);
  update();
}

/** @param {api.Verdict[]} verdicts @param {HTMLElement} preview @param {HTMLElement} go */
function show(verdicts, preview, go) {
  const going = verdicts.filter(({ keep }) => !keep);
  const staying = verdicts.filter(({ keep }) => keep);
  const sentence =
    going.length > 0
      ? `${counted(going.length, "backup goes", "backups go")}, ${staying.length} stay.`
      : "Nothing would go: all of them stay.";
  announce(sentence);
  preview.replaceChildren(
    element("p", { class: "strong" }, sentence),
    ...(going.length > 0 ? [list("These go, for good", going, true)] : []),
    ...(staying.length > 0 ? [list("These stay", staying, going.length === 0)] : []),
  );
  go.toggleAttribute("disabled", going.length === 0);
  const label = go.querySelector("span:last-child");
  if (label)
    label.textContent = going.length > 0 ? `Delete ${counted(going.length, "backup")}` : "Delete";
}

/** @param {string} title @param {api.Verdict[]} verdicts @param {boolean} open */
const list = (title, verdicts, open) =>
  element(
    "details",
    { open },
    element(
      "summary",
      {},
      element("span", { class: "icon icon-chevron", "aria-hidden": "true" }),
      element("span", {}, title),
    ),
    element(
      "ul",
      { class: "verdicts" },
      ...verdicts.map(({ filename, type, reason }) =>
        element(
          "li",
          {},
          element("span", { class: "verdict-name" }, filename),
          element("span", { class: "muted" }, `${TYPES[type]}: ${reason}`),
        ),
      ),
    ),
  );

/** @param {HTMLDialogElement} dialog @param {{max_backups: number, keep_manual: boolean}} rules */
async function cleanUp(dialog, rules) {
  dialog.close();
  try {
    started(await api.cleanUp(rules));
  } catch (error) {
    tellProblem(error);
  }
}
