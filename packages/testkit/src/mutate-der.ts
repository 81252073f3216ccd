// Damaged DER for tests: values are changed and the enclosing lengths recomputed, so that a decoder reaches the changed value
// before it fails. The certificates that end a process were found in this way.

/** A DER value with the values it contains. */
export interface DerNode {
  tag: number;
  /** The content of a value without children. */
  content: Buffer;
  children: DerNode[] | undefined;
}

/** Parses one DER value. OCTET STRINGs and BIT STRINGs that contain DER, as in extensions and keys, are parsed as well. */
export function parseTree(der: Uint8Array): DerNode {
  const [root, ...rest] = parseAll(Buffer.from(der));
  if (root === undefined || rest.length > 0) throw new RangeError("Not one value of DER.");
  return root;
}

export function serializeTree(node: DerNode): Buffer {
  const content = contentOf(node);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const head = content.length < 0x80 ? [content.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.of(node.tag, ...head), content]);
}

/** All values of a tree, the root first. */
export function nodesOf(node: DerNode): DerNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

/**
 * Changes one to three values of a tree: empties, duplicates, removes, moves, retags or overwrites them.
 * @param random from 0 to 1, as `seeded` makes
 * @param mayChange selects the values; the children of an excluded value are excluded as well
 */
export function mutateTree(
  root: DerNode,
  random: () => number,
  mayChange: (node: DerNode) => boolean = () => true,
): void {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const changeable = (node: DerNode): DerNode[] =>
    mayChange(node) ? [node, ...(node.children ?? []).flatMap(changeable)] : [];
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    const node = pick(changeable(root));
    const parent = nodesOf(root).find(({ children }) => children?.includes(node));
    pick(changes)(node, parent?.children ?? [], pick, random);
  }
}

/** DER with changes by `mutateTree`. */
export function mutateDer(der: Uint8Array, random: () => number): Buffer {
  const root = parseTree(der);
  mutateTree(root, random);
  return serializeTree(root);
}

type Change = (
  node: DerNode,
  siblings: DerNode[],
  pick: <Item>(items: readonly Item[]) => Item,
  random: () => number,
) => void;

const changes: readonly Change[] = [
  (node) => {
    if (node.children === undefined) node.content = Buffer.alloc(0);
    else node.children = [];
  },
  (node, _, pick) => {
    node.tag = pick(tags);
  },
  (node, siblings) => {
    if (siblings.includes(node)) siblings.splice(siblings.indexOf(node), 1);
  },
  (node, siblings) => {
    if (siblings.includes(node)) siblings.splice(siblings.indexOf(node), 0, structuredCopy(node));
  },
  (node) => {
    if (node.children !== undefined) node.children.push(...node.children.splice(0, 1));
  },
  (node, _, pick) => replaceContent(node, pick(contents)),
  (node, _, __, random) => {
    const content = Buffer.from(contentOf(node));
    if (content.length > 0) content[Math.floor(random() * content.length)] = Math.floor(random() * 256);
    replaceContent(node, content);
  },
];

const tags: readonly number[] = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1c, 0x1e, 0x30, 0x31, 0x80, 0x81, 0x82,
  0x86, 0xa0, 0xa1, 0xa3, 0x1f,
];

const contents: readonly Buffer[] = [
  Buffer.of(0),
  Buffer.of(0xff),
  Buffer.from("a\0b"),
  Buffer.from("\n\r\u001b[2J"),
  Buffer.of(0xd8, 0, 0, 0x41),
  Buffer.of(0xc3, 0x28),
  Buffer.of(0x80, 0x01, 0x80),
  Buffer.alloc(9, 0xff),
  Buffer.alloc(4000, 0x41),
];

function replaceContent(node: DerNode, content: Buffer): void {
  node.children = undefined;
  node.content = content;
}

function contentOf({ tag, content, children }: DerNode): Buffer {
  if (children === undefined) return content;
  const within = Buffer.concat(children.map(serializeTree));
  return tag === bitString ? Buffer.concat([Buffer.of(0), within]) : within;
}

function structuredCopy(node: DerNode): DerNode {
  return { ...node, children: node.children?.map(structuredCopy) };
}

const bitString = 0x03;
const octetString = 0x04;

function parseAll(bytes: Buffer): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    let length = bytes[at + 1] ?? Number.NaN;
    at += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw new RangeError("No length of DER.");
      length = bytes.readUIntBE(at, count);
      at += count;
    }
    if (!(at + length <= bytes.length)) throw new RangeError("A value runs past the end.");
    const content = bytes.subarray(at, at + length);
    nodes.push({ tag, content, children: childrenOf(tag, content) });
    at += length;
  }
  return nodes;
}

function childrenOf(tag: number, content: Buffer): DerNode[] | undefined {
  if ((tag & 0x20) !== 0) return parseAll(content);
  try {
    if (tag === octetString && content.length > 1) return [parseTree(content)];
    if (tag === bitString && content[0] === 0 && content[1] === 0x30) return [parseTree(content.subarray(1))];
  } catch {
    // The string contains no DER.
  }
  return undefined;
}
