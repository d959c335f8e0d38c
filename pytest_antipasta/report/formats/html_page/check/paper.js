"use strict";
// What is printed: the violations, the worst first.

/** Return the violations of an entry as a row. */
function makePaperRow(entry) {
  const numbers = entry.violations.map((one) => `${one.metric} ${format(one.value)} (${one.comparison} ${format(one.threshold)})`);
  return [entry.name ? visible(entry.name) : "the file", formatPlace(entry), numbers.join(", ")];
}

/** Fill the paper before it is printed, and empty it again. */
function startPaper() {
  window.addEventListener("beforeprint", () => {
    const shown = failing.slice(0, PRINTED);
    const title = shown.length < failing.length ? `The ${formatCount(PRINTED)} worst of ${formatCount(failing.length)} functions and files with violations` : "Violations";
    byId("paper").replaceChildren(failing.length ? plainTable(title, ["function", "place", "values over their limits"], shown.map(makePaperRow)) : "");
  });
  window.addEventListener("afterprint", () => byId("paper").replaceChildren());
}
