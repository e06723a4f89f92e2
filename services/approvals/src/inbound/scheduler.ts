/**
 * The clockwork of the service: moves decided and overdue proposals along and delivers notifications. Rounds never
 * overlap; a fault is reported and the next round tries again.
 */
import type { makeAdvanceProposal } from '../app/advance-proposal.ts';
import type { makeDeliverNotification } from '../app/deliver-notification.ts';
import type { Clock } from '../ports/clock.ts';
import type { NotificationQueue } from '../ports/notifications.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';

export interface SchedulerParts {
  readonly store: ProposalStore;
  readonly queue: NotificationQueue;
  readonly clock: Clock;
  readonly advanceProposal: ReturnType<typeof makeAdvanceProposal>;
  /** Absent where no webhook is configured: notifications stay waiting and show in the table. */
  readonly deliverNotification: ReturnType<typeof makeDeliverNotification> | undefined;
  readonly reportFault: (task: string, fault: unknown) => void;
}

const roundMs = 1_000;
const proposalsPerRound = 50;
const notificationsPerRound = 20;

export class Scheduler {
  readonly #parts: SchedulerParts;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #isWoken = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), roundMs);
    this.wake();
  }

  /** Starts a round now, or another one right after the one that runs. */
  wake(): void {
    if (this.#timer === undefined) return;
    if (this.#round !== undefined) {
      this.#isWoken = true;
      return;
    }
    this.#round = this.#runRound().finally(() => {
      this.#round = undefined;
      if (this.#isWoken) {
        this.#isWoken = false;
        this.wake();
      }
    });
  }

  /** No new round starts; the one that runs is finished. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  async #runRound(): Promise<void> {
    const { store, queue, clock, advanceProposal, deliverNotification } = this.#parts;
    await this.#attempt('proposals', async () => {
      for (const id of await store.findDue(clock.now(), proposalsPerRound)) {
        await this.#attempt('proposal', () => advanceProposal(id));
      }
    });
    if (deliverNotification === undefined) return;
    await this.#attempt('notifications', async () => {
      for (const notification of await queue.due(clock.now(), notificationsPerRound)) {
        await this.#attempt('notification', () => deliverNotification(notification));
      }
    });
  }

  async #attempt(task: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      this.#parts.reportFault(task, fault);
    }
  }
}
