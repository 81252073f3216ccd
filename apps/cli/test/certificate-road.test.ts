// The whole road of a certificate, as a person walks it: from nothing to a push over both wires.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCertificateDer } from "@apns/credentials";
import { expect, test } from "vitest";
import { apns } from "./apns.js";
import { startApple, tokenOf } from "./simulator.js";

test("from a signing request to a push over both wires", { timeout: 120_000 }, async () => {
  const { simulator, folder, write } = await startApple();
  const { bundleId, teamId } = simulator.credentials;
  simulator.world.register(tokenOf(1));
  const server = { host: simulator.http2.host, ca: "ca.pem" };
  const ports = { http2: simulator.http2.port, gateway: simulator.gateway.port };
  write("apns.json", JSON.stringify({ ...server, ports, topic: bundleId }));
  const env = { APNS_CONFIG: "apns.json", APNS_OUT_PASSPHRASE: "p4ss phrase", APNS_PASSPHRASE: "p4ss phrase" };
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await apns(args, { cwd: folder, env });
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };

  await run("cert", "csr", "--email", "jane@example.com", "--name", "Jane Doe");
  // What Apple's portal does with the request.
  const cert = await simulator.authority.signPushRequest(readFileSync(join(folder, "push.certSigningRequest")), {
    bundleId,
    teamId,
    environments: ["production", "development"],
  });
  writeFileSync(join(folder, "aps.cer"), writeCertificateDer(cert));

  const inspected = await run("cert", "inspect", "aps.cer", "push.key", "ca.pem", "--json");
  expect(JSON.parse(inspected)).toMatchObject({
    ok: true,
    certificates: [{ kind: "universal", uid: bundleId, privateKey: "matches", chainIsComplete: true }],
  });
  await run("cert", "convert", "aps.cer", "push.key", "--out", "push.p12");
  await run("cert", "convert", "push.p12", "--out", "road.pem");

  const send = ["send", "--title", "Hello", "--body", "from the road", "--json", tokenOf(1)];
  for (const identity of [
    ["--p12", "push.p12"],
    ["--cert", "road.pem"],
    ["--cert", "aps.cer", "--cert-key", "push.key"],
  ]) {
    for (const transport of ["binary", "http2"]) {
      const lines = (await run(...send, "--transport", transport, ...identity)).trim().split("\n");
      expect(JSON.parse(lines[0]!)).toMatchObject({ kind: "accepted", deviceToken: tokenOf(1) });
    }
  }
});
