// What the vault holds and which backups there are, as the server last said.

import * as api from "./api.js";

/** @type {{vault: api.Vault | null, backups: api.Backup[]}} */
export const library = { vault: null, backups: [] };

const changes = new EventTarget();
/** @type {Promise<void> | null} */
let running = null;
let again = false;

/** @param {() => void} listener */
export const onLibrary = (listener) => changes.addEventListener("change", listener);

/**
 * Ask the server anew. Asked while an answer is under way, it asks once more
 * afterwards, so that what is shown is never older than the last call.
 * @returns {Promise<void>}
 */
export function reload() {
  if (running) {
    again = true;
    return running;
  }
  running = load().finally(() => {
    running = null;
  });
  return running;
}

async function load() {
  do {
    again = false;
    const [vault, backups] = await Promise.all([api.vault(), api.backups()]);
    Object.assign(library, { vault, backups });
    changes.dispatchEvent(new Event("change"));
  } while (again);
}
