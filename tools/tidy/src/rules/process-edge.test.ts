import { provenRule } from '../proven-rule.ts';
import { processEdgeIsMain } from './process-edge.ts';

provenRule(processEdgeIsMain, {
  offenders: {
    'a package reads the environment': {
      'packages/bus/src/x.ts': "export const url = process.env['NATS_URL'];",
    },
    'with brackets': { 'packages/bus/src/x.ts': "export const url = process['env'];" },
    'taken apart': { 'packages/bus/src/x.ts': 'const { env } = process; export const url = env;' },
    'by import': { 'packages/bus/src/x.ts': "import { env } from 'node:process'; export const url = env;" },
    'compose gives up': { 'services/audit/src/compose.ts': 'process.exit(1);' },
    'a file that is called almost like it': { 'services/audit/src/domain.ts': 'process.exitCode = 1;' },
  },
  accepted: {
    'main hands it in': { 'services/audit/src/main.ts': 'run(process.env);' },
    'a second main': { 'services/audit/src/ceremony-main.ts': 'run(process.env); process.exitCode = 1;' },
    'words in text': {
      'packages/bus/src/x.ts': "// process.env is for main\nexport const x = 'process.exit';",
    },
    'what is no edge': { 'packages/bus/src/x.ts': 'export const pid = process.pid;' },
    'a test': { 'packages/bus/src/x.test.ts': "process.env['X'] = '1';" },
  },
});
