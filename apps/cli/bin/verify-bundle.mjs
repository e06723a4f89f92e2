#!/usr/bin/env node
/**
 * Verifies a bundle of Strongroom's audit log with nothing but Node and the fingerprint of the deployment:
 *
 *   node verify-bundle.mjs BUNDLE SHA256:…
 *
 * It prints one JSON object; the exit status is 0 for a genuine bundle, 1 for an incomplete one, 2 for a refused one.
 * `strongroom audit verify` does the same with other code; tests hold the two equal on changed bundles.
 *
 * A bundle is lines of canonical JSON (RFC 8785), each ended by a line feed:
 *   {"hash":…,"manifest":…}  identity key, certified log key, signed checkpoint, and what was asked for
 *   {"append":…}             what a crypto worker signed: the hashes of entries; before the first entry that came in it
 *   {"entry":…}              one entry, its Merkle path to the checkpoint, its place in its append message; in log order
 *   {"end":…}                how much there was, and the hash of all lines before
 */
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

class Refusal extends Error {}
/** Ends the reading with what is wrong and, where there is one, the index of the entry that it is wrong with. */
function demand(isTrue, reason, index) {
  if (!isTrue) throw Object.assign(new Refusal(reason), { index });
}

// ---- Bytes, hashes, signatures ---------------------------------------------------------------------------------------
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
/** SHA-256 of a domain, a zero byte and the parts: a hash for one purpose never passes for one of another. */
const domainHash = (domain, ...parts) => sha256(`strongroom/${domain}/1\0`, ...parts);

/** Base64url in its one form; anything else is refused. */
function bytesOf(text, length, index) {
  const bytes = Buffer.from(text, 'base64url');
  const isRight = bytes.toString('base64url') === text && bytes.length === (length ?? bytes.length);
  demand(isRight, 'it holds bytes of the wrong form', index);
  return bytes;
}

/** Ed25519 (RFC 8032) by a raw key of 32 bytes. */
function isSigned(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  return verifySignature(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}

/** A statement that the identity key, which never leaves the HSM, has signed. */
const isStated = (identity, { statement, signature }) =>
  isSigned(identity, domainHash('statement', canonical(statement)), bytesOf(signature));

// ---- Canonical JSON: one value has one text, so what is hashed and signed is never in doubt ----------------------------
function canonical(value) {
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value === 'boolean') return String(value);
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
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

const hashes = (most) => list(base64(43), most);
const isSignedStatement = shape({ statement: isObject, signature: base64(86) });
const isManifest = shape({ type: isText, identity: base64(43), checkpoint: isText, logKey: isSignedStatement, filter: isObject });
const isManifestLine = shape({ hash: base64(43), manifest: isManifest });
const isTime = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
const isName = (value) => isText(value) && /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(value);
const validity = { notBefore: isTime, notAfter: isTime };
const isWorkerKey = shape({
  type: (value) => value === 'strongroom.worker-key/1',
  worker: isText,
  pool: isName,
  publicKey: base64(43),
  ...validity,
});
const isWorker = shape({ statement: isWorkerKey, signature: base64(86) });
const isAppendLine = shape({ append: shape({ id: isCount, worker: isWorker, signature: base64(86), bodyHashes: hashes(256) }) });
const isEntryLine = shape({ entry: shape({ index: isCount, entry: isText, proof: hashes(63), append: isCount, offset: isCount }) });
const isEndLine = shape({ end: shape({ appends: isCount, entries: isCount, lines: base64(43) }) });
const placement = { at: isTime, actorSeq: isCount, objectSeqs: list(isCount, 64) };
const isPlacement = (value) => shape({ ...placement, ...(value?.counted === undefined ? {} : { counted: isCount }) })(value);
const isEntry = shape({ body: ({ objects }) => list(isObject, 64)(objects), placement: isPlacement });

// ---- 1. The manifest: from the fingerprint to the signed head of the tree ------------------------------------------------
function openManifest({ hash, manifest }, fingerprint) {
  const written = domainHash('audit-bundle-manifest', canonical(manifest)).toString('base64url');
  demand(written === hash, 'manifest: it is not the one that was written');
  const identity = bytesOf(manifest.identity, 32);
  demand(`SHA256:${sha256(identity).toString('base64url')}` === fingerprint, 'manifest: another identity');
  const { type, origin, publicKey } = manifest.logKey.statement;
  demand(type === 'strongroom.log-key/1' && isStated(identity, manifest.logKey), 'manifest: log key not certified');
  const head = openCheckpoint(manifest.checkpoint, origin, bytesOf(publicKey, 32));
  return { identity, filter: manifest.filter, ...head };
}

/** C2SP signed note and checkpoint: name, size and root of the tree, an empty line, and "— name base64(key id, signature)". */
function openCheckpoint(note, origin, key) {
  const [, head, name, size, root, signatures] =
    /^(([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n)\n((?:— [^ \n]+ [A-Za-z0-9+/]+=*\n)+)$/u.exec(note) ?? [];
  demand(name === origin, 'manifest: the checkpoint is not of this log');
  const keyId = sha256(`${origin}\n\x01`, key).subarray(0, 4);
  const signedBy = [...signatures.matchAll(/— ([^ ]+) (.+)/g)].filter(([, signer]) => signer === origin);
  const own = signedBy.map(([, , encoded]) => Buffer.from(encoded, 'base64')).filter((one) => one.subarray(0, 4).equals(keyId));
  const isGenuine = own.length > 0 && own.every((bytes) => isSigned(key, Buffer.from(head), bytes.subarray(4)));
  demand(isGenuine, 'manifest: the checkpoint is not signed by the log key');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// ---- 2. Append messages: a certified worker signed the hashes of these entries --------------------------------------------
function problemOfAppend(identity, { worker, bodyHashes, signature }) {
  try {
    if (!isStated(identity, worker)) return 'the worker that signed it is not certified';
    const signed = domainHash('append', ...bodyHashes.map((one) => bytesOf(one)));
    const isGenuine = isSigned(bytesOf(worker.statement.publicKey), signed, bytesOf(signature));
    return isGenuine ? undefined : 'the signature of its append message does not verify';
  } catch (fault) {
    if (fault instanceof Refusal) return fault.message;
    throw fault;
  }
}

// ---- 3. Entries: in the signed tree, signed by a worker, asked for, counted ------------------------------------------------
/** RFC 9162 section 2.1.3.2: the root that a leaf and its path lead to. */
function rootOf(leaf, index, size, path) {
  let [place, last, root] = [index, size - 1, sha256('\x00', leaf)];
  if (index >= size) return undefined;
  for (const sibling of path) {
    if (last === 0) return undefined;
    const isRight = place % 2 === 1 || place === last;
    root = isRight ? sha256('\x01', sibling, root) : sha256('\x01', root, sibling);
    while (isRight && place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : undefined;
}

function openEntry({ index, entry, proof, offset }, { size, root }, append) {
  const must = (isTrue, reason) => demand(isTrue, reason, index);
  const [leaf, ...path] = [entry, ...proof].map((one) => bytesOf(one, undefined, index));
  must(rootOf(leaf, index, size, path)?.equals(root), 'it is not in the signed tree');
  const value = parse(leaf.toString('utf8'));
  must(isEntry(value), 'it does not fit the schema of an entry');
  const { body, placement } = value;
  must(placement.objectSeqs.length === body.objects.length, 'it lacks numbers of its objects');
  must(append !== undefined, 'the bundle lacks the append message that it came in');
  must(append.problem === undefined, append.problem);
  const worker = append.worker.statement;
  const signed = sha256(canonical(body)).toString('base64url');
  must(append.bodyHashes[offset] === signed, 'no worker signed it');
  must(worker.worker === body.worker, 'it names another worker than the one that signed it');
  const [at, from, to] = [placement.at, worker.notBefore, worker.notAfter].map(Date.parse);
  // The clocks of worker and log may differ by a minute.
  must(at >= from - 60_000 && at <= to + 60_000, 'the key of its worker was not in force');
  return value;
}

const nameOf = ({ kind, group = '', name = '' }) => `${kind} ${group}/${name}`;

/** Whether the entry meets all conditions of the filter, and all of one of its alternatives. */
function isAskedFor({ body, placement }, { from = '', to, anyOf = [{}], ...common }) {
  const { operation, outcome, requestId, objects } = body;
  const own = { ...body.actor, actor: body.actor.id, operation, outcome, requestId };
  const meets = ([name, wanted]) => {
    if (name === 'key' || name === 'secret') return objects.some((one) => nameOf(one) === `${name} ${wanted}`);
    const isPrefix = (name === 'actor' || name === 'operation') && wanted.endsWith('*');
    return isPrefix ? own[name].startsWith(wanted.slice(0, -1)) : own[name] === wanted;
  };
  const isInTime = placement.at >= from && (to === undefined || placement.at < to);
  return isInTime && anyOf.some((one) => Object.entries({ ...common, ...one }).every(meets));
}

/**
 * Every actor and every object counts its entries from 1 without gaps. In an unbroken run of indexes a number follows its
 * predecessor by one; where entries are left out it grows, and by no more than the index does.
 */
function orderCheck() {
  const last = new Map();
  let [lastIndex, lastAt, runStart] = [-1, '', 0];
  return (index, { body, placement }) => {
    demand(index > lastIndex, 'it is not in the order of the log', index);
    demand(placement.at >= lastAt, 'it is earlier than the entry before it', index);
    if (index !== lastIndex + 1) runStart = index;
    [lastIndex, lastAt] = [index, placement.at];
    const numbers = new Map([[`actor ${body.actor.id}`, placement.actorSeq]]);
    for (const [at, { kind, group, name }] of body.objects.entries())
      numbers.set(JSON.stringify([kind, group, name]), placement.objectSeqs[at]);
    for (const [subject, number] of numbers) {
      const before = last.get(subject);
      last.set(subject, { index, number });
      const most = before && (before.index >= runStart ? 1 : index - before.index);
      const grows = before ? number - before.number : 0;
      const isNext = before ? grows >= 1 && grows <= most : runStart > 0 || number === 1;
      demand(isNext, 'its number of an actor or object does not follow from the one before', index);
    }
  };
}

// ---- 4. Completeness: a filter by one counter shows an entry that was left out as a gap --------------------------------------
/** The number of an entry in the counter that all entries of the filter share; `undefined` where there is none. */
function counterOf({ from: _, to: __, ...conditions }) {
  const [[name, value] = [], ...more] = Object.entries(conditions);
  if (more.length > 0) return undefined;
  if (name === undefined) return (index) => index + 1;
  if (name === 'actor' && !value.endsWith('*')) return (_index, { placement }) => placement.actorSeq;
  if (name !== 'key' && name !== 'secret') return undefined;
  const placeIn = (objects) => objects.findIndex((one) => nameOf(one) === `${name} ${value}`);
  return (_index, { body, placement }) => placement.objectSeqs[placeIn(body.objects)];
}

/**
 * A filter for one subject and for a roll call about it: an entry in which the writer states the last number of the subject,
 * so that not even its newest entries can be left out unseen.
 */
function rollCallOf({ anyOf = [], ...common }) {
  const [subject = {}, call = {}, ...more] = anyOf;
  const [[kind, name = ''] = [], ...others] = Object.entries(subject);
  const isPlain = [...Object.keys(common), ...more, ...others].length === 0 && Object.keys(call).join() === 'requestId';
  if (!isPlain || !['actor', 'key', 'secret'].includes(kind) || name.endsWith('*')) return undefined;
  const isAnswer = ({ body, placement }) =>
    body.requestId === call.requestId &&
    body.operation === 'audit.roll-call' &&
    body.counts?.kind === kind &&
    body.counts.name === name &&
    placement.counted !== undefined;
  return { subject, isAnswer };
}

function gapCheck({ filter, size }) {
  const rollCall = rollCallOf(filter);
  const counter = counterOf(rollCall?.subject ?? filter);
  const isOpenEnded = Object.keys(filter).every((name) => name === 'from');
  let [last, gap, calledAt] = [filter.from === undefined ? 0 : undefined, undefined, undefined];
  const see = (index, number) => {
    if (last !== undefined && number !== last + 1) gap ??= { index, reason: `numbers ${last + 1} to ${number - 1} are missing` };
    last = number;
  };
  const add = (index, entry) => {
    if (counter && isAskedFor(entry, rollCall?.subject ?? filter)) see(index, counter(index, entry));
    if (!rollCall?.isAnswer(entry)) return;
    calledAt = index;
    if (entry.placement.counted !== last) gap ??= { index, reason: 'the roll call states another number than the last one shown' };
  };
  const end = () => {
    if (isOpenEnded && last < size) see(size, size + 1);
    if (rollCall && calledAt === undefined) gap ??= { index: size, reason: 'the roll call is missing' };
    return gap;
  };
  const claim = () => {
    if (!counter) return 'entries that were left out would not show';
    return calledAt === undefined ? 'nothing before the last entry shown is left out' : `nothing is left out up to entry ${calledAt}`;
  };
  return { add, end, claim };
}

// ---- The whole bundle ----------------------------------------------------------------------------------------------------
/** Lines of at most 768 KiB. What is no UTF-8, or has no line feed at its end, comes out as a line that no bundle has. */
async function* linesOf(chunks) {
  const most = 3 * 262_144;
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      const decoded = line.toString('utf8');
      yield Buffer.from(decoded).equals(line) ? decoded : 'not UTF-8';
    }
    if (rest.length > most) rest = rest.subarray(0, most);
  }
  if (rest.length > 0) yield 'no line end';
}

/** `chunks`: the bytes of the bundle. */
export async function verify(chunks, fingerprint) {
  const hash = createHash('sha256').update('strongroom/audit-bundle-lines/1\0');
  const [appends, checkOrder] = [new Map(), orderCheck()];
  const seen = { lines: 0, appends: 0, entries: 0, lastIndex: -1, isEnded: false };
  let [manifest, gaps] = [];

  function read(line) {
    const value = line.length > 262_144 ? undefined : parse(line);
    seen.lines += 1;
    demand(!seen.isEnded, 'there is more after its end');
    if (manifest && isEndLine(value)) return readEnd(value.end);
    hash.update(`${line}\n`);
    if (manifest && isAppendLine(value)) return readAppend(value.append);
    if (manifest && isEntryLine(value)) return readEntry(value.entry);
    // The index that a broken line names helps to find the place and proves nothing.
    const [, named] = /^\{"entry":\{.{0,200000}"index":(\d{1,15})[,}]/s.exec(line) ?? [];
    demand(!manifest, `line ${seen.lines} is of no kind`, Number(named ?? seen.lastIndex + 1));
    demand(isManifestLine(value), 'manifest: the first line is none');
    manifest = openManifest(value, fingerprint);
    gaps = gapCheck(manifest);
  }
  function readAppend(append) {
    demand(!appends.has(append.id), 'an append message is there twice', append.id);
    demand(appends.size < 1_024, 'too many append messages without entries', append.id);
    seen.appends += 1;
    appends.set(append.id, { ...append, problem: problemOfAppend(manifest.identity, append), isUsed: false });
  }
  function readEntry(exported) {
    const { index } = exported;
    const append = appends.get(exported.append);
    const entry = openEntry(exported, manifest, append);
    append.isUsed = true;
    checkOrder(index, entry);
    demand(isAskedFor(entry, manifest.filter), 'it is none that the filter of the manifest asks for', index);
    gaps.add(index, entry);
    seen.entries += 1;
    seen.lastIndex = index;
    for (const [id, { isUsed, bodyHashes, problem }] of appends) {
      // A message is over when the entries have passed the last index that it can have reached.
      if (id + bodyHashes.length > index + 1) continue;
      demand(isUsed, problem ?? 'an append message without an entry', id);
      appends.delete(id);
    }
  }
  function readEnd(end) {
    for (const [id, { isUsed }] of appends) demand(isUsed, 'an append message without an entry', id);
    const isWhole = end.appends === seen.appends && end.entries === seen.entries && end.lines === hash.digest('base64url');
    demand(isWhole, 'its lines are not those that were written');
    seen.isEnded = true;
  }

  const found = (verdict, reason, index) => ({
    ...{ verdict, entries: seen.entries, checkpointSize: manifest?.size ?? 0, origin: manifest?.origin },
    ...{ firstBadIndex: index, reasons: reason ? [reason] : [], completeness: reason ? undefined : gaps.claim() },
  });
  try {
    for await (const line of linesOf(chunks)) read(line);
    demand(manifest, 'manifest: the bundle is empty');
    demand(seen.isEnded, 'the bundle ends early', seen.lastIndex + 1);
    const gap = gaps.end();
    return gap ? found('incomplete', gap.reason, gap.index) : found('genuine');
  } catch (fault) {
    if (fault instanceof Refusal) return found('refused', fault.message, fault.index);
    throw fault;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , bundle, fingerprint] = process.argv;
  if (fingerprint === undefined) throw new Error('usage: node verify-bundle.mjs BUNDLE SHA256:…');
  const result = await verify(createReadStream(bundle), fingerprint);
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = { genuine: 0, incomplete: 1, refused: 2 }[result.verdict];
}
