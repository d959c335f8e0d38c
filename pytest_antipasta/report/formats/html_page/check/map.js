"use strict";
// The map of folders, files and blocks: a larger area is more lines, and a redder one further over the limit.

/** Return what is shown of a place: of a file its outermost blocks and the lines outside of them. */
function childrenOf(place) {
  if (place.children) return place.children;
  if (!place.entry || place.entry.name) return [];
  const file = place.entry.file, shown = findOutermost(file.blocks);
  const children = shown.map(({ block, size }) => ({ name: block.name, path: block.id, entry: block, size }));
  const rest = file.lines - children.reduce((sum, child) => sum + child.size, 0);
  if (children.length && rest > 0) children.push({ name: "outside functions", path: "", size: rest });
  return children;
}

/**
 * Return the blocks that are no part of another function, with their lines; of a notebook's cell those outside of
 * its functions, at least one. Blocks are in the order of their lines, so that one look at each is enough.
 */
function findOutermost(blocks) {
  const shown = [];
  let outer = null, cell = null;
  for (const block of blocks) {
    if (block.kind === "class" || (outer && block.end <= outer.end)) continue;
    const one = { block, size: block.lines };
    shown.push(one);
    if (block.kind === "cell") {
      cell = one;
      continue;
    }
    outer = block;
    if (cell && block.end <= cell.block.end) cell.size = Math.max(1, cell.size - block.lines);
  }
  return shown;
}

/** Return the worst number of a place and its step, by the metric that is chosen. */
function weigh(place, metric) {
  const { entry } = place, none = { value: null, step: NO_STEP };
  if (!entry) return none;
  if (entry.name || data.metrics[metric].scope !== "block") return weighEntry(entry, metric);
  return findWorst(entry.file.blocks.map((block) => weighEntry(block, metric))) ?? none;
}

/** Return the number of a file or a block and its step. */
function weighEntry(entry, metric) {
  const standing = findStanding(entry, metric);
  return { value: findNumber(entry, metric), step: standing?.step ?? NO_STEP, entry, limit: findLimit(entry, metric), ratio: standing?.ratio };
}

/** Return the worst of some numbers that have a limit; null without any. */
function findWorst(weights) {
  const found = weights.filter((weight) => weight.ratio !== undefined);
  return found.reduce((worst, weight) => (worst && worst.ratio >= weight.ratio ? worst : weight), null);
}

/** Say what the worst number of a part of the map is. */
function describeWorst({ data: place, weight }, metric) {
  if (!weight || weight.value === null) return [];
  const must = weight.limit ? `, must be ${weight.limit.comparison} ${format(weight.limit.limit)}` : "";
  const worst = weight.entry && weight.entry !== place.entry ? ` in ${visible(weight.entry.name || weight.entry.file.path)}` : "";
  return [`${metric} ${format(weight.value)}${must}${worst}`];
}

/** Make the map. */
function startMap() {
  startTreemap(files, {
    metrics: LIMITED,
    palette: "step",
    none: NO_STEP,
    explain: () => STEPS,
    childrenOf,
    weigh,
    weighAll: (node) => findWorst(node.leaves().map((leaf) => leaf.weight)),
    describe: describeWorst,
  });
}
