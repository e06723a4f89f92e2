/** Entries as a platform of some size makes them: mostly reads of secrets by pods and unwraps by API servers, now and then a refusal. */
import { hash } from 'node:crypto';
import type { EntryBody } from '@strongroom/contracts';

const [clusters, namespaces, apps, secrets, keys] = [4, 40, 1_000, 5_000, 100];
const startMs = Date.parse('2030-01-01T00:00:00.000Z');
const perSecond = 1_000;

/** Time of the entry at this place, in the order of the log. */
export const timeOf = (index: number): string =>
  new Date(startMs + Math.floor((index * 1_000) / perSecond)).toISOString();

/** The body that the crypto worker signs for the entry at this place; the same for the same place. */
export function bodyAt(index: number): EntryBody {
  const turn = scattered(index);
  const app = turn % apps;
  const isRead = turn % 10 < 7;
  const at = timeOf(index);
  const isRefused = turn % 50 === 49;
  const object = isRead
    ? { kind: 'secret', group: 'default', name: `secret-${turn % secrets}`, version: 1 + (turn % 7) }
    : { kind: 'key', group: 'default', name: `key-${turn % keys}`, version: 1 + (turn % 3) };
  const cluster = `cluster-${app % clusters}`;
  const namespace = `team-${app % namespaces}`;
  return {
    v: 1,
    tenant: 'default',
    requestId: requestIdOf(index),
    phase: 'outcome',
    operation: isRead ? 'secret.read' : 'kms.unwrap',
    actor: isRead
      ? {
          id: `workload:${cluster}/${namespace}/app-${app}`,
          proof: 'workload-jwt',
          cluster,
          namespace,
          pod: `app-${app}-7d9c5b8f6-x2x4z`,
          node: `node-${app % 60}`,
        }
      : { id: `plugin:control-plane-${app % 12}`, proof: 'key' },
    objects: [object],
    outcome: isRefused ? 'refused' : 'done',
    ...(isRefused ? { code: 'denied' } : {}),
    request: { group: '"default"', name: JSON.stringify(object.name) },
    reply: isRefused ? {} : { version: String(object.version) },
    requestHash: hash('sha256', `request ${index}`, 'base64url'),
    at,
    worker: 'worker-1',
  };
}

/** Neighbours in the log are no neighbours in anything else. */
const scattered = (index: number): number => ((index + 1) * 2_654_435_761) % 4_294_967_291;

/** UUIDv7 whose time is that of the entry. */
function requestIdOf(index: number): string {
  const time = Date.parse(timeOf(index)).toString(16).padStart(12, '0');
  const rest = hash('sha256', `id ${index}`, 'hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}
