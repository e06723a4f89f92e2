import type { Rule } from '../repository.ts';

export const versionsAreExact: Rule = {
  title: 'every dependency is pinned to one version',
  check: ({ manifests }) =>
    [...manifests].flatMap(([folder, { dependencies }]) =>
      Object.entries(dependencies)
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => ({ path: `${folder}/package.json`, line: 1, what: `${name} ${version}` })),
    ),
};
