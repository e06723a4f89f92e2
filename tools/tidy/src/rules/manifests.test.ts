import { provenRule } from '../proven-rule.ts';
import { versionsAreExact } from './manifests.ts';

const manifest = (version: string) => ({
  'packages/bus/package.json': JSON.stringify({ name: '@strongroom/bus', dependencies: { pg: version } }),
});

provenRule(versionsAreExact, {
  offenders: {
    'a range': manifest('^8.0.0'),
    'a tag': manifest('latest'),
    'an address': manifest('github:a/b'),
  },
  accepted: { 'one version': manifest('8.23.1'), 'one early version': manifest('18.4.0-beta.17') },
});
