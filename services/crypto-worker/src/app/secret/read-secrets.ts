/**
 * All secrets of a pod in one request. Each has its own outcome, in the reply as in the log: one that is denied or broken
 * does not keep the others from the application, and is not mistaken for one that does not exist. So is one for which the
 * reply has no room any more: it is not opened, and the caller asks for it again.
 */
import {
  type EntryObject,
  opaqueBytesMax,
  type SecretReadManyReply,
  type SecretReadManyRequest,
} from '@strongroom/contracts';
import { type ErrorCode, errorCatalogue, isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { CarryOut } from '../use-case.ts';
import { findSecretVersion, type ReadSecretPorts, readFound, type SecretReference } from './open-version.ts';
import { valueBytesOf } from './secret-box.ts';

type Item = SecretReadManyReply['secrets'][number];

export function groupsOfSecrets({ secrets }: SecretReadManyRequest): readonly string[] {
  return [...new Set(secrets.map(({ group }) => group))];
}

/** Values of one reply: whatever one secret may hold fits, and so does the reply into its frame. */
const replyBytesMax = opaqueBytesMax;

export function makeReadSecrets(ports: ReadSecretPorts): CarryOut<'secret.read-many'> {
  return async ({ params, may, at }) => {
    const items: Item[] = [];
    let room = replyBytesMax;
    for (const reference of params.secrets) {
      const { item, bytes } = may(reference.group)
        ? await readOne(ports, reference, at, room)
        : { item: refused(reference, 'denied'), bytes: 0 };
      items.push(item);
      room -= bytes;
    }
    return { result: { secrets: items }, objects: items.map(objectOf) };
  };
}

interface ReadItem {
  readonly item: Item;
  readonly bytes: number;
}

async function readOne(
  ports: ReadSecretPorts,
  reference: SecretReference,
  at: string,
  room: number,
): Promise<ReadItem> {
  try {
    const found = await findSecretVersion(ports, reference, at);
    const bytes = valueBytesOf(found.sealed);
    if (bytes > room) throw new StrongroomError('message-too-large');
    return { item: { status: 'done', secret: await readFound(ports, found) }, bytes };
  } catch (fault) {
    // What is about this one secret is its own outcome; what is about the platform is everybody's.
    if (isStrongroomError(fault) && errorCatalogue[fault.code].retry === 'never')
      return { item: refused(reference, fault.code), bytes: 0 };
    throw fault;
  }
}

function refused({ group, name }: SecretReference, code: ErrorCode): Item {
  return { status: 'refused', group, name, code };
}

function objectOf(item: Item): EntryObject {
  if (item.status === 'refused')
    return { kind: 'secret', group: item.group, name: item.name, code: item.code };
  const { group, name, version } = item.secret;
  return { kind: 'secret', group, name, version };
}
