// Under which id this page is registered. A reload keeps it; another tab has another one.
const key = "page-id";

function make(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return `page-${[...words].map((word) => word.toString(36)).join("")}`;
}

export const pageId: string = sessionStorage.getItem(key) ?? make();
sessionStorage.setItem(key, pageId);
