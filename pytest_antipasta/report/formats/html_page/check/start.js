"use strict";
// What the page begins with: the verdict, and its parts in the order in which they are needed.

/** Return the verdict in a line. */
function verdict() {
  const failed = files.filter((file) => file.all_violations.length).length;
  const { violations, errors } = data.summary;
  if (violations) return `${count(violations, "violation")} in ${count(failed, "file")}`;
  if (files.some((file) => file.failed)) return errors ? `${count(errors, "file")} could not be measured` : "Failed for a comment that suppresses";
  return data.run.stopped === null ? "No violations" : "Stopped early";
}

/** Return a number with what it is of, and a link to where that is. */
function card(number, noun, target, kind = "") {
  const content = [make("b", {}, formatCount(number)), ` ${noun}${number === 1 || noun.endsWith("d") ? "" : "s"}`];
  return make("li", { class: kind || null }, number && target ? make("a", { href: target }, ...content) : make("span", {}, ...content));
}

function showSummary() {
  const { summary } = data, functions = blocks.filter((block) => block.kind !== "class").length;
  document.title = `${projectName(data.run.root)}: ${verdict()} (antipasta)`;
  byId("title").textContent = `antipasta: ${projectName(data.run.root)}`;
  byId("verdict").textContent = verdict();
  byId("verdict").className = files.some((file) => file.failed) ? "failed" : "passed";
  byId("cards").append(
    card(summary.violations, "violation", "#blocks", summary.violations ? "bad" : ""),
    card(summary.tolerated, "tolerated", "#tolerated"),
    card(summary.errors, "not measured", "#problems", summary.errors ? "bad" : ""),
    card(summary.files, "file"),
    card(functions, "function"),
    card(files.reduce((sum, file) => sum + file.lines, 0), "line"),
  );
  byId("remarks").append(...remarks().map((text) => make("li", {}, text)));
  byId("sources").textContent = describeSources();
  byId("made").textContent = `Written by pytest-antipasta ${data.antipasta} on Python ${data.python}, with radon ${data.radon} and complexipy ${data.complexipy}.`;
}

/** Return what makes less of this report than of others. */
function remarks() {
  const { change, narrowed_by: narrowed, stopped, total } = data.run, found = [];
  if (stopped !== null) found.push(`Files are missing, as the run was stopped early: ${visible(stopped)}`);
  if (change !== null) found.push(`Only what changed was judged: ${visible(change)}.`);
  const others = narrowed.filter((one) => one !== change);
  if (others.length) found.push(`Narrowed by ${others.map(visible).join(", ")}${total === null ? "" : ` to ${files.length} of ${count(total, "file")}`}.`);
  return found;
}

/** Say which sources are here. */
function describeSources() {
  const { wanted, too_many: tooMany, other, near } = data.sources;
  if (!wanted) return "There are no sources here, as no block is over or near a limit.";
  const parts = [`The sources of ${formatCount(wanted - tooMany - other)} of ${count(wanted, "block")} over a limit, or from ${near * 100} % of it on, are here`];
  if (tooMany) parts.push(`for ${formatCount(tooMany)} there was no room`);
  if (other) parts.push(`of ${formatCount(other)} there was not on disk what was measured`);
  return `${parts.join("; ")}.`;
}

showSummary();
startTheme(redrawMap);
startMap();
startView(entries, describeEntry);
// Behind the first frame, so that the map is there at once.
requestAnimationFrame(() => setTimeout(() => {
  startTables();
  startChanges();
  tables.blocks.on("tableBuilt", () => {
    document.documentElement.dataset.ready = "";
    setTimeout(startDistribution);
  });
}));
