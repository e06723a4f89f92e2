import type { OpenSink } from '../../ports/sink.ts';
import { openFileSink } from './file-sink.ts';
import { openSyslogSink, type SyslogOptions } from './syslog-sink.ts';
import { openWebhookSink, type WebhookOptions } from './webhook-sink.ts';

export interface SinkSettings extends SyslogOptions, WebhookOptions {
  /** Where sinks of kind `file` write; without it they fail. */
  readonly directory: string | undefined;
}

export function makeOpenSink(settings: SinkSettings): OpenSink {
  return (definition) => {
    const { target } = definition;
    if (target.kind === 'syslog') return openSyslogSink(target, settings);
    if (target.kind === 'webhook') return openWebhookSink(definition, target, settings);
    return openFileSink(definition, target, settings.directory);
  };
}
