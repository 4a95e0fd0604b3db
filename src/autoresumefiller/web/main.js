// Starts the page and joins its parts.

import * as api from "./api.js";
import { showActivity } from "./activity.js";
import { showList, startList } from "./backup-list.js";
import { backUp, startBackingUp } from "./backing-up.js";
import { check } from "./checking.js";
import { askToCleanUp } from "./cleaning-up.js";
import { byId, refreshTimes } from "./dom.js";
import { restore, startImporting } from "./importing.js";
import { onEnded, onMissed, refreshJobs } from "./jobs.js";
import { library, onLibrary, reload } from "./library.js";
import { tellProblem, withdraw } from "./notices.js";
import { tellOutcome } from "./outcomes.js";
import { showOverview } from "./overview.js";
import { showPlan, watchPlans } from "./plan-dialog.js";
import { askToRemove } from "./removing.js";
import { once } from "./starting.js";
import { onTabs } from "./tabs.js";
import { askToUndo } from "./undoing.js";
import { askForKey, canUnlock } from "./unlocking.js";

// Programs and the command line change the vault too, and nobody tells the page.
const LOOK_AGAIN_MS = 10_000;
const TELL_TIME_MS = 30_000;

const acts = {
  backUp,
  /** @param {api.Backup} backup */
  verify: ({ filename }) => once("verify", filename, () => check(filename)),
  restore,
  remove: askToRemove,
  undo: askToUndo,
  canUnlock,
  unlock: askForKey,
};

/** @param {unknown} error nobody's doing: while it is shown it is not told again and again */
function tellOnce(error) {
  const shown = error instanceof api.Problem && `[data-topic="${error.code}"]`;
  if (!shown || !document.querySelector(shown)) tellProblem(error);
}

/** Look at everything again. @returns {Promise<void>} */
async function look() {
  try {
    // In this order: what ends after the jobs were asked for is noticed as missed.
    await refreshJobs();
    await reload();
    withdraw(api.UNREACHABLE);
  } catch (error) {
    if (!library.vault) byId("safety-title").textContent = "Your vault cannot be looked at";
    tellOnce(error);
  }
}

/** Find what others started; also notices that the server is gone, or is there again. */
async function lookForJobs() {
  if (document.hidden) return;
  try {
    await refreshJobs();
    if (document.querySelector(`[data-topic="${api.UNREACHABLE}"]`)) await look();
  } catch (error) {
    tellOnce(error);
  }
}

function showAll() {
  showOverview(acts);
  showList(acts);
  byId("undo-card").hidden = !library.vault?.undo_available;
  document.body.classList.remove("loading");
}

async function leave() {
  try {
    await api.leave();
    location.assign("/login");
  } catch (error) {
    tellProblem(error);
  }
}

watchPlans();
showActivity(showPlan);
onLibrary(showAll);
onEnded((job) => {
  tellOutcome(job, acts);
  reload().catch((error) => tellProblem(error));
});
onMissed(() => reload().catch((error) => tellProblem(error)));
onTabs("data", () => void look());
startList(acts);
startImporting();
startBackingUp();
byId("clean-up").addEventListener("click", askToCleanUp);
byId("undo").addEventListener("click", askToUndo);
byId("leave").addEventListener("click", leave);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
setInterval(lookForJobs, LOOK_AGAIN_MS);
setInterval(refreshTimes, TELL_TIME_MS);
look();
