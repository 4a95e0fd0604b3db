// Sends a file to be imported. XMLHttpRequest, because fetch does not tell how
// much of a body has gone out.

import { problemOf, unreachable } from "./api.js";

/**
 * @param {File} file
 * @param {import("./api.js").Unlocking} unlocking
 * @param {(sent: number, total: number) => void} onProgress
 * @returns {{job: Promise<import("./api.js").Job | null>, cancel: () => void}}
 *   the job that the upload became; null if it was cancelled
 */
export function upload(file, unlocking, onProgress) {
  const request = new XMLHttpRequest();
  const job = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.addEventListener("abort", () => resolve(null));
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("load", () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText));
      else reject(problemOf(request.status, request.responseText));
    });
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(unlocking)) form.append(name, String(value));
  form.append("file", file);
  request.open("POST", "/api/backup/import");
  request.send(form);
  return { job, cancel: () => request.abort() };
}
