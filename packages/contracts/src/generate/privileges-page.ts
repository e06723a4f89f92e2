/** Reference page of the privileges: what a role can be made of. */
import { operationCatalogue } from '../catalogue.ts';
import { privileges } from '../derived/privileges.ts';
import { code, page, table } from './markdown.ts';

export function privilegesPage(): string {
  const rows = privileges.map((privilege) => {
    const operations = [...operationCatalogue.values()].filter((row) => row.privilege === privilege);
    const isScoped = operations.some(({ object }) => object.group !== undefined);
    return [
      code(privilege),
      operations.map(({ name, summary }) => `${code(name)}: ${summary}`).join(' '),
      isScoped ? 'tenant or group' : 'tenant',
      operations.every(({ actors }) => actors === 'machines') ? 'machines' : 'any',
      operations.some(({ guardable }) => guardable) ? 'may be demanded' : 'no',
    ];
  });
  return page('Privileges', [
    'A role is a named set of privileges; a binding gives a role to a principal in a scope. Nothing is allowed without a ' +
      'binding, a denying binding wins over every allowing one, and nobody grants more than they hold.',
    table(['privilege', 'allows', 'scope', 'held by', 'quorum'], rows),
  ]);
}
