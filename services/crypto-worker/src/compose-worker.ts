/**
 * The worker on its ports: everything between inbound and outbound, plugged together. Component tests use the same
 * composition with doubles at the ports.
 */
import { SessionTable, TicketBox, verifySignature } from '@strongroom/sealed';
import { Commitments } from './app/commitments.ts';
import { SoftwareKeys } from './app/crypto/software-keys.ts';
import { deriveKey, keyPurpose } from './app/derived/derive-key.ts';
import { TicketKeys } from './app/derived/ticket-keys.ts';
import { makeEntryBodies } from './app/entry-bodies.ts';
import { makeGovernance } from './app/governance/governance-root.ts';
import { makeReencryptGroups } from './app/group/reencrypt-groups.ts';
import { type HandleOperation, makeHandleOperation } from './app/handle-operation.ts';
import { GcmInvocations } from './app/key/gcm-invocations.ts';
import { makeEnsureImportKey } from './app/key/import-key.ts';
import { makeKeepAppointments } from './app/key/keep-appointments.ts';
import { makeUseKey } from './app/key/use-key.ts';
import { ApprovedOperations } from './app/pipeline/approved-operations.ts';
import { InFlight } from './app/pipeline/in-flight.ts';
import { makePipelineSteps } from './app/pipeline/steps.ts';
import { makeChangeAsPlatform } from './app/platform/change-as-platform.ts';
import { IssuedTokens } from './app/proof/issued-tokens.ts';
import { IssuerKeySets } from './app/proof/issuer-key-sets.ts';
import { makeVerifyApiKey } from './app/proof/verify-api-key.ts';
import { makeVerifyKey } from './app/proof/verify-key.ts';
import { makeVerifySession } from './app/proof/verify-session.ts';
import { makeVerifyWorkloadToken } from './app/proof/verify-workload-token.ts';
import { interruptedIntents, makeReconcileIntents } from './app/reconcile/reconcile-intents.ts';
import { RefusalLog } from './app/refusal-log.ts';
import { makeDestroySealingKeys } from './app/sealing/destroy-sealing-keys.ts';
import { makeMakeSealingKey } from './app/sealing/make-sealing-key.ts';
import { SealingKeyring } from './app/sealing/sealing-keyring.ts';
import { makeSweepSecrets } from './app/secret/sweep-secrets.ts';
import { makeUseCases } from './app/use-cases.ts';
import { isPinned } from './domain/governance.ts';
import { hsmLabel } from './domain/hsm-label.ts';
import { ed25519Point } from './domain/platform-key.ts';
import type { Approvals } from './ports/approvals.ts';
import type { AuditLog } from './ports/audit-log.ts';
import type { Clock, Pause } from './ports/clock.ts';
import type { Hsm } from './ports/hsm.ts';
import type { IssuerKeys } from './ports/issuer-keys.ts';
import type { Registry } from './ports/registry.ts';
import type { PublishStep, Report } from './ports/steps.ts';

export interface WorkerPorts {
  readonly hsm: Hsm;
  readonly registry: Registry;
  readonly auditLog: AuditLog;
  readonly approvals: Approvals;
  readonly issuerKeys: IssuerKeys;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly publish: PublishStep;
  readonly report: Report;
  /** Resolves when what this worker has committed holds at every other one. */
  readonly settled: () => Promise<void>;
  /** Epoch of the newest receipt that was checked. */
  readonly receiptEpoch: () => number;
}

export interface WorkerSettings {
  readonly worker: string;
  readonly version: string;
  readonly pool: string;
  readonly tenant: string;
  /** AES-GCM invocations of one key version. */
  readonly gcmInvocationsMax: number;
}

export type Worker = Awaited<ReturnType<typeof composeWorker>>;

/** Throws `hsm-unavailable`, and `absent` where no ceremony was held. */
export async function composeWorker(ports: WorkerPorts, settings: WorkerSettings) {
  const { hsm, registry, clock } = ports;
  const { worker, version, pool, tenant } = settings;
  const key = (purpose: string) => deriveKey(hsm, purpose);
  const identity = ed25519Point(await hsm.publicKey(hsmLabel.identity));
  const commitments = new Commitments(await key(keyPurpose.commitment));
  const apiKeyKey = await key(keyPurpose.apiKey);
  const approved = new ApprovedOperations({
    intentMac: await key(keyPurpose.intentMac),
    operation: await key(keyPurpose.waitingOperation),
  });
  const shared = {
    ...ports,
    tenant,
    pool,
    identity,
    commitments,
    approved,
    apiKeyKey,
    inFlight: new InFlight(),
    makeBody: makeEntryBodies({ tenant, worker, commitments, clock }),
    governance: makeGovernance({ registry, hsm, isPinned }),
  };
  const change = makeChangeAsPlatform(shared);
  const invocations = new GcmInvocations({ ...shared, change, ceiling: settings.gcmInvocationsMax });
  const keyring = new SealingKeyring({
    ...shared,
    makeSealingKey: makeMakeSealingKey({ ...shared, change }),
  });
  const ticketKeys = new TicketKeys({ hsm, pool, clock });
  const nowMs = () => clock.nowMs();
  const tickets = new TicketBox(ticketKeys, nowMs);
  const softwareKeys = new SoftwareKeys({ hsm, clock });
  const tokens = new IssuedTokens(new IssuerKeySets(shared));
  const useCases = makeUseCases({
    ...shared,
    softwareKeys,
    useKey: makeUseKey({ clock }),
    invocations,
    worker: { name: worker, pool, version },
    vitals: {
      sealingKey: () => keyring.newest(),
      receiptEpoch: ports.receiptEpoch,
      interrupted: async () => (await interruptedIntents({ ...shared, worker })).length,
    },
  });
  const steps = makePipelineSteps({
    ...shared,
    useCases,
    tickets,
    sessions: new SessionTable({ tickets, nowMs }),
    privateKeyOf: (epoch) => keyring.privateKeyOf(epoch),
    sealingKeys: () => keyring.announcement(),
    verifyKey: makeVerifyKey({ registry, verify: verifySignature }),
    verifyApiKey: makeVerifyApiKey({ registry, clock, key: apiKeyKey }),
    verifyWorkloadToken: makeVerifyWorkloadToken({ ...shared, tokens }),
    verifySession: makeVerifySession({ ...shared, tokens }),
    refusalLog: new RefusalLog(shared),
  });
  const handle: HandleOperation = makeHandleOperation(steps);
  return {
    identity,
    handle,
    keyring,
    ticketKeys,
    softwareKeys,
    governance: shared.governance,
    change,
    inFlight: shared.inFlight,
    reconcile: makeReconcileIntents({ ...shared, worker }),
    destroySealingKeys: makeDestroySealingKeys({ ...shared, change }),
    ensureImportKey: makeEnsureImportKey({ hsm, change }),
    keepAppointments: makeKeepAppointments({ ...shared, change }),
    sweepSecrets: makeSweepSecrets({ ...ports, change }),
    reencryptGroups: makeReencryptGroups({ ...shared, change, invocations }),
  };
}
