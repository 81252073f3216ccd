import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, libraries, makeConsumer, publicPackages, root, usersCompilerOptions } from "./workspace.js";

let consumer: Consumer;
beforeAll(() => {
  consumer = makeConsumer();
});
afterAll(() => consumer?.remove());

const entryPoints = publicPackages.flatMap((entry) => entry.entryPoints);
const tsc = join(root, "node_modules/typescript/bin/tsc");

/** Runs a script in the consumer's folder; its output. */
function run(file: string, text: string): string {
  writeFileSync(join(consumer.folder, file), text);
  return execFileSync(process.execPath, [file], {
    cwd: consumer.folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe.each(libraries)("$name, as imported", ({ name }) => {
  test("has types that are right for every resolution that can load ESM", async () => {
    const tarball = consumer.tarballs.get(name)!;
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    expect(analysis.types).not.toBe(false);
    const problems = "problems" in analysis ? analysis.problems : [];
    // ESM only: CommonJS gets it by require(esm), which Node has had since 20.19; node10 predates `exports`.
    const known = ["CJSResolvesToESM"];
    const relevant = problems.filter(
      (problem) =>
        !known.includes(problem.kind) && !("resolutionKind" in problem && problem.resolutionKind === "node10"),
    );
    expect(relevant).toEqual([]);
  });
});

describe.each(publicPackages)("$name, as published", ({ name, entryPoints: own, commands }) => {
  test("has nothing that publint would warn of", async () => {
    const { messages, pkg } = await publint({ pkgDir: consumer.installed(name), pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("holds its licence, its readme and built files, and no source or test", () => {
    const files = execFileSync("tar", ["-tzf", consumer.tarballs.get(name)!], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(files).toEqual(
      expect.arrayContaining([
        "package/package.json",
        "package/README.md",
        "package/LICENSE",
        ...(own.length === 0 ? [] : ["package/dist/index.js", "package/dist/index.d.ts"]),
        ...Object.values(commands).map((file) => file.replace("./", "package/")),
      ]),
    );
    const strange = files.filter(
      (file) => !/^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.*\.(js|d\.ts))$/.test(file),
    );
    expect(strange).toEqual([]);
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
  test.each(entryPoints)("%s is imported and required, with the same names", (entryPoint) => {
    const list =
      "console.log(JSON.stringify(Object.keys(loaded).filter((name) => name !== '__esModule' && name !== 'module.exports').sort()))";
    const imported = run("import.mjs", `import * as loaded from "${entryPoint}"; ${list}`);
    const required = run("require.cjs", `const loaded = require("${entryPoint}"); ${list}`);
    expect(JSON.parse(imported).length).toBeGreaterThan(0);
    expect(required).toBe(imported);
  });

  test.each([
    ["node16", "node16", "import.mts"],
    ["nodenext", "nodenext", "import.mts"],
    ["nodenext, from CommonJS", "nodenext", "require.cts"],
    ["bundler", "bundler", "import.ts"],
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
        module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
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

/** What the compiler has to say about the consumer's project. */
function typeCheck(): string {
  try {
    return execFileSync(process.execPath, [tsc, "-p", "."], { cwd: consumer.folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
