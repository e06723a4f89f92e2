/**
 * The configuration of nats-server, for the local stack, deployments and tests alike. One account, one user per
 * service with its own nkey and allow-lists; no anonymous user, no monitoring port, no other protocol than NATS.
 */
import type { BusUser } from './bus-user.ts';
import { messageBytesMax } from './limits.ts';

export interface NatsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly users: readonly BusUser[];
  readonly serverName?: string;
  /** Without it there is no event stream. */
  readonly jetStream?: { readonly directory: string; readonly fileBytesMax: number };
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile?: string };
  /** Tells names of users and subjects to anybody who reaches it, so it is off unless it is asked for. */
  readonly monitoringPort?: number;
  readonly connectionsMax?: number;
}

const subjectPattern = /^[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+|\.\*)*(\.>)?$|^>$/;
const userKeyPattern = /^U[A-Z2-7]{55}$/;
const userNamePattern = /^[a-z][a-z0-9-]{0,62}$/;

/** Throws `TypeError` for names and subjects that are none: the file is text, and these end up in it. */
export function natsServerConfig(options: NatsServerOptions): string {
  const names = options.users.map((user) => user.name);
  if (new Set(names).size !== names.length) throw new TypeError('two users have the same name');
  const lines = [
    `server_name: ${quoted(options.serverName ?? 'strongroom')}`,
    `host: ${quoted(options.host)}`,
    `port: ${options.port}`,
    ...(options.monitoringPort === undefined
      ? []
      : [`http: ${quoted(`127.0.0.1:${options.monitoringPort}`)}`]),
    `max_payload: ${messageBytesMax}`,
    `max_connections: ${options.connectionsMax ?? 512}`,
    'max_control_line: 4096',
    'write_deadline: "5s"',
    ...tlsLines(options.tls),
    ...jetStreamLines(options.jetStream),
    'system_account: SYSTEM',
    'accounts {',
    '  SYSTEM {}',
    '  STRONGROOM {',
    ...(options.jetStream === undefined ? [] : ['    jetstream: enabled']),
    '    users: [',
    ...options.users.flatMap(userLines).map((line) => `      ${line}`),
    '    ]',
    '  }',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const quoted = (text: string): string => {
  if (/[\p{Cc}"\\]/u.test(text))
    throw new TypeError('a value of the configuration has characters that it cannot hold');
  return `"${text}"`;
};

function subjectList(subjects: readonly string[]): string {
  const wrong = subjects.find((subject) => !subjectPattern.test(subject));
  if (wrong !== undefined) throw new TypeError(`not a subject: ${wrong}`);
  return `[${subjects.map(quoted).join(', ')}]`;
}

function userLines(user: BusUser): string[] {
  if (!userKeyPattern.test(user.publicKey)) throw new TypeError(`${user.name} has no public user key`);
  if (!userNamePattern.test(user.name)) throw new TypeError(`not a name of a user: ${user.name}`);
  // An absent or empty list would mean everything to the server.
  const nothing = [`_NONE_${user.name}`];
  const { replies } = user;
  return [
    `# ${user.name}`,
    '{',
    `  nkey: ${user.publicKey}`,
    '  allowed_connection_types: ["STANDARD"]',
    '  permissions: {',
    `    publish: { allow: ${subjectList(user.publish.length === 0 ? nothing : user.publish)} }`,
    `    subscribe: { allow: ${subjectList(user.subscribe.length === 0 ? nothing : user.subscribe)} }`,
    ...(replies === undefined
      ? []
      : [`    allow_responses: { max: ${replies.max}, expires: "${replies.expirySeconds}s" }`]),
    '  }',
    '}',
  ];
}

/**
 * `sync_interval: always`: an acknowledged event is on the disk. The default flushes every two minutes, and a power cut
 * was measured to lose 14 % of what was acknowledged (Jepsen, NATS 2.12.1).
 */
function jetStreamLines(jetStream: NatsServerOptions['jetStream']): string[] {
  if (jetStream === undefined) return [];
  return [
    'jetstream {',
    `  store_dir: ${quoted(jetStream.directory)}`,
    `  max_file_store: ${jetStream.fileBytesMax}`,
    '  max_memory_store: 0',
    '  sync_interval: always',
    '}',
  ];
}

function tlsLines(tls: NatsServerOptions['tls']): string[] {
  if (tls === undefined) return [];
  return [
    'tls {',
    `  cert_file: ${quoted(tls.certFile)}`,
    `  key_file: ${quoted(tls.keyFile)}`,
    ...(tls.clientCaFile === undefined ? [] : [`  ca_file: ${quoted(tls.clientCaFile)}`, '  verify: true']),
    '  min_version: "1.3"',
    '  handshake_first: true',
    '}',
  ];
}
