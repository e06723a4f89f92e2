/** Keys whose date of rotation has passed. */
import { type Ask, everyPage } from './ask.ts';

const pageMax = 500;

export interface OverdueKey {
  readonly key: string;
  readonly rotateAt: string;
  readonly rotationDays: number;
}

export async function overdueKeys(ask: Ask, now: string): Promise<readonly OverdueKey[]> {
  const groups = await everyPage(
    (after) => ask('group.list', { limit: pageMax, ...after }),
    (page) => page.groups,
  );
  const overdue: OverdueKey[] = [];
  for (const { group } of groups) {
    const keys = await everyPage(
      (after) => ask('key.list', { group, limit: pageMax, ...after }),
      (page) => page.keys,
    );
    for (const { name, rotateAt, rotationDays } of keys) {
      if (rotateAt === undefined || rotationDays === undefined || rotateAt > now) continue;
      overdue.push({ key: `${group}/${name}`, rotateAt, rotationDays });
    }
  }
  return overdue;
}
