"use strict";
// What a change did to blocks: numbers before and after it.

/** What the change did to blocks that are there: another one may have been renamed onto the name of one that is gone.
 * @type {Map<string, Object>} */
const changes = new Map(data.changes.filter((one) => one.change !== "deleted").map((one) => [`${one.path}::${one.qualified_name}`, one]));

/**
 * Return the two sides of a number and what is between them.
 * @param {{before: number|null, after: number|null, delta: number|null}} number
 */
function formatStep({ before, after, delta }) {
  if (before === null) return format(after);
  if (after === null) return `${format(before)} → –`;
  return delta ? `${format(before)} → ${format(after)} (${delta > 0 ? "+" : ""}${format(delta)})` : format(after);
}

/** Return what a change did to a block, in words; empty for nothing. */
function describeChange(entry) {
  const change = changes.get(entry.id);
  if (!change) {
    const found = [...entry.violations, ...entry.warnings, ...entry.tolerated].find((one) => one.origin);
    return found ? `The change: ${found.origin}.` : "";
  }
  const steps = Object.entries(change.metrics).map(([metric, number]) => `${metric} ${formatStep(number)}`);
  return `The change: ${change.happened}; ${steps.join(", ")}.`;
}

/** Return a link to a block that the change touches, if it is still there. */
function changeLink(row) {
  return row.change === "deleted" ? textNode(row.qualified_name) : rowLink(row);
}

/** Return a link to a block of a change, with its file. */
function placeLink(path, name, text = ` in ${visible(path)}`) {
  return [rowLink({ id: `${path}::${name}`, qualified_name: name }), text];
}

/** Return what else there is to say of a change, each as parts of a line. */
function describeRest() {
  const line = (title, ...parts) => [make("b", {}, `${title}: `), ...parts, "."];
  const first = data.read_first.map(({ path, qualified_name: name, reasons }) => placeLink(path, name, ` (${reasons.map(visible).join(", ")})`));
  return [
    ...(data.points ? [line("Complexity added and removed", data.points)] : []),
    ...(first.length ? [line(`Read ${first.length === 1 ? "this" : "these"} first`, ...first.flatMap((parts, place) => (place ? ["; ", ...parts] : parts)))] : []),
    ...data.splits.map(({ effect, path, name, text }) => line(`${effect[0].toUpperCase()}${effect.slice(1)}`, ...placeLink(path, name), `: ${visible(text)}`)),
    ...data.waivers.map(({ path, text, fails }) => line(`Waiver added${fails ? ", which fails" : ""}`, `${visible(path)}: ${visible(text)}`)),
    ...data.not_compared.map(({ path, side, message }) => line("Not compared", `${visible(path)} has no values from ${side} the change: ${visible(message)}`)),
    ...data.unlimited.map(([what, files]) => line(what, visible(files))),
  ];
}

/** Make the table of what the change did. */
function startChanges() {
  if (data.run.change === null) return;
  const rest = describeRest();
  if (!data.changes.length && !rest.length) return;
  show("changes");
  const rows = data.changes.map((one) => {
    const previous = [one.previous_path, one.previous_name].filter((part) => part !== null).map(visible).join(" ");
    return { ...one, id: `${one.path}::${one.qualified_name}`, previous };
  });
  byId("changes-lead").textContent = `${visible(data.run.change)} touches ${data.effects}.`;
  byId("changes-list").append(...rest.map((parts) => make("li", {}, ...parts)));
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const step = (metric) => (cell) => {
    const found = cell.getData().metrics[metric];
    return found ? make("span", { class: found.effect }, formatStep(found)) : textNode("");
  };
  const fields = metrics.map((metric) => `metrics.${metric}.delta`);
  makeTable("changes-table", "what the change did", rows, arrange([
    column("change", "change", { width: 104 }),
    column("block", "qualified_name", { formatter: (cell) => pathCell(changeLink(cell.getData())), minWidth: 200, widthGrow: 2 }),
    column("file", "path", { minWidth: 200, widthGrow: 2, formatter: (cell) => pathCell(visible(cell.getValue())) }),
    ...(rows.some((row) => row.previous) ? [column("was", "previous", { minWidth: 100, widthGrow: 1, formatter: (cell) => pathCell(cell.getValue()) })] : []),
    column("effect", "effect", { width: 92 }),
    ...metrics.map((metric, place) => numberColumn(metric, fields[place], { formatter: step(metric), width: Math.max(116, fitMetric(metric)) })),
  ], ["qualified_name", ...fields, "change", "effect"]));
}
