/**
 * What the agent is asked to deliver: which secret into which file. Paths are checked here as the kubelet checks them
 * (pkg/volume/util/atomic_writer.go): relative, no `..`, nothing that begins with `..`, bounded. CVE-2020-8567 and
 * CVE-2020-8568 are what happens otherwise.
 */

export interface DeliveryItem {
  readonly group: string;
  readonly name: string;
  /** Pinned version; absent: the current one. */
  readonly version?: number;
  /** Relative to the output directory. */
  readonly path: string;
  /** Octal file mode such as `0400`; default 0400. */
  readonly mode?: string;
}

const itemsMax = 64;
const pathBytesMax = 255;
const modePattern = /^0[0-7]{3}$/;

/** Every problem of the list at once, each naming its item; empty when all is well. */
export function checkDelivery(items: unknown): readonly string[] {
  if (!Array.isArray(items) || items.length === 0 || items.length > itemsMax) {
    return [`a list of 1 to ${itemsMax} items is needed`];
  }
  const problems = items.flatMap((item: unknown, index) =>
    checkItem(item).map((problem) => `item ${index}: ${problem}`),
  );
  const paths = items
    .map((item: { path?: unknown } | null) => item?.path)
    .filter((path) => typeof path === 'string');
  const clash = paths.find((path, index) =>
    paths.some((other, at) => at !== index && (other === path || other.startsWith(`${path}/`))),
  );
  return clash === undefined ? problems : [...problems, `two items want the path ${JSON.stringify(clash)}`];
}

const itemFields = new Set(['group', 'name', 'version', 'path', 'mode']);

function checkItem(item: unknown): readonly string[] {
  if (typeof item !== 'object' || item === null) return ['not an object'];
  const { group, name, version, path, mode } = item as Record<string, unknown>;
  return [
    ...Object.keys(item)
      .filter((field) => !itemFields.has(field))
      .map((field) => `unknown field ${JSON.stringify(field)}`),
    ...(typeof group === 'string' && group !== '' ? [] : ['group is needed']),
    ...(typeof name === 'string' && name !== '' ? [] : ['name is needed']),
    ...(version === undefined || (Number.isSafeInteger(version) && (version as number) >= 1)
      ? []
      : ['version counts from 1']),
    ...(mode === undefined || (typeof mode === 'string' && modePattern.test(mode))
      ? []
      : ['mode is octal, like 0400']),
    ...(typeof path === 'string' ? checkPath(path) : ['path is needed']),
  ];
}

export function checkPath(path: string): readonly string[] {
  const parts = path.split('/');
  if (path === '' || path.startsWith('/')) return ['path must be relative'];
  if (Buffer.byteLength(path) > pathBytesMax) return [`path is longer than ${pathBytesMax} bytes`];
  if (path.includes('\0') || !path.isWellFormed()) return ['path holds a character that no file name has'];
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return ['path has an empty, . or .. part'];
  // The writer's own names begin with two dots.
  if (parts.some((part) => part.startsWith('..'))) return ['no part of the path may begin with ..'];
  return [];
}
