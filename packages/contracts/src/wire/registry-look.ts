/**
 * From the worker that committed to each other one: look at the registry now, and show that you did. The question is a hint
 * and needs no proof; the answer saves the asker its wait, so it bears a MAC that only workers can make.
 */
import type { Static } from 'typebox';
import { Bytes32, Count, closed, RequestId } from '../fields.ts';

/** `sequence`: of the head that the asker wants known. */
export const RegistryLookRequest = closed({ sequence: Count });
export type RegistryLookRequest = Static<typeof RegistryLookRequest>;

/**
 * `reader`: the process that was asked, by the UUID version 7 that it has until it ends. `sequence`: of the newest head that the answering process knows. `mac`: HMAC-SHA256 under a key that the HSM derives for
 * workers, over canonical({ reader, sequence }).
 */
export const RegistryLookReply = closed({ reader: RequestId, sequence: Count, mac: Bytes32 });
export type RegistryLookReply = Static<typeof RegistryLookReply>;
