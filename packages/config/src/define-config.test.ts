import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { boolean, defineConfig, fileContent, integer, secretFile, text, url } from './index.ts';

const definition = defineConfig('STRONGROOM_TEST', {
  listenPort: integer({ summary: 'port', min: 0, max: 65_535, fallback: 0 }),
  poolName: text({ summary: 'pool', pattern: /^[a-z]+$/ }),
  isWitness: boolean({ summary: 'witness', fallback: false }),
  natsUrl: url({ summary: 'bus', schemes: ['nats', 'tls'], optional: true }),
  pinFile: secretFile({ summary: 'PIN' }),
  caFile: fileContent({ summary: 'CA', optional: true }),
});

const files: Record<string, string> = { '/pin': '1234\n', '/empty': '\n', '/ca': 'PEM' };
function readFile(path: string): string {
  const content = files[path];
  if (content === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
  return content;
}
const good = { STRONGROOM_TEST_POOL_NAME: 'main', STRONGROOM_TEST_PIN_FILE: '/pin' };

test('settings are read, defaults apply, the result is frozen', () => {
  const config = definition.parse({ ...good, STRONGROOM_TEST_CA_FILE: '/ca', PATH: '/bin' }, readFile);
  assert.equal(config.listenPort, 0);
  assert.equal(config.isWitness, false);
  assert.equal(config.natsUrl, undefined);
  assert.equal(config.caFile, 'PEM');
  assert.equal(
    config.pinFile.use((pin) => pin),
    '1234',
  );
  assert.ok(Object.isFrozen(config));
});

test('every problem is told at once, and no value is', () => {
  const environment = {
    STRONGROOM_TEST_LISTEN_PORT: '70000canary',
    STRONGROOM_TEST_POOL_NAME: 'Canary!',
    STRONGROOM_TEST_IS_WITNESS: 'canary',
    STRONGROOM_TEST_NATS_URL: 'nats://user:canary@host',
    STRONGROOM_TEST_PIN_FILE: '/empty',
    STRONGROOM_TEST_PIN: 'canary',
  };
  assert.throws(
    () => definition.parse(environment, readFile),
    (fault) => {
      assert.ok(isStrongroomError(fault) && fault.code === 'configuration-invalid');
      assert.equal(fault.detail?.split('\n').length, 6);
      assert.ok(!/canary/i.test(fault.detail ?? ''));
      return true;
    },
  );
});

test('an empty variable is an absent one, and a needed one that is absent is a problem', () => {
  assert.equal(definition.parse({ ...good, STRONGROOM_TEST_NATS_URL: '' }, readFile).natsUrl, undefined);
  assert.throws(
    () => definition.parse({ STRONGROOM_TEST_POOL_NAME: '' }, readFile),
    (fault) => {
      assert.ok(isStrongroomError(fault));
      assert.match(fault.detail ?? '', /STRONGROOM_TEST_POOL_NAME: is needed/);
      assert.match(fault.detail ?? '', /STRONGROOM_TEST_PIN_FILE: is needed/);
      return true;
    },
  );
});

test('a text is one line', () => {
  const line = defineConfig('STRONGROOM_LINE', { name: text({ summary: 'name' }) });
  assert.equal(line.parse({ STRONGROOM_LINE_NAME: 'a b' }, readFile).name, 'a b');
  assert.throws(() => line.parse({ STRONGROOM_LINE_NAME: 'a\nb' }, readFile));
});

test('only a secret loses the line end of its file; nothing else of it is touched', () => {
  const read = (content: string) => definition.parse(good, () => content).pinFile.use((pin) => pin);
  assert.equal(read(' 12 34 \n'), ' 12 34 ');
  assert.equal(read('1234\r\n'), '1234');
  assert.equal(read('1234\n\n'), '1234\n');
});

test('a setting that is read from a file says so in its name', () => {
  assert.throws(() => defineConfig('STRONGROOM_TEST', { pin: secretFile({ summary: 'PIN' }) }), TypeError);
});

test('a sample names every variable', () => {
  for (const variable of definition.variables.keys()) assert.ok(definition.sample().includes(`${variable}=`));
});

test('no environment crashes the parser', () => {
  const names = [...definition.variables.keys()];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (environment) => {
      try {
        definition.parse(environment, readFile);
      } catch (fault) {
        assert.ok(isStrongroomError(fault) && fault.code === 'configuration-invalid');
      }
    }),
  );
});
