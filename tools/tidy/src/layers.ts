/** The import table: the architecture as data. What a row does not name may not be imported. */

const foundation = ['errors', 'secret', 'canonical', 'merkle', 'contracts'] as const;
const pure = [...foundation, 'authorization', 'sealed'] as const;

/** Package → packages that it may import. */
export const packageTable: Readonly<Record<string, readonly string[]>> = Object.freeze({
  errors: [],
  secret: [],
  canonical: [],
  merkle: [],
  contracts: ['errors'],
  authorization: foundation,
  sealed: foundation,
  bus: foundation,
  database: foundation,
  config: foundation,
  lifecycle: foundation,
  telemetry: foundation,
  egress: [],
  client: [...foundation, 'sealed'],
  testing: [...pure, 'bus', 'database', 'config', 'lifecycle', 'telemetry', 'client'],
});

export interface LayerRow {
  /** Folders and files below `src` of the same service. */
  readonly layers: readonly string[];
  /** Those of which only types may be taken. */
  readonly typesOf?: readonly string[];
  /** Own packages; `all` but testing. */
  readonly packages: readonly string[] | 'all';
  /** Packages of others, and of Node.js; `all`, or those that hold no I/O, no clock and no framework. */
  readonly others: readonly string[] | 'all';
}

/** What may be used without reaching for the world: hashing, and the shape of bytes. */
const calculation = ['node:crypto', 'node:buffer', 'node:util/types'] as const;

/** Folder or file below `src` of a service, plugin or agent → what it may import. */
export const layerTable: Readonly<Record<string, LayerRow>> = Object.freeze({
  domain: {
    layers: ['domain'],
    packages: [...foundation, 'authorization'],
    others: calculation,
  },
  ports: {
    layers: ['ports', 'domain'],
    packages: pure,
    others: [],
  },
  app: {
    layers: ['app', 'domain', 'ports'],
    packages: pure,
    // Checks signatures of tokens with keys that it is given.
    others: [...calculation, 'jose'],
  },
  inbound: {
    layers: ['inbound', 'app', 'domain'],
    typesOf: ['ports'],
    packages: 'all',
    others: 'all',
  },
  outbound: {
    layers: ['outbound', 'domain', 'ports'],
    packages: 'all',
    others: 'all',
  },
  config: {
    layers: [],
    packages: ['config', ...foundation],
    others: [],
  },
  compose: {
    layers: ['compose', 'config', 'inbound', 'app', 'domain', 'ports', 'outbound'],
    packages: 'all',
    others: 'all',
  },
  main: {
    layers: ['compose', 'config'],
    packages: ['config', 'lifecycle', 'telemetry', 'errors'],
    others: ['node:process', 'node:fs', 'node:fs/promises'],
  },
});

/** Workspaces that are made of layers. */
export const layeredPlaces: readonly string[] = ['services', 'kubernetes'];

/** Nobody imports these; they meet in `contracts`. */
export const participants: readonly string[] = ['services', 'kubernetes', 'apps'];
