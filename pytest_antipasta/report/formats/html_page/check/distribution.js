"use strict";
// How the numbers of each metric are spread beside its limit, as bars.

const BARS = 30, PLOT_WIDTH = 360, PLOT_HEIGHT = 120;
/** How far right the limit is at least, so that its label is not on that of 0. */
const ZERO_ROOM = 50;

/**
 * Return the numbers of a metric, the least first, those over their limits, and whose the worst is. An array of numbers
 * alone is sorted at once.
 * @param {string} metric
 * @returns {{values: Float64Array, over: number[], worst: Entry|null}}
 */
function findValues(metric) {
  const { scope, more_is_better: isLeast } = data.metrics[metric], known = [], over = [];
  const owners = scope === "block" ? blocks.filter((block) => block.kind !== "class") : files;
  let worst = null, most = 0;
  for (const entry of owners) {
    const value = findNumber(entry, metric);
    if (value === null) continue;
    known.push(value);
    if (isOver(entry, metric)) over.push(value);
    if (worst === null || (isLeast ? value < most : value > most)) [worst, most] = [entry, value];
  }
  return { values: Float64Array.from(known).sort(), over, worst };
}

/**
 * Return the numbers in bars: from the least one to a little beyond the limit, with the rest in the last bar.
 * @param {Float64Array} values
 * @param {number[]} over those over their limits
 * @param {Limit|undefined} limit
 */
function makeBars(values, over, limit) {
  const usual = values[Math.floor(values.length * 0.98)], top = Math.max(usual, limit ? limit.limit * 1.5 : 0, 1);
  const isWhole = values.every(Number.isInteger);
  const step = isWhole ? Math.max(1, Math.ceil(top / BARS)) : top / BARS;
  const bars = Array.from({ length: Math.ceil(top / step) + 1 }, (_, place) => ({ from: place * step, number: 0, over: 0 }));
  const barOf = (value) => bars[Math.min(bars.length - 1, Math.max(0, Math.floor(value / step)))];
  for (const value of values) barOf(value).number += 1;
  for (const value of over) barOf(value).over += 1;
  return { bars, step };
}

/**
 * Draw the bars, each with the share that is over a limit at its foot, and the limit of most.
 * @param {{from: number, number: number, over: number}[]} bars
 * @param {number} step
 * @param {Limit|undefined} limit
 * @param {string} label
 */
function drawBars(bars, step, limit, label) {
  const plot = draw("svg", { viewBox: `0 0 ${PLOT_WIDTH} ${PLOT_HEIGHT + 18}`, role: "img", "aria-label": label });
  const width = PLOT_WIDTH / bars.length, most = findGreatest(bars.map((bar) => bar.number));
  bars.forEach((bar, place) => {
    // The square root, so that the few that are over their limit can be seen beside the many that are not.
    const height = bar.number ? Math.max(2, Math.sqrt(bar.number / most) * PLOT_HEIGHT) : 0;
    const over = bar.over ? (height * bar.over) / bar.number : 0, box = { x: place * width, width: Math.max(1, width - 1) };
    if (height > over) plot.append(draw("rect", { ...box, y: PLOT_HEIGHT - height, height: height - over, class: "bar" }));
    if (over) plot.append(draw("rect", { ...box, y: PLOT_HEIGHT - over, height: over, class: `bar ${overClass(limit)}` }));
  });
  // Where each bar is one number, the limit's own is on the side of those that keep it.
  const isBehind = step === 1 && ["<=", ">"].includes(limit?.comparison);
  let isZeroFree = true;
  if (limit) {
    const x = Math.min(PLOT_WIDTH, (limit.limit / step + (isBehind ? 1 : 0)) * width);
    plot.append(draw("line", { x1: x, x2: x, y1: 0, y2: PLOT_HEIGHT, class: "limit" }));
    plot.append(draw("text", { x, y: PLOT_HEIGHT + 14, "text-anchor": "middle", class: "limit" }, `${limit.comparison} ${format(limit.limit)}`));
    isZeroFree = x > ZERO_ROOM;
  }
  if (isZeroFree) plot.append(draw("text", { x: 0, y: PLOT_HEIGHT + 14 }, "0"));
  plot.append(draw("text", { x: PLOT_WIDTH, y: PLOT_HEIGHT + 14, "text-anchor": "end" }, `${format(bars.at(-1).from)}+`));
  return plot;
}

/** Say how many values fail or warn, and how many are over the limit if that is more: those that are tolerated or did not change. */
function describeOver(number, noun, beyond) {
  const found = `${count(number, noun)}${data.run.change === null ? "" : " by this change"}`;
  return beyond > number ? `${found}; ${formatCount(beyond)} over the limit` : found;
}

/** Return the figure of a metric; null where it has no numbers. */
function makeFigure(metric) {
  const { values, over: beyond, worst } = findValues(metric);
  if (!worst) return null;
  const limit = data.run.limits[metric], noun = data.metrics[metric].scope === "block" ? ofBlocks : "file";
  const owners = data.metrics[metric].scope === "block" ? blocks : files, isAbout = (one) => one.metric === metric;
  const isWarning = limit?.level === "warning", list = isWarning ? "warnings" : "violations";
  const over = owners.reduce((sum, entry) => sum + entry[list].filter(isAbout).length, 0);
  const found = describeOver(over, isWarning ? "warning" : "violation", beyond.length);
  const isReversed = data.metrics[metric].more_is_better, most = format(values.at(isReversed ? 0 : -1));
  const percents = [50, isReversed ? 10 : 90];
  const [median, outer] = percents.map((percent) => values[Math.ceil(values.length * percent / 100) - 1]);
  const text = `${count(values.length, noun)}: median ${format(median)}, ${percents[1]}th percentile ${format(outer)}, worst `;
  const { bars, step } = makeBars(values, beyond, limit);
  const plot = drawBars(bars, step, limit, `${metric} of ${text}${most}, ${found}`);
  const caption = make("figcaption", {}, make("b", {}, breakName(metric)), make("span", {}, text, linkTo(worst.id, most)));
  caption.append(make("span", { class: over ? overClass(limit) : null }, found));
  return make("figure", {}, caption, plot);
}
