import { InvalidArgumentError } from "../errors.js";
import { show } from "./check.js";
import { nearestName } from "./nearest-name.js";

/** The names of the options of a function or class. */
export type OptionNames = ReadonlySet<string>;

/** The names of all properties of a type of options; a name that is missing or unknown does not compile. */
export function optionNames<Options extends object>(
  names: { readonly [Name in keyof Required<Options>]: true },
): OptionNames {
  return new Set(Object.keys(names));
}

export interface CheckOptionsDetails {
  /** Path of the object in the options, such as `auth`. */
  readonly path?: string;
  /** Names of other libraries, or of places nearby, with a sentence on what to write instead. */
  readonly hints?: Readonly<Record<string, string>>;
  /** Names to suggest, if they are more than the known ones. */
  readonly suggestions?: OptionNames;
}

/**
 * Throws unless `options` is an object whose keys are all known. Without types, a misspelt option would be ignored. A key whose
 * value is `undefined` counts as absent.
 * @param owner the function or class that takes the options, for the message
 * @throws {InvalidArgumentError} naming the option, with the nearest known name
 */
export function checkOptions(
  owner: string,
  options: unknown,
  names: OptionNames,
  details: CheckOptionsDetails = noDetails,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const problem = `${show(options)} is not an object with options of ${owner}.`;
    throw new InvalidArgumentError(details.path ?? "options", problem);
  }
  // Runs for every notification and send: no array of keys.
  for (const name in options) {
    if (!names.has(name)) checkUnknown(owner, options, name, names, details);
  }
}

const noDetails: CheckOptionsDetails = {};

/** A list of more names is no help in a message. */
const maxListed = 12;

function checkUnknown(
  owner: string,
  options: object,
  name: string,
  names: OptionNames,
  { path, hints, suggestions = names }: CheckOptionsDetails,
): void {
  // Not what somebody has put into Object.prototype.
  if (!Object.hasOwn(options, name) || (options as Record<string, unknown>)[name] === undefined) return;
  const hint = hints !== undefined && Object.hasOwn(hints, name) ? hints[name] : undefined;
  const problem = `is no option of ${owner}${hint === undefined ? suggest(name, suggestions, names) : `: ${hint}`}`;
  const field = printableName(name);
  throw new InvalidArgumentError(path === undefined ? field : `${path}.${field}`, problem);
}

function suggest(name: string, suggestions: OptionNames, names: OptionNames): string {
  const nearest = nearestName(name, suggestions);
  if (nearest !== undefined) return `. Do you mean "${nearest}"?`;
  return names.size > maxListed ? "." : `; it takes ${[...names].join(", ")}.`;
}

/** The name as it is, if it can be one; a key or token that was put in place of a name is not repeated. */
function printableName(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? name : show(name);
}
