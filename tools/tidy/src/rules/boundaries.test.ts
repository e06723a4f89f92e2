import { provenRule } from '../proven-rule.ts';
import {
  packagesHold,
  participantsStayApart,
  sourceIsFreeOfTesting,
  workerCarriesNoServer,
} from './boundaries.ts';

const audit = { 'services/audit/package.json': '{"name":"@strongroom/audit"}' };

provenRule(packagesHold, {
  offenders: {
    'a foundation with a floor below it': {
      'packages/merkle/src/x.ts': "import { digest } from '@strongroom/canonical';",
    },
    'contracts know who carries them': {
      'packages/contracts/src/x.ts': "import type { Bus } from '@strongroom/bus';",
    },
    'a package without a row': {
      'packages/novel/src/x.ts': "import { errorCatalogue } from '@strongroom/errors';",
    },
  },
  accepted: {
    downwards: { 'packages/client/src/x.ts': "import { sealRequest } from '@strongroom/sealed';" },
    'a test with doubles': {
      'packages/merkle/src/x.test.ts': "import { startNats } from '@strongroom/testing';",
    },
  },
});

provenRule(participantsStayApart, {
  offenders: {
    'a service by its name': {
      ...audit,
      'services/gateway/src/x.ts': "import { a } from '@strongroom/audit';",
    },
    'a service by its path': { 'services/gateway/src/x.ts': "import { a } from '../../audit/src/a.ts';" },
    'a service from a tool': { ...audit, 'tools/stack/src/x.ts': "import { a } from '@strongroom/audit/x';" },
    'a package by its path': {
      'services/gateway/src/x.ts': "import { a } from '../../../packages/bus/src/a.ts';",
    },
  },
  accepted: {
    'packages by name, own files by path': {
      ...audit,
      'services/gateway/src/x.ts': "import { a } from '@strongroom/bus'; import { b } from './y.ts';",
    },
  },
});

provenRule(sourceIsFreeOfTesting, {
  offenders: {
    'a double in a service': {
      'services/audit/src/x.ts': "import { FakeClock } from '@strongroom/testing';",
    },
    'a contract suite in source': {
      'packages/bus/src/x.ts': "import { suite } from '../testing/bus-contract.ts';",
    },
  },
  accepted: {
    'a double in a test': {
      'services/audit/src/x.test.ts': "import { FakeClock } from '@strongroom/testing';",
    },
    'a real server in a tool': { 'tools/bench/src/x.ts': "import { startNats } from '@strongroom/testing';" },
  },
});

provenRule(workerCarriesNoServer, {
  offenders: {
    'node:http': { 'services/crypto-worker/src/inbound/x.ts': "import { createServer } from 'node:http';" },
    'fastify, later': {
      'services/crypto-worker/src/inbound/x.ts': "export const f = () => import('fastify');",
    },
    'the management port': {
      'services/crypto-worker/src/compose.ts': "import { ManagementServer } from '@strongroom/lifecycle';",
    },
  },
  accepted: {
    'another service': { 'services/gateway/src/inbound/x.ts': "import { createServer } from 'node:http';" },
    'the bus': { 'services/crypto-worker/src/inbound/x.ts': "import { connectBus } from '@strongroom/bus';" },
  },
});
