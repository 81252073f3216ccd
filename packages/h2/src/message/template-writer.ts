import type { Buffer } from "node:buffer";
import { usageFault } from "../errors.js";
import { frameHeadBytes, writeFrameHead } from "../frame/frame-head.js";
import { FrameFlag, FrameType } from "../frame/frame-type.js";
import { type HpackEncoder, maxUpdateBytes } from "../hpack/encoder.js";
import { HeaderTemplate, type TemplateField } from "../hpack/header-template.js";
import type { OutputQueue } from "../output/output-queue.js";
import { checkField, copyOctets, writeVisibleLiteral } from "./ascii.js";
import type { FieldValues, VaryingFields } from "./varying-fields.js";

const nothing: Uint8Array = new Uint8Array(0);
/** A template is written as one HEADERS frame: the largest payload that every peer accepts (RFC 9113 section 6.5.2). */
const maxBlockBytes = 16_384;
const END_HEADERS = FrameFlag.END_HEADERS;
const END_BOTH = FrameFlag.END_HEADERS | FrameFlag.END_STREAM;

/** Makes a template of the fields, once they are checked. @throws Http2Error H2_USAGE */
export function createTemplate(
  fields: readonly TemplateField[],
  variables: readonly string[],
  pathPrefix: string,
): HeaderTemplate {
  for (const { name, value } of fields) checkField(name, value);
  for (const name of variables) checkField(name, "");
  const template = new HeaderTemplate(fields, variables, pathPrefix.length);
  if (template.maxFixedBytes > maxBlockBytes) throw usageFault("a template is larger than one HEADERS frame");
  return template;
}

/** The prepared part of messages. */
export interface MessageTemplate {
  readonly headers: HeaderTemplate;
  /** Constant beginning of `:path`, or undefined if the path is not variable. */
  readonly pathPrefix: Uint8Array | undefined;
  /** The fields whose values are given as a list, or undefined if there are none. */
  readonly varying: VaryingFields | undefined;
}

/**
 * Queues one HEADERS frame of a template and its variable values. Allocates nothing while the template is up to date.
 *
 * @param value1 - of the template's first variable field
 * @param varyingValues - of the template's varying fields
 * @throws Http2Error H2_USAGE for a value that cannot be sent, or too large a block; nothing is written then
 */
export function writeTemplate(
  output: OutputQueue,
  encoder: HpackEncoder,
  template: MessageTemplate,
  streamId: number,
  path: string,
  value1: string | undefined,
  value2: string | undefined,
  varyingValues: FieldValues | undefined,
  endStream: boolean,
): void {
  const { headers, pathPrefix, varying } = template;
  let bytes = headers.maxFixedBytes + path.length;
  if (value1 !== undefined) bytes += value1.length;
  if (value2 !== undefined) bytes += value2.length;
  const values = varyingValues ?? noValues;
  if (varying !== undefined) bytes += varying.maxFixedBytes + varying.bytesOf(values);
  else if (varyingValues !== undefined) throw usageFault("the template has no varying fields");
  if (bytes > maxBlockBytes) throw usageFault("a header block is larger than one HEADERS frame");
  const at = output.reserve(bytes + frameHeadBytes + maxUpdateBytes);
  const slab = output.slab;
  // A refused value must not leave the encoder with changes that the peer never hears of. So the values are checked
  // before the encoder changes; in all other cases they are checked while they are written, and a block that is not
  // committed is not sent.
  const isOld = headers.stamp !== encoder.stamp;
  if (isOld || encoder.updatePending) checkValues(template, path, value1, value2, values);
  if (isOld) headers.refresh(encoder);
  if (varying?.plan(values, encoder) === true) checkValues(template, path, value1, value2, values);
  const start = at + frameHeadBytes;
  let position = start;
  if (encoder.updatePending) position = encoder.writeUpdates(slab, position);
  position = copyOctets(slab, position, headers.head, headers.headBytes);
  if (pathPrefix !== undefined) {
    slab[position] = 0x04; // literal without indexing, name of static entry 4, :path
    position = writeVisibleLiteral(slab, position + 1, pathPrefix, path);
  }
  position = copyOctets(slab, position, headers.tail, headers.tailBytes);
  if (varying !== undefined) position = varying.write(slab, position, values, encoder);
  if (value1 !== undefined) position = writeVariable(slab, position, headers, 0, value1);
  if (value2 !== undefined) position = writeVariable(slab, position, headers, 1, value2);
  writeFrameHead(slab, at, position - start, FrameType.HEADERS, endStream ? END_BOTH : END_HEADERS, streamId);
  output.commit(position);
  const missedBytes = varying === undefined ? headers.missedBytes : headers.missedBytes + varying.missedBytes;
  if (missedBytes !== 0) encoder.noteMissed(missedBytes);
}

const noValues: FieldValues = [];

function writeVariable(slab: Buffer, offset: number, headers: HeaderTemplate, index: number, value: string): number {
  const start = headers.variables[index];
  if (start === undefined) throw usageFault(`the template has no variable ${index + 1}`);
  return writeVisibleLiteral(slab, copyOctets(slab, offset, start, start.length), nothing, value);
}

function checkValues(
  { headers, varying }: MessageTemplate,
  path: string,
  value1: string | undefined,
  value2: string | undefined,
  values: FieldValues,
): void {
  const given = value2 !== undefined ? 2 : value1 !== undefined ? 1 : 0;
  if (given > headers.variables.length) throw usageFault(`the template has no variable ${given}`);
  for (const text of [path, value1, value2]) {
    if (text !== undefined && !/^[!-~]*$/.test(text)) {
      throw usageFault("a variable value has a character that is not visible ASCII");
    }
  }
  varying?.check(values);
}
