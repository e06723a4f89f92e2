import type { SinkDescription } from '@strongroom/contracts';
import type { Governance } from '../../ports/governance.ts';
import type { RegistryRecord } from '../../ports/registry.ts';

/** With the key that a receiver of webhooks verifies with: that of the audit service, as the governance root names it. */
export async function describeSink(
  { id: name, value: { id: _, ...settings } }: Pick<RegistryRecord<'sink'>, 'id' | 'value'>,
  governance: Governance,
): Promise<SinkDescription> {
  const described = { name, ...(structuredClone(settings) as Omit<SinkDescription, 'name'>) };
  if (settings.target.kind !== 'webhook') return described;
  const { auditService } = await governance.root();
  return { ...described, webhookKey: `whpk_${Buffer.from(auditService, 'base64url').toString('base64')}` };
}
