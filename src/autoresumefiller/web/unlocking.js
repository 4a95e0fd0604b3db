// What found its backup locked is tried again with what opens it.

import { openDialog } from "./dialogs.js";
import { button, choice, element, field, input } from "./dom.js";

/** @typedef {import("./api.js").Job} Job */
/** @typedef {import("./api.js").Unlocking} Unlocking */
/** @typedef {(unlocking: Unlocking) => void} Again */

const LOCKED = new Set([
  "key_not_found",
  "passphrase_required",
  "profile_locked",
  "recovery_kit_invalid",
  "wrong_key",
]);

// How each job of this tab is tried again, and what was given before. A reload forgets it.
/** @type {Map<string, {given: Unlocking, label: string, again: Again}>} */
const tries = new Map();

/**
 * @param {Job} job just started
 * @param {Unlocking} given what it was started with
 * @param {string} label of the button that tries again
 * @param {Again} again
 */
export const canBeUnlocked = (job, given, label, again) =>
  tries.set(job.id, { given, label, again });

/** @param {Job} job that failed */
export const canUnlock = (job) => LOCKED.has(job.error?.code ?? "") && tries.has(job.id);

/** @param {Job} job */
export function askForKey(job) {
  const attempt = tries.get(job.id);
  if (!attempt || !job.error) return;
  const { given, label, again } = attempt;
  const { code, message } = job.error;
  // The backup is open already then, and its passphrase known: what is missing is the kit's.
  const inside = code === "profile_locked";
  const passphrase = input({ type: "password", autocomplete: "off" });
  const kit = input({ type: "file", accept: ".txt,.html,text/plain" });
  const carry = input({ type: "checkbox" });
  const unlock = async () => {
    const [file] = kit.files ?? [];
    const text = file ? await file.text() : "";
    dialog.close();
    again({
      ...given,
      ...(text && { kit: text }),
      ...(passphrase.value && { [inside ? "kit_passphrase" : "passphrase"]: passphrase.value }),
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
    field(
      "Passphrase",
      inside ? "Of the recovery kit." : "Of the backup, or of the recovery kit.",
      passphrase,
    ),
    field("Recovery kit", "The file that was saved when encryption was turned on.", kit),
    inside && choice("Take the locked profile along as it is, unreadable here", "", carry),
    element("button", { type: "submit", hidden: true }), // so that Enter does it
  );
  const dialog = openDialog(
    inside ? "The profile in it is locked" : "This backup is locked",
    [element("p", {}, `${message}.`), form],
    [button("Cancel", () => dialog.close()), button(label, unlock, { kind: "primary" })],
  );
  passphrase.focus();
}
