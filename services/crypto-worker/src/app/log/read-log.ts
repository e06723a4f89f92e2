import type { AuditLog } from '../../ports/audit-log.ts';
import type { CarryOut } from '../use-case.ts';

interface Ports {
  readonly auditLog: AuditLog;
}

/** Reads of the log are logged like everything else. What the log answers is not vouched for; an export can be verified. */
export function makeQueryLog({ auditLog }: Ports): CarryOut<'audit.query'> {
  return async ({ params }) => ({ result: await auditLog.query(params) });
}

export function makeCountLog({ auditLog }: Ports): CarryOut<'audit.count'> {
  return async ({ params }) => ({ result: await auditLog.count(params) });
}

/** The filter and the entry that it will find are made from one request: nobody has to put them together. */
export function makeCallRoll(): CarryOut<'audit.roll-call'> {
  return async ({ params: { subject }, requestId }) => {
    const { kind, name } = subject;
    return { result: { filter: { anyOf: [{ [kind]: name }, { requestId }] } }, counts: subject };
  };
}

export function makePlanRetention({ auditLog }: Ports): CarryOut<'audit.retention-plan'> {
  return async ({ params }) => ({ result: await auditLog.planRetention(params) });
}

export function makeExportLog({ auditLog }: Ports): CarryOut<'audit.export'> {
  return async ({ params }) => ({ result: await auditLog.export(params) });
}
