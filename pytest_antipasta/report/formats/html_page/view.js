"use strict";
// The view of one thing in front of the page, which the address names behind its `#`.

/**
 * Return the address of something on this page.
 * @param {string} id
 */
function link(id) {
  return "#" + encodeURI(id);
}

/**
 * Return what the address asks for; undefined where that is nothing that can be shown.
 * @template T
 * @param {Map<string, T>} entries by what links to them have behind the `#`
 * @returns {T|undefined}
 */
function findAsked(entries) {
  const hash = location.hash.slice(1);
  if (entries.has(hash)) return entries.get(hash);
  try {
    return entries.get(decodeURIComponent(hash));
  } catch {
    return undefined; // typed by hand, with a % that begins no escape
  }
}

/**
 * Follow the address, and let closing the view take it away again.
 * @template T
 * @param {Map<string, T>} entries
 * @param {(entry: T) => {title: string, parts: Node[]}} describe
 */
function startView(entries, describe) {
  const view = byId("view");
  const showAsked = () => {
    const entry = findAsked(entries);
    if (!entry) {
      if (view.open) view.close();
      return;
    }
    const { title, parts } = describe(entry);
    byId("view-title").replaceChildren(title);
    byId("view-body").replaceChildren(...parts);
    if (!view.open) view.showModal();
    byId("view-title").focus();
    view.scrollTop = 0;
  };
  byId("close").addEventListener("click", () => view.close());
  view.addEventListener("click", (event) => event.target === view && view.close());
  view.addEventListener("close", () => findAsked(entries) && history.pushState(null, "", "#"));
  window.addEventListener("hashchange", showAsked);
  window.addEventListener("popstate", showAsked);
  showAsked();
}
