"use strict";
// What the page begins with: what the history comes to, and its parts in the order in which they are needed.

/** Return the first and the last number of a series of totals. */
function findEnds(name) {
  const { values } = data.series.find((one) => one.group === "totals" && one.name === name);
  return [values[0], values.at(-1)];
}

/** Return what the history comes to in a line. */
function describeOutcome() {
  if (!data.commits.length) return "No commit";
  const [then, now] = findEnds(OVER), change = now - then;
  const more = change ? `${formatCount(Math.abs(change))} ${change > 0 ? "more" : "fewer"} than at first` : "as many as at first";
  return `${count(now, "number")} over ${now === 1 ? "its limit" : "their limits"}, ${more}`;
}

/** Return a number with what it is of, and what it was. */
function card(name) {
  const [then, now] = findEnds(name);
  return make("li", {}, make("b", {}, formatCount(now)), ` ${name.replaceAll("_", " ")}, ${formatCount(then)} at first`);
}

/** Return what makes less of this page than of others. */
function remarks() {
  const found = Object.entries(data.unmeasured).map(([kind, number]) => `Not measured (${kind}): ${count(number, "content")}.`);
  if (data.is_cut_off) found.push("The first commit has parents that are not here: the clone is shallow.");
  if (data.commits.length < data.total) found.push(`${formatCount(data.commits.length)} of ${count(data.total, "commit")} are drawn.`);
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
  const [then, now] = findEnds(OVER);
  byId("verdict").className = now > then ? "failed" : now < then ? "passed" : "";
  const last = month && commits.length > 1 ? ` In its last 30 days ${count(month.added, "number")} came over ${month.added === 1 ? "its limit" : "their limits"}, and ${formatCount(month.paid_back)} ${month.paid_back === 1 ? "was" : "were"} paid back.` : "";
  byId("range").textContent = `${count(data.total, "commit")}, ${day(commits[0])} to ${day(commits.at(-1))}.${last}`;
  const totals = data.series.filter((one) => one.group === "totals" && one.name !== OVER);
  byId("cards").append(...totals.map((one) => card(one.name)));
}

showSummary();
startTheme(redrawMap);
startPlots({ totals: {}, over: {}, means: { isCount: false } }, OVER);
startMap();
startView(entries, describeFile);
// Behind the first frame, so that plots and map are there at once.
requestAnimationFrame(() => setTimeout(() => {
  startTables().on("tableBuilt", () => {
    document.documentElement.dataset.ready = "";
  });
}));
