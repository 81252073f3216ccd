import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

export const root: string = join(import.meta.dirname, "../../..");

export interface WorkspacePackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly isPublic: boolean;
  /** The specifiers that a user may import: the package itself, and its declared subpaths. */
  readonly entryPoints: readonly string[];
  /** The files of its commands, by name; a package may be nothing but a command. */
  readonly commands: Readonly<Record<string, string>>;
  /** The packages that are installed with it, peers included. */
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export const workspacePackages: readonly WorkspacePackage[] = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).flatMap((name) => {
    const folder = join(root, group, name);
    if (!existsSync(join(folder, "package.json"))) return [];
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const subpaths = Object.keys(manifest.exports ?? {}).filter((subpath) => !subpath.endsWith(".json"));
    return {
      name: manifest.name,
      version: manifest.version,
      folder,
      isPublic: manifest.private !== true,
      entryPoints: subpaths.map((subpath) => manifest.name + subpath.slice(1)),
      commands: manifest.bin ?? {},
      dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    };
  }),
);

export const publicPackages: readonly WorkspacePackage[] = workspacePackages.filter((entry) => entry.isPublic);

/** The public packages that are imported; the others are commands only. */
export const libraries: readonly WorkspacePackage[] = publicPackages.filter((entry) => entry.entryPoints.length > 0);

export interface Installed {
  readonly name: string;
  readonly folder: string;
  readonly version: string;
  /** The range of Node it names, if it does. */
  readonly node: string | undefined;
}

/** All that comes with a package, however deep. */
export function everythingBeneath(start: string): Installed[] {
  const found = new Map<string, Installed>();
  const visit = (folder: string): void => {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    if (found.has(folder)) return;
    found.set(folder, { name: manifest.name, folder, version: manifest.version, node: manifest.engines?.node });
    for (const name of Object.keys(manifest.dependencies ?? {})) visit(dependencyOf(folder, name));
  };
  visit(realpathSync(start));
  return [...found.values()];
}

/** Where Node would find it, whatever it exports. */
function dependencyOf(folder: string, name: string): string {
  const place = join(folder, "node_modules", name);
  if (existsSync(place)) return realpathSync(place);
  if (dirname(folder) === folder) throw new Error(`${name} is not installed`);
  return dependencyOf(dirname(folder), name);
}

/** How a careful user compiles. */
export const usersCompilerOptions = {
  strict: true,
  noEmit: true,
  target: "es2022",
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
} as const;

/** Where a package lies in a project that has it installed. */
export function installedIn(project: string, name: string): string {
  return join(project, "node_modules", name);
}

/** Where `pnpm pack --pack-destination` puts it. */
export function tarballOf(project: string, { name, version }: WorkspacePackage): string {
  return join(project, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
}
