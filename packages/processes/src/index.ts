export { Child, type ChildOptions } from "./child.js";
export { ChildError, type ChildErrorCode } from "./errors.js";
export type { Calls } from "./messages.js";
export { answerParent } from "./parent.js";
