import { sinksMax } from '@strongroom/contracts';
import type { CarryOut } from '../use-case.ts';
import { describeSink } from './describe-sink.ts';
import type { SinkPorts } from './put-sink.ts';

export function makeListSinks({ registry, governance }: SinkPorts): CarryOut<'audit.sink-list'> {
  return async () => {
    const records = await registry.list('sink', { prefix: '', limit: sinksMax });
    return {
      result: { sinks: await Promise.all(records.map((record) => describeSink(record, governance))) },
    };
  };
}
