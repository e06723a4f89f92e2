/** Places in a listing: the index of the last entry of the page, in a form that invites nobody to count with it. */
import { StrongroomError } from '@strongroom/errors';

const form = /^i(0|[1-9]\d{0,15})$/;

export function formatCursor(index: number): string {
  return Buffer.from(`i${index}`).toString('base64url');
}

/** Throws `request-invalid`. */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const index = form.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (index === undefined) throw new StrongroomError('request-invalid', { detail: 'after' });
  return Number(index);
}
