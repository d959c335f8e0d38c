"use strict";
// Python's source in colours, and where its docstring is.

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
/** From how many lines on a docstring is folded. */
const LONG_DOCSTRING = 4;

/**
 * Return the lines of a source as elements and texts, and which of them the docstring has behind its first.
 * @param {string} text
 * @returns {{lines: (Node|string)[][], docstring: [number, number]|null}}
 */
function colourSource(text) {
  const lines = [[]];
  let docstring = null, before = "";
  for (const match of text.matchAll(PYTHON)) {
    const kind = KINDS.find((_, place) => match[place + 1] !== undefined), first = lines.length;
    for (const [place, part] of match[0].split("\n").entries()) {
      if (place) lines.push([]);
      if (part) lines.at(-1).push(kind ? make("span", { class: kind }, visibleLine(part)) : visibleLine(part));
    }
    // What stands first behind the colon of a definition, on a line of its own.
    if (kind === "string" && !docstring && before === ":\n" && lines.length - first + 1 >= LONG_DOCSTRING) docstring = [first, lines.length];
    if (match[0] === "\n") before = before.startsWith(":") ? ":\n" : before;
    else if (kind !== "comment" && match[0].trim()) before = kind ? "" : match[0];
  }
  return { lines, docstring };
}
