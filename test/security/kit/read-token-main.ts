/** Prints every secret key of a token with its attributes, as the token itself reports them. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import pkcs11js from 'pkcs11js';

export interface TokenKey {
  readonly label: string;
  readonly sensitive: boolean;
  readonly extractable: boolean;
  readonly alwaysSensitive: boolean;
  readonly neverExtractable: boolean;
  readonly local: boolean;
  /** What asking for the value answers: a code, or `readable`. */
  readonly value: string;
}

const { module, tokenLabel, pinFile } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const cryptoki = new pkcs11js.PKCS11();
cryptoki.load(module ?? '');
cryptoki.C_Initialize();
const slot = cryptoki
  .C_GetSlotList(true)
  .find((one) => cryptoki.C_GetTokenInfo(one).label.trim() === tokenLabel);
if (slot === undefined) throw new Error('no such token');
const session = cryptoki.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
cryptoki.C_Login(session, pkcs11js.CKU_USER, readFileSync(pinFile ?? '', 'utf8').trim());

cryptoki.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY }]);
const handles: Buffer[] = [];
for (
  let found = cryptoki.C_FindObjects(session, 100);
  found.length > 0;
  found = cryptoki.C_FindObjects(session, 100)
) {
  handles.push(...found);
}
cryptoki.C_FindObjectsFinal(session);

const attribute = (handle: Buffer, type: number): Buffer => {
  const [read] = cryptoki.C_GetAttributeValue(session, handle, [{ type }]);
  return Buffer.from(read?.value as Buffer);
};
const flag = (handle: Buffer, type: number) => attribute(handle, type)[0] === 1;
const value = (handle: Buffer): string => {
  try {
    attribute(handle, pkcs11js.CKA_VALUE);
    return 'readable';
  } catch (fault) {
    return (fault as Error).message;
  }
};
const keys: TokenKey[] = handles.map((handle) => ({
  label: attribute(handle, pkcs11js.CKA_LABEL).toString(),
  sensitive: flag(handle, pkcs11js.CKA_SENSITIVE),
  extractable: flag(handle, pkcs11js.CKA_EXTRACTABLE),
  alwaysSensitive: flag(handle, pkcs11js.CKA_ALWAYS_SENSITIVE),
  neverExtractable: flag(handle, pkcs11js.CKA_NEVER_EXTRACTABLE),
  local: flag(handle, pkcs11js.CKA_LOCAL),
  value: value(handle),
}));
cryptoki.C_Finalize();
process.stdout.write(JSON.stringify(keys));
