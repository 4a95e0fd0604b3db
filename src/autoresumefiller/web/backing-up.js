// Back up: at once and as the settings say, or after saying how.

import * as api from "./api.js";
import { openDialog } from "./dialogs.js";
import { button, byId, choice, element, field, input } from "./dom.js";
import { activeJobs, onJobs, started } from "./jobs.js";
import { library, onLibrary } from "./library.js";
import { tellProblem } from "./notices.js";
import { once } from "./starting.js";
import { counted, slugOf } from "./words.js";

// A name that tells the kind of a backup: what is called so is also cleaned up so.
const RESERVED = new Set(["auto", "pre_import"]);

const MIN_PASSPHRASE = 10; // as the server has it: whoever finds the file may try for ever

const isMaking = () => activeJobs().some(({ kind }) => kind === "create");

export function startBackingUp() {
  byId("back-up").addEventListener("click", backUp);
  byId("back-up-how").addEventListener("click", askHow);
  onJobs(showBusy);
  onLibrary(() => {
    byId("back-up-note").hidden = !library.vault?.encryption.by_default;
  });
}

/** As the settings have automatic backups made. */
export const backUp = () => make({ encrypt: library.vault?.encryption.by_default ?? false });

/** @param {api.Wanted} wanted */
async function make(wanted) {
  if (isMaking()) return;
  await once("create", "", async () => {
    try {
      started(await api.create(wanted));
    } catch (error) {
      tellProblem(error);
    }
  });
}

function showBusy() {
  const making = isMaking();
  // Not "disabled": the focus of whoever has just pressed it would be lost.
  byId("back-up").setAttribute("aria-disabled", String(making));
  byId("back-up-how").setAttribute("aria-disabled", String(making));
  byId("back-up-label").textContent = making ? "Backing up …" : "Back up now";
}

function askHow() {
  const { vault } = library;
  if (!vault || isMaking()) return;
  const { own_key: ownKey, recipients, by_default: byDefault } = vault.encryption;
  const name = input({ type: "text", maxlength: "100", autocomplete: "off" });
  const passphrase = input({ type: "password", autocomplete: "new-password" });
  const again = input({ type: "password", autocomplete: "new-password" });
  const secrets = input({ type: "checkbox" });
  const words = element(
    "div",
    { class: "fields nested" },
    field("Passphrase", "Without it nobody opens the backup, you included.", passphrase),
    field("Passphrase, once more", "", again),
  );
  const fault = element("p", { class: "fault", role: "alert" });
  /** @type {HTMLInputElement[]} */
  const ways = [];
  /** @param {string} value @param {string} title @param {string} hint @param {boolean} checked */
  const way = (value, title, hint, checked) => {
    const radio = input({ type: "radio", name: "how", value, checked });
    ways.push(radio);
    return choice(title, hint, radio);
  };
  const isFor = ownKey
    ? `This computer opens it without asking, your recovery kit anywhere${also(recipients)}.`
    : `Only the keys in your settings open it (${recipients.length}).`;
  const secretsChoice = choice(
    "Put API keys and passwords in",
    "They are left out otherwise. An import fills them in where a computer has none.",
    secrets,
  );
  const how = () => ways.find(({ checked }) => checked)?.value ?? "plain";
  const update = () => {
    words.hidden = how() !== "passphrase";
    secretsChoice.hidden = how() === "plain";
    fault.textContent = "";
  };
  /** @param {string} sentence @param {HTMLInputElement} control where it can be mended */
  const refuse = (sentence, control) => {
    control.closest(".field")?.after(fault); // beside it: elsewhere it may be out of sight
    fault.textContent = sentence;
    control.focus();
    fault.scrollIntoView({ block: "nearest" });
  };
  const go = () => {
    const ofName = nameFault(name.value);
    if (ofName) return refuse(ofName, name);
    const ofWords = how() === "passphrase" ? faultOf(passphrase.value, again.value) : "";
    if (ofWords) return refuse(ofWords, passphrase.value ? again : passphrase);
    dialog.close();
    make({
      ...wantedOf(how(), passphrase.value, secrets.checked),
      ...(slugOf(name.value) && { name: slugOf(name.value) }),
    });
  };
  const form = element(
    "form",
    {
      class: "fields",
      onchange: update,
      onsubmit: (event) => {
        event.preventDefault();
        go();
      },
    },
    field("Name", "If you like. The list shows it, and the file is called after it.", name),
    element(
      "fieldset",
      { class: "fields" },
      element("legend", { class: "hidden-text" }, "How the backup is made"),
      way("plain", "As it is", "An ordinary ZIP file: whoever has it can read it.", !byDefault),
      ownKey || recipients.length > 0
        ? way("vault", "Encrypted for this vault", isFor, byDefault)
        : null,
      way("passphrase", "Encrypted with a passphrase", "For somebody who has no key.", false),
    ),
    words,
    secretsChoice,
    fault,
    element("button", { type: "submit", hidden: true }), // so that Enter does it
  );
  const dialog = openDialog(
    "How shall the backup be made?",
    [element("p", { class: "muted" }, "It holds everything in your vault in any case."), form],
    [
      button("Cancel", () => dialog.close()),
      button("Make the backup", go, { kind: "primary", icon: "archive" }),
    ],
  );
  update();
}

/** @param {string[]} recipients */
const also = (recipients) =>
  recipients.length > 0 ? `, and ${counted(recipients.length, "key")} of your settings` : "";

/** @param {string} text as typed @returns {string} "" if it can be used, or there is none */
function nameFault(text) {
  const slug = slugOf(text);
  if (text.trim() && !slug) return "The name needs a letter from a to z, or a digit.";
  return RESERVED.has(slug) ? `“${slug}” stands for another kind of backup. Choose another name.` : "";
}

/** @param {string} passphrase @param {string} again @returns {string} "" if it can be used */
function faultOf(passphrase, again) {
  if (!passphrase) return "A passphrase is needed.";
  if (passphrase.trim().length < MIN_PASSPHRASE)
    return `The passphrase is too short: it needs ${MIN_PASSPHRASE} characters or more.`;
  return passphrase === again ? "" : "The two are not the same. Nothing was made.";
}

/** @param {string} how @param {string} passphrase @param {boolean} secrets @returns {api.Wanted} */
function wantedOf(how, passphrase, secrets) {
  if (how === "plain") return {};
  const lock = how === "vault" ? { encrypt: true } : { passphrase };
  return { ...lock, include_secrets: secrets };
}
