// An import that found its backup locked is tried again with what opens it.

import { openDialog } from "./dialogs.js";
import { button, element } from "./dom.js";
import { bringIn, sourceOf } from "./importing.js";

/** @typedef {import("./api.js").Job} Job */

const LOCKED = new Set([
  "key_not_found",
  "passphrase_required",
  "profile_locked",
  "recovery_kit_invalid",
  "wrong_key",
]);

/** @param {Job} job that failed */
export const canUnlock = (job) => LOCKED.has(job.error?.code ?? "") && sourceOf(job) !== undefined;

/** @param {Job} job */
export function askForKey(job) {
  const source = sourceOf(job);
  if (!source || !job.error) return;
  const passphrase = input({ type: "password", autocomplete: "off" });
  const kit = input({ type: "file", accept: ".txt,.html,text/plain" });
  const carry = input({ type: "checkbox" });
  const unlock = async () => {
    const [file] = kit.files ?? [];
    const text = file ? await file.text() : "";
    dialog.close();
    bringIn(source, {
      ...(text && { kit: text }),
      ...(passphrase.value && { passphrase: passphrase.value }),
      ...(carry.checked && { carry_locked: true }),
    });
  };
  const form = element(
    "form",
    {
      class: "fields",
      onsubmit: (event) => {
        event.preventDefault();
        unlock();
      },
    },
    field("Passphrase", "Of the backup, or of the recovery kit.", passphrase),
    field("Recovery kit", "The file that was saved when encryption was turned on.", kit),
    job.error.code === "profile_locked" &&
      element(
        "label",
        { class: "choice" },
        carry,
        element("span", {}, "Take the locked profile along as it is, unreadable here"),
      ),
  );
  const dialog = openDialog(
    "This backup is locked",
    [element("p", {}, `${job.error.message}.`), form],
    [
      button("Cancel", () => dialog.close()),
      button("Unlock and import", unlock, { kind: "primary" }),
    ],
  );
  passphrase.focus();
}

/** @param {Record<string, string>} attributes @returns {HTMLInputElement} */
const input = (attributes) => /** @type {HTMLInputElement} */ (element("input", attributes));

/** @param {string} name @param {string} hint @param {HTMLInputElement} control */
const field = (name, hint, control) =>
  element(
    "label",
    { class: "field" },
    element("span", { class: "strong" }, name),
    element("span", { class: "muted" }, hint),
    control,
  );
