// What a screen reader says without being asked.

import { byId } from "./dom.js";

/** @param {string} sentence */
export function announce(sentence) {
  byId("announcer").textContent = sentence;
}
