// Check a backup in full; one that is locked is opened first.

import * as api from "./api.js";
import { started } from "./jobs.js";
import { reload } from "./library.js";
import { tellProblem } from "./notices.js";
import { canBeUnlocked } from "./unlocking.js";

/**
 * @param {string} filename
 * @param {api.Unlocking} [unlocking] for what is encrypted
 */
export async function check(filename, unlocking = {}) {
  try {
    const job = await api.verify(filename, unlocking);
    canBeUnlocked(job, unlocking, "Unlock and check", (more) => check(filename, more));
    started(job);
  } catch (error) {
    tellProblem(error);
    reload().catch(() => {}); // perhaps it is gone, and the list does not know
  }
}
