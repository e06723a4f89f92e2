import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StackProblem } from './stack-problem.ts';
import { type SupervisedSpec, Supervisor } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-supervisor-'));
after(() => rmSync(folder, { recursive: true }));

function makeSupervisor(signal?: AbortSignal) {
  const told: Readonly<Record<string, number>>[] = [];
  const changed = async (processes: Readonly<Record<string, number>>) => void told.push(processes);
  return { told, supervisor: new Supervisor({ logDir: folder, changed, signal }) };
}

const journal = join(folder, 'journal');

/** Notes its end in the journal when it is asked to end. */
function spec(name: string, tier: number): SupervisedSpec {
  const mark = join(folder, `${name}.ready`);
  const script = `const fs = require('node:fs');
    process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(journal)}, '${name} '); process.exit(0); });
    fs.writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000);`;
  const isReady = (pid: number) => existsSync(mark) && readFileSync(mark, 'utf8') === String(pid);
  return {
    name,
    tier,
    command: process.execPath,
    args: ['-e', script],
    env: {},
    isReady,
    readyMsMax: 10_000,
  };
}

test('processes stop in the reverse order of their tiers', async () => {
  const { supervisor, told } = makeSupervisor();
  for (const [name, tier] of [
    ['store', 0],
    ['log', 1],
    ['door', 3],
  ] as const)
    await supervisor.start(spec(name, tier));
  assert.deepEqual(Object.keys(told.at(-1) ?? {}), ['store', 'log', 'door']);
  await supervisor.stop();
  assert.equal(readFileSync(journal, 'utf8'), 'door log store ');
  assert.deepEqual(told.at(-1), {});
});

test('a process that ends unasked is a failure with its last lines; a second one changes nothing', async () => {
  const { supervisor } = makeSupervisor();
  await supervisor.start(spec('victim', 0));
  const { victim } = supervisor.processes();
  assert.ok(victim);
  process.kill(victim, 'SIGKILL');
  const failure = await supervisor.failure;
  assert.ok(failure instanceof StackProblem);
  assert.equal(failure.message, 'victim ended by SIGKILL');
  await supervisor.stop();
});

test('a process that a test kills is no failure, and comes back when it is started again', async () => {
  const { supervisor, told } = makeSupervisor();
  await supervisor.start(spec('worker', 0));
  const first = supervisor.processes()['worker'];
  await supervisor.kill('worker');
  assert.deepEqual(told.at(-1), {});
  await supervisor.restart('worker');
  assert.notEqual(supervisor.processes()['worker'], first);
  await supervisor.restart('worker');
  const nothing = Symbol('nothing');
  assert.equal(await Promise.race([supervisor.failure, Promise.resolve(nothing)]), nothing);
  await supervisor.stop();
});

test('a start that is given up fails with the reason', async () => {
  const stop = new AbortController();
  const { supervisor } = makeSupervisor(stop.signal);
  const starting = supervisor.start({ ...spec('slow', 0), isReady: () => false });
  stop.abort(new StackProblem('stopped before it was ready'));
  await assert.rejects(starting, /stopped before/);
  await assert.rejects(supervisor.start(spec('next', 0)), /stopped before/);
  await supervisor.stop();
});

test('a name that the stack does not have is refused', async () => {
  const { supervisor } = makeSupervisor();
  await assert.rejects(supervisor.kill('nobody'), /no process nobody/);
});

test('a process that its watchdog ended is started again, but not for ever; by another end the stack has failed', async () => {
  const { supervisor, told } = makeSupervisor();
  const restartsAfter = ({ signal }: { signal: string | null }) => signal === 'SIGALRM';
  await supervisor.start({ ...spec('hanging', 0), restartsAfter });
  const pidOf = () => supervisor.processes()['hanging'] ?? 0;
  for (let round = 0; round < 5; round += 1) {
    const pid = pidOf();
    const tellings = told.length;
    process.kill(pid, 'SIGALRM');
    while (told.length === tellings) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.notEqual(pidOf(), pid);
  }
  process.kill(pidOf(), 'SIGALRM');
  assert.equal((await supervisor.failure).message, 'hanging ended by SIGALRM');
  await supervisor.stop();

  const { supervisor: other } = makeSupervisor();
  await other.start({ ...spec('killed', 0), restartsAfter });
  process.kill(other.processes()['killed'] ?? 0, 'SIGKILL');
  assert.equal((await other.failure).message, 'killed ended by SIGKILL');
  await other.stop();
});
