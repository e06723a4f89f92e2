/**
 * Delivers notifications to one configured Slack-style URL, signed the way Slack signs its own requests: the receiver
 * checks `v0=` HMAC-SHA256 over `v0:<timestamp>:<raw body>` and the age of the timestamp. The target is configuration,
 * never input; redirects are not followed.
 */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Notifier } from '../../ports/notifications.ts';

const deliveryMsMax = 5_000;
const answerBytesMax = 64 * 1024;

export interface SlackNotifierOptions {
  readonly url: string;
  /** The signing secret, used only inside the callback. */
  readonly withSecret: <T>(use: (secret: Uint8Array) => T) => T;
  readonly nowSeconds: () => number;
}

export interface SlackNotifier extends Notifier {
  close(): Promise<void>;
}

export function makeSlackNotifier({ url, withSecret, nowSeconds }: SlackNotifierOptions): SlackNotifier {
  const agent = new Agent({ connections: 2, headersTimeout: deliveryMsMax, bodyTimeout: deliveryMsMax });
  return {
    async deliver(message) {
      const body = JSON.stringify(toSlackMessage(message.title, message.lines));
      const timestamp = String(nowSeconds());
      const signature = withSecret((secret) =>
        createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex'),
      );
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: AbortSignal.timeout(deliveryMsMax),
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'x-slack-request-timestamp': timestamp,
            'x-slack-signature': `v0=${signature}`,
            'x-strongroom-notification': message.id,
          },
          body,
        });
        await answer.body.dump({ limit: answerBytesMax });
        return answer.statusCode >= 200 && answer.statusCode < 300;
      } catch {
        // Refused connections, time-outs, broken answers: all mean "try again", which the return value says.
        return false;
      }
    },
    close: () => agent.close(),
  };
}

/** Slack's block kit with a plain-text fallback; text is escaped as Slack asks (`&`, `<`, `>`). */
function toSlackMessage(title: string, lines: readonly string[]) {
  const escapeText = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    text: escapeText(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
      { type: 'section', text: { type: 'mrkdwn', text: lines.map(escapeText).join('\n').slice(0, 3_000) } },
    ],
  };
}
