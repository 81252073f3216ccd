// Programs that a bundler makes one file of, as for AWS Lambda, and programs in CommonJS: from the built packages, as installed.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "@apns/simulator";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { expect, test } from "vitest";
import { openConsumer } from "./consumer.js";

const consumer = openConsumer("bundles");

type Bundler = (entry: string, file: string, format: "cjs" | "esm") => Promise<unknown>;

const bundlers = {
  esbuild: (entry, outfile, format) =>
    esbuild.build({ entryPoints: [entry], bundle: true, platform: "node", format, outfile, logLevel: "error" }),
  // It leaves modules out that esbuild keeps, where `sideEffects` says that it may. node-forge, which is CommonJS, stays outside.
  rollup: async (input, file, format) => {
    const plugins = [nodeResolve({ exportConditions: ["node"], preferBuiltins: true })];
    const bundle = await rollup({ input, external: /^node-forge/, plugins, logLevel: "silent" });
    await bundle.write({ file, format });
  },
} satisfies Record<string, Bundler>;

/** What a program prints once it is one file. */
async function runBundled(
  program: string,
  bundler: keyof typeof bundlers,
  format: "cjs" | "esm",
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const entry = join(consumer.folder, `${bundler}-${format}.mjs`);
  const file = join(consumer.folder, `${bundler}-${format}.out.${format === "esm" ? "mjs" : "cjs"}`);
  writeFileSync(entry, program);
  await bundlers[bundler](entry, file, format);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...env } });
  return stdout.trim();
}

const sender = `
  import { alert, Http2Transport } from "@apns/http2";
  const { deviceToken, ...options } = JSON.parse(process.env.SENDER);
  const transport = new Http2Transport(options);
  transport.send(alert({ aps: { alert: "Dinner is ready" } }), deviceToken).then(async (outcome) => {
    await transport.close();
    console.log(outcome.kind);
  });
`;

/** What the sender is told to use, in its environment. */
function environmentFor(apple: Simulator): { SENDER: string } {
  const { signingKey: key, keyId, teamId, topic } = apple.credentials;
  const options = { environment: apple.http2, auth: { type: "token", key, keyId, teamId }, topic };
  return { SENDER: JSON.stringify({ ...options, deviceToken: apple.world.connectDevice().deviceToken }) };
}

test.each(["esm", "cjs"] as const)("a sender bundled as %s starts and sends", async (format) => {
  await using apple = await startSimulator({ bundleId: "com.example.App" });
  expect(await runBundled(sender, "esbuild", format, environmentFor(apple))).toBe("accepted");
});

test("a sender in CommonJS sends by the CommonJS build", async () => {
  await using apple = await startSimulator({ bundleId: "com.example.App" });
  const file = join(consumer.folder, "sender.cjs");
  writeFileSync(file, sender.replace(/import (.*) from (.*);/, "const $1 = require($2);"));
  const env = { ...process.env, ...environmentFor(apple) };
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-experimental-require-module", file], { env });
  expect(stdout.trim()).toBe("accepted");
});

/** Makes a certificate, by `@peculiar/x509` and the polyfill that it needs, and reads it from a `.p12`, by node-forge. */
const certificates = `
  import { CertificateAuthority, readIdentity, writeP12 } from "@apns/credentials";
  CertificateAuthority.create({ keyType: "ec" }).then(async (authority) => {
    const names = { bundleId: "com.example.App", teamId: "TEAM123456", environments: ["production"] };
    const identity = await authority.issuePushCertificate(names);
    const { cert } = readIdentity(writeP12(identity, { passphrase: "secret" }), { passphrase: "secret" });
    console.log(cert === identity.cert ? "the same" : cert);
  });
`;

test.each(["esbuild", "rollup"] as const)("certificates are made and read in a bundle of %s", async (bundler) => {
  expect(await runBundled(certificates, bundler, "esm")).toBe("the same");
});
