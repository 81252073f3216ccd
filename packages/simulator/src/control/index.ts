export { type ControlOptions, ControlServer, startControl } from "./control-server.js";
