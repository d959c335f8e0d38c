"use strict";
// What the page begins with: what the history comes to, and its parts in the order in which they are needed.

/** The class of what a history comes to. */
const OUTCOMES = { worse: "failed", better: "passed" };

/** Return the last number of a series with what it is of, and the first one. */
function card({ name, values }) {
  const before = data.has_past ? `, initially ${formatCount(values[0])}` : "";
  return make("li", {}, make("b", {}, formatCount(values.at(-1))), ` ${name.replaceAll("_", " ")}${before}`);
}

/** Return what makes less of this page than of others. */
function remarks() {
  const found = Object.entries(data.unmeasured).map(([kind, number]) => `Not measured (${kind}): ${count(number, "content")}.`);
  if (data.is_cut_off) found.push("The parents of the first commit are missing: this is a shallow clone.");
  if (data.commits.length < data.total) found.push(`${formatCount(data.commits.length)} of ${count(data.total, "commit")} are shown.`);
  return found;
}

function showSummary() {
  const { commits, month } = data;
  byId("verdict").textContent = data.outcome.text;
  byId("remarks").append(...remarks().map((text) => make("li", {}, text)));
  if (!commits.length) return;
  byId("verdict").className = OUTCOMES[data.outcome.effect] || "";
  const last = month && commits.length > 1 ? ` At the end of the last 30 days, ${count(month.added, "value")} ${month.added === 1 ? "is" : "are"} newly over ${month.added === 1 ? "its limit" : "their limits"}, and ${formatCount(month.paid_back)} ${month.paid_back === 1 ? "is" : "are"} back within.` : "";
  const days = [...new Set([day(commits[0]), day(commits.at(-1))])].join(" to ");
  byId("range").textContent = `${count(data.total, "commit")}, ${days}.${last}`;
  const totals = data.series.filter((one) => one.group === "totals" && one.name !== OVER && one.name !== DENSITY);
  byId("cards").append(...totals.map(card));
}

showSummary();
startPlots({ totals: {}, over: {}, means: { isCount: false } });
startMap();
startHotspots();
startView(entries, describeFile);
finish(() => [makeStanding(), makeSteps(), makeFiles(), makeFolders()].filter(Boolean));
