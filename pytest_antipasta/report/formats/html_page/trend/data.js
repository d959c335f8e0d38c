"use strict";
// The data of a history, with what the plots, the map and the tables need to know of it.

/**
 * @typedef {Object} Numbers of a file in a commit
 * @property {number} lines
 * @property {number} blocks
 * @property {number} violations
 * @property {(number|null)[]} sums in the order of `METRICS`
 *
 * @typedef {Object} File
 * @property {string} path
 * @property {string} id what a link to it has behind the `#`
 * @property {number} lines in the last commit
 * @property {Numbers|null} first
 * @property {Numbers|null} last
 * @property {number} changes
 * @property {string} state
 * @property {string} text what is looked through for words
 *
 * @typedef {[string, number, string, string]} Commit its name, its time in seconds and as text, its subject
 */

const METRICS = Object.keys(data.metrics);
const OVER = "values over their limits", DENSITY = "over limits per 1,000 lines", COMPLEXITY = "cyclomatic_complexity";

/**
 * Return a number of a file's; null where it has none.
 * @param {Numbers|null} numbers
 * @param {string} metric
 */
function findTotal(numbers, metric) {
  if (!numbers) return null;
  return metric === OVER ? numbers.violations : numbers.sums[METRICS.indexOf(metric)] ?? null;
}

/** Return what a number is beside what it was; null where that says nothing, as of a mean that there was not. */
function findChange(file, metric) {
  const now = findTotal(file.last, metric), then = findTotal(file.first, metric);
  const isSum = metric === OVER || data.metrics[metric].is_sum;
  if ((now === null && then === null) || (!isSum && (now === null || then === null))) return null;
  return (now ?? 0) - (then ?? 0);
}

/** Whether a change of a number is for the worse. */
function isWorse(metric, change) {
  return metric !== OVER && data.metrics[metric].more_is_better ? change < 0 : change > 0;
}

/** Return the class of a change: of a number of lines it is neither better nor worse. */
function judgeChange(metric, change) {
  if (!change || (metric !== OVER && data.metrics[metric].is_neutral)) return null;
  return isWorse(metric, change) ? "worse" : "better";
}

/**
 * Return a change with its sign.
 * @param {number|null} change
 */
function formatChange(change) {
  if (change === null) return "–";
  return change > 0 ? `+${format(change)}` : format(change);
}

/** @returns {File} */
function makeFile({ path, first, last, changes }) {
  const file = { path, first, last, changes, id: `${path}::`, lines: last ? last.lines : 0, text: path.toLowerCase() };
  file.state = last ? (first ? "" : "new") : "gone";
  file.then = first ? first.violations : 0;
  file.now = last ? last.violations : 0;
  file.change = file.now - file.then;
  file.complexity = findTotal(last, COMPLEXITY) ?? 0;
  file.complexityChange = METRICS.includes(COMPLEXITY) ? findChange(file, COMPLEXITY) : null;
  file.product = file.changes * file.complexity;
  return file;
}

/** @type {File[]} */
const files = data.files.map(makeFile);
/** @type {Map<string, File>} */
const entries = new Map(files.map((file) => [file.id, file]));
/** What is over its limit in the last commit, the farthest first. */
const standing = data.standing.map((one) => {
  const origin = one.since === null ? null : data.origins[one.since];
  const ratio = one.ratio ?? Infinity, date = origin ? origin[2].slice(0, 10) : "";
  const text = [one.path, one.qualified_name || "", one.metric, date, one.since || "", origin ? origin[3] : ""].join(" ");
  return { ...one, ratio, date, subject: origin ? origin[3] : "", text: text.toLowerCase() };
}).sort((a, b) => b.ratio - a.ratio);

/**
 * Return a link to the view of a file.
 * @param {string} path
 * @param {string} [text]
 */
function fileLink(path, text = visible(path)) {
  return entries.has(`${path}::`) ? linkTo(`${path}::`, text) : document.createTextNode(text);
}

/** Return what the view shows of a file. */
function describeFile(file) {
  const words = { new: "It did not exist in the first commit.", gone: "It no longer exists.", "": "" };
  const about = [count(file.lines, "line"), count(file.changes, "change")].join(", ");
  const rows = [OVER, ...METRICS].map((metric) => {
    const then = findTotal(file.first, metric), now = findTotal(file.last, metric), change = findChange(file, metric);
    return [breakName(metric), format(then), format(now), make("span", { class: judgeChange(metric, change) }, formatChange(change))];
  });
  const parts = [make("p", { class: "about" }, `${about}. ${words[file.state]}`), plainTable("Values", ["metric", "then", "now", "change"], rows)];
  const own = standing.filter((one) => one.path === file.path);
  if (own.length) parts.push(standingList(own));
  const at = files.indexOf(file);
  return { title: visible(file.path), parts, copy: visible(file.path), previous: files[at - 1]?.id, next: files[at + 1]?.id };
}

/** Return what of a file is over its limit, as a plain table. */
function standingList(rows) {
  const cells = rows.map((one) => [
    one.qualified_name ? visible(one.qualified_name) : "the file",
    breakName(one.metric),
    format(one.first_value),
    format(one.value),
    mustBe(one),
    one.since ? `${one.date} ${one.since.slice(0, 10)} ${visible(one.subject)}` : "before",
  ]);
  return plainTable("Over their limits", ["function", "metric", "then", "value", "must be", "since"], cells);
}
