"use strict";
// What to do first: the worst functions with their numbers beside the limits.

/** How many times the limit a bar has room for at least. */
const BAR_ROOM = 3;

/**
 * Return a number as a bar beside its limit, behind what it was before a change.
 * @param {Entry} entry
 * @param {string} metric
 * @param {number} room how many times the limit fits
 */
function makeBar(entry, metric, room) {
  const limit = findLimit(entry, metric), value = findNumber(entry, metric);
  if (!limit || value === null) return null;
  const { ratio } = findStanding(entry, metric), over = findOverClass(entry, metric);
  const fill = make("span", { class: over ? `fill ${over}` : "fill" });
  fill.style.width = `${(100 * Math.min(room, Math.max(0, ratio))) / room}%`;
  const text = make("b", { class: over }, format(value));
  const name = metric.replace(/_complexity$/, "").replaceAll("_", " "), { limits, before } = entry.violations.find((one) => one.metric === metric) ?? {};
  const was = before === undefined || before === value ? "" : `${format(before)} → `;
  return make("span", { class: "beside" }, make("span", { class: "what" }, name), make("span", { class: "track" }, fill), make("span", {}, was, text, `/${format(limit.limit)}`), ...(limits ? [make("span", { class: "limits" }, limits)] : []));
}

/** Return the metrics whose bars an entry has: both complexities, then what else is over its limit. */
function chooseBars(entry) {
  const metrics = entry.name ? OF_BLOCKS : OF_FILES, over = entry.violations.map((one) => one.metric);
  const others = over.filter((metric) => !metrics.slice(0, 2).includes(metric));
  return entry.name ? [...metrics.slice(0, 2), ...others].slice(0, 3) : over.slice(0, 3);
}

/** Return a button that copies the command of a plan. */
function copyButton({ command }) {
  const button = make("button", { type: "button", class: "small", title: command }, "Copy fix command");
  button.addEventListener("click", () => copyText(command, button));
  return button;
}

/** Return a line about what is to be fixed. A number that it does not have leaves its place empty, so that bars compare. */
function makeFirst(entry, room, plan, edits) {
  const origin = entry.violations.find((one) => one.change)?.origin, isNew = entry.violations.some((one) => one.change === "added");
  const about = [origin ?? (isNew ? "new" : ""), edits].filter(Boolean).join(", ");
  const bars = chooseBars(entry).map((metric) => makeBar(entry, metric, room) || make("span", { class: "beside", "aria-hidden": "true" }));
  return make("li", {},
    make("span", { class: "who" }, linkTo(entry.id, visible(entry.name || entry.file.path)), entry.name ? make("span", { class: "place" }, pathCell(formatPlace(entry))) : "", about ? make("span", { class: "edits" }, about) : ""),
    make("span", { class: "bars" }, ...bars),
    ...(plan ? [make("span", { class: "plan" }, make("span", {}, `→ ${plan.reach}`), copyButton(plan))] : []),
  );
}

/** Show what to fix first, if anything fails. */
function startFirst() {
  if (!data.first.length) return;
  show("first");
  const shown = data.first.map(({ id, plan, edits }) => ({ entry: entries.get(id), plan, edits })), functions = failing.filter((entry) => entry.name).length;
  const ratios = shown.map(({ entry }) => entry.ratio).filter(Number.isFinite), room = Math.max(BAR_ROOM, findGreatest(ratios));
  byId("worst").style.setProperty("--room", String(room));
  byId("worst").replaceChildren(...shown.map(({ entry, plan, edits }) => makeFirst(entry, room, plan, edits)));
  if (failing.length <= shown.length) return;
  const parts = [functions ? count(functions, ofBlocks) : "", failing.length > functions ? count(failing.length - functions, "file") : ""];
  const target = functions ? "#blocks?state=violation" : "#blocks?show=files&state=violation";
  byId("worst-rest").append("The worst of ", make("a", { href: target }, parts.filter(Boolean).join(" and ")), " with violations.");
}

/** Show the functions that are most worth a test, where coverage data was read. */
function startUntested() {
  if (!data.untested) return;
  show("untested");
  byId("untested-lead").append(data.unreached);
  for (const [path, name, share, crap] of data.untested) {
    const entry = entries.get(`${path}::${name}`);
    byId("untested-list").append(make("li", {},
      make("span", { class: "who" }, linkTo(entry.id, visible(name)), make("span", { class: "place" }, pathCell(formatPlace(entry)))),
      make("span", {}, `${share} covered, crap ${format(crap)}`),
    ));
  }
}
