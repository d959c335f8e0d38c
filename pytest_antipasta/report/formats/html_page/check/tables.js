"use strict";
// The tables: functions, files, what is tolerated, and what could not be measured.

/**
 * Return a column of a metric, whose cells are coloured where the number is beyond its limit.
 * @param {string} metric
 * @param {number} place of it among the numbers of an entry
 */
function metricColumn(metric, place) {
  const formatter = (cell) => {
    const entry = cell.getData();
    return make("span", { class: findOverClass(entry, metric) }, format(entry.numbers[place]));
  };
  return numberColumn(metric, `numbers.${place}`, { formatter, width: fitMetric(metric) });
}

const STATE_ORDER = Object.keys(STATES);

/** Columns that blocks and files have in common. */
function entryColumns(title, makeText) {
  return [
    column("state", "state", {
      formatter: (cell) => (cell.getValue() === "none" ? textNode("") : stateChip(cell.getValue())),
      sorter: (a, b) => STATE_ORDER.indexOf(a) - STATE_ORDER.indexOf(b),
      width: 132,
    }),
    column(title, "id", {
      formatter: (cell) => pathCell(linkTo(cell.getData().id, makeText(cell.getData()))),
      sorter: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
      minWidth: 165,
      widthGrow: 3,
    }),
  ];
}

function blockColumns() {
  const [state, name] = entryColumns("block", (block) => visible(block.name));
  name.field = "name";
  const file = column("file", "file.path", { minWidth: 200, widthGrow: 2, formatter: (cell) => pathCell(formatPlace(cell.getData())) });
  const metrics = data.block_metrics.map(metricColumn);
  const columns = [state, name, file, column("kind", "kind", { width: 84 }), numberColumn("lines", "lines"), ratioColumn(80), ...metrics];
  return arrange(columns, ["name", "numbers.0", "numbers.1", "state", "ratio"], ["kind", "lines"]);
}

function fileColumns() {
  const over = numberColumn("violations", "all_violations.length", { width: 110 });
  const number = numberColumn("blocks", "blocks.length", { width: 76 });
  const shown = ["lines_of_code", ...OF_FILES, "average_cyclomatic_complexity", "total_cognitive_complexity"];
  const metrics = [...new Set(shown)].map((name) => metricColumn(name, data.file_metrics.indexOf(name)));
  const [state, path] = entryColumns("file", (file) => visible(file.path));
  path.minWidth = 200;
  return arrange([state, path, number, over, ratioColumn(80), ...metrics], ["id", "all_violations.length", "ratio", "state"]);
}

/** The tables that were made, by what they are of. */
const tables = {};

/** Whether a row is in a state, which is its worst, or has a warning or something tolerated besides. */
function isIn(row, state) {
  const besides = { warning: row.all_warnings ?? row.warnings, tolerated: row.all_tolerated ?? row.tolerated }[state];
  return row.state === state || Boolean(besides?.length);
}

/** Return what a row has to be to be shown; nothing where all are. */
function makeFilter() {
  const words = findWords(byId("find").value);
  const state = byId("state").value, kind = byId("what").value === "blocks" ? byId("kind").value : "";
  if (!words.length && !state && !kind) return null;
  return (row) =>
    (!state || isIn(row, state)) && (!kind || row.kind === kind) && words.every((word) => row.text.includes(word));
}

/** Show the table that is chosen, with the rows that match. */
function applyFilter() {
  const what = byId("what").value, table = openTable(what), filter = makeFilter();
  byId("blocks-table").hidden = what !== "blocks";
  byId("files-table").hidden = what !== "files";
  byId("kind-label").hidden = what !== "blocks";
  const apply = () => {
    if (filter) table.setFilter(filter);
    else table.clearFilter();
    tellCount(what, table.getDataCount("active"));
    tellOrder(table);
  };
  if (table.initialized) apply();
  else table.on("tableBuilt", apply);
}

/** What is listed at first: files, where there is no function. */
const LISTED = blocks.length || !files.length ? "blocks" : "files";
/** What of the address each field has. */
const FIELDS = { show: "what", find: "find", state: "state", kind: "kind" };

/** Note what is chosen in the fields. */
function noteFields(isTyping) {
  const chosen = Object.entries(FIELDS).map(([name, id]) => [name, byId(id).value]);
  remember("blocks", { ...Object.fromEntries(chosen), show: byId("what").value === LISTED ? "" : byId("what").value }, isTyping);
  applyFilter();
}

/** Fill the fields by the address. */
function followFields(params) {
  for (const [name, id] of Object.entries(FIELDS)) byId(id).value = params.get(name) || (id === "what" ? LISTED : "");
  for (const id of ["what", "state", "kind"]) if (byId(id).selectedIndex < 0) byId(id).selectedIndex = 0;
  applyFilter();
}

/** Say how many rows are shown. */
function tellCount(what, shown) {
  const all = what === "blocks" ? blocks.length : files.length, isPlain = what === "blocks" && !cellCount && all !== 1;
  const text = isPlain ? `${formatCount(all)} functions and classes` : count(all, what.slice(0, -1));
  byId("count").textContent = `${shown === all ? "" : `${formatCount(shown)} of `}${text}`;
}

/** Say how the rows are ordered, until the reader chooses a column. */
function tellOrder(table) {
  byId("order").hidden = table.getSorters().length > 0;
}

/** Return one of the two large tables, made when it is first asked for. */
function openTable(what) {
  if (!tables[what]) {
    const [rows, columns] = what === "blocks" ? [blocks, blockColumns()] : [files, fileColumns()];
    const order = [...rows].sort((a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) || compareEntries(a, b));
    tables[what] = makeTable(`${what}-table`, what, order, columns, { height: order.length > 14 ? "36rem" : false });
    tables[what].on("dataSorted", () => tables[what].initialized && tellOrder(tables[what]));
  }
  return tables[what];
}

/** Make the table of what is tolerated. */
function makeTolerated() {
  const rows = files.flatMap((file) => file.all_tolerated.map((one) => ({ file, ...one, id: `${file.path}::${one.qualified_name || ""}` })));
  if (!rows.length) return;
  show("tolerated");
  makeTable("tolerated-table", "tolerated", rows, arrange([
    column("block", "qualified_name", { formatter: (cell) => pathCell(rowLink(cell.getData())), widthGrow: 2, minWidth: 200 }),
    column("file", "file.path", { widthGrow: 2, minWidth: 200, formatter: (cell) => pathCell(visible(cell.getValue())) }),
    column("metric", "metric", { width: 200 }),
    numberColumn("value", "value", { width: 90 }),
    column("must be", "threshold", { width: 90, formatter: (cell) => textNode(mustBe(cell.getData())) }),
    column("why", "why", { width: 110 }),
    column("by", "by", { headerSort: false, widthGrow: 3, minWidth: 220, formatter: (cell) => make("div", { class: "clip" }, cell.getValue()) }),
  ], ["qualified_name", "value", "threshold", "why"]), { initialSort: [{ column: "file.path", dir: "asc" }] });
}

/** Return a link to the block or file that a row is about. */
function rowLink(row) {
  const name = row.qualified_name ? visible(row.qualified_name) : "the file";
  return entries.has(row.id) ? linkTo(row.id, name) : document.createTextNode(name);
}

/** Make the table of what is not known, and of comments that fail. */
function makeProblems() {
  const rows = files.flatMap((file) => file.problems.map((one) => ({ file, ...one, id: `${file.path}::`, rule: one.rule.replace("_", " ") })));
  if (!rows.length) return;
  show("problems");
  makeTable("problems-table", "not measured", rows, [
    column("file", "file.path", { widthGrow: 2, minWidth: 200, formatter: (cell) => pathCell(linkTo(cell.getData().id, visible(cell.getValue()))) }),
    numberColumn("line", "line", { formatter: (cell) => textNode(cell.getValue() ?? "–") }), // without separators
    column("what", "rule", { width: 120 }),
    column("fails", "fails", { width: 80, formatter: (cell) => textNode(cell.getValue() ? "yes" : "no") }),
    column("why", "text", { widthGrow: 4, minWidth: 300 }),
  ], { initialSort: [{ column: "file.path", dir: "asc" }] });
}

/** Make the table that is asked for, and what filters it. */
function startTables() {
  byId("state").append(...STATE_ORDER.filter((state) => state !== "none").map((value) => make("option", { value }, STATES[value])));
  if (cellCount) byId("kind").append(make("option", {}, "cell"));
  for (const id of ["what", "state", "kind"]) byId(id).addEventListener("change", () => noteFields(false));
  byId("find").addEventListener("input", debounce(() => noteFields(true)));
  follow(followFields);
  tellCount(byId("what").value, byId("what").value === "blocks" ? blocks.length : files.length);
}
