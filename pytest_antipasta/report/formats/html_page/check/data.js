"use strict";
// The data of the report, with what the map, the tables and the views need to know of it.

/**
 * @typedef {Object} Limit
 * @property {number} limit
 * @property {string} comparison
 * @property {string} level
 *
 * @typedef {Object} Entry a file or a block
 * @property {File} file
 * @property {string} name qualified; empty for the file
 * @property {string} kind of a block; "file" for the file
 * @property {number} line
 * @property {number} end
 * @property {number} lines
 * @property {(number|null)[]} numbers in the order of `data.block_metrics`, or of `data.file_metrics`
 * @property {string} id what a link to it has behind the `#`
 * @property {Object[]} violations
 * @property {Object[]} warnings
 * @property {Object[]} tolerated
 * @property {(number|null)[]} ratios of its numbers to their limits, in the order of `data.judged`; 1 for the limit itself
 * @property {string} steps of these numbers, a digit each; empty if all are 0
 * @property {number|null} ratio of the worst of its numbers; null without any
 * @property {string} state
 * @property {string} text what is looked through for words
 *
 * @typedef {Entry & {path: string, own: string, limits: {file: Object<string, Limit>, block: Object<string, Limit>}, functions: Map<string, number>, blocks: Entry[], problems: Object[],
 *   sources: Object<string, {text: string, points: number[][]}>,
 *   cells: {number: string, line: number, end: number}[]}} File
 */

const STATES = {
  violation: "violation",
  warning: "warning",
  tolerated: "tolerated",
  over: "already over",
  near: "near a limit",
  within: "within limits",
  none: "no limit",
};

/**
 * Return the limit of a metric for a file, or for a block; null where it has none.
 * @param {Entry} entry
 * @param {string} metric
 * @returns {Limit|null}
 */
function findLimit(entry, metric) {
  const own = entry.file.functions.get(entry.name), limits = own === undefined ? entry.file.limits : data.limits[own];
  return limits[entry.name ? "block" : "file"][metric] ?? null;
}

/** Return the number of a metric; null where there is none. */
function findNumber(entry, metric) {
  return entry.numbers[(entry.name ? data.block_metrics : data.file_metrics).indexOf(metric)] ?? null;
}

/** The metrics that are judged in files, or in blocks. */
const LIMITED = Object.keys(data.metrics).filter((name) => [...data.block_metrics, ...data.file_metrics].includes(name));
const OF_BLOCKS = data.judged.block;
const OF_FILES = data.judged.file;

/** What the colours of the map mean: steps of a number beside its limit, and behind them what has none. */
const STEPS = [...data.steps.map((step) => step.text), "no value or no limit"];
const NO_STEP = data.steps.length;

/**
 * Return how a number stands beside its limit, as the report has it; null where it has no value or no limit.
 * @param {Entry} entry
 * @param {string} metric
 * @returns {{ratio: number, step: number, state: string}|null}
 */
function findStanding(entry, metric) {
  const place = (entry.name ? OF_BLOCKS : OF_FILES).indexOf(metric), ratio = entry.ratios[place] ?? null;
  if (ratio === null) return null;
  const step = Number(entry.steps[place] ?? 0);
  return { ratio, step, state: data.steps[step].state };
}

/** Whether a number of an entry is in a state. */
function hasState(entry, state) {
  return [...entry.steps].some((step) => data.steps[step].state === state);
}

/** Whether a number is over its limit. */
function isOver(entry, metric) {
  return findStanding(entry, metric)?.state === "over";
}

/** Return the class of what is over a limit, which gives it the colour of a violation or of a warning. */
function overClass(limit) {
  return limit?.level === "warning" ? "warned" : "over";
}

/** Return the class of a number; null for one that is not over its limit. */
function findOverClass(entry, metric) {
  return isOver(entry, metric) ? overClass(findLimit(entry, metric)) : null;
}

function findState(entry) {
  if (entry.violations.length) return "violation";
  if (entry.warnings.length) return "warning";
  if (entry.tolerated.length) return "tolerated";
  if (entry.ratio === null) return "none";
  // As of what a change does not touch, or of another branch's.
  return ["over", "near"].find((state) => hasState(entry, state)) ?? "within";
}

/**
 * Group violations by the block that they are about, those of the file under the empty name.
 * @param {Object[]} [violations]
 */
function groupByName(violations = NOTHING) {
  const groups = new Map();
  for (const one of violations) {
    const name = one.qualified_name || "";
    groups.set(name, [...(groups.get(name) || []), one]);
  }
  return groups;
}

/**
 * Complete a file or a block by what follows from its numbers.
 * @param {Object} entry
 */
function complete(entry) {
  entry.id = `${entry.file.path}::${entry.name}`;
  entry.text = entry.id.toLowerCase();
  entry.ratio = entry.ratios.reduce((worst, ratio) => (compareRatios(ratio, worst) > 0 ? ratio : worst), null);
  entry.state = findState(entry);
  return entry;
}

/**
 * Return the cell of a notebook that a line is in, and the line as it is counted there.
 * @param {File} file
 * @param {number} line
 */
function findPlace(file, line) {
  const cell = file.cells.find((one) => one.line <= line && line <= one.end);
  return cell ? { cell: cell.number, line: line - cell.line + 1 } : { cell: null, line };
}

/** Return the path of an entry with its line, and the cell that it is in; of a file its path. */
function formatPlace(entry) {
  if (!entry.name) return visible(entry.file.path);
  const { cell, line } = findPlace(entry.file, entry.line);
  return `${visible(entry.file.path)}:${cell ? `cell ${cell}:` : ""}${line}`;
}

/**
 * @param {Object} record
 * @returns {File}
 */
function makeFile(record) {
  const violations = groupByName(record.violations), warnings = groupByName(record.warnings), tolerated = groupByName(record.tolerated);
  const file = {
    path: record.path,
    name: "",
    kind: "file",
    numbers: record.numbers,
    ratios: record.ratios,
    steps: record.steps || "",
    limits: data.limits[record.limits],
    functions: new Map(Object.entries(record.functions || {})),
    problems: record.problems || NOTHING,
    sources: record.sources || {},
    violations: violations.get("") || NOTHING,
    warnings: warnings.get("") || NOTHING,
    tolerated: tolerated.get("") || NOTHING,
    all_violations: record.violations || NOTHING,
    all_warnings: record.warnings || NOTHING,
    all_tolerated: record.tolerated || NOTHING,
  };
  file.file = file;
  file.cells = (record.blocks || NOTHING).filter(([, kind]) => kind === "cell")
    .map(([name, , line, end]) => ({ number: name.split("#")[1], line, end }));
  file.lines = findNumber(file, "lines_of_code") || 0;
  complete(file);
  const width = data.block_metrics.length;
  file.blocks = (record.blocks || NOTHING).map(([name, kind, line, end, ...rest]) =>
    complete({
      file, name, kind, line, end,
      numbers: rest.slice(0, width),
      ratios: rest[width] || NOTHING,
      steps: rest[width + 1] || "",
      lines: end - line + 1,
      violations: violations.get(name) || NOTHING,
      warnings: warnings.get(name) || NOTHING,
      tolerated: tolerated.get(name) || NOTHING,
    }),
  );
  file.own = file.state;
  // The worst of all that is in it, and STATES begins with the worst.
  file.state = Object.keys(STATES).find((state) => [file, ...file.blocks].some((one) => one.state === state));
  return file;
}

/** @type {File[]} */
const files = data.files.map(makeFile);
/** @type {Entry[]} */
const blocks = files.flatMap((file) => file.blocks);
/** How many cells of notebooks there are: blocks that are no functions. */
const cellCount = blocks.filter((block) => block.kind === "cell").length;
/** What those with limits are called. */
const ofBlocks = cellCount ? "block" : "function";
/** @type {Map<string, Entry>} */
const entries = new Map([...files, ...blocks].map((entry) => [entry.id, entry]));

/** Compare two ratios, of which null is the least; of two infinite ones the difference would be no number. */
function compareRatios(a, b) {
  return a === b ? 0 : (a ?? -1) - (b ?? -1);
}

/** The functions that fail, the worst first, then the files. */
const failing = data.failing.map((id) => entries.get(id));
const RANKS = new Map(failing.map((entry, place) => [entry, place]));

/** Return the complexity of a function, or the average of a file. */
function findComplexity(entry) {
  return findNumber(entry, entry.name ? "cyclomatic_complexity" : "average_cyclomatic_complexity") ?? 0;
}

/** Compare what fails as all reports order it, and after it the rest: the farthest over its limit first, then the more complex and the longer. */
function compareEntries(a, b) {
  const rank = (entry) => RANKS.get(entry) ?? failing.length;
  return rank(a) - rank(b) || compareRatios(b.ratio, a.ratio) || findComplexity(b) - findComplexity(a) || b.lines - a.lines;
}
