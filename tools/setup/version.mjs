/**
 * The floors of the servers. nats-server before 2.12.12 and, in the next line, before 2.14.3 has published ways around
 * its authorisation, on which the bus permissions rest; 2.13 never got the fixes.
 */

/** @typedef {readonly [number, number, number]} Version */

/**
 * The first `major.minor.patch` in what a program says of itself.
 * @param {string} text
 * @returns {Version | undefined}
 */
export function readVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/**
 * @param {Version} version
 * @param {Version} floor
 */
export function isAtLeast(version, floor) {
  for (const [place, wanted] of floor.entries()) {
    const found = version[place] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/** @param {Version} version */
export function isNatsServerAccepted(version) {
  const [major, minor] = version;
  if (major === 2 && minor === 12) return isAtLeast(version, [2, 12, 12]);
  return isAtLeast(version, [2, 14, 3]);
}

export const natsServerRule = 'nats-server 2.12.12 or later in 2.12, or 2.14.3 or later';

/** @param {Version} version */
export const isRedisAccepted = (version) => isAtLeast(version, [7, 0, 0]);

/** @param {Version} version */
export const isNodeAccepted = (version) => isAtLeast(version, [24, 0, 0]);
