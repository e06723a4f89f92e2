/**
 * One worker process on its engines, in the order in which things can start: keys from the HSM, registry, log, witness,
 * first start, then intake. It is one component, because each step needs what the one before it made.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '@strongroom/bus';
import type { SignedGovernanceRoot } from '@strongroom/contracts';
import type { Component } from '@strongroom/lifecycle';
import { publishStep } from '@strongroom/telemetry';
import type { Kysely } from 'kysely';
import { makeHsmAnchor } from './app/anchor/hsm-anchor.ts';
import { requirePinned } from './app/governance/require-pinned.ts';
import { makeAwaitSeed, makeSeedRegistry } from './app/platform/seed-registry.ts';
import { retryStart } from './app/retry-start.ts';
import { makeAnnounceSinks } from './app/witness/announce-sinks.ts';
import { makeCertifyReceiptKey } from './app/witness/certify-receipt-key.ts';
import { makeSignCheckpoint } from './app/witness/sign-checkpoint.ts';
import { WorkerKey } from './app/worker-key.ts';
import { makeBackground } from './compose-background.ts';
import { openRegistry, type SharedRegistry, shareRegistry } from './compose-registry.ts';
import { composeWorker, type WorkerPorts, type WorkerSettings } from './compose-worker.ts';
import { hsmLabel } from './domain/hsm-label.ts';
import { ed25519Point } from './domain/platform-key.ts';
import { type OperationLimits, serveOperations, serveSealingKeys, serveWitness } from './inbound/bus.ts';
import { PoolMembership } from './inbound/pool-membership.ts';
import { makeBusApprovals } from './outbound/bus/approvals.ts';
import { BusAuditLog } from './outbound/bus/audit-log.ts';
import { ReceiptCheck } from './outbound/bus/receipt-check.ts';
import { HttpsIssuerKeys } from './outbound/issuer/https-issuer-keys.ts';
import type { PostgresRegistry } from './outbound/postgres/postgres-registry.ts';
import type { OnAlert } from './outbound/postgres/registry-alert.ts';
import type { RegistryTables } from './outbound/postgres/registry-tables.ts';
import type { Hsm } from './ports/hsm.ts';
import type { Report } from './ports/steps.ts';

export interface WorkerProcessParts extends WorkerSettings {
  readonly isWitness: boolean;
  readonly signed: SignedGovernanceRoot;
  readonly limits: OperationLimits;
  readonly hsm: Hsm;
  readonly bus: Bus;
  readonly database: Kysely<RegistryTables>;
  readonly report: Report;
  readonly onAlert: OnAlert;
}

export function makeWorkerProcess(parts: WorkerProcessParts): Component {
  const stopping = new AbortController();
  const running: { stop(): Promise<void> | void }[] = [];
  let fault: () => string | undefined = () => undefined;
  const patience = { pause: wait, report: parts.report, signal: stopping.signal };
  // A token may look as if it were gone for a moment, while another process logs in to it.
  const surely: Surely = (what, ask) => retryStart(what, ask, patience);
  return {
    name: 'worker',
    async start() {
      const registry = await surely('registry', () => openRegistry(parts));
      fault = () => registry.fault();
      const shared = await shareRegistry({ registry, ...parts });
      running.push(shared);
      running.push(...(await startOn(parts, registry, shared, surely)));
    },
    async stop() {
      stopping.abort();
      await parts.bus.drain();
      for (const each of running.toReversed()) await each.stop();
    },
    unready: () => fault(),
  };
}

type Surely = <Result>(what: string, ask: () => Promise<Result>) => Promise<Result>;

async function startOn(
  parts: WorkerProcessParts,
  registry: PostgresRegistry,
  shared: SharedRegistry,
  surely: Surely,
) {
  const { hsm, bus, pool, worker: name, signed, isWitness, report, limits } = parts;
  const clock = { nowMs: () => Date.now() };
  await surely('governance pin', () => requirePinned(hsm, signed));
  const anchor = makeHsmAnchor({ hsm });
  const signer = new WorkerKey({ worker: name, pool, hsm, clock });
  await surely('worker key', () => signer.refresh());
  const identity = ed25519Point(await surely('identity key', () => hsm.publicKey(hsmLabel.identity)));
  const receipts = new ReceiptCheck({ identity, nowMs: clock.nowMs });
  const ports: WorkerPorts = {
    hsm,
    registry,
    auditLog: new BusAuditLog({ bus, signer, receipts }),
    approvals: makeBusApprovals(bus),
    issuerKeys: new HttpsIssuerKeys(),
    clock,
    pause: wait,
    publish: publishStep,
    report,
    settled: shared.settled,
    receiptEpoch: () => receipts.newestEpoch,
  };
  const raiseEpoch = async () => receipts.raiseEpoch((await anchor.read()).receiptKey?.epoch ?? 0);
  await surely('newest writer', raiseEpoch);
  const worker = await surely('keys of the platform', () => composeWorker(ports, parts));
  // The log takes no entry before its receipt key is certified, so the witness listens before anything is logged.
  const origin = signed.root.deployment;
  if (isWitness)
    await serveWitness(bus, {
      certify: makeCertifyReceiptKey({ root: async () => signed.root, anchor, hsm, clock }),
      signCheckpoint: makeSignCheckpoint({ origin, anchor, hsm, clock }),
      announceSinks: makeAnnounceSinks({ origin, registry, hsm, clock }),
    });
  const { change, keyring, ticketKeys } = worker;
  const seed = isWitness
    ? makeSeedRegistry({ registry, anchor, hsm, signed, change })
    : makeAwaitSeed({ registry });
  const refreshKeys = async () => {
    await signer.refresh();
    await ticketKeys.refresh();
    await keyring.refresh();
  };
  await surely('first start', seed);
  await surely('keys', refreshKeys);
  await worker.reconcile();
  await serveSealingKeys(bus, pool, () => keyring.announcement());
  const membership = new PoolMembership({
    isAble: () => hsm.describe().state === 'ready',
    join: await serveOperations(bus, pool, worker.handle, limits),
    onError: (error) => report('pool-leave-failed', { error }),
  });
  await membership.look();

  const background = makeBackground({
    ...parts,
    registry,
    anchor,
    worker,
    refreshKeys,
    raiseEpoch,
    membership,
  });
  for (const each of background) each.start();
  return background;
}

const wait = async (ms: number): Promise<void> => void (await pause(ms));
