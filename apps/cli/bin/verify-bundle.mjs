#!/usr/bin/env node
/**
 * Verifies a bundle of Strongroom's audit log with nothing but Node and the fingerprint of the deployment. It is run as
 * `node verify-bundle.mjs BUNDLE SHA256:…` and prints one JSON object; the exit status is 0 for a genuine bundle, 1 for an
 * incomplete one, 2 for a refused one. A bundle is lines of canonical JSON (RFC 8785), each ended by a line feed:
 *   {"hash":…,"manifest":…}  identity key, certified log key, signed checkpoint, and what was asked for
 *   {"append":…}             what a crypto worker signed: the hashes of entries; before the first entry that came in it
 *   {"entry":…}              one entry, its Merkle path to the checkpoint, its place in its append message; in log order
 *   {"end":…}                how much there was, and the hash of all lines before
 */
import { isUtf8 } from 'node:buffer';
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';

class Refusal extends Error {}
/** Ends the reading with what is wrong; the index is told where it is another than that of the entry at hand. */
function demand(isTrue, reason, index) {
  if (!isTrue) throw Object.assign(new Refusal(reason), { index });
}

// ---- Bytes, hashes, signatures ---------------------------------------------------------------------------------------
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
/** SHA-256 of a domain, a zero byte and the parts: a hash for one purpose never passes for one of another. */
const domainHash = (domain, ...parts) => sha256(`strongroom/${domain}/1\0`, ...parts);
/** Base64url in its one form; anything else is refused. */
function bytesOf(text) {
  const bytes = Buffer.from(text, 'base64url');
  demand(bytes.toString('base64url') === text, 'it holds bytes of the wrong form');
  return bytes;
}
/** Ed25519 (RFC 8032) by a raw key of 32 bytes. */
function isSigned(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  return verifySignature(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}
/** A statement that the identity key, which never leaves the HSM, has signed. */
const isStatedBy = (key, { statement, signature }) => isSigned(key, domainHash('statement', canonical(statement)), bytesOf(signature));

// ---- Canonical JSON: one value has one text, so what is hashed and signed is never in doubt ----------------------------
function canonical(value) {
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value === 'boolean' || (Number.isSafeInteger(value) && !Object.is(value, -0))) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) throw new Refusal('it is not canonical');
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(',')}}`;
}
/** `undefined` for what is not the one text of its value. */
function parse(text) {
  try {
    const value = JSON.parse(text);
    return canonical(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

// ---- Shapes: an object has exactly these members, and each fits --------------------------------------------------------
const isText = (value) => typeof value === 'string';
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const base64 = (length) => (value) => isText(value) && /^[A-Za-z0-9_-]*$/.test(value) && value.length === length;
const list = (fits, most) => (value) => Array.isArray(value) && value.length <= most && value.every(fits);
const shape = (members) => (value) =>
  isObject(value) &&
  Object.keys(value).length === Object.keys(members).length &&
  Object.entries(members).every(([name, fits]) => Object.hasOwn(value, name) && fits(value[name]));
const isTime = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
const isName = (value) => isText(value) && /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(value);
const [isHash, isSignature] = [base64(43), base64(86)];
const isStated = (fits) => shape({ statement: fits, signature: isSignature });
const isWorkerType = (value) => value === 'strongroom.worker-key/1';
const isWorkerKey = shape({ type: isWorkerType, worker: isText, pool: isName, publicKey: isHash, notBefore: isTime, notAfter: isTime });
const manifest = { type: isText, identity: isHash, checkpoint: isText, logKey: isStated(isObject), filter: isObject };
const isLine = {
  manifest: shape({ hash: isHash, manifest: shape(manifest) }),
  append: shape({ append: shape({ id: isCount, worker: isStated(isWorkerKey), signature: isSignature, bodyHashes: list(isHash, 256) }) }),
  entry: shape({ entry: shape({ index: isCount, entry: isText, proof: list(isHash, 63), append: isCount, offset: isCount }) }),
  end: shape({ end: shape({ appends: isCount, entries: isCount, lines: isHash }) }),
};
const placement = { at: isTime, actorSeq: isCount, objectSeqs: list(isCount, 64) };
const isPlacement = (value) => shape({ ...placement, ...(value?.counted === undefined ? {} : { counted: isCount }) })(value);
const isEntry = shape({ body: (value) => list(isObject, 64)(value?.objects), placement: isPlacement });

// ---- 1. The manifest: from the fingerprint to the signed head of the tree ------------------------------------------------
function openManifest({ hash, manifest }, fingerprint) {
  demand(domainHash('audit-bundle-manifest', canonical(manifest)).toString('base64url') === hash, 'manifest: not as it was written');
  const identity = bytesOf(manifest.identity);
  demand(`SHA256:${sha256(identity).toString('base64url')}` === fingerprint, 'manifest: another identity');
  const { type, origin, publicKey } = manifest.logKey.statement;
  demand(type === 'strongroom.log-key/1' && isStatedBy(identity, manifest.logKey), 'manifest: log key not certified');
  return { identity, filter: manifest.filter, ...openCheckpoint(manifest.checkpoint, origin, bytesOf(publicKey)) };
}
/** C2SP signed note and checkpoint: name, size and root of the tree, an empty line, and "— name base64(key id, signature)". */
function openCheckpoint(note, origin, key) {
  const [, head, name, size, root, signatures] =
    /^(([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n)\n((?:— [^ \n]+ [A-Za-z0-9+/]+=*\n)+)$/u.exec(note) ?? [];
  demand(name === origin, 'manifest: the checkpoint is not of this log');
  const keyId = sha256(`${origin}\n\x01`, key).subarray(0, 4);
  const signedBy = [...signatures.matchAll(/— ([^ ]+) (.+)/g)].filter(([, signer]) => signer === origin);
  const own = signedBy.map(([, , encoded]) => Buffer.from(encoded, 'base64')).filter((one) => one.subarray(0, 4).equals(keyId));
  demand(own.length > 0 && own.every((one) => isSigned(key, Buffer.from(head), one.subarray(4))), 'manifest: not signed by the log key');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// ---- 2. Append messages: a certified worker signed the hashes of these entries --------------------------------------------
function checkAppend(identity, { worker, bodyHashes, signature }) {
  demand(isStatedBy(identity, worker), 'the worker that signed it is not certified');
  const signed = domainHash('append', ...bodyHashes.map(bytesOf));
  demand(isSigned(bytesOf(worker.statement.publicKey), signed, bytesOf(signature)), 'its append message is not signed by the worker');
}

// ---- 3. Entries: in the signed tree, signed by a worker, asked for, counted ------------------------------------------------
/** RFC 9162 section 2.1.3.2: the root that a leaf and its path lead to. */
function rootOf(leaf, index, size, path) {
  let [place, last, root] = [index, size - 1, sha256('\x00', leaf)];
  for (const sibling of path) {
    if (last === 0) return undefined;
    const isRight = place % 2 === 1 || place === last;
    root = isRight ? sha256('\x01', sibling, root) : sha256('\x01', root, sibling);
    while (isRight && place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : undefined;
}
function openEntry({ index, entry, proof, offset }, { identity, size, root }, append) {
  const [leaf, ...path] = [entry, ...proof].map(bytesOf);
  demand(index < size && rootOf(leaf, index, size, path)?.equals(root), 'it is not in the signed tree');
  const value = parse(leaf.toString('utf8'));
  demand(isEntry(value) && value.placement.objectSeqs.length === value.body.objects.length, 'it is not of the form of an entry');
  const { body, placement } = value;
  demand(append !== undefined, 'the bundle lacks the append message that it came in');
  if (!append.isUsed) checkAppend(identity, append);
  const worker = append.worker.statement;
  demand(append.bodyHashes[offset] === sha256(canonical(body)).toString('base64url'), 'no worker signed it');
  demand(worker.worker === body.worker, 'it names another worker than the one that signed it');
  const [at, from, to] = [placement.at, worker.notBefore, worker.notAfter].map(Date.parse);
  // The clocks of worker and log may differ by a minute.
  demand(at >= from - 60_000 && at <= to + 60_000, 'the key of its worker was not in force');
  return value;
}
const nameOf = ({ kind, group = '', name = '' }) => `${kind} ${group}/${name}`;
/** Whether the entry meets all conditions of the filter, and all of one of its alternatives. */
function isAskedFor({ body, placement: { at } }, { from = '', to = '~', anyOf = [{}], ...common }) {
  const own = { ...body.actor, ...body, actor: body.actor.id };
  const meets = ([name, wanted]) => {
    if (name === 'key' || name === 'secret') return body.objects.some((one) => nameOf(one) === `${name} ${wanted}`);
    const isPrefix = (name === 'actor' || name === 'operation') && wanted.endsWith('*');
    return isPrefix ? own[name].startsWith(wanted.slice(0, -1)) : own[name] === wanted;
  };
  return at >= from && at < to && anyOf.some((one) => Object.entries({ ...common, ...one }).every(meets));
}
// Every actor and every object counts its entries from 1 without gaps. In an unbroken run of indexes a number follows its
// predecessor by one; where entries are left out it grows, and by no more than the index does.
function orderCheck() {
  const last = new Map();
  let [lastIndex, lastAt, runStart] = [-1, '', 0];
  return ({ body, placement }, index) => {
    demand(index > lastIndex, 'it is not in the order of the log');
    demand(placement.at >= lastAt, 'it is earlier than the entry before it');
    if (index !== lastIndex + 1) runStart = index;
    [lastIndex, lastAt] = [index, placement.at];
    const named = body.objects.map(({ kind, group, name }) => JSON.stringify([kind, group, name]));
    const numbers = new Map(named.map((subject, at) => [subject, placement.objectSeqs[at]]));
    numbers.set(`actor ${body.actor.id}`, placement.actorSeq);
    for (const [subject, number] of numbers) {
      // Nothing is known of a subject whose first entries may be left out.
      const before = last.get(subject) ?? { index: 0, number: runStart > 0 ? number - 1 : 0 };
      const [grows, most] = [number - before.number, before.index >= runStart ? 1 : index - before.index];
      demand(grows >= 1 && grows <= most, 'its number of an actor or object does not follow from the one before');
      last.set(subject, { index, number });
    }
  };
}

// ---- 4. Completeness: a filter by one counter shows an entry that was left out as a gap --------------------------------------
/** The number of an entry in the counter that all entries of the filter share; `undefined` where there is none. */
function counterOf({ from: _, to: __, ...conditions }) {
  const [[kind, name] = [], ...more] = Object.entries(conditions);
  if (kind === undefined) return (_entry, index) => index + 1;
  if (more.length > 0 || !['actor', 'key', 'secret'].includes(kind) || name.endsWith('*')) return undefined;
  if (kind === 'actor') return ({ placement }) => placement.actorSeq;
  return ({ body, placement }) => placement.objectSeqs[body.objects.findIndex((one) => nameOf(one) === `${kind} ${name}`)];
}
/** A roll call is an entry that states the last number of the subject: not even its newest entries are left out unseen. */
function rollCallOf({ anyOf: [subject = {}, call = {}, ...more] = [], ...common }) {
  const [[kind, name] = [], ...others] = Object.entries(subject);
  const isPlain = [...Object.keys(common), ...more, ...others].length === 0 && Object.keys(call).join() === 'requestId';
  if (!isPlain || kind === undefined || !counterOf(subject)) return undefined;
  const isAnswer = ({ body: { requestId, operation, counts }, placement: { counted } }) =>
    requestId === call.requestId && operation === 'audit.roll-call' && counts?.kind === kind && counts.name === name && isCount(counted);
  return { subject, isAnswer };
}
function gapCheck({ filter, size }) {
  const { subject, isAnswer } = rollCallOf(filter) ?? { subject: filter };
  const counter = counterOf(subject);
  let [last, gap, calledAt] = [filter.from === undefined ? 0 : undefined];
  const count = (number, index) => {
    if (last !== undefined && number !== last + 1) gap ??= { index, reason: `numbers ${last + 1} to ${number - 1} are missing` };
    last = number;
  };
  const add = (entry, index) => {
    if (counter && isAskedFor(entry, subject)) count(counter(entry, index), index);
    if (!isAnswer?.(entry)) return;
    calledAt = index;
    if (entry.placement.counted !== last) gap ??= { index, reason: 'the roll call states another number than the last one shown' };
  };
  const end = () => {
    // Only a filter for the whole log says how many entries there are.
    if (Object.keys(filter).every((name) => name === 'from') && last < size) count(size + 1, size);
    if (isAnswer && calledAt === undefined) gap ??= { index: size, reason: 'the roll call is missing' };
    const where = calledAt === undefined ? 'the last entry shown' : `entry ${calledAt}`;
    return { gap, claim: counter ? `nothing is left out up to ${where}` : 'entries that were left out would not show' };
  };
  return { add, end };
}

// ---- The whole bundle ----------------------------------------------------------------------------------------------------
const lineMost = 262_144;
/** What is no UTF-8, or has no line feed at its end, comes out as a line that no bundle has; so does a line that is too long. */
async function* linesOf(chunks) {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest.subarray(0, 3 * lineMost + 1), chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield isUtf8(rest.subarray(0, end)) ? rest.toString('utf8', 0, end) : 'not UTF-8';
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield 'no line end';
}
export async function verify(bundleChunks, fingerprint) {
  const linesHash = createHash('sha256').update('strongroom/audit-bundle-lines/1\0');
  const [appends, checkOrder, seen] = [new Map(), orderCheck(), { appends: 0, entries: 0 }];
  let [manifest, gaps, indexAtHand, next, isEnded] = [undefined, undefined, undefined, 0, false];
  function read(line) {
    const value = line.length > lineMost ? undefined : parse(line);
    demand(!isEnded, 'there is more after its end');
    if (manifest && isLine.end(value)) return readEnd(value.end);
    linesHash.update(`${line}\n`);
    if (manifest && isLine.append(value)) return readAppend(value.append);
    if (manifest && isLine.entry(value)) return readEntry(value.entry);
    // The index that a broken line names helps to find the place and proves nothing.
    const [, named] = /^\{"entry":\{.{0,200000}"index":(\d{1,15})[,}]/s.exec(line) ?? [];
    demand(!manifest, 'a line is of no kind', Number(named ?? next));
    demand(isLine.manifest(value), 'manifest: the first line is none');
    manifest = openManifest(value, fingerprint);
    gaps = gapCheck(manifest);
  }
  function readAppend(append) {
    indexAtHand = append.id;
    demand(!appends.has(append.id) && appends.size < 1_024, 'an append message is there twice, or too many are without entries');
    seen.appends += 1;
    appends.set(append.id, { ...append, isUsed: false });
  }
  function readEntry(exported) {
    indexAtHand = exported.index;
    const append = appends.get(exported.append);
    const entry = openEntry(exported, manifest, append);
    append.isUsed = true;
    checkOrder(entry, indexAtHand);
    demand(isAskedFor(entry, manifest.filter), 'it is none that the filter of the manifest asks for');
    gaps.add(entry, indexAtHand);
    seen.entries += 1;
    next = indexAtHand + 1;
    // A message is over when the entries have passed the last index that it can have reached.
    for (const { id, bodyHashes } of appends.values()) if (id + bodyHashes.length <= next) endAppend(id);
  }
  function endAppend(id) {
    demand(appends.get(id).isUsed, 'an append message without an entry', id);
    appends.delete(id);
  }
  function readEnd({ lines, ...counts }) {
    indexAtHand = undefined;
    for (const id of appends.keys()) endAppend(id);
    demand(canonical(counts) === canonical(seen) && lines === linesHash.digest('base64url'), 'its lines are not those that were written');
    isEnded = true;
  }
  const found = (more) => ({ ...more, entries: seen.entries, checkpointSize: manifest?.size ?? 0, origin: manifest?.origin });
  try {
    for await (const line of linesOf(bundleChunks)) read(line);
    demand(manifest, 'manifest: the bundle is empty');
    demand(isEnded, 'the bundle ends early', next);
    const { gap, claim } = gaps.end();
    if (gap) return found({ verdict: 'incomplete', firstBadIndex: gap.index, reasons: [gap.reason] });
    return found({ verdict: 'genuine', reasons: [], completeness: claim });
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return found({ verdict: 'refused', firstBadIndex: fault.index ?? indexAtHand, reasons: [fault.message] });
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  const [, , bundle, fingerprint] = process.argv;
  if (fingerprint === undefined) throw new Error('usage: node verify-bundle.mjs BUNDLE SHA256:…');
  const result = await verify(createReadStream(bundle), fingerprint);
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = { genuine: 0, incomplete: 1, refused: 2 }[result.verdict];
}
