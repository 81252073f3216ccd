import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { publicPackages, root } from "./workspace.js";

const pages = execFileSync("git", ["ls-files", "--cached", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");

/** The text of a page without its code, where brackets and parentheses are no links. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8")
    .replace(/^```.*?^```$/gms, "")
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(page, "utf8")
    .replace(/^```.*?^```$/gms, "")
    .matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      text!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Where the links of a page lead: those to files and headings of this repository, which have no scheme. */
function localLinksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, target]) => target!);
}

test("every link within the repository leads to a file, and to a heading if it names one", () => {
  const links = pages.flatMap((page) => localLinksOf(page).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(50);
  const broken = links.filter(({ page, target }) => {
    const [path, anchor] = target.split("#");
    const file = path === "" ? join(root, page) : join(root, dirname(page), path!);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).has(anchor));
  });
  expect(broken).toEqual([]);
});

// A registry shows the README alone: it has nothing that a path could lead to.
test.each(publicPackages.map(({ folder }) => relative(root, join(folder, "README.md"))))(
  "%s leads to no other file of the repository",
  (page) => {
    expect(localLinksOf(page).filter((target) => !target.startsWith("#"))).toEqual([]);
  },
);
