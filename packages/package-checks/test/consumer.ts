import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { installedIn, tarballOf, type WorkspacePackage } from "./workspace.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of the project that global-setup.ts has made. */
    consumer: string;
  }
}

/** A project outside the workspace in which every public package is installed as its tarball would install it. */
export interface Consumer {
  /** A folder of that project, for the files of one test file. */
  readonly folder: string;
  installed(name: string): string;
  tarball(entry: WorkspacePackage): string;
}

/** @param folderName used by no other test file */
export function openConsumer(folderName: string): Consumer {
  const project = inject("consumer");
  const folder = join(project, folderName);
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    installed: (name) => installedIn(project, name),
    tarball: (entry) => tarballOf(project, entry),
  };
}
