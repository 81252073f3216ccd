import { basename } from "node:path";
import { type CertificateReport, inspectCertificates, inspectSigningKey } from "@apns/credentials";
import { type Check, failed, passed, skipped } from "./check.js";
import type { DoctorContext } from "./context.js";

/** So many days before its end, a certificate is worth a word. */
const renewDays = 30;

/** Whether key or certificate can be what they are given as, for this environment and topic. */
export function checkCredentials(context: DoctorContext): Check[] {
  const { credentials } = context;
  if (credentials === undefined) return [skipped("credentials", "none are given")];
  if (credentials.type === "certificate") {
    const [report] = inspectCertificates({
      name: "the certificate",
      content: `${credentials.cert}\n${credentials.key}`,
    });
    return report === undefined
      ? []
      : [checkCertificate(report), checkEnvironment(report, context), checkTopic(report, context)];
  }
  const name = basename(credentials.keyName);
  const { keyId } = inspectSigningKey({ name, content: credentials.key });
  if (keyId !== undefined && keyId !== credentials.keyId) {
    return [
      failed(
        "key",
        `${name} is, by its name, key ${keyId}, but the key id given is ${credentials.keyId}`,
        `give --key-id ${keyId}, or the file of the other key`,
      ),
    ];
  }
  return [passed("key", `a signing key (EC P-256); key id ${credentials.keyId}, team ${credentials.teamId}`)];
}

function checkCertificate({ kind, commonName, validity, notAfter, notBefore, daysLeft }: CertificateReport): Check {
  const what = `${commonName ?? "without a name"} (${kind})`;
  if (validity === "expired") {
    return failed("certificate", `${what} expired at ${notAfter.toISOString()}`, "make a new one in Apple's portal");
  }
  if (validity === "not-yet-valid") {
    return failed("certificate", `${what} is not valid before ${notBefore.toISOString()}`, "set this machine's clock");
  }
  const renew = daysLeft < renewDays ? `; renew it: only ${daysLeft} days are left` : "";
  return passed("certificate", `${what}, valid until ${notAfter.toISOString().slice(0, 10)}${renew}`);
}

function checkEnvironment({ environments }: CertificateReport, { environment }: DoctorContext): Check {
  const id = "certificate-environment";
  const covered = environments.join(" and ");
  if (environment === undefined)
    return skipped(id, `it is for ${covered || "none"}; which one this server stands for is not said (--environment)`);
  if (environments.includes(environment)) return passed(id, `covers ${environment}`);
  if (environments.length === 0) {
    return failed(
      id,
      "it is no push certificate: no environment is in it",
      "make an Apple Push Notification service certificate in Apple's portal",
    );
  }
  return failed(
    id,
    `covers ${covered}, but this is ${environment}`,
    `use --environment ${environments[0]}, or a certificate for ${environment}`,
  );
}

function checkTopic({ topics }: CertificateReport, { topic }: DoctorContext): Check {
  const id = "certificate-topic";
  const names = topics.map((entry) => entry.topic);
  if (topic === undefined) return skipped(id, `no --topic is given; it covers ${names.join(", ") || "none"}`);
  if (names.includes(topic)) return passed(id, `covers ${topic}`);
  return failed(
    id,
    `covers ${names.join(", ") || "none"}, but not ${topic}`,
    "give the topic of this certificate, or the certificate of this topic",
  );
}
