"use strict";
// The page of one function: its numbers over time, and what each commit did to it.

/** Return what a commit did to the place of the function. */
function describeStep(step) {
  if (step.previous_path === null) return `${step.change ?? "was there already"} as ${step.path}::${step.qualified_name}`;
  const before = `${step.previous_path}::${step.previous_name}`;
  return step.change === "modified" ? "modified" : `${step.change} from ${before}`;
}

/** Return a number before and after a commit, or the only one there is. */
function formatStep({ before, after }) {
  return before === null || before === after ? format(after) : `${format(before)} → ${format(after)}`;
}

/** Return what makes less of this page than of others. */
function remarks() {
  const found = [];
  for (const [kind, number] of Object.entries(data.unmeasured)) found.push(`Skipped ${count(number, "content")} of its file that could not be measured (${kind}).`);
  if (data.is_cut_off && data.steps[0].change === null) found.push("The parents of the first commit are missing: this is a shallow clone.");
  return found;
}

/** Return what else there is to know, which is no warning. */
function describeRest() {
  const edits = data.edits ? ` ${count(data.edits, "commit")} more edited its code but changed none of these values.` : "";
  return data.namesakes.length ? `${edits} Other blocks with this name have their own history: ${data.namesakes.map(visible).join(", ")}.` : edits;
}

function showSummary() {
  const { commits, series, steps } = data, name = visible(`${data.path}::${data.qualified_name}`);
  const changed = steps.filter((step) => step.previous_path !== null).length;
  byId("verdict").textContent = name;
  const numbers = series.map((one) => `${one.name.replaceAll("_", " ")} ${format(one.values[0])} → ${format(one.values.at(-1))}`);
  byId("range").textContent = `${numbers.join(", ")}. ${count(changed, "commit")} of ${formatCount(data.looked_at)} changed its values, name or location, ${day(commits[0])} to ${day(commits.at(-1))}.${describeRest()}`;
  byId("remarks").append(...remarks().map((text) => make("li", {}, text)));
}

/** Make the table of commits. */
function makeSteps() {
  const rows = data.steps.map((step) => ({ ...step, day: step.date.slice(0, 10), name: step.commit.slice(0, 10), what: describeStep(step) })).reverse();
  const metrics = data.series.map(({ name }) =>
    column(name, name, { width: 150, headerSort: false, formatter: (cell) => document.createTextNode(formatStep(cell.getData().metrics[name])) }),
  );
  return makeTable("steps-table", "changes by commit", rows, [
    column("date", "day", { width: 104 }),
    column("commit", "name", { width: 116, headerSort: false }),
    column("subject", "subject", { minWidth: 240, widthGrow: 3 }),
    column("change", "what", { minWidth: 160, widthGrow: 2 }),
    ...metrics,
  ]);
}

showSummary();
startPlots({ numbers: { isLasting: true } });
finish(() => [makeSteps()]);
