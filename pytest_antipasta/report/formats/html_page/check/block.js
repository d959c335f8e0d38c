"use strict";
// The view of one file or block: its numbers beside their limits, what is said of them, and its source.

/** Return a word for how something stands, which is coloured. */
function stateChip(state) {
  return make("span", { class: `chip ${state}` }, STATES[state] || state);
}

/** Return the function that has the cognitive points of one inside it; undefined where there is none. */
function findOuter(entry) {
  return entry.file.blocks.find((one) => entry.name.startsWith(`${one.name}.`) && findNumber(one, "cognitive_complexity") !== null);
}

/** Say that a value has the points of functions inside it; nothing where it has not. */
function describeInner(entry) {
  const isInside = (one) => one.kind !== "class" && one.name.startsWith(`${entry.name}.`);
  const inner = entry.name && findNumber(entry, "cognitive_complexity") ? entry.file.blocks.filter(isInside).length : 0;
  return inner ? [make("p", { class: "lead" }, `cognitive_complexity includes the points of ${count(inner, "function")} inside.`)] : [];
}

/**
 * Return how one number of an entry stands.
 * @param {Entry} entry
 * @param {string} metric
 * @param {number|null} value
 * @param {Limit|null} limit
 */
function describeNumber(entry, metric, value, limit) {
  const isAbout = (one) => one.metric === metric;
  const failing = entry.violations.find(isAbout), found = failing ?? entry.warnings.find(isAbout);
  if (found) return make("span", {}, stateChip(failing ? "violation" : "warning"), found.limits ? ` ${found.limits}` : "");
  const tolerated = entry.tolerated.find(isAbout);
  if (tolerated) return make("span", {}, stateChip("tolerated"), ` ${tolerated.why}: ${tolerated.by}`);
  if (!limit) return "no limit";
  if (value === null) {
    const outer = metric === "cognitive_complexity" && findOuter(entry);
    return outer ? make("span", {}, "counted in ", linkTo(outer.id, visible(outer.name))) : "not checked";
  }
  return stateChip(findStanding(entry, metric).state);
}

/** Return the table of an entry's numbers that have a limit, and those that have none below it. */
function numberTables(entry) {
  const isBlock = Boolean(entry.name);
  const metrics = isBlock ? data.block_metrics : data.file_metrics;
  const rows = metrics.map((metric, place) => {
    const limit = entry.kind === "class" ? null : findLimit(entry, metric);
    const value = entry.numbers[place];
    const must = limit ? `${limit.comparison} ${format(limit.limit)}` : "";
    return { limit, cells: [breakName(metric), format(value), must, describeNumber(entry, metric, value, limit)] };
  });
  const limited = rows.filter((row) => row.limit), others = rows.filter((row) => !row.limit);
  const tables = [];
  if (limited.length) tables.push(plainTable("Values", ["metric", "value", "must be", "state"], limited.map((row) => row.cells)));
  if (others.length) {
    const table = plainTable("Values without a limit", ["metric", "value"], others.map((row) => row.cells.slice(0, 2)));
    tables.push(make("details", { open: !limited.length }, make("summary", {}, `${count(others.length, "value")} without a limit`), table));
  }
  return tables;
}

/** Return what to do about the numbers that are over their limits. */
function adviceList(entry) {
  const metrics = new Set([...entry.violations, ...entry.warnings, ...entry.tolerated].map((one) => one.metric));
  const items = [...metrics].filter((name) => data.metrics[name]).map((name) => {
    const { meaning, advice } = data.metrics[name];
    return make("li", {}, make("b", {}, name), `: ${meaning} ${advice}`);
  });
  return make("ul", { class: "advice" }, ...items);
}

/** Return the source of a block with the points of its lines, or why it is not here. */
function sourceTable(entry) {
  const { sources } = entry.file;
  if (!Object.hasOwn(sources, entry.name)) return make("p", { class: "lead" }, missingSource(entry));
  const source = sources[entry.name], points = new Map(source.points.map(([place, ...both]) => [place, both]));
  const start = findPlace(entry.file, entry.line).line, lines = colourSource(source.text);
  const rows = lines.map((parts, place) => {
    const [cyclomatic, cognitive] = points.get(place) || [0, 0];
    const cells = [cyclomatic, cognitive].map((number) => make("td", { class: "points" }, number ? `+${number}` : ""));
    const number = make("th", { scope: "row" }, String(start + place));
    const heat = Math.min(3, Math.max(cyclomatic, cognitive));
    return make("tr", { class: `heat-${heat}` }, ...cells, number, make("td", { class: "code" }, ...parts));
  });
  const titles = ["cyclomatic", "cognitive", "line", "source"].map((title) => make("th", { scope: "col" }, title));
  const table = make("table", { class: "source" }, make("caption", {}, "Source, with the points added by each line"));
  table.append(make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...rows));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Source" }, table);
}

/** Say what shows a block's source; nothing where its name can't be typed as it is shown. */
function explainCommand({ id }) {
  if (visible(id) !== id) return "";
  const argument = id.startsWith("-") ? `./${id}` : id;
  return ` pytest-antipasta explain '${argument.replaceAll("'", "'\"'\"'")}' shows it.`;
}

/** Say why there is no source. */
function missingSource(entry) {
  const command = explainCommand(entry);
  if (entry.kind === "class") return "The source is shown with each method.";
  if (!hasState(entry, "over") && !hasState(entry, "near")) {
    return `The source is not in this report because the block is not near a limit.${command}`;
  }
  return `The source is not in this report: there was no room for it, or the file changed after it was measured.${command}`;
}

/** Return the list of a file's blocks, the worst first. */
function blockList(file) {
  const ordered = [...file.blocks].sort(compareEntries);
  const rows = ordered.map((block) => [
    linkTo(block.id, breakName(visible(block.name))),
    block.kind,
    format(block.lines),
    ...[0, 1].map((place) => format(block.numbers[place])),
    block.state === "none" ? "" : stateChip(block.state),
  ]);
  const titles = ["block", "kind", "lines", ...data.block_metrics.slice(0, 2), "state"];
  return rows.length ? plainTable(count(rows.length, "block"), titles, rows, "plain blocks") : make("p", { class: "lead" }, "No functions or classes.");
}

function viewParts(entry) {
  const parts = [...numberTables(entry), ...describeInner(entry), adviceList(entry)];
  const plan = data.first.find(({ id }) => id === entry.id)?.plan;
  if (plan) parts.unshift(make("p", {}, `→ ${plan.reach}: `, make("code", {}, plan.command)), make("ol", { class: "steps" }, ...plan.steps.map((line) => make("li", {}, line))));
  const change = describeChange(entry);
  if (change) parts.unshift(make("p", {}, change));
  for (const { cell, line, text } of entry.name ? [] : entry.file.problems) {
    const place = line ? `${cell ? `cell ${cell}, ` : ""}line ${line}: ` : "";
    parts.unshift(make("p", { class: "problem" }, place + visible(text)));
  }
  parts.push(entry.name ? sourceTable(entry) : blockList(entry.file));
  return parts;
}

/** Return what stands before and behind an entry: among what is to be fixed, else in its file, or among the files. */
function findNeighbours(entry) {
  const own = entry.name ? entry.file.blocks : files, row = failing.includes(entry) ? failing : own, at = row.indexOf(entry);
  return [row[at - 1]?.id, row[at + 1]?.id];
}

/** Return what the view shows of a file or a block. */
function describeEntry(entry) {
  const about = make("p", { class: "about" }, `${entry.kind}, ${count(entry.lines, "line")} `);
  const place = entry.name ? formatPlace(entry) : "";
  if (entry.name) about.append(make("span", {}, "in ", linkTo(entry.file.id, place), " "));
  if (entry.state !== "none") about.append(stateChip(entry.state));
  if (!entry.name && ![entry.own, "within"].includes(entry.state)) about.append(" in a function");
  const [previous, next] = findNeighbours(entry);
  return { title: visible(entry.name || entry.file.path), parts: [about, ...viewParts(entry)], copy: formatPlace(entry), previous, next };
}
