"use strict";
// Python's source in colours.

/** A comment, a string with its prefix, a keyword, a number; then a name, or a single character. */
const PYTHON = new RegExp(
  [
    /(#[^\n]*)/,
    /([rRbBuUfFtT]{0,2}(?:"""(?:\\[^]|[^\\])*?(?:"""|$)|'''(?:\\[^]|[^\\])*?(?:'''|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?))/,
    /\b(False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b/,
    /\b(\d[\w.]*)/,
    /[\p{L}_][\p{L}\p{N}_]*|[^]/u,
  ].map((part) => part.source).join("|"),
  "gu",
);
const KINDS = ["comment", "string", "keyword", "number"];

/**
 * Return the lines of a source as elements and texts.
 * @param {string} text
 * @returns {(Node|string)[][]}
 */
function colourSource(text) {
  const lines = [[]];
  for (const match of text.matchAll(PYTHON)) {
    const kind = KINDS.find((_, place) => match[place + 1] !== undefined);
    for (const [place, part] of match[0].split("\n").entries()) {
      if (place) lines.push([]);
      if (part) lines.at(-1).push(kind ? make("span", { class: kind }, visibleLine(part)) : visibleLine(part));
    }
  }
  return lines;
}
