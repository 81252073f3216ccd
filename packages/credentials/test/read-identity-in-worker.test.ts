import { describe, expect, it } from "vitest";
import { performTask } from "../src/identity/read-identity-in-worker.ts";
import { readIdentity } from "../src/index.ts";
import { fixture, namedFixture, passphrase } from "./fixture.ts";

// The thread itself runs built code: the README's example starts it.
describe("the task of a thread that reads files", () => {
  it("makes the identity that readIdentity makes", () => {
    const files = namedFixture("aes-256.p12");
    expect(performTask({ files, options: { passphrase } })).toEqual({ identity: readIdentity(files, { passphrase }) });
  });

  it("makes errors that can be sent to another thread", () => {
    expect(structuredClone(performTask({ files: fixture("aes-256.p12"), options: {} }))).toEqual({
      credentials: {
        code: "ERR_APNS_CREDENTIALS_PASSPHRASE_MISSING",
        problem: "the file is protected by a passphrase",
        fix: "give the passphrase it was exported with.",
      },
    });
    expect(structuredClone(performTask({ files: 5 as unknown as string, options: {} }))).toEqual({
      argument: { field: "the file", problem: "is neither text nor bytes: give the content of the file." },
    });
  });
});
