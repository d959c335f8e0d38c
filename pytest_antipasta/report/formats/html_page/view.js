"use strict";
// What the address says behind its `#`: a part of the page with what is chosen on it, or one thing in front of the page.

/** What is chosen on the page, the part that was asked for last, and who wants to know. */
const page = { params: new URLSearchParams(), section: "", isTyping: false, followers: [] };

/** Return the address of something on this page. */
function link(id) {
  return "#" + encodeURI(id);
}

/** Return a link to something on this page. */
function linkTo(id, text) {
  return make("a", { href: link(id) }, text);
}

/** Return the address of the page as it is, without anything in front of it. */
function formatAddress() {
  const query = page.params.toString();
  return query ? `#${page.section}?${query}` : `#${page.section}`;
}

/**
 * Note what was chosen, so that Back undoes it and a link has it. Letters that are typed one after the other are one choice.
 * @param {string} section
 * @param {Object<string, string>} chosen empty texts for what is as it is at first
 * @param {boolean} [isTyping]
 */
function remember(section, chosen, isTyping = false) {
  for (const [name, value] of Object.entries(chosen)) {
    if (value) page.params.set(name, value);
    else page.params.delete(name);
  }
  page.section = section;
  const address = formatAddress();
  if (address !== location.hash) history[isTyping && page.isTyping ? "replaceState" : "pushState"](null, "", address);
  page.isTyping = isTyping;
}

/**
 * Let something follow what is chosen: now, if the page is there already, and whenever Back or a link changes it.
 * @param {(params: URLSearchParams) => void} follower
 */
function follow(follower) {
  page.followers.push(follower);
  follower(page.params);
}

/** Run something after the last of several events. */
function debounce(run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, 120);
  };
}

/**
 * Return what the address asks for; undefined where that is nothing that can be shown.
 * @template T
 * @param {Map<string, T>} entries by what links to them have behind the `#`
 * @returns {T|undefined}
 */
function findAsked(entries) {
  const hash = location.hash.slice(1);
  return entries.get(hash) ?? entries.get(decode(hash));
}

/** Return a text without its escapes; as it is, where a % begins none. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Return which part of the page the address asks for, and what is chosen there; null where it asks for no part. */
function findPart() {
  const [, section, query] = /^#?([a-z]*)(?:\?(.*))?$/s.exec(location.hash) || [];
  const isPart = section === "" || byId(section)?.matches("main > section");
  return isPart ? { section, params: new URLSearchParams(query || "") } : null;
}

/** Show a part of the page as it was asked for. */
function showPart({ section, params }) {
  const isOther = section !== page.section;
  Object.assign(page, { section, params, isTyping: false });
  for (const follower of page.followers) follower(params);
  if (section && isOther) scrollToPart();
}

/** Bring the part that was asked for into view; again once all that is above it has its height. */
function scrollToPart() {
  const part = page.section && byId(page.section);
  if (part && !part.hidden) part.scrollIntoView();
}

/** Say that there is nothing of a name, as of a function that was renamed since a link was made. */
function describeUnknown() {
  const name = visible(decode(location.hash.slice(1)));
  const text = "Nothing here has that name. It may have been renamed or deleted, or may not be part of this run.";
  return { title: name, parts: [make("p", { class: "lead" }, text)] };
}

/**
 * Follow the address, and let closing the view take away what it asks for.
 * @template T
 * @param {Map<string, T>} entries
 * @param {(entry: T) => {title: string, parts: Node[], copy?: string, previous?: string, next?: string}} describe
 */
function startView(entries, describe) {
  const view = byId("view");
  const showAsked = () => {
    const entry = findAsked(entries), part = entry ? null : findPart();
    if (part) {
      if (view.open) view.close();
      showPart(part);
      return;
    }
    fillView(entry ? describe(entry) : describeUnknown());
    if (!view.open) view.showModal();
    byId("view-title").focus();
    view.scrollTop = 0;
  };
  byId("close").addEventListener("click", () => view.close());
  byId("copy").addEventListener("click", () => copyText(byId("copy").dataset.text, byId("copy")));
  view.addEventListener("click", (event) => event.target === view && view.close());
  view.addEventListener("close", () => findPart() || history.pushState(null, "", formatAddress()));
  window.addEventListener("hashchange", showAsked);
  window.addEventListener("popstate", showAsked);
  showAsked();
}

/** Put something into the view, with the ways from it. */
function fillView({ title, parts, copy, previous, next }) {
  byId("view-title").replaceChildren(title);
  byId("view-body").replaceChildren(...parts);
  byId("copy").hidden = !copy;
  byId("copy").textContent = "Copy path";
  byId("copy").dataset.text = copy || "";
  for (const [id, target] of [["previous", previous], ["next", next]]) {
    byId(id).hidden = !target;
    byId(id).href = target ? link(target) : "#";
  }
}

/** Copy a text, and say so on the button that was pressed. A page from disk may have no clipboard of its own to ask. */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = make("textarea", {}, text);
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  button.textContent = "Copied";
}
