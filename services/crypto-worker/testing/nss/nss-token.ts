/** A token of NSS of its own: a new folder, a random PIN in a file of mode 0600, as `createSoftHsmToken` makes one of SoftHSM. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryDirectory } from '@strongroom/testing';
import { ckf } from '../../src/outbound/pkcs11/constants.ts';
import { type Cryptoki, type Handle, loadCryptoki } from '../../src/outbound/pkcs11/cryptoki.ts';
import { buildNssModule } from './build-nss-module.ts';

export interface NssToken {
  readonly module: string;
  readonly moduleParameters: string;
  readonly tokenLabel: string;
  readonly serial: string;
  readonly pinFile: string;
  stop(): Promise<void>;
}

const tokenLabel = 'strongroom';
/** NSS gives every token of a user's keys the same. */
const serial = '0'.repeat(16);
const securityOfficer = 0;

/** What only a test asks of a module. */
interface Initialising extends Cryptoki {
  C_InitPIN(session: Handle, pin: string): void;
}

export async function createNssToken(): Promise<NssToken> {
  const module = await buildNssModule();
  const directory = await makeTemporaryDirectory('nss');
  // The second slot is that of a user's keys; the first has none that last.
  const moduleParameters = `configdir='sql:${directory.path}' tokens=<0x02=[tokenDescription='${tokenLabel}']>`;
  const pin = randomBytes(16).toString('hex');
  const pinFile = join(directory.path, 'pin');
  await writeFile(pinFile, `${pin}\n`, { mode: 0o600 });
  setPin(loadCryptoki(module) as Initialising, moduleParameters, pin);
  return { module, moduleParameters, tokenLabel, serial, pinFile, stop: () => directory.remove() };
}

/** A new database takes its first PIN from the security officer, who has none. */
function setPin(cryptoki: Initialising, libraryParameters: string, pin: string): void {
  cryptoki.C_Initialize({ flags: ckf.osLockingOk, libraryParameters });
  const [slot] = cryptoki.C_GetSlotList(true);
  if (slot === undefined) throw new Error('NSS shows no token');
  const session = cryptoki.C_OpenSession(slot, ckf.serialSession | ckf.rwSession);
  cryptoki.C_Login(session, securityOfficer, '');
  cryptoki.C_InitPIN(session, pin);
  cryptoki.C_Finalize();
}
