/**
 * From the worker that committed to each other one: look at the registry now, and show that you did. The question is a hint
 * and needs no proof; the answer saves the asker its wait, so it bears a MAC that only workers can make.
 */
import { type Static, Type } from 'typebox';
import { Bytes32, Count, closed } from '../fields.ts';

/** One process that answers from the registry, for as long as it runs; a new one has another name. */
export const RegistryReader = Type.String({ pattern: '^[0-9a-f]{32}$', maxLength: 32 });

/** `sequence`: of the head that the asker wants known. */
export const RegistryLookRequest = closed({ sequence: Count });
export type RegistryLookRequest = Static<typeof RegistryLookRequest>;

/**
 * `sequence`: of the newest head that the answering process knows. `mac`: HMAC-SHA256 under a key that the HSM derives for
 * workers, over canonical({ reader, sequence }).
 */
export const RegistryLookReply = closed({ reader: RegistryReader, sequence: Count, mac: Bytes32 });
export type RegistryLookReply = Static<typeof RegistryLookReply>;
