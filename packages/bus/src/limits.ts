/** Every bound of the bus by its name. */

/** The largest single request or reply: a sealed frame of 1 MiB, an audit page, and what is around them. */
export const recordBytesMax = 2 * 1024 * 1024;
/** Requests of one turn of the event loop that travel together (measured: 64 gain all that batching can give). */
export const batchRecordsMax = 64;
/** A batch is closed before it would pass this; a record that is larger travels alone. */
export const batchBytesMax = 512 * 1024;
/** `max_payload` of the server: one record of the largest size with its framing. */
export const messageBytesMax = recordBytesMax + 64 * 1024;
/** Requests that one connection waits for; more are refused as `overloaded`. */
export const pendingMaxDefault = 2_048;
/** Requests that one responder works on; more are refused as `overloaded`. */
export const inFlightMaxDefault = 256;
/** The longest that anybody waits; the server forgets the right to reply a little later. */
export const deadlineMsMax = 60_000;
export const replyExpirySeconds = 65;
/** Requests that are older than their deadline and this are dropped: what clocks of two machines may differ. */
export const clockSkewMsMaxDefault = 2_000;
