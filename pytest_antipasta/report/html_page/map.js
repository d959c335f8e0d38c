"use strict";
// The map: a treemap of folders, files and blocks, whose area is lines and whose colour is a number.

/**
 * @typedef {Object} Place a folder, a file, or a block
 * @property {string} name the last part of it
 * @property {string} path
 * @property {Place[]} [children]
 * @property {Entry} [entry] of a file or a block
 * @property {number} [size] lines of what has no children
 */

const LABEL = 20, SMALLEST = 3;

/** Return the folders with all files that have lines. */
function makeTree() {
  const root = { name: "", path: "", children: [], folders: new Map() };
  for (const file of files) {
    const parts = file.path.split("/");
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = openFolder(folder, part);
    if (file.lines) folder.children.push({ name: parts.at(-1), path: file.path, entry: file, size: file.lines });
  }
  return root;
}

/** Return the folder of a name in another one. */
function openFolder(parent, name) {
  let folder = parent.folders.get(name);
  if (!folder) {
    folder = { name, path: parent.path ? `${parent.path}/${name}` : name, children: [], folders: new Map() };
    parent.folders.set(name, folder);
    parent.children.push(folder);
  }
  return folder;
}

/**
 * Return what is shown of a place: of a file its outermost blocks and the lines outside of them.
 * @param {Place} place
 */
function childrenOf(place) {
  if (place.children) return place.children;
  if (!place.entry || place.entry.name) return [];
  const file = place.entry.file;
  const shown = file.blocks.filter((block) => block.kind !== "class" && !isInsideFunction(file, block));
  const children = shown.map((block) => ({ name: block.name, path: block.id, entry: block, size: block.lines }));
  const rest = file.lines - shown.reduce((sum, block) => sum + block.lines, 0);
  if (children.length && rest > 0) children.push({ name: "outside of functions", path: "", size: rest });
  return children;
}

/** Whether a block is part of the lines of another function. */
function isInsideFunction(file, block) {
  return file.blocks.some(
    (other) => other !== block && other.kind !== "class" && other.line <= block.line && block.end <= other.end,
  );
}

/**
 * Return the worst number of a place and its step, by the metric that is chosen.
 * @param {Place} place
 * @param {string} metric
 */
function weigh(place, metric) {
  if (!place.entry) return { value: null, step: NO_STEP };
  const isOfBlocks = data.metrics[metric].scope === "block";
  const { entry } = place;
  if (entry.name || !isOfBlocks) {
    const limit = findLimit(entry.file, metric, Boolean(entry.name)), value = findNumber(entry, metric);
    return { value, step: findStep(value, limit), entry, limit };
  }
  return weighBlocks(entry.file, metric);
}

/** Return the worst number of a file's blocks. */
function weighBlocks(file, metric) {
  const limit = findLimit(file, metric, true);
  let worst = { value: null, step: NO_STEP };
  for (const block of limit ? file.blocks : NOTHING) {
    const value = block.kind === "class" ? null : findNumber(block, metric);
    if (value === null || (worst.entry && excess(value, limit) <= excess(worst.value, limit))) continue;
    worst = { value, step: findStep(value, limit), entry: block, limit };
  }
  return worst;
}

/** The map as it is shown: where one is, and what is where. */
const map = { root: makeTree(), metric: "", /** @type {Place[]} */ trail: [], leaves: [], tiles: [] };

/** Return where one is. */
function here() {
  return map.trail.at(-1);
}

/**
 * Go to a place; through folders that hold one folder alone.
 * @param {Place[]} trail
 */
function goTo(trail) {
  map.trail = trail;
  while (here().children && here().children.length === 1 && here().children[0].children) {
    map.trail = [...map.trail, here().children[0]];
  }
  drawMap();
}

/** Go into a place, or show it where there is nothing inside. */
function enter(place) {
  if (childrenOf(place).length) {
    goTo([...map.trail, place]);
    byId("tiles").querySelector("button")?.focus();
  } else if (place.entry) {
    location.hash = link(place.entry.id);
  }
}

/** Lay out and draw where one is. */
function drawMap() {
  const box = byId("tiles"), width = box.clientWidth, height = box.clientHeight;
  const inside = (place) => (place === here() ? childrenOf(place) : place.children);
  const tree = d3.hierarchy(here(), inside).sum((place) => (place.children ? 0 : place.size || 0));
  tree.sort((a, b) => b.value - a.value || (a.data.name < b.data.name ? -1 : 1));
  const layout = d3.treemap().size([width, height]).paddingInner(1).round(true);
  layout.paddingTop((node) => (node.depth === 1 && node.children ? LABEL : 0))(tree);
  map.leaves = tree.leaves();
  for (const leaf of map.leaves) leaf.weight = weigh(leaf.data, map.metric);
  for (const node of tree.children || []) node.weight ??= worstOf(node);
  drawTiles(tree.children || []);
  drawCanvas(width, height);
  drawCrumbs();
}

/** Return the worst that is in a part of the map. */
function worstOf(node) {
  const found = node.leaves().map((leaf) => leaf.weight).filter((weight) => weight.value !== null && weight.limit);
  const ratio = (weight) => excess(weight.value, weight.limit);
  return found.reduce((worst, weight) => (worst && ratio(worst) >= ratio(weight) ? worst : weight), null);
}

/** Draw what one can go into: a button each, of which one is reached by Tab and the others by arrows. */
function drawTiles(nodes) {
  map.tiles = nodes.filter((node) => node.x1 - node.x0 >= 1 && node.y1 - node.y0 >= 1);
  const buttons = map.tiles.map((node, place) => makeTile(node, place === 0));
  const box = byId("tiles");
  box.replaceChildren(box.querySelector("canvas"), ...buttons);
}

/** Return the button of a part of the map. */
function makeTile(node, isFirst) {
  const width = node.x1 - node.x0, height = node.y1 - node.y0, place = node.data;
  const isFolder = Boolean(node.children);
  const isLabelled = width > 30 && height > 14;
  const step = node.weight && !isFolder ? node.weight.step : NO_STEP;
  const kind = isFolder ? "folder" : `leaf step-${step}`;
  const label = isLabelled ? [make("span", {}, visible(place.name) + (isFolder ? "/" : ""))] : [];
  const button = make("button", { type: "button", class: kind, tabindex: isFirst ? "0" : "-1" }, ...label);
  button.setAttribute("aria-label", describePlace(node));
  Object.assign(button.style, {
    left: `${node.x0}px`, top: `${node.y0}px`, width: `${width}px`, height: `${height}px`,
  });
  button.addEventListener("click", () => enter(place));
  button.addEventListener("focus", () => point(node));
  return button;
}

/** Say what a part of the map is. */
function describePlace(node) {
  const { data: place, weight } = node;
  const name = visible(place.name) + (node.children ? "/" : "");
  const parts = [`${name}: ${count(node.value, "line")}`];
  if (node.children) parts.push(count(node.leaves().length, "file"));
  if (weight && weight.value !== null) {
    const must = weight.limit ? `, must be ${weight.limit.comparison} ${format(weight.limit.limit)}` : "";
    const worst = weight.entry && weight.entry !== place.entry ? ` in ${visible(weight.entry.name || weight.entry.file.path)}` : "";
    parts.push(`${map.metric} ${format(weight.value)}${must}${worst}`);
  }
  return parts.join(", ");
}

/** Show below the map what is pointed at. */
function point(node) {
  byId("pointed").textContent = node ? describePlace(node) : "";
}

/** Draw the colours of all files, or blocks, that are shown. */
function drawCanvas(width, height) {
  const canvas = byId("tiles").querySelector("canvas"), scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d"), colours = findColours();
  context.scale(scale, scale);
  for (const leaf of map.leaves) {
    context.fillStyle = colours[leaf.weight.step];
    context.fillRect(leaf.x0, leaf.y0, leaf.x1 - leaf.x0, leaf.y1 - leaf.y0);
  }
}

/** Return the colours of the steps, as the legend has them in this theme. */
function findColours() {
  return [...byId("legend").querySelectorAll(".swatch")].map((swatch) => getComputedStyle(swatch).backgroundColor);
}

/** Draw the way from the top to where one is. */
function drawCrumbs() {
  const crumbs = map.trail.map((place, depth) => {
    const name = depth ? visible(place.name) : "all";
    if (place === here()) return make("li", {}, make("span", { "aria-current": "location" }, name));
    const button = make("button", { type: "button" }, name);
    button.addEventListener("click", () => showTrail(map.trail.slice(0, depth + 1)));
    return make("li", {}, button);
  });
  if (here().entry) crumbs.push(make("li", {}, entryLink(here().entry, "numbers of the file")));
  byId("crumbs").replaceChildren(...crumbs);
}

/** Go back to a place as it is, also to a folder that holds one folder alone. */
function showTrail(trail) {
  map.trail = trail;
  drawMap();
  byId("tiles").querySelector("button")?.focus();
}

/** Move between the parts by arrows, and out by Backspace. */
function onMapKey(event) {
  const buttons = [...byId("tiles").querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
  const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  if (event.key in steps && at >= 0) {
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, steps[event.key]))];
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  } else if (event.key === "Backspace" && map.trail.length > 1) {
    showTrail(map.trail.slice(0, -1));
    event.preventDefault();
  }
}

/** Show the file below the mouse. */
function onMapMove(event) {
  const box = byId("tiles").getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  point(map.leaves.find((leaf) => leaf.x0 <= x && x < leaf.x1 && leaf.y0 <= y && y < leaf.y1));
}

/** Make the map, and what chooses its metric. */
function startMap() {
  const choice = byId("metric"), legend = byId("legend");
  choice.append(...LIMITED.map((name) => make("option", {}, name)));
  choice.addEventListener("change", () => {
    map.metric = choice.value;
    drawMap();
  });
  legend.append(...STEPS.map((text, step) => make("li", {}, make("span", { class: `swatch step-${step}` }), text)));
  byId("tiles").addEventListener("keydown", onMapKey);
  byId("tiles").addEventListener("mousemove", onMapMove);
  map.metric = LIMITED[0];
  byId("map").hidden = !map.root.children.length || !map.metric;
  if (byId("map").hidden) return;
  goTo([map.root]);
  const box = byId("tiles"), size = () => `${box.clientWidth} ${box.clientHeight}`;
  let drawn = size();
  new ResizeObserver(() => drawn !== (drawn = size()) && drawMap()).observe(box);
}
