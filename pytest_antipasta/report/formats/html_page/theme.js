"use strict";
// Light or dark colours: the system's, or the other ones.

/**
 * Let the theme of the system be changed for this page.
 * @param {() => void} redraw what has colours of its own
 */
function startTheme(redraw) {
  const button = byId("theme"), query = matchMedia("(prefers-color-scheme: dark)");
  let isDark = query.matches;
  const apply = () => {
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
    button.textContent = isDark ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} colours`);
    redraw();
  };
  const set = (value) => {
    isDark = value;
    apply();
  };
  button.addEventListener("click", () => set(!isDark));
  query.addEventListener("change", () => set(query.matches));
  apply();
}
