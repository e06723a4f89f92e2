/** The life of key material on a real token: every kind made, in and out wrapped, out and back whole. */
import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { decodeBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type KeyBackup,
  type KeyPurpose,
  type KeyType,
  keyFits,
  newRequestId,
  type OperationName,
} from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { wrapForImport } from '@strongroom/sealed';
import { createDeploymentKeys } from '../../src/app/ceremony/deployment-keys.ts';
import { makeAttestKey } from '../../src/app/key/attest-key.ts';
import { makeBackupKey } from '../../src/app/key/backup-key.ts';
import { makeCreateExportableKey, makeCreateKey } from '../../src/app/key/create-key.ts';
import { makeEnsureImportKey, makeImportKey, makeShowImportKey } from '../../src/app/key/import-key.ts';
import { makeRestoreKey } from '../../src/app/key/restore-key.ts';
import { makeUseKey } from '../../src/app/key/use-key.ts';
import type { ChangeAsPlatform } from '../../src/app/platform/change-as-platform.ts';
import type { CarryOut } from '../../src/app/use-case.ts';
import { hsmLabel } from '../../src/domain/hsm-label.ts';
import { ed25519Point } from '../../src/domain/platform-key.ts';
import { MemoryRegistry } from '../../testing/memory-registry.ts';
import { openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const { hsm, close } = await openOnSoftHsm();
after(close);
await createDeploymentKeys(hsm);
const identity = ed25519Point(await hsm.publicKey(hsmLabel.identity));
const at = '2030-01-01T00:00:00.000Z';
const clock = { nowMs: () => Date.parse(at) };
const group = 'default';
const policy = 'p';

async function registryWithGroup(): Promise<MemoryRegistry> {
  const registry = new MemoryRegistry(clock);
  await commit(registry, [{ kind: 'group', id: group, expectedVersion: 0, value: { name: group } as never }]);
  return registry;
}

async function commit(registry: MemoryRegistry, changes: Parameters<MemoryRegistry['commit']>[0] = []) {
  const outcome = { actor: 'a', requestId: newRequestId(), requestHash: '', reply: new Uint8Array() };
  await registry.commit(changes, outcome, []);
}

function portsOn(registry: MemoryRegistry) {
  const governance = { root: async () => ({ policies: [{ name: policy }] }) as never };
  return {
    registry,
    hsm,
    governance,
    useKey: makeUseKey({ clock }),
    tenant: 'default',
    pool: 'default',
    identity,
  };
}

async function carryOut<Name extends OperationName>(
  registry: MemoryRegistry,
  useCase: CarryOut<Name>,
  params: object,
): Promise<Awaited<ReturnType<CarryOut<Name>>>['result']> {
  const call = { params, requestId: newRequestId(), at, caller: { principal: 'user:alice' } };
  const { changes, result } = await useCase(call as never);
  await commit(registry, changes);
  return result;
}

const registry = await registryWithGroup();
const ports = portsOn(registry);
const change: ChangeAsPlatform = async ({ carryOut: work }) =>
  void (await work({ requestId: newRequestId(), at }));
await makeEnsureImportKey({ hsm, change })();
const attest = async (name: string) => {
  const { attestation } = await carryOut(registry, makeAttestKey(ports), { group, name });
  assert.ok(attestation.statement.type === 'strongroom.key-attestation/1');
  return attestation.statement;
};
const wrap = async (material: Uint8Array) => {
  const { importKey } = await carryOut(registry, makeShowImportKey(ports), {});
  assert.ok(importKey.statement.type === 'strongroom.import-key/1');
  return encodeBytes(wrapForImport(importKey.statement, material));
};

test('the token makes every kind that it has, as it is recorded, and refuses the others by name', async () => {
  const { keyTypes } = await hsm.capabilities();
  for (const [type, fits] of Object.entries(keyFits) as [KeyType, object][])
    for (const purpose of Object.keys(fits) as KeyPurpose[]) {
      const name = `${type}-${purpose}`;
      const made = carryOut(registry, makeCreateKey(ports), { group, name, purpose, type });
      if (!keyTypes.includes(type)) {
        await assert.rejects(
          made,
          (fault) => isStrongroomError(fault) && fault.code === 'mechanism-unsupported',
        );
        continue;
      }
      await made;
      const { held, attributes } = await attest(name);
      assert.ok(held === 'wrapped' || (attributes?.neverExtractable && attributes.local), name);
    }
});

test('a secret key and a key pair come in wrapped to the import key', async () => {
  const wrapped = await wrap(randomBytes(32));
  await carryOut(registry, makeImportKey(ports), {
    group,
    name: 'in',
    purpose: 'mac',
    type: 'hmac-sha256',
    wrapped,
  });
  assert.deepEqual(
    [(await attest('in')).origin, (await attest('in')).attributes?.local],
    ['imported', false],
  );
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = encodeBytes(publicKey.export({ format: 'der', type: 'spki' }));
  const pair = await wrap(privateKey.export({ format: 'der', type: 'pkcs8' }));
  await carryOut(registry, makeImportKey(ports), {
    ...{ group, name: 'pair', purpose: 'signing', type: 'ec-p256', wrapped: pair, publicKey: spki },
  });
  const told = decodeBytes((await attest('pair')).publicKey ?? '');
  assert.ok(createPublicKey({ key: Buffer.from(told), format: 'der', type: 'spki' }).equals(publicKey));
});

test('an exportable key is backed up whole and restored where there is none, with the same octets', async () => {
  const name = 'whole';
  const params = { group, name, purpose: 'mac', type: 'hmac-sha256', policy };
  await carryOut(registry, makeCreateExportableKey(ports), params);
  const recovery = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  const recoveryKey = encodeBytes(recovery.publicKey.export({ format: 'der', type: 'spki' }));
  const { backup } = await carryOut(registry, makeBackupKey(ports), { group, name, recoveryKey });
  const { content } = parseCanonical(decodeBytes(backup)) as unknown as KeyBackup;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const opening = { key: recovery.privateKey, padding, oaepHash: 'sha256' };
  const wrappedKey = await wrap(privateDecrypt(opening, decodeBytes(content.encryptedKey)));
  const elsewhere = await registryWithGroup();
  await carryOut(elsewhere, makeRestoreKey(portsOn(elsewhere)), {
    ...{ group, name, backup, identity: encodeBytes(identity), wrappedKey, policy },
  });
  const macOf = async (from: MemoryRegistry) => {
    const material = (await from.read('key', `${group}/${name}`))?.value.versions[0]?.material;
    assert.ok(material?.kind === 'token');
    return encodeBytes(await hsm.mac(material.label, Buffer.from('sample')));
  };
  assert.equal(await macOf(elsewhere), await macOf(registry));
  assert.deepEqual(await hsm.listKeys('strongroom/key/backup/'), []);
  assert.deepEqual(await hsm.listKeys('strongroom/key/restore/'), []);
});
