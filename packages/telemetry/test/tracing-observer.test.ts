import { alert, InMemoryTransport, observe } from "@apns/core";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import { type TracingOptions, tracingObserver } from "../src/index.js";

const hello = alert({ topic: "com.example.App", aps: { alert: "Hi" } });

function traced(options: TracingOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const inner = new InMemoryTransport();
  const transport = observe(inner, tracingObserver({ tracer: provider.getTracer("test"), ...options }));
  return { inner, transport, spans: () => exporter.getFinishedSpans() };
}

const base = { "apns.protocol": "memory", "apns.push_type": "alert", "apns.topic": "com.example.App" };

test.each([
  ["accepted", { "apns.outcome": "accepted", "apns.attempts": 1, "apns.id": "an id" }, SpanStatusCode.UNSET],
  [
    "Unregistered",
    {
      "apns.outcome": "rejected",
      "apns.attempts": 1,
      "apns.id": "an id",
      "apns.reason": "Unregistered",
      "http.response.status_code": 410,
    },
    SpanStatusCode.UNSET,
  ],
  [
    "unconfirmed",
    {
      "apns.outcome": "unconfirmed",
      "apns.attempts": 1,
      "apns.id": "an id",
      "apns.reason": "ERR_APNS_CONNECTION_LOST",
      "error.type": "ERR_APNS_CONNECTION_LOST",
    },
    SpanStatusCode.ERROR,
  ],
])("a send that ends %s is a span that says so", async (answer, attributes, code) => {
  const { inner, transport, spans } = traced();
  inner.script("00ff", answer);
  await transport.send(hello, "00ff", { apnsId: "an id" });
  expect(spans()).toHaveLength(1);
  expect(spans()[0]).toMatchObject({ name: "apns send", kind: SpanKind.CLIENT, ended: true, status: { code } });
  expect(spans()[0]?.attributes).toEqual({ ...base, ...attributes });
  expect(JSON.stringify(spans()[0]?.attributes)).not.toContain("00ff");
});

test("misuse is an error of the span", async () => {
  const { transport, spans } = traced();
  await expect(transport.send(hello, "xyz")).rejects.toThrow();
  expect(spans()[0]).toMatchObject({ ended: true, status: { code: SpanStatusCode.ERROR } });
  expect(spans()[0]?.events[0]).toMatchObject({ name: "exception" });
});

test("a filter selects the sends that get a span", async () => {
  const { transport, spans } = traced({ filter: ({ deviceToken }) => deviceToken === "01" });
  for (const deviceToken of ["00", "01", "02"]) await transport.send(hello, deviceToken);
  await expect(transport.send(hello, "xyz")).rejects.toThrow();
  expect(spans()).toHaveLength(1);
});
