/**
 * What PKCS#11 promises and a token may not keep, tried out like the mechanisms (`capabilities.ts`) and listed with them. NSS
 * keeps none of the three: it is a token to test with, and no worker starts on it.
 */
import { cka } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { readValues } from './key-attributes.ts';
import { openedDataKeyTemplate, trialDataTemplate } from './template.ts';
import type { TokenConnection } from './token-connection.ts';
import { wrapObject } from './trial.ts';
import { succeeds } from './trial-verdict.ts';

export interface TokenLimit {
  readonly name: string;
  /** The attribute or class of PKCS#11 that it is about. */
  readonly mechanism: string;
}

/** It does not say of a key that it made it. */
export const keyOrigin: TokenLimit = { name: 'key-origin', mechanism: 'CKA_LOCAL' };
/** Whoever has its PIN gets keys out of it wrapped that are not extractable; the adapter asks for none. */
const keyCustody: TokenLimit = { name: 'key-custody', mechanism: 'CKA_EXTRACTABLE' };
/** It keeps no data objects that only its user sees. */
const dataObjects: TokenLimit = { name: 'data-objects', mechanism: 'CKO_DATA' };

/** `key` is an AES key of a session that was generated and may be wrapped. */
export function limitsOf(connection: TokenConnection, key: Handle): readonly TokenLimit[] {
  const [local] = readValues(connection, key, [cka.local]);
  return [
    ...(local?.[0] === 1 ? [] : [keyOrigin]),
    ...(succeeds(() => wrapUnextractable(connection, key)) ? [keyCustody] : []),
    ...(succeeds(() => keepData(connection)) ? [] : [dataObjects]),
  ];
}

function wrapUnextractable(connection: TokenConnection, key: Handle): void {
  const { cryptoki, slot } = connection;
  const mechanism = { mechanism: slot.keyWrapMechanism };
  connection.sessions.use((session) => {
    const wrapped = wrapObject(connection, session, key, slot.keyWrapMechanism, key);
    const kept = cryptoki.C_UnwrapKey(session, mechanism, key, wrapped, openedDataKeyTemplate());
    try {
      wrapObject(connection, session, key, slot.keyWrapMechanism, kept);
    } finally {
      cryptoki.C_DestroyObject(session, kept);
    }
  });
}

function keepData({ cryptoki, sessions }: TokenConnection): void {
  sessions.use((session) => {
    cryptoki.C_DestroyObject(session, cryptoki.C_CreateObject(session, trialDataTemplate()));
  });
}
