/** Puts the ceremony together: its settings are some of the worker's, so both run with one environment. */
import { defineConfig, type Environment, fileContent, type ReadFile, text } from '@strongroom/config';
import { isStrongroomError, toStrongroomError } from '@strongroom/errors';
import { holdCeremony } from './app/ceremony/hold-ceremony.ts';
import { parseGovernanceFile } from './app/governance/verify-governance-root.ts';
import { openPkcs11Hsm } from './outbound/pkcs11/pkcs11-hsm.ts';

const configuration = defineConfig('STRONGROOM_CRYPTO_WORKER', {
  pkcs11Module: text({ summary: 'path of the PKCS#11 module' }),
  tokenLabel: text({ summary: 'label of the token' }),
  tokenSerial: text({ summary: 'serial number of the token' }),
  // The path, not the content: a PIN that was refused is read again when its file changes.
  pinFile: text({ summary: 'path of the file with the user PIN' }),
  governanceFile: fileContent({ summary: 'signed governance root, JSON' }),
});

export interface CeremonyEdge {
  readonly environment: Environment;
  readonly readFile: ReadFile;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const readyMsMax = 10_000;

/** Answers the exit status: 0, or that of the error's code. */
export async function runCeremony({ environment, readFile, print, complain }: CeremonyEdge): Promise<number> {
  try {
    const settings = configuration.parse(ownOf(environment), readFile);
    const signed = parseGovernanceFile(settings.governanceFile);
    const hsm = openPkcs11Hsm({
      modulePath: settings.pkcs11Module,
      tokenLabel: settings.tokenLabel,
      tokenSerial: settings.tokenSerial,
      pinFile: settings.pinFile,
    });
    try {
      await hsm.ready(AbortSignal.timeout(readyMsMax));
      print(JSON.stringify(await holdCeremony(hsm, signed)));
    } finally {
      await hsm.close();
    }
    return 0;
  } catch (error) {
    const refusal = toStrongroomError(error);
    // Of a fault that nobody coded only the trace tells where to look; the ceremony handles no secret but the PIN.
    const detail = isStrongroomError(error) ? error.detail : (error as Error).stack;
    complain([`${refusal.code}: ${refusal.message}`, detail ?? ''].join('\n').trimEnd());
    return refusal.descriptor.exit;
  }
}

/** The worker's other settings are no mistakes here. */
function ownOf(environment: Environment): Environment {
  return Object.fromEntries([...configuration.variables.keys()].map((name) => [name, environment[name]]));
}
