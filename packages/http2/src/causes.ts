// The errors of connections that ended and of requests that were given up, as callers see them.
import { ApnsError, isRetryable, reasonRow } from "@apns/core";
import type { GoAwayFrame, Http2Error, RequestFailure } from "@apns/h2";

/**
 * @param reason what APNs gave as JSON in the frame's debug data
 * @param detail the probable cause, in whole sentences
 */
export function goneAway(
  { http2ErrorCode }: GoAwayFrame,
  reason: string | undefined,
  detail: string | undefined,
): ApnsError {
  const said = reason === undefined ? "" : `, reason ${reason}`;
  return new ApnsError(
    "ERR_APNS_GOAWAY",
    `APNs ended the connection (GOAWAY, error code ${http2ErrorCode}${said}).${detail === undefined ? "" : ` ${detail}`}`,
  );
}

/** @param error the socket's, if there is one */
export function connectionLost(error?: unknown): ApnsError {
  const why = error instanceof Error ? `: ${error.message}` : "";
  const message = `The connection ended while requests were on it${why}.`;
  return new ApnsError("ERR_APNS_CONNECTION_LOST", message, { cause: error });
}

export function connectionFailed(error: Http2Error): ApnsError {
  if (error.code === "H2_CONNECTION_LOST") return connectionLost(error.cause);
  if (error.code === "H2_PING_TIMEOUT") {
    const message = "The connection fell silent: a PING was not answered in time.";
    return new ApnsError("ERR_APNS_CONNECTION_LOST", message, { cause: error });
  }
  return new ApnsError("ERR_APNS_PROTOCOL", `The connection was ended: ${error.message}.`, { cause: error });
}

/** This side retired the connection. @param why a whole sentence */
export function connectionRetired(why: string): ApnsError {
  return new ApnsError("ERR_APNS_CONNECTION_LOST", why);
}

/** @param last the last refusal */
export function refusesEverything(last: string): ApnsError {
  return connectionRetired(`The connection was replaced: it refused everything, most recently by ${last}`);
}

/** @param goAway the error of the GOAWAY that came before, if one came */
export function requestFailed(failure: RequestFailure, goAway: ApnsError | undefined): ApnsError {
  const { error, http2ErrorCode, httpStatus } = failure;
  if (goAway !== undefined && (error.code === "H2_GOAWAY" || error.code === "H2_CONNECTION_LOST")) return goAway;
  if (error.code === "H2_RESET_BY_PEER") {
    return new ApnsError("ERR_APNS_STREAM_RESET", `APNs reset the stream with HTTP/2 error code ${http2ErrorCode}.`);
  }
  if (error.scope === "connection" || error.code === "H2_CANCELLED") return connectionFailed(error);
  const status = httpStatus === undefined ? "" : ` with HTTP status ${httpStatus}`;
  const message = `APNs' answer${status} breaks the protocol, and its stream was reset: ${error.message}.`;
  return new ApnsError("ERR_APNS_PROTOCOL", message, { cause: error });
}

export function unanswered(): ApnsError {
  return new ApnsError("ERR_APNS_TIMEOUT", "APNs did not answer within the time allowed.");
}

/** @param lastError the last error of a connection */
export function notSentInTime(lastError: ApnsError | undefined): ApnsError {
  const why = lastError === undefined ? "" : `: ${lastError.message}`;
  return new ApnsError("ERR_APNS_TIMEOUT", `Not sent within the time allowed${why}`, { cause: lastError });
}

export function cannotBeCarried(cause: unknown): ApnsError {
  return new ApnsError("ERR_APNS_UNSUPPORTED", `HTTP/2 cannot carry it: ${messageOf(cause)}`, { cause });
}

export function noProviderToken(cause: unknown): ApnsError {
  return new ApnsError("ERR_APNS_CREDENTIALS", `No provider token could be had: ${messageOf(cause)}`, { cause });
}

export function aborted({ reason }: AbortSignal): ApnsError {
  return new ApnsError("ERR_APNS_ABORTED", "The caller gave up on this request.", { cause: reason });
}

/** @param how a whole sentence */
export function transportClosed(how: string): ApnsError {
  return new ApnsError("ERR_APNS_TRANSPORT_CLOSED", how);
}

/** Whether a GOAWAY's reason is about certificate or token, so that every further connection would get it. */
export function refusesCredentials(reason: string): boolean {
  const { httpStatus, retry } = reasonRow(reason);
  return httpStatus === 403 && !isRetryable(retry);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
