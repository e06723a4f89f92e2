import { errorCatalogue } from '@strongroom/errors';
import { provenRule } from '../proven-rule.ts';
import { codesAreDocumented, thrownCodesAreListed } from './error-codes.ts';

provenRule(thrownCodesAreListed, {
  offenders: { 'a code of its own': { 'packages/bus/src/x.ts': "throw new StrongroomError('went-wrong');" } },
  accepted: {
    'a listed code': { 'packages/bus/src/x.ts': "throw new StrongroomError('denied', { detail: 'x' });" },
    'a code that is chosen elsewhere': { 'packages/bus/src/x.ts': 'throw new StrongroomError(code);' },
  },
});

const codes = Object.keys(errorCatalogue);
const page = (listed: readonly string[]) => ({
  'docs/reference/errors.md': `# Errors\n\n| code | meaning |\n|---|---|\n${listed.map((code) => `| \`${code}\` | … |`).join('\n')}\n`,
});

provenRule(codesAreDocumented, {
  offenders: {
    'a code without a row': page(codes.slice(1)),
    'a row without a code': page([...codes, 'went-wrong']),
    'two rows for a code': page([...codes, 'denied']),
    'no page': {},
  },
  accepted: { 'one row each': page(codes) },
});
