"use strict";
// What the page begins with, and its parts in the order in which they are needed.

/** Return a number with what it is of, and a link to where that is; nothing for none. */
function card(number, noun, target = "", kind = "") {
  if (!number) return "";
  const content = [make("b", {}, formatCount(number)), ` ${noun}${number === 1 || noun.endsWith("d") ? "" : "s"}`];
  return make("li", { class: kind || null }, target ? make("a", { href: target }, ...content) : make("span", {}, ...content));
}

function showSummary() {
  const { summary } = data, functions = blocks.filter((block) => block.kind !== "class").length - cellCount;
  const ofFunctions = blocks.some((block) => block.violations.length);
  byId("cards").append(
    card(summary.violations, "violation", `#blocks?${ofFunctions ? "" : "show=files&"}state=violation`, "bad"),
    card(summary.warnings, "warning", `#blocks?${blocks.some((block) => block.warnings.length) ? "" : "show=files&"}state=warning`),
    card(summary.tolerated, "tolerated", "#tolerated"),
    card(summary.errors, "not measured", "#problems", "bad"),
    card(summary.files, "file", "#blocks?show=files"),
    card(functions, "function", "#blocks"),
    card(cellCount, "cell", "#blocks?kind=cell"),
    card(files.reduce((sum, file) => sum + file.lines, 0), "line"),
  );
  if (data.run.change === null) return;
  const effects = data.changes.length ? make("a", { href: "#changes" }, data.effects) : "no function changed";
  byId("effects").hidden = false;
  byId("effects").append("This change: ", effects, `. Only the change was checked: ${visible(data.run.change)}.`);
}

showSummary();
if (!files.length) for (const part of ["blocks", "map", "distribution"]) hide(part);
startFirst();
startUntested();
startMap();
makeTolerated();
makeProblems();
startChanges();
startView(entries, describeEntry);
finish(() => {
  startTables();
  byId("plots").append(...LIMITED.map(makeFigure).filter(Boolean));
  return [tables[byId("what").value]];
});
