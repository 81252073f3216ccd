import { alert, type Notification, type Outcome, type SendOptions, sendAll, type Transport } from "@apns/core";
import { describe, expect, test } from "vitest";

/** A transport under test, with the server it sends to. */
export interface ContractSubject {
  readonly transport: Transport;
  /** The device tokens of the notifications that the server accepted, one entry per notification. */
  received(): readonly string[];
  /** Closes the server; the suite has closed the transport before. */
  close(): Promise<void>;
}

export interface ContractOptions {
  /** Makes a transport and a server, which refuses `contractTokens.bad` and accepts all other device tokens. */
  open(): Promise<ContractSubject>;
  /** @default 2000 */
  readonly batch?: number;
}

/** `bad` is the device token that the server of a contract test refuses as BadDeviceToken. */
export const contractTokens: { readonly bad: string; good(index: number): string } = {
  bad: "bad0".repeat(16),
  good: (index: number) => index.toString(16).padStart(64, "0"),
};

const { bad, good } = contractTokens;
const hello: Notification = alert({ topic: "com.example.App", aps: { alert: "Hi" } });
const other: Notification = alert({ topic: "com.example.App", aps: { alert: "Another" }, custom: { n: 2 } });

/** The tests of the contract that every `Transport` fulfils. */
export function describeTransportContract(name: string, { open, batch = 2000 }: ContractOptions): void {
  /** Runs `body` with a new subject, and always closes both sides. */
  async function withSubject(body: (subject: ContractSubject) => Promise<void>): Promise<void> {
    const subject = await open();
    try {
      await body(subject);
    } finally {
      await subject.transport.close({ timeoutMs: 2000 });
      await subject.close();
    }
  }

  /** Sends to all device tokens at once and flushes. */
  async function sendTogether(transport: Transport, deviceTokens: readonly string[]): Promise<Outcome[]> {
    const sends = deviceTokens.map((deviceToken, index) => transport.send(index % 2 ? hello : other, deviceToken));
    await transport.flush?.();
    return Promise.all(sends);
  }

  describe(`the transport contract: ${name}`, () => {
    test("says which protocol it speaks", () =>
      withSubject(async ({ transport }) => {
        expect(transport.protocol).toMatch(/^[a-z0-9-]+$/);
      }));

    test("an accepted outcome has the device token as given, and one attempt", () =>
      withSubject(async ({ transport, received }) => {
        const deviceToken = "AB".repeat(32);
        const [outcome] = await sendTogether(transport, [deviceToken]);
        expect(outcome).toMatchObject({ kind: "accepted", deviceToken, attempts: 1 });
        expect(received().map((token) => token.toLowerCase())).toEqual([deviceToken.toLowerCase()]);
      }));

    test("a rejected outcome has the reason and its rules, and other sends are not affected", () =>
      withSubject(async ({ transport, received }) => {
        const deviceTokens = [good(1), bad, good(2), good(3)];
        const outcomes = await sendTogether(transport, deviceTokens);
        expect(outcomes.map(({ kind, deviceToken }) => [kind, deviceToken])).toEqual([
          ["accepted", good(1)],
          ["rejected", bad],
          ["accepted", good(2)],
          ["accepted", good(3)],
        ]);
        expect(outcomes[1]).toMatchObject({ reason: "BadDeviceToken", retryable: false, dropToken: false });
        expect([...received()].sort()).toEqual([good(1), good(2), good(3)]);
      }));

    test(`of ${batch} with bad ones among them, each gets its own outcome and arrives exactly once`, () =>
      withSubject(async ({ transport, received }) => {
        const isBad = (index: number): boolean => index % 97 === 13 || index === 0 || index === batch - 1;
        const deviceTokens = Array.from({ length: batch }, (_, index) => (isBad(index) ? bad : good(index)));
        const kinds = new Map<number, string>();
        for await (const { index, outcome, deviceToken } of sendAll(transport, { notification: hello, deviceTokens })) {
          expect(kinds.has(index)).toBe(false);
          expect(outcome.deviceToken).toBe(deviceToken);
          kinds.set(index, outcome.kind);
        }
        expect(kinds.size).toBe(batch);
        for (const [index, kind] of kinds)
          expect([index, kind]).toEqual([index, isBad(index) ? "rejected" : "accepted"]);
        expect([...received()].sort()).toEqual(deviceTokens.filter((deviceToken) => deviceToken !== bad).sort());
      }));

    test("misuse rejects with an error that names the field, and sends nothing", () =>
      withSubject(async ({ transport, received }) => {
        // Before anything was sent: a transport keeps the last notification, which is none yet.
        for (const notification of [undefined, null, { aps: { alert: "Hi" } }, "Hi"] as unknown as Notification[]) {
          await expect(transport.send(notification, good(2))).rejects.toMatchObject({
            code: "ERR_APNS_INVALID_ARGUMENT",
            field: "notification",
          });
        }
        for (const deviceToken of ["", "xyz", "abc", 7 as unknown as string]) {
          await expect(transport.send(hello, deviceToken)).rejects.toMatchObject({
            code: "ERR_APNS_INVALID_DEVICE_TOKEN",
            field: "deviceToken",
          });
        }
        for (const signal of [{}, "stop", null] as unknown as AbortSignal[]) {
          await expect(transport.send(hello, good(2), { signal })).rejects.toMatchObject({
            code: "ERR_APNS_INVALID_ARGUMENT",
            field: "signal",
          });
        }
        for (const timeoutMs of ["5", 0, -1, Number.NaN] as unknown as number[]) {
          await expect(transport.send(hello, good(2), { timeoutMs })).rejects.toMatchObject({
            code: "ERR_APNS_INVALID_ARGUMENT",
            field: "timeoutMs",
          });
        }
        await expect(transport.send(hello, good(2), { tiemoutMs: 5 } as SendOptions)).rejects.toMatchObject({
          code: "ERR_APNS_INVALID_ARGUMENT",
          field: "tiemoutMs",
        });
        await sendTogether(transport, [good(1)]);
        expect(received()).toEqual([good(1)]);
      }));

    test("a signal need not be of this realm's class", () =>
      withSubject(async ({ transport, received }) => {
        const foreign = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
        const sending = transport.send(hello, good(1), { signal: foreign as unknown as AbortSignal });
        await transport.flush?.();
        expect((await sending).kind).toBe("accepted");
        expect(received()).toEqual([good(1)]);
      }));

    test("a send aborted before it began is unsent", () =>
      withSubject(async ({ transport, received }) => {
        const aborted = await transport.send(hello, good(1), { signal: AbortSignal.abort() });
        expect(aborted).toMatchObject({ kind: "unsent", attempts: 0, cause: { code: "ERR_APNS_ABORTED" } });
        await sendTogether(transport, [good(2)]);
        expect(received()).toEqual([good(2)]);
      }));

    test("close settles what is in flight, and can be called again", () =>
      withSubject(async ({ transport, received }) => {
        const deviceTokens = Array.from({ length: 50 }, (_, index) => (index === 20 ? bad : good(index)));
        const sends = deviceTokens.map((deviceToken) => transport.send(hello, deviceToken));
        await Promise.all([transport.close(), transport.close()]);
        const outcomes = await Promise.all(sends);
        expect(outcomes.map(({ kind }) => kind)).toEqual(
          deviceTokens.map((deviceToken) => (deviceToken === bad ? "rejected" : "accepted")),
        );
        expect(received()).toHaveLength(49);
      }));

    test("a closed transport refuses to send", () =>
      withSubject(async ({ transport, received }) => {
        await transport.close();
        await expect(transport.send(hello, good(1))).rejects.toMatchObject({ code: "ERR_APNS_TRANSPORT_CLOSED" });
        expect(received()).toEqual([]);
      }));

    test("a transport that never sent closes at once, also by `await using`", () =>
      withSubject(async ({ transport }) => {
        await transport[Symbol.asyncDispose]();
      }));
  });
}
