import { provenRule } from '../proven-rule.ts';
import {
  exportsHaveNames,
  foldersSayWhatTheyHold,
  nothingIsLeftForLater,
  rawCallbacksAreForbidden,
} from './names.ts';

provenRule(foldersSayWhatTheyHold, {
  offenders: {
    'a folder': { 'packages/bus/src/utils/x.ts': '' },
    'a file': { 'packages/bus/src/helpers.ts': '' },
    'its test': { 'packages/bus/src/shared.test.ts': '' },
  },
  accepted: { 'a longer word': { 'packages/bus/src/shared-key.ts': '' } },
});

provenRule(exportsHaveNames, {
  offenders: {
    'a function': { 'packages/bus/src/x.ts': 'export default function x() {}' },
    'a name as default': { 'packages/bus/src/x.ts': 'const x = 1; export { x as default };' },
  },
  accepted: { 'the default of others': { 'packages/bus/src/x.ts': "import pg from 'pg'; export { pg };" } },
});

provenRule(rawCallbacksAreForbidden, {
  offenders: {
    'a call': {
      'services/crypto-worker/src/outbound/x.ts': 'hsm.C_EncryptCallback(session, data, out, done);',
    },
    'with brackets': { 'services/crypto-worker/src/outbound/x.ts': "hsm['C_EncryptCallback'](session);" },
    'taken apart first': { 'services/crypto-worker/src/outbound/x.ts': 'const { C_SignCallback } = hsm;' },
  },
  accepted: {
    'the promise': {
      'services/crypto-worker/src/outbound/x.ts': 'await hsm.C_EncryptAsync(session, data, out);',
    },
    'a word of warning': { 'services/crypto-worker/src/outbound/x.ts': '// never C_EncryptCallback' },
  },
});

const unfinishedWord = ['TO', 'DO'].join('');

provenRule(nothingIsLeftForLater, {
  offenders: {
    'a note': { 'packages/bus/src/x.ts': `// ${unfinishedWord}: bound this` },
    'a skipped test': { 'packages/bus/src/x.test.ts': "test.skip('x', () => {});" },
    'a test skipped by option': { 'packages/bus/src/x.test.ts': "test('x', { skip: true }, () => {});" },
    'a test that runs alone': { 'packages/bus/src/x.test.ts': "test('x', { only: true }, () => {});" },
  },
  accepted: {
    'the word in a string': { 'packages/bus/src/x.ts': `export const word = '${unfinishedWord}';` },
    'an option of the same name elsewhere': { 'packages/bus/src/x.ts': 'query({ skip: 10 });' },
  },
});
