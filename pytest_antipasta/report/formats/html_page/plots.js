"use strict";
// Lines over time, with a cursor that all plots share.

const PLOT = { width: 420, height: 132, left: 42, top: 8 };
const DAY = 86400, LONG = 400 * DAY;

/** Return where each commit stands between 0 and 1. Dates may go backwards; the order is the history's. */
function spread(commits) {
  let latest = -Infinity;
  const times = commits.map((commit) => (latest = Math.max(latest, commit[1])));
  const first = times[0], span = times.at(-1) - first;
  return times.map((time, place) => (span ? (time - first) / span : commits.length > 1 ? place / (commits.length - 1) : 0));
}

/** Return a round step that is about a third of the way between two numbers. */
function findStep(low, high) {
  const rough = (high - low) / 3, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
}

/** Return the multiples of a step between two numbers. */
function findTicks(low, high, step) {
  const ticks = [];
  for (let place = Math.ceil(low / step); place * step <= high * (1 + 1e-9); place += 1) ticks.push(Number((place * step).toPrecision(6)));
  return ticks;
}

/** Return the least and the greatest number of an axis: counts begin at 0, means where they are, with a span in which a small change looks small. */
function findRange(known, isCount) {
  const low = isCount ? 0 : findLeast(known), high = findGreatest(known);
  if (isCount) return [0, high > 0 ? high : 1];
  const missing = (Math.abs(high) || 1) * data.least_span - (high - low);
  return missing > 0 ? [low - missing / 2, high + missing / 2] : [low, high];
}

/** All plots that follow the cursor. */
const plots = [];

/**
 * Draw the axes of a plot.
 * @param {SVGElement} svg
 * @param {(value: number) => number} y
 * @param {[number, number]} range
 * @param {Commit[]} commits
 */
function drawAxes(svg, y, [low, high], commits) {
  const { width, height, left } = PLOT, step = findStep(low, high);
  for (const tick of findTicks(low, high, step)) {
    svg.append(draw("line", { x1: left, x2: width, y1: y(tick), y2: y(tick), class: "grid" }));
    svg.append(draw("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, formatTick(tick, step)));
  }
  const first = commits[0][1], span = findGreatest(commits.map((commit) => commit[1])) - first;
  let before = "";
  for (const part of [0, 1 / 3, 2 / 3, 1]) {
    const date = new Date((first + part * span) * 1000).toISOString().slice(0, span > LONG ? 7 : 10);
    if (date === before) continue;
    before = date;
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    svg.append(draw("text", { x: left + part * (width - left), y: height + 16, "text-anchor": anchor }, date));
  }
}

/** Return a number of an axis, short, with the decimals of the step between two of them. */
function formatTick(tick, step = 1) {
  if (tick >= 10000) return `${format(tick / 1000)}k`;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/**
 * Return a figure of numbers over time.
 * @param {{name: string, values: (number|null)[], threshold?: {limit: number, comparison: string}|null}} series
 * @param {Commit[]} commits
 * @param {{isCount?: boolean, isLasting?: boolean}} [options] isLasting: whether a number stays until the next commit
 */
function makeFigure({ name, values, threshold = null }, commits, { isCount = true, isLasting = false } = {}) {
  const { width, height, left, top } = PLOT;
  const known = values.filter((value) => value !== null);
  if (!known.length) return null;
  const [low, high] = findRange(threshold ? [...known, threshold.limit] : known, isCount), places = spread(commits);
  const x = (place) => left + places[place] * (width - left);
  const y = (value) => top + (1 - (value - low) / (high - low)) * (height - top);
  const must = threshold ? `, must be ${threshold.comparison} ${format(threshold.limit)}` : "";
  const label = `${name}: ${format(values[0])} on ${day(commits[0])}, ${format(values.at(-1))} on ${day(commits.at(-1))}, between ${format(findLeast(known))} and ${format(findGreatest(known))}${must}`;
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height + 20}`, role: "img", "aria-label": label, class: "lines" });
  drawAxes(svg, y, [low, high], commits);
  if (threshold) svg.append(draw("line", { x1: left, x2: width, y1: y(threshold.limit), y2: y(threshold.limit), class: "limit" }));
  svg.append(draw("path", { d: makePath(values, x, y, isLasting), class: "line" }));
  const line = draw("line", { y1: top, y2: height, class: "cursor" }), dot = draw("circle", { r: 3.5, class: "cursor" });
  svg.append(line, dot);
  const value = make("b", {});
  const caption = make("figcaption", {}, make("b", {}, breakName(name)), make("span", {}, `${format(values[0])} → ${format(values.at(-1))}${must}; here `, value));
  plots.push({ svg, places, show: (at) => showValue({ line, dot, value }, x(at), values[at], y) });
  return make("figure", {}, caption, svg);
}

/** Put the cursor of a plot at a commit. */
function showValue({ line, dot, value }, x, number, y) {
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  dot.setAttribute("cx", x);
  dot.setAttribute("cy", number === null ? -99 : y(number));
  value.textContent = format(number);
}

/** Return a line through all numbers, with gaps where there is none, and with stairs if they last. */
function makePath(values, x, y, isLasting) {
  let isDown = false;
  const steps = values.map((value, place) => {
    const across = x(place).toFixed(1), up = value === null ? "" : y(value).toFixed(1);
    const command = value === null ? "" : !isDown ? `M${across} ${up}` : isLasting ? `H${across}V${up}` : `L${across} ${up}`;
    isDown = value !== null;
    return command;
  });
  return steps.join("");
}

/** Return the day of a commit. */
function day(commit) {
  return commit[2].slice(0, 10);
}

/** Show the numbers of a commit in all plots. */
function showCommit(place) {
  const [name, , , subject] = data.commits[place], date = day(data.commits[place]);
  for (const plot of plots) plot.show(place);
  byId("at").textContent = `${date} ${name.slice(0, 10)} ${visible(subject)}`;
  byId("commit").setAttribute("aria-valuetext", `${date} ${visible(subject)}`);
}

/** Return the commit that is nearest to a place in a plot. */
function findNearest({ svg, places }, event) {
  const box = svg.getBoundingClientRect(), { width, left } = PLOT;
  const part = (((event.clientX - box.left) / box.width) * width - left) / (width - left);
  const behind = places.findIndex((place) => place >= part);
  if (behind <= 0) return behind ? places.length - 1 : 0;
  return part - places[behind - 1] < places[behind] - part ? behind - 1 : behind;
}

/**
 * Draw all plots, and let them follow the mouse and the slider.
 * @param {Object<string, {isCount?: boolean, isLasting?: boolean}>} groups how each group of series is drawn
 */
function startPlots(groups) {
  const slider = byId("commit"), { commits, series } = data;
  byId("time").hidden = !commits.length;
  if (!commits.length) return;
  for (const [group, options] of Object.entries(groups)) {
    const shown = series.filter((one) => one.group === group);
    byId(group).append(...shown.map((one) => makeFigure(one, commits, options)).filter(Boolean));
    const title = document.getElementById(`${group}-title`);
    if (title) title.hidden = !byId(group).childElementCount;
  }
  slider.max = String(commits.length - 1); // before the value, which can't be greater
  slider.value = slider.max;
  slider.addEventListener("input", () => showCommit(Number(slider.value)));
  for (const plot of plots) {
    plot.svg.addEventListener("pointermove", (event) => showCommit(findNearest(plot, event)));
    plot.svg.addEventListener("pointerleave", () => showCommit(Number(slider.value)));
    plot.svg.addEventListener("click", (event) => {
      slider.value = String(findNearest(plot, event));
      showCommit(Number(slider.value));
    });
  }
  showCommit(commits.length - 1);
}
