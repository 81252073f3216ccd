import { verify } from "node:crypto";
import { show } from "@apns/core/internal";
import { CredentialsError } from "../credentials-error.js";
import { type CredentialFile, nameOf, readItems, wrongKind } from "../files/credential-file.js";
import { readVerificationKey } from "../keys/verification-key.js";

/** The content of a provider token, and the problems that APNs will find. Without the token itself, which is a secret. */
export interface ProviderTokenReport {
  /** `kid` of the header. */
  readonly keyId: string | undefined;
  /** `iss` of the claims. */
  readonly teamId: string | undefined;
  /** `alg` of the header. */
  readonly algorithm: string | undefined;
  /** `iat` of the claims. */
  readonly issuedAt: Date | undefined;
  /** How old it is by this machine's clock; negative if it is from the future. */
  readonly ageMs: number | undefined;
  /** `unchecked`: no key was given to check it with. */
  readonly signature: "valid" | "invalid" | "unchecked";
  /** Nothing in it that APNs certainly refuses. */
  readonly ok: boolean;
  readonly problems: readonly ProviderTokenProblem[];
}

export interface ProviderTokenProblem {
  readonly code:
    | "ALGORITHM"
    | "KEY_ID"
    | "TEAM_ID"
    | "ISSUED_AT"
    | "EXPIRED"
    | "SOON_EXPIRED"
    | "FROM_THE_FUTURE"
    | "SIGNATURE";
  /** `refused`: APNs answers 403. `warning`: it takes the token now, or it is not known what it does. */
  readonly severity: "refused" | "warning";
  readonly problem: string;
  readonly fix: string;
}

export interface InspectProviderTokenOptions {
  /** Checks the signature: the `.p8`, or the public key (SPKI). */
  readonly key?: CredentialFile | undefined;
  /** The expected `kid`. */
  readonly keyId?: string | undefined;
  /** The expected `iss`. */
  readonly teamId?: string | undefined;
  /** @default now */
  readonly at?: Date | undefined;
}

const minuteMs = 60_000;
/** Apple, "Establishing a token-based connection to APNs". */
const lifetimeMs = 60 * minuteMs;
const soonMs = 55 * minuteMs;
/** Clocks differ a little, and `iat` is in whole seconds. */
const toleranceMs = minuteMs;

/**
 * Decodes a provider token (JWT; `bearer ` before it is passed over) and judges it as APNs would: algorithm, key ID, team
 * ID, age, and its signature if there is a key to check it with. Source: Apple, "Establishing a token-based connection to
 * APNs".
 * @throws {CredentialsError} `…_WRONG_KIND` if it is something else, `…_UNREADABLE` if it cannot be decoded
 */
export function inspectProviderToken(
  token: CredentialFile,
  options: InspectProviderTokenOptions = {},
): ProviderTokenReport {
  const field = nameOf(token, "provider token");
  const { header, claims, signedText, signature } = decode(field, token);
  const at = (options.at ?? new Date()).getTime();
  const issuedAt = instantOf(claims["iat"]);
  const state = checkSignature(signedText, signature, options.key);
  const problems = [
    ...checkHeader(header, options.keyId),
    ...checkTeam(claims["iss"], options.teamId),
    ...checkAge(claims["iat"], issuedAt, at),
    ...(state === "invalid" ? [badSignature] : []),
  ];
  return {
    keyId: textOf(header["kid"]),
    teamId: textOf(claims["iss"]),
    algorithm: textOf(header["alg"]),
    issuedAt,
    ageMs: issuedAt === undefined ? undefined : at - issuedAt.getTime(),
    signature: state,
    ok: problems.every(({ severity }) => severity !== "refused"),
    problems,
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

interface DecodedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signedText: string;
  readonly signature: Buffer;
}

function decode(field: string, token: CredentialFile): DecodedToken {
  const items = readItems(field, token);
  const item = items.find(({ format }) => format === "provider-token");
  if (item === undefined) {
    throw wrongKind(field, items, "a provider token", "give the JWT: three parts of base64url, joined by dots.");
  }
  const [head, body, signature] = item.der.toString("latin1").split(".") as [string, string, string];
  return {
    header: parsePart(field, "header", head),
    claims: parsePart(field, "claims", body),
    signedText: `${head}.${body}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

function parsePart(field: string, part: string, base64url: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
  } catch {
    // Node's message would quote what it read.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new CredentialsError(
    "ERR_APNS_CREDENTIALS_UNREADABLE",
    `the ${part} of ${field} is not a JSON object in base64url`,
    "copy the whole token, unchanged, or make a new one.",
  );
}

function checkHeader(header: JsonObject, expectedKeyId: string | undefined): ProviderTokenProblem[] {
  const problems: ProviderTokenProblem[] = [];
  if (header["alg"] !== "ES256") {
    problems.push(
      refused("ALGORITHM", `"alg" is ${showClaim(header["alg"])}`, 'sign with the .p8 by ES256 and say "ES256".'),
    );
  }
  return [...problems, ...checkId("KEY_ID", "kid", "key ID", header["kid"], expectedKeyId)];
}

function checkTeam(issuer: unknown, expected: string | undefined): ProviderTokenProblem[] {
  return checkId("TEAM_ID", "iss", "team ID", issuer, expected);
}

function checkId(
  code: "KEY_ID" | "TEAM_ID",
  name: string,
  meaning: string,
  value: unknown,
  expected: string | undefined,
): ProviderTokenProblem[] {
  if (typeof value !== "string" || !/^[A-Z0-9]{10}$/i.test(value)) {
    const fix = `give the ${meaning} from Apple's portal: ten letters and digits.`;
    return [refused(code, `"${name}" is ${showClaim(value)}, no ${meaning}`, fix)];
  }
  if (expected === undefined || value === expected) return [];
  return [
    refused(code, `"${name}" is ${showClaim(value)}, not ${showClaim(expected)}`, `sign it with the right ${meaning}.`),
  ];
}

function checkAge(iat: unknown, issuedAt: Date | undefined, at: number): ProviderTokenProblem[] {
  if (issuedAt === undefined) {
    const isMilliseconds = Number(iat) > 1e11;
    return [
      refused(
        "ISSUED_AT",
        `"iat" is ${showClaim(iat)}${isMilliseconds ? ", which looks like milliseconds" : ""}`,
        "give the seconds since 1970-01-01 UTC as a number.",
      ),
    ];
  }
  const ageMs = at - issuedAt.getTime();
  const clock = `this machine's clock says ${new Date(at).toISOString()}`;
  if (ageMs > lifetimeMs) {
    const problem = `it was issued at ${issuedAt.toISOString()}, more than an hour ago (${clock})`;
    return [refused("EXPIRED", problem, "make a new one, at least every 60 minutes, and check the clock.")];
  }
  if (ageMs < -toleranceMs) {
    const problem = `it was issued at ${issuedAt.toISOString()}, in the future (${clock})`;
    const fix = "set the clock where it was made; what APNs does with such a token is not documented.";
    return [{ code: "FROM_THE_FUTURE", severity: "warning", problem, fix }];
  }
  if (ageMs > soonMs) {
    const problem = `it expires at ${new Date(issuedAt.getTime() + lifetimeMs).toISOString()}`;
    return [{ code: "SOON_EXPIRED", severity: "warning", problem, fix: "make a new one." }];
  }
  return [];
}

const badSignature: ProviderTokenProblem = refused(
  "SIGNATURE",
  "its signature is not that of the given key",
  "sign it with the .p8 whose key ID it names.",
);

/** APNs takes a signature as JOSE writes it (64 bytes) and, observed, as OpenSSL does (DER). */
function checkSignature(
  text: string,
  signature: Buffer,
  file: CredentialFile | undefined,
): ProviderTokenReport["signature"] {
  if (file === undefined) return "unchecked";
  const key = readVerificationKey(file);
  const dsaEncoding = signature.length === 64 ? "ieee-p1363" : "der";
  return verify("sha256", Buffer.from(text), { key, dsaEncoding }, signature) ? "valid" : "invalid";
}

/** Whole seconds, in a range that is no mistake for milliseconds. */
function instantOf(iat: unknown): Date | undefined {
  return typeof iat === "number" && iat >= 0 && iat < 1e11 ? new Date(iat * 1000) : undefined;
}

function refused(code: ProviderTokenProblem["code"], problem: string, fix: string): ProviderTokenProblem {
  return { code, severity: "refused", problem, fix };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function showClaim(value: unknown): string {
  return value === undefined ? "missing" : show(value);
}
