// What happened, told once: results, and errors in the words of the API.

import { Problem } from "./api.js";
import { announce } from "./announcer.js";
import { button, byId, element, icon, lineList } from "./dom.js";

const ICONS = { good: "check", bad: "alert", note: "info" };
const MOST = 3;
// Good news that asks for nothing goes by itself; the page shows what came of it.
const LINGER_MS = 12_000;

/**
 * @typedef {object} Notice
 * @property {"good" | "bad" | "note"} tone
 * @property {string} title
 * @property {(string | false | undefined)[]} [sentences]
 * @property {string[]} [list]
 * @property {string} [listTitle]
 * @property {{label: string, run: () => void}} [action]
 * @property {string} [topic] of two with the same only the newer one stays
 */

/** @param {Notice} notice */
export function tell(notice) {
  const { tone, title, sentences = [], list = [], listTitle, action, topic } = notice;
  const told = sentences.filter((sentence) => typeof sentence === "string" && sentence !== "");
  const shelf = byId("notices");
  const passing = tone === "good" && list.length === 0 && !action;
  for (const card of shelf.querySelectorAll("[data-passing]")) card.remove();
  if (topic) withdraw(topic);
  const card = element(
    "div",
    {
      class: `notice ${tone}`,
      role: tone === "bad" ? "alert" : null,
      "data-topic": topic,
      "data-passing": passing,
    },
    icon(ICONS[tone]),
    element(
      "div",
      { class: "notice-body" },
      element("h2", {}, title),
      ...told.map((sentence) => element("p", {}, /** @type {string} */ (sentence))),
      list.length > 0 && listTitle ? element("p", { class: "strong" }, listTitle) : null,
      list.length > 0 && lineList(list),
      action &&
        button(action.label, () => {
          card.remove();
          action.run();
        }),
    ),
    button("Dismiss", () => card.remove(), {
      kind: "quiet",
      icon: "cross",
      name: `Dismiss: ${title}`,
      compact: true,
    }),
  );
  shelf.prepend(card);
  while (shelf.children.length > MOST) shelf.lastElementChild?.remove();
  if (tone !== "bad") announce([title, ...told].join(". "));
  if (passing) setTimeout(() => fade(card), LINGER_MS);
}

/** @param {HTMLElement} card not taken away under the pointer or the focus */
function fade(card) {
  if (card.matches(":hover, :focus-within")) setTimeout(() => fade(card), LINGER_MS);
  else card.remove();
}

/** @param {string} topic */
export function withdraw(topic) {
  for (const card of [...byId("notices").children]) {
    if (/** @type {HTMLElement} */ (card).dataset.topic === topic) card.remove();
  }
}

/**
 * @param {unknown} error
 * @param {string} [what] what was tried, as the title; the error's own message else
 */
export function tellProblem(error, what) {
  if (!(error instanceof Problem)) throw error;
  tell({
    tone: "bad",
    title: what ?? error.message,
    sentences: [what && sentence(error.message), sentence(error.consequence), error.hint],
    list: error.errors.filter((line) => line !== error.message),
    topic: error.code,
  });
}

/** @param {string} text @returns {string} with a full stop */
function sentence(text) {
  return text === "" || /[.!?]$/.test(text) ? text : `${text}.`;
}
