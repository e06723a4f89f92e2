/** Tells people what happened to a proposal. The text holds names and clocks, no parameter values. */
import type { Proposal } from '../domain/proposal.ts';
import { missingVotes } from '../domain/proposal.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notification, NotificationQueue, Notifier } from '../ports/notifications.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';

/** Waits between tries; after the last one the notification is given up and stays visible as such. */
const retryDelaysMs = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000];

export function makeDeliverNotification({
  queue,
  store,
  notifier,
  clock,
}: {
  queue: NotificationQueue;
  store: ProposalStore;
  notifier: Notifier;
  clock: Clock;
}) {
  return async (notification: Notification): Promise<void> => {
    const stored = await store.find(notification.proposal);
    const accepted =
      stored !== undefined &&
      (await notifier.deliver({ id: notification.id, ...describe(stored.proposal, notification.event) }));
    if (accepted) return queue.delivered(notification.id, clock.now());
    const delayMs = retryDelaysMs[notification.attempt];
    const retryAt =
      delayMs === undefined ? undefined : new Date(Date.parse(clock.now()) + delayMs).toISOString();
    return queue.failed(notification.id, retryAt);
  };
}

function describe(proposal: Proposal, event: string): { title: string; lines: string[] } {
  const { intent } = proposal;
  const object = [intent.subject.group, intent.subject.name].filter((part) => part !== undefined).join('/');
  const title =
    event === 'proposal.quorum.opened'
      ? `Approval wanted: ${intent.operation} ${intent.subject.kind} ${object}`
      : `${intent.operation} ${intent.subject.kind} ${object}: ${proposal.state}`;
  const policies =
    intent.nextPolicy === undefined
      ? `policy ${intent.policy.name}`
      : `policies ${intent.policy.name} and ${intent.nextPolicy.name}`;
  return {
    title,
    lines: [
      `requested by ${intent.requester}`,
      `${policies}, ${missingVotes(proposal)} approvals missing`,
      `votes close ${intent.pendingUntil}`,
      `strongroom proposal show ${proposal.id}`,
    ],
  };
}
