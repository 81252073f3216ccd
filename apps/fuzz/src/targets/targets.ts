import type { Target } from "../target.js";
import { binaryIn } from "./binary-in.js";
import { binaryOut } from "./binary-out.js";
import { bridge } from "./bridge.js";
import { certificates } from "./certificates.js";
import { apnsJson, bridgeConfig } from "./configurations.js";
import { control } from "./control.js";
import { csr, der, jwt, p8, p12, pem } from "./credentials.js";
import { feedback } from "./feedback.js";
import { h2Client } from "./h2-client.js";
import { h2Server } from "./h2-server.js";
import { hpack } from "./hpack.js";
import { lists } from "./lists.js";

/** Everything that is fed, in the order in which `all` takes it. */
export const targets: readonly Target[] = [
  h2Server,
  h2Client,
  hpack,
  binaryIn,
  binaryOut,
  feedback,
  bridge,
  p12,
  pem,
  der,
  p8,
  jwt,
  csr,
  certificates,
  lists,
  bridgeConfig,
  apnsJson,
  control,
];

export function targetNamed(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}
