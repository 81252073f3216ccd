import type { ObservedSend, TransportObserver } from "@apns/core";
import { type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { attributeNames, reasonOf } from "./attributes.js";

export interface TracingOptions {
  /** The tracer for the spans. @default the one named `@apns/telemetry` of the global tracer provider */
  readonly tracer?: Tracer;
  /**
   * Selects the sends that get a span. A span costs more CPU time than the send: in campaigns, trace a sample.
   * @default every send
   */
  readonly filter?: (send: ObservedSend) => boolean;
}

/**
 * One client span for each send, from `send` until the outcome, as a child of the active span. Only `unsent` and `unconfirmed`
 * set an error status: a rejection is an answer.
 *
 * Device tokens are personal data and no attributes; the apns id finds the notification in Apple's delivery log.
 */
export function tracingObserver(options: TracingOptions = {}): TransportObserver<Span | undefined> {
  const tracer = options.tracer ?? trace.getTracer("@apns/telemetry");
  const { filter } = options;
  return {
    started: (send) => {
      if (filter !== undefined && !filter(send)) return undefined;
      const { pushType, topic } = send.notification;
      return tracer.startSpan("apns send", {
        kind: SpanKind.CLIENT,
        attributes: {
          [attributeNames.protocol]: send.protocol,
          [attributeNames.pushType]: pushType,
          ...(topic === undefined ? {} : { [attributeNames.topic]: topic }),
        },
      });
    },
    settled: (_, outcome, __, span) => {
      if (span === undefined) return;
      const reason = reasonOf(outcome);
      span.setAttribute(attributeNames.outcome, outcome.kind);
      span.setAttribute(attributeNames.attempts, outcome.attempts);
      if (outcome.apnsId !== undefined) span.setAttribute(attributeNames.apnsId, outcome.apnsId);
      if (reason !== undefined) span.setAttribute(attributeNames.reason, reason);
      if (outcome.kind === "rejected" && outcome.httpStatus !== undefined) {
        span.setAttribute(attributeNames.httpStatus, outcome.httpStatus);
      }
      if (outcome.kind === "unsent" || outcome.kind === "unconfirmed") {
        span.setAttribute(attributeNames.errorType, outcome.cause.code);
        span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.cause.message });
      }
      span.end();
    },
    refused: (_, error, span) => {
      if (span === undefined) return;
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
