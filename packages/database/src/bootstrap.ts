/**
 * Roles and schemas, as an administrator sets them up once: every service owns one schema and can reach no other. The
 * services themselves never have the right to do this.
 */

export interface ServiceDatabase {
  /** Name of role and schema. */
  readonly name: string;
  readonly password: string;
}

const namePattern = /^[a-z][a-z0-9_]{0,30}$/;

/** SQL statements, each safe to run again. */
export function bootstrapStatements(
  database: string,
  services: readonly ServiceDatabase[],
): readonly string[] {
  return [
    `REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    ...services.flatMap(({ name, password }) => {
      const role = identifier(name);
      const login = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION PASSWORD ${literal(password)}`;
      return [
        `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) THEN CREATE ROLE ${role}; END IF; END $$`,
        `ALTER ROLE ${role} WITH ${login}`,
        `GRANT CONNECT ON DATABASE ${identifier(database)} TO ${role}`,
        `CREATE SCHEMA IF NOT EXISTS ${role} AUTHORIZATION ${role}`,
        `REVOKE ALL ON SCHEMA ${role} FROM PUBLIC`,
      ];
    }),
  ];
}

function identifier(name: string): string {
  if (!namePattern.test(name)) throw new TypeError('not a name for a role or schema');
  return `"${name}"`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
