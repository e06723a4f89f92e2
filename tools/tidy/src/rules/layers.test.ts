import { provenRule } from '../proven-rule.ts';
import { composeIsShort, layersHold, portsAreInterfaces, pureLayersArePure } from './layers.ts';

const service = (path: string, text: string) => ({ [`services/vault/src/${path}`]: text });

provenRule(layersHold, {
  offenders: {
    'domain reaches for a port': service('domain/key.ts', "import type { Hsm } from '../ports/hsm.ts';"),
    'domain does I/O': service('domain/key.ts', "import { readFile } from 'node:fs/promises';"),
    'ports know their provider': service(
      'ports/hsm.ts',
      "import type { Pkcs11 } from '../outbound/pkcs11/hsm.ts';",
    ),
    'app knows a framework': service('app/unwrap.ts', "import { fastify } from 'fastify';"),
    'app knows the bus': service('app/unwrap.ts', "import type { Bus } from '@strongroom/bus';"),
    'inbound reaches around app': service('inbound/bus.ts', "import { makeHsm } from '../outbound/hsm.ts';"),
    'inbound calls a port': service('inbound/bus.ts', "import { hsm } from '../ports/hsm.ts';"),
    'outbound calls a use case': service('outbound/hsm.ts', "import { unwrap } from '../app/unwrap.ts';"),
    'outbound loads it later': service(
      'outbound/hsm.ts',
      "export const load = () => import('../app/unwrap.ts');",
    ),
    'outbound passes it on': service('outbound/hsm.ts', "export { unwrap } from '../app/unwrap.ts';"),
    'main does the work': service('main.ts', "import { unwrap } from './app/unwrap.ts';"),
    'a second main does the work': service('ceremony-main.ts', "import { hsm } from './outbound/hsm.ts';"),
    'source of another workspace by its path': service(
      'app/x.ts',
      "import '../../../audit/src/app/append.ts';",
    ),
    'a folder that is no layer': service('helpers/x.ts', 'export const x = 1;'),
  },
  accepted: {
    'the direction of the table': {
      ...service(
        'app/unwrap.ts',
        "import type { Hsm } from '../ports/hsm.ts'; import { key } from '../domain/key.ts';",
      ),
      ...service('compose-handlers.ts', "import { unwrap } from './app/unwrap.ts';"),
      ...service('compose.ts', "import { handlers } from './compose-handlers.ts'; import pg from 'pg';"),
      ...service('main.ts', "import { compose } from './compose.ts';"),
      ...service('inbound/bus.ts', "import type { Hsm } from '../ports/hsm.ts';"),
    },
    'a test that plugs doubles in': service(
      'app/unwrap.test.ts',
      "import { fake } from '@strongroom/testing';",
    ),
    'packages have no layers': { 'packages/bus/src/inbound.ts': "import { connect } from 'node:net';" },
  },
});

provenRule(portsAreInterfaces, {
  offenders: {
    'a port with a value': service('ports/hsm.ts', 'export const pinLengthMax = 64;'),
    'a port with a class': service('ports/hsm.ts', 'export class Hsm {}'),
    'a port that imports a value': service('ports/hsm.ts', "import { digest } from '@strongroom/canonical';"),
  },
  accepted: {
    'interfaces and types': service(
      'ports/hsm.ts',
      "import type { Key } from '../domain/key.ts';\nexport interface Hsm { find(): Key }\nexport type Found = Key;\nexport type { Key };",
    ),
  },
});

provenRule(pureLayersArePure, {
  offenders: {
    'domain reads the clock': service('domain/lease.ts', 'export const now = () => Date.now();'),
    'domain makes a date of now': service('domain/lease.ts', 'export const now = () => new Date();'),
    'domain throws dice': service(
      'domain/lease.ts',
      "import { randomUUID } from 'node:crypto'; export const id = randomUUID;",
    ),
    'app starts a timer': service('app/poll.ts', 'export const poll = () => setInterval(() => {}, 10);'),
  },
  accepted: {
    'domain is told the time': service('domain/lease.ts', 'export const at = (ms: number) => new Date(ms);'),
    'outbound keeps a timer': service(
      'outbound/poll.ts',
      'export const poll = () => setInterval(() => {}, 10);',
    ),
  },
});

provenRule(composeIsShort, {
  offenders: { 'a composition root that grew': service('compose.ts', 'plug();\n'.repeat(151)) },
  accepted: { 'one that is split': service('compose.ts', 'plug();\n'.repeat(150)) },
});
