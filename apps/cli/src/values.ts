// Options whose values are checked: each error names the option, the problem and the values that are allowed.
import { show } from "@apns/core/internal";
import { Option } from "commander";
import { UsageError } from "./errors.js";

/** An option that takes a whole number within these bounds. */
export function wholeNumberOption(flags: string, description: string, min: number, max: number): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(`${option.long} takes a whole number from ${min} to ${max}, not ${show(text)}`);
  });
}

/** An option that takes any number within these bounds. */
export function numberOption(flags: string, description: string, min: number, max: number): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new UsageError(`${option.long} takes a number from ${min} to ${max}, not ${show(text)}`);
  });
}

/** An option that may be given several times as KEY=JSON; a value that is no JSON is taken as a text. */
export function keyValueOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((text: string, previous: Readonly<Record<string, unknown>> | undefined) => {
    const equals = text.indexOf("=");
    if (equals < 1) throw new UsageError(`${option.long} takes KEY=VALUE, not ${show(text)}`);
    return { ...previous, [text.slice(0, equals)]: jsonOrText(text.slice(equals + 1)) };
  });
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
