// The server's answers, and what becomes of those that are errors.
// The shapes are those of docs/openapi.json.

/**
 * @typedef {{name: string, exists: boolean, files: number, size_bytes: number}} Folder
 * @typedef {{valid: boolean, at: string}} Verification
 * @typedef {{
 *   path: string, version: string, folders: Folder[], has_profile: boolean,
 *   backups: number, backups_size_bytes: number, last_backup: string | null,
 *   last_verified: (Verification & {filename: string}) | null, undo_available: boolean,
 *   encryption: {
 *     profile: boolean, own_key: boolean, recipients: string[], by_default: boolean,
 *   },
 *   recovered: "undone" | "finished" | null, warnings: string[],
 * }} Vault
 * @typedef {{
 *   scope?: "full" | "data", file_count: number, total_size_bytes: number,
 *   app_version: string, profile_valid?: boolean | null, redacted?: string[],
 *   missing_directories?: string[], skipped?: {path: string, reason: string}[],
 * }} Metadata
 * @typedef {{
 *   filename: string, path: string, size_bytes: number, created: string,
 *   type: "manual" | "auto" | "pre_import", metadata: Metadata | null,
 *   verified: Verification | null,
 * }} Backup
 * @typedef {{replaced: string[], added: string[], kept: string[], removed: string[]}} PlannedFiles
 * @typedef {{
 *   text: string, revision: number, archive: string, existing_data: boolean,
 *   profile_modified: string | null, data: PlannedFiles, resumes: PlannedFiles,
 *   cover_letters: PlannedFiles, config_merged: boolean, settings_changed: string[],
 *   mode: string, total_bytes: number, warnings: string[],
 * }} Plan
 * @typedef {{
 *   code: string, message: string, consequence: string, hint: string,
 *   errors: string[], warnings: string[],
 * }} Fault
 * @typedef {"create" | "import" | "verify" | "cleanup" | "undo"} JobKind
 * @typedef {"queued" | "running" | "awaiting_confirmation" | "succeeded" | "failed"
 *   | "cancelled"} JobState
 * @typedef {{
 *   id: string, kind: JobKind, subject: string, state: JobState, stage: string | null,
 *   current_bytes: number, total_bytes: number, current_file: string, last_event_id: number,
 * }} JobSummary
 * @typedef {JobSummary & {plan: Plan | null, result: any, error: Fault | null}} Job
 * @typedef {{filename: string, type: string, keep: boolean, reason: string}} Verdict
 */

/** Something that did not work, in the words of the API. */
export class Problem extends Error {
  /** @param {Partial<Fault> & {message: string}} fault */
  constructor(fault) {
    super(fault.message);
    this.code = fault.code ?? "";
    this.consequence = fault.consequence ?? "";
    this.hint = fault.hint ?? "";
    this.errors = fault.errors ?? [];
    this.warnings = fault.warnings ?? [];
  }
}

export const UNREACHABLE = "unreachable";

/** @returns {Problem} */
export function unreachable() {
  return new Problem({
    code: UNREACHABLE,
    message: "The server does not answer",
    consequence: "Your data stays where it is, on this computer.",
    hint: "Is “arf serve” still running? This page tries again by itself.",
  });
}

/**
 * Read an error's body, `application/problem+json` or whatever came instead.
 * @param {number} status
 * @param {string} text
 * @returns {Problem}
 */
export function problemOf(status, text) {
  if (status === 401) location.assign("/login");
  try {
    const { detail, ...rest } = JSON.parse(text);
    if (typeof detail === "string") return new Problem({ ...rest, message: detail });
  } catch {
    // Not ours; what follows says what is known.
  }
  return new Problem({ message: `The server answered with status ${status}` });
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body] sent as JSON
 * @returns {Promise<any>} the answer's JSON; null where there is none
 * @throws {Problem}
 */
async function request(method, path, body) {
  /** @type {RequestInit} */
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let response, text;
  try {
    response = await fetch(path, options);
    text = await response.text();
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw problemOf(response.status, text);
  return text ? JSON.parse(text) : null;
}

/** @param {string} filename */
export const addressOf = (filename) => `/api/backup/${encodeURIComponent(filename)}`;

/** @param {string} id */
const jobAddress = (id) => `/api/jobs/${encodeURIComponent(id)}`;

/** @param {string} id */
export const eventsOf = (id) => `${jobAddress(id)}/events`;

/** @returns {Promise<Vault>} */
export const vault = () => request("GET", "/api/vault");

/** @returns {Promise<Backup[]>} */
export const backups = async () => (await request("GET", "/api/backup/list")).backups;

/** @returns {Promise<JobSummary[]>} */
export const jobs = async () => (await request("GET", "/api/jobs")).jobs;

/** @param {string} id @returns {Promise<Job>} */
export const job = (id) => request("GET", jobAddress(id));

/** @param {string} id @returns {Promise<Job>} */
export const cancel = (id) => request("DELETE", jobAddress(id));

/**
 * @param {string} id
 * @param {{proceed: boolean, backup_existing: boolean, plan_revision: number}} answer
 * @returns {Promise<Job>}
 */
export const confirm = (id, answer) => request("POST", `${jobAddress(id)}/confirm`, answer);

/**
 * Have an import that asks make its plan for the other mode.
 * @param {string} id
 * @param {{mode: "overwrite" | "mirror", plan_revision: number}} wanted
 * @returns {Promise<Job>}
 */
export const changeMode = (id, wanted) => request("PATCH", jobAddress(id), wanted);

/**
 * @typedef {{
 *   name?: string, encrypt?: boolean, passphrase?: string, include_secrets?: boolean,
 * }} Wanted
 */

/** @param {Wanted} wanted @returns {Promise<Job>} */
export const create = (wanted) => request("POST", "/api/backup/create", wanted);

/**
 * @typedef {{
 *   kit?: string, passphrase?: string, kit_passphrase?: string, carry_locked?: boolean,
 * }} Unlocking
 */

/** @param {string} filename @param {Unlocking} [unlocking] @returns {Promise<Job>} */
export const restore = (filename, unlocking) =>
  request("POST", "/api/backup/import", { filename, ...unlocking });

/** @param {string} filename @param {Unlocking} unlocking @returns {Promise<Job>} */
export const verify = (filename, unlocking) =>
  request("POST", `${addressOf(filename)}/verify?wait=false`, unlocking);

/** @param {string} filename */
export const remove = (filename) => request("DELETE", addressOf(filename));

/**
 * @param {{max_backups: number, keep_manual: boolean}} rules
 * @returns {Promise<{deleted: number, backups: Verdict[]}>}
 */
export const previewCleanup = (rules) =>
  request("POST", "/api/backup/cleanup", { ...rules, dry_run: true });

/** @param {{max_backups: number, keep_manual: boolean}} rules @returns {Promise<Job>} */
export const cleanUp = (rules) => request("POST", "/api/backup/cleanup?wait=false", rules);

/**
 * @returns {Promise<{description: string, committed: string, restored: string[],
 *   removed: string[], changed_since: string[]} | null>}
 */
export const undoPlan = async () => (await request("GET", "/api/undo")).undo;

/** @returns {Promise<Job>} */
export const undo = () => request("POST", "/api/undo?wait=false");

export const leave = () => request("DELETE", "/api/session");
