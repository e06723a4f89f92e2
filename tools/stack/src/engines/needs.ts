/** What servers that run already have to be given before a stack can use them. Nothing of it is secret. */
import { homeAt, makeHome } from '../home.ts';
import { makeBusUsers } from './nats.ts';
import { schemas } from './postgres.ts';
import { gatewayAclLine } from './redis.ts';

const natsPort = 4222;

/** Makes the keys and passwords in the home, where a later start finds them. */
export async function describeNeeds(path: string): Promise<readonly string[]> {
  const home = homeAt(path);
  await makeHome(home);
  const { config } = await makeBusUsers(home);
  return [
    '# NATS, STRONGROOM_NATS_URL=nats://host:port or tls://host:port',
    '# nats-server 2.12.12, 2.14.3 or later. Of this configuration take over the accounts, max_payload and JetStream with',
    '# sync_interval: always; host, port, store_dir and tls are your own, with `handshake_first: true` in tls.',
    '',
    config(natsPort),
    '# Redis, STRONGROOM_REDIS_URL=redis://admin:password@host:port or rediss://...',
    '# Redis 7 or later. A start makes this user by itself, so the URL is that of a user who may use ACL SETUSER:',
    '',
    await gatewayAclLine(home),
    '',
    '# PostgreSQL, STRONGROOM_POSTGRES_URL=postgres://admin:password@host:port/database, with ?sslmode=verify-full for TLS',
    '# PostgreSQL 15 or later, fsync on. A start makes a role and a schema of that name for each service',
    `# (${schemas.join(', ')}), so the URL is that of a role with CREATEROLE that owns the database, which is for this stack alone.`,
    '',
    '# Each of the three: STRONGROOM_<NATS|REDIS|POSTGRES>_CA_FILE, and _CERT_FILE with _KEY_FILE where the server asks for them.',
  ];
}
