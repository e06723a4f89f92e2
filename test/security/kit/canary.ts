/** Finds a canary in bytes, in any encoding that a careless program might leave behind. */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every form in which the canary could stand; base64 depends on where it begins in a group of three. */
export function canaryForms(canary: string): ReadonlyMap<string, Buffer> {
  const raw = Buffer.from(canary);
  const forms = new Map<string, Buffer>([
    ['raw', raw],
    ['utf-16', Buffer.from(canary, 'utf16le')],
    ['hex', Buffer.from(raw.toString('hex'))],
    ['HEX', Buffer.from(raw.toString('hex').toUpperCase())],
    ['decimal', Buffer.from([...raw].join(','))],
  ]);
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const shift of [0, 1, 2]) {
      const encoded = Buffer.concat([Buffer.alloc(shift), raw]).toString(encoding);
      // Characters at either end also hold bits of the neighbours.
      const inner = encoded.slice(shift === 0 ? 0 : shift + 1, -3);
      forms.set(`${encoding}+${shift}`, Buffer.from(inner));
    }
  }
  return forms;
}

export function findCanary(bytes: Buffer, forms: ReadonlyMap<string, Buffer>): readonly string[] {
  return [...forms].filter(([, form]) => bytes.includes(form)).map(([name]) => name);
}

export async function findInFiles(
  directory: string,
  forms: ReadonlyMap<string, Buffer>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const form of findCanary(bytes, forms)) found.push(`${path}: ${form}`);
  }
  return found;
}

const chunkBytes = 4 * 1_048_576;

/** Scans what a core dump of the process would hold: every readable region of its memory. */
export async function findInMemory(
  pid: number,
  forms: ReadonlyMap<string, Buffer>,
): Promise<{ readonly found: readonly string[]; readonly bytes: number }> {
  const overlap = Math.max(...[...forms.values()].map((form) => form.length));
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  const memory = await open(`/proc/${pid}/mem`, 'r');
  const found = new Set<string>();
  let scanned = 0;
  try {
    for (const line of maps.split('\n')) {
      const [, start, end, rights, path = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
      if (start === undefined || end === undefined || !rights?.startsWith('r') || path.startsWith('[v'))
        continue;
      for (let at = Number.parseInt(start, 16); at < Number.parseInt(end, 16); at += chunkBytes - overlap) {
        const length = Math.min(chunkBytes, Number.parseInt(end, 16) - at);
        const buffer = Buffer.alloc(length);
        const read = await memory.read(buffer, 0, length, at).catch(() => undefined);
        if (read === undefined) break;
        scanned += read.bytesRead;
        for (const form of findCanary(buffer.subarray(0, read.bytesRead), forms)) found.add(form);
      }
    }
  } finally {
    await memory.close();
  }
  return { found: [...found], bytes: scanned };
}
