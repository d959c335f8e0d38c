"use strict";
// The data of the page, and elements and text. Whatever comes from the tree goes through `visible` and becomes text, never markup.

// What a reader would not see, or would see as something else; the same as in `messages.py`.
const ODD =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const LOOKS_ESCAPED = /\\(?:x[0-7][0-9a-f]|u[0-9a-f]{4}|U[0-9a-f]{8})/;

/** Return the escape that stands for a character. */
function escapeChar(char) {
  const code = char.codePointAt(0);
  if (code < 0x80) return "\\x" + code.toString(16).padStart(2, "0");
  return code < 0x10000 ? "\\u" + code.toString(16).padStart(4, "0") : "\\U" + code.toString(16).padStart(8, "0");
}

/** Return a name as a reader may get it: no two of them look alike. */
function visible(name) {
  if (name.search(ODD) < 0 && !LOOKS_ESCAPED.test(name)) return name;
  return name.replaceAll("\\", "\\\\").replace(ODD, escapeChar);
}

/** Return a line of source likewise; its tabs stay. */
function visibleLine(line) {
  return line.replace(ODD, (char) => (char === "\t" ? char : escapeChar(char)));
}

/**
 * Return an element.
 * @param {string} tag
 * @param {Object<string, string|boolean|null|undefined>} attributes those that are null or false are left out
 * @param {...(Node|string)} children strings become text
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value || value === "") element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Return the greatest of some numbers. Spread into arguments, 125,000 of them are an error in Chromium. */
function findGreatest(numbers) {
  return numbers.reduce((most, one) => Math.max(most, one), -Infinity);
}

/** Return the least of some numbers. */
function findLeast(numbers) {
  return numbers.reduce((least, one) => Math.min(least, one), Infinity);
}

function byId(id) {
  return document.getElementById(id);
}

/**
 * Return a number for reading, with two decimals at most, and groups of three digits.
 * @param {number|null|undefined} value
 */
function format(value) {
  if (value === null || value === undefined) return "–";
  return formatCount(Number(value.toFixed(2)) || 0); // never -0
}

/** Return a number with groups of three digits, for reading. */
function formatCount(value) {
  return value.toLocaleString("en");
}

/** Return "1 file", "2 files". */
function count(number, noun) {
  return `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Return the name of a metric or a function, which may be broken behind its underscores and dots. */
function breakName(name) {
  const parts = name.split(/(?<=[_.])/).flatMap((part, place) => (place ? [make("wbr"), part] : [part]));
  return make("span", {}, ...parts);
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return an element of a drawing.
 * @param {string} tag
 * @param {Object<string, string|number>} attributes
 * @param {string} [text]
 */
function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/**
 * Return a plain table.
 * @param {string} caption
 * @param {string[]} titles
 * @param {(Node|string)[][]} rows the first cell of each is its head
 * @param {string} [kind] its class
 */
function plainTable(caption, titles, rows, kind = "plain") {
  const head = make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, breakName(title))));
  const lines = rows.map(([first, ...rest]) =>
    make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((cell) => make("td", {}, cell))),
  );
  return make("table", { class: kind }, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...lines));
}

/** Show a part of the page that is not always there, and the way to it. */
function show(id) {
  byId(id).hidden = false;
  document.querySelector(`nav a[href="#${id}"]`).hidden = false;
}

/** Hide a part of the page that there is nothing for, and the ways to it. */
function hide(id) {
  byId(id).hidden = true;
  for (const way of document.querySelectorAll(`a[href="#${id}"]`)) way.hidden = true;
}

// What needs scripts is hidden without them.
document.documentElement.dataset.scripted = "";
const data = JSON.parse(byId("data").textContent);
const NOTHING = [];
