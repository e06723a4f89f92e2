import { deepEqual, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { PinFile } from './pin-file.ts';

const refusal = (value: number) => Object.assign(new Error('CKR'), { code: value });
const detailed = (pattern: RegExp) => (error: unknown) =>
  isStrongroomError(error) && error.code === 'hsm-unavailable' && pattern.test(error.detail ?? '');

describe('the PIN file', () => {
  let directory: string;
  let path: string;
  let pinFile: PinFile;
  let offered: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'strongroom-pin-'));
    path = join(directory, 'pin');
    pinFile = new PinFile(path);
    offered = [];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const token = (answer?: Error) => (pin: string) => {
    offered.push(pin);
    if (answer !== undefined) throw answer;
  };

  it('hands out the first line', () => {
    writeFileSync(path, '1234 5678\nnot this\n');
    pinFile.login(token());
    deepEqual(offered, ['1234 5678']);
  });

  it('never offers a refused PIN again, whichever way it was refused', () => {
    for (const code of [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0x1b0, 0x1b1, 0x1b8]) {
      offered = [];
      pinFile = new PinFile(path);
      writeFileSync(path, '1234');
      throws(() => pinFile.login(token(refusal(code))), detailed(/refused/));
      throws(() => pinFile.login(token()), detailed(/refused/));
      throws(() => pinFile.requireUntried(), detailed(/refused/));
      writeFileSync(path, '1234\n');
      throws(() => pinFile.login(token()), detailed(/refused/));
      deepEqual(offered, ['1234']);
    }
  });

  it('offers another PIN, once', () => {
    writeFileSync(path, '1234');
    throws(() => pinFile.login(token(refusal(0xa0))));
    writeFileSync(path, '5678');
    pinFile.requireUntried();
    pinFile.login(token());
    deepEqual(offered, ['1234', '5678']);
  });

  it('offers the same PIN again after a failure that was not about the PIN', () => {
    writeFileSync(path, '1234');
    const failure = refusal(0x30);
    throws(
      () => pinFile.login(token(failure)),
      (error) => error === failure,
    );
    pinFile.login(token());
    deepEqual(offered, ['1234', '1234']);
  });

  it('offers nothing from an empty file, a first line that is empty, or no file', () => {
    throws(() => pinFile.login(token()), detailed(/can not be read/));
    for (const content of ['', '\n', '\n1234']) {
      writeFileSync(path, content);
      throws(() => pinFile.login(token()), detailed(/empty/));
      throws(() => pinFile.requireUntried(), detailed(/empty/));
    }
    deepEqual(offered, []);
  });
});
