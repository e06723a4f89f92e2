/** Tables of the schema `approvals`. Nothing here is evidence: the worker checks every signature again (I6). */
import type { Migration, OutboxTable } from '@strongroom/database';

export interface ProposalTable {
  id: string;
  revision: number;
  state: string;
  op_hash: string;
  /** Canonical JSON of the request of the worker and of the votes. */
  request: string;
  votes: string;
  created_at: string;
  decided_at: string | null;
  pending_until: string;
  failure: string | null;
}

export interface NotificationTable {
  id: string;
  proposal: string;
  event: string;
  attempt: number;
  next_attempt_at: string;
  state: 'waiting' | 'delivered' | 'given-up';
}

export interface ApprovalsSchema {
  proposal: ProposalTable;
  notification: NotificationTable;
  outbox: OutboxTable;
}

export const migrations: readonly Migration[] = [
  {
    name: '0001-proposals',
    up: `
      CREATE TABLE proposal (
        id uuid PRIMARY KEY,
        revision integer NOT NULL,
        state text NOT NULL,
        op_hash text NOT NULL,
        request text NOT NULL,
        votes text NOT NULL,
        created_at text NOT NULL,
        decided_at text,
        pending_until text NOT NULL,
        failure text
      );
      CREATE INDEX proposal_open ON proposal (state) WHERE state IN ('pending', 'approved', 'executing');
      CREATE TABLE notification (
        id uuid PRIMARY KEY,
        proposal uuid NOT NULL REFERENCES proposal (id),
        event text NOT NULL,
        attempt integer NOT NULL,
        next_attempt_at text NOT NULL,
        state text NOT NULL
      );
      CREATE INDEX notification_waiting ON notification (next_attempt_at) WHERE state = 'waiting';
    `,
  },
];
