/** What a running stack tells scripts: the content of `stack.json`. Holds credentials, so its mode is 0600. */

export interface StackInfo {
  readonly home: string;
  readonly gatewayUrl: string;
  readonly caFile: string;
  readonly identityFingerprint: string;
  readonly kmsSocket: string;
  readonly kmsPluginKeyFile: string;
  readonly operatorKeyFile: string;
  readonly approverKeyFiles: readonly string[];
  /** Of the superuser. */
  readonly postgresUrl: string;
  readonly natsUrl: string;
  /** Service → file with the nkey seed of its user. */
  readonly natsSeedFiles: Readonly<Record<string, string>>;
  /** Of a user with every right. */
  readonly redisUrl: string;
  readonly hsm: {
    readonly module: string;
    readonly tokenLabel: string;
    readonly tokenSerial: string;
    readonly pinFile: string;
    /** What a process has to have in its environment before it loads the module. */
    readonly env: Readonly<Record<string, string>>;
    /** Where SoftHSM keeps the token: moved away, the token is gone. */
    readonly tokenDirectory: string;
  };
  readonly logDir: string;
  /** Name → process id of everything that runs. */
  readonly processes: Readonly<Record<string, number>>;
}
