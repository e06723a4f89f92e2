import { withDatabase } from '@strongroom/database';
import type { Kysely } from 'kysely';
import type { NotificationQueue } from '../../ports/notifications.ts';
import type { ApprovalsSchema } from './schema.ts';

export function makeNotificationQueue(database: Kysely<ApprovalsSchema>): NotificationQueue {
  const settle = (id: string, state: 'delivered' | 'given-up') =>
    withDatabase(async () => {
      await database.updateTable('notification').set({ state }).where('id', '=', id).execute();
    });
  return {
    due: (now, limit) =>
      withDatabase(() =>
        database
          .selectFrom('notification')
          .select(['id', 'proposal', 'event', 'attempt'])
          .where('state', '=', 'waiting')
          .where('next_attempt_at', '<=', now)
          .orderBy('next_attempt_at')
          .limit(limit)
          .execute(),
      ),
    delivered: (id) => settle(id, 'delivered'),
    failed: (id, nextAttemptAt) =>
      nextAttemptAt === undefined
        ? settle(id, 'given-up')
        : withDatabase(async () => {
            await database
              .updateTable('notification')
              .set((expression) => ({
                attempt: expression('attempt', '+', 1),
                next_attempt_at: nextAttemptAt,
              }))
              .where('id', '=', id)
              .execute();
          }),
  };
}
