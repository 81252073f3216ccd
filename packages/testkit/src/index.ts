export { credentialForms } from "./credential-forms.js";
export { FakeClock } from "./fake-clock.js";
export { type HostileClient, type HostileClients, hostileClients } from "./hostile-clients.js";
export { type TestIdentities, testIdentities } from "./identities.js";
export { type DerNode, mutateDer, parseTree, serializeTree } from "./mutate-der.js";
export { nameWithAddresses } from "./name-with-addresses.js";
export { startProxy, type TestProxy, type TestProxyOptions } from "./proxies.js";
export { seeded } from "./seeded.js";
export { everySplit, fromHex, type Split } from "./splits.js";
export {
  type ContractOptions,
  type ContractSubject,
  contractTokens,
  describeTransportContract,
} from "./transport-contract.js";
