/** Who may do something, by the bindings of now, and who did, by the log. */
import { decide, type Role } from '@strongroom/authorization';
import { type AuditFilter, type BindingDescription, describeOperation } from '@strongroom/contracts';
import { type Ask, everyPage } from './ask.ts';

const pageMax = 500;
const facetValuesMax = 200;

export interface SecretAccess {
  readonly principal: string;
  /** Names of the bindings that allow it now; empty for who may not. */
  readonly couldBy: readonly string[];
  /** Reads in the time asked for. */
  readonly reads: number;
}

/** `secret` as `<group>/<name>`. */
export async function secretAccess(
  ask: Ask,
  secret: string,
  span: Pick<AuditFilter, 'from' | 'to'>,
): Promise<{ readonly rows: readonly SecretAccess[]; readonly isWhole: boolean }> {
  const group = secret.slice(0, secret.indexOf('/'));
  const [bindings, { roles }, read] = await Promise.all([
    everyBinding(ask),
    ask('role.list', {}),
    ask('audit.count', {
      filter: { ...span, secret, outcome: 'done', operation: 'secret.read*' },
      by: 'actor',
      limit: facetValuesMax,
    }),
  ]);
  const roleByName = new Map<string, Role>(roles.map((role) => [role.name, role]));
  const operation = describeOperation('secret.read');
  const reads = new Map(read.counts.map(({ value, count }) => [value, count]));
  const principals = new Set([...bindings.map(({ principal }) => principal), ...reads.keys()]);
  const rows = [...principals].sort().map((principal) => {
    const grants = bindings.filter((binding) => binding.principal === principal);
    const decision = decide({ principal, operation, group, grants, roleOf: (name) => roleByName.get(name) });
    return {
      principal,
      couldBy: decision.allowed ? decision.by : [],
      reads: reads.get(principal) ?? 0,
    };
  });
  const listed = read.counts.reduce((sum, { count }) => sum + count, 0);
  return {
    rows: rows.filter(({ couldBy, reads }) => couldBy.length > 0 || reads > 0),
    isWhole: read.complete && listed === read.total,
  };
}

export interface UnusedAccess {
  readonly principal: string;
  readonly bindings: readonly string[];
}

/** Principals that hold a binding and have done nothing since then. */
export async function unusedAccess(
  ask: Ask,
  from: string,
): Promise<{ readonly unused: readonly UnusedAccess[]; readonly isWhole: boolean }> {
  const allowing = (await everyBinding(ask)).filter(({ effect }) => effect === 'allow');
  const principals = [...new Set(allowing.map(({ principal }) => principal))].sort();
  const unused: UnusedAccess[] = [];
  let isWhole = true;
  for (const principal of principals) {
    const filter = { actor: principal, outcome: 'done' as const, from };
    const { entries, complete } = await ask('audit.query', { filter, limit: 1, order: 'newest-first' });
    if (entries.length > 0) continue;
    isWhole &&= complete;
    const own = allowing.filter((binding) => binding.principal === principal);
    unused.push({ principal, bindings: own.map(({ name, role }) => `${name} (${role})`) });
  }
  return { unused, isWhole };
}

function everyBinding(ask: Ask): Promise<readonly BindingDescription[]> {
  return everyPage(
    (after) => ask('binding.list', { limit: pageMax, ...after }),
    ({ bindings }) => bindings,
  );
}
