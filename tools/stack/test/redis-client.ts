import { once } from 'node:events';
import { connect } from 'node:net';

/** Signs in, asks one thing and returns the first line of the answer. */
export async function askRedis(url: string, words: readonly string[]): Promise<string> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const ask = async (asked: readonly string[]) => {
    socket.write(`*${asked.length}\r\n${asked.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString('utf8').split('\r\n')[0] ?? '';
  };
  try {
    await ask(['AUTH', username, password]);
    return await ask(words);
  } finally {
    socket.destroy();
  }
}
