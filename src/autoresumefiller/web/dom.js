// Builds elements. Whatever comes from outside becomes text, never markup: this
// is the only way that the page has to make an element.

import { ago, exactly, visible } from "./words.js";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | EventListener | null | undefined>} [attributes]
 *   a function under "onclick" and the like becomes a listener, true an attribute without value
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...shown(children));
  return made;
}

/** @param {Child[]} children @returns {(Node | string)[]} */
export const shown = (children) =>
  children
    .filter((child) => child || child === "")
    .map((child) => (typeof child === "string" ? visible(child) : /** @type {Node} */ (child)));

/** @param {string} id @returns {any} an element that index.html has */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/** @param {string} name one of icons/ @param {string} [more] classes */
export const icon = (name, more = "") =>
  element("span", { class: `icon icon-${name} ${more}`, "aria-hidden": "true" });

/**
 * @param {string} label
 * @param {(event: Event) => void} onclick
 * @param {{kind?: "primary" | "danger" | "quiet" | "plain", icon?: string, name?: string,
 *   compact?: boolean}} [options]
 *   name: what a screen reader says, where the label alone is not enough;
 *   compact: where there is little room the icon stands alone
 */
export function button(label, onclick, options = {}) {
  const { kind = "plain", icon: picture, name, compact } = options;
  return element(
    "button",
    {
      type: "button",
      class: `button ${kind} ${compact ? "compact" : ""}`,
      "aria-label": name,
      title: compact ? label : null,
      onclick,
    },
    picture && icon(picture),
    element("span", {}, label),
  );
}

/** @param {Record<string, string | boolean>} attributes @returns {HTMLInputElement} */
export const input = (attributes) =>
  /** @type {HTMLInputElement} */ (element("input", attributes));

/** @param {string} name @param {string} hint @param {HTMLInputElement} control */
export const field = (name, hint, control) =>
  element(
    "label",
    { class: "field" },
    element("span", { class: "strong" }, name),
    hint ? element("span", { class: "muted" }, hint) : null,
    control,
  );

/**
 * @param {string} title
 * @param {string} hint "" for none
 * @param {HTMLInputElement} control a box to tick, or one of several
 */
export const choice = (title, hint, control) =>
  element(
    "label",
    { class: "choice" },
    control,
    element(
      "span",
      {},
      element("span", { class: "strong" }, title),
      hint ? element("span", { class: "muted" }, hint) : null,
    ),
  );

/** @param {string} moment ISO 8601 @returns {HTMLElement} in words; `refreshTimes` keeps it true */
export const agoElement = (moment) =>
  element("time", { datetime: moment, title: exactly(moment), "data-ago": true }, ago(moment));

/** Say anew how long ago everything was. */
export function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = ago(/** @type {HTMLTimeElement} */ (time).dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}

/**
 * @param {string[]} lines
 * @param {number} most how many are shown before the rest is counted
 */
export function lineList(lines, most = 200) {
  const more = lines.length - most;
  return element(
    "ul",
    { class: "lines" },
    ...lines.slice(0, most).map((line) => element("li", {}, line)),
    more > 0 && element("li", { class: "muted" }, `and ${more} more`),
  );
}
