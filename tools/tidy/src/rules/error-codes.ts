import { errorCatalogue, isErrorCode } from '@strongroom/errors';
import type { Rule } from '../repository.ts';

export const thrownCodesAreListed: Rule = {
  title: 'every error code that is thrown is in the catalogue',
  check: ({ files }) =>
    files
      // Types hold this as well, except where a test casts them away.
      .filter(({ isTest }) => !isTest)
      .flatMap(({ path, errorCodes }) =>
        errorCodes
          .filter(({ name }) => !isErrorCode(name))
          .map(({ name, line }) => ({ path, line, what: name })),
      ),
};

const reference = 'docs/reference/errors.md';

/** The codes that the page describes: first cell of each row of its tables, or a heading, in code marks. */
const documentedCodes = (page: string): string[] =>
  [...page.matchAll(/^(?:\| *|#+ +)`([a-z][a-z-]*)`/gm)].map((match) => match[1] ?? '');

export const codesAreDocumented: Rule = {
  title: `${reference} and the catalogue name the same error codes`,
  check: ({ read }) => {
    const page = read(reference);
    if (page === undefined) return [{ path: reference, line: 1, what: 'is not there' }];
    const documented = documentedCodes(page);
    const at = (what: string) => ({ path: reference, line: 1, what });
    return [
      ...Object.keys(errorCatalogue)
        .filter((code) => !documented.includes(code))
        .map((code) => at(`lacks ${code}`)),
      ...documented
        .filter((code) => !isErrorCode(code))
        .map((code) => at(`describes ${code}, which is no code`)),
      ...documented
        .filter((code, index) => documented.indexOf(code) !== index)
        .map((code) => at(`describes ${code} twice`)),
    ];
  },
};
