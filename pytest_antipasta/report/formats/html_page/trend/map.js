"use strict";
// The map of files: area is lines in the last commit, and colour the change of a number since the first one.

/** Steps from much better to much worse, with none at all in the middle, and behind them what has no number. */
const SAME = 3, NO_STEP = 7;

/** Return up to which change each of three steps goes. */
function findBounds(metric) {
  const changes = files.filter((file) => file.last).map((file) => Math.abs(findChange(file, metric) ?? 0));
  const most = Math.max(0, findGreatest(changes)), round = changes.every(Number.isInteger) ? Math.floor : (one) => one;
  return [round(most / 9), round(most / 3), most];
}

/** The bounds of each metric, once they are known. */
const bounds = new Map();

function boundsOf(metric) {
  if (!bounds.has(metric)) bounds.set(metric, findBounds(metric));
  return bounds.get(metric);
}

/** Return the texts of the legend; empty for steps that nothing is in. */
function explainChanges(metric) {
  const ends = boundsOf(metric), sign = data.metrics[metric]?.more_is_better ? -1 : 1;
  const worse = ends.map((end, place) => (end > (place ? ends[place - 1] : 0) ? `up to ${formatChange(sign * end)}` : ""));
  const better = worse.map((text, place) => text && `up to ${formatChange(-sign * ends[place])}`);
  return [...better.reverse(), "unchanged", ...worse, "no value to compare"];
}

/** Return a change with its step; that of a folder may be larger than that of any file. */
function weighChange(change, metric) {
  if (!change) return { value: change, step: change === null ? NO_STEP : SAME };
  const ends = boundsOf(metric), found = ends.findIndex((end) => Math.abs(change) <= end), size = found < 0 ? ends.length : found + 1;
  return { value: change, step: SAME + (isWorse(metric, change) ? size : -size) };
}

/** Return what all files of a folder come to. */
function addChanges(node) {
  const changes = node.leaves().map((leaf) => leaf.weight.value).filter((value) => value !== null);
  return weighChange(changes.length ? changes.reduce((sum, one) => sum + one, 0) : null, map.metric);
}

/** Say how a part of the map has changed. */
function describeChange({ data: place, weight }, metric) {
  const parts = place.entry && place.entry.state ? [place.entry.state] : [];
  const then = place.entry ? findTotal(place.entry.first, metric) : null;
  const ends = then === null ? "" : ` (${format(then)} → ${format(findTotal(place.entry.last, metric))})`;
  if (weight) parts.push(weight.value === null ? `${metric}: no value to compare` : `${metric} ${formatChange(weight.value)}${ends}`);
  return parts;
}

/** Make the map. */
function startMap() {
  const means = data.series.filter((one) => one.group === "means").map((one) => one.name);
  startTreemap(files, {
    metrics: [OVER, ...means.filter((name) => !data.metrics[name].is_neutral)],
    palette: "change",
    none: NO_STEP,
    explain: explainChanges,
    childrenOf: (place) => place.children || NOTHING,
    weigh: ({ entry }, metric) => weighChange(entry ? findChange(entry, metric) : null, metric),
    weighAll: addChanges,
    describe: describeChange,
  });
}
