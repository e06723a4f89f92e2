import type { HsmEvent, Patiently } from './token-supervisor.ts';

export interface Pkcs11HsmOptions {
  readonly modulePath: string;
  readonly moduleParameters?: string | undefined;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly pinFile: string;
  readonly onEvent?: (event: HsmEvent) => void;
  /** Sessions for operations; the login and the data keys have one more each. At least 3. */
  readonly sessionsMax?: number;
  readonly dataKeysMax?: number;
  /** Between two looks at a token that nobody asks for anything; 1 s. */
  readonly probeMs?: number;
  /** Between two attempts to get a lost token back; 1 s. */
  readonly pauseMsMax?: number;
  /** After this a call that generates a key is given up and its outcome unknown. */
  readonly changeMsMax?: number;
  /** How long a call on another thread may outlast its connection; 5 s. */
  readonly settleMsMax?: number;
  /** Runs what may hold the thread for long; see `Watchdog`. */
  readonly patiently?: Patiently;
}

export const defaultOptions = Object.freeze({
  onEvent: () => {},
  sessionsMax: 4,
  dataKeysMax: 256,
  probeMs: 1_000,
  pauseMsMax: 1_000,
  changeMsMax: 30_000,
  settleMsMax: 5_000,
  patiently: ((work) => work()) as Patiently,
});
