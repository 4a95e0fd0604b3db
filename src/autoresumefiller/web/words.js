// Numbers and times as a person says them, in their own language and zone.

const LOCALE = navigator.language;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** @type {[Intl.RelativeTimeFormatUnit, number][]} seconds of each, largest first */
const UNITS = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["week", 7 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * @param {string} moment ISO 8601
 * @param {Date} [now]
 * @returns {string} such as "3 hours ago"
 */
export function ago(moment, now = new Date()) {
  const seconds = (new Date(moment).getTime() - now.getTime()) / 1000;
  const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  return unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : "just now";
}

/** @param {string} moment ISO 8601 @returns {string} to the second, with the zone */
export const exactly = (moment) => exact.format(new Date(moment));

/** @param {string} moment @param {Date} [now] @returns {number} whole days since */
export const daysSince = (moment, now = new Date()) =>
  Math.floor((now.getTime() - new Date(moment).getTime()) / 86_400_000);

/** @param {number} bytes @returns {string} such as "92.7 MB" (decimal, like most file managers) */
export function size(bytes) {
  if (bytes < 1000) return counted(bytes, "byte");
  let value = bytes;
  let unit = "";
  for (unit of ["kB", "MB", "GB", "TB"]) {
    value /= 1000;
    if (value < 999.5) break;
  }
  const digits = value < 9.95 ? 1 : 0;
  return `${value.toLocaleString(LOCALE, { maximumFractionDigits: digits })} ${unit}`;
}

/** @param {number} count @param {string} noun @param {string} [plural] @returns {string} */
export const counted = (count, noun, plural = `${noun}s`) =>
  `${count.toLocaleString(LOCALE)} ${count === 1 ? noun : plural}`;

/** @param {string} text @returns {string} its first letter large */
export const capital = (text) => text.charAt(0).toLocaleUpperCase(LOCALE) + text.slice(1);

// Characters that do not print, and those that turn the direction of what follows:
// "\u202Epiz.exe" reads "exe.zip". The zero-width joiners are letters' business.
const INVISIBLE = /(?![\u200C\u200D])[\p{C}\p{Zl}\p{Zp}]/gu;

/** @param {string} text that may come from a file name @returns {string} what it really is */
export const visible = (text) => text.replace(INVISIBLE, "\uFFFD");

// How the server names a backup: <name>_backup_YYYYMMDD_HHMMSS.zip, perhaps numbered or encrypted.
const NAMED = /^(.+)_backup_\d{8}_\d{6}(?:_\d+)?\.zip(?:\.age)?$/;
const OWN_NAME = "autoresumefiller";

/**
 * @param {{filename: string, type: string}} backup
 * @returns {string} what the person called it, or the file's own name if we did not name it; "" for
 *   one that has only a time
 */
export function nameOf({ filename, type }) {
  const name = NAMED.exec(filename)?.[1] ?? filename;
  return type !== "manual" || name === OWN_NAME ? "" : name;
}

/**
 * @param {string} text what a person typed
 * @returns {string} what of it can stand in a file's name everywhere: "Vor dem Gespräch!" is
 *   "Vor-dem-Gesprach"; "" if nothing can
 */
export const slugOf = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, 100);

/** @type {Record<string, string>} */
export const TYPES = {
  manual: "Made by you",
  auto: "Automatic",
  pre_import: "Before an import",
};

/** @type {Record<string, string>} what a stage does, as its bar says it */
export const STAGES = {
  preparing: "Looking at your files",
  reading: "Reading your files",
  writing: "Writing the backup",
  verifying: "Reading the backup back",
  validating: "Checking the backup",
  awaiting_confirmation: "Waiting for your answer",
  backing_up: "Backing up what is there",
  restoring: "Putting the files in place",
  committing: "Making it final",
  done: "Finishing",
};
