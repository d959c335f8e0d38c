"use strict";
// What the page begins with, and its parts in the order in which they are needed.

/** Return a number with what it is of, and a link to where that is; nothing for none. */
function card(number, noun, target = "", kind = "") {
  if (!number) return "";
  const content = [make("b", {}, formatCount(number)), ` ${noun}${number === 1 || noun.endsWith("d") ? "" : "s"}`];
  return make("li", { class: kind || null }, target ? make("a", { href: target }, ...content) : make("span", {}, ...content));
}

function showSummary() {
  const { summary } = data, functions = blocks.filter((block) => block.kind !== "class").length;
  const ofFunctions = blocks.some((block) => block.violations.length);
  byId("cards").append(
    card(summary.violations, "violation", `#blocks?${ofFunctions ? "" : "show=files&"}state=violation`, "bad"),
    card(summary.warnings, "warning", `#blocks?${blocks.some((block) => block.warnings.length) ? "" : "show=files&"}state=warning`),
    card(summary.tolerated, "tolerated", "#tolerated"),
    card(summary.errors, "not measured", "#problems", "bad"),
    card(summary.files, "file", "#blocks?show=files"),
    card(functions, "function", "#blocks"),
    card(files.reduce((sum, file) => sum + file.lines, 0), "line"),
  );
  byId("effects").hidden = data.run.change === null;
  const effects = data.changes.length ? make("a", { href: "#changes" }, data.effects) : "no function changed";
  byId("effects").append("This change: ", effects, data.changes.length ? ` of ${count(data.changes.length, "block")}.` : ".", describeChoice());
  byId("remarks").append(...remarks().map((remark) => make("li", {}, remark)));
}

/** Say what was judged of a change; that is no warning. */
function describeChoice() {
  return data.run.change === null ? "" : ` Only the change was checked: ${visible(data.run.change)}.`;
}

/** Return what makes less of this report than of others. */
function remarks() {
  const { change, narrowed_by: narrowed, stopped, total } = data.run, found = [];
  if (!files.length && stopped === null) found.push("No source files found: check `paths`, `include` and `exclude` in the settings.");
  if (stopped !== null) found.push(`Files are missing because the run was stopped early: ${visible(stopped)}`);
  const others = narrowed.filter((one) => one !== change);
  const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
  if (others.length) found.push(`Narrowed by ${others.slice(0, 3).map(visible).join(", ")}${more}${total === null ? "" : ` to ${files.length} of ${count(total, "file")}`}.`);
  return found;
}

showSummary();
if (!files.length) for (const part of ["blocks", "map", "distribution"]) hide(part);
startFirst();
startUntested();
startTheme(redrawMap);
startMap();
makeTolerated();
makeProblems();
startChanges();
startView(entries, describeEntry);
// Behind the first frame, so that what is to be fixed first is there at once.
requestAnimationFrame(() => setTimeout(() => {
  startTables();
  startDistribution();
  scrollToPart();
  tables[byId("what").value].on("tableBuilt", () => {
    document.documentElement.dataset.ready = "";
  });
}));
