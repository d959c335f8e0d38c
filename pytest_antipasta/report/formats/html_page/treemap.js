"use strict";
// A treemap of folders and files, to go into. What its colours mean is the page's that shows it.

/**
 * @typedef {Object} Place a folder, a file, or a part of one
 * @property {string} name the last part of it
 * @property {string} path
 * @property {Place[]} [children]
 * @property {{id: string}} [entry] what is there, but for a folder
 * @property {number} [size] lines of what has no children
 *
 * @typedef {Object} Weight
 * @property {number|null} value
 * @property {number} step the place of its colour in the legend
 *
 * @typedef {Object} Meaning what a page shows on its map
 * @property {string[]} metrics to choose from
 * @property {string} palette what the class of each colour begins with, before the step
 * @property {number} none the step of what has no number
 * @property {(metric: string) => string[]} explain returns the texts of the legend, step by step
 * @property {(place: Place) => Place[]} childrenOf returns what is inside
 * @property {(place: Place, metric: string) => Weight} weigh
 * @property {(node: Object) => Weight|null} weighAll weighs what is in a folder by what is in it
 * @property {(node: Object, metric: string) => string[]} describe says more of a part than its name and its size
 */

/** The height of a folder's head, and how many times that its folder is high at least. */
const LABEL = 20, LEAST = 3.5;
/** How wide and high what is in a folder is at least on average; else the folder is one tile. */
const LEAST_TILE = 12;
/** What a label of a part takes at least. */
const LABEL_WIDTH = 34, LABEL_HEIGHT = 15;

/** The map as it is shown: where one is, and what is where. */
const map = { /** @type {Place|null} */ root: null, /** @type {Meaning|null} */ meaning: null, metric: "", /** @type {Place[]} */ trail: [], leaves: [], heads: [], tiles: [] };

/**
 * Return the folders with all files that have lines.
 * @param {{path: string, lines: number, id: string}[]} files
 * @returns {Place}
 */
function makeTree(files) {
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

/** Return where one is. */
function here() {
  return map.trail.at(-1);
}

/** Return the way to a place; through folders that hold one folder alone. */
function extendTrail(trail) {
  const { children } = trail.at(-1);
  return children && children.length === 1 && children[0].children ? extendTrail([...trail, children[0]]) : trail;
}

/** Return the way to the place of a path, as far as there is one; a single dot stands for the top. */
function findTrail(path) {
  if (!path) return extendTrail([map.root]);
  const trail = [map.root], isOnWay = (place) => path === place.path || path.startsWith(`${place.path}/`);
  let next = map.root;
  while ((next = (next.children || NOTHING).find(isOnWay))) trail.push(next);
  return trail;
}

/** Go to a place, and note it in the address. */
function goTo(trail) {
  map.trail = trail;
  remember("map", { at: here().path || "." });
  document.activeElement?.blur(); // what has the focus is no longer there
  drawMap();
  byId("tiles").querySelector("button")?.focus({ preventScroll: true });
}

/** Show the metric and the place that the address has. */
function followMap(params) {
  const asked = params.get("metric"), metric = map.meaning.metrics.includes(asked) ? asked : map.meaning.metrics[0];
  map.trail = findTrail(params.get("at") || "");
  byId("metric").value = metric;
  chooseMetric(metric);
}

/** Go into a place, or show it where there is nothing inside. */
function enter(place, trail = map.trail) {
  if (map.meaning.childrenOf(place).length) goTo(extendTrail([...trail, place]));
  else if (place.entry) location.hash = link(place.entry.id);
}

/** Lay out and draw where one is. */
function drawMap() {
  const box = byId("tiles"), width = box.clientWidth, height = box.clientHeight;
  const inside = (place) => (place === here() ? map.meaning.childrenOf(place) : place.children);
  // A file that is shown as a whole has the lines of its parts, and none besides.
  const tree = d3.hierarchy(here(), inside).sum((place) => (place.children || place === here() ? 0 : place.size || 0));
  tree.sort((a, b) => b.value - a.value || (a.data.name < b.data.name ? -1 : 1));
  const layout = d3.treemap().size([width, height]).paddingInner(1).round(true);
  layout.paddingTop((node) => (node.head = findHead(node)))(tree);
  for (const leaf of tree.leaves()) leaf.weight = map.meaning.weigh(leaf.data, map.metric);
  for (const node of tree.children || []) node.weight ??= map.meaning.weighAll(node);
  map.leaves = (tree.children || []).flatMap(findParts);
  map.heads = (tree.children || []).flatMap(findInnerHeads);
  for (const node of [...map.leaves, ...map.heads]) node.weight ??= map.meaning.weighAll(node) ?? { value: null, step: map.meaning.none };
  drawTiles(tree.children || []);
  drawCanvas(width, height);
  drawCrumbs();
}

/** Return what is drawn of a part: its files, or a folder as a whole where what is in it would be too small to be seen. */
function findParts(node) {
  if (!node.children || isSmall(node)) return [node];
  return node.children.flatMap(findParts);
}

/** Return the folders inside a part that have a head, the innermost first. */
function findInnerHeads(node) {
  if (!node.children || isSmall(node)) return [];
  const inner = node.children.flatMap(findInnerHeads);
  return node.depth > 1 && node.head ? [...inner, node] : inner;
}

/** Whether what is in a folder would be too small. */
function isSmall(node) {
  return Boolean(node.children) && (node.x1 - node.x0) * (node.y1 - node.y0) < node.children.length * LEAST_TILE ** 2;
}

/** Return the height of a folder's head: none where it would take the room of what is inside. */
function findHead(node) {
  if (isSmall(node)) return 0;
  const hasRoom = node.y1 - node.y0 >= LEAST * LABEL && node.x1 - node.x0 > LABEL_WIDTH;
  return node.depth && node.children && hasRoom ? LABEL : 0;
}

/** Draw what one can go into: a button each, of which one is reached by Tab and the others by arrows. If one has the focus, that of its place has it then. */
function drawTiles(nodes) {
  map.tiles = nodes.filter((node) => node.x1 - node.x0 >= 1 && node.y1 - node.y0 >= 1);
  const box = byId("tiles"), focused = [...box.querySelectorAll("button")].indexOf(document.activeElement);
  const first = Math.max(0, Math.min(focused, map.tiles.length - 1));
  const buttons = map.tiles.map((node, place) => makeTile(node, place === first));
  box.replaceChildren(box.querySelector("canvas"), ...buttons);
  if (focused >= 0) buttons[first]?.focus({ preventScroll: true });
}

/** Return the button of a part of the map. */
function makeTile(node, isFirst) {
  const width = node.x1 - node.x0, height = node.y1 - node.y0, place = node.data;
  const isFolder = Boolean(node.children), isOpen = isFolder && !isSmall(node);
  const isLabelled = width > LABEL_WIDTH && height > LABEL_HEIGHT && (!isOpen || node.head);
  const step = node.weight && !isOpen ? node.weight.step : map.meaning.none;
  const kind = isOpen ? "folder" : `leaf ${map.meaning.palette}-${step}`;
  const label = isLabelled ? [make("span", {}, nameOf(node))] : [];
  const button = make("button", { type: "button", class: kind, tabindex: isFirst ? "0" : "-1" }, ...label);
  button.setAttribute("aria-label", describePart(node));
  // Parts of the box, as the canvas below is, which is narrower on paper.
  const box = byId("tiles"), across = (length) => `${(100 * length) / box.clientWidth}%`, down = (length) => `${(100 * length) / box.clientHeight}%`;
  Object.assign(button.style, { left: across(node.x0), top: down(node.y0), width: across(width), height: down(height) });
  button.addEventListener("click", (event) => (event.detail && isFolder ? enterLeaf(event, place) : enter(place)));
  button.addEventListener("focus", () => (byId("pointed").textContent = describePart(node)));
  return button;
}

/** Return what is below the mouse: a folder's head is the folder. */
function findPointed(event) {
  const box = byId("tiles").getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const isAt = (node) => node.x0 <= x && x < node.x1 && node.y0 <= y && y < node.y1;
  return map.leaves.find(isAt) || map.heads.find(isAt) || map.tiles.find(isAt);
}

/** Open the file in a folder that was clicked, or go into the folder whose head or tile is there. */
function enterLeaf(event, folder) {
  const node = findPointed(event);
  if (!node) {
    enter(folder);
    return;
  }
  const between = node.ancestors().reverse().slice(1, -1).map((one) => one.data);
  hideTip();
  enter(node.data, [...map.trail, ...between]);
}

/** Return the name of a part; that of a folder ends with a slash. */
function nameOf({ data: place, children }) {
  return visible(place.name) + (children ? "/" : "");
}

/** Say what a part of the map is. */
function describePart(node) {
  const parts = [`${nameOf(node)}: ${count(node.value, "line")}`];
  if (node.children) parts.push(count(node.leaves().length, "file"));
  return [...parts, ...map.meaning.describe(node, map.metric)].join(", ");
}

/** Draw the colours of all files, or parts of a file, that are shown, and the names of what has no button. */
function drawCanvas(width, height) {
  const canvas = byId("tiles").querySelector("canvas"), scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  // How the steps look, as the legend has them in this theme.
  const styles = [...byId("legend").querySelectorAll(".swatch")].map((swatch) => getComputedStyle(swatch)), fills = styles.map((style) => style.backgroundColor);
  fills[map.meaning.none] = makeHatching(context);
  context.scale(scale, scale);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  for (const leaf of map.leaves) {
    context.fillStyle = fills[leaf.weight.step];
    context.fillRect(leaf.x0, leaf.y0, leaf.x1 - leaf.x0, leaf.y1 - leaf.y0);
    if (leaf.depth > 1) drawLabel(context, leaf, styles[leaf.weight.step].color);
  }
  context.font = `600 ${context.font}`;
  context.strokeStyle = getComputedStyle(document.body).backgroundColor;
  for (const folder of map.heads) {
    context.strokeRect(folder.x0 + 0.5, folder.y0 + 0.5, folder.x1 - folder.x0 - 1, folder.y1 - folder.y0 - 1);
    drawLabel(context, folder, getComputedStyle(byId("tiles")).color);
  }
}

/** Write the name of a part into it, as far as there is room. */
function drawLabel(context, leaf, colour) {
  const { x0, y0, x1, y1 } = leaf;
  if (x1 - x0 <= LABEL_WIDTH || y1 - y0 <= LABEL_HEIGHT) return;
  const room = x1 - x0 - 7;
  let text = nameOf(leaf);
  if (context.measureText(text).width > room) {
    while (text && context.measureText(`${text}…`).width > room) text = text.slice(0, -1);
    text += "…";
  }
  context.fillStyle = colour;
  context.fillText(text, x0 + 4, y0 + 3);
}

/** Return lines at a slant, which stand for no number. */
function makeHatching(context) {
  const tile = document.createElement("canvas"), size = 6, own = tile.getContext("2d");
  tile.width = tile.height = size;
  const mix = document.createElement("span");
  mix.className = `swatch ${map.meaning.palette}-${map.meaning.none}`;
  byId("legend").append(mix);
  own.fillStyle = getComputedStyle(mix).backgroundColor;
  own.fillRect(0, 0, size, size);
  mix.style.color = "var(--hatch)";
  own.strokeStyle = getComputedStyle(mix).color;
  mix.remove();
  own.beginPath();
  for (const start of [-size, 0, size]) {
    own.moveTo(start - 1, size + 1);
    own.lineTo(start + size + 1, -1);
  }
  own.stroke();
  return context.createPattern(tile, "repeat");
}

/** Draw the way from the top to where one is. */
function drawCrumbs() {
  const crumbs = map.trail.map((place, depth) => {
    const name = depth ? visible(place.name) : "all";
    if (place === here()) return make("li", {}, make("span", { "aria-current": "location" }, name));
    const button = make("button", { type: "button" }, name);
    button.addEventListener("click", () => goTo(map.trail.slice(0, depth + 1)));
    return make("li", {}, button);
  });
  const { entry } = here();
  if (entry) crumbs.push(make("li", {}, linkTo(entry.id, "file metrics")));
  byId("crumbs").replaceChildren(...crumbs);
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
    goTo(map.trail.slice(0, -1));
    event.preventDefault();
  }
}

/** Say beside the mouse what is below it. */
function onMapMove(event) {
  const node = findPointed(event), tip = byId("tip");
  tip.hidden = !node;
  if (!node) return;
  tip.textContent = describePart(node);
  const { clientWidth: width, clientHeight: height } = document.documentElement, gap = 14;
  const isLeft = event.clientX + gap + tip.offsetWidth > width, isAbove = event.clientY + gap + tip.offsetHeight > height;
  tip.style.left = `${Math.max(4, isLeft ? event.clientX - gap - tip.offsetWidth : event.clientX + gap)}px`;
  tip.style.top = `${Math.max(4, isAbove ? event.clientY - gap - tip.offsetHeight : event.clientY + gap)}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

/** Colour the map by a metric. */
function chooseMetric(metric) {
  map.metric = metric;
  const swatch = (step) => make("span", { class: `swatch ${map.meaning.palette}-${step}` });
  byId("legend").replaceChildren(...map.meaning.explain(metric).map((text, step) => make("li", { hidden: !text }, swatch(step), text)));
  drawMap();
}

/**
 * Make the map, and what chooses its metric.
 * @param {{path: string, lines: number, id: string}[]} files
 * @param {Meaning} meaning
 */
function startTreemap(files, meaning) {
  const choice = byId("metric");
  Object.assign(map, { root: makeTree(files), meaning });
  byId("map").hidden = !map.root.children.length || !meaning.metrics.length;
  if (byId("map").hidden) return;
  choice.append(...meaning.metrics.map((name) => make("option", {}, name)));
  choice.addEventListener("change", () => {
    remember("map", { metric: choice.value === meaning.metrics[0] ? "" : choice.value });
    chooseMetric(choice.value);
  });
  byId("tiles").addEventListener("keydown", onMapKey);
  byId("tiles").addEventListener("mousemove", onMapMove);
  byId("tiles").addEventListener("mouseleave", hideTip);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawMap);
  // Browsers print a dark page as a light one, but for what is drawn already.
  for (const [event, scheme] of [["beforeprint", "light"], ["afterprint", ""]]) {
    window.addEventListener(event, () => {
      document.documentElement.style.colorScheme = scheme;
      drawMap();
    });
  }
  follow(followMap);
  const box = byId("tiles"), size = () => `${box.clientWidth} ${box.clientHeight}`;
  let drawn = size();
  new ResizeObserver(() => drawn !== (drawn = size()) && drawMap()).observe(box);
}
