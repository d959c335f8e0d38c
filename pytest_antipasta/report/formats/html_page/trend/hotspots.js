"use strict";
// Files by how often they were changed and how complex they are.

const SCATTER = { width: 900, height: 340, left: 46, top: 12 }, MOST_HOT = 10;

/** Return where a number stands on an axis: by its root, so that the few large ones leave room for the others. */
function makeScale(most, from, to) {
  return (value) => from + Math.sqrt(value / most) * (to - from);
}

/** Return round numbers for an axis of roots, on which small ones would stand too near to each other. */
function chooseTicks(most) {
  const ticks = [1, 10, 100, 1000, 10000, 100000].flatMap((power) => [power, 2 * power, 5 * power]);
  return ticks.filter((tick) => tick <= most && tick >= most / 50);
}

/** Draw the axes of the plot. */
function drawScatterAxes(svg, x, y, [changes, complexity]) {
  const { width, height, left, top } = SCATTER;
  for (const tick of chooseTicks(changes)) {
    svg.append(draw("line", { x1: x(tick), x2: x(tick), y1: top, y2: height, class: "grid" }));
    svg.append(draw("text", { x: x(tick), y: height + 16, "text-anchor": "middle" }, formatTick(tick)));
  }
  for (const tick of chooseTicks(complexity)) {
    svg.append(draw("line", { x1: left, x2: width, y1: y(tick), y2: y(tick), class: "grid" }));
    svg.append(draw("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, formatTick(tick)));
  }
  svg.append(draw("text", { x: width, y: height + 32, "text-anchor": "end" }, "changes"), draw("text", { x: 0, y: top - 2 }, "complexity"));
}

/** Draw a point for each file; the hottest have names, where there is room beside those of hotter ones. */
function drawScatter(hot) {
  const { width, height, left, top } = SCATTER;
  const most = [findGreatest(hot.map((file) => file.changes)), findGreatest(hot.map((file) => file.complexity))];
  const x = makeScale(most[0], left, width - 8), y = makeScale(most[1], height, top + 8), taken = [];
  const label = `complexity against number of changes of ${count(hot.length, "file")}; the hottest is ${visible(hot[0].path)} with ${count(hot[0].changes, "change")} and a complexity of ${format(hot[0].complexity)}`;
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height + 36}`, role: "img", "aria-label": label, class: "lines" });
  drawScatterAxes(svg, x, y, most);
  for (const [place, file] of [...hot.entries()].reverse()) {
    const point = draw("circle", { cx: x(file.changes), cy: y(file.complexity), r: place < MOST_HOT ? 5 : 3.5, class: place < MOST_HOT ? "point hot" : "point" });
    point.append(draw("title", {}, `${visible(file.path)}: ${count(file.changes, "change")}, complexity ${format(file.complexity)}`));
    point.addEventListener("click", () => (location.hash = link(file.id)));
    svg.append(point);
  }
  for (const file of hot.slice(0, MOST_HOT)) {
    const name = visible(file.path.split("/").at(-1)), down = y(file.complexity) + 4, isRight = x(file.changes) > width * 0.8;
    const start = x(file.changes) + (isRight ? -9 - name.length * 6 : 9), box = [start, start + name.length * 6, down];
    if (taken.some(([from, to, at]) => from < box[1] && box[0] < to && Math.abs(at - down) < 12)) continue;
    taken.push(box);
    svg.append(draw("text", { x: x(file.changes) + (isRight ? -9 : 9), y: down, "text-anchor": isRight ? "end" : "start", class: "name" }, name));
  }
  return svg;
}

/** Show the hotspots, if a file with functions was changed. */
function startHotspots() {
  const hot = data.hotspots.map((path) => entries.get(`${path}::`));
  if (!hot.length) return;
  show("hotspots");
  byId("scatter").append(drawScatter(hot));
  const rows = hot.slice(0, MOST_HOT).map((file) => [fileLink(file.path), ...[file.changes, file.complexity, file.product].map(format)]);
  byId("hottest").append(plainTable("The hottest files", ["file", "changes", "complexity", "product"], rows));
}
