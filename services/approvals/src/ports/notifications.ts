/** What has to be told to people, kept until it is delivered or given up. */
export interface Notification {
  readonly id: string;
  readonly proposal: string;
  readonly event: string;
  readonly attempt: number;
}

export interface NotificationQueue {
  /** Due at `now`, oldest first. Throws `database-unavailable`. */
  due(now: string, limit: number): Promise<readonly Notification[]>;
  delivered(id: string, now: string): Promise<void>;
  /** Kept for another try at `nextAttemptAt`; `undefined` gives it up. */
  failed(id: string, nextAttemptAt: string | undefined): Promise<void>;
}

export interface Notifier {
  /** `false`: not accepted, worth another try. Never throws for what the other side does. */
  deliver(message: {
    readonly id: string;
    readonly title: string;
    readonly lines: readonly string[];
  }): Promise<boolean>;
}
