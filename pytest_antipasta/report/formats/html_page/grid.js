"use strict";
// Tables that are sorted and filtered, drawn by Tabulator.

/**
 * Return a column whose title is a button, so that the keyboard sorts, too; the third time, the order is the first one.
 * @param {string} title
 * @param {string} field
 * @param {Object} [options] Tabulator's
 */
function column(title, field, options = {}) {
  const titleFormatter = () => make("button", { type: "button", class: "sort" }, breakName(title));
  const formatter = (cell) => make("div", { class: "clip" }, textNode(cell.getValue()));
  return { title, field, titleFormatter, formatter, headerSortTristate: true, ...options };
}

/** Return a value as text: a string would be taken for markup. */
function textNode(value) {
  return document.createTextNode(visible(String(value ?? "")));
}

/**
 * Return a column of numbers, with its greatest on top at the first click.
 * @param {string} title
 * @param {string} field
 * @param {Object} [options]
 */
function numberColumn(title, field, options = {}) {
  return column(title, field, {
    hozAlign: "right",
    headerHozAlign: "right",
    sorter: "number",
    sorterParams: { alignEmptyValues: "bottom" },
    headerSortStartingDir: "desc",
    minWidth: 70,
    formatter: (cell) => document.createTextNode(format(cell.getValue())),
    ...options,
  });
}

/** Return what a number of a row has to be. */
function mustBe(row) {
  return `${row.comparison} ${format(row.threshold)}`;
}

/** Return a column with how many times over its limit a number is, for reading. */
function ratioColumn(width) {
  const formatter = (cell) => textNode(cell.getValue() === null ? "" : cell.getValue() === Infinity ? "∞" : `${cell.getValue().toFixed(2)} ×`);
  return numberColumn("of its limit", "ratio", { formatter, width });
}

/** Return how wide a column is that has the name of a metric above it, which is broken behind its underscores. */
function fitMetric(name) {
  const longest = findGreatest(name.split("_").map((part, place, parts) => part.length + (place < parts.length - 1 ? 1 : 0)));
  return Math.min(144, Math.max(84, Math.ceil(8.2 * longest) + 24));
}

/** Return a path or a qualified name in a cell, whose end is what matters where there is no room: a text, or a link. */
function pathCell(content) {
  return make("div", { class: "path" }, make("bdi", { dir: "ltr" }, content));
}

/** Return the words that are looked for. */
function findWords(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** How wide a column is at least on a phone, by its title: one of paths has room for the name of a file. */
const NARROW = { file: 190, folder: 190 }, NARROW_OTHER = 130;

/**
 * Return columns as they are, or on a phone those first whose values are to be seen without scrolling.
 * @param {Object[]} columns
 * @param {string[]} first fields
 * @param {string[]} [hidden] fields that a phone does not show
 */
function arrange(columns, first, hidden = []) {
  if (!matchMedia("(max-width: 40rem)").matches) return columns;
  const place = ({ field }) => (first.includes(field) ? first.indexOf(field) : first.length);
  const shown = columns.filter(({ field }) => !hidden.includes(field)).sort((a, b) => place(a) - place(b));
  return shown.map((one) => (one.minWidth ? { ...one, minWidth: Math.min(one.minWidth, NARROW[one.title] ?? NARROW_OTHER) } : one));
}

/**
 * Make a table.
 * @param {string} id of the element
 * @param {string} label for those who do not see it
 * @param {Object[]} rows
 * @param {Object[]} columns
 * @param {Object} [options] Tabulator's
 */
function makeTable(id, label, rows, columns, options = {}) {
  byId(id).setAttribute("aria-label", label);
  const table = new Tabulator(byId(id), {
    data: rows,
    columns,
    layout: "fitColumns",
    height: rows.length > 14 ? "32rem" : false,
    placeholder: make("span", {}, rows.length ? "no matches" : "nothing"),
    columnDefaults: { vertAlign: "middle", resizable: true },
    autoResize: false, // which would draw the rows again when they come into view, and take the focus from a link
    ...options,
  });
  table.on("tableBuilt", () => {
    setFocus(byId(id).querySelector(".tabulator-tableholder"));
    window.addEventListener("resize", () => byId(id).clientWidth && fitTable(table, byId(id)));
  });
  return table;
}

/** Lay out a table in the width that it has now, which draws its rows again; a link keeps the focus. */
function fitTable(table, element) {
  const focused = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
  table.redraw();
  if (focused) element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Let Tab reach the titles and the links of a table; where it has no link, its rows as a group, so that keys can scroll them. */
function setFocus(holder) {
  if (holder.querySelector("a") || !holder.querySelector(".tabulator-row")) {
    holder.removeAttribute("tabindex");
    return;
  }
  holder.setAttribute("role", "rowgroup");
  holder.querySelector(".tabulator-table")?.setAttribute("role", "none");
}

/**
 * Make the rest of a page behind its first frame, so that its beginning is there at once, and say when it is drawn.
 * @param {() => Object[]} makeRest returns the tables in it
 */
function finish(makeRest) {
  requestAnimationFrame(() => setTimeout(async () => {
    await Promise.all(makeRest().map((table) => new Promise((resolve) => table.on("tableBuilt", resolve))));
    scrollToPart();
    document.documentElement.dataset.ready = "";
  }));
}
