"use strict";
// The tables: what is over its limit since when, commits, files and folders.

/** Return a column of changes, coloured by whether more is worse. */
function changeColumn(title, field, options = {}) {
  const formatter = (cell) => {
    const change = cell.getValue();
    return make("span", { class: change > 0 ? "worse" : change < 0 ? "better" : null }, formatChange(change ?? null));
  };
  return numberColumn(title, field, { formatter, width: 96, ...options });
}

/** Let words filter a table, and say how many rows are left. */
function startFinder(id, table, rows, noun) {
  const field = byId(`${id}-find`);
  const tell = (shown) => {
    byId(`${id}-count`).textContent = shown === rows.length ? count(shown, noun) : `${formatCount(shown)} of ${count(rows.length, noun)}`;
  };
  const apply = () => {
    const words = findWords(field.value);
    if (words.length) table.setFilter((row) => words.every((word) => row.text.includes(word)));
    else table.clearFilter();
  };
  field.addEventListener("input", debounce(() => {
    remember(id, { [`find-${id}`]: field.value }, true);
    apply();
  }));
  table.on("dataFiltered", (_, shown) => tell(shown.length));
  table.on("tableBuilt", () => follow((params) => {
    field.value = params.get(`find-${id}`) || "";
    apply();
  }));
  tell(rows.length);
}

function makeStanding() {
  const placeCell = ({ path, line }) => pathCell(fileLink(path, visible(path) + (line ? `:${line}` : "")));
  const table = makeTable("standing-table", "over their limits", standing, arrange([
    column("function", "qualified_name", { minWidth: 180, widthGrow: 3, formatter: (cell) => pathCell(textNode(cell.getValue() ?? "the file")) }),
    column("file", "path", { minWidth: 180, widthGrow: 3, formatter: (cell) => placeCell(cell.getData()) }),
    column("metric", "metric", { width: 176 }),
    numberColumn("then", "first_value", { width: 104 }),
    numberColumn("value", "value", { width: 104 }),
    column("must be", "threshold", { width: 84, formatter: (cell) => textNode(mustBe(cell.getData())) }),
    ratioColumn(84),
    column("since", "date", { width: 104 }),
    column("commit", "since", { width: 116, headerSort: false, formatter: (cell) => textNode((cell.getValue() ?? "before").slice(0, 10)) }),
    column("subject", "subject", { minWidth: 160, widthGrow: 3 }),
  ], ["qualified_name", "value", "threshold", "metric"]), { initialSort: [{ column: "ratio", dir: "desc" }] });
  startFinder("standing", table, standing, "value");
  return table;
}

function makeSteps() {
  const hasComplexity = METRICS.includes(COMPLEXITY);
  byId("steps").hidden = !data.steps.length;
  if (!data.steps.length) return null;
  byId("steps-lead").textContent = `${count(data.steps.length, "commit")} of ${formatCount(data.total)}: those that moved the most values over their limits or back within.`;
  const rows = data.steps.map(([[name, , date, subject], over, blocks, complexity]) => ({ name: name.slice(0, 10), date: date.slice(0, 10), subject, over, blocks, complexity }));
  return makeTable("steps-table", "commits that changed most", rows, arrange([
    column("date", "date", { width: 104 }),
    column("commit", "name", { width: 116, headerSort: false }),
    column("subject", "subject", { minWidth: 240, widthGrow: 4 }),
    changeColumn("over limits", "over"),
    numberColumn("functions", "blocks", { width: 104, formatter: (cell) => textNode(formatChange(cell.getValue())) }),
    ...(hasComplexity ? [numberColumn(COMPLEXITY, "complexity", { width: 124, formatter: (cell) => textNode(formatChange(cell.getValue())) })] : []),
  ], ["date", "over", "subject"]));
}

function makeFiles() {
  const rows = [...files].sort((a, b) => b.change - a.change || b.product - a.product);
  const hasComplexity = METRICS.includes(COMPLEXITY);
  const table = makeTable("files-table", "files", rows, arrange([
    column("file", "path", { minWidth: 240, widthGrow: 4, formatter: (cell) => pathCell(fileLink(cell.getValue())) }),
    column("state", "state", { width: 76 }),
    numberColumn("lines", "lines", { width: 84 }),
    numberColumn("over limits: at the start", "then", { width: 100 }),
    numberColumn("now", "now", { width: 76 }),
    changeColumn("change", "change"),
    ...(hasComplexity ? [numberColumn(COMPLEXITY, "complexity", { width: 124 }), changeColumn("change", "complexityChange")] : []),
    numberColumn("changes", "changes", { width: 110 }),
    ...(hasComplexity ? [numberColumn("product", "product", { width: 100 })] : []),
  ], ["path", "now", "change"]), { initialSort: [{ column: "change", dir: "desc" }] });
  startFinder("files", table, rows, "file");
  return table;
}

function makeFolders() {
  const rows = data.folders.map((one) => ({ ...one, change: one.violations - one.violations_before }));
  return makeTable("folders-table", "folders", rows.sort((a, b) => b.violations - a.violations || b.change - a.change), arrange([
    column("folder", "folder", { minWidth: 240, widthGrow: 4, formatter: (cell) => pathCell(visible(cell.getValue())) }),
    numberColumn("files", "files", { width: 84 }),
    numberColumn("functions", "blocks", { width: 104 }),
    numberColumn("over limits: at the start", "violations_before", { width: 140 }),
    numberColumn("now", "violations", { width: 84 }),
    changeColumn("change", "change"),
  ], ["folder", "violations", "change"]), { initialSort: [{ column: "violations", dir: "desc" }] });
}
