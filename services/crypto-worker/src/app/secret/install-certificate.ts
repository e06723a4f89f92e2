import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import type { Hsm } from '../../ports/hsm.ts';
import type { CarryOut } from '../use-case.ts';
import { type AddVersionPorts, addVersion } from './add-version.ts';
import { findSecretVersion, openVersion } from './open-version.ts';

export interface InstallCertificatePorts extends AddVersionPorts {
  readonly hsm: Pick<Hsm, 'random' | 'encrypt' | 'decrypt'>;
}

/** The end of what a signing request began. That key and chain belong together is checked as for any certificate. */
export function makeInstallCertificate(
  ports: InstallCertificatePorts,
): CarryOut<'secret.install-certificate'> {
  return async ({ params: { keyName, keyVersion, chain, ...wanted }, at }) => {
    let keyVersionUsed: number | undefined;
    const { written, ...effect } = await addVersion(
      ports,
      { ...wanted, kind: 'certificate' },
      at,
      async () => {
        const place = { group: wanted.group, name: keyName };
        const reference = { ...place, ...(keyVersion === undefined ? {} : { version: keyVersion }) };
        const found = await findSecretVersion(ports, reference, at);
        if (found.secret.kind !== 'key') throw new StrongroomError('request-invalid', { detail: '/keyName' });
        keyVersionUsed = found.entry.version;
        using key = await openVersion(ports, found);
        const bundle = key.use((pem) => Buffer.concat([pem, Buffer.from(`\n${chain.trimEnd()}\n`)]));
        return SecretBytes.adopt(bundle);
      },
    );
    const { group, name, version } = written;
    return {
      result: written,
      ...effect,
      // The key was used, and whoever looks for its uses finds this one.
      objects: [
        { kind: 'secret', group, name, version },
        { kind: 'secret', group, name: keyName, version: keyVersionUsed ?? 0 },
      ],
    };
  };
}
