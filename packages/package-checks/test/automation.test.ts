// What a release and the workflows of CI rely on, and nothing else would notice before they run.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, workspacePackages } from "./workspace.js";

test("every change names packages of this repository, as the release demands", () => {
  const folder = join(root, ".changeset");
  const known = new Set(workspacePackages.map(({ name }) => name));
  const files = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  const unknown = files.flatMap((name) => {
    const [, head = ""] = readFileSync(join(folder, name), "utf8").split(/^---$/m);
    const named = [...head.matchAll(/^"(.+)": (?:major|minor|patch)$/gm)].map(([, packageName]) => packageName!);
    if (named.length === 0) return [`${name} names none`];
    return named.filter((packageName) => !known.has(packageName)).map((packageName) => `${name}: ${packageName}`);
  });
  expect(files.length).toBeGreaterThan(0);
  expect(unknown).toEqual([]);
});

test("every action of others in a workflow is pinned by the hash of a commit, with its version behind", () => {
  const folder = join(root, ".github/workflows");
  const uses = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").match(/uses: .*/g) ?? []);
  expect(uses.length).toBeGreaterThan(0);
  const ofOthers = uses.filter((line) => !line.startsWith("uses: ./.github/"));
  expect(ofOthers.filter((line) => !/^uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});
