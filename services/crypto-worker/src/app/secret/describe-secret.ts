import { describeSecret } from '../../domain/secret/describe-secret.ts';
import { secretId } from '../../domain/secret/secret-context.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

export function makeDescribeSecret({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'secret.describe'> {
  return async ({ params: { group, name }, at }) => {
    const { value } = await findRecord(registry, 'secret', secretId(group, name));
    return { result: describeSecret(value, Date.parse(at)), version: value.currentVersion };
  };
}
