/** Every bound of the bus by its name. */

/** The largest single request or reply: a sealed frame of 1.5 MiB, an audit page, and what is around them. */
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
/** The longest that anybody waits. */
export const deadlineMsMax = 60_000;
/** A responder says so often that it still works on what it has not answered, unless it is told another interval. */
export const signEveryMsDefault = 200;
export const signEveryMsMin = 40;
/** A requester believes in a responder so long since it asked it or heard of it: its caller is told within a second. */
export const silentMsDefault = 800;
/** A place in the inbox is used for so many messages, and for so long, one message after the other. */
export const placeUsesMax = 500;
export const placeLifeMsMax = 5_000;
/**
 * The right to reply on one place: the server counts each delivery and each answer, from the first delivery on, and
 * takes the right away when the count is reached. An answer may be the last for the last message of a place. Signs of
 * life come on top: one for each request of the message that is under way, as often as they are given.
 */
export const replyExpirySeconds = (placeLifeMsMax + deadlineMsMax) / 1_000 + 5;
const signsMax = batchRecordsMax * Math.ceil((replyExpirySeconds * 1_000) / signEveryMsMin);
export const replyCountMax = placeUsesMax * (batchRecordsMax + 1) + 1 + signsMax;
/** Requests that are older than their deadline and this are dropped: what clocks of two machines may differ. */
export const clockSkewMsMaxDefault = 2_000;
