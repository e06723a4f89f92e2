/**
 * Runs the steps of set-up: each looks whether its thing is there, brings it if not, and looks again. The second look
 * is the proof; a step that brought something which does not work fails. Steps that do not build on each other run
 * side by side.
 */
import { SetUpProblem } from './problem.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly string[]} [after] names of the steps that it builds on
 * @property {() => string | undefined | Promise<string | undefined>} missing what is not there; `undefined` when all is well. Changes nothing
 * @property {() => Promise<void>} provide brings it, or throws a `SetUpProblem` with advice
 * @property {() => string} found what is there, for people; asked only when nothing is missing
 */

/** @typedef {{ state: 'present' | 'provided', found: string } | { state: 'failed', problem: SetUpProblem } | { state: 'skipped', waitsFor: string }} Result */

/**
 * @typedef {object} Report
 * @property {(name: string, missing: string) => void} begins
 * @property {(name: string, result: Result, ms: number) => void} ends
 */

/**
 * Whether a step has anything to do.
 * @param {readonly Step[]} steps
 */
export async function isAnythingMissing(steps) {
  for (const step of steps) if ((await step.missing()) !== undefined) return true;
  return false;
}

/**
 * @param {readonly Step[]} steps each after those that it names
 * @param {Report} report
 * @returns {Promise<readonly SetUpProblem[]>} empty when everything is there
 */
export async function setUp(steps, report) {
  /** @type {Map<string, Promise<Result>>} */
  const results = new Map();
  for (const step of steps) {
    const before = (step.after ?? []).map((name) => {
      const result = results.get(name);
      if (result === undefined)
        throw new TypeError(`${step.name} is listed before ${name}, which it builds on`);
      return { name, result };
    });
    results.set(step.name, perform(step, before, report));
  }
  const all = await Promise.all(results.values());
  return all.flatMap((result) => (result.state === 'failed' ? [result.problem] : []));
}

/**
 * @param {Step} step
 * @param {readonly { name: string, result: Promise<Result> }[]} before
 * @param {Report} report
 * @returns {Promise<Result>}
 */
async function perform(step, before, report) {
  for (const { name, result } of before) {
    const { state } = await result;
    if (state === 'present' || state === 'provided') continue;
    const skipped = /** @type {const} */ ({ state: 'skipped', waitsFor: name });
    report.ends(step.name, skipped, 0);
    return skipped;
  }
  const startedAt = performance.now();
  const result = await carryOut(step, report);
  report.ends(step.name, result, performance.now() - startedAt);
  return result;
}

/**
 * @param {Step} step
 * @param {Report} report
 * @returns {Promise<Result>}
 */
async function carryOut(step, report) {
  try {
    const missing = await step.missing();
    if (missing === undefined) return { state: 'present', found: step.found() };
    report.begins(step.name, missing);
    await step.provide();
    const still = await step.missing();
    if (still !== undefined) throw new SetUpProblem(`still missing after the step: ${still}`);
    return { state: 'provided', found: step.found() };
  } catch (fault) {
    if (fault instanceof SetUpProblem) return { state: 'failed', problem: fault };
    return {
      state: 'failed',
      problem: new SetUpProblem(String(fault instanceof Error ? fault.stack : fault)),
    };
  }
}
