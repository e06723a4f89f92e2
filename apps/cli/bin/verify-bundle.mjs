#!/usr/bin/env node
/**
 * Verifies a bundle of Strongroom's audit log with nothing but Node and the fingerprint of the deployment: `node verify-bundle.mjs
 * BUNDLE SHA256:…` prints one JSON object; the exit status is 0 for a genuine bundle, 1 for an incomplete and 2 for a refused one.
 * A bundle is lines of canonical JSON (RFC 8785), each ended by a line feed:
 *   {"hash":…,"manifest":…}  identity key, certified log key, signed checkpoint, and what was asked for
 *   {"append":…}             what a crypto worker signed: the hashes of entries; before the first entry that came in it
 *   {"entry":…}              one entry, what is new of its Merkle path, its place in its append message; in log order
 *   {"end":…}                how many entries there are
 */
import { isUtf8 } from 'node:buffer';
import { createHash, createPublicKey, hash, verify as verifySignature } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';

class Refusal extends Error {}
/** Ends the reading with what is wrong; the index is told where it is another than that of the entry at hand. */
function demand(isTrue, reason, index) {
  if (!isTrue) throw Object.assign(new Refusal(reason), { index });
}
// ---- Bytes, hashes, signatures ---------------------------------------------------------------------------------------
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
/** RFC 9162 section 2.1.1: a leaf never passes for a node. Hashes of the tree are at hand in hex. */
const leafHash = (text) => hash('sha256', `\0${text}`, 'hex');
const nodeHash = (left, right) => hash('sha256', Buffer.from(`01${left}${right}`, 'hex'), 'hex');
/** SHA-256 of a domain, a zero byte and the parts: a hash for one purpose never passes for one of another. */
const domainHash = (domain, ...parts) => sha256(`strongroom/${domain}/1\0`, ...parts);
const bytesOf = (text) => Buffer.from(text, 'base64url');
function isSigned(key, message, signature) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]); // Ed25519 (RFC 8032, RFC 8410)
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
// ---- Shapes: an object has exactly these members in this order, and each fits ------------------------------------------------
const isText = (value) => typeof value === 'string';
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const like = (form) => (value) => isText(value) && form.test(value);
const list = (fits, most) => (value) => Array.isArray(value) && value.length <= most && value.every(fits);
function shape(members) {
  const [names, wanted] = [Object.keys(members).sort().join(), Object.entries(members)];
  return (value) => isObject(value) && Object.keys(value).join() === names && wanted.every(([name, fits]) => fits(value[name]));
}
const isTime = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
const isName = like(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/);
// Base64url of 32 and of 64 bytes in its one form: the last character holds fewer bits than the others.
const [isHash, isSignature] = [like(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/), like(/^[A-Za-z0-9_-]{85}[AQgw]$/)];
const isStated = (fits) => shape({ statement: fits, signature: isSignature });
const isType = like(/^strongroom\.worker-key\/1$/);
const isWorkerKey = shape({ type: isType, worker: isText, pool: isName, publicKey: isHash, notBefore: isTime, notAfter: isTime });
const manifest = { type: isText, identity: isHash, checkpoint: isText, logKey: isStated(isObject), filter: isObject };
const placement = { at: isTime, actorSeq: isCount, objectSeqs: list(isCount, 64) };
const [isPlain, isCounted] = [shape(placement), shape({ ...placement, counted: isCount })];
const isEntry = shape({ body: (one) => list(isObject, 64)(one?.objects), placement: (one) => isPlain(one) || isCounted(one) });
const isLine = {
  entry: shape({ entry: shape({ append: isCount, entry: isEntry, index: isCount, offset: isCount, proof: list(isHash, 63) }) }),
  append: shape({ append: shape({ id: isCount, worker: isStated(isWorkerKey), signature: isSignature, bodyHashes: list(isHash, 256) }) }),
  manifest: shape({ hash: isHash, manifest: shape(manifest) }),
  end: shape({ end: shape({ entries: isCount }) }),
};
/** Kind and value of a line; neither of one that is not the one text of its value. */
function open(line) {
  try {
    const value = JSON.parse(line);
    const kind = Object.keys(isLine).find((one) => isLine[one](value));
    if (kind === 'entry') return [kind, withTexts(value.entry, line)];
    return canonical(value) === line ? [kind, value] : [];
  } catch {
    return [];
  }
}
// An entry with the characters that were hashed: its body, and the leaf around it. All but the body has to be as it is written
// here. The body is canonical if a worker signed its hash, so it is not written again.
function withTexts(shown, line) {
  const { append, entry, index, offset, proof } = shown;
  const { actorSeq, at, counted, objectSeqs } = entry.placement;
  const placement = JSON.stringify({ actorSeq, at, counted, objectSeqs });
  const before = `{"entry":{"append":${append},"entry":{"body":`;
  const after = `,"placement":${placement}},${JSON.stringify({ index, offset, proof }).slice(1)}}`;
  if (!line.startsWith(before) || !line.endsWith(after)) throw new Refusal('it is not canonical');
  const body = line.slice(before.length, -after.length);
  return { shown, body, leaf: `{"body":${body},"placement":${placement}}` };
}
// ---- 1. The manifest: from the fingerprint to the signed head of the tree ------------------------------------------------
function openManifest({ hash, manifest }, fingerprint) {
  demand(domainHash('audit-bundle-manifest', canonical(manifest)).toString('base64url') === hash, 'manifest: not as it was written');
  const identity = bytesOf(manifest.identity);
  demand(`SHA256:${sha256(identity).toString('base64url')}` === fingerprint, 'manifest: another identity');
  const { type, origin, publicKey } = manifest.logKey.statement;
  demand(type === 'strongroom.log-key/1' && isStatedBy(identity, manifest.logKey), 'manifest: log key not certified');
  return { identity, certified: new Set(), filter: manifest.filter, ...openCheckpoint(manifest.checkpoint, origin, bytesOf(publicKey)) };
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
  return { origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex') };
}
// ---- 2. Append messages: a certified worker signed the hashes of these entries --------------------------------------------
function checkAppend({ identity, certified }, { worker, bodyHashes, signature }) {
  demand(certified.has(canonical(worker)) || isStatedBy(identity, worker), 'the worker that signed it is not certified');
  certified.add(canonical(worker));
  const signed = domainHash('append', ...bodyHashes.map(bytesOf));
  demand(isSigned(bytesOf(worker.statement.publicKey), signed, bytesOf(signature)), 'its append message is not signed by the worker');
}
// ---- 3. Entries: in the signed tree, signed by a worker, asked for, counted ------------------------------------------------
// Entries come in the order of the tree. A path (RFC 9162 section 2.1.3) leads from the leaf up to a subtree whose hash is known:
// at first the whole tree, and from then on each subtree on the right of a path that led there.
function treeCheck({ size, root }) {
  const known = [{ begin: 0, end: size, hash: root }];
  const hashOf = (leaf, index, path, begin, end) => {
    const sibling = path.pop();
    demand((sibling === undefined) === (end - begin === 1), 'it is not in the signed tree');
    if (sibling === undefined) return leafHash(leaf);
    let middle = begin + 1;
    while (middle * 2 - begin < end) middle += middle - begin;
    if (index >= middle) return nodeHash(sibling, hashOf(leaf, index, path, middle, end));
    known.push({ begin: middle, end, hash: sibling });
    return nodeHash(hashOf(leaf, index, path, begin, middle), sibling);
  };
  return (leaf, index, proof) => {
    const path = proof.map((one) => bytesOf(one).toString('hex'));
    while (known.at(-1)?.end <= index) known.pop();
    const { begin, end, hash } = known.pop() ?? {};
    demand(begin <= index && hashOf(leaf, index, path, begin, end) === hash, 'it is not in the signed tree');
  };
}
function checkEntry({ entry: { body, placement }, offset }, bodyText, append, manifest) {
  demand(placement.objectSeqs.length === body.objects.length, 'it is not of the form of an entry');
  demand(append !== undefined, 'the bundle lacks the append message that it came in');
  if (!append.isUsed) checkAppend(manifest, append);
  const { worker, notBefore, notAfter } = append.worker.statement;
  demand(append.bodyHashes[offset] === hash('sha256', bodyText, 'base64url'), 'no worker signed it');
  demand(worker === body.worker, 'it names another worker than the one that signed it');
  const at = Date.parse(placement.at);
  // The clocks of worker and log may differ by a minute.
  demand(at >= Date.parse(notBefore) - 60_000 && at <= Date.parse(notAfter) + 60_000, 'the key of its worker was not in force');
}
const nameOf = ({ kind, group = '', name = '' }) => `${kind} ${group}/${name}`;
/** Tells whether an entry meets all conditions of the filter, and all of one of its alternatives. */
function askedFor({ from = '', to = '~', anyOf = [{}], ...common }) {
  const alternatives = anyOf.map((one) => Object.entries({ ...common, ...one }));
  const meets = ({ actor, objects, ...own }, [name, wanted]) => {
    if (name === 'key' || name === 'secret') return objects.some((object) => nameOf(object) === `${name} ${wanted}`);
    const is = name === 'actor' ? actor.id : (actor[name] ?? own[name]);
    const isPrefix = (name === 'actor' || name === 'operation') && wanted.endsWith('*');
    return isPrefix ? is.startsWith(wanted.slice(0, -1)) : is === wanted;
  };
  return ({ body, placement: { at } }) => at >= from && at < to && alternatives.some((all) => all.every((one) => meets(body, one)));
}
// Every actor and every object counts its entries from 1 without gaps, and so does the log. In an unbroken run of indexes a number
// follows its predecessor by one; where entries are left out it grows, and by no more than the index does.
function numbersOf({ body, placement }, index) {
  const numbers = body.objects.map((object, at) => [nameOf(object), placement.objectSeqs[at]]);
  return new Map([['log', index + 1], [`actor ${body.actor.id}`, placement.actorSeq], ...numbers]);
}
function orderCheck() {
  const last = new Map();
  let [lastIndex, lastAt, runStart] = [-1, '', 0];
  return (at, numbers, index) => {
    demand(at >= lastAt, 'it is earlier than the entry before it');
    if (index !== lastIndex + 1) runStart = index;
    [lastIndex, lastAt] = [index, at];
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
/** Whose numbers all entries of the filter have; `undefined` where there is none. */
function countedBy({ from: _, to: __, ...conditions }) {
  const [[kind, name] = [], ...more] = Object.entries(conditions);
  if (kind === undefined) return 'log';
  return more.length === 0 && /^(actor .*[^*]|(key|secret) .*)$/s.test(`${kind} ${name}`) ? `${kind} ${name}` : undefined;
}
/** A roll call is an entry that states the last number of the subject: not even its newest entries are left out unseen. */
function rollCallOf({ anyOf: [one = {}, call = {}, ...more] = [], ...common }) {
  const [subject, others] = [countedBy(one), [...more, ...Object.keys(common)]];
  if (!subject || subject === 'log' || others.length > 0 || Object.keys(call).join() !== 'requestId') return undefined;
  const isAnswer = ({ body: { requestId, operation, counts }, placement: { counted } }) =>
    requestId === call.requestId && operation === 'audit.roll-call' && `${counts?.kind} ${counts?.name}` === subject && isCount(counted);
  return { subject, isAnswer };
}
function gapCheck({ filter, size }) {
  const { subject, isAnswer } = rollCallOf(filter) ?? { subject: countedBy(filter) };
  let [last, gap, calledAt] = [filter.from === undefined ? 0 : undefined];
  const count = (number, index) => {
    if (last !== undefined && number !== last + 1) gap ??= { index, reason: `numbers ${last + 1} to ${number - 1} are missing` };
    last = number;
  };
  const add = (entry, numbers, index) => {
    if (numbers.has(subject)) count(numbers.get(subject), index);
    if (!isAnswer?.(entry)) return;
    calledAt = index;
    if (entry.placement.counted !== last) gap ??= { index, reason: 'the roll call states another number than the last one shown' };
  };
  const end = () => {
    // Only a filter for the whole log says how many entries there are.
    if (Object.keys(filter).every((name) => name === 'from') && last < size) count(size + 1, size);
    if (isAnswer && calledAt === undefined) gap ??= { index: size, reason: 'the roll call is missing' };
    return { gap, claim: subject ? 'nothing is left out up to the last entry shown' : 'entries that were left out would not show' };
  };
  return { add, end };
}
// ---- The whole bundle ----------------------------------------------------------------------------------------------------
/** What is no UTF-8, or has no line feed at its end, comes out as a line that no bundle has; so does a line that is too long. */
async function* linesOf(chunks) {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest.subarray(0, 2 ** 20), chunk]);
    const end = rest.lastIndexOf(10);
    const text = rest.toString('utf8', 0, Math.max(end, 0));
    if (end >= 0) yield (isUtf8(rest.subarray(0, end)) ? text : text.replaceAll('\ufffd', '\0')).split('\n');
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) yield ['no line end'];
}
export async function verify(bundleChunks, fingerprint) {
  const [appends, checkOrder] = [new Map(), orderCheck()];
  let [entries, next, manifest, checkTree, isAskedFor, gaps, indexAtHand, isEnded] = [0, 0];
  function read(line) {
    const [kind, value] = line.length > 262_144 ? [] : open(line);
    demand(!isEnded, 'there is more after its end');
    const reader = { entry: readEntry, append: readAppend, end: readEnd }[kind];
    if (manifest && reader) return reader(value);
    // The index that a broken line names helps to find the place and proves nothing.
    const [, named] = /^\{"entry":\{.{0,200000}"index":(\d{1,15})[,}]/s.exec(line) ?? [];
    demand(!manifest, 'a line is of no kind', Number(named ?? next));
    demand(kind === 'manifest', 'manifest: the first line is none');
    manifest = openManifest(value, fingerprint);
    [checkTree, isAskedFor, gaps] = [treeCheck(manifest), askedFor(manifest.filter), gapCheck(manifest)];
  }
  function readAppend({ append }) {
    indexAtHand = append.id;
    demand(!appends.has(append.id) && appends.size < 1_024, 'an append message is there twice, or too many are without entries');
    appends.set(append.id, { ...append, isUsed: false });
  }
  function readEntry({ shown, leaf, body }) {
    indexAtHand = shown.index;
    const [entry, append] = [shown.entry, appends.get(shown.append)];
    demand(indexAtHand >= next, 'it is not in the order of the log');
    checkTree(leaf, indexAtHand, shown.proof);
    checkEntry(shown, body, append, manifest);
    append.isUsed = true;
    const numbers = numbersOf(entry, indexAtHand);
    checkOrder(entry.placement.at, numbers, indexAtHand);
    demand(isAskedFor(entry), 'it is none that the filter of the manifest asks for');
    gaps.add(entry, numbers, indexAtHand);
    entries += 1;
    next = indexAtHand + 1;
    // A message is over when the entries have passed the last index that it can have reached.
    for (const { id, bodyHashes } of appends.values()) if (id + bodyHashes.length <= next) endAppend(id);
  }
  function endAppend(id) {
    demand(appends.get(id).isUsed, 'an append message without an entry', id);
    appends.delete(id);
  }
  function readEnd({ end }) {
    [indexAtHand, isEnded] = [undefined, true];
    for (const id of appends.keys()) endAppend(id);
    demand(end.entries === entries, 'it was written with another number of entries');
  }
  const found = (more) => ({ ...more, entries, checkpointSize: manifest?.size ?? 0, origin: manifest?.origin });
  try {
    for await (const lines of linesOf(bundleChunks)) for (const line of lines) read(line);
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
  const result = await verify(createReadStream(bundle, { highWaterMark: 2 ** 20 }), fingerprint);
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = { genuine: 0, incomplete: 1, refused: 2 }[result.verdict];
}
