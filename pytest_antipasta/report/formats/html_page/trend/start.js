"use strict";
// What the page begins with: what the history comes to, and its parts in the order in which they are needed.

/** Return the first and the last number of a series of totals. */
function findEnds(name) {
  const { values } = data.series.find((one) => one.group === "totals" && one.name === name);
  return [values[0], values.at(-1)];
}

/** Return the first and the last number for each 1,000 source lines; null where there are no lines. */
function findDensities() {
  return data.series.some((one) => one.name === DENSITY) ? findEnds(DENSITY) : [null, null];
}

/** Whether the history begins with source files, so that there is something to compare with. */
function hasPast() {
  return data.commits.length > 1 && findEnds("files")[0] > 0;
}

/** Return a number before and after, or the last one where there is nothing to compare with. */
function formatEnds([then, now], show) {
  return hasPast() && then !== null ? `${show(then)} → ${show(now)}` : show(now);
}

/** Return what the history comes to in a line: numbers over their limits in code of one size. */
function describeOutcome() {
  if (!data.commits.length) return "No commit";
  const total = formatEnds(findEnds(OVER), formatCount), densities = findDensities();
  if (densities[1] === null) return `Values over their limits: ${total}`;
  return `${formatEnds(densities, (one) => one.toFixed(1))} values over their limits per 1,000 source lines (${total} in total)`;
}

/** Return how the last number is beside the first one: the class of the outcome. */
function judgeOutcome() {
  const [then, now] = findDensities()[1] === null ? findEnds(OVER) : findDensities();
  if (!hasPast() || then === null || then === now) return "";
  return now > then ? "failed" : "passed";
}

/** Return a number with what it is of, and what it was. */
function card(name) {
  const [then, now] = findEnds(name);
  const before = hasPast() ? `, initially ${formatCount(then)}` : "";
  return make("li", {}, make("b", {}, formatCount(now)), ` ${name.replaceAll("_", " ")}${before}`);
}

/** Return what makes less of this page than of others. */
function remarks() {
  const found = Object.entries(data.unmeasured).map(([kind, number]) => `Not measured (${kind}): ${count(number, "content")}.`);
  if (data.is_cut_off) found.push("The parents of the first commit are missing: this is a shallow clone.");
  if (data.commits.length < data.total) found.push(`${formatCount(data.commits.length)} of ${count(data.total, "commit")} are shown.`);
  return found;
}

function showSummary() {
  const name = projectName(data.root), { commits, month } = data;
  document.title = `${name}: ${describeOutcome()} (antipasta)`;
  byId("title").textContent = `antipasta trend: ${name}`;
  byId("verdict").textContent = describeOutcome();
  byId("made").textContent = `Written by pytest-antipasta ${data.antipasta} on Python ${data.python}, with radon ${data.radon} and complexipy ${data.complexipy}.`;
  byId("remarks").append(...remarks().map((text) => make("li", {}, text)));
  if (!commits.length) return;
  byId("verdict").className = judgeOutcome();
  const last = month && commits.length > 1 ? ` In the last 30 days ${count(month.added, "number")} exceeded ${month.added === 1 ? "its limit" : "their limits"}, and ${formatCount(month.paid_back)} ${month.paid_back === 1 ? "was" : "were"} brought back within.` : "";
  byId("range").textContent = `${count(data.total, "commit")}, ${day(commits[0])} to ${day(commits.at(-1))}.${last}`;
  const totals = data.series.filter((one) => one.group === "totals" && one.name !== OVER && one.name !== DENSITY);
  byId("cards").append(...totals.map((one) => card(one.name)));
}

showSummary();
startTheme(redrawMap);
startPlots({ totals: {}, over: {}, means: { isCount: false } }, DENSITY);
startMap();
startHotspots();
startView(entries, describeFile);
// Behind the first frame, so that plots and map are there at once.
requestAnimationFrame(() => setTimeout(() => {
  startTables().then(() => {
    scrollToPart();
    document.documentElement.dataset.ready = "";
  });
}));
