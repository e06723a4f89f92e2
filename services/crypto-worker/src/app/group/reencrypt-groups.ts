/**
 * Brings the values of a group under its newest KEK: each is opened and closed again under a DEK of its own, since a DEK that
 * the old KEK wrapped is worth no more than the old KEK. A page at a time, each an operation of the platform with intent and
 * entry; how far it came commits together with what it did, so it goes on there after a crash, in whatever process.
 *
 * Only records of values change, never those of secrets: nobody who writes meanwhile is in the way, or is kept waiting.
 * Where one was destroyed between reading and committing, the page is refused as a whole and read again. A value that was
 * tampered with stays as it is, is counted, and keeps no other from going on.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { endOfWalk, walked, walkOf } from '../../domain/group.ts';
import type { GroupRecord, ReencryptionRecord } from '../../domain/record.ts';
import { readSecretVersionId, secretId } from '../../domain/secret/secret-context.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry, RegistryRecord } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import { type CloseSecretPorts, closeSecret, openSecret } from '../secret/secret-box.ts';
import { type RotateGroupPorts, rotateKek } from './rotate-group.ts';

export interface ReencryptGroupsParts extends CloseSecretPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read' | 'list' | 'walk'>;
  readonly hsm: CloseSecretPorts['hsm'] & RotateGroupPorts['hsm'] & Pick<Hsm, 'decrypt'>;
  readonly change: ChangeAsPlatform;
  readonly clock: Clock;
  readonly report: Report;
}

const groupsMax = 500;
/** Records read at once; values encrypted anew in one commit. */
const pageMax = 100;
const batchMax = 32;
const batchCharactersMax = 2 * 1_048_576;
/** A run ends after so many pages; the next one goes on. */
const stepsMax = 25;

type GroupEntry = RegistryRecord<'group'>;
type VersionEntry = RegistryRecord<'secret-version'>;

export function makeReencryptGroups(parts: ReencryptGroupsParts): () => Promise<void> {
  return async () => {
    let after: string | undefined;
    for (;;) {
      const page = { prefix: '', limit: groupsMax, ...(after === undefined ? {} : { after }) };
      const groups = await parts.registry.list('group', page);
      for (const group of groups) await reencryptOrReport(parts, group);
      if (groups.length < groupsMax) return;
      after = groups.at(-1)?.id;
    }
  };
}

/** One group that can not go on does not keep the others waiting. */
async function reencryptOrReport(parts: ReencryptGroupsParts, group: GroupEntry): Promise<void> {
  try {
    if (group.value.rotateAt !== undefined) await rotateDue(parts, group);
    else if (walkOf(group.value) !== undefined) await goOn(parts, group);
  } catch (error) {
    // Somebody changed group or values meanwhile: the next run reads them again.
    if (isStrongroomError(error) && error.code === 'version-conflict') return;
    parts.report('reencryption-failed', { object: `group/${group.id}`, error });
  }
}

/** The next run begins the walk. */
async function rotateDue({ change, hsm }: ReencryptGroupsParts, record: GroupEntry): Promise<void> {
  await change({
    operation: 'platform.group.rotate',
    objects: [{ kind: 'group', name: record.id, version: record.value.kekVersion }],
    carryOut: async (call) => {
      const { group: _, ...effect } = await rotateKek(hsm, record, call);
      return effect;
    },
  });
}

async function goOn(parts: ReencryptGroupsParts, start: GroupEntry): Promise<void> {
  const { registry } = parts;
  let group: GroupEntry | undefined = start;
  let after: string | undefined;
  let skipped = 0;
  const unopened = new Set<string>();
  for (let step = 0; step < stepsMax; step += 1) {
    const walk = group && walkOf(group.value);
    if (group === undefined || walk === undefined) return;
    after ??= walk.after;
    const page = { prefix: `${group.id}/`, limit: pageMax, ...(after === undefined ? {} : { after }) };
    const { records, tampered, next } = await registry.walk('secret-version', page);
    const { kekLabel } = group.value;
    const isOld = ({ value, id }: VersionEntry) => value.kekLabel !== kekLabel && !unopened.has(id);
    const batch = takeBatch(records.filter(isOld));
    const end: string | undefined = batch.at(-1)?.id ?? next;
    const bad = [...tampered, ...records.map(({ id }) => id).filter((id) => unopened.has(id))];
    const passed = bad.filter((id) => end === undefined || id <= end).length;
    if (end === undefined) return endWalk(parts, group, walk, skipped + passed);
    // Where there was nothing to do, how far that was is kept once a run.
    if (batch.length === 0 && step < stepsMax - 1) {
      after = end;
      skipped += passed;
      continue;
    }
    const progress = { reencrypted: batch.length, skipped: skipped + passed };
    const failed = await reencrypt(parts, group, walked(walk, end, progress), batch);
    if (failed !== undefined) {
      unopened.add(failed);
      continue;
    }
    group = await registry.read('group', group.id);
    [after, skipped] = [undefined, 0];
  }
}

function takeBatch(records: readonly VersionEntry[]): readonly VersionEntry[] {
  let characters = 0;
  const isIn = ({ value }: VersionEntry, at: number): boolean => {
    characters += value.sealedValue.length;
    return at === 0 || characters <= batchCharactersMax;
  };
  const end = records.findIndex((record, at) => at === batchMax || !isIn(record, at));
  return end < 0 ? records : records.slice(0, end);
}

/** Answers the id of a value that does not open; nothing was changed then. */
async function reencrypt(
  parts: ReencryptGroupsParts,
  group: GroupEntry,
  next: ReencryptionRecord,
  batch: readonly VersionEntry[],
): Promise<string | undefined> {
  const { tenant, registry, hsm, change } = parts;
  let opening: string | undefined;
  const changed = change({
    operation: 'platform.group.reencrypt',
    objects: [{ kind: 'group', name: group.id, version: group.value.kekVersion }, ...batch.map(objectOf)],
    carryOut: async () => {
      const changes: RecordChange[] = [];
      for (const record of batch) {
        opening = record.id;
        const place = placeOf(record);
        const secret = await registry.read('secret', secretId(place.group, place.name));
        if (secret === undefined) throw new StrongroomError('record-tampered', { detail: 'secret' });
        const context = { tenant, ...place, kind: secret.value.kind };
        using value = await openSecret(hsm, record.value, context);
        // What is tampered with from here on is no value of the group.
        opening = undefined;
        const sealed = await closeSecret(parts, group.value, context, value);
        const { kind, id, version } = record;
        changes.push({ kind, id, expectedVersion: version, value: sealed });
      }
      return { changes: [...changes, groupChange(group, next)] };
    },
  });
  try {
    await changed;
    return undefined;
  } catch (fault) {
    if (opening !== undefined && isStrongroomError(fault) && fault.code === 'record-tampered') return opening;
    throw fault;
  }
}

async function endWalk(
  { change, clock }: ReencryptGroupsParts,
  group: GroupEntry,
  walk: ReencryptionRecord,
  skipped: number,
): Promise<void> {
  const next = endOfWalk(walk, new Date(clock.nowMs()).toISOString(), skipped);
  if (next === undefined) return;
  const version = group.value.kekVersion;
  await change({
    operation: 'platform.group.reencrypt',
    objects: [{ kind: 'group', name: group.id, version }],
    carryOut: async () => ({
      changes: [groupChange(group, next)],
      ...(next.finishedAt === undefined
        ? {}
        : { events: [{ name: 'group.values.reencrypted', object: `group/${group.id}`, version }] }),
    }),
  });
}

function groupChange(
  { kind, id, version, value }: GroupEntry,
  reencryption: ReencryptionRecord,
): RecordChange {
  return { kind, id, expectedVersion: version, value: { ...value, reencryption } satisfies GroupRecord };
}

function placeOf({ id }: VersionEntry) {
  const place = readSecretVersionId(id);
  if (place === undefined) throw new StrongroomError('record-tampered', { detail: 'secret-version' });
  return place;
}

function objectOf(record: VersionEntry) {
  const { group, name, version } = placeOf(record);
  return { kind: 'secret', group, name, version };
}
