// The modules of node-forge that are in use, without the rest: that takes 0.15 seconds to load, and gets Node's crypto by a
// `require` that cannot run in an ES bundle.
export { default as asn1 } from "node-forge/lib/asn1.js";
export { default as rc2 } from "node-forge/lib/rc2.js";
export { default as util } from "node-forge/lib/util.js";
