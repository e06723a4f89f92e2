/**
 * What of a request or reply goes into the log, by the declared class of each field. Nothing is found by walking
 * values: a field that no row declares is refused, and a `never` field leaves no trace, not even its length.
 */
import type { FieldClass } from '../operation.ts';

export interface FieldProjection {
  /** Canonical text of a plain value. */
  readonly plain: (value: unknown) => string;
  /** Salted commitment, `sha256:<base64url>`. */
  readonly commit: (field: string, value: unknown) => string;
  /** Keyed hash under a tenant key, `hmac:<base64url>`. */
  readonly hmac: (field: string, value: unknown) => string;
}

export function projectFields(
  classes: Readonly<Record<string, FieldClass>>,
  values: Readonly<Record<string, unknown>>,
  projection: FieldProjection,
): Record<string, string> {
  const projected: Record<string, string> = {};
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const fieldClass = Object.hasOwn(classes, field) ? classes[field] : undefined;
    if (fieldClass === undefined) throw new TypeError(`audit field without a class: ${field}`);
    if (fieldClass === 'plain') projected[field] = projection.plain(value);
    else if (fieldClass !== 'never') projected[field] = projection[fieldClass](field, value);
  }
  return projected;
}
