import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { describeSink } from './describe-sink.ts';
import type { SinkPorts } from './put-sink.ts';

/** The audit service stops within seconds, when it asks for the sinks again. */
export function makeRemoveSink({ registry, governance }: SinkPorts): CarryOut<'audit.sink-remove'> {
  return async ({ params: { name } }) => {
    const record = await findRecord(registry, 'sink', name);
    const { version } = record;
    return {
      result: await describeSink(record, governance),
      version,
      changes: [{ kind: 'sink', id: name, expectedVersion: version, value: undefined }],
    };
  };
}
