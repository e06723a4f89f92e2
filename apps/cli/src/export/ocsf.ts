/**
 * Entries as events of the Open Cybersecurity Schema Framework 1.6.0, class API Activity (6003): the one class that fits
 * everything that is asked of an interface. One version is pinned, because later ones give members another meaning. The
 * leaf hash and the index travel along, so that whoever holds the events can prove that they hold all of them.
 */
import type { EntryBody, EntryOutcome, IndexedEntry } from '@strongroom/contracts';

const classUid = 6_003;
const activity = { create: 1, read: 2, update: 3, delete: 4, other: 99 } as const;
const severity = { informational: 1, low: 2 } as const;
const status = { unknown: 0, success: 1, failure: 2, other: 99 } as const;
const userType = { user: 1, system: 3, other: 99 } as const;
const sha256Algorithm = 3;

const statusOf: Readonly<Record<EntryOutcome, number>> = {
  done: status.success,
  refused: status.failure,
  unknown: status.unknown,
  intended: status.other,
  pending: status.other,
};

/** By the verb of the operation; what uses a key and returns something new is none of the four. */
const activityOfVerb: Readonly<Record<string, number>> = {
  ...verbs(
    activity.create,
    'create',
    'create-exportable',
    'enrol',
    'register',
    'import',
    'generate',
    'restore',
  ),
  ...verbs(activity.read, 'read', 'read-many', 'list', 'list-versions', 'describe', 'show', 'query', 'count'),
  ...verbs(activity.read, 'export', 'public-key', 'attest', 'status', 'sink-list', 'retention-plan'),
  ...verbs(
    activity.update,
    'update',
    'rotate',
    'write',
    'activate',
    'suspend',
    'resume',
    'vote',
    'sink-put',
    'retention-set',
  ),
  ...verbs(activity.delete, 'delete', 'destroy', 'disable', 'schedule-destruction', 'sink-remove'),
};

function verbs(id: number, ...names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, id]));
}

export interface EventSource {
  /** Name of the log: first line of its checkpoints. */
  readonly origin: string;
  /** SHA-256 of the leaf (RFC 6962), 32 bytes. */
  readonly leafHash: Uint8Array;
}

export function ocsfEvent(
  { index, entry: { body, placement } }: IndexedEntry,
  { origin, leafHash }: EventSource,
) {
  const { operation, outcome, code, requestId } = body;
  const activityId = activityOfVerb[operation.slice(operation.indexOf('.') + 1)] ?? activity.other;
  return {
    activity_id: activityId,
    category_uid: Math.floor(classUid / 1_000),
    class_uid: classUid,
    type_uid: classUid * 100 + activityId,
    time: Date.parse(placement.at),
    severity_id: outcome === 'refused' ? severity.low : severity.informational,
    status_id: statusOf[outcome],
    ...(statusOf[outcome] === status.other ? { status: outcome } : {}),
    ...(activityId === activity.other ? { activity_name: operation } : {}),
    ...(code === undefined ? {} : { status_code: code }),
    message: `${body.actor.id} ${operation}: ${outcome}`,
    metadata: {
      version: '1.6.0',
      product: { name: 'Strongroom', vendor_name: 'Strongroom' },
      log_name: origin,
      uid: `${origin}/${index}`,
      correlation_uid: requestId,
      original_time: body.at,
      tenant_uid: body.tenant,
    },
    actor: { user: { uid: body.actor.id, ...userTypeOf(body.actor.id) } },
    api: {
      operation,
      service: { name: 'strongroom', uid: body.worker },
      request: { uid: requestId },
      ...(code === undefined ? {} : { response: { error: code } }),
    },
    src_endpoint: endpointOf(body),
    resources: body.objects.map(({ kind, group, name, version }) => ({
      type: kind,
      name: [group, name].filter((part) => part !== undefined).join('/') || kind,
      ...(version === undefined ? {} : { version: String(version) }),
    })),
    unmapped: {
      index,
      leaf_hash: Buffer.from(leafHash).toString('base64url'),
      leaf_hash_algorithm_id: sha256Algorithm,
      phase: body.phase,
      proof: body.actor.proof,
      ...(body.approval === undefined ? {} : { approval: body.approval }),
      ...(body.approvers === undefined ? {} : { approvers: body.approvers }),
    },
  };
}

function userTypeOf(actor: string) {
  if (actor.startsWith('user:')) return { type_id: userType.user };
  if (actor === 'system') return { type_id: userType.system };
  const [type = ''] = actor.split(':');
  return { type_id: userType.other, type };
}

/** Where the entry says that it was asked from. The log keeps no address; an actor without a place stands for itself. */
function endpointOf({ actor }: EntryBody) {
  const { id, cluster, namespace, pod, node } = actor;
  return {
    name: pod ?? id,
    ...(node === undefined ? {} : { hostname: node }),
    ...(cluster === undefined ? {} : { domain: [namespace, cluster].filter(Boolean).join('.') }),
  };
}
