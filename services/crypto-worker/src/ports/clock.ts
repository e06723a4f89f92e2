/** Time of this worker. It may jump: order comes from the log, expiry fails closed. */
export interface Clock {
  nowMs(): number;
}
