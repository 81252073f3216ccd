import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { SourceMap, type SourceMapping } from "node:module";
import { dirname, join, relative } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, test } from "vitest";
import { openConsumer } from "./consumer.js";
import { libraries, publicPackages, root, usersCompilerOptions } from "./workspace.js";

/** The names that a package exports, by each way to load it, and whether these are the same objects. */
interface Loaded {
  readonly imported: readonly string[];
  readonly required: readonly string[];
  readonly same: boolean;
}

const consumer = openConsumer("built-packages");
const entryPoints = publicPackages.flatMap((entry) => entry.entryPoints);
const tsc = join(root, "node_modules/typescript/bin/tsc");

describe.each(libraries)("$name, as imported", (library) => {
  test("has types that are right for every resolution", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(consumer.tarball(library))));
    expect(analysis.types).not.toBe(false);
    expect("problems" in analysis ? analysis.problems : []).toEqual([]);
  });
});

describe.each(publicPackages)("$name, as published", (entry) => {
  test("has nothing that publint would warn of", async () => {
    const { messages, pkg } = await publint({ pkgDir: consumer.installed(entry.name), pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("says whose it is, and where it is kept", () => {
    const manifest = JSON.parse(readFileSync(join(consumer.installed(entry.name), "package.json"), "utf8"));
    const { author, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const directory = relative(root, entry.folder);
    const page = repository.url.slice("git+".length, -".git".length);
    expect(manifest).toMatchObject({
      author,
      repository: { ...repository, directory },
      homepage: `${page}/tree/main/${directory}#readme`,
      bugs: { url: `${page}/issues` },
    });
  });

  test("holds its licence, its readme, built files and their source, and no test", () => {
    const files = execFileSync("tar", ["-tzf", consumer.tarball(entry)], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(files).toEqual(
      expect.arrayContaining([
        "package/package.json",
        "package/README.md",
        "package/LICENSE",
        ...(entry.entryPoints.length === 0 ? [] : ["package/dist/index.js", "package/dist/index.d.ts"]),
        ...Object.values(entry.commands).map((file) => file.replace("./", "package/")),
      ]),
    );
    const strange = files.filter(
      (file) =>
        !/^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/cjs\/package\.json|dist\/.*\.(js|d\.ts|d\.ts\.map|notices\.txt)|src\/.*(?<!\.test)\.ts)$/.test(
          file,
        ),
    );
    expect(strange).toEqual([]);
  });

  test("leads from every declaration to its TypeScript", () => {
    const folder = consumer.installed(entry.name);
    const files = readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" });
    const declarations = files
      .filter((file) => file.endsWith(".d.ts"))
      .flatMap((file) => declarationsIn(join(folder, "dist", file)));
    expect(declarations.length).toBeGreaterThan(0);
    const astray = declarations.filter(({ name, source }) => !new RegExp(`\\b${name}\\b`).test(source));
    expect(astray).toEqual([]);
  });
});

describe("the commands", () => {
  const commands = publicPackages.flatMap(({ name, commands }) =>
    Object.entries(commands).map(([command, file]) => ({ command, file, name })),
  );

  test.each(commands)("$command finds all it needs among what its package declares", ({ command, file, name }) => {
    const apns = (...args: string[]): string =>
      execFileSync(process.execPath, [join(consumer.installed(name), file), ...args], { encoding: "utf8" });
    const { version } = JSON.parse(readFileSync(join(consumer.installed(name), "package.json"), "utf8"));
    expect(apns("--version")).toBe(`${version}\n`);
    // It loads the modules of every command there is.
    expect(apns("completion", "bash")).toContain(`complete -o default -F _${command} ${command}`);
  });
});

describe("the built packages", () => {
  /** Requires and imports every entry point, in one CommonJS program. */
  function load(...options: string[]): Record<string, Loaded> {
    const file = join(consumer.folder, "load.cjs");
    writeFileSync(
      file,
      `const names = (loaded) => Object.keys(loaded).filter((name) => !["__esModule", "module.exports"].includes(name)).sort();
      const load = async (entryPoint) => {
        const required = require(entryPoint);
        const imported = await import(entryPoint);
        const same = names(required).every((name) => required[name] === imported[name]);
        return [entryPoint, { imported: names(imported), required: names(required), same }];
      };
      Promise.all(${JSON.stringify(entryPoints)}.map(load)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));`,
    );
    return JSON.parse(execFileSync(process.execPath, [...options, file], { encoding: "utf8" }));
  }

  test("are the same, required and imported", () => {
    for (const { imported, required, same } of Object.values(load())) {
      expect(imported.length).toBeGreaterThan(0);
      expect(required).toEqual(imported);
      expect(same).toBe(true);
    }
  });

  // Jest and bundlers take the condition "require", and so does a Node that is told not to require ES modules.
  test("have a CommonJS build, with the same names", () => {
    for (const { imported, required, same } of Object.values(load("--no-experimental-require-module"))) {
      expect(required).toEqual(imported);
      expect(same).toBe(false);
    }
  });

  test.each([
    ["node16", "node16", "import.mts"],
    ["nodenext", "nodenext", "import.mts"],
    ["nodenext, from CommonJS", "nodenext", "require.cts"],
    ["bundler", "bundler", "import.ts"],
    ["bundler, to CommonJS", "bundler", "require.ts"],
  ])("type-check under moduleResolution %s", (_, moduleResolution, file) => {
    const body = [
      ...entryPoints.map((entryPoint, index) => `import * as entry${index} from "${entryPoint}";`),
      `export const all: object[] = [${entryPoints.map((_entry, index) => `entry${index}`).join(", ")}];`,
      'import { alert, type Outcome, type Transport } from "@apns/core";',
      'import { Http2Transport } from "@apns/http2";',
      "export const send = (transport: Transport): Promise<Outcome> =>",
      '  transport.send(alert({ topic: "com.example.App", aps: { alert: "Hi" } }), "00");',
      "export const make: (key: string) => Transport = (key) =>",
      '  new Http2Transport({ environment: "production", auth: { type: "token", key, keyId: "KEY1234567", teamId: "TEAM123456" } });',
    ];
    writeFileSync(join(consumer.folder, file), body.join("\n"));
    const config = {
      compilerOptions: {
        ...usersCompilerOptions,
        module: moduleResolution !== "bundler" ? moduleResolution : file === "require.ts" ? "commonjs" : "esnext",
        moduleResolution,
        // The libraries' own declarations are checked, too.
        skipLibCheck: false,
      },
      files: [file],
    };
    writeFileSync(join(consumer.folder, "tsconfig.json"), JSON.stringify(config));
    expect(typeCheck()).toBe("");
  });

  test("carry types that can say no", () => {
    writeFileSync(
      join(consumer.folder, "wrong.mts"),
      'import { alert } from "@apns/core"; alert({ aps: { threadId: "t" } });',
    );
    const config = {
      compilerOptions: { ...usersCompilerOptions, module: "nodenext" },
      files: ["wrong.mts"],
    };
    writeFileSync(join(consumer.folder, "tsconfig.json"), JSON.stringify(config));
    expect(typeCheck()).toContain("threadId");
  });

  test("bring no dependency that is not declared: core and h2 have none", () => {
    const dependencies = Object.fromEntries(libraries.map((entry) => [entry.name, entry.dependencies]));
    expect(dependencies).toMatchObject({
      "@apns/core": [],
      "@apns/h2": [],
      "@apns/binary": ["@apns/core", "@apns/net"],
    });
  });
});

/** The exported names of a `.d.ts` file, with the line of TypeScript that its map leads to: empty if it leads nowhere. */
function declarationsIn(file: string): { name: string; at: string; source: string }[] {
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((text, line) => {
    const match = /^export (?:declare )?(?:abstract )?(?:class|const|function|interface|type|enum) ([\w$]+)/d.exec(
      text,
    );
    if (match === null) return [];
    const entry = map.findEntry(line, match.indices![1]![0]) as Partial<SourceMapping>;
    const at = entry.originalSource === undefined ? "" : join(dirname(file), entry.originalSource);
    const source = existsSync(at) ? readFileSync(at, "utf8").split("\n")[entry.originalLine!]! : "";
    return [{ name: match[1]!, at: `${at}:${entry.originalLine}`, source }];
  });
}

/** The messages of the compiler about the consumer's project. */
function typeCheck(): string {
  try {
    return execFileSync(process.execPath, [tsc, "-p", "."], { cwd: consumer.folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
