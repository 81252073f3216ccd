// A few seconds of every target: the corpus, and some hundreds of changes to it, always the same.
//
// For as long as you like, and with other inputs: npx pnpm@10 fuzz NAME --minutes 60
import { describePushCertificate } from "@apns/credentials";
import { expect, it } from "vitest";
import { type Finding, fuzz } from "../fuzz.ts";
import { signedByAuthority, soundClient } from "./client-certificate.ts";
import { targets } from "./targets.ts";

it.each(targets.map((target) => [target.name, target] as const))("%s", async (_, target) => {
  const findings: Finding[] = [];
  const end = await fuzz(target, {
    seed: 1,
    from: 0,
    isOver: (index) => index >= target.testInputs,
    onFinding: (finding) => void findings.push(finding),
  });
  // How long it took is the business of the machine here.
  const told = findings
    .filter(({ kind }) => kind !== "slow")
    .map(({ input, message }) => `${message}\n${Buffer.from(input).toString("base64")}`);
  expect(told).toEqual([]);
  expect(end).toBe(target.testInputs);
});

it("the certificate that is damaged is a sound one", () => {
  expect(describePushCertificate(signedByAuthority(soundClient))).toMatchObject({
    uid: "com.example.App",
    teamId: "TEAM123456",
    environments: ["production", "development"],
  });
});
