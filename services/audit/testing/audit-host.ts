/** What processes of the service stand on: a real database, a real bus, and a test that plays the crypto workers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus } from '@strongroom/bus';
import { type CanonicalValue, canonicalBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type AppendReply,
  type CertifyRequest,
  type EntryBody,
  subjects,
  type WitnessRequest,
} from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile, writeKeyFile } from '@strongroom/sealed';
import {
  makeTemporaryDirectory,
  startNats,
  startPostgres,
  type TemporaryDirectory,
  type TestNats,
  type TestPostgres,
} from '@strongroom/testing';
import { AuditProcess } from './audit-process.ts';
import { type Acknowledged, checkLog } from './log-oracle.ts';
import { createPostgresLog, durable, openPostgresLog } from './postgres-log.ts';
import { bodyOf, origin, TestDeployment, type TestWitness } from './test-deployment.ts';

/** As long as a worker waits for a receipt before it asks again. */
const appendDeadlineMs = 400;
const untilMsMax = 20_000;

export class AuditHost {
  readonly postgres: TestPostgres;
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly directory: TemporaryDirectory;
  readonly deployment = new TestDeployment();
  readonly witness: TestWitness = this.deployment.witness();
  readonly acknowledged: Acknowledged[] = [];
  readonly processes: AuditProcess[] = [];
  /** Messages that had to be sent again. */
  repetitions = 0;
  #worker = this.deployment.worker();

  private constructor(postgres: TestPostgres, nats: TestNats, bus: Bus, directory: TemporaryDirectory) {
    this.postgres = postgres;
    this.nats = nats;
    this.bus = bus;
    this.directory = directory;
  }

  /** `environment` is that of the database server. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<AuditHost> {
    const [postgres, nats, directory] = await Promise.all([
      startPostgres({ settings: durable, environment }),
      startNats(),
      makeTemporaryDirectory('audit'),
    ]);
    const bus = await connectTo(nats);
    const host = new AuditHost(postgres, nats, bus, directory);
    await createPostgresLog(postgres);
    await host.#writeFiles();
    await host.#serveWitness();
    return host;
  }

  async stop(): Promise<void> {
    for (const { child } of this.processes) child.kill('SIGKILL');
    await this.bus.close();
    await Promise.all([this.postgres.stop(), this.nats.stop()]);
    await this.directory.remove();
  }

  /** `preload`: a module that the process loads before its own. */
  startProcess(settings: Readonly<Record<string, string>> = {}, preload?: string): AuditProcess {
    const statusFile = this.#file(`status-${this.processes.length}.json`);
    const values = {
      NATS_URL: this.nats.url,
      NATS_SEED_FILE: this.#file('seed'),
      DATABASE_URL_FILE: this.#file('url'),
      IDENTITY: encodeBytes(this.deployment.identity),
      SERVICE_KEY_FILE: this.#file('key.json'),
      ORIGIN: origin,
      STATUS_FILE: statusFile,
      ...settings,
    };
    const environment = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`STRONGROOM_AUDIT_${name}`, value]),
    );
    const started = new AuditProcess(environment, statusFile, preload);
    this.processes.push(started);
    return started;
  }

  /** One more connection of a worker. */
  connect(): Promise<Bus> {
    return connectTo(this.nats);
  }

  /** From here on a worker with another key and certificate appends. */
  renewWorker(times: { readonly notBefore: string }): void {
    this.#worker = this.deployment.worker('worker-1', times);
  }

  /** One try; the receipts are checked. */
  append(bodies: readonly EntryBody[] = [bodyOf()]): Promise<void> {
    return this.prepare(bodies)();
  }

  /** A signed message, to be sent when the test wants it. */
  prepare(bodies: readonly EntryBody[], bus = this.bus): () => Promise<void> {
    const worker = this.#worker;
    const request = canonicalBytes(worker.sign(bodies) as unknown as CanonicalValue);
    return async () => {
      const bytes = await bus.request(subjects.auditAppend, request, { deadlineMs: appendDeadlineMs });
      const reply = parseCanonical(bytes, { bytesMax: 2 ** 22 }) as unknown as AppendReply;
      for (const [position, index] of worker.verify(bodies, reply)) {
        this.acknowledged.push({ index, body: bodies[position] as EntryBody });
      }
    };
  }

  /** As a worker does: the same message until it is acknowledged. Answers with the milliseconds that it took. */
  async appendUntilDone(bodies: readonly EntryBody[] = [bodyOf()]): Promise<number> {
    const startedMs = performance.now();
    await until(async () => {
      try {
        await this.append(bodies);
        return true;
      } catch (fault) {
        if (!isStrongroomError(fault)) throw fault;
        this.repetitions += 1;
        return false;
      }
    }, 'the entries are acknowledged');
    return performance.now() - startedMs;
  }

  /** Throws unless the whole log and everything that was acknowledged is as it must be; the number of entries. */
  async check(): Promise<number> {
    const stores = await openPostgresLog(this.postgres.url);
    try {
      return (await checkLog(stores, this.acknowledged)).length;
    } finally {
      await stores.database.close();
    }
  }

  #file(name: string): string {
    return join(this.directory.path, name);
  }

  async #writeFiles(): Promise<void> {
    const key = generateKeyFile('app:audit');
    await writeKeyFile(this.#file('key.json'), key);
    const raw = Buffer.from(key.publicKey, 'base64url');
    this.deployment.serviceKey = { ...this.deployment.serviceKey, raw };
    const seed = this.nats.seedOf('audit').use((text) => text);
    await writeFile(this.#file('seed'), seed, { mode: 0o600 });
    await writeFile(this.#file('url'), this.postgres.url, { mode: 0o600 });
  }

  async #serveWitness(): Promise<void> {
    const { witness } = this;
    witness.nowMs = Date.now;
    const answer = async (reply: Promise<object>) => canonicalBytes((await reply) as CanonicalValue);
    await this.bus.respond(subjects.witnessCertify, {
      handler: (bytes) =>
        answer(
          witness.certify(parseCanonical(bytes) as CertifyRequest).then((receiptKey) => ({ receiptKey })),
        ),
    });
    await this.bus.respond(subjects.witnessCheckpoint, {
      handler: (bytes) => answer(witness.sign(parseCanonical(bytes) as unknown as WitnessRequest)),
    });
  }
}

const connectTo = (nats: TestNats): Promise<Bus> =>
  connectBus({ url: nats.url, service: 'crypto-worker', seed: nats.seedOf('crypto-worker') });

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + untilMsMax;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
