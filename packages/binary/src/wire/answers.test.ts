import { everySplit, fromHex } from "@apns/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutInto, errorResponses, feedbackLists } from "../../test/vectors.js";
import {
  type ErrorResponse,
  ErrorResponseDecoder,
  encodeErrorResponse,
  encodeFeedbackTuple,
  FeedbackDecoder,
} from "../wire.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe.each(Object.entries(errorResponses))("error response %s", (_, { hex: text, statusCode, identifier }) => {
  test("is encoded as on paper", () => {
    expect(hex(encodeErrorResponse({ statusCode, identifier }))).toBe(text);
  });

  test("is decoded, however it is cut, and what follows is ignored", () => {
    for (const { name, chunks } of everySplit(fromHex(`${text}ffff`))) {
      const decoder = new ErrorResponseDecoder();
      const responses = chunks.map((chunk) => decoder.receive(chunk)).filter((response) => response !== undefined);
      expect([name, responses]).toEqual([name, [{ command: 8, statusCode, identifier }]]);
      expect(decoder.receivedBytes).toBe(6);
    }
  });
});

test("an error response's fields are checked", () => {
  expect(() => encodeErrorResponse({ statusCode: 256, identifier: 0 })).toThrow(/^statusCode: /);
  expect(() => encodeErrorResponse({ statusCode: 8, identifier: -1 })).toThrow(/^identifier: /);
});

test("any six bytes are a response, fewer are none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const decoder = new ErrorResponseDecoder();
      const response = decoder.receive(bytes);
      const view = Buffer.from(bytes);
      const expected: ErrorResponse | undefined =
        bytes.length < 6 ? undefined : { command: view[0]!, statusCode: view[1]!, identifier: view.readUInt32BE(2) };
      expect(response).toEqual(expected);
      expect(decoder.receivedBytes).toBe(Math.min(6, bytes.length));
    }),
  );
});

/** Tuples in a form that compares. */
function decodeTuples(decoder: FeedbackDecoder, chunks: readonly Uint8Array[]): { seconds: number; token: string }[] {
  return chunks.flatMap((chunk) =>
    decoder.receive(chunk).map(({ unregisteredAt, deviceToken }) => ({
      seconds: unregisteredAt.getTime() / 1000,
      token: hex(deviceToken),
    })),
  );
}

describe.each(Object.entries(feedbackLists))("feedback list %s", (_, { hex: text, tuples }) => {
  const bytes = fromHex(text);

  test("is encoded as on paper", () => {
    const encoded = tuples.map(({ seconds, token }) =>
      encodeFeedbackTuple({ unregisteredAt: new Date(seconds * 1000), deviceToken: fromHex(token) }),
    );
    expect(hex(Buffer.concat(encoded))).toBe(hex(bytes));
  });

  test("is decoded, however it is cut", () => {
    for (const { name, chunks } of everySplit(bytes)) {
      const decoder = new FeedbackDecoder();
      expect([name, decodeTuples(decoder, chunks)]).toEqual([name, tuples]);
      expect(decoder.end()).toBeUndefined();
    }
  });

  test("cut off at every offset, says how much was read", () => {
    for (let length = 0; length < bytes.length; length++) {
      const decoder = new FeedbackDecoder();
      expect(decodeTuples(decoder, [bytes.subarray(0, length)])).toEqual(tuples.slice(0, Math.floor(length / 38)));
      const receivedBytes = length % 38;
      expect(decoder.end()).toEqual(
        receivedBytes === 0 ? undefined : { receivedBytes, expectedBytes: receivedBytes < 6 ? undefined : 38 },
      );
    }
  });
});

test("the second timestamp of F2 is past the signed range: 2038", () => {
  const [, tuple] = new FeedbackDecoder().receive(fromHex(feedbackLists.F2.hex));
  expect(tuple?.unregisteredAt.toISOString()).toBe("2038-01-19T03:14:09.000Z");
});

test("feedback tuples of any token length, cut anywhere, come back as they went", () => {
  const tuple = fc.record({
    seconds: fc.integer({ min: 0, max: 0xffffffff }),
    token: fc.uint8Array({ maxLength: 120 }).map(hex),
  });
  fc.assert(
    fc.property(fc.array(tuple, { maxLength: 8 }), fc.array(fc.nat(50), { maxLength: 20 }), (tuples, sizes) => {
      const bytes = Buffer.concat(
        tuples.map(({ seconds, token }) =>
          encodeFeedbackTuple({ unregisteredAt: new Date(seconds * 1000), deviceToken: fromHex(token) }),
        ),
      );
      const decoder = new FeedbackDecoder();
      expect(decodeTuples(decoder, cutInto(bytes, sizes))).toEqual(tuples);
      expect(decoder.end()).toBeUndefined();
    }),
  );
});

test("a token of the longest length that can be announced is read", () => {
  const deviceToken = new Uint8Array(65_535).fill(7);
  const bytes = encodeFeedbackTuple({ unregisteredAt: new Date(0), deviceToken });
  const decoder = new FeedbackDecoder();
  expect(decoder.receive(bytes.subarray(0, 40_000))).toEqual([]);
  expect(decoder.end()).toEqual({ receivedBytes: 40_000, expectedBytes: 65_541 });
  expect(decoder.receive(bytes.subarray(40_000))).toEqual([{ unregisteredAt: new Date(0), deviceToken }]);
});
