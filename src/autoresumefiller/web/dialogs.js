// Native modal dialogs: the browser keeps the focus inside, closes on Escape and
// gives the focus back.

import { element, shown } from "./dom.js";

let count = 0;

/**
 * @param {string} title
 * @param {import("./dom.js").Child[]} content
 * @param {HTMLElement[]} buttons the first is the harmless one, which has the focus
 * @returns {HTMLDialogElement} open; gone from the page once it is closed
 */
export function openDialog(title, content, buttons) {
  const id = `dialog-title-${++count}`;
  const dialog = /** @type {HTMLDialogElement} */ (
    element(
      "dialog",
      { "aria-labelledby": id },
      element("h2", { id }, title),
      element("div", { class: "dialog-body" }, ...shown(content)),
      element("div", { class: "dialog-buttons" }, ...buttons),
    )
  );
  buttons[0]?.setAttribute("autofocus", "");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;
