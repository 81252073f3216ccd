// Known vulnerabilities of what is built into a package, and therefore no dependency of it in the eyes of `pnpm audit --prod`.
// Reads what `pnpm audit --json` prints; fails if any is moderate or worse.
import { readFileSync } from "node:fs";

/** Where `pnpm audit` finds what scripts/bundle-jsonwebtoken.mjs of @apns/http2 builds in: importers, then names down to the package. */
const bundled = /^packages(?:__|\/)http2>jsonwebtoken(?:>|$)/;

const told = readFileSync(0, "utf8");
// A registry that has no such service says nothing about the packages.
const { advisories = {} } = told.startsWith("{") ? JSON.parse(told) : {};
if (!told.startsWith("{")) console.error(`Nothing was audited: ${told}`);
const serious = Object.values(advisories).filter(
  ({ severity, findings }) =>
    ["moderate", "high", "critical"].includes(severity) &&
    findings.some(({ paths }) => paths.some((path) => bundled.test(path))),
);
for (const { module_name, severity, title, url } of serious)
  console.error(`${module_name}: ${severity}: ${title} ${url}`);
process.exitCode = serious.length > 0 ? 1 : 0;
