// Light, dark, or as the system has it.
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "light" | "dark" | "system";

const key = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => {
  systemIsDark.value = matches;
});

export const theme: Signal<Theme> = signal(load());
/** The theme that is shown. */
export const shownTheme: Signal<"light" | "dark"> = signal("light");

effect(() => {
  const dark = theme.value === "dark" || (theme.value === "system" && systemIsDark.value);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  shownTheme.value = dark ? "dark" : "light";
  localStorage.setItem(key, theme.value);
});

function load(): Theme {
  const kept = localStorage.getItem(key);
  return kept === "light" || kept === "dark" ? kept : "system";
}
