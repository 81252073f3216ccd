// Under which id this page is registered. A reload keeps it; another tab has another one.
import { type Signal, signal } from "@preact/signals";

const key = "page-id";

export const pageId: Signal<string> = signal(sessionStorage.getItem(key) ?? make());
sessionStorage.setItem(key, pageId.value);

/** A tab that was duplicated took the id along: this one needs another. */
export function renewPageId(): void {
  pageId.value = make();
  sessionStorage.setItem(key, pageId.value);
}

function make(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return `page-${[...words].map((word) => word.toString(36)).join("")}`;
}
