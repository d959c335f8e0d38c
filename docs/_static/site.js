"use strict";

// What the theme leaves out for readers who use a keyboard or a screen reader.
document.addEventListener("DOMContentLoaded", () => {
  const select = (selector) => document.querySelectorAll(selector);
  for (const drawer of select("aside.sidebar-drawer")) drawer.setAttribute("aria-label", "All pages");
  for (const drawer of select("aside.toc-drawer")) drawer.setAttribute("aria-label", "On this page");
  for (const caption of select("p.caption[role=heading]")) caption.setAttribute("aria-level", "2");
  for (const head of select("th")) {
    if (!head.textContent.trim()) head.setAttribute("role", "presentation");
  }
  // Only what is wider than its place can be scrolled, and has to be reached by the keyboard.
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const box of select("article pre, article .table-wrapper")) watcher.observe(box);
});
