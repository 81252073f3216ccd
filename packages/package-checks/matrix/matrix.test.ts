// Where the packages run and what loads them: `npx pnpm@10 matrix`. docs/compatibility.md has the table.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Simulator, startSimulator } from "@apns/simulator";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { libraries, publicPackages, usersCompilerOptions } from "../test/workspace.js";

const projects = join(inject("consumer"), "projects");
const entryPoints = publicPackages.flatMap((entry) => entry.entryPoints);

const node = (version: string): string => join(projects, "node/node_modules", `node-${version}`, "bin/node");
const deno = join(projects, "runtimes/node_modules/@deno/linux-x64-glibc/deno");
const bun = join(projects, "runtimes/node_modules/@oven/bun-linux-x64/bin/bun");

let apple: Simulator;
let sender: string;

beforeAll(async () => {
  apple = await startSimulator({ bundleId: "com.example.App" });
  const { signingKey: key, keyId, teamId, topic, tls } = apple.credentials;
  sender = JSON.stringify({
    http2: { environment: apple.http2, auth: { type: "token", key, keyId, teamId }, topic },
    binary: { environment: apple.gateway, auth: { type: "certificate", ...tls } },
    deviceToken: apple.world.connectDevice().deviceToken,
  });
});
afterAll(() => apple.close());

/** What a program prints, or how it fails: both its outputs. */
function run(project: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, SENDER: sender, CI: "true", NEXT_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: join(projects, project), env, timeout: 280_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout.trim() : `${error.message}\n${stdout}\n${stderr}`);
    });
  });
}

/** The file of a package's command. */
const bin = (name: string): string => join("node_modules", name);
const sent = "accepted accepted";

describe.each(["20.19", "22", "24", "26"])("Node %s", (version) => {
  test.skipIf(!existsSync(node(version))).each(["import", "require"])("by %s", async (way) => {
    expect(await run("node", node(version), way === "import" ? "run.mjs" : "run.cjs")).toBe(sent);
  });
});

test.skipIf(!existsSync(bun))("Bun", async () => {
  expect(await run("runtimes", bun, "run.mjs")).toBe(sent);
});
test.skipIf(!existsSync(deno))("Deno", async () => {
  expect(await run("runtimes", deno, "run", "-A", "--node-modules-dir=manual", "run.mjs")).toBe(sent);
});

// Tools run on one Node, whatever runs the matrix: the newest of them need more than 20.19.
const tools = existsSync(node("24")) ? node("24") : process.execPath;

// CPU time, the least of five, since the machine may be busy. Coarse: a package that takes seconds to load is unfit for a function
// that starts with each request.
test.each(libraries.map(({ name }) => name))("%s is imported in 0.8 seconds of CPU time", async (name) => {
  const program = `const start = process.cpuUsage(); await import("${name}");
    const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000)`;
  const times: number[] = [];
  for (let round = 0; round < 5; round++)
    times.push(Number(await run("node", tools, "--input-type=module", "-e", program)));
  const least = Math.min(...times);
  console.log(`${name}: ${least.toFixed(0)} ms`);
  expect(least).toBeLessThan(800);
});

// The control API of the simulator shows types of fastify, which need TypeScript 5.4. TypeScript 7 has no "node10".
describe.each(["5.0", "5.4", "5.9", "6", "7"])("TypeScript %s", (version) => {
  const resolutions = ["nodenext", "node16", "bundler", "node10"].filter(
    (name) => name !== "node10" || version !== "7",
  );
  test.each(resolutions)("under moduleResolution %s", async (moduleResolution) => {
    const checked = entryPoints.filter((name) => version !== "5.0" || name !== "@apns/simulator/control");
    const uses = checked.map((name, index) => `import * as entry${index} from "${name}";`).join("\n");
    const all = `export const all: object[] = [${checked.map((_, index) => `entry${index}`).join(", ")}];`;
    const modules: Record<string, string> = { bundler: "esnext", node10: "commonjs" };
    const files = modules[moduleResolution] === undefined ? ["all.mts", "all.cts"] : ["all.ts"];
    for (const file of files) writeFileSync(join(projects, "typescript", file), `${uses}\n${all}\n`);
    const deprecated = moduleResolution === "node10" && version === "6" ? { ignoreDeprecations: "6.0" } : {};
    const compilerOptions = {
      ...usersCompilerOptions,
      ...deprecated,
      // 5.0 knows no disposables; @types/node has them.
      lib: version === "5.0" ? ["es2023"] : usersCompilerOptions.lib,
      // As projects in CommonJS have it; the types of fastify's dependencies need it.
      ...(moduleResolution === "node10" ? { esModuleInterop: true } : {}),
      module: modules[moduleResolution] ?? moduleResolution,
      moduleResolution,
      skipLibCheck: false,
    };
    const config = `tsconfig-${version}-${moduleResolution}.json`;
    writeFileSync(
      join(projects, "typescript", config),
      JSON.stringify({ compilerOptions, files: [...files, "send-both.ts"] }),
    );
    const manifest = join(projects, "typescript/node_modules", `typescript-${version}`, "package.json");
    expect(JSON.parse(readFileSync(manifest, "utf8")).version).toMatch(new RegExp(`^${version}\\.`));
    expect(await run("typescript", tools, bin(`typescript-${version}/bin/tsc`), "-p", config)).toBe("");
  });
});

describe("test runners", () => {
  test.each(["jest-29", "jest-30", "jest-babel", "jest-ts"])("%s", async (project) => {
    expect(await run(project, tools, bin("jest/bin/jest.js"), "--ci", "--json")).toContain('"numPassedTests":1');
  });
  test("mocha", async () => {
    expect(await run("runners", tools, bin("mocha/bin/mocha.js"), "send.test.cjs")).toContain("1 passing");
  });
  test("vitest", async () => {
    const args = ["run", "send.vitest", "--reporter=tap"];
    expect(await run("runners", tools, bin("vitest/vitest.mjs"), ...args)).toMatch(/^ *ok 1 - sends over both wires/m);
  });
  test("node:test", async () => {
    expect(await run("runners", tools, "--test", "--test-reporter=tap", "send.node-test.mjs")).toContain("# pass 1");
  });
});

describe("bundlers", () => {
  test.each([
    ["esbuild-esm", ["esbuild-esm.out.mjs"]],
    ["esbuild-cjs", ["esbuild-cjs.out.cjs"]],
    ["webpack", ["webpack.out.cjs"]],
    ["rollup", ["rollup.out.mjs"]],
    ["vite", ["vite.out.mjs"]],
    ["tsup", ["tsup.out.mjs", "tsup.out.cjs"]],
  ])("%s", async (name, files) => {
    const told = await run("bundlers", tools, "bundle.mjs", name);
    for (const file of files) expect(`${await run("bundlers", tools, file)} ${told}`).toMatch(new RegExp(`^${sent} `));
  });
});

describe("frameworks", () => {
  test("a NestJS app in CommonJS, with its shutdown hook", async () => {
    expect(await run("nest", tools, bin("typescript/bin/tsc"), "-p", ".")).toBe("");
    // Behind its hooks, it ends by the signal that it was sent.
    expect(await run("nest", tools, "out/main.js")).toContain("accepted\nclosed\n");
  });

  test("a route handler of Next.js", async () => {
    const told = await run("next", tools, bin("next/dist/bin/next"), "build");
    expect(`${await run("next", tools, "start.mjs")} ${told}`).toMatch(new RegExp(`^${sent} `));
  });
});
